//! The audit log: who did what, and when. It is only ever read.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::id::{AuditEntryId, UserId};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_store::audit::Filter;

use super::{Frame, Tab, said, settings_frame, show, tabs};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::page::Moment;
use crate::page::list::Pages;
use crate::page::words::{Colleagues, Words};
use crate::problem::{Problem, Result};

/// Entries of a page.
const PAGE: i64 = 50;
/// Users that the filter offers.
const MAX_OFFERED: i64 = 200;

struct Row {
    who: String,
    what: &'static str,
    subject: String,
    href: String,
    details: String,
    at: Moment,
}

/// A choice of a filter: its value, its words, whether it is the one.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "settings/audit.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    acts: Vec<Choice>,
    people: Vec<Choice>,
    is_filtered: bool,
    pages: Pages,
}

/// An act as a sentence goes on after a name.
pub(in crate::page) fn did(act: Act) -> &'static str {
    match act {
        Act::CustomerCreated => "added a customer",
        Act::CustomerExtended => "added to a customer",
        Act::CustomerEdited => "edited a customer",
        Act::CustomerUnpinned => "took a pin back",
        Act::RemarkAdded => "said something of a customer",
        Act::RemarkRetracted => "took back what was said of a customer",
        Act::CustomersMerged => "made one customer of two",
        Act::CustomerUnmerged => "took a merge back",
        Act::CustomersKeptApart => "kept two customers apart",
        Act::CustomersNotKeptApart => "took back that two are kept apart",
        Act::CustomersRebuilt => "computed all customers again",
        Act::IdentifierMarked => "said what a number or address is",
        Act::IdentifierUnmarked => "took back what a number or address is",
        Act::VerificationRequested => "asked for a code",
        Act::VerificationConfirmed => "linked a web user by a code",
        Act::ReviewDecided => "decided a review",
        Act::ImportPlanned => "made a dry run",
        Act::ImportApplied => "brought in a file",
        Act::ImportResumed => "let an import go on",
        Act::ImportUndone => "took an import out",
        Act::ConnectionCreated => "connected a source",
        Act::ConnectionChanged => "changed a connection",
        Act::ConnectionRemoved => "took a connection away",
        Act::ConnectionTried => "wrote a test note at a source",
        Act::SyncStarted => "let a source be read",
        Act::SyncCanceled => "stopped the reading of a source",
        Act::RuleSetCreated => "made a version of the rules of who is who",
        Act::RuleSetApplied => "put a version of the rules of who is who in force",
        Act::TenantCreated => "set up the business",
        Act::TenantChanged => "changed the business",
        Act::UserCreated => "added a user",
        Act::UserRoleSet => "changed a role",
        Act::UserDisabled => "disabled a user",
        Act::UserEnabled => "let a user in again",
        Act::UserPasswordSet => "set a password",
        Act::LinkCreated => "made a one-time link",
        Act::SignedIn => "signed in",
        Act::SignInFailed => "tried to sign in and could not",
        Act::SessionRevoked => "ended a session",
        Act::ApiKeyCreated => "made an API key",
        Act::ApiKeyRevoked => "revoked an API key",
    }
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::ReadAudit)?;
    let unreadable = || Problem::bad_request("The address of this page was changed. Start from the first page again.");
    let act = match said(&asked, "act") {
        "" => None,
        text => Some(text.parse::<Act>().map_err(|_| unreadable())?),
    };
    let who = match said(&asked, "who") {
        "" => None,
        text => Some(text.parse::<UserId>().map_err(|_| unreadable())?),
    };
    let before = match said(&asked, "before") {
        "" => None,
        text => Some(text.parse::<AuditEntryId>().map_err(|_| unreadable())?),
    };
    let filter = Filter { actor: who.map(|id| Actor::User(id).key()), act, ..Filter::default() };
    let mut entries = app.engine.audit_entries(&principal.scope, &filter, before, PAGE + 1).await?;
    let more = entries.len() as i64 > PAGE;
    entries.truncate(PAGE as usize);
    let users = app.engine.audited_users(&principal.scope, MAX_OFFERED).await?;
    let actors: Vec<&Actor> = entries.iter().map(|entry| &entry.actor).collect();
    let around = app.engine.around(&principal.scope, &actors).await?;
    let words = Words::in_which(&around);
    let next = entries.last().filter(|_| more).map(|last| {
        let (act, who) = (act.map(Act::as_str).unwrap_or_default(), who.map(|id| id.to_string()).unwrap_or_default());
        format!("/settings/audit?act={act}&who={who}&before={}", last.id)
    });
    let acts = Act::ALL.iter().map(|one| (one.as_str().to_owned(), capital(did(*one)), act == Some(*one)));
    let page = Page {
        frame: settings_frame(&around, &principal, &headers),
        tabs: tabs(&principal, "/settings/audit"),
        rows: entries.iter().map(|entry| row(&words, &around.colleagues, entry)).collect(),
        acts: acts.collect(),
        people: users.into_iter().map(|user| (user.id.to_string(), user.name, who == Some(user.id))).collect(),
        is_filtered: act.is_some() || who.is_some(),
        pages: Pages::onwards("/settings/audit", before.is_none(), next),
    };
    show(&page)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn row(words: &Words, colleagues: &Colleagues, entry: &AuditEntry) -> Row {
    let subject = entry.subject_id.clone().unwrap_or_default();
    let href = match entry.subject.as_str() {
        "customer" if !subject.is_empty() => format!("/customers/{subject}"),
        "connection" if !subject.is_empty() => format!("/sources/{subject}"),
        "import" if !subject.is_empty() => format!("/imports/{subject}"),
        _ => String::new(),
    };
    Row {
        who: colleagues.name(&entry.actor),
        what: did(entry.act),
        subject,
        href,
        details: details(&serde_json::to_value(&entry.details).unwrap_or_default()),
        at: words.moment(entry.at),
    }
}

/// `role: staff, api keys revoked: 2`
fn details(value: &serde_json::Value) -> String {
    let one = |(name, value): (&String, &serde_json::Value)| {
        let said = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => return None,
            other => other.to_string(),
        };
        Some(format!("{}: {said}", name.replace('_', " ")))
    };
    let parts = value.as_object().map(|object| object.iter().filter_map(one).collect::<Vec<_>>());
    parts.unwrap_or_default().join(", ")
}
