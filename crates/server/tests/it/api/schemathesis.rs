//! Schemathesis asks every door of the document, with what it allows and what it does not, alone and one after the
//! other, as two businesses; what comes back must be what the document says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use doorstep_core::tenant::Role;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::{TestStore, create_tenant};
use serde_json::json;

use super::imports::{CONTACTS, settle, upload, zip};
use super::{Program, open};
use crate::entry::{key, user};
use crate::house::House;

/// What the environment must hold, to the letter.
const REQUIREMENTS: &str = include_str!("../../schemathesis/requirements.txt");
/// Longer than it takes on a slow and busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// The program, which `cargo xtask test` installs.
fn program() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("schemathesis");
    let installed = std::fs::read_to_string(folder.join("installed.txt")).unwrap_or_default();
    assert!(
        installed == REQUIREMENTS,
        "{} does not hold what crates/server/tests/schemathesis/requirements.txt says: run `cargo xtask test`, which \
         installs it (once; `cargo test` will do after that)",
        folder.display()
    );
    folder.join("bin/schemathesis")
}

/// A business that has something of everything.
async fn fill(house: &House, program: &Program<'_>, name: &str) {
    for (number, person) in ["Ann Miller", "Bob Reed", "Cara Lund"].iter().enumerate() {
        program.customer(&format!("{person} of {name}"), &format!("617 471 010{number}")).await;
    }
    // Somebody of the family with Ann's number: a review.
    program.post("/customers", json!({ "name": format!("Zelda Miller of {name}"), "phones": ["617 471 0100"] })).await;
    let line = json!({ "kind": "phone", "value": "617 471 0177", "verdict": "shared" });
    assert_eq!(program.post("/identity/marks", line).await.status, 201);
    let archive = zip("contacts.csv", CONTACTS);
    let whole: [(&str, &[u8]); 2] = [("file", &archive), ("dry_run", b"false")];
    assert_eq!(upload(program, &[], &whole).await.status, 202);
    settle(house).await;
    assert_eq!(upload(program, &[], &[("file", &archive)]).await.status, 200);
}

#[tokio::test]
async fn schemathesis_finds_nothing_that_the_document_does_not_say() {
    let program = program();
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = open(&store).await;
    let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
    let (ours, them) =
        (Program::new(&house, store.tenant.id, Role::Owner).await, Program::new(&house, theirs.id, Role::Owner).await);
    for (who, tenant) in [(&ours, &store.tenant), (&them, &theirs)] {
        fill(&house, who, &tenant.name).await;
        user(&house, tenant.id, "ann@example.com", Role::Owner).await;
    }
    let (spare, _) = key(&house, store.tenant.id, Role::Agent).await;
    let header = |program: &Program<'_>| {
        let value = program.key.split_once(": ").unwrap().1.to_owned();
        json!([{ "name": "Authorization", "value": value }])
    };
    let keys = json!({ "auth": [
        { "name": "ours", "fixedHeaders": header(&ours) }, { "name": "theirs", "fixedHeaders": header(&them) },
    ] });
    let dir = store.dir.path();
    let file = dir.join("keys.json");
    std::fs::write(&file, keys.to_string()).unwrap();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis/schemathesis.toml");
    let mut command = Command::new(&program);
    command.arg("--config-file").arg(config).arg("run").arg(format!("http://{}/openapi.json", house.address));
    command.arg("--no-color").current_dir(dir);
    command.env("DOORSTEP_KEYS", &file).env("DOORSTEP_SPARE_KEY", spare.to_string());
    command.stdin(Stdio::null());
    // In a thread of its own: this one is the server's.
    let asked = tokio::time::timeout(LIMIT, tokio::task::spawn_blocking(move || command.output()));
    let output = asked.await.expect("it does not end").unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // That it asked at all, and as both.
    assert!(said.contains("Stateful") && !said.contains("will not run"), "{said}");
    println!("{said}");
}
