//! What rmcp asks of a server: our tools, as the session may see them, and nothing else that the protocol has.

use std::sync::Arc;

use axum::http::request::Parts;
use doorstep_agent::refusal::Kind;
use doorstep_agent::tool::{self, Effect, INSTRUCTIONS};
use doorstep_agent::{Refusal, Session};
use doorstep_engine::Engine;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    ConstString, ContentBlock, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::stdio::Local;

/// The session that a request came with, left with its head by the door.
#[derive(Clone, Debug)]
pub(super) struct Asked(pub Session);

/// The tools as a server of the protocol. One for each request over HTTP, one for each program over stdio.
pub(crate) struct Tools {
    engine: Engine,
    through: Through,
}

/// How a call comes by its session.
enum Through {
    /// With its request.
    Http,
    /// From what the program was started with.
    Stdio(Local),
}

impl Tools {
    pub(super) fn over_http(engine: Engine) -> Self {
        Self { engine, through: Through::Http }
    }

    pub(super) fn over_stdio(engine: Engine, local: Local) -> Self {
        Self { engine, through: Through::Stdio(local) }
    }

    /// Who asks, as things stand at this call.
    async fn session(&self, context: &RequestContext<RoleServer>) -> Result<Session, ErrorData> {
        match &self.through {
            Through::Http => {
                let asked = context.extensions.get::<Parts>().and_then(|head| head.extensions.get::<Asked>());
                let Asked(session) =
                    asked.ok_or_else(|| ErrorData::internal_error("the request lost its session", None))?;
                Ok(session.clone())
            }
            Through::Stdio(local) => local.session(&self.engine).await.map_err(|refusal| refused(&refusal)),
        }
    }
}

fn refused(refusal: &Refusal) -> ErrorData {
    ErrorData::invalid_request(refusal.text.clone(), None)
}

/// A tool as the protocol tells it.
fn told(tool: &tool::Tool, session: &Session) -> Tool {
    let mut hints = ToolAnnotations::new().open_world(tool.effect == Effect::Sends);
    hints = match tool.effect {
        Effect::Reads => hints.read_only(true),
        Effect::Sets => hints.read_only(false).destructive(false).idempotent(true),
        Effect::Adds | Effect::Sends => hints.read_only(false).destructive(false).idempotent(false),
    };
    let mut told = Tool::new(tool.name, tool.description, Arc::new(tool.input_schema(session)));
    told.title = Some(tool.title.to_owned());
    told.output_schema = Some(Arc::new(tool.output_schema()));
    told.annotations = Some(hints);
    told
}

/// What the protocol has and we do not. Said as "there is no such method", so that nobody takes us for having none of it
/// at the moment.
async fn not_here<M: ConstString, T>() -> Result<T, ErrorData> {
    Err(ErrorData::method_not_found::<M>())
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let ours = Implementation::new("doorstep", env!("CARGO_PKG_VERSION")).with_title("Doorstep");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(ours)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let session = self.session(&context).await?;
        let mut listed =
            ListToolsResult::with_all_items(tool::available(&session).map(|tool| told(tool, &session)).collect());
        // What somebody may do is theirs, and may end at any moment.
        (listed.ttl_ms, listed.cache_scope) = (Some(0), Some(CacheScope::Private));
        Ok(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let _place = match &self.through {
            Through::Http => None,
            Through::Stdio(local) => local.place().await,
        };
        let session = self.session(&context).await?;
        let said = request.arguments.unwrap_or_default();
        let done = tool::call(&self.engine, &session, &request.name, &said).await;
        let result = match done {
            Ok(answer) => {
                let text = answer.text();
                let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
                result.structured_content = Some(answer.structured);
                result
            }
            Err(refusal) if refusal.kind == Kind::UnknownTool => {
                return Err(ErrorData::invalid_params(refusal.text, None));
            }
            // A refusal is an answer: the model reads it and does otherwise.
            Err(refusal) => CallToolResult::error(vec![ContentBlock::text(refusal.text)]),
        };
        Ok(result.into())
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        not_here::<rmcp::model::CompleteRequestMethod, _>().await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        not_here::<rmcp::model::ListPromptsRequestMethod, _>().await
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        not_here::<rmcp::model::ListResourcesRequestMethod, _>().await
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        not_here::<rmcp::model::ListResourceTemplatesRequestMethod, _>().await
    }
}
