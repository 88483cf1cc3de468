//! Lists, as the upstream's documents and pitfalls say.

use std::time::Duration;

use doorstep_sim::world::row::ContactKind;
use doorstep_sim::{Edit, NewCustomer};

use crate::house::{Caller, world};

fn newcomer(name: &str) -> NewCustomer {
    NewCustomer {
        name: name.to_owned(),
        kind: doorstep_sim::world::row::CustomerKind::Residential,
        street: "12 Elm St".to_owned(),
        unit: None,
        city: "Quincy".to_owned(),
        state: "MA".to_owned(),
        zip: "02169".to_owned(),
        contacts: vec![(ContactKind::MobilePhone, "6177821234".to_owned())],
    }
}

#[tokio::test]
async fn pages_hold_all_rows_once_and_say_whether_more_come() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let all = caller.get("crm/customers?active=Any&pageSize=5000&includeTotal=true").await;
    assert_eq!(all.json()["totalCount"], 40);
    let mut ids = Vec::new();
    for page in 1..=3 {
        let answer = caller.get(&format!("crm/customers?active=Any&pageSize=15&page={page}")).await;
        let body = answer.json();
        assert_eq!(
            (&body["page"], &body["pageSize"], &body["hasMore"]),
            (&page.into(), &15.into(), &(page < 3).into())
        );
        assert!(body["totalCount"].is_null());
        ids.extend(answer.ids());
    }
    assert_eq!(ids, all.ids());
    assert!(caller.get("crm/customers?active=Any&page=9").await.ids().is_empty());
}

#[tokio::test]
async fn parameters_are_read_strictly_and_unknown_ones_ignored() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let check = async |query: &str, expected: u16| {
        let answer = caller.get(&format!("crm/customers?{query}")).await;
        assert_eq!(answer.status, expected, "{query}: {answer:?}");
    };
    check("modifiedAfter=yesterday&nonsense=1", 200).await;
    check("pageSize=5001", 400).await;
    check("pageSize=0", 400).await;
    check("page=0", 200).await;
    check("page=x", 400).await;
    check("sort=%2BModifiedOn", 200).await;
    check("sort=-Id", 200).await;
    check("sort=Name", 400).await;
    check("active=any", 200).await;
    check("active=maybe", 400).await;
    check("modifiedOnOrAfter=2026-02-08T10:00:00Z", 200).await;
    check("modifiedOnOrAfter=2026-02-08T10:00:00+00:00", 400).await;
    check("ids=1,2,x", 400).await;
    // What the real one knows and the sim does not is not ignored.
    check("latitude=42", 501).await;
    let many: Vec<String> = (0..51).map(|id| id.to_string()).collect();
    check(&format!("ids={}", many.join(",")), 400).await;
    let contacts = async |query: &str| caller.get(&format!("crm/customers/contacts{query}")).await.status;
    assert_eq!(contacts("").await, 400);
    assert_eq!(contacts("?customerIds=1000001").await, 200);
    assert_eq!(contacts("?modifiedOnOrAfter=2020-01-01").await, 200);
}

#[tokio::test]
async fn a_change_moves_the_stamp_of_what_it_changes_and_of_nothing_else() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    sim.advance(Duration::from_secs(60));
    let (tenant, since) = (caller.tenant, sim.world(|world| world.now()));
    let customer = sim.world(|world| world.add_customer(tenant, newcomer("Ada Marsh"))).unwrap();
    sim.advance(Duration::from_secs(60));
    let later = sim.world(|world| world.now());
    let changed =
        async |path: &str, since| caller.get(&format!("crm/{path}modifiedOnOrAfter={since}&active=Any")).await.ids();
    assert_eq!(changed("customers?", since).await, [customer]);
    let contact = changed("customers/contacts?", since).await[0];
    // A contact's change does not touch its customer.
    sim.world(|world| world.edit(tenant, Edit::SetContact { contact, value: "7812345678".to_owned() }));
    assert_eq!(changed("customers?", later).await, [0; 0]);
    assert_eq!(changed("customers/contacts?", later).await, [contact]);
    // Money does, unless one asks otherwise.
    sim.world(|world| world.edit(tenant, Edit::SetBalance { customer, cents: 12_345 }));
    assert_eq!(changed("customers?", later).await, [customer]);
    assert_eq!(changed("customers?excludeAccountingChangesFromModifiedDateRange=true&", later).await, [0; 0]);
    let row = caller.get(&format!("crm/customers/{customer}")).await.json();
    assert_eq!((&row["balance"], &row["name"]), (&123.45.into(), &"Ada Marsh".into()));
    assert_eq!(caller.get("crm/customers?phone=(781)%20234-5678").await.ids(), [customer]);
}

#[tokio::test]
async fn who_is_merged_away_is_inactive_and_the_survivor_has_the_house() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let tenant = caller.tenant;
    let add = |name| sim.world(|world| world.add_customer(tenant, newcomer(name))).unwrap();
    let (from, into) = (add("Bob Quinn"), add("Robert Quinn"));
    assert!(sim.world(|world| world.edit(tenant, Edit::Merge { from, into })));
    assert!(!sim.world(|world| world.edit(tenant, Edit::Merge { from, into: from })));
    let row = caller.get(&format!("crm/customers/{from}")).await.json();
    assert_eq!((&row["active"], &row["mergedToId"]), (&false.into(), &into.into()));
    assert!(!caller.get("crm/customers?pageSize=5000").await.ids().contains(&from));
    assert!(caller.get("crm/customers?pageSize=5000&active=False").await.ids().contains(&from));
    assert_eq!(caller.get(&format!("crm/locations?customerId={into}")).await.ids().len(), 2);
    assert_eq!(caller.get(&format!("crm/customers/{from}/contacts")).await.status, 404);
    assert_eq!(caller.get(&format!("crm/customers/{into}/contacts")).await.ids().len(), 1);
    sim.faults(|faults| faults.manners.tells_merged_contacts = true);
    assert_eq!(caller.get(&format!("crm/customers/{from}/contacts")).await.ids().len(), 1);
}

#[tokio::test]
async fn kinds_of_jobs_are_put_in_order_by_two_parameters() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let usual = caller.get("jpm/job-types?active=Any").await.ids();
    let down = caller.get("jpm/job-types?active=Any&orderBy=id&orderByDirection=desc").await.ids();
    assert_eq!(down, usual.iter().copied().rev().collect::<Vec<_>>());
    sim.advance(Duration::from_secs(60));
    sim.world(|world| world.edit(caller.tenant, Edit::Restamp { kind: doorstep_sim::Kind::JobTypes, count: 1 }));
    let changed = caller.get("jpm/job-types?active=Any&orderBy=modifiedOn&orderByDirection=ascending").await.ids();
    assert_eq!((changed.last(), changed.len()), (usual.first(), usual.len()));
    assert_eq!(caller.get("jpm/job-types?orderBy=name").await.status, 400);
}
