//! Contexts: who is meant, what each level is told of it, and that no answer is older than a commit before the question.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use doorstep_core::context::{Assurance, Budget, CustomerContext, Request};
use doorstep_core::conversation::{Channel, Direction, Message};
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::{ConversationId, CustomerId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::verification::WebUser;
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::context::{Answer, Form, Found, KEEP_SECONDS, Kind, Subject, Unknown, Whom};
use doorstep_engine::customer::{Found as Created, Lookup};
use doorstep_engine::{Engine, Error};
use doorstep_store::testing::{START, create_tenant, owner_of};
use doorstep_store::{conversation, message, on_both};

use crate::house::{House, contact, files};
use crate::sync::connected::Connected;

const LEVELS: [Assurance; 3] = [Assurance::None, Assurance::Claimed, Assurance::Verified];

async fn ask(house: &House, whom: &Whom, level: Assurance) -> Answer {
    house.engine.customer_context(&house.scope(), whom, level, Form::Json).await.unwrap()
}

pub(crate) fn phone(text: &str) -> Whom {
    Whom::Phone(text.to_owned())
}

pub(crate) async fn create(house: &House, name: &str, phone: &str) -> CustomerId {
    match house.engine.find_or_create(&house.scope(), &contact(Some(name), phone), false).await.unwrap() {
        Created::Created { customer: Some(id), .. } | Created::Existing { customer: id } => id,
        other => panic!("{other:?}"),
    }
}

fn json(context: &CustomerContext) -> serde_json::Value {
    serde_json::to_value(context).unwrap()
}

/// Without the instant at which it was made.
fn timeless(context: &CustomerContext) -> String {
    let mut json = json(context);
    json.as_object_mut().unwrap().remove("told_at");
    json.to_string()
}

on_both! {
    async fn a_customer_is_found_by_whatever_is_known_and_told_with_all_that_hangs_on_it(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let of = async |name: &str| house.engine.search(&house.scope(), name, 10).await.unwrap()[0].id;
        let (john, jack) = (of("john smith").await, of("jack smyth").await);
        let by_id = ask(&house, &Whom::Customer(john), Assurance::Staff).await;
        assert_eq!((by_id.customer, by_id.found.clone()), (Some(john), Some(Found::One { was: None })));
        let told = json(&by_id.context);
        let texts: Vec<&str> =
            told["conversations"]["messages"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["ok", "ok", "On my way"]);
        assert_eq!(told["conversations"]["sources"], serde_json::json!(["phone_history"]));
        // An archive stands with its import.
        assert_eq!(told["conversations"]["as_of"], serde_json::json!(START.to_string()));
        assert!(by_id.context.text(Budget::default()).starts_with("## Customer Profile\nName: John Smith\n"));
        let first = ask(&house, &phone("(617) 471-0118"), Assurance::Staff).await;
        assert_eq!(json(&first.context)["conversations"]["messages"].as_array().unwrap().len(), 2, "a text and a call");
        let again = ask(&house, &Whom::Customer(jack), Assurance::Staff).await;
        assert_eq!((first.customer, timeless(&again.context)), (Some(jack), timeless(&first.context)));
        assert_eq!((first.is_cached, again.is_cached, first.version), (false, true, again.version));
        // An address that everybody may write into an example proves nothing.
        let mail = ask(&house, &Whom::Email("John@Quincy.example.net".to_owned()), Assurance::Staff).await;
        assert_eq!(mail.found, Some(Found::Unknown(Unknown::IdentifiesNobody)));
    }

    async fn what_was_changed_is_told_and_an_old_id_leads_to_whoever_it_is_now(store: TestStore) {
        let house = House::new(store);
        let (john, jack) = (create(&house, "John Smith", "617 471 0117").await, create(&house, "Jack Smyth", "617 471 0118").await);
        let before = ask(&house, &Whom::Customer(jack), Assurance::Staff).await;
        house.engine.merge(&house.scope(), john, jack, None).await.unwrap();
        let merged = ask(&house, &Whom::Customer(jack), Assurance::Staff).await;
        assert_eq!((merged.customer, &merged.found), (Some(john), &Some(Found::One { was: Some(jack) })));
        assert!(!merged.is_cached);
        let by_phone = ask(&house, &phone("617-471-0118"), Assurance::Staff).await;
        assert_eq!((by_phone.customer, by_phone.is_cached), (Some(john), true));
        let mut edit = Edit::default();
        edit.set(Field::Notes, Some("Two dogs"), Region::US).unwrap();
        house.engine.edit_customer(&house.scope(), john, &edit, None, false).await.unwrap();
        let edited = ask(&house, &phone("617-471-0118"), Assurance::Staff).await;
        assert!(!edited.is_cached && edited.version > by_phone.version);
        assert!(timeless(&edited.context).contains("Two dogs"));
        house.engine.unmerge(&house.scope(), jack, None).await.unwrap();
        let apart = ask(&house, &Whom::Customer(jack), Assurance::Staff).await;
        assert_eq!((apart.customer, timeless(&apart.context)), (Some(jack), timeless(&before.context)));
    }

    /// P5, P6: a number that several use is nobody's, and what is said then tells nothing of them.
    async fn a_shared_phone_is_never_guessed(store: TestStore) {
        let house = House::new(store);
        let (john, mary) = (create(&house, "John Smith", "617 471 0117").await, create(&house, "Mary Jones", "617 471 0117").await);
        assert_ne!(john, mary);
        let staff = ask(&house, &phone("617 471 0117"), Assurance::Staff).await;
        let Some(Found::Several(rows)) = &staff.found else { panic!("{:?}", staff.found) };
        let names: Vec<&str> = rows.iter().map(|row| row.display_name.as_str()).collect();
        assert_eq!((names, staff.customer), (vec!["John Smith", "Mary Jones"], None));
        for level in [Assurance::Claimed, Assurance::Verified] {
            let told = ask(&house, &phone("617 471 0117"), level).await;
            assert_eq!((&told.found, told.customer, told.version), (&None, None, None));
            assert_eq!(json(&told.context), serde_json::json!({ "assurance": "claimed", "request": "verify" }));
        }
        // The only one on a line that was marked as several people's need not be who is calling.
        let ann = create(&house, "Ann Lee", "617 471 0119").await;
        let line = Identifier { kind: IdentifierKind::Phone, value: "+16174710119".to_owned() };
        assert_eq!(ask(&house, &phone("617 471 0119"), Assurance::Claimed).await.customer, Some(ann));
        let mark = IdentifierMark { identifier: line, verdict: Verdict::Shared };
        house.engine.mark_identifier(&house.scope(), &mark, None).await.unwrap();
        let told = ask(&house, &phone("617 471 0119"), Assurance::Claimed).await;
        assert_eq!((told.customer, told.context.request), (None, Some(Request::Verify)));
    }

    async fn who_is_not_known_is_greeted_and_the_office_hears_why(store: TestStore) {
        let house = House::new(store);
        create(&house, "John Smith", "617 471 0117").await;
        let nobody = serde_json::json!({ "assurance": "none", "request": "greet" });
        let missing = Whom::Customer("cus_01h455vb4pex5vsknk084sn02q".parse().unwrap());
        let new = Identifier { kind: IdentifierKind::Phone, value: "+16174710119".to_owned() };
        for (whom, why) in [
            (phone("617 471 0119"), Unknown::New(new)),
            (phone("617 471 2000"), Unknown::IdentifiesNobody),
            (phone("617 555 0123"), Unknown::IdentifiesNobody),
            (missing, Unknown::NoSuchId),
            (Whom::AtSource(Source::ServiceTitan, "7".to_owned()), Unknown::NotAtTheSource),
        ] {
            let told = ask(&house, &whom, Assurance::Staff).await;
            assert_eq!((json(&told.context), told.found), (nobody.clone(), Some(Found::Unknown(why))));
            for level in LEVELS {
                let told = ask(&house, &whom, level).await;
                assert_eq!((json(&told.context), told.found), (nobody.clone(), None), "{whom:?} {level}");
            }
        }
        for bad in [phone("front desk"), Whom::Email("nobody".to_owned())] {
            let refused = house.engine.customer_context(&house.scope(), &bad, Assurance::Staff, Form::Json).await.unwrap_err();
            assert!(matches!(refused, Error::BadName(_)), "{refused:?}");
        }
        // At none, one who is known and one who is not are told apart by nothing at all.
        assert_eq!(json(&ask(&house, &phone("617 471 0117"), Assurance::None).await.context), nobody);
        assert_eq!(ask(&house, &phone("617 471 0117"), Assurance::None).await.customer, None);
    }

    /// I-15, P5: who talks to customers names whom it means itself, so it hears no more than a caller id is worth.
    async fn an_agent_hears_what_a_caller_may_hear(store: TestStore) {
        let house = House::new(store);
        let john = create(&house, "John Smith", "617 471 0117").await;
        let agent = Scope::new(house.store.tenant.id, Actor::Operator("agent".to_owned()), Role::Agent);
        let ask = async |whom: Whom, level| house.engine.customer_context(&agent, &whom, level, Form::Json).await;
        for (whom, level) in [
            (phone("617 471 0117"), Assurance::Staff),
            (phone("617 471 0117"), Assurance::Verified),
            (Whom::Customer(john), Assurance::Verified),
            (Whom::WebUser(WebUser::from_normal("w1".to_owned())), Assurance::Staff),
        ] {
            let refused = ask(whom, level).await.unwrap_err();
            assert!(matches!(refused, Error::NotReached(_)), "{refused:?}");
        }
        let claimed = ask(phone("617 471 0117"), Assurance::Claimed).await.unwrap();
        assert_eq!(json(&claimed.context), serde_json::json!({
            "assurance": "claimed", "request": "verify", "who": { "first_name": "John" }
        }));
        let subject = Subject::verified(john);
        let told = house.engine.context_of_session(&agent, &subject, Form::Json).await.unwrap();
        assert_eq!((told.context.assurance, told.found), (Assurance::Verified, None));
        let nobody = house.engine.context_of_session(&agent, &Subject::nobody(), Form::Json).await.unwrap();
        assert_eq!(nobody.context.assurance, Assurance::None);
        // Another business knows nobody of ours, by whatever name.
        let other = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        for whom in [phone("617 471 0117"), Whom::Customer(john)] {
            let told = house.engine.customer_context(&other, &whom, Assurance::Staff, Form::Json).await.unwrap();
            assert!(matches!(told.found, Some(Found::Unknown(Unknown::New(_) | Unknown::NoSuchId))), "{:?}", told.found);
        }
    }

    async fn a_sources_own_id_leads_to_its_customer_with_jobs_and_figures_over_all_of_them(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let mut told = 0;
        for key in connected.keys(doorstep_sim::Kind::Customers).into_iter().take(20) {
            let whom = Kind::ServiceTitanId.whom(&key).unwrap();
            let answer = engine.customer_context(&scope, &whom, Assurance::Staff, Form::Json).await.unwrap();
            let Some(id) = answer.customer else { panic!("{key}: {:?}", answer.found) };
            assert_eq!(Some(id), connected.customer(&key).await, "{key}");
            let work = engine.work(&scope, id).await.unwrap();
            let json = json(&answer.context);
            if work.totals.completed > 0 {
                told += 1;
                assert_eq!(json["money"]["completed_jobs"], work.totals.completed);
                assert_eq!(json["money"]["lifetime_value"], serde_json::json!(work.totals.value));
                assert!(json["money"]["as_of"].is_string(), "{}", json["money"]);
            }
            let Lookup::Customer { customer, .. } = engine.look_up(&scope, id).await.unwrap() else { panic!("{id}") };
            assert_eq!(json["money"]["balance"], serde_json::json!(customer.balance.unwrap()));
            let places = json["properties"]["items"].as_array().map_or(0, Vec::len);
            assert!(places <= work.properties.len() && (places > 0) != work.properties.is_empty());
            let placed = json["properties"]["items"].as_array().into_iter().flatten();
            let pieces: usize = placed.map(|it| it["equipment"].as_array().map_or(0, Vec::len)).sum();
            assert_eq!(pieces > 0, work.equipment.iter().any(|it| it.equipment.is_active), "{json}");
        }
        assert!(told > 3, "hardly anybody has a completed job");
        let (before, whom) = (connected.connection().await.last_run_at, Kind::ServiceTitanId.whom(&connected.keys(doorstep_sim::Kind::Customers)[0]).unwrap());
        connected.pass(3_600);
        connected.run().await;
        assert!(connected.connection().await.last_run_at > before);
        let answer = engine.customer_context(&scope, &whom, Assurance::Staff, Form::Json).await.unwrap();
        let as_of = json(&answer.context)["who"]["as_of"].clone();
        assert_eq!(as_of, serde_json::json!(connected.connection().await.last_run_at.unwrap().to_string()));
    }

    /// "What did the agent know at 14:03": exactly that, whatever has happened since.
    async fn what_was_told_can_be_read_again_word_for_word_until_it_is_too_old(store: TestStore) {
        let house = House::new(store);
        let john = create(&house, "John Smith", "617 471 0117").await;
        let (engine, scope) = (&house.engine, house.scope());
        let text = Form::Text(Budget::default());
        let first = engine.customer_context(&scope, &Whom::Customer(john), Assurance::Staff, text).await.unwrap();
        house.store.clock.turn_seconds(60);
        let again = engine.customer_context(&scope, &phone("617 471 0117"), Assurance::Staff, Form::Json).await.unwrap();
        let greeted = engine.customer_context(&scope, &phone("617 471 0199"), Assurance::Claimed, Form::Json).await.unwrap();
        house.store.clock.turn_seconds(60);
        let mut edit = Edit::default();
        edit.set(Field::Notes, Some("Two dogs"), Region::US).unwrap();
        engine.edit_customer(&scope, john, &edit, None, false).await.unwrap();
        ask(&house, &Whom::Customer(john), Assurance::Staff).await;
        for answer in [&first, &again, &greeted] {
            let given = engine.context_receipt(&scope, answer.receipt).await.unwrap().unwrap();
            assert_eq!(given.context, json(&answer.context));
            let receipt = given.receipt;
            assert_eq!((receipt.told_at, receipt.customer, receipt.version), (answer.told_at, answer.customer, answer.version));
            assert_eq!(&receipt.actor, scope.actor());
        }
        let receipt = engine.context_receipt(&scope, first.receipt).await.unwrap().unwrap().receipt;
        assert_eq!((receipt.asked_by.as_str(), receipt.form.as_str(), receipt.budget), ("customer_id", "text", Some(1_200)));
        assert_eq!(receipt.tokens, first.text.as_deref().map(|text| doorstep_core::context::tokens(text) as i64));
        // The newest before an instant says what was known then; the same told twice is stored once.
        let then = engine.context_receipts(&scope, john, START.plus_seconds(70), 5).await.unwrap();
        assert_eq!(then.iter().map(|it| it.id).collect::<Vec<_>>(), [again.receipt, first.receipt]);
        assert_eq!(then[0].hash, then[1].hash);
        let other = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        assert!(engine.context_receipt(&other, first.receipt).await.unwrap().is_none());
        house.store.clock.turn_seconds(KEEP_SECONDS - 60);
        house.settle().await;
        assert!(engine.context_receipt(&scope, first.receipt).await.unwrap().is_some(), "its day is not over");
        house.store.clock.turn_seconds(24 * 60 * 60);
        house.settle().await;
        assert!(engine.context_receipt(&scope, first.receipt).await.unwrap().is_none());
        let mut tx = house.store.db.read(&scope).await.unwrap();
        let told = doorstep_store::context_receipt::told(&mut tx, john, then[0].hash.unwrap()).await.unwrap();
        assert_eq!(told, None, "what nobody has a receipt for is gone, too");
    }

    /// C3: two processes on one store, one that writes and both that read. What a reader is told is never older than the
    /// last commit before it asked.
    async fn no_answer_is_older_than_a_commit_before_the_question(store: TestStore) {
        const WRITES: i64 = 150;
        const READS: u64 = 1_000;
        let house = House::new(store);
        let john = create(&house, "John Smith", "617 471 0117").await;
        let other = Engine::new(house.store.another_process().await, Arc::new(IdMaker::seeded(8)), house.engine.spool_dir.clone());
        let chat = conversation_of(&house, "+16174710117").await;
        let (committed, reads, stale) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut readers = Vec::new();
        for engine in [house.engine.clone(), other.clone(), other] {
            let (scope, committed, reads, stale) = (house.scope(), committed.clone(), reads.clone(), stale.clone());
            readers.push(tokio::task::spawn(async move {
                let mut mine = 0;
                while committed.load(Ordering::SeqCst) < WRITES || mine < READS {
                    let least = committed.load(Ordering::SeqCst);
                    let answer = engine.customer_context(&scope, &Whom::Customer(john), Assurance::Verified, Form::Json).await.unwrap();
                    let newest = newest(&answer.context).unwrap_or_default();
                    stale.fetch_add(u64::from(newest < least), Ordering::SeqCst);
                    reads.fetch_add(1, Ordering::SeqCst);
                    mine += 1;
                }
            }));
        }
        let maker = IdMaker::seeded(9);
        for number in 1..=WRITES {
            let mut tx = house.store.db.write(&house.scope()).await.unwrap();
            message::insert(&mut tx, vec![said(&maker, chat, number)]).await.unwrap();
            conversation::count_messages(&mut tx, &[chat]).await.unwrap();
            tx.commit().await.unwrap();
            committed.store(number, Ordering::SeqCst);
        }
        for reader in readers {
            reader.await.unwrap();
        }
        assert_eq!(stale.load(Ordering::SeqCst), 0, "answers older than a commit, of {}", reads.load(Ordering::SeqCst));
        let figures = house.engine.context_figures();
        assert!(figures.cached.count > 0 && figures.read.count > 1, "{figures:?}");
    }
}

/// The number that the newest message says.
fn newest(context: &CustomerContext) -> Option<i64> {
    let said = context.conversations.as_ref()?.content.messages.last()?;
    said.text.as_ref()?.strip_prefix("text ")?.parse().ok()
}

async fn conversation_of(house: &House, phone: &str) -> ConversationId {
    let id: ConversationId = IdMaker::seeded(77).make(START);
    let identifier = Identifier { kind: IdentifierKind::Phone, value: phone.to_owned() };
    let new = conversation::New {
        id,
        source: Source::PhoneHistory,
        key: "t1".to_owned(),
        channel: Channel::Sms,
        started_at: Some(START),
        last_message_at: None,
        import: None,
        participants: vec![conversation::Participant { identifier, record: None }],
    };
    let mut tx = house.store.db.write(&house.scope()).await.unwrap();
    conversation::insert(&mut tx, vec![new]).await.unwrap();
    tx.commit().await.unwrap();
    id
}

fn said(maker: &IdMaker, conversation: ConversationId, number: i64) -> message::New {
    let message = Message {
        id: maker.make(START),
        conversation_id: conversation,
        direction: Direction::Inbound,
        from: Some("+16174710117".to_owned()),
        to: None,
        body: format!("text {number}"),
        sent_at: START.plus_seconds(number),
        status: None,
        attachments: Vec::new(),
    };
    let mut row_key = [0; 16];
    row_key[8..].copy_from_slice(&number.to_be_bytes());
    message::New { message, external_id: None, row_key, import: None }
}
