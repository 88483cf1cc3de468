//! What the card of a customer tells beside its golden record, and whom its entries of the audit log are about.

use std::collections::{BTreeMap, HashMap};

use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::contact::Contact;
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, ImportId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::position::{Page, Position};
use doorstep_core::record::Source;
use doorstep_core::remark::{Kind, Remark};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_core::{Scope, Timestamp};
use doorstep_store::review::Review;
use doorstep_store::{Tx, customer, import, listing, mark, record, review};

use crate::Engine;
use crate::around::Around;
use crate::error::Result;

/// Records of one customer whose import is told.
const MAX_RECORDS: usize = 200;

/// What a card tells beside the golden record.
#[derive(Debug)]
pub struct Background {
    /// The version that an edit of it is made from.
    pub version: i64,
    /// How many records it has, by where they come from.
    pub by_source: BTreeMap<Source, u64>,
    /// When the import was applied (or, before that, planned) that brought a record which a value comes from.
    pub imported_at: BTreeMap<RecordId, Timestamp>,
    /// What people said of its phones and e-mail addresses, in force.
    pub marks: Vec<mark::Stored>,
    /// Notes, preferences and addresses that stand, newest first.
    pub remarks: Vec<Remark>,
    /// Open reviews of it, each with the other customer.
    pub twins: Vec<(Review, Option<Customer>)>,
    /// With the names of those who pinned, marked and noted.
    pub around: Around,
}

/// A page of what was done to a customer.
#[derive(Debug)]
pub struct Acted {
    /// Newest first.
    pub page: Page<AuditEntry>,
    /// The customers that the entries name, by the ids that they had then.
    pub known: HashMap<CustomerId, Known>,
    /// With the names of those who did it.
    pub around: Around,
}

/// A customer that an entry names.
#[derive(Clone)]
pub struct Known {
    /// Whose card has this id today.
    pub customer: CustomerId,
    /// What that card says.
    pub display_name: Option<String>,
    /// What the oldest record says: what tells two apart who are one by now.
    pub said: Contact,
}

doorstep_core::masked_debug!(Known: customer);

impl Engine {
    /// What stands behind a golden record that was looked up.
    #[crate::boxed]
    pub async fn background(&self, scope: &Scope, customer: &Customer) -> Result<Background> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let tx = &mut tx;
        let mut by_source = BTreeMap::new();
        let mut imports: BTreeMap<RecordId, ImportId> = BTreeMap::new();
        for stored in record::of_customers(tx, &[customer.id]).await? {
            *by_source.entry(stored.record.source).or_default() += 1;
            if let Some(import) = stored.record.import.filter(|_| imports.len() < MAX_RECORDS) {
                imports.insert(stored.record.id, import);
            }
        }
        let identities = customer.identities.iter();
        let identifiers: Vec<Identifier> = identities.map(|identity| identity.identifier.clone()).collect();
        let marks = mark::find(tx, &identifiers).await?;
        let pinned_by = customer.provenance.values().filter_map(|from| from.pinned_by.as_ref());
        let mut remarks = Vec::new();
        for kind in Kind::ALL {
            remarks.append(&mut crate::remark::of_customer(tx, customer.id, kind).await?);
        }
        let said_by = remarks.iter().map(|remark| &remark.said_by);
        let actors: Vec<&Actor> = pinned_by.chain(marks.iter().map(|mark| &mark.actor)).chain(said_by).collect();
        Ok(Background {
            version: customer::version(tx, customer.id).await?.unwrap_or_default(),
            imported_at: imported_at(tx, customer, &imports).await?,
            twins: twins(tx, customer.id).await?,
            around: Around::read(tx, &actors).await?,
            by_source,
            marks,
            remarks,
        })
    }

    /// As [`Engine::activity`], with whom the entries are about.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn acted(&self, scope: &Scope, id: CustomerId, position: Option<&Position>, limit: i64) -> Result<Acted> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let page = crate::audit::activity(&mut tx, id, position, limit).await?;
        let known = known(&mut tx, &page.rows).await?;
        let actors: Vec<&Actor> = page.rows.iter().map(|entry| &entry.actor).collect();
        let around = Around::read(&mut tx, &actors).await?;
        Ok(Acted { page, known, around })
    }
}

