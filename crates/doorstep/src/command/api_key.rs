//! `doorstep api-key`

use clap::Subcommand;
use doorstep_core::api_key::ApiKey;
use doorstep_core::id::ApiKeyId;
use doorstep_core::permission::Permission;
use doorstep_core::tenant::Role;
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, one_line};

/// Keys of one page.
const PAGE: i64 = 100;
/// Seconds of a day.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How programs come in.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
How programs come in.

A key has a role, as people have, and can be narrowed to a few scopes: what it may do is what both grant. Its text is \
shown once, when it is made; afterwards only its beginning is known here.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key; its text is shown this once.
    #[command(long_about = "\
Make a key; its text is shown this once.

Scopes: read, create_customer, add_remarks, edit_customer, decide_identity, import, manage_users, manage_api_keys, \
read_audit, administer.")]
    #[command(after_help = "\
Examples:
  doorstep api-key create website --role agent
  doorstep api-key create 'call centre' --role staff --scope read --scope create_customer --days 90")]
    Create {
        /// What it is for.
        name: String,
        /// What it may do at most: owner, admin, staff, agent or read_only.
        #[arg(long)]
        role: Role,
        /// Narrow it to this; give it once per scope.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Permission>,
        /// After how many days it ends; never if nothing is said.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3_650))]
        days: Option<i64>,
    },
    /// Show them; their texts are not known any more.
    #[command(after_help = "Examples:\n  doorstep api-key list\n  doorstep api-key list --json")]
    List {
        /// How many.
        #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
        /// Those after this one.
        #[arg(long, value_name = "ID")]
        after: Option<ApiKeyId>,
    },
    /// Revoke a key: it opens nothing from the next request on.
    #[command(after_help = "Examples:\n  doorstep api-key revoke key_01h455vb4pex5vsknk084sn02q")]
    Revoke {
        /// Which.
        id: ApiKeyId,
    },
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::Create { name, role, scopes, days } => {
            let name = Label::parse(&name).map_err(|bad| Failure::refused(bad.to_string()))?;
            let scopes = (!scopes.is_empty()).then(|| scopes.into_iter().collect());
            let now = hub.engine.db.clock().now();
            let expires_at = days.map(|days| now.plus_seconds(days * DAY_SECONDS));
            create(hub, &NewApiKey { name, role, scopes, expires_at }).await
        }
        Action::List { limit, after } => {
            let keys = hub.engine.api_keys(&hub.scope, after, limit).await?;
            list(hub, &keys, limit)
        }
        Action::Revoke { id } => {
            hub.engine.revoke_api_key(&hub.scope, id).await?;
            if hub.out.json {
                return hub.out.json(&json!({ "id": id, "revoked": true }));
            }
            hub.out.print(&format!("{id} opens nothing any more"))
        }
    };
    program.at_work(work).await
}

async fn create(hub: &Hub, new: &NewApiKey) -> Result<(), Failure> {
    let (key, token) = hub.engine.create_api_key(&hub.scope, new).await?;
    if hub.out.json {
        let mut object = object(hub, &key)?;
        object["token"] = json!(token.reveal());
        return hub.out.json(&object);
    }
    hub.out.note(&format!("{} is {}; keep it now, it is not shown again:", one_line(&key.name), key.id));
    hub.out.print(&token.reveal())
}

/// A key with the beginning of its text.
fn object(hub: &Hub, key: &ApiKey) -> Result<Value, Failure> {
    let mut object = serde_json::to_value(key)
        .map_err(|error| Failure::failed(format!("the result cannot be written as JSON: {error}")))?;
    object["shown"] = json!(key.shown(hub.tenant.id));
    Ok(object)
}

fn list(hub: &Hub, keys: &[ApiKey], limit: i64) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(&keys.iter().map(|key| object(hub, key)).collect::<Result<Vec<_>, _>>()?);
    }
    if keys.is_empty() {
        out.note("there is no key yet: `doorstep api-key create NAME --role agent` makes one");
        return Ok(());
    }
    let mut grid = Grid::list(
        out,
        &[
            ("id", Column::Whole),
            ("name", Column::Text),
            ("role", Column::Whole),
            ("scopes", Column::SpareText),
            ("state", Column::Whole),
            ("used", Column::Whole),
            ("by", Column::SpareText),
        ],
    );
    let now = hub.engine.db.clock().now();
    for key in keys {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked".to_owned(),
            (None, Some(end)) if end <= now => "ended".to_owned(),
            (None, Some(end)) => format!("until {}", hub.day(end)),
            (None, None) => String::new(),
        };
        let scopes = key
            .scopes
            .map_or("all".to_owned(), |set| set.iter().map(Permission::as_str).collect::<Vec<_>>().join(", "));
        let used = key.last_used_at.map_or("never".to_owned(), |at| hub.day(at));
        let by = one_line(&key.created_by.to_string());
        grid.row([key.id.to_string(), one_line(&key.name), key.role.as_str().to_owned(), scopes, state, used, by]);
    }
    out.print(&grid.render())?;
    if let Some(last) = keys.last().filter(|_| keys.len() as i64 == limit) {
        out.note(&format!("the next: doorstep api-key list --after {}", last.id));
    }
    Ok(())
}
