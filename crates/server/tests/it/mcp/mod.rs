//! The door for agents, as clients of the protocol meet it: over TCP, in both eras, on both databases.

mod client;
mod conformance;
mod door;
mod hostile;
mod rights;
mod tools;

use std::sync::{Arc, Mutex};

use doorstep_core::TenantId;
use doorstep_core::tenant::Role;
use doorstep_engine::verification::{CodeMessage, Delivery, Sender, Sending};
use doorstep_server::Settings;
use doorstep_store::testing::TestStore;
use serde_json::{Value, json};

use crate::entry;
use crate::house::House;
use crate::wire::{Answer, ask};

/// What every request of the present era says of itself.
pub const VERSION: &str = "2026-07-28";

/// Codes that were sent.
#[derive(Default)]
pub struct Outbox(Mutex<Vec<CodeMessage>>);

impl Outbox {
    /// The last one.
    pub fn last(&self) -> String {
        self.0.lock().unwrap().last().unwrap().code.reveal().to_owned()
    }
}

impl Sender for Outbox {
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(std::future::ready(Ok(Delivery::Sent)))
    }
}

/// A server that can send codes.
pub async fn open(store: &TestStore) -> (House, Arc<Outbox>) {
    let outbox = Arc::new(Outbox::default());
    (House::sending(store, Settings::default(), outbox.clone()).await, outbox)
}

/// A program with a key that speaks the protocol by hand, word for word.
pub struct Agent<'a> {
    pub house: &'a House,
    pub lines: Vec<String>,
}

impl<'a> Agent<'a> {
    pub async fn new(house: &'a House, tenant: TenantId, role: Role) -> Self {
        Self { house, lines: vec![entry::key(house, tenant, role).await.1] }
    }

    /// The same talking to a web user.
    pub fn with_web_user(&self, id: &str) -> Self {
        let lines = self.lines.iter().cloned().chain([format!("doorstep-web-user: {id}")]).collect();
        Self { house: self.house, lines }
    }

    /// Sends a request of the present era.
    pub async fn send(&self, method: &str, mut params: Value) -> Answer {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut lines = vec![format!("mcp-protocol-version: {VERSION}"), format!("mcp-method: {method}")];
        if let Some(name) = params["name"].as_str() {
            lines.push(format!("mcp-name: {name}"));
        }
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        self.post(&lines, body.to_string().as_bytes()).await
    }

    /// Sends bytes.
    pub async fn post(&self, lines: &[String], body: &[u8]) -> Answer {
        let mut all = vec!["content-type: application/json", "accept: application/json, text/event-stream"];
        all.extend(self.lines.iter().chain(lines).map(String::as_str));
        ask(self.house.address, "POST", "/mcp", &all, body).await
    }

    /// The names of the tools that it sees.
    pub async fn listed(&self) -> Vec<String> {
        let answer = self.send("tools/list", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tools = answer.json()["result"]["tools"].as_array().unwrap().clone();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Calls a tool; what came back.
    pub async fn call(&self, name: &str, arguments: Value) -> Answer {
        self.send("tools/call", json!({ "name": name, "arguments": arguments })).await
    }

    /// Calls a tool, which must answer; its structured content.
    pub async fn answered(&self, name: &str, arguments: Value) -> Value {
        let answer = self.call(name, arguments).await;
        let result = answer.json()["result"].clone();
        assert!(answer.status == 200 && result["isError"] == false, "{name}: {}", answer.text());
        result["structuredContent"].clone()
    }

    /// Calls a tool, which must refuse in words; those.
    pub async fn refused(&self, name: &str, arguments: Value) -> String {
        let answer = self.call(name, arguments).await;
        let result = answer.json()["result"].clone();
        assert!(answer.status == 200 && result["isError"] == true, "{name}: {}", answer.text());
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}
