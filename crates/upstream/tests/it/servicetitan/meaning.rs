//! What the sim's people, houses and jobs come to in our words, and what an office does to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use doorstep_core::phone::Region;
use doorstep_core::source::{Cursor, Gone, Makes};
use doorstep_sim::world::row::ContactKind;
use doorstep_sim::{Edit, Specs};
use doorstep_upstream::servicetitan::{SPEC, ServiceTitan, ServiceTitanMapping};
use doorstep_upstream::source::{Mapping, Part, Reference, Row, Said, Source};
use serde_json::Value;

use crate::house::{House, Told, drain};

/// What a hub holds: by stream, the rows and where it goes on.
#[derive(Default)]
struct Hub(BTreeMap<&'static str, (Told, Option<Cursor>)>);

impl Hub {
    async fn read(&mut self, source: &ServiceTitan) {
        for stream in SPEC.streams {
            let (told, cursor) = self.0.entry(stream.name).or_default();
            *cursor = drain(source, stream, cursor.take(), told).await.unwrap().pop();
        }
    }

    fn told(&self, stream: &str) -> &Told {
        &self.0[stream].0
    }

    /// Maps one row with its parts and what they refer to.
    fn map<T>(&self, stream: &str, row: &Row, map: impl Fn(&Said<'_>) -> T) -> T {
        let mut parts = Vec::new();
        let mut wanted = ServiceTitanMapping.references(stream, &row.payload);
        for of in SPEC.parts_of(stream) {
            for part in
                self.told(of.name).values().filter(|it| it.gone.is_none() && it.parent.as_ref() == Some(&row.key))
            {
                wanted.extend(ServiceTitanMapping.references(of.name, &part.payload));
                parts.push(Part { stream: of.name, key: &part.key, payload: &part.payload });
            }
        }
        let known = |it: &Reference| self.told(it.stream).get(&it.key).map(|row| (it.stream, row));
        let part = |(stream, row)| -> Part<'_> {
            let row: &Row = row;
            Part { stream, key: &row.key, payload: &row.payload }
        };
        let referred: Vec<Part<'_>> = wanted.iter().filter_map(known).map(part).collect();
        map(&Said { key: &row.key, payload: &row.payload, parts: &parts, referred: &referred, region: Region::US })
    }

    /// Everything that a stream makes, by key, as the store would keep it.
    fn nouns(&self, stream: &str) -> BTreeMap<String, Value> {
        let makes = SPEC.stream(stream).unwrap().makes;
        let noun = |row: &Row| {
            self.map(stream, row, |said| match makes {
                [Makes::Contact] => serde_json::to_value(ServiceTitanMapping.contact(said).unwrap()),
                [Makes::Property] => serde_json::to_value(ServiceTitanMapping.property(said).unwrap()),
                [Makes::Equipment] => serde_json::to_value(ServiceTitanMapping.equipment(said).unwrap()),
                [Makes::Job] => serde_json::to_value(ServiceTitanMapping.job(said).unwrap()),
                [Makes::Membership] => serde_json::to_value(ServiceTitanMapping.membership(said).unwrap()),
                other => panic!("{other:?}"),
            })
        };
        self.told(stream).iter().map(|(key, row)| (key.clone(), noun(row).unwrap())).collect()
    }
}

fn edit(house: &House, edit: Edit) {
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, edit.clone()), "{edit:?}");
    });
    house.sim.advance(Duration::from_secs(60));
}

/// Two customers that are in use and have a mobile phone each.
fn two(house: &House) -> (i64, i64) {
    house.sim.world(|world| {
        let tenant = world.first();
        let has = |id: i64| {
            tenant.contacts.iter().any(|it| it.customer == id && it.kind == ContactKind::MobilePhone && it.head.active)
        };
        let mut found = tenant.customers.iter().filter(|it| it.head.active && has(it.head.id)).map(|it| it.head.id);
        (found.next().unwrap(), found.next().unwrap())
    })
}

