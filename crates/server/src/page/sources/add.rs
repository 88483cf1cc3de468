//! Connecting a source: what it wants to know, a look whether that works, and then it is there. What is secret is never
//! written into a page again, also not beside what was wrong with it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::connection::Settings;
use doorstep_core::record::Source;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::source::SourceSpec;
use doorstep_core::tenant::Permission;
use doorstep_engine::connection::{NewConnection, Said};
use doorstep_engine::source::{Checked, spec, within_limit};

use super::{INTERVALS, Looked, looked, said, wrong_setting};
use crate::App;
use crate::api::{USUAL_INTERVAL_SECONDS, refused};
use crate::auth::Principal;
use crate::body::Form;
use crate::page::{Frame, Section, frame, show};
use crate::problem::{Problem, Result};

/// What stands before the name of a setting in a form, so that none is taken for another field.
const PREFIX: &str = "set.";

/// A setting as a form shows it.
pub(super) struct Field {
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it is, with what is named in backticks.
    pub hint: &'static str,
    pub is_secret: bool,
    pub is_optional: bool,
    pub value: String,
    pub wrong: String,
}

/// The fields of a source with what stands in them; secrets are always empty.
pub(super) fn fields(spec: &SourceSpec, standing: &Settings, wrong: (&str, &str)) -> Vec<Field> {
    let one = |it: &doorstep_core::source::SettingSpec| {
        let value = standing.get(it.name).map(String::as_str).or(it.default).unwrap_or_default();
        Field {
            name: format!("{PREFIX}{}", it.name),
            label: label(spec.source, it.name),
            hint: it.label,
            is_secret: it.is_secret,
            is_optional: it.is_optional,
            value: if it.is_secret { String::new() } else { value.to_owned() },
            wrong: if wrong.0 == it.name { wrong.1.to_owned() } else { String::new() },
        }
    };
    spec.settings.iter().map(one).collect()
}

/// `client_secret` as `Client secret`, and `servicetitan_tenant` as `ServiceTitan tenant`.
fn label(source: Source, name: &str) -> String {
    let text = name.replace('_', " ").replace(source.as_str(), source.label());
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// The settings among the fields of a form; empty ones were not said.
pub(super) fn settings(typed: &[(String, String)]) -> Settings {
    let named = typed.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value.trim())));
    named.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// When a source is to be read, as a form says it.
pub(super) fn schedule(typed: &[(String, String)]) -> Result<Schedule> {
    let seconds = said(typed, "interval").parse::<i64>();
    let seconds = seconds.map_err(|_| Problem::invalid("Choose how often it is read.").with("field", "interval"))?;
    let hours = said(typed, "hours");
    let window = match hours {
        "" => None,
        text => Some(text.parse::<Window>().map_err(|bad| Problem::invalid(format!("{bad}.")).with("field", "hours"))?),
    };
    let every = Schedule::every(seconds, window);
    let every = every.map_err(|bad| Problem::invalid(format!("{bad}.")).with("field", "interval"))?;
    Ok(Schedule { enabled: said(typed, "enabled") == "yes", ..every })
}

/// How often, as a form offers it: in seconds, in words, and whether it is that.
pub(super) fn intervals(chosen: i64) -> Vec<(i64, String, bool)> {
    let mut all: Vec<_> =
        INTERVALS.iter().map(|(seconds, words)| (*seconds, format!("every {words}"), *seconds == chosen)).collect();
    if !all.iter().any(|(_, _, is_chosen)| *is_chosen) {
        let words = format!("every {}", crate::page::words::elapsed(chosen.unsigned_abs()));
        all.insert(0, (chosen, words, true));
    }
    all
}

#[derive(Template)]
#[template(path = "sources/new.html")]
struct Page {
    frame: Frame,
    called: String,
    fields: Vec<Field>,
    intervals: Vec<(i64, String, bool)>,
    hours: String,
    hours_wrong: String,
    failed: String,
    looked: Vec<Looked>,
    advice: &'static str,
    is_good: bool,
}

/// The one source that there is to be connected so far.
fn the_source() -> Result<&'static SourceSpec> {
    spec(Source::ServiceTitan).ok_or_else(Problem::broken)
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap, typed: &[(String, String)]) -> Result<Page> {
    let interval = said(typed, "interval").parse().unwrap_or(USUAL_INTERVAL_SECONDS);
    let hours = typed.iter().find(|(name, _)| name == "hours");
    Ok(Page {
        frame: frame(app, principal, headers, "Connect ServiceTitan", Section::Sources).await?,
        called: said(typed, "name").to_owned(),
        fields: fields(the_source()?, &settings(typed), ("", "")),
        intervals: intervals(interval),
        hours: hours.map_or_else(|| Window::WORKING_HOURS.to_string(), |(_, hours)| hours.clone()),
        hours_wrong: String::new(),
        failed: String::new(),
        looked: Vec::new(),
        advice: "",
        is_good: false,
    })
}

pub(super) async fn form(State(app): State<App>, principal: Principal, headers: HeaderMap) -> Result<Response> {
    principal.require(Permission::Administer)?;
    show(&fresh(&app, &principal, &headers, &[]).await?)
}

async fn ask(app: &App, principal: &Principal, typed: &[(String, String)]) -> Result<Checked> {
    let source = the_source()?.source;
    let said = Said(settings(typed));
    let answer = app.engine.check_settings(&principal.scope, source, &said);
    within_limit(answer).await.map_err(|error| refused(source, error))
}

/// The form as it was sent, with what is wrong.
async fn again(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    typed: &[(String, String)],
    problem: Problem,
) -> Result<Response> {
    if problem.status.is_server_error() && problem.status != StatusCode::SERVICE_UNAVAILABLE {
        return Err(problem);
    }
    let page = fresh(app, principal, headers, typed).await?;
    let wrong = wrong_setting(&problem);
    let page = Page {
        fields: fields(the_source()?, &settings(typed), (&wrong, &problem.detail)),
        hours_wrong: if wrong == "hours" { problem.detail.clone() } else { String::new() },
        failed: problem.detail,
        ..page
    };
    Ok((problem.status, show(&page)?).into_response())
}

/// Asks the source with what stands in the form, and keeps nothing of it.
pub(super) async fn check(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    match ask(&app, &principal, &typed).await {
        Ok(checked) => {
            let page = fresh(&app, &principal, &headers, &typed).await?;
            let (looked, advice) = (looked(the_source()?, &checked), checked.advice().unwrap_or_default());
            show(&Page { looked, advice, is_good: true, ..page })
        }
        Err(problem) => again(&app, &principal, &headers, &typed, problem).await,
    }
}

/// Asks the source, and connects it where it answers.
pub(super) async fn connect(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    match add(&app, &principal, &typed).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) => again(&app, &principal, &headers, &typed, problem).await,
    }
}

async fn add(app: &App, principal: &Principal, typed: &[(String, String)]) -> Result<String> {
    let schedule = Schedule { enabled: true, ..schedule(typed)? };
    ask(app, principal, typed).await?;
    let source = the_source()?.source;
    let name = Some(said(typed, "name")).filter(|name| !name.is_empty()).map(str::to_owned);
    let new = NewConnection { source, name, settings: Said(settings(typed)), schedule };
    let made = app.engine.add_connection(&principal.scope, &new).await.map_err(|error| refused(source, error))?;
    Ok(format!("/sources/{}?done=connected", made.id))
}
