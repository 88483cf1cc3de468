//! An operator lets people and programs in, and out again, at the command line.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use super::house::{House, arg, in_both_houses};

const PASSWORD: &str = "boiler and otter";

/// Runs the program with a text on standard input.
fn piped(house: &House, args: &[&str], text: &str) -> (i32, String, String) {
    let mut command = house.command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

in_both_houses! {
    /// People are added with a password or by a link, listed, given roles, and barred.
    async fn an_operator_lets_people_in_and_out(house: House) {
        let add = ["user", "add", "jo@acehvac.com", "--name", "Jo Smith", "--role", "owner", "--password"];
        let (code, out, err) = piped(&house, &add, &format!("{PASSWORD}\n"));
        assert_eq!((code, out.as_str()), (0, "Jo Smith (jo@acehvac.com) is an owner\n"), "{err}");
        let told = house.run(&["user", "add", "JO@acehvac.com", "--role", "staff"]).ended(2);
        assert!(told.contains("is here already"), "{told}");

        let ran = house.run(&["user", "add", "al@acehvac.com", "--role", "staff"]);
        assert!(ran.err.contains("al is staff") && ran.err.contains("server.public_url"), "{ran:?}");
        let link = ran.ok();
        assert!(link.starts_with("/link/1.lnk_") && link.lines().count() == 1, "{link}");
        let list = house.run(&["user", "list"]).ok();
        assert!(list.contains("jo@acehvac.com") && list.contains("invited"), "{list}");

        let mut command = house.command(&["user", "link", "al@acehvac.com", "--for", "sign-in", "--json"]);
        let output = command.env("DOORSTEP_SERVER_PUBLIC_URL", "https://hub.acehvac.com/").output().unwrap();
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(shown["link"].as_str().unwrap().starts_with("https://hub.acehvac.com/link/1.lnk_"), "{shown}");
        assert_eq!((&shown["purpose"], &shown["seconds"]), (&json!("sign_in"), &json!(900)));

        let file = house.path("password.txt");
        std::fs::write(&file, "short\n").unwrap();
        let reset = ["user", "reset-password", "al@acehvac.com", "--password-file", &arg(&file)];
        assert!(house.run(&reset).ended(2).contains("too short"));
        std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
        assert!(house.run(&reset).ok().contains("has a new password"));
        let told = house.run(&["user", "reset-password", "al@acehvac.com"]).ended(2);
        assert!(told.contains("no password on standard input"), "{told}");

        assert!(house.run(&["user", "set-role", "al@acehvac.com", "admin"]).ok().contains("is an admin now"));
        assert!(house.run(&["user", "set-role", "al@acehvac.com", "boss"]).ended(2).contains("is not a role"));
        let told = house.run(&["user", "disable", "jo@acehvac.com"]).ended(2);
        assert!(told.contains("last owner"), "{told}");
        house.run(&["user", "disable", "al@acehvac.com"]).ok();
        let users = house.json(&["user", "list"]);
        assert_eq!((&users[1]["role"], users[1]["disabled_at"].is_string()), (&json!("admin"), true), "{users}");
        house.run(&["user", "link", "al@acehvac.com"]).ended(2);
        house.run(&["user", "enable", users[1]["id"].as_str().unwrap()]).ok();
        let told = house.run(&["user", "disable", "nobody@acehvac.com"]).ended(3);
        assert!(told.contains("there is no user"), "{told}");
        house.run(&["doctor"]).ok();
    }

    /// A key is shown once, listed without its secret, and revoked; the log says who did what.
    async fn an_operator_makes_and_revokes_a_key_and_reads_the_log(house: House) {
        let ran = house.run(&["api-key", "create", "website", "--role", "staff", "--scope", "read", "--days", "90"]);
        assert!(ran.err.contains("it is not shown again"), "{ran:?}");
        let token = ran.ok();
        assert!(token.starts_with("dsk_1_") && token.lines().count() == 1, "{token}");
        let secret = token.trim().rsplit('_').next().unwrap();
        let listed = house.json(&["api-key", "list"]);
        assert_eq!((&listed[0]["name"], &listed[0]["scopes"]), (&json!("website"), &json!(["read"])));
        assert!(token.starts_with(listed[0]["shown"].as_str().unwrap().trim_end_matches('…')), "{listed}");
        let id = listed[0]["id"].as_str().unwrap();
        assert!(house.run(&["api-key", "list"]).ok().contains(id));
        assert!(house.run(&["api-key", "create", "x", "--role", "staff", "--scope", "fly"]).ended(2).contains("`fly` is not"));
        house.run(&["api-key", "revoke", id]).ok();
        assert!(house.json(&["api-key", "list"])[0]["revoked_at"].is_string());

        let log = house.json(&["audit", "list"]);
        let acts: Vec<&str> = log.as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap()).collect();
        assert_eq!(acts, ["api_key.revoked", "api_key.created", "tenant.created"]);
        assert_eq!(log[0]["actor"], json!({ "kind": "operator", "name": "sam" }));
        let shown = house.run(&["audit", "list", "--actor", "operator:sam", "--act", "api_key.created"]).ok();
        assert!(shown.contains("operator sam") && !shown.contains("revoked"), "{shown}");
        assert!(!log.to_string().contains(secret) && !listed.to_string().contains(secret));
        let older = house.json(&["audit", "list", "--before", log[1]["id"].as_str().unwrap()]);
        assert_eq!(older.as_array().unwrap().len(), 1);
        house.run(&["audit", "list", "--act", "user.flew"]).ended(2);
    }
}
