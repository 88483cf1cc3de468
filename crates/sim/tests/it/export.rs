//! Export feeds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use doorstep_sim::world::row::ContactKind;
use doorstep_sim::{Edit, Fault, Kind, Manners};
use serde_json::Value;

use crate::house::{Caller, encoded, token, world};

#[tokio::test]
async fn a_feed_holds_every_row_inactive_ones_too_and_goes_on_later() {
    let sim = world().await;
    let mut caller = Caller::new(&sim).await;
    sim.faults(|faults| faults.manners.export_size = 7);
    let (rows, end, pages) = caller.drain("crm/export/customers", None, "").await;
    let ids: BTreeSet<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!((rows.len(), ids.len(), pages), (40, 40, 6));
    assert!(rows.iter().any(|row| row["active"] == false));
    // Nothing new: nothing comes, and the token stays good.
    let (none, end, _) = caller.drain("crm/export/customers", Some(&end), "").await;
    assert!(none.is_empty());
    let customer = *ids.first().unwrap();
    sim.world(|world| world.edit(caller.tenant, Edit::Rename { customer, name: "Ada Marsh".to_owned() }));
    // Not before a quarter of an hour, unless one asks.
    let (eager, again, _) = caller.drain("crm/export/customers", Some(&end), "includeRecentChanges=true").await;
    assert_eq!(eager[0]["name"], "Ada Marsh");
    let (twice, _, _) = caller.drain("crm/export/customers", Some(&again), "includeRecentChanges=true").await;
    assert_eq!(twice, eager, "recent changes come again");
    assert!(caller.drain("crm/export/customers", Some(&end), "").await.0.is_empty());
    sim.advance(Duration::from_secs(15 * 60));
    caller.token = token(&sim, 0).await;
    let (settled, end, _) = caller.drain("crm/export/customers", Some(&end), "").await;
    assert_eq!(settled, eager);
    assert!(caller.drain("crm/export/customers", Some(&end), "includeRecentChanges=true").await.0.is_empty());
}

#[tokio::test]
async fn a_deleted_contact_is_in_the_feed_and_not_in_the_list() {
    let sim = world().await;
    let mut caller = Caller::new(&sim).await;
    let tenant = caller.tenant;
    let (_, end, _) = caller.drain("crm/export/customers/contacts", None, "").await;
    let contact = sim.world(|world| world.add_contact(tenant, 1_000_001, ContactKind::Phone, "6177821234")).unwrap();
    sim.world(|world| world.edit(tenant, Edit::DeleteContact { contact }));
    sim.advance(Duration::from_secs(15 * 60));
    caller.token = token(&sim, 0).await;
    let (rows, _, _) = caller.drain("crm/export/customers/contacts", Some(&end), "").await;
    assert_eq!(
        (&rows[0]["id"], &rows[0]["active"], &rows[0]["customerId"]),
        (&contact.into(), &false.into(), &1_000_001.into())
    );
    assert!(!caller.get("crm/customers/contacts?customerIds=1000001").await.ids().contains(&contact));
}

#[tokio::test]
async fn a_token_is_refused_where_it_does_not_belong() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let (_, end, _) = caller.drain("crm/export/customers", None, "").await;
    let ask = async |path: &str, from: &str| caller.get(&format!("crm/export/{path}?from={from}")).await.status;
    assert_eq!(ask("customers", &encoded(&end)).await, 200);
    assert_eq!(ask("locations", &encoded(&end)).await, 400);
    assert_eq!(ask("customers", "garbage").await, 400);
    assert_eq!(ask("customers", &encoded(&end[..end.len() - 4])).await, 400);
    assert_eq!(ask("customers", "2020-01-01").await, 200);
    // Another tenant's.
    let other = Caller { sim: &sim, token: token(&sim, 1).await, tenant: caller.tenant + 1 };
    assert_eq!(other.get(&format!("crm/export/customers?from={}", encoded(&end))).await.status, 400);
}

#[tokio::test]
async fn a_date_asks_for_what_was_modified_since() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let (all, _, _) = caller.drain("crm/export/customers", None, "").await;
    let middle = all[20]["modifiedOn"].as_str().unwrap();
    let (late, _, _) = caller.drain("crm/export/customers", Some(middle), "").await;
    assert_eq!(late[..], all[20..]);
}

#[tokio::test]
async fn a_feed_loses_nothing_while_rows_change_late_and_answers_fail() {
    let sim = world().await;
    let mut caller = Caller::new(&sim).await;
    let lags = Manners {
        export_size: 7,
        edits_between_pages: 5,
        lag_seconds: 120,
        tick_milliseconds: 700,
        ..Manners::default()
    };
    sim.faults(|faults| {
        faults.manners = lags;
        faults.at_random(5, vec![(Fault::Status(500), 0.2), (Fault::Truncated, 0.1)]);
    });
    let paths = [
        ("crm/export/customers", Kind::Customers),
        ("crm/export/customers/contacts", Kind::Contacts),
        ("jpm/export/jobs", Kind::Jobs),
    ];
    for (path, kind) in paths {
        let (mut rows, mut from) = (BTreeMap::new(), None::<String>);
        let mut take = |page: &Value| {
            for row in page["data"].as_array().unwrap() {
                rows.insert(row["id"].as_i64().unwrap(), row.clone());
            }
            page["continueFrom"].as_str().unwrap().to_owned()
        };
        for _ in 0..60 {
            let query = from.as_deref().map(|from| format!("&from={}", encoded(from))).unwrap_or_default();
            let answer = caller.get(&format!("{path}?includeRecentChanges=true{query}")).await;
            if let Some(page) = (answer.status == 200).then(|| serde_json::from_str(&answer.body).ok()).flatten() {
                from = Some(take(&page));
            }
        }
        // Quiet: everything becomes visible, and settles.
        let broken = sim.faults(|faults| std::mem::take(&mut faults.manners));
        sim.faults(|faults| faults.at_random(5, Vec::new()));
        sim.advance(Duration::from_secs(20 * 60));
        caller.token = token(&sim, 0).await;
        let (late, _, _) = caller.drain(path, from.as_deref(), "").await;
        for row in late {
            rows.insert(row["id"].as_i64().unwrap(), row);
        }
        assert_eq!(rows.into_values().collect::<Vec<_>>(), sim.rows(caller.tenant, kind), "{path}");
        sim.faults(|faults| {
            faults.manners = broken;
            faults.at_random(6, vec![(Fault::Status(500), 0.2), (Fault::Truncated, 0.1)]);
        });
    }
}
