//! A backup taken under load restores on an empty machine (I-23), and moves a store from one database to the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorstep_core::{Clock, IdMaker};
use doorstep_store::backup::{backup, restore};
use doorstep_store::dialect::Dialect;
use doorstep_store::schema::PASSING;
use doorstep_store::testing::{TestStore, create_tenant, owner_of, postgres_location};
use doorstep_store::{Db, Error, FILE_NAME, Location, customer, doctor, migrate, on_both, record};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::raw::{Cells, Raw};
use crate::world::{fill, person};

/// An empty store of that kind: no tenants.
struct Empty {
    location: Location,
    dir: tempfile::TempDir,
}

async fn empty(dialect: Dialect) -> Empty {
    let dir = tempfile::tempdir().unwrap();
    let location = match dialect {
        Dialect::Sqlite => Location::DataDir(dir.path().join("data")),
        Dialect::Postgres => postgres_location().await,
    };
    Empty { location, dir }
}

/// Restores into an empty store of that kind, opened as a test store without a tenant of its own.
async fn restore_into(dialect: Dialect, file: &Path, like: &TestStore) -> TestStore {
    let Empty { location, dir } = empty(dialect).await;
    restore(&location, file, like.clock.clone() as Arc<dyn Clock>, false).await.unwrap();
    let db = Db::open(&location, like.clock.clone() as Arc<dyn Clock>).await.unwrap();
    TestStore { db, clock: like.clock.clone(), tenant: like.tenant.clone(), location, dir }
}

/// Two tenants, one of them with more rows than a page of the copy.
async fn two_tenants(store: &TestStore) {
    let other = create_tenant(&store.db, "Quincy Roofing", "+16174712001").await;
    fill(&store.db, &store.scope(), 1).await;
    let world = fill(&store.db, &owner_of(&other), 1).await;
    let many: Vec<_> = (10..1_213u32).map(|number| person(&world.maker, number)).collect();
    let mut tx = store.db.write(&owner_of(&other)).await.unwrap();
    record::insert(&mut tx, many.iter().map(|p| p.record(None)).collect()).await.unwrap();
    customer::put(&mut tx, &many.iter().map(|p| p.customer()).collect::<Vec<_>>(), &[]).await.unwrap();
    tx.commit().await.unwrap();
}

/// What a restore brings back of it: nobody stays signed in.
fn without_passing(mut dump: BTreeMap<&'static str, Vec<Cells>>) -> BTreeMap<&'static str, Vec<Cells>> {
    for table in PASSING {
        assert!(!dump.insert(table, Vec::new()).unwrap_or_default().is_empty(), "`{table}` had nothing to leave out");
    }
    dump
}

/// One customer more, in the test store's own tenant.
async fn add_one(db: &Db, store: &TestStore) {
    let mut tx = db.write(&store.scope()).await.unwrap();
    customer::put(&mut tx, &[person(&IdMaker::seeded(77), 77).customer()], &[]).await.unwrap();
    tx.commit().await.unwrap();
}

fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Sqlite => Dialect::Postgres,
        Dialect::Postgres => Dialect::Sqlite,
    }
}

