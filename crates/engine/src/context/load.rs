//! What is known of a customer, from the rows of one transaction: some twenty statements, however much there is.

use std::collections::BTreeMap;

use doorstep_core::context::{Called, Known, Row, Totals, Written};
use doorstep_core::conversation::Entry;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::property::Property;
use doorstep_core::record::Source;
use doorstep_core::remark::{Kind, Remark, Said};
use doorstep_store::{Tx, consent, context, customer, equipment, job, membership, property, review, timeline};

use crate::error::Result;
use crate::remark;

/// Properties, memberships and jobs that are read at most, the newest ones: a context has room for a tenth of them, and
/// says how many more of those there are. Sums are over all rows wherever they are.
const MAX_ROWS: i64 = 200;
/// Pieces of equipment: ten at each of so many properties would be a landlord.
const MAX_EQUIPMENT: i64 = 1_000;
/// Messages and calls together; a context has room for a fifth.
const MAX_SAID: i64 = 100;

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
        // No source says it yet.
        balance: None,
        first_job_at: totals.first_at,
    };
    said(tx, id, &mut known).await?;
    noted(tx, id, &mut known).await?;
    Ok(Some(known))
}

/// Properties, equipment, jobs, memberships, and what must not be texted. Our ids of their records are their keys: those of
/// a source are unique in one connection only.
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
    let phones = known.customer.identities_of(IdentifierKind::Phone);
    let phones: Vec<&str> = phones.map(|identity| identity.identifier.value.as_str()).collect();
    let forbidden = consent::forbidden(tx, &phones).await?;
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
    let told = |remark: Remark| (Source::Hub, remark.said.told());
    known.preferences = remark::of_customer(tx, id, Kind::Preference).await?.into_iter().map(told).collect();
    known.remarks = remark::of_customer(tx, id, Kind::Note).await?.into_iter().map(told).collect();
    for remark in remark::of_customer(tx, id, Kind::Address).await? {
        if let Said::Address { address } = remark.said {
            let property =
                Property { customer_key: id.to_string(), name: None, address: Some(address), is_active: true };
            known.properties.push(Row { source: Source::Hub, key: remark.id.to_string(), value: property });
        }
    }
    Ok(())
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
