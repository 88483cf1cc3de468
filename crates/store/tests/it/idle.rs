//! Memory is given back beside whoever is at work.

use doorstep_store::{customer, on_both};

use crate::world::fill;

on_both! {
    async fn giving_memory_back_takes_nothing_from_whoever_is_at_work(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let id = world.people[0].customer;
        let mut writing = store.db.write(&store.scope()).await.unwrap();
        customer::touch(&mut writing, &[id]).await.unwrap();
        let mut reading = store.db.read(&store.scope()).await.unwrap();
        let before = customer::version(&mut reading, id).await.unwrap().unwrap();
        for _ in 0..3 {
            store.db.give_back_memory().await;
        }
        assert_eq!(customer::version(&mut reading, id).await.unwrap(), Some(before));
        writing.commit().await.unwrap();
        drop(reading);
        store.db.give_back_memory().await;
        let mut reading = store.db.read(&store.scope()).await.unwrap();
        assert!(customer::version(&mut reading, id).await.unwrap() > Some(before));
    }
}
