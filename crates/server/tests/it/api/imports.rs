//! Imports over REST: an archive comes in, is planned, applied once, undone; a broken one leaves nothing.

use std::path::Path;
use std::time::Duration;

use doorstep_core::tenant::Role;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_server::{Limits, Settings};
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, kind, open, schema};
use crate::house::House;
use crate::wire::{Answer, Wire, ask};

pub const CONTACTS: &str = "contact_id,display_name,phone_number\n1,Ann Miller,617-471-0117\n2,Bob Reed,617-471-0118\n";

/// A ZIP of one file that is stored as it is.
pub fn zip(name: &str, text: &str) -> Vec<u8> {
    zip_of(&[(name, text)])
}

/// A ZIP of files that are stored as they are.
pub fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut whole, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let crc = !text.bytes().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        });
        let (length, name_length) = (u32::try_from(text.len()).unwrap(), u16::try_from(name.len()).unwrap());
        // Names are UTF-8.
        let mut common = [20_u16, 0x0800, 0, 0, 0x21].map(u16::to_le_bytes).concat();
        common.extend([crc, length, length].map(u32::to_le_bytes).concat());
        common.extend(name_length.to_le_bytes());
        common.extend([0, 0]);
        let at = u32::try_from(whole.len()).unwrap().to_le_bytes();
        let central = [b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 10], &at, name.as_bytes()].concat();
        directory.extend(central);
        whole.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), text.as_bytes()].concat());
    }
    let (at, many) = (u32::try_from(whole.len()).unwrap(), u16::try_from(files.len()).unwrap().to_le_bytes());
    let length = u32::try_from(directory.len()).unwrap();
    whole.extend(directory);
    whole.extend([b"PK\x05\x06\0\0\0\0", many.as_slice(), &many, &length.to_le_bytes(), &at.to_le_bytes()].concat());
    whole.extend([0, 0]);
    whole
}

pub const KIND: &str = "content-type: multipart/form-data; boundary=frontier";

/// Fields of a form by name.
pub type Fields<'a> = &'a [(&'a str, &'a [u8])];

pub fn form(fields: Fields<'_>) -> Vec<u8> {
    form_named("history.zip", fields)
}

/// The same with a name for the file.
pub fn form_named(file_name: &str, fields: Fields<'_>) -> Vec<u8> {
    let mut whole = Vec::new();
    for (name, value) in fields {
        let file = if *name == "file" { format!("; filename=\"{file_name}\"") } else { String::new() };
        whole.extend(format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        whole.extend(*value);
        whole.extend(b"\r\n");
    }
    whole.extend(b"--frontier--\r\n");
    whole
}

pub async fn upload(program: &Program<'_>, lines: &[&str], fields: Fields<'_>) -> Answer {
    let (place, body) = ("/imports/phone-history", form(fields));
    let lines = [&[program.key.as_str(), KIND], lines].concat();
    let answer = ask(program.house.address, "POST", &format!("/api/v1{place}"), &lines, &body).await;
    schema::check("POST", place, &answer);
    answer
}

pub async fn settle(house: &House) {
    while Worker::new(house.engine.clone(), Tasks).run_due().await.unwrap() > 0 {}
}

pub fn spooled(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("spool")).map_or(0, |files| files.count())
}

