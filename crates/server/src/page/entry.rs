//! Coming in and going out: `/login`, `/link/{token}`, `/setup`, `/logout`.
//!
//! Nothing here tells a stranger who is a user. Mail programs open links to look at them, so that a link is used up by
//! what its page sends, not by being opened.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::TenantId;
use doorstep_core::email::Email;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::password::Password;
use doorstep_core::phone::Region;
use doorstep_core::time::Zone;
use doorstep_core::user::Label;
use doorstep_engine::Error;

use super::{Frame, show};
use crate::App;
use crate::auth::{
    Caller, Entry, FirstOwner, Principal, SETUP_PATH, Wanted, set_password_by_link, set_up, set_up_at, sign_in,
    sign_in_by_link, sign_out,
};
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/login", get(login).post(enter))
        .route("/logout", post(leave))
        .route("/link/{token}", get(link).post(follow))
        .route(SETUP_PATH, get(setup).post(found))
}

/// Fields as a form sends them.
type Fields = Vec<(String, String)>;

/// The value of a field, as typed: passwords keep their blanks.
fn typed<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    frame: Frame,
    next: String,
    email: String,
    failed: String,
    /// Businesses to choose from, once the password was right at several.
    tenants: Vec<(TenantId, String)>,
}

async fn login(known: Option<Principal>, headers: HeaderMap, Query(asked): Query<Fields>) -> Result<Response> {
    let next = ours(typed(&asked, "next"));
    if known.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let frame = Frame::new(None, &headers, "Sign in");
    show(&Login { frame, next, email: String::new(), failed: String::new(), tenants: Vec::new() })
}

/// Only an address of ours: whoever sends somebody a link to the sign-in page does not say where they land.
fn ours(next: &str) -> String {
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    let is_page = !["/login", "/logout", "/link/", "/events", "/api/"].iter().any(|start| next.starts_with(start));
    if is_ours && is_page { next.to_owned() } else { "/customers".to_owned() }
}

async fn enter(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let tenant = typed(&fields, "tenant").parse().ok().map(TenantId::from_number);
    let wanted = Wanted { email: typed(&fields, "email").trim(), password: typed(&fields, "password"), tenant };
    let next = ours(typed(&fields, "next"));
    let error = match sign_in(&app, &caller, &wanted).await {
        Ok(entry) => return Ok(inside(entry, &next)),
        Err(error) => error,
    };
    let tenants = if let Error::SeveralTenants(tenants) = &error { tenants.clone() } else { Vec::new() };
    let problem = Problem::from(error);
    if problem.status.is_server_error() && problem.status != StatusCode::SERVICE_UNAVAILABLE {
        return Err(problem);
    }
    let failed = if tenants.is_empty() { problem.detail.clone() } else { String::new() };
    let frame = Frame::new(None, &headers, "Sign in");
    let page = show(&Login { frame, next, email: wanted.email.to_owned(), failed, tenants })?;
    Ok(failed_page(&problem, page))
}

