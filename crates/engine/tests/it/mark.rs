//! Marks of identifiers: whoever has one is looked at again at once, it holds for what comes in later, and taking it
//! back gives what there would be without it.

use doorstep_core::Scope;
use doorstep_core::audit::Act;
use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, MarkId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, MAX_MARKS, Verdict};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_engine::Error;
use doorstep_engine::customer::Found;
use doorstep_engine::mark::Marked;
use doorstep_engine::tenant::{Change, MAX_AT_ONCE, Reached};
use doorstep_store::change::{self, Subject};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{customer, mark, on_both, tenant};

use crate::house::{House, contact, files};

const SHARED: &str = "617 471 0117";

fn phone(text: &str) -> Identifier {
    Identifier::from(&Phone::parse(text, Region::US).unwrap())
}

fn email(text: &str) -> Identifier {
    Identifier::from(&Email::parse(text).unwrap())
}

async fn say(house: &House, identifier: Identifier, verdict: Verdict) -> Marked {
    let mark = IdentifierMark { identifier, verdict };
    house.engine.mark_identifier(&house.scope(), &mark, Some("said so")).await.unwrap()
}

async fn refused(house: &House, scope: &Scope, identifier: Identifier, verdict: Verdict) -> Error {
    house.engine.mark_identifier(scope, &IdentifierMark { identifier, verdict }, None).await.unwrap_err()
}

async fn take_back(house: &House, id: MarkId) -> Marked {
    house.engine.retract_mark(&house.scope(), id).await.unwrap()
}

/// Everybody with their ids, and who waits for a decision.
async fn state(house: &House) -> (Vec<(CustomerId, String)>, Vec<(CustomerId, CustomerId)>) {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    let listed = customer::list(&mut tx, None, 10_000).await.unwrap();
    drop(tx);
    let mut all = Vec::new();
    for one in listed {
        all.push((one.id, house.card(one.id).await));
    }
    let reviews = house.engine.reviews(&house.scope(), None, 100).await.unwrap();
    (all, reviews.into_iter().map(|review| (review.a, review.b)).collect())
}

async fn own_numbers(house: &House) -> Vec<String> {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    tenant::get(&mut tx).await.unwrap().own_numbers.iter().map(|own| own.as_str().to_owned()).collect()
}

async fn version(house: &House, id: CustomerId) -> i64 {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    customer::version(&mut tx, id).await.unwrap().unwrap()
}

