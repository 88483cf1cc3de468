//! Every route of the pages, asked by nobody, by every role, and without the token of the page (I-14).

use std::collections::BTreeSet;
use std::path::Path;

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;

use super::{FORM, HTML, signed_in, token};
use crate::house::House;
use crate::wire::ask;

const NOTHING: &str = "01h455vb4pex5vsknk084sn02q";

/// A route: method, path, the lowest role that may come through, and what a form there says.
type Route = (&'static str, &'static str, Role, &'static str);

/// All of them but those by which one comes in.
const ROUTES: [Route; 60] = [
    ("GET", "/", Role::ReadOnly, ""),
    ("GET", "/customers", Role::ReadOnly, ""),
    ("GET", "/customers/{id}", Role::ReadOnly, ""),
    ("GET", "/customers/{id}/next", Role::ReadOnly, ""),
    ("GET", "/customers/{id}/previous", Role::ReadOnly, ""),
    ("GET", "/customers/{id}/explain", Role::ReadOnly, ""),
    ("GET", "/customers/{id}/context", Role::ReadOnly, ""),
    ("POST", "/customers/{id}/edit", Role::Staff, "field=company&value=Bay&version=1"),
    ("POST", "/customers/{id}/sync", Role::ReadOnly, ""),
    ("POST", "/customers/{id}/unpin", Role::Staff, "field=company&value=&version=1"),
    ("POST", "/customers/{id}/remarks", Role::Agent, "what=note&text=Side+gate"),
    ("POST", "/remarks/{id}/undo", Role::Agent, ""),
    ("POST", "/customers/{id}/marks", Role::Staff, "identifier=%2B16174710117&verdict=shared"),
    ("GET", "/palette", Role::ReadOnly, ""),
    ("GET", "/why-missing", Role::ReadOnly, ""),
    ("GET", "/reviews", Role::ReadOnly, ""),
    ("GET", "/reviews/open", Role::ReadOnly, ""),
    ("GET", "/reviews/decided", Role::ReadOnly, ""),
    ("GET", "/reviews/marks", Role::ReadOnly, ""),
    ("GET", "/reviews/surest", Role::Staff, ""),
    ("POST", "/reviews/surest", Role::Staff, "review=rvw_01h455vb4pex5vsknk084sn02q"),
    ("POST", "/reviews/{id}/decide", Role::Staff, "answer=merge"),
    ("POST", "/reviews/decided/{id}/retract", Role::Staff, "at="),
    ("POST", "/marks/{id}/undo", Role::Staff, ""),
    ("GET", "/imports", Role::Admin, ""),
    ("POST", "/imports", Role::Admin, ""),
    ("GET", "/imports/new", Role::Admin, ""),
    ("GET", "/imports/{id}", Role::Admin, ""),
    ("GET", "/imports/{id}/problems.csv", Role::Admin, ""),
    ("POST", "/imports/{id}/apply", Role::Admin, ""),
    ("POST", "/imports/{id}/stop", Role::Admin, ""),
    ("POST", "/imports/{id}/undo", Role::Admin, ""),
    ("POST", "/imports/{id}/resume", Role::Admin, ""),
    ("GET", "/sources", Role::ReadOnly, ""),
    ("GET", "/sources/new", Role::Admin, ""),
    ("POST", "/sources/new", Role::Admin, "source=servicetitan"),
    ("POST", "/sources/check", Role::Admin, "source=servicetitan"),
    ("GET", "/sources/{id}", Role::ReadOnly, ""),
    ("POST", "/sources/{id}/check", Role::Admin, ""),
    ("POST", "/sources/{id}/read", Role::Admin, ""),
    ("POST", "/sources/{id}/remove", Role::Admin, ""),
    ("POST", "/sources/{id}/rename", Role::Admin, "name=Other"),
    ("POST", "/sources/{id}/schedule", Role::Admin, ""),
    ("POST", "/sources/{id}/settings", Role::Admin, ""),
    ("GET", "/runs/{id}", Role::ReadOnly, ""),
    ("POST", "/runs/{id}/stop", Role::Admin, ""),
    ("GET", "/settings", Role::ReadOnly, ""),
    ("GET", "/settings/sessions", Role::ReadOnly, ""),
    ("POST", "/settings/sessions/end", Role::ReadOnly, "session=others"),
    ("POST", "/settings/password", Role::ReadOnly, "old=nonsense&new=a+brass+kettle+on+the+stove"),
    ("GET", "/settings/business", Role::Admin, ""),
    ("POST", "/settings/business", Role::Admin, "name=Bay"),
    ("GET", "/settings/users", Role::Admin, ""),
    ("POST", "/settings/users", Role::Admin, "name=Bo&email=bo%40quincy.example.net&role=agent"),
    ("POST", "/settings/users/{id}/{act}", Role::Admin, ""),
    ("GET", "/settings/keys", Role::Admin, ""),
    ("POST", "/settings/keys", Role::Admin, "name=till&role=agent"),
    ("POST", "/settings/keys/{id}/revoke", Role::Admin, ""),
    ("GET", "/settings/audit", Role::Admin, ""),
    ("GET", "/docs/api", Role::ReadOnly, ""),
];

/// By which one comes in and goes out: they are for everybody, and other tests are about them.
const DOORS: [(&str, &str); 7] = [
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/link/{token}"),
    ("POST", "/link/{token}"),
    ("GET", "/setup"),
    ("POST", "/setup"),
];

/// The routes that the files of the pages name.
fn named(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            named(&path, found);
        } else if !path.ends_with("looks.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let constant = |name: &str| {
                let whole = text.split(&format!("const {name}: &str = \"")).nth(1);
                whole.map_or("/setup", |rest| rest.split('"').next().unwrap())
            };
            for route in text.split(".route(").skip(1) {
                let mut depth = 1;
                let is_inside = |letter: &char| {
                    depth += i32::from(*letter == '(') - i32::from(*letter == ')');
                    depth > 0
                };
                let route: String = route.chars().take_while(is_inside).collect();
                let (place, methods) = route.split_once(',').unwrap();
                let place = place.trim();
                let place = if place.starts_with('"') { place.trim_matches('"') } else { constant(place) };
                for (method, call) in [("GET", "get("), ("POST", "post(")] {
                    if methods.contains(call) {
                        found.insert((method.to_owned(), place.to_owned()));
                    }
                }
            }
        }
    }
}

