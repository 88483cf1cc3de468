//! Receipts: what was told to whom, so that "what did the agent know at 14:03" has an exact answer.
//!
//! A reader does not wait for the disk: receipts wait in memory and are written together, by the worker at every look for
//! work, by the server when it ends, and by the reader that finds too many waiting, who then pays for all. A process that is
//! killed loses those that were waiting, a few seconds' worth. None is dropped for want of room: where they cannot be written
//! for long, because the disk is full, contexts are refused as everything else is then.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorstep_core::context::{Assurance, Budget, CustomerContext, LEFT_OUT, tokens};
use doorstep_core::id::{CustomerId, ReceiptId};
use doorstep_core::record::payload_hash;
use doorstep_core::tenant::{Permission, Tenant};
use doorstep_core::{Scope, TenantId, Timestamp};
use doorstep_store::context_receipt::{self, Receipt, Told};
use doorstep_store::task::{self, Claim};
use doorstep_store::tenant;
use serde_json::Value;

use super::{Answer, Kind};
use crate::Engine;
use crate::error::Result;
use crate::merge::current;
use crate::task::Key;

/// How long receipts are kept: as long as somebody may ask what an agent had been told, a quarter of a year.
pub const KEEP_SECONDS: i64 = 90 * DAY_SECONDS;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Receipts that wait at most, and what they say in bytes: then the next reader writes them all down first.
const MAX_WAITING: usize = 1_000;
const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Receipts forgotten in one transaction.
const PAGE: i64 = 1_000;

/// As what a context is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The model, as JSON.
    Json,
    /// The text form, within a budget of tokens.
    Text(Budget),
}

impl Form {
    /// The name in addresses, in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text(_) => "text",
        }
    }
}

/// A receipt with what was told.
#[derive(Debug)]
pub struct Given {
    /// The receipt.
    pub receipt: Receipt,
    /// The context, exactly as it was told.
    pub context: Value,
}

/// What waits to be written of one tenant.
#[derive(Default)]
struct Waiting {
    receipts: Vec<Receipt>,
    models: Vec<(CustomerId, Model)>,
    /// What is among `models` already.
    known: HashSet<(CustomerId, [u8; 32])>,
}

/// What was told of a customer, by what it comes to.
#[derive(Clone)]
struct Model {
    hash: [u8; 32],
    value: Arc<Value>,
    /// Whether it is in the store, which keeps it as long as there are receipts of it.
    is_stored: Arc<AtomicBool>,
}

#[derive(Default)]
struct Queue {
    of: BTreeMap<TenantId, Waiting>,
    count: usize,
    bytes: usize,
}

/// The receipts of one process that are not written yet.
#[derive(Default)]
pub(crate) struct Receipts(Mutex<Queue>);

impl Receipts {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether so many wait that they are to be written first.
    fn is_full(&self) -> bool {
        let queue = self.queue();
        queue.count >= MAX_WAITING || queue.bytes >= MAX_WAITING_BYTES
    }

    fn add(&self, tenant: TenantId, receipt: Receipt, model: Option<(CustomerId, Model)>) {
        let mut guard = self.queue();
        let Queue { of, count, bytes } = &mut *guard;
        let waiting = of.entry(tenant).or_default();
        *count += 1;
        if let Some((customer, model)) = model
            && !model.is_stored.load(Ordering::Acquire)
            && waiting.known.insert((customer, model.hash))
        {
            *bytes += weight(&model.value);
            waiting.models.push((customer, model));
        }
        waiting.receipts.push(receipt);
    }

    /// Puts back what could not be written, to be tried again.
    fn put_back(&self, tenant: TenantId, waiting: Waiting) {
        let models = waiting.models.into_iter();
        let mut models: BTreeMap<_, _> = models.map(|it| ((it.0, it.1.hash), it)).collect();
        for receipt in waiting.receipts {
            let of = receipt.customer.zip(receipt.hash).and_then(|key| models.remove(&key));
            self.add(tenant, receipt, of);
        }
    }

    fn take(&self) -> BTreeMap<TenantId, Waiting> {
        std::mem::take(&mut *self.queue()).of
    }
}

