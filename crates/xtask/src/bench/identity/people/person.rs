//! A person (or a business itself): what is true of them over the years, before anybody writes it down.

use super::place::Address;

/// How hard to tell apart, and from whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nobody near.
    Plain,
    /// Lives with others.
    Household,
    /// Has the name of their father or son.
    FatherAndSon,
    /// Has a twin.
    Twin,
    /// Shares a flat with people of other names.
    Roommate,
    /// Of a property manager's staff.
    Manager,
    /// A property manager's tenant.
    Tenant,
    /// A contact of a business, or the business itself.
    Business,
    /// Books for clients.
    Agent,
    /// Somebody books for them.
    Client,
    /// Has a number that was somebody else's.
    Recycled,
    /// Has the name of somebody else in the same post code.
    Namesake,
}

impl Kind {
    /// As KINDS.csv says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Household => "household",
            Self::FatherAndSon => "father_and_son",
            Self::Twin => "twin",
            Self::Roommate => "roommate",
            Self::Manager => "manager",
            Self::Tenant => "tenant",
            Self::Business => "business",
            Self::Agent => "agent",
            Self::Client => "client",
            Self::Recycled => "recycled",
            Self::Namesake => "namesake",
        }
    }
}

/// Whose a number or an e-mail address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One person's (others may write it down, too).
    Own,
    /// Of a few who live together.
    House,
    /// Of many.
    Wide,
}

/// A number or an e-mail address, from one day to another.
#[derive(Debug, Clone)]
pub struct Held {
    /// Ten digits, or the address.
    pub text: String,
    /// Whose.
    pub reach: Reach,
    /// The first day.
    pub from: usize,
    /// The day after the last.
    pub to: usize,
}

impl Held {
    /// For ever.
    pub fn always(text: String, reach: Reach) -> Self {
        Self { text, reach, from: 0, to: usize::MAX }
    }

    /// The same on somebody else's records.
    pub fn reaching(&self, reach: Reach) -> Self {
        Self { reach, ..self.clone() }
    }
}

/// Whether the suffix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffix {
    /// There is none.
    None,
    /// Always.
    Always(&'static str),
    /// Half of the time.
    Sometimes(&'static str),
    /// There is one, and nobody writes it.
    Never,
}

/// A person, or a business itself (without a given and a family name).
#[derive(Debug, Clone)]
pub struct Person {
    /// Kind of difficulty.
    pub kind: Kind,
    /// On their papers.
    pub given: String,
    /// What they go by.
    pub short: Option<&'static str>,
    /// Middle name.
    pub middle: Option<String>,
    /// Now.
    pub family: String,
    /// Before that day.
    pub family_before: Option<(usize, String)>,
    /// Generational suffix.
    pub suffix: Suffix,
    /// Who they live with: the given name, for records that name both.
    pub partner: Option<String>,
    /// Mrs or Mr.
    pub is_woman: bool,
    /// From which day they live there; in order.
    pub homes: Vec<(usize, Address)>,
    /// All homes count at any time: a manager's properties.
    pub has_many_homes: bool,
    /// Numbers.
    pub phones: Vec<Held>,
    /// E-mail addresses.
    pub emails: Vec<Held>,
    /// Where they work, or what they are called as a business.
    pub company: Option<String>,
    /// The day of the first record, at the earliest, and of the last one, at the latest.
    pub days: (usize, usize),
    /// How many records there are of them.
    pub records: usize,
}

impl Person {
    /// Somebody in the group has the same given and family name.
    pub fn has_double(&self) -> bool {
        self.suffix != Suffix::None
    }

    /// The family name on a day.
    pub fn family_on(&self, day: usize) -> &str {
        match &self.family_before {
            Some((until, before)) if day < *until => before,
            _ => &self.family,
        }
    }
}
