//! A live source: what the engine of sync may ask of it, and what it answers.
//!
//! A source keeps no state between calls but what it may lose (a token, a pace), never sees the store, and says of each
//! failure what is to be done about it. What it read is told in its own words; [`Mapping`] turns those into ours, and
//! needs no connection for it, so that a better mapping reaches what was stored years ago.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use doorstep_core::Timestamp;
use doorstep_core::consent::DoNotText;
use doorstep_core::contact::Contact;
use doorstep_core::equipment::Equipment;
use doorstep_core::job::Job;
use doorstep_core::membership::Membership;
use doorstep_core::phone::Region;
use doorstep_core::property::Property;
use doorstep_core::record;
use doorstep_core::source::{Cursor, Gone, SourceSpec};
use serde_json::Value;

pub use crate::servicetitan::{Noted, RawCustomer};

/// An answer that is being waited for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// A live source with somebody's credentials.
pub trait Source: Send + Sync {
    /// What it declares about itself.
    fn spec(&self) -> &'static SourceSpec;

    /// Signs in and asks for a little of each stream: what works, and what does not and why.
    fn check(&self) -> Answer<'_, Checked>;

    /// The next page of a stream. Without a cursor it is read from the very first object.
    ///
    /// A cursor that the source does not know (of another stream, out of date, garbage) is [`Failure::Cursor`].
    fn page<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page>;

    /// The next page of all that the source has in a stream at present, whatever was read before. Cursors of sweeps and
    /// of pages are not each other's.
    ///
    /// Of its rows the caller takes those that it does not know, or whose `modified_at` is newer than the one it has.
    /// An object that no page of a whole sweep told of is not gone yet: [`Source::read`] says so or not.
    fn sweep<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page>;

    /// One object by its key, as the source has it now; `None` where there is none. `parent` is the key of what it was
    /// last said to belong to, which some doors ask for.
    fn read<'a>(&'a self, stream: &'a str, key: &'a str, parent: Option<&'a str>) -> Answer<'a, Option<Row>>;

    /// Everything of one customer, as the source has it now, in a bounded number of calls; `None` where there is no such
    /// customer. `key` is that of the stream that makes contacts.
    ///
    /// What the credentials may not read of it is left out and told ([`OneCustomer::left_out`]); that the customer cannot be
    /// read is a [`Failure`].
    fn customer<'a>(&'a self, key: &'a str) -> Answer<'a, Option<OneCustomer>>;

    /// What its owner may look at and try beside what is read; `None` where the source has nothing of the kind.
    fn diagnose(&self) -> Option<&dyn Diagnose> {
        None
    }
}

/// For whoever wonders why somebody is not here as they are there. Nothing of it is stored.
pub trait Diagnose: Send + Sync {
    /// A customer as the source has it now, word for word; `None` where there is none of this key.
    fn raw_customer<'a>(&'a self, key: &'a str) -> Answer<'a, Option<RawCustomer>>;

    /// Writes a note to a customer, to see whether it arrives and comes back; `None` where there is no such customer.
    fn add_note<'a>(&'a self, customer: &'a str, text: &'a str) -> Answer<'a, Option<Noted>>;
}

/// Some rows of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What was said, in no order. The same object may come twice, also within one page; the later one counts.
    pub rows: Vec<Row>,
    /// What could not be taken.
    pub skipped: Vec<Skipped>,
    /// Where the next page begins, also when there is none yet; to be stored with the rows. `None`: as before, so that a
    /// stream that is read whole has no cursor at all.
    pub cursor: Option<Cursor>,
    /// Whether to ask for the next page at once.
    pub more: bool,
}

/// What a source has of one customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OneCustomer {
    /// By stream, the customer's own among them. A stream that was not asked is not here.
    pub portions: Vec<Portion>,
    /// The streams that could not be read, and why.
    pub left_out: Vec<(&'static str, Failure)>,
}

/// The objects of one stream that are one customer's.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion {
    /// The stream.
    pub stream: &'static str,
    /// What was said, each object once.
    pub rows: Vec<Row>,
    /// What could not be taken.
    pub skipped: Vec<Skipped>,
    /// Whether these are all that the source lists; not so where the customer has more than is read at once.
    pub is_whole: bool,
}

/// One object as its source said it. Its `Debug` shows nothing of what it says.
#[derive(Clone, PartialEq)]
pub struct Row {
    /// The source's key within the stream.
    pub key: String,
    /// The key of the object of the parent's stream ([`doorstep_core::source::Parent`]), where the row has one.
    pub parent: Option<String>,
    /// When it was changed last, by the source's clock; `None` where the source keeps no such time.
    pub modified_at: Option<Timestamp>,
    /// How it stands, if it is no longer in use.
    pub gone: Option<Gone>,
    /// What the source said, word for word, but for NUL characters, which no database keeps.
    pub payload: Value,
}

