//! From bare digits to a valid number, by the numbering plans of the phone library.
//!
//! The library sees an optional plus sign and ASCII digits and nothing else: what it does with letters,
//! extensions and second numbers is not wanted here.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType,
    Region as PlanRegion, ValidationError,
};

use super::{BadPhone, Phone, Region};

/// More digits than any dialled number: 3 of prefix, 3 of country code, 15 as E.164 has it, and some to spare.
const MAX_DIGITS: usize = 24;
/// The calling code that North America shares.
const NORTH_AMERICA: i32 = 1;

/// `+16175551234`, `6175551234`, `16175551234` without looking for labels: nearly every cell of an export.
/// `None` sends the text the long way; the answer is the same there (see the property in the tests).
pub(super) fn bare(text: &str, region: Region) -> Option<Phone> {
    let (plus, digits) = match text.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let usual = digits.len() >= 10 && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if usual { resolve(plus, digits, region).ok() } else { None }
}

/// The valid number that `digits` are, in `region` unless `plus` or a dialling prefix says otherwise.
pub(super) fn resolve(plus: bool, digits: &str, region: Region) -> Result<Phone, BadPhone> {
    if digits.len() > MAX_DIGITS {
        return Err(BadPhone::TooLong);
    }
    if let Some(number) = north_american(plus, digits, region) {
        return if number.is_valid() { Ok(e164(&number)) } else { Err(not_valid(&number, region)) };
    }
    match ask(plus, digits, region) {
        Ok(phone) => Ok(phone),
        Err(bad) => {
            second_reading(plus, digits, region).ok_or(if short_code(plus, digits) { BadPhone::ShortCode } else { bad })
        }
    }
}

/// Five or six digits, as senders of bulk texts have; where a country's own numbers are so short, they are valid.
fn short_code(plus: bool, digits: &str) -> bool {
    !plus && (5..=6).contains(&digits.len())
}

/// Ten North American digits, read without the library's general parser.
///
/// A national number of ten digits that starts with 2..=9 has no country code and no prefix to strip in any
/// region of calling code 1 (their international prefix is 011, their national prefix 1), so that this is what
/// the library's `parse` answers; the property `north_america_reads_as_the_library_does` holds it to that.
fn north_american(plus: bool, digits: &str, region: Region) -> Option<PhoneNumber> {
    let national = match (digits.len(), plus) {
        (11, _) if digits.starts_with('1') => &digits[1..],
        (10, false) => digits,
        _ => return None,
    };
    if national.starts_with(['0', '1']) || (!plus && region.calling_code() != Some(NORTH_AMERICA)) {
        return None;
    }
    let national_number = national.parse().ok()?;
    Some(PhoneNumber { country_code: NORTH_AMERICA, national_number, ..PhoneNumber::default() })
}

/// Asks the library, and asks again with its answer: a number must be its own normal form.
fn ask(plus: bool, digits: &str, region: Region) -> Result<Phone, BadPhone> {
    let number = parse(plus, digits, region)?;
    if !number.is_valid() {
        return Err(not_valid(&number, region));
    }
    let phone = e164(&number);
    match parse(true, phone.digits(), region) {
        Ok(again) if again == number => Ok(phone),
        _ => Err(not_valid(&number, region)),
    }
}

fn parse(plus: bool, digits: &str, region: Region) -> Result<PhoneNumber, BadPhone> {
    let text = if plus { format!("+{digits}") } else { digits.to_owned() };
    PHONE_NUMBER_UTIL.parse(&text, region.in_plan()).map_err(|error| match error {
        ParseError::InvalidCountryCode => BadPhone::NoSuchCountryCode,
        ParseError::NotANumber(_) if digits.len() > 2 => BadPhone::NotANumber,
        ParseError::NotANumber(_) => BadPhone::TooShort(region.to_string()),
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => BadPhone::TooShort(region.to_string()),
        ParseError::TooLongNsn => BadPhone::TooLong,
    })
}

