//! `doorstep connection`

mod remove;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use doorstep_core::connection::{Connection, Settings};
use doorstep_core::id::ConnectionId;
use doorstep_core::record::Source;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::time::parse_length;
use doorstep_engine::connection::{NewConnection, Said};
use doorstep_upstream::source::{Checked, mapping};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, elapsed, one_line};

/// The longest file of settings that is read, in bytes: a dozen lines, and room for long keys.
const MAX_SETTINGS_BYTES: u64 = 64 * 1024;
/// How often a source is read without being told: its people change a few things in an hour.
const USUAL_INTERVAL: &str = "15 minutes";

/// The live sources of a business.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
The live sources of a business: what Doorstep reads by itself, and when.

Credentials are sealed with a key that is not in the database: `openssl rand -hex 32 > FILE`, then \
DOORSTEP_SOURCES_KEY_FILE=FILE for every process. Whoever loses the key says the credentials again.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Connect a source: it is asked first whether it can be read, then read when it is due.
    #[command(long_about = "\
Connect a source: it is asked first whether it can be read, then read when it is due.

What the source wants to know is given with --set, secrets in a file of lines like `client_secret = \"cs1.…\"` (TOML), \
or on standard input with `--settings -`: arguments are seen by everybody on the machine.")]
    #[command(after_help = "\
Examples:
  doorstep connection add servicetitan --settings servicetitan.toml
  doorstep connection add servicetitan --set servicetitan_tenant=42 --settings - < secrets.toml
  doorstep connection add servicetitan --settings st.toml --every 1h --hours 'mon-fri 07:00-18:00'")]
    Add {
        /// Which source: servicetitan.
        source: Source,
        /// What to call it; the source's own name without.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        said: SaidArgs,
        #[command(flatten)]
        when: When,
        /// Store it without asking the source whether it can be read.
        #[arg(long)]
        no_check: bool,
    },
    /// Ask a source whether it can be read, stream by stream.
    #[command(after_help = "Examples:\n  doorstep connection check ServiceTitan")]
    Check {
        /// Which: its name or its id.
        connection: String,
    },
    /// Show them, with when each is read next.
    #[command(after_help = "Examples:\n  doorstep connection list\n  doorstep connection list --json")]
    List,
    /// Say what connects a source anew, such as a secret that was changed; what is not named stays.
    #[command(after_help = "Examples:\n  doorstep connection set ServiceTitan --settings new-secret.toml")]
    Set {
        /// Which: its name or its id.
        connection: String,
        #[command(flatten)]
        said: SaidArgs,
    },
    /// Say when a source is read by itself.
    #[command(after_help = "\
Examples:
  doorstep connection schedule ServiceTitan --every 30min
  doorstep connection schedule ServiceTitan --every 15min --hours always")]
    Schedule {
        /// Which: its name or its id.
        connection: String,
        #[command(flatten)]
        when: When,
    },
    /// Stop reading a source by itself; `doorstep sync now` still reads it.
    #[command(after_help = "Examples:\n  doorstep connection pause ServiceTitan")]
    Pause {
        /// Which: its name or its id.
        connection: String,
    },
    /// Read a source by itself again.
    #[command(after_help = "Examples:\n  doorstep connection resume ServiceTitan")]
    Resume {
        /// Which: its name or its id.
        connection: String,
    },
    /// Call a connection otherwise.
    #[command(after_help = "Examples:\n  doorstep connection rename ServiceTitan 'ServiceTitan, Quincy office'")]
    Rename {
        /// Which: its name or its id.
        connection: String,
        /// What to call it.
        name: String,
    },
    /// Take a connection away: its credentials are forgotten, what it said stays unless --records says otherwise.
    #[command(long_about = "\
Take a connection away: its credentials are forgotten, what it said stays unless --records says otherwise.

What stays is history: it is never read again, and connecting the same books again goes on with it. With --records \
every customer is as if the source had never been connected, which cannot be undone; numbers that it said must not be \
texted stay so.")]
    #[command(after_help = "\
Examples:
  doorstep connection remove ServiceTitan
  doorstep connection remove ServiceTitan --records")]
    Remove {
        /// Which: its name or its id; by its id also one that was taken away before.
        connection: String,
        /// Take out all that it said, for good.
        #[arg(long)]
        records: bool,
        /// With --records: do not ask.
        #[arg(long, requires = "records")]
        yes: bool,
    },
}

