//! The official client of the protocol in Rust, on connections of ours: what it says and understands is its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use futures_util::stream::BoxStream;
use rmcp::model::{CallToolRequestParams, ClientJsonRpcMessage, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse,
};
use rmcp::{ClientLifecycleMode, RoleClient, serve_client_with_lifecycle};
use serde_json::json;
use sse_stream::Sse;

use super::open;
use crate::entry;
use crate::wire::ask;

/// Posts to a server.
#[derive(Clone)]
struct Wired(SocketAddr);

type Failed = StreamableHttpError<std::io::Error>;

impl StreamableHttpClient for Wired {
    type Error = std::io::Error;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        key: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failed> {
        assert!(session.is_none(), "there are no sessions");
        let mut lines = vec![
            "content-type: application/json".to_owned(),
            "accept: application/json, text/event-stream".to_owned(),
            format!("authorization: Bearer {}", key.unwrap_or_default()),
        ];
        lines.extend(headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let body = serde_json::to_vec(&message)?;
        let answer = ask(self.0, "POST", "/mcp", &lines, &body).await;
        match answer.status {
            202 => Ok(StreamableHttpPostResponse::Accepted),
            _ if answer.header("content-type").as_deref() == Some("application/json") => {
                assert_eq!(answer.header("mcp-session-id"), None);
                Ok(StreamableHttpPostResponse::Json(serde_json::from_slice(&answer.body)?, None))
            }
            _ => Err(StreamableHttpError::UnexpectedServerResponse(answer.text().into())),
        }
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        _: Arc<str>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Failed> {
        Err(StreamableHttpError::ServerDoesNotSupportDeleteSession)
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        _: Option<Arc<str>>,
        _: Option<String>,
        _: Option<String>,
        _: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failed> {
        Err(StreamableHttpError::ServerDoesNotSupportSse)
    }
}

/// A client with a key, in one of the two eras.
async fn connect(address: SocketAddr, key: &str, mode: ClientLifecycleMode) -> RunningService<RoleClient, ()> {
    let key = key.strip_prefix("authorization: Bearer ").unwrap();
    let config = StreamableHttpClientTransportConfig::with_uri("http://localhost/mcp").auth_header(key);
    let transport = StreamableHttpClientTransport::with_client(Wired(address), config);
    serve_client_with_lifecycle((), transport, mode).await.unwrap()
}

on_both! {
    async fn a_client_of_either_era_lists_the_tools_and_calls_them(store: TestStore) {
        let (house, _) = open(&store).await;
        let (_, key) = entry::key(&house, store.tenant.id, Role::Staff).await;
        let ann = crate::api::Program { house: &house, key: key.clone() }.customer("Ann Miller", "617 471 0142").await;
        let modern = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        for mode in [ClientLifecycleMode::Initialize, modern] {
            let client = connect(house.address, &key, mode.clone()).await;
            let tools = client.list_all_tools().await.unwrap();
            assert_eq!(tools.len(), doorstep_agent::tool::ALL.len(), "{mode:?}");
            for tool in &tools {
                assert!(tool.output_schema.is_some() && tool.title.is_some(), "{}", tool.name);
                let hints = tool.annotations.as_ref().unwrap();
                assert!(hints.read_only_hint == Some(true) || !hints.is_destructive(), "{}", tool.name);
            }
            let arguments = json!({ "phone": "(617) 471-0142" }).as_object().unwrap().clone();
            let call = CallToolRequestParams::new("get_customer").with_arguments(arguments);
            let result = client.call_tool(call).await.unwrap();
            let told = result.structured_content.unwrap();
            assert_eq!((&told["customer"]["customer_id"], &told["customer"]["name"]), (&json!(ann), &json!("Ann Miller")));
            // For clients that know texts alone.
            let text = result.content[0].as_text().unwrap().text.clone();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), told);
            client.cancel().await.unwrap();
        }
    }
}
