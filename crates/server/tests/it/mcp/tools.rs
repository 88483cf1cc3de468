//! What the tools tell, how much of a model's attention they take, and that a code makes somebody known.

use doorstep_agent::tool::{MAX_SCHEMA_TOKENS, MAX_TOOLS};
use doorstep_core::tenant::Role;
use doorstep_store::dialect::Dialect;
use doorstep_store::on_both;
use doorstep_store::testing::TestStore;
use serde_json::{Value, json};

use super::{Agent, open};
use crate::api::Program;

#[tokio::test]
async fn the_list_is_short() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let (house, _) = open(&store).await;
    let vocabulary = tiktoken_rs::o200k_base().unwrap();
    for role in [Role::Owner, Role::Agent] {
        let agent = Agent::new(&house, store.tenant.id, role).await;
        let answer = agent.send("tools/list", json!({})).await.json();
        let result = &answer["result"];
        let tools = result["tools"].as_array().unwrap();
        let tokens = vocabulary.encode_ordinary(&Value::from(tools.clone()).to_string()).len();
        println!("{role:?}: {} tools, {tokens} tokens", tools.len());
        assert!(tools.len() <= MAX_TOOLS && tokens <= MAX_SCHEMA_TOKENS, "{} tools, {tokens} tokens", tools.len());
        // Whoever asks sees what is theirs: nobody between may keep it for another.
        assert_eq!((&result["cacheScope"], &result["ttlMs"]), (&json!("private"), &json!(0)));
        // A stable order: what a model has read stays as it was.
        assert_eq!(agent.send("tools/list", json!({})).await.json(), answer);
    }
}

