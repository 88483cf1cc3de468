//! Customers of a seed: households, people entered twice, businesses with several sites, and what belongs to them.

use super::super::row::{
    Address, Contact, ContactKind, Customer, CustomerKind, Equipment, Location, Membership, MembershipStatus, Note,
    OptOut, Place,
};
use super::super::table::Head;
use super::super::tenant::Tenant;
use super::{Seed, name, place};
use crate::stamp::{Stamp, TICKS_PER_SECOND};

/// Seconds of a year.
const YEAR: i64 = 365 * 86_400;
/// One in so many customers came with the first bulk load: they all have one stamp.
const LOADED_SHARE: u32 = 8;

/// A customer that jobs can be made for.
pub(super) struct Home {
    pub customer: i64,
    pub location: i64,
    pub created: Stamp,
}

/// Who was entered before: some come again under another name or with a house-mate's number.
struct Before {
    customer: i64,
    given: usize,
    family: &'static str,
    phone: String,
    address: Address,
}

impl Seed {
    /// A person: the display name, the place of the given name, and the family.
    pub(super) fn person(&mut self) -> (String, usize, &'static str) {
        let given = self.random.below(name::GIVEN.len() as u64) as usize;
        let family = *self.random.of(name::FAMILY);
        (self.written(given, family), given, family)
    }

    /// A name as an office writes it.
    fn written(&mut self, given: usize, family: &str) -> String {
        let (full, short) = name::GIVEN[given];
        let first = if !short.is_empty() && self.random.percent(30) { short } else { full };
        match self.random.below(20) {
            0..=2 => format!("{family}, {first}"),
            3 => format!("{} {}", first.to_uppercase(), family.to_uppercase()),
            4 => format!("{first} & {} {family}", self.random.of(name::GIVEN).0),
            5 => format!("{first}  {family} "),
            _ => format!("{first} {family}"),
        }
    }

    fn address(&mut self) -> Address {
        let number = self.random.between(1, 899);
        let street = format!("{number} {}", self.random.of(place::STREETS));
        let unit = match self.random.below(10) {
            0 => Some(format!("Apt {}", self.random.between(1, 40))),
            1 => Some(format!("#{}", self.random.between(1, 9))),
            _ => None,
        };
        let place = Place::Known(self.random.below(place::TOWNS.len() as u64) as u16);
        Address { street: street.into(), unit: unit.map(Into::into), place }
    }

    pub(super) fn people(&mut self, tenant: &mut Tenant) -> Vec<Home> {
        let count = self.size.customers;
        let loaded = count / LOADED_SHARE;
        let mut homes = Vec::with_capacity(count as usize);
        let mut before: Option<Before> = None;
        for at in 0..count {
            let created = if at < loaded { self.opened } else { self.made(at, count) };
            let home = match (&before, self.random.below(100)) {
                (_, 0..=9) => self.business(tenant, created),
                (Some(known), 10..=15) => self.again(tenant, known, created),
                (Some(known), 16..=20) => self.housemate(tenant, known, created),
                _ => {
                    let (home, known) = self.stranger(tenant, created);
                    before = Some(known);
                    home
                }
            };
            homes.push(home);
        }
        homes
    }

    /// A customer row, changed since or not; one in thirty is inactive.
    fn customer(
        &mut self,
        tenant: &mut Tenant,
        name: String,
        kind: CustomerKind,
        address: Address,
        created: Stamp,
    ) -> i64 {
        let mut head = Head::new(tenant.customers.reserve_id(), created);
        let mut changed = created;
        if self.random.percent(40) {
            changed = self.since(created);
            head.modified = if self.random.percent(20) { self.since(changed) } else { changed };
        }
        head.active = !self.random.percent(3);
        let mut tags: Vec<i64> = Vec::new();
        if self.random.percent(20) {
            tags.push(*self.random.of(&tenant.tag_types.seeded_ids()));
        }
        let balance_cents = if self.random.percent(15) { self.random.between(-5_000, 250_000) } else { 0 };
        let do_not_service = self.random.percent(1);
        let do_not_mail = self.random.percent(4);
        let id = head.id;
        tenant.customers.seed(Customer {
            head,
            name: name.into(),
            kind,
            address,
            balance_cents,
            changed,
            tags: tags.into(),
            do_not_mail,
            do_not_service,
            merged_to: None,
        });
        id
    }

