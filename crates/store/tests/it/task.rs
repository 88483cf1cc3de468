//! Tasks: one row per key, run by one holder at a time, fair between tenants, never lost (I-06, I-22).

use std::collections::HashSet;

use doorstep_core::{Scope, Timestamp};
use doorstep_store::change::{self, Subject};
use doorstep_store::task::{self, Claim, Task};
use doorstep_store::testing::{START, create_tenant, owner_of};
use doorstep_store::{Db, Error, on_both, system};
use uuid::Uuid;

use crate::world::at;

/// Seconds of a lease in these tests.
const LEASE: i64 = 30;

async fn wake(db: &Db, scope: &Scope, key: &str, due_at: Timestamp) {
    let mut tx = db.write(scope).await.unwrap();
    task::wake(&mut tx, key, due_at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn get(db: &Db, scope: &Scope, key: &str) -> Option<Task> {
    task::get(&mut db.read(scope).await.unwrap(), key).await.unwrap()
}

async fn claim(db: &Db, holder: u128, limit: i64) -> Vec<Claim> {
    let now = db.clock().now();
    system::claim_tasks(db, Uuid::from_u128(holder), now, now.plus_seconds(LEASE), limit).await.unwrap()
}

async fn claim_one(db: &Db, holder: u128) -> Claim {
    let mut claims = claim(db, holder, 1).await;
    assert_eq!(claims.len(), 1, "one task is due");
    claims.remove(0)
}

macro_rules! in_tx {
    ($db:expr, $scope:expr, $tx:ident => $call:expr) => {{
        let mut $tx = $db.write($scope).await.unwrap();
        let ended = $call.await;
        if ended.is_ok() {
            $tx.commit().await.unwrap();
        }
        ended
    }};
}

on_both! {
    /// However often a task is woken, it is one row; the earliest time asked for counts.
    async fn a_key_is_one_task_and_keeps_its_earliest_time(store: TestStore) {
        let scope = store.scope();
        for due in [50, 20, 90] {
            wake(&store.db, &scope, "sync", at(due)).await;
        }
        let listed = task::list(&mut store.db.read(&scope).await.unwrap(), 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].due_at, listed[0].state.as_str(), listed[0].attempts), (at(20), "waiting", 0));
        assert_eq!(system::next_due(&store.db).await.unwrap(), Some(at(20)));
        assert_eq!(claim(&store.db, 1, 10).await, [], "it is not due yet");
        store.clock.turn_seconds(20);
        assert_eq!(claim_one(&store.db, 1).await.attempts, 1);
        assert_eq!(system::next_due(&store.db).await.unwrap(), Some(at(20 + LEASE)), "when the lease ends");
    }

    /// A wake during the run is not lost: the task runs once more, with a fresh budget.
    async fn a_wake_while_running_runs_it_again(store: TestStore) {
        let scope = store.scope();
        wake(&store.db, &scope, "sync", START).await;
        let first = claim_one(&store.db, 1).await;
        wake(&store.db, &scope, "sync", START).await;
        assert_eq!(claim(&store.db, 2, 10).await, [], "not while it runs");
        in_tx!(store.db, &scope, tx => task::finish(&mut tx, &first)).unwrap();
        assert_eq!(get(&store.db, &scope, "sync").await.unwrap().state, "waiting");
        let second = claim_one(&store.db, 2).await;
        assert_eq!(second.attempts, 1);
        in_tx!(store.db, &scope, tx => task::finish(&mut tx, &second)).unwrap();
        assert_eq!(get(&store.db, &scope, "sync").await, None);
        assert_eq!(system::next_due(&store.db).await.unwrap(), None);
    }

    /// Eight claimers in two processes: every task is claimed, none twice.
    async fn a_task_is_claimed_once(store: TestStore) {
        let second = store.another_process().await;
        let mut scopes = vec![store.scope()];
        for number in 2..=5 {
            scopes.push(owner_of(&create_tenant(&store.db, &format!("T{number}"), "+16174712009").await));
        }
        for scope in &scopes {
            let mut tx = store.db.write(scope).await.unwrap();
            for number in 0..20 {
                task::wake(&mut tx, &format!("task {number}"), START).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
        let mut claimers = tokio::task::JoinSet::new();
        for holder in 0..8u128 {
            let db = if holder % 2 == 0 { store.db.clone() } else { second.clone() };
            claimers.spawn(async move {
                let mut claimed: Vec<Claim> = Vec::new();
                while system::next_due(&db).await.unwrap().is_some_and(|due| due <= START) {
                    claimed.extend(claim(&db, holder, 3).await);
                }
                claimed
            });
        }
        let mut all = Vec::new();
        while let Some(claimed) = claimers.join_next().await {
            all.extend(claimed.unwrap().into_iter().map(|claim| (claim.tenant, claim.key)));
        }
        assert_eq!(all.len(), 100);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 100, "claimed twice");
    }

    /// A holder that died: when its lease ends another takes over, and whatever the dead one still writes is refused.
    async fn a_lost_lease_keeps_nothing(store: TestStore) {
        let scope = store.scope();
        wake(&store.db, &scope, "sync", START).await;
        let dead = claim_one(&store.db, 1).await;
        store.clock.turn_seconds(LEASE - 1);
        assert_eq!(claim(&store.db, 2, 10).await, [], "the lease still runs");
        in_tx!(store.db, &scope, tx => task::hold(&mut tx, &dead)).unwrap();
        store.clock.turn_seconds(1);
        let lost = in_tx!(store.db, &scope, tx => task::hold(&mut tx, &dead)).unwrap_err();
        assert!(task::is_lost(&lost), "the lease has ended, though nobody took the task yet");
        let heir = claim_one(&store.db, 2).await;
        assert_eq!((heir.attempts, heir.wakes), (2, dead.wakes));
        for what in ["hold", "extend", "finish", "retry", "park"] {
            let mut tx = store.db.write(&scope).await.unwrap();
            tx.announce(Subject::Customer, Uuid::from_u128(1));
            let ended = match what {
                "hold" => task::hold(&mut tx, &dead).await,
                "extend" => task::extend(&mut tx, &dead, at(999)).await,
                "finish" => task::finish(&mut tx, &dead).await,
                "retry" => task::retry(&mut tx, &dead, START, "later").await,
                _ => task::park(&mut tx, &dead, "no").await,
            };
            assert!(matches!(&ended, Err(Error::LeaseLost(key)) if key == "sync"), "{what}: {ended:?}");
        }
        assert_eq!(change::head(&mut store.db.read(&scope).await.unwrap()).await.unwrap(), 0, "nothing was kept");
        in_tx!(store.db, &scope, tx => task::finish(&mut tx, &heir)).unwrap();
    }

    /// The same process taking its own task over again after its lease ended is another holder, too.
    async fn a_claim_is_for_one_try(store: TestStore) {
        let scope = store.scope();
        wake(&store.db, &scope, "sync", START).await;
        let first = claim_one(&store.db, 1).await;
        store.clock.turn_seconds(LEASE);
        let second = claim_one(&store.db, 1).await;
        assert!(in_tx!(store.db, &scope, tx => task::finish(&mut tx, &first)).is_err());
        in_tx!(store.db, &scope, tx => task::finish(&mut tx, &second)).unwrap();
    }

    /// Extending keeps a long task.
    async fn an_extended_lease_lasts(store: TestStore) {
        let scope = store.scope();
        wake(&store.db, &scope, "sync", START).await;
        let long = claim_one(&store.db, 1).await;
        in_tx!(store.db, &scope, tx => task::extend(&mut tx, &long, at(10 * LEASE))).unwrap();
        store.clock.turn_seconds(5 * LEASE);
        assert_eq!(claim(&store.db, 2, 10).await, []);
        in_tx!(store.db, &scope, tx => task::hold(&mut tx, &long)).unwrap();
        store.clock.turn_seconds(5 * LEASE);
        assert_eq!(claim_one(&store.db, 2).await.attempts, 2);
    }

    /// I-29: a tenant with a thousand due tasks keeps another's single one waiting for one claim at most.
    async fn a_long_queue_does_not_hold_up_another_tenant(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        for number in 0..1_000 {
            task::wake(&mut tx, &format!("task {number}"), at(-1_000)).await.unwrap();
        }
        tx.commit().await.unwrap();
        wake(&store.db, &other, "only", START).await;
        let one_by_one = [claim_one(&store.db, 1).await, claim_one(&store.db, 1).await];
        assert!(one_by_one.iter().any(|claim| claim.tenant == other.tenant()), "{one_by_one:?}");
        wake(&store.db, &other, "second", START).await;
        let at_once = claim(&store.db, 1, 2).await;
        assert!(at_once.iter().any(|claim| claim.tenant == other.tenant()), "{at_once:?}");
    }

    /// After a crash the lapsed leases of a busy tenant do not hold up another, either.
    async fn lapsed_leases_do_not_hold_up_another_tenant(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        for number in 0..10 {
            task::wake(&mut tx, &format!("task {number}"), START).await.unwrap();
        }
        tx.commit().await.unwrap();
        while !claim(&store.db, 1, 10).await.is_empty() {}
        store.clock.turn_seconds(LEASE);
        wake(&store.db, &other, "only", START).await;
        let claims = claim(&store.db, 2, 2).await;
        assert!(claims.iter().any(|claim| claim.tenant == other.tenant()), "{claims:?}");
    }

    /// I-29: where more is due than is claimed, whoever has waited longest comes next, and nobody is passed over for
    /// having come to the house later than others.
    async fn whoever_has_waited_longest_comes_next(store: TestStore) {
        let mut scopes = vec![store.scope()];
        for number in 2..=4 {
            scopes.push(owner_of(&create_tenant(&store.db, &format!("T{number}"), "+16174712009").await));
        }
        for scope in &scopes {
            wake(&store.db, scope, "sync", START).await;
        }
        let mut turns = Vec::new();
        for _ in 0..3 * scopes.len() {
            store.clock.turn_seconds(1);
            let claim = claim_one(&store.db, 1).await;
            turns.push(claim.tenant);
            let (now, scope) = (store.db.clock().now(), Scope::worker(claim.tenant));
            // Its next piece of work is due at once.
            in_tx!(store.db, &scope, tx => task::finish_until(&mut tx, &claim, now)).unwrap();
        }
        let tenants: Vec<_> = scopes.iter().map(Scope::tenant).collect();
        assert_eq!(turns, [tenants.clone(), tenants.clone(), tenants].concat());
    }

    /// Whose holder died has waited since the lease ended.
    async fn a_lapsed_lease_is_waited_with_since_its_end(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        wake(&store.db, &other, "sync", START).await;
        claim_one(&store.db, 1).await;
        wake(&store.db, &store.scope(), "sync", at(LEASE + 1)).await;
        store.clock.turn_seconds(LEASE + 2);
        assert_eq!(claim_one(&store.db, 2).await.tenant, other.tenant());
        let next = claim_one(&store.db, 2).await;
        assert_eq!(next.tenant, store.tenant.id);
        // One that is due since before the lease ended comes first.
        let scope = Scope::worker(next.tenant);
        in_tx!(store.db, &scope, tx => task::finish_until(&mut tx, &next, at(LEASE + 2))).unwrap();
        store.clock.turn_seconds(LEASE);
        assert_eq!(claim_one(&store.db, 3).await.tenant, store.tenant.id);
    }

    /// What failed is tried later; what is parked waits for somebody to wake it and then has a new budget.
    async fn a_parked_task_waits_for_a_wake(store: TestStore) {
        let scope = store.scope();
        wake(&store.db, &scope, "sync", START).await;
        let first = claim_one(&store.db, 1).await;
        in_tx!(store.db, &scope, tx => task::retry(&mut tx, &first, at(60), "no answer")).unwrap();
        let waiting = get(&store.db, &scope, "sync").await.unwrap();
        assert_eq!((waiting.state.as_str(), waiting.due_at, waiting.attempts), ("waiting", at(60), 1));
        assert_eq!(waiting.reason.as_deref(), Some("no answer"));
        store.clock.turn_seconds(60);
        let second = claim_one(&store.db, 1).await;
        assert_eq!(second.attempts, 2);
        in_tx!(store.db, &scope, tx => task::park(&mut tx, &second, "it never answers")).unwrap();
        store.clock.turn_seconds(1_000_000);
        assert_eq!(claim(&store.db, 1, 10).await, []);
        assert_eq!(system::next_due(&store.db).await.unwrap(), None);
        assert_eq!(get(&store.db, &scope, "sync").await.unwrap().reason.as_deref(), Some("it never answers"));
        let now = store.db.clock().now();
        wake(&store.db, &scope, "sync", now).await;
        let woken = get(&store.db, &scope, "sync").await.unwrap();
        assert_eq!((woken.state.as_str(), woken.attempts, woken.reason), ("waiting", 0, None));
        assert_eq!(claim_one(&store.db, 1).await.attempts, 1);
    }
}
