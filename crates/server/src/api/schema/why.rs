//! Why customers are one or two.

use serde_json::Value;

use super::{Named, id, list, number, object, of, or_null, text, time, whole, words, yes_or_no};

/// By name.
pub(super) fn all() -> Named {
    let side = object(&[("asked", id("cus")), ("customer", id("cus")), ("display_name", text()), ("records", whole())]);
    let reason = || {
        words(&[
            "decision",
            "object",
            "evidence",
            "names",
            "generation",
            "ambiguous",
            "never_mix",
            "not_counted",
            "nothing_shared",
            "one_record",
        ])
    };
    let decision = object(&[
        ("id", id("dec")),
        ("verb", words(&["link", "keep_apart"])),
        ("a", id("rec")),
        ("b", id("rec")),
        ("reason", or_null(text())),
        ("actor", of("Actor")),
        ("decided_at", time()),
        ("retracted_at", or_null(time())),
    ]);
    let (compared, shared) = parts();
    let brief = object(&[
        ("id", id("rec")),
        ("source", text()),
        ("import", or_null(id("imp"))),
        ("stored_at", time()),
        ("name", text()),
        ("is_edit", yes_or_no()),
    ]);
    let ends = [("a", of("RecordBrief")), ("b", of("RecordBrief"))];
    let tied = [
        ("by", words(&["decision", "object", "evidence"])),
        ("decision", or_null(of("StoredDecision"))),
        ("explanation", or_null(of("Evidence"))),
        ("on_path", yes_or_no()),
    ];
    let looked_at = object(&[("records", whole()), ("compared", whole()), ("of", whole()), ("is_cut", yes_or_no())]);
    let evidence = evidence();
    let explained = object(&[
        ("standing", words(&["one", "review", "apart"])),
        ("a", of("ExplainedSide")),
        ("b", or_null(of("ExplainedSide"))),
        ("review", or_null(id("rvw"))),
        ("because", reason()),
        ("in_words", text()),
        ("decision", or_null(of("StoredDecision"))),
        ("is_compared", yes_or_no()),
        ("fields", list(compared)),
        ("shared", list(shared)),
        ("pairs", list(object(&[&ends[..], &evidence[..]].concat()))),
        ("links", list(object(&[&ends[..], &tied[..]].concat()))),
        ("would_change", list(text())),
        ("looked_at", looked_at),
        ("is_outdated", yes_or_no()),
    ]);
    vec![
        ("StoredDecision", decision),
        ("RecordBrief", brief),
        ("Evidence", object(&evidence)),
        ("ExplainedSide", side),
        ("Explained", explained),
        ("Missing", missing()),
    ]
}

/// Why nobody is found.
fn missing() -> Value {
    let named = || object(&[("id", id("cus")), ("display_name", text())]);
    let finding = object(&[
        ("kind", words(&["known", "not_counted", "review", "merged", "taken_out", "skipped", "nowhere"])),
        ("customers?", list(named())),
        ("has_more?", yes_or_no()),
        ("merges?", list(of("StoredDecision"))),
        ("counts?", words(&["hub", "own_number", "placeholder", "shared"])),
        ("review?", id("rvw")),
        ("a?", named()),
        ("b?", named()),
        ("into?", named()),
        ("import?", or_null(id("imp"))),
        ("file?", text()),
        ("line?", whole()),
        ("reason?", or_null(text())),
    ]);
    let asked =
        object(&[("source", text()), ("last_came_at", or_null(time())), ("last_taken_out_at", or_null(time()))]);
    object(&[
        ("wanted", words(&["phone", "email", "name", "customer"])),
        ("findings", list(finding)),
        ("sources", list(asked)),
    ])
}

/// What is told of a pair of records.
fn evidence() -> [(&'static str, Value); 8] {
    [
        ("bits", number()),
        ("probability", number()),
        ("links", yes_or_no()),
        ("review", yes_or_no()),
        ("other", words(&["same", "strangers", "household", "line"])),
        ("before", number()),
        ("pieces", list(object(&[("field", text()), ("says", text()), ("bits", number())]))),
        ("would_change", list(text())),
    ]
}

/// A field of both, and a number or address that both have.
fn parts() -> (Value, Value) {
    let named = || object(&[("id", id("cus")), ("display_name", text())]);
    let said = object(&[("value", text()), ("sources", list(text())), ("is_shared", yes_or_no())]);
    let compared = object(&[
        ("field", words(&["name", "company", "phone", "email", "address"])),
        ("a", list(said.clone())),
        ("b", list(said)),
        ("more", whole()),
        ("agreement", words(&["same", "fits", "differs", "one_sided"])),
    ]);
    let shared = object(&[
        ("kind", text()),
        ("value", text()),
        ("counts", words(&["yes", "hub", "own_number", "placeholder", "shared"])),
        ("people", or_null(whole())),
        ("customers", list(named())),
    ]);
    (compared, shared)
}
