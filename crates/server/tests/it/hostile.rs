//! Text that was written to do harm, in every field that takes text: it comes in by the doors that people and programs
//! have, and is nothing but text on every page and in every export.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;
use serde_json::{Value, json};

use crate::api::Program;
use crate::api::imports::{KIND, form_named, settle, zip_of};
use crate::entry::{cookie, user};
use crate::house::House;
use crate::wire::{Answer, ask, get};

const HTML: &str = "accept: text/html";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

/// What people try, and what happens by itself.
fn texts() -> Vec<String> {
    let long = "x".repeat(10_000);
    let short = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'-alert(1)-'",
        "</title></textarea><script>alert(1)</script>",
        "\u{202e}evil\u{2066}",
        "🏠🔧👩\u{200d}👩\u{200d}👧",
        "nul\0nul",
        "\u{feff}\u{1}\u{7f}",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "{{ 7*7 }}${7*7}",
        "%00%0d%0aset-cookie: a=b",
        "דוד כהן",
    ];
    short.into_iter().map(str::to_owned).chain([long]).collect()
}

/// What must not stand anywhere, whatever it came from.
const RAW: [&str; 4] = ["<script>alert", "<img src=x", "</title></textarea>", "<b onmouseover"];

fn encoded(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02x}") };
    text.bytes().map(byte).collect()
}

/// A browser of an owner: REST by its session, with the token of its page.
pub async fn owner<'a>(house: &'a House, email: &str) -> (String, Program<'a>) {
    let session = cookie(house, email).await;
    let visit = house.engine.authenticate_session(session.split_once('=').unwrap().1).await.unwrap().unwrap();
    let key = format!("{session}\r\nx-csrf-token: {}", visit.page_token.reveal());
    (session, Program { house, key })
}