/// Forms that no plan has (any more) but that exports are full of; tried only when the first reading is invalid,
/// so they never take a number away from its plan.
fn second_reading(plus: bool, digits: &str, region: Region) -> Option<Phone> {
    // `00` is how most of the world dials abroad; phones bought there write it in any country.
    if let Some(abroad) = digits.strip_prefix("00").filter(|rest| !rest.starts_with('0')) {
        return ask(true, abroad, region).ok();
    }
    // Mexico dropped its mobile prefixes in 2019 (+52 1 …, 044 …, 045 …, 01 …); messengers still write them.
    let mexico = if plus {
        digits.strip_prefix("521")
    } else if region.as_str() == "MX" {
        ["521", "044", "045", "01"].into_iter().find_map(|prefix| digits.strip_prefix(prefix))
    } else {
        None
    };
    mexico.filter(|rest| rest.len() == 10).and_then(|rest| ask(true, &format!("52{rest}"), region).ok())
}

fn e164(number: &PhoneNumber) -> Phone {
    Phone(number.format_as(PhoneNumberFormat::E164).into_owned())
}

/// Why a parsed number is not valid, naming the country whose plan was asked.
fn not_valid(number: &PhoneNumber, region: Region) -> BadPhone {
    let country = country_of(number, region);
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => BadPhone::TooShort(country),
        Err(ValidationError::TooLong) => BadPhone::TooLong,
        Err(ValidationError::InvalidCountryCode) => BadPhone::NoSuchCountryCode,
        Ok(NumberLengthType::IsPossible) | Err(ValidationError::InvalidLength) => BadPhone::NotValid(country),
    }
}

fn country_of(number: &PhoneNumber, region: Region) -> String {
    if region.calling_code() == Some(number.country_code) {
        return region.to_string();
    }
    match PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code) {
        Some(PlanRegion::World) | None => format!("+{}", number.country_code),
        Some(found) => found.to_string(),
    }
}

/// Whether the number is one that everybody calls and the called one pays or shares: those are written in letters.
pub(super) fn is_service(phone: &Phone) -> bool {
    let kind = PHONE_NUMBER_UTIL.parse(&phone.0, None).map(|number| number.get_type());
    matches!(
        kind,
        Ok(PhoneNumberType::TollFree
            | PhoneNumberType::SharedCost
            | PhoneNumberType::PremiumRate
            | PhoneNumberType::UAN)
    )
}

/// As people in `home` write it.
pub(super) fn written(phone: &Phone, home: Region) -> String {
    if home.calling_code() == Some(NORTH_AMERICA)
        && let Some(written) = written_in_north_america(phone)
    {
        return written;
    }
    ask_how_written(phone, home)
}

/// The plan of North America writes all its numbers in one way; asking the library, which looks for the way with regular
/// expressions, takes longer than everything else that a list does for a row.
fn written_in_north_america(phone: &Phone) -> Option<String> {
    let digits = phone.0.strip_prefix("+1").filter(|digits| digits.len() == 10 && digits.starts_with(|c| c >= '2'))?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]))
}

fn ask_how_written(phone: &Phone, home: Region) -> String {
    let Ok(number) = PHONE_NUMBER_UTIL.parse(&phone.0, None) else { return phone.0.clone() };
    let at_home = home.calling_code() == Some(number.country_code);
    let format = if at_home { PhoneNumberFormat::National } else { PhoneNumberFormat::International };
    number.format_as(format).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way and the library write alike whatever the number is: valid or not, of every kind.
    #[test]
    fn north_american_numbers_are_written_as_the_library_writes_them() {
        let mut checked = 0;
        for area in (100..1_000).step_by(7) {
            for exchange in [55, 100, 211, 411, 555, 867, 911, 999] {
                for line in [0, 100, 5_309, 9_999] {
                    let phone = Phone(format!("+1{area}{exchange:03}{line:04}"));
                    for home in [Region::US, "CA".parse().unwrap()] {
                        assert_eq!(written(&phone, home), ask_how_written(&phone, home), "{}", phone.0);
                        checked += 1;
                    }
                }
            }
        }
        assert!(checked > 8_000);
        for odd in ["+1", "+1617782123", "+161778212345", "+1617782123x", "+1🏠617782", "+442079460000", ""] {
            let phone = Phone(odd.to_owned());
            assert_eq!(written(&phone, Region::US), ask_how_written(&phone, Region::US), "{odd}");
        }
    }
}