/// A page that says why, with the status and the time to wait of the problem.
fn failed_page(problem: &Problem, page: Response) -> Response {
    let mut response = (problem.status, page).into_response();
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn inside(entry: Entry, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    response.headers_mut().insert(header::SET_COOKIE, entry.cookie);
    response
}

async fn leave(State(app): State<App>, known: Option<Principal>, Form(_): Form<Fields>) -> Result<Response> {
    let mut response = Redirect::to("/login").into_response();
    if let Some(principal) = known {
        response.headers_mut().insert(header::SET_COOKIE, sign_out(&app, &principal).await?);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "link.html")]
struct Link {
    frame: Frame,
    name: String,
    email: String,
    sets_password: bool,
    failed: String,
}

async fn link(State(app): State<App>, headers: HeaderMap, Path(token): Path<String>) -> Result<Response> {
    link_page(&app, &headers, &token, None).await
}

async fn link_page(app: &App, headers: &HeaderMap, token: &str, problem: Option<Problem>) -> Result<Response> {
    let (user, link) = app.engine.link(token).await?.ok_or(Error::DeadLink)?;
    let sets_password = link.purpose == Purpose::SetPassword;
    let frame = Frame::new(None, headers, if sets_password { "Choose a password" } else { "Sign in" });
    let failed = problem.as_ref().map(|problem| problem.detail.clone()).unwrap_or_default();
    let page = show(&Link { frame, name: user.name, email: user.email.as_str().to_owned(), sets_password, failed })?;
    Ok(match problem {
        Some(problem) => failed_page(&problem, page),
        None => page,
    })
}

async fn follow(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let (_, link) = app.engine.link(&token).await?.ok_or(Error::DeadLink)?;
    let entered = match link.purpose {
        Purpose::SignIn => sign_in_by_link(&app, &caller, &token).await,
        Purpose::SetPassword => set_password_by_link(&app, &caller, &token, typed(&fields, "password")).await,
    };
    match entered {
        Ok(entry) => Ok(inside(entry, "/customers")),
        Err(error @ Error::BadPassword(_)) => link_page(&app, &headers, &token, Some(error.into())).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    frame: Frame,
    secret: String,
    /// The business that is there already, if one is.
    tenant: String,
    business: String,
    zone: String,
    country: String,
    called: String,
    email: String,
    failed: String,
}

const NO_SETUP: &str = "This link does not work, or somebody has set Doorstep up already. The link of a fresh start is in \
                        what the server printed; otherwise sign in.";

async fn setup(State(app): State<App>, headers: HeaderMap, Query(asked): Query<Fields>) -> Result<Response> {
    let secret = typed(&asked, "secret");
    let existing = set_up_at(&app, secret).await?.ok_or_else(|| Problem::not_found(NO_SETUP))?;
    let page = Setup {
        frame: Frame::new(None, &headers, "Welcome"),
        secret: secret.to_owned(),
        tenant: existing.map(|tenant| tenant.name).unwrap_or_default(),
        business: String::new(),
        zone: "America/New_York".to_owned(),
        country: Region::US.as_str().to_owned(),
        called: String::new(),
        email: String::new(),
        failed: String::new(),
    };
    show(&page)
}

async fn found(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let secret = typed(&fields, "secret");
    let existing = set_up_at(&app, secret).await?.ok_or_else(|| Problem::not_found(NO_SETUP))?;
    let made = match owner(&fields, existing.is_some()) {
        Ok(owner) => set_up(&app, &caller, secret, &owner).await.map_err(Problem::from),
        Err(why) => Err(Problem::invalid(why)),
    };
    let problem = match made {
        Ok(entry) => return Ok(inside(entry, "/customers")),
        Err(problem) if problem.status.is_server_error() || problem.status == StatusCode::NOT_FOUND => {
            return Err(problem);
        }
        Err(problem) => problem,
    };
    let said = |name: &str| typed(&fields, name).to_owned();
    let page = Setup {
        frame: Frame::new(None, &headers, "Welcome"),
        secret: secret.to_owned(),
        tenant: existing.map(|tenant| tenant.name).unwrap_or_default(),
        business: said("business"),
        zone: said("zone"),
        country: said("country"),
        called: said("name"),
        email: said("email"),
        failed: problem.detail.clone(),
    };
    Ok(failed_page(&problem, show(&page)?))
}

/// Reads the first owner out of the form, or says which field to look at.
fn owner(fields: &Fields, has_business: bool) -> std::result::Result<FirstOwner, String> {
    let said = |name: &str| typed(fields, name).trim();
    let business = if has_business { "here" } else { said("business") };
    Label::parse(business).map_err(|bad| format!("The name of the business: {bad}."))?;
    let (zone, country) = if has_business { ("UTC", "US") } else { (said("zone"), said("country")) };
    let time_zone = zone.parse::<Zone>().map_err(|bad| format!("The time zone: {bad}."))?;
    let country = country.to_uppercase().parse::<Region>().map_err(|bad| format!("The country: {bad}."))?;
    let name = Label::parse(said("name")).map_err(|bad| format!("Your name: {bad}."))?;
    let email = Email::parse(said("email")).map_err(|bad| format!("Your e-mail address: {bad}."))?;
    let password = Password::parse(typed(fields, "password"), &email).map_err(|bad| format!("The password: {bad}."))?;
    Ok(FirstOwner { business: business.to_owned(), time_zone, country, email, name, password })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_lands_elsewhere() {
        for next in ["/customers?q=a", "/reviews", "/imports/imp_1"] {
            assert_eq!(ours(next), next);
        }
        for next in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/login?next=/login",
            "/logout",
            "/a\r\nb",
            "/events",
        ] {
            assert_eq!(ours(next), "/customers", "{next}");
        }
    }
}
