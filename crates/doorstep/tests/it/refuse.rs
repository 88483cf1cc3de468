//! What cannot be done is refused with one sentence, a hint, and a number for scripts.

use serde_json::Value;

use super::house::{House, arg};

#[tokio::test]
async fn a_file_that_is_no_archive_is_refused_with_one_sentence() {
    let house = House::sqlite().await.with_tenant().await;
    let file = house.path("letter.zip");
    std::fs::write(&file, "Dear plumber,").unwrap();
    let ran = house.run(&["import", "phone-history", &arg(&file)]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: this is not a ZIP archive"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    let ran = house.run(&["import", "phone-history", &arg(&file), "--json"]);
    assert_eq!(ran.code, 2);
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(object["error"].as_str().unwrap().starts_with("this is not a ZIP archive"));
    assert_eq!(house.run(&["import", "list", "--json"]).ok(), "[]\n", "not even the plan is stored");
    let spooled = std::fs::read_dir(house.data_dir().join("spool")).unwrap().count();
    assert_eq!(spooled, 0, "no copy is left behind");
}

#[tokio::test]
async fn nonsense_is_refused_and_what_is_not_there_is_not_found() {
    let house = House::sqlite().await.with_tenant().await;
    let check = |args: &[&str], code: i32, part: &str| {
        let told = house.run(args).ended(code);
        assert!(told.contains(part), "{args:?}: {told}");
        assert!(!told.contains("panicked") && !told.contains("Error {"), "{args:?}: {told}");
    };
    check(&["fly"], 2, "unrecognized subcommand");
    check(&["import"], 2, "Usage: doorstep import");
    check(&["customer", "show"], 2, "PHONE|EMAIL|ID");
    check(&["customer", "show", "bob"], 2, "doorstep customer search 'bob'");
    check(&["customer", "show", "12"], 2, "`12` cannot be looked up");
    check(&["customer", "show", "a@"], 2, "`a@` cannot be looked up");
    check(&["customer", "show", "cus_1"], 2, "`cus_1` is not a valid customer id");
    check(&["customer", "show", "rec_01h455vb4pex5vsknk084sn02q"], 2, "");
    check(&["customer", "show", "cus_01h455vb4pex5vsknk084sn02q"], 3, "there is no customer");
    check(&["customer", "show", "617-782-1234"], 3, "nobody here has `(617) 782-1234`");
    check(&["customer", "list", "--limit", "0"], 2, "--limit");
    check(&["import", "show", "imp_01h455vb4pex5vsknk084sn02q"], 3, "doorstep import list");
    check(&["import", "undo", "imp_01h455vb4pex5vsknk084sn02q"], 3, "there is no import");
    check(&["import", "phone-history", "nowhere.zip"], 2, "`nowhere.zip` cannot be read");
    check(&["import", "phone-history", "x.zip", "--alias", "body"], 2, "names no column");
    check(&["review", "decide", "rvw_01h455vb4pex5vsknk084sn02q", "merge"], 3, "no open review");
    check(&["review", "decide", "rvw_01h455vb4pex5vsknk084sn02q", "maybe"], 2, "[possible values: merge, apart]");
    check(&["tenant", "create", "Ace", "--time-zone", "Mars/Olympus"], 2, "is not a time zone");
    check(&["tenant", "create", "Ace", "--time-zone", "UTC", "--country", "XX"], 2, "XX");
    check(&["tenant", "create", "Ace", "--time-zone", "UTC", "--own-number", "911x"], 2, "cannot be an own number");
    check(
        &["tenant", "create", "Bay State Plumbing", "--time-zone", "UTC"],
        2,
        "there is a tenant `Bay State Plumbing` already",
    );
    check(&["customer", "list", "--tenant", "Ace"], 3, "there is: `Bay State Plumbing` (1)");
    check(&["demo", "--json"], 2, "the demo is for people");
    let nowhere = arg(&house.path("nowhere"));
    check(&["customer", "list", "--data-dir", &nowhere], 3, "there is no doorstep database in `");
    assert!(!house.path("nowhere").exists(), "looking makes no directory");
}

#[tokio::test]
async fn with_several_tenants_a_command_says_which_or_is_told_which_there_are() {
    let house = House::sqlite().await.with_tenant().await;
    house.run(&["tenant", "create", "Ace", "--time-zone", "UTC"]).ok();
    let told = house.run(&["customer", "list"]).ended(2);
    assert!(
        told.contains("there are 2 tenants here") && told.contains("`Bay State Plumbing` (1), `Ace` (2)"),
        "{told}"
    );
    house.run(&["customer", "find-or-create", "--phone", "617 782 1234", "--tenant", "ace"]).ok();
    let count = |tenant: &str| house.json(&["customer", "list", "--tenant", tenant]).as_array().unwrap().len();
    assert_eq!((count("1"), count("2"), count("Bay State Plumbing")), (0, 1, 0));
    let listed = house.run(&["tenant", "list"]).ok();
    assert!(listed.contains("(617) 471-2000"), "{listed}");
}