/// What the source wants to know.
#[derive(Debug, clap::Args)]
struct SaidArgs {
    /// Something that the source wants to know and that is no secret; give it once per setting.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A file of lines like `app_key = "ak1.…"`; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// When it is read by itself.
#[derive(Debug, clap::Args)]
struct When {
    /// From the beginning of one reading to that of the next: `15min`, `1h`.
    #[arg(long, value_name = "LENGTH", default_value = USUAL_INTERVAL, value_parser = length)]
    every: Duration,
    /// When readings may begin, by the business' own clock: `06:00-20:00`, `mon-fri 07:00-18:00`, or `always`.
    #[arg(long, default_value = "06:00-20:00", value_parser = hours)]
    hours: Hours,
}

#[derive(Debug, Clone, Copy)]
struct Hours(Option<Window>);

fn length(text: &str) -> Result<Duration, String> {
    parse_length(text).ok_or_else(|| "it must be a length of time like `15min` or `1h`".to_owned())
}

fn hours(text: &str) -> Result<Hours, String> {
    match text {
        "always" => Ok(Hours(None)),
        text => text.parse().map(|window| Hours(Some(window))).map_err(|bad| format!("{bad}")),
    }
}

impl When {
    fn schedule(&self) -> Result<Schedule, Failure> {
        let seconds = i64::try_from(self.every.as_secs()).unwrap_or(i64::MAX);
        Schedule::every(seconds, self.hours.0).map_err(|bad| Failure::refused(bad.to_string()))
    }
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::Add { source, name, said, when, no_check } => {
            let new = NewConnection { source, name, settings: said.read(source)?, schedule: when.schedule()? };
            add(hub, &new, no_check).await
        }
        Action::Check { connection } => {
            let found = find(hub, &connection).await?;
            let checked = hub.engine.check_connection(&hub.scope, found.id).await?;
            told(hub, &checked)
        }
        Action::List => list(hub, &hub.engine.connections(&hub.scope).await?),
        Action::Set { connection, said } => {
            let found = find(hub, &connection).await?;
            let settings = said.read(found.source)?;
            show(hub, &hub.engine.set_settings(&hub.scope, found.id, &settings).await?)
        }
        Action::Schedule { connection, when } => {
            let found = find(hub, &connection).await?;
            let schedule = Schedule { enabled: found.schedule.enabled, ..when.schedule()? };
            show(hub, &hub.engine.set_schedule(&hub.scope, found.id, &schedule).await?)
        }
        Action::Pause { connection } => switch(hub, &connection, false).await,
        Action::Resume { connection } => switch(hub, &connection, true).await,
        Action::Rename { connection, name } => {
            let found = find(hub, &connection).await?;
            show(hub, &hub.engine.rename_connection(&hub.scope, found.id, &name).await?)
        }
        Action::Remove { connection, records, yes } => {
            remove::run(hub, program, &find(hub, &connection).await?, records, yes).await
        }
    };
    program.at_work(work).await
}

impl SaidArgs {
    fn read(&self, source: Source) -> Result<Said, Failure> {
        let mut said = Settings::new();
        if let Some(path) = &self.settings {
            said.extend(settings_of(path)?);
        }
        let secrets: Vec<&str> = mapping(source)
            .map(|mapping| mapping.spec().settings.iter().filter(|it| it.is_secret).map(|it| it.name).collect())
            .unwrap_or_default();
        for pair in &self.set {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Failure::refused("`--set` takes a name and a value: `--set NAME=VALUE`"));
            };
            if secrets.contains(&name) {
                return Err(Failure::refused(format!(
                    "`{name}` is a secret, and everybody on this machine sees arguments"
                ))
                .hint(format!("write `{name} = \"…\"` into a file and name that: `--settings FILE`")));
            }
            said.insert(name.to_owned(), value.to_owned());
        }
        Ok(Said(said))
    }
}

/// A file of settings, or standard input. No error says what is in it.
fn settings_of(path: &Path) -> Result<Settings, Failure> {
    let named = if path == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    let unreadable = |error: std::io::Error| Failure::refused(format!("{named} cannot be read: {error}"));
    let mut text = String::new();
    match path == Path::new("-") {
        true => std::io::stdin().lock().take(MAX_SETTINGS_BYTES).read_to_string(&mut text).map_err(unreadable)?,
        false => {
            let file = std::fs::File::open(path).map_err(unreadable)?;
            file.take(MAX_SETTINGS_BYTES).read_to_string(&mut text).map_err(unreadable)?
        }
    };
    let unfit = || Failure::refused(format!("{named} is no list of settings")).hint("lines like `app_key = \"ak1.…\"`");
    let table: toml::Table = text.parse().map_err(|_| unfit())?;
    table
        .into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            toml::Value::Integer(number) => Ok((name, number.to_string())),
            _ => Err(unfit()),
        })
        .collect()
}

