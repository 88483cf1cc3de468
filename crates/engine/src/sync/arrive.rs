//! People who are said for the first time: whose they are is worked out before they are stored, as an import does it, so that
//! a first reading writes each of them once and looks at nobody who stays as he was.

use std::collections::HashSet;

use doorstep_core::contact::{ContactRecord, connected_key};
use doorstep_core::id::RecordId;
use doorstep_core::source::{Gone, StreamSpec};
use doorstep_core::sync::Problem;
use doorstep_store::live_record::{Settled, Word};
use doorstep_store::{Tx, identifier};
use doorstep_upstream::source::Said;

use super::derive::parts_of;
use super::deriving::Deriving;
use crate::error::Result;
use crate::resolve::{self, Outcome, Start};
use crate::rules;

/// What is to be written once the words are.
#[derive(Default)]
pub(super) struct Arrival {
    /// Everybody who was looked at, also those who could not be made out.
    pub seen: HashSet<RecordId>,
    /// Who could not be made out, with the reason.
    pub problems: Vec<Problem>,
    identifiers: Vec<identifier::Link>,
    outcome: Outcome,
}

impl Deriving<'_> {
    /// Settles whose new objects of a stream about people are. What their source has merged into others waits for the
    /// decision that says so, which is about stored records.
    #[crate::boxed]
    pub(super) async fn arrive(&self, tx: &mut Tx, stream: &'static StreamSpec, words: &mut [Word]) -> Result<Arrival> {
        let is_apart = |word: &&mut Word| !matches!(word.gone, Some(Gone::Merged { .. }));
        let mut words: Vec<&mut Word> = words.iter_mut().filter(is_apart).collect();
        let mut arrival = Arrival::default();
        if words.is_empty() {
            return Ok(arrival);
        }
        let parts = {
            let keys: Vec<&str> = words.iter().map(|word| word.key.as_str()).collect();
            self.parts(tx, stream, &keys).await?
        };
        let (now, rules) = (tx.now(), rules(tx).await?);
        let mut records = Vec::with_capacity(words.len());
        for word in &words {
            arrival.seen.insert(word.id);
            let parts = parts_of(parts.get(&word.key).map(Vec::as_slice).unwrap_or_default());
            let (key, payload, region) = (word.key.as_str(), &word.payload, self.region);
            match self.mapping.contact(&Said { key, payload, parts: &parts, referred: &[], region }) {
                Ok(contact) => records.push(ContactRecord {
                    id: word.id,
                    source: self.connection.source,
                    import: None,
                    source_key: connected_key(self.connection.source, self.connection.id, stream.name, key),
                    created_at: now,
                    contact,
                }),
                Err(why) => arrival.problems.push(Problem {
                    stream: stream.name.to_owned(),
                    key: Some(key.to_owned()),
                    reason: why.to_string(),
                }),
            }
        }
        let start = Start { limit: self.engine.max_component, ..Start::default() };
        let around = resolve::gather(tx, &rules, records, &start).await?;
        arrival.outcome = resolve::decide(&rules, &around);
        for word in &words {
            let stored_under = around.candidates.stored_under(word.id, &rules);
            arrival.identifiers.extend(stored_under.into_iter().map(|identifier| (word.id, identifier)));
        }
        for word in &mut words {
            let Some(customer) = arrival.outcome.of_new.get(&word.id).copied() else { continue };
            let Some(record) = around.candidates.get(word.id) else { continue };
            word.settled = Some(Settled { contact: record.contact.clone(), customer });
        }
        Ok(arrival)
    }

    /// Writes what follows from an arrival whose words are stored by now.
    #[crate::boxed]
    pub(super) async fn welcome(&self, tx: &mut Tx, arrival: Arrival) -> Result<()> {
        identifier::insert(tx, arrival.identifiers).await?;
        resolve::write_again(tx, &self.engine.ids, arrival.outcome).await?;
        Ok(())
    }
}
