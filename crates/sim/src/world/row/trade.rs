//! What a business has besides its customers and jobs: technicians, memberships, equipment, tags.

use super::{rows, words};
use crate::stamp::Stamp;
use crate::world::table::Head;

words! {
    /// How a membership stands.
    MembershipStatus {
        /// In force.
        Active,
        /// Not paid for.
        Suspended,
        /// Over.
        Expired,
        /// Given up.
        Canceled,
        /// Removed.
        Deleted,
    }
}

/// Who goes to jobs.
#[derive(Debug, Clone)]
pub struct Technician {
    /// What every row has.
    pub head: Head,
    /// The name.
    pub name: Box<str>,
    /// The mobile number, ten digits.
    pub phone: Box<str>,
}

/// What kinds of membership there are.
#[derive(Debug, Clone)]
pub struct MembershipType {
    /// What every row has.
    pub head: Head,
    /// What it is called.
    pub name: Box<str>,
}

/// A customer's membership.
#[derive(Debug, Clone)]
pub struct Membership {
    /// What every row has.
    pub head: Head,
    /// Whose.
    pub customer: i64,
    /// For which location, unless for all.
    pub location: Option<i64>,
    /// The number of its type.
    pub kind: i64,
    /// How it stands.
    pub status: MembershipStatus,
    /// When it began.
    pub from: Stamp,
    /// When it ends; some never do.
    pub to: Option<Stamp>,
}

/// What is installed somewhere.
#[derive(Debug, Clone)]
pub struct Equipment {
    /// What every row has.
    pub head: Head,
    /// Where.
    pub location: i64,
    /// Whose.
    pub customer: i64,
    /// What it is called.
    pub name: Box<str>,
    /// Who made it.
    pub manufacturer: Box<str>,
    /// Which model.
    pub model: Box<str>,
    /// Its serial number; often empty.
    pub serial: Box<str>,
    /// When it was put in, if known.
    pub installed: Option<Stamp>,
    /// When the maker's warranty ends, if there is one.
    pub warranty_end: Option<Stamp>,
    /// True once something else stands in its place.
    pub is_replaced: bool,
}

/// A tag that customers, locations and jobs may have.
#[derive(Debug, Clone)]
pub struct TagType {
    /// What every row has.
    pub head: Head,
    /// What it is called.
    pub name: Box<str>,
    /// Its short form.
    pub code: Box<str>,
    /// Its colour, `#rrggbb`.
    pub color: Box<str>,
}

rows!(Technician, MembershipType, Membership, Equipment, TagType);
