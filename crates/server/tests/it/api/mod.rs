//! REST as programs meet it: over TCP, on both databases, every answer held to the schema that the document gives it.

mod bad_input;
mod connection;
mod context;
mod customers;
mod idempotency;
mod identity;
pub mod imports;
mod mark;
mod people;
mod refresh;
mod remark;
mod rights;
mod rule_set;
mod schema;
mod schemathesis;
mod verification;

use doorstep_core::TenantId;
use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::testing::TestStore;
use serde_json::{Value, json};

use crate::entry;
use crate::house::House;
use crate::wire::{Answer, ask};

/// A program with a key.
pub struct Program<'a> {
    pub house: &'a House,
    pub key: String,
}

impl<'a> Program<'a> {
    pub async fn new(house: &'a House, tenant: TenantId, role: Role) -> Self {
        Self { house, key: entry::key(house, tenant, role).await.1 }
    }

    /// Asks for an address after `/api/v1`, with more lines in the head and perhaps a body.
    pub async fn ask(&self, method: &str, place: &str, lines: &[&str], body: Option<&Value>) -> Answer {
        let path = format!("/api/v1{place}");
        let text = body.map(Value::to_string).unwrap_or_default();
        let mut all = vec![self.key.as_str()];
        all.extend(lines);
        if body.is_some() {
            all.push("content-type: application/json");
        }
        let answer = ask(self.house.address, method, &path, &all, text.as_bytes()).await;
        schema::check(method, place, &answer);
        answer
    }

    pub async fn get(&self, place: &str) -> Answer {
        self.ask("GET", place, &[], None).await
    }

    pub async fn post(&self, place: &str, body: Value) -> Answer {
        self.ask("POST", place, &[], Some(&body)).await
    }

    pub async fn patch(&self, place: &str, body: Value) -> Answer {
        self.ask("PATCH", place, &[], Some(&body)).await
    }

    /// A new customer's id.
    pub async fn customer(&self, name: &str, phone: &str) -> String {
        let made = self.post("/customers", json!({ "name": name, "phones": [phone] })).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["customer"].as_str().unwrap().to_owned()
    }
}

pub async fn open(store: &TestStore) -> House {
    House::real(store, Settings::default()).await
}

/// The kind of a problem.
pub fn kind(answer: &Answer) -> String {
    let json = answer.json();
    json["type"].as_str().unwrap().trim_start_matches("urn:doorstep:problem:").to_owned()
}
