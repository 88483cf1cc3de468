//! What is known of a customer, from the rows of one transaction: some twenty statements, however much there is.

use std::collections::BTreeMap;

use doorstep_core::consent::DoNotText;
use doorstep_core::context::{Called, Known, Row, Totals, Written};
use doorstep_core::conversation::Entry;
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::job::JobStatus;
use doorstep_core::property::Property;
use doorstep_core::record::Source;
use doorstep_core::remark::{Kind, Remark, Said};
use doorstep_store::{Tx, consent, context, customer, equipment, job, membership, property, review, timeline};

use crate::error::Result;
use crate::remark;

/// Properties, memberships and jobs that are read at most, the newest ones: a context has room for a tenth of them, and
/// says how many more of those there are. Sums are over all rows wherever they are.
pub(super) const MAX_ROWS: i64 = 200;
/// Pieces of equipment: ten at each of so many properties would be a landlord.
pub(super) const MAX_EQUIPMENT: i64 = 1_000;
/// Messages and calls together; a context has room for a fifth.
pub(super) const MAX_SAID: i64 = 100;

/// What is known of a customer, but when its sources were read; `None` where there is no such customer.
#[crate::boxed]
pub(super) async fn known(tx: &mut Tx, id: CustomerId) -> Result<Option<Known>> {
    let Some(customer) = customer::get(tx, id).await? else { return Ok(None) };
    let mut known = Known::new(customer);
    known.is_in_review = !review::touching(tx, &[id]).await?.is_empty();
    hanging(tx, id, &mut known).await?;
    let totals = job::totals(tx, id).await?;
    known.totals = Totals {
        lifetime_value: totals.value,
        completed_jobs: totals.completed,
        without_total: totals.without_total,
        first_job_at: totals.first_at,
    };
    said(tx, id, &mut known).await?;
    noted(tx, id, &mut known).await?;
    Ok(Some(known))
}

/// What hangs on a customer's records, and who said of the customer's numbers that they must not be texted.
pub(super) struct Hanging {
    pub(super) properties: Vec<property::Stored>,
    pub(super) equipment: Vec<equipment::Stored>,
    pub(super) jobs: Vec<job::Stored>,
    pub(super) memberships: Vec<membership::Stored>,
    pub(super) forbidden: Vec<(RecordId, DoNotText)>,
}

async fn hanging(tx: &mut Tx, id: CustomerId, known: &mut Known) -> Result<()> {
    let properties = property::of_customer(tx, id, MAX_ROWS).await?;
    let equipment = equipment::of_customer(tx, id, MAX_EQUIPMENT).await?;
    let mut jobs = job::of_customer(tx, id, MAX_ROWS).await?;
    if jobs.len() as i64 == MAX_ROWS {
        jobs.extend(job::open_of_customer(tx, id, MAX_ROWS).await?);
        jobs.sort_by_key(|it| it.record);
        jobs.dedup_by_key(|it| it.record);
    }
    let memberships = membership::of_customer(tx, id, MAX_ROWS).await?;
    let forbidden = consent::forbidden(tx, &phones(&known.customer)).await?;
    hang(tx, known, Hanging { properties, equipment, jobs, memberships, forbidden }).await
}

/// Of all jobs the `most` newest, and as many that are open, as the store chooses them.
pub(super) fn newest_and_open(jobs: &mut Vec<job::Stored>, most: usize) {
    // Those that say no instant come last.
    jobs.sort_by_key(|it| std::cmp::Reverse((it.job.completed_at.or(it.job.booked_at), it.record)));
    let is_open = |it: &job::Stored| {
        it.job.is_active && !matches!(it.job.status, Some(JobStatus::Completed | JobStatus::Canceled))
    };
    let (mut place, mut open) = (0, 0);
    jobs.retain(|it| {
        place += 1;
        open += usize::from(is_open(it));
        place <= most || (is_open(it) && open <= most)
    });
}

/// The phones of a customer.
pub(super) fn phones(customer: &Customer) -> Vec<&str> {
    customer.identities_of(IdentifierKind::Phone).map(|identity| identity.identifier.value.as_str()).collect()
}

