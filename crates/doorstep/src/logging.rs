//! The log: text on standard error. What is logged holds ids and counts, never what customers are or say.

use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::failure::Failure;

/// Parts of libraries that never log, whatever the level: reading a database URL, they quote the value of a parameter
/// that they do not know, and that may be a password under a mistyped name.
const SILENT: &[&str] = &["sqlx_postgres::options=off"];

/// Starts the log at `level`: a word (`warn`) or, for those who look for a mistake, `doorstep_engine=debug,warn`.
///
/// # Errors
/// The level is none.
pub fn start(level: &str) -> Result<(), Failure> {
    std::panic::set_hook(Box::new(|panic| eprintln!("{}", told(panic))));
    let filter = EnvFilter::try_new(level).map_err(|_| {
        Failure::refused(format!("`{level}` is not a log level"))
            .hint("`log.level` is one of `error`, `warn`, `info`, `debug`, `trace`, `off`")
    })?;
    let silent = SILENT.iter().filter_map(|directive| directive.parse::<Directive>().ok());
    let started = tracing_subscriber::fmt()
        .with_env_filter(silent.fold(filter, EnvFilter::add_directive))
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .try_init();
    started.map_err(|error| Failure::failed(format!("the log cannot start: {error}")))
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
        start("off").unwrap();
        let what = what.into_string().unwrap();
        if what.is_empty() {
            panic!("fixed words");
        }
        // In the middle of a letter.
        let _ = &what[1..];
    }
}
