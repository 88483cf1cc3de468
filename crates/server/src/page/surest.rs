//! `/reviews/surest`: the pairs that are most likely one, to be looked over and made one together. Each is a decision of
//! its own, by the call that decides a single one, and is taken back by itself.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use doorstep_core::customer::Customer;
use doorstep_core::id::ReviewId;
use doorstep_core::identity::explain::percent;
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::merge::Answer;
use doorstep_engine::review::Pair;
use doorstep_store::review;
use serde::Deserialize;

use super::list::Tab;
use super::words::Words;
use super::{Frame, Section, framed, reviews, show};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

/// Pairs that are made one in one request at most: what a person looks over, and what a request may take.
pub(super) const MAX_AT_ONCE: usize = 50;
/// How sure a pair must be to stand here, in percent. Below even odds, and where something beside the evidence speaks
/// against one person, nothing is decided in bulk: such pairs have even odds at most.
const LEAST: [u8; 4] = [60, 70, 80, 90];

/// The least share from which a pair stands here.
pub(super) fn least() -> f32 {
    f32::from(LEAST[0]) / 100.0
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/reviews/surest", get(list).post(merge))
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    least: String,
}

struct Row {
    id: ReviewId,
    a: (String, String),
    b: (String, String),
    evidence: String,
    share: String,
    why: String,
}

#[derive(Template)]
#[template(path = "reviews/surest.html")]
struct Surest {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// The bounds that can be chosen, and whether each is.
    bounds: Vec<(u8, bool)>,
    has_more: bool,
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let chosen = asked.least.parse().ok().filter(|least| LEAST.contains(least)).unwrap_or(LEAST[0]);
    let least = f32::from(chosen) / 100.0;
    let (read, around) = app.engine.surest_pairs(&principal.scope, None, least, MAX_AT_ONCE as i64).await?;
    let words = Words::in_which(&around);
    let side = |one: &Customer| (format!("/customers/{}", one.id), words.address(&one.display_name));
    let row = |one: &Pair| Row {
        id: one.review.id,
        a: side(&one.a),
        b: side(&one.b),
        evidence: reviews::evidence(&words, &one.review.evidence),
        share: percent(review::share(one.review.score)),
        why: super::explain::link(one.a.id, Some(one.b.id)),
    };
    show(&Surest {
        frame: framed(&around, &principal, &headers, "Reviews", Section::Reviews),
        tabs: reviews::tabs(reviews::PATH),
        rows: read.rows.iter().map(row).collect(),
        bounds: LEAST.map(|least| (least, least == chosen)).to_vec(),
        has_more: read.next.is_some(),
    })
}

/// Makes one of each pair that is still open; what was decided or changed meanwhile is left as it is by now.
async fn merge(
    State(app): State<App>,
    principal: Principal,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let chosen: Vec<&String> = fields.iter().filter(|(key, _)| key == "review").map(|(_, value)| value).collect();
    if chosen.is_empty() || chosen.len() > MAX_AT_ONCE {
        let detail = format!("Choose one to {MAX_AT_ONCE} pairs. Nothing was decided.");
        return Err(Problem::invalid(detail));
    }
    let ids: Vec<ReviewId> = chosen.iter().filter_map(|text| text.parse().ok()).collect();
    let (mut count, mut changed) = (0_usize, chosen.len() - ids.len());
    for id in ids {
        match app.engine.decide_review(&principal.scope, id, Answer::Merge, None).await {
            Ok(_) => count += 1,
            Err(Error::NoReview(_)) => changed += 1,
            // Those before are decided, and say so under Decided.
            Err(error) => return Err(error.into()),
        }
    }
    let said = [("done", "many"), ("count", &count.to_string()), ("changed", &changed.to_string())];
    Ok(Redirect::to(&reviews::link(&said)).into_response())
}