doorstep_core::masked_debug!(Row: key, parent, modified_at, gone);

/// A row that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its key, if it has one.
    pub key: Option<String>,
    /// Why, for people; nothing of what it says.
    pub why: String,
}

/// Why there is no answer, and so what to do. The reasons are for people and hold no secret and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may work later.
    #[error("{why}")]
    Retry {
        /// How long the source asked to wait.
        after: Option<Duration>,
        /// What happened.
        why: String,
    },
    /// The credentials do not work, or not for this; a person has to look.
    #[error("{why}")]
    Auth {
        /// What is missing, and where its owner sets it right.
        why: String,
    },
    /// What was asked for does not exist at the source.
    #[error("{why}")]
    Gone {
        /// What.
        why: String,
    },
    /// The source takes the cursor no more: the stream is to be read from its beginning, which is safe.
    #[error("{why}")]
    Cursor {
        /// What it said.
        why: String,
    },
    /// One record cannot be read; the others can.
    #[error("{why}")]
    Skip {
        /// Its key.
        record: String,
        /// What is wrong with it.
        why: String,
    },
    /// It will not work until somebody changes something: the program, or what the source allows.
    #[error("{why}")]
    Fatal {
        /// What.
        why: String,
    },
}

impl Failure {
    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// By stream, in the order of the declaration: whether it can be read, or why not.
    pub streams: Vec<CheckedStream>,
    /// How far the source's clock is ahead of ours, in seconds; negative where it is behind.
    pub clock_ahead_seconds: i64,
}

impl Checked {
    /// What is likely wrong though everything can be read: a business without one customer is none.
    pub fn advice(&self) -> Option<&'static str> {
        let is_empty = self.streams.iter().any(|it| it.stream == "customers" && it.found == Ok(false));
        is_empty.then_some(
            "there is not one customer: these are likely the credentials of a trial environment, or of another business",
        )
    }
}

/// What a check found about one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedStream {
    /// The stream's name.
    pub stream: &'static str,
    /// Whether anything is in it, or why it cannot be read.
    pub found: Result<bool, Failure>,
}

/// Why stored words become nothing of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Why(pub String);

/// A payload of another stream that belongs to what is being mapped.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// Its stream.
    pub stream: &'a str,
    /// Its key.
    pub key: &'a str,
    /// What the source said.
    pub payload: &'a Value,
}

/// What a source said about one object of ours, from all its streams.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    /// The object's key in its own stream.
    pub key: &'a str,
    /// The object's own payload.
    pub payload: &'a Value,
    /// The payloads of its parts that are not gone ([`SourceSpec::parts_of`]), in any order.
    pub parts: &'a [Part<'a>],
    /// The payloads of what it and its parts refer to ([`Mapping::references`]), as far as they are known.
    pub referred: &'a [Part<'a>],
    /// The country in which a number without a country code is read.
    pub region: Region,
}

/// An object of another stream whose name is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The stream.
    pub stream: &'static str,
    /// The key within it.
    pub key: String,
}

/// How a source's words become ours: pure, without a connection. Fields that are unknown, missing, null or of an odd
/// type fail nothing; they stay in the payload. Only what hangs on nothing is refused.
pub trait Mapping: Send + Sync {
    /// What declares the streams.
    fn spec(&self) -> &'static SourceSpec;

    /// The objects whose names a row wants ([`doorstep_core::source::Makes::Name`]).
    fn references(&self, stream: &str, payload: &Value) -> Vec<Reference>;

    /// A person or business.
    ///
    /// # Errors
    /// [`Why`] it is none.
    fn contact(&self, said: &Said<'_>) -> Result<Contact, Why>;

    /// A service address.
    ///
    /// # Errors
    /// [`Why`] it is none.
    fn property(&self, said: &Said<'_>) -> Result<Property, Why>;

    /// A piece of equipment.
    ///
    /// # Errors
    /// [`Why`] it is none.
    fn equipment(&self, said: &Said<'_>) -> Result<Equipment, Why>;

    /// A job with its appointments.
    ///
    /// # Errors
    /// [`Why`] it is none.
    fn job(&self, said: &Said<'_>) -> Result<Job, Why>;

    /// A membership.
    ///
    /// # Errors
    /// [`Why`] it is none.
    fn membership(&self, said: &Said<'_>) -> Result<Membership, Why>;

    /// The number that one row says must not be texted, if it does.
    fn do_not_text(&self, stream: &str, payload: &Value, region: Region) -> Option<DoNotText>;
}

/// The live sources that there are.
pub const SOURCES: &[&dyn Mapping] = &[&crate::servicetitan::ServiceTitanMapping];

/// How the words of a source become ours; `None` for what is no live source.
pub fn mapping(source: record::Source) -> Option<&'static dyn Mapping> {
    SOURCES.iter().copied().find(|mapping| mapping.spec().source == source)
}
