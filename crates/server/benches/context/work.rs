//! What a business has done for its customers: properties, equipment, jobs, memberships. Brought into the store as rows;
//! how a source brings them is measured elsewhere.

use std::collections::HashSet;

use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::{IdMaker, Scope, Timestamp};
use doorstep_store::{Db, equipment, job, membership, property, record};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Jobs of each customer.
const JOBS: usize = 3;
/// One of so many has been with the business for long.
const RICH: usize = 1_000;
/// Jobs of such a one, and properties.
const RICH_JOBS: usize = 40;
const RICH_PROPERTIES: usize = 3;
/// Records of one transaction.
const PAGE: i64 = 500;
/// Two months, in microseconds.
const TWO_MONTHS: i64 = 60 * 86_400 * 1_000_000;

const TYPES: [&str; 5] =
    ["Drain cleaning", "Water heater repair", "Furnace tune-up", "AC no cool", "Whole-house repipe estimate"];
const SUMMARIES: [&str; 3] = [
    "Kitchen drain slow. Snaked the line to 20 ft, cleared grease, ran water for ten minutes.",
    "Pilot keeps going out. Replaced thermocouple and flex line, checked the flue, tested for leaks.",
    "Annual visit. Cleaned the burner, changed the filter; blower bearing is noisy, told the customer to plan for it.",
];

/// What was added.
pub struct Work {
    pub jobs: usize,
    /// Who has been with the business for long.
    pub rich: Vec<CustomerId>,
}

/// Rows of one page.
#[derive(Default)]
struct Rows {
    properties: Vec<property::Stored>,
    equipment: Vec<equipment::Stored>,
    jobs: Vec<job::Stored>,
    memberships: Vec<membership::Stored>,
}

/// Adds work for every customer, each on one of their records.
pub async fn add(db: &Db, scope: &Scope) -> Work {
    let ids = IdMaker::seeded(5);
    let (mut work, mut known, mut after) = (Work { jobs: 0, rich: Vec::new() }, HashSet::new(), None);
    loop {
        let mut tx = db.write(scope).await.expect("a transaction");
        let page = record::ids_after(&mut tx, after, PAGE).await.expect("records");
        let Some(last) = page.last() else { return work };
        after = Some(*last);
        let mut rows = Rows::default();
        for stored in record::get_many(&mut tx, &page).await.expect("records") {
            let Some(customer) = stored.customer.filter(|customer| known.insert(*customer)) else { continue };
            let is_rich = known.len() % RICH == 0;
            if is_rich {
                work.rich.push(customer);
            }
            rows.of(&ids, tx.now(), stored.record.id, known.len(), is_rich);
        }
        work.jobs += rows.jobs.len();
        property::put(&mut tx, &rows.properties).await.expect("properties");
        equipment::put(&mut tx, &rows.equipment).await.expect("equipment");
        job::put(&mut tx, &rows.jobs).await.expect("jobs");
        membership::put(&mut tx, &rows.memberships).await.expect("memberships");
        tx.commit().await.expect("a commit");
    }
}

impl Rows {
    fn of(&mut self, ids: &IdMaker, now: Timestamp, customer_record: RecordId, number: usize, is_rich: bool) {
        let (properties, jobs) = if is_rich { (RICH_PROPERTIES, RICH_JOBS) } else { (1, JOBS) };
        let first = self.properties.len();
        for place in 0..properties {
            let record = ids.make(now);
            let address = format!("{} Quarry Street, Quincy, MA 02169", 10 + (number + place) % 900);
            let said = json!({"customer_key": "c", "address": address, "is_active": true});
            self.properties.push(property::Stored { record, customer_record, property: said_as(said) });
            let heater = json!({
                "property_key": "p", "name": "Water heater", "kind": "Water Heater", "manufacturer": "Rheem",
                "model": "XE50T06", "serial_number": format!("Q{number:08}"), "installed_on": "2014-05-20",
                "memo": "Anode nearly gone, customer told.", "is_active": true,
            });
            let equipment = said_as(heater);
            self.equipment.push(equipment::Stored {
                record: ids.make(now),
                customer_record,
                property_record: record,
                equipment,
            });
        }
        for place in 0..jobs {
            let property_record = Some(self.properties[first + place % properties].record);
            let job = said_as(job_of(now, number, place));
            self.jobs.push(job::Stored { record: ids.make(now), customer_record, property_record, job });
        }
        if is_rich || number.is_multiple_of(5) {
            let plan = json!({
                "customer_key": "c", "type_name": "Gold Plan", "status": "active", "from": "2023-02-01", "is_active": true,
            });
            let record = ids.make(now);
            let membership = said_as(plan);
            self.memberships.push(membership::Stored { record, customer_record, property_record: None, membership });
        }
    }
}

/// The newest job of one in ten is still to come; all others are done.
fn job_of(now: Timestamp, number: usize, place: usize) -> Value {
    let booked = Timestamp::from_micros(now.micros() - (place as i64 + 1) * TWO_MONTHS);
    let mut job = json!({
        "customer_key": "c", "number": format!("{number}-{place}"), "type_name": TYPES[(number + place) % TYPES.len()],
        "summary": SUMMARIES[(number + place) % SUMMARIES.len()], "booked_at": booked, "total": 18_500,
        "technicians": ["Maria Alves"], "is_active": true,
    });
    let is_open = place == 0 && number.is_multiple_of(10);
    job["status"] = json!(if is_open { "scheduled" } else { "completed" });
    if is_open {
        let starts = Timestamp::from_micros(now.micros() + TWO_MONTHS / 30);
        job["appointments"] = json!([{"key": "a", "starts_at": starts, "window_starts_at": starts}]);
    } else {
        job["completed_at"] = json!(booked);
    }
    job
}

fn said_as<T: DeserializeOwned>(said: Value) -> T {
    serde_json::from_value(said).expect("a row as it is stored")
}
