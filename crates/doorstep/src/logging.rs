//! The log: text on standard error. What is logged holds ids and counts, never what customers are or say.

use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// Starts the log at `level`: a word (`warn`) or, for those who look for a mistake, `doorstep_engine=debug,warn`.
///
/// # Errors
/// The level is none.
pub fn start(level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level).map_err(|_| {
        Failure::refused(format!("`{level}` is not a log level"))
            .hint("`log.level` is one of `error`, `warn`, `info`, `debug`, `trace`, `off`")
    })?;
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .try_init();
    started.map_err(|error| Failure::failed(format!("the log cannot start: {error}")))
}
