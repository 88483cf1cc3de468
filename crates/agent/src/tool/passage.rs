//! Searching what was written with a customer.

use doorstep_core::tenant::Permission;
use doorstep_engine::passage::Found;
use serde_json::{Value, json};

use super::argument::{Argument, Takes, optional, required};
use super::whom::{self, WHOM};
use super::{Answer, Call, Effect, Running, Tool, told};

/// Longest search, in characters.
const MAX_QUERY_CHARS: usize = 200;
/// Messages of one answer.
const MAX_FOUND: i64 = 20;
/// The same where nothing is said.
const USUALLY_FOUND: i64 = 10;

pub(super) const SEARCH: Tool = Tool {
    name: "search_conversations",
    title: "Search conversations",
    description: "A customer's messages in which every word of the query begins a word, newest first, each with the passage.",
    needs: Permission::Read,
    is_for_channels: true,
    effect: Effect::Reads,
    arguments: &[WHOM[0], WHOM[1], WHOM[2], QUERY, LIMIT],
    gives: || json!({ "messages": { "type": "array" }, "more": { "type": "boolean" } }),
    run: |call| Box::pin(search(call)),
};

const QUERY: Argument = required("query", Takes::Text(MAX_QUERY_CHARS));
const LIMIT: Argument = optional("limit", Takes::UpTo(MAX_FOUND));

async fn search(call: &Call<'_>) -> Running {
    let customer = whom::only(call).await?;
    let (query, limit) = (call.said.required("query")?, call.said.number("limit").unwrap_or(USUALLY_FOUND));
    let found = call.engine.search_conversations(call.session.scope(), customer, query, None, limit).await?;
    let messages: Vec<Value> = found.rows.iter().map(message).collect();
    Ok(Answer::of(json!({ "messages": messages, "more": found.next.is_some() })))
}

fn message(found: &Found) -> Value {
    let passage: String = found.passage.parts.iter().map(|part| part.text.as_str()).collect();
    told::object([
        ("sent_at", json!(found.message.sent_at)),
        ("channel", json!(found.channel)),
        ("direction", json!(found.message.direction)),
        ("passage", told::note(Some(&passage))),
    ])
}
