//! Customers: list and search, look one up, find-or-create, edit.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_core::contact::Contact;
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, ImportId};
use doorstep_core::identifier::Identifier;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::position::Page;
use doorstep_core::verification::WebUser;
use doorstep_engine::customer::{Found, Lookup};
use doorstep_store::listing::{Order, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cursor::{Items, List};
use super::idempotency::{self, JsonOnce};
use super::input::{At, AtBoth, Limit, etag, has_version, if_match, said, word};
use super::json as answer;
use crate::App;
use crate::auth::Principal;
use crate::body::{Json, Query};
use crate::problem::{Problem, Result};

/// Conversations and calls that come along with a customer, and messages with each conversation; more of them have
/// lists of their own.
const INCLUDED: i64 = 20;
/// Longest search that is looked at, in bytes: a name, a number or an address is shorter.
const MAX_QUERY_BYTES: usize = 500;
/// Phones and e-mail addresses of one person in one request.
const MAX_IDENTIFIERS: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    q: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    web_user_id: Option<String>,
    #[serde(default)]
    order: ByWhat,
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

impl Listing {
    /// The one thing by which customers are looked up exactly, if that is what is asked for.
    fn identifier(&self, region: Region) -> Result<Option<Identifier>> {
        let identifier = match (&self.phone, &self.email, &self.web_user_id) {
            (None, None, None) => return Ok(None),
            (Some(phone), None, None) => {
                let phone = Phone::parse(phone, region);
                phone.map(|phone| Identifier::from(&phone)).map_err(|bad| format!("`phone`: {bad}."))
            }
            (None, Some(email), None) => {
                Email::parse(email).map(|email| Identifier::from(&email)).map_err(|bad| format!("`email`: {bad}."))
            }
            (None, None, Some(id)) => {
                let id = id.parse::<WebUser>();
                id.map(|id| Identifier::from(&id)).map_err(|bad| format!("`web_user_id`: {bad}."))
            }
            _ => Err("Customers are looked up by one of `phone`, `email` and `web_user_id`.".to_owned()),
        };
        let identifier = identifier.map_err(Problem::bad_request)?;
        if self.q.is_some() || self.cursor.is_some() {
            let detail = "`phone`, `email` and `web_user_id` look customers up exactly, all on one page: without `q` and \
                          `cursor`.";
            return Err(Problem::bad_request(detail));
        }
        Ok(Some(identifier))
    }
}

/// A page of a search as programs read it.
#[derive(Serialize)]
struct SearchPage {
    #[serde(flatten)]
    page: Items<Row>,
    /// Whether it stopped because it had looked at enough.
    stopped: bool,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ByWhat {
    #[default]
    Newest,
    Name,
}

/// All customers, or those that `q` finds, or those who have exactly that phone, e-mail address or web user.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(wanted): Query<Listing>,
) -> Result<Response> {
    let (scope, cursor) = (&principal.scope, wanted.cursor.as_deref());
    if let Some(identifier) = wanted.identifier(principal.country)? {
        let items = app.engine.customers_with(scope, &identifier).await?;
        return answer(StatusCode::OK, &json!({ "items": items, "next": null, "previous": null }));
    }
    if let Some(query) = wanted.q.as_deref().filter(|query| !query.trim().is_empty()) {
        if query.len() > MAX_QUERY_BYTES {
            return Err(Problem::bad_request(format!("`q` may have at most {MAX_QUERY_BYTES} bytes.")));
        }
        let list = List::new(scope.tenant(), "search", &[query]);
        let position = list.position(cursor)?;
        let found = app.engine.search_page(scope, principal.country, query, position.as_ref(), wanted.limit.0).await?;
        let page = Page { rows: found.rows, next: found.next, previous: found.previous };
        return answer(StatusCode::OK, &SearchPage { page: list.page(page), stopped: found.stopped });
    }
    let (order, name) = match wanted.order {
        ByWhat::Newest => (Order::Newest, "newest"),
        ByWhat::Name => (Order::Name, "name"),
    };
    let list = List::new(scope.tenant(), "customers", &[name]);
    let position = list.position(cursor)?;
    let page = app.engine.customers(scope, order, position.as_ref(), wanted.limit.0).await?;
    answer(StatusCode::OK, &list.page(page))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    #[serde(default)]
    include: String,
}

/// What may come along with a customer.
const INCLUDES: [&str; 3] = ["conversations", "calls", "in_review_with"];

/// One customer, with its version as `ETag`; with what changes by itself there is none.
pub(super) async fn get(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response> {
    let wanted: Vec<&str> = shown.include.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if let Some(unknown) = wanted.iter().find(|part| !INCLUDES.contains(part)) {
        let unknown: String = unknown.chars().take(40).collect();
        let detail =
            format!("`include` does not know `{unknown}`; it takes {}, with commas between.", INCLUDES.join(", "));
        return Err(Problem::bad_request(detail));
    }
    let found = match app.engine.look_up(&principal.scope, id).await? {
        Lookup::Customer { customer, was } => Some((customer.id, was)),
        Lookup::TakenOut(import) => return Err(taken_out(id, import)),
        Lookup::Unknown => None,
    };
    let none = || Problem::from(doorstep_engine::Error::NoCustomer(id));
    let (current, was) = found.ok_or_else(none)?;
    let many = |part: &str| if wanted.contains(&part) { INCLUDED } else { 0 };
    let most = many("conversations").max(many("calls"));
    let card = app.engine.card(&principal.scope, current, most, INCLUDED).await?.ok_or_else(none)?;
    let version = card.version;
    if wanted.is_empty() && has_version(&headers, version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(version))]).into_response());
    }
    let mut value = serde_json::to_value(&card).map_err(|_| Problem::broken())?;
    if let Value::Object(fields) = &mut value {
        for part in INCLUDES.iter().filter(|part| !wanted.contains(part)) {
            fields.remove(*part);
        }
        if let Some(was) = was {
            fields.insert("was".to_owned(), json!(was));
        }
    }
    let response = answer(StatusCode::OK, &value)?;
    Ok(if wanted.is_empty() { with_version(response, version) } else { response })
}