async fn imported_at(
    tx: &mut Tx,
    customer: &Customer,
    imports: &BTreeMap<RecordId, ImportId>,
) -> Result<BTreeMap<RecordId, Timestamp>> {
    let mut read: BTreeMap<ImportId, Timestamp> = BTreeMap::new();
    let mut at = BTreeMap::new();
    for from in customer.provenance.values() {
        let Some(id) = imports.get(&from.record) else { continue };
        if !read.contains_key(id)
            && let Some(stored) = import::get(tx, *id).await?
        {
            read.insert(*id, stored.import.applied_at.unwrap_or(stored.import.created_at));
        }
        at.extend(read.get(id).map(|at| (from.record, *at)));
    }
    Ok(at)
}

async fn twins(tx: &mut Tx, id: CustomerId) -> Result<Vec<(Review, Option<Customer>)>> {
    let reviews = review::touching(tx, &[id]).await?;
    let other = |one: &Review| if one.a == id { one.b } else { one.a };
    let ids: Vec<CustomerId> = reviews.iter().map(other).collect();
    let found = if ids.is_empty() { Vec::new() } else { customer::get_many(tx, &ids).await? };
    let by_id: HashMap<CustomerId, Customer> = found.into_iter().map(|put| (put.customer.id, put.customer)).collect();
    Ok(reviews.into_iter().map(|one| (by_id.get(&other(&one)).cloned(), one)).map(|(who, one)| (one, who)).collect())
}

async fn known(tx: &mut Tx, entries: &[AuditEntry]) -> Result<HashMap<CustomerId, Known>> {
    let ids: Vec<CustomerId> = entries.iter().filter_map(pair).flatten().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let records: Vec<RecordId> = ids.iter().map(|id| RecordId::from_uuid(id.uuid())).collect();
    let records = record::get_many(tx, &records).await?;
    let customers: Vec<CustomerId> = records.iter().filter_map(|stored| stored.customer).collect();
    let rows = if customers.is_empty() { Vec::new() } else { listing::rows(tx, &customers).await? };
    let shown: HashMap<CustomerId, String> = rows.into_iter().map(|row| (row.id, row.display_name)).collect();
    let one = |stored: record::Stored| {
        let (id, customer) = (CustomerId::from_uuid(stored.record.id.uuid()), stored.customer?);
        Some((id, Known { customer, display_name: shown.get(&customer).cloned(), said: stored.record.contact }))
    };
    Ok(records.into_iter().filter_map(one).collect())
}

/// The two customers that an entry is about, if it is about two.
pub fn pair(entry: &AuditEntry) -> Option<[CustomerId; 2]> {
    let named = |name: &str| entry.details.facts().get(name)?.as_str()?.parse().ok();
    match entry.act {
        Act::ReviewDecided => Some([named("a")?, named("b")?]),
        _ => Some([entry.subject_id.as_deref()?.parse().ok()?, named("other")?]),
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::audit::Details;
    use doorstep_core::id::AuditEntryId;

    use super::*;

    #[test]
    fn an_act_is_about_one_or_two() {
        let (a, b) = ("cus_01h455vb4pex5vsknk084sn02q", "cus_01h455vb4pex5vsknk084sn03q");
        let ids = [a.parse().unwrap(), b.parse().unwrap()];
        let check = |act: Act, subject: &str, details, expected| {
            let entry = AuditEntry {
                id: AuditEntryId::from_uuid(Default::default()),
                at: Timestamp::from_micros(1_772_463_600_000_000),
                actor: Actor::Worker,
                act,
                subject: act.subject().to_owned(),
                subject_id: Some(subject.to_owned()),
                details,
            };
            assert_eq!(pair(&entry), expected);
        };
        check(Act::CustomersMerged, a, Details::none().with("other", b), Some(ids));
        check(Act::ReviewDecided, "rvw_1", Details::none().with("a", a).with("b", b), Some(ids));
        check(Act::ReviewDecided, "rvw_1", Details::none().with("a", a), None);
        check(Act::CustomerEdited, a, Details::none().with("fields", ["name"]), None);
        check(Act::CustomersMerged, a, Details::none().with("other", "<script>"), None);
    }
}
