//! Properties, equipment, jobs and memberships: the derived rows of objects that hang on people.
//!
//! A row is a function of its object's words, those of its parts, the names that it refers to, and the record that it
//! hangs on. What hangs on something that was not said yet waits: its words are stored, and its row is made when that comes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorstep_core::id::RecordId;
use doorstep_core::source::{Gone, Makes, Parent, StreamSpec};
use doorstep_core::sync::Problem;
use doorstep_store::change::Subject;
use doorstep_store::live_record::{self, Object};
use doorstep_store::{Tx, equipment, job, membership, property, record};
use doorstep_upstream::source::{Part, Reference, Said, Why};

use super::deriving::Deriving;
use super::people::problem;
use super::take::is_out;
use crate::error::Result;

/// Whether an object counts as a part of something: it is not switched off, merged away or taken out.
pub(super) fn in_use(object: &Object) -> bool {
    object.gone.is_none()
}

/// Objects as a mapping reads them.
pub(super) fn parts_of(objects: &[Object]) -> Vec<Part<'_>> {
    objects.iter().map(|it| Part { stream: &it.stream, key: &it.key, payload: &it.payload }).collect()
}

/// What an object hangs on.
#[derive(Clone, Copy)]
struct Hanging {
    customer_record: RecordId,
    /// The property, for what hangs on one.
    property_record: Option<RecordId>,
}

/// Rows to be written.
#[derive(Default)]
struct Rows {
    properties: Vec<property::Stored>,
    equipment: Vec<equipment::Stored>,
    jobs: Vec<job::Stored>,
    memberships: Vec<membership::Stored>,
    /// Objects that come to no row, or no more.
    without: Vec<RecordId>,
}

/// Which rows objects come to, before any of them is written.
pub(super) struct WorkedOut {
    makes: Makes,
    rows: Rows,
    hanging: HashMap<RecordId, Hanging>,
    /// What each object and its parts refer to, and the properties that objects name.
    wanted: HashMap<RecordId, BTreeSet<Reference>>,
    named: Vec<(RecordId, String)>,
    problems: Vec<Problem>,
}

