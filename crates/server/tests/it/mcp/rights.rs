//! Every tool as nobody, read-only, agent, staff and another business (I-13 to I-15), and rights that end (I-17).

use doorstep_agent::tool;
use doorstep_core::permission::PermissionSet;
use doorstep_core::tenant::{Permission, Role};
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
use serde_json::{Value, json};

use super::{Agent, open};
use crate::api::Program;
use crate::entry::{key, operator};

/// Arguments with which a tool answers for the house, about the customer `id` or a phone that nobody has.
fn usual(name: &str, id: &str) -> Value {
    match name {
        "search_customers" => json!({ "query": "Miller" }),
        "search_conversations" => json!({ "customer_id": id, "query": "hello" }),
        "add_note" => json!({ "customer_id": id, "text": "Has a new boiler." }),
        "record_preference" => json!({ "customer_id": id, "topic": "time", "text": "Mornings" }),
        "add_address" => json!({ "customer_id": id, "address": "123 Main St, Quincy, MA 02169" }),
        "request_verification" => json!({ "web_user": "visitor-1", "phone": "617 471 0142" }),
        "confirm_verification" => json!({ "web_user": "visitor-1", "code": "123456" }),
        _ => json!({ "customer_id": id }),
    }
}

/// What each role may, as the product says it: the same for whoever reads this table and for the code.
fn may(role: Role, name: &str) -> bool {
    let writes = ["add_note", "record_preference", "add_address", "request_verification", "confirm_verification"];
    match role {
        Role::ReadOnly => !writes.contains(&name),
        Role::Agent => !["get_customer", "search_customers"].contains(&name),
        Role::Staff | Role::Admin | Role::Owner => true,
    }
}

