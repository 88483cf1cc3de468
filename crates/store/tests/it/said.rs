//! What was said of customers and written with them, and what a tenant says of itself, for the worlds of other tests.

use doorstep_core::phone::{Phone, Region};
use doorstep_core::record::Source;
use doorstep_core::remark::Kind;
use doorstep_core::tenant::Tenant;
use doorstep_core::time::Zone;
use doorstep_core::{Scope, TenantId, Timestamp};
use doorstep_store::testing::START;
use doorstep_store::{Tx, record, remark, rule_set, timeline};

use crate::world::{STREAM, World};

/// How much each reading call finds when it is asked for the things of `w`.
pub async fn ask(tx: &mut Tx, w: &World) -> Vec<(&'static str, usize)> {
    let one = &w.people[0];
    vec![
        ("remark::count", remark::count(tx, one.customer, Kind::Note).await.unwrap() as usize),
        ("remark::get", usize::from(remark::get(tx, w.remark).await.unwrap().is_some())),
        ("remark::of_customer", remark::of_customer(tx, one.customer, Kind::Note, 9).await.unwrap().len()),
        ("remark::page", remark::page(tx, one.customer, Kind::Note, None, 9).await.unwrap().len()),
        ("timeline::messages", timeline::messages(tx, one.customer, None, 10).await.unwrap().len()),
    ]
}

/// What a tenant might say of itself; the number in it is not always its own, and counts for nothing.
pub fn renamed(scope: &Scope) -> Tenant {
    Tenant {
        id: TenantId::from_number(1),
        name: format!("Renamed {}", scope.tenant()),
        time_zone: Zone::utc(),
        country: Region::US,
        own_numbers: vec![Phone::from_normal("+16174712999".to_owned())],
        created_at: START,
    }
}

/// Everybody has a first version.
pub async fn rules_of(tx: &mut Tx, w: &World) -> usize {
    let rules = rule_set::list(tx, 100).await.unwrap();
    rules.iter().filter(|rules| rules.version == w.rules).count()
}

pub async fn last_stored_at(tx: &mut Tx) -> Option<Timestamp> {
    record::last_stored_at(tx, Source::PhoneHistory, STREAM).await.unwrap()
}
