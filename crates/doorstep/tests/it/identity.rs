//! Who is who in files: customers are compared with the truth, without a database.

use serde_json::Value;

use super::house::{House, arg};

/// Two people in one customer, one person in two, and one that is right.
const CLUSTERS: &str = "record_id,customer_id\nr1,c1\nr2,c1\nr3,c1\nr4,c2\nr5,c3\nr6,c4\n";
const TRUTH: &str = "record_id,person_id\nr1,ann\nr2,ann\nr3,bob\nr4,eve\nr5,eve\nr6,joe\n";

fn written(house: &House, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = house.path(name);
    std::fs::write(&path, text).unwrap();
    arg(&path)
}

#[tokio::test]
async fn an_owner_reads_how_good_customers_are_and_what_is_wrong() {
    let house = House::sqlite().await;
    let (clusters, truth) = (written(&house, "CLUSTERS.csv", CLUSTERS), written(&house, "TRUTH.csv", TRUTH));
    let told = house.run(&["identity", "evaluate", &clusters, "--truth", &truth]).ok();
    insta::assert_snapshot!("identity_evaluate", told);
    assert!(!house.data_dir().exists(), "a file is looked at without a store");
    let bare = house.run(&["identity", "evaluate", &clusters, "--truth", &truth, "--worst", "0"]).ok();
    assert!(bare.contains("by pairs") && !bare.contains("worst"), "{bare}");
}

