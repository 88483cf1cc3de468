//! Applying: puts in what the plan says is new, a page to a transaction, under the task's lease.

use std::sync::Arc;

use doorstep_core::contact::source_key;
use doorstep_core::conversation::{Call, Message};
use doorstep_core::id::{ConversationId, ImportId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::import::State;
use doorstep_core::record::Source as RecordSource;
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::task::Claim;
use doorstep_store::{Tx, call, change, conversation, import, message, task};
use doorstep_upstream::phone_history::{Archive, CallRow, ContactRow, ConversationRow, Limits, MessageRow, Party, Row};

use super::contacts::CONTACTS;
use super::conversations::participants;
use super::outcome::Fate;
use super::plan::{Plan, aliases_of};
use super::reader::Source;
use super::rows::Keys;
use super::{spool, undo};
use crate::error::{Error, Result};
use crate::resolve::{self, Draft, Start};
use crate::{Engine, rules};

/// Records of one transaction: each brings identifiers, a customer and its words, some twenty rows in all, which land
/// all over their indexes (see `reader::PAGE_ROWS`), and kilobytes in memory.
const RECORDS_PER_PAGE: usize = 2_500;

/// One import on its way in.
struct Applying<'a> {
    engine: &'a Engine,
    scope: Scope,
    claim: &'a Claim,
    id: ImportId,
    source: Source,
    plan: Arc<Plan>,
    /// Rows in so far, those of an earlier try included.
    done: u64,
}

/// The import's task: goes by the state that the database says.
#[crate::boxed]
pub(crate) async fn run(engine: &Engine, claim: &Claim, id: ImportId) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let stored = engine.import(&scope, id).await?;
    match stored.import.state {
        State::Undoing => undo::run(engine, &scope, claim, id, stored.import.rows_done).await,
        State::Applying => {
            let source = engine.source(&scope, id, &aliases_of(&stored.plan), Limits::default()).await?;
            let plan = plan_to_apply(engine, &scope, &source, id, stored.feed_number).await?;
            let done = match planted!("a-resume-counts-from-nothing") {
                true => 0,
                false => stored.import.rows_total.saturating_sub(plan.rows_total()),
            };
            let mut applying = Applying { engine, scope, claim, id, source, plan: Arc::new(plan), done };
            applying.contacts().await?;
            applying.callers().await?;
            applying.conversations().await?;
            applying.messages().await?;
            applying.calls().await?;
            applying.finish().await
        }
        State::Planned | State::Applied | State::Undone | State::Superseded | State::Expired => Ok(()),
    }
}

/// The plan that this process made, if nothing has changed but the import's own entry since; else made again:
/// after a crash what is in already is then no longer new.
async fn plan_to_apply(
    engine: &Engine,
    scope: &Scope,
    source: &Source,
    id: ImportId,
    feed_number: i64,
) -> Result<Plan> {
    let mut tx = engine.db.read(scope).await?;
    let head = change::head(&mut tx).await?;
    drop(tx);
    // The plan's own entry and that of "applying" are the only ones.
    if let Some(plan) = engine.take_plan(id).filter(|_| head == feed_number + 1) {
        return Ok(plan);
    }
    Ok(engine.make_plan(scope, id, source, &|_| {}).await?.0)
}

