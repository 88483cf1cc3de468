//! Settings come in layers, and each value knows its own.

use serde_json::{Value, json};

use super::house::{House, arg};

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

/// What a container hands over: files with the URLs, and no URL in the environment.
#[tokio::test]
async fn a_secret_comes_from_a_file_and_is_not_shown() {
    let house = House::postgres().await.with_tenant().await;
    let urls = house.secrets();
    let in_files = |args: &[&str]| {
        let mut command = house.command(args);
        for (variable, url) in urls {
            let file = house.path(variable);
            std::fs::write(&file, format!("{url}\n")).unwrap();
            let prefix = if variable.starts_with("DOORSTEP_") { "" } else { "DOORSTEP_" };
            command.env_remove(variable).env(format!("{prefix}{variable}_FILE"), file);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(in_files(&["tenant", "list"]), house.run(&["tenant", "list"]).ok());
    let shown: Value = serde_json::from_str(&in_files(&["config", "show", "--json"])).unwrap();
    for (key, variable) in [("url", "DATABASE_URL"), ("owner_url", "DOORSTEP_OWNER_DATABASE_URL")] {
        let origin = shown["database"][key]["origin"].as_str().unwrap();
        assert!(origin.starts_with("environment DOORSTEP_") && origin.contains("_FILE: "), "{origin}");
        assert!(origin.ends_with(&arg(&house.path(variable))), "{origin}");
    }
}

#[tokio::test]
async fn a_secret_given_twice_or_in_a_file_that_is_not_there_is_refused() {
    let house = House::sqlite().await;
    let file = house.path("url");
    std::fs::write(&file, "postgres://app:s3cret@db.test/hub\n").unwrap();
    let command = |args: &[&str]| {
        let mut command = house.command(args);
        command.env("DOORSTEP_DATABASE_URL_FILE", &file);
        command
    };
    let shown = command(&["config", "show", "--json"]).output().unwrap();
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let origin = format!("environment DOORSTEP_DATABASE_URL_FILE: {}", file.display());
    assert_eq!(shown["database"]["url"], json!({ "value": "postgres://app:***@db.test/hub", "origin": origin }));
    let check = |output: std::process::Output, part: &str| {
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(part) && !told.contains("s3cret"), "{part}: {told}");
    };
    let twice = command(&["tenant", "list"]).env("DATABASE_URL", "postgres://app:s3cret@db.test/hub").output().unwrap();
    check(twice, "error: the environment sets both `DATABASE_URL` and `DOORSTEP_DATABASE_URL_FILE`");
    std::fs::remove_file(&file).unwrap();
    let gone = command(&["tenant", "list"]).output().unwrap();
    check(gone, "that `DOORSTEP_DATABASE_URL_FILE` names cannot be read: No such file");
}
