//! What is stored is read again without asking the source: to put right what somebody broke, and by a newer mapping.

use std::sync::Arc;

use doorstep_core::consent::DoNotText;
use doorstep_core::contact::Contact;
use doorstep_core::equipment::Equipment;
use doorstep_core::id::ConnectionId;
use doorstep_core::job::Job;
use doorstep_core::membership::Membership;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::property::Property;
use doorstep_core::record;
use doorstep_core::source::SourceSpec;
use doorstep_core::{TenantId, sync};
use doorstep_engine::connection::Said as Settings;
use doorstep_engine::removal::Records;
use doorstep_engine::sync::Sources;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Kind, Options, Size};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::{TestStore, crash};
use doorstep_store::{connection, consent, equipment, job, live_record, membership, on_both, property};
use doorstep_upstream::servicetitan::SPEC;
use doorstep_upstream::source::{Failure, Mapping, Reference, Said, Source, Why, mapping};
use serde_json::Value;

use super::connected::Connected;

/// The mapping of a later program: it calls people and places otherwise, and hears more numbers.
struct Later;

static LATER: SourceSpec = SourceSpec { mapping_version: SPEC.mapping_version + 1, ..SPEC };

fn now() -> &'static dyn Mapping {
    mapping(record::Source::ServiceTitan).unwrap()
}

impl Mapping for Later {
    fn spec(&self) -> &'static SourceSpec {
        &LATER
    }

    fn references(&self, stream: &str, payload: &Value) -> Vec<Reference> {
        now().references(stream, payload)
    }

    fn contact(&self, said: &Said<'_>) -> Result<Contact, Why> {
        let contact = now().contact(said)?;
        Ok(Contact { name: Name::parse(&format!("Later {}", said.payload["name"].as_str().unwrap_or("N"))), ..contact })
    }

    fn property(&self, said: &Said<'_>) -> Result<Property, Why> {
        Ok(Property { name: Some("Later".to_owned()), ..now().property(said)? })
    }

    fn equipment(&self, said: &Said<'_>) -> Result<Equipment, Why> {
        Ok(Equipment { manufacturer: Some("Later".to_owned()), ..now().equipment(said)? })
    }

    fn job(&self, said: &Said<'_>) -> Result<Job, Why> {
        Ok(Job { summary: Some("Later".to_owned()), ..now().job(said)? })
    }

    fn membership(&self, said: &Said<'_>) -> Result<Membership, Why> {
        Ok(Membership { type_name: Some("Later".to_owned()), ..now().membership(said)? })
    }

    fn do_not_text(&self, stream: &str, payload: &Value, region: Region) -> Option<DoNotText> {
        let said_by = doorstep_core::consent::SaidBy::Contact;
        let later = || {
            let phone = Phone::parse(payload["value"].as_str()?, region).ok()?;
            Some(DoNotText { phone, said_by })
        };
        now().do_not_text(stream, payload, region).or_else(later)
    }
}

/// A later program's sources.
struct LaterSources(Arc<dyn Sources>);

impl Sources for LaterSources {
    fn open(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        source: record::Source,
        said: &Settings,
    ) -> Result<Box<dyn Source>, Failure> {
        self.0.open(tenant, connection, source, said)
    }

    fn mapping(&self, _: record::Source) -> Option<&'static dyn Mapping> {
        Some(&Later)
    }
}

/// The program is another from now on.
fn upgrade(connected: &mut Connected) {
    connected.house.engine.sources = Arc::new(LaterSources(Arc::clone(&connected.house.engine.sources)));
}

/// All derived rows say what the later mapping says.
async fn assert_later(connected: &Connected) {
    let scope = connected.scope();
    let mut tx = connected.engine().db.read(&scope).await.unwrap();
    let mapped = connection::mapped(&mut tx, connected.id).await.unwrap().unwrap();
    assert_eq!((mapped.version, mapped.place), (LATER.mapping_version, None));
    drop(tx);
    let records = |stream: &'static str| async move {
        connected.objects(stream).await.into_values().map(|object| object.id).collect::<Vec<_>>()
    };
    let (places, things) = (records("locations").await, records("installed_equipment").await);
    let (jobs, plans, people) =
        (records("jobs").await, records("memberships").await, connected.objects("customers").await);
    let mut tx = connected.engine().db.read(&scope).await.unwrap();
    let later = |text: &Option<String>| text.as_deref() == Some("Later");
    assert!(property::of_records(&mut tx, &places).await.unwrap().iter().all(|it| later(&it.property.name)));
    assert!(equipment::of_records(&mut tx, &things).await.unwrap().iter().all(|it| later(&it.equipment.manufacturer)));
    assert!(job::of_records(&mut tx, &jobs).await.unwrap().iter().all(|it| later(&it.job.summary)));
    assert!(membership::of_records(&mut tx, &plans).await.unwrap().iter().all(|it| later(&it.membership.type_name)));
    for object in people.values() {
        assert!(object.contact.name.as_ref().is_some_and(|name| name.as_written().starts_with("Later")));
    }
    let phone = connected.truth(Kind::Contacts).into_values().find(|row| row["type"] == "MobilePhone").unwrap();
    let phone = Phone::parse(phone["value"].as_str().unwrap(), Region::US).unwrap();
    assert_eq!(consent::forbidden(&mut tx, &[phone.as_str()]).await.unwrap().len(), 1);
    drop(tx);
    connected.house.assert_rebuilt_the_same().await;
}

