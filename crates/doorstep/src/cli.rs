//! The command line: what can be asked, and the help that teaches it.

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, error::ErrorKind};

use crate::command::Command;
use crate::config::Flags;
use crate::failure::Code;

/// Every customer, one record, always live: a customer hub for home-service businesses.
#[derive(Debug, Parser)]
#[command(name = "doorstep", version, max_term_width = 100, after_help = AFTER_HELP)]
#[command(long_about = LONG_ABOUT, propagate_version = false, infer_long_args = false)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const LONG_ABOUT: &str = "\
Every customer, one record, always live: a customer hub for home-service businesses.

Doorstep keeps one record per real person out of everything that a business knows about them. This version imports \
phone history (contacts, texts, calls) and tells who is calling. Data stays on this machine: in one SQLite file in the \
data directory, or in a PostgreSQL of yours.";

const AFTER_HELP: &str = "\
Examples:
  doorstep                                   serve: prints where to open it
  doorstep demo                              a made-up business in a minute
  doorstep tenant create Ace --time-zone America/New_York
  doorstep import phone-history export.zip   what would come in; no writing
  doorstep customer show '(617) 555-1234'    who is calling?

Exit codes: 0 done, 1 failed, 2 refused (a bad archive, bad arguments),
3 not found.";

impl Cli {
    /// The flags that are settings, by name: those of every command, and the command's own.
    pub fn as_flags(&self) -> Flags {
        let mut flags = self.global.as_flags();
        match &self.command {
            Some(Command::Serve(args)) => flags.extend(args.as_flags()),
            Some(Command::Demo(args)) => flags.extend(args.as_flags()),
            Some(Command::Healthcheck(args)) => flags.extend(args.as_flags()),
            _ => {}
        }
        flags
    }
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The data directory [env: DOORSTEP_DATA_DIR] [default: ~/.local/share/doorstep].
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    data_dir: Option<String>,
    /// PostgreSQL instead of SQLite, as a plain role: postgres://user@host/name [env: DATABASE_URL].
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    database_url: Option<String>,
    /// PostgreSQL as the role that owns the tables, to migrate [env: DOORSTEP_OWNER_DATABASE_URL].
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    owner_database_url: Option<String>,
    /// Which tenant, by name or number; not needed if there is only one [env: DOORSTEP_TENANT].
    #[arg(long, global = true, value_name = "TENANT", hide_short_help = true)]
    tenant: Option<String>,
    /// JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The configuration file [env: DOORSTEP_CONFIG] [default: doorstep.toml in the data directory].
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    config: Option<String>,
    /// How long a task belongs to a process that died, in seconds.
    #[arg(long, global = true, value_name = "SECONDS", hide = true)]
    lease_seconds: Option<String>,
}

impl Global {
    /// Those that are settings, by name.
    pub fn as_flags(&self) -> Flags {
        let given = [
            ("--data-dir", &self.data_dir),
            ("--database-url", &self.database_url),
            ("--owner-database-url", &self.owner_database_url),
            ("--tenant", &self.tenant),
            ("--config", &self.config),
            ("--lease-seconds", &self.lease_seconds),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

/// Reads the command line of this process.
pub fn parse() -> Result<Cli, clap::Error> {
    Cli::try_parse()
}

/// The whole tree of commands, for completions and the reference.
pub fn tree() -> clap::Command {
    Cli::command()
}

/// Prints help, or what is wrong with the arguments.
pub fn explain(error: &clap::Error) -> ExitCode {
    // A closed pipe is not worth a word here either.
    let _ = error.print();
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    ExitCode::from(if is_asked_for { Code::Done.number() } else { Code::Refused.number() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        tree().debug_assert();
    }
}
