//! A customer's jobs.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::job::{Appointment, JobStatus, Which};
use doorstep_engine::job::{Filter, Listed};
use serde::{Deserialize, Serialize};

use super::cursor::List;
use super::input::{At, Limit, there_word};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default, deserialize_with = "there_word")]
    which: Option<Which>,
    #[serde(default, deserialize_with = "there_word")]
    from: Option<Timestamp>,
    #[serde(default, deserialize_with = "there_word")]
    to: Option<Timestamp>,
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

/// A job as programs read it.
#[derive(Serialize)]
struct Told {
    id: RecordId,
    number: Option<String>,
    status: Option<JobStatus>,
    type_name: Option<String>,
    summary: Option<String>,
    booked_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    next_visit_at: Option<Timestamp>,
    total_cents: Option<i64>,
    address: Option<String>,
    appointments: Vec<Appointment>,
    technicians: Vec<String>,
    is_active: bool,
}

impl From<Listed> for Told {
    fn from(listed: Listed) -> Self {
        let job = listed.job;
        Self {
            id: listed.record,
            number: job.number,
            status: job.status,
            type_name: job.type_name,
            summary: job.summary,
            booked_at: job.booked_at,
            completed_at: job.completed_at,
            next_visit_at: listed.next_visit_at,
            total_cents: job.total.map(|total| total.cents()),
            address: listed.address,
            appointments: job.appointments,
            technicians: job.technicians,
            is_active: job.is_active,
        }
    }
}

/// A customer's jobs.
pub(super) async fn of_customer(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let which = asked.which.unwrap_or(Which::All);
    let filter = Filter { which, from: asked.from, to: asked.to };
    let bound = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let filters = [which.as_str(), &bound(asked.from), &bound(asked.to), &id.to_string()];
    let list = List::new(principal.scope.tenant(), "jobs", &filters);
    let position = list.position(asked.cursor.as_deref())?;
    let page = app.engine.list_jobs(&principal.scope, id, &filter, position.as_ref(), asked.limit.0).await?;
    json(StatusCode::OK, &list.page(page).map(Told::from))
}
