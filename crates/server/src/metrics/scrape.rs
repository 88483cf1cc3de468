//! `/metrics`: for whoever has the token, else for this machine alone.

use std::fmt::Write;
use std::sync::PoisonError;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::sync;
use crate::App;
use crate::app::Ends;
use crate::problem::{Problem, Result};

/// The type of the text that Prometheus reads.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that is counted, as Prometheus reads it.
pub(crate) async fn scrape(
    State(app): State<App>,
    Extension(ends): Extension<Ends>,
    headers: HeaderMap,
) -> Result<Response> {
    if !may_read(&app, &ends, &headers) {
        let detail = "Send the token of the setting `server.metrics_token` as `Authorization: Bearer …`. Without that \
                      setting, only programs on this machine may read this, and only where no `server.public_url` is set.";
        return Err(Problem::forbidden(detail));
    }
    let tasks = app.engine.tasks_by_state().await?;
    let mut text = String::new();
    write(&app, &tasks, &mut text).map_err(|_| Problem::broken())?;
    let lag = app.engine.sync_lag().await?;
    sync::write(&app.engine.meter.read(), lag, &mut text).map_err(|_| Problem::broken())?;
    Ok(([(header::CONTENT_TYPE, KIND)], text).into_response())
}

/// A public address means a proxy, and then everybody seems to come from this machine.
fn may_read(app: &App, ends: &Ends, headers: &HeaderMap) -> bool {
    match &app.settings.metrics_token {
        Some(token) => {
            let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            said.and_then(|said| said.strip_prefix("Bearer ")).is_some_and(|said| token.is(said.trim()))
        }
        None => app.settings.public_url.is_none() && ends.remote.ip().to_canonical().is_loopback(),
    }
}

fn write(app: &App, tasks: &[(String, i64)], into: &mut String) -> std::fmt::Result {
    let metrics = &app.metrics;
    metrics.requests.write(into)?;
    let gauges = [
        ("doorstep_http_connections", "Connections open.", metrics.connections.now()),
        ("doorstep_live_streams", "Live streams open.", metrics.streams.now()),
    ];
    for (name, help, value) in gauges {
        writeln!(into, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}")?;
    }
    let name = "doorstep_live_lag_seconds";
    writeln!(into, "# HELP {name} From the start of a transaction until its changes were told to those who watch.")?;
    writeln!(into, "# TYPE {name} histogram")?;
    metrics.live_lag.lock().unwrap_or_else(PoisonError::into_inner).write(into, name, "")?;
    let name = "doorstep_tasks";
    writeln!(into, "# HELP {name} Tasks by state, of all tenants.\n# TYPE {name} gauge")?;
    for (state, count) in tasks {
        writeln!(into, "{name}{{state=\"{state}\"}} {count}")?;
    }
    Ok(())
}
