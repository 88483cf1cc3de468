//! What goes wrong, as a caller sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use doorstep_sim::{Edit, Fault, Kind, Options, RetryAfter, Rule, Sim, Size, Stamp};

use crate::house::{Caller, token, world};

#[tokio::test]
async fn answers_fail_as_they_are_told_to() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let ask = async |fault: Fault| {
        sim.fault(Rule::next(1, "/customers", fault));
        let answer = caller.get("crm/customers").await;
        assert_eq!(caller.get("crm/locations").await.status, 200);
        answer
    };
    let answer = ask(Fault::TooMany(Some(RetryAfter::Seconds(7)))).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    let answer = ask(Fault::TooMany(Some(RetryAfter::Date(60)))).await;
    let date = sim.world(|world| world.now()).after(Duration::from_secs(60)).http_date();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some(date.as_str())));
    let answer = ask(Fault::TooMany(None)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
    let answer = ask(Fault::Status(503)).await;
    assert_eq!((answer.status, &answer.json()["status"]), (503, &503.into()));
    let answer = ask(Fault::Html(502)).await;
    assert_eq!((answer.status, answer.header("content-type"), &answer.body[..6]), (502, Some("text/html"), "<html>"));
    let answer = ask(Fault::Truncated).await;
    assert!(
        answer.status == 200 && answer.is_whole && serde_json::from_str::<serde_json::Value>(&answer.body).is_err()
    );
    let answer = ask(Fault::Cut).await;
    assert!(answer.status == 200 && !answer.is_whole && answer.body.len() > 100, "{answer:?}");
    let answer = ask(Fault::Gone).await;
    assert_eq!((answer.status, answer.head.as_str()), (0, ""));
    let answer = ask(Fault::Slow(20)).await;
    assert!(answer.status == 200 && answer.is_whole);
    sim.fault(Rule::next(1, "/customers", Fault::Expired));
    assert_eq!(caller.get("crm/customers").await.status, 401);
    assert_eq!(caller.get("crm/customers").await.status, 401);
    let log = sim.log();
    assert_eq!(log.iter().filter(|it| it.fault.is_some()).count(), 10);
}

#[tokio::test]
async fn no_answer_comes_and_what_was_asked_is_done_or_not() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let note = r#"{"text":"Ring first"}"#;
    for (fault, notes) in [(Fault::Never, 0), (Fault::Lost, 1)] {
        sim.fault(Rule::next(1, "/notes", fault));
        let asked = caller.ask("POST", "crm/customers/1000001/notes", "application/json", note);
        assert!(tokio::time::timeout(Duration::from_millis(300), asked).await.is_err(), "an answer came");
        let rows = sim.truth(caller.tenant, 1_000_001).unwrap();
        let count = rows["notes"].as_array().unwrap().iter().filter(|it| it["text"] == "Ring first").count();
        assert_eq!(count, notes);
    }
}

#[tokio::test]
async fn sixty_requests_a_second_and_no_more() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    sim.limit(true);
    for at in 0..61 {
        let answer = caller.get("crm/customers?pageSize=1").await;
        assert_eq!(answer.status, if at < 60 { 200 } else { 429 }, "request {at}");
    }
    let other = Caller { sim: &sim, token: token(&sim, 1).await, tenant: caller.tenant + 1 };
    assert_eq!(other.get("crm/customers?pageSize=1").await.status, 200, "another tenant has a limit of its own");
    sim.advance(Duration::from_secs(1));
    assert_eq!(caller.get("crm/customers?pageSize=1").await.status, 200);
}

#[tokio::test]
async fn the_date_of_answers_can_differ_from_the_stamps() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let now = sim.world(|world| world.now());
    assert_eq!(caller.get("crm/customers").await.header("date"), Some(now.http_date().as_str()));
    sim.faults(|faults| faults.manners.date_skew_seconds = -90);
    let behind = now.before(Duration::from_secs(90)).http_date();
    assert_eq!(caller.get("crm/customers").await.header("date"), Some(behind.as_str()));
}

#[tokio::test]
async fn a_sort_that_is_ignored_still_gives_every_row_within_one_order() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let sorted = caller.get("crm/customers?sort=%2BId&pageSize=5000").await.ids();
    sim.faults(|faults| faults.manners.ignores_sort = 1.0);
    let shuffled = caller.get("crm/customers?sort=%2BId&pageSize=5000").await.ids();
    assert_ne!(sorted, shuffled);
    assert_eq!(BTreeSet::from_iter(sorted), BTreeSet::from_iter(shuffled));
}

