//! What people and programs did to a customer, by days: the entries of the audit log about it, in words.

use std::collections::HashMap;

use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::customer::Field;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::matching::Verdict;
use doorstep_core::tenant::Actor;
use doorstep_store::{Tx, listing, record};

use super::Moment;
use super::decisions::called;
use super::words::{self, Colleagues, Words};
use crate::problem::Result;

/// A day with what was done on it.
pub(super) struct Day {
    pub name: String,
    pub acts: Vec<Done>,
}

/// One act: `Ann made one of A and B`.
pub(super) struct Done {
    pub icon: &'static str,
    pub who: String,
    pub did: &'static str,
    /// What stands between the two that it was about.
    pub between: &'static str,
    /// The two that it was about; none where it was about this customer alone.
    pub sides: Vec<Side>,
    pub more: String,
    pub at: Moment,
}

/// A customer that an act was about.
pub(super) struct Side {
    pub name: String,
    /// Empty for one that is gone.
    pub href: String,
}

/// Puts entries under their days, with the names of whom they are about.
pub(super) async fn days(tx: &mut Tx, words: &Words, entries: &[AuditEntry]) -> Result<Vec<Day>> {
    let actors: Vec<&Actor> = entries.iter().map(|entry| &entry.actor).collect();
    let colleagues = Colleagues::of(tx, actors.into_iter()).await?;
    let known = known(tx, words, entries).await?;
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let name = words.weekday(entry.at);
        let done = done(words, &colleagues, &known, entry);
        match days.last_mut() {
            Some(last) if last.name == name => last.acts.push(done),
            _ => days.push(Day { name, acts: vec![done] }),
        }
    }
    Ok(days)
}

/// Whom entries name.
struct Known {
    /// Whose card has this id today.
    customer: CustomerId,
    /// What the card says.
    shown: Option<String>,
    /// What the oldest record says: what tells two apart who are one by now.
    said: Option<String>,
}

async fn known(tx: &mut Tx, words: &Words, entries: &[AuditEntry]) -> Result<HashMap<CustomerId, Known>> {
    let ids: Vec<CustomerId> = entries.iter().filter_map(pair).flatten().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let records: Vec<RecordId> = ids.iter().map(|id| RecordId::from_uuid(id.uuid())).collect();
    let records = record::get_many(tx, &records).await?;
    let customers: Vec<CustomerId> = records.iter().filter_map(|stored| stored.customer).collect();
    let rows = if customers.is_empty() { Vec::new() } else { listing::rows(tx, &customers).await? };
    let shown: HashMap<CustomerId, String> =
        rows.into_iter().map(|row| (row.id, words.address(&row.display_name))).collect();
    let one = |stored: record::Stored| {
        let (id, customer) = (CustomerId::from_uuid(stored.record.id.uuid()), stored.customer?);
        let said = called(words, &stored.record.contact);
        Some((id, Known { customer, shown: shown.get(&customer).cloned(), said }))
    };
    Ok(records.into_iter().filter_map(one).collect())
}

/// The two that an entry is about, by the names that tell them apart.
fn sides(known: &HashMap<CustomerId, Known>, entry: &AuditEntry) -> Vec<Side> {
    let Some(pair) = pair(entry) else { return Vec::new() };
    let [a, b] = pair.map(|id| known.get(&id));
    let are_one = a.zip(b).is_some_and(|(a, b)| a.customer == b.customer);
    let side = |one: Option<&Known>| {
        let gone = || Side { name: "somebody who was taken out".to_owned(), href: String::new() };
        one.map_or_else(gone, |one| {
            let (first, second) = if are_one { (&one.said, &one.shown) } else { (&one.shown, &one.said) };
            let name = first.clone().or_else(|| second.clone()).unwrap_or_default();
            Side { name, href: format!("/customers/{}", one.customer) }
        })
    };
    [a, b].map(side).into()
}

