//! `doorstep mcp`: the tools of agents over standard input and output.

use doorstep_core::Scope;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::verification::WebUser;
use doorstep_engine::Engine;
use doorstep_server::mcp::stdio::{self, Entry};

use crate::failure::Failure;
use crate::hub::Program;
use crate::stop::Stop;

pub const LONG_ABOUT: &str = "\
Give an AI agent on this machine its tools, over standard input and output (MCP).

A program that knows the Model Context Protocol starts this command by itself: name it in that program's configuration. \
It opens the same data as every other command, also while a server runs.

With an API key in DOORSTEP_API_KEY, or in a file that DOORSTEP_API_KEY_FILE names, the agent may do what the key may, \
and nothing more once the key is revoked. Without one it acts as whoever started it, with the role `staff`: who can start \
it can read the data anyway.";

const EXAMPLE: &str = "\
Examples:
  doorstep mcp
  DOORSTEP_API_KEY_FILE=/run/secrets/agent doorstep mcp
  doorstep mcp --web-user visitor-4711";

/// Give an AI agent on this machine its tools.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The agent talks to one person: whom your website knows by this id. It can ask about nobody else.
    #[arg(long, value_name = "ID")]
    web_user: Option<String>,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    let wrong = |bad| Failure::refused(format!("`--web-user`: {bad}"));
    let web_user: Option<WebUser> = args.web_user.as_deref().map(str::parse).transpose().map_err(wrong)?;
    let stop = Stop::listen()?;
    match &program.config.mcp.api_key {
        Some(key) => {
            let engine = program.open().await?;
            let served = serve_with_key(&engine, key, web_user, stop).await;
            engine.db.close().await;
            served
        }
        None => {
            let as_staff = async |hub: &crate::hub::Hub| {
                // Less than the operator may: a model needs no right to import or to manage users.
                let actor = Actor::Operator(program.config.data.operator.clone());
                let scope = Scope::new(hub.tenant.id, actor, Role::Staff);
                serve(&hub.engine, Entry::Scope(scope), web_user, stop).await
            };
            program.at_work(as_staff).await
        }
    }
}

async fn serve_with_key(engine: &Engine, key: &str, web_user: Option<WebUser>, stop: Stop) -> Result<(), Failure> {
    if engine.authenticate_api_key(key).await?.is_none() {
        return Err(Failure::refused("the API key of `mcp.api_key` opens nothing here")
            .hint("it was revoked, is past its end, or is of another hub; `doorstep api-key create` makes one"));
    }
    serve(engine, Entry::Key(key.to_owned()), web_user, stop).await?;
    Ok(engine.write_noted().await?)
}

async fn serve(engine: &Engine, entry: Entry, web_user: Option<WebUser>, stop: Stop) -> Result<(), Failure> {
    let pipes = (tokio::io::stdin(), tokio::io::stdout());
    let served = stdio::serve(engine.clone(), entry, web_user, pipes, stop.told()).await;
    served.map_err(|error| Failure::failed(error.to_string()))
}
