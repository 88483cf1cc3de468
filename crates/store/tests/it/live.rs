//! What a live source brings, for the worlds of other tests: a connection with a run, objects, and what follows from them.

use doorstep_core::connection::{Connection, Removal, Settings};
use doorstep_core::consent::{DoNotText, SaidBy};
use doorstep_core::equipment::Equipment;
use doorstep_core::id::{ConnectionId, CustomerId, RecordId, RunId};
use doorstep_core::identifier::Identifier;
use doorstep_core::job::{Job, JobStatus, Which};
use doorstep_core::membership::Membership;
use doorstep_core::money::Money;
use doorstep_core::phone::Phone;
use doorstep_core::property::Property;
use doorstep_core::record::Source;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::source::{Cursor, Gone};
use doorstep_core::sync::{Cause, Problem, Report, Run, State, StreamReport};
use doorstep_core::{IdMaker, Timestamp};
use doorstep_store::live_record::Word;
use doorstep_store::stream_cursor::Progress;
use doorstep_store::testing::START;
use doorstep_store::{
    Tx, connection, consent, equipment, job, live_record, membership, property, record, refresh, removal,
    stream_cursor, sync,
};

use crate::world::{Person, actor};

pub const CUSTOMERS: &str = "customers";
pub const LOCATIONS: &str = "locations";

/// The ids and keys of what was stored.
#[derive(Clone)]
pub struct Live {
    pub connection: ConnectionId,
    pub run: RunId,
    /// An object, and its key.
    pub object: RecordId,
    pub key: String,
    /// One that was merged into it, and is a part of `parent`.
    pub merged: RecordId,
    pub parent: String,
    /// What the object refers to.
    pub referred: String,
    /// The customer's own record, which was read by itself.
    pub read: RecordId,
}

pub fn new_connection(id: ConnectionId, name: &str) -> Connection {
    Connection {
        id,
        source: Source::ServiceTitan,
        name: name.to_owned(),
        settings: Settings::from([("servicetitan_tenant".to_owned(), "\"42\" ü".to_owned())]),
        schedule: Schedule::every(900, Some(Window::WORKING_HOURS)).unwrap(),
        next_run_at: Some(START),
        next_try_at: None,
        last_run_at: None,
        failures: 0,
        is_parked: false,
        reason: None,
        created_by: actor(),
        created_at: START,
        removed_at: None,
        removal: None,
    }
}

pub fn new_run(id: RunId, connection: ConnectionId) -> Run {
    Run {
        id,
        connection,
        cause: Cause::Manual,
        actor: actor(),
        state: State::Waiting,
        sweeps: false,
        removes_missing: false,
        stream: None,
        report: report(),
        problem_count: 0,
        reason: None,
        created_at: START,
        started_at: None,
        finished_at: None,
    }
}

pub fn report() -> Report {
    Report::from([(CUSTOMERS.to_owned(), StreamReport { missing: Some(3), ..StreamReport::default() })])
}

pub fn problem() -> Problem {
    Problem { stream: CUSTOMERS.to_owned(), key: Some("7".to_owned()), reason: "no \"name\" in it ü".to_owned() }
}

pub fn word(id: RecordId, key: &str, parent: Option<&str>, gone: Option<Gone>) -> Word {
    let payload = serde_json::json!({ "id": key, "name": "Anna \"Ä\" Smith" });
    Word {
        id,
        key: key.to_owned(),
        // Two connections of one tenant may have objects of one key.
        hash: doorstep_core::record::payload_hash(&serde_json::json!([id.to_string(), key])),
        parent_key: parent.map(str::to_owned),
        modified_at: Some(START.plus_seconds(-9)),
        gone,
        text: payload.to_string(),
        payload,
        settled: None,
    }
}

pub fn progress(began_at: Timestamp) -> Progress {
    Progress {
        cursor: Some(Cursor::new("page ü 7").unwrap()),
        read_at: None,
        sweep_cursor: None,
        sweep_began_at: Some(began_at),
        swept_at: Some(START),
    }
}

pub fn new_property(record: RecordId, customer_record: RecordId) -> property::Stored {
    let property = Property { customer_key: "7".to_owned(), name: None, address: None, is_active: true };
    property::Stored { record, customer_record, property }
}

pub fn new_equipment(record: RecordId, customer_record: RecordId) -> equipment::Stored {
    let said = serde_json::json!({ "property_key": "8", "manufacturer": "Rheem \"ü\"", "is_active": true });
    let equipment: Equipment = serde_json::from_value(said).unwrap();
    equipment::Stored { record, customer_record, property_record: record, equipment }
}