/// The two customers that an entry is about, if it is about two.
fn pair(entry: &AuditEntry) -> Option<[CustomerId; 2]> {
    let named = |name: &str| entry.details.facts().get(name)?.as_str()?.parse().ok();
    match entry.act {
        Act::ReviewDecided => Some([named("a")?, named("b")?]),
        _ => Some([entry.subject_id.as_deref()?.parse().ok()?, named("other")?]),
    }
}

fn done(words: &Words, colleagues: &Colleagues, known: &HashMap<CustomerId, Known>, entry: &AuditEntry) -> Done {
    let is_merge = entry.details.facts().get("answer").and_then(|answer| answer.as_str()) == Some("merge");
    let (icon, did, between) = match entry.act {
        Act::CustomersMerged => ("merge", "made one of", "and"),
        Act::ReviewDecided if is_merge => ("merge", "made one of", "and"),
        Act::CustomersKeptApart | Act::ReviewDecided => ("merge", "kept", "apart from"),
        Act::CustomerUnmerged => ("undo", "took back that there is one of", "and"),
        Act::CustomersNotKeptApart => ("undo", "took back that", "is kept apart from"),
        Act::CustomerCreated => ("plus", "added the customer", ""),
        Act::CustomerExtended => ("plus", "added to the customer", ""),
        Act::CustomerEdited => ("pen", "wrote and pinned", ""),
        Act::CustomerUnpinned => ("undo", "took the pin back of", ""),
        Act::IdentifierMarked => ("sliders", "marked a number or address here as", ""),
        Act::IdentifierUnmarked => ("undo", "took back that a number or address here is", ""),
        other => ("clock", super::settings::did(other), ""),
    };
    Done {
        icon,
        who: colleagues.name(&entry.actor),
        did,
        between,
        sides: sides(known, entry),
        more: fields(entry).join(", "),
        at: words.moment(entry.at),
    }
}

/// The fields or the mark that an entry names, as people call them.
fn fields(entry: &AuditEntry) -> Vec<&'static str> {
    let facts = entry.details.facts();
    let several = facts.get("fields").and_then(|fields| fields.as_array()).into_iter().flatten();
    let all = several.chain(facts.get("field")).filter_map(|field| field.as_str()?.parse::<Field>().ok());
    let verdict = facts.get("verdict").and_then(|verdict| verdict.as_str()?.parse::<Verdict>().ok());
    all.map(words::field).chain(verdict.map(words::verdict)).collect()
}

#[cfg(test)]
mod tests {
    use doorstep_core::Timestamp;
    use doorstep_core::audit::Details;
    use doorstep_core::id::AuditEntryId;

    use super::*;

    fn entry(act: Act, subject: &str, details: Details) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::from_uuid(Default::default()),
            at: Timestamp::from_micros(1_772_463_600_000_000),
            actor: Actor::Worker,
            act,
            subject: act.subject().to_owned(),
            subject_id: Some(subject.to_owned()),
            details,
        }
    }

    #[test]
    fn an_act_is_about_one_or_two() {
        let (a, b) = ("cus_01h455vb4pex5vsknk084sn02q", "cus_01h455vb4pex5vsknk084sn03q");
        let ids = [a.parse().unwrap(), b.parse().unwrap()];
        let check = |act, subject, details, expected| assert_eq!(pair(&entry(act, subject, details)), expected);
        check(Act::CustomersMerged, a, Details::none().with("other", b), Some(ids));
        check(Act::ReviewDecided, "rvw_1", Details::none().with("a", a).with("b", b), Some(ids));
        check(Act::ReviewDecided, "rvw_1", Details::none().with("a", a), None);
        check(Act::CustomerEdited, a, Details::none().with("fields", ["name"]), None);
        check(Act::CustomersMerged, a, Details::none().with("other", "<script>"), None);
        let edited = entry(Act::CustomerEdited, a, Details::none().with("fields", ["name", "notes", "shoes"]));
        assert_eq!(fields(&edited), ["Name", "Notes"]);
    }
}
