//! The log, on standard error. What is logged holds ids and counts, never what customers are or say.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use crate::failure::Failure;

/// Starts the log. Its level is a word (`warn`) or, for those who look for a mistake, `doorstep_engine=debug,warn`.
///
/// # Errors
/// The level is none.
pub fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.level).map_err(|_| {
        Failure::refused(format!("`{}` is not a log level", log.level))
            .hint("`log.level` is one of `error`, `warn`, `info`, `debug`, `trace`, `off`")
    })?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let started = if is_json(log.format, std::io::stderr().is_terminal()) {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        lines.with_target(false).try_init()
    };
    started.map_err(|error| Failure::failed(format!("the log cannot start: {error}")))
}

fn is_json(format: LogFormat, is_terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !is_terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_text_and_programs_json_unless_one_is_said() {
        let check = |format, is_terminal, expected| assert_eq!(is_json(format, is_terminal), expected, "{format:?}");
        check(LogFormat::Auto, true, false);
        check(LogFormat::Auto, false, true);
        check(LogFormat::Text, false, false);
        check(LogFormat::Json, true, true);
    }
}
