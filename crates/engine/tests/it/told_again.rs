//! What was told before is told again only where it would be told anew: an engine that knows all by heart says what one
//! says that knows nothing, whatever happened in between.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorstep_core::IdMaker;
use doorstep_core::context::{Assurance, Budget};
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit as OfficeEdit;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::Region;
use doorstep_engine::Engine;
use doorstep_engine::context::{Answer, Form, Kind, Whom};
use doorstep_sim::{Edit, Kind as Row};
use doorstep_store::testing::trace::statements;
use doorstep_store::{customer, on_both, tenant};

use crate::context::create;
use crate::house::House;
use crate::sync::connected::Connected;

const LEVELS: [Assurance; 4] = [Assurance::None, Assurance::Claimed, Assurance::Verified, Assurance::Staff];

/// Everything of an answer but its receipt and how it came about.
fn said(answer: &Answer) -> String {
    let context = serde_json::to_string(&answer.context).unwrap();
    let Answer { told_at, customer, version, known_at, found, text, hash, as_of, .. } = answer;
    format!("{context} {told_at} {customer:?} {version:?} {known_at:?} {found:?} {text:?} {hash:?} {as_of:?}")
}

/// Asks both for everybody, at all levels and in both forms; how many answers were there before.
async fn assert_same(connected: &Connected, everybody: &[Whom], after: &str) -> usize {
    let engine = connected.engine();
    let (scope, mut told_before) = (connected.scope(), 0);
    for whom in everybody {
        for level in LEVELS {
            for form in [Form::Json, Form::Text(Budget::default())] {
                let (told, asked) = statements(engine.customer_context(&scope, whom, level, form)).await;
                let told = told.unwrap();
                told_before += usize::from(told.customer.is_some() && asked.len() == 1);
                let forgetful = Engine::new(engine.db.clone(), Arc::new(IdMaker::seeded(5)), engine.spool_dir.clone());
                let anew = forgetful.customer_context(&scope, whom, level, form).await.unwrap();
                assert_eq!(said(&told), said(&anew), "{whom:?} {level} after {after}");
            }
        }
    }
    told_before
}

/// Reads the source again; a moment later nobody is known up to this very instant.
async fn run(connected: &Connected) {
    connected.run().await;
    connected.house.store.clock.turn_seconds(1);
}

/// A few customers with a visit to come, by id, phone and e-mail address; and their first phone.
async fn everybody(connected: &Connected) -> (Vec<Whom>, Vec<(CustomerId, String)>) {
    let (business, active) = (connected.business(), connected.keys(Row::Customers));
    let mut visited: BTreeSet<String> = BTreeSet::new();
    for (location, row) in connected.truth(Row::Locations) {
        let (of, at) = (row["customerId"].to_string(), location.parse().unwrap());
        if visited.len() < 3 && active.contains(&of) && visited.insert(of.clone()) {
            let of = of.parse().unwrap();
            connected.sim.world(|world| world.add_job(business, of, at, "No hot water")).unwrap();
        }
    }
    connected.pass(60);
    run(connected).await;
    let (mut all, mut phones) = (Vec::new(), Vec::new());
    let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
    for key in &visited {
        let id = connected.customer(key).await.unwrap();
        let golden = customer::get(&mut tx, id).await.unwrap().unwrap();
        all.push(Whom::Customer(id));
        all.push(Kind::ServiceTitanId.whom(key).unwrap());
        all.extend(golden.email.map(Whom::Email));
        if let Some(phone) = golden.phone {
            all.push(Whom::Phone(phone.clone()));
            phones.push((id, phone));
        }
    }
    assert!(!phones.is_empty(), "none of them has a phone");
    drop(tx);
    let told = connected.engine().customer_context(&connected.scope(), &all[0], Assurance::Staff, Form::Json).await;
    let told = serde_json::to_value(&told.unwrap().context).unwrap();
    assert!(told["jobs"]["upcoming"][0]["window"].is_object(), "{}", told["jobs"]);
    (all, phones)
}

