//! Imports over REST: an archive comes in, is planned, applied once, undone; a broken one leaves nothing.

use std::path::Path;

use doorstep_core::tenant::Role;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, kind, open, schema};
use crate::house::House;
use crate::wire::{Answer, Wire, ask};

pub const CONTACTS: &str = "contact_id,display_name,phone_number\n1,Ann Miller,617-471-0117\n2,Bob Reed,617-471-0118\n";

/// A ZIP of one file that is stored as it is.
pub fn zip(name: &str, text: &str) -> Vec<u8> {
    let crc = !text.bytes().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let (length, name_length) = (u32::try_from(text.len()).unwrap(), u16::try_from(name.len()).unwrap());
    let mut common = [20_u16, 0, 0, 0, 0x21].map(u16::to_le_bytes).concat();
    common.extend([crc, length, length].map(u32::to_le_bytes).concat());
    common.extend(name_length.to_le_bytes());
    common.extend([0, 0]);
    let mut whole = [b"PK\x03\x04", common.as_slice(), name.as_bytes(), text.as_bytes()].concat();
    let at = u32::try_from(whole.len()).unwrap();
    let central = [b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 14], name.as_bytes()].concat();
    whole.extend(&central);
    whole.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    whole.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
    whole.extend(at.to_le_bytes());
    whole.extend([0, 0]);
    whole
}

const KIND: &str = "content-type: multipart/form-data; boundary=frontier";

/// Fields of a form by name.
type Fields<'a> = &'a [(&'a str, &'a [u8])];

fn form(fields: Fields<'_>) -> Vec<u8> {
    let mut whole = Vec::new();
    for (name, value) in fields {
        let file = if *name == "file" { "; filename=\"history.zip\"" } else { "" };
        whole.extend(format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        whole.extend(*value);
        whole.extend(b"\r\n");
    }
    whole.extend(b"--frontier--\r\n");
    whole
}

async fn upload(program: &Program<'_>, fields: Fields<'_>) -> Answer {
    let (place, body) = ("/imports/phone-history", form(fields));
    let lines = [program.key.as_str(), KIND];
    let answer = ask(program.house.address, "POST", &format!("/api/v1{place}"), &lines, &body).await;
    schema::check("POST", place, &answer);
    answer
}

async fn settle(house: &House) {
    while Worker::new(house.engine.clone(), Tasks).run_due().await.unwrap() > 0 {}
}

fn spooled(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("spool")).map_or(0, |files| files.count())
}

on_both! {
    async fn an_archive_is_planned_applied_once_and_undone(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let archive = zip("contacts.csv", CONTACTS);
        let planned = upload(&program, &[("file", &archive), ("notes", "from the old phone".as_bytes())]).await;
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
            let answer = upload(&program, fields).await;
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
