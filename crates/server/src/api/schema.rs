//! What goes in and comes out, as JSON Schema (2020-12). Written by hand beside what serialises them, and held to it by
//! the tests: every answer there is checked against its schema, and an unknown field is a mistake.

mod live;
mod rules;
mod said;
mod told;
mod why;

pub(super) use rules::web_user;
pub(super) use said::which;

use doorstep_core::audit::Act;
use doorstep_core::tenant::{Permission, Role};
use serde_json::{Map, Value, json};

/// An object of exactly these fields; all of them are there, but for those whose names end in `?`.
fn object(fields: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|(name, schema)| (name.trim_end_matches('?').to_owned(), schema.clone())).collect();
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// An object of which one field is sent: each is an act of its own.
fn one_of(mut object: Value) -> Value {
    object["minProperties"] = json!(1);
    object["maxProperties"] = json!(1);
    object
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn whole() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

/// Bits and shares.
fn number() -> Value {
    json!({ "type": "number" })
}

fn yes_or_no() -> Value {
    json!({ "type": "boolean" })
}

fn any_object() -> Value {
    json!({ "type": "object" })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// An id by its prefix.
pub(super) fn id(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$") })
}

fn page(items: &str) -> Value {
    object(&[("items", list(of(items))), ("next", or_null(text())), ("previous", or_null(text()))])
}

fn role() -> Value {
    words(&Role::ALL.map(Role::as_str))
}

/// Why somebody decided, in their words.
fn reason() -> Value {
    or_null(json!({ "type": "string", "maxLength": 500 }))
}

fn permissions() -> Value {
    list(words(&Permission::ALL.map(Permission::as_str)))
}

fn ways() -> Value {
    words(&["inbound", "outbound"])
}

/// All of them, by name.
pub(super) fn all() -> Value {
    let groups = [
        shared(),
        customers(),
        edits(),
        talk(),
        said::remarks(),
        said::jobs(),
        told::all(),
        identity(),
        why::all(),
        rules::rules(),
        rules::marks(),
        rules::verifications(),
        imports(),
        live::connections(),
        live::runs(),
        live::looks(),
        people(),
        keys_and_acts(),
    ];
    Value::Object(groups.into_iter().flatten().map(|(name, schema)| (name.to_owned(), schema)).collect())
}

type Named = Vec<(&'static str, Value)>;

fn shared() -> Named {
    let problem = json!({
        "type": "object",
        "properties": {
            "type": text(), "title": text(), "status": whole(), "detail": text(), "request_id": id("req"),
        },
        "required": ["type", "title", "status", "detail", "request_id"],
    });
    let changed = object(&[
        ("number", whole()),
        (
            "subject",
            words(&[
                "customer",
                "conversation",
                "call",
                "import",
                "connection",
                "run",
                "review",
                "decision",
                "mark",
                "tenant",
            ]),
        ),
        ("id", json!({ "type": ["string", "integer"] })),
        ("changed_at", time()),
    ]);
    let actor = object(&[("kind", words(&["operator", "user", "api_key", "visitor", "worker"])), ("name?", text())]);
    vec![
        ("Problem", problem),
        ("Actor", actor),
        ("Change", changed),
        ("ChangePage", object(&[("items", list(of("Change"))), ("next", text()), ("has_more", yes_or_no())])),
    ]
}

fn customers() -> Named {
    let maybe = || or_null(text());
    let identity = object(&[
        ("kind", text()),
        ("value", text()),
        ("source", text()),
        ("record", id("rec")),
        ("first_seen_at", time()),
        ("last_seen_at", time()),
        ("verified", yes_or_no()),
    ]);
    let provenance = object(&[
        ("record", id("rec")),
        ("source", text()),
        ("said_at", time()),
        ("rule", text()),
        ("pin?", id("pin")),
        ("pinned_by?", of("Actor")),
    ]);
    let with_messages = json!({ "type": "object", "required": ["id", "messages"] });
    let row = object(&[
        ("id", id("cus")),
        ("display_name", text()),
        ("company", maybe()),
        ("phone", maybe()),
        ("email", maybe()),
        ("first_seen_at", time()),
        ("last_seen_at", or_null(time())),
        ("sources", whole()),
        ("in_review", yes_or_no()),
        ("version", whole()),
    ]);
    let customer = object(&[
        ("id", id("cus")),
        ("display_name", text()),
        ("company", maybe()),
        ("phone", maybe()),
        ("email", maybe()),
        ("address", maybe()),
        ("notes", maybe()),
        ("balance?", whole()),
        ("identities", list(of("Identity"))),
        ("first_seen_at", time()),
        ("provenance", json!({ "type": "object", "additionalProperties": of("Provenance") })),
        ("version", whole()),
        ("was?", id("cus")),
        ("conversations?", list(with_messages)),
        ("calls?", list(of("Call"))),
        ("in_review_with?", list(id("cus"))),
    ]);
    let customers = object(&[
        ("items", list(of("CustomerRow"))),
        ("next", maybe()),
        ("previous", maybe()),
        ("stopped?", yes_or_no()),
    ]);
    vec![
        ("CustomerRow", row),
        ("CustomerPage", customers),
        ("Identity", identity),
        ("Provenance", provenance),
        ("Customer", customer),
    ]
}

/// What is said of customers, and what comes of it.
fn edits() -> Named {
    let maybe = || or_null(text());
    let described = object(&[
        ("phones?", list(text())),
        ("emails?", list(text())),
        ("name?", maybe()),
        ("company?", maybe()),
        ("notes?", maybe()),
        ("preview?", yes_or_no()),
    ]);
    let found = object(&[
        ("outcome", words(&["existing", "created", "several"])),
        ("customer?", or_null(id("cus"))),
        ("resembles?", list(id("cus"))),
        ("candidates?", list(id("cus"))),
    ]);
    let edit = object(&[
        // A name cannot be taken away: customers are told from each other by it.
        ("name?", text()),
        ("company?", maybe()),
        ("phone?", maybe()),
        ("email?", maybe()),
        ("address?", maybe()),
        ("notes?", maybe()),
        ("preview?", yes_or_no()),
    ]);
    vec![("Described", described), ("Found", found), ("Edit", edit)]
}

fn talk() -> Named {
    let maybe = || or_null(text());
    let conversation = object(&[
        ("id", id("cnv")),
        ("channel", text()),
        ("started_at", or_null(time())),
        ("last_message_at", or_null(time())),
        ("message_count", whole()),
        ("participants", list(text())),
    ]);
    let message = [
        ("id", id("msg")),
        ("conversation_id", id("cnv")),
        ("direction", ways()),
        ("from", maybe()),
        ("to", maybe()),
        ("body", text()),
        ("sent_at", time()),
        ("status", maybe()),
        ("attachments", list(text())),
    ];
    let call = [
        ("id", id("cal")),
        ("direction", ways()),
        ("from", maybe()),
        ("to", maybe()),
        ("started_at", time()),
        ("duration_seconds", or_null(whole())),
        ("status", maybe()),
        ("voicemail_text", maybe()),
    ];
    let entry = |kind: &'static str, fields: &[(&'static str, Value)], more: &[(&'static str, Value)]| {
        let kind = [("kind", words(&[kind]))];
        object(&[&kind[..], fields, more].concat())
    };
    let entry = json!({ "anyOf": [entry("message", &message, &[("channel", text())]), entry("call", &call, &[])] });
    vec![
        ("Conversation", conversation),
        ("Message", object(&message)),
        ("Call", object(&call)),
        ("TimelineEntry", entry),
        ("ConversationPage", page("Conversation")),
        ("MessagePage", page("Message")),
        ("TimelinePage", page("TimelineEntry")),
    ]
}

fn identity() -> Named {
    let named = object(&[("id", id("cus")), ("display_name", text())]);
    let evidence = object(&[("kind", text()), ("value", text()), ("names", text())]);
    let review = object(&[
        ("id", id("rvw")),
        ("a", id("cus")),
        ("b", id("cus")),
        ("evidence", list(evidence)),
        ("probability", number()),
        ("created_at", time()),
        ("a_customer", or_null(of("CustomerRow"))),
        ("b_customer", or_null(of("CustomerRow"))),
    ]);
    let merge = object(&[
        ("id", id("dec")),
        ("verb", text()),
        ("a", id("rec")),
        ("b", id("rec")),
        ("reason", or_null(text())),
        ("actor", of("Actor")),
        ("decided_at", time()),
        ("retracted_at", or_null(time())),
        ("retracted_by", or_null(of("Actor"))),
        ("a_customer", or_null(named.clone())),
        ("b_customer", or_null(named)),
    ]);
    let retracted =
        object(&[("decision", id("dec")), ("verb", text()), ("a", or_null(id("cus"))), ("b", or_null(id("cus")))]);
    vec![
        ("Review", review),
        ("ReviewPage", page("Review")),
        ("MergeEntry", merge),
        ("MergePage", page("MergeEntry")),
        ("Decision", object(&[("answer", words(&["merge", "apart"])), ("reason?", reason())])),
        ("Merge", object(&[("a", id("cus")), ("b", id("cus")), ("reason?", reason())])),
        ("Unmerge", object(&[("customer", id("cus")), ("reason?", reason())])),
        ("Decided", object(&[("decision", or_null(id("dec"))), ("a", id("cus")), ("b", id("cus"))])),
        ("Retracted", retracted),
    ]
}

fn imports() -> Named {
    let name = json!({ "type": "string", "pattern": "[0-9A-Za-z]", "maxLength": 100 });
    let names = json!({ "type": "array", "items": name, "maxItems": 100 });
    let aliases = json!({
        "type": "object", "description": "More names for columns, by file and column.", "additionalProperties": names,
    });
    let archive = object(&[
        ("file", json!({ "type": "string", "contentMediaType": "application/zip" })),
        ("dry_run?", json!({ "type": "string", "enum": ["true", "false"], "default": "true" })),
        ("notes?", json!({ "type": "string", "maxLength": 2000 })),
        ("aliases?", aliases),
    ]);
    let state = || words(&["planned", "applying", "applied", "undoing", "undone", "superseded", "expired"]);
    let row = object(&[
        ("id", id("imp")),
        ("state", state()),
        ("file_name", text()),
        ("archive_hash", text()),
        ("notes", or_null(text())),
        ("actor", of("Actor")),
        ("created_at", time()),
        ("applied_at", or_null(time())),
        ("undone_at", or_null(time())),
        ("summary", any_object()),
        ("callers_new", whole()),
        ("problem_count", whole()),
        ("rows_done", whole()),
        ("rows_total", whole()),
    ]);
    let report = object(&[
        ("batch_id", id("imp")),
        ("dry_run", yes_or_no()),
        ("state", state()),
        ("file_name", text()),
        ("notes", or_null(text())),
        ("actor", of("Actor")),
        ("created_at", time()),
        ("applied_at", or_null(time())),
        ("undone_at", or_null(time())),
        ("summary", any_object()),
        ("callers", any_object()),
        ("manifest", any_object()),
        ("mapping", json!({})),
        ("problem_count", whole()),
        ("problems", list(any_object())),
        ("rows_done", whole()),
        ("rows_total", whole()),
    ]);
    let planning = object(&[
        ("batch_id", id("imp")),
        ("state", words(&["planning"])),
        ("bytes_done", whole()),
        ("bytes_total", whole()),
    ]);
    vec![
        ("Archive", archive),
        ("ImportRow", row),
        ("ImportPage", page("ImportRow")),
        ("Import", json!({ "anyOf": [report, planning] })),
    ]
}

fn people() -> Named {
    let name = || json!({ "type": "string", "minLength": 1, "maxLength": 100 });
    let tenant = object(&[("id", whole()), ("name", text()), ("time_zone", text()), ("country", text())]);
    let me = object(&[
        ("actor", of("Actor")),
        ("name", text()),
        ("role", role()),
        ("permissions", permissions()),
        ("tenant", tenant),
    ]);
    let user = object(&[
        ("id", id("usr")),
        ("email", text()),
        ("name", text()),
        ("role", role()),
        ("has_password", yes_or_no()),
        ("created_at", time()),
        ("password_changed_at", or_null(time())),
        ("disabled_at", or_null(time())),
    ]);
    let session = object(&[
        ("id", id("ses")),
        ("user", id("usr")),
        ("user_agent", or_null(text())),
        ("created_at", time()),
        ("last_seen_at", time()),
        ("expires_at", time()),
        ("revoked_at", or_null(time())),
    ]);
    let purposes = || words(&["sign_in", "set_password"]);
    vec![
        ("Me", me),
        ("User", user),
        ("UserPage", page("User")),
        ("Invitation", object(&[("email", text()), ("name", name()), ("role", role())])),
        ("Invited", object(&[("user", of("User")), ("link", text())])),
        ("UserChange", one_of(object(&[("role?", role()), ("disabled?", yes_or_no())]))),
        ("LinkWanted", object(&[("purpose", purposes())])),
        ("Link", object(&[("link", text()), ("purpose", purposes()), ("seconds", whole())])),
        ("Session", session),
        ("SessionList", object(&[("items", list(of("Session")))])),
        ("Ended", object(&[("ended", whole())])),
    ]
}

fn keys_and_acts() -> Named {
    let name = || json!({ "type": "string", "minLength": 1, "maxLength": 100 });
    let key = object(&[
        ("id", id("key")),
        ("name", text()),
        ("role", role()),
        ("scopes", or_null(permissions())),
        ("created_by", of("Actor")),
        ("created_at", time()),
        ("last_used_at", or_null(time())),
        ("expires_at", or_null(time())),
        ("revoked_at", or_null(time())),
    ]);
    let acts: Vec<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
    let entry = object(&[
        ("id", id("aud")),
        ("at", time()),
        ("actor", of("Actor")),
        ("act", words(&acts)),
        ("subject", text()),
        ("subject_id", or_null(text())),
        ("details", any_object()),
    ]);
    let wanted =
        [("name", name()), ("role", role()), ("scopes?", or_null(permissions())), ("expires_at?", or_null(time()))];
    vec![
        ("ApiKey", key),
        ("ApiKeyPage", page("ApiKey")),
        ("NewApiKey", object(&wanted)),
        ("CreatedApiKey", object(&[("api_key", of("ApiKey")), ("secret", text())])),
        ("AuditEntry", entry),
        ("AuditPage", page("AuditEntry")),
    ]
}