/// Properties, equipment, jobs, memberships, and what must not be texted. Our ids of their records are their keys: those of
/// a source are unique in one connection only.
#[crate::boxed]
pub(super) async fn hang(tx: &mut Tx, known: &mut Known, hanging: Hanging) -> Result<()> {
    let Hanging { properties, equipment, jobs, memberships, forbidden } = hanging;
    let mut records: Vec<RecordId> = Vec::new();
    records.extend(properties.iter().map(|it| it.record));
    records.extend(equipment.iter().map(|it| it.record));
    records.extend(jobs.iter().map(|it| it.record));
    records.extend(memberships.iter().map(|it| it.record));
    records.extend(forbidden.iter().map(|(record, _)| *record));
    let sources = Sources(context::sources_of_records(tx, &records).await?);
    let key = |record: Option<RecordId>| record.map(|id| id.to_string());
    known.properties = properties.into_iter().map(|it| sources.row(it.record, it.property)).collect();
    known.equipment = equipment
        .into_iter()
        .map(|mut it| {
            it.equipment.property_key = it.property_record.to_string();
            sources.row(it.record, it.equipment)
        })
        .collect();
    known.jobs = jobs
        .into_iter()
        .map(|mut it| {
            it.job.property_key = key(it.property_record);
            sources.row(it.record, it.job)
        })
        .collect();
    known.memberships = memberships
        .into_iter()
        .map(|mut it| {
            it.membership.property_key = key(it.property_record);
            sources.row(it.record, it.membership)
        })
        .collect();
    known.do_not_text = forbidden.into_iter().map(|(record, said)| sources.row(record, said)).collect();
    Ok(())
}

/// What colleagues and agents said by hand and stands.
async fn noted(tx: &mut Tx, id: CustomerId, known: &mut Known) -> Result<()> {
    for kind in [Kind::Preference, Kind::Note, Kind::Address] {
        note(known, kind, remark::of_customer(tx, id, kind).await?);
    }
    Ok(())
}

/// Puts what was said by hand of a kind, and stands, to what is known.
pub(super) fn note(known: &mut Known, kind: Kind, standing: Vec<Remark>) {
    let told = |remark: Remark| (Source::Hub, remark.said.told());
    match kind {
        Kind::Preference => known.preferences = standing.into_iter().map(told).collect(),
        Kind::Note => known.remarks = standing.into_iter().map(told).collect(),
        Kind::Address => {
            let customer_key = known.customer.id.to_string();
            known.properties.extend(standing.into_iter().filter_map(|remark| {
                let Said::Address { address } = remark.said else { return None };
                let customer_key = customer_key.clone();
                let property = Property { customer_key, name: None, address: Some(address), is_active: true };
                Some(Row { source: Source::Hub, key: remark.id.to_string(), value: property })
            }));
        }
    }
}

/// Which source each record comes from.
struct Sources(BTreeMap<RecordId, Source>);

impl Sources {
    fn row<T>(&self, record: RecordId, value: T) -> Row<T> {
        let source = self.0.get(&record).copied().unwrap_or(Source::Hub);
        Row { source, key: record.to_string(), value }
    }
}

/// The newest messages and calls.
async fn said(tx: &mut Tx, id: CustomerId, known: &mut Known) -> Result<()> {
    let entries = timeline::page(tx, id, None, MAX_SAID).await?;
    say(tx, known, entries).await
}

/// Puts messages and calls to what is known.
#[crate::boxed]
pub(super) async fn say(tx: &mut Tx, known: &mut Known, entries: Vec<Entry>) -> Result<()> {
    let (mut conversations, mut calls) = (Vec::new(), Vec::new());
    for entry in &entries {
        match entry {
            Entry::Message { message, .. } => conversations.push(message.conversation_id),
            Entry::Call { call } => calls.push(call.id),
        }
    }
    let conversations = context::sources_of_conversations(tx, &conversations).await?;
    let calls = context::sources_of_calls(tx, &calls).await?;
    for entry in entries {
        match entry {
            Entry::Message { message, channel } => {
                let source = conversations.get(&message.conversation_id).copied().unwrap_or(Source::Hub);
                known.messages.push(Written { source, channel, message });
            }
            Entry::Call { call } => {
                let source = calls.get(&call.id).copied().unwrap_or(Source::Hub);
                known.calls.push(Called { source, call });
            }
        }
    }
    Ok(())
}
