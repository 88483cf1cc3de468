//! The demonstration in a browser: the server runs while the history comes in, and then the made-up phones go on ringing,
//! so that open pages are seen to live.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::Clock;
use doorstep_core::email::Email;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::tenant::Role;
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use doorstep_engine::import::{Applied, NewImport};
use doorstep_engine::one_time_link::LINK_PATH;
use doorstep_engine::user::NewUser;
use doorstep_engine::verification::{CodeMessage, Delivery, NotSent, Sender, Sending};
use doorstep_server::Server;
use doorstep_server::mcp::PATH as MCP_PATH;
use doorstep_upstream::phone_history::Limits;
use serde_json::json;
use tokio::sync::watch;

use super::archive::{self, Shape};
use crate::clock::SystemClock;
use crate::command::serve::{bind, settings, until_told};
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::Output;

/// Whoever signs in to the demonstration.
const OWNER: (&str, &str) = ("Robin Marsh", "owner@graniterail.alt");
/// Any free place of this machine, where the usual one is taken.
const ANYWHERE: &str = "127.0.0.1:0";
/// Time between two exports of what the phones took in.
const EXPORT_EVERY: Duration = Duration::from_secs(4);
/// Exports in all, half an hour's: a demonstration that is forgotten must not fill the disk.
const MAX_EXPORTS: u64 = 450;
/// What the phones take in between two exports.
const ROWS: (u32, u32, u32) = (2, 14, 1);

/// Prints codes where whoever tries the demonstration sees them; nothing is sent to anybody.
struct OnTerminal(Output);

impl Sender for OnTerminal {
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a> {
        let text = format!("The code of {} would say: {}", message.verification, message.code.reveal());
        let printed = self.0.print(&text).map(|()| Delivery::Sent);
        Box::pin(std::future::ready(printed.map_err(|_| NotSent("the terminal is gone".to_owned()))))
    }
}

/// The hub with the terminal for a channel.
pub fn with_codes_on_terminal(hub: &Hub) -> Hub {
    let mut engine = hub.engine.clone();
    engine.sender = Arc::new(OnTerminal(hub.out));
    Hub { engine, tenant: hub.tenant.clone(), scope: hub.scope.clone(), out: hub.out }
}

/// Opens the doors, and says where they are and how to come in.
pub async fn open(hub: &Hub, program: &Program, caller: Option<&str>) -> Result<Server, Failure> {
    let wrong = |what: &str| Failure::failed(format!("the demonstration's own {what} is none"));
    let (name, email) = OWNER;
    let owner = NewUser {
        email: Email::parse(email).map_err(|_| wrong("e-mail address"))?,
        name: Label::parse(name).map_err(|_| wrong("name"))?,
        role: Role::Owner,
        password: None,
    };
    let user = hub.engine.add_user(&hub.scope, &owner).await?;
    let link = hub.engine.create_link(&hub.scope, user.id, Purpose::SignIn).await?;
    let (server, url) = match bind(&program.config.server.listen, &hub.engine, settings(program)?).await {
        Ok(bound) => bound,
        Err(taken) => bind(ANYWHERE, &hub.engine, settings(program)?).await.map_err(|_| taken)?,
    };
    hub.out.print(&format!("\n{} {url}", hub.out.bold("Dashboard")))?;
    hub.out.print(&format!(
        "Sign in as its owner, once and within a quarter of an hour: {url}{LINK_PATH}{}",
        link.reveal()
    ))?;
    agents(hub, &url, caller).await?;
    Ok(server)
}

/// How an AI agent, and a program, get at the customers of the demonstration; both as they stand are good.
async fn agents(hub: &Hub, url: &str, caller: Option<&str>) -> Result<(), Failure> {
    let name = Label::parse("an AI agent").map_err(|_| Failure::failed("the demonstration's own name is none"))?;
    let new = NewApiKey { name, role: Role::Staff, scopes: None, expires_at: None };
    let (_, key) = hub.engine.create_api_key(&hub.scope, &new).await?;
    let key = key.reveal();
    let client = json!({ "mcpServers": { "doorstep": {
        "type": "http", "url": format!("{url}{MCP_PATH}"), "headers": { "Authorization": format!("Bearer {key}") },
    } } });
    hub.out.print(&format!("\n{}\n{client}", hub.out.bold("For the configuration of an AI agent (MCP)")))?;
    let Some(caller) = caller else { return Ok(()) };
    let digits: String = caller.chars().filter(char::is_ascii_digit).collect();
    hub.out.print(&format!(
        "{}\ncurl -H 'Authorization: Bearer {key}' '{url}/api/v1/customer-context/{digits}?type=phone&assurance=staff&format=text'",
        hub.out.bold("And for a program that asks who is calling, once the history is in")
    ))
}

/// Lets contacts and messages come in until told to stop.
pub async fn keep_arriving(hub: &Hub, shape: &Shape, dir: &Path, told: watch::Receiver<bool>) -> Result<(), Failure> {
    for round in 1..=MAX_EXPORTS {
        tokio::select! {
            () = until_told(told.clone()) => return Ok(()),
            () = tokio::time::sleep(EXPORT_EVERY) => {}
        }
        let file = write(shape, dir, round)?;
        let new = NewImport {
            file: &file,
            file_name: format!("since-then-{round}.zip"),
            notes: Some("what came in since the last one".to_owned()),
            aliases: Default::default(),
            limits: Limits::default(),
        };
        let planned = hub.engine.plan_import(&hub.scope, &new, &|_| {}).await?;
        match hub.engine.apply_import(&hub.scope, planned.import.id, &|_| {}).await? {
            // The worker beside brings it in; of a plan that somebody's edit made old the next export says more.
            Applied::Started | Applied::WorldChanged(_) => {}
        }
    }
    until_told(told).await;
    Ok(())
}

/// A little archive of other people, up to this moment.
fn write(shape: &Shape, dir: &Path, round: u64) -> Result<PathBuf, Failure> {
    let (contacts, messages, calls) = ROWS;
    let until = SystemClock.now().micros() / 1_000_000;
    let little = Shape { seed: shape.seed + round, contacts, messages, calls, until, years: 1 };
    let file = dir.join("since-then.zip");
    let failed = |error: std::io::Error| Failure::failed(format!("`{}` cannot be written: {error}", file.display()));
    archive::write(&little, BufWriter::new(File::create(&file).map_err(failed)?)).map_err(failed)?;
    Ok(file)
}
