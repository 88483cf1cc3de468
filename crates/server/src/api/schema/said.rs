//! What is said of customers by hand, their jobs, and what is found in what was written.

use doorstep_core::job::Which;
use doorstep_core::remark::{Kind, MAX_ADDRESS_CHARS, MAX_NOTE_CHARS, MAX_PREFERENCE_CHARS, Topic};
use serde_json::{Value, json};

use super::{Named, id, list, object, of, or_null, page, text, time, whole, words, yes_or_no};

fn channel() -> Value {
    words(&["sms", "voice", "email", "web_chat", "other"])
}

fn topic() -> Value {
    words(&Topic::ALL.map(Topic::as_str))
}

/// The choice of jobs, for the address.
pub(in crate::api) fn which() -> Value {
    let all = [Which::All, Which::Open, Which::Upcoming, Which::Recent].map(Which::as_str);
    json!({ "type": "string", "enum": all, "default": "all" })
}

pub(super) fn remarks() -> Named {
    let said = |most: usize| json!({ "type": "string", "minLength": 1, "maxLength": most });
    let remark = [
        ("id", id("rmk")),
        ("kind", words(&Kind::ALL.map(Kind::as_str))),
        ("topic?", topic()),
        ("text", text()),
        ("channel", or_null(channel())),
        ("said_by", of("Actor")),
        ("said_at", time()),
        ("retracted_at", or_null(time())),
        ("retracted_by", or_null(of("Actor"))),
    ];
    let added = [&remark[..], &[("customer", id("cus")), ("is_new", yes_or_no())]].concat();
    let new = |most| object(&[("text", said(most)), ("channel?", channel())]);
    let preference = [("topic", topic()), ("text", said(MAX_PREFERENCE_CHARS)), ("channel?", channel())];
    vec![
        ("Remark", object(&remark)),
        ("RemarkPage", page("Remark")),
        ("RemarkAdded", object(&added)),
        ("NewNote", new(MAX_NOTE_CHARS)),
        ("NewPreference", object(&preference)),
        ("NewAddress", new(MAX_ADDRESS_CHARS)),
    ]
}

pub(super) fn jobs() -> Named {
    let maybe = || or_null(text());
    let appointment = object(&[
        ("key", text()),
        ("starts_at?", time()),
        ("ends_at?", time()),
        ("window_starts_at?", time()),
        ("window_ends_at?", time()),
        ("status?", text()),
        ("technicians?", list(text())),
    ]);
    let job = object(&[
        ("id", id("rec")),
        ("number", maybe()),
        ("status", maybe()),
        ("type_name", maybe()),
        ("summary", maybe()),
        ("booked_at", or_null(time())),
        ("completed_at", or_null(time())),
        ("next_visit_at", or_null(time())),
        ("total_cents", or_null(whole())),
        ("address", maybe()),
        ("appointments", list(appointment)),
        ("technicians", list(text())),
        ("is_active", yes_or_no()),
    ]);
    let part = object(&[("text", text()), ("is_found", yes_or_no())]);
    let passage = object(&[("message", of("Message")), ("channel", channel()), ("passage", list(part))]);
    vec![("Job", job), ("JobPage", page("Job")), ("Passage", passage), ("PassagePage", page("Passage"))]
}
