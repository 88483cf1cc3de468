//! The characters people write numbers with, brought to ASCII digits and plain separators.

/// The zero of each block of ten decimal digits (Unicode general category `Nd`) that phones and forms produce.
const ZEROS: [char; 22] = [
    '\u{0660}',
    '\u{06F0}',
    '\u{07C0}',
    '\u{0966}',
    '\u{09E6}',
    '\u{0A66}',
    '\u{0AE6}',
    '\u{0B66}',
    '\u{0BE6}',
    '\u{0C66}',
    '\u{0CE6}',
    '\u{0D66}',
    '\u{0DE6}',
    '\u{0E50}',
    '\u{0ED0}',
    '\u{0F20}',
    '\u{1040}',
    '\u{17E0}',
    '\u{1810}',
    '\u{FF10}',
    '\u{1D7CE}',
    '\u{1D7D8}',
];

/// Brings `text` to plain characters: decimal digits of any script and full-width forms to ASCII, every space to
/// a blank, dashes to `-`; drops what cannot be seen or is only a picture. Letters stay.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter_map(plain_char).collect()
}

fn plain_char(c: char) -> Option<char> {
    match c {
        ' '..='~' => Some(c),
        '\t' | '\n' | '\r' => Some(' '),
        _ if c.is_control() => None,
        // Full-width ASCII lies at a fixed distance from ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        // Zero-width and direction marks (address books of phones wrap numbers in them), soft hyphen, selectors.
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => None,
        '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FE58}' | '\u{FE63}' => Some('-'),
        '\u{2018}' | '\u{2019}' => Some('\''),
        _ if c.is_whitespace() => Some(' '),
        _ if c.is_alphabetic() || ('\u{0300}'..='\u{036F}').contains(&c) => Some(c),
        _ => digit(c),
    }
}

fn digit(c: char) -> Option<char> {
    let zero = ZEROS.iter().find(|zero| (**zero..=char::from_u32(**zero as u32 + 9).unwrap_or(**zero)).contains(&c))?;
    char::from_digit(c as u32 - *zero as u32, 10)
}
