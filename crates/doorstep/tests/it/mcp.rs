//! `doorstep mcp`, as a client that starts it meets it: the official client of the protocol, on the program's own
//! standard input and output.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{ClientLifecycleMode, RoleClient, ServiceError, serve_client_with_lifecycle};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::house::{House, in_both_houses};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Where the program's log goes.
const LOG: &str = "log";

/// A client and the program that it started.
struct Started {
    client: RunningService<RoleClient, ()>,
    program: Child,
}

impl Started {
    async fn with(house: &House, args: &[&str], key: Option<&str>, mode: ClientLifecycleMode) -> Self {
        let mut command = house.command(args);
        // At its most talkative the log still tells nothing of what is said here.
        let log = File::create(house.path(LOG)).unwrap();
        command.env("DOORSTEP_LOG_LEVEL", "trace").stderr(Stdio::from(log));
        command.envs(key.map(|key| ("DOORSTEP_API_KEY", key)));
        let mut command = Command::from(command);
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let pipes = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
        let transport = AsyncRwTransport::new_client(pipes.0, pipes.1);
        let client = tokio::time::timeout(LIMIT, serve_client_with_lifecycle((), transport, mode)).await;
        Self { client: client.expect("it does not answer").unwrap(), program }
    }

    async fn call(&self, name: &'static str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let call = CallToolRequestParams::new(name).with_arguments(arguments.as_object().unwrap().clone());
        tokio::time::timeout(LIMIT, self.client.call_tool(call)).await.expect("no answer")
    }

    /// Hangs up; the program ends by itself.
    async fn end(mut self) {
        self.client.cancel().await.unwrap();
        let ended = tokio::time::timeout(LIMIT, self.program.wait()).await.expect("it does not end").unwrap();
        assert!(ended.success(), "{ended}");
    }
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
}

in_both_houses! {
    /// As whoever starts it, in both eras of the protocol.
    async fn a_client_starts_the_program_and_calls_its_tools(house: House) {
        let made = house.json(&["customer", "find-or-create", "--phone", "617 471 0142", "--name", "Ann Miller"]);
        for mode in [ClientLifecycleMode::Initialize, modern()] {
            let started = Started::with(&house, &["mcp"], None, mode).await;
            assert_eq!(started.client.list_all_tools().await.unwrap().len(), doorstep_agent::tool::ALL.len());
            let told = started.call("get_customer", json!({ "phone": "(617) 471-0142" })).await.unwrap();
            assert_eq!(told.structured_content.unwrap()["customer"]["customer_id"], made["customer"]);
            started.end().await;
            let log = std::fs::read_to_string(house.path(LOG)).unwrap();
            assert!(log.contains("a tool was called"), "{log}");
            assert!(!log.contains("Miller") && !log.contains("471-0142") && !log.contains("6174710142"), "{log}");
        }
    }

    /// With a key, which counts at every call; with a web user, who is the only one it is about.
    async fn a_key_is_asked_at_every_call_and_a_web_user_binds(house: House) {
        let made = house.json(&["api-key", "create", "agent", "--role", "agent"]);
        let key = made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let started = Started::with(&house, &["mcp", "--web-user", "visitor-1"], Some(&key), modern()).await;
        let tools = started.client.list_all_tools().await.unwrap();
        assert!(tools.iter().all(|tool| tool.name != "search_customers"));
        let refused = started.call("list_jobs", json!({})).await.unwrap();
        assert_eq!(refused.is_error, Some(true), "{refused:?}");
        house.run(&["api-key", "revoke", made["id"].as_str().unwrap()]).ok();
        let refused = started.call("list_jobs", json!({})).await.unwrap_err().to_string();
        assert!(refused.contains("opens nothing"), "{refused}");
        started.end().await;
        let mut command = house.command(&["mcp"]);
        let output = command.env("DOORSTEP_API_KEY", &key).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("opens nothing here") && !said.contains(&key), "{said}");
        assert!(house.run(&["mcp", "--web-user", "a b"]).ended(2).contains("--web-user"));
    }
}

/// The body of an answer; `head` without its end.
pub fn told(listen: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(listen).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nHost: {listen}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Asks a server as a client does that was configured with `text`.
pub async fn asks_with(text: &str) {
    let client: Value = serde_json::from_str(text).unwrap();
    let server = &client["mcpServers"]["doorstep"];
    let (listen, path) = server["url"].as_str().unwrap().strip_prefix("http://").unwrap().split_once('/').unwrap();
    let key = server["headers"]["Authorization"].as_str().unwrap();
    let head = format!(
        "POST /{path} HTTP/1.1\r\nAuthorization: {key}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream"
    );
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let told: Value = serde_json::from_str(&told(listen, &head, &body)).unwrap();
    let tools = told["result"]["tools"].as_array().unwrap_or_else(|| panic!("{told}"));
    assert_eq!(tools.len(), doorstep_agent::tool::ALL.len(), "{told}");
}