on_both! {
    /// Rows that are not what was said are found, and put right.
    async fn what_somebody_broke_is_told_and_put_right(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (scope, engine) = (connected.scope(), connected.engine());
        let connected = &connected;
        let record = |stream: &'static str| async move { connected.objects(stream).await.into_values().next().unwrap().id };
        let (place, thing) = (record("locations").await, record("installed_equipment").await);
        let (work, plan, person) = (record("jobs").await, record("memberships").await, record("customers").await);
        let check = async |what: &str, before: u64| {
            let checked = engine.rebuild(&scope, true, |_| {}).await.unwrap();
            assert!(checked.rows_different > before, "{what}: {checked:?}");
            assert!(checked.different >= checked.rows_different, "{checked:?}");
            assert_eq!(engine.rebuild(&scope, true, |_| {}).await.unwrap(), checked, "a check writes nothing");
            checked.rows_different
        };
        let mut tx = engine.db.write(&scope).await.unwrap();
        let mut broken = job::of_records(&mut tx, &[work]).await.unwrap();
        broken[0].job.total = Some(doorstep_core::money::Money::from_cents(7));
        job::put(&mut tx, &broken).await.unwrap();
        tx.commit().await.unwrap();
        let count = check("a job", 0).await;
        let mut tx = engine.db.write(&scope).await.unwrap();
        let mut broken = membership::of_records(&mut tx, &[plan]).await.unwrap();
        broken[0].membership.type_name = Some("Nobody's".to_owned());
        membership::put(&mut tx, &broken).await.unwrap();
        tx.commit().await.unwrap();
        let count = check("a membership", count).await;
        let mut tx = engine.db.write(&scope).await.unwrap();
        let mut broken = equipment::of_records(&mut tx, &[thing]).await.unwrap();
        broken[0].equipment.manufacturer = Some("Nobody".to_owned());
        equipment::put(&mut tx, &broken).await.unwrap();
        tx.commit().await.unwrap();
        let count = check("equipment", count).await;
        let mut tx = engine.db.write(&scope).await.unwrap();
        live_record::set_contacts(&mut tx, &[(person, Contact::default())]).await.unwrap();
        tx.commit().await.unwrap();
        let count = check("a contact", count).await;
        let mut tx = engine.db.write(&scope).await.unwrap();
        property::remove(&mut tx, &[place]).await.unwrap();
        tx.commit().await.unwrap();
        check("a property", count).await;
        let rebuilt = engine.rebuild(&scope, false, |_| {}).await.unwrap();
        assert!(rebuilt.rows_different >= 4, "{rebuilt:?}");
        connected.sim.clear_log();
        connected.assert_equal().await;
        assert_eq!(connected.sim.log().len(), 0, "the source was asked");
    }

    /// A program with a newer mapping reads what is stored by it, all by itself, also of what was taken away.
    async fn a_newer_mapping_reaches_what_was_said_long_ago(store: TestStore) {
        let mut connected = Connected::loaded(store).await;
        connected.engine().remove_connection(&connected.scope(), connected.id, Records::Keep).await.unwrap();
        connected.engine().wake_mappings().await.unwrap();
        connected.settle().await;
        connected.assert_equal().await;
        upgrade(&mut connected);
        assert!(connected.engine().rebuild(&connected.scope(), true, |_| {}).await.unwrap().rows_different > 0);
        connected.engine().wake_mappings().await.unwrap();
        connected.settle().await;
        assert_later(&connected).await;
    }

    /// Without a restart that would notice, the next run does.
    async fn a_run_notices_a_newer_mapping(store: TestStore) {
        let mut connected = Connected::loaded(store).await;
        upgrade(&mut connected);
        assert_eq!(connected.run().await.state, sync::State::Finished);
        connected.settle().await;
        assert_later(&connected).await;
    }
}

/// A process that dies on the way: the next one goes on where it was.
mod a_newer_mapping_goes_on_after_a_crash {
    use super::*;

    async fn on_each_database(dialect: Dialect) {
        let options = Options { size: Size::of(60), ..Options::default() };
        let mut connected = Connected::new(TestStore::new(dialect).await, options).await;
        assert_eq!(connected.run().await.state, sync::State::Finished);
        upgrade(&mut connected);
        connected.engine().wake_mappings().await.unwrap();
        let (mut deaths, mut places) = (0, Vec::new());
        for statements in [40, 80, 60] {
            let worker = Worker::new(connected.engine().clone(), Tasks);
            deaths += usize::from(crash::after(statements, worker.run_due()).await.is_none());
            crash::is_over(&connected.engine().db).await;
            connected.pass(60);
            let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
            places.push(connection::mapped(&mut tx, connected.id).await.unwrap().unwrap().place);
        }
        assert!(deaths > 1 && places.iter().any(Option::is_some), "{deaths} {places:?}");
        connected.settle().await;
        assert_later(&connected).await;
    }

    #[tokio::test]
    async fn sqlite() {
        on_each_database(Dialect::Sqlite).await;
    }

    #[tokio::test]
    async fn postgres() {
        on_each_database(Dialect::Postgres).await;
    }
}
