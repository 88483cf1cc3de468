//! The live stream over HTTP: what another process commits is told at once, to those who may know.

use std::time::Duration;

use doorstep_core::contact::Contact;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_engine::customer::Found;
use doorstep_server::auth::By;
use doorstep_server::{Limits, Settings};
use doorstep_store::change::Subject;
use doorstep_store::testing::{TestStore, create_tenant, owner_of};
use doorstep_store::{Db, on_both};
use tokio::time::Instant;
use uuid::Uuid;

use crate::entry::operator;
use crate::house::House;
use crate::wire::{LIMIT, Wire, get};

/// A stream that is open.
struct Stream(Wire);

impl Stream {
    async fn open(house: &House, key: &str, query: &str) -> Self {
        let mut wire = Wire::to(house.address).await;
        let lines = format!("host: localhost\r\naccept: text/event-stream\r\nauthorization: Bearer {key}");
        wire.send(format!("GET /events{query} HTTP/1.1\r\n{lines}\r\n\r\n")).await;
        assert_eq!(wire.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
        let mut stream = Self(wire);
        assert_eq!(stream.next().await.as_deref(), Some("live:hello"));
        stream
    }

    /// The name of the next message; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let name = async {
            loop {
                if let Some(name) = self.0.line().await?.strip_prefix("event: ") {
                    return Some(name.to_owned());
                }
            }
        };
        tokio::time::timeout(LIMIT, name).await.expect("nothing is told")
    }

    /// All names until nothing comes for a while.
    async fn all(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Ok(Some(name)) = tokio::time::timeout(Duration::from_millis(700), self.next()).await {
            names.push(name);
        }
        names
    }
}

async fn commit(db: &Db, store: &TestStore, changes: &[(Subject, Uuid)]) {
    let mut tx = db.write(&store.scope()).await.unwrap();
    for (subject, id) in changes {
        tx.announce(*subject, *id);
    }
    tx.commit().await.unwrap();
}

const ONE: Uuid = Uuid::from_u128(1);

