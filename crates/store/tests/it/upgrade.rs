//! A store of an older schema is brought up to date and keeps every fact (I-24).

use std::sync::Arc;

use doorstep_core::Clock;
use doorstep_store::{Db, migrate, on_both};

use crate::raw::Raw;
use crate::world::fill;

/// What later steps brought, referencing before referenced.
const ADDED: [&str; 7] = ["idempotency", "audit_entry", "one_time_link", "api_key", "session", "app_user", "pin"];
/// Takes the rest of the third step back.
const BEFORE_PINS: [&str; 5] = [
    "drop index customer_by_name",
    "alter table customer drop column sort_name",
    "alter table customer drop column version",
    "drop index call_by_value",
    "drop index call_by_record",
];
/// Indexes that the third step replaced.
const OLD_INDEXES: [&str; 2] = [
    "create index call_by_value on call (tenant_id, kind, value, started_at)",
    "create index call_by_record on call (tenant_id, record_id, started_at)",
];

on_both! {
    async fn a_store_of_the_first_schema_keeps_every_fact(store: TestStore) {
        fill(&store.db, &store.scope(), 1).await;
        let mut raw = Raw::of(&store).await;
        // Versions begin with the third step.
        raw.run("update customer set version = 0").await;
        let before = raw.dump(None).await;
        for table in ADDED {
            raw.run(&format!("drop table {table}")).await;
        }
        for sql in BEFORE_PINS.iter().chain(&OLD_INDEXES) {
            raw.run(sql).await;
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
