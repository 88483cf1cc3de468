//! What was said of customers and written with them, asked for the worlds of other tests.

use doorstep_core::remark::Kind;
use doorstep_store::{Tx, remark, timeline};

use crate::world::World;

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