on_both! {
    async fn whatever_happens_what_is_told_again_is_what_would_be_told_anew(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (mut all, phones) = everybody(&connected).await;
        let (engine, scope) = (connected.engine().clone(), connected.scope());
        assert_same(&connected, &all, "nothing").await;
        assert!(assert_same(&connected, &all, "they were told").await > all.len(), "hardly anything was told again");
        let clock = connected.house.store.clock.clone();
        clock.turn_seconds(1);
        assert_same(&connected, &all, "a second").await;
        // Visits come and go, days begin; each of those asked about has been told before. Nothing is read meanwhile.
        let visits: Vec<Whom> = all.iter().filter(|whom| matches!(whom, Whom::Customer(_))).cloned().collect();
        let mut told_before = 0;
        for hours in 0..24 {
            clock.turn_seconds(5 * 60 * 60 + 60);
            told_before += assert_same(&connected, &visits, &format!("five times {hours} hours")).await;
        }
        assert!(told_before > 100, "{told_before} answers were told again");
        run(&connected).await;
        assert_same(&connected, &all, "all was read again").await;
        let (id, phone) = phones[0].clone();
        let mut edit = OfficeEdit::default();
        edit.set(Field::Notes, Some("Two dogs"), Region::US).unwrap();
        engine.edit_customer(&scope, id, &edit, None, false).await.unwrap();
        assert_same(&connected, &all, "an edit").await;
        let key = connected.truth(Row::Customers).into_keys().next().unwrap();
        connected.edit(Edit::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() });
        run(&connected).await;
        assert_same(&connected, &all, "an edit at the source").await;
        for (verdict, words) in [(Verdict::Shared, "shared"), (Verdict::Placeholder, "a placeholder"), (Verdict::Mine, "ours")] {
            let identifier = Identifier { kind: IdentifierKind::Phone, value: phone.clone() };
            let mark = IdentifierMark { identifier, verdict };
            let mark = engine.mark_identifier(&scope, &mark, None).await.unwrap().mark.id;
            assert_same(&connected, &all, words).await;
            engine.retract_mark(&scope, mark).await.unwrap();
            assert_same(&connected, &all, "the mark is taken back").await;
        }
        let guest = create(&connected.house, "Somebody Wholly Else", &phone).await;
        all.push(Whom::Customer(guest));
        assert_same(&connected, &all, "two have the number").await;
        engine.merge(&scope, id, guest, None).await.unwrap();
        assert_same(&connected, &all, "the two are one").await;
        engine.unmerge(&scope, id.max(guest), None).await.unwrap();
        assert_same(&connected, &all, "they are two again").await;
        for (zone, country) in [("Europe/Berlin", "US"), ("Europe/Berlin", "GB"), ("America/New_York", "US")] {
            let mut tx = engine.db.write(&scope).await.unwrap();
            let mut own = tenant::get(&mut tx).await.unwrap();
            (own.time_zone, own.country) = (zone.parse().unwrap(), country.parse().unwrap());
            tenant::put(&mut tx, &own).await.unwrap();
            tx.commit().await.unwrap();
            assert_same(&connected, &all, &format!("{zone} and {country}")).await;
            assert_same(&connected, &all, &format!("{zone} and {country} again")).await;
        }
        let mut tx = engine.db.write(&scope).await.unwrap();
        let mut own = tenant::get(&mut tx).await.unwrap();
        own.own_numbers.push(doorstep_core::phone::Phone::from_normal(phones.last().unwrap().1.clone()));
        tenant::put(&mut tx, &own).await.unwrap();
        tx.commit().await.unwrap();
        assert_same(&connected, &all, "a number is the business's own").await;
    }

    async fn what_was_told_a_moment_ago_takes_one_statement(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, phones) = everybody(&connected).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let (id, phone) = &phones[0];
        for whom in [Whom::Customer(*id), Whom::Phone(phone.clone())] {
            let ask = || engine.customer_context(&scope, &whom, Assurance::Staff, Form::Text(Budget::default()));
            assert_eq!(ask().await.unwrap().customer, Some(*id));
            let (answer, asked) = statements(ask()).await;
            assert!(answer.unwrap().is_cached);
            assert_eq!(asked.len(), 1, "{asked:?}");
        }
    }

    /// C1: two businesses in one process have a customer of one number each, and one asks for the other's by id.
    async fn c1_what_was_told_to_one_business_is_never_told_to_another(store: TestStore) {
        let theirs = House::new(store.another_tenant("Quincy Roofing").await);
        let mut ours = House::new(store);
        // One process: one memory, one place where questions are gathered.
        ours.engine = theirs.engine.clone();
        let number = "+16174710118";
        let (john, mary) = (create(&ours, "John Smith", number).await, create(&theirs, "Mary Jones", number).await);
        let engine = &ours.engine;
        let ask = async |house: &House, whom: Whom| {
            let form = Form::Text(Budget::default());
            engine.customer_context(&house.scope(), &whom, Assurance::Staff, form).await.unwrap()
        };
        let phone = || Whom::Phone(number.to_owned());
        for _ in 0..3 {
            ours.store.clock.turn_seconds(1);
            for whom in [phone(), Whom::Customer(john)] {
                assert_eq!(ask(&ours, whom).await.customer, Some(john));
            }
            for whom in [phone(), Whom::Customer(mary)] {
                assert_eq!(ask(&theirs, whom).await.customer, Some(mary));
            }
            assert_eq!(ask(&ours, Whom::Customer(mary)).await.customer, None);
            let (first, second, third, fourth) = tokio::join!(
                ask(&ours, phone()),
                ask(&theirs, phone()),
                ask(&ours, phone()),
                ask(&theirs, phone()),
            );
            for (answer, who, name) in [
                (first, john, "John Smith"),
                (second, mary, "Mary Jones"),
                (third, john, "John Smith"),
                (fourth, mary, "Mary Jones"),
            ] {
                assert_eq!(answer.customer, Some(who));
                assert!(answer.text.unwrap().contains(name), "{name}");
            }
        }
    }
}
