//! What is asked: the pages as a signed-in browser asks for them, and the doors of REST as a program does.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::phone::{Phone, Region};
use doorstep_core::position::{Position, Way};
use doorstep_core::survivorship::sort_name;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{Scope, TenantId};
use doorstep_store::customer::{self, Listed};
use doorstep_store::{Db, Location, system};

use crate::house::{House, Running, get, post};
use crate::load::Wire;

/// Customers that are asked for, evenly from all.
const SAMPLED: usize = 2_000;
/// Customers read at once.
const PAGE: i64 = 10_000;
/// Pages of REST's list that are asked for.
const CURSORS: usize = 20;
/// What Chromium sends along when somebody opens a page.
const BROWSER: &str = "\
user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n\
accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
accept-encoding: gzip, deflate, br, zstd\r\naccept-language: en-US,en;q=0.9\r\nupgrade-insecure-requests: 1\r\n\
sec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\nsec-fetch-user: ?1\r\nsec-fetch-dest: document\r\n";

/// What one measurement asks, and what it must come to.
pub struct Question {
    pub name: &'static str,
    pub requests: Arc<Vec<String>>,
    /// Connections that ask at the same time.
    pub connections: usize,
    /// How often it is asked in one round.
    pub count: usize,
    pub limits: Limits,
}

/// What an answer may take, and how the house's size may show.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At least so many in a second.
    pub per_second: Option<f64>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    /// A large house answers at least this part of what a small one does.
    pub ratio: Option<f64>,
}

/// Of the list and the search.
const READING: Limits =
    Limits { per_second: Some(2_000.0), p95: Some(Duration::from_millis(50)), p99: None, ratio: Some(0.8) };
/// The same where the database is a server of its own, whose processes take most of the two cores: what counts there is
/// that the house's size does not.
const READING_AFAR: Limits = Limits { per_second: None, p95: None, ..READING };
/// Of find-or-create.
const LOOKING_UP: Limits = Limits { per_second: None, p95: None, p99: Some(Duration::from_millis(5)), ratio: None };

/// The whole of what is asked of one house.
pub async fn questions(house: &House, server: &Running, cookie: &str) -> Vec<Question> {
    let db = house.open().await;
    let sampled = sample(&db).await;
    db.close().await;
    let browser = format!("{BROWSER}cookie: {cookie}\r\n");
    let program = format!("accept: application/json\r\nauthorization: Bearer {}\r\n", house.key);
    let page = |query: &str| get(&format!("/customers{query}"), &browser);
    let rest = |query: &str| get(&format!("/api/v1/customers{query}"), &program);
    let numbers: Vec<String> = sampled.iter().filter_map(number).collect();
    let names: Vec<String> = sampled.iter().filter(|one| is_name(one)).map(|one| one.display_name.clone()).collect();
    let searched = |texts: &[String]| -> Vec<String> { texts.iter().map(|text| search(text)).collect() };
    let (by_number, by_name) = (searched(&numbers), searched(&names));
    let typed = searched(&names.iter().filter_map(|name| beginning(name)).collect::<Vec<_>>());
    let limits = if matches!(house.location, Location::DataDir(_)) { READING } else { READING_AFAR };
    let ask = |name, requests: Vec<String>| {
        assert!(!requests.is_empty(), "{name}: nothing to ask");
        Question { name, requests: Arc::new(requests), connections: 32, count: 6_000, limits }
    };
    // One or two are called so in the small house and a hundred in the large one, where the page is full: the ratio says
    // what fifty rows cost more than two.
    let ask_by_name = |name, requests| Question { limits: Limits { ratio: None, ..limits }, ..ask(name, requests) };
    let find = numbers.iter().map(|number| {
        let head = format!("{program}content-type: application/json\r\n");
        post("/api/v1/customers", &head, &format!("{{\"phones\":[\"{number}\"]}}"))
    });
    vec![
        ask("list, page", sampled.iter().flat_map(list_pages).map(|query| page(&query)).collect()),
        ask("search by number, page", by_number.iter().map(|query| page(query)).collect()),
        ask("search while typing a name, page", typed.iter().map(|query| page(query)).collect()),
        ask_by_name("search by name, page", by_name.iter().map(|query| page(query)).collect()),
        ask("list, REST", cursors(server, &program).await.iter().map(|query| rest(query)).collect()),
        ask("search by number, REST", by_number.iter().map(|query| rest(query)).collect()),
        ask_by_name("search by name, REST", by_name.iter().map(|query| rest(query)).collect()),
        Question { connections: 4, limits: LOOKING_UP, ..ask("find-or-create of a known phone, REST", find.collect()) },
    ]
}

/// Who acts for the house that is measured: it has one tenant.
pub async fn owner(db: &Db) -> Scope {
    let tenant: TenantId = system::tenants(db).await.expect("the tenants")[0].id;
    Scope::new(tenant, Actor::Operator("bench".to_owned()), Role::Owner)
}

/// Customers evenly from the oldest to the newest.
async fn sample(db: &Db) -> Vec<Listed> {
    let mut tx = db.read(&owner(db).await).await.expect("a transaction");
    let count = usize::try_from(customer::count(&mut tx).await.expect("a count")).unwrap_or_default();
    let step = (count / SAMPLED).max(1);
    let (mut sampled, mut place, mut after) = (Vec::new(), 0, None);
    loop {
        let read = customer::list(&mut tx, after, PAGE).await.expect("customers");
        let Some(last) = read.last() else { return mixed(sampled) };
        after = Some(last.id);
        for one in read {
            if place % step == 0 {
                sampled.push(one);
            }
            place += 1;
        }
    }
}

/// In an order in which neighbours are far from each other, the same in every run.
fn mixed(mut sampled: Vec<Listed>) -> Vec<Listed> {
    let count = sampled.len();
    for place in 0..count {
        sampled.swap(place, (place * 7_919) % count);
    }
    sampled
}

/// The first page, as often as the pages from this customer on: newest first, and by name.
fn list_pages(from: &Listed) -> [String; 4] {
    let at = |list: &str, name: String| Position::new(list, Way::Forward, &(name, from.id));
    [
        String::new(),
        format!("?at={}", at("customers", String::new())),
        String::new(),
        format!("?order=name&at={}", at("customers.name", sort_name(&from.display_name))),
    ]
}

/// The number as people in the house's country write it.
fn number(one: &Listed) -> Option<String> {
    let phone = one.phone.as_deref().filter(|phone| phone.starts_with("+1") && !phone.contains("000000"))?;
    Some(Phone::from_normal(phone.to_owned()).national(Region::US))
}

/// Whether the customer is known by a name of several words.
fn is_name(one: &Listed) -> bool {
    one.display_name.contains(' ')
        && one.display_name.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ' ')
}

/// The first letters of the last name.
fn beginning(name: &str) -> Option<String> {
    Some(name.split(' ').next_back()?.chars().take(3).collect())
}

fn search(text: &str) -> String {
    format!("?{}", serde_urlencoded::to_string([("q", text)]).expect("text"))
}

/// The first pages of REST's list, each by the cursor that the one before gave.
async fn cursors(server: &Running, program: &str) -> Vec<String> {
    let mut wire = Wire::to(server.address).await;
    let mut queries = vec![String::new()];
    while queries.len() < CURSORS {
        let last = queries.last().cloned().unwrap_or_default();
        let answer = wire.ask(&get(&format!("/api/v1/customers{last}"), program)).await;
        let page: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        let Some(next) = page["next"].as_str() else { break };
        queries.push(format!("?cursor={next}"));
    }
    queries
}