/// What is handed on of a context, with what its receipt says of it.
#[derive(Clone)]
pub(super) struct Telling {
    /// The text, where that is the form.
    pub(super) text: Option<String>,
    tokens: Option<i64>,
    /// Whether something did not fit into the text.
    is_cut: bool,
    /// What was told of a customer.
    model: Option<Model>,
}

impl Telling {
    /// What an answer comes to in that form.
    pub(super) fn of(answer: &Answer, form: Form) -> Self {
        let text = match form {
            Form::Json => None,
            Form::Text(budget) => Some(answer.context.text(budget)),
        };
        let last = text.as_deref().and_then(|text| text.lines().last());
        let is_cut = last.is_some_and(|line| line.starts_with(LEFT_OUT));
        let tokens = text.as_deref().map(|text| tokens(text) as i64);
        let model = answer.customer.map(|_| {
            let value = without_time(&answer.context, answer.told_at);
            Model { hash: payload_hash(&value), value: Arc::new(value), is_stored: Arc::default() }
        });
        Self { text, tokens, is_cut, model }
    }

    /// What the model comes to; `None` where nothing of anybody was told.
    pub(super) fn hash(&self) -> Option<[u8; 32]> {
        self.model.as_ref().map(|model| model.hash)
    }

    /// What it weighs in memory, about, with the context that it was made from, which says the same as the model.
    pub(super) fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, String::len) + self.model.as_ref().map_or(0, |model| 2 * weight(&model.value))
    }
}

impl Engine {
    /// Notes what is answered, and gives it its receipt.
    #[crate::boxed]
    pub(super) async fn receipt(
        &self,
        scope: &Scope,
        asked_by: Kind,
        form: Form,
        answer: &Answer,
        told: &Telling,
    ) -> Result<ReceiptId> {
        if self.receipts.is_full() {
            self.write_receipts().await?;
        }
        if told.is_cut {
            self.contexts.note_cut();
        }
        let receipt = Receipt {
            id: self.ids.make(answer.told_at),
            told_at: answer.told_at,
            actor: scope.actor().clone(),
            customer: answer.customer,
            assurance: answer.context.assurance,
            version: answer.version,
            asked_by: asked_by.as_str().to_owned(),
            form: form.as_str().to_owned(),
            budget: if let Form::Text(budget) = form { Some(budget.tokens() as i64) } else { None },
            tokens: told.tokens,
            hash: told.hash(),
        };
        let id = receipt.id;
        self.receipts.add(scope.tenant(), receipt, answer.customer.zip(told.model.clone()));
        Ok(id)
    }

