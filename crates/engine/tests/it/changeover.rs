//! Rules have versions, and old data is revisited: looked at first, then exactly that or nothing.

use std::time::Duration;

use doorstep_core::changeover::{State, Summary};
use doorstep_core::id::CustomerId;
use doorstep_core::linkage::Weights;
use doorstep_core::rule_set::Origin;
use doorstep_core::tenant::Role;
use doorstep_engine::changeover::{NOTE_EVERY, Shown};
use doorstep_engine::customer::{Found, Lookup};
use doorstep_engine::rule_set::Wanted;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::{LEASE, Worker};
use doorstep_engine::{Error, Result};
use doorstep_store::change::{self, Subject};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use doorstep_store::testing::broken::{allow_looking, refuse_looking_beyond};
use doorstep_store::{customer, on_both, rule_set};

use crate::house::{House, contact, files, many_files};

/// Longer than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// So timid that hardly anybody is joined.
const TIMID: f32 = 30.0;

/// A house whose customers stand on what another program shipped: nobody is joined by it.
async fn house_of_an_older_program(store: TestStore) -> House {
    let house = House::new(store);
    let weights = Weights { link: TIMID, ..Weights::default() };
    let shipped = rule_set::New::shipped(doorstep_core::tenant::Actor::Worker);
    let older = rule_set::New { weights, shipped_version: Some(0), ..shipped };
    let mut tx = house.store.db.write(&house.scope()).await.unwrap();
    let version = rule_set::insert(&mut tx, &older).await.unwrap();
    rule_set::put_in_force(&mut tx, version).await.unwrap();
    tx.commit().await.unwrap();
    house
}

async fn preview(house: &House, version: i64) -> Result<Shown> {
    house.engine.preview_rules(&house.scope(), version, |_, _| {}).await
}

async fn apply(house: &House, version: i64, digest: &str) -> Result<State> {
    Ok(house.engine.apply_rules(&house.scope(), version, digest).await?.changeover.state)
}

async fn state(house: &House) -> State {
    house.engine.changeover(&house.scope()).await.unwrap().unwrap().changeover.state
}

async fn ids(house: &House) -> Vec<CustomerId> {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    customer::list(&mut tx, None, 10_000).await.unwrap().into_iter().map(|listed| listed.id).collect()
}

async fn stands_for(house: &House, id: CustomerId) -> CustomerId {
    match house.engine.look_up(&house.scope(), id).await.unwrap() {
        Lookup::Customer { customer, .. } => customer.id,
        other => panic!("{other:?}"),
    }
}

fn of(shown: &Shown) -> (&Summary, String) {
    (shown.changeover.summary.as_ref().unwrap(), shown.changeover.digest.clone().unwrap())
}

