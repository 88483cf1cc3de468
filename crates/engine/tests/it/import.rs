//! Imports of phone history: what the owner of a house sees.

use doorstep_core::id::ImportId;
use doorstep_engine::import::Applied;
use doorstep_store::on_both;
use doorstep_store::testing::TestStore;

use crate::house::{House, contact, files};

/// messages.csv of one conversation: the second of each text, and what it says.
fn texts(rows: &[(u32, &str)]) -> String {
    let rows = rows
        .iter()
        .map(|(second, body)| format!("t1,+16174710117,+16174712000,inbound,{body},2024-03-01T10:00:{second:02}Z\n"));
    format!("conversation_id,from_number,to_number,direction,body,sent_at\n{}", rows.collect::<String>())
}

async fn reasons(house: &House, id: ImportId) -> Vec<String> {
    let problems = house.engine.import_problems(&house.scope(), id, 0, 1_000).await.unwrap();
    problems.into_iter().map(|problem| format!("{}:{} {}", problem.file, problem.line, problem.reason)).collect()
}

on_both! {
    async fn a_dry_run_writes_nothing_and_predicts_what_applying_does(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        assert!(house.picture().await.is_empty());
        let summary = serde_json::to_value(planned.import.summary).unwrap();
        let reasons = reasons(&house, planned.import.id).await;
        assert_eq!(
            summary,
            serde_json::json!({
                "contacts": {"new": 3, "updated": 1, "skipped": 1},
                "conversations": {"new": 3, "skipped": 1},
                "messages": {"new": 5, "skipped": 2},
                "calls": {"new": 2, "skipped": 0},
            }),
            "{reasons:#?}"
        );
        for expected in ["contacts.csv:5 ", "conversations.csv:4 ", "messages.csv:8 ", "messages.csv:9 "] {
            assert!(reasons.iter().any(|reason| reason.starts_with(expected)), "{expected}: {reasons:#?}");
        }
        assert_eq!(planned.plan["manifest"]["differences"]["messages"], serde_json::json!({"manifest": 99, "found": 7}));
        house.apply(planned.import.id).await;
        assert_eq!(
            house.picture().await,
            [
                "(617) 471-0120 [+16174710120] | 1: two\nlines",
                "(781) 843-0141 [+17818430141] | 1: new here",
                "(781) 843-0140 [+17818430140] | call 2024-03-01T12:00:00Z",
                "Jack Smyth [+16174710118] | 1: two\nlines | call 2024-03-01T11:00:00Z",
                "John Smith [+16174710117 john.smith@quincy.example.net john@quincy.example.net] | 3: On my way / ok / ok",
                "Mary Smith [+16174710117]",
            ]
            .into_iter()
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
        );
        let stored = house.engine.import(&house.scope(), planned.import.id).await.unwrap();
        assert_eq!(stored.import.rows_done, planned.import.rows_total);
        assert_eq!(stored.import.summary, planned.import.summary);
        assert!(house.tasks().await.is_empty());
        house.assert_rebuilt_the_same().await;
    }

    async fn the_same_archive_again_changes_nothing(store: TestStore) {
        let house = House::new(store);
        let first = house.import(&files()).await;
        let picture = house.picture().await;
        let again = house.import(&files()).await;
        let summary = serde_json::to_value(again.import.summary).unwrap();
        for (kind, counts) in summary.as_object().unwrap() {
            assert_eq!(counts["new"], 0, "{kind}: {summary}");
        }
        assert_eq!((summary["contacts"]["updated"].as_u64(), again.import.callers_new), (Some(0), 0));
        assert_eq!(house.picture().await, picture);
        assert_eq!(first.import.archive_hash, again.import.archive_hash);
        house.assert_rebuilt_the_same().await;
    }

    async fn two_archives_that_overlap_are_one_history(store: TestStore) {
        let house = House::new(store);
        let head = "conversation_id,from_number,to_number,direction,body,sent_at\n";
        let row = |second: u32, body: &str| format!("t1,+16174710117,+16174712000,inbound,{body},2024-03-01T10:00:{second:02}Z\n");
        let first = format!("{head}{}{}{}", row(1, "one"), row(2, "ok"), row(2, "ok"));
        let second = format!("{head}{}{}{}{}", row(2, "ok"), row(2, "ok"), row(2, "ok"), row(3, "three"));
        house.import(&[("messages.csv", &first)]).await;
        let then = house.import(&[("Export/Messages.CSV", &second)]).await;
        assert_eq!((then.import.summary.messages.new, then.import.summary.messages.skipped), (2, 2));
        assert_eq!(house.picture().await, ["(617) 471-0117 [+16174710117] | 5: three / ok / ok / ok / one"]);
    }

    async fn two_phones_that_both_count_from_one_do_not_hide_each_other(store: TestStore) {
        let house = House::new(store);
        for (name, phone) in [("John Smith", "+16174710117"), ("Kim Park", "+16174710118")] {
            house
                .import(&[
                    ("contacts.csv", &format!("contact_id,display_name,phone_number\n1,{name},{phone}\n")),
                    ("conversations.csv", &format!("conversation_id,contact_id,participants\n1,1,{phone}\n")),
                    (
                        "messages.csv",
                        &format!("message_id,conversation_id,from_number,to_number,body,sent_at\n\
                                  1,1,{phone},+16174712000,hello from {name},2024-03-01T10:00:00Z\n"),
                    ),
                ])
                .await;
        }
        assert_eq!(
            house.picture().await,
            [
                "John Smith [+16174710117] | 1: hello from John Smith",
                "Kim Park [+16174710118] | 1: hello from Kim Park",
            ]
        );
        assert!(house.engine.reviews(&house.scope(), None, 10).await.unwrap().is_empty());
        house.assert_rebuilt_the_same().await;
    }

    async fn undo_gives_back_what_was_and_takes_the_last_first(store: TestStore) {
        let house = House::new(store);
        let known = house.engine.find_or_create(&house.scope(), &contact(None, "617 471 0118"), false).await.unwrap();
        let before = house.picture().await;
        let first = house.import(&files()).await;
        let between = house.picture().await;
        let again = house.import(&files()).await;
        let refused = house.engine.undo_import(&house.scope(), first.import.id).await.unwrap_err();
        assert!(refused.to_string().contains(&again.import.id.to_string()), "{refused}");
        house.undo(again.import.id).await;
        assert_eq!(house.picture().await, between);
        house.undo(first.import.id).await;
        assert_eq!(house.picture().await, before, "{known:?}");
        assert!(house.engine.reviews(&house.scope(), None, 10).await.unwrap().is_empty());
        house.assert_rebuilt_the_same().await;
        let back = house.import(&files()).await;
        assert_eq!(back.import.summary.messages, first.import.summary.messages);
        assert_eq!(house.picture().await, between);
    }

    async fn a_plan_is_applied_as_it_was_or_not_at_all(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        house.engine.find_or_create(&house.scope(), &contact(Some("Jack Smyth"), "617 471 0118"), false).await.unwrap();
        let before = house.picture().await;
        let answer = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        let Applied::WorldChanged(new) = answer else { panic!("{answer:?}") };
        house.settle().await;
        assert_eq!(house.picture().await, before);
        assert_eq!(new.import.summary.contacts.new, planned.import.summary.contacts.new - 1);
        let old = house.engine.import(&house.scope(), planned.import.id).await.unwrap();
        assert_eq!(old.import.state.as_str(), "superseded");
        assert!(house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.is_err());
        house.apply(new.import.id).await;
        assert!(house.engine.apply_import(&house.scope(), new.import.id, &|_| {}).await.is_err(), "only once");
    }

    /// Nothing in the counts differs, only that the number is somebody's by now.
    async fn a_caller_who_is_known_by_now_makes_it_another_plan(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&[("messages.csv", &texts(&[(1, "one")]))])).await.unwrap();
        assert_eq!(planned.import.callers_new, 1);
        house.engine.find_or_create(&house.scope(), &contact(None, "617 471 0117"), false).await.unwrap();
        let answer = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        let Applied::WorldChanged(new) = answer else { panic!("{answer:?}") };
        assert_eq!((new.import.callers_new, new.import.summary), (0, planned.import.summary));
    }

    /// One row is known and one is new, then and now; but it is the other one.
    async fn a_plan_of_equal_counts_for_other_rows_is_another_plan(store: TestStore) {
        let house = House::new(store);
        let (one, two) = (texts(&[(1, "one")]), texts(&[(2, "two")]));
        let first = house.import(&[("messages.csv", &one)]).await;
        let both = house.archive(&[("messages.csv", &texts(&[(1, "one"), (2, "two")]))]);
        let planned = house.plan(&both).await.unwrap();
        house.undo(first.import.id).await;
        house.import(&[("messages.csv", &two)]).await;
        let answer = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        let Applied::WorldChanged(new) = answer else { panic!("{answer:?}") };
        assert_eq!(new.import.summary, planned.import.summary, "else this proves nothing");
        house.apply(new.import.id).await;
        assert_eq!(house.picture().await, ["(617) 471-0117 [+16174710117] | 2: two / one"]);
    }

    async fn equal_texts_seconds_apart_in_two_archives_both_survive(store: TestStore) {
        let house = House::new(store);
        for (second, new) in [(1, 1), (31, 1), (2, 1), (31, 0)] {
            let stored = house.import(&[("messages.csv", &texts(&[(second, "ok")]))]).await;
            assert_eq!(stored.import.summary.messages.new, new, "{second}");
        }
        assert_eq!(house.picture().await, ["(617) 471-0117 [+16174710117] | 3: ok / ok / ok"]);
    }

    /// What one process keeps at hand of one tenant's import is of no use to another's.
    async fn two_tenants_that_import_at_once_each_get_their_own(store: TestStore) {
        let house = House::new(store);
        let other = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let other = doorstep_store::testing::owner_of(&other);
        let ours = house.plan(&house.archive(&files())).await.unwrap();
        let few = "contact_id,display_name,phone_number\n1,Kim Park,617-471-0155\n";
        let theirs = house.plan_for(&other, &house.archive(&[("contacts.csv", few)])).await.unwrap();
        for (scope, id) in [(&house.scope(), ours.import.id), (&other, theirs.import.id)] {
            assert_eq!(house.engine.apply_import(scope, id, &|_| {}).await.unwrap(), Applied::Started);
            house.settle().await;
        }
        for (scope, planned) in [(&house.scope(), &ours), (&other, &theirs)] {
            let done = house.engine.import(scope, planned.import.id).await.unwrap().import;
            assert_eq!((done.state.as_str(), done.rows_done), ("applied", planned.import.rows_total));
        }
        let alone = House::new(TestStore::new(doorstep_store::dialect::Dialect::Sqlite).await);
        alone.import(&files()).await;
        assert_eq!(house.picture().await, alone.picture().await);
        let found = house.engine.search(&other, "park", 10).await.unwrap();
        assert_eq!(found.into_iter().map(|listed| listed.display_name).collect::<Vec<_>>(), ["Kim Park"]);
        assert!(house.engine.search(&house.scope(), "park", 10).await.unwrap().is_empty());
    }

    async fn a_change_that_matters_not_to_the_plan_does_not_refuse_it(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        house.engine.find_or_create(&house.scope(), &contact(Some("Kim Park"), "617 471 0199"), false).await.unwrap();
        house.apply(planned.import.id).await;
        assert_eq!(house.picture().await.len(), 7);
    }

    async fn another_tenant_sees_nothing_of_an_import(store: TestStore) {
        let house = House::new(store);
        let stranger = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let stranger = doorstep_store::testing::owner_of(&stranger);
        let stored = house.import(&files()).await;
        let id = stored.import.id;
        assert!(house.engine.import(&stranger, id).await.is_err());
        assert!(house.engine.apply_import(&stranger, id, &|_| {}).await.is_err());
        assert!(house.engine.undo_import(&stranger, id).await.is_err());
        assert!(house.engine.imports(&stranger, None, 10).await.unwrap().is_empty());
        assert!(house.engine.import_problems(&stranger, id, 0, 10).await.unwrap().is_empty());
        assert!(house.engine.search(&stranger, "smith", 10).await.unwrap().is_empty());
        assert!(!house.engine.search(&house.scope(), "smith", 10).await.unwrap().is_empty());
    }

    async fn a_refused_archive_leaves_nothing_behind(store: TestStore) {
        let house = House::new(store);
        let path = house.store.dir.path().join("history.zip");
        std::fs::write(&path, b"not a zip").unwrap();
        house.plan(&path).await.unwrap_err();
        assert!(house.engine.imports(&house.scope(), None, 10).await.unwrap().is_empty());
        assert_eq!(std::fs::read_dir(&house.engine.spool_dir).unwrap().count(), 0);
    }
}