on_both! {
    /// SQLite → backup → PostgreSQL → backup → SQLite, and the same from PostgreSQL: every row of every table equal.
    async fn moves_to_the_other_database_and_back(store: TestStore) {
        two_tenants(&store).await;
        let before = Raw::of(&store).await.dump(None).await;
        assert!(before.values().all(|rows| !rows.is_empty()), "every table has rows to compare");
        let dialect = store.db.dialect();

        let first = store.dir.path().join("first.backup");
        let summary = backup(&store.db, &first).await.unwrap();
        assert_eq!(summary.schema_version, migrate::NEWEST);
        assert_eq!(summary.bytes, std::fs::metadata(&first).unwrap().len());
        for (table, rows) in &summary.rows {
            assert_eq!(before[table].len() as u64, *rows, "{table}");
        }
        let before = without_passing(before);
        let there = restore_into(other(dialect), &first, &store).await;
        assert_eq!(Raw::of(&there).await.dump(None).await, before, "after the move");

        let second = store.dir.path().join("second.backup");
        let kept = |(table, rows)| (table, if PASSING.contains(&table) { 0 } else { rows });
        let kept: Vec<_> = summary.rows.into_iter().map(kept).collect();
        assert_eq!(backup(&there.db, &second).await.unwrap().rows, kept);
        let back = restore_into(dialect, &second, &store).await;
        assert_eq!(Raw::of(&back).await.dump(None).await, before, "after the way back");
    }

    /// What belonged to one tenant is seen by that tenant only, also after a restore; the store goes on working.
    async fn tenants_stay_apart_after_a_restore(store: TestStore) {
        two_tenants(&store).await;
        let file = store.dir.path().join("a.backup");
        backup(&store.db, &file).await.unwrap();
        let restored = restore_into(store.db.dialect(), &file, &store).await;
        let mut tx = restored.db.read(&store.scope()).await.unwrap();
        assert_eq!(customer::count(&mut tx).await.unwrap(), 3);
        drop(tx);
        add_one(&restored.db, &store).await;
        create_tenant(&restored.db, "Third", "+16174712003").await;
    }

    /// A task keeps committing pairs of customers; a backup taken meanwhile holds both of a pair or none.
    async fn a_backup_under_load_tears_no_transaction(store: TestStore) {
        let stop = Arc::new(AtomicBool::new(false));
        let world = fill(&store.db, &store.scope(), 1).await;
        // Some customers have more than one record.
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let (records, customers) = (record::count(&mut tx).await.unwrap(), customer::count(&mut tx).await.unwrap());
        let more = records as usize - customers as usize;
        drop(tx);
        let writing = async {
            let mut number = 10;
            while !stop.load(Ordering::SeqCst) {
                let pair = [person(&world.maker, number), person(&world.maker, number + 1)];
                let mut tx = store.db.write(&store.scope()).await.unwrap();
                for one in &pair {
                    // Rows of several tables, far from each other in the copy, with room for a torn one between.
                    record::insert(&mut tx, vec![one.record(None)]).await.unwrap();
                    tokio::task::yield_now().await;
                    customer::put(&mut tx, &[one.customer()], &[]).await.unwrap();
                }
                tx.commit().await.unwrap();
                number += 2;
            }
            number - 10
        };
        let copying = async {
            let mut files: Vec<PathBuf> = Vec::new();
            for number in 0..5 {
                let file = store.dir.path().join(format!("{number}.backup"));
                backup(&store.db, &file).await.unwrap();
                files.push(file);
            }
            stop.store(true, Ordering::SeqCst);
            files
        };
        let (written, files) = tokio::join!(writing, copying);
        assert!(written > 4, "the writer wrote only {written}");
        for file in files {
            let restored = restore_into(Dialect::Sqlite, &file, &store).await;
            let mut tx = restored.db.read(&store.scope()).await.unwrap();
            let names = customer::list(&mut tx, None, 1_000_000).await.unwrap();
            let numbers: Vec<u32> = names.iter().skip(3).map(|c| c.phone.as_ref().unwrap()[8..].parse().unwrap()).collect();
            assert!(numbers.len().is_multiple_of(2), "{} customers", numbers.len());
            assert!(numbers.chunks(2).all(|pair| pair[0] % 2 == 0 && pair[1] == pair[0] + 1), "{numbers:?}");
            let records = record::ids_after(&mut tx, None, 1_000_000).await.unwrap();
            assert_eq!(records.len(), names.len() + more, "records and customers were written together");
            drop(tx);
            let bad: Vec<_> = doctor::check(&restored.db).await.unwrap().into_iter().filter(|f| !f.ok).collect();
            assert!(bad.is_empty(), "{bad:?}");
        }
    }

    /// A backup overwrites nothing and leaves nothing half-written.
    async fn a_backup_refuses_a_name_that_is_taken(store: TestStore) {
        let file = store.dir.path().join("taken.backup");
        std::fs::write(&file, b"dear diary").unwrap();
        let error = backup(&store.db, &file).await.unwrap_err();
        assert!(matches!(&error, Error::Setup(text) if text.contains("there already")), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), b"dear diary");
        let nowhere = store.dir.path().join("no/such/folder/a.backup");
        assert!(matches!(backup(&store.db, &nowhere).await, Err(Error::Setup(_))));
        assert_eq!(leftovers(store.dir.path()), Vec::<String>::new());
    }

    /// Restore refuses a store with tenants, and what it holds stays; with force it is replaced.
    async fn a_restore_replaces_tenants_only_when_forced(store: TestStore) {
        two_tenants(&store).await;
        let file = store.dir.path().join("a.backup");
        backup(&store.db, &file).await.unwrap();
        let before = Raw::of(&store).await.dump(None).await;
        let target = TestStore::new(store.db.dialect()).await;
        fill(&target.db, &target.scope(), 9).await;
        let kept = Raw::of(&target).await.dump(None).await;
        target.db.close().await;
        let clock = || store.clock.clone() as Arc<dyn Clock>;
        let error = restore(&target.location, &file, clock(), false).await.unwrap_err();
        assert!(matches!(&error, Error::Setup(text) if text.contains("--force")), "{error}");
        assert_eq!(reopened(&target).await.dump(None).await, kept);
        restore(&target.location, &file, clock(), true).await.unwrap();
        assert_eq!(reopened(&target).await.dump(None).await, without_passing(before));
        assert_eq!(leftovers(target.dir.path()), Vec::<String>::new());
    }

    /// Whatever is wrong with a file is said in its own words, and the store stays as it is, forced or not.
    async fn a_bad_file_changes_nothing(store: TestStore) {
        two_tenants(&store).await;
        let good = store.dir.path().join("good.backup");
        backup(&store.db, &good).await.unwrap();
        let before = Raw::of(&store).await.dump(None).await;
        store.db.close().await;
        for (name, check) in BAD {
            let file = store.dir.path().join(format!("{name}.backup"));
            std::fs::copy(&good, &file).unwrap();
            spoil(name, &file).await;
            let error = restore(&store.location, &file, store.clock.clone() as Arc<dyn Clock>, true).await.unwrap_err();
            assert!(check(&error), "{name}: {error:?}");
            assert_eq!(reopened(&store).await.dump(None).await, before, "{name}");
        }
        assert_eq!(leftovers(store.dir.path()), Vec::<String>::new());
    }
}