on_both! {
    async fn an_archive_is_planned_applied_once_and_undone(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let archive = zip("contacts.csv", CONTACTS);
        let planned = upload(&program, &[], &[("file", &archive), ("notes", "from the old phone".as_bytes())]).await;
        assert_eq!(planned.status, 200, "{}", planned.text());
        let plan = planned.json();
        assert_eq!((&plan["dry_run"], &plan["state"], &plan["notes"]), (&json!(true), &json!("planned"), &json!("from the old phone")));
        assert_eq!(program.get("/customers").await.json()["items"], json!([]));
        let place = format!("/imports/{}", plan["batch_id"].as_str().unwrap());
        assert_eq!(program.get(&place).await.json(), plan);
        assert_eq!(program.ask("POST", &format!("{place}/apply"), &[], None).await.status, 202);
        let second = program.ask("POST", &format!("{place}/apply"), &[], None).await;
        assert_eq!((second.status, kind(&second).as_str()), (409, "not-a-plan"));
        settle(&house).await;
        assert_eq!(program.get(&place).await.json()["state"], "applied");
        assert_eq!(program.get("/customers").await.json()["items"].as_array().unwrap().len(), 2);
        let second = program.ask("POST", &format!("{place}/apply"), &[], None).await;
        assert_eq!((second.status, kind(&second).as_str()), (409, "not-a-plan"));
        assert_eq!(program.ask("POST", &format!("{place}/undo"), &[], None).await.status, 202);
        settle(&house).await;
        assert_eq!(program.get("/imports").await.json()["items"][0]["state"], "undone");
        assert_eq!(program.get("/customers").await.json()["items"], json!([]));
    }

    /// What an export calls its columns is said with it, as at the command line.
    async fn columns_are_known_by_the_names_that_come_along(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let archive = zip("contacts.csv", "contact_id,Wie er heisst,phone_number\n1,Ann Miller,617-471-0117\n");
        let names = json!({ "contacts.display_name": ["Wie er heißt", "wie er heisst"] }).to_string();
        let brought = upload(&program, &[], &[("aliases", names.as_bytes()), ("file", &archive), ("dry_run", b"false")]).await;
        assert_eq!(brought.status, 202, "{}", brought.text());
        settle(&house).await;
        assert_eq!(program.get("/customers").await.json()["items"][0]["display_name"], "Ann Miller");
        let many: Vec<String> = (0..101).map(|number| format!("name {number}")).collect();
        let wrong = [
            ("[]".to_owned(), "JSON object"),
            ("{\"contacts.display_name\": \"x\"}".to_owned(), "JSON object"),
            ("not JSON".to_owned(), "JSON object"),
            (json!({ "contacts.nickname": ["x"] }).to_string(), "`contacts.nickname` is not a column"),
            (json!({ "contacts.display_name": ["--"] }).to_string(), "blank"),
            (json!({ "contacts.display_name": ["x"], "contacts.notes": ["X"] }).to_string(), "leave it at one"),
            (json!({ "contacts.display_name": ["x".repeat(101)] }).to_string(), "100 characters"),
            (json!({ "contacts.display_name": many }).to_string(), "at most 100 names"),
        ];
        let before = spooled(store.dir.path());
        for (aliases, part) in wrong {
            let answer = upload(&program, &[], &[("file", &archive), ("aliases", aliases.as_bytes())]).await;
            assert!(answer.status == 422 && answer.text().contains(part), "{part}: {} {}", answer.status, answer.text());
            assert_eq!(answer.json()["field"], "aliases", "{part}");
        }
        assert_eq!(spooled(store.dir.path()), before);
        assert_eq!(program.get("/imports").await.json()["items"].as_array().unwrap().len(), 1);
    }

    /// Half of it, and then silence: whoever sends is told, and nothing lies about.
    async fn an_upload_that_stands_still_is_ended(store: TestStore) {
        let limits = Limits { body_pause: Duration::from_millis(200), ..Limits::default() };
        let house = House::real(&store, Settings { limits, ..Settings::default() }).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let body = form(&[("file", &zip("contacts.csv", CONTACTS))]);
        let mut wire = Wire::to(house.address).await;
        let lines = format!("host: localhost\r\nconnection: close\r\n{}\r\n{KIND}\r\ncontent-length: {}", program.key, body.len());
        wire.send(format!("POST /api/v1/imports/phone-history HTTP/1.1\r\n{lines}\r\n\r\n")).await;
        wire.send(&body[..body.len() / 2]).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, kind(&answer).as_str()), (408, "too-slow"), "{}", answer.text());
        assert_eq!(spooled(store.dir.path()), 0);
    }

    async fn what_is_no_archive_or_was_cut_off_leaves_nothing(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let archive = zip("contacts.csv", CONTACTS);
        let wrong: [(Fields<'_>, &str); 6] = [
            (&[], "`file`"),
            (&[("notes", b"x")], "`file`"),
            (&[("file", &archive), ("dry_run", b"perhaps")], "`dry_run`"),
            (&[("file", &archive), ("tenant", b"2")], "`tenant`"),
            (&[("file", &archive), ("file", &archive)], "twice"),
            (&[("file", b"this is no archive")], ""),
        ];
        for (fields, part) in wrong {
            let answer = upload(&program, &[], fields).await;
            assert!(answer.status == 422 && answer.text().contains(part), "{part}: {} {}", answer.status, answer.text());
            assert_eq!(spooled(store.dir.path()), 0, "{part}");
        }
        // Half of it, and then nobody.
        let body = form(&[("file", &archive)]);
        let mut wire = Wire::to(house.address).await;
        let lines = format!("host: localhost\r\n{}\r\n{KIND}\r\ncontent-length: {}", program.key, body.len());
        wire.send(format!("POST /api/v1/imports/phone-history HTTP/1.1\r\n{lines}\r\n\r\n")).await;
        wire.send(&body[..body.len() / 2]).await;
        while spooled(store.dir.path()) == 0 {
            tokio::task::yield_now().await;
        }
        drop(wire);
        while spooled(store.dir.path()) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(program.get("/imports").await.json()["items"], json!([]));
        // And a body that ends before the form does.
        let lines = [program.key.as_str(), KIND];
        let answer = ask(house.address, "POST", "/api/v1/imports/phone-history", &lines, &body[..body.len() - 9]).await;
        assert_eq!((answer.status, spooled(store.dir.path())), (400, 0), "{}", answer.text());
    }
}
