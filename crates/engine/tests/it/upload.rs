//! Archives that come over a network: uploaded, planned while somebody watches, given up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::Scope;
use doorstep_core::id::ImportId;
use doorstep_engine::import::{About, MAX_PLANS, Phase, Progress, Upload};
use doorstep_engine::{Error, Result};
use doorstep_store::import::Stored;
use doorstep_store::on_both;
use doorstep_store::testing::{START, create_tenant, owner_of};
use tokio::sync::{Semaphore, watch};

use crate::house::{House, files};

const MOST: u64 = 1 << 20;

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

async fn upload(house: &House, pieces: usize) -> Upload {
    let bytes = std::fs::read(house.archive(&files())).unwrap();
    let mut upload = house.engine.begin_upload(&house.scope(), MOST).await.unwrap();
    for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
        upload.write(piece.to_vec()).await.unwrap();
    }
    assert_eq!(upload.bytes(), bytes.len() as u64);
    upload
}

async fn plan(house: &House, upload: Upload, scope: &Scope, tell: &(dyn Fn(Progress) + Send + Sync)) -> Result<Stored> {
    let aliases = BTreeMap::new();
    let about = About { file_name: "history.zip", notes: Some("by the browser"), aliases: &aliases };
    house.engine.plan_upload(scope, upload, &about, Default::default(), tell).await
}

async fn imports(house: &House) -> usize {
    house.engine.imports(&house.scope(), None, 100).await.unwrap().len()
}

/// A plan that waits at its first step until it is let go: what is in the gate goes through.
async fn held(house: &House, gate: Arc<Semaphore>) -> (ImportId, tokio::task::JoinHandle<Result<Stored>>) {
    let upload = upload(house, 3).await;
    let id = upload.id();
    let (engine, scope) = (house.engine.clone(), house.scope());
    let work = async move {
        let aliases = BTreeMap::new();
        let about = About { file_name: "history.zip", notes: None, aliases: &aliases };
        let tell = |_| {
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async { gate.acquire().await.unwrap().forget() });
            });
        };
        engine.plan_upload(&scope, upload, &about, Default::default(), &tell).await
    };
    (id, tokio::task::spawn(work))
}

