//! `/customers`: the list, what is found in it, and the same for the command palette.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use doorstep_core::id::CustomerId;
use doorstep_core::position::{Position, Way};
use doorstep_core::tenant::Permission;
use doorstep_store::listing::{self, Order};
use doorstep_store::review;
use serde::Deserialize;

use super::words::{Words, several};
use super::{Frame, Moment, Section, frame, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// Rows of a page: more than a screen, little enough to be read again at every change.
const PAGE: i64 = 50;
/// Customers that the palette offers.
const OFFERED: i64 = 8;
/// Letters that are looked for; more is a text pasted by mistake.
const MAX_QUERY_CHARS: usize = 200;

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
    fn order(&self) -> Order {
        if self.order == "name" { Order::Name } else { Order::Newest }
    }

    fn query(&self) -> String {
        self.q.trim().chars().take(MAX_QUERY_CHARS).collect()
    }
}

fn order_word(order: Order) -> &'static str {
    match order {
        Order::Newest => "newest",
        Order::Name => "name",
    }
}

fn address(pairs: &[(&str, &str)]) -> String {
    let said: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    if said.is_empty() {
        return "/customers".to_owned();
    }
    format!("/customers?{}", serde_urlencoded::to_string(said).unwrap_or_default())
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
    is_first: bool,
    previous: String,
    next: String,
    may_import: bool,
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let (query, order) = (asked.query(), asked.order());
    let (scope, position) = (&principal.scope, Some(&asked.at).filter(|at| !at.is_empty()));
    let position = position.map(|at| Position::from_text(at));
    let (read, next, previous) = if query.is_empty() {
        let page = app.engine.customers(scope, order, position.as_ref(), PAGE).await?;
        (page.rows, page.next, page.previous)
    } else {
        (found(&app, &principal, &query, PAGE).await?, None, None)
    };
    let words = Words::of(&app, &principal).await?;
    let word = order_word(order);
    let order_said = if order == Order::Newest { "" } else { word };
    let link = |at: Option<Position>| at.map(|at| address(&[("order", order_said), ("at", &at.to_string())]));
    let is_full = read.len() as i64 == PAGE;
    let rows: Vec<Row> =
        read.into_iter().map(|row| shown(&words, row, if query.is_empty() { word } else { "" })).collect();
    let page = List {
        frame: frame(&app, &principal, &headers, "Customers", Section::Customers).await?,
        own: address(&[("q", &query), ("order", order_said), ("at", &asked.at)]),
        said: said(rows.len(), &query, is_full),
        is_first: asked.at.is_empty() || previous.is_none(),
        previous: link(previous).unwrap_or_default(),
        next: link(next).unwrap_or_default(),
        may_import: principal.require(Permission::Import).is_ok(),
        order: word,
        query,
        rows,
    };
    show(&page)
}

fn said(count: usize, query: &str, is_full: bool) -> String {
    match (query.is_empty(), is_full) {
        (true, _) => format!("{} on this page", several(count as u64, "customer")),
        (false, true) => format!("The first {count} that fit; another word narrows it down"),
        (false, false) => format!("{} found", several(count as u64, "customer")),
    }
}

fn shown(words: &Words, row: listing::Row, order: &str) -> Row {
    let only = row.company.filter(|company| *company != row.display_name);
    Row {
        href: if order.is_empty() {
            format!("/customers/{}", row.id)
        } else {
            format!("/customers/{}?order={order}", row.id)
        },
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

/// Customers whom the words of `query` fit, in the order in which the search found them.
async fn found(app: &App, principal: &Principal, query: &str, limit: i64) -> Result<Vec<listing::Row>> {
    let listed = app.engine.search(&principal.scope, query, limit).await?;
    let ids: Vec<CustomerId> = listed.iter().map(|one| one.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app.engine.db.read(&principal.scope).await?;
    let mut rows = listing::rows(&mut tx, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
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
    let query = asked.query();
    let read = if query.is_empty() { Vec::new() } else { found(&app, &principal, &query, OFFERED).await? };
    let words = Words::of(&app, &principal).await?;
    let rows = read.into_iter().map(|row| shown(&words, row, "")).collect();
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
    let id = super::customer_id(id)?;
    let order = asked.order();
    let mut tx = app.engine.db.read(&principal.scope).await?;
    let here = listing::rows(&mut tx, &[id]).await?.pop();
    let name = here.map(|row| row.sort_name).filter(|_| order == Order::Name).unwrap_or_default();
    let beside = listing::page(&mut tx, order, Some(&(way, (name, id))), 1).await?;
    let to = beside.first().map_or(id, |row| row.id);
    Ok(Redirect::to(&format!("/customers/{to}?order={}", order_word(order))).into_response())
}

/// How many pairs wait, for the navigation.
pub(super) async fn open_reviews(app: &App, principal: &Principal) -> Result<i64> {
    let mut tx = app.engine.db.read(&principal.scope).await?;
    // Only whether there are a few or many: counting them all costs more than it tells.
    Ok(review::list(&mut tx, None, MAX_SHOWN_REVIEWS).await?.len() as i64)
}

/// As many as the navigation counts; from there on it says "99+".
const MAX_SHOWN_REVIEWS: i64 = 100;