on_both! {
    async fn another_programs_weights_change_nobody_until_they_are_applied_and_can_be_taken_back(store: TestStore) {
        let house = house_of_an_older_program(store).await;
        house.import(&files()).await;
        house.assert_rebuilt_the_same().await;
        let (before, old_ids) = (house.picture().await, ids(&house).await);
        let found = house.engine.find_or_create(&house.scope(), &contact(Some("John Smith"), "617 471 0117"), true).await.unwrap();
        assert!(matches!(found, Found::Created { .. }), "{found:?}: who comes in goes by the rules in force");
        let shipped = House::new(TestStore::new(Dialect::Sqlite).await);
        shipped.import(&files()).await;
        assert!(shipped.picture().await.len() < before.len(), "the test says nothing if nobody is joined");

        let rules = house.engine.rule_sets(&house.scope()).await.unwrap();
        assert_eq!((rules.in_force, rules.newly_shipped, rules.versions.len()), (2, None, 2));
        let looked = preview(&house, 1).await.unwrap();
        let (summary, digest) = of(&looked);
        assert_eq!((looked.changeover.state, looked.changeover.from_version), (State::Previewed, 2));
        assert_eq!((summary.customers_before, summary.customers_after), (before.len() as u64, shipped.picture().await.len() as u64));
        assert!(summary.merges > 0 && summary.splits == 0, "{summary:?}");
        let merge = &summary.example_merges[0];
        assert!(merge.customers.contains(&merge.into) && looked.names[&merge.into].contains("Smith"), "{looked:?}");
        assert_eq!(house.picture().await, before, "a look writes nothing");
        assert!(matches!(apply(&house, 1, "another").await, Err(Error::NotPreviewed(1))));
        assert!(matches!(apply(&house, 2, &digest).await, Err(Error::NotPreviewed(2))));
        assert_eq!(house.engine.rule_sets(&house.scope()).await.unwrap().in_force, 2);

        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        let head = change::head(&mut tx).await.unwrap();
        drop(tx);
        assert!(matches!(apply(&house, 1, &digest).await, Ok(State::Applying)));
        assert!(matches!(preview(&house, 2).await, Err(Error::StillFollowing(1))));
        assert!(matches!(apply(&house, 1, &digest).await, Err(Error::StillFollowing(1))));
        house.settle().await;
        assert_eq!(state(&house).await, State::Applied, "{:?}", house.tasks().await);
        assert_eq!(house.picture().await, shipped.picture().await);
        house.assert_rebuilt_the_same().await;
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        assert!(change::any_since(&mut tx, head, Subject::Customer).await.unwrap(), "who looks on is told");
        drop(tx);
        for id in &old_ids {
            assert!(ids(&house).await.contains(&stands_for(&house, *id).await), "every id goes on leading somewhere");
        }

        let looked = preview(&house, 2).await.unwrap();
        let (summary, digest) = of(&looked);
        assert!(summary.splits > 0 && summary.merges == 0, "{summary:?}");
        let split = &summary.example_splits[0];
        assert_eq!(split.becomes[0], split.customer, "the side with the oldest record keeps the id");
        assert!(matches!(apply(&house, 2, &digest).await, Ok(State::Applying)));
        house.settle().await;
        assert_eq!((house.picture().await, ids(&house).await), (before, old_ids), "all of it is given back");
        house.assert_rebuilt_the_same().await;
    }

    async fn what_has_changed_since_is_looked_at_again_and_what_changes_nothing_is_no_reason(store: TestStore) {
        let house = house_of_an_older_program(store).await;
        house.import(&files()).await;
        let (_, digest) = of(&preview(&house, 1).await.unwrap());
        // Somebody more whom the new rules join: not what was looked at.
        let new = contact(Some("Jack Smyth"), "617 471 0118");
        house.engine.find_or_create(&house.scope(), &new, false).await.unwrap();
        let before = house.picture().await;
        assert!(matches!(apply(&house, 1, &digest).await, Ok(State::Checking)));
        assert!(matches!(apply(&house, 1, &digest).await, Err(Error::NotPreviewed(1))), "once is enough");
        house.settle().await;
        let looked = house.engine.changeover(&house.scope()).await.unwrap().unwrap();
        let (summary, another) = of(&looked);
        assert!(another != digest && summary.merges > 1, "{summary:?}");
        assert_eq!((house.picture().await, state(&house).await), (before, State::Previewed));
        assert!(matches!(apply(&house, 1, &digest).await, Err(Error::NotPreviewed(1))), "the old look is gone");
        // Somebody whom neither joins: nothing of what was looked at is another.
        house.engine.find_or_create(&house.scope(), &contact(Some("Zoe Quist"), "617 471 0777"), false).await.unwrap();
        assert!(matches!(apply(&house, 1, &another).await, Ok(State::Checking)));
        house.settle().await;
        assert_eq!(state(&house).await, State::Applied);
        house.assert_rebuilt_the_same().await;
    }

    async fn a_process_that_dies_while_customers_follow_leaves_it_to_the_next(store: TestStore) {
        let house = house_of_an_older_program(store).await;
        let (contacts, messages) = many_files(1_400, 20);
        let files = [("contacts.csv", contacts.as_str()), ("messages.csv", messages.as_str())];
        let shipped = House::new(TestStore::new(Dialect::Sqlite).await);
        shipped.import(&files).await;
        let newcomer = contact(Some("Mary Lee"), "617 471 0003");
        house.import(&files).await;
        for dies_at in [1, 600, 1_200] {
            let (_, digest) = of(&preview(&house, 1).await.unwrap());
            assert!(matches!(apply(&house, 1, &digest).await, Ok(State::Applying)));
            let engine = house.engine.clone();
            let dying = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
            loop {
                let now = house.engine.changeover(&house.scope()).await.unwrap().unwrap().changeover;
                if now.records_done >= dies_at || now.state == State::Applied {
                    break;
                }
                tokio::task::yield_now().await;
            }
            dying.abort();
            let _ = dying.await;
            // Half-way, whoever asks is answered, and by the rules in force.
            house.engine.find_or_create(&house.scope(), &newcomer, true).await.unwrap();
            let there = async {
                while state(&house).await != State::Applied {
                    house.store.clock.turn_seconds(i64::try_from(LEASE.as_secs()).unwrap() * 2);
                    house.settle().await;
                    tokio::task::yield_now().await;
                }
            };
            let ended = tokio::time::timeout(LIMIT, there).await;
            assert!(ended.is_ok(), "{dies_at}: {:?}", house.tasks().await);
            assert_eq!(house.picture().await, shipped.picture().await, "{dies_at}");
            house.assert_rebuilt_the_same().await;
            let (_, digest) = of(&preview(&house, 2).await.unwrap());
            assert!(matches!(apply(&house, 2, &digest).await, Ok(State::Applying)));
            house.settle().await;
            assert_eq!(state(&house).await, State::Applied);
        }
    }

    async fn a_look_by_the_worker_is_the_same_look(store: TestStore) {
        let house = house_of_an_older_program(store).await;
        house.import(&files()).await;
        let (at_once, digest) = { let shown = preview(&house, 1).await.unwrap(); let (summary, digest) = of(&shown); (summary.clone(), digest) };
        house.engine.start_preview(&house.scope(), 1).await.unwrap();
        assert!(matches!(apply(&house, 1, &digest).await, Err(Error::NotPreviewed(1))), "nobody has looked yet");
        house.settle().await;
        let looked = house.engine.changeover(&house.scope()).await.unwrap().unwrap();
        assert_eq!(of(&looked), (&at_once, digest));
        assert!(house.tasks().await.is_empty());
    }

    async fn a_look_by_the_worker_says_how_far_it_is_and_goes_on_when_it_stood_still(store: TestStore) {
        let house = house_of_an_older_program(store).await;
        let nothing = house.engine.resume_changeover(&house.scope()).await;
        assert!(matches!(nothing, Err(Error::Unfit(_))), "{nothing:?}");
        // Nobody has anything to do with anybody, so that each step of the look is a page.
        let alone = |n: u64| format!("c{n},,+1617{}\n", 4_710_000 + n);
        let contacts: String = (0..2 * NOTE_EVERY + 100).map(alone).collect();
        house.import(&[("contacts.csv", &format!("contact_id,display_name,phone_number\n{contacts}"))]).await;
        let total = house.engine.start_preview(&house.scope(), 1).await.unwrap().changeover.records_total;
        let shown = async || house.engine.changeover(&house.scope()).await.unwrap().unwrap();
        // The database takes every note and refuses the end, until the tries are used up.
        refuse_looking_beyond(&house.store, total - 1).await;
        let there = async {
            while shown().await.stopped.is_none() {
                house.store.clock.turn_seconds(3_600);
                house.settle().await;
            }
        };
        tokio::time::timeout(LIMIT, there).await.expect("it is put aside");
        allow_looking(&house.store).await;
        let half = shown().await;
        let done = half.changeover.records_done;
        assert_eq!(half.changeover.state, State::Previewing);
        assert!(done >= NOTE_EVERY && done < total, "{done} of {total}: {:?}", half.stopped);
        house.settle().await;
        assert_eq!(state(&house).await, State::Previewing, "it waits until somebody asks");
        let staff = house.user("sam", Role::Staff).await;
        let refused = house.engine.resume_changeover(&house.scope_of(&staff)).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        assert_eq!(house.engine.resume_changeover(&house.scope()).await.unwrap().stopped, None);
        house.settle().await;
        let looked = shown().await;
        assert_eq!((looked.changeover.state, looked.stopped), (State::Previewed, None));
        assert!(house.engine.resume_changeover(&house.scope()).await.is_err(), "there is nothing left to do");
    }

    async fn thresholds_make_a_version_and_need_the_right(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let wanted = |link, review| Wanted::Thresholds { of: None, link, review };
        let made = house.engine.add_rule_set(&house.scope(), wanted(6.0, None)).await.unwrap();
        assert_eq!((made.version, made.origin, made.based_on, made.in_force_since), (2, Origin::Thresholds, Some(1), None));
        assert_eq!((made.weights.link, made.weights.review), (6.0, Weights::default().review));
        assert!(matches!(house.engine.add_rule_set(&house.scope(), wanted(1.0, Some(2.0))).await, Err(Error::BadThresholds(_))));
        let unknown = Wanted::Thresholds { of: Some(9), link: 1.0, review: None };
        assert!(matches!(house.engine.add_rule_set(&house.scope(), unknown).await, Err(Error::NoRuleSet(9))));
        assert!(matches!(preview(&house, 9).await, Err(Error::NoRuleSet(9))));
        let staff = house.user("sam", Role::Staff).await;
        let staff = house.scope_of(&staff);
        assert!(matches!(house.engine.add_rule_set(&staff, Wanted::Shipped).await, Err(Error::Denied(_))));
        assert!(matches!(house.engine.preview_rules(&staff, 2, |_, _| {}).await, Err(Error::Denied(_))));
        assert!(matches!(house.engine.apply_rules(&staff, 2, "").await, Err(Error::Denied(_))));
        let looked = preview(&house, 2).await.unwrap();
        let rates = &of(&looked).0.rates;
        assert!(rates.iter().any(|rate| rate.link == 6.0) && rates.is_sorted_by(|a, b| a.wrong_share >= b.wrong_share), "{rates:?}");
        house.assert_rebuilt_the_same().await;
    }

    async fn training_makes_a_version_that_is_not_in_force(store: TestStore) {
        let house = House::new(store);
        let nothing = house.engine.train_rules(&house.scope(), |_| {}).await;
        assert!(matches!(nothing, Err(Error::Unfit(_))), "{nothing:?}");
        let (contacts, _) = many_files(600, 0);
        house.import(&[("contacts.csv", contacts.as_str())]).await;
        let before = house.picture().await;
        let trained = house.engine.train_rules(&house.scope(), |_| {}).await.unwrap();
        let training = trained.training.as_ref().unwrap();
        assert_eq!((trained.version, trained.origin, trained.in_force_since), (2, Origin::Trained, None));
        assert!(training.pairs > 0 && training.rounds > 1 && !training.moved.is_empty(), "{training:?}");
        assert_eq!((trained.weights.link, trained.weights.review), (Weights::default().link, Weights::default().review));
        assert_ne!(trained.weights, Weights::default());
        let again = house.engine.train_rules(&house.scope(), |_| {}).await.unwrap();
        assert_eq!((again.weights, again.training), (trained.weights, trained.training), "the same records teach the same");
        assert_eq!(house.picture().await, before);
        house.assert_rebuilt_the_same().await;
    }
}
