//! The pages of live sources: connecting with a look first, a page that follows its run, switching off, taking away.

use doorstep_core::tenant::Role;
use doorstep_sim::{Options, Sim};
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::{HTML, check_whole, post, signed_in};
use crate::api::Program;
use crate::api::imports::settle;
use crate::connected::{open, settings};
use crate::wire::{Wire, get};

/// What is typed to connect the sim, with one setting otherwise.
fn typed<'a>(sim: &Sim, other: (&str, &str), store: &'a mut Vec<(String, String)>) -> Vec<(&'a str, &'a str)> {
    let Value::Object(settings) = settings(sim, 0) else { unreachable!() };
    for (name, value) in settings {
        let value = if name == other.0 { other.1.to_owned() } else { value.as_str().unwrap().to_owned() };
        store.push((format!("set.{name}"), value));
    }
    for (name, value) in [("interval", "900"), ("hours", "06:00-20:00"), ("name", "Ours <script>alert(1)</script>")] {
        store.push((name.to_owned(), value.to_owned()));
    }
    store.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

on_both! {
    async fn a_source_is_checked_connected_read_and_taken_away(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let staff = signed_in(&house, &store, "bob@example.com", Role::Staff).await;
        let page = async |path: &str, session: &str| {
            let answer = get(house.address, path, &[HTML, session]).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            check_whole(path, &answer.text());
            answer.text()
        };
        assert!(page("/sources", &admin).await.contains("No source is connected"));
        let mut kept = Vec::new();
        let good = typed(&sim, ("", ""), &mut kept);
        // A look keeps nothing, and no secret is written into the page again.
        let looked = post(&house, "/sources/check", &admin, &good).await;
        assert!(looked.status == 200 && looked.text().contains("It answers."), "{}", looked.text());
        let secret = settings(&sim, 0)["client_secret"].as_str().unwrap().to_owned();
        assert!(!looked.text().contains(&secret));
        assert!(page("/sources", &admin).await.contains("No source is connected"));
        assert_eq!(post(&house, "/sources/new", &staff, &good).await.status, 403);
        let made = post(&house, "/sources/new", &admin, &good).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let place = made.header("location").unwrap().split('?').next().unwrap().to_owned();
        for (path, session) in [(place.as_str(), &admin), (&place, &staff), ("/sources", &admin), ("/sources", &staff)] {
            let shown = page(path, session).await;
            assert!(shown.contains("Ours &#60;script&#62;") && !shown.contains("<script>alert"), "{path}: {shown}");
            assert!(!shown.contains(&secret), "{path}");
            assert_eq!(shown.contains("Read now"), session == &admin, "{path}");
        }
        // A stream that watches the run is told of it, and the second who asks is led to the first's.
        let run = post(&house, &format!("{place}/read"), &admin, &[]).await.header("location").unwrap();
        assert_eq!(post(&house, &format!("{place}/read"), &admin, &[]).await.header("location").unwrap(), run);
        assert!(page(&run, &staff).await.contains("Waiting"));
        let mut wire = Wire::to(house.address).await;
        let topic = format!("run-{}", run.trim_start_matches("/runs/"));
        wire.send(format!("GET /events?watch={topic} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: text/event-stream\r\n{staff}\r\n\r\n")).await;
        assert_eq!(wire.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
        settle(&house).await;
        let wanted = format!("event: {topic}");
        while wire.line().await.expect("the stream ended") != wanted {}
        let shown = page(&run, &staff).await;
        assert!(shown.contains(">Done</span>") && !shown.contains("<progress"), "{shown}");
        assert!(page(&place, &admin).await.contains("<svg class=\"chart\""));
        assert_eq!(post(&house, &format!("{run}/stop"), &admin, &[]).await.status, 409);
        // Off, and then away.
        let off = [("interval", "3600"), ("hours", "")];
        assert_eq!(post(&house, &format!("{place}/schedule"), &admin, &off).await.status, 303);
        assert!(page("/sources", &admin).await.contains("when somebody says so"));
        assert_eq!(post(&house, &format!("{place}/remove"), &admin, &[]).await.status, 303);
        assert_eq!(get(house.address, &place, &[HTML, &admin]).await.status, 404);
        // What it had brought stays.
        assert!(!page("/customers", &staff).await.contains("No customers yet"));
    }

    async fn a_source_goes_with_what_it_said_where_its_name_is_typed(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "source": "servicetitan", "settings": settings(&sim, 0) });
        let made = program.post("/connections", new).await.json();
        let id = made["connection"]["id"].as_str().unwrap().to_owned();
        let place = format!("/sources/{id}");
        assert_eq!(program.post(&format!("/connections/{id}/runs"), json!({})).await.status, 202);
        settle(&house).await;
        let shown = get(house.address, &place, &[HTML, &admin]).await.text();
        check_whole(&place, &shown);
        assert!(shown.contains(">ServiceTitan tenant</label>"), "{shown}");
        // It is called otherwise, and not what another is called, or nothing.
        let renamed = post(&house, &format!("{place}/rename"), &admin, &[("name", "Quincy <office>")]).await;
        assert_eq!(renamed.status, 303, "{}", renamed.text());
        let nameless = post(&house, &format!("{place}/rename"), &admin, &[("name", " ")]).await;
        assert!(nameless.status == 409 && nameless.text().contains("1 to 100 characters"), "{}", nameless.text());
        let wrong = [("records", "remove"), ("typed", "quincy")];
        let refused = post(&house, &format!("{place}/remove"), &admin, &wrong).await;
        assert!(refused.status == 422 && refused.text().contains("Nothing was taken away"), "{}", refused.text());
        check_whole(&place, &refused.text());
        let right = [("records", "remove"), ("typed", "Quincy <office>")];
        let gone = post(&house, &format!("{place}/remove"), &admin, &right).await;
        assert_eq!(gone.header("location").as_deref(), Some("/sources?done=leaving"), "{}", gone.text());
        let list = get(house.address, "/sources?done=leaving", &[HTML, &admin]).await.text();
        check_whole("/sources", &list);
        assert!(list.contains("Quincy &#60;office&#62;") && list.contains("taken out") && list.contains("<progress"), "{list}");
        settle(&house).await;
        let list = get(house.address, "/sources", &[HTML, &admin]).await.text();
        assert!(!list.contains("Quincy") && list.contains("No source is connected"), "{list}");
        let customers = get(house.address, "/customers", &[HTML, &admin]).await.text();
        assert!(customers.contains("No customers yet"), "{customers}");
    }

    async fn what_does_not_fit_is_told_beside_its_field_and_nothing_is_connected(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let secret = settings(&sim, 0)["client_secret"].as_str().unwrap().to_owned();
        for (name, value, told) in [
            ("client_id", "ak1.mixed-up", "id=\"set.client_id-hint\""),
            ("servicetitan_tenant", "\"><img src=x onerror=alert(1)>", "id=\"set.servicetitan_tenant-hint\""),
            ("client_secret", "cs1.wrong", "<strong>Not done.</strong>"),
        ] {
            let mut kept = Vec::new();
            let fields = typed(&sim, (name, value), &mut kept);
            for path in ["/sources/new", "/sources/check"] {
                let answer = post(&house, path, &admin, &fields).await;
                let page = answer.text();
                assert!(matches!(answer.status, 409 | 422) && page.contains(told), "{path}: {} {page}", answer.status);
                assert!(!page.contains("<img src=x") && !page.contains(&secret) && !page.contains("cs1.wrong"), "{path}: {page}");
                check_whole(path, &page);
            }
        }
        let mut kept = Vec::new();
        let mut fields = typed(&sim, ("", ""), &mut kept);
        fields.iter_mut().filter(|(name, _)| *name == "hours").for_each(|(_, value)| *value = "late");
        let answer = post(&house, "/sources/new", &admin, &fields).await;
        assert!(answer.status == 422 && answer.text().contains("are no hours"), "{}", answer.text());
        assert!(get(house.address, "/sources", &[HTML, &admin]).await.text().contains("No source is connected"));
    }
    async fn a_card_shows_the_work_of_its_customer_and_leads_to_the_source(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let staff = signed_in(&house, &store, "bob@example.com", Role::Staff).await;
        let new = json!({ "source": "servicetitan", "settings": settings(&sim, 0) });
        let made = program.post("/connections", new).await.json();
        let place = format!("/connections/{}", made["connection"]["id"].as_str().unwrap());
        assert_eq!(program.post(&format!("{place}/runs"), json!({})).await.status, 202);
        settle(&house).await;
        // Somebody with a job, and that job as the source tells it.
        let job = &sim.rows(sim.tenant(), doorstep_sim::Kind::Jobs)[0];
        let key = job["customerId"].to_string();
        let told = program.get(&format!("{place}/record?stream=customers&key={key}")).await.json();
        let path = format!("/customers/{}?tab=work", told["customer"].as_str().unwrap());
        let page = get(house.address, &path, &[HTML, &staff]).await.text();
        check_whole(&path, &page);
        assert!(page.contains(&format!("https://go.servicetitan.com/#/Customer/{key}")), "{page}");
        assert!(page.contains(">Properties</h2>") && page.contains(job["jobNumber"].as_str().unwrap()), "{page}");
        let nobody = program.customer("Nora Newcomer", "617 471 0777").await;
        let page = get(house.address, &format!("/customers/{nobody}?tab=work"), &[HTML, &staff]).await.text();
        assert!(page.contains("No work yet"), "{page}");
    }
}
