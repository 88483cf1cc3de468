//! How things stood: every row that a context is made from is found again as it was at an instant, and is forgotten when it
//! is too old, or goes for good.

use doorstep_core::customer::Identity;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::remark::Remark;
use doorstep_core::{Clock, IdMaker, Scope, Timestamp};
use doorstep_store::job::Stored;
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{
    Tx, consent, customer, equipment, job, live_record, mark, membership, on_both, past, property, record, remark,
    removal, review, task, timeline,
};

use crate::live::{new_job, word};
use crate::world::{Person, World, actor, fill, new_remark, new_review, phone};

/// Something that stood before, of a world whose clock does not go on: a review that was there earlier, and a number that
/// somebody has no more.
pub async fn fill_past(tx: &mut Tx, maker: &IdMaker, people: &[Person], base: u32) {
    let before = new_review(maker.make(START), &people[0], &people[2]);
    let before = review::Review { created_at: START.plus_seconds(-60), ..before };
    review::insert(tx, std::slice::from_ref(&before)).await.unwrap();
    review::remove(tx, &[before.id]).await.unwrap();
    let (mut with, without) = (people[2].customer(), people[2].customer());
    let more = Identity { identifier: phone(base + 900), ..with.customer.identities[0].clone() };
    with.customer.identities.push(more);
    customer::put(tx, &[with.clone()], &[people[2].customer()]).await.unwrap();
    customer::put(tx, &[without], &[with]).await.unwrap();
}

/// How much each reading call about the past finds when it is asked for the things of `w`.
pub async fn ask(tx: &mut Tx, w: &World) -> Vec<(&'static str, usize)> {
    let one = &w.people[0];
    let records: Vec<RecordId> = w.people.iter().map(|p| p.record).collect();
    let customers: Vec<CustomerId> = w.people.iter().map(|p| p.customer).collect();
    let named = [one.phone.clone()];
    let before = START.plus_seconds(-1);
    vec![
        ("consent::forbidden_then", consent::forbidden_then(tx, &[&one.phone.value], START).await.unwrap().len()),
        ("equipment::then", equipment::then(tx, &records, START).await.unwrap().len()),
        ("job::then", job::then(tx, &records, START).await.unwrap().len()),
        ("mark::then", usize::from(mark::then(tx, &one.phone, START).await.unwrap().is_some())),
        ("membership::then", membership::then(tx, &records, START).await.unwrap().len()),
        ("past::candidates", past::candidates(tx, &one.phone, START, 9).await.unwrap().len()),
        ("past::candidates before", past::candidates(tx, &w.was, before, 9).await.unwrap().len()),
        ("past::customers", past::customers(tx, &customers, START).await.unwrap().len()),
        ("past::is_in_review", usize::from(past::is_in_review(tx, one.customer, START).await.unwrap())),
        ("past::is_in_review before", usize::from(past::is_in_review(tx, customers[2], before).await.unwrap())),
        ("past::oldest", usize::from(past::oldest(tx).await.unwrap().is_some())),
        ("past::owners", past::owners(tx, &records, START).await.unwrap().len()),
        ("past::records_of", past::records_of(tx, one.customer, START).await.unwrap().len()),
        ("past::was_stored", usize::from(past::was_stored(tx, one.record, START).await.unwrap())),
        ("property::then", property::then(tx, &records, START).await.unwrap().len()),
        ("remark::then", remark::then(tx, &records, START).await.unwrap().len()),
        ("timeline::then", timeline::then(tx, &records, &named, START, 9).await.unwrap().len()),
    ]
}

/// Calls everything about the past that changes something with the ids of `w`, or that has an answer for everybody.
pub async fn act(tx: &mut Tx, w: &World) -> doorstep_store::Result<()> {
    past::since(tx).await?;
    past::undone_since(tx, START).await?;
    past::read_at(tx, START).await?;
    past::prune(tx, START.plus_seconds(1), 1).await?;
    let customers: Vec<CustomerId> = w.people.iter().map(|p| p.customer).collect();
    past::forget(tx, &[w.people[0].record], &customers).await
}