pub fn new_job(record: RecordId, customer_record: RecordId, cents: i64) -> job::Stored {
    let said = serde_json::json!({ "customer_key": "7", "summary": "drain \"ü\"", "is_active": true });
    let job: Job = serde_json::from_value(said).unwrap();
    let job = Job {
        status: Some(JobStatus::Completed),
        total: Some(Money::from_cents(cents)),
        completed_at: Some(START),
        ..job
    };
    job::Stored { record, customer_record, property_record: None, job }
}

pub fn new_membership(record: RecordId, customer_record: RecordId) -> membership::Stored {
    let said = serde_json::json!({ "customer_key": "7", "type_name": "Family", "is_active": true });
    let membership: Membership = serde_json::from_value(said).unwrap();
    membership::Stored { record, customer_record, property_record: Some(record), membership }
}

pub fn do_not_text(phone: &Identifier) -> DoNotText {
    DoNotText { phone: Phone::from_normal(phone.value.clone()), said_by: SaidBy::Contact }
}

/// Stores a connection with a bit of everything; what follows from its objects hangs on `customer`.
pub async fn fill_live(tx: &mut Tx, maker: &IdMaker, base: u32, customer: RecordId, phone: &Identifier) -> Live {
    let (connection, run): (ConnectionId, RunId) = (maker.make(START), maker.make(START));
    connection::insert(tx, &new_connection(connection, &format!("ServiceTitan {base}")), b"sealed", 1).await.unwrap();
    // One that was taken away, and one that goes with its records.
    let (away, going): (ConnectionId, ConnectionId) = (maker.make(START), maker.make(START));
    for (id, name) in [(away, "away"), (going, "going")] {
        connection::insert(tx, &new_connection(id, &format!("{name} {base}")), b"sealed", 1).await.unwrap();
        connection::remove(tx, id).await.unwrap();
    }
    connection::set_removal(tx, going, Removal { left: 1, total: 2 }).await.unwrap();
    sync::insert(tx, &new_run(run, connection)).await.unwrap();
    sync::begin(tx, run).await.unwrap();
    sync::add_problems(tx, run, &[problem()]).await.unwrap();
    let (object, merged): (RecordId, RecordId) = (maker.make(START), maker.make(START));
    let (key, parent, referred) = (format!("o{base}"), format!("p{base}"), format!("n{base}"));
    let gone = Some(Gone::Merged { into: key.clone() });
    let words = vec![word(object, &key, None, None), word(merged, &format!("m{base}"), Some(&parent), gone)];
    live_record::insert(tx, connection, Source::ServiceTitan, CUSTOMERS, &words).await.unwrap();
    live_record::keep_versions(tx, &[object]).await.unwrap();
    live_record::mark_children(tx, connection, CUSTOMERS, &[&parent]).await.unwrap();
    let references = [(object, LOCATIONS, referred.clone())];
    live_record::set_references(tx, connection, &[object], &references).await.unwrap();
    stream_cursor::put(tx, connection, CUSTOMERS, &progress(START)).await.unwrap();
    stream_cursor::met(tx, connection, LOCATIONS, std::slice::from_ref(&key)).await.unwrap();
    property::put(tx, &[new_property(object, customer)]).await.unwrap();
    equipment::put(tx, &[new_equipment(object, customer)]).await.unwrap();
    job::put(tx, &[new_job(object, customer, 18_900)]).await.unwrap();
    let mut open = new_job(merged, customer, 0);
    open.job.status = Some(JobStatus::Scheduled);
    job::put(tx, &[open]).await.unwrap();
    let standing = connection::Standing { last_run_at: Some(START), ..Default::default() };
    connection::set_standing(tx, connection, &standing).await.unwrap();
    membership::put(tx, &[new_membership(object, customer)]).await.unwrap();
    consent::forbid(tx, &[(object, do_not_text(phone))]).await.unwrap();
    let read: RecordId = maker.make(START);
    live_record::insert(
        tx,
        connection,
        Source::ServiceTitan,
        CUSTOMERS,
        &[word(read, &format!("r{base}"), None, None)],
    )
    .await
    .unwrap();
    record::assign(tx, &[(read, CustomerId::from_uuid(customer.uuid()))]).await.unwrap();
    refresh::begin(tx, &[read]).await.unwrap();
    refresh::succeed(tx, &[read], START).await.unwrap();
    refresh::fail(tx, &[read], "no answer \"ü\"").await.unwrap();
    Live { connection, run, object, key, merged, parent, referred, read }
}

