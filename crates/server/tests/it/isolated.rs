//! What people write may run from right to left, or say that what follows does: on every page it stands in an element of
//! its own that keeps that inside, so that the words around it stay as they are.

use std::time::Duration;

use doorstep_core::email::Email;
use doorstep_core::password::Password;
use doorstep_core::tenant::Role;
use doorstep_core::user::Label;
use doorstep_engine::tenant::Change;
use doorstep_engine::user::NewUser;
use doorstep_server::{Limits, Settings};
use doorstep_sim::Options;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
use serde_json::json;

use crate::api::imports::{CONTACTS, KIND, form_named, settle, zip};
use crate::connected;
use crate::entry::{PASSWORD, cookie, operator, user};
use crate::hostile::{archive, owner, submit};
use crate::house::House;
use crate::page::reading::{read, send};
use crate::sign_in;
use crate::wire::{ask, get};

const HTML: &str = "accept: text/html";

/// Turns the line round, and says nothing of where that ends.
const TURNED: &str = "\u{202e}שלום Dov محمد";
/// Elements that isolate what is in them: by what they are, or because the browser draws them by themselves.
const ISOLATING: [&str; 5] = ["bdi", "title", "option", "textarea", "select"];
/// Elements without an end.
const VOID: [&str; 5] = ["input", "br", "meta", "link", "img"];

