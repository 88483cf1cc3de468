//! Live sources: connections, runs, and what is seen of a source beside what is read from it.

use serde_json::{Value, json};

use super::{Named, any_object, id, list, object, of, or_null, page, text, time, whole, words, yes_or_no};

/// Settings by their names; a text each.
fn settings() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

fn source() -> Value {
    words(&doorstep_engine::source::specs().map(|spec| spec.source.as_str()).collect::<Vec<_>>())
}

fn how_gone() -> Value {
    json!({ "anyOf": [{ "type": "string", "enum": ["inactive", "deleted"] }, { "type": "object" }, { "type": "null" }] })
}

pub(super) fn connections() -> Named {
    let setting = object(&[
        ("name", text()),
        ("label", text()),
        ("is_secret", yes_or_no()),
        ("default", or_null(text())),
        ("is_optional", yes_or_no()),
    ]);
    let stream = object(&[("name", text()), ("label", text())]);
    let one =
        object(&[("source", source()), ("label", text()), ("settings", list(setting)), ("streams", list(stream))]);
    let schedule = object(&[("enabled", yes_or_no()), ("interval_seconds", whole()), ("window", or_null(text()))]);
    let connection = object(&[
        ("id", id("con")),
        ("source", source()),
        ("name", text()),
        ("settings", settings()),
        ("secrets", settings()),
        ("schedule", schedule),
        ("next_run_at", or_null(time())),
        ("next_try_at", or_null(time())),
        ("next_at", or_null(time())),
        ("last_run_at", or_null(time())),
        ("failures", whole()),
        ("is_parked", yes_or_no()),
        ("reason", or_null(text())),
        ("created_by", of("Actor")),
        ("created_at", time()),
        ("removed_at", or_null(time())),
        ("removal", or_null(object(&[("left", whole()), ("total", whole())]))),
        ("run", or_null(of("Run"))),
        ("last", or_null(of("Run"))),
    ]);
    let checked =
        object(&[("stream", text()), ("can_be_read", yes_or_no()), ("has_any?", yes_or_no()), ("reason?", text())]);
    let checked = object(&[("streams", list(checked)), ("clock_ahead_seconds", whole()), ("advice", or_null(text()))]);
    let when = [
        ("enabled?", yes_or_no()),
        ("interval_seconds?", json!({ "type": "integer", "minimum": 60, "maximum": 604_800 })),
        ("open_hours?", or_null(json!({ "type": "string", "examples": ["06:00-20:00", "mon-fri 07:30-17:00"] }))),
    ];
    let name = json!({ "type": "string", "minLength": 1, "maxLength": 100 });
    let first = [("source", source()), ("name?", name.clone()), ("settings", settings()), ("check?", yes_or_no())];
    vec![
        ("SourceList", object(&[("items", list(one))])),
        ("Connection", connection),
        ("ConnectionList", object(&[("items", list(of("Connection")))])),
        ("NewConnection", object(&[&first[..], &when[..]].concat())),
        ("ConnectionCreated", object(&[("connection", of("Connection")), ("check", or_null(of("Checked")))])),
        ("ConnectionChange", object(&[&[("name?", name), ("settings?", settings())][..], &when[..]].concat())),
        ("SettingsTried", object(&[("source", source()), ("settings", settings())])),
        ("Checked", checked),
    ]
}

pub(super) fn runs() -> Named {
    let counts = [
        ("fetched", whole()),
        ("new", whole()),
        ("changed", whole()),
        ("unchanged", whole()),
        ("gone", whole()),
        ("skipped", whole()),
        ("failed", whole()),
    ];
    let more = [("is_done", yes_or_no()), ("failure?", text()), ("missing?", whole())];
    let stream = object(&[&counts[..], &more[..]].concat());
    let states = ["waiting", "running", "finished", "incomplete", "failed", "canceled"];
    let run = object(&[
        ("id", id("run")),
        ("connection", id("con")),
        ("cause", words(&["schedule", "manual"])),
        ("actor", of("Actor")),
        ("state", words(&states)),
        ("sweeps", yes_or_no()),
        ("removes_missing", yes_or_no()),
        ("stream", or_null(text())),
        ("report", json!({ "type": "object", "additionalProperties": stream })),
        ("totals", object(&counts)),
        ("problem_count", whole()),
        ("reason", or_null(text())),
        ("created_at", time()),
        ("started_at", or_null(time())),
        ("finished_at", or_null(time())),
    ]);
    let wanted = object(&[
        ("identifier", text()),
        ("type", words(&doorstep_engine::context::Kind::ALL.map(doorstep_engine::context::Kind::as_str))),
        ("wait?", yes_or_no()),
        ("timeout_ms?", json!({ "type": "integer", "minimum": 0, "maximum": 20_000 })),
    ]);
    let synced = object(&[
        ("customer", id("cus")),
        ("asked", words(&["woken", "already", "no_source", "resting", "full"])),
        ("came", or_null(yes_or_no())),
        ("reason", or_null(text())),
        ("read_at", or_null(time())),
        ("again_at", or_null(time())),
    ]);
    vec![
        ("SyncCustomer", wanted),
        ("CustomerSynced", synced),
        ("Run", run),
        ("RunPage", page("Run")),
        ("RunProblem", object(&[("stream", text()), ("key", or_null(text())), ("reason", text())])),
        ("RunProblemPage", page("RunProblem")),
    ]
}

pub(super) fn looks() -> Named {
    let before = object(&[("number", whole()), ("said_until", time()), ("payload", json!({}))]);
    let record = object(&[
        ("id", id("rec")),
        ("connection", id("con")),
        ("stream", text()),
        ("key", text()),
        ("parent", or_null(text())),
        ("gone", how_gone()),
        ("customer", or_null(id("cus"))),
        ("payload", json!({})),
        ("before", list(before)),
    ]);
    let raw = object(&[
        ("customer", any_object()),
        ("contacts", list(json!({}))),
        ("tags", list(text())),
        ("jobs", list(json!({}))),
        ("locations", list(json!({}))),
    ]);
    let row = object(&[
        ("key", text()),
        ("parent", or_null(text())),
        ("modified_at", or_null(time())),
        ("gone", how_gone()),
        ("payload", json!({})),
    ]);
    let skipped = object(&[("key", or_null(text())), ("reason", text())]);
    let note = json!({ "type": "string", "minLength": 1, "maxLength": 1000 });
    vec![
        ("SourceRecord", record),
        ("RawCustomer", raw),
        ("RawPage", object(&[("rows", list(row)), ("skipped", list(skipped)), ("next", or_null(text()))])),
        ("TestNote", object(&[("customer", text()), ("text", note)])),
        ("TestNoteWritten", object(&[("key", or_null(text()))])),
    ]
}