/// How things stood before a minute ago: everybody had another note and one number more, and their jobs cost more.
pub async fn crowd_before(store: &TestStore, scope: &Scope, people: &[Person]) {
    store.clock.turn_seconds(60);
    let mut tx = store.db.write(scope).await.unwrap();
    for page in people.chunks(500) {
        let now: Vec<_> = page.iter().map(Person::customer).collect();
        let mut with = now.clone();
        for (place, put) in with.iter_mut().enumerate() {
            let mut more = put.customer.identities[0].clone();
            more.identifier.value.push_str(&place.to_string());
            put.customer.identities.push(more);
        }
        customer::put(&mut tx, &with, &now).await.unwrap();
        customer::put(&mut tx, &now, &with).await.unwrap();
        let records: Vec<RecordId> = page.iter().map(|person| person.record).collect();
        let jobs = job::then(&mut tx, &records, START).await.unwrap();
        assert_eq!(jobs.len(), page.len());
        job::put(&mut tx, &jobs.iter().map(|it| new_job(it.record, it.customer_record, 2)).collect::<Vec<_>>())
            .await
            .unwrap();
        let back: Vec<_> = page.iter().map(|person| (person.record, person.customer)).collect();
        record::assign(&mut tx, &back).await.unwrap();
    }
    tx.commit().await.unwrap();
    store.clock.turn_seconds(-60);
}

/// How things stood, as somebody waits for it.
pub async fn call_past(tx: &mut Tx, some: &[Person]) {
    let one = &some[0];
    let customers: Vec<CustomerId> = some.iter().map(|p| p.customer).collect();
    let records: Vec<RecordId> = some.iter().map(|p| p.record).collect();
    let identifiers: Vec<_> = some.iter().map(|p| p.phone.clone()).collect();
    past::since(tx).await.unwrap();
    assert_eq!(past::owners(tx, &records, START).await.unwrap().len(), 3);
    assert_eq!(past::records_of(tx, one.customer, START).await.unwrap(), [one.record]);
    assert_eq!(past::customers(tx, &customers, START).await.unwrap().len(), 3);
    past::candidates(tx, &one.phone, START, 20).await.unwrap();
    past::is_in_review(tx, one.customer, START).await.unwrap();
    past::was_stored(tx, one.record, START).await.unwrap();
    past::undone_since(tx, START).await.unwrap();
    past::read_at(tx, START).await.unwrap();
    property::then(tx, &records, START).await.unwrap();
    equipment::then(tx, &records, START).await.unwrap();
    assert_eq!(job::then(tx, &records, START).await.unwrap().len(), 3);
    membership::then(tx, &records, START).await.unwrap();
    remark::then(tx, &records, START).await.unwrap();
    mark::then(tx, &one.phone, START).await.unwrap();
    consent::forbidden_then(tx, &[&one.phone.value], START).await.unwrap();
    timeline::then(tx, &records[..1], &identifiers[..1], START, 50).await.unwrap();
}

/// Turns the clock by a minute and does something in a transaction of its own; the instant before it is done.
macro_rules! next {
    ($store:ident, $tx:ident => $does:expr) => {{
        let before = $store.clock.now();
        $store.clock.turn_seconds(60);
        let mut tx = $store.db.write(&$store.scope()).await.unwrap();
        let $tx = &mut tx;
        $does.await.unwrap();
        tx.commit().await.unwrap();
        before
    }};
}

async fn read(store: &TestStore) -> Tx {
    store.db.read(&store.scope()).await.unwrap()
}

async fn jobs(store: &TestStore, on: RecordId, at: Timestamp) -> Vec<Stored> {
    job::then(&mut read(store).await, &[on], at).await.unwrap()
}

