//! What happens at a live source, on an open page: from the end of the run that read it.

use std::process::Command;
use std::time::Duration;

use doorstep_core::{Clock, Timestamp};
use doorstep_sim::{Edit, Options, Sim};
use serde_json::Value;

use crate::house::{House, WallClock};
use crate::live::open_page;

/// Customers of the house beside those of the source.
const CUSTOMERS: u64 = 1_000;
/// Edits that are told.
const EDITS: u32 = 30;

/// From the end of each run until an open page hears of what it brought; shortest first. A page that heard of it while the
/// run still went on has waited for nothing.
pub async fn lateness(database: &str) -> Vec<Duration> {
    let sim = Sim::start(Options::default()).await.expect("the source listens");
    let house = House::filled(database, CUSTOMERS).await.reading(&sim.base_url());
    let file = house.keep("servicetitan.toml", &settings(&sim));
    let add = ["connection", "add", "servicetitan", "--settings", &file, "--hours", "always", "--no-check"];
    output(house.command(&add)).await;
    let server = house.serve().await;
    let mut page = open_page(&server, &server.sign_in().await).await;
    let now = ["sync", "now", "servicetitan", "--json"];
    output(house.command(&now)).await;
    let customer = sim.world(|world| world.first().customers.iter().next().map(|it| it.head.id)).expect("a customer");
    let mut late = Vec::new();
    for number in 0..EDITS {
        // Longer than a topic rests, and never in step with what the server does by the clock.
        tokio::time::sleep(Duration::from_micros(600_000 + u64::from(number) * 7_919 % 230_000)).await;
        page.forget().await;
        let name = format!("Zelda Quill {number}");
        let business = sim.tenant();
        assert!(sim.world(|world| world.edit(business, Edit::Rename { customer, name })), "it is called that");
        let heard = async {
            page.wait_for("event: customers").await;
            WallClock.now()
        };
        let (heard, run) = tokio::join!(heard, output(house.command(&now)));
        let ended: Timestamp = serde_json::from_value(run["finished_at"].clone()).expect("when it was over");
        late.push(Duration::from_micros(u64::try_from(heard.micros() - ended.micros()).unwrap_or(0)));
    }
    late.sort_unstable();
    late
}

fn settings(sim: &Sim) -> String {
    let (tenant, it, url) = (sim.tenant(), sim.credentials(), sim.base_url());
    format!(
        "servicetitan_tenant = {tenant}\nclient_id = '{}'\nclient_secret = '{}'\napp_key = '{}'\napi_url = '{url}'\n\
         auth_url = '{url}'\n",
        it.client_id, it.client_secret, it.app_key
    )
}

/// What the program says, while the source answers it from here.
async fn output(mut command: Command) -> Value {
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("the program runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap_or_default()
}