on_both! {
    async fn the_office_looks_customers_up(store: TestStore) {
        let (house, _) = open(&store).await;
        let office = Program::new(&house, store.tenant.id, Role::Staff).await;
        let ann = office.customer("Ann Miller", "617 471 0142").await;
        let agent = Agent::new(&house, store.tenant.id, Role::Staff).await;
        for named in [json!({ "customer_id": ann }), json!({ "phone": "(617) 471-0142" })] {
            let told = agent.answered("get_customer", named).await;
            assert_eq!(told["customer"]["customer_id"], json!(ann), "{told}");
            assert_eq!(told["customer"]["phones"], json!([{ "value": "+16174710142" }]), "{told}");
        }
        let found = agent.answered("search_customers", json!({ "query": "mill" })).await;
        assert_eq!((&found["customers"][0]["customer_id"], &found["more"]), (&json!(ann), &json!(false)), "{found}");
        assert_eq!(agent.answered("get_customer", json!({ "phone": "617 471 0177" })).await, json!({ "outcome": "none" }));
        assert!(agent.refused("list_jobs", json!({ "phone": "617 471 0177" })).await.contains("search_customers"));
        assert!(agent.refused("get_customer", json!({})).await.contains("exactly one"));
        assert!(agent.refused("get_customer", json!({ "phone": "617 471 0142", "email": "a@example.com" })).await.contains("exactly one"));
        // Spouses on one landline: nobody is guessed.
        office.post("/customers", json!({ "name": "Zoltan Varga", "phones": ["617 471 0142"] })).await;
        let told = agent.answered("get_customer", json!({ "phone": "617 471 0142" })).await;
        assert_eq!((&told["outcome"], told["candidates"].as_array().unwrap().len()), (&json!("several"), 2), "{told}");
        let refused = agent.refused("list_jobs", json!({ "phone": "617 471 0142" })).await;
        assert!(refused.contains("Ann Miller") && refused.contains("Zoltan Varga") && refused.contains(&ann), "{refused}");
        assert_eq!(agent.answered("list_jobs", json!({ "customer_id": ann, "which": "open" })).await["jobs"], json!([]));
    }

    /// The same text that prompts get, for whom the session may hear it.
    async fn a_context_is_told_at_the_level_of_the_session(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let office = Program::new(&house, store.tenant.id, Role::Staff).await;
        let (ann, _) = (office.customer("Ann Miller", "617 471 0142").await, office.customer("Bob Reed", "617 471 0143").await);
        let staff = Agent::new(&house, store.tenant.id, Role::Staff).await;
        let told = staff.answered("get_customer_context", json!({ "phone": "(617) 471-0142" })).await;
        assert_eq!((&told["outcome"], &told["customer_id"], &told["assurance"]), (&json!("one"), &json!(ann), &json!("staff")));
        assert!(told["text"].as_str().unwrap().contains("Name: Ann Miller"), "{told}");
        let text = staff.call("get_customer_context", json!({ "phone": "(617) 471-0142" })).await.json();
        assert!(text["result"]["content"][0]["text"].as_str().unwrap().contains("## Customer Profile\n"), "{text}");
        assert_eq!(staff.answered("get_customer_context", json!({ "phone": "617 471 0177" })).await, json!({ "outcome": "none" }));
        // To somebody who is not known nothing is told, not even whether there is anybody.
        let agent = Agent::new(&house, store.tenant.id, Role::Agent).await.with_web_user("visitor-1");
        let nobody = agent.answered("get_customer_context", json!({})).await;
        assert!(nobody["assurance"] == "none" && !nobody.to_string().contains("Ann"), "{nobody}");
        agent.answered("request_verification", json!({ "phone": "617 471 0142" })).await;
        agent.answered("confirm_verification", json!({ "code": outbox.last() })).await;
        let told = agent.answered("get_customer_context", json!({})).await;
        assert!(told["assurance"] == "verified" && told["text"].as_str().unwrap().contains("Ann Miller"), "{told}");
        assert!(!told.to_string().contains("cus_") && !told.to_string().contains("Bob"), "{told}");
        let refused = agent.refused("get_customer_context", json!({ "phone": "617 471 0143" })).await;
        assert!(refused.contains("one person"), "{refused}");
    }

    /// By the office and by an agent who talks to them; again is nothing new.
    async fn what_is_said_by_hand_is_kept_and_told(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let ann = Program::new(&house, store.tenant.id, Role::Staff).await.customer("Ann Miller", "617 471 0142").await;
        let staff = Agent::new(&house, store.tenant.id, Role::Staff).await;
        let agent = Agent::new(&house, store.tenant.id, Role::Agent).await.with_web_user("visitor-1");
        let nobody = agent.refused("add_note", json!({ "text": "Has a new boiler." })).await;
        assert!(nobody.contains("not known who this is"), "{nobody}");
        agent.answered("request_verification", json!({ "phone": "617 471 0142" })).await;
        agent.answered("confirm_verification", json!({ "code": outbox.last() })).await;
        let added = agent.answered("add_note", json!({ "text": "Has a new boiler." })).await;
        assert!(added["is_new"] == true && added["customer_id"].is_null(), "{added}");
        let again = agent.answered("add_note", json!({ "text": "Has a new boiler." })).await;
        assert_eq!((&again["is_new"], &again["remark_id"]), (&json!(false), &added["remark_id"]));
        let preference = json!({ "phone": "617 471 0142", "topic": "time", "text": "Mornings only" });
        assert_eq!(staff.answered("record_preference", preference).await["customer_id"], json!(ann));
        let address = json!({ "phone": "617 471 0142", "address": "123 Main St, Quincy, MA 02169" });
        assert_eq!(staff.answered("add_address", address.clone()).await["is_new"], true);
        let told = staff.answered("get_customer_context", json!({ "customer_id": ann })).await;
        let text = told["text"].as_str().unwrap();
        assert!(text.contains("Mornings only") && text.contains("123 Main St"), "{text}");
        let found = staff.answered("search_conversations", json!({ "customer_id": ann, "query": "boiler" })).await;
        assert_eq!(found, json!({ "messages": [], "more": false }));
        assert!(staff.refused("record_preference", json!({ "customer_id": ann, "topic": "mood", "text": "x" })).await.contains("`topic` must be one of time"));
    }

    async fn a_code_makes_somebody_known_and_a_wrong_one_does_not(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let agent = Agent::new(&house, store.tenant.id, Role::Agent).await.with_web_user("visitor-1");
        let sent = agent.answered("request_verification", json!({ "email": "dora@harborhvac.com" })).await;
        assert_eq!(sent["delivery"], "sent", "{sent}");
        let right = outbox.last();
        let wrong = if right == "000000" { "111111" } else { "000000" };
        assert!(agent.refused("confirm_verification", json!({ "code": wrong })).await.contains("not the code"));
        assert_eq!(agent.answered("confirm_verification", json!({ "code": right })).await["is_new"], json!(true));
        assert_eq!(agent.answered("list_jobs", json!({})).await["more"], json!(false));
        for _ in 0..4 {
            agent.call("request_verification", json!({ "email": "dora@harborhvac.com" })).await;
        }
        let refused = agent.refused("request_verification", json!({ "email": "dora@harborhvac.com" })).await;
        assert!(!refused.contains("dora"), "{refused}");
    }
}