    fn contact(&mut self, tenant: &mut Tenant, customer: i64, kind: ContactKind, value: &str, created: Stamp) {
        let mut head = Head::new(tenant.contacts.reserve_id(), created);
        if self.random.percent(15) {
            head.modified = self.since(created);
        }
        // Deleted ones stay in the feed.
        head.active = !self.random.percent(2);
        let memo = self.random.percent(10).then(|| (*self.random.of(&["owner", "cell", "work #", "spouse"])).into());
        let do_not_text = kind == ContactKind::MobilePhone && self.random.percent(3);
        tenant.contacts.seed(Contact { head, customer, kind, value: value.into(), memo, do_not_text });
    }

    fn reach(&mut self, tenant: &mut Tenant, customer: i64, mail: &str, created: Stamp) -> String {
        let digits = self.phone();
        let typed = self.typed(&digits);
        let kind = if self.random.percent(80) { ContactKind::MobilePhone } else { ContactKind::Phone };
        self.contact(tenant, customer, kind, &typed, created);
        if self.random.percent(20) {
            let second = self.phone();
            let second = self.typed(&second);
            self.contact(tenant, customer, ContactKind::Phone, &second, created);
        }
        if self.random.percent(60) {
            self.contact(tenant, customer, ContactKind::Email, mail, created);
        }
        if self.random.percent(1) {
            self.contact(tenant, customer, ContactKind::Fax, &digits, created);
        }
        if self.random.percent(2) {
            // What people type where a form wants something.
            let (kind, value) = *self.random.of(name::FILLERS);
            self.contact(tenant, customer, kind, value, created);
        }
        if self.random.percent(2) {
            let is_marketing_only = self.random.percent(40);
            tenant.opt_outs.push(OptOut { number: format!("+1{digits}"), is_marketing_only });
        }
        if self.random.percent(5) {
            let mut head = Head::new(tenant.notes.reserve_id(), self.since(created));
            head.modified = head.created;
            let text = (*self.random.of(name::NOTES)).into();
            tenant.notes.seed(Note { head, customer, text, is_pinned: self.random.percent(10) });
        }
        digits
    }

    fn location(&mut self, tenant: &mut Tenant, customer: i64, name: &str, address: Address, created: Stamp) -> i64 {
        let mut head = Head::new(tenant.locations.reserve_id(), created);
        if self.random.percent(10) {
            head.modified = self.since(created);
        }
        let id = head.id;
        tenant.locations.seed(Location { head, customer, name: name.into(), address, tags: Box::default() });
        self.equipment(tenant, customer, id, created);
        if self.random.percent(12) {
            self.membership(tenant, customer, id, created);
        }
        id
    }

    fn stranger(&mut self, tenant: &mut Tenant, created: Stamp) -> (Home, Before) {
        let (name, given, family) = self.person();
        let address = self.address();
        let customer = self.customer(tenant, name.clone(), CustomerKind::Residential, address.clone(), created);
        let mail = self.mail(name::GIVEN[given].0, family, customer);
        let phone = self.reach(tenant, customer, &mail, created);
        let location = self.location(tenant, customer, name.trim(), address.clone(), created);
        (Home { customer, location, created }, Before { customer, given, family, phone, address })
    }

    /// The same person entered once more; a third of them were merged since.
    fn again(&mut self, tenant: &mut Tenant, known: &Before, created: Stamp) -> Home {
        let name = self.written(known.given, known.family);
        let customer = self.customer(tenant, name.clone(), CustomerKind::Residential, known.address.clone(), created);
        let typed = self.typed(&known.phone);
        self.contact(tenant, customer, ContactKind::MobilePhone, &typed, created);
        let location = self.location(tenant, customer, name.trim(), known.address.clone(), created);
        if self.random.percent(33) {
            tenant.seed_merge(customer, known.customer);
            return Home { customer: known.customer, location, created };
        }
        Home { customer, location, created }
    }