#[tokio::test]
async fn a_capped_page_says_that_more_come() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    sim.faults(|faults| faults.manners.page_cap = Some(10));
    let page = caller.get("crm/customers?active=Any&pageSize=5000").await;
    assert_eq!((page.ids().len(), &page.json()["hasMore"]), (10, &true.into()));
    assert!(caller.get("crm/customers?active=Any&pageSize=5000&page=4").await.json()["hasMore"] == false);
}

#[tokio::test]
async fn edits_between_and_within_pages_make_page_numbers_miss_rows() {
    // With the order of last changes, a row that changes moves behind those not yet read, and one of them is missed.
    let missed = async |set: fn(&mut doorstep_sim::Manners)| {
        let sim = Sim::start(Options { size: Size::of(300), ..Options::default() }).await.unwrap();
        let caller = Caller::new(&sim).await;
        let before: BTreeSet<i64> =
            caller.get("crm/customers?active=Any&pageSize=5000").await.ids().into_iter().collect();
        sim.faults(|faults| set(&mut faults.manners));
        let mut seen = BTreeSet::new();
        for page in 1..=40 {
            let path = format!("crm/customers?active=Any&sort=%2BModifiedOn&pageSize=10&page={page}");
            seen.extend(caller.get(&path).await.ids());
        }
        before.difference(&seen).count()
    };
    assert_eq!(missed(|_| {}).await, 0);
    assert!(missed(|manners| (manners.edits_between_pages, manners.tick_milliseconds) = (5, 10)).await > 0);
    assert!(missed(|manners| (manners.edits_within_pages, manners.tick_milliseconds) = (5, 10)).await > 0);
}

#[tokio::test]
async fn an_edit_can_become_visible_late_below_the_newest_stamp() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let tenant = caller.tenant;
    sim.faults(|faults| faults.manners.lag_seconds = 60);
    let begin = sim.world(|world| world.now());
    let rename = |at: i64| {
        let edit = Edit::Rename { customer: 1_000_001 + at, name: format!("Name {at}") };
        sim.world(|world| world.edit(tenant, edit));
        sim.advance(Duration::from_secs(1));
    };
    (0..30).for_each(rename);
    let query = format!("crm/customers?active=Any&modifiedOnOrAfter={begin}&pageSize=5000&sort=%2BModifiedOn");
    let early = caller.get(&query).await;
    let newest = early.json()["data"].as_array().unwrap().last().unwrap()["modifiedOn"].as_str().unwrap().to_owned();
    sim.advance(Duration::from_secs(60));
    let late = caller.get(&query).await;
    assert!(!early.ids().is_empty() && late.ids().len() == 30);
    let stamp = |row: &serde_json::Value| Stamp::parse(row["modifiedOn"].as_str().unwrap()).unwrap();
    let unseen =
        late.json()["data"].as_array().unwrap().iter().any(|row| {
            !early.ids().contains(&row["id"].as_i64().unwrap()) && stamp(row) < Stamp::parse(&newest).unwrap()
        });
    assert!(unseen, "a row below the newest stamp came late");
}

#[tokio::test]
async fn a_bulk_change_gives_thousands_of_rows_one_stamp() {
    let sim = Sim::start(Options { size: Size { customers: 5100, jobs: 0 }, ..Options::default() }).await.unwrap();
    let caller = Caller::new(&sim).await;
    sim.advance(Duration::from_secs(60));
    let now = sim.world(|world| world.now());
    assert!(sim.world(|world| world.edit(caller.tenant, Edit::Restamp { kind: Kind::Customers, count: 5001 })));
    let query = format!("crm/customers?active=Any&modifiedOnOrAfter={now}&sort=%2BModifiedOn&pageSize=5000");
    let first = caller.get(&query).await;
    assert_eq!((first.ids().len(), &first.json()["hasMore"]), (5000, &true.into()));
    assert!(first.json()["data"].as_array().unwrap().iter().all(|row| row["modifiedOn"] == now.to_string()));
    assert_eq!(caller.get(&format!("{query}&page=2")).await.ids().len(), 1);
}
