//! A store of an older schema is brought up to date and keeps every fact (I-24).

use std::sync::Arc;

use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::CustomerId;
use doorstep_core::linkage::Weights;
use doorstep_core::rule_set::Origin;
use doorstep_core::{Clock, IdMaker};
use doorstep_store::testing::{START, create_tenant, owner_of};
use doorstep_store::{Db, audit, migrate, on_both, rule_set};

use crate::raw::Raw;
use crate::world::{actor, fill, new_entry};

/// What later steps brought, referencing before referenced.
const ADDED: [&str; 31] = [
    "past_row",
    "past_identity",
    "customer_refresh",
    "context_receipt",
    "context_told",
    "context_version",
    "do_not_text",
    "membership",
    "job",
    "equipment",
    "property",
    "record_reference",
    "record_version",
    "run_problem",
    "sync_run",
    "sweep_key",
    "stream_cursor",
    "connection",
    "verification",
    "changeover",
    "rule_set",
    "idempotency",
    "audit_subject",
    "audit_entry",
    "one_time_link",
    "api_key",
    "session",
    "app_user",
    "pin",
    "identifier_mark",
    "remark",
];
/// Takes out what live sources brought, the indexes of the seventeenth step, and the columns of the eleventh.
const BEFORE_CONNECTIONS: [&str; 20] = [
    "delete from record_version",
    "delete from do_not_text",
    "delete from record where connection_id is not null",
    "drop index record_said",
    "create unique index record_said on record (tenant_id, source, stream, key, hash) where removed_at is null",
    "drop index record_of_import",
    "create index record_of_import on record (tenant_id, import_id, id)",
    "drop index record_of_customer",
    "create index record_of_customer on record (tenant_id, customer_id, id)",
    "drop index record_of_connection",
    "drop index record_of_parent",
    "drop index record_merged_away",
    "drop index record_stale",
    "alter table record drop column connection_id",
    "alter table record drop column parent_key",
    "alter table record drop column modified_at",
    "alter table record drop column said_at",
    "alter table record drop column gone",
    "alter table record drop column merged_into",
    "alter table record drop column stale_at",
];
/// Takes the rest of the third step back, the fifth, the tenth, the nineteenth, and the twentieth.
const BEFORE_PINS: [&str; 11] = [
    "alter table customer drop column balance_cents",
    "alter table tenant drop column past_since_at",
    "drop index review_by_doubt",
    "alter table review drop column doubt",
    "drop index customer_by_name",
    "alter table customer drop column sort_name",
    "alter table customer drop column version",
    "alter table customer drop column source_count",
    "alter table customer drop column last_seen_at",
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
        // Balances begin with the twentieth.
        raw.run("update customer set balance_cents = null").await;
        // The clock has not gone on: that is when the nineteenth step is taken.
        raw.run("update tenant set past_since_at = created_at").await;
        for sql in &BEFORE_CONNECTIONS[..3] {
            raw.run(sql).await;
        }
        let before = raw.dump(None).await;
        for sql in &BEFORE_CONNECTIONS[3..] {
            raw.run(sql).await;
        }
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
            // Every tenant has a first version of its rules.
            if table == "rule_set" {
                assert_eq!(after[table].len(), 1);
                continue;
            }
            // What records are found by has changed: the task that computes it is woken.
            if table == "task" {
                let added: Vec<_> = after[table].iter().filter(|row| !rows.contains(row)).collect();
                assert_eq!(added.len(), 1, "{added:?}");
                assert!(format!("{added:?}").contains("rebuild"), "{added:?}");
                assert!(rows.iter().all(|row| after[table].contains(row)));
                continue;
            }
            let expected = if ADDED.contains(&table) { Vec::new() } else { rows };
            assert_eq!(after[table], expected, "{table}");
        }
        let mut tx = db.read(&store.scope()).await.unwrap();
        let rules = rule_set::get(&mut tx, 1).await.unwrap().unwrap();
        assert_eq!((rules.origin, rules.weights), (Origin::Shipped, Weights::default()));
        assert_eq!(rule_set::in_force(&mut tx).await.unwrap().version, 1);
    }

    async fn what_entries_of_an_older_store_are_about_is_read_of_their_details(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        let maker = IdMaker::seeded(5);
        let [a, b]: [CustomerId; 2] = [maker.make(START), maker.make(START)];
        let details = Details::none().with("a", a).with("b", b).with("answer", "merge");
        let review = AuditEntry { act: Act::ReviewDecided, subject: "review".to_owned(), subject_id: Some("rvw_1".to_owned()), details, ..new_entry(&maker, actor()) };
        let nothing = AuditEntry { subject_id: None, ..new_entry(&maker, actor()) };
        for scope in [&store.scope(), &other] {
            let mut tx = store.db.write(scope).await.unwrap();
            let mine = [&review, &nothing];
            let entries = if *scope == other { &mine[1..] } else { &mine[..] };
            for entry in entries {
                audit::insert(&mut tx, entry).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
        let mut raw = Raw::of(&store).await;
        for sql in BEFORE_CONNECTIONS {
            raw.run(sql).await;
        }
        for table in ADDED.iter().take_while(|table| **table != "verification") {
            raw.run(&format!("drop table {table}")).await;
        }
        raw.run("drop table verification").await;
        raw.run("drop table identifier_mark").await;
        raw.run("drop table remark").await;
        raw.run("drop table audit_subject").await;
        raw.run("drop table changeover").await;
        raw.run("drop table rule_set").await;
        raw.run("alter table customer drop column balance_cents").await;
        raw.run("alter table customer drop column source_count").await;
        raw.run("alter table customer drop column last_seen_at").await;
        raw.run("drop index review_by_doubt").await;
        raw.run("alter table review drop column doubt").await;
        raw.run("alter table tenant drop column past_since_at").await;
        raw.run("delete from schema_migration where version > 3").await;
        drop(raw);
        store.db.close().await;
        let db = Db::open(&store.location, store.clock.clone() as Arc<dyn Clock>).await.unwrap();
        for subject in [a.to_string(), b.to_string(), "rvw_1".to_owned()] {
            let asked = audit::Filter { about: vec![subject], ..Default::default() };
            let mut tx = db.read(&store.scope()).await.unwrap();
            assert_eq!(audit::list(&mut tx, &asked, None, 9).await.unwrap(), std::slice::from_ref(&review), "{asked:?}");
            drop(tx);
            let mut tx = db.read(&other).await.unwrap();
            assert_eq!(audit::list(&mut tx, &asked, None, 9).await.unwrap(), [], "{asked:?}");
        }
    }
}
