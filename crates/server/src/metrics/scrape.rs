//! `/metrics`: for whoever has the token, else for this machine alone.

use std::fmt::Write;
use std::sync::PoisonError;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use doorstep_engine::context::{Figures, LOAD_BOUNDS_MICROS};

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

/// How contexts were served: from rows at hand, or from rows that were read.
fn write_contexts(figures: &Figures, into: &mut String) -> std::fmt::Result {
    let name = "doorstep_customer_context_load_seconds";
    writeln!(into, "# HELP {name} From the question to the context of a customer that was found.")?;
    writeln!(into, "# TYPE {name} histogram")?;
    for (cached, loads) in [("true", &figures.cached), ("false", &figures.read)] {
        let mut below = 0;
        for (bound, own) in LOAD_BOUNDS_MICROS.iter().zip(loads.up_to) {
            below += own;
            let bound = Duration::from_micros(*bound).as_secs_f64();
            writeln!(into, "{name}_bucket{{cached=\"{cached}\",le=\"{bound}\"}} {below}")?;
        }
        writeln!(into, "{name}_bucket{{cached=\"{cached}\",le=\"+Inf\"}} {}", loads.count)?;
        let seconds = Duration::from_micros(loads.micros).as_secs_f64();
        writeln!(into, "{name}_sum{{cached=\"{cached}\"}} {seconds}")?;
        writeln!(into, "{name}_count{{cached=\"{cached}\"}} {}", loads.count)?;
    }
    let counters = [
        ("doorstep_customer_context_cache_hits_total", "Contexts from rows at hand.", figures.cached.count),
        ("doorstep_customer_context_cache_misses_total", "Contexts whose rows were read.", figures.read.count),
        (
            "doorstep_customer_context_budget_drops_total",
            "Contexts as text of which something did not fit into its budget.",
            figures.cut,
        ),
    ];
    for (name, help, value) in counters {
        writeln!(into, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}")?;
    }
    let gauges = [
        (
            "doorstep_customer_context_cache_hit_ratio",
            "Contexts from rows at hand among all, since the start.",
            figures.hit_ratio().unwrap_or_default(),
        ),
        ("doorstep_customer_context_cache_bytes", "What the rows at hand weigh, about.", figures.bytes as f64),
        ("doorstep_customer_context_cache_customers", "Customers whose rows are at hand.", figures.customers as f64),
    ];
    for (name, help, value) in gauges {
        writeln!(into, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}")?;
    }
    Ok(())
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
    write_contexts(&app.engine.context_figures(), into)?;
    let name = "doorstep_customer_context_refreshes_total";
    writeln!(into, "# HELP {name} Customers that this process asked for or read by themselves, by outcome.")?;
    writeln!(into, "# TYPE {name} counter")?;
    for (outcome, count) in app.engine.refresh_figures() {
        writeln!(into, "{name}{{outcome=\"{outcome}\"}} {count}")?;
    }
    let name = "doorstep_tasks";
    writeln!(into, "# HELP {name} Tasks by state, of all tenants.\n# TYPE {name} gauge")?;
    for (state, count) in tasks {
        writeln!(into, "{name}{{state=\"{state}\"}} {count}")?;
    }
    Ok(())
}
