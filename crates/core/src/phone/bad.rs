//! Why a text is not a phone number. The reasons never repeat the text: it may be somebody's number.

/// Why a text is not one valid phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPhone {
    /// Nothing there, or a word for nothing ("n/a").
    #[error("no phone number given")]
    Blank,
    /// The caller hid the number ("Restricted", "Anonymous").
    #[error("the caller withheld the number")]
    Withheld,
    /// Five or six digits that send texts to many; nobody's own number.
    #[error("a short code, not a phone number")]
    ShortCode,
    /// Fewer digits than any number of the country has.
    #[error("too short for a phone number in `{0}` (is the area code missing?)")]
    TooShort(String),
    /// More digits or characters than a number has.
    #[error("too long for a phone number")]
    TooLong,
    /// No number in it.
    #[error("not a phone number")]
    NotANumber,
    /// `6.17555E+09`: a spreadsheet has rounded the number away.
    #[error("a number in scientific notation has lost its digits (export the column as text)")]
    Scientific,
    /// Several numbers where one was wanted.
    #[error("more than one phone number")]
    Several,
    /// More numbers in a cell than [`super::MAX_PHONES_PER_CELL`].
    #[error("more than {max} phone numbers in one cell", max = super::MAX_PHONES_PER_CELL)]
    TooMany,
    /// The right length, but the country's numbering plan has no such number.
    #[error("not a valid phone number in `{0}`")]
    NotValid(String),
    /// No country has this country code.
    #[error("no country has this country code")]
    NoSuchCountryCode,
    /// Not a country; from [`super::Region`]'s `FromStr`.
    #[error("`{0}` is not a country whose phone numbers are known (two letters, such as `US` or `GB`)")]
    UnknownCountry(String),
}
