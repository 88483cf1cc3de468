//! How readings of single customers are noted, and who is woken.

use doorstep_core::id::CustomerId;
use doorstep_store::refresh::Readings;
use doorstep_store::testing::START;
use doorstep_store::{Wake, on_both, refresh, task};

use crate::world::fill;

on_both! {
    async fn a_reading_that_came_to_its_end_forgets_those_that_failed_before(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let (customer, record) = (world.people[0].customer, world.live.read);
        let noted = async || {
            let mut tx = store.db.read(&store.scope()).await.unwrap();
            let found = refresh::of_customer(&mut tx, customer, 9).await.unwrap();
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].record, found[0].connection), (record, world.live.connection));
            assert!(!format!("{found:?}").contains(&found[0].key), "a key may be a phone number");
            found[0].readings.clone().unwrap()
        };
        let first = noted().await;
        assert_eq!((first.read_at, first.failures), (Some(START), 1));
        assert!(first.failed_at.is_some() && first.reason.is_some());
        store.clock.turn_seconds(60);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        refresh::begin(&mut tx, &[record]).await.unwrap();
        let began_at = tx.now();
        refresh::fail(&mut tx, &[record], "again").await.unwrap();
        tx.commit().await.unwrap();
        let second = noted().await;
        assert_eq!((second.began_at, second.failures, second.reason.as_deref()), (began_at, 2, Some("again")));
        store.clock.turn_seconds(60);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        refresh::succeed(&mut tx, &[record], began_at).await.unwrap();
        tx.commit().await.unwrap();
        let done = Readings { began_at, read_at: Some(began_at), failed_at: None, failures: 0, reason: None };
        assert_eq!(noted().await, done);
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let nobody = CustomerId::from_uuid(world.people[1].customer.uuid());
        assert_eq!(refresh::of_customer(&mut tx, nobody, 9).await.unwrap(), [], "somebody without a live source");
    }

    /// Nothing may have changed, and somebody waits all the same.
    async fn who_waits_for_a_reading_is_woken_though_the_feed_says_nothing(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut wakes = store.db.wakes().await.unwrap();
        let head = async || {
            let mut tx = store.db.read(&store.scope()).await.unwrap();
            doorstep_store::change::head(&mut tx).await.unwrap()
        };
        let before = head().await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        refresh::succeed(&mut tx, &[world.live.read], START).await.unwrap();
        tx.commit().await.unwrap();
        let heard = tokio::time::timeout(std::time::Duration::from_secs(30), async {
            loop {
                if wakes.next().await == Some(Wake::Tenant(store.scope().tenant())) {
                    return;
                }
            }
        });
        heard.await.expect("a wake");
        assert_eq!(head().await, before);
    }

    async fn tasks_are_counted_by_kind_up_to_a_limit_and_parked_ones_are_not(store: TestStore) {
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        for key in ["refresh:a", "refresh:b", "refresh:c", "refreshed", "refresh;", "sync:a"] {
            task::wake(&mut tx, key, START).await.unwrap();
        }
        assert_eq!(task::count_of_kind(&mut tx, "refresh:", 9).await.unwrap(), 3);
        assert_eq!(task::count_of_kind(&mut tx, "refresh:", 2).await.unwrap(), 2);
        assert_eq!(task::count_of_kind(&mut tx, "sync:", 9).await.unwrap(), 1);
    }
}
