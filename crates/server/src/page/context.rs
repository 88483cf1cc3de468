//! `/customers/{id}/context`: what an agent is told of a customer at each level, word for word, and what was left out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use doorstep_core::Timestamp;
use doorstep_core::context::{Assurance, Budget, LEFT_OUT, QUOTING_RULE, tokens};
use doorstep_core::id::CustomerId;
use doorstep_core::time::parse_loose;
use doorstep_engine::Error;
use doorstep_engine::context::{Form, NotThen, Whom, may_ask};
use doorstep_engine::customer::Lookup;
use serde::Deserialize;

use super::words::{self, Words};
use super::{Frame, Moment, Section, customer_id, framed, show};
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
    /// As of when, by the clock of the business; empty for now.
    #[serde(default)]
    at: String,
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
    /// What stands in the field for the instant.
    at: String,
    /// What is wrong with it, or why it cannot be told how things stood then.
    wrong: String,
    /// As of when it is, where that is not now.
    then: Option<Moment>,
    untold: Vec<&'static str>,
    /// Whether whoever looks may look back.
    may_look_back: bool,
    /// The page as of now.
    now: String,
    level: &'static str,
    budget: usize,
    /// From when on it is known how things stood.
    since: Moment,
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
    let around = app.engine.around(scope, &[]).await?;
    let words = Words::in_which(&around);
    let form = Form::Text(budget);
    let (told, wrong) = match read_instant(&asked.at, &words) {
        Ok(None) => (Some(app.engine.customer_context(scope, &whom, level, form).await?), String::new()),
        Ok(Some(at)) => match app.engine.context_as_of(scope, &whom, level, form, at).await {
            Ok(told) if told.customer.is_none() && level != Assurance::None => (None, NOT_THERE.to_owned()),
            Ok(told) => (Some(told), String::new()),
            Err(Error::NotThen(why)) => (None, not_then(why, &words)),
            Err(other) => return Err(other.into()),
        },
        Err(wrong) => (None, wrong),
    };
    let since = words.moment(whole_minute(app.engine.past_since(scope).await?));
    let (text, as_of) = told.map_or((String::new(), None), |told| (told.text.unwrap_or_default(), told.as_of));
    let name = words.address(&customer.display_name);
    let topic = Topic::Customer(customer.id);
    let frame = framed(&around, &principal, &headers, format!("What an agent is told of {name}"), Section::Customers);
    let at = as_of.as_ref().map(|as_of| as_of.at);
    let own = |level: Assurance, budget: usize| link(customer.id, level, budget, at);
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
        may_look_back: highest == Assurance::Staff,
        at: at.map_or_else(|| asked.at.clone(), |at| words.moment(at).words.replace(' ', "T")),
        wrong,
        then: at.map(|at| words.moment(at)),
        untold: as_of.iter().flat_map(|as_of| as_of.untold.iter().map(|it| it.words())).collect(),
        now: link(customer.id, level, budget.tokens(), None),
        level: level.as_str(),
        budget: budget.tokens(),
        since,
    })
}

/// The address of the page.
fn link(id: CustomerId, level: Assurance, budget: usize, at: Option<Timestamp>) -> String {
    let at = at.map(|at| format!("&at={at}")).unwrap_or_default();
    format!("/customers/{id}/context?level={level}&budget={budget}{at}")
}

/// What is said where the customer was not there yet, or not any more.
const NOT_THERE: &str = "This customer was not here at that time: there was nothing to tell.";

/// What was typed as the instant to look back to; `None` where nothing was, and what is wrong with it.
fn read_instant(text: &str, words: &Words) -> std::result::Result<Option<Timestamp>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = parse_loose(text, &words.tenant.time_zone);
    at.map(Some).map_err(|bad| format!("This cannot be read as a day and a time: {bad}."))
}

/// The first whole minute from an instant on: the field takes no seconds.
fn whole_minute(at: Timestamp) -> Timestamp {
    const MINUTE_MICROS: i64 = 60_000_000;
    at.plus_micros((-at.micros()).rem_euclid(MINUTE_MICROS))
}

/// Why it cannot be told, by the clock of the business.
fn not_then(why: NotThen, words: &Words) -> String {
    match why {
        NotThen::ToCome(_) => "That is yet to come. Choose a time that is over.".to_owned(),
        NotThen::TooOld { since } => {
            let since = words.moment(whole_minute(since));
            format!("What was known then is not kept any more, or was not yet. Choose {since} or later.")
        }
        NotThen::TakenOut => {
            let why = "What was known of this customer then was taken out since, with the source or the import that had \
                       said it. Nobody can tell it any more.";
            why.to_owned()
        }
        NotThen::TooMuch => "This customer had so many jobs then that they cannot be told as they were.".to_owned(),
    }
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