impl Applying<'_> {
    /// A transaction that counts only while the lease is held.
    async fn begin(&self) -> Result<Tx> {
        let mut tx = self.engine.db.write(&self.scope).await?;
        task::hold(&mut tx, self.claim).await?;
        Ok(tx)
    }

    async fn commit(&mut self, mut tx: Tx, rows: u64) -> Result<()> {
        self.done += rows;
        if planted!("progress-apart-from-its-page") {
            tx.commit().await?;
            tx = self.begin().await?;
        }
        import::set_progress(&mut tx, self.id, self.done).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn contacts(&mut self) -> Result<()> {
        let mut pages = self.source.pages(Archive::contacts);
        let mut drafts = Vec::with_capacity(RECORDS_PER_PAGE);
        let mut row = 0;
        while let Some(page) = pages.next().await? {
            for contact in page.rows {
                drafts.extend(self.contact_draft(row, contact));
                row += 1;
                if drafts.len() == RECORDS_PER_PAGE {
                    self.ingest(std::mem::take(&mut drafts)).await?;
                }
            }
        }
        if drafts.is_empty() { Ok(()) } else { self.ingest(drafts).await }
    }

    fn contact_draft(&self, place: usize, row: Row<ContactRow>) -> Option<Draft> {
        if self.plan.contacts.fates.of_row.get(place) != Some(&Fate::New) {
            return None;
        }
        let contact = row.outcome.ok()?;
        Some(Draft {
            id: (*self.plan.contacts.records.get(place)?)?,
            source: RecordSource::PhoneHistory,
            stream: CONTACTS,
            key: contact.key,
            import: Some(self.id),
            payload: contact.payload,
            contact: contact.contact,
        })
    }

    async fn callers(&mut self) -> Result<()> {
        let plan = self.plan.clone();
        for page in plan.callers.chunks(RECORDS_PER_PAGE) {
            self.ingest(page.iter().map(|caller| caller.draft(self.id)).collect()).await?;
        }
        Ok(())
    }

    /// Puts records in, in one transaction, or by halves where too much hangs together with all of them: many
    /// neighbourhoods together may be too large where each is not.
    async fn ingest(&mut self, drafts: Vec<Draft>) -> Result<()> {
        let mut left = vec![drafts];
        while let Some(mut drafts) = left.pop() {
            let mut tx = self.begin().await?;
            tx.lock_identity().await?;
            let rules = rules(&mut tx).await?;
            let new = resolve::records_of(&tx, &drafts);
            let start = Start { limit: self.engine.max_component, ..Start::default() };
            match resolve::gather(&mut tx, &rules, new, &start).await {
                Err(Error::TooConnected { .. }) if drafts.len() > 1 => {
                    let second = drafts.split_off(drafts.len() / 2);
                    left.extend([second, drafts]);
                }
                around => {
                    let rows = drafts.len() as u64;
                    resolve::put(&mut tx, &self.engine.ids, &rules, drafts, &around?).await?;
                    self.commit(tx, rows).await?;
                }
            }
        }
        Ok(())
    }

    async fn conversations(&mut self) -> Result<()> {
        let mut pages = self.source.pages(Archive::conversations);
        let mut new = Vec::new();
        let mut row = 0;
        while let Some(page) = pages.next().await? {
            for conversation in page.rows {
                new.extend(self.new_conversation(row, conversation));
                row += 1;
            }
            if new.len() >= RECORDS_PER_PAGE {
                self.put_conversations(std::mem::take(&mut new)).await?;
            }
        }
        self.put_conversations(new).await?;
        let plan = self.plan.clone();
        for page in plan.conversations.implied.chunks(RECORDS_PER_PAGE) {
            let new = page.iter().map(|implied| conversation::New {
                id: implied.id,
                source: RecordSource::PhoneHistory,
                key: implied.key.clone(),
                channel: doorstep_core::conversation::Channel::Sms,
                started_at: None,
                last_message_at: None,
                import: Some(self.id),
                participants: implied.participants.clone(),
            });
            self.put_conversations(new.collect()).await?;
        }
        Ok(())
    }

    fn new_conversation(&self, place: usize, row: Row<ConversationRow>) -> Option<conversation::New> {
        let plan = &self.plan.conversations;
        if plan.fates.of_row.get(place) != Some(&Fate::New) {
            return None;
        }
        let row = row.outcome.ok()?;
        Some(conversation::New {
            id: plan.by_key.get(&row.key)?.id,
            source: RecordSource::PhoneHistory,
            channel: row.channel,
            started_at: row.started_at,
            last_message_at: row.last_message_at,
            import: Some(self.id),
            participants: participants(self.id, &self.plan.contacts, &row),
            key: plan.key_of(&row.key).to_owned(),
        })
    }

    async fn put_conversations(&mut self, new: Vec<conversation::New>) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let rows = new.len() as u64;
        let mut tx = self.begin().await?;
        conversation::insert(&mut tx, new).await?;
        self.commit(tx, rows).await
    }

    async fn messages(&mut self) -> Result<()> {
        let (plan, engine, id) = (self.plan.clone(), self.engine.clone(), self.id);
        let now = engine.db.clock().now();
        let prepare = move |place, row| new_message(&plan, &engine, id, now, place, row);
        let mut pages = self.source.prepared(Archive::messages, Box::new(prepare));
        while let Some(new) = pages.recv().await.transpose()? {
            let rows = new.len() as u64;
            let mut touched: Vec<ConversationId> = new.iter().map(|new| new.message.conversation_id).collect();
            touched.sort_unstable();
            touched.dedup();
            let mut tx = self.begin().await?;
            message::insert(&mut tx, new).await?;
            conversation::count_messages(&mut tx, &touched).await?;
            self.commit(tx, rows).await?;
        }
        Ok(())
    }

    async fn calls(&mut self) -> Result<()> {
        let (plan, engine, id) = (self.plan.clone(), self.engine.clone(), self.id);
        let now = engine.db.clock().now();
        let prepare = move |place, row| new_call(&plan, &engine, id, now, place, row);
        let mut pages = self.source.prepared(Archive::calls, Box::new(prepare));
        while let Some(new) = pages.recv().await.transpose()? {
            let rows = new.len() as u64;
            let mut tx = self.begin().await?;
            call::insert(&mut tx, new).await?;
            self.commit(tx, rows).await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        let mut tx = self.begin().await?;
        if !import::set_state(&mut tx, self.id, &[State::Applying], State::Applied).await? {
            return Err(Error::Unfit(format!("`{}` was changed while it was being applied", self.id)));
        }
        import::set_progress(&mut tx, self.id, self.done).await?;
        tx.commit().await?;
        spool::release(&self.engine.spool_dir, self.id);
        Ok(())
    }
}

