//! Live sources: what can be connected, the connections, and what was said of one object.
//!
//! Secrets go in and never come out: an answer says which are set. What a source refuses about a setting is told with the
//! field that it is about.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::connection::{Connection, Settings};
use doorstep_core::id::ConnectionId;
use doorstep_core::record::Source;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::source::{SettingSpec, SourceSpec};
use doorstep_core::sync::Run;
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::connection::{Change, Connected, NewConnection, Said};
use doorstep_engine::removal::Records;
use doorstep_engine::source::{self, Checked, within_limit};
use serde::Deserialize;
use serde_json::{Value, json};

use super::idempotency::{self, JsonOnce};
use super::input::{At, said, there, there_whole, word};
use super::json;
use super::run::shown as shown_run;
use crate::App;
use crate::auth::Principal;
use crate::body::{Json, Query};
use crate::problem::{Problem, Result};

/// How often a source is read where nobody says otherwise, in seconds: its people change a few things in an hour.
pub(crate) const USUAL_INTERVAL_SECONDS: i64 = 15 * 60;

/// What can be connected, and what each source wants to know.
pub(super) async fn sources(_: Principal) -> Result<Response> {
    let setting = |it: &SettingSpec| {
        json!({
            "name": it.name, "label": it.label, "is_secret": it.is_secret, "default": it.default,
            "is_optional": it.is_optional,
        })
    };
    let one = |spec: &SourceSpec| {
        let settings: Vec<Value> = spec.settings.iter().map(setting).collect();
        let streams = spec.streams.iter().map(|it| json!({ "name": it.name, "label": it.label }));
        let (id, streams) = (spec.source.as_str(), streams.collect::<Vec<_>>());
        json!({ "source": id, "label": spec.source.label(), "settings": settings, "streams": streams })
    };
    json(StatusCode::OK, &json!({ "items": source::specs().map(one).collect::<Vec<_>>() }))
}

/// A connection as programs see it: with the names of what is secret, and what is read of it now.
fn shown(connection: &Connection, run: Option<&Run>, last: Option<&Run>) -> Value {
    let mut object = json!(connection);
    let secrets = source::spec(connection.source).map_or(&[][..], |spec| spec.settings).iter();
    let is_set = if connection.removed_at.is_some() { "forgotten" } else { "set" };
    object["secrets"] = secrets.filter(|it| it.is_secret).map(|it| (it.name.to_owned(), json!(is_set))).collect();
    object["next_at"] = json!(connection.next_at());
    object["run"] = json!(run.map(shown_run));
    object["last"] = json!(last.map(shown_run));
    object
}

async fn shown_now(app: &App, principal: &Principal, id: ConnectionId) -> Result<Value> {
    let all = app.engine.sync_status(&principal.scope).await?;
    match all.iter().find(|status| status.connection.id == id) {
        Some(it) => Ok(shown(&it.connection, it.run.as_ref(), it.last.as_ref())),
        // One that was taken away is told by its id, too.
        None => Ok(shown(&app.engine.connection(&principal.scope, id).await?, None, None)),
    }
}

/// What a check found, in words.
pub(crate) fn checked(found: &Checked) -> Value {
    let one = |it: &doorstep_engine::source::CheckedStream| match &it.found {
        Ok(any) => json!({ "stream": it.stream, "can_be_read": true, "has_any": any }),
        Err(failure) => json!({ "stream": it.stream, "can_be_read": false, "reason": failure.to_string() }),
    };
    let streams: Vec<Value> = found.streams.iter().map(one).collect();
    json!({ "streams": streams, "clock_ahead_seconds": found.clock_ahead_seconds, "advice": found.advice() })
}

/// Why a source was not connected: what is wrong with a setting names it as the field.
pub(crate) fn refused(source: Source, error: Error) -> Problem {
    let names = source::spec(source).map_or(&[][..], |spec| spec.settings);
    let text = error.to_string();
    let about = text.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
    let setting = about.and_then(|name| names.iter().find(|it| it.name == name));
    match (&error, setting) {
        (Error::Source(_), Some(it)) => {
            Problem::invalid(Problem::from(error).detail).with("field", format!("settings.{}", it.name))
        }
        _ => error.into(),
    }
}

