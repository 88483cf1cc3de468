//! "Read again now" on a card, without any script.

use doorstep_core::tenant::Role;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Edit, Options};
use doorstep_store::on_both;
use serde_json::json;

use super::{HTML, check_whole, post, signed_in};
use crate::api::Program;
use crate::api::imports::settle;
use crate::connected::{first_customer, open, settings};
use crate::wire::get;

on_both! {
    async fn a_card_says_how_old_it_is_and_reads_its_customer_again(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "source": "servicetitan", "name": "Ours <b>", "settings": settings(&sim, 0), "open_hours": null });
        assert_eq!(program.post("/connections", new).await.status, 201);
        settle(&house).await;
        let key = first_customer(&sim);
        let whom = json!({ "identifier": key, "type": "servicetitan_id" });
        let asked = program.post("/customer-context/sync", whom).await.json();
        let card = format!("/customers/{}", asked["customer"].as_str().unwrap());
        settle(&house).await;
        let staff = signed_in(&house, &store, "bob@example.com", Role::Staff).await;
        let page = async |path: &str| {
            let answer = get(house.address, path, &[HTML, &staff]).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            check_whole(path, &answer.text());
            answer.text()
        };
        let shown = page(&card).await;
        assert!(shown.contains("Read again now") && shown.contains("Ours &#60;b&#62;"), "{shown}");
        // With a worker, as in a server.
        store.clock.turn_seconds(60);
        sim.world(|world| {
            let number = world.first().number;
            let customer = key.parse().unwrap();
            world.edit(number, Edit::SetBalance { customer, cents: 12_345 });
            world.edit(number, Edit::Rename { customer, name: "Ada Marsh".to_owned() })
        });
        sim.advance(std::time::Duration::from_secs(60));
        let (engine, (stop, stopped)) = (house.engine.clone(), tokio::sync::oneshot::channel::<()>());
        #[allow(clippy::disallowed_methods, reason = "it ends with its test")]
        let working = tokio::task::spawn(async move {
            let stopped = async { _ = stopped.await; };
            Worker::new(engine, Tasks).run_until(stopped).await.unwrap();
        });
        let pressed = post(&house, &format!("{card}/sync?tab=work"), &staff, &[]).await;
        assert_eq!(pressed.status, 303, "{}", pressed.text());
        let place = pressed.header("location").unwrap();
        assert!(place.contains("tab=work") && place.contains("done=read"), "{place}");
        let shown = page(&place).await;
        assert!(shown.contains("Read again: this is what the sources say now.") && shown.contains("Ada Marsh"), "{shown}");
        assert!(shown.contains("Owes $123.45"), "{shown}");
        _ = stop.send(());
        working.await.unwrap();
    }
}
