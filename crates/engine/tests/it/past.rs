//! Contexts as they were: what is told as of an instant is what was told at that instant, whatever has happened since.

use std::collections::BTreeSet;

use doorstep_core::context::{Assurance, Budget};
use doorstep_core::conversation::{Channel, Direction, Message};
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::{ConversationId, CustomerId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::remark::Topic;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{Clock, Scope, Timestamp};
use doorstep_engine::context::{Form, Found, Kind, NotThen, Untold, Whom};
use doorstep_engine::removal::Records;
use doorstep_engine::{Engine, Error};
use doorstep_sim::{Edit as AtSource, Kind as Rows, Options};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{conversation, message, on_both, past, task};

use crate::context::{create, phone};
use crate::house::{House, files};
use crate::sync::connected::Connected;

/// What was told at an instant of somebody.
struct Page {
    at: Timestamp,
    whom: Whom,
    customer: Option<CustomerId>,
    told: String,
}

/// What was told, to be compared with what is told as of then.
#[derive(Default)]
struct Diary(Vec<Page>);

const TEXT: Form = Form::Text(Budget::MIN);

impl Diary {
    /// Writes down what is told now of each.
    async fn write(&mut self, engine: &Engine, scope: &Scope, whoms: &[Whom]) {
        for whom in whoms {
            let answer = engine.customer_context(scope, whom, Assurance::Staff, TEXT).await.unwrap();
            let told = serde_json::to_string(&answer.context).unwrap() + answer.text.as_deref().unwrap_or_default();
            self.0.push(Page { at: answer.told_at, whom: whom.clone(), customer: answer.customer, told });
        }
    }

    /// What is told as of then is what was told then, to the letter.
    async fn check(&self, engine: &Engine, scope: &Scope) {
        let contents: BTreeSet<&str> = self.0.iter().map(|page| page.told.as_str()).collect();
        assert!(contents.len() > 5, "hardly anything changed: this proves nothing");
        for (number, page) in self.0.iter().enumerate() {
            let answer = engine.context_as_of(scope, &page.whom, Assurance::Staff, TEXT, page.at).await;
            let answer = answer.unwrap_or_else(|error| panic!("page {number}, {}: {error}", page.at));
            let told = serde_json::to_string(&answer.context).unwrap() + answer.text.as_deref().unwrap_or_default();
            assert_eq!(answer.customer, page.customer, "page {number} of {}, {:?}", page.at, page.whom);
            assert_eq!(told, page.told, "page {number} of {}, {:?}", page.at, page.whom);
        }
    }
}

/// Somebody writes from a number.
async fn write(house: &House, phone: &str, number: u8) {
    let (engine, now) = (&house.engine, house.store.clock.now());
    let identifier = Identifier { kind: IdentifierKind::Phone, value: phone.to_owned() };
    let id: ConversationId = engine.ids.make(now);
    let new = conversation::New {
        id,
        source: Source::PhoneHistory,
        key: format!("chat {number}"),
        channel: Channel::Sms,
        started_at: Some(now),
        last_message_at: None,
        import: None,
        participants: vec![conversation::Participant { identifier, record: None }],
    };
    let message = Message {
        id: engine.ids.make(now),
        conversation_id: id,
        direction: Direction::Inbound,
        from: Some(phone.to_owned()),
        to: None,
        body: format!("text {number}"),
        sent_at: now,
        status: None,
        attachments: Vec::new(),
    };
    let mut tx = house.store.db.write(&house.scope()).await.unwrap();
    conversation::insert(&mut tx, vec![new]).await.unwrap();
    let new = message::New { message, external_id: None, row_key: [number; 16], import: None };
    message::insert(&mut tx, vec![new]).await.unwrap();
    conversation::count_messages(&mut tx, &[id]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn edit(house: &House, id: CustomerId, field: Field, text: Option<&str>) {
    let mut edit = Edit::default();
    edit.set(field, text, Region::US).unwrap();
    house.engine.edit_customer(&house.scope(), id, &edit, None, false).await.unwrap();
}

on_both! {
    /// "What could the agent know at 14:03", from a live source, conversations, remarks, and people's decisions.
    async fn what_is_told_as_of_an_instant_is_what_was_told_then(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (engine, scope, house) = (connected.engine(), connected.scope(), &connected.house);
        let keys = connected.keys(Rows::Customers);
        let places = connected.truth(Rows::Locations);
        let (place, row) = places.iter().find(|(_, row)| keys.contains(&row["customerId"].to_string())).unwrap();
        let (busy, business) = (row["customerId"].to_string(), connected.business());
        let number = |text: &str| text.parse::<i64>().unwrap();
        let job = connected.sim.world(|world| world.add_job(business, number(&busy), number(place), "<p>No hot water</p>")).unwrap();
        connected.pass(60);
        connected.run().await;
        let contacts = connected.truth(Rows::Contacts);
        let (mobile, row) = contacts.iter().find(|(_, row)| row["type"] == "MobilePhone" && row["customerId"] != number(&busy) && keys.contains(&row["customerId"].to_string())).unwrap();
        let owner = row["customerId"].to_string();
        let others: Vec<&String> = keys.iter().filter(|key| **key != busy && **key != owner).take(3).collect();
        let [from, into, leaving] = others[..] else { panic!("too few customers") };
        let mut whoms = vec![phone("(617) 482-0199"), phone("(617) 482-0198")];
        for key in [&busy, &owner, from, into, leaving] {
            whoms.push(Kind::ServiceTitanId.whom(key).unwrap());
            whoms.push(Whom::Customer(connected.customer(key).await.unwrap()));
        }
        let mut diary = Diary::default();
        diary.write(engine, &scope, &whoms).await;
        for (step, edits) in [
            vec![AtSource::SetContact { contact: number(mobile), value: "(617) 482-0199".to_owned() }],
            vec![AtSource::CompleteJob { job, total_cents: 12_345 }, AtSource::SetBalance { customer: number(&busy), cents: 12_345 }, AtSource::Rename { customer: number(&busy), name: "Ada Marsh".to_owned() }],
            vec![AtSource::SetContact { contact: number(mobile), value: "(617) 482-0198".to_owned() }, AtSource::SetDoNotText { contact: number(mobile), refused: true }],
            vec![AtSource::Merge { from: number(from), into: number(into) }],
            vec![AtSource::Delete { kind: Rows::Customers, id: number(leaving) }],
        ].into_iter().enumerate() {
            for edit in edits {
                connected.edit(edit);
            }
            // What was deleted without a trace is missed by a sweep.
            connected.run_and(doorstep_engine::sync::Now { sweeps: step == 4, removes_missing: true }).await;
            diary.write(engine, &scope, &whoms).await;
            connected.pass(60);
            write(house, ["+16174820199", "+16174820198"][step % 2], step as u8).await;
            let customer = connected.customer(&busy).await.unwrap();
            engine.add_note(&scope, customer, &format!("note {step}"), None).await.unwrap();
            engine.record_preference(&scope, customer, Topic::ALL[0], &format!("at {step}"), None).await.unwrap();
            edit(house, customer, Field::Notes, Some(&format!("pin {step}"))).await;
            diary.write(engine, &scope, &whoms).await;
            connected.pass(60);
        }
        assert!(connected.customer(leaving).await.is_none(), "it is gone");
        let mut tx = engine.db.read(&scope).await.unwrap();
        let link = doorstep_store::decision::list(&mut tx, 9).await.unwrap().into_iter().find(|it| it.actor == Actor::Worker).unwrap();
        drop(tx);
        engine.retract_decision(&scope, link.id).await.unwrap();
        diary.write(engine, &scope, &whoms).await;
        connected.pass(60);
        engine.merge(&scope, connected.customer(&busy).await.unwrap(), connected.customer(&owner).await.unwrap(), None).await.unwrap();
        diary.write(engine, &scope, &whoms).await;
        diary.check(engine, &scope).await;
    }

    /// More jobs than a context reads: which of them it is made from is chosen in SQL for now, and here for then.
    async fn what_is_open_is_told_however_many_jobs_came_after_it(store: TestStore) {
        const OPEN: usize = 7;
        let connected = Connected::loaded(store).await;
        let (engine, scope, business) = (connected.engine(), connected.scope(), connected.business());
        let keys = connected.keys(Rows::Customers);
        let places = connected.truth(Rows::Locations);
        let (place, row) = places.iter().find(|(_, row)| keys.contains(&row["customerId"].to_string())).unwrap();
        let busy = row["customerId"].as_i64().unwrap();
        let mut jobs = Vec::new();
        for _ in 0..OPEN + 210 {
            jobs.push(connected.sim.world(|world| world.add_job(business, busy, place.parse().unwrap(), "<p>No heat</p>")).unwrap());
        }
        connected.pass(60);
        for job in &jobs[OPEN..] {
            connected.edit(AtSource::CompleteJob { job: *job, total_cents: 100 });
        }
        let whoms = [Kind::ServiceTitanId.whom(&busy.to_string()).unwrap()];
        let mut diary = Diary::default();
        for job in &jobs[..OPEN] {
            connected.pass(60);
            connected.run().await;
            diary.write(engine, &scope, &whoms).await;
            connected.pass(60);
            connected.edit(AtSource::CancelJob { job: *job });
        }
        assert!(diary.0[0].told.contains("\"status\":\"scheduled\""), "{}", diary.0[0].told);
        connected.run().await;
        diary.check(engine, &scope).await;
    }

    /// Whatever an office does, at every step: the hub keeps how it stood.
    async fn every_step_of_an_office_that_does_anything_is_told_again(store: TestStore) {
        const STEPS: u64 = 12;
        let connected = Connected::new(store, Options { seed: 11, ..Options::default() }).await;
        let (engine, scope, business) = (connected.engine(), connected.scope(), connected.business());
        connected.run().await;
        let mut whoms = Vec::new();
        for key in connected.keys(Rows::Customers).iter().step_by(5).take(12) {
            whoms.push(Kind::ServiceTitanId.whom(key).unwrap());
        }
        let mut diary = Diary::default();
        for step in 0..STEPS {
            diary.write(engine, &scope, &whoms).await;
            connected.sim.world(|world| world.drift(business, 25));
            connected.pass(600);
            connected.run_and(doorstep_engine::sync::Now { sweeps: step % 4 == 3, removes_missing: true }).await;
        }
        diary.write(engine, &scope, &whoms).await;
        diary.check(engine, &scope).await;
    }

    /// The same of what people decide by hand: who is one, who is two, what a number is, what somebody wants.
    async fn every_decision_is_looked_through(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let numbers = ["+16174710117", "+16174710118", "+16174710119"];
        let mut people = Vec::new();
        for (name, number) in ["John Smith", "Mary Jones", "Hugo Ives"].into_iter().zip(numbers) {
            people.push(create(&house, name, number).await);
        }
        let whoms: Vec<Whom> = people.iter().map(|id| Whom::Customer(*id)).chain(numbers.map(phone)).collect();
        let mut diary = Diary::default();
        // Any order will do, as long as it is the same each time.
        let (mut drawn, mut marks) = (0x9e37_79b9_u64, Vec::new());
        for step in 0..60_u8 {
            diary.write(engine, &scope, &whoms).await;
            house.store.clock.turn_seconds(61);
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (which, a, b) = ((drawn >> 33) % 8, (drawn >> 40) as usize % 3, (drawn >> 50) as usize % 3);
            match which {
                // Two who are one already, or who are two: then there is nothing to do.
                0 | 1 if a != b => drop(engine.merge(&scope, people[a], people[b], None).await),
                2 => drop(engine.unmerge(&scope, people[a], None).await),
                3 => edit(&house, people[a], Field::Name, Some(&format!("Name {step}"))).await,
                4 => drop(engine.add_note(&scope, people[a], &format!("note {step}"), None).await.unwrap()),
                5 => write(&house, numbers[a], step).await,
                6 => {
                    let identifier = Identifier { kind: IdentifierKind::Phone, value: numbers[b].to_owned() };
                    let mark = IdentifierMark { identifier, verdict: Verdict::Shared };
                    if let Ok(made) = engine.mark_identifier(&scope, &mark, None).await {
                        marks.push(made);
                    }
                }
                _ => {
                    create(&house, &format!("More {step}"), numbers[b]).await;
                }
            }
        }
        diary.write(engine, &scope, &whoms).await;
        diary.check(engine, &scope).await;
        assert!(!marks.is_empty());
        house.assert_rebuilt_the_same().await;
    }

    async fn what_cannot_be_told_is_said_and_never_guessed(store: TestStore) {
        let house = House::new(store);
        let start = house.store.clock.now();
        house.store.clock.turn_seconds(60);
        let john = create(&house, "John Smith", "617 471 0117").await;
        let (engine, scope, told) = (&house.engine, house.scope(), house.store.clock.now());
        let as_of = async |scope: &Scope, whom: &Whom, level, at| engine.context_as_of(scope, whom, level, Form::Json, at).await;
        let whom = Whom::Customer(john);
        house.store.clock.turn_seconds(60);
        edit(&house, john, Field::Name, Some("Jon Smith")).await;
        let answer = as_of(&scope, &whom, Assurance::Staff, told).await.unwrap();
        assert_eq!(answer.as_of.as_ref().map(|it| (it.at, it.untold.clone())), Some((told, vec![Untold::Business, Untold::Ages])));
        assert_eq!((answer.told_at, answer.version, answer.context.told_at), (house.store.clock.now(), None, Some(told)));
        // What was told as of then has a receipt of now.
        let given = engine.context_receipt(&scope, answer.receipt).await.unwrap().unwrap();
        assert_eq!((given.receipt.told_at, given.context), (answer.told_at, serde_json::to_value(&answer.context).unwrap()));
        // Before there was such a customer.
        assert_eq!(as_of(&scope, &whom, Assurance::Staff, start).await.unwrap().found, Some(Found::Unknown(doorstep_engine::context::Unknown::NoSuchId)));
        let by_phone = as_of(&scope, &phone("617 471 0117"), Assurance::Staff, start).await.unwrap();
        assert!(by_phone.customer.is_none());
        // A level sees no more of the past than of now, and who talks to customers sees nothing of it.
        assert_eq!(as_of(&scope, &whom, Assurance::Claimed, told).await.unwrap().context.assurance, Assurance::Claimed);
        assert!(as_of(&scope, &whom, Assurance::None, told).await.unwrap().customer.is_none());
        let agent = Scope::new(house.store.tenant.id, Actor::Operator("agent".to_owned()), Role::Agent);
        for level in [Assurance::None, Assurance::Claimed, Assurance::Staff] {
            assert!(matches!(as_of(&agent, &whom, level, told).await, Err(Error::NotReached(_))), "{level}");
        }
        let later = house.store.clock.now().plus_seconds(1);
        assert!(matches!(as_of(&scope, &whom, Assurance::Staff, later).await, Err(Error::NotThen(NotThen::ToCome(_)))));
        let before = start.plus_seconds(-1);
        assert!(matches!(as_of(&scope, &whom, Assurance::Staff, before).await, Err(Error::NotThen(NotThen::TooOld { .. }))));
        // Another business learns nothing by our ids.
        let other = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        for whom in [&whom, &phone("617 471 0117")] {
            let answer = as_of(&other, whom, Assurance::Staff, house.store.clock.now()).await.unwrap();
            assert!(answer.customer.is_none());
        }
        // Too old by now, and forgotten by the task that sees to it.
        house.store.clock.turn_seconds(past::KEEP_SECONDS + 1);
        house.settle().await;
        assert!(matches!(as_of(&scope, &whom, Assurance::Staff, told).await, Err(Error::NotThen(NotThen::TooOld { .. }))));
        let mut tx = house.store.db.read(&scope).await.unwrap();
        assert_eq!(past::oldest(&mut tx).await.unwrap(), None);
        assert!(task::get(&mut tx, past::TASK).await.unwrap().is_none(), "there is nothing left to forget");
    }

    /// Erasing is for good: nothing of it comes back by asking for yesterday.
    async fn what_was_taken_out_for_good_is_not_told_as_of_before(store: TestStore) {
        let house = House::new(store);
        let stored = house.import(&files()).await;
        let john = house.engine.search(&house.scope(), "john smith", 10).await.unwrap()[0].id;
        let whole = house.store.clock.now();
        house.store.clock.turn_seconds(60);
        edit(&house, john, Field::Notes, Some("the side gate")).await;
        house.store.clock.turn_seconds(60);
        house.undo(stored.import.id).await;
        for at in [whole, whole.plus_seconds(60)] {
            let answer = house.engine.context_as_of(&house.scope(), &Whom::Customer(john), Assurance::Staff, Form::Json, at).await.unwrap();
            assert!(matches!(answer.found, Some(Found::TakenOut(_))), "{:?}", answer.found);
        }
        let connected = Connected::loaded(house.store.another_tenant("Quincy Roofing").await).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let key = connected.keys(Rows::Customers)[0].clone();
        let (id, whole) = (connected.customer(&key).await.unwrap(), connected.house.store.clock.now());
        connected.edit(AtSource::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() });
        connected.run().await;
        connected.pass(60);
        engine.remove_connection(&scope, connected.id, Records::Remove).await.unwrap();
        connected.settle().await;
        let answer = engine.context_as_of(&scope, &Whom::Customer(id), Assurance::Staff, Form::Json, whole).await.unwrap();
        assert!(matches!(answer.found, Some(Found::TakenOut(_))), "{:?}", answer.found);
        let mut tx = engine.db.read(&scope).await.unwrap();
        assert_eq!(past::customers(&mut tx, &[id], whole).await.unwrap(), []);
    }
}
