//! Writing the difference, and nothing else.

use std::collections::HashSet;

use doorstep_core::IdMaker;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_store::review::Review;
use doorstep_store::{Tx, customer, record, review};

use super::{Draft, Outcome, Resolution};
use crate::error::{Error, Result};

/// Writes what follows where nothing is new.
#[crate::boxed]
pub(crate) async fn write_again(tx: &mut Tx, ids: &IdMaker, outcome: Outcome) -> Result<Resolution> {
    write(tx, ids, Vec::new(), |_| Vec::new(), outcome).await
}

/// Writes what is new, under the identifiers that `stored_under` says of each, and what follows.
pub(super) async fn write(
    tx: &mut Tx,
    ids: &IdMaker,
    drafts: Vec<Draft>,
    stored_under: impl Fn(&Draft) -> Vec<Identifier>,
    outcome: Outcome,
) -> Result<Resolution> {
    let now = tx.now();
    let mut new = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let hash = draft.hash();
        let identifiers = stored_under(&draft);
        let customer = outcome.of_new.get(&draft.id).copied();
        let customer = customer.ok_or_else(|| Error::Unfit("a record was left without a customer".to_owned()))?;
        new.push(record::New {
            id: draft.id,
            source: draft.source,
            stream: draft.stream.to_owned(),
            key: draft.key,
            hash,
            import: draft.import,
            payload: draft.payload,
            contact: draft.contact,
            identifiers,
            customer,
        });
    }
    timed!("writing records", record::insert(tx, new).await?);
    record::assign(tx, &outcome.moved).await?;
    let closed = outcome.closed;
    review::remove(tx, &closed).await?;
    review::rate(tx, &outcome.rated).await?;
    let removed: Vec<CustomerId> = outcome.removed.iter().map(|(id, _)| *id).collect();
    customer::remove(tx, &removed).await?;
    for (id, successor) in &outcome.removed {
        record::forward(tx, *id, *successor).await?;
    }
    timed!("writing customers", customer::put(tx, &outcome.put, &outcome.known).await?);
    let opened: Vec<Review> = outcome
        .opened
        .into_iter()
        .map(|pair| Review {
            id: ids.make(now),
            a: pair.a,
            b: pair.b,
            evidence: pair.evidence,
            created_at: now,
            score: pair.score.into(),
        })
        .collect();
    timed!("writing reviews", review::insert(tx, &opened).await?);
    let known: HashSet<CustomerId> = outcome.known.iter().map(|put| put.customer.id).collect();
    let written: HashSet<CustomerId> = outcome.put.iter().map(|put| put.customer.id).chain(removed.clone()).collect();
    let touched: Vec<CustomerId> = outcome.in_question.into_iter().filter(|id| !written.contains(id)).collect();
    customer::touch(tx, &touched).await?;
    let (changed, created) = outcome.put.iter().map(|put| put.customer.id).partition(|id| known.contains(id));
    Ok(Resolution { customers: outcome.of_new, created, removed, changed })
}
