//! Plans that nobody applies let go of their archives after a while; nothing else does.

use doorstep_core::id::ImportId;
use doorstep_engine::import::{Applied, KEEP_PLANS, Pruned};
use doorstep_store::on_both;

use crate::house::{House, files};

const A_DAY: i64 = 24 * 60 * 60;

fn keeps(house: &House, id: ImportId) -> bool {
    house.engine.spool_dir.join(format!("{id}.zip")).exists()
}

async fn state(house: &House, id: ImportId) -> &'static str {
    house.engine.import(&house.scope(), id).await.unwrap().import.state.as_str()
}

on_both! {
    async fn an_old_plan_expires_when_a_new_one_is_made(store: TestStore) {
        let house = House::new(store);
        let archive = house.archive(&files());
        let old = house.plan(&archive).await.unwrap().import.id;
        house.store.clock.turn_seconds(10 * A_DAY);
        let younger = house.plan(&archive).await.unwrap().import.id;
        assert_eq!((state(&house, old).await, keeps(&house, old)), ("planned", true));
        house.store.clock.turn_seconds(4 * A_DAY + 1);
        let newest = house.plan(&archive).await.unwrap();
        assert_eq!((state(&house, old).await, keeps(&house, old)), ("expired", false));
        assert_eq!((state(&house, younger).await, keeps(&house, younger)), ("planned", true));
        let refused = house.engine.apply_import(&house.scope(), old, &|_| {}).await.unwrap_err();
        assert!(refused.to_string().contains("read `history.zip` again"), "{refused}");
        house.apply(newest.import.id).await;
        assert_eq!(state(&house, newest.import.id).await, "applied");
    }

    async fn what_is_under_way_or_another_tenants_is_left_alone(store: TestStore) {
        let house = House::new(store);
        let stranger = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let stranger = doorstep_store::testing::owner_of(&stranger);
        let archive = house.archive(&files());
        let (going, waiting) = (house.plan(&archive).await.unwrap().import.id, house.plan(&archive).await.unwrap().import.id);
        assert_eq!(house.engine.apply_import(&house.scope(), going, &|_| {}).await.unwrap(), Applied::Started);
        house.store.clock.turn_seconds(15 * A_DAY);
        let pruned = house.engine.prune_plans(&stranger, KEEP_PLANS).await.unwrap();
        assert_eq!(pruned, Pruned::default());
        let pruned = house.engine.prune_plans(&house.scope(), KEEP_PLANS).await.unwrap();
        assert_eq!((pruned.plans, pruned.leftovers, pruned.bytes > 0), (vec![waiting], 0, true));
        assert!(keeps(&house, going) && !keeps(&house, waiting));
        house.settle().await;
        assert_eq!(state(&house, going).await, "applied");
        house.engine.undo_import(&house.scope(), going).await.unwrap();
        assert_eq!(house.engine.prune_plans(&house.scope(), KEEP_PLANS).await.unwrap(), Pruned::default());
        house.settle().await;
        assert_eq!(state(&house, going).await, "undone");
        // As if the process had died between the end of the import and the removal.
        std::fs::write(house.engine.spool_dir.join(format!("{going}.zip")), "PK").unwrap();
        let pruned = house.engine.prune_plans(&house.scope(), KEEP_PLANS).await.unwrap();
        assert_eq!(pruned, Pruned { plans: vec![], leftovers: 1, bytes: 2 });
        assert!(!keeps(&house, going));
    }
}
