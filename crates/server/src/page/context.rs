//! `/customers/{id}/context`: what an agent is told of a customer at each level, word for word, and what was left out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use doorstep_core::context::{Assurance, Budget, LEFT_OUT, QUOTING_RULE, tokens};
use doorstep_core::id::CustomerId;
use doorstep_engine::context::{Form, Whom, may_ask};
use doorstep_engine::customer::Lookup;
use serde::Deserialize;

use super::words::{self, Words};
use super::{Frame, Section, customer_id, framed, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::live::Topic;
use crate::problem::{Problem, Result};

/// Budgets that can be looked at: the least, the usual, and two for models with room.
const BUDGETS: [usize; 4] = [512, 1_200, 2_400, 6_000];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}/context", get(page))
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    level: String,
    #[serde(default)]
    budget: String,
}

/// A choice among several: its address, its words, and whether it is the one that is shown.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "context.html")]
struct Page {
    frame: Frame,
    topic: String,
    own: String,
    card: String,
    name: String,
    levels: Vec<Choice>,
    budgets: Vec<Choice>,
    meaning: &'static str,
    text: String,
    tokens: String,
    left_out: String,
    rule: &'static str,
}

async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let (scope, asked_id) = (&principal.scope, customer_id(&id)?);
    let customer = match app.engine.look_up(scope, asked_id).await? {
        Lookup::Customer { customer, .. } => *customer,
        Lookup::TakenOut(_) | Lookup::Unknown => return Err(doorstep_engine::Error::NoCustomer(asked_id).into()),
    };
    let whom = Whom::Customer(customer.id);
    let reached = |level: &Assurance| may_ask(scope, &whom, *level).is_ok();
    let highest = Assurance::ALL.into_iter().rev().find(reached).unwrap_or(Assurance::None);
    let level = if asked.level.is_empty() { highest.min(Assurance::Verified) } else { read_level(&asked.level)? };
    let budget = if asked.budget.is_empty() { Budget::default() } else { read_budget(&asked.budget)? };
    let told = app.engine.customer_context(scope, &whom, level, Form::Text(budget)).await?;
    let text = told.text.unwrap_or_default();
    let around = app.engine.around(scope, &[]).await?;
    let words = Words::in_which(&around);
    let name = words.address(&customer.display_name);
    let topic = Topic::Customer(customer.id);
    let frame = framed(&around, &principal, &headers, format!("What an agent is told of {name}"), Section::Customers);
    let own = |level: Assurance, budget: usize| link(customer.id, level, budget);
    show(&Page {
        frame: frame.watching(&[topic]),
        topic: topic.to_string(),
        own: own(level, budget.tokens()),
        card: format!("/customers/{}", customer.id),
        name,
        levels: Assurance::ALL
            .into_iter()
            .filter(reached)
            .map(|one| (own(one, budget.tokens()), label(one).to_owned(), one == level))
            .collect(),
        budgets: BUDGETS
            .map(|one| (own(level, one), format!("{} tokens", words::count(one as u64)), one == budget.tokens()))
            .into(),
        meaning: meaning(level),
        tokens: words::count(tokens(&text) as u64),
        left_out: left_out(&text),
        text,
        rule: QUOTING_RULE,
    })
}

/// The address of the page.
fn link(id: CustomerId, level: Assurance, budget: usize) -> String {
    format!("/customers/{id}/context?level={level}&budget={budget}")
}

fn read_level(text: &str) -> Result<Assurance> {
    text.parse().map_err(|_| Problem::not_found("There is no such level. Choose one of those on the page."))
}

fn read_budget(text: &str) -> Result<Budget> {
    let wrong = || Problem::not_found("There is no such budget. Choose one of those on the page.");
    Budget::new(text.parse().map_err(|_| wrong())?).map_err(|_| wrong())
}

fn label(level: Assurance) -> &'static str {
    match level {
        Assurance::None => "Nothing known",
        Assurance::Claimed => "Caller id",
        Assurance::Verified => "Verified",
        Assurance::Staff => "The office",
    }
}

fn meaning(level: Assurance) -> &'static str {
    match level {
        Assurance::None => "Nobody knows who is there. The same is said to everybody.",
        Assurance::Claimed => "A caller id or a typed address says that it is this customer. Anybody can forge either.",
        Assurance::Verified => "A code that went to this customer's phone or e-mail address came back.",
        Assurance::Staff => "Somebody of the business asks, signed in.",
    }
}

/// What did not fit, as the text itself says it at its end.
fn left_out(text: &str) -> String {
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix(LEFT_OUT).unwrap_or_default().to_owned()
}