impl Deriving<'_> {
    /// Makes the rows of objects again; what came to none, with the reason. Of those that are `new` there is none yet.
    #[crate::boxed]
    pub(super) async fn derive(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        objects: Vec<Object>,
        new: &HashSet<RecordId>,
    ) -> Result<Vec<Problem>> {
        let Some(worked_out) = self.work_out(tx, stream, &objects).await? else { return Ok(Vec::new()) };
        let WorkedOut { makes, mut rows, hanging, wanted, named, problems } = worked_out;
        let known: Vec<RecordId> = objects.iter().map(|object| object.id).filter(|id| !new.contains(id)).collect();
        self.refer(tx, &known, &wanted, named).await?;
        rows.without.retain(|id| !new.contains(id));
        self.put(tx, stream, makes, rows, (&hanging, new)).await?;
        Ok(problems)
    }

    /// Works out the rows of objects; `None` where there are no objects, or such that come to no rows. Nothing is written.
    #[crate::boxed]
    pub(super) async fn work_out(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        objects: &[Object],
    ) -> Result<Option<WorkedOut>> {
        let makes = stream
            .makes
            .iter()
            .copied()
            .find(|makes| matches!(makes, Makes::Property | Makes::Equipment | Makes::Job | Makes::Membership));
        let Some(makes) = makes.filter(|_| !objects.is_empty()) else { return Ok(None) };
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let parts = self.parts(tx, stream, &keys).await?;
        let hanging = self.hanging(tx, stream, objects).await?;
        let wanted = self.references(objects, &parts);
        let referred = self.referred(tx, &wanted).await?;
        let (mut rows, mut problems, mut named) = (Rows::default(), Vec::new(), Vec::new());
        for object in objects {
            let Some(on) = hanging.get(&object.id) else {
                rows.without.push(object.id);
                continue;
            };
            let parts = parts_of(parts.get(&object.key).map(Vec::as_slice).unwrap_or_default());
            let names = wanted.get(&object.id).into_iter().flatten().filter_map(|it| referred.get(it));
            let referred: Vec<Part<'_>> =
                names.map(|it| Part { stream: &it.stream, key: &it.key, payload: &it.payload }).collect();
            let (key, payload, region) = (object.key.as_str(), &object.payload, self.region);
            let said = Said { key, payload, parts: &parts, referred: &referred, region };
            match self.add_row(&mut rows, makes, object, *on, &said) {
                Ok(property) => named.extend(property.map(|key| (object.id, key))),
                Err(why) => {
                    rows.without.push(object.id);
                    problems.push(problem(object, why.to_string()));
                }
            }
        }
        self.place(tx, &mut rows, &named).await?;
        Ok(Some(WorkedOut { makes, rows, hanging, wanted, named, problems }))
    }

    /// The records whose stored rows are not these.
    #[crate::boxed]
    pub(super) async fn differing(&self, tx: &mut Tx, objects: &[Object], it: &WorkedOut) -> Result<Vec<RecordId>> {
        let ids: Vec<RecordId> = objects.iter().map(|object| object.id).collect();
        Ok(match it.makes {
            Makes::Property => differ(&it.rows.properties, &property::of_records(tx, &ids).await?, |it| it.record),
            Makes::Equipment => differ(&it.rows.equipment, &equipment::of_records(tx, &ids).await?, |it| it.record),
            Makes::Job => differ(&it.rows.jobs, &job::of_records(tx, &ids).await?, |it| it.record),
            Makes::Membership => differ(&it.rows.memberships, &membership::of_records(tx, &ids).await?, |it| it.record),
            Makes::Contact | Makes::DoNotText | Makes::Name => Vec::new(),
        })
    }

    /// Adds the row of one object; the key of the property that it names, if it does.
    fn add_row(
        &self,
        rows: &mut Rows,
        makes: Makes,
        object: &Object,
        on: Hanging,
        said: &Said<'_>,
    ) -> Result<Option<String>, Why> {
        let (record, customer_record, property_record) = (object.id, on.customer_record, on.property_record);
        match makes {
            Makes::Property => {
                let property = self.mapping.property(said)?;
                rows.properties.push(property::Stored { record, customer_record, property });
                Ok(None)
            }
            Makes::Equipment => {
                let equipment = self.mapping.equipment(said)?;
                let property_record = property_record.unwrap_or(customer_record);
                rows.equipment.push(equipment::Stored { record, customer_record, property_record, equipment });
                Ok(None)
            }
            Makes::Job => {
                let job = self.mapping.job(said)?;
                let key = job.property_key.clone();
                rows.jobs.push(job::Stored { record, customer_record, property_record, job });
                Ok(key)
            }
            Makes::Membership => {
                let membership = self.mapping.membership(said)?;
                let key = membership.property_key.clone();
                rows.memberships.push(membership::Stored { record, customer_record, property_record, membership });
                Ok(key)
            }
            Makes::Contact | Makes::DoNotText | Makes::Name => Ok(None),
        }
    }

    /// What each object hangs on; those that wait are left out.
    async fn hanging(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        objects: &[Object],
    ) -> Result<HashMap<RecordId, Hanging>> {
        let Parent::HangsOn(parent) = stream.parent else { return Ok(HashMap::new()) };
        let Some(parent) = self.spec.stream(parent) else { return Ok(HashMap::new()) };
        let keys: BTreeSet<&str> = objects.iter().filter_map(|object| object.parent_key.as_deref()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let heads = live_record::heads(tx, self.connection.id, parent.name, &keys).await?;
        let records: HashMap<String, RecordId> =
            heads.into_iter().filter(|(_, head)| !is_out(head)).map(|(key, head)| (key, head.id)).collect();
        let is_on_property = parent.makes.contains(&Makes::Property);
        let mut owners: HashMap<RecordId, RecordId> = HashMap::new();
        if is_on_property {
            let ids: Vec<RecordId> = records.values().copied().collect();
            let found = property::of_records(tx, &ids).await?;
            owners.extend(found.into_iter().map(|it| (it.record, it.customer_record)));
        }
        let find = |object: &Object| {
            let on = *records.get(object.parent_key.as_ref()?)?;
            let hanging = match is_on_property {
                true => Hanging { customer_record: *owners.get(&on)?, property_record: Some(on) },
                false => Hanging { customer_record: on, property_record: None },
            };
            Some((object.id, hanging))
        };
        Ok(objects.iter().filter_map(find).collect())
    }

    /// What each object and its parts refer to.
    fn references(
        &self,
        objects: &[Object],
        parts: &HashMap<String, Vec<Object>>,
    ) -> HashMap<RecordId, BTreeSet<Reference>> {
        let of = |object: &Object| self.mapping.references(&object.stream, &object.payload);
        let all = objects.iter().map(|object| {
            let theirs = parts.get(&object.key).into_iter().flatten().flat_map(of);
            (object.id, of(object).into_iter().chain(theirs).collect::<BTreeSet<Reference>>())
        });
        all.filter(|(_, references)| !references.is_empty()).collect()
    }

    async fn referred(
        &self,
        tx: &mut Tx,
        wanted: &HashMap<RecordId, BTreeSet<Reference>>,
    ) -> Result<HashMap<Reference, Object>> {
        let mut by_stream: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
        for reference in wanted.values().flatten() {
            by_stream.entry(reference.stream).or_default().insert(&reference.key);
        }
        let mut found = HashMap::new();
        for (stream, keys) in by_stream {
            let keys: Vec<&str> = keys.into_iter().collect();
            for object in live_record::by_keys(tx, self.connection.id, stream, &keys).await? {
                found.insert(Reference { stream, key: object.key.clone() }, object);
            }
        }
        let unknown = wanted.values().flatten().filter(|reference| !found.contains_key(*reference));
        // Nothing that panics is done under the lock; were it poisoned, the names in it are still names.
        let mut missing = self.missing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        missing.extend(unknown.map(|reference| reference.stream));
        drop(missing);
        Ok(found)
    }

    fn property_stream(&self) -> Option<&'static str> {
        self.spec.streams.iter().find(|stream| stream.makes.contains(&Makes::Property)).map(|stream| stream.name)
    }

    /// Finds the records of the properties that jobs and memberships name.
    async fn place(&self, tx: &mut Tx, rows: &mut Rows, named: &[(RecordId, String)]) -> Result<()> {
        let Some(stream) = self.property_stream().filter(|_| !named.is_empty()) else { return Ok(()) };
        let keys: BTreeSet<&str> = named.iter().map(|(_, key)| key.as_str()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let heads = live_record::heads(tx, self.connection.id, stream, &keys).await?;
        let find =
            |(record, key): &(RecordId, String)| Some((*record, heads.get(key).filter(|head| !is_out(head))?.id));
        let placed: HashMap<RecordId, RecordId> = named.iter().filter_map(find).collect();
        for job in &mut rows.jobs {
            job.property_record = placed.get(&job.record).copied();
        }
        for membership in &mut rows.memberships {
            membership.property_record = placed.get(&membership.record).copied();
        }
        Ok(())
    }

    /// Notes what the rows show of other objects, in place of what those of `known` objects showed.
    async fn refer(
        &self,
        tx: &mut Tx,
        known: &[RecordId],
        wanted: &HashMap<RecordId, BTreeSet<Reference>>,
        named: Vec<(RecordId, String)>,
    ) -> Result<()> {
        let names = wanted.iter().flat_map(|(id, all)| all.iter().map(|it| (*id, it.stream, it.key.clone())));
        let stream = self.property_stream().unwrap_or_default();
        let properties = named.into_iter().map(|(id, key)| (id, stream, key));
        let references: Vec<(RecordId, &str, String)> = names.chain(properties).collect();
        live_record::set_references(tx, self.connection.id, known, &references).await?;
        Ok(())
    }

    async fn put(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        makes: Makes,
        rows: Rows,
        (hanging, new): (&HashMap<RecordId, Hanging>, &HashSet<RecordId>),
    ) -> Result<()> {
        if makes == Makes::Property {
            // What stands at a property follows it to another customer, goes with it, and waited for one whose customer was
            // not said yet; what waited for a new one is marked by its arrival.
            let ids = rows.properties.iter().map(|it| it.record).filter(|id| !new.contains(id));
            let ids: Vec<RecordId> = ids.collect();
            let before = property::of_records(tx, &ids).await?;
            let before: HashMap<RecordId, RecordId> = before.iter().map(|it| (it.record, it.customer_record)).collect();
            let moved = rows.properties.iter().filter(|it| !new.contains(&it.record));
            let moved = moved.filter(|it| before.get(&it.record) != Some(&it.customer_record));
            let mut moved: Vec<RecordId> = moved.map(|it| it.record).collect();
            let gone = property::of_records(tx, &rows.without).await?;
            moved.extend(gone.iter().map(|it| it.record));
            let moved = live_record::get_many(tx, &moved).await?;
            let keys: Vec<&str> = moved.iter().map(|object| object.key.as_str()).collect();
            for child in self.spec.streams.iter().filter(|child| child.parent == Parent::HangsOn(stream.name)) {
                live_record::mark_children(tx, self.connection.id, child.name, &keys).await?;
            }
            announce(tx, before.into_values().collect()).await?;
        }
        property::put(tx, &rows.properties).await?;
        equipment::put(tx, &rows.equipment).await?;
        job::put(tx, &rows.jobs).await?;
        membership::put(tx, &rows.memberships).await?;
        self.remove_derived(tx, stream, &rows.without).await?;
        announce(tx, hanging.values().map(|on| on.customer_record).collect()).await
    }

    /// Takes the rows of these objects out.
    #[crate::boxed]
    pub(super) async fn remove_derived(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        records: &[RecordId],
    ) -> Result<()> {
        for makes in stream.makes {
            match makes {
                Makes::Property => property::remove(tx, records).await?,
                Makes::Equipment => equipment::remove(tx, records).await?,
                Makes::Job => job::remove(tx, records).await?,
                Makes::Membership => membership::remove(tx, records).await?,
                Makes::Contact | Makes::DoNotText | Makes::Name => {}
            }
        }
        Ok(())
    }
}

