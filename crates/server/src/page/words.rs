//! What customers have, in the words of the business that looks at it: its numbers, its clock, its colleagues' names.

use doorstep_core::Timestamp;
use doorstep_core::customer::{Field, Rule};
use doorstep_core::matching::Verdict;
use doorstep_core::phone::Phone;
use doorstep_core::record::Source;
use doorstep_core::remark::Kind;
use doorstep_core::tenant::{Role, Tenant};
use doorstep_core::time::{MONTHS, parse_loose};
use doorstep_engine::around::Around;
pub(crate) use doorstep_engine::around::Colleagues;

use super::Moment;
use crate::App;
use crate::auth::Principal;
use crate::problem::Result;

/// The words of one business.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub tenant: Tenant,
}

impl Words {
    /// Those of whoever asks.
    pub async fn of(app: &App, principal: &Principal) -> Result<Self> {
        let around = principal.around(app).await?;
        Ok(Self::in_which(&around))
    }

    /// Those in which an answer is told.
    pub fn in_which(around: &Around) -> Self {
        Self { tenant: around.tenant.clone() }
    }

    /// An instant by the clock of the business.
    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at, &self.tenant.time_zone)
    }

    /// When this day began by the clock of the business.
    pub fn midnight(&self, now: Timestamp) -> Timestamp {
        let day: String = now.in_zone(&self.tenant.time_zone).chars().take("2026-03-02".len()).collect();
        parse_loose(&format!("{day} 00:00"), &self.tenant.time_zone).unwrap_or(now)
    }

    /// `2 March 2026`
    pub fn day(&self, at: Timestamp) -> String {
        date(&self.moment(at).words).map_or_else(String::new, |(_, day)| day)
    }

    /// `Monday, 2 March 2026`
    pub fn weekday(&self, at: Timestamp) -> String {
        date(&self.moment(at).words).map_or_else(String::new, |(weekday, day)| format!("{weekday}, {day}"))
    }

    /// Whether a customer has no name but the number.
    pub fn is_number(&self, name: &str, phone: Option<&str>) -> bool {
        phone.is_some_and(|phone| name == phone || name == self.address(phone))
    }

    /// A phone number or an e-mail address, as people here write it.
    pub fn address(&self, text: &str) -> String {
        if text.starts_with('+') {
            Phone::from_normal(text.to_owned()).national(self.tenant.country)
        } else {
            text.to_owned()
        }
    }
}

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The weekday and the day of `2026-03-02 10:00`.
fn date(words: &str) -> Option<(&'static str, String)> {
    let (year, rest) = words.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let (year, month, day): (i64, usize, i64) = (year.parse().ok()?, month.parse().ok()?, rest.get(..2)?.parse().ok()?);
    let name = MONTHS.get(month.checked_sub(1)?)?;
    // Sakamoto's way to the day of the week.
    const SHIFT: [i64; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let y = if month < 3 { year - 1 } else { year };
    let weekday = (y + y / 4 - y / 100 + y / 400 + SHIFT[month - 1] + day).rem_euclid(7);
    Some((WEEKDAYS.get(usize::try_from(weekday).ok()?)?, format!("{day} {name} {year}")))
}

/// A field's name for people.
pub(crate) fn field(field: Field) -> &'static str {
    match field {
        Field::Name => "Name",
        Field::Company => "Company",
        Field::Phone => "Phone",
        Field::Email => "E-mail",
        Field::Address => "Address",
        Field::Notes => "Notes",
    }
}

/// What a number or an address is, within a sentence.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Shared => "shared",
        Verdict::Placeholder => "a placeholder",
        Verdict::Mine => "ours",
    }
}

/// What a remark is, within a sentence.
pub(crate) fn remark(kind: Kind) -> &'static str {
    match kind {
        Kind::Note => "a note",
        Kind::Preference => "a preference",
        Kind::Address => "an address",
    }
}

/// Why a field has the value it has.
pub(crate) fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::OnlyValue => "Nobody says otherwise.",
        Rule::HandEdit => "Entered by hand, and that counts most.",
        Rule::Completeness => "Says more than the others.",
        Rule::Recency => "Said last.",
        Rule::Pinned => "Pinned by a person: it stays, whatever imports say.",
    }
}

/// A source as a chip says it.
pub(crate) fn source(source: Source) -> &'static str {
    match source {
        Source::Hub => "By hand",
        Source::PhoneHistory => "Phone history",
        Source::ServiceTitan => "ServiceTitan",
    }
}

/// A role as people call it.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Staff => "Staff",
        Role::Agent => "Agent",
        Role::ReadOnly => "Read only",
    }
}

/// What a role may do, in a line.
pub(crate) fn role_does(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything, and makes other owners",
        Role::Admin => "everything but touching owners",
        Role::Staff => "looks up, edits, decides who is who",
        Role::Agent => "looks up and adds customers",
        Role::ReadOnly => "looks, and changes nothing",
    }
}

/// `30,000`
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `2 messages`
pub(crate) fn several(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A length of time: `45 s`, `3 min 12 s`, `1 h 5 min`.
pub(crate) fn elapsed(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_as_people_do() {
        let check = |text: &str, expected: Option<(&'static str, &str)>| {
            assert_eq!(date(text), expected.map(|(weekday, day)| (weekday, day.to_owned())), "{text}");
        };
        check("2026-03-02 10:00", Some(("Monday", "2 March 2026")));
        check("2024-02-29 23:59", Some(("Thursday", "29 February 2024")));
        check("2000-01-01 00:00", Some(("Saturday", "1 January 2000")));
        check("2026-13-01 00:00", None);
        check("", None);
    }

    #[test]
    fn numbers_and_lengths_are_read_at_a_glance() {
        assert_eq!((count(999), count(1_234_567)), ("999".to_owned(), "1,234,567".to_owned()));
        assert_eq!((several(1, "row"), several(1_200, "row")), ("1 row".to_owned(), "1,200 rows".to_owned()));
        assert_eq!(
            (elapsed(45), elapsed(192), elapsed(3_900)),
            ("45 s".into(), "3 min 12 s".into(), "1 h 5 min".into())
        );
    }
}
