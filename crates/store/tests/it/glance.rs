//! One statement that reads needs no transaction around it.

use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use doorstep_store::{on_both, tenant};

on_both! {
    async fn a_glance_sees_what_is_committed_and_nothing_else(store: TestStore) {
        let mut writing = store.db.write(&store.scope()).await.unwrap();
        let mut own = tenant::get(&mut writing).await.unwrap();
        let before = own.name.clone();
        own.name = "Renamed".to_owned();
        tenant::put(&mut writing, &own).await.unwrap();
        let seen = async || tenant::get(&mut store.db.glance(&store.scope()).await.unwrap()).await.unwrap();
        assert_eq!(seen().await.name, before);
        writing.commit().await.unwrap();
        assert_eq!(seen().await.name, "Renamed");
        assert_eq!(seen().await.own_numbers, own.own_numbers);
    }
}

/// Two statements might see two states: who needs both asks within a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "a second statement may see another state")]
async fn a_second_statement_is_a_mistake() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let mut glance = store.db.glance(&store.scope()).await.unwrap();
    tenant::get(&mut glance).await.unwrap();
    tenant::get(&mut glance).await.unwrap();
}
