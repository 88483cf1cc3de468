//! Jobs of a customer. What of them is told is what a context of the session's level would tell.

use doorstep_core::Timestamp;
use doorstep_core::context::{Field, may_see};
use doorstep_core::job::{Appointment, AppointmentStatus, Job, JobStatus, Which};
use doorstep_core::money::Money;
use doorstep_core::tenant::Permission;
use doorstep_core::time::Zone;
use doorstep_engine::job::Filter;
use serde_json::{Value, json};

use super::argument::{Argument, Takes, optional};
use super::whom::{self, WHOM};
use super::{Answer, Call, Effect, Running, Tool, told};

/// Jobs of one answer.
const MAX_JOBS: i64 = 20;
/// The same where nothing is said.
const USUALLY_JOBS: i64 = 10;
/// Visits, and technicians, of one job.
const MAX_OF_JOB: usize = 4;

pub(super) const LIST: Tool = Tool {
    name: "list_jobs",
    title: "List jobs",
    description: "A customer's jobs, newest first, with visits (days and times in the business' zone) and totals in cents.",
    needs: Permission::Read,
    is_for_channels: true,
    effect: Effect::Reads,
    arguments: &[WHOM[0], WHOM[1], WHOM[2], WHICH, LIMIT],
    gives: || json!({ "jobs": { "type": "array" }, "more": { "type": "boolean" } }),
    run: |call| Box::pin(list(call)),
};

const WHICH: Argument = optional("which", Takes::OneOf(&["open", "upcoming", "recent", "all"]));
const LIMIT: Argument = optional("limit", Takes::UpTo(MAX_JOBS));

async fn list(call: &Call<'_>) -> Running {
    let customer = whom::only(call).await?;
    let scope = call.session.scope();
    let zone = call.engine.tenant(scope).await?.time_zone;
    let which = call.said.text("which").unwrap_or(Which::All.as_str()).parse();
    let which = which.map_err(|bad| crate::Refusal::arguments(format!("`which`: {bad}.")))?;
    let (filter, limit) = (Filter { which, from: None, to: None }, call.said.number("limit").unwrap_or(USUALLY_JOBS));
    let page = call.engine.list_jobs(scope, customer, &filter, None, limit).await?;
    let jobs: Vec<Value> = page.rows.iter().map(|one| job(call, &one.job, one.address.as_deref(), &zone)).collect();
    Ok(Answer::of(json!({ "jobs": jobs, "more": page.next.is_some() })))
}

fn job(call: &Call<'_>, job: &Job, place: Option<&str>, zone: &Zone) -> Value {
    let level = call.session.assurance();
    let sees = |field, value: Value| if may_see(field, level) { value } else { Value::Null };
    let day = |at: Option<Timestamp>| at.map(|at| at.in_zone(zone).chars().take(10).collect::<String>());
    let visits: Vec<Value> = job.appointments.iter().rev().take(MAX_OF_JOB).map(|one| visit(one, zone)).collect();
    let technicians: Vec<Value> = job.technicians.iter().take(MAX_OF_JOB).map(|name| told::value(Some(name))).collect();
    told::object([
        ("number", sees(Field::JobNumber, told::value(job.number.as_deref()))),
        ("what", sees(Field::JobWhat, told::value(job.type_name.as_deref()))),
        ("status", sees(Field::JobStatus, told::value(job.status.as_ref().map(JobStatus::as_str)))),
        ("property", sees(Field::JobProperty, told::address(place))),
        ("booked_on", sees(Field::JobBookedOn, json!(day(job.booked_at)))),
        ("completed_on", sees(Field::JobCompletedOn, json!(day(job.completed_at)))),
        ("total_cents", sees(Field::JobTotal, json!(job.total.map(Money::cents)))),
        ("visits", sees(Field::VisitStatus, json!(visits))),
        ("technicians", sees(Field::JobTechnicians, json!(technicians))),
        ("note", sees(Field::JobNote, told::note(job.summary.as_deref()))),
    ])
}

fn visit(visit: &Appointment, zone: &Zone) -> Value {
    let shown = |at: Option<Timestamp>| json!(at.map(|at| at.in_zone(zone).chars().take(16).collect::<String>()));
    told::object([
        ("from", shown(visit.window_starts_at.or(visit.starts_at))),
        ("until", shown(visit.window_ends_at.or(visit.ends_at))),
        ("status", told::value(visit.status.as_ref().map(AppointmentStatus::as_str))),
    ])
}
