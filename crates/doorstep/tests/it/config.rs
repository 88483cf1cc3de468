//! Settings come in layers, and each value knows its own.

use serde_json::{Value, json};

use super::house::House;

#[tokio::test]
async fn every_value_says_where_it_comes_from_and_no_password_is_shown() {
    let house = House::sqlite().await.with_tenant().await;
    let file = house.data_dir().join("doorstep.toml");
    std::fs::write(&file, "[log]\nlevel = 'warn'\n[worker]\nlease_seconds = 20\n").unwrap();
    let args = ["config", "show", "--json", "--database-url", "postgres://app:s3cret@db.test/hub"];
    let output = house.command(&args).env("DOORSTEP_LOG_LEVEL", "off").output().unwrap();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["log"]["level"], json!({ "value": "off", "origin": "environment DOORSTEP_LOG_LEVEL" }));
    assert_eq!(shown["worker"]["lease_seconds"], json!({ "value": "20", "origin": file.display().to_string() }));
    assert_eq!(
        shown["database"]["url"],
        json!({ "value": "postgres://app:***@db.test/hub", "origin": "--database-url" })
    );
    assert_eq!(shown["data"]["operator"], json!({ "value": "sam", "origin": "default" }));
    let text = house.run(&["config", "show", "--origin"]).ok();
    assert!(
        text.lines().any(|line| line.starts_with("worker.lease_seconds  20") && line.ends_with("doorstep.toml")),
        "{text}"
    );
}

#[tokio::test]
async fn a_typing_error_in_a_setting_is_refused_with_what_was_meant() {
    let house = House::sqlite().await.with_tenant().await;
    let output = house.command(&["customer", "list"]).env("DOORSTEP_LOGLEVEL", "off").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("did you mean `DOORSTEP_LOG_LEVEL`?"), "{told}");
    std::fs::write(house.data_dir().join("doorstep.toml"), "[worker]\nlease = 20\n").unwrap();
    let told = house.run(&["customer", "list"]).ended(2);
    assert!(told.contains("`worker.lease`, which is not a setting"), "{told}");
    house.run(&["customer", "list", "--config", "nowhere.toml"]).ended(2);
}
