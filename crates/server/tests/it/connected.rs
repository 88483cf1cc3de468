//! A server whose engine reads a sim, and what connects the two.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorstep_sim::{Options, Sim};
use doorstep_store::testing::TestStore;
use doorstep_upstream::Upstreams;
use doorstep_upstream::http::{HttpOptions, Origin, Surroundings};
use serde_json::{Value, json};

use crate::house::House;

/// How long one try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(2);

/// A house, and a sim that it can read.
pub async fn open(store: &TestStore, options: Options) -> (House, Arc<Sim>) {
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let options = HttpOptions {
        allowed: vec![Origin::parse(&sim.base_url()).unwrap()],
        user_agent: "doorstep/test".to_owned(),
        total_timeout: Some(TRY_TIMEOUT),
        max_body_bytes: None,
    };
    // Waits turn the sim's clock and nothing else: a lease of ours must not end by them.
    let (turned, drawn) = (Arc::clone(&sim), AtomicU64::new(1));
    let random = move || drawn.fetch_add(0x9e37_79b9, Ordering::SeqCst).rotate_left(23);
    let surroundings = Surroundings::new(store.clock.clone(), random).sleeping(move |length| {
        turned.advance(length);
        Box::pin(tokio::task::yield_now())
    });
    let house = House::reading(store, Arc::new(Upstreams::new(options, surroundings).unwrap())).await;
    (house, sim)
}

/// What connects a business of a sim, counted from 0.
pub fn settings(sim: &Sim, business: usize) -> Value {
    let (number, credentials) = sim.world(|world| {
        let tenant = &world.tenants()[business];
        (tenant.number, tenant.credentials.clone())
    });
    let url = sim.base_url();
    json!({
        "servicetitan_tenant": number.to_string(), "client_id": credentials.client_id,
        "client_secret": credentials.client_secret, "app_key": credentials.app_key,
        "api_url": url, "auth_url": url,
    })
}

/// What has the right form and opens nothing.
pub fn nobodys() -> Value {
    json!({ "servicetitan_tenant": "1", "client_id": "cid.x", "client_secret": "cs1.x", "app_key": "ak1.x" })
}

/// The sim's first customer.
pub fn first_customer(sim: &Sim) -> String {
    sim.rows(sim.tenant(), doorstep_sim::Kind::Customers)[0]["id"].to_string()
}