#[tokio::test]
async fn a_program_reads_the_same_as_json() {
    let house = House::sqlite().await;
    let (clusters, truth) = (written(&house, "CLUSTERS.csv", CLUSTERS), written(&house, "TRUTH.csv", TRUTH));
    let json = house.json(&["identity", "evaluate", &clusters, "--truth", &truth]);
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-9;
    // Of three pairs joined one is right, of two pairs to join one is there.
    assert!(near(&json["pairs"]["precision"], 1.0 / 3.0) && near(&json["pairs"]["recall"], 0.5), "{json}");
    assert!(near(&json["pairs"]["f1"], 0.4), "{json}");
    assert!(near(&json["b_cubed"]["precision"], (4.0 / 3.0 + 1.0 / 3.0 + 3.0) / 6.0), "{json}");
    assert!(near(&json["b_cubed"]["recall"], 5.0 / 6.0), "{json}");
    assert_eq!((&json["records"], &json["customers"], &json["people"]), (&6.into(), &4.into(), &4.into()));
    assert_eq!(json["merged"][0]["customer_id"], "c1");
    assert_eq!(json["merged"][0]["parts"][0]["records"], serde_json::json!(["r1", "r2"]));
    assert_eq!(json["split"][0]["person_id"], "eve");
    assert_eq!(json["split"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn files_as_spreadsheets_leave_them_are_read() {
    let house = House::sqlite().await;
    let clusters = written(
        &house,
        "CLUSTERS.csv",
        "\u{feff}Customer_ID,note, RECORD_ID\r\nc1,\"two\r\nlines, and a comma\",r1\r\n\r\nc1,,r2\r\nc9,,r9\r\n",
    );
    let truth = written(
        &house,
        "TRUTH.csv",
        "record_id,person_id,kind\nr2,ann,household\nr1,ann,plain\nr3,bob,plain\nr4,bob\n",
    );
    let json = house.json(&["identity", "evaluate", &clusters, "--truth", &truth]);
    assert_eq!((&json["records"], &json["pairs"]["f1"]), (&2.into(), &1.0.into()));
    assert_eq!((&json["only_in_clusters"], &json["only_in_truth"]), (&1.into(), &2.into()));
    let told = house.run(&["identity", "evaluate", &clusters, "--truth", &truth]).ok();
    assert!(told.contains("left out: 1 record only in the file of customers\n"), "{told}");
    assert!(told.contains("left out: 2 records only in the truth\n"), "{told}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_refused_with_its_line() {
    let house = House::sqlite().await;
    let good = written(&house, "good.csv", TRUTH);
    let check = |text: &[u8], parts: &[&str]| {
        let bad = written(&house, "bad.csv", text);
        let told = house.run(&["identity", "evaluate", &bad, "--truth", &good]).ended(2);
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("panicked"), "{told}");
    };
    check(b"", &["bad.csv` is empty", "record_id,customer_id"]);
    check(b"\n\n", &["is empty"]);
    check(b"record_id,customer_id\n", &["has no row under its header"]);
    check(b"id,customer\nr1,c1\n", &["has no column `record_id` and no column `customer_id`", "`id`, `customer`"]);
    check(b"record_id,cluster\nr1,c1\n", &["has no column `customer_id`"]);
    check(b"record_id,customer_id\nr1,c1\n\nr2,c1\nr1,c2\n", &["record `r1` stands twice", "on lines 2 and 5"]);
    check(b"record_id,customer_id\nr1,c1\nr2,\n", &["line 3 of", "has no `customer_id`"]);
    check(b"record_id,customer_id\nr1\n", &["line 2 of", "has no `customer_id`"]);
    check(b"record_id,customer_id\nr1,c1\nr2,caf\xe9\n", &["line 3 of", "is not UTF-8", "CSV UTF-8"]);
    check(b"r\0e\xff\xfe", &["is not UTF-8"]);
    check(b"record_id,customer_id\nx1,c1\n", &["no record in common"]);
    let endless = ["record_id,customer_id\nr1,c1\n\"r2,c1\n", &"r3,c1\n".repeat(200_000)].concat();
    check(endless.as_bytes(), &["line 3 of", "does not end"]);
    check("a,".repeat(100_000).as_bytes(), &["line 1 of", "does not end"]);
    let told = house.run(&["identity", "evaluate", "nowhere.csv", "--truth", &good]).ended(2);
    assert!(told.contains("`nowhere.csv` cannot be read"), "{told}");
    let twice = written(&house, "twice.csv", "record_id,person_id\nr1,a\nr7,a\nr7,b\n");
    let clusters = written(&house, "CLUSTERS.csv", CLUSTERS);
    let told = house.run(&["identity", "evaluate", &clusters, "--truth", &twice]).ended(2);
    assert!(told.contains("record `r7` stands twice") && told.contains("on lines 3 and 4"), "{told}");
}

/// John in three spellings, his wife on the same landline, and a caller who could be either.
const RECORDS: &str = "\
record_id,source,created_at,first_name,last_name,full_name,company,phones,emails,street,unit,city,state,zip
r3,crm,2021-03-04,John,Smith,,,(617) 444-1001 | 617-444-1002,,12 Elm St,,Quincy,MA,02169
r1,form,2019-01-02,,,\"SMITH, JON\",,6174441002,,12 elm street,,Quincy,MA,02169
r2,phone,2020-05-06,,,Johnny Smith,,+1 617 444 1002,,,,,,
r4,crm,2020-01-01,Mary,Smith,,,617-444-1001,mary@smithhome.com,12 Elm St,,Quincy,MA,02169
r5,phone,,,,,,617 444 1001,,,,,,
";

#[tokio::test]
async fn an_owner_sees_who_is_who_in_an_export() {
    let house = House::sqlite().await;
    let records = written(&house, "RECORDS.csv", RECORDS);
    let (clusters, review) = (arg(&house.path("CLUSTERS.csv")), arg(&house.path("REVIEW.csv")));
    let told = house.run(&["identity", "cluster", &records, "--out", &clusters, "--review", &review, "--explain"]).ok();
    assert!(told.contains("5 records are 3 customers"), "{told}");
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    // Named for the oldest record, in the order of the file.
    let expected = "record_id,customer_id\r\nr3,r1\r\nr1,r1\r\nr2,r1\r\nr4,r4\r\nr5,r5\r\n";
    assert_eq!(read(&clusters), expected);
    let review = read(&review);
    assert!(review.starts_with("record_a,record_b,customer_a,customer_b,probability,why,evidence,would_change"));
    assert!(review.contains(",r5,") && review.contains("phone: the same"), "{review}");
    let evidence = read(&arg(&house.path("CLUSTERS.evidence.csv")));
    assert_eq!(evidence.lines().count(), 3, "two links made the customer of three: {evidence}");
    assert!(evidence.contains("given name: a form of the same"), "{evidence}");
    assert!(!house.data_dir().exists(), "a file is looked at without a store");
    let json = house.json(&["identity", "cluster", &records, "--out", &clusters]);
    assert_eq!((&json["records"], &json["customers"]), (&5.into(), &3.into()));
}

#[tokio::test]
async fn a_file_of_records_that_is_none_is_refused_and_nothing_is_written() {
    let house = House::sqlite().await;
    let out = arg(&house.path("CLUSTERS.csv"));
    for (text, expected) in [
        ("", "it is empty"),
        ("name\nAnn\n", "no column `record_id`"),
        ("record_id\nr1\nr1\n", "line 3: another row has the same `record_id`"),
        ("record_id,full_name\nr1,Ann\n,Bob\n", "line 3: `record_id` is blank"),
    ] {
        let records = written(&house, "RECORDS.csv", text);
        let told = house.run(&["identity", "cluster", &records, "--out", &out]).ended(2);
        assert!(told.contains(expected), "{told}");
    }
    let missing = arg(&house.path("nowhere.csv"));
    let told = house.run(&["identity", "cluster", &missing, "--out", &out]).ended(2);
    assert!(told.contains("nowhere.csv"), "{told}");
    assert!(!house.path("CLUSTERS.csv").exists());
}

#[tokio::test]
async fn results_are_never_written_over_the_records_or_each_other() {
    let house = House::sqlite().await;
    let records = written(&house, "RECORDS.csv", RECORDS);
    let out = arg(&house.path("CLUSTERS.csv"));
    for args in [
        vec!["--out", records.as_str()],
        vec!["--out", out.as_str(), "--review", out.as_str()],
        vec!["--out", out.as_str(), "--explain", records.as_str()],
    ] {
        let told = house.run(&[&["identity", "cluster", records.as_str()], args.as_slice()].concat()).ended(2);
        assert!(told.contains("named twice"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(&records).unwrap(), RECORDS, "the records are as they were");
    assert!(!house.path("CLUSTERS.csv").exists());
}
