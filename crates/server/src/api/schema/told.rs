//! What is told of customers, and the receipts of it.

use doorstep_core::context::Assurance;
use serde_json::{Value, json};

use super::{Named, id, list, object, of, or_null, text, time, whole, words, yes_or_no};

fn level() -> Value {
    words(&Assurance::ALL.map(Assurance::as_str))
}

/// By name.
pub(super) fn all() -> Named {
    // Which fields a level sees is a table of its own, in docs/concepts/context.md; a section is there or it is not.
    let section = || {
        json!({
            "type": "object",
            "properties": {
                "sources": list(text()), "as_of": time(), "confidence": words(&["low", "medium", "high"]),
            },
        })
    };
    let context = object(&[
        ("assurance", level()),
        ("request?", words(&["greet", "verify"])),
        ("customer?", id("cus")),
        ("told_at?", time()),
        ("time_zone?", text()),
        ("who?", section()),
        ("memberships?", section()),
        ("properties?", section()),
        ("jobs?", section()),
        ("money?", section()),
        ("insights?", section()),
        ("conversations?", section()),
        ("consent?", section()),
    ]);
    let known = object(&[("kind", words(&["phone", "email", "web_user"])), ("value", text())]);
    let untold = object(&[("what", words(&["business", "ages", "candidates", "undone"])), ("text", text())]);
    let freshness = object(&[("asked", yes_or_no()), ("came", yes_or_no()), ("reason?", text())]);
    let told = object(&[
        ("context", of("CustomerContext")),
        ("receipt", id("rcp")),
        ("outcome?", words(&["one", "several", "unknown"])),
        ("version?", whole()),
        ("customer?", id("cus")),
        ("was?", id("cus")),
        ("candidates?", list(of("CustomerRow"))),
        ("known?", known),
        ("freshness?", freshness),
        ("as_of?", time()),
        ("untold?", list(untold)),
        ("needs?", words(&["a_name", "another_phone_or_email", "a_phone_or_email"])),
    ]);
    let fields = [
        ("id", id("rcp")),
        ("told_at", time()),
        ("actor", of("Actor")),
        ("customer", or_null(id("cus"))),
        ("assurance", level()),
        ("version", or_null(whole())),
        ("asked_by", text()),
        ("form", words(&["json", "text"])),
        ("budget", or_null(whole())),
        ("tokens", or_null(whole())),
    ];
    let given: Vec<_> = fields.iter().cloned().chain([("context", of("CustomerContext"))]).collect();
    vec![
        ("CustomerContext", context),
        ("ToldContext", told),
        ("ContextReceipt", object(&fields)),
        ("GivenReceipt", object(&given)),
        ("ReceiptList", object(&[("items", list(of("ContextReceipt")))])),
    ]
}
