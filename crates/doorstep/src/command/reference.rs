//! `doorstep reference`: pages of the reference, written from the program itself.

use clap::ValueEnum;
use doorstep_core::import::FileKind;
use doorstep_upstream::phone_history;

use crate::cli;
use crate::config::{FILE_NAME, SECTIONS};
use crate::failure::Failure;
use crate::hub::Program;

/// Pages of the reference, for the documents.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which page.
    page: Page,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Page {
    /// Every command with its help.
    Cli,
    /// Every setting.
    Config,
    /// The columns of a phone-history archive and their other names.
    Columns,
    /// The live sources: what connecting them asks for, and what they have.
    Sources,
    /// The tools of AI agents.
    Tools,
    /// REST, as an OpenAPI document.
    Openapi,
}

pub fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    program.out.print(&match args.page {
        Page::Cli => commands(),
        Page::Config => settings(),
        Page::Columns => columns(),
        Page::Sources => doorstep_upstream::reference::reference(),
        Page::Tools => doorstep_agent::reference::reference(),
        Page::Openapi => openapi(),
    })
}

/// On lines of its own, so that what changed is seen.
fn openapi() -> String {
    format!("{:#}", doorstep_server::api::document())
}

fn commands() -> String {
    let mut text = "# Commands\n\nEvery command with its help, as `--help` prints it.\n".to_owned();
    let tree = cli::tree();
    // Wrapped for the page, whatever terminal it is written on.
    let mut tree = tree.term_width(100);
    tree.build();
    describe(&tree, "", &mut text);
    text
}

fn describe(command: &clap::Command, path: &str, text: &mut String) {
    let path = format!("{path} {}", command.get_name()).trim().to_owned();
    let help = command.clone().render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!("\n## `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        describe(inner, &path, text);
    }
}

fn settings() -> String {
    let mut text = format!(
        "# Settings\n\nIn layers, the last that speaks counts: defaults, then `{FILE_NAME}` in the data directory (or the \
         file given with `--config` or `DOORSTEP_CONFIG`), then the environment, then flags.\n\
         `doorstep config show --origin` prints each value and where it came from.\n\
         A name that nobody knows is refused, with the nearest one that somebody does.\n"
    );
    for section in SECTIONS {
        let docs: Vec<&str> = section.docs.iter().map(|line| line.trim()).collect();
        text.push_str(&format!("\n## `[{}]`\n\n{}\n", section.name, docs.join(" ")));
        for key in section.keys {
            let docs: Vec<&str> = key.docs.iter().map(|line| line.trim()).collect();
            let flag = if key.flag.is_empty() { String::new() } else { format!(", flag `{}`", key.flag) };
            let file = match key.file_variables {
                [] => String::new(),
                [first, others @ ..] => {
                    let others: String = others.iter().map(|other| format!(" (or `{other}`)")).collect();
                    format!("; `{first}`{others} names a file that holds the value instead")
                }
            };
            let default = match key.default {
                Some(default) => format!("`{default}`"),
                None => key.default_words.to_owned(),
            };
            text.push_str(&format!(
                "\n### `{}.{}`\n\n{}\n\nVariable `{}`{file}{flag}. Default: {default}.\n",
                section.name,
                key.name,
                docs.join(" "),
                key.variable
            ));
        }
    }
    text
}

fn columns() -> String {
    let mut text = "# Columns of a phone-history archive\n\nHeaders are compared without letter case, blanks and \
                    punctuation: `Phone Number` is `phone_number`, and so is any of its other names.\nOf a column that may be \
                    there several times all cells count together, and digits in its header do not matter: `Phone 2`.\n\
                    Any of the files may be missing, and most columns, too.\n\
                    `--alias messages.body='What they wrote'` and `[import.aliases]` add names.\n"
        .to_owned();
    for table in FileKind::TABLES {
        text.push_str(&format!("\n## {}\n\n| column | other names | |\n|---|---|---|\n", table.file_name()));
        for column in phone_history::columns(table) {
            let several = column.many.then_some("several times");
            let stands_in = (!column.is_expected()).then_some("where another is missing");
            let remarks: Vec<&str> = several.into_iter().chain(stands_in).collect();
            text.push_str(&format!("| `{}` | {} | {} |\n", column.name, column.aliases.join(", "), remarks.join(", ")));
        }
    }
    text
}
