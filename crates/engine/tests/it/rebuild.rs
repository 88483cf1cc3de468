//! Records are ground state: whatever happens to what is derived, a rebuild gives it back (I-03).

use doorstep_store::customer::{self, Put};
use doorstep_store::on_both;

use crate::house::{House, files};

on_both! {
    async fn a_check_finds_what_is_wrong_and_a_rebuild_puts_it_right(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let before = house.picture().await;
        let mut tx = house.store.db.write(&house.scope()).await.unwrap();
        let listed = customer::list(&mut tx, None, 100).await.unwrap();
        let ids = [listed[0].id, listed[1].id];
        let known: Vec<Put> = customer::get_many(&mut tx, &ids).await.unwrap();
        let mut wrong = known.clone();
        wrong[0].customer.display_name = "Somebody Else".to_owned();
        wrong[1].customer.identities.clear();
        customer::put(&mut tx, &wrong, &known).await.unwrap();
        customer::remove(&mut tx, &[listed[2].id]).await.unwrap();
        tx.commit().await.unwrap();
        let found = house.engine.rebuild(&house.scope(), true, |_| {}).await.unwrap();
        assert_eq!(found.different, 3, "{found:?}");
        assert_ne!(house.picture().await, before, "a check writes nothing");
        house.engine.rebuild(&house.scope(), false, |_| {}).await.unwrap();
        assert_eq!(house.picture().await, before);
        house.assert_rebuilt_the_same().await;
    }
}