pub async fn submit(program: &Program<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    ask(program.house.address, "POST", path, &[HTML, FORM, &program.key], body.join("&").as_bytes()).await
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// An archive of them: every column of every file, the names of columns and of files.
pub fn archive(texts: &[String]) -> Vec<u8> {
    let mut contacts =
        "contact_id,display_name,phone_number,email,company,notes,first_seen,<script>alert(1)</script>\n".to_owned();
    let mut conversations = "conversation_id,participants,channel,started_at\n".to_owned();
    let mut messages =
        "message_id,conversation_id,from_number,to_number,direction,body,sent_at,status,attachments\n".to_owned();
    let mut calls =
        "call_id,from_number,to_number,direction,started_at,duration_seconds,status,voicemail_text\n".to_owned();
    for (number, text) in texts.iter().enumerate() {
        let (cell, phone) = (cell(text), format!("617-471-{:04}", 100 + number));
        contacts += &format!("{number},{cell},{phone},{cell},{cell},{cell},{cell},{cell}\n");
        conversations += &format!("c{number},{phone},{cell},2024-03-01T10:00:00Z\n");
        messages +=
            &format!("m{number},c{number},{phone},,inbound,{cell},2024-03-01T10:0{}:00Z,{cell},{cell}\n", number % 10);
        calls += &format!("k{number},{phone},,inbound,2024-03-02T10:0{}:00Z,60,{cell},{cell}\n", number % 10);
        // And rows that cannot be read, which become problems.
        messages += &format!("{cell},{cell},{cell},{cell},{cell},{cell},{cell},{cell},{cell}\n");
        calls += &format!("{cell},{cell},{cell},{cell},{cell},{cell},{cell},{cell}\n");
    }
    zip_of(&[
        ("contacts.csv", &contacts),
        ("conversations.csv", &conversations),
        ("messages.csv", &messages),
        ("calls.csv", &calls),
        ("=cmd.csv", "a,b\n1,2\n"),
        ("<script>alert(1).csv", "a,b\n1,2\n"),
    ])
}

/// The value of a cell that a spreadsheet would run.
fn runs(cell: &str) -> bool {
    cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

on_both! {
    async fn hostile_text_is_text_on_every_page_and_in_every_export(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Owner).await;
        let (session, program) = owner(&house, "ann@example.com").await;
        let evil = "<b onmouseover=alert(1)>=cmd";
        // The import, by its door: the archive, its name, its notes, the names of its columns.
        let aliases = json!({ "calls.status": ["<script>alert(2)</script>"] }).to_string();
        let fields = [("file", archive(&texts())), ("notes", evil.into()), ("aliases", aliases.into()), ("dry_run", b"false".to_vec())];
        let fields: Vec<(&str, &[u8])> = fields.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        let body = form_named("<script>alert(1)<／script>=.zip", &fields);
        let brought = ask(house.address, "POST", "/api/v1/imports/phone-history", &[&program.key, KIND], &body).await;
        assert_eq!(brought.status, 202, "{}", brought.text());
        assert_eq!(brought.header("content-type").as_deref(), Some("application/json"));
        settle(&house).await;
        let import = brought.json()["batch_id"].as_str().unwrap().to_owned();
        let report = program.get(&format!("/imports/{import}")).await.json();
        assert_eq!(report["state"], "applied", "{report}");
        assert!(report["problem_count"].as_u64().unwrap() > 10, "{report}");
        // By hand: customers, edits, decisions with reasons, colleagues, keys, the business.
        let made = program.post("/customers", json!({ "name": format!("Mo {evil}"), "company": evil, "notes": evil, "phones": ["617 471 0700"] })).await;
        let mo = made.json()["customer"].as_str().unwrap().to_owned();
        let place = format!("/customers/{mo}");
        assert_eq!(program.patch(&place, json!({ "name": format!("Mo {evil}"), "company": evil, "address": evil, "notes": evil })).await.status, 200);
        let other = program.customer("Jo Reed", "617 471 0701").await;
        assert_eq!(program.post("/merges", json!({ "a": mo, "b": other, "reason": evil })).await.status, 201);
        assert_eq!(program.post("/merges/undo", json!({ "customer": other.max(mo.clone()), "reason": evil })).await.status, 200);
        let line = json!({ "kind": "phone", "value": "617 471 0700", "verdict": "shared", "reason": evil });
        assert_eq!(program.post("/identity/marks", line).await.status, 201);
        for text in texts() {
            let fits = text.len() < 300 && text.chars().any(char::is_alphanumeric);
            for (what, said) in [("notes", json!({ "text": text })), ("preferences", json!({ "topic": "other", "text": text })), ("addresses", json!({ "text": text }))] {
                let answer = program.post(&format!("{place}/{what}"), said).await;
                assert!(if fits { matches!(answer.status, 200 | 201 | 409 | 422) } else { answer.status == 422 }, "{what} {text:?}: {}", answer.text());
            }
        }
        program.post("/customers", json!({ "name": format!("Zed {evil}"), "phones": ["617 471 0701"] })).await;
        assert_eq!(program.post("/users", json!({ "email": "bo@example.com", "name": evil, "role": "staff" })).await.status, 201);
        assert_eq!(program.post("/api-keys", json!({ "name": evil, "role": "agent" })).await.status, 201);
        assert_eq!(submit(&program, "/settings/business", &[("name", evil)]).await.status, 303);
        // Everything that shows any of it.
        let mut pages: Vec<String> = ["/customers", "/customers?order=name", "/reviews", "/reviews/surest", "/reviews/decided", "/reviews/marks", "/imports", "/imports/new", "/settings/sessions",
            "/settings/business", "/settings/users", "/settings/keys", "/settings/audit", "/docs/api"].map(str::to_owned).to_vec();
        pages.push(format!("/imports/{import}"));
        let page = program.get("/customers?limit=200").await.json();
        let customers = page["items"].as_array().unwrap();
        assert!(customers.len() > texts().len(), "{}", customers.len());
        for customer in customers {
            let id = customer["id"].as_str().unwrap();
            pages.extend([format!("/customers/{id}"), format!("/customers/{id}/explain"), format!("/customers/{id}/explain?with={mo}"), format!("/customers/{id}/context?level=staff")]);
            assert_eq!(program.get(&format!("/identity/explain?a={id}&b={mo}")).await.status, 200, "{id}");
            for part in ["", "/timeline", "/conversations", "?include=conversations,calls,in_review_with"] {
                assert_eq!(program.get(&format!("/customers/{id}{part}")).await.status, 200, "{id}{part}");
            }
        }
        for text in texts().iter().filter(|text| text.len() < 500 && !text.contains('\0')) {
            pages.extend([format!("/customers?q={}", encoded(text)), format!("/palette?q={}", encoded(text)), format!("/why-missing?q={}", encoded(text))]);
        }
        for path in pages {
            let answer = get(house.address, &path, &[HTML, &session]).await;
            let page = answer.text();
            assert_eq!(answer.status, 200, "{path}: {page}");
            for raw in RAW.into_iter().chain([" style=", "<style", " onerror=\"", "javascript:"]) {
                assert!(!page.contains(raw), "{path}: {raw}");
            }
            assert!(!page.contains('\0'), "{path}: NUL");
        }
        // What is made for a spreadsheet has no formula in it.
        let sheet = get(house.address, &format!("/imports/{import}/problems.csv"), &[&session]).await;
        assert_eq!(sheet.status, 200);
        let sheet = sheet.text();
        assert!(sheet.lines().count() > 10, "{sheet}");
        for line in sheet.lines().skip(1) {
            let cells: Vec<&str> = line.split("\",").collect();
            assert!(!cells.iter().any(|cell| runs(cell)), "{line}");
        }
    }

    /// No text makes a door fail: it is taken as it is, or refused in words, on either database.
    async fn no_text_breaks_a_door(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Owner).await;
        let (session, program) = owner(&house, "ann@example.com").await;
        let ann = program.customer("Ann Miller", "617 471 0142").await;
        let bob = program.customer("Bob Reed", "617 471 0143").await;
        let card = format!("/customers/{ann}");
        let [notes, preferences, addresses] = ["notes", "preferences", "addresses"].map(|what| format!("{card}/{what}"));
        let check = |what: &str, text: &str, answer: &Answer| {
            let shown: String = text.chars().take(30).collect();
            assert!(answer.status < 500 && answer.status > 0, "{what} {shown:?}: {} {}", answer.status, answer.text());
            // JSON may repeat it: nothing runs there.
            let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            assert!(!(is_page && answer.text().contains("<script>alert")), "{what} {shown:?}: {}", answer.text());
        };
        for text in texts() {
            let person = json!({ "phones": ["617 471 0144"], "name": "x", "emails": [], "company": "x", "notes": "x" });
            let bodies = [
                ("POST", "/customers", person),
                ("PATCH", card.as_str(), json!({ "name": "x", "company": "x", "phone": "x", "email": "x", "address": "x", "notes": "x" })),
                ("POST", "/merges", json!({ "a": ann, "b": bob, "reason": "x" })),
                ("POST", "/merges/undo", json!({ "customer": bob, "reason": "x" })),
                ("POST", "/reviews/rvw_01h455vb4pex5vsknk084sn02q/decide", json!({ "answer": "apart", "reason": "x" })),
                ("POST", "/identity/marks", json!({ "kind": "phone", "value": "617 471 0145", "verdict": "shared", "reason": "x" })),
                ("POST", notes.as_str(), json!({ "text": "x", "channel": "sms" })),
                ("POST", preferences.as_str(), json!({ "topic": "other", "text": "x", "channel": "sms" })),
                ("POST", addresses.as_str(), json!({ "text": "x" })),
                ("POST", "/verifications", json!({ "web_user": "u_1", "kind": "phone", "value": "617 471 0146" })),
                ("POST", "/verifications/confirm", json!({ "web_user": "u_1", "code": "123456" })),
                ("POST", "/users", json!({ "email": "x", "name": "x", "role": "staff" })),
                ("POST", "/users", json!({ "email": format!("u{}@example.com", text.len()), "name": "x", "role": "x" })),
                ("POST", "/api-keys", json!({ "name": "x", "role": "agent", "scopes": ["x"], "expires_at": "x" })),
                ("POST", "/api-keys", json!({ "name": "x", "role": "x" })),
            ];
            for (method, place, body) in bodies {
                for name in body.as_object().unwrap().keys() {
                    let mut one = body.clone();
                    one[name.as_str()] = if body[name].is_array() { json!([text]) } else { json!(text) };
                    if place.ends_with("customers") || place == card {
                        // Only this field is the hostile one.
                        let fields = one.as_object_mut().unwrap();
                        fields.retain(|field, _| field == name || field == "phones");
                    }
                    check(&format!("{method} {place} {name}"), &text, &program.ask(method, place, &[], Some(&one)).await);
                    // And as the name of a field.
                    let strange = Value::Object([(text.clone(), json!(1))].into_iter().collect());
                    check(place, &text, &program.ask(method, place, &[], Some(&strange)).await);
                }
            }
            let text = text.chars().take(2_000).collect::<String>();
            let said = encoded(&text);
            for place in ["/customers?q=", "/customers?cursor=", "/customers?order=", "/customers?", "/audit?actor=", "/audit?act=",
                "/audit?cursor=", "/audit?subject=", "/identity/explain?a=", "/identity/why-missing?phone=", "/identity/why-missing?email=", "/identity/why-missing?name=", "/identity/why-missing?id=", "/merges/", "/identity/marks?cursor=", "/changes?cursor=", "/reviews?cursor=", "/customers/", "/imports/", "/users/", "/customer-context/", "/customer-context/a?type=", "/customer-context/617-471-0117?type=phone&assurance="] {
                check(place, &text, &program.get(&format!("{place}{said}")).await);
            }
            for path in ["/customers?q=", "/customers?at=", "/customers?order=name&at=", "/palette?q=", "/why-missing?q=", "/reviews?at=", "/reviews?done=", "/reviews?done=many&count=", "/reviews/surest?least=", "/reviews/decided?at=", "/reviews/marks?at=", "/reviews/marks?done=", "/imports?before=",
                "/settings/audit?act=", "/settings/audit?who=", "/settings/audit?before=", "/customers/", "/imports/", "/events?watch=x",
                "/link/", "/setup?secret=", "/login?next=", "/assets/", "/"] {
                check(path, &text, &get(house.address, &format!("{path}{said}"), &[HTML, &session]).await);
            }
            for place in ["?at=", "?was=", "?done=", "?order=", "/next?at=", "/explain?with="] {
                check(place, &text, &get(house.address, &format!("/customers/{ann}{place}{said}"), &[HTML, &session]).await);
            }
            for place in ["/messages?q=", "/messages?q=x&cursor=", "/jobs?which=", "/jobs?from=", "/jobs?cursor=", "/notes?cursor=", "/preferences?limit="] {
                check(place, &text, &program.get(&format!("{card}{place}{said}")).await);
            }
            let remarks = format!("/customers/{ann}/remarks");
            let card = format!("/customers/{ann}/edit");
            let marks = format!("/customers/{ann}/marks");
            let forms: [(&str, &[&str]); 16] = [
                (&remarks, &["what", "text"]),
                ("/remarks/rmk_01h455vb4pex5vsknk084sn02q/undo", &["customer"]),
                ("/login", &["email", "password", "tenant", "next"]),
                ("/setup", &["secret", "business", "zone", "country", "name", "email", "password"]),
                ("/link/1.x", &["password"]),
                (&card, &["field", "value", "version"]),
                ("/settings/business", &["name", "zone", "country", "add", "remove"]),
                ("/settings/users", &["name", "email", "role"]),
                ("/settings/keys", &["name", "role", "scope", "days"]),
                ("/settings/sessions/end", &["session"]),
                ("/reviews/decided/dec_01h455vb4pex5vsknk084sn02q/retract", &["at", "waiting"]),
                (&marks, &["identifier", "verdict", "reason"]),
                ("/marks/mrk_01h455vb4pex5vsknk084sn02q/undo", &["customer"]),
                ("/marks/mrk_01h455vb4pex5vsknk084sn02q/undo", &["customer", "x"]),
                ("/reviews/surest", &["review"]),
                ("/settings/password", &["old", "new"]),
            ];
            for (path, names) in forms {
                let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, text.as_str())).collect();
                check(path, &text, &submit(&program, path, &fields).await);
            }
        }
    }
}
