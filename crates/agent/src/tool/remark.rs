//! What an agent writes down of a customer: notes, preferences, addresses. Nothing of it says who somebody is, joins
//! anybody or allows anything; all of it names the key that wrote it, and can be taken back in the office.

use doorstep_core::remark::{MAX_ADDRESS_CHARS, MAX_PREFERENCE_CHARS};
use doorstep_core::tenant::Permission;
use doorstep_engine::remark::Added;
use serde_json::{Value, json};

use super::argument::{Argument, Takes, required};
use super::whom::{self, WHOM};
use super::{Answer, Call, Effect, Running, Tool, told};

/// Longest note of an agent, in characters: the gist of a conversation, not its transcript.
const MAX_NOTE_CHARS: usize = 1_000;

pub(super) const ADD_NOTE: Tool = Tool {
    name: "add_note",
    title: "Add a note",
    description: "Note something worth knowing about a customer that fits nowhere else.",
    needs: Permission::AddRemarks,
    is_for_channels: true,
    effect: Effect::Adds,
    arguments: &[WHOM[0], WHOM[1], WHOM[2], NOTE],
    gives,
    run: |call| Box::pin(add_note(call)),
};

pub(super) const RECORD_PREFERENCE: Tool = Tool {
    name: "record_preference",
    title: "Record a preference",
    description: "Record what a customer likes, in one sentence; it replaces what stood under the same topic. It is no consent \
                  to texts.",
    needs: Permission::AddRemarks,
    is_for_channels: true,
    effect: Effect::Sets,
    arguments: &[WHOM[0], WHOM[1], WHOM[2], TOPIC, PREFERENCE],
    gives,
    run: |call| Box::pin(record_preference(call)),
};

pub(super) const ADD_ADDRESS: Tool = Tool {
    name: "add_address",
    title: "Add an address",
    description: "Add a service address of a customer, with city and ZIP code.",
    needs: Permission::AddRemarks,
    is_for_channels: true,
    effect: Effect::Sets,
    arguments: &[WHOM[0], WHOM[1], WHOM[2], ADDRESS],
    gives,
    run: |call| Box::pin(add_address(call)),
};

const NOTE: Argument = required("text", Takes::Text(MAX_NOTE_CHARS));
const PREFERENCE: Argument = required("text", Takes::Text(MAX_PREFERENCE_CHARS));
const ADDRESS: Argument = required("address", Takes::Text(MAX_ADDRESS_CHARS));
const TOPIC: Argument =
    required("topic", Takes::OneOf(&["time", "contact", "access", "language", "technician", "payment", "other"]));

fn gives() -> Value {
    json!({ "remark_id": { "type": "string" }, "is_new": { "type": "boolean" } })
}

async fn add_note(call: &Call<'_>) -> Running {
    let (customer, text) = (whom::only(call).await?, call.said.required("text")?);
    Ok(added(call, &call.engine.add_note(call.session.scope(), customer, text, None).await?))
}

async fn record_preference(call: &Call<'_>) -> Running {
    let (customer, text) = (whom::only(call).await?, call.said.required("text")?);
    let topic = call.said.required("topic")?.parse();
    let topic = topic.map_err(|bad| crate::Refusal::arguments(format!("`topic`: {bad}.")))?;
    Ok(added(call, &call.engine.record_preference(call.session.scope(), customer, topic, text, None).await?))
}

async fn add_address(call: &Call<'_>) -> Running {
    let (customer, text) = (whom::only(call).await?, call.said.required("address")?);
    Ok(added(call, &call.engine.add_address(call.session.scope(), customer, text, None).await?))
}

/// What was said, under its id; whose it is now, for the office alone.
fn added(call: &Call<'_>, added: &Added) -> Answer {
    let customer = if call.session.names_anybody() { json!(added.customer) } else { Value::Null };
    let mut answer = told::object([("remark_id", json!(added.remark.id)), ("customer_id", customer)]);
    answer["is_new"] = json!(added.is_new);
    Answer::of(answer)
}
