//! What a live source declares about itself, and the words in which it tells how its objects stand.
//!
//! The engine of sync works from these declarations and knows no source by name.

mod cursor;

pub use cursor::{BadCursor, Cursor, MAX_CURSOR_BYTES};

use serde::{Deserialize, Serialize};

use crate::record::Source;

/// A live source: who it is and what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSpec {
    /// Which one.
    pub source: Source,
    /// What is to be said to connect it.
    pub settings: &'static [SettingSpec],
    /// The names of the settings that together say whose books are read: two connections that agree in them would read
    /// the same objects.
    pub account: &'static [&'static str],
    /// Raised whenever the same words of the source become something else of ours. What is stored under an older number
    /// is worked out again from the stored words after an upgrade.
    pub mapping_version: i64,
    /// Its streams, in the order in which a first read takes them: what others hang on comes first.
    pub streams: &'static [StreamSpec],
}

impl SourceSpec {
    /// The stream of that name.
    pub fn stream(&self, name: &str) -> Option<&'static StreamSpec> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// The streams whose rows are parts of what the rows of `name` become.
    pub fn parts_of(&self, name: &str) -> impl Iterator<Item = &'static StreamSpec> {
        self.streams.iter().filter(move |stream| matches!(stream.parent, Parent::PartOf(whole) if whole == name))
    }
}

/// One thing that is to be said to connect a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// Its name in settings and in JSON.
    pub name: &'static str,
    /// What it is and where its owner finds it, for people.
    pub label: &'static str,
    /// Whether it is shown to nobody once it was said, and sealed where it is kept.
    pub is_secret: bool,
    /// What stands where nothing was said.
    pub default: Option<&'static str>,
    /// Whether it may be left unsaid though nothing stands in its place: it is told by others.
    pub is_optional: bool,
}

/// A stream: one kind of object of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSpec {
    /// Its name in the store, in JSON and in logs.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The field of a payload that tells its objects apart; unique within the stream.
    pub key: &'static str,
    /// How the next read goes on where the last one ended.
    pub cursor: CursorKind,
    /// What its objects belong to within the source.
    pub parent: Parent,
    /// What its objects become with us.
    pub makes: &'static [Makes],
    /// How long after a change, in seconds, the source may show it for the first time: a cursor is never nearer to the
    /// source's present than this.
    pub lag_seconds: u32,
    /// Whether objects can vanish, or change, without the reads from a cursor ever telling; then the whole stream is
    /// swept from time to time.
    pub is_swept: bool,
}

/// How the next read of a stream goes on where the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorKind {
    /// A text of the source's own, good for one of its doors.
    Feed,
    /// The source's own stamp of the newest change that was read, less an overlap.
    Stamp,
    /// There is none: each read gives all there is.
    Whole,
}

/// What the objects of a stream belong to within their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// To nothing.
    None,
    /// They are part of what the objects of that stream become, which is computed again when one of them changes.
    PartOf(&'static str),
    /// They become something of their own, which hangs on an object of that stream.
    HangsOn(&'static str),
}

/// What objects of a stream become with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Makes {
    /// A [`crate::contact::Contact`], which identity resolves.
    Contact,
    /// A [`crate::property::Property`].
    Property,
    /// A piece of [`crate::equipment::Equipment`].
    Equipment,
    /// A [`crate::job::Job`].
    Job,
    /// A [`crate::membership::Membership`].
    Membership,
    /// Numbers that must not be texted: [`crate::consent::DoNotText`].
    DoNotText,
    /// A name by which objects of other streams are told to people.
    Name,
}

/// How an object stands that is no longer in use at its source. Its record stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Switched off; the source may switch it on again.
    Inactive,
    /// The source made one object of two; it lives on as the one with this key, of the same stream.
    Merged {
        /// The key of the object that it is part of now.
        into: String,
    },
    /// Taken out.
    Deleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_an_object_stands_survives_the_store() {
        let check = |gone: Gone, text: &str| {
            assert_eq!(serde_json::to_string(&gone).unwrap(), text);
            assert_eq!(serde_json::from_str::<Gone>(text).unwrap(), gone);
        };
        check(Gone::Inactive, r#""inactive""#);
        check(Gone::Merged { into: "9001".to_owned() }, r#"{"merged":{"into":"9001"}}"#);
        check(Gone::Deleted, r#""deleted""#);
    }
}
