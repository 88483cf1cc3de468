//! A remark: what a person or an agent says of a customer by hand. A note, a preference, or an address.
//!
//! Remarks are ground state. A remark hangs on a record, the one that the customer was named by, and goes where that
//! record goes: merge and unmerge need to know nothing about remarks (I-11). It is never changed: who knows better says
//! it again, and what was said before stays readable. It is no evidence of who somebody is: nothing that is written in
//! a remark joins or parts anybody, so that no agent can be talked into it (I-12, I-16).

use serde::{Serialize, Serializer};

use crate::address::Address;
use crate::conversation::{Channel, closed_set};
use crate::edit::tidy_text;
use crate::id::{RecordId, RemarkId};
use crate::planted;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Longest note, in characters: a page; what is longer belongs into a file.
pub const MAX_NOTE_CHARS: usize = 4_000;
/// Longest preference, in characters: one sentence, which is read out or written into a prompt as it is.
pub const MAX_PREFERENCE_CHARS: usize = 300;
/// Longest address, in characters, as of any other that is typed.
pub const MAX_ADDRESS_CHARS: usize = crate::edit::MAX_LINE_CHARS;

closed_set! {
    /// What a remark is.
    Kind, "kind of remark" {
        /// Anything worth knowing, as text.
        Note = "note",
        /// What the customer likes, by topic.
        Preference = "preference",
        /// A service address.
        Address = "address",
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Note, Self::Preference, Self::Address];

    /// Remarks of this kind in force that one customer may have. Far more than anybody reads; a program that repeats
    /// itself fills no disk (I-29).
    pub const fn most(self) -> usize {
        match self {
            Self::Note => 500,
            Self::Preference => 50,
            Self::Address => 100,
        }
    }
}

closed_set! {
    /// What a preference is about. Few and fixed, so that an agent puts the same under the same; of each but the last one
    /// preference of a customer stands.
    Topic, "topic of a preference (time, contact, access, language, technician, payment, other)" {
        /// When to come: `mornings`, `not on Fridays`.
        Time = "time",
        /// How to be reached: `text, do not call`. It is no consent and takes none back.
        Contact = "contact",
        /// Getting in: `dog in the yard`, `side gate`.
        Access = "access",
        /// The language to speak.
        Language = "language",
        /// Who is to come.
        Technician = "technician",
        /// Paying and quotes.
        Payment = "payment",
        /// Anything else; several of it stand side by side.
        Other = "other",
    }
}

impl Topic {
    /// All of them, in the order in which people choose.
    pub const ALL: [Self; 7] =
        [Self::Time, Self::Contact, Self::Access, Self::Language, Self::Technician, Self::Payment, Self::Other];

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Time => "When to come",
            Self::Contact => "How to be reached",
            Self::Access => "Getting in",
            Self::Language => "Language",
            Self::Technician => "Who is to come",
            Self::Payment => "Paying",
            Self::Other => "Other",
        }
    }

    /// Whether one preference of it takes the place of another.
    pub const fn has_one(self) -> bool {
        !matches!(self, Self::Other)
    }
}

/// What is said. Made by parsing alone: within its bounds, and without what cannot be seen.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one is said at a time, and a customer has a page of them at most")]
pub enum Said {
    /// A note, with its lines.
    Note {
        /// What it says.
        text: String,
    },
    /// A preference, in one line.
    Preference {
        /// What it is about.
        topic: Topic,
        /// What it says.
        text: String,
    },
    /// A service address of the customer.
    Address {
        /// As written; told in its standard form.
        #[serde(rename = "text", serialize_with = "in_standard_form")]
        address: Address,
    },
}

crate::masked_debug!(Said:);

fn in_standard_form<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&address.display())
}

/// Why something cannot be said. Quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {} {why}", kind.as_str())]
pub struct BadRemark {
    /// What it was to be.
    pub kind: Kind,
    /// What is wrong and what to do.
    pub why: String,
}

