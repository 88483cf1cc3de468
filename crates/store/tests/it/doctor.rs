//! The doctor finds what is wrong, says what to do, and names nobody.

use doorstep_store::doctor::{self, Finding};
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{on_both, system, task, user};
use uuid::Uuid;

use crate::raw::Raw;
use crate::world::{TASK, fill};

async fn finding(store: &TestStore, name: &str) -> Finding {
    let found = doctor::check(&store.db).await.unwrap();
    found.into_iter().find(|finding| finding.name == name).unwrap_or_else(|| panic!("nothing looks at {name}"))
}

/// The finding is bad, has advice, and says `word`.
async fn is_bad(store: &TestStore, name: &str, word: &str) {
    let finding = finding(store, name).await;
    assert!(!finding.ok && finding.advice.is_some() && finding.detail.contains(word), "{finding:?}");
}

on_both! {
    /// A healthy store has nothing but good findings.
    async fn a_healthy_store_is_healthy(store: TestStore) {
        fill(&store.db, &store.scope(), 1).await;
        let found = doctor::check(&store.db).await.unwrap();
        assert!(found.len() >= 6, "{found:?}");
        let bad: Vec<_> = found.iter().filter(|finding| !finding.ok || finding.advice.is_some()).collect();
        assert!(bad.is_empty(), "{bad:?}");
        let text = format!("{found:?}");
        for secret in ["+1617", "anna", "Bay State"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    /// A gap in the feed, however it came about.
    async fn a_torn_feed_is_found(store: TestStore) {
        fill(&store.db, &store.scope(), 1).await;
        let mut raw = Raw::of(&store).await;
        raw.run("update feed set last_number = last_number + 1").await;
        is_bad(&store, "change feed", "tenant").await;
        raw.run("update feed set last_number = last_number - 1").await;
        assert!(finding(&store, "change feed").await.ok);
        raw.run("delete from change where number = 2").await;
        is_bad(&store, "change feed", "holds").await;
    }

    /// A tenant whose people all lost the right to let anybody in.
    async fn a_tenant_without_an_owner_is_found(store: TestStore) {
        assert!(finding(&store, "owners").await.ok, "nobody signs in yet");
        let world = fill(&store.db, &store.scope(), 1).await;
        assert!(finding(&store, "owners").await.ok);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        user::set_disabled(&mut tx, world.user, Some(START)).await.unwrap();
        tx.commit().await.unwrap();
        is_bad(&store, "owners", "no owner who may sign in").await;
    }

    /// Work that stands still: parked with a reason, or held by a process that is no more.
    async fn tasks_that_stand_still_are_found(store: TestStore) {
        fill(&store.db, &store.scope(), 1).await;
        let now = store.db.clock().now();
        let claim = system::claim_tasks(&store.db, Uuid::from_u128(1), now, now.plus_seconds(30), 1).await.unwrap().remove(0);
        assert!(finding(&store, "lapsed leases").await.ok, "it runs");
        store.clock.turn_seconds(30);
        is_bad(&store, "lapsed leases", TASK).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        task::park(&mut tx, &claim, "the upstream refuses our key").await.unwrap();
        tx.commit().await.unwrap();
        assert!(finding(&store, "lapsed leases").await.ok);
        is_bad(&store, "parked tasks", "the upstream refuses our key").await;
    }
}

/// A wall that is down, or not forced on the owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wall_that_is_down_is_found() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Postgres).await;
    let mut raw = Raw::of(&store).await;
    for (down, up, table) in [
        (
            "alter table message disable row level security",
            "alter table message enable row level security",
            "`message`",
        ),
        ("alter table call no force row level security", "alter table call force row level security", "`call`"),
    ] {
        raw.run(down).await;
        is_bad(&store, "row-level security", table).await;
        raw.run(up).await;
        assert!(finding(&store, "row-level security").await.ok);
    }
}

/// A row that refers to nothing, and a setting that is not ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dangling_row_is_found() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Sqlite).await;
    fill(&store.db, &store.scope(), 1).await;
    let mut raw = Raw::of(&store).await;
    raw.run("pragma foreign_keys = off; delete from conversation").await;
    is_bad(&store, "references", "`message`").await;
}
