//! What this process knows of customers by heart: rows of a version, looked at only by whoever has just read that this is
//! still the version. Losing any of it costs a few reads. Bounded in bytes; where room is needed the tenant that holds most
//! gives first, so that a busy one cannot push out the rest (I-29).

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorstep_core::TenantId;
use doorstep_core::context::{Assurance, Known};
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Region;

use super::Form;
use super::gather::Gather;
use super::ready::{Ready, Stood};

/// What all rows together may weigh: some thousands of customers, and a tenth of what a server may use.
const MAX_BYTES: usize = 48 * 1024 * 1024;
/// What one customer's rows may weigh; heavier ones are read each time.
const MAX_ENTRY_BYTES: usize = 1024 * 1024;
/// Forms and levels in which one customer's context is kept as it was told: text and JSON, at each level that tells anything.
const MAX_READY: usize = 6;
/// What a row weighs beside its texts: its fields, its place, what the allocator adds.
const ROW_BYTES: usize = 512;
/// Upper bounds of how long answers took, in microseconds: from a look at one version to a customer of many years over a
/// slow disk.
pub const LOAD_BOUNDS_MICROS: [u64; 10] = [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000];

type Key = (TenantId, CustomerId);

struct Entry {
    version: i64,
    known: Arc<Known>,
    /// What was told of them, in each form and for each level that was asked for.
    ready: Vec<Arc<Ready>>,
    bytes: usize,
    /// When it was used last, in uses.
    used: u64,
}

/// What is held of one tenant.
#[derive(Default)]
struct Shelf {
    entries: HashMap<CustomerId, Entry>,
    /// By use, the longest unused first.
    order: BTreeMap<u64, CustomerId>,
    bytes: usize,
    /// The country in which the tenant was last seen to be.
    country: Option<Region>,
}

impl Shelf {
    fn take(&mut self, id: CustomerId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.order.remove(&entry.used);
        self.bytes -= entry.bytes;
        Some(entry)
    }

    fn add(&mut self, id: CustomerId, entry: Entry) {
        self.order.insert(entry.used, id);
        self.bytes += entry.bytes;
        self.entries.insert(id, entry);
    }
}

#[derive(Default)]
struct Shelves {
    of: HashMap<TenantId, Shelf>,
    bytes: usize,
    uses: u64,
}

/// How long answers took: how many up to each bound, how many at all, and how long together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loads {
    /// Of each of [`LOAD_BOUNDS_MICROS`], how many took no longer and longer than the one before.
    pub up_to: [u64; LOAD_BOUNDS_MICROS.len()],
    /// All of them.
    pub count: u64,
    /// Together, in microseconds.
    pub micros: u64,
}

/// How contexts were served by this process so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answers from rows that were at hand.
    pub cached: Loads,
    /// Answers whose rows were read.
    pub read: Loads,
    /// Answers as text of which something did not fit into its budget.
    pub cut: u64,
    /// Bytes of rows at hand, about.
    pub bytes: u64,
    /// Customers whose rows are at hand.
    pub customers: u64,
}

impl Figures {
    /// Answers from rows at hand among all answers; `None` before the first.
    pub fn hit_ratio(&self) -> Option<f64> {
        let all = self.cached.count + self.read.count;
        (all > 0).then(|| self.cached.count as f64 / all as f64)
    }
}

