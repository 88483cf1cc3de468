//! The official conformance suite and the official inspector, against the door as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::Scope;
use doorstep_core::phone::Region;
use doorstep_core::tenant::{Actor, Role, Tenant};
use doorstep_server::auth::{Authenticator, By, Identified, Parts, Principal};
use doorstep_server::{App, Settings};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use serde_json::Value;

use super::open;
use crate::api::Program;
use crate::entry;
use crate::house::House;

/// Longer than it takes on a slow and busy machine.
const LIMIT: Duration = Duration::from_secs(300);
/// What fails and why: a line for each check, with its revision.
const EXPECTED: &str = include_str!("../../conformance/expected-failures.txt");
/// Checks that pass at least: fewer means that the suite did not get to us.
const LEAST: usize = 20;
/// What npm was to install, to the letter.
const LOCK: &str = include_str!("../../../../xtask/npm/package-lock.json");

/// A program that `cargo xtask test` installs, on the Node that it installs with it: the system's is too old on most.
fn program(script: &str) -> Command {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("npm");
    assert!(
        std::fs::read_to_string(folder.join("fetched")).is_ok_and(|fetched| fetched == LOCK),
        "{} does not hold what crates/xtask/npm/package-lock.json says: run `cargo xtask test`, which installs it (once; \
         `cargo test` will do after that)",
        folder.display()
    );
    let modules = folder.join("node_modules");
    let mut command = Command::new(node(&modules));
    command.arg(modules.join(script)).stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// The package with Node that is for this machine; on systems that there is none for, their own.
fn node(modules: &Path) -> PathBuf {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let ours = modules.join(format!("node-linux-{processor}/bin/node"));
    if ours.exists() { ours } else { PathBuf::from("node") }
}

async fn run(mut command: Command) -> Output {
    // In a thread of its own: this one is the server's.
    let ran = tokio::time::timeout(LIMIT, tokio::task::spawn_blocking(move || command.output()));
    ran.await.expect("it does not end").unwrap().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Takes everybody for the office: the suite has no way to send a key.
struct Everybody(Scope);

impl Authenticator for Everybody {
    fn identify<'a>(&'a self, _: &'a App, _: &'a Parts) -> Identified<'a> {
        let (name, tenant_name) = ("suite".to_owned(), String::new());
        let principal =
            Principal { scope: self.0.clone(), name, tenant_name, country: Region::US, around: None, by: By::Key };
        Box::pin(async { Ok(Some(principal)) })
    }
}

fn everybody(tenant: &Tenant) -> Arc<Everybody> {
    Arc::new(Everybody(Scope::new(tenant.id, Actor::Operator("suite".to_owned()), Role::Owner)))
}

/// All that a revision requires: what fails is what the list says with its reason, and nothing else.
async fn conforms(revision: &str) {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::known_by(&store, Settings::default(), everybody(&store.tenant)).await;
    let told = store.dir.path().join("told");
    let mut command = program("@modelcontextprotocol/conformance/dist/index.js");
    command.args(["server", "--url", &format!("http://127.0.0.1:{}/mcp", house.address.port())]);
    command.args(["--requirements", revision, "--output-dir"]).arg(&told).current_dir(store.dir.path());
    let output = run(command).await;
    let (passed, failed) = outcomes(&told);
    let expected: BTreeSet<String> = EXPECTED
        .lines()
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix(revision)?.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    let found: BTreeSet<String> = failed.keys().cloned().collect();
    println!("{revision}: {passed} passed, {} failed as expected", expected.len());
    let news: Vec<_> =
        found.difference(&expected).map(|name| format!("{revision} {name} # {}", failed[name])).collect();
    let gone: Vec<_> = expected.difference(&found).collect();
    assert!(news.is_empty(), "not expected:\n{}\n{}", news.join("\n"), said(&output));
    assert!(gone.is_empty(), "said to fail, and does not (take it out of the list): {gone:?}");
    assert!(passed >= LEAST, "only {passed} checks passed: {}", said(&output));
}

/// How many checks passed, and those that failed, as `scenario/check`, with why.
fn outcomes(told: &Path) -> (usize, BTreeMap<String, String>) {
    let (mut passed, mut failed) = (0, BTreeMap::new());
    for folder in std::fs::read_dir(told).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        // `server-tools-list-2026-11-30T10-00-00-000Z`
        let scenario = name.trim_start_matches("server-").split("-20").next().unwrap().to_owned();
        let checks: Value = serde_json::from_slice(&std::fs::read(folder.join("checks.json")).unwrap()).unwrap();
        for check in checks.as_array().unwrap() {
            let (id, why) = (check["id"].as_str().unwrap(), check["errorMessage"].as_str().unwrap_or_default());
            match check["status"].as_str().unwrap() {
                "SUCCESS" => passed += 1,
                "FAILURE" => drop(failed.insert(format!("{scenario}/{id}"), why.to_owned())),
                _ => {}
            }
        }
    }
    (passed, failed)
}

#[tokio::test]
async fn the_official_suite_finds_what_we_say_in_the_present_era() {
    conforms("2026-07-28").await;
}

#[tokio::test]
async fn the_official_suite_finds_what_we_say_in_the_era_before() {
    conforms("2025-11-25").await;
}

#[tokio::test]
async fn the_official_inspector_lists_and_calls() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let (house, _) = open(&store).await;
    let (_, key) = entry::key(&house, store.tenant.id, Role::Staff).await;
    let ann = Program { house: &house, key: key.clone() }.customer("Ann Miller", "617 471 0142").await;
    for era in ["modern", "legacy"] {
        let inspect = async |more: &[&str]| {
            let mut command = program("@modelcontextprotocol/inspector/clients/launcher/build/index.js");
            command.arg("--cli").arg(format!("http://127.0.0.1:{}/mcp", house.address.port()));
            command.args(["--transport", "http", "--protocol-era", era, "--format", "json"]);
            command.args(["--header", &key.replacen("authorization", "Authorization", 1)]).args(more);
            command.current_dir(store.dir.path()).env("HOME", store.dir.path());
            let output = run(command).await;
            assert!(output.status.success(), "{era}: {}", said(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let listed = inspect(&["--method", "tools/list"]).await;
        assert!(doorstep_agent::tool::ALL.iter().all(|tool| listed.contains(tool.name)), "{era}: {listed}");
        let called =
            inspect(&["--method", "tools/call", "--tool-name", "search_customers", "--tool-arg", "query=Miller"]).await;
        assert!(called.contains(&ann), "{era}: {called}");
    }
}
