//! What both databases really have is one schema, and the walls between tenants are in it (I-13, I-24, I-25).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use doorstep_core::Clock;
use doorstep_store::schema::{TABLES, Type};
use doorstep_store::testing::{TestStore, superuser_url};
use doorstep_store::{Db, Error, Location, migrate, on_both};

use crate::raw::Raw;

/// Kept beside the tenants' tables: which migrations ran. It holds no tenant's data.
const LEDGER: &str = "schema_migration";
/// The one unique rule that looks across tenants: the operator, and nobody else, names tenants.
const ACROSS_TENANTS: &str = "unique (name)";

/// A table as the database itself describes it, types in our words.
#[derive(Default)]
struct Found {
    columns: Vec<(String, String, bool)>,
    /// `primary key (…)`, `unique (…)`, `foreign key (…) references t (…)`, `index (…)`.
    rules: Vec<String>,
}

type Schema = BTreeMap<String, Found>;

async fn read(raw: &mut Raw) -> Schema {
    match raw {
        Raw::Sqlite(_) => read_sqlite(raw).await,
        Raw::Postgres(_) => read_postgres(raw).await,
    }
}

async fn read_sqlite(raw: &mut Raw) -> Schema {
    let mut schema = Schema::new();
    let tables = raw.texts("select name from sqlite_master where type = 'table' and name not like 'sqlite%'").await;
    for table in tables.into_iter().flatten() {
        let mut found = Found::default();
        let sql = format!("select name, type, cast(\"notnull\" as text) from pragma_table_info('{table}')");
        for row in raw.texts(&sql).await {
            found.columns.push((row[0].clone(), row[1].to_lowercase(), row[2] == "1"));
        }
        let sql = format!(
            "select i.name, i.origin, cast(i.\"unique\" as text), \
               (select group_concat(name, ', ') from (select name from pragma_index_info(i.name) order by seqno)), \
               coalesce((select substr(sql, instr(sql, ' where ')) from sqlite_master m \
                         where m.name = i.name and instr(sql, ' where ') > 0), '') \
             from pragma_index_list('{table}') i"
        );
        for row in raw.texts(&sql).await {
            let kind = match (row[1].as_str(), row[2].as_str()) {
                ("pk", _) => "primary key",
                ("u", _) => "unique",
                (_, "1") => "unique index",
                _ => "index",
            };
            found.rules.push(format!("{kind} ({}){}", row[3], row[4]));
        }
        if !found.rules.iter().any(|rule| rule.starts_with("primary")) {
            let sql = format!(
                "select group_concat(name, ', ') from (select name from pragma_table_info('{table}') where pk > 0 order by pk)"
            );
            found.rules.push(format!("primary key ({})", raw.texts(&sql).await[0][0]));
        }
        let sql = format!(
            "select group_concat(\"from\", ', '), \"table\", group_concat(\"to\", ', ') \
             from (select * from pragma_foreign_key_list('{table}') order by id, seq) group by id"
        );
        for row in raw.texts(&sql).await {
            found.rules.push(format!("foreign key ({}) references {} ({})", row[0], row[1], row[2]));
        }
        schema.insert(table, found);
    }
    schema
}

async fn read_postgres(raw: &mut Raw) -> Schema {
    let mut schema = Schema::new();
    let sql = "select table_name::text, column_name::text, \
                 data_type || case when collation_name is null then '' else ' ' || collation_name end, is_nullable::text \
               from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position";
    for row in raw.texts(sql).await {
        let found = schema.entry(row[0].clone()).or_default();
        found.columns.push((row[1].clone(), row[2].clone(), row[3] == "NO"));
    }
    let sql = "select conrelid::regclass::text, lower(pg_get_constraintdef(oid)) from pg_constraint \
               where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f')";
    for row in raw.texts(sql).await {
        schema.entry(unquote(&row[0])).or_default().rules.push(spaced(&unquote(&row[1])));
    }
    let sql = "select i.indrelid::regclass::text, i.indisunique::text, \
                 (select string_agg(a.attname, ', ' order by k.place) from unnest(i.indkey) with ordinality k(number, place) \
                    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number), \
                 coalesce(' where ' || pg_get_expr(i.indpred, i.indrelid), '') \
               from pg_index i join pg_class c on c.oid = i.indexrelid \
               where c.relnamespace = 'public'::regnamespace \
                 and not exists (select from pg_constraint p where p.conindid = i.indexrelid and p.contype in ('p', 'u'))";
    for row in raw.texts(sql).await {
        let kind = if row[1] == "true" { "unique index" } else { "index" };
        let place = row[3].to_lowercase().replace(['(', ')'], "");
        schema.entry(unquote(&row[0])).or_default().rules.push(format!("{kind} ({}){place}", row[2]));
    }
    schema
}