fn with_version(mut response: Response, version: i64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

pub(super) fn taken_out(id: CustomerId, import: Option<ImportId>) -> Problem {
    let detail = format!("`{id}` was taken out again with the import that had brought it.");
    let problem = Problem::new(StatusCode::GONE, "taken-out", "This was taken out", detail);
    import.map_or(problem.clone(), |import| problem.with("import", import.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    emails: Vec<String>,
    name: Option<String>,
    company: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    preview: bool,
}

impl Described {
    fn contact(&self, region: Region) -> Result<Contact> {
        if self.phones.len() + self.emails.len() > MAX_IDENTIFIERS {
            let detail =
                format!("`phones` and `emails` may hold {MAX_IDENTIFIERS} together: one request is one person.");
            return Err(Problem::invalid(detail));
        }
        let mut edit = Edit::default();
        let lines = [(Field::Company, &self.company), (Field::Notes, &self.notes)];
        for (field, text) in lines.into_iter().chain([(Field::Name, &self.name)]) {
            if let Some(text) = text.as_deref().filter(|text| !text.trim().is_empty()) {
                // For its limits: what is too long for an edit is too long here.
                edit.set(field, Some(text), region).map_err(doorstep_engine::Error::from)?;
            }
        }
        let tidy = |field: Field| {
            let wanted = edit.fields().find(|(one, _)| *one == field).and_then(|(_, wanted)| wanted);
            wanted.map(|wanted| wanted.as_str().to_owned())
        };
        let phone = |(at, text): (usize, &String)| {
            Phone::parse(text, region).map_err(|bad| Problem::invalid(format!("`phones[{at}]`: {bad}.")))
        };
        let email = |(at, text): (usize, &String)| {
            Email::parse(text).map_err(|bad| Problem::invalid(format!("`emails[{at}]`: {bad}.")))
        };
        Ok(Contact {
            name: tidy(Field::Name).as_deref().and_then(Name::parse),
            company: tidy(Field::Company),
            notes: tidy(Field::Notes),
            phones: self.phones.iter().enumerate().map(phone).collect::<Result<_>>()?,
            emails: self.emails.iter().enumerate().map(email).collect::<Result<_>>()?,
            ..Contact::default()
        })
    }
}

/// The customer that a person's phones and e-mail addresses lead to; a new one if there is none.
pub(super) async fn find_or_create(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(described, key): JsonOnce<Described>,
) -> Result<Response> {
    let (engine, scope) = (&app.engine, &principal.scope);
    let contact = described.contact(principal.country)?;
    if described.preview {
        return answer(StatusCode::OK, &engine.find_or_create(scope, &contact, true).await?);
    }
    let reply = |found: &Found| idempotency::said(status(found), found);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    idempotency::answer(engine.find_or_create_once(scope, &contact, keep.as_ref()).await?, &reply)
}

fn status(found: &Found) -> StatusCode {
    match found {
        Found::Created { customer: Some(_), .. } => StatusCode::CREATED,
        Found::Created { customer: None, .. } | Found::Existing { .. } | Found::Several { .. } => StatusCode::OK,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "said")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    company: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    address: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    notes: Option<Option<String>>,
    #[serde(default)]
    preview: bool,
}

/// Pins what fields are to say; with `If-Match` only if nobody changed the customer since.
pub(super) async fn edit(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Response> {
    let version = if_match(&headers)?;
    let region = principal.country;
    let mut edit = Edit::default();
    for (field, said) in [
        (Field::Name, &wanted.name),
        (Field::Company, &wanted.company),
        (Field::Phone, &wanted.phone),
        (Field::Email, &wanted.email),
        (Field::Address, &wanted.address),
        (Field::Notes, &wanted.notes),
    ] {
        if let Some(said) = said {
            edit.set(field, said.as_deref(), region).map_err(doorstep_engine::Error::from)?;
        }
    }
    let edited = app.engine.edit_customer(&principal.scope, id, &edit, version, wanted.preview).await?;
    Ok(with_version(answer(StatusCode::OK, &edited)?, edited.version))
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pinned(Field);

impl std::str::FromStr for Pinned {
    type Err = doorstep_core::customer::UnknownField;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Takes the pin of a field back: it says what the records say.
pub(super) async fn unpin(
    State(app): State<App>,
    principal: Principal,
    AtBoth(id, Pinned(field)): AtBoth<CustomerId, Pinned>,
    headers: HeaderMap,
) -> Result<Response> {
    let edited = app.engine.unpin(&principal.scope, id, field, if_match(&headers)?).await?;
    Ok(with_version(answer(StatusCode::OK, &edited)?, edited.version))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    #[serde(deserialize_with = "word")]
    pub a: CustomerId,
    #[serde(deserialize_with = "word")]
    pub b: CustomerId,
    pub reason: Option<String>,
}
