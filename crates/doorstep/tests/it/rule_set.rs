//! An owner tries other rules: looks at what they would change, does that, and goes back.

use serde_json::json;

use super::archive;
use super::house::{House, arg, in_both_houses};

/// One Ann in two entries, and somebody else.
const CONTACTS: &str = "\
contact_id,display_name,phone_number
c1,Ann Miller,617-782-1234
c2,Ann Miller,617-782-1234; 781-871-1000
c3,Robert Kowalski,508-787-1001
";

in_both_houses! {
    async fn an_owner_looks_at_other_rules_applies_them_and_goes_back(house: House) {
        let file = house.path("small.zip");
        archive::write(&file, &[("contacts.csv", CONTACTS)]);
        house.run(&["import", "phone-history", &arg(&file), "--apply"]).ok();
        let customers = house.json(&["customer", "list"]);
        assert_eq!(customers.as_array().unwrap().len(), 2);
        let listed = house.run(&["identity", "rules"]).ok();
        assert!(listed.contains("shipped, number 1") && listed.contains("2.6"), "{listed}");
        let told = house.run(&["identity", "resolve", "--apply"]).ended(2);
        assert!(told.contains("nothing was looked at yet"), "{told}");
        let told = house.run(&["identity", "rules", "--link", "1", "--review", "2"]).ended(2);
        assert!(told.contains("at or below `link`"), "{told}");

        let made = house.run(&["identity", "rules", "--link", "29"]).ok();
        assert!(made.contains("version 2") && made.contains("not in force"), "{made}");
        let looked = house.run(&["identity", "resolve", "--preview"]).ok();
        for part in ["Version 2", "2 customers now, 3 then", "0 merges, 1 split", "becomes several", "Ann Miller", "LINK FROM"] {
            assert!(looked.contains(part), "{part}\n{looked}");
        }
        assert_eq!(house.json(&["customer", "list"]), customers, "a look changes nothing");
        let applied = house.run(&["identity", "resolve", "--apply"]).ok();
        assert!(applied.contains("version 2 of the rules is in force"), "{applied}");
        assert_eq!(house.json(&["customer", "list"]).as_array().unwrap().len(), 3);
        assert_eq!(house.json(&["identity", "rules"])["in_force"], 2);
        house.run(&["rebuild", "--check"]).ok();
        let told = house.run(&["identity", "resolve", "--apply", "--version", "1"]).ended(2);
        assert!(told.contains("--preview --version 1"), "{told}");

        let back = house.json(&["identity", "resolve", "--preview", "--version", "1"]);
        assert_eq!((&back["summary"]["merges"], &back["state"]), (&json!(1), &json!("previewed")));
        house.run(&["identity", "resolve", "--apply", "--version", "1"]).ok();
        assert_eq!(house.json(&["customer", "list"]), customers, "ids and all");
        house.run(&["rebuild", "--check"]).ok();
        let rates = house.json(&["identity", "rules", "--rates"]);
        assert_eq!(rates["rates"].as_array().unwrap().len(), 9);
        house.run(&["identity", "rules", "--version", "9"]).ended(3);
        house.run(&["identity", "resolve", "--preview", "--version", "9"]).ended(3);

        let trained = house.run(&["identity", "train"]).ok();
        assert!(trained.contains("1 pair compared") && trained.contains("version 3"), "{trained}");
        assert_eq!(house.json(&["identity", "rules"])["in_force"], 1, "what was learnt is not in force");
        let audit = house.run(&["audit", "list"]).ok();
        assert!(audit.contains("rule_set.applied") && audit.contains("rule_set.created"), "{audit}");
    }
}

/// Two people of a house and one of them twice.
const RECORDS: &str = "\
record_id,full_name,phones,emails,street,zip
r1,John Smith,617-444-1001,john@smithhome.com,12 Elm St,02169
r2,\"Smith, John\",6174441001,john@smithhome.com,12 Elm St,02169
r3,Mary Smith,617-444-1001,,12 Elm St,02169
";

#[tokio::test]
async fn weights_are_learnt_from_a_file_and_held_against_the_truth() {
    let house = House::sqlite().await;
    let written = |name: &str, text: &str| {
        let path = house.path(name);
        std::fs::write(&path, text).unwrap();
        arg(&path)
    };
    let records = written("RECORDS.csv", RECORDS);
    let truth = written("TRUTH.csv", "record_id,person_id\nr1,john\nr2,john\nr3,mary\n");
    let (rules, clusters) = (arg(&house.path("RULES.json")), arg(&house.path("CLUSTERS.csv")));
    let told = house.run(&["identity", "train", "--file", &records, "--out", &rules]).ok();
    assert!(told.contains("3 pairs compared"), "{told}");
    house.run(&["identity", "cluster", &records, "--out", &clusters, "--rules", &rules]).ok();
    assert_eq!(std::fs::read_to_string(&clusters).unwrap(), "record_id,customer_id\r\nr1,r1\r\nr2,r1\r\nr3,r3\r\n");
    let asked = ["identity", "rules", "--rates", "--file", &records, "--truth", &truth];
    for more in [&[][..], &["--rules", &rules]] {
        let json = house.json(&[&asked[..], more].concat());
        let at_link =
            json["rates"].as_array().unwrap().iter().find(|rate| rate["link"].as_f64().unwrap() > 2.5).unwrap();
        assert_eq!(
            (&at_link["pairs"], &at_link["real"]["wrong"], &at_link["real"]["missed"]),
            (&1.into(), &0.into(), &0.into())
        );
    }
    let bad = written("BAD.json", "{ \"given\": 7 }");
    let told = house.run(&["identity", "cluster", &records, "--out", &clusters, "--rules", &bad]).ended(2);
    assert!(told.contains("holds no weights"), "{told}");
    let told = house.run(&["identity", "train", "--file", &records, "--out", &records]).ended(2);
    assert!(told.contains("named twice"), "{told}");
    assert!(!house.data_dir().exists(), "a file is looked at without a store");
}
