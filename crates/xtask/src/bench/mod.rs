//! `cargo xtask bench`: runs the measurements on a release build and keeps their figures in the docs.
//!
//! A measurement is a bench target of a crate (`harness = false`) that prints its figures as a Markdown
//! table; those lines, and no others, go into the page. It finds a durable PostgreSQL under
//! `DOORSTEP_TEST_POSTGRES`, as tests do.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail};

use crate::need::python::OPEN_LOADER;
use crate::postgres::{self, Server, Settings};
use crate::repository;

pub mod identity;
mod machine;
mod page;

/// Where the figures are kept.
const PAGE: &str = "docs/reference/performance.md";

/// Runs the open loader.
const LOADER: &str = "crates/xtask/open-loader/loader.py";

/// How a measurement is made.
enum Kind {
    /// The bench target of that name of a package.
    Program { package: &'static str },
    /// The same, with so many made-up contact records at hand (`DOORSTEP_BENCH_PEOPLE`).
    WithPeople { package: &'static str, records: usize },
    /// The same as a program, with an open loader at hand (`DOORSTEP_BENCH_LOADER`) if it can be had.
    WithLoader { package: &'static str },
    /// The size of the release binary; the limit is in megabytes (10^6 bytes).
    Size { limit_mb: u64 },
    /// The matcher, by its command, on made-up and public records.
    Identity,
}

/// Something to measure.
struct Bench {
    name: &'static str,
    /// For `--list`.
    about: &'static str,
    kind: Kind,
}

/// All there is to measure.
const BENCHES: &[Bench] = &[
    Bench {
        name: "import",
        about: "an archive of 100,000 contacts and 1,000,000 messages beside a bulk load of the same rows",
        kind: Kind::Program { package: "doorstep-engine" },
    },
    Bench {
        name: "find_or_create",
        about: "looking a known phone up among 100,000 customers",
        kind: Kind::Program { package: "doorstep-engine" },
    },
    Bench {
        name: "http",
        about: "the server as a process under load: list, search, find-or-create, live pages, memory, start",
        kind: Kind::Program { package: "doorstep-server" },
    },
    Bench {
        name: "identity",
        about: "who is who among 10,000 to 1,000,000 contact records, beside an open matcher; time, memory, mistakes",
        kind: Kind::Identity,
    },
    Bench {
        name: "resolve",
        about: "a million contact records through the store, and single ones beside them",
        kind: Kind::WithPeople { package: "doorstep-engine", records: 1_000_000 },
    },
    Bench {
        name: "sync",
        about: "reading a live source: the first load, nothing new, a thousand tenants, beside an open loader",
        kind: Kind::WithLoader { package: "doorstep-engine" },
    },
    Bench {
        name: "context",
        about: "what an answerer is told: made anew, kept, beside a web server that looks nothing up, and for two servers",
        kind: Kind::Program { package: "doorstep-server" },
    },
    Bench { name: "size", about: "the release binary", kind: Kind::Size { limit_mb: 40 } },
];

/// Shows the names.
///
/// # Errors
/// None; it is a command like the others.
pub fn list() -> Result<()> {
    for bench in BENCHES {
        println!("{:<16}{}", bench.name, bench.about);
    }
    Ok(())
}

/// Measures one thing, or all, and prints the figures; with `write` also puts them into the page.
///
/// # Errors
/// The name is unknown, a measurement fails or misses its limit, or PostgreSQL does not start.
pub fn run(name: Option<&str>, write: bool) -> Result<()> {
    let chosen: Vec<&Bench> = BENCHES.iter().filter(|it| name.is_none_or(|name| it.name == name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = BENCHES.iter().map(|it| it.name).collect();
        bail!("there is no measurement `{}`: choose from {}", name.unwrap_or_default(), names.join(", "));
    }
    repository::run(&mut repository::command("cargo", &["build", "--release", "--locked", "--package", "doorstep"]))?;
    // Only programs ask a database.
    let server = chosen
        .iter()
        .any(|it| matches!(it.kind, Kind::Program { .. } | Kind::WithPeople { .. } | Kind::WithLoader { .. }))
        .then(|| Server::start(Settings { durable: true }).map_err(|e| anyhow!(e)));
    let server = server.transpose()?;
    let machine = machine::describe();
    println!("{machine}");
    for bench in chosen {
        let figures = match bench.kind {
            Kind::Program { package } => {
                program(package, bench.name, server.as_ref().context("no PostgreSQL was started")?, &[])?
            }
            Kind::WithPeople { package, records } => {
                let people = identity::folder_of(records)?;
                let server = server.as_ref().context("no PostgreSQL was started")?;
                program(package, bench.name, server, &[("DOORSTEP_BENCH_PEOPLE", people.into_os_string())])?
            }
            Kind::WithLoader { package } => {
                let server = server.as_ref().context("no PostgreSQL was started")?;
                program(package, bench.name, server, &loader())?
            }
            Kind::Size { limit_mb } => size(limit_mb)?,
            Kind::Identity => {
                let (figures, missed) = identity::run()?;
                identity::fail_if(&missed)?;
                figures
            }
        };
        if write {
            let path = repository::root().join(PAGE);
            let now = std::fs::read_to_string(&path).unwrap_or_default();
            let text = page::with_figures(&now, bench.name, &machine, &figures);
            std::fs::write(&path, text).with_context(|| format!("cannot write `{PAGE}`"))?;
        }
    }
    Ok(())
}

/// Where the open loader is, for the program that measures: its Python, and the program that runs it.
fn loader() -> Vec<(&'static str, OsString)> {
    match OPEN_LOADER.ensure() {
        Ok(python) => {
            let mut place = python.into_os_string();
            place.push(":");
            place.push(repository::root().join(LOADER));
            vec![("DOORSTEP_BENCH_LOADER", place)]
        }
        Err(error) => {
            println!("\nwithout the open loader: {error:#}\n");
            Vec::new()
        }
    }
}

/// Runs a bench target, shows what it prints, and returns the table in it. `said` are variables of its environment.
fn program(package: &str, name: &str, server: &Server, said: &[(&str, OsString)]) -> Result<String> {
    let mut command = repository::command("cargo", &["bench", "--locked", "--package", package, "--bench", name]);
    command.env(postgres::ADDRESS_VARIABLE, server.address()).stdout(Stdio::piped());
    command.envs(said.iter().map(|(name, value)| (name, value)));
    let mut cargo = command.spawn().context("cannot run `cargo bench`")?;
    let output = cargo.stdout.take().context("`cargo bench` has no output")?;
    let mut lines = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read the output of `cargo bench`")?;
        println!("{line}");
        lines.push(line);
    }
    if !cargo.wait().context("cannot wait for `cargo bench`")?.success() {
        bail!("the measurement `{name}` failed");
    }
    let figures = table(&lines);
    if figures.is_empty() {
        bail!("the measurement `{name}` printed no table");
    }
    Ok(figures)
}

/// The lines of Markdown tables, with an empty line between two tables.
fn table(lines: &[String]) -> String {
    let mut text = String::new();
    let mut before = true;
    for line in lines {
        let inside = line.starts_with('|');
        if inside && !before && !text.is_empty() {
            text.push('\n');
        }
        if inside {
            text.push_str(line);
            text.push('\n');
        }
        before = inside;
    }
    text
}

fn size(limit_mb: u64) -> Result<String> {
    let programs = repository::dev_programs()?;
    let target = programs.parent().unwrap_or(&programs);
    let path = target.join("release").join("doorstep");
    let bytes = std::fs::metadata(&path).with_context(|| format!("cannot find {}", path.display()))?.len();
    let figures = size_figures(bytes, limit_mb);
    print!("{figures}");
    if bytes > limit_mb * 1_000_000 {
        bail!("the binary has {bytes} bytes, more than {limit_mb} MB: see what came in with `cargo tree`");
    }
    Ok(figures)
}

fn size_figures(bytes: u64, limit_mb: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("| release binary | limit |\n|---|---|\n| {}.{} MB | {limit_mb} MB |\n", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_tables_of_an_output() {
        let lines =
            ["building", "| a | b |", "|---|---|", "| 1 | 2 |", "", "done", "| c |", "|---|"].map(str::to_owned);
        assert_eq!(table(&lines), "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|\n");
        assert_eq!(table(&["nothing".to_owned()]), "");
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert!(size_figures(12_340_001, 40).ends_with("| 12.4 MB | 40 MB |\n"));
        assert!(size_figures(39_999_999, 40).ends_with("| 40.0 MB | 40 MB |\n"));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = BENCHES.iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BENCHES.len());
    }
}