/// Settings that are all known to the source.
fn known(source: Source, settings: Settings) -> Result<Said> {
    let Some(spec) = source::spec(source) else {
        let detail = "`source` is none that can be connected; `/api/v1/sources` lists those.";
        return Err(Problem::invalid(detail).with("field", "source"));
    };
    let unknown = settings.keys().find(|name| !spec.settings.iter().any(|it| it.name == name.as_str()));
    if let Some(unknown) = unknown {
        let unknown: String = unknown.chars().take(64).collect();
        let names: Vec<String> = spec.settings.iter().map(|it| format!("`{}`", it.name)).collect();
        let detail = format!("`{unknown}` is no setting of {}: there is {}.", spec.source.label(), names.join(", "));
        return Err(Problem::invalid(detail).with("field", "settings"));
    }
    Ok(Said(settings))
}

/// A schedule out of what was said and, where nothing was, what stands.
fn schedule(standing: Schedule, said: &When) -> Result<Schedule> {
    let seconds = said.interval_seconds.unwrap_or(standing.interval_seconds);
    let window = match &said.open_hours {
        None => standing.window,
        Some(None) => None,
        Some(Some(text)) => Some(text.parse::<Window>().map_err(|bad| unfit("open_hours", &bad.to_string()))?),
    };
    let enabled = said.enabled.unwrap_or(standing.enabled);
    let every = Schedule::every(seconds, window).map_err(|bad| unfit("interval_seconds", &bad.to_string()))?;
    Ok(Schedule { enabled, ..every })
}

fn unfit(field: &str, why: &str) -> Problem {
    Problem::invalid(format!("`{field}`: {why}.")).with("field", field)
}

struct When {
    enabled: Option<bool>,
    interval_seconds: Option<i64>,
    open_hours: Option<Option<String>>,
}

/// What is to be connected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(deserialize_with = "word")]
    source: Source,
    #[serde(default, deserialize_with = "there")]
    name: Option<String>,
    settings: Settings,
    #[serde(default, deserialize_with = "there")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "there_whole")]
    interval_seconds: Option<i64>,
    #[serde(default, deserialize_with = "said")]
    open_hours: Option<Option<String>>,
    #[serde(default, deserialize_with = "there")]
    check: Option<bool>,
}

/// Connects a source after having asked it whether it can be read.
pub(super) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(new, key): JsonOnce<New>,
) -> Result<Response> {
    let usual =
        Schedule { enabled: true, interval_seconds: USUAL_INTERVAL_SECONDS, window: Some(Window::WORKING_HOURS) };
    let when = When { enabled: new.enabled, interval_seconds: new.interval_seconds, open_hours: new.open_hours };
    let schedule = schedule(usual, &when)?;
    let (source, settings) = (new.source, known(new.source, new.settings)?);
    let checks = new.check.unwrap_or(true);
    let new = NewConnection { source, name: new.name, settings, schedule };
    let reply = |made: &Connected| {
        let connection = shown(&made.connection, None, None);
        let check = made.checked.as_ref().map(checked);
        idempotency::said(StatusCode::CREATED, &json!({ "connection": connection, "check": check }))
    };
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.add_connection_once(&principal.scope, &new, checks, keep.as_ref()).await;
    idempotency::answer(once.map_err(|error| refused(source, error))?, &reply)
}