/// The connection of that name or id.
pub async fn find(hub: &Hub, wanted: &str) -> Result<Connection, Failure> {
    if let Ok(id) = wanted.parse::<ConnectionId>() {
        return Ok(hub.engine.connection(&hub.scope, id).await?);
    }
    let all = hub.engine.connections(&hub.scope).await?;
    let names: Vec<String> = all.iter().map(|it| format!("`{}`", one_line(&it.name))).collect();
    all.into_iter().find(|it| it.name.to_lowercase() == wanted.trim().to_lowercase()).ok_or_else(|| {
        let hint = match names.is_empty() {
            true => "`doorstep connection add servicetitan --settings FILE` makes one".to_owned(),
            false => format!("there is: {}", names.join(", ")),
        };
        Failure::not_found(format!("there is no connection `{}` here", one_line(wanted))).hint(hint)
    })
}

async fn add(hub: &Hub, new: &NewConnection, no_check: bool) -> Result<(), Failure> {
    if !no_check {
        hub.out.remark("asking the source …");
        let checked = hub.engine.check_settings(&hub.scope, new.source, &new.settings).await?;
        if !checked.streams.iter().any(|stream| stream.found.is_ok()) {
            told(hub, &checked)?;
            return Err(Failure::refused("nothing of this source can be read: it was not connected")
                .hint("put right what stands beside each stream, or add `--no-check`"));
        }
    }
    let connection = hub.engine.add_connection(&hub.scope, new).await?;
    show(hub, &connection)
}

async fn switch(hub: &Hub, connection: &str, enabled: bool) -> Result<(), Failure> {
    let found = find(hub, connection).await?;
    show(hub, &hub.engine.set_enabled(&hub.scope, found.id, enabled).await?)
}

fn show(hub: &Hub, connection: &Connection) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(connection);
    }
    hub.out.print(&format!("{} ({}): {}", one_line(&connection.name), connection.id, next(hub, connection)))
}

/// When a connection is read next, in words.
pub fn next(hub: &Hub, connection: &Connection) -> String {
    match connection.next_at() {
        None => "switched off".to_owned(),
        Some(at) if connection.failures > 0 => format!("tried again {}", hub.local(at)),
        Some(at) => format!("read next {}", hub.local(at)),
    }
}

fn list(hub: &Hub, connections: &[Connection]) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(&connections);
    }
    if connections.is_empty() {
        hub.out.note("no source is connected: `doorstep connection add servicetitan --settings FILE`");
        return Ok(());
    }
    let columns = [
        ("id", Column::Whole),
        ("name", Column::Text),
        ("every", Column::Whole),
        ("hours", Column::SpareText),
        ("next", Column::Whole),
    ];
    let mut grid = Grid::list(&hub.out, &columns);
    for it in connections {
        let every = elapsed(it.schedule.interval_seconds.unsigned_abs());
        let hours = it.schedule.window.map_or_else(|| "always".to_owned(), |window| window.to_string());
        let parked = if it.is_parked { "; needs a look" } else { "" };
        grid.row([it.id.to_string(), one_line(&it.name), every, hours, format!("{}{parked}", next(hub, it))]);
    }
    hub.out.print(&grid.render())
}

fn told(hub: &Hub, checked: &Checked) -> Result<(), Failure> {
    if hub.out.json {
        let streams: Vec<Value> = checked
            .streams
            .iter()
            .map(|it| match &it.found {
                Ok(any) => json!({ "stream": it.stream, "can_be_read": true, "has_any": any }),
                Err(failure) => json!({ "stream": it.stream, "can_be_read": false, "reason": failure.to_string() }),
            })
            .collect();
        return hub.out.json(&json!({ "streams": streams, "clock_ahead_seconds": checked.clock_ahead_seconds }));
    }
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Text]);
    for it in &checked.streams {
        let found = match &it.found {
            Ok(true) => "can be read".to_owned(),
            Ok(false) => "can be read, and is empty".to_owned(),
            Err(failure) => one_line(&failure.to_string()),
        };
        grid.row([it.stream.to_owned(), found]);
    }
    hub.out.print(&grid.render())
}
