//! What may be said of a customer now: the context, in the text form that is made for prompts.

use doorstep_core::context::{Assurance, Budget};
use doorstep_core::tenant::Permission;
use doorstep_engine::context::{Answer as Told, Form, Found, Unknown, Whom};
use serde_json::{Value, json};

use super::whom::{self, WHOM};
use super::{Answer, Call, Effect, Running, Tool, told};

/// Candidates that share a phone or an address.
const MAX_CANDIDATES: usize = 10;

pub(super) const GET: Tool = Tool {
    name: "get_customer_context",
    title: "Get a customer's context",
    description: "All that may be said of a customer now, as text: who they are, properties, equipment, jobs, recommendations, \
                  messages. Call it before you speak of a customer.",
    needs: Permission::Read,
    is_for_channels: true,
    effect: Effect::Reads,
    arguments: &WHOM,
    gives: || {
        json!({ "outcome": { "enum": ["one", "several", "none"] }, "customer_id": { "type": "string" },
            "assurance": { "type": "string" }, "text": { "type": "string" }, "candidates": { "type": "array" } })
    },
    run: |call| Box::pin(get(call)),
};

async fn get(call: &Call<'_>) -> Running {
    let scope = call.session.scope();
    if !call.session.names_anybody() {
        let answer =
            call.engine.context_of_session(scope, &call.session.standing(), Form::Text(Budget::default())).await?;
        // Below staff nobody learns whether there is one, nor which.
        let text = text(&answer);
        return Ok(Answer::of(json!({ "assurance": answer.context.assurance, "text": text })).saying(text));
    }
    let answer =
        call.engine.customer_context(scope, &named(call)?, Assurance::Staff, Form::Text(Budget::default())).await?;
    Ok(match &answer.found {
        Some(Found::Several(rows)) => {
            let candidates: Vec<Value> = rows.iter().take(MAX_CANDIDATES).map(told::brief).collect();
            Answer::of(json!({ "outcome": "several", "candidates": candidates }))
        }
        Some(Found::Unknown(why)) => Answer::of(json!({ "outcome": "none" })).saying(in_words(why)),
        Some(Found::TakenOut(_)) => Answer::of(json!({ "outcome": "none" }))
            .saying("They were taken out again with the import that had brought them."),
        Some(Found::One { .. }) | None => one(&answer),
    })
}

fn one(answer: &Told) -> Answer {
    let text = text(answer);
    let structured = told::object([
        ("outcome", json!("one")),
        ("customer_id", json!(answer.customer)),
        ("assurance", json!(answer.context.assurance)),
        ("text", json!(text)),
    ]);
    let shown = answer.customer.map_or(String::new(), |id| format!("customer_id: {id}\n\n"));
    Answer::of(structured).saying(format!("{shown}{text}"))
}

fn text(answer: &Told) -> String {
    answer.text.clone().unwrap_or_else(|| answer.context.text(Budget::default()))
}

/// Whom the arguments name.
fn named(call: &Call<'_>) -> Result<Whom, crate::Refusal> {
    let id = call.said.customer("customer_id")?;
    match (id, call.said.text("phone"), call.said.text("email")) {
        (Some(id), None, None) => Ok(Whom::Customer(id)),
        (None, Some(phone), None) => Ok(Whom::Phone(phone.to_owned())),
        (None, None, Some(email)) => Ok(Whom::Email(email.to_owned())),
        _ => Err(whom::one_of()),
    }
}

fn in_words(why: &Unknown) -> &'static str {
    match why {
        Unknown::New(_) => {
            "No customer is known by this: they may be new, or known under another number or address. \
                            `search_customers` finds people by name."
        }
        Unknown::IdentifiesNobody => {
            "This is the business' own number, a placeholder, or marked as either: it is nobody's."
        }
        Unknown::NotAtTheSource | Unknown::NoSuchId => "No customer has this id.",
    }
}
