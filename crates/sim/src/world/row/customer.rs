//! Customers with their contacts, locations and notes.

use super::{rows, words};
use crate::stamp::Stamp;
use crate::world::table::Head;

words! {
    /// What kind of customer.
    CustomerKind {
        /// A household.
        Residential,
        /// A business.
        Commercial,
    }
}

words! {
    /// How somebody is reached.
    ContactKind {
        /// A landline.
        Phone,
        /// A mobile phone.
        MobilePhone,
        /// An e-mail address.
        Email,
        /// A fax.
        Fax,
    }
}

/// Where a street is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// One of the seeded region's places, by its number.
    Known(u16),
    /// City, state and ZIP code as somebody said them.
    Said(Box<[String; 3]>),
}

/// An address in the United States.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Number and street.
    pub street: Box<str>,
    /// Apartment or suite.
    pub unit: Option<Box<str>>,
    /// The rest.
    pub place: Place,
}

/// Whom the business serves.
#[derive(Debug, Clone)]
pub struct Customer {
    /// What every row has.
    pub head: Head,
    /// One display name; there is no first and last.
    pub name: Box<str>,
    /// Household or business.
    pub kind: CustomerKind,
    /// Where bills go.
    pub address: Address,
    /// What is owed, in cents.
    pub balance_cents: i64,
    /// The last change that was more than the balance.
    pub changed: Stamp,
    /// Its tags, by the number of their type.
    pub tags: Box<[i64]>,
    /// No letters.
    pub do_not_mail: bool,
    /// Nobody goes there any more.
    pub do_not_service: bool,
    /// Which customer it was merged into.
    pub merged_to: Option<i64>,
}

/// A phone or an e-mail address of a customer.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What every row has; inactive when deleted.
    pub head: Head,
    /// Whose it is.
    pub customer: i64,
    /// What it is.
    pub kind: ContactKind,
    /// The number or address, as somebody typed it.
    pub value: Box<str>,
    /// What it is about.
    pub memo: Option<Box<str>>,
    /// Whether texts to this number are refused.
    pub do_not_text: bool,
}

/// A service address.
#[derive(Debug, Clone)]
pub struct Location {
    /// What every row has.
    pub head: Head,
    /// Whose it is.
    pub customer: i64,
    /// What it is called.
    pub name: Box<str>,
    /// Where it is.
    pub address: Address,
    /// Its tags.
    pub tags: Box<[i64]>,
}

/// A note on a customer.
#[derive(Debug, Clone)]
pub struct Note {
    /// What every row has.
    pub head: Head,
    /// On whom.
    pub customer: i64,
    /// What it says.
    pub text: Box<str>,
    /// Whether it stands on top.
    pub is_pinned: bool,
}

/// A number that is not to be texted, in E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// The number.
    pub number: String,
    /// Whether it refuses marketing only, or every text.
    pub is_marketing_only: bool,
}

rows!(Customer, Contact, Location, Note);
