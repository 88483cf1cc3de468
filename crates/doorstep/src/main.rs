//! Doorstep, the program: reads the configuration, opens the store, and gives each command its noun.
//!
//! Data goes to standard output; progress and remarks go to standard error, so that `doorstep … --json | jq` works.

mod cli;
mod clock;
mod command;
mod config;
mod demo;
mod failure;
mod hub;
mod logging;
mod memory;
mod output;
mod source;
mod stop;

use std::process::ExitCode;

use failure::{Code, Failure};
use output::Output;

/// Rows are read on one thread and stored on another: see docs/decisions/0010.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// Planted bugs are for tests (doorstep_core::planted).
const _: () = assert!(
    cfg!(debug_assertions) || !doorstep_core::planted::ARE_BUILT_IN,
    "a release has no planted bugs: build its libraries without debug assertions, too"
);

/// Threads of the runtime: one waits for the database while the other draws; imports use threads of their own.
const THREADS: usize = 2;

fn main() -> ExitCode {
    let environment = config::Environment::of_process();
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(error) => return cli::explain(&error),
    };
    let out = Output::new(cli.global.json, &environment);
    match run(cli, &environment, out) {
        Ok(()) => ExitCode::from(Code::Done.number()),
        Err(failure) => {
            failure.report(&out);
            ExitCode::from(failure.code.number())
        }
    }
}

fn run(cli: cli::Cli, environment: &config::Environment, out: Output) -> Result<(), Failure> {
    let config = config::load(&cli.as_flags(), environment)?;
    logging::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime cannot start: {error}")))?;
    let command = cli.command.unwrap_or_else(command::Command::serve);
    let program = hub::Program::new(config, out)?;
    runtime.block_on(command::run(command, program))
}
