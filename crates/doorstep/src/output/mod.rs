//! What the program prints: data on standard output, remarks and progress on standard error.

mod grid;
mod progress;
mod text;

use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;

pub use grid::{Column, Grid};
pub use progress::Bar;
pub use text::{clean, clean_lines, count, elapsed, one_line, several};

use crate::config::Environment;
use crate::failure::Failure;

/// The width that text is wrapped at where nobody says how wide the page is, in columns.
const PAGE_WIDTH: u16 = 100;
/// No terminal is narrower; one that claims to be would make tables of one letter a line.
const LEAST_WIDTH: u16 = 40;

/// Where results go, and how they look there.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON object (or array) instead of text.
    pub json: bool,
    width: Option<u16>,
    colour_out: bool,
    colour_err: bool,
}

impl Output {
    /// For this process's streams.
    pub fn new(json: bool, environment: &Environment) -> Self {
        let said = environment.get("COLUMNS").and_then(|columns| columns.parse::<u16>().ok());
        let width = said.or_else(|| comfy_table::Table::new().width()).map(|width| width.max(LEAST_WIDTH));
        let colours = environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb");
        let colour_out = colours && !json && std::io::stdout().is_terminal();
        Self { json, width, colour_out, colour_err: colours && std::io::stderr().is_terminal() }
    }

    /// Columns of the terminal; `None` where a pipe or a file takes lines of any length.
    pub fn width(&self) -> Option<u16> {
        self.width
    }

    /// Columns at which running text is wrapped.
    pub fn page_width(&self) -> u16 {
        self.width.unwrap_or(PAGE_WIDTH).min(PAGE_WIDTH)
    }

    /// Whether a person sits in front of standard output.
    pub fn has_colours(&self) -> bool {
        self.colour_out
    }

    /// Prints text, each call its own lines.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| if text.ends_with('\n') || text.is_empty() { Ok(()) } else { stdout.write_all(b"\n") });
        written.and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::nobody_reads(),
            _ => Failure::failed(format!("the result cannot be written: {error}")),
        })
    }

    /// Prints one JSON value, indented.
    pub fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::failed(format!("the result cannot be written as JSON: {error}")))?;
        self.print(&text)
    }

    /// A remark on standard error.
    pub fn note(&self, text: &str) {
        // Whoever closed standard error does not want to hear it.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// A remark that a program reading JSON has no use for.
    pub fn remark(&self, text: &str) {
        if !self.json {
            self.note(text);
        }
    }

    /// Heavier.
    pub fn bold(&self, text: &str) -> String {
        painted(self.colour_out, text, "1")
    }

    /// Lighter.
    pub fn dim(&self, text: &str) -> String {
        painted(self.colour_out, text, "2")
    }

    /// In a style of standard error; `code` is what stands between `ESC [` and `m`.
    pub fn on_stderr(&self, text: &str, code: &str) -> String {
        painted(self.colour_err, text, code)
    }
}

fn painted(colours: bool, text: &str, code: &str) -> String {
    if colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
impl Output {
    /// A terminal of that width without colours.
    pub fn of_width(width: Option<u16>) -> Self {
        Self { json: false, width, colour_out: false, colour_err: false }
    }
}
