//! `/why-missing`: why nobody is found, reached from a search that found nobody.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use doorstep_core::tenant::{Actor, Permission};
use doorstep_engine::missing::{Asked, Finding, Wanted};
use serde::Deserialize;

use super::words::{self, Colleagues, Words};
use super::{Frame, Moment, Section, frame, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// Longest text that is looked for, in characters: as the search has it.
const MAX_QUERY_CHARS: usize = 200;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/why-missing", get(page))
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Said {
    #[serde(default)]
    q: String,
}

/// One thing that became of it.
struct Told {
    words: String,
    customers: Vec<(String, String)>,
    has_more: bool,
    merges: Vec<Merge>,
    /// Where it goes on, and what that is called.
    next: (String, &'static str),
    /// Where it stands in an import, and why it was left out.
    place: String,
    reason: String,
}

struct Merge {
    who: String,
    at: Moment,
    reason: String,
}

struct Source {
    name: &'static str,
    came: Option<Moment>,
    out: Option<Moment>,
}

#[derive(Template)]
#[template(path = "why_missing.html")]
struct Page {
    frame: Frame,
    query: String,
    told: Vec<Told>,
    sources: Vec<Source>,
}

async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(said): Query<Said>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let query: String = said.q.trim().chars().take(MAX_QUERY_CHARS).collect();
    let words = Words::of(&app, &principal).await?;
    let (mut told, mut sources) = (Vec::new(), Vec::new());
    if !query.is_empty() {
        let wanted = Wanted::guess(&query, words.tenant.country);
        let missing = app.engine.why_missing(&principal.scope, &wanted).await?;
        let merges = missing.findings.iter().flat_map(Finding::merges);
        let actors: Vec<&Actor> = merges.map(|merge| &merge.actor).collect();
        let colleagues = app.engine.around(&principal.scope, &actors).await?.colleagues;
        let may_import = principal.require(Permission::Import).is_ok();
        told = missing.findings.iter().map(|finding| shown(&words, &colleagues, finding, may_import)).collect();
        sources = missing.sources.iter().map(|asked| source(&words, asked)).collect();
    }
    let frame = frame(&app, &principal, &headers, "Why is it not here?", Section::Customers).await?;
    show(&Page { frame, query, told, sources })
}

fn shown(words: &Words, colleagues: &Colleagues, finding: &Finding, may_import: bool) -> Told {
    let customers = finding.customers().into_iter();
    let customers = customers.map(|one| (format!("/customers/{}", one.id), words.address(&one.display_name))).collect();
    let merge = |merge: &doorstep_store::decision::Stored| Merge {
        who: colleagues.name(&merge.actor),
        at: words.moment(merge.decided_at),
        reason: merge.reason.clone().unwrap_or_default(),
    };
    let (mut next, mut place, mut why) = ((String::new(), ""), String::new(), String::new());
    let mut has_more = false;
    match finding {
        Finding::Known { has_more: more, .. } | Finding::NotCounted { has_more: more, .. } => has_more = *more,
        Finding::Review { a, b, .. } => next = (super::explain::link(a.id, Some(b.id)), "Look at both"),
        Finding::Skipped { import, file, line, reason } => {
            place = format!("{file}, line {line}");
            why = reason.clone().unwrap_or_default();
            if may_import {
                next = (format!("/imports/{import}"), "To the import");
            }
        }
        Finding::TakenOut { import: Some(import) } if may_import => {
            next = (format!("/imports/{import}"), "To the import");
        }
        Finding::TakenOut { .. } | Finding::Merged { .. } | Finding::Nowhere => {}
    }
    Told {
        words: finding.words(),
        customers,
        has_more,
        merges: finding.merges().iter().map(merge).collect(),
        next,
        place,
        reason: why,
    }
}

fn source(words: &Words, asked: &Asked) -> Source {
    Source {
        name: words::source(asked.source),
        came: asked.last_came_at.map(|at| words.moment(at)),
        out: asked.last_taken_out_at.map(|at| words.moment(at)),
    }
}
