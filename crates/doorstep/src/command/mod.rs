//! The commands, one file per noun.

pub mod api_key;
pub mod audit;
pub mod backup;
pub mod completions;
pub mod config;
pub mod connection;
pub mod customer;
pub mod doctor;
pub mod healthcheck;
pub mod identity;
pub mod import;
pub mod mcp;
pub mod merge;
pub mod migrate;
pub mod rebuild;
pub mod reference;
pub mod review;
pub mod secret;
pub mod serve;
pub mod sim;
pub mod sync;
pub mod tenant;
pub mod user;
pub mod worker;

use clap::Subcommand;

use crate::demo;
use crate::failure::Failure;
use crate::hub::Program;

/// What can be asked of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The server: pages, API and background work. Also what `doorstep` alone does.
    Serve(serve::Args),
    /// A made-up business in a minute: imports its phone history, and looks customers up.
    Demo(demo::Args),
    /// Brings the database up to date (every command does on SQLite), or says how it stands.
    Migrate(migrate::Args),
    /// The businesses that this installation serves.
    Tenant(tenant::Args),
    /// The people who sign in.
    User(user::Args),
    /// How programs come in.
    ApiKey(api_key::Args),
    /// Who did what, and when.
    Audit(audit::Args),
    /// Phone history: dry run, apply, list, show, undo.
    Import(import::Args),
    /// The live sources of a business: what is read by itself, and when.
    Connection(connection::Args),
    /// Read live sources now, and see how that goes.
    Sync(sync::Args),
    /// Look customers up, find or create them.
    Customer(customer::Args),
    /// Who is who: why two customers are one or two, the rules that say so, what numbers are, and a look at a file.
    Identity(identity::Args),
    /// Pairs of customers that may be one: a person decides.
    Review(review::Args),
    /// Make one customer of two.
    Merge(merge::MergeArgs),
    /// Give back a customer that was joined to another.
    Unmerge(merge::UnmergeArgs),
    /// Compute every customer again from what the sources said.
    Rebuild(rebuild::Args),
    /// Give an AI agent on this machine its tools, over standard input and output (MCP).
    #[command(long_about = mcp::LONG_ABOUT)]
    Mcp(mcp::Args),
    /// A made-up ServiceTitan, for trials and for writing integrations.
    #[command(long_about = sim::LONG_ABOUT)]
    Sim(sim::Args),
    /// Ask a running server whether it can work: for scripts and containers.
    Healthcheck(healthcheck::Args),
    /// Look at the installation as a whole and say what is wrong.
    Doctor(doctor::Args),
    /// Write everything into one file, while everything runs.
    Backup(backup::BackupArgs),
    /// Bring a backup back.
    Restore(backup::RestoreArgs),
    /// The settings, and where each comes from.
    Config(config::Args),
    /// Completion of commands for a shell.
    Completions(completions::Args),
    /// Pages of the reference, for the documents.
    #[command(hide = true)]
    Reference(reference::Args),
    /// Run tasks until told to stop.
    #[command(hide = true)]
    Worker(worker::Args),
}

impl Command {
    /// What the program does when it is asked for nothing in particular.
    pub fn serve() -> Self {
        Self::Serve(serve::Args::default())
    }
}

/// Runs a command.
pub async fn run(command: Command, program: Program) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(&args, &program).await,
        Command::Demo(args) => demo::run(args, program).await,
        Command::Migrate(args) => migrate::run(&args, &program).await,
        Command::Tenant(args) => tenant::run(args, &program).await,
        Command::User(args) => user::run(args, &program).await,
        Command::ApiKey(args) => api_key::run(args, &program).await,
        Command::Audit(args) => audit::run(args, &program).await,
        Command::Import(args) => import::run(args, &program).await,
        Command::Connection(args) => connection::run(args, &program).await,
        Command::Sync(args) => sync::run(args, &program).await,
        Command::Customer(args) => customer::run(args, &program).await,
        Command::Identity(args) => identity::run(args, &program).await,
        Command::Review(args) => review::run(args, &program).await,
        Command::Merge(args) => merge::merge(args, &program).await,
        Command::Unmerge(args) => merge::unmerge(args, &program).await,
        Command::Rebuild(args) => rebuild::run(&args, &program).await,
        Command::Mcp(args) => mcp::run(&args, &program).await,
        Command::Sim(args) => sim::run(args, &program).await,
        Command::Healthcheck(args) => healthcheck::run(&args, &program).await,
        Command::Doctor(args) => doctor::run(&args, &program).await,
        Command::Backup(args) => backup::backup(&args, &program).await,
        Command::Restore(args) => backup::restore(&args, &program).await,
        Command::Config(args) => config::run(&args, &program),
        Command::Completions(args) => completions::run(&args, &program),
        Command::Reference(args) => reference::run(&args, &program),
        Command::Worker(args) => worker::run(&args, &program).await,
    }
}
