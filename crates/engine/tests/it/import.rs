//! Imports of phone history: what the owner of a house sees.

use doorstep_core::id::ImportId;
use doorstep_engine::import::Applied;
use doorstep_store::on_both;

use crate::house::{House, contact, files};

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
