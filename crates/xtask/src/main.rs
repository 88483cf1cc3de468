//! The workshop: what a person or a machine runs on this repository, as `cargo xtask …`.
//!
//! Needs Rust, a C compiler and the package registry, and installs or names what else a step needs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod ci;
mod deny;
mod docs;
mod need;
mod planted;
// Written once, in the store, for its tests and for us.
#[path = "../../store/src/testing/postgres.rs"]
#[allow(dead_code, reason = "the store uses the rest")]
mod postgres;
mod repository;
mod test;
mod tidy;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Doorstep's workshop")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything that must be green before a change lands.
    Ci,
    /// Run the tests on SQLite and on a private PostgreSQL; what follows goes to `cargo test`.
    Test {
        /// Arguments of `cargo test`; with `--package` only that package is tested.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Plant bugs one by one and see that the tests of the broken promise find each.
    Planted,
    /// Check what the compiler does not: sizes, import directions, words, SQL.
    Tidy,
    /// Check the licences and sources of all dependencies against deny.toml.
    Deny,
    /// Write the generated pages under docs/reference/ and check the links of all pages.
    Docs {
        /// Write nothing; fail if a page is out of date.
        #[arg(long)]
        check: bool,
        /// Take the pictures of the guides anew instead.
        #[arg(long, conflicts_with = "check")]
        pictures: bool,
    },
    /// Make up contact records of a business, with the truth about who is who.
    People {
        /// How many records.
        #[arg(long, default_value_t = 100_000)]
        records: usize,
        /// Another seed makes another set; the same seed and size make the same.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// The folder for RECORDS.csv, TRUTH.csv and KINDS.csv.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Measure; without a name, everything.
    Bench {
        /// One of the names that `cargo xtask bench --list` shows.
        name: Option<String>,
        /// Put the figures and this machine into docs/reference/performance.md.
        #[arg(long)]
        write: bool,
        /// Show what there is to measure.
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Ci => ci::run(),
        Command::Test { arguments } => test::run(&arguments),
        Command::Planted => planted::run(),
        Command::Tidy => tidy::run(),
        Command::Deny => deny::run(),
        Command::Docs { pictures: true, .. } => docs::pictures::run(),
        Command::Docs { check, .. } => docs::run(check),
        Command::People { records, seed, out } => bench::identity::make(seed, records, &out),
        Command::Bench { list: true, .. } => bench::list(),
        Command::Bench { name, write, .. } => bench::run(name.as_deref(), write),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
