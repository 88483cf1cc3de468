//! `/customers`: the list, what is found in it, and the same for the command palette.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use doorstep_core::id::CustomerId;
use doorstep_core::position::Way;
use doorstep_core::tenant::Permission;
use doorstep_engine::listing::Searched;
use doorstep_store::listing::{self, Order};
use serde::Deserialize;

use super::among::{Among, order_word};
use super::list::{Pages, position};
use super::words::{Words, several};
use super::{Frame, Moment, Section, framed, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// Rows of a page: more than a screen, little enough to be read again at every change.
const PAGE: i64 = 50;
/// Customers that the palette offers.
const OFFERED: i64 = 8;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/customers", get(list))
        .route("/customers/{id}/next", get(next))
        .route("/customers/{id}/previous", get(previous))
        .route("/palette", get(palette))
}

/// What the address says about the list.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    at: String,
}

impl Asked {
    fn among(&self) -> Among {
        Among::read(&self.q, &self.order)
    }
}

/// One customer as the list shows it.
struct Row {
    id: CustomerId,
    href: String,
    name: String,
    company: String,
    phone: String,
    email: String,
    seen: Option<Moment>,
    in_review: bool,
    /// Known by the number alone.
    is_caller: bool,
    version: i64,
}

#[derive(Template)]
#[template(path = "customers.html")]
struct List {
    frame: Frame,
    own: String,
    query: String,
    order: &'static str,
    rows: Vec<Row>,
    said: String,
    pages: Pages,
    /// What the way to the next page is called.
    onwards: &'static str,
    /// Whether the search has looked at enough and not at everything.
    stopped: bool,
    may_import: bool,
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let among = asked.among();
    let order = among.order.unwrap_or(Order::Newest);
    let (scope, position) = (&principal.scope, position(&asked.at));
    let (country, listed) = (principal.country, among.of_engine());
    let read = app.engine.customer_list(scope, country, listed, position.as_ref(), PAGE).await?;
    let around = principal.around(&app).await?;
    let words = Words::in_which(&around);
    // The newest first is what the list is without being asked.
    let here = Among { order: among.order.filter(|order| *order == Order::Name), ..among.clone() };
    let opened = Among { order: Some(order).filter(|_| among.query.is_empty()), ..among };
    let link = |at: Option<&str>| here.address("/customers", &[("at", at.unwrap_or_default())]);
    let page = List {
        frame: framed(&around, &principal, &headers, "Customers", Section::Customers),
        own: here.address("/customers", &[("at", &asked.at)]),
        said: said(&read, &here.query),
        pages: Pages::of(&asked.at, read.previous.as_ref(), read.next.as_ref(), link),
        onwards: if read.stopped { "Look further" } else { "Next" },
        stopped: read.stopped,
        may_import: principal.require(Permission::Import).is_ok(),
        order: order_word(order),
        rows: read.rows.into_iter().map(|row| shown(&words, row, &opened)).collect(),
        query: here.query,
    };
    show(&page)
}

fn said(read: &Searched, query: &str) -> String {
    let customers = several(read.rows.len() as u64, "customer");
    match (query.is_empty(), read.stopped, read.next.is_some() || read.previous.is_some()) {
        (false, true, _) => format!("{customers} found so far; more letters find better"),
        (false, false, true) => format!("{customers} on this page; another word narrows it down"),
        (false, false, false) => format!("{customers} found"),
        (true, _, _) => format!("{customers} on this page"),
    }
}

fn shown(words: &Words, row: listing::Row, among: &Among) -> Row {
    let only = row.company.filter(|company| *company != row.display_name);
    Row {
        href: among.address(&format!("/customers/{}", row.id), &[]),
        id: row.id,
        is_caller: words.is_number(&row.display_name, row.phone.as_deref()),
        name: words.address(&row.display_name),
        company: only.unwrap_or_default(),
        phone: row.phone.map(|phone| words.address(&phone)).unwrap_or_default(),
        email: row.email.unwrap_or_default(),
        seen: row.last_seen_at.map(|at| words.moment(at)),
        in_review: row.in_review,
        version: row.version,
    }
}

#[derive(Template)]
#[template(path = "palette.html")]
struct Palette {
    frame: Frame,
    rows: Vec<Row>,
}

async fn palette(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let Among { query, .. } = asked.among();
    let read = match query.as_str() {
        "" => Vec::new(),
        query => app.engine.search_page(&principal.scope, principal.country, query, None, OFFERED).await?.rows,
    };
    let words = Words::of(&app, &principal).await?;
    let rows = read.into_iter().map(|row| shown(&words, row, &Among::default())).collect();
    show(&Palette { frame: Frame::new(Some(&principal), &headers, "Search"), rows })
}

async fn next(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    beside(&app, &principal, &id, &asked, Way::Forward).await
}

async fn previous(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    beside(&app, &principal, &id, &asked, Way::Back).await
}

/// The customer before or after one in the list that it was opened from; at the end of the list the same again.
async fn beside(app: &App, principal: &Principal, id: &str, asked: &Asked, way: Way) -> Result<Response> {
    principal.require(Permission::Read)?;
    let (id, among) = (super::customer_id(id)?, asked.among());
    let beside = app.engine.customer_beside(&principal.scope, principal.country, among.of_engine(), id, way).await?;
    Ok(Redirect::to(&among.address(&format!("/customers/{}", beside.unwrap_or(id)), &[])).into_response())
}
