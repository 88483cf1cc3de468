//! The page of the reference about the tools, made from the list itself.

use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{Scope, TenantId};
use serde_json::Value;

use crate::session::Session;
use crate::tool::{self, Effect, Tool};

/// The page, in Markdown.
pub fn reference() -> String {
    let mut text = "# Tools of agents\n\nWhat an AI agent can call, over MCP and every other channel. There is one list; \
                    a key sees of it what its role and scopes allow.\n\
                    An agent in a channel (a key with the role `agent`, or any key with a web user) talks to one person: it \
                    has fewer tools, and no argument that names somebody.\n\
                    How to connect one is said in the [guide](../guides/mcp.md).\n"
        .to_owned();
    for tool in tool::ALL {
        describe(tool, &mut text);
    }
    text
}

fn describe(tool: &Tool, text: &mut String) {
    let effect = match tool.effect {
        Effect::Reads => "reads",
        Effect::Adds | Effect::Sets => "writes in the hub",
        Effect::Sends => "sends something out of the house",
    };
    let whose = if tool.is_for_channels { "the office, and agents in a channel" } else { "the office" };
    text.push_str(&format!(
        "\n## `{}`\n\n{}\n\nIt {effect}, takes the permission `{}`, and is for {whose}.\n\n| argument | takes | office | channel |\n|---|---|---|---|\n",
        tool.name,
        tool.description,
        tool.needs.as_str()
    ));
    let (office, channel) = (tool.input_schema(&sample(Role::Owner)), tool.input_schema(&sample(Role::Agent)));
    for (name, schema) in office["properties"].as_object().into_iter().flatten() {
        let word = |of: &serde_json::Map<String, Value>| {
            let is_there = of["properties"].get(name).is_some();
            let is_required =
                of.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == name));
            match (is_there, is_required) {
                (false, _) => "",
                (true, false) => "may",
                (true, true) => "must",
            }
        };
        let of_channel = if tool.is_for_channels { word(&channel) } else { "" };
        text.push_str(&format!("| `{name}` | {} | {} | {of_channel} |\n", takes(schema), word(&office)));
    }
    let gives: Vec<String> = tool.output_schema()["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    text.push_str(&format!("\nGives {}.\n", gives.join(", ")));
}

/// A schema in words.
fn takes(schema: &Value) -> String {
    let said = match (schema["enum"].as_array(), schema["type"].as_str()) {
        (Some(words), _) => {
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        (None, Some("integer")) => format!("1 to {}", schema["maximum"]),
        (None, _) => format!("a text of at most {} characters", schema["maxLength"]),
    };
    match schema["description"].as_str() {
        Some(about) => format!("{about}; {said}"),
        None => said,
    }
}

/// A session that sees what the role grants, of no tenant: only its schemas are asked for.
fn sample(role: Role) -> Session {
    Session::of_nobody(Scope::new(TenantId::from_number(0), Actor::Worker, role))
}
