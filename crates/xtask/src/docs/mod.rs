//! `cargo xtask docs`: writes the pages that the program itself knows best, and checks all pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::repository;

mod console;
mod links;
mod markdown;
pub mod pictures;

use markdown::Page;

/// A page under docs/reference/ and the arguments with which the program prints it as Markdown.
struct Generated {
    page: &'static str,
    arguments: &'static [&'static str],
}

/// All generated pages.
const GENERATED: &[Generated] = &[
    Generated { page: "cli.md", arguments: &["reference", "cli"] },
    Generated { page: "config.md", arguments: &["reference", "config"] },
    Generated { page: "openapi.json", arguments: &["reference", "openapi"] },
    Generated { page: "tools.md", arguments: &["reference", "tools"] },
    Generated { page: "import-columns.md", arguments: &["reference", "columns"] },
    Generated { page: "live-sources.md", arguments: &["reference", "sources"] },
];

/// The first line of every generated page.
const MARK: &str = "<!-- Written by `cargo xtask docs` from the program itself: change it there. -->\n\n";

/// Writes the generated pages (with `check`, compares them) and checks links and commands of all pages.
///
/// # Errors
/// A page is out of date, a link leads nowhere, or a page shows a command that the program does not know.
/// Without `check` a page that the program cannot print is only mentioned.
pub fn run(check: bool) -> Result<()> {
    repository::run(&mut repository::command("cargo", &["build", "--quiet", "--locked", "--package", "doorstep"]))?;
    let program = repository::dev_programs()?.join("doorstep");
    let mut problems = Vec::new();
    for generated in GENERATED {
        let path = repository::root().join("docs/reference").join(generated.page);
        match (printed(&program, generated.arguments), check) {
            (Ok(text), false) => write(&path, &text)?,
            (Ok(text), true) => problems.extend(out_of_date(&path, generated.page, &text)),
            (Err(reason), true) => problems.push(format!("docs/reference/{}: {reason:#}", generated.page)),
            (Err(reason), false) => println!("docs/reference/{} is left as it is: {reason:#}", generated.page),
        }
    }
    let pages = pages()?;
    problems.extend(links::check(&pages, &|path| repository::root().join(path).exists()));
    problems.extend(console::check(&pages, &|arguments| accepts(&program, arguments)));
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        n => bail!("{n} found in the pages; `cargo xtask docs` writes the generated ones"),
    }
}

fn pages() -> Result<Vec<Page>> {
    let files = repository::files()?.into_iter().filter(|it| it.ends_with(".md"));
    let read = |path: String| {
        let text = std::fs::read_to_string(repository::root().join(&path)).with_context(|| format!("`{path}`"))?;
        Ok(Page::parse(&path, &text))
    };
    files.map(read).collect()
}

/// What the program prints, as a page.
fn printed(program: &Path, arguments: &[&str]) -> Result<String> {
    let output =
        quiet(program).args(arguments).output().with_context(|| format!("cannot run {}", program.display()))?;
    let text = String::from_utf8(output.stdout).context("its output is not text")?;
    if !output.status.success() || text.trim().is_empty() {
        bail!("`doorstep {}` prints no page", arguments.join(" "));
    }
    // JSON has no place for a remark.
    let mark = if text.starts_with('{') { "" } else { MARK };
    Ok(format!("{mark}{}\n", text.trim_end()))
}

/// Whether the program understands a command line: clap reads it up to `--help` and then stops.
fn accepts(program: &Path, arguments: &[String]) -> bool {
    quiet(program).args(arguments).arg("--help").output().is_ok_and(|it| it.status.success())
}

/// The program on a page as wide as a terminal, whatever ours is.
fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repository::root()).env("COLUMNS", "100").env("NO_COLOR", "1");
    command
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|now| now == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} is written", path.strip_prefix(repository::root()).unwrap_or(path).display());
    Ok(())
}

fn out_of_date(path: &PathBuf, page: &str, text: &str) -> Option<String> {
    let now = std::fs::read_to_string(path).unwrap_or_default();
    let line = first_difference(&now, text)?;
    Some(format!("docs/reference/{page}:{line}: is out of date, run `cargo xtask docs`"))
}

/// The first line (counted from 1) in which two texts differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn says_where_a_page_is_out_of_date() {
        let check = |one, other, expected| assert_eq!(first_difference(one, other), expected, "{one:?} {other:?}");
        check("a\nb\n", "a\nb\n", None);
        check("a\nb\n", "a\nc\n", Some(2));
        check("", "a\n", Some(1));
        check("a\n", "a\nb\n", Some(2));
    }

    #[test]
    fn a_program_without_the_command_prints_no_page() {
        let reason = printed(Path::new("false"), &["reference", "cli"]).unwrap_err().to_string();
        assert_eq!(reason, "`doorstep reference cli` prints no page");
        assert!(printed(Path::new("true"), &[]).is_err(), "an empty page is none");
        assert_eq!(printed(Path::new("echo"), &["# A"]).unwrap(), format!("{MARK}# A\n"));
        assert_eq!(printed(Path::new("echo"), &["{}"]).unwrap(), "{}\n");
    }
}
