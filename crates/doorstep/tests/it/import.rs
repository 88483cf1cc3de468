//! An owner imports phone history, and a minute later looks a caller up.

use serde_json::{Value, json};

use super::archive;
use super::house::{House, arg, in_both_houses};

/// Leaves out what differs from run to run.
fn masked(mut object: Value) -> Value {
    for key in ["batch_id", "created_at", "applied_at", "undone_at"] {
        if object[key].is_string() {
            object[key] = json!("…");
        }
    }
    object
}

fn counts(new: u64) -> Value {
    json!({ "new": new, "skipped": 0 })
}

in_both_houses! {
    /// Dry run, apply, look up, the same again, undo.
    async fn an_owner_imports_phone_history_and_looks_a_caller_up(house: House) {
        let file = house.demo_archive(60, 700);
        let dry = house.json(&["import", "phone-history", &file]);
        assert_eq!(dry["dry_run"], true);
        assert_eq!(house.json(&["customer", "list"]), json!([]), "a dry run writes nothing");

        let id = dry["batch_id"].as_str().unwrap();
        let applied = house.json(&["import", "apply", id]);
        assert_eq!((&applied["dry_run"], &applied["state"]), (&json!(false), &json!("applied")));
        assert_eq!(applied["summary"], dry["summary"], "exactly the plan");
        let customers = house.json(&["customer", "list", "--limit", "10000"]);
        assert!(customers.as_array().unwrap().len() > 40);

        let with_phone = customers.as_array().unwrap().iter().find_map(|customer| {
            let shared = customers.as_array().unwrap().iter().filter(|other| other["phone"] == customer["phone"]).count();
            (customer["phone"].as_str()?.starts_with("+1") && shared == 1).then(|| customer.clone())
        });
        let customer = with_phone.unwrap();
        let phone = customer["phone"].as_str().unwrap().to_owned();
        let (area, office, line) = (&phone[2..5], &phone[5..8], &phone[8..]);
        let spellings = [phone.clone(), format!("({area}) {office}-{line}"), format!("1 {area}.{office}.{line} (cell)")];
        for spelling in &spellings {
            let found = house.json(&["customer", "show", spelling]);
            let among = found["candidates"].as_array().map_or(vec![found.clone()], Clone::clone);
            assert!(among.iter().any(|one| one["id"] == customer["id"]), "{spelling}: {found}");
        }

        let again = house.json(&["import", "phone-history", &file, "--apply"]);
        for kind in ["contacts", "conversations", "messages", "calls"] {
            assert_eq!(again["summary"][kind]["new"], 0, "the same archive again changes nothing: {kind}");
        }
        assert_eq!(again["summary"]["contacts"]["updated"], 0);
        assert_eq!(house.json(&["customer", "list", "--limit", "10000"]), customers);
        house.run(&["rebuild", "--check"]).ok();

        let told = house.run(&["import", "undo", id]).ended(2);
        assert!(told.contains("came later"), "{told}");
        let later = again["batch_id"].as_str().unwrap();
        house.run(&["import", "undo", later]).ok();
        house.run(&["import", "undo", id]).ok();
        assert_eq!(house.json(&["customer", "list"]), json!([]));
        let told = house.run(&["customer", "show", customer["id"].as_str().unwrap()]).ended(3);
        assert!(told.contains(&format!("taken out again with the import `{id}`")), "{told}");
        house.run(&["customer", "show", &phone]).ended(3);
        house.run(&["doctor"]).ok();
    }

    /// The object that scripts rely on.
    async fn a_script_reads_one_object(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        let dry = house.json(&["import", "phone-history", &arg(&file), "--notes", "the old office"]);
        assert!(dry["batch_id"].as_str().unwrap().starts_with("imp_"));
        let dry = masked(dry);
        assert_eq!(dry["summary"], json!({
            "contacts": { "new": 2, "updated": 0, "skipped": 1 },
            "conversations": counts(2), "messages": counts(3), "calls": counts(1),
        }));
        assert_eq!(dry["manifest"]["differences"], json!({ "messages": { "manifest": 4, "found": 3 } }));
        assert_eq!(dry["callers"], json!({ "new": 1 }));
        assert_eq!(dry["problem_count"].as_u64().unwrap(), dry["problems"].as_array().unwrap().len() as u64);
        let problem = dry["problems"].as_array().unwrap().iter().find(|problem| problem["line"] == 4).unwrap();
        assert_eq!(problem["file"], "contacts.csv");
        let mut keys: Vec<&str> = dry.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, [
            "actor", "applied_at", "batch_id", "callers", "created_at", "dry_run", "file_name", "manifest", "mapping",
            "notes", "problem_count", "problems", "rows_done", "rows_total", "state", "summary", "undone_at",
        ]);
        let plain = json!({ "dry_run": true, "state": "planned", "file_name": "small.zip", "notes": "the old office",
            "actor": { "kind": "operator", "name": "sam" }, "applied_at": null, "undone_at": null, "rows_done": 0 });
        for (key, expected) in plain.as_object().unwrap() {
            assert_eq!(&dry[key], expected, "{key}");
        }
        let renamed = dry["mapping"][0]["columns"][1].clone();
        assert_eq!(renamed, json!({ "header": "Full Name", "column": "display_name" }));
        assert_eq!(house.json(&["import", "list"])[0]["notes"], "the old office");
    }

    /// A person looks at the plan, and then at a caller.
    async fn a_person_reads_the_plan_and_the_card(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        let plan = house.run(&["import", "phone-history", &arg(&file)]).ok();
        for part in [
            "Dry run of small.zip",
            "“Full Name” is display_name",
            "“Fax” is not read",
            "messages.csv has 3 rows; the manifest says 4",
            "contacts.csv:4",
            "Nothing was written. To bring in exactly this:\n  doorstep import apply imp_",
        ] {
            assert!(plan.contains(part), "{part}\n{plan}");
        }
        house.run(&["import", "phone-history", &arg(&file), "--apply"]).ok();
        let card = house.run(&["customer", "show", "781 871 1000", "--sources"]).ok();
        for part in [
            "Ann Miller\n",
            "(617) 782-1234",
            "(781) 871-1000",
            "ann@miller.test",
            "2026-03-02 09:00  →  Is the boiler part in?",
            "09:05  ←  Yes. \u{fffd}[31mTomorrow?",
            "Where each value comes from",
        ] {
            assert!(card.contains(part), "{part}\n{card}");
        }
        let shared = house.run(&["customer", "show", "617.782.1234"]).ok();
        assert!(shared.starts_with("2 customers have (617) 782-1234: ask who is speaking"), "{shared}");
        assert!(shared.contains("Ann Miller") && shared.contains("Robert Miller"), "{shared}");
        let found = house.run(&["customer", "search", "ann mill"]).ok();
        assert!(found.contains("Ann Miller") && !found.contains("Robert"), "{found}");
        assert_eq!(house.run(&["customer", "show", "508-787-1001"]).ok().lines().next(), Some("(508) 787-1001"));
    }

    /// Between dry run and apply somebody adds a customer who is in the archive.
    async fn a_plan_is_applied_exactly_or_not_at_all(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        let plan = house.json(&["import", "phone-history", &arg(&file)]);
        house.run(&["customer", "find-or-create", "--phone", "(508) 787-1001", "--name", "Dee Rains"]).ok();
        let ran = house.run(&["import", "apply", plan["batch_id"].as_str().unwrap(), "--json"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let new: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(new["error"].as_str().unwrap().contains("nothing was written"));
        assert_eq!(new["callers"], json!({ "new": 0 }), "the caller is known now");
        assert_eq!(house.json(&["customer", "list"]).as_array().unwrap().len(), 1);
        let applied = house.json(&["import", "apply", new["batch_id"].as_str().unwrap()]);
        assert_eq!(applied["state"], "applied");
        assert_eq!(house.json(&["customer", "list"]).as_array().unwrap().len(), 3);
        let told = house.run(&["import", "apply", plan["batch_id"].as_str().unwrap()]).ended(2);
        assert!(told.contains("superseded"), "{told}");
    }
}

#[tokio::test]
async fn columns_get_names_from_the_command_line_from_a_file_and_from_the_settings() {
    let house = House::sqlite().await.with_tenant().await;
    let file = house.path("odd.zip");
    archive::write(
        &file,
        &[("contacts.csv", "Wer,Fon,Firma,Weiteres\nAnn Miller,617-782-1234,Miller & Co,likes tea\n")],
    );
    let aliases = house.path("aliases.toml");
    std::fs::write(&aliases, "\"contacts.phone_number\" = [\"Fon\"]\n").unwrap();
    std::fs::write(house.data_dir().join("doorstep.toml"), "[import.aliases.contacts]\ncompany = ['Firma']\n").unwrap();
    let (file, aliases) = (arg(&file), arg(&aliases));
    let args = ["import", "phone-history", &file, "--apply", "--alias", "contacts.display_name=Wer"];
    house.run(&[&args[..], &["--alias", "contacts.notes=Weiteres", "--aliases", &aliases]].concat()).ok();
    let card = house.json(&["customer", "show", "617-782-1234"]);
    let shown = [&card["display_name"], &card["company"], &card["notes"]];
    assert_eq!(shown, [&json!("Ann Miller"), &json!("Miller & Co"), &json!("likes tea")]);
    let told = house.run(&["import", "phone-history", &file, "--alias", "contacts.shoe_size=Schuh"]).ended(2);
    assert!(told.contains("`contacts.shoe_size` is not a column"), "{told}");
}

in_both_houses! {
    async fn a_plan_that_nobody_applies_lets_go_of_its_archive(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        let plan = house.json(&["import", "phone-history", &arg(&file)]);
        let id = plan["batch_id"].as_str().unwrap();
        let kept = house.data_dir().join("spool").join(format!("{id}.zip"));
        assert_eq!(house.run(&["import", "prune"]).ok(), "no plan is so old\n");
        assert!(kept.exists());
        house.run(&["import", "prune", "--older-than", "soon"]).ended(2);
        let bytes = std::fs::metadata(&kept).unwrap().len();
        // Ids and instants of the store are of one clock, so that a moment ago is in the past.
        let pruned = house.json(&["import", "prune", "--older-than", "1ns"]);
        assert_eq!(pruned, json!({ "plans": [id], "leftovers": 0, "bytes": bytes }));
        assert!(!kept.exists());
        assert_eq!(house.json(&["import", "list"])[0]["state"], "expired");
        let told = house.run(&["import", "apply", id]).ended(2);
        assert!(told.contains("read `small.zip` again (`doorstep import phone-history`)"), "{told}");
        let shown = house.run(&["import", "show", id]).ok();
        assert!(shown.contains("small.zip: a dry run that was never applied; its archive was removed"), "{shown}");
        let refused = house.command(&["import", "list"]).env("DOORSTEP_IMPORT_KEEP_PLANS", "a while").output().unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(told.contains("`import.keep_plans` cannot be `a while`") && told.contains("`14 days`"), "{told}");
    }
}