    /// Somebody else of the same family at the same address, with the family's landline.
    fn housemate(&mut self, tenant: &mut Tenant, known: &Before, created: Stamp) -> Home {
        let given = self.random.below(name::GIVEN.len() as u64) as usize;
        let name = self.written(given, known.family);
        let customer = self.customer(tenant, name.clone(), CustomerKind::Residential, known.address.clone(), created);
        let typed = self.typed(&known.phone);
        self.contact(tenant, customer, ContactKind::Phone, &typed, created);
        let mail = self.mail(name::GIVEN[given].0, known.family, customer);
        self.reach(tenant, customer, &mail, created);
        let location = self.location(tenant, customer, name.trim(), known.address.clone(), created);
        Home { customer, location, created }
    }

    fn business(&mut self, tenant: &mut Tenant, created: Stamp) -> Home {
        let name = format!("{} {}", self.random.of(name::FAMILY), self.random.of(name::TRADES));
        let address = self.address();
        let customer = self.customer(tenant, name.clone(), CustomerKind::Commercial, address.clone(), created);
        let domain: String = name.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        let mail = format!("office@{}{customer}.alt", domain.to_lowercase());
        self.reach(tenant, customer, &mail, created);
        let location = self.location(tenant, customer, &name, address, created);
        for site in 0..self.random.below(4) {
            let address = self.address();
            self.location(tenant, customer, &format!("{name} Site {}", site + 2), address, created);
        }
        Home { customer, location, created }
    }

    /// An address at a domain that never is one (RFC 9476), and not one that is reserved for examples.
    fn mail(&mut self, given: &str, family: &str, customer: i64) -> String {
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let host = self.random.of(&["mail.alt", "home.alt", "Post.ALT"]);
        format!("{}.{}{customer}@{host}", plain(given), plain(family))
    }

    fn equipment(&mut self, tenant: &mut Tenant, customer: i64, location: i64, created: Stamp) {
        for _ in 0..self.random.below(3) {
            let head = Head::new(tenant.equipment.reserve_id(), created);
            let (name, manufacturer, model) = *self.random.of(name::EQUIPMENT);
            let serial =
                if self.random.percent(60) { format!("SN{:08}", self.random.below(99_999_999)) } else { String::new() };
            let installed =
                self.random.percent(70).then(|| Stamp(created.0 - self.random.between(0, 9) * YEAR * TICKS_PER_SECOND));
            tenant.equipment.seed(Equipment {
                head,
                location,
                customer,
                name: name.into(),
                manufacturer: manufacturer.into(),
                model: model.into(),
                serial: serial.into(),
                installed,
                warranty_end: installed.map(|it| Stamp(it.0 + 10 * YEAR * TICKS_PER_SECOND)),
                is_replaced: self.random.percent(5),
            });
        }
    }

    fn membership(&mut self, tenant: &mut Tenant, customer: i64, location: i64, created: Stamp) {
        let from = self.since(created);
        let mut head = Head::new(tenant.memberships.reserve_id(), from);
        head.modified = self.since(from);
        let kind = *self.random.of(&tenant.membership_types.seeded_ids());
        let to = self.random.percent(80).then_some(Stamp(from.0 + YEAR * TICKS_PER_SECOND));
        let status = match (to, self.random.below(10)) {
            (Some(end), _) if end < self.now => MembershipStatus::Expired,
            (_, 0) => MembershipStatus::Canceled,
            (_, 1) => MembershipStatus::Suspended,
            _ => MembershipStatus::Active,
        };
        let location = self.random.percent(70).then_some(location);
        tenant.memberships.seed(Membership { head, customer, location, kind, status, from, to });
    }
}

impl Tenant {
    /// A merge of long ago: only the rows' present state, without edits.
    fn seed_merge(&mut self, from: i64, into: i64) {
        self.customers.reseed(
            |it| it.head.id == from,
            |it| {
                it.head.active = false;
                it.merged_to = Some(into);
            },
        );
        self.locations.reseed(|it| it.customer == from, |it| it.customer = into);
        self.memberships.reseed(|it| it.customer == from, |it| it.customer = into);
        self.equipment.reseed(|it| it.customer == from, |it| it.customer = into);
    }
}