async fn reopened(store: &TestStore) -> Raw {
    let db = Db::open(&store.location, store.clock.clone() as Arc<dyn Clock>).await.unwrap();
    let raw = Raw::of(store).await;
    db.close().await;
    raw
}

/// Names of half-written files in a folder.
fn leftovers(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".part") || name.contains(".restoring")).collect()
}

type Check = fn(&Error) -> bool;

fn is_damaged(error: &Error) -> bool {
    matches!(error, Error::Damaged(file) if file.ends_with(".backup"))
}

fn is_setup(error: &Error) -> bool {
    matches!(error, Error::Setup(text) if text.contains(".backup"))
}

const BAD: &[(&str, Check)] = &[
    ("empty", is_damaged),
    ("text", is_damaged),
    ("truncated", is_damaged),
    ("header only", is_damaged),
    ("page overwritten", is_damaged),
    ("another database", is_setup),
    ("with a trigger", is_setup),
    ("without a table", is_setup),
    ("in use", is_setup),
    ("dangling row", is_damaged),
    ("newer", |error| matches!(error, Error::Newer { found: 999, known: migrate::NEWEST })),
];

async fn spoil(how: &str, file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    match how {
        "empty" => std::fs::write(file, b"").unwrap(),
        "text" => std::fs::write(file, b"contact_id,display_name\n1,Anna\n".repeat(500)).unwrap(),
        "truncated" => std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap(),
        "header only" => std::fs::write(file, &bytes[..16]).unwrap(),
        "page overwritten" => {
            let middle = bytes.len() / 2 / 4096 * 4096;
            let mut spoiled = bytes.clone();
            spoiled[middle..middle + 4096].fill(0x5a);
            std::fs::write(file, spoiled).unwrap();
        }
        "another database" => {
            std::fs::remove_file(file).unwrap();
            run(file, "create table diary (day text); insert into diary values ('monday')").await;
        }
        "with a trigger" => run(file, "create trigger t after insert on task begin delete from message; end").await,
        "without a table" => run(file, "drop table customer_word").await,
        "in use" => std::fs::write(format!("{}-wal", file.display()), b"frames").unwrap(),
        "dangling row" => run(file, "pragma foreign_keys = off; delete from conversation").await,
        "newer" => run(file, "insert into schema_migration values (999, 'from_the_future', 0)").await,
        other => panic!("{other}"),
    }
}

async fn run(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// R1: replacing the file under a running process would lose what that process goes on to write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_refuses_a_file_that_another_process_has_open() {
    let store = TestStore::new(Dialect::Sqlite).await;
    fill(&store.db, &store.scope(), 1).await;
    let file = store.dir.path().join("a.backup");
    backup(&store.db, &file).await.unwrap();
    let clock = || store.clock.clone() as Arc<dyn Clock>;
    let error = restore(&store.location, &file, clock(), true).await.unwrap_err();
    assert!(matches!(&error, Error::Setup(text) if text.contains("another process")), "{error}");
    add_one(&store.db, &store).await;
    store.db.close().await;
    restore(&store.location, &file, clock(), true).await.unwrap();
}

/// A damaged store is when a backup is needed most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_store_is_replaced_when_forced() {
    let store = TestStore::new(Dialect::Sqlite).await;
    fill(&store.db, &store.scope(), 1).await;
    let before = Raw::of(&store).await.dump(None).await;
    let file = store.dir.path().join("a.backup");
    backup(&store.db, &file).await.unwrap();
    store.db.close().await;
    let target = store.dir.path().join(FILE_NAME);
    std::fs::write(&target, b"the disk wrote nonsense".repeat(1_000)).unwrap();
    std::fs::write(store.dir.path().join(format!("{FILE_NAME}-wal")), b"stale").unwrap();
    let clock = || store.clock.clone() as Arc<dyn Clock>;
    assert!(matches!(restore(&store.location, &file, clock(), false).await, Err(Error::Damaged(_))));
    restore(&store.location, &file, clock(), true).await.unwrap();
    assert_eq!(reopened(&store).await.dump(None).await, without_passing(before));
}

/// A backup holds everybody's messages: only its owner may read it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let store = TestStore::new(Dialect::Sqlite).await;
    let file = store.dir.path().join("a.backup");
    backup(&store.db, &file).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}