/// A message that the plan puts in.
fn new_message(
    plan: &Plan,
    engine: &Engine,
    import: ImportId,
    now: Timestamp,
    place: usize,
    row: Row<MessageRow>,
) -> Option<message::New> {
    if plan.messages.of_row.get(place) != Some(&Fate::New) {
        return None;
    }
    let row = row.outcome.ok()?;
    let conversation = plan.conversations.place(&row)?;
    Some(message::New {
        row_key: row.key(plan.messages.occurrence(place)),
        import: Some(import),
        message: Message {
            id: engine.ids.make(now),
            conversation_id: conversation.id,
            direction: row.direction,
            from: row.from.as_ref().map(address),
            to: addresses(&row.to),
            body: row.body,
            sent_at: row.sent_at,
            status: row.status,
            attachments: row.attachments,
        },
        external_id: row.key,
    })
}

/// A call that the plan puts in.
fn new_call(
    plan: &Plan,
    engine: &Engine,
    import: ImportId,
    now: Timestamp,
    place: usize,
    row: Row<CallRow>,
) -> Option<call::New> {
    if plan.calls.of_row.get(place) != Some(&Fate::New) {
        return None;
    }
    let row = row.outcome.ok()?;
    let key = row.contact_key.as_deref();
    let record = key.and_then(|key| plan.contacts.by_key.get(key));
    let identifier = match (row.counterparts().find_map(party_identifier), key) {
        (Some(identifier), _) => identifier,
        (None, Some(key)) => Identifier {
            kind: IdentifierKind::SourceKey,
            value: source_key(RecordSource::PhoneHistory, Some(import), CONTACTS, key),
        },
        (None, None) => return None,
    };
    Some(call::New {
        row_key: row.key(plan.calls.occurrence(place)),
        import: Some(import),
        identifier,
        record,
        call: Call {
            id: engine.ids.make(now),
            direction: row.direction,
            from: row.from.as_ref().map(address),
            to: addresses(&row.to),
            started_at: row.started_at,
            duration_seconds: row.duration_seconds,
            status: row.status,
            voicemail_text: row.voicemail_text,
        },
        external_id: row.key,
    })
}

/// The number or address in its normal form, else as the file writes it.
fn address(party: &Party) -> String {
    party.normal().unwrap_or(&party.raw).to_owned()
}

fn addresses(parties: &[Party]) -> Option<String> {
    let all: Vec<String> = parties.iter().map(address).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn party_identifier(party: &Party) -> Option<Identifier> {
    let phone = party.phone.as_ref().map(Identifier::from);
    phone.or_else(|| party.email.as_ref().map(Identifier::from))
}
