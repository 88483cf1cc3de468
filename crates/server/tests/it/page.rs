//! The pages as people open them: who may, who may not, what they show of hostile text, and that they are whole without
//! a script.

mod activity;
mod context;
mod decisions;
mod explain;
mod marks;
pub mod reading;
mod refresh;
mod remarks;
mod rights;
mod search;
mod sources;

use doorstep_core::contact::Contact;
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::CustomerId;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_engine::customer::Found;
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::testing::{TestStore, create_tenant};

use crate::entry::{PASSWORD, cookie, operator, user};
use crate::house::House;
use crate::wire::{Answer, ask, get};

/// As a browser asks.
const HTML: &str = "accept: text/html";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

/// Pages, with the lowest role that may open them.
const PAGES: [(&str, Role); 23] = [
    ("/customers", Role::ReadOnly),
    ("/customers?q=ann", Role::ReadOnly),
    ("/customers?order=name", Role::ReadOnly),
    ("/palette?q=ann", Role::ReadOnly),
    ("/why-missing", Role::ReadOnly),
    ("/why-missing?q=617%20471%200117", Role::ReadOnly),
    ("/reviews", Role::ReadOnly),
    ("/reviews/decided", Role::ReadOnly),
    ("/reviews/marks", Role::ReadOnly),
    ("/reviews/surest", Role::Staff),
    ("/reviews/surest?least=90", Role::Staff),
    ("/sources", Role::ReadOnly),
    ("/sources/new", Role::Admin),
    ("/imports", Role::Admin),
    ("/imports/new", Role::Admin),
    ("/settings", Role::ReadOnly),
    ("/settings/sessions", Role::ReadOnly),
    ("/settings/business", Role::Admin),
    ("/settings/users", Role::Admin),
    ("/settings/keys", Role::Admin),
    ("/docs/api", Role::ReadOnly),
    ("/settings/audit", Role::Admin),
    ("/settings/audit?act=user.created", Role::Admin),
];

pub async fn contact(house: &House, store: &TestStore, name: &str, phone: &str) -> CustomerId {
    let contact = Contact {
        name: Name::parse(name),
        company: name.split(' ').next_back().map(|family| format!("{family} Inc")),
        phones: vec![Phone::parse(phone, Region::US).unwrap()],
        notes: Some(format!("notes of {name}")),
        ..Contact::default()
    };
    let scope = operator(store.tenant.id);
    match house.engine.find_or_create(&scope, &contact, false).await.unwrap() {
        Found::Created { customer: Some(customer), .. } | Found::Existing { customer } => customer,
        other => panic!("{other:?}"),
    }
}

/// Somebody signed in; their cookie.
pub async fn signed_in(house: &House, store: &TestStore, email: &str, role: Role) -> String {
    user(house, store.tenant.id, email, role).await;
    cookie(house, email).await
}

