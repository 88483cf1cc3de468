//! kill -9 while an import goes in: it goes on where it was, and comes to the same.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::house::{House, arg, in_both_houses};

/// Time between two looks at the import.
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// Longer than any machine needs to put the first page in.
const PATIENCE: Duration = Duration::from_secs(120);

/// Rows of every table that an import fills, as a backup counts them.
fn rows(house: &House, backup: &str) -> Value {
    let mut rows = house.json(&["backup", &arg(&house.path(backup))])["rows"].clone();
    let tables = rows.as_object_mut().unwrap();
    // How often the feed and the tasks were written differs with the pages of an interrupted import, and resuming it
    // is an act that the audit log has.
    tables.retain(|table, _| !["change", "feed", "task", "audit_entry", "audit_subject"].contains(&table.as_str()));
    rows
}

in_both_houses! {
    async fn an_import_survives_a_kill_and_comes_to_the_same(house: House) {
        let file = house.demo_archive(400, 6_000);
        let plan = house.json(&["import", "phone-history", &file]);
        let id = plan["batch_id"].as_str().unwrap();
        let mut child = house.start(&["import", "apply", id, "--lease-seconds", "2"]);
        let began = Instant::now();
        let (done, total) = loop {
            let import = house.json(&["import", "show", id]);
            let (done, total) = (import["rows_done"].as_u64().unwrap(), import["rows_total"].as_u64().unwrap());
            if done > 0 {
                break (done, total);
            }
            assert!(began.elapsed() < PATIENCE && child.try_wait().unwrap().is_none(), "it never began, or is over");
            tokio::time::sleep(LOOK_EVERY).await;
        };
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(done < total, "killed too late to say anything");
        assert_eq!(house.json(&["import", "show", id])["state"], "applying");

        let resumed = house.json(&["import", "resume", id, "--lease-seconds", "2"]);
        assert_eq!(resumed["state"], "applied");
        assert_eq!(resumed["summary"], plan["summary"]);
        assert_eq!(resumed["rows_done"], resumed["rows_total"]);

        let calm = house.another().await.with_tenant().await;
        calm.json(&["import", "phone-history", &file, "--apply"]);
        assert_eq!(rows(&house, "killed.backup"), rows(&calm, "calm.backup"));
        house.run(&["rebuild", "--check"]).ok();
        house.run(&["doctor"]).ok();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_worker_ends_when_the_system_tells_it_to() {
    let house = House::sqlite().await.with_tenant().await;
    let mut command = house.command(&["worker"]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut said).unwrap();
    assert_eq!(said, "running tasks until told to stop\n");
    send("TERM", &child);
    let ended = child.wait().unwrap();
    assert_eq!(ended.code(), Some(0), "{ended}");
}

/// Sends a signal by its name.
#[cfg(unix)]
fn send(signal: &str, child: &std::process::Child) {
    let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_politely_and_says_how_to_go_on() {
    let house = House::sqlite().await.with_tenant().await;
    let file = house.demo_archive(400, 6_000);
    let plan = house.json(&["import", "phone-history", &file]);
    let id = plan["batch_id"].as_str().unwrap();
    let mut command = house.command(&["import", "apply", id, "--lease-seconds", "2"]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while house.json(&["import", "show", id])["rows_done"] == 0 {
        assert!(began.elapsed() < PATIENCE, "it never began");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    send("INT", &child);
    let ended = child.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains(&format!("`doorstep import resume {id}` goes on")), "{told}");
    assert_eq!(house.json(&["import", "resume", id, "--lease-seconds", "2"])["state"], "applied");
}

in_both_houses! {
    async fn an_import_that_cannot_go_on_says_why_and_goes_on_when_that_is_put_right(house: House) {
        let file = house.demo_archive(20, 100);
        let plan = house.json(&["import", "phone-history", &file]);
        let id = plan["batch_id"].as_str().unwrap();
        let (kept, away) = (house.data_dir().join("spool").join(format!("{id}.zip")), house.path("away.zip"));
        std::fs::rename(&kept, &away).unwrap();
        let told = house.run(&["import", "apply", id]).ended(1);
        assert!(told.contains(&format!("error: the import `{id}` stopped half-way: ")), "{told}");
        assert!(told.contains(&format!("hint: when that is put right: `doorstep import resume {id}`")), "{told}");
        let found = house.run(&["doctor"]);
        assert!(found.code == 1 && found.out.contains("WRONG  parked tasks"), "{found:?}");
        std::fs::rename(&away, &kept).unwrap();
        assert_eq!(house.json(&["import", "resume", id])["state"], "applied");
        house.run(&["doctor"]).ok();
    }
}
