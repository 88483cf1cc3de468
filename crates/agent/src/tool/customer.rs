//! Looking customers up. Only for the house: an agent in a channel is told by contexts, which are made for what its
//! caller may know, and never gets a list of people.

use doorstep_core::customer::Customer;
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::tenant::Permission;
use serde_json::{Value, json};

use super::argument::{Argument, Takes, optional, required};
use super::whom::{self, Found, WHOM};
use super::{Answer, Call, Effect, Running, Tool, told};
use crate::refusal::Refusal;

/// Longest search, in characters: a name, a number or an address is shorter.
const MAX_QUERY_CHARS: usize = 200;
/// Customers of one search: more are no answer to "who is that", they are a list to be put in a prompt.
const MAX_FOUND: i64 = 20;
/// The same where nothing is said.
const USUALLY_FOUND: i64 = 10;
/// Phones, and e-mail addresses, of one customer.
const MAX_REACHED: usize = 10;
/// Candidates that share a phone or an address.
const MAX_CANDIDATES: usize = 10;

pub(super) const GET: Tool = Tool {
    name: "get_customer",
    title: "Get a customer",
    description: "One customer's record by exactly one of customer_id, phone or email. Several who share a phone come \
                  as candidates: never guess which.",
    needs: Permission::Read,
    is_for_channels: false,
    effect: Effect::Reads,
    arguments: &WHOM,
    gives: || {
        json!({ "outcome": { "enum": ["one", "several", "none"] }, "customer": { "type": "object" },
            "candidates": { "type": "array" } })
    },
    run: |call| Box::pin(get(call)),
};

pub(super) const SEARCH: Tool = Tool {
    name: "search_customers",
    title: "Search customers",
    description: "Find customers by the beginnings of words of a name or e-mail address, or by phone.",
    needs: Permission::Read,
    is_for_channels: false,
    effect: Effect::Reads,
    arguments: &[QUERY, LIMIT],
    gives: || json!({ "customers": { "type": "array" }, "more": { "type": "boolean" } }),
    run: |call| Box::pin(search(call)),
};

const QUERY: Argument = required("query", Takes::Text(MAX_QUERY_CHARS));
const LIMIT: Argument = optional("limit", Takes::UpTo(MAX_FOUND));

async fn get(call: &Call<'_>) -> Running {
    let id = match whom::find(call).await? {
        Found::One(id) => id,
        Found::Nobody => return Ok(Answer::of(json!({ "outcome": "none" }))),
        Found::Several(rows) => {
            let candidates: Vec<Value> = rows.iter().take(MAX_CANDIDATES).map(told::brief).collect();
            return Ok(Answer::of(json!({ "outcome": "several", "candidates": candidates })));
        }
    };
    let card = call.engine.card(call.session.scope(), id, 0, 0).await?;
    let card = card.ok_or_else(|| Refusal::from(doorstep_engine::Error::NoCustomer(id)))?;
    let mut customer = record(&card.customer);
    if let (Value::Object(fields), false) = (&mut customer, card.in_review_with.is_empty()) {
        let others: Vec<_> = card.in_review_with.iter().take(MAX_CANDIDATES).collect();
        fields.insert("may_be_the_same_as".to_owned(), json!(others));
    }
    Ok(Answer::of(json!({ "outcome": "one", "customer": customer })))
}

/// A customer's own record.
fn record(customer: &Customer) -> Value {
    let reached = |kind| -> Vec<Value> {
        let identities = customer.identities_of(kind).take(MAX_REACHED);
        let one = |identity: &doorstep_core::customer::Identity| {
            let value = told::value(Some(&identity.identifier.value));
            told::object([("value", value), ("verified", json!(identity.verified))])
        };
        identities.map(one).collect()
    };
    told::object([
        ("customer_id", json!(customer.id)),
        ("name", told::value(Some(&customer.display_name))),
        ("company", told::value(customer.company.as_deref())),
        ("phones", json!(reached(IdentifierKind::Phone))),
        ("emails", json!(reached(IdentifierKind::Email))),
        ("address", told::address(customer.address.as_deref())),
        ("notes", told::note(customer.notes.as_deref())),
        ("first_seen_at", json!(customer.first_seen_at)),
    ])
}

async fn search(call: &Call<'_>) -> Running {
    let (query, limit) = (call.said.required("query")?, call.said.number("limit").unwrap_or(USUALLY_FOUND));
    let country = call.engine.tenant(call.session.scope()).await?.country;
    let found = call.engine.search_page(call.session.scope(), country, query, None, limit).await?;
    let customers: Vec<Value> = found.rows.iter().map(told::brief).collect();
    Ok(Answer::of(json!({ "customers": customers, "more": found.stopped || found.next.is_some() })))
}
