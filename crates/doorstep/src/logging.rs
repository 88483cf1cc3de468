//! The log, on standard error. What is logged holds ids and counts, never what customers are or say.

use std::io::IsTerminal;

use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::config::{Log, LogFormat};
use crate::failure::Failure;

/// Parts of libraries that never log, whatever the level: reading a database URL, they quote the value of a parameter
/// that they do not know, and that may be a password under a mistyped name; speaking with agents, they write down what
/// was said. What of that may be told, we tell ourselves.
const SILENT: &[&str] = &["sqlx_postgres::options=off", "rmcp=off", "rmcp::service=off", "rmcp::transport=off"];

/// Starts the log. Its level is a word (`warn`) or, for those who look for a mistake, `doorstep_engine=debug,warn`.
///
/// # Errors
/// The level is none.
pub fn start(log: &Log) -> Result<(), Failure> {
    std::panic::set_hook(Box::new(|panic| eprintln!("{}", told(panic))));
    let filter = EnvFilter::try_new(&log.level).map_err(|_| {
        Failure::refused(format!("`{}` is not a log level", log.level))
            .hint("`log.level` is one of `error`, `warn`, `info`, `debug`, `trace`, `off`")
    })?;
    let silent = SILENT.iter().filter_map(|directive| directive.parse::<Directive>().ok());
    let filter = silent.fold(filter, EnvFilter::add_directive);
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

/// What is told of a panic: where it was, and its words only if they are fixed ones. Words that were put together may
/// quote what was being worked on (a slice of a text quotes the text).
fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let words = panic.payload().downcast_ref::<&'static str>().copied();
    let words = words.unwrap_or("its words are not shown, they may quote a customer");
    format!("doorstep made a mistake, please report it with this line: {place}: {words}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::process::Command;

    use super::*;

    /// Set in the process that the test starts, which is this test program again: a hook is of a whole process.
    const CHILD_VARIABLE: &str = "DOORSTEP_TEST_PANIC_CHILD";

    #[test]
    fn a_panic_tells_where_and_quotes_nobody() {
        let (_, module) = module_path!().split_once("::").unwrap();
        let told = |what: &str| {
            let ran = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--nocapture", &format!("{module}::child_of_the_panic_test")])
                .env(CHILD_VARIABLE, what)
                .output()
                .unwrap();
            let told = String::from_utf8(ran.stderr).unwrap();
            assert!(!ran.status.success() && told.contains("logging.rs:"), "{told}");
            told
        };
        let sliced = told("Ünal 617");
        assert!(!sliced.contains("nal") && !sliced.contains("617"), "{sliced}");
        assert!(told("").contains(": fixed words"));
    }

    /// The other process of the test above; on its own it has nothing to do.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "how the test above talks to its child")]
    fn child_of_the_panic_test() {
        let Some(what) = std::env::var_os(CHILD_VARIABLE) else { return };
        start(&Log { level: "off".to_owned(), format: LogFormat::Auto }).unwrap();
        let what = what.into_string().unwrap();
        if what.is_empty() {
            panic!("fixed words");
        }
        // In the middle of a letter.
        let _ = &what[1..];
    }

    #[test]
    fn people_read_text_and_programs_json_unless_one_is_said() {
        let check = |format, is_terminal, expected| assert_eq!(is_json(format, is_terminal), expected, "{format:?}");
        check(LogFormat::Auto, true, false);
        check(LogFormat::Auto, false, true);
        check(LogFormat::Text, false, false);
        check(LogFormat::Json, true, true);
    }
}
