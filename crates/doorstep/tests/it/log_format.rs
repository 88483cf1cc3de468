//! The log: one JSON object a line where a program reads it, text for people, and nothing about people in it.

use serde_json::Value;

use super::archive;
use super::house::{House, arg};

#[tokio::test]
async fn the_log_is_json_lines_unless_text_is_asked_for() {
    let house = House::sqlite().await.with_tenant().await;
    let file = house.path("small.zip");
    archive::small(&file);
    let apply_without_its_archive = |format: Option<&str>| {
        let plan = house.json(&["import", "phone-history", &arg(&file)]);
        let id = plan["batch_id"].as_str().unwrap().to_owned();
        std::fs::remove_file(house.data_dir().join("spool").join(format!("{id}.zip"))).unwrap();
        let mut command = house.command(&["import", "apply", &id]);
        command.env("DOORSTEP_LOG_LEVEL", "warn").envs(format.map(|format| ("DOORSTEP_LOG_FORMAT", format)));
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "the log is not data");
        (id, String::from_utf8(output.stderr).unwrap())
    };

    let (id, told) = apply_without_its_archive(None);
    let lines: Vec<Value> = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let [line] = &lines[..] else { panic!("one line of log: {told}") };
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "a task failed");
    assert_eq!(line["task"], format!("import:{id}"));
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    for personal in ["Miller", "Robert", "782", "miller.test"] {
        assert!(!told.contains(personal), "{told}");
    }

    let (id, told) = apply_without_its_archive(Some("text"));
    assert!(told.lines().any(|line| line.contains(" WARN a task failed ") && line.contains(&id)), "{told}");
    assert!(!told.contains('{'), "{told}");
    let refused = house.command(&["tenant", "list"]).env("DOORSTEP_LOG_FORMAT", "yaml").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("`log.format` cannot be `yaml`") && told.contains("`auto`, `text` or `json`"), "{told}");
}