#[derive(Default)]
struct Counters {
    up_to: [AtomicU64; LOAD_BOUNDS_MICROS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Counters {
    fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(place) = LOAD_BOUNDS_MICROS.iter().position(|bound| micros <= *bound) {
            self.up_to[place].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn loads(&self) -> Loads {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut up_to = [0; LOAD_BOUNDS_MICROS.len()];
        up_to.iter_mut().zip(&self.up_to).for_each(|(to, from)| *to = read(from));
        Loads { up_to, count: read(&self.count), micros: read(&self.micros) }
    }
}

/// One process' memory of customers.
#[derive(Default)]
pub(crate) struct Cache {
    shelves: Mutex<Shelves>,
    /// Who asks how it stands with customers, by id.
    pub(super) customers: Gather<CustomerId, Stood>,
    /// The same by what they are known by.
    pub(super) identifiers: Gather<Identifier, Stood>,
    cached: Counters,
    read: Counters,
    cut: AtomicU64,
}

impl Cache {
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of exactly that version.
    pub(super) fn get(&self, key: Key, version: i64) -> Option<Arc<Known>> {
        self.shelves().entry(key, version).map(|entry| entry.known.clone())
    }

    /// What was told of exactly that version, at that level and in that form.
    pub(super) fn ready(&self, key: Key, version: i64, level: Assurance, form: Form) -> Option<Arc<Ready>> {
        let mut guard = self.shelves();
        guard.entry(key, version)?.ready.iter().find(|it| it.level == level && it.form == form).cloned()
    }

    /// The country in which a tenant was last seen to be; to be believed by whoever reads that it still is.
    pub(super) fn country(&self, tenant: TenantId) -> Option<Region> {
        self.shelves().of.get(&tenant)?.country
    }

    /// Notes the country in which a tenant is, if anything of it is at hand.
    pub(super) fn note_country(&self, tenant: TenantId, country: Region) {
        if let Some(shelf) = self.shelves().of.get_mut(&tenant) {
            shelf.country = Some(country);
        }
    }

    /// Whether anything was told of a customer whose rows are at hand, of whatever version.
    pub(super) fn has_ready(&self, (tenant, id): Key) -> bool {
        let guard = self.shelves();
        guard.of.get(&tenant).and_then(|shelf| shelf.entries.get(&id)).is_some_and(|entry| !entry.ready.is_empty())
    }

    /// Keeps what was told of rows that are at hand, in place of what was told before at that level and in that form.
    pub(super) fn keep(&self, (tenant, id): Key, version: i64, ready: Arc<Ready>) {
        let mut guard = self.shelves();
        let Shelves { of, bytes: all, .. } = &mut *guard;
        let Some(shelf) = of.get_mut(&tenant) else { return };
        let Some(entry) = shelf.entries.get_mut(&id).filter(|entry| entry.version == version) else { return };
        let before = entry.bytes;
        entry.ready.retain(|it| it.level != ready.level || it.form != ready.form);
        entry.ready.push(ready);
        if entry.ready.len() > MAX_READY {
            entry.ready.remove(0);
        }
        entry.bytes = weight(&entry.known) + entry.ready.iter().map(|it| it.bytes).sum::<usize>();
        shelf.bytes = shelf.bytes - before + entry.bytes;
        *all = *all - before + entry.bytes;
        guard.make_room(MAX_BYTES);
    }

    /// The rows at hand, whatever their version.
    pub(super) fn newest(&self, (tenant, id): Key) -> Option<(Arc<Known>, i64)> {
        let guard = self.shelves();
        let entry = guard.of.get(&tenant)?.entries.get(&id)?;
        Some((entry.known.clone(), entry.version))
    }

    /// Keeps rows, unless newer ones are at hand by now.
    pub(super) fn put(&self, (tenant, id): Key, version: i64, known: Arc<Known>) {
        let bytes = weight(&known);
        let mut guard = self.shelves();
        let Shelves { of, bytes: all, uses } = &mut *guard;
        let shelf = of.entry(tenant).or_default();
        if shelf.entries.get(&id).is_some_and(|entry| entry.version > version) {
            return;
        }
        if let Some(old) = shelf.take(id) {
            *all -= old.bytes;
        }
        if bytes <= MAX_ENTRY_BYTES {
            *uses += 1;
            *all += bytes;
            shelf.add(id, Entry { version, known, ready: Vec::new(), bytes, used: *uses });
        }
        guard.make_room(MAX_BYTES);
    }

    /// Drops what is known of a customer that is no more.
    pub(super) fn forget(&self, tenant: TenantId, id: CustomerId) {
        let mut guard = self.shelves();
        let gone = guard.of.get_mut(&tenant).and_then(|shelf| shelf.take(id)).map_or(0, |entry| entry.bytes);
        guard.bytes -= gone;
    }

    /// Notes how long an answer took.
    pub(super) fn note_load(&self, is_cached: bool, took: Duration) {
        if is_cached { self.cached.note(took) } else { self.read.note(took) }
    }

    /// Notes that something did not fit into a text.
    pub(super) fn note_cut(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn figures(&self) -> Figures {
        let guard = self.shelves();
        let customers = guard.of.values().map(|shelf| shelf.entries.len() as u64).sum();
        Figures {
            cached: self.cached.loads(),
            read: self.read.loads(),
            cut: self.cut.load(Ordering::Relaxed),
            bytes: guard.bytes as u64,
            customers,
        }
    }
}

impl Shelves {
    /// What is held of exactly that version; it is used by this.
    fn entry(&mut self, (tenant, id): Key, version: i64) -> Option<&Entry> {
        let shelf = self.of.get_mut(&tenant)?;
        let entry = shelf.entries.get_mut(&id).filter(|entry| entry.version == version)?;
        self.uses += 1;
        shelf.order.remove(&entry.used);
        entry.used = self.uses;
        shelf.order.insert(entry.used, id);
        Some(entry)
    }

    /// Lets go what was not used for longest, of the tenant that holds most.
    fn make_room(&mut self, most: usize) {
        while self.bytes > most {
            let Some((tenant, shelf)) = self.of.iter_mut().max_by_key(|(_, shelf)| shelf.bytes) else { return };
            let tenant = *tenant;
            let oldest = shelf.order.first_key_value().map(|(_, id)| *id);
            match oldest.and_then(|id| shelf.take(id)) {
                Some(entry) => self.bytes -= entry.bytes,
                None => {
                    self.of.remove(&tenant);
                }
            }
        }
    }
}

/// What rows weigh, about.
fn weight(known: &Known) -> usize {
    let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let customer = &known.customer;
    let texts = customer.display_name.len() + of(&customer.notes) + of(&customer.address) + of(&customer.company);
    let messages = known.messages.iter().map(|it| it.message.body.len() + it.message.attachments.len() * ROW_BYTES);
    let calls = known.calls.iter().map(|it| of(&it.call.voicemail_text));
    let jobs = known.jobs.iter().map(|it| of(&it.value.summary) + it.value.appointments.len() * ROW_BYTES);
    let equipment = known.equipment.iter().map(|it| of(&it.value.memo) + ROW_BYTES);
    let rows = customer.identities.len() + known.messages.len() + known.calls.len() + known.jobs.len();
    let rows = rows + known.properties.len() + known.memberships.len() + known.do_not_text.len() + 4;
    texts + messages.chain(calls).chain(jobs).chain(equipment).sum::<usize>() + rows * ROW_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorstep_core::Timestamp;
    use doorstep_core::customer::Customer;
    use uuid::Uuid;

    fn known(number: u128, notes: usize) -> (CustomerId, Arc<Known>) {
        let id = CustomerId::from_uuid(Uuid::from_u128(number));
        let customer = Customer {
            id,
            display_name: String::new(),
            company: None,
            phone: None,
            email: None,
            address: None,
            notes: Some("x".repeat(notes)),
            balance: None,
            identities: Vec::new(),
            first_seen_at: Timestamp::from_micros(0),
            provenance: Default::default(),
        };
        (id, Arc::new(Known::new(customer)))
    }

    #[test]
    fn only_the_version_that_was_asked_for_is_given_and_an_older_one_does_not_come_back() {
        let (cache, tenant) = (Cache::default(), TenantId::from_number(1));
        let (id, first) = known(1, 1);
        let (_, second) = known(1, 2);
        cache.put((tenant, id), 7, first.clone());
        assert!(cache.get((tenant, id), 8).is_none());
        assert!(cache.get((TenantId::from_number(2), id), 7).is_none(), "another tenant's");
        cache.put((tenant, id), 8, second.clone());
        cache.put((tenant, id), 7, first);
        assert!(Arc::ptr_eq(&cache.get((tenant, id), 8).unwrap(), &second));
        cache.forget(tenant, id);
        assert_eq!((cache.get((tenant, id), 8).is_none(), cache.figures().bytes), (true, 0));
    }

    #[test]
    fn the_tenant_that_holds_most_gives_first_and_what_was_used_stays() {
        let mut shelves = Shelves::default();
        let add = |shelves: &mut Shelves, tenant: i64, number: u128| {
            let (id, known) = known(number, 1_000);
            let bytes = weight(&known);
            shelves.uses += 1;
            shelves.bytes += bytes;
            let entry = Entry { version: 1, known, ready: Vec::new(), bytes, used: shelves.uses };
            shelves.of.entry(TenantId::from_number(tenant)).or_default().add(id, entry);
            bytes
        };
        let bytes = add(&mut shelves, 1, 1);
        for number in 2..12 {
            add(&mut shelves, 2, number);
        }
        shelves.make_room(bytes * 5);
        let held = |tenant: i64| shelves.of[&TenantId::from_number(tenant)].entries.len();
        assert_eq!((held(1), held(2), shelves.bytes), (1, 4, bytes * 5));
        let ids: Vec<u128> =
            shelves.of[&TenantId::from_number(2)].order.values().map(|id| id.uuid().as_u128()).collect();
        assert_eq!(ids, [8, 9, 10, 11], "those used last");
    }

    #[test]
    fn what_is_too_heavy_is_not_kept() {
        let (cache, tenant) = (Cache::default(), TenantId::from_number(1));
        let (id, heavy) = known(1, MAX_ENTRY_BYTES);
        cache.put((tenant, id), 1, heavy);
        assert!(cache.get((tenant, id), 1).is_none());
    }
}