fn is_foreign(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{590}'..='\u{6ff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// Whether an element keeps its text's direction inside. Two classes are boxes of their own in the style sheet:
/// initials, and words for those who cannot see.
fn isolates(tag: &str) -> bool {
    let name = tag.split_whitespace().next().unwrap_or_default();
    let class = tag.split("class=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    ISOLATING.contains(&name)
        || tag.contains(" dir=\"auto\"")
        || tag.contains(" dir=auto")
        || class.split(' ').any(|class| ["avatar", "unseen"].contains(&class))
}

/// Foreign texts of a page that stand in no such element, and how many there are in all.
fn loose(page: &str) -> (Vec<String>, usize) {
    let (mut open, mut found, mut count): (Vec<(&str, bool)>, _, _) = (Vec::new(), Vec::new(), 0);
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        if is_foreign(text) {
            count += 1;
            if !open.iter().any(|(_, isolates)| *isolates) {
                let around: Vec<&str> = open.iter().rev().take(3).map(|(tag, _)| *tag).collect();
                found.push(format!("{text:?} in {around:?}"));
            }
        }
        let Some((tag, after)) = after.split_once('>') else { break };
        rest = after;
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(ended) = tag.strip_prefix('/') {
            while open.pop().is_some_and(|(tag, _)| tag.split_whitespace().next() != Some(ended)) {}
        } else if !tag.starts_with('!') && !tag.ends_with('/') && !VOID.contains(&name) {
            open.push((tag, isolates(tag)));
        }
    }
    (found, count)
}

#[test]
fn what_is_loose_is_found() {
    let check = |page: &str, expected: (usize, usize)| {
        let (found, count) = loose(page);
        assert_eq!((found.len(), count), expected, "{page}");
    };
    check("<p>שלום <bdi>שלום</bdi> is <b>here</b></p>", (1, 2));
    check("<ul dir=\"auto\"><li><b>שלום</b></li></ul><p><br>\u{202e}</p>", (1, 2));
    check("<p><bdi>a</bdi>שלום</p><input value=\"שלום\"><svg><use href=\"x\"/></svg><b>שלום</b>", (2, 2));
}

on_both! {
    async fn text_from_right_to_left_is_kept_apart_on_every_page(store: TestStore) {
        let (house, _) = connected::open(&store, Options::default()).await;
        let email = Email::parse("ann@example.com").unwrap();
        let password = Some(Password::parse(PASSWORD, &email).unwrap());
        let ann = NewUser { email, name: Label::parse(TURNED).unwrap(), role: Role::Owner, password };
        let ann = house.engine.add_user(&operator(store.tenant.id), &ann).await.unwrap();
        let (session, program) = owner(&house, "ann@example.com").await;
        // By import, by hand and by edit, in every field; colleagues, keys, the business.
        let aliases = json!({ "calls.status": ["שלום"] }).to_string();
        let file = archive(&[TURNED.to_owned(), format!("{TURNED} 1"), format!("<b>{TURNED}</b>")]);
        let fields: [(&str, &[u8]); 4] =
            [("file", &file), ("notes", TURNED.as_bytes()), ("aliases", aliases.as_bytes()), ("dry_run", b"false")];
        let body = form_named(&format!("{TURNED}.zip"), &fields);
        let brought = ask(house.address, "POST", "/api/v1/imports/phone-history", &[&program.key, KIND], &body).await;
        assert_eq!(brought.status, 202, "{}", brought.text());
        settle(&house).await;
        let import = brought.json()["batch_id"].as_str().unwrap().to_owned();
        let everything = json!({ "name": TURNED, "company": TURNED, "address": TURNED, "notes": TURNED });
        let mut ids = Vec::new();
        for number in 0..2 {
            let id = program.customer("Mo Reed", &format!("617 471 070{number}")).await;
            let edited = program.patch(&format!("/customers/{id}"), everything.clone()).await;
            assert_eq!(edited.status, 200, "{}", edited.text());
            ids.push(id);
        }
        let apart = json!({ "a": ids[0], "b": ids[1], "reason": TURNED });
        assert_eq!(program.post("/merges", apart).await.status, 201);
        assert_eq!(program.post("/merges/undo", json!({ "customer": ids[1], "reason": TURNED })).await.status, 200);
        let other = program.post("/customers", json!({ "name": "Zelda Reed", "phones": ["617 471 0700"] })).await.json();
        program.patch(&format!("/customers/{}", other["customer"].as_str().unwrap()), everything).await;
        assert_eq!(program.get("/reviews").await.json()["items"].as_array().unwrap().len(), 1);
        for (number, is_over) in [("617 471 0750", false), ("617 471 0751", true)] {
            let line = json!({ "kind": "phone", "value": number, "verdict": "shared", "reason": TURNED });
            let marked = program.post("/identity/marks", line).await.json();
            if is_over {
                let undo = format!("/identity/marks/{}/undo", marked["mark"]["id"].as_str().unwrap());
                assert_eq!(program.post(&undo, json!({})).await.status, 200);
            }
        }
        program.post("/users", json!({ "email": "bo@example.com", "name": TURNED, "role": "staff" })).await;
        program.post("/api-keys", json!({ "name": TURNED, "role": "agent" })).await;
        assert_eq!(submit(&program, "/settings/business", &[("name", TURNED)]).await.status, 303);
        let link = program.post(&format!("/users/{}/links", ann.id), json!({ "purpose": "sign_in" })).await.json();
        let link = link["link"].as_str().unwrap().rsplit_once("/link/").unwrap().1.to_owned();
        let live = json!({ "source": "servicetitan", "name": TURNED, "settings": connected::nobodys(), "check": false });
        let live = program.post("/connections", live).await.json()["connection"]["id"].as_str().unwrap().to_owned();
        let run = program.post(&format!("/connections/{live}/runs"), json!({})).await.json()["id"].as_str().unwrap().to_owned();
        let mut found = Vec::new();
        let mut look = |path: &str, page: String, least: usize| {
            let (loose, count) = loose(&page);
            found.extend(loose.into_iter().map(|one| format!("{path}: {one}")));
            assert!(count >= least, "{path} shows {count} of at least {least}: {page}");
        };
        let mut pages: Vec<(String, usize)> = [
            ("/customers", 5), ("/customers?order=name", 5), ("/customers?q=%D7%A9%D7%9C%D7%95%D7%9D", 3), ("/palette?q=617471", 3), ("/why-missing?q=%D7%A9%D7%9C%D7%95%D7%9D", 1),
            ("/reviews", 4), ("/reviews/surest", 1), ("/reviews/decided", 3), ("/reviews/marks", 3), ("/imports", 3), ("/imports/new", 1), ("/settings/sessions", 3),
            ("/settings/business", 1), ("/settings/users", 2), ("/settings/keys", 2), ("/settings/audit", 2), ("/docs/api", 1),
        ].map(|(path, least)| (path.to_owned(), least)).to_vec();
        pages.push((format!("/imports/{import}"), 10));
        pages.extend([("/sources".to_owned(), 3), ("/sources/new".to_owned(), 2), (format!("/sources/{live}"), 4), (format!("/runs/{run}"), 3)]);
        for customer in program.get("/customers?limit=200").await.json()["items"].as_array().unwrap() {
            let id = customer["id"].as_str().unwrap();
            pages.push((format!("/customers/{id}"), 3));
            pages.push((format!("/customers/{id}?tab=activity"), 2));
            pages.push((format!("/customers/{id}?tab=work"), 2));
            pages.push((format!("/customers/{id}/explain"), 2));
            pages.push((format!("/customers/{id}/explain?with={}", ids[0]), 3));
        }
        pages.push((format!("/link/{link}"), 0));
        for (path, least) in pages {
            let answer = get(house.address, &path, &[HTML, &session]).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            look(&path, answer.text(), least);
        }
        // And what is said of what was typed.
        let card = format!("/customers/{}/edit", ids[0]);
        let typed: [(&str, Vec<(&str, &str)>); 8] = [
            ("/sources/new", vec![("name", TURNED), ("set.client_id", TURNED), ("interval", "900"), ("hours", TURNED)]),
            ("/sources/check", vec![("name", TURNED), ("set.servicetitan_tenant", TURNED)]),
            (&card, vec![("field", "phone"), ("value", TURNED), ("version", "1")]),
            ("/settings/business", vec![("name", TURNED), ("zone", TURNED), ("country", "US")]),
            ("/settings/business", vec![("add", TURNED)]),
            ("/settings/users", vec![("name", TURNED), ("email", TURNED), ("role", "staff")]),
            ("/settings/keys", vec![("name", TURNED), ("role", "agent")]),
            ("/login", vec![("email", TURNED), ("password", PASSWORD)]),
        ];
        for (path, fields) in typed {
            let answer = submit(&program, path, &fields).await;
            assert!(matches!(answer.status, 200 | 422), "{path}: {} {}", answer.status, answer.text());
            look(path, answer.text(), 0);
        }
        found.sort();
        found.dedup();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    /// Where one comes in, and while a file is read: pages that there are only for a moment.
    async fn text_from_right_to_left_is_kept_apart_at_the_door_and_while_a_file_is_read(store: TestStore) {
        let limits = Limits { plan_patience: Duration::ZERO, ..Limits::default() };
        let settings = Settings { setup_secret: Some("right".to_owned().into()), limits, ..Settings::default() };
        let house = House::real(&store, settings).await;
        let check = |what: &str, page: &str, least: usize| {
            let (loose, count) = loose(page);
            assert!(loose.is_empty() && count >= least, "{what} shows {count} of {least}, loose: {loose:?}: {page}");
        };
        let name = Change { name: Some(TURNED.to_owned()), ..Change::default() };
        house.engine.change_tenant(&operator(store.tenant.id), &name, false).await.unwrap();
        // The first owner: the business that the operator made, and what was typed wrongly.
        check("/setup", &get(house.address, "/setup?secret=right", &[HTML]).await.text(), 1);
        let typed = [("secret", "right"), ("business", TURNED), ("name", TURNED), ("email", TURNED), ("zone", TURNED), ("password", PASSWORD)];
        let refused = sign_in::submit(&house, "/setup", &typed).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        check("/setup, refused", &refused.text(), 1);
        // One address at two businesses.
        let other = create_tenant(&store.db, &format!("{TURNED} 2"), "+16174719999").await;
        for tenant in [store.tenant.id, other.id] {
            user(&house, tenant, "jo@example.com", Role::Staff).await;
        }
        let which = sign_in::submit(&house, "/login", &[("email", "jo@example.com"), ("password", PASSWORD)]).await;
        assert_eq!(which.status, 409);
        check("/login", &which.text(), 2);
        // An import: while it is read, in the list meanwhile, and once it could not be.
        user(&house, store.tenant.id, "ann@example.com", Role::Owner).await;
        let ann = cookie(&house, "ann@example.com").await;
        let mut holder = store.db.write(&store.scope()).await.unwrap();
        holder.lock_identity().await.unwrap();
        let file = format!("{TURNED}.zip");
        let path = send(&house, &ann, &zip("contacts.csv", CONTACTS), &file, TURNED).await.header("location").unwrap();
        let page = get(house.address, &path, &[HTML, &ann]).await.text();
        assert!(page.contains("It is being read"), "{page}");
        check(&path, &page, 4);
        let list = get(house.address, "/imports", &[HTML, &ann]).await.text();
        assert!(list.contains("is being read"), "{list}");
        check("/imports", &list, 2);
        drop(holder);
        check(&path, &read(&house, &ann, &path).await.text(), 4);
        let path = send(&house, &ann, b"no archive", &file, TURNED).await.header("location").unwrap();
        let page = read(&house, &ann, &path).await.text();
        assert!(page.contains("It could not be read"), "{page}");
        check(&path, &page, 4);
    }
}