async fn watching(house: &House, id: ImportId) -> watch::Receiver<Progress> {
    let found = async {
        loop {
            if let Some(watch) = house.engine.watch_plan(&house.scope(), id).unwrap() {
                return watch;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("the plan begins")
}

on_both! {
    async fn an_upload_in_pieces_is_planned_as_a_file_is_and_copied_once(store: TestStore) {
        let house = House::new(store);
        let by_path = house.plan(&house.archive(&files())).await.unwrap();
        let upload = upload(&house, 7).await;
        let id = upload.id();
        let stored = plan(&house, upload, &house.scope(), &|_| {}).await.unwrap();
        assert_eq!((stored.import.id, stored.import.notes.as_deref()), (id, Some("by the browser")));
        assert_eq!(stored.import.archive_hash, by_path.import.archive_hash);
        assert_eq!((stored.digest.as_str(), stored.import.summary), (by_path.digest.as_str(), by_path.import.summary));
        let mut left = names(&house.engine.spool_dir);
        left.sort();
        assert_eq!(left, [format!("{}.zip", by_path.import.id), format!("{id}.zip")]);
        house.apply(id).await;
        assert_eq!(names(&house.engine.spool_dir), [format!("{}.zip", by_path.import.id)]);
        let again = house.engine.apply_import(&house.scope(), id, &|_| {}).await;
        let Err(Error::NotAPlan { id: of, state }) = again else { panic!("{again:?}") };
        assert_eq!((of, state.as_str()), (id, "applied"));
        let report = house.engine.import(&house.scope(), id).await.unwrap();
        let report = house.engine.import_report(&house.scope(), &report).await.unwrap();
        let report = serde_json::to_value(report).unwrap();
        assert_eq!((&report["dry_run"], &report["batch_id"]), (&false.into(), &id.to_string().into()));
        assert_eq!(report["problems"].as_array().unwrap().len() as u64, report["problem_count"].as_u64().unwrap());
    }

    async fn what_is_cut_off_too_large_or_no_archive_leaves_nothing(store: TestStore) {
        let house = House::new(store);
        let mut cut = house.engine.begin_upload(&house.scope(), MOST).await.unwrap();
        cut.write(b"PK".to_vec()).await.unwrap();
        assert_eq!(names(&house.engine.spool_dir).len(), 1);
        drop(cut);
        let mut large = house.engine.begin_upload(&house.scope(), 3).await.unwrap();
        large.write(b"abc".to_vec()).await.unwrap();
        assert!(matches!(large.write(b"d".to_vec()).await, Err(Error::TooLarge { max_bytes: 3 })));
        assert!(large.write(b"e".to_vec()).await.is_err(), "and it stays over");
        assert!(plan(&house, large, &house.scope(), &|_| {}).await.is_err());
        let mut text = house.engine.begin_upload(&house.scope(), MOST).await.unwrap();
        text.write(b"not an archive".to_vec()).await.unwrap();
        let refused = plan(&house, text, &house.scope(), &|_| {}).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        let taken = plan(&house, upload(&house, 1).await, &stranger, &|_| {}).await;
        assert!(matches!(taken, Err(Error::NoImport(_))), "{taken:?}");
        assert_eq!((names(&house.engine.spool_dir), imports(&house).await), (vec![], 0));
    }

    async fn what_a_dead_process_left_goes_and_what_is_coming_in_stays(store: TestStore) {
        let house = House::new(store);
        std::fs::create_dir_all(&house.engine.spool_dir).unwrap();
        for (name, days) in [("old.part", 2), ("new.part", 0), ("old.zip", 2)] {
            let file = std::fs::File::create(house.engine.spool_dir.join(name)).unwrap();
            let at = u64::try_from(START.micros()).unwrap() - days * 86_400_000_000;
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_micros(at)).unwrap();
        }
        drop(house.engine.begin_upload(&house.scope(), MOST).await.unwrap());
        let mut left = names(&house.engine.spool_dir);
        left.sort();
        assert_eq!(left, ["new.part", "old.zip"]);
    }

    async fn a_plan_is_watched_by_another_task_and_given_up_when_nobody_waits(store: TestStore) {
        let house = House::new(store);
        let gate = Arc::new(Semaphore::new(1));
        let (id, work) = held(&house, gate.clone()).await;
        let mut watch = watching(&house, id).await;
        watch.wait_for(|at| at.total > 0).await.unwrap();
        assert_eq!(watch.borrow().phase, Phase::Planning);
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        assert!(house.engine.watch_plan(&stranger, id).unwrap().is_none());
        assert!(!house.engine.stop_plan(&stranger, id).unwrap());
        assert!(house.engine.stop_plan(&house.scope(), id).unwrap());
        gate.add_permits(1_000);
        let ended = work.await.unwrap();
        assert!(matches!(ended, Err(Error::Stopped(of)) if of == id), "{ended:?}");
        assert!(watch.wait_for(|_| false).await.is_err(), "the watch closes");
        assert_eq!((names(&house.engine.spool_dir), imports(&house).await), (vec![], 0));
        assert!(!house.engine.stop_plan(&house.scope(), id).unwrap());
        // One that nobody stops comes to its end, and one whose caller goes away leaves nothing.
        let (id, work) = held(&house, gate).await;
        assert_eq!(work.await.unwrap().unwrap().import.id, id);
        let gone = upload(&house, 1).await;
        let scope = house.scope();
        let mut work = Box::pin(plan(&house, gone, &scope, &|_| {}));
        std::future::poll_fn(|context| {
            let _ = work.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
        drop(work);
        let left = async { while names(&house.engine.spool_dir).len() > 1 { tokio::task::yield_now().await; } };
        tokio::time::timeout(Duration::from_secs(20), left).await.expect("what was uploaded goes");
        assert_eq!(imports(&house).await, 1);
    }

    async fn only_so_many_plans_are_made_at_once(store: TestStore) {
        let house = House::new(store);
        let gate = Arc::new(Semaphore::new(0));
        let mut works = Vec::new();
        for _ in 0..MAX_PLANS {
            let (id, work) = held(&house, gate.clone()).await;
            watching(&house, id).await;
            works.push(work);
        }
        let refused = plan(&house, upload(&house, 1).await, &house.scope(), &|_| {}).await.unwrap_err();
        assert!(matches!(refused, Error::TooManyPlans) && refused.is_passing(), "{refused}");
        gate.add_permits(10_000);
        for work in works {
            work.await.unwrap().unwrap();
        }
        plan(&house, upload(&house, 1).await, &house.scope(), &|_| {}).await.unwrap();
        assert_eq!(imports(&house).await, MAX_PLANS + 1);
    }
}
