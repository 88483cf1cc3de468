//! Tokens and pace: one of each for a credential, whoever uses it.

use std::sync::Arc;
use std::time::Duration;

use doorstep_sim::{Fault, Options, Rule};
use doorstep_upstream::source::{Failure, Source};

use crate::house::{House, Told, drain};

#[tokio::test]
async fn everybody_waits_for_one_token() {
    let house = House::small().await;
    let sources: Vec<_> = (0..20).map(|_| Arc::new(house.source(0))).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for source in sources {
        tasks.spawn(async move { source.page("customers", None).await.unwrap().rows.len() });
    }
    let counts = tasks.join_all().await;
    assert!(counts.iter().all(|count| *count == counts[0]));
    assert_eq!(house.tokens(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let house = House::small().await;
    let source = house.source(0);
    source.page("customers", None).await.unwrap();
    house.sim.advance(Duration::from_secs(830));
    source.page("customers", None).await.unwrap();
    assert_eq!(house.tokens(), 1);
    house.sim.advance(Duration::from_secs(15));
    source.page("customers", None).await.unwrap();
    assert_eq!(house.tokens(), 2);
    assert!(house.sim.log().iter().all(|entry| entry.status == 200));
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_again_once() {
    let house = House::small().await;
    let source = house.source(0);
    source.page("customers", None).await.unwrap();
    house.sim.revoke_tokens();
    source.page("customers", None).await.unwrap();
    assert_eq!(house.tokens(), 2);
    // A service that takes no token at all is not asked for ever.
    house.sim.clear_log();
    house.sim.fault(Rule { fault: Fault::Status(401), matching: "/crm/".to_owned(), after: 0, times: None });
    let failure = source.page("customers", None).await.unwrap_err();
    assert!(matches!(failure, Failure::Auth { .. }), "{failure:?}");
    assert_eq!((house.asked().len(), house.tokens()), (2, 1));
}

#[tokio::test]
async fn many_who_are_refused_at_once_ask_for_one_token() {
    let house = House::small().await;
    let source = Arc::new(house.source(0));
    source.page("customers", None).await.unwrap();
    house.sim.revoke_tokens();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let source = Arc::clone(&source);
        tasks.spawn(async move { source.page("customers", None).await.unwrap() });
    }
    tasks.join_all().await;
    assert_eq!(house.tokens(), 2);
}

#[tokio::test]
async fn a_wait_that_outlives_the_token_ends_with_a_new_one() {
    let house = House::small().await;
    let source = house.source(0);
    source.page("customers", None).await.unwrap();
    house.sim.advance(Duration::from_secs(820));
    let wait = Fault::TooMany(Some(doorstep_sim::RetryAfter::Seconds(60)));
    house.sim.fault(Rule::next(2, "/crm/", wait));
    source.page("customers", None).await.unwrap();
    assert_eq!(house.tokens(), 2);
    assert!(house.sim.log().iter().all(|entry| entry.status != 401));
}

#[tokio::test]
async fn a_token_that_nobody_gives_is_passing_or_not_by_what_is_said() {
    let check = async |fault: Fault, is_passing: bool| {
        let house = House::small().await;
        house.sim.fault(Rule { fault: fault.clone(), matching: "/connect/token".to_owned(), after: 0, times: None });
        let failure = house.source(0).page("customers", None).await.unwrap_err();
        assert_eq!(failure.is_passing(), is_passing, "{fault:?}: {failure:?}");
        assert_eq!(house.tokens(), if is_passing { 5 } else { 1 }, "{fault:?}");
    };
    check(Fault::Status(400), false).await;
    check(Fault::Status(403), false).await;
    check(Fault::Status(500), true).await;
    check(Fault::TooMany(None), true).await;
    check(Fault::Html(200), true).await;
    check(Fault::Truncated, true).await;
}

#[tokio::test]
async fn many_tasks_together_stay_below_the_limit() {
    let house = House::of(Options { is_limited: true, ..Options::default() }).await;
    let source = Arc::new(house.source(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let source = Arc::clone(&source);
        tasks.spawn(async move {
            for _ in 0..25 {
                source.page("tag_types", None).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(house.asked().len(), 200);
    assert!(house.sim.log().iter().all(|entry| entry.status == 200));
}

#[tokio::test]
async fn two_businesses_with_the_same_numbers_never_meet() {
    let house = House::of(Options { tenants: 2, ..Options::default() }).await;
    let (one, other) = (house.source(0), house.source(1));
    for stream in one.spec().streams.iter().filter(|stream| stream.name != "opt_outs") {
        let (mut ones, mut others) = (Told::new(), Told::new());
        let cursor = drain(&one, stream, None, &mut ones).await.unwrap().pop();
        drain(&other, stream, None, &mut others).await.unwrap();
        assert!(ones.keys().any(|key| others.contains_key(key)), "{}", stream.name);
        if ["customers", "customer_contacts", "jobs"].contains(&stream.name) {
            assert!(ones.iter().any(|(key, row)| others.get(key).is_some_and(|other| other.payload != row.payload)));
        }
        // A cursor of the one is none of the other; a list has no tokens, and its cursors are times.
        if stream.name != "job_types" {
            let found = other.page(stream.name, cursor.as_ref()).await;
            assert!(matches!(found, Err(Failure::Cursor { .. })), "{}: {found:?}", stream.name);
        }
    }
    for entry in house.sim.log().iter().filter(|entry| entry.path != "/connect/token") {
        let number = entry.path.split('/').nth(4).unwrap();
        assert!(entry.tenant.is_some_and(|tenant| tenant.to_string() == number), "{entry:?}");
    }
    assert_eq!(house.tokens(), 2);
}

#[tokio::test]
async fn nobody_is_followed_elsewhere() {
    let house = House::small().await;
    for status in [301, 302, 307, 308] {
        house.sim.fault(Rule::next(1, "/crm/", Fault::Status(status)));
        let failure = house.source(0).page("customers", None).await.unwrap_err();
        assert!(matches!(&failure, Failure::Fatal { why } if why.contains("sends us elsewhere")), "{failure:?}");
    }
}