#[test]
fn every_route_is_in_the_table() {
    let mut found = BTreeSet::new();
    named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page"), &mut found);
    let table = ROUTES.iter().map(|(method, path, _, _)| (*method, *path)).chain(DOORS);
    let table: BTreeSet<(String, String)> = table.map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(found, table);
}

/// A path with ids that nobody has.
fn filled(path: &str) -> String {
    let noun = match path {
        path if path.starts_with("/customers/") => "cus",
        path if path.starts_with("/reviews/decided/") => "dec",
        path if path.starts_with("/reviews/") => "rvw",
        path if path.starts_with("/marks/") => "mrk",
        path if path.starts_with("/remarks/") => "rmk",
        path if path.starts_with("/imports/") => "imp",
        path if path.starts_with("/settings/users/") => "usr",
        path if path.starts_with("/sources/") => "con",
        path if path.starts_with("/runs/") => "run",
        _ => "key",
    };
    path.replace("{id}", &format!("{noun}_{NOTHING}")).replace("{act}", "disable")
}

on_both! {
    async fn every_route_opens_to_whom_it_says_and_only_with_the_token_of_its_page(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let mut people = Vec::new();
        for role in Role::ALL {
            let session = signed_in(&house, &store, &format!("{}@example.com", role.as_str()), role).await;
            let token = format!("x-csrf-token: {}", token(&house, &session).await);
            people.push((role, session, token));
        }
        for (method, path, lowest, form) in ROUTES {
            let place = filled(path);
            let send = async |lines: &[&str]| {
                ask(house.address, method, &place, &[&[HTML, FORM], lines].concat(), form.as_bytes()).await
            };
            let nobody = send(&[]).await;
            let to_login = nobody.header("location").is_some_and(|to| to.starts_with("/login"));
            assert!(matches!((nobody.status, to_login), (303, true) | (401 | 403, _)), "nobody: {method} {path}: {}", nobody.status);
            for (role, session, token) in &people {
                let answer = send(&[session, token]).await;
                assert_eq!(answer.status == 403, *role < lowest, "{role:?}: {method} {path}: {} {}", answer.status, answer.text());
                assert!(answer.status != 401 && answer.status < 500, "{role:?}: {method} {path}: {}", answer.text());
            }
            // A file comes with its token in the form, which its own tests are about.
            if method == "POST" && path != "/imports" {
                let (_, session, _) = people.iter().find(|(role, _, _)| *role == lowest).unwrap();
                let (_, _, strange) = people.iter().find(|(role, _, _)| *role != lowest).unwrap();
                for lines in [&[session.as_str()][..], &[session, strange], &[session, "x-csrf-token: 0123"]] {
                    assert_eq!(send(lines).await.status, 403, "without its token: {method} {path}");
                }
            }
        }
    }
}