async fn ask(app: &App, principal: &Principal, source: Source, settings: &Said) -> Result<Checked> {
    let answer = within_limit(app.engine.check_settings(&principal.scope, source, settings)).await;
    answer.map_err(|error| refused(source, error))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tried {
    #[serde(deserialize_with = "word")]
    source: Source,
    settings: Settings,
}

/// Asks a source whether it can be read with these settings; keeps nothing of them.
pub(super) async fn try_out(State(app): State<App>, principal: Principal, Json(it): Json<Tried>) -> Result<Response> {
    let settings = known(it.source, it.settings)?;
    json(StatusCode::OK, &checked(&ask(&app, &principal, it.source, &settings).await?))
}

/// Those that there are, oldest first.
pub(super) async fn list(State(app): State<App>, principal: Principal) -> Result<Response> {
    let all = app.engine.sync_status(&principal.scope).await?;
    let items: Vec<Value> = all.iter().map(|it| shown(&it.connection, it.run.as_ref(), it.last.as_ref())).collect();
    json(StatusCode::OK, &json!({ "items": items }))
}

/// One of them.
pub(super) async fn get(State(app): State<App>, principal: Principal, At(id): At<ConnectionId>) -> Result<Response> {
    json(StatusCode::OK, &shown_now(&app, &principal, id).await?)
}

/// What is to be otherwise; what is not said stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    #[serde(default, deserialize_with = "there")]
    name: Option<String>,
    #[serde(default, deserialize_with = "there")]
    settings: Option<Settings>,
    #[serde(default, deserialize_with = "there")]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "there_whole")]
    interval_seconds: Option<i64>,
    #[serde(default, deserialize_with = "said")]
    open_hours: Option<Option<String>>,
}

/// Says anew what it is called, what connects it or when it is read; nothing of it where a part does not fit.
pub(super) async fn change(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Json(new): Json<Changed>,
) -> Result<Response> {
    let connection = app.engine.connection(&principal.scope, id).await?;
    let when = When { enabled: new.enabled, interval_seconds: new.interval_seconds, open_hours: new.open_hours };
    let schedule = schedule(connection.schedule, &when)?;
    let settings = new.settings.map(|settings| known(connection.source, settings)).transpose()?;
    let change = Change { name: new.name, settings, schedule: Some(schedule) };
    let changed = app.engine.change_connection(&principal.scope, id, &change).await;
    changed.map_err(|error| refused(connection.source, error))?;
    json(StatusCode::OK, &shown_now(&app, &principal, id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Going {
    records: Option<String>,
}

/// Takes it away with its credentials; what it said stays, or goes with it for good.
pub(super) async fn remove(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(going): Query<Going>,
) -> Result<Response> {
    let records = match going.records.as_deref() {
        None | Some("keep") => Records::Keep,
        Some("remove") => Records::Remove,
        Some(_) => {
            let detail = "`records` is `keep`, and what it said stays, or `remove`, and it goes for good.";
            return Err(Problem::invalid(detail).with("field", "records"));
        }
    };
    let gone = app.engine.remove_connection(&principal.scope, id, records).await?;
    json(StatusCode::OK, &shown(&gone, None, None))
}

/// Asks it whether it can be read.
pub(super) async fn check(State(app): State<App>, principal: Principal, At(id): At<ConnectionId>) -> Result<Response> {
    principal.require(Permission::Administer)?;
    json(StatusCode::OK, &checked(&within_limit(app.engine.check_connection(&principal.scope, id)).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    stream: String,
    key: String,
}

/// What was said of one object, word for word, now and before.
pub(super) async fn record(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let told = app.engine.told(&principal.scope, id, &wanted.stream, &wanted.key).await?;
    let Some(told) = told else {
        let detail = "Nothing that is here was said of that object: look at its stream and its key, which are the \
                      source's own.";
        return Err(Problem::not_found(detail));
    };
    let before = told.before.iter();
    let before = before.map(|it| json!({ "number": it.number, "said_until": it.said_until, "payload": it.payload }));
    let (object, before) = (&told.object, before.collect::<Vec<_>>());
    json(
        StatusCode::OK,
        &json!({
            "id": object.id, "connection": id, "stream": object.stream, "key": object.key,
            "parent": object.parent_key, "gone": object.gone, "customer": object.customer,
            "payload": object.payload, "before": before,
        }),
    )
}
