//! What it takes to make our rows of the stored words of a connection. No source is asked for it, so that a better mapping
//! reaches what was said years ago.

use std::collections::BTreeSet;
use std::sync::Mutex;

use doorstep_core::connection::Connection;
use doorstep_core::id::RecordId;
use doorstep_core::phone::Region;
use doorstep_core::source::{Makes, Parent, SourceSpec, StreamSpec};
use doorstep_store::{Tx, consent};
use doorstep_upstream::source::Mapping;
use serde_json::Value;

use crate::Engine;
use crate::error::Result;

/// What stays the same while rows are made of the words of a connection.
pub(super) struct Deriving<'a> {
    pub engine: &'a Engine,
    pub connection: Connection,
    pub spec: &'static SourceSpec,
    pub mapping: &'static dyn Mapping,
    /// The country in which a number without a country code is read.
    pub region: Region,
    /// Streams in which a name was looked for that is not known.
    pub missing: Mutex<BTreeSet<&'static str>>,
}

impl Deriving<'_> {
    /// The stream whose objects are computed again when one of this stream changes: itself, or what it is part of.
    pub(super) fn whole_of(&self, stream: &'static StreamSpec) -> &'static StreamSpec {
        match stream.parent {
            Parent::PartOf(whole) => self.spec.stream(whole).unwrap_or(stream),
            Parent::None | Parent::HangsOn(_) => stream,
        }
    }

    /// Notes the numbers that must not be texted. What was noted once stays (I-18).
    pub(super) async fn forbid(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        words: impl Iterator<Item = (RecordId, &Value)>,
    ) -> Result<()> {
        if !stream.makes.contains(&Makes::DoNotText) {
            return Ok(());
        }
        let said = |(id, payload)| Some((id, self.mapping.do_not_text(stream.name, payload, self.region)?));
        let said: Vec<_> = words.filter_map(said).collect();
        consent::forbid(tx, &said).await?;
        Ok(())
    }
}

/// The streams as they are read: parts before what they are part of, so that a whole that is new is made once, with all
/// that is known of it, and not again with each part.
pub(super) fn in_order(spec: &'static SourceSpec) -> Vec<&'static StreamSpec> {
    let wholes = spec.streams.iter().filter(|stream| !matches!(stream.parent, Parent::PartOf(_)));
    wholes.flat_map(|whole| spec.parts_of(whole.name).chain([whole])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_is_read_once_and_parts_come_first() {
        for mapping in doorstep_upstream::source::SOURCES {
            let spec = mapping.spec();
            let order: Vec<&str> = in_order(spec).iter().map(|stream| stream.name).collect();
            assert_eq!(order.iter().collect::<std::collections::BTreeSet<_>>().len(), spec.streams.len(), "{order:?}");
            let place = |name: &str| order.iter().position(|other| *other == name).unwrap();
            for stream in spec.streams {
                match stream.parent {
                    Parent::PartOf(whole) => assert!(place(stream.name) < place(whole), "{order:?}"),
                    Parent::HangsOn(parent) => assert!(place(parent) < place(stream.name), "{order:?}"),
                    Parent::None => {}
                }
            }
        }
    }
}