impl Said {
    /// A note.
    ///
    /// # Errors
    /// [`BadRemark`], with a sentence for whoever wrote it.
    pub fn note(text: &str) -> Result<Self, BadRemark> {
        Ok(Self::Note { text: within(Kind::Note, tidy_text(text, true), MAX_NOTE_CHARS)? })
    }

    /// A preference.
    ///
    /// # Errors
    /// [`BadRemark`], with a sentence for whoever wrote it.
    pub fn preference(topic: Topic, text: &str) -> Result<Self, BadRemark> {
        let text = within(Kind::Preference, tidy_text(text, false), MAX_PREFERENCE_CHARS)?;
        Ok(Self::Preference { topic, text })
    }

    /// An address.
    ///
    /// # Errors
    /// [`BadRemark`], with a sentence for whoever wrote it.
    pub fn address(text: &str) -> Result<Self, BadRemark> {
        let text = within(Kind::Address, tidy_text(text, false), MAX_ADDRESS_CHARS)?;
        let why = "cannot be read: write number, street and city, as on an envelope";
        let address = Address::parse(&text).ok_or_else(|| BadRemark { kind: Kind::Address, why: why.to_owned() })?;
        Ok(Self::Address { address })
    }

    /// What the store read back.
    pub fn from_stored(kind: Kind, topic: Option<Topic>, text: String) -> Self {
        match kind {
            Kind::Note => Self::Note { text },
            Kind::Preference => Self::Preference { topic: topic.unwrap_or(Topic::Other), text },
            Kind::Address => Self::Address { address: Address::from(text) },
        }
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Note { .. } => Kind::Note,
            Self::Preference { .. } => Kind::Preference,
            Self::Address { .. } => Kind::Address,
        }
    }

    /// What a preference is about.
    pub const fn topic(&self) -> Option<Topic> {
        match self {
            Self::Preference { topic, .. } => Some(*topic),
            Self::Note { .. } | Self::Address { .. } => None,
        }
    }

    /// As it is told where it stands alone: a preference behind its topic, an address in its standard form.
    pub fn told(&self) -> String {
        match self {
            Self::Preference { topic, text } if topic.has_one() => format!("{}: {text}", topic.label()),
            Self::Note { text } | Self::Preference { text, .. } => text.clone(),
            Self::Address { address } => address.display(),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        match self {
            Self::Note { text } | Self::Preference { text, .. } => text,
            Self::Address { address } => address.as_written(),
        }
    }
}

fn within(kind: Kind, text: String, most: usize) -> Result<String, BadRemark> {
    let bad = |why: String| Err(BadRemark { kind, why });
    // Bytes first: whoever sends a megabyte has it counted no further.
    if text.len() > most && text.chars().count() > most {
        return bad(format!("is too long: {most} characters fit; shorten it"));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return bad("says nothing: it holds neither letter nor digit".to_owned());
    }
    Ok(text)
}

/// A remark as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Ours; ids ascend with time.
    pub id: RemarkId,
    /// The record that it hangs on.
    #[serde(skip)]
    pub record: RecordId,
    /// What it says.
    #[serde(flatten)]
    pub said: Said,
    /// Over which channel the customer was heard; `None` where nobody says.
    pub channel: Option<Channel>,
    /// Who said it: who wrote it down.
    pub said_by: Actor,
    /// When.
    pub said_at: Timestamp,
    /// When it was taken back, or something else was said in its place.
    pub retracted_at: Option<Timestamp>,
    /// Who did.
    pub retracted_by: Option<Actor>,
}

crate::masked_debug!(Remark: id, record, said, channel, said_at, retracted_at);

