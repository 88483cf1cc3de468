//! What a source says about people: the contact of each from its own words and those of its parts, and whose it is, by the
//! same calls as everything else that is resolved.

use std::collections::{BTreeSet, HashMap, HashSet};

use doorstep_core::contact::{Contact, ContactRecord};
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::matching::Rules;
use doorstep_core::source::StreamSpec;
use doorstep_core::sync::Problem;
use doorstep_core::tenant::Actor;
use doorstep_store::live_record::{self, Object};
use doorstep_store::record::Stored;
use doorstep_store::{Tx, decision, identifier, record};
use doorstep_upstream::source::{Said, Why};

use super::derive::{in_use, parts_of};
use super::deriving::Deriving;
use super::take::is_out;
use crate::error::Result;
use crate::resolve::{self, Start};
use crate::rules;

/// People about whom something is said that was not.
#[derive(Default)]
pub(super) struct People {
    /// The keys of those whose contact is to be worked out again.
    pub keys: BTreeSet<String>,
    /// Records whose last word is kept already in this transaction.
    pub kept: HashSet<RecordId>,
    /// Records that are to be taken out.
    pub going: Vec<RecordId>,
    /// The keys of those that are new, or back.
    pub arrived: Vec<String>,
    /// Records whose source has merged them into the object of this key.
    pub joined: Vec<(RecordId, String)>,
    /// Records whose source had merged them into the object of this key, and has it no more.
    pub parted: Vec<(RecordId, String)>,
}

/// What is changed about whose records are, and where to look for whom that concerns.
#[derive(Default)]
struct Around {
    records: BTreeSet<RecordId>,
    identifiers: Vec<Identifier>,
    customers: BTreeSet<CustomerId>,
}

impl Deriving<'_> {
    /// Works the contacts out again and resolves whoever it concerns; who could not be made out, with the reason.
    #[crate::boxed]
    pub(super) async fn people(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        people: People,
    ) -> Result<Vec<Problem>> {
        let keys: Vec<&str> = people.keys.iter().map(String::as_str).collect();
        let objects = live_record::by_keys(tx, self.connection.id, stream.name, &keys).await?;
        let (mut contacts, mut problems) = (Vec::new(), Vec::new());
        for (object, contact) in self.contacts(tx, stream, &objects).await? {
            match contact {
                Ok(contact) if is_known(object, &contact, &people) => {}
                Ok(contact) => contacts.push((object.id, contact)),
                // I-04: what cannot be read any more takes away nothing that was.
                Err(why) => problems.push(problem(object, why.to_string())),
            }
        }
        self.settle(tx, stream, contacts, people).await?;
        Ok(problems)
    }

    /// What is said of each of these people, from its own words and those of its parts.
    pub(super) async fn contacts<'o>(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        objects: &'o [Object],
    ) -> Result<Vec<(&'o Object, std::result::Result<Contact, Why>)>> {
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let parts = self.parts(tx, stream, &keys).await?;
        let one = |object: &'o Object| {
            let parts = parts_of(parts.get(&object.key).map(Vec::as_slice).unwrap_or_default());
            let (key, payload, region) = (object.key.as_str(), &object.payload, self.region);
            (object, self.mapping.contact(&Said { key, payload, parts: &parts, referred: &[], region }))
        };
        Ok(objects.iter().map(one).collect())
    }

    /// The parts of objects of a stream that are in use, by the key of the object.
    #[crate::boxed]
    pub(super) async fn parts(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        keys: &[&str],
    ) -> Result<HashMap<String, Vec<Object>>> {
        let mut found: HashMap<String, Vec<Object>> = HashMap::new();
        for part in self.spec.parts_of(stream.name) {
            for object in live_record::of_parents(tx, self.connection.id, part.name, keys).await? {
                let Some(parent) = object.parent_key.clone().filter(|_| in_use(&object)) else { continue };
                found.entry(parent).or_default().push(object);
            }
        }
        Ok(found)
    }

    async fn settle(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        contacts: Vec<(RecordId, Contact)>,
        people: People,
    ) -> Result<()> {
        let rules = rules(tx).await?;
        let mut around = Around::default();
        let ids: Vec<RecordId> = contacts.iter().map(|(id, _)| *id).chain(people.going.iter().copied()).collect();
        let stored = record::get_many(tx, &ids).await?;
        let somebodys = || stored.iter().filter(|stored| stored.customer.is_some());
        let says: HashMap<RecordId, &Contact> = contacts.iter().map(|(id, contact)| (*id, contact)).collect();
        around
            .identifiers
            .extend(somebodys().flat_map(|stored| went(&rules, &stored.record, says.get(&stored.record.id).copied())));
        around.customers.extend(somebodys().filter_map(|stored| stored.customer));
        let customers: Vec<CustomerId> = around.customers.iter().copied().collect();
        around.records.extend(record::ids_of_customers(tx, &customers).await?);
        around.records.extend(contacts.iter().map(|(id, _)| *id));
        let going: HashSet<RecordId> = people.going.iter().copied().collect();
        let is_to_keep = |id: &RecordId| !people.kept.contains(id) && !going.contains(id);
        let unkept: Vec<RecordId> = somebodys().map(|stored| stored.record.id).filter(is_to_keep).collect();
        live_record::keep_versions(tx, &unkept).await?;
        live_record::set_contacts(tx, &contacts).await?;
        put_identifiers(tx, &rules, &stored, &contacts).await?;
        live_record::take_out(tx, &people.going).await?;
        self.follow_merges(tx, stream, &people, &mut around).await?;
        around.records.retain(|id| !going.contains(id));
        if around.records.is_empty() && around.customers.is_empty() {
            return Ok(());
        }
        let records: Vec<RecordId> = around.records.into_iter().collect();
        let start = Start {
            identifiers: &around.identifiers,
            records: &records,
            customers: &customers,
            limit: self.engine.max_component,
            ..Start::default()
        };
        resolve::again(tx, &self.engine.ids, &rules, &start).await?;
        Ok(())
    }

    /// What a source has merged is linked, as if a person had said so: it can be taken back like any decision, and a
    /// person's word that two are not one stands above it.
    async fn follow_merges(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        people: &People,
        around: &mut Around,
    ) -> Result<()> {
        let mut joined = people.joined.clone();
        let arrived: Vec<&str> = people.arrived.iter().map(String::as_str).collect();
        for loser in live_record::merged_into(tx, self.connection.id, stream.name, &arrived).await? {
            if let Some(doorstep_core::source::Gone::Merged { into }) = loser.gone {
                joined.push((loser.id, into));
            }
        }
        let named: Vec<&str> = joined.iter().chain(&people.parted).map(|(_, into)| into.as_str()).collect();
        if named.is_empty() {
            return Ok(());
        }
        let heads = live_record::heads(tx, self.connection.id, stream.name, &named).await?;
        let find = |(loser, into): &(RecordId, String)| {
            let survivor = heads.get(into).filter(|head| !is_out(head) && head.id != *loser)?;
            Some((*loser, survivor.id))
        };
        let pairs: BTreeSet<(RecordId, RecordId)> = joined.iter().filter_map(find).collect();
        for (loser, survivor) in pairs {
            if decisions_between(tx, loser, survivor).await?.is_empty() {
                let id = self.engine.ids.make(tx.now());
                let link = Decision { id, verb: Verb::Link, a: loser, b: survivor };
                let reason = format!("merged at the source ({})", self.connection.source.label());
                decision::put(tx, &link, Some(&reason), &Actor::Worker).await?;
            }
            around.records.extend([loser, survivor]);
        }
        for (loser, survivor) in people.parted.iter().filter_map(find).collect::<Vec<_>>() {
            let between = decisions_between(tx, loser, survivor).await?;
            let ids: Vec<_> = between.iter().filter(|it| it.verb == Verb::Link).map(|it| it.id).collect();
            let stored = decision::get_many(tx, &ids).await?;
            let ours: Vec<_> = stored.iter().filter(|it| it.actor == Actor::Worker).map(|it| it.id).collect();
            decision::retract(tx, &ours, &Actor::Worker).await?;
            around.records.extend([loser, survivor]);
        }
        Ok(())
    }
}