on_both! {
    async fn a_marked_number_joins_nobody_and_taking_it_back_gives_exactly_what_was(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let before = state(&house).await;
        for verdict in Verdict::ALL {
            let marked = say(&house, phone(SHARED), verdict).await;
            let apart = Reached { holders: 2, created: 1, changed: 1, joined: 0, by_task: false };
            assert_eq!(marked.customers, apart, "{verdict}: John and Johnny had only the number in common");
            let now = state(&house).await;
            assert_eq!((now.0.len(), now.1.len()), (before.0.len() + 1, 0), "{verdict}: {now:?}");
            house.assert_rebuilt_the_same().await;
            let back = take_back(&house, marked.mark.id).await;
            assert_eq!(back.mark.retracted_by.as_ref(), Some(house.scope().actor()));
            assert_eq!((back.customers.joined, back.customers.by_task), (1, false), "{verdict}");
            assert_eq!(state(&house).await, before, "{verdict}");
            house.assert_rebuilt_the_same().await;
        }
    }

    async fn a_mark_outlives_the_records_and_holds_for_those_that_come_again(store: TestStore) {
        let house = House::new(store);
        let first = house.import(&files()).await;
        let without = house.picture().await;
        let marked = say(&house, phone(SHARED), Verdict::Shared).await;
        let with = house.picture().await;
        let again = house.import(&files()).await;
        assert_eq!(house.picture().await, with, "the same archive again");
        house.undo(again.import.id).await;
        house.undo(first.import.id).await;
        assert_eq!(house.picture().await, [""; 0]);
        house.import(&files()).await;
        assert_eq!(house.picture().await, with, "taken out and brought in again");
        house.assert_rebuilt_the_same().await;
        take_back(&house, marked.mark.id).await;
        assert_eq!(house.picture().await, without);
        house.assert_rebuilt_the_same().await;
    }

    /// What was marked first, and what came in before or after, makes no difference.
    async fn the_order_of_marks_and_arrivals_makes_no_difference(store: TestStore) {
        let rows = |from: u32, to: u32| {
            let mut rows = "contact_id,display_name,phone_number,email\n".to_owned();
            for n in from..to {
                let name = ["Ann Lee", "A Lee", "Bob Reed", "Bob Reed", "", "Carl Ives"][n as usize % 6];
                let line = ["617 471 0150", "617 471 0151", SHARED][n as usize % 3];
                rows.push_str(&format!("c{n},{name},{line}; 617 472 {:04},p{}@quincyplumbing.com\n", n % 7, n % 4));
            }
            rows
        };
        let halves = [rows(0, 9), rows(9, 18)];
        let marks = [
            (phone("617 471 0150"), Verdict::Shared),
            (phone(SHARED), Verdict::Placeholder),
            (email("p1@quincyplumbing.com"), Verdict::Mine),
        ];
        // Archives are 0 and 1, marks 2 to 4; a mark that is made and taken back is 5.
        let orders: [&[usize]; 6] = [
            &[0, 1, 2, 3, 4],
            &[2, 3, 4, 0, 1],
            &[0, 4, 3, 1, 2],
            &[3, 1, 0, 2, 4],
            &[5, 0, 2, 5, 1, 4, 3, 5],
            &[1, 5, 4, 5, 0, 3, 2],
        ];
        let (mut pictures, mut store) = (Vec::new(), store);
        for (place, order) in orders.into_iter().enumerate() {
            store.tenant = create_tenant(&store.db, &format!("Ace {place}"), &format!("+1617473{place:04}")).await;
            let house = House::new(store);
            let mut passing = None;
            for step in order {
                match step {
                    0 | 1 => { house.import(&[("contacts.csv", halves[*step].as_str())]).await; }
                    5 => match passing.take() {
                        Some(id) => { take_back(&house, id).await; }
                        None => passing = Some(say(&house, phone("617 472 0003"), Verdict::Shared).await.mark.id),
                    },
                    _ => { say(&house, marks[step - 2].0.clone(), marks[step - 2].1).await; }
                }
                house.assert_rebuilt_the_same().await;
            }
            if let Some(id) = passing {
                take_back(&house, id).await;
                house.assert_rebuilt_the_same().await;
            }
            pictures.push(house.picture().await);
            store = house.store;
        }
        assert!(pictures[0].len() > 4, "{:?}", pictures[0]);
        for (place, picture) in pictures.iter().enumerate() {
            assert_eq!(*picture, pictures[0], "{:?}", orders[place]);
        }
    }

    async fn find_or_create_sees_marks(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let find = async |contact: Contact| house.engine.find_or_create(&scope, &contact, false).await;
        let Found::Created { customer: Some(ann), .. } = find(contact(Some("Ann Lee"), SHARED)).await.unwrap() else { panic!() };
        assert_eq!(find(contact(None, SHARED)).await.unwrap(), Found::Existing { customer: ann });
        let marked = say(&house, phone(SHARED), Verdict::Shared).await;
        assert_eq!(find(contact(None, SHARED)).await.unwrap(), Found::Several { candidates: vec![ann] }, "nobody is guessed");
        assert!(matches!(find(contact(Some("A Lee"), SHARED)).await.unwrap(), Found::Created { .. }));
        house.assert_rebuilt_the_same().await;
        take_back(&house, marked.mark.id).await;
        for verdict in [Verdict::Placeholder, Verdict::Mine] {
            let marked = say(&house, phone(SHARED), verdict).await;
            for contact in [contact(None, SHARED), contact(Some("Bo Yu"), SHARED)] {
                let refused = find(contact).await.unwrap_err();
                assert!(refused.to_string().contains("marked as either"), "{refused}");
            }
            take_back(&house, marked.mark.id).await;
        }
        assert_eq!(find(contact(None, SHARED)).await.unwrap(), Found::Existing { customer: ann });
        house.assert_rebuilt_the_same().await;
    }

    async fn a_dry_run_sees_marks_and_a_plan_made_before_one_is_another_plan(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        say(&house, phone(SHARED), Verdict::Shared).await;
        let answer = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        let doorstep_engine::import::Applied::WorldChanged(again) = answer else { panic!("{answer:?}") };
        let new = |stored: &doorstep_store::import::Stored| stored.import.summary.contacts.new;
        assert_eq!(new(&again), new(&planned) + 1, "John and Johnny are two");
        house.apply(again.import.id).await;
        assert_eq!(house.picture().await.len() as u64, new(&again) + again.import.callers_new);
        house.assert_rebuilt_the_same().await;
    }

    async fn an_address_is_marked_in_all_its_spellings(store: TestStore) {
        let house = House::new(store);
        let rows = "contact_id,display_name,email\nc1,Ann Lee,office.ace+ann@gmail.com\nc2,Ann Lee,officeace@gmail.com\n";
        house.import(&[("contacts.csv", rows)]).await;
        let before = state(&house).await;
        assert_eq!(before.0.len(), 1);
        let marked = say(&house, email("office.ace@googlemail.com"), Verdict::Mine).await;
        assert_eq!((marked.customers.created, marked.mark.identifier.value.as_str()), (1, "officeace@gmail.com"));
        assert_eq!(state(&house).await.0.len(), 2);
        house.assert_rebuilt_the_same().await;
        take_back(&house, marked.mark.id).await;
        assert_eq!(state(&house).await, before);
        house.assert_rebuilt_the_same().await;
    }

    /// There is one place that says which numbers are the business' own.
    async fn a_number_that_is_marked_as_ours_is_an_own_number(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let before = state(&house).await;
        let staff = house.scope_of(&house.user("sam", Role::Staff).await);
        assert!(matches!(refused(&house, &staff, phone(SHARED), Verdict::Mine).await, Error::Denied(_)));
        let marked = say(&house, phone(SHARED), Verdict::Mine).await;
        assert_eq!(own_numbers(&house).await, ["+16174710117", "+16174712000"]);
        let refusal = refused(&house, &house.scope(), phone(SHARED), Verdict::Shared).await;
        assert!(refusal.to_string().contains(&marked.mark.id.to_string()), "{refusal}");
        assert!(matches!(house.engine.retract_mark(&staff, marked.mark.id).await, Err(Error::Denied(_))));
        take_back(&house, marked.mark.id).await;
        assert_eq!((own_numbers(&house).await, state(&house).await), (vec!["+16174712000".to_owned()], before.clone()));
        // And by the other way out.
        let marked = say(&house, phone(SHARED), Verdict::Mine).await;
        let removing = Change { remove_own_numbers: vec![Phone::parse(SHARED, Region::US).unwrap()], ..Change::default() };
        house.engine.change_tenant(&house.scope(), &removing, false).await.unwrap();
        let again = house.engine.retract_mark(&house.scope(), marked.mark.id).await.unwrap_err();
        assert!(matches!(again, Error::MarkTakenBack(_)), "{again:?}");
        assert_eq!(state(&house).await, before);
        house.assert_rebuilt_the_same().await;
        let refusal = refused(&house, &house.scope(), phone("617 471 2000"), Verdict::Shared).await;
        assert!(refusal.to_string().contains("own numbers"), "{refusal}");
    }

    async fn more_than_one_transaction_holds_is_left_to_a_task(store: TestStore) {
        let house = House::new(store);
        let mut rows = "contact_id,display_name,phone_number\nx1,Ann Lee,617 471 0150\nx2,Ann Lee,617 471 0150\n".to_owned();
        for n in 0..=MAX_AT_ONCE {
            rows.push_str(&format!("c{n},Person{n} Number{n},617 471 0151; 617 472 {n:04}\n"));
        }
        house.import(&[("contacts.csv", &rows)]).await;
        let before = state(&house).await;
        let marked = say(&house, phone("617 471 0151"), Verdict::Placeholder).await;
        assert!(marked.customers.by_task && marked.customers.holders > MAX_AT_ONCE as u64, "{:?}", marked.customers);
        assert_eq!(house.tasks().await[0].key, "rebuild");
        house.settle().await;
        house.assert_rebuilt_the_same().await;
        let back = take_back(&house, marked.mark.id).await;
        assert!(back.customers.by_task);
        house.settle().await;
        assert!(house.tasks().await.is_empty());
        assert_eq!(state(&house).await, before);
        house.assert_rebuilt_the_same().await;
    }

    async fn what_makes_no_sense_is_refused_and_another_tenants_marks_are_not_there(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let marked = say(&house, phone(SHARED), Verdict::Shared).await;
        for (identifier, verdict, why) in [
            (phone(SHARED), Verdict::Shared, "already"),
            (phone("617 555 0123"), Verdict::Shared, "placeholder already"),
            (email("none@none.com"), Verdict::Mine, "placeholder already"),
            (phone("617 471 2000"), Verdict::Mine, "own numbers already"),
            (Identifier { kind: IdentifierKind::SourceKey, value: "hub:contacts:1".to_owned() }, Verdict::Shared, "only a phone"),
        ] {
            let refusal = refused(&house, &scope, identifier.clone(), verdict).await;
            assert!(refusal.to_string().contains(why), "{identifier:?} {verdict}: {refusal}");
            assert!(!refusal.to_string().contains("0117"), "{refusal}");
        }
        let agent = house.scope_of(&house.user("al", Role::Agent).await);
        assert!(matches!(refused(&house, &agent, phone("617 471 0150"), Verdict::Shared).await, Error::Denied(_)));
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        assert!(matches!(house.engine.retract_mark(&stranger, marked.mark.id).await, Err(Error::NoMark(_))));
        assert_eq!(house.engine.marks(&stranger, None, 50).await.unwrap().rows, []);
        // Another word takes the place of the first, and both stay readable.
        let other = say(&house, phone(SHARED), Verdict::Placeholder).await;
        let listed = house.engine.marks(&scope, None, 50).await.unwrap().rows;
        let shown: Vec<_> = listed.iter().map(|one| (one.id, one.verdict, one.retracted_at.is_some())).collect();
        assert_eq!(shown, [(other.mark.id, Verdict::Placeholder, false), (marked.mark.id, Verdict::Shared, true)]);
        assert!(matches!(house.engine.retract_mark(&scope, marked.mark.id).await, Err(Error::MarkTakenBack(_))));
        take_back(&house, other.mark.id).await;
    }

    async fn there_are_only_so_many_marks(store: TestStore) {
        let house = House::new(store);
        let mut tx = house.store.db.write(&house.scope()).await.unwrap();
        for n in 0..MAX_MARKS {
            let wanted = IdentifierMark { identifier: phone(&format!("617 47{} {:04}", 1 + n / 500, n)), verdict: Verdict::Shared };
            let id = house.engine.ids.make(tx.now());
            mark::put(&mut tx, id, &wanted, None, house.scope().actor()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let refusal = refused(&house, &house.scope(), phone("617 479 0001"), Verdict::Shared).await;
        assert!(refusal.to_string().contains("take back marks"), "{refusal}");
        // What is marked already may be marked as something else.
        say(&house, phone("617 471 0001"), Verdict::Placeholder).await;
    }

    async fn a_mark_is_audited_announced_and_seen_on_the_cards(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let scope = house.scope();
        let john = house.engine.by_identifier(&scope, &email("john@quincy.example.net")).await.unwrap()[0];
        let mary = house.engine.search(&scope, "mary", 9).await.unwrap()[0].id;
        let (versions, at) = ([version(&house, john).await, version(&house, mary).await], house.engine.last_change(&scope).await.unwrap());
        let marked = say(&house, phone(SHARED), Verdict::Shared).await;
        assert!(version(&house, john).await > versions[0] && version(&house, mary).await > versions[1], "Mary's card shows it, too");
        take_back(&house, marked.mark.id).await;
        let mut tx = house.store.db.read(&scope).await.unwrap();
        let told = change::list(&mut tx, at, 1_000).await.unwrap();
        drop(tx);
        let of_mark = told.iter().filter(|one| one.subject == Subject::Mark && one.subject_id == marked.mark.id.uuid());
        assert_eq!(of_mark.count(), 2, "made, and taken back");
        for id in [john, mary] {
            let acts: Vec<Act> = house.engine.activity(&scope, id, None, 50).await.unwrap().rows.into_iter().map(|entry| entry.act).collect();
            assert_eq!(acts[..2], [Act::IdentifierUnmarked, Act::IdentifierMarked], "{acts:?}");
        }
        let entries = house.engine.audit_entries(&scope, &Default::default(), None, 2).await.unwrap();
        let said = serde_json::to_string(&entries).unwrap();
        assert!(said.contains("\"verdict\":\"shared\"") && !said.contains("0117") && !said.contains("said so"), "{said}");
    }

    async fn of_ten_who_mark_at_once_one_does(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let scope = house.scope();
        let wanted = IdentifierMark { identifier: phone(SHARED), verdict: Verdict::Shared };
        let all = (0..10).map(|_| {
            let (engine, scope, wanted) = (house.engine.clone(), scope.clone(), wanted.clone());
            tokio::spawn(async move { engine.mark_identifier(&scope, &wanted, None).await })
        });
        let mut done = 0;
        for one in all.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => done += 1,
                Err(Error::Unfit(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((done, house.engine.marks(&scope, None, 50).await.unwrap().rows.len()), (1, 1));
        house.assert_rebuilt_the_same().await;
    }
}
