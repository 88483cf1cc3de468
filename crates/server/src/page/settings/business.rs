//! The business itself: its name, its clock, its country, and its own numbers, whose change reaches customers and is
//! shown before it is made.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Permission;
use doorstep_core::time::Zone;
use doorstep_core::user::Label;
use doorstep_engine::tenant::{Change, Reached};

use super::{Frame, Tab, said, settings_frame, show, tabs};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::page::words::{Words, several};
use crate::problem::{Problem, Result};

#[derive(Template)]
#[template(path = "settings/business.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    business: String,
    zone: String,
    country: String,
    numbers: Vec<(String, String)>,
    /// What is about to change, in words, once somebody has asked.
    preview: String,
    pending: Vec<(&'static str, String)>,
    failed: String,
    done: &'static str,
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let done = if said(&asked, "done") == "saved" { "Saved." } else { "" };
    let page = fresh(&app, &principal, &headers).await?;
    show(&Page { done, ..page })
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap) -> Result<Page> {
    let around = app.engine.around(&principal.scope, &[]).await?;
    let words = Words::in_which(&around);
    let tenant = &words.tenant;
    let mut numbers: Vec<_> =
        tenant.own_numbers.iter().map(|own| (own.as_str().to_owned(), words.address(own.as_str()))).collect();
    numbers.sort();
    Ok(Page {
        frame: settings_frame(&around, principal, headers),
        tabs: tabs(principal, "/settings/business"),
        business: tenant.name.clone(),
        zone: tenant.time_zone.name().to_owned(),
        country: tenant.country.as_str().to_owned(),
        numbers,
        preview: String::new(),
        pending: Vec::new(),
        failed: String::new(),
        done: "",
    })
}

/// Changes what was said; own numbers in two steps, the first of which only tells.
pub(super) async fn change(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let words = Words::of(&app, &principal).await?;
    let wanted = match read(&fields, words.tenant.country) {
        Ok(wanted) => wanted,
        Err(why) => return refused(&app, &principal, &headers, &fields, why).await,
    };
    let touches_numbers = !(wanted.add_own_numbers.is_empty() && wanted.remove_own_numbers.is_empty());
    let preview = touches_numbers && said(&fields, "sure") != "yes";
    let changed = match app.engine.change_tenant(&principal.scope, &wanted, preview).await {
        Ok(changed) => changed,
        Err(error) => {
            let problem = Problem::from(error);
            if problem.status.is_server_error() {
                return Err(problem);
            }
            return refused(&app, &principal, &headers, &fields, problem.detail).await;
        }
    };
    if !preview {
        return Ok(Redirect::to("/settings/business?done=saved").into_response());
    }
    let pending = [("add", said(&fields, "add")), ("remove", said(&fields, "remove"))];
    let pending = pending.into_iter().filter(|(_, value)| !value.is_empty());
    let pending = pending.map(|(name, value)| (name, value.to_owned())).collect();
    let page = fresh(&app, &principal, &headers).await?;
    show(&Page { preview: consequences(&changed.customers), pending, ..page })
}

fn read(fields: &[(String, String)], home: Region) -> std::result::Result<Change, String> {
    let mut change = Change::default();
    let name = said(fields, "name");
    if fields.iter().any(|(key, _)| key == "name") {
        let label = Label::parse(name).map_err(|bad| format!("The name of the business: {bad}."))?;
        change.name = Some(label.as_str().to_owned());
    }
    let (zone, country) = (said(fields, "zone"), said(fields, "country"));
    if !zone.is_empty() {
        let parsed = zone.parse::<Zone>().map_err(|bad| format!("The time zone: {bad}."))?;
        change.time_zone = Some(parsed);
    }
    if !country.is_empty() {
        let parsed = country.to_uppercase().parse::<Region>().map_err(|bad| format!("The country: {bad}."))?;
        change.country = Some(parsed);
    }
    let number = |text: &str| Phone::parse(text, home).map_err(|bad| format!("The number cannot be read: {bad}."));
    let (add, remove) = (said(fields, "add"), said(fields, "remove"));
    if !add.is_empty() {
        change.add_own_numbers.push(number(add)?);
    }
    if !remove.is_empty() {
        change.remove_own_numbers.push(number(remove)?);
    }
    Ok(change)
}

/// What a change of own numbers does to customers, in words.
fn consequences(reached: &Reached) -> String {
    if reached.holders == 0 {
        return "No customer has this number, so nothing else changes.".to_owned();
    }
    let mut parts = vec![format!("{} with this number", several(reached.holders, "customer"))];
    for (count, words) in [
        (reached.created, "would come apart"),
        (reached.joined, "would be joined to another"),
        (reached.changed, "would show something else"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    format!("{}. Nothing has been changed yet.", parts.join("; "))
}

async fn refused(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    fields: &[(String, String)],
    failed: String,
) -> Result<Response> {
    let page = fresh(app, principal, headers).await?;
    let kept = |name: &str, before: String| {
        let typed = fields.iter().find(|(key, _)| key == name);
        typed.map_or(before, |(_, value)| value.clone())
    };
    let (business, zone, country) =
        (kept("name", page.business), kept("zone", page.zone), kept("country", page.country));
    let page = show(&Page { business, zone, country, failed, ..page })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