/// `references t(…)` as `references t (…)`.
fn spaced(rule: &str) -> String {
    match rule.split_once(" references ") {
        Some((from, to)) => format!("{from} references {}", to.replacen('(', " (", 1)),
        None => rule.to_owned(),
    }
}

fn unquote(text: &str) -> String {
    text.replace('"', "")
}

/// The type in our words. SQLite has fewer types than there are words: those that it cannot tell apart are equal.
fn is_type(found: &str, wanted: Type) -> bool {
    let (sqlite, postgres): (&str, &[&str]) = match wanted {
        Type::Int => ("integer", &["bigint"]),
        Type::Bool => ("integer", &["boolean"]),
        Type::Text => ("text", &["text", "text C"]),
        Type::Id => ("blob", &["uuid"]),
        Type::Time => ("integer", &["timestamp with time zone"]),
        Type::Json => ("text", &["jsonb"]),
        Type::Bytes => ("blob", &["bytea"]),
    };
    found == sqlite || postgres.contains(&found)
}

/// The whole schema as one text, in which both databases must agree.
fn describe(schema: &Schema) -> String {
    let mut text = String::new();
    for table in TABLES {
        let found = &schema[table.name];
        writeln!(text, "{}", table.name).unwrap();
        for ((name, _, not_null), (_, kind)) in found.columns.iter().zip(table.columns) {
            writeln!(text, "    {name} {kind:?}{}", if *not_null { "" } else { ", may be missing" }).unwrap();
        }
        let mut rules = found.rules.clone();
        rules.sort();
        for rule in rules {
            writeln!(text, "    {rule}").unwrap();
        }
    }
    text
}

on_both! {
    /// Tables, columns, types, keys and indexes are those of `schema::TABLES`, on both databases alike.
    async fn the_schema_is_the_one_that_the_code_lists(store: TestStore) {
        let schema = read(&mut Raw::of(&store).await).await;
        let mut names: Vec<&str> = TABLES.iter().map(|table| table.name).chain([LEDGER]).collect();
        names.sort_unstable();
        assert_eq!(schema.keys().map(String::as_str).collect::<Vec<_>>(), names);
        for table in TABLES {
            let found: Vec<&str> = schema[table.name].columns.iter().map(|(name, _, _)| name.as_str()).collect();
            let listed: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(found, listed, "{}", table.name);
            for ((name, found, _), (_, wanted)) in schema[table.name].columns.iter().zip(table.columns) {
                assert!(is_type(found, *wanted), "{}.{name} is {found}, listed as {wanted:?}", table.name);
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!("schema", describe(&schema)));
    }

    /// D2: a key that does not begin with the tenant lets two tenants collide, and its error tells on them.
    async fn every_key_begins_with_the_tenant(store: TestStore) {
        let schema = read(&mut Raw::of(&store).await).await;
        for (table, found) in schema.iter().filter(|(table, _)| *table != LEDGER) {
            assert_eq!(found.columns[0].0, "tenant_id", "{table}");
            let keys = found.rules.iter().filter(|rule| !rule.starts_with("index"));
            for rule in keys.filter(|rule| !(table == "tenant" && *rule == ACROSS_TENANTS)) {
                assert!(rule.contains(" (tenant_id)") || rule.contains(" (tenant_id, "), "{table}: {rule}");
                if let Some((_, target)) = rule.split_once("references") {
                    assert!(target.contains("(tenant_id"), "{table}: {rule}");
                }
            }
        }
    }

    /// A reference without an index behind it makes each removal read the whole table that refers.
    async fn every_reference_has_an_index(store: TestStore) {
        let schema = read(&mut Raw::of(&store).await).await;
        for (table, found) in &schema {
            for rule in &found.rules {
                let Some((from, _)) = rule.strip_prefix("foreign key (").and_then(|rest| rest.split_once(')')) else { continue };
                let is_index = |other: &&String| !other.starts_with("foreign") && !other.contains("where");
                let starts = |other: &String| other.contains(&format!("({from})")) || other.contains(&format!("({from}, "));
                assert!(found.rules.iter().filter(is_index).any(starts), "{table}: no index for {rule}");
            }
        }
    }

    /// Opening again changes nothing; neither does a second process.
    async fn migrating_again_changes_nothing(store: TestStore) {
        let mut raw = Raw::of(&store).await;
        let ledger = "select cast(version as text), name, cast(applied_at as text) from schema_migration";
        let before = (describe(&read(&mut raw).await), raw.texts(ledger).await);
        store.clock.turn_seconds(3600);
        store.another_process().await.close().await;
        assert_eq!((describe(&read(&mut raw).await), raw.texts(ledger).await), before);
        let status = migrate::status(&store.db).await.unwrap();
        assert!(status.iter().all(|step| step.applied) && status.last().unwrap().version == migrate::NEWEST);
    }

    /// I-24: an older binary refuses a newer store, and says what to run.
    async fn a_newer_store_is_refused(store: TestStore) {
        let mut raw = Raw::of(&store).await;
        let at = if matches!(raw, Raw::Sqlite(_)) { "0" } else { "now()" };
        raw.run(&format!("insert into schema_migration (version, name, applied_at) values (999, 'next', {at})")).await;
        let opened = Db::open(&store.location, store.clock.clone() as Arc<dyn Clock>).await;
        let error = opened.err().expect("a newer store must be refused");
        assert!(matches!(error, Error::Newer { found: 999, known: migrate::NEWEST }), "{error:?}");
        assert!(error.to_string().contains("run a newer doorstep"));
    }
}

/// What rows are found, sorted and paged by compares byte by byte, as on SQLite; what the server's own order would
/// come to depends on the machine that it was set up on, so that no test of answers can be sure to see it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_compare_byte_by_byte_on_postgres() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Postgres).await;
    let schema = read(&mut Raw::of(&store).await).await;
    let mut checked = 0;
    for (table, found) in &schema {
        for rule in found.rules.iter().filter(|rule| *rule != ACROSS_TENANTS) {
            let (_, columns) = rule.split_once('(').unwrap();
            let columns: Vec<&str> = columns.split(')').next().unwrap().split(", ").collect();
            for (name, kind, _) in found.columns.iter().filter(|(name, ..)| columns.contains(&name.as_str())) {
                assert_ne!(kind, "text", "{table}.{name} in {rule}");
                checked += usize::from(kind == "text C");
            }
        }
    }
    assert!(checked > 10, "only {checked} columns: does this still read the collation?");
}

