//! Looks: a customer as it is there, a test note, a walk through a stream.

use doorstep_sim::{Fault, Rule};
use doorstep_upstream::source::{Failure, Source};
use doorstep_upstream::walk::walk;

use crate::house::House;

/// A customer with contacts, a job and a tag.
fn somebody(house: &House) -> i64 {
    house.sim.world(|world| {
        let tenant = world.first();
        let has = |id: i64| tenant.jobs.iter().any(|job| job.customer == id);
        let found = tenant.customers.iter().find(|it| it.head.active && !it.tags.is_empty() && has(it.head.id));
        found.unwrap().head.id
    })
}

fn notes(house: &House, text: &str) -> usize {
    house.sim.world(|world| world.first().notes.iter().filter(|note| &*note.text == text).count())
}

#[tokio::test]
async fn a_customer_is_shown_as_it_is_there() {
    let house = House::small().await;
    let key = somebody(&house).to_string();
    let raw = house.source(0).raw_customer(&key).await.unwrap().unwrap();
    assert_eq!(raw.customer["id"].to_string(), key);
    assert!(!raw.contacts.is_empty() && !raw.jobs.is_empty() && !raw.locations.is_empty());
    assert!(raw.contacts.iter().all(|contact| contact["customerId"] == raw.customer["id"]));
    assert!(raw.jobs.iter().all(|job| job["customerId"] == raw.customer["id"]));
    assert!(raw.tags.iter().all(|tag| tag.parse::<u64>().is_err()), "tags by name");
    assert!(!format!("{raw:?}").contains(raw.customer["name"].as_str().unwrap()));
    assert!(house.source(0).raw_customer("77").await.unwrap().is_none());
    assert!(house.source(0).raw_customer("7/../8").await.is_err());
}

#[tokio::test]
async fn a_look_without_a_permission_shows_the_rest() {
    let house = House::small().await;
    let key = somebody(&house).to_string();
    house.sim.fault(Rule { fault: Fault::Status(403), matching: "/jpm/".to_owned(), after: 0, times: None });
    let raw = house.source(0).raw_customer(&key).await.unwrap().unwrap();
    assert!(raw.jobs.is_empty() && !raw.contacts.is_empty());
}

#[tokio::test]
async fn a_note_is_written_once_whatever_happens_on_the_way() {
    let house = House::small().await;
    let key = somebody(&house).to_string();
    let check = async |fault: Option<Fault>, text: &str, expected: usize| {
        if let Some(fault) = fault.clone() {
            house.sim.fault(Rule::next(1, "POST /crm", fault));
        }
        let noted = house.source(0).add_note(&key, text).await;
        assert_eq!(notes(&house, text), expected, "{fault:?}: {noted:?}");
        assert_eq!(noted.is_ok_and(|noted| noted.is_some()), expected == 1, "{fault:?}");
    };
    check(None, "plain", 1).await;
    check(Some(Fault::Cut), "cut", 1).await;
    check(Some(Fault::Truncated), "truncated", 1).await;
    check(Some(Fault::Lost), "lost", 1).await;
    check(Some(Fault::TooMany(None)), "too many", 1).await;
    check(Some(Fault::Expired), "expired", 1).await;
    // Nobody knows whether it arrived: it is looked for, and not written again.
    check(Some(Fault::Status(502)), "failed", 0).await;
    check(Some(Fault::Never), "never", 0).await;
    assert_eq!(house.source(0).add_note("77", "nobody").await, Ok(None));
    assert!(matches!(house.source(0).add_note(&key, "  ").await, Err(Failure::Fatal { .. })));
    let body = house.sim.log().into_iter().find_map(|entry| entry.body.filter(|body| body["text"] == "plain")).unwrap();
    assert_eq!(body, serde_json::json!({"text": "plain", "pinToTop": false}));
}

#[tokio::test]
async fn a_walk_goes_through_a_few_pages_and_keeps_nothing() {
    let house = House::small().await;
    house.sim.faults(|faults| faults.manners.export_size = 10);
    let source = house.source(0);
    let walked = walk(&source, "customers", 3).await.unwrap();
    assert_eq!(walked.iter().map(|page| (page.rows, page.more)).collect::<Vec<_>>(), [(10, true); 3]);
    let first = source.page("customers", None).await.unwrap();
    assert_eq!(walked[0].keys.as_ref().unwrap().0, first.rows[0].key);
    assert!(walked[0].stamps.unwrap().0 <= walked[0].stamps.unwrap().1);
    let whole = walk(&source, "customers", 100).await.unwrap();
    assert_eq!(whole.iter().map(|page| page.rows).sum::<usize>(), 40);
    assert!(!whole.last().unwrap().more);
}