#[tokio::test]
async fn every_field_that_is_mapped_is_seen_and_nothing_is_refused() {
    let house = House::sized(400).await;
    house.office(300);
    let mut hub = Hub::default();
    hub.read(&house.source(0)).await;
    let check = |stream: &str, expected: &[&str]| {
        let fields: BTreeSet<String> = hub
            .nouns(stream)
            .into_values()
            .flat_map(|noun| noun.as_object().unwrap().clone().into_iter())
            .map(|it| it.0)
            .collect();
        assert_eq!(fields.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{stream}");
    };
    check(
        "customers",
        &["addresses", "balance", "company", "emails", "first_seen_at", "last_seen_at", "name", "phones"],
    );
    check("locations", &["address", "customer_key", "is_active", "name"]);
    check(
        "installed_equipment",
        &[
            "customer_key",
            "installed_on",
            "is_active",
            "manufacturer",
            "model",
            "name",
            "property_key",
            "serial_number",
            "status",
            "warranty_ends_on",
        ],
    );
    check(
        "jobs",
        &[
            "appointments",
            "booked_at",
            "completed_at",
            "customer_key",
            "is_active",
            "number",
            "property_key",
            "status",
            "summary",
            "technicians",
            "total",
            "type_name",
        ],
    );
    check(
        "memberships",
        &["canceled_on", "customer_key", "from", "is_active", "property_key", "status", "to", "type_name"],
    );
}

#[tokio::test]
async fn money_is_what_the_books_have_to_the_cent() {
    let house = House::sized(200).await;
    let mut hub = Hub::default();
    hub.read(&house.source(0)).await;
    let ours: i64 = hub.nouns("jobs").values().filter_map(|job| job["total"].as_i64()).sum();
    let theirs: i64 = house.sim.world(|world| world.first().jobs.iter().filter_map(|job| job.total_cents).sum());
    assert_eq!(ours, theirs);
    assert!(theirs > 0);
}

#[tokio::test]
async fn a_number_that_was_put_right_changes_the_person_though_the_customers_stamp_stays() {
    let house = House::small().await;
    let source = house.source(0);
    let mut hub = Hub::default();
    hub.read(&source).await;
    let (somebody, _) = two(&house);
    let key = somebody.to_string();
    let stamp = hub.told("customers")[&key].modified_at;
    let contact = house.sim.world(|world| {
        let is_it = |it: &&doorstep_sim::world::row::Contact| {
            it.customer == somebody && it.kind == ContactKind::MobilePhone && it.head.active
        };
        world.first().contacts.iter().find(is_it).unwrap().head.id
    });
    edit(&house, Edit::SetContact { contact, value: "(617) 782-9876".to_owned() });
    hub.read(&source).await;
    assert_eq!(hub.told("customers")[&key].modified_at, stamp);
    assert_eq!(hub.told("customer_contacts")[&contact.to_string()].parent.as_ref(), Some(&key));
    let phones = hub.nouns("customers")[&key]["phones"].clone();
    assert!(phones.as_array().unwrap().contains(&"+16177829876".into()), "{phones}");
    // And when it is deleted, it is gone from the person.
    edit(&house, Edit::DeleteContact { contact });
    hub.read(&source).await;
    assert_eq!(hub.told("customer_contacts")[&contact.to_string()].gone, Some(Gone::Deleted));
    let phones = hub.nouns("customers")[&key]["phones"].clone();
    assert!(!phones.as_array().is_some_and(|phones| phones.contains(&"+16177829876".into())), "{phones}");
}

#[tokio::test]
async fn a_customer_that_was_merged_away_names_the_one_it_lives_on_in() {
    let house = House::small().await;
    let source = house.source(0);
    let mut hub = Hub::default();
    hub.read(&source).await;
    let (from, into) = two(&house);
    edit(&house, Edit::Merge { from, into });
    hub.read(&source).await;
    let row = &hub.told("customers")[&from.to_string()];
    assert_eq!(row.gone, Some(Gone::Merged { into: into.to_string() }));
    // Its jobs went along.
    let jobs = hub.nouns("jobs");
    assert!(jobs.values().all(|job| job["customer_key"] != from.to_string().as_str()));
    // Its contacts are not to be had any more, which is no failure.
    let contact = hub.told("customer_contacts").values().find(|it| it.parent.as_deref() == Some(&from.to_string()));
    if let Some(contact) = contact {
        source.read("customer_contacts", &contact.key, contact.parent.as_deref()).await.unwrap();
    }
}

#[tokio::test]
async fn a_customer_that_is_switched_off_and_on_again_is_told_both_times() {
    let house = House::small().await;
    let source = house.source(0);
    let mut hub = Hub::default();
    let (customer, _) = two(&house);
    let mut check = async |active: bool, expected: Option<Gone>| {
        edit(&house, Edit::SetActive { customer, active });
        hub.read(&source).await;
        assert_eq!(hub.told("customers")[&customer.to_string()].gone, expected);
    };
    check(false, Some(Gone::Inactive)).await;
    check(true, None).await;
}

#[tokio::test]
async fn numbers_that_have_opted_out_are_told_and_so_are_refused_contacts() {
    let house = House::small().await;
    let source = house.source(0);
    let contact = house.sim.world(|world| {
        let is_it = |it: &&doorstep_sim::world::row::Contact| it.kind == ContactKind::MobilePhone && it.head.active;
        world.first().contacts.iter().find(is_it).unwrap().head.id
    });
    edit(&house, Edit::OptOut { number: "+16177821234".to_owned() });
    edit(&house, Edit::SetDoNotText { contact, refused: true });
    let mut hub = Hub::default();
    hub.read(&source).await;
    let said = |stream: &str, key: &str| {
        let row = &hub.told(stream)[key];
        ServiceTitanMapping.do_not_text(stream, &row.payload, Region::US).map(|it| it.phone.as_str().to_owned())
    };
    assert_eq!(said("opt_outs", "+16177821234").as_deref(), Some("+16177821234"));
    assert!(said("customer_contacts", &contact.to_string()).is_some());
}

#[tokio::test]
async fn a_day_at_the_office_comes_to_the_same_as_reading_it_all_in_the_evening() {
    for seed in 1..=3 {
        let options = doorstep_sim::Options { seed, size: doorstep_sim::Size::of(60), ..Default::default() };
        let house = House::of(options).await;
        let source = house.source(0);
        house.sim.faults(|faults| faults.manners.export_size = 17);
        let mut hub = Hub::default();
        for _ in 0..6 {
            hub.read(&source).await;
            house.office(25);
            house.sim.advance(Duration::from_secs(900));
        }
        hub.read(&source).await;
        let mut fresh = Hub::default();
        fresh.read(&source).await;
        for stream in ["customers", "locations", "installed_equipment", "jobs", "memberships"] {
            assert_eq!(hub.nouns(stream), fresh.nouns(stream), "{stream}, seed {seed}");
        }
    }
}

#[tokio::test]
async fn what_we_ask_is_what_their_documents_have() {
    #[allow(clippy::disallowed_methods, reason = "where documents are that the project does not have")]
    let named = std::env::var_os("DOORSTEP_TEST_SPECS").map(std::path::PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
    let folder = named.unwrap_or_else(beside).join("servicetitan");
    let Some(specs) = Specs::open(&folder).unwrap() else {
        eprintln!("NOT CHECKED: the upstream's documents are not in {}", folder.display());
        return;
    };
    let house = House::small().await;
    let source = house.source(0);
    let mut hub = Hub::default();
    hub.read(&source).await;
    hub.read(&source).await;
    for stream in SPEC.streams {
        crate::house::sweep(&source, stream).await.unwrap();
        if let Some(row) = hub.told(stream.name).values().next() {
            source.read(stream.name, &row.key, row.parent.as_deref()).await.unwrap();
        }
    }
    let (somebody, _) = two(&house);
    source.raw_customer(&somebody.to_string()).await.unwrap();
    source.add_note(&somebody.to_string(), "test").await.unwrap();
    source.check().await.unwrap();
    source.page_of_list("customers", None).await.unwrap();
    assert_eq!(house.sim.spec_check(&specs), [] as [String; 0]);
}