/// PROMISES, row-level security, rules 1, 8 and 10: enabled and forced everywhere, one policy each, and the door
/// for the worker only where `migrate` says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_is_walled_on_postgres() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Postgres).await;
    let mut raw = Raw::of(&store).await;
    let sql = "select c.relname::text, (c.relrowsecurity and c.relforcerowsecurity)::text, \
                 (select string_agg(pg_get_expr(p.polqual, p.polrelid) || ' / ' || pg_get_expr(p.polwithcheck, p.polrelid), ';') \
                  from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'), \
                 (select count(*)::text from pg_policy p where p.polrelid = c.oid), \
                 pg_get_userbyid(c.relowner)::text \
               from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') \
               order by 1";
    let rows = raw.texts(sql).await;
    assert_eq!(rows.len(), TABLES.len() + 1, "a table, view or materialized view that nobody listed");
    let mut doors = Vec::new();
    for row in rows.iter().filter(|row| row[0] != LEDGER) {
        let (table, policy) = (row[0].as_str(), row[2].as_str());
        assert!(TABLES.iter().any(|listed| listed.name == table), "{table}");
        assert_eq!((row[1].as_str(), row[3].as_str()), ("true", "1"), "{table}");
        let has_door = policy.contains("app.system");
        let wall = match has_door {
            true => "tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::bigint",
            false => "tenant_id = ( SELECT (NULLIF(current_setting('app.tenant'::text, true), ''::text))::bigint",
        };
        let (reading, writing) = policy.split_once(" / ").unwrap();
        assert_eq!(reading, writing, "{table}: what may be read may be written, and no more");
        assert!(reading.contains(wall), "{table}: {policy}");
        if has_door {
            doors.push(table);
        }
        assert_ne!(row[4], "doorstep_app", "{table} is owned by the application");
    }
    assert_eq!(doors, ["app_user", "feed", "own_number", "task", "tenant"]);
    let owned = "select count(*)::text from pg_shdepend where deptype = 'o' \
                 and refobjid = (select oid from pg_roles where rolname = 'doorstep_app')";
    assert_eq!(raw.texts(owned).await[0][0], "0", "the application's role owns something");
    let definers = "select proname::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef";
    assert_eq!(raw.texts(definers).await, Vec::<Vec<String>>::new());
}

/// Rule 2: as a superuser the wall would not count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_superuser_or_owner_is_refused() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Postgres).await;
    let Location::Postgres { url, owner_url } = &store.location else { panic!("PostgreSQL it is") };
    let bad = [(superuser_url(&store.location).unwrap(), "superuser"), (owner_url.clone().unwrap(), "owns")];
    for (url, word) in bad {
        let location = Location::Postgres { url, owner_url: None };
        let opened = Db::open(&location, store.clock.clone() as Arc<dyn Clock>).await;
        let error = opened.err().expect("must be refused");
        assert!(matches!(&error, Error::Setup(text) if text.contains(word)), "{error}");
    }
    let location = Location::Postgres { url: url.clone(), owner_url: None };
    assert!(Db::open(&location, store.clock.clone() as Arc<dyn Clock>).await.is_ok(), "a plain role needs no owner");
}