/// After everything that was stored.
const LONG_AFTER: Timestamp = START.plus_seconds(1_000_000);

/// How much each reading call finds when it is asked for the things of `live`, which hang on `one`.
pub async fn ask(tx: &mut Tx, live: &Live, one: &Person) -> Vec<(&'static str, usize)> {
    let phone = one.phone.value.as_str();
    vec![
        ("connection::credentials", usize::from(connection::credentials(tx, live.connection).await.unwrap().is_some())),
        ("connection::get", usize::from(connection::get(tx, live.connection).await.unwrap().is_some())),
        ("connection::leaving", connection::leaving(tx, 100).await.unwrap().len()),
        ("connection::list", connection::list(tx, 100).await.unwrap().len()),
        ("connection::mapped", usize::from(connection::mapped(tx, live.connection).await.unwrap().is_some())),
        ("connection::taken_away", connection::taken_away(tx, Source::ServiceTitan, 100).await.unwrap().len()),
        ("connection::with_records", connection::with_records(tx, None, 100).await.unwrap().len()),
        ("consent::forbidden", consent::forbidden(tx, &[phone]).await.unwrap().len()),
        ("equipment::of_records", equipment::of_records(tx, &[live.object]).await.unwrap().len()),
        ("equipment::of_customer", equipment::of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("job::of_customer", job::of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("job::of_records", job::of_records(tx, &[live.object]).await.unwrap().len()),
        ("job::page", job::page(tx, one.customer, Which::Recent, (None, None), None, 9).await.unwrap().len()),
        ("job::open_of_customer", job::open_of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("job::totals", job::totals(tx, one.customer).await.unwrap().completed as usize),
        ("live_record::after", live_record::after(tx, live.connection, CUSTOMERS, None, 9).await.unwrap().len()),
        (
            "live_record::by_keys",
            live_record::by_keys(tx, live.connection, CUSTOMERS, &[&live.key]).await.unwrap().len(),
        ),
        ("live_record::count", live_record::count(tx, live.connection, CUSTOMERS).await.unwrap() as usize),
        ("live_record::get_many", live_record::get_many(tx, &[live.object]).await.unwrap().len()),
        ("live_record::heads", live_record::heads(tx, live.connection, CUSTOMERS, &[&live.key]).await.unwrap().len()),
        (
            "live_record::merged_into",
            live_record::merged_into(tx, live.connection, CUSTOMERS, &[&live.key]).await.unwrap().len(),
        ),
        (
            "live_record::of_parents",
            live_record::of_parents(tx, live.connection, CUSTOMERS, &[&live.parent]).await.unwrap().len(),
        ),
        (
            "live_record::heads_of_parents",
            live_record::heads_of_parents(tx, live.connection, CUSTOMERS, &[&live.parent]).await.unwrap().len(),
        ),
        ("live_record::stale_among", live_record::stale_among(tx, &[live.merged]).await.unwrap().len()),
        ("live_record::stale", live_record::stale(tx, live.connection, CUSTOMERS, 9).await.unwrap().len()),
        ("live_record::versions", live_record::versions(tx, live.object, 9).await.unwrap().len()),
        ("membership::of_customer", membership::of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("membership::of_records", membership::of_records(tx, &[live.object]).await.unwrap().len()),
        ("property::of_customer", property::of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("property::of_records", property::of_records(tx, &[live.object]).await.unwrap().len()),
        ("removal::count", removal::count(tx, live.connection).await.unwrap() as usize),
        ("removal::page", removal::page(tx, live.connection, 9).await.unwrap().len()),
        ("refresh::of_customer", refresh::of_customer(tx, one.customer, 9).await.unwrap().len()),
        ("refresh::read_at", refresh::read_at(tx, one.customer).await.unwrap().len()),
        ("refresh::of_records", refresh::of_records(tx, &[live.read]).await.unwrap().len()),
        ("stream_cursor::of_connection", stream_cursor::of_connection(tx, live.connection).await.unwrap().len()),
        (
            "stream_cursor::unmet",
            stream_cursor::unmet(tx, live.connection, CUSTOMERS, LONG_AFTER, 9).await.unwrap().len(),
        ),
        ("sync::get", usize::from(sync::get(tx, live.run).await.unwrap().is_some())),
        ("sync::list", sync::list(tx, live.connection, None, 9).await.unwrap().len()),
        ("sync::open", usize::from(sync::open(tx, live.connection).await.unwrap().is_some())),
        ("sync::problems", sync::problems(tx, live.run, 0, 9).await.unwrap().len()),
    ]
}