/// Which of a customer's remarks in force stand: of preferences the newest of each topic. Two customers who are one now
/// may each have had one; what stands behind stands again when they are two.
///
/// In the order in which they come.
pub fn standing(remarks: Vec<Remark>) -> Vec<Remark> {
    let newest = |topic: Topic| {
        let of_topic = remarks.iter().filter(|remark| remark.said.topic() == Some(topic));
        of_topic.map(|remark| remark.id).max()
    };
    let of_topics: Vec<Option<RemarkId>> = Topic::ALL.map(|topic| newest(topic).filter(|_| topic.has_one())).to_vec();
    let stands = |remark: &Remark| match remark.said.topic().filter(|topic| topic.has_one()) {
        Some(_) => of_topics.contains(&Some(remark.id)) || planted!("what-was-said-before-stands"),
        None => true,
    };
    let mut remarks = remarks;
    remarks.retain(stands);
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdMaker;

    fn check(said: Result<Said, BadRemark>, expected: Result<&str, &str>) {
        match (said, expected) {
            (Ok(said), Ok(text)) => assert_eq!(said.text(), text),
            (Err(bad), Err(part)) => assert!(bad.to_string().contains(part), "{bad}"),
            (found, expected) => panic!("{:?}, not {expected:?}", found.map(|said| said.text().to_owned())),
        }
    }

    #[test]
    fn what_is_said_is_read_or_refused_with_a_sentence() {
        check(Said::note(" gate code\r\nis 4711 \u{0}"), Ok("gate code\nis 4711"));
        check(Said::note("\u{202e}abc\u{200f}"), Ok("abc"));
        check(Said::note("  \n "), Err("the note says nothing"));
        check(Said::note("<script>alert(1)</script>"), Ok("<script>alert(1)</script>"));
        check(Said::note(&"x".repeat(MAX_NOTE_CHARS)), Ok(&"x".repeat(MAX_NOTE_CHARS)));
        check(Said::note(&"ü".repeat(10_000)), Err("4000 characters fit"));
        check(Said::preference(Topic::Time, "prefers\nmornings"), Ok("prefers mornings"));
        check(Said::preference(Topic::Other, &"x".repeat(301)), Err("the preference is too long"));
        check(Said::address("123  Main st, quincy ma 02169"), Ok("123 Main st, quincy ma 02169"));
        check(Said::address("n/a"), Err("the address cannot be read"));
    }

    #[test]
    fn an_address_is_told_in_its_standard_form() {
        let said = Said::address("123 main street, quincy ma 02169").unwrap();
        let json = serde_json::to_value(&said).unwrap();
        assert_eq!(json, serde_json::json!({ "kind": "address", "text": "123 Main St, Quincy, MA 02169" }));
        assert_eq!(Said::from_stored(Kind::Address, None, said.text().to_owned()), said);
    }

    #[test]
    fn words_are_their_own() {
        for topic in Topic::ALL {
            assert_eq!(topic.as_str().parse(), Ok(topic));
        }
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("weather".parse::<Topic>().unwrap_err().to_string().contains("time, contact"));
    }

    #[test]
    fn debug_output_hides_what_was_said() {
        let said = Said::note("alarm code 4711").unwrap();
        assert!(!format!("{said:?}").contains("4711"));
    }

    #[test]
    fn of_each_topic_the_newest_stands_and_of_others_all() {
        let ids = IdMaker::seeded(3);
        let at = Timestamp::from_micros(1);
        let remark = |said: Said| Remark {
            id: ids.make(at),
            record: ids.make(at),
            said,
            channel: None,
            said_by: Actor::Worker,
            said_at: at,
            retracted_at: None,
            retracted_by: None,
        };
        let said = |topic, text| remark(Said::preference(topic, text).unwrap());
        let all = vec![
            said(Topic::Time, "mornings"),
            said(Topic::Other, "cats"),
            said(Topic::Access, "side gate"),
            said(Topic::Time, "evenings"),
            said(Topic::Other, "dogs"),
            remark(Said::note("a").unwrap()),
            remark(Said::note("a").unwrap()),
        ];
        let mut turned = all.clone();
        turned.reverse();
        for remarks in [all, turned] {
            let mut texts: Vec<String> = standing(remarks).iter().map(|it| it.said.text().to_owned()).collect();
            texts.sort();
            assert_eq!(texts, ["a", "a", "cats", "dogs", "evenings", "side gate"]);
        }
    }
}