/// The token of a page, for its forms.
pub async fn token(house: &House, session: &str) -> String {
    let page = get(house.address, "/customers", &[HTML, session]).await.text();
    page.split("x-csrf-token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

pub async fn post(house: &House, path: &str, session: &str, fields: &[(&str, &str)]) -> Answer {
    let token = token(house, session).await;
    let fields: Vec<_> = [("csrf_token", token.as_str())].iter().chain(fields).copied().collect();
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    ask(house.address, "POST", path, &[HTML, FORM, session], body.join("&").as_bytes()).await
}

pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

/// Nothing that the policy of the pages forbids, and no id twice.
pub fn check_whole(path: &str, page: &str) {
    for forbidden in [" style=", "<style", "<script>", "javascript:", " onclick=", " onerror=\"", " hx-on"] {
        assert!(!page.contains(forbidden), "{path}: {forbidden}");
    }
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{path}: an id stands twice");
}

fn version(page: &str) -> String {
    page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

on_both! {
    async fn a_page_opens_for_who_may_and_for_nobody_else(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        contact(&house, &store, "Ann Smith", "617 471 0117").await;
        let roles = [Role::ReadOnly, Role::Agent, Role::Staff, Role::Admin, Role::Owner];
        for role in roles {
            let session = signed_in(&house, &store, &format!("{}@example.com", role.as_str()), role).await;
            for (path, least) in PAGES {
                let answer = get(house.address, path, &[HTML, &session]).await;
                let expected = match (role >= least, path) {
                    (true, "/settings") => 303,
                    (true, _) => 200,
                    (false, _) => 403,
                };
                assert_eq!(answer.status, expected, "{role:?} {path}");
                check_whole(path, &answer.text());
            }
        }
        for (path, _) in PAGES {
            let answer = get(house.address, path, &[HTML]).await;
            assert_eq!(answer.status, 303, "{path}");
            assert!(answer.header("location").unwrap().starts_with("/login"), "{path}");
        }
    }

    async fn hostile_text_is_text_in_every_field(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let session = signed_in(&house, &store, "ann@example.com", Role::Owner).await;
        let long = "x".repeat(10_000);
        let texts = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "\u{202e}evil", "דוד כהן",
            "🏠🔧", "=1+1", "{{ 7*7 }}", &long];
        for (place, text) in texts.into_iter().enumerate() {
            let id = contact(&house, &store, text, &format!("617 471 {:04}", 100 + place)).await;
            // Names are tidied when they come in, and kept letter by letter when a person writes them.
            let mut edit = Edit::default();
            if edit.set(Field::Name, Some(text), Region::US).is_ok() {
                house.engine.edit_customer(&operator(store.tenant.id), id, &edit, None, false).await.unwrap();
            }
            let pages = [format!("/customers/{id}"), format!("/customers/{id}?tab=activity"), "/customers".to_owned(), format!("/palette?q=617471{:04}", 100 + place),
                format!("/customers?q={}", encoded(&text.chars().take(100).collect::<String>()))];
            for path in pages {
                let answer = get(house.address, &path, &[HTML, &session]).await;
                assert_eq!(answer.status, 200, "{path}");
                let page = answer.text();
                for raw in ["<script>alert", "<img src=x"] {
                    assert!(!page.contains(raw), "{path}: {raw}");
                }
                check_whole(&path, &page);
            }
        }
        // Names of colleagues and of the business, too.
        let evil = "<b onmouseover=alert(1)>";
        assert_eq!(post(&house, "/settings/business", &session, &[("name", evil)]).await.status, 303);
        let invited = [("name", evil), ("email", "b@example.com"), ("role", "staff")];
        assert_eq!(post(&house, "/settings/users", &session, &invited).await.status, 200);
        for (path, _) in PAGES {
            let page = get(house.address, path, &[HTML, &session]).await.text();
            assert!(!page.contains("<b onmouseover"), "{path}");
        }
    }

    async fn an_edit_is_pinned_and_unpinned_and_refused_when_somebody_was_faster(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let id = contact(&house, &store, "Ann Smith", "617 471 0117").await;
        let card = format!("/customers/{id}");
        let seen = version(&get(house.address, &card, &[HTML, &staff]).await.text());
        let name = |value: &'static str, version: String| [("field", "name".to_owned()), ("value", value.to_owned()), ("version", version)];
        let send = async |session: &str, act: &str, fields: [(&str, String); 3]| {
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            post(&house, &format!("{card}/{act}"), session, &fields).await
        };
        assert_eq!(send(&reader, "edit", name("Eve", seen.clone())).await.status, 403);
        assert_eq!(send(&staff, "edit", name("Ann Smythe", seen.clone())).await.status, 303);
        let page = get(house.address, &card, &[HTML, &staff]).await.text();
        assert!(page.contains("<bdi>Ann Smythe</bdi>") && page.contains("Pinned by Ann Lee"), "{page}");
        // From the version before: nothing is saved, and what was typed is not lost.
        let late = send(&staff, "edit", name("Anna", seen)).await;
        assert!(late.status == 422 && late.text().contains("Somebody changed this customer") && late.text().contains("Anna"));
        let empty = send(&staff, "edit", name("", version(&page))).await;
        assert!(empty.status == 422 && empty.text().contains("cannot be empty"), "{}", empty.text());
        assert_eq!(send(&staff, "unpin", name("", version(&page))).await.status, 303);
        assert!(get(house.address, &card, &[HTML, &staff]).await.text().contains("<bdi>Ann Smith</bdi>"));
        // Without the token of a page nothing is changed.
        let forged = ask(house.address, "POST", &format!("{card}/edit"), &[HTML, FORM, &staff], b"field=name&value=Eve&version=1").await;
        assert_eq!(forged.status, 403);
    }

    async fn ids_of_another_tenant_are_nobodys(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let id = contact(&house, &store, "Ann Smith", "617 471 0117").await;
        let other = create_tenant(&store.db, "Other", "+16174719999").await;
        user(&house, other.id, "eve@example.com", Role::Owner).await;
        let eve = cookie(&house, "eve@example.com").await;
        for path in [format!("/customers/{id}"), "/imports/imp_01h455vb4pex5vsknk084sn02q".to_owned(), "/customers/nonsense".to_owned()] {
            let answer = get(house.address, &path, &[HTML, &eve]).await;
            assert!(answer.status == 404 && !answer.text().contains("Smith"), "{path}");
        }
        let fields = [("field", "name"), ("value", "Eve"), ("version", "1")];
        assert_eq!(post(&house, &format!("/customers/{id}/edit"), &eve, &fields).await.status, 404);
        let found = get(house.address, "/customers?q=smith", &[HTML, &eve]).await.text();
        assert!(found.contains("Nobody fits"), "{found}");
    }

    async fn a_pair_is_decided_and_taken_back(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let a = contact(&house, &store, "Carmela Marinelli", "617 471 0117").await;
        let b = contact(&house, &store, "Luca Marinelli", "617 471 0117").await;
        assert_ne!(a, b);
        let page = get(house.address, "/reviews", &[HTML, &staff]).await.text();
        assert!(page.contains("Both have (617) 471-0117") && page.contains("Luca Marinelli"), "{page}");
        assert!(get(house.address, &format!("/customers/{a}"), &[HTML, &staff]).await.text().contains("May be one with"));
        let decide = page.split("action=\"/reviews/").nth(1).unwrap().split('"').next().unwrap();
        let decided = post(&house, &format!("/reviews/{decide}"), &staff, &[("answer", "merge")]).await;
        assert_eq!(decided.status, 303);
        let offered = get(house.address, &decided.header("location").unwrap(), &[HTML, &staff]).await.text();
        assert!(offered.contains("one customer now") && offered.contains("Undo"), "{offered}");
        // The younger id leads to the older from now on.
        let (old, young) = (a.min(b), a.max(b));
        let moved = get(house.address, &format!("/customers/{young}"), &[HTML, &staff]).await;
        assert_eq!(moved.header("location").unwrap(), format!("/customers/{old}?was={young}"));
        let undo = offered.split("action=\"/reviews/decided/").nth(1).unwrap().split('"').next().unwrap();
        let undone = post(&house, &format!("/reviews/decided/{undo}"), &staff, &[("at", ""), ("waiting", "yes")]).await;
        assert_eq!((undone.status, undone.header("location").as_deref()), (303, Some("/reviews?done=undone")), "{}", undone.text());
        assert_eq!(get(house.address, &format!("/customers/{young}"), &[HTML, &staff]).await.status, 200);
        // What was decided a moment ago is decided.
        assert_eq!(post(&house, &format!("/reviews/{decide}"), &staff, &[("answer", "merge")]).await.status, 404);
    }

    async fn somebody_is_invited_comes_in_and_goes(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let owner = signed_in(&house, &store, "ann@example.com", Role::Owner).await;
        let invited = [("name", "Bo"), ("email", "bo@example.com"), ("role", "agent")];
        let page = post(&house, "/settings/users", &owner, &invited).await.text();
        let link = page.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
        let path = link.split_once("localhost").unwrap().1.to_owned();
        assert!(get(house.address, &path, &[HTML]).await.text().contains("Choose a password"));
        let weak = ask(house.address, "POST", &path, &[HTML, FORM], b"password=short").await;
        assert!(weak.status == 422 && weak.text().contains("notice bad"), "{}", weak.status);
        let body = format!("password={}", encoded(PASSWORD));
        let entered = ask(house.address, "POST", &path, &[HTML, FORM], body.as_bytes()).await;
        assert_eq!((entered.status, entered.header("location").as_deref()), (303, Some("/customers")));
        let session = format!("cookie: {}", entered.header("set-cookie").unwrap().split(';').next().unwrap());
        assert_eq!(get(house.address, "/customers", &[HTML, &session]).await.status, 200);
        // The link has done its work, and a guessed one says the same.
        for path in [path.as_str(), "/link/1.lnk_guessed"] {
            assert_eq!(get(house.address, path, &[HTML]).await.status, 404);
        }
        assert_eq!(post(&house, "/logout", &session, &[]).await.status, 303);
        assert_eq!(get(house.address, "/customers", &[HTML, &session]).await.status, 303);
        let again = format!("email=bo%40example.com&password={}&next=https%3A%2F%2Fevil.example", encoded(PASSWORD));
        let entered = ask(house.address, "POST", "/login", &[HTML, FORM], again.as_bytes()).await;
        assert_eq!((entered.status, entered.header("location").as_deref()), (303, Some("/customers")));
        let wrong = ask(house.address, "POST", "/login", &[HTML, FORM], b"email=bo%40example.com&password=wrong").await;
        assert!(wrong.status == 422 && wrong.text().contains("bo@example.com") && !wrong.text().contains("wrong\""));
    }

    async fn a_key_is_shown_once_and_opens_nothing_once_revoked(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let owner = signed_in(&house, &store, "ann@example.com", Role::Owner).await;
        let made = post(&house, "/settings/keys", &owner, &[("name", "Form"), ("role", "agent"), ("scope", "read")]).await.text();
        let key = made.split("id=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let line = format!("authorization: Bearer {key}");
        assert_eq!(get(house.address, "/customers", &[&line]).await.status, 200);
        assert_eq!(get(house.address, "/settings/users", &[&line]).await.status, 403);
        let page = get(house.address, "/settings/keys", &[HTML, &owner]).await.text();
        assert!(!page.contains(&key) && page.contains("Look customers up"), "{page}");
        let revoke = page.split("action=\"/settings/keys/").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(post(&house, &format!("/settings/keys/{revoke}"), &owner, &[]).await.status, 303);
        assert_eq!(get(house.address, "/customers", &[&line]).await.status, 401);
    }

    async fn own_numbers_say_first_what_they_would_do(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let owner = signed_in(&house, &store, "ann@example.com", Role::Owner).await;
        contact(&house, &store, "Ann Smith", "617 471 0117").await;
        let asked = post(&house, "/settings/business", &owner, &[("add", "617 471 0117")]).await;
        assert!(asked.status == 200 && asked.text().contains("1 customer with this number"), "{}", asked.text());
        let page = get(house.address, "/settings/business", &[HTML, &owner]).await.text();
        assert!(!page.contains("(617) 471-0117"), "a look has changed something");
        assert_eq!(post(&house, "/settings/business", &owner, &[("add", "617 471 0117"), ("sure", "yes")]).await.status, 303);
        assert!(get(house.address, "/settings/business", &[HTML, &owner]).await.text().contains("(617) 471-0117"));
        let wrong = post(&house, "/settings/business", &owner, &[("name", "Ace"), ("zone", "Mars/Base")]).await;
        assert!(wrong.status == 422 && wrong.text().contains("Mars/Base") && wrong.text().contains("time zone"));
    }

    async fn a_file_that_is_no_archive_is_refused_in_words(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let token = token(&house, &admin).await;
        let form = |token: &str| {
            let part = |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            let file = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\nno archive\r\n";
            format!("{}{file}{}--b--\r\n", part("csrf_token", token), part("notes", "<i>ours</i>"))
        };
        let kind = "content-type: multipart/form-data; boundary=b";
        let refused = ask(house.address, "POST", "/imports", &[HTML, kind, &admin], form(&token).as_bytes()).await;
        let page = refused.text();
        assert!(refused.status == 422 && page.contains("Not taken.") && page.contains("&#60;i&#62;ours"), "{page}");
        let forged = ask(house.address, "POST", "/imports", &[HTML, kind, &admin], form("forged").as_bytes()).await;
        assert_eq!(forged.status, 403);
        let cut = ask(house.address, "POST", "/imports", &[HTML, kind, &admin], &form(&token).as_bytes()[..150]).await;
        assert_eq!(cut.status, 400);
        assert!(get(house.address, "/imports", &[HTML, &admin]).await.text().contains("No imports yet"));
    }
}