    /// Writes down the receipts that wait: one transaction for each tenant, however many there are.
    ///
    /// # Errors
    /// Those of the store; what waited waits on.
    #[crate::boxed]
    pub async fn write_receipts(&self) -> Result<()> {
        let mut failed = None;
        for (tenant, waiting) in self.receipts.take() {
            if let Err(error) = self.write_waiting(tenant, &waiting).await {
                failed = Some(error);
                self.receipts.put_back(tenant, waiting);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn write_waiting(&self, tenant: TenantId, waiting: &Waiting) -> Result<()> {
        let mut tx = self.db.write(&Scope::worker(tenant)).await?;
        let told = waiting.models.iter();
        let told =
            told.map(|(customer, model)| Told { customer: *customer, hash: model.hash, model: model.value.clone() });
        context_receipt::insert(&mut tx, &waiting.receipts, &told.collect::<Vec<_>>()).await?;
        let (key, due) = forgetting(tx.now());
        task::wake(&mut tx, &key.to_string(), due).await?;
        tx.commit().await?;
        waiting.models.iter().for_each(|(_, model)| model.is_stored.store(true, Ordering::Release));
        Ok(())
    }

    /// A receipt with what was told; `None` of one that never was, or that is too old. One of another process may take a
    /// few seconds until it is here.
    #[crate::boxed]
    pub async fn context_receipt(&self, scope: &Scope, id: ReceiptId) -> Result<Option<Given>> {
        scope.require(Permission::ReadAudit)?;
        self.write_receipts().await?;
        let mut tx = self.db.read(scope).await?;
        let Some(receipt) = context_receipt::get(&mut tx, id).await? else { return Ok(None) };
        let model = match (receipt.customer, receipt.hash) {
            (Some(customer), Some(hash)) => context_receipt::told(&mut tx, customer, hash).await?,
            _ => None,
        };
        let context = match model {
            Some(model) => with_time(model, receipt.told_at),
            None => nothing_told(&tenant::get(&mut tx).await?, receipt.assurance),
        };
        Ok(Some(Given { receipt, context }))
    }

    /// The receipts of a customer up to an instant, newest first, at most `limit`: the first says what whoever asked last
    /// was told. Under the id of a customer that was merged into another are its own beside those of the other.
    ///
    /// # Errors
    /// [`crate::Error::NoCustomer`].
    #[crate::boxed]
    pub async fn context_receipts(
        &self,
        scope: &Scope,
        customer: CustomerId,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Receipt>> {
        scope.require(Permission::ReadAudit)?;
        self.write_receipts().await?;
        let mut tx = self.db.read(scope).await?;
        let ids = BTreeSet::from([customer, current(&mut tx, customer).await?]);
        let mut found = Vec::new();
        for id in ids {
            found.extend(context_receipt::of_customer(&mut tx, id, until, limit).await?);
        }
        found.sort_by_key(|receipt| std::cmp::Reverse((receipt.told_at, receipt.id)));
        found.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(found)
    }
}

/// What a tree of values weighs in memory, about: each with its name, its place, what the allocator adds.
fn weight(value: &Value) -> usize {
    /// Of one value.
    const EACH: usize = 96;
    EACH + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields.values().map(weight).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// What was said where nothing of anybody was: a greeting, or the request to show who they are.
fn nothing_told(tenant: &Tenant, assurance: Assurance) -> Value {
    let context = match assurance {
        Assurance::None => CustomerContext::of_nobody(tenant),
        _ => CustomerContext::of_several(tenant),
    };
    serde_json::to_value(context).unwrap_or_default()
}

/// What stands in place of the instant at which a context was made.
const THEN: &str = "told_at";

/// The model without the instant at which it was made, so that the same told again is the same.
pub fn without_time(context: &CustomerContext, told_at: Timestamp) -> Value {
    let mut model = serde_json::to_value(context).unwrap_or_default();
    replace(&mut model, &Value::from(told_at.to_string()), &Value::from(THEN));
    model
}

fn with_time(mut model: Value, told_at: Timestamp) -> Value {
    replace(&mut model, &Value::from(THEN), &Value::from(told_at.to_string()));
    model
}

/// Replaces it where times of ours stand, and nowhere in what people wrote.
fn replace(model: &mut Value, from: &Value, to: &Value) {
    let Value::Object(fields) = model else { return };
    for (name, value) in fields.iter_mut() {
        if matches!(name.as_str(), "told_at" | "as_of") {
            if value == from {
                *value = to.clone();
            }
        } else if let Some(as_of) = value.as_object_mut().and_then(|section| section.get_mut("as_of"))
            && as_of == from
        {
            *as_of = to.clone();
        }
    }
}

/// The task that forgets what was told on the day of `now`, and when that is due: one a day, however much was.
fn forgetting(now: Timestamp) -> (Key, Timestamp) {
    let day = now.micros().div_euclid(DAY_SECONDS * 1_000_000);
    (Key::Receipts(day), Timestamp::from_micros((day + 1) * DAY_SECONDS * 1_000_000).plus_seconds(KEEP_SECONDS))
}

/// The task that forgets receipts which are too old, under its lease, a page at a time.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim) -> Result<()> {
    loop {
        let mut tx = engine.db.write(&Scope::worker(claim.tenant)).await?;
        task::hold(&mut tx, claim).await?;
        let before = tx.now().plus_seconds(-KEEP_SECONDS);
        let gone = context_receipt::prune(&mut tx, before, PAGE).await?;
        tx.commit().await?;
        if gone < PAGE as u64 {
            return Ok(());
        }
    }
}
