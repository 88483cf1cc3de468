//! Two names on one number: a person says who is who, and may think again.

use serde_json::json;

use super::archive;
use super::house::{House, arg, in_both_houses};

in_both_houses! {
    async fn a_person_merges_two_customers_and_takes_it_back(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        house.run(&["import", "phone-history", &arg(&file), "--apply"]).ok();
        let reviews = house.json(&["review", "list"]);
        let review = reviews[0]["id"].as_str().unwrap();
        let (a, b) = (reviews[0]["a"]["id"].as_str().unwrap(), reviews[0]["b"]["id"].as_str().unwrap());
        let shown = house.run(&["review", "list"]).ok();
        for part in [review, a, b, "both have (617) 782-1234", "Ann Miller", "Robert Miller"] {
            assert!(shown.contains(part), "{part}\n{shown}");
        }

        let told = house.run(&["identity", "explain", a, b]).ok();
        for part in ["a review asks whether they are one", "Ann Miller", "Robert Miller", "(617) 782-1234; 2 people have it", "given name", "very probably two (", "the given name was the same"] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        let merged = house.json(&["review", "decide", review, "merge", "--reason", "one household, one bill"]);
        assert_eq!((&merged["a"], &merged["b"]), (&json!(a), &json!(a)));
        assert_eq!(house.json(&["review", "list"]), json!([]));
        let told = house.run(&["identity", "explain", b, a]).ok();
        assert!(told.contains("One customer") && told.contains("one household, one bill"), "{told}");
        assert_eq!(house.json(&["identity", "explain", b])["links"][0]["by"], "decision");
        house.run(&["identity", "explain", "cus_01h455vb4pex5vsknk084sn02q"]).ended(3);
        let by_older_id = house.run(&["customer", "show", b]).ok();
        assert!(by_older_id.contains(&format!("{b} was joined to this customer")), "{by_older_id}");
        assert_eq!(house.json(&["customer", "show", b])["was"], b);
        let told = house.run(&["review", "decide", review, "apart"]).ended(3);
        assert!(told.contains("doorstep review list"), "{told}");

        let apart = house.json(&["unmerge", b]);
        assert_eq!((&apart["a"], &apart["b"]), (&json!(a), &json!(b)));
        let told = house.run(&["unmerge", b]).ended(2);
        assert!(told.contains("was not joined"), "{told}");
        house.run(&["merge", a, a]).ended(2);
        house.run(&["merge", a, b]).ok();
        house.run(&["rebuild", "--check"]).ok();
    }

    async fn a_caller_is_found_or_made_and_a_preview_writes_nothing(house: House) {
        let asked = ["customer", "find-or-create", "--phone", "617 782 1234", "--name", "Miller, Ann"];
        let preview = house.run(&[&asked[..], &["--preview"]].concat()).ok();
        assert_eq!(preview, "would be a new customer\n(a preview: nothing was written)\n");
        assert_eq!(house.json(&["customer", "list"]), json!([]));
        let made = house.json(&asked);
        assert_eq!(made["outcome"], "created");
        let again = house.json(&["customer", "find-or-create", "--phone", "+1 (617) 782-1234"]);
        assert_eq!(again, json!({ "outcome": "existing", "customer": made["customer"] }));
        let told = house.run(&["customer", "find-or-create", "--phone", "617 471 2000"]).ended(2);
        assert!(told.contains("own numbers"), "{told}");
        let told = house.run(&["customer", "find-or-create", "--phone", "12"]).ended(2);
        assert!(told.contains("`--phone 12`"), "{told}");
    }

    async fn everything_comes_back_from_a_backup(house: House) {
        house.run(&["customer", "find-or-create", "--phone", "617 782 1234", "--name", "Ann Miller"]).ok();
        let customers = house.json(&["customer", "list"]);
        let file = arg(&house.path("house.backup"));
        let written = house.json(&["backup", &file]);
        assert_eq!(written["rows"]["customer"], 1);
        house.run(&["backup", &file]).ended(1);
        let elsewhere = House::sqlite().await;
        elsewhere.run(&["restore", &file]).ok();
        assert_eq!(elsewhere.json(&["customer", "list"]), customers);
        elsewhere.run(&["restore", &file]).ended(1);
        elsewhere.run(&["restore", &file, "--force"]).ok();
    }
}
