//! What people and programs did to a customer, by days: the entries of the audit log about it, in words.

use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::customer::Field;
use doorstep_core::matching::Verdict;
use doorstep_core::remark::{Kind, Topic};
use doorstep_engine::card::{Acted, Known, pair};

use super::Moment;
use super::decisions::called;
use super::words::{self, Words};

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
pub(super) fn days(words: &Words, acted: &Acted) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in &acted.page.rows {
        let name = words.weekday(entry.at);
        let done = done(words, acted, entry);
        match days.last_mut() {
            Some(last) if last.name == name => last.acts.push(done),
            _ => days.push(Day { name, acts: vec![done] }),
        }
    }
    days
}

/// The two that an entry is about, by the names that tell them apart.
fn sides(words: &Words, acted: &Acted, entry: &AuditEntry) -> Vec<Side> {
    let Some(pair) = pair(entry) else { return Vec::new() };
    let [a, b] = pair.map(|id| acted.known.get(&id));
    let are_one = a.zip(b).is_some_and(|(a, b)| a.customer == b.customer);
    let side = |one: Option<&Known>| {
        let gone = || Side { name: "somebody who was taken out".to_owned(), href: String::new() };
        one.map_or_else(gone, |one| {
            let shown = one.display_name.as_deref().map(|name| words.address(name));
            let said = called(words, &one.said);
            let (first, second) = if are_one { (said, shown) } else { (shown, said) };
            Side { name: first.or(second).unwrap_or_default(), href: format!("/customers/{}", one.customer) }
        })
    };
    [a, b].map(side).into()
}

fn done(words: &Words, acted: &Acted, entry: &AuditEntry) -> Done {
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
        Act::RemarkAdded => ("plus", "said of the customer:", ""),
        Act::RemarkRetracted => ("undo", "took back what was said of the customer:", ""),
        Act::IdentifierMarked => ("sliders", "marked a number or address here as", ""),
        Act::IdentifierUnmarked => ("undo", "took back that a number or address here is", ""),
        other => ("clock", super::settings::did(other), ""),
    };
    Done {
        icon,
        who: acted.around.colleagues.name(&entry.actor),
        did,
        between,
        sides: sides(words, acted, entry),
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
    let kind = facts.get("kind").and_then(|kind| kind.as_str()?.parse::<Kind>().ok());
    let topic = facts.get("topic").and_then(|topic| topic.as_str()?.parse::<Topic>().ok());
    let said = kind.filter(|_| matches!(entry.act, Act::RemarkAdded | Act::RemarkRetracted)).map(words::remark);
    all.map(words::field).chain(verdict.map(words::verdict)).chain(said).chain(topic.map(Topic::label)).collect()
}

#[cfg(test)]
mod tests {
    use doorstep_core::Timestamp;
    use doorstep_core::audit::Details;
    use doorstep_core::id::AuditEntryId;
    use doorstep_core::tenant::Actor;

    use super::*;

    #[test]
    fn fields_are_named_as_people_call_them() {
        let act = Act::CustomerEdited;
        let edited = AuditEntry {
            id: AuditEntryId::from_uuid(Default::default()),
            at: Timestamp::from_micros(1_772_463_600_000_000),
            actor: Actor::Worker,
            act,
            subject: act.subject().to_owned(),
            subject_id: None,
            details: Details::none().with("fields", ["name", "notes", "shoes"]),
        };
        assert_eq!(fields(&edited), ["Name", "Notes"]);
    }
}