/// What a record is compared by no more, or under another name: whoever has it is looked at again.
fn went(rules: &Rules, before: &ContactRecord, now: Option<&Contact>) -> Vec<Identifier> {
    let mut gone = rules.compared_by(before);
    if let Some(now) = now.filter(|now| (&now.name, &now.company) == (&before.contact.name, &before.contact.company)) {
        let now: HashSet<Identifier> =
            rules.compared_by(&ContactRecord { contact: now.clone(), ..before.clone() }).into_iter().collect();
        gone.retain(|identifier| !now.contains(identifier));
    }
    gone
}

/// Whether that is what the object's record says already, and is somebody's by.
fn is_known(object: &Object, contact: &Contact, people: &People) -> bool {
    object.customer.is_some() && *contact == object.contact && !people.arrived.contains(&object.key)
}

/// The decisions in force between two records.
async fn decisions_between(tx: &mut Tx, a: RecordId, b: RecordId) -> Result<Vec<Decision>> {
    let mut touching = decision::touching(tx, &[a]).await?;
    touching.retain(|it| (it.a, it.b) == (a, b) || (it.a, it.b) == (b, a));
    Ok(touching)
}

/// Says by what records are found, now that they say something else.
async fn put_identifiers(
    tx: &mut Tx,
    rules: &Rules,
    stored: &[Stored],
    contacts: &[(RecordId, Contact)],
) -> Result<()> {
    let by_id: HashMap<RecordId, &ContactRecord> = stored.iter().map(|it| (it.record.id, &it.record)).collect();
    let ids: Vec<RecordId> = contacts.iter().map(|(id, _)| *id).collect();
    let before: HashSet<identifier::Link> = identifier::of_records(tx, &ids).await?.into_iter().collect();
    let mut now: HashSet<identifier::Link> = HashSet::new();
    for (id, contact) in contacts {
        let Some(record) = by_id.get(id) else { continue };
        let record = ContactRecord { contact: contact.clone(), ..(*record).clone() };
        now.extend(rules.stored_under(&record).into_iter().map(|identifier| (*id, identifier)));
    }
    let gone: Vec<identifier::Link> = before.difference(&now).cloned().collect();
    identifier::remove(tx, &gone).await?;
    identifier::insert(tx, now.difference(&before).cloned().collect()).await?;
    Ok(())
}

/// What is wrong with an object.
pub(super) fn problem(object: &Object, reason: String) -> Problem {
    Problem { stream: object.stream.clone(), key: Some(object.key.clone()), reason }
}