on_both! {
    async fn what_another_process_commits_is_told(store: TestStore) {
        let other = store.another_process().await;
        let house = House::open(&store, Settings::default()).await;
        let mut stream = Stream::open(&house, "owner", "").await;
        for round in 0..3 {
            let began = Instant::now();
            commit(&other, &store, &[(Subject::Customer, ONE)]).await;
            assert_eq!(stream.next().await.as_deref(), Some("customers"));
            assert!(began.elapsed() < Duration::from_secs(2), "round {round}: {:?}", began.elapsed());
        }
        // And what this one commits.
        commit(&store.db, &store, &[(Subject::Review, ONE)]).await;
        assert_eq!(stream.next().await.as_deref(), Some("reviews"));
    }

    async fn a_stream_hears_of_its_own_tenant_what_its_role_may_see(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        let stranger = create_tenant(&store.db, "Quincy Roofing", "+16174712001").await;
        house.people.admit("stranger", &stranger, Role::Owner, By::Key);
        let customer = doorstep_core::id::CustomerId::from_uuid(ONE);
        let query = format!("?watch=customer-{customer}");
        let mut owner = Stream::open(&house, "owner", &query).await;
        let mut reader = Stream::open(&house, "reader", "").await;
        let mut other = Stream::open(&house, "stranger", &query).await;
        commit(&store.db, &store, &[(Subject::Customer, ONE), (Subject::Import, ONE)]).await;
        assert_eq!(owner.all().await, ["customers", &format!("customer-{customer}"), "imports"]);
        assert_eq!(reader.all().await, ["customers"]);
        let mut tx = store.db.write(&owner_of(&stranger)).await.unwrap();
        tx.announce(Subject::Review, ONE);
        tx.commit().await.unwrap();
        assert_eq!(other.all().await, ["reviews"]);
        assert_eq!(owner.all().await, Vec::<String>::new());
    }

    async fn a_burst_is_told_a_few_times_and_its_end_is_told(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        let mut stream = Stream::open(&house, "owner", "").await;
        let began = Instant::now();
        for number in 0..60 {
            commit(&store.db, &store, &[(Subject::Customer, Uuid::from_u128(number))]).await;
        }
        let most = began.elapsed().as_millis() / 250 + 2;
        let told = stream.all().await;
        assert!(told.iter().all(|name| name == "customers") && !told.is_empty(), "{told:?}");
        assert!(told.len() as u128 <= most, "{} times in {:?}", told.len(), began.elapsed());
        // The end of a burst is not swallowed: one of two changes in quick succession waits, and comes.
        commit(&store.db, &store, &[(Subject::Customer, ONE)]).await;
        assert_eq!(stream.next().await.as_deref(), Some("customers"));
        commit(&store.db, &store, &[(Subject::Customer, ONE)]).await;
        assert_eq!(stream.next().await.as_deref(), Some("customers"));
    }

    async fn more_than_anybody_wants_to_hear_is_told_as_everything(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        let mut stream = Stream::open(&house, "reader", "").await;
        let many: Vec<_> = (0..5_000).map(|number| (Subject::Customer, Uuid::from_u128(number))).collect();
        commit(&store.db, &store, &many).await;
        assert_eq!(stream.all().await, ["live:refresh"]);
        commit(&store.db, &store, &[(Subject::Customer, ONE)]).await;
        assert_eq!(stream.all().await, ["customers"]);
    }

    async fn stopping_ends_streams_with_a_hint_when_to_come_back(store: TestStore) {
        let mut house = House::open(&store, Settings::default()).await;
        let mut stream = Stream::open(&house, "owner", "").await;
        house.tell_to_stop();
        assert_eq!(stream.next().await.as_deref(), Some("live:bye"));
        assert_eq!(stream.0.line().await.as_deref(), Some("retry: 500"));
        house.ended().await;
        // A commit while nobody was there is asked for by the page itself; the new stream goes on from now.
        commit(&store.db, &store, &[(Subject::Customer, ONE)]).await;
        let house = House::open(&store, Settings::default()).await;
        let mut stream = Stream::open(&house, "owner", "").await;
        commit(&store.db, &store, &[(Subject::Review, ONE)]).await;
        assert_eq!(stream.all().await, ["reviews"]);
    }

    async fn a_session_that_ends_ends_its_stream(store: TestStore) {
        let limits = Limits { recheck: Duration::from_millis(100), heartbeat: Duration::from_millis(20), ..Limits::default() };
        let house = House::open(&store, Settings { limits, ..Settings::default() }).await;
        let mut stream = Stream::open(&house, "owner", "").await;
        let mut line = String::new();
        while line != ": alive" {
            line = stream.0.line().await.expect("the stream has ended");
        }
        house.people.dismiss("owner");
        assert_eq!(tokio::time::timeout(LIMIT, stream.next()).await.unwrap().as_deref(), Some("live:refresh"));
        assert_eq!(stream.next().await, None);
    }

    async fn a_tenant_has_so_many_streams_and_no_more(store: TestStore) {
        let limits = Limits { streams_per_tenant: 2, heartbeat: Duration::from_millis(20), ..Limits::default() };
        let house = House::open(&store, Settings { limits, ..Settings::default() }).await;
        let (one, _two) = (Stream::open(&house, "owner", "").await, Stream::open(&house, "reader", "").await);
        let third = get(house.address, "/events", &["authorization: Bearer owner"]).await;
        assert_eq!((third.status, third.header("retry-after").as_deref()), (503, Some("60")));
        drop(one);
        let began = Instant::now();
        loop {
            let mut wire = Wire::to(house.address).await;
            wire.send("GET /events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer owner\r\n\r\n").await;
            if wire.line().await.as_deref() == Some("HTTP/1.1 200 OK") {
                break;
            }
            assert!(began.elapsed() < LIMIT, "the place of one that left is not free");
        }
        let bad = get(house.address, "/events?watch=customer-x", &["authorization: Bearer reader"]).await;
        assert_eq!(bad.status, 400);
    }

    /// Nothing of either customer changes, no review was open: a list of decisions shows it all the same.
    async fn a_decision_is_told_and_so_is_taking_it_back(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        let elsewhere = House::over(store.another_process().await, &store, Settings::default()).await.engine;
        let scope = operator(store.tenant.id);
        let mut ids = Vec::new();
        for (name, phone) in [("Ann Miller", "617 471 0142"), ("Bob Reed", "617 471 0143")] {
            let mut contact = Contact { name: Name::parse(name), ..Contact::default() };
            contact.phones.extend(Phone::parse(phone, Region::US));
            let found = elsewhere.find_or_create(&scope, &contact, false).await.unwrap();
            let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
            ids.push(id);
        }
        let mut stream = Stream::open(&house, "reader", "").await;
        let began = Instant::now();
        let decided = elsewhere.keep_apart(&scope, ids[0], ids[1], None).await.unwrap();
        assert_eq!(stream.next().await.as_deref(), Some("reviews"));
        elsewhere.retract_decision(&scope, decided.decision.unwrap()).await.unwrap();
        assert_eq!(stream.next().await.as_deref(), Some("reviews"));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(stream.all().await, Vec::<String>::new());
    }
}