/// The records of which one side has no row, or another.
fn differ<T: PartialEq>(made: &[T], stored: &[T], record: impl Fn(&T) -> RecordId) -> Vec<RecordId> {
    let made: BTreeMap<RecordId, &T> = made.iter().map(|it| (record(it), it)).collect();
    let stored: BTreeMap<RecordId, &T> = stored.iter().map(|it| (record(it), it)).collect();
    let ids: BTreeSet<RecordId> = made.keys().chain(stored.keys()).copied().collect();
    ids.into_iter().filter(|id| made.get(id) != stored.get(id)).collect()
}

/// Tells whoever looks at them that something hanging on these customers changed.
async fn announce(tx: &mut Tx, records: BTreeSet<RecordId>) -> Result<()> {
    let records: Vec<RecordId> = records.into_iter().collect();
    for customer in record::customers_of(tx, &records).await?.into_values() {
        tx.announce(Subject::Customer, customer.uuid());
    }
    Ok(())
}

/// Whether an object is one that its source has no more.
pub(super) fn deleted(key: String, parent: Option<String>) -> doorstep_upstream::source::Row {
    doorstep_upstream::source::Row {
        key,
        parent,
        modified_at: None,
        gone: Some(Gone::Deleted),
        payload: serde_json::Value::Null,
    }
}
