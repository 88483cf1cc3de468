//! Searching what was written with a customer.
//!
//! The customer's newest messages are gone through, as many as one look may cost; what is older is found by going on from
//! the position that the answer gives. There is no index of words, and why is said in docs/decisions/0052.

use doorstep_core::Scope;
use doorstep_core::conversation::{Channel, Entry, Message};
use doorstep_core::id::CustomerId;
use doorstep_core::passage::{Passage, Question};
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::tenant::Permission;
use doorstep_store::timeline::{self, Place};
use serde::Serialize;

use crate::Engine;
use crate::error::Result;
use crate::merge::current;

/// Messages that are read at once, and that one look goes through at most: ten years of texting with most customers.
const BATCH: i64 = 250;
const MAX_LOOKED_AT: i64 = 5_000;
/// Bytes of text that one look goes through at most: some tens of milliseconds, however long messages are.
const MAX_LOOKED_AT_BYTES: usize = 1 << 20;

/// A message that has every word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The message.
    pub message: Message,
    /// Over what its conversation runs.
    pub channel: Channel,
    /// The piece of it that shows the words.
    pub passage: Passage,
}

impl Engine {
    /// The messages with a customer in which every word of `question` begins a word, newest first. A page may hold fewer
    /// than there are, even none, where the words are rare: as long as there is a next position there is more to look
    /// through.
    ///
    /// # Errors
    /// [`crate::Error::NoCustomer`]; [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn search_conversations(
        &self,
        scope: &Scope,
        customer: CustomerId,
        question: &str,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Found>> {
        const LIST: &str = "passages";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<Place>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let customer = current(&mut tx, customer).await?;
        let mut page = Page { rows: Vec::new(), next: None, previous: None };
        let Some(question) = Question::parse(question) else { return Ok(page) };
        let mut place = from.map(|(_, place)| place);
        let (mut looked_at, mut bytes) = (0, 0);
        loop {
            let entries = timeline::messages(&mut tx, customer, place, BATCH).await?;
            let is_last = (entries.len() as i64) < BATCH;
            for entry in entries {
                let at = entry.place();
                let Entry::Message { message, channel } = entry else { continue };
                bytes += message.body.len();
                if let Some(passage) = question.find(&message.body) {
                    if page.rows.len() == limit {
                        page.next = place.map(|place| Position::new(LIST, Way::Forward, &place));
                        return Ok(page);
                    }
                    page.rows.push(Found { message, channel, passage });
                }
                place = Some(at);
                looked_at += 1;
                if looked_at >= MAX_LOOKED_AT || bytes >= MAX_LOOKED_AT_BYTES {
                    page.next = place.map(|place| Position::new(LIST, Way::Forward, &place));
                    return Ok(page);
                }
            }
            if is_last {
                return Ok(page);
            }
        }
    }
}