on_both! {
    async fn every_tool_is_for_whom_it_says(store: TestStore) {
        let (house, _) = open(&store).await;
        let ann = Program::new(&house, store.tenant.id, Role::Staff).await.customer("Ann Miller", "617 471 0142").await;
        for role in Role::ALL {
            let agent = Agent::new(&house, store.tenant.id, role).await;
            let listed = agent.listed().await;
            for tool in tool::ALL {
                assert_eq!(listed.iter().any(|name| name == tool.name), may(role, tool.name), "{role:?} {}", tool.name);
                let answer = agent.call(tool.name, usual(tool.name, &ann)).await;
                let is_refused_outright = answer.status == 403 || answer.json()["result"]["isError"] == true;
                if !may(role, tool.name) {
                    assert!(is_refused_outright, "{role:?} {}: {}", tool.name, answer.text());
                    assert!(!answer.text().contains("Miller"), "{role:?} {}: {}", tool.name, answer.text());
                }
                if answer.status == 403 {
                    let challenge = answer.header("www-authenticate").unwrap();
                    assert!(challenge.contains("insufficient_scope") && challenge.contains(tool.needs.as_str()), "{challenge}");
                }
            }
        }
        let nobody = Agent { house: &house, lines: vec![] };
        for tool in tool::ALL {
            assert_eq!(nobody.call(tool.name, usual(tool.name, &ann)).await.status, 401, "{}", tool.name);
        }
    }

    /// I-13.
    async fn another_business_finds_nobody(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let ann = Program::new(&house, store.tenant.id, Role::Staff).await.customer("Ann Miller", "617 471 0142").await;
        let ours = Agent::new(&house, store.tenant.id, Role::Staff).await;
        let theirs = create_tenant(&house.engine.db, "Charles River Heating", "+16174719999").await;
        let them = Agent::new(&house, theirs.id, Role::Owner).await;
        // Ours is verified as a web user whose id they use, too.
        ours.answered("request_verification", json!({ "web_user": "visitor-1", "phone": "617 471 0142" })).await;
        ours.answered("confirm_verification", json!({ "web_user": "visitor-1", "code": outbox.last() })).await;
        let never = "cus_01h455vb4pex5vsknk084sn02q";
        for tool in tool::ALL.iter().filter(|tool| tool.name != "request_verification") {
            let (of_ours, of_nobody) =
                (them.call(tool.name, usual(tool.name, &ann)).await, them.call(tool.name, usual(tool.name, never)).await);
            let bare = |text: String| text.replace(&ann, "?").replace(never, "?");
            assert_eq!(bare(of_ours.text()), bare(of_nobody.text()), "{}", tool.name);
            assert!(!of_ours.text().contains("Miller"), "{}: {}", tool.name, of_ours.text());
        }
        let agent = Agent::new(&house, theirs.id, Role::Agent).await.with_web_user("visitor-1");
        assert!(agent.refused("list_jobs", json!({})).await.contains("not known who this is"));
    }

    /// I-15: what a model writes never says whom it talks to.
    async fn an_agent_is_told_of_whom_it_talks_to_and_names_nobody(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let office = Program::new(&house, store.tenant.id, Role::Staff).await;
        let (ann, _bob) = (office.customer("Ann Miller", "617 471 0142").await, office.customer("Bob Reed", "617 471 0143").await);
        let key = Agent::new(&house, store.tenant.id, Role::Agent).await;
        let agent = key.with_web_user("visitor-1");
        for (name, value) in [("customer_id", ann.as_str()), ("phone", "617 471 0142"), ("email", "ann@example.com")] {
            for agent in [&key, &agent] {
                let refused = agent.refused("list_jobs", json!({ name: value })).await;
                assert!(refused.contains(name) && refused.contains("one person"), "{refused}");
            }
        }
        assert!(agent.refused("list_jobs", json!({})).await.contains("not known who this is"));
        assert!(key.refused("request_verification", json!({ "phone": "617 471 0142" })).await.contains("does not say which web user"));
        // Nor by saying which web user it talks to.
        let said = agent.refused("request_verification", json!({ "web_user": "visitor-2", "phone": "617 471 0142" })).await;
        assert!(said.contains("web_user"), "{said}");
        agent.answered("request_verification", json!({ "phone": "617 471 0142" })).await;
        let told = agent.answered("confirm_verification", json!({ "code": outbox.last() })).await;
        assert_eq!(told, json!({ "verified": true, "is_new": false }));
        assert_eq!(agent.answered("list_jobs", json!({})).await, json!({ "jobs": [], "more": false }));
        let listed = agent.send("tools/list", json!({})).await.json();
        for tool in listed["result"]["tools"].as_array().unwrap() {
            let takes = &tool["inputSchema"]["properties"];
            assert!(takes["customer_id"].is_null() && takes["web_user"].is_null(), "{tool}");
        }
        // Another conversation of the same program is with somebody else.
        assert!(key.with_web_user("visitor-2").refused("list_jobs", json!({})).await.contains("not known who this is"));
        // A key of the office is bound just as well where its program says whom it talks to.
        let office = Agent::new(&house, store.tenant.id, Role::Staff).await.with_web_user("visitor-1");
        assert!(office.refused("list_jobs", json!({ "phone": "617 471 0143" })).await.contains("one person"));
        assert!(!office.listed().await.contains(&"search_customers".to_owned()));
    }

    /// I-17.
    async fn a_right_that_is_taken_away_is_gone_at_the_next_call(store: TestStore) {
        let (house, _) = open(&store).await;
        let sam = operator(store.tenant.id);
        let (id, line) = key(&house, store.tenant.id, Role::Staff).await;
        let agent = Agent { house: &house, lines: vec![line] };
        assert_eq!(agent.call("search_customers", json!({ "query": "ann" })).await.status, 200);
        house.engine.revoke_api_key(&sam, id).await.unwrap();
        assert_eq!(agent.call("search_customers", json!({ "query": "ann" })).await.status, 401);
        // A key may be given less than its role grants.
        let scopes: PermissionSet = [Permission::Read].into_iter().collect();
        let new = NewApiKey { name: Label::parse("reader").unwrap(), role: Role::Staff, scopes: Some(scopes), expires_at: None };
        let (_, token) = house.engine.create_api_key(&sam, &new).await.unwrap();
        let narrowed = Agent { house: &house, lines: vec![format!("authorization: Bearer {}", token.reveal())] };
        assert!(!narrowed.listed().await.contains(&"request_verification".to_owned()));
        let refused = narrowed.call("request_verification", json!({ "web_user": "v", "phone": "617 471 0142" })).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
}
