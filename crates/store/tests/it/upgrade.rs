//! A store of an older schema is brought up to date and keeps every fact (I-24).

use std::sync::Arc;

use doorstep_core::Clock;
use doorstep_store::{Db, migrate, on_both};

use crate::raw::Raw;
use crate::world::fill;

/// What the second step brought, referencing before referenced.
const ADDED: [&str; 6] = ["idempotency", "audit_entry", "one_time_link", "api_key", "session", "app_user"];

on_both! {
    async fn a_store_of_the_first_schema_keeps_every_fact(store: TestStore) {
        fill(&store.db, &store.scope(), 1).await;
        let mut raw = Raw::of(&store).await;
        let before = raw.dump(None).await;
        for table in ADDED {
            raw.run(&format!("drop table {table}")).await;
        }
        raw.run("delete from schema_migration where version > 1").await;
        drop(raw);
        store.db.close().await;
        let db = Db::open(&store.location, store.clock.clone() as Arc<dyn Clock>).await.unwrap();
        assert!(migrate::status(&db).await.unwrap().iter().all(|step| step.applied));
        let after = Raw::of(&store).await.dump(None).await;
        for (table, rows) in before {
            let expected = if ADDED.contains(&table) { Vec::new() } else { rows };
            assert_eq!(after[table], expected, "{table}");
        }
    }
}