on_both! {
    async fn a_row_is_found_as_it_was_between_any_two_changes(store: TestStore) {
        let w = fill(&store.db, &store.scope(), 1).await;
        let (ann, bob, made) = (w.people[0].record, w.people[1].record, w.maker.make(START));
        let [first, second, moved] = [new_job(made, ann, 1), new_job(made, ann, 2), new_job(made, bob, 2)];
        let none_yet = next!(store, tx => job::put(tx, std::slice::from_ref(&first)));
        // What is said again as it stands stands since it was said first.
        let one = next!(store, tx => job::put(tx, std::slice::from_ref(&first)));
        let still_one = next!(store, tx => job::put(tx, std::slice::from_ref(&second)));
        let two = next!(store, tx => job::put(tx, std::slice::from_ref(&moved)));
        let bobs = next!(store, tx => job::remove(tx, &[made]));
        let gone = next!(store, tx => job::put(tx, std::slice::from_ref(&first)));
        let back = store.clock.now();
        for (at, anns, bobs) in [
            (none_yet, vec![], vec![]),
            (one, vec![&first], vec![]),
            (still_one, vec![&first], vec![]),
            (two, vec![&second], vec![]),
            (bobs, vec![], vec![&moved]),
            (gone, vec![], vec![]),
            (back, vec![&first], vec![]),
        ] {
            let of = async |on| jobs(&store, on, at).await.into_iter().filter(|it| it.record == made).collect::<Vec<_>>();
            assert_eq!((of(ann).await.iter().collect::<Vec<_>>(), of(bob).await.iter().collect::<Vec<_>>()), (anns, bobs), "{at}");
        }
    }

    async fn whose_a_record_was_and_what_customers_said_is_found_through_merges_and_removals(store: TestStore) {
        let w = fill(&store.db, &store.scope(), 1).await;
        let [ann, bob, cal] = [&w.people[0], &w.people[1], &w.people[2]];
        let mut named = ann.customer();
        named.customer.display_name = "Ann B.".to_owned();
        let apart = next!(store, tx => customer::put(tx, &[named.clone()], &[ann.customer()]));
        let renamed = next!(store, tx => async {
            record::assign(tx, &[(bob.record, ann.customer)]).await?;
            customer::remove(tx, &[bob.customer]).await
        });
        let joined = next!(store, tx => async {
            record::assign(tx, &[(bob.record, bob.customer)]).await?;
            customer::put(tx, &[bob.customer()], &[]).await
        });
        let parted = next!(store, tx => live_record::take_out(tx, &[w.live.object, cal.record]));
        let out = next!(store, tx => live_record::replace(tx, &[word(cal.record, &cal.key, None, None)]));
        let back = store.clock.now();
        let mut tx = read(&store).await;
        let mut check = async |at, anns: &[RecordId], bobs: &[RecordId], cals: &[RecordId], name: &str| {
            for (person, records) in [(ann, anns), (bob, bobs), (cal, cals)] {
                let mut found = past::records_of(&mut tx, person.customer, at).await.unwrap();
                // One has another of a live source.
                found.retain(|record| w.people.iter().any(|person| person.record == *record));
                assert_eq!(found, records, "{at}");
                for record in records {
                    let owners = past::owners(&mut tx, &[*record], at).await.unwrap();
                    assert_eq!(owners.get(record), Some(&person.customer), "{at}");
                }
                let found = past::customers(&mut tx, &[person.customer], at).await.unwrap();
                assert_eq!(found.len(), usize::from(person.customer == cal.customer || !records.is_empty()), "{at}");
            }
            let found = past::customers(&mut tx, &[ann.customer], at).await.unwrap();
            assert_eq!(found[0].display_name, name);
        };
        let named = named.customer.display_name.as_str();
        check(apart, &[ann.record], &[bob.record], &[cal.record], &ann.customer().customer.display_name).await;
        check(renamed, &[ann.record], &[bob.record], &[cal.record], named).await;
        check(joined, &[ann.record, bob.record], &[], &[cal.record], named).await;
        check(parted, &[ann.record], &[bob.record], &[cal.record], named).await;
        check(out, &[ann.record], &[bob.record], &[], named).await;
        check(back, &[ann.record], &[bob.record], &[cal.record], named).await;
        // A number leads to whoever had it, also to one who was no more in between.
        for at in [apart, renamed, parted, back] {
            let found = past::candidates(&mut tx, &bob.phone, at, 9).await.unwrap();
            assert_eq!(found, [bob.customer], "{at}");
        }
        assert_eq!(past::customers(&mut tx, &[bob.customer], joined).await.unwrap(), []);
    }

    async fn reviews_remarks_and_what_must_not_be_texted_are_those_of_the_instant(store: TestStore) {
        let w = fill(&store.db, &store.scope(), 1).await;
        let [ann, bob] = [&w.people[0], &w.people[1]];
        let gate: Remark = Remark { said_at: START.plus_seconds(60), ..new_remark(w.maker.make(START), bob.record) };
        let silent = next!(store, tx => remark::insert(tx, &gate));
        let said = next!(store, tx => record::assign(tx, &[(bob.record, ann.customer)]));
        let joined = next!(store, tx => live_record::take_out(tx, &[bob.record]));
        let left = next!(store, tx => remark::retract(tx, &[gate.id], &actor()));
        let retracted = next!(store, tx => review::remove(tx, &[w.review]));
        let decided = store.clock.now();
        let mut tx = read(&store).await;
        let mut stood = async |records: &[RecordId], at| {
            remark::then(&mut tx, records, at).await.unwrap().iter().any(|remark| remark.id == gate.id)
        };
        assert!(!stood(&[bob.record], silent).await && stood(&[bob.record], said).await);
        assert!(stood(&[bob.record], joined).await && !stood(&[ann.record], joined).await);
        assert!(!stood(&[bob.record], left).await && stood(&[ann.record], left).await);
        assert!(!stood(&[ann.record], retracted).await);
        let mut tx = read(&store).await;
        for (at, expected) in [(START.plus_seconds(-1), false), (START, true), (retracted, true), (decided, false)] {
            assert_eq!(past::is_in_review(&mut tx, bob.customer, at).await.unwrap(), expected, "{at}");
        }
        let phones = [ann.phone.value.as_str()];
        assert_eq!(consent::forbidden_then(&mut tx, &phones, START.plus_seconds(-1)).await.unwrap(), []);
        assert_eq!(consent::forbidden_then(&mut tx, &phones, START).await.unwrap().len(), 1);
    }

    async fn what_is_too_old_is_forgotten_a_page_at_a_time_and_a_task_sees_to_it(store: TestStore) {
        let w = fill(&store.db, &store.scope(), 1).await;
        let made = w.live.merged;
        for cents in 1..6 {
            next!(store, tx => job::put(tx, &[new_job(made, w.people[0].record, cents)]));
        }
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let waits = task::get(&mut tx, past::TASK).await.unwrap().unwrap();
        assert_eq!((waits.state.as_str(), waits.due_at), ("waiting", START.plus_seconds(past::KEEP_SECONDS)));
        let between = START.plus_seconds(60 * 4);
        assert_eq!(past::oldest(&mut tx).await.unwrap(), Some(START));
        let mut pages = Vec::new();
        while let gone @ 1.. = past::prune(&mut tx, between, 1).await.unwrap() {
            pages.push(gone);
        }
        assert!(pages.iter().all(|gone| *gone == 1), "{pages:?}");
        assert_eq!(past::oldest(&mut tx).await.unwrap(), Some(between));
        let job = async |tx: &mut Tx, at| job::then(tx, &[w.people[0].record], at).await.unwrap().len();
        // Beside the job of the world.
        assert_eq!((job(&mut tx, START.plus_seconds(60)).await, job(&mut tx, START.plus_seconds(60 * 3)).await), (1, 2));
    }

    /// Erasing takes what stood along: of the records, of whoever ever had them, and nothing of anybody else.
    async fn what_is_taken_out_for_good_leaves_nothing_that_stood(store: TestStore) {
        let w = fill(&store.db, &store.scope(), 1).await;
        let [ann, bob, cal] = [&w.people[0], &w.people[1], &w.people[2]];
        let mut noted = Vec::new();
        for person in [ann, bob, cal] {
            let mut put = person.customer();
            put.customer.notes = Some("the secret of the side gate".to_owned());
            next!(store, tx => customer::put(tx, &[put.clone()], &[person.customer()]));
            noted.push(next!(store, tx => customer::put(tx, &[person.customer()], &[put])));
        }
        next!(store, tx => job::put(tx, &[new_job(w.live.merged, bob.record, 7)]));
        next!(store, tx => job::put(tx, &[new_job(w.live.merged, bob.record, 8)]));
        next!(store, tx => record::assign(tx, &[(bob.record, ann.customer)]));
        next!(store, tx => removal::take_out(tx, &[bob.record, w.live.merged]));
        next!(store, tx => past::forget(tx, &[bob.record, w.live.merged], &[]));
        let mut tx = read(&store).await;
        let mut left = Vec::new();
        for (person, at) in w.people.iter().zip(noted) {
            left.push(past::customers(&mut tx, &[person.customer], at).await.unwrap().len());
        }
        assert_eq!(left, [0, 0, 1]);
        let mut raw = crate::raw::Raw::of(&store).await;
        let left = format!("{:?}", raw.dump(Some(store.tenant.id.number())).await["past_row"]);
        assert_eq!(left.matches("side gate").count(), 1, "cal's");
        for record in [bob.record, w.live.merged] {
            assert!(!left.contains(&record.uuid().simple().to_string()), "{record}: {left}");
        }
    }
}
