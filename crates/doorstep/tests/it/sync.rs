//! An owner connects a source, reads it, and sees how it stands.

use std::process::Command;

use doorstep_sim::{Edit, Kind, Options, Sim};
use serde_json::{Value, json};

use super::house::{House, Ran, in_both_houses};

/// The program with a key for credentials, that may talk to the sim.
fn command(house: &House, sim: &Sim, args: &[&str]) -> Command {
    let mut command = house.command(args);
    command.env("DOORSTEP_SOURCES_KEY", "0f".repeat(32)).env("DOORSTEP_SOURCES_ALLOWED_URLS", sim.base_url());
    command
}

async fn run(house: &House, sim: &Sim, args: &[&str]) -> Ran {
    let mut command = command(house, sim, args);
    // The sim answers from this process.
    Ran::of(&tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap())
}

async fn json_of(house: &House, sim: &Sim, args: &[&str]) -> Value {
    let ran = run(house, sim, &[args, &["--json"]].concat()).await;
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{args:?}: {ran:?}"))
}

/// A file with all that connects the sim's business.
fn settings(house: &House, sim: &Sim) -> String {
    let (tenant, it, url) = (sim.tenant(), sim.credentials(), sim.base_url());
    let file = house.path("servicetitan.toml");
    let text = format!(
        "servicetitan_tenant = {tenant}\nclient_id = '{}'\nclient_secret = '{}'\napp_key = '{}'\napi_url = '{url}'\nauth_url = '{url}'\n",
        it.client_id, it.client_secret, it.app_key
    );
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

in_both_houses! {
    async fn an_owner_connects_a_source_reads_it_and_sees_how_it_stands(house: House) {
        let sim = Sim::start(Options::default()).await.unwrap();
        let file = settings(&house, &sim);
        let add = ["connection", "add", "servicetitan", "--settings", &file, "--hours", "always"];
        // Without a key nothing is kept.
        let mut keyless = command(&house, &sim, &add);
        keyless.env_remove("DOORSTEP_SOURCES_KEY");
        let told = Ran::of(&tokio::task::spawn_blocking(move || keyless.output().unwrap()).await.unwrap()).ended(2);
        assert!(told.contains("openssl rand -hex 32"), "{told}");
        let added = run(&house, &sim, &add).await.ok();
        assert!(added.starts_with("ServiceTitan (con_"), "{added}");
        assert!(run(&house, &sim, &add).await.ended(2).contains("already"));
        let checked = json_of(&house, &sim, &["connection", "check", "ServiceTitan"]).await;
        assert!(checked["streams"].as_array().unwrap().iter().all(|it| it["can_be_read"] == true), "{checked}");
        let read = run(&house, &sim, &["sync", "now", "servicetitan"]).await.ok();
        assert!(read.contains("read to the end") && read.contains("customer_contacts"), "{read}");
        let customers = sim.rows(sim.tenant(), Kind::Customers);
        let found = house.json(&["customer", "list", "--limit", "1000"]);
        let names = found.to_string();
        assert!(names.contains(customers[0]["name"].as_str().unwrap()), "{names}");
        // What happens there is here after the next reading.
        let id = customers[0]["id"].as_i64().unwrap();
        assert!(sim.world(|world| world.edit(sim_tenant(world), Edit::Rename { customer: id, name: "Zelda Quill".to_owned() })));
        let run_now = json_of(&house, &sim, &["sync", "now", "servicetitan"]).await;
        assert_eq!((&run_now["state"], &run_now["totals"]["changed"]), (&json!("finished"), &json!(1)), "{run_now}");
        assert!(house.json(&["customer", "search", "Zelda Quill"]).to_string().contains("Zelda Quill"));
        // And of one customer at once; what is no newer by its stamp would be none of its news.
        sim.advance(std::time::Duration::from_secs(60));
        let found = house.json(&["customer", "search", "Zelda Quill"]);
        let zelda = found.pointer("/customers/0/id").or(found.pointer("/0/id")).and_then(Value::as_str).unwrap().to_owned();
        assert!(sim.world(|world| world.edit(sim_tenant(world), Edit::Rename { customer: id, name: "Yara Quill".to_owned() })));
        let again = json_of(&house, &sim, &["sync", "customer", &zelda]).await;
        assert_eq!((&again["customer"], &again["came"]), (&json!(zelda), &json!(true)), "{again}");
        assert!(house.json(&["customer", "search", "Yara Quill"]).to_string().contains("Yara Quill"));
        assert!(sim.world(|world| world.edit(sim_tenant(world), Edit::Rename { customer: id, name: "Zelda Quill".to_owned() })));
        assert!(run(&house, &sim, &["sync", "now", "servicetitan"]).await.ok().contains("read to the end"));
        let status = json_of(&house, &sim, &["sync", "status"]).await;
        assert_eq!((&status[0]["last"]["state"], &status[0]["connection"]["failures"]), (&json!("finished"), &json!(0)));
        assert_eq!(json_of(&house, &sim, &["sync", "runs", "servicetitan"]).await.as_array().unwrap().len(), 3);
        // No secret is told anywhere.
        let told = format!("{added}{status}{}", json_of(&house, &sim, &["connection", "list"]).await);
        for secret in [sim.credentials().client_secret, sim.credentials().app_key] {
            assert!(!told.contains(&secret), "{told}");
        }
        let paused = run(&house, &sim, &["connection", "pause", "servicetitan"]).await.ok();
        assert!(paused.contains("switched off"), "{paused}");
        let renamed = run(&house, &sim, &["connection", "rename", "servicetitan", "Quincy office"]).await.ok();
        assert!(renamed.starts_with("Quincy office (con_"), "{renamed}");
        let removed = run(&house, &sim, &["connection", "remove", "quincy office"]).await.ok();
        assert!(removed.contains("what it said stays"), "{removed}");
        run(&house, &sim, &["sync", "now", "quincy office"]).await.ended(3);
        assert!(house.json(&["customer", "search", "Zelda Quill"]).to_string().contains("Zelda Quill"));
        // The same books again are the same connection, and go with all that they said.
        let again = run(&house, &sim, &add).await.ok();
        let id = |told: &str| told.split(['(', ')']).nth(1).unwrap().to_owned();
        assert_eq!(id(&again), id(&added));
        run(&house, &sim, &["connection", "remove", "servicetitan", "--yes"]).await.ended(2);
        let removed = run(&house, &sim, &["connection", "remove", "servicetitan", "--records", "--yes"]).await.ok();
        assert!(removed.contains("records of it are out"), "{removed}");
        assert!(!house.json(&["customer", "search", "Zelda Quill"]).to_string().contains("Zelda Quill"));
        house.run(&["rebuild", "--check"]).ok();
    }
}

fn sim_tenant(world: &doorstep_sim::World) -> i64 {
    world.first().number
}

#[tokio::test]
async fn a_secret_among_the_arguments_and_an_address_that_is_not_allowed_are_refused() {
    let house = House::sqlite().await.with_tenant().await;
    let sim = Sim::start(Options::default()).await.unwrap();
    let told = run(&house, &sim, &["connection", "add", "servicetitan", "--set", "client_secret=cs1.tell-nobody"])
        .await
        .ended(2);
    assert!(told.contains("--settings FILE") && !told.contains("tell-nobody"), "{told}");
    let file = settings(&house, &sim);
    let mut elsewhere =
        command(&house, &sim, &["connection", "add", "servicetitan", "--settings", &file, "--no-check"]);
    elsewhere.env_remove("DOORSTEP_SOURCES_ALLOWED_URLS");
    let refused = Ran::of(&tokio::task::spawn_blocking(move || elsewhere.output().unwrap()).await.unwrap());
    assert!(refused.code != 0 && refused.err.contains("url"), "{refused:?}");
    let mut wrong = command(&house, &sim, &["connection", "list"]);
    wrong.env("DOORSTEP_SOURCES_KEY", "hunter2");
    let told = Ran::of(&wrong.output().unwrap()).ended(2);
    assert!(told.contains("64 hexadecimal digits") && !told.contains("hunter2"), "{told}");
}
