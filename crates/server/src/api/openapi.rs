//! `/openapi.json`: the table of doors and the schemas as an OpenAPI 3.1 document. It tells nothing of a tenant, so
//! everybody may read it.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use doorstep_core::audit::Act;
use doorstep_core::context::{Assurance, Budget};
use doorstep_engine::context::Kind;
use serde_json::{Map, Value, json};

use super::door::{self, Door, Need, Takes};
use super::schema;

/// Made once: it is the same for everybody.
static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// Serves the document.
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for door in door::all() {
        let entry = paths.entry(door.path()).or_insert_with(|| json!({}));
        entry[door.method.as_str().to_ascii_lowercase()] = operation(&door);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorstep",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every customer, one record. Problems are `application/problem+json` (RFC 9457). Lists are \
                            read by cursors: send `next` or `previous` back as `cursor`.",
        },
        "security": [{ "apiKey": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "apiKey": { "type": "http", "scheme": "bearer" } },
            "schemas": schema::all(),
        },
    })
}

fn operation(door: &Door) -> Value {
    let mut parameters: Vec<Value> = door.place.split('/').filter_map(in_path).collect();
    parameters.extend(door.query.iter().map(|name| in_query(door, name)));
    let mut header = |name: &str, pattern: Option<&str>, about: &str| {
        let schema = pattern.map_or(json!({ "type": "string" }), |one| json!({ "type": "string", "pattern": one }));
        parameters.push(json!({ "name": name, "in": "header", "description": about, "schema": schema }));
    };
    if door.takes_key {
        let about = "Sent again with the same key within a day, the request creates nothing more and gets the same \
                     answer; one that held a secret gets 409 with the id of what was made.";
        header("Idempotency-Key", Some("^[!-~]{1,255}$"), about);
    }
    if door.has_versions && door.method == axum::http::Method::GET {
        header("If-None-Match", None, "The `ETag` of an earlier answer: 304 if it is still the same.");
    } else if door.has_versions {
        header(
            "If-Match",
            Some("^(\\*|\"[0-9]{1,18}\")$"),
            "The `ETag` of an earlier answer: 412 if somebody was quicker.",
        );
    }
    let needs = match door.need {
        Need::Permission(permission) => format!("Needs `{permission}`."),
        Need::Known => "Needs a key or a session; for others than oneself `manage_users`.".to_owned(),
    };
    let mut operation = json!({
        "operationId": door.name, "summary": door.summary, "description": needs, "parameters": parameters,
        "responses": responses(door),
    });
    let body = match door.takes {
        Takes::Nothing => None,
        Takes::Json(name) => Some(("application/json", name)),
        Takes::Form(name) => Some(("multipart/form-data", name)),
    };
    if let Some((kind, name)) = body {
        operation["requestBody"] = json!({ "required": true, "content": { kind: { "schema": reference(name) } } });
    }
    operation
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn in_path(part: &str) -> Option<Value> {
    let name = part.strip_prefix('{')?.strip_suffix('}')?;
    let schema = match name {
        "customer" => schema::id("cus"),
        "conversation" => schema::id("cnv"),
        "review" => schema::id("rvw"),
        "decision" => schema::id("dec"),
        "mark" => schema::id("mrk"),
        "remark" => schema::id("rmk"),
        "import" => schema::id("imp"),
        "connection" => schema::id("con"),
        "run" => schema::id("run"),
        "user" => schema::id("usr"),
        "session" => schema::id("ses"),
        "api_key" => schema::id("key"),
        "receipt" => schema::id("rcp"),
        "identifier" => json!({ "type": "string", "minLength": 1, "maxLength": 500 }),
        _ => json!({ "type": "string", "enum": ["name", "company", "phone", "email", "address", "notes"] }),
    };
    Some(json!({ "name": name, "in": "path", "required": true, "schema": schema }))
}

fn in_query(door: &Door, name: &str) -> Value {
    let (schema, about) = match name {
        "cursor" => (json!({ "type": "string" }), "Where the page begins: `next` or `previous` of an answer."),
        "limit" => (json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }), "The longest page."),
        "q" if door.name == "searchMessages" => (
            json!({ "type": "string", "maxLength": 500 }),
            "Beginnings of words that a message must have, whatever their case and accents.",
        ),
        "records" => (
            json!({ "type": "string", "enum": ["keep", "remove"], "default": "keep" }),
            "What becomes of what it said.",
        ),
        "which" => (schema::which(), "All jobs, or those that are open, to come, or done."),
        "from" => (
            json!({ "type": "string", "format": "date-time" }),
            "Those done or booked (of `upcoming`: visited) at or after this instant.",
        ),
        "to" => (json!({ "type": "string", "format": "date-time" }), "And before this one."),
        "q" => (
            json!({ "type": "string", "maxLength": 500 }),
            "Beginnings of words of the name, a phone in any spelling, its last digits, or an e-mail address.",
        ),
        "order" => (
            json!({ "type": "string", "enum": ["newest", "name"], "default": "newest" }),
            "Which come first; a search has an order of its own.",
        ),
        "a" => (schema::id("cus"), "A customer, under any id that it ever had."),
        "b" => (schema::id("cus"), "Another; without it, or where both are one, what holds the one together."),
        "phone" => (json!({ "type": "string", "maxLength": 500 }), "A number in any spelling; by one thing at a time."),
        "email" => (json!({ "type": "string", "maxLength": 500 }), "An e-mail address."),
        "web_user_id" => (schema::web_user(), "A web user, by the id that your website knows them by."),
        "type" | "assurance" | "format" | "budget" | "fresh" | "timeout_ms" | "as_of" => of_context(name),
        "until" => (json!({ "type": "string", "format": "date-time" }), "The latest instant; now without it."),
        "name" => (json!({ "type": "string", "maxLength": 500 }), "Words of a name."),
        "id" => (schema::id("cus"), "A customer, under any id that it ever had."),
        "include" => (
            json!({ "type": "string", "pattern": format!("^({part}(,{part})*)?$", part = "(conversations|calls|in_review_with)") }),
            "What comes along: `conversations`, `calls`, `in_review_with`, with commas between.",
        ),
        "actor" => (json!({ "type": "string" }), "Who: `user:usr_…`, `api_key:key_…`, `operator:sam`, `worker`."),
        "stream" => {
            (json!({ "type": "string", "maxLength": 100 }), "A stream of the source, as `/sources` names them.")
        }
        "key" => (json!({ "type": "string", "maxLength": 200 }), "The source's own key of the object."),
        "sweep" => (
            json!({ "type": "boolean", "default": false }),
            "Look through whole streams, too, for what is gone at the source.",
        ),
        "remove_missing" => (
            json!({ "type": "boolean", "default": false }),
            "Take out what the source has no more, however much it is: somebody has looked there.",
        ),
        "subject" => (
            json!({ "type": "string", "pattern": "^(cus|imp|con|rvw|mrk|vrf|usr|key)_[0-7][0-9a-hjkmnp-tv-z]{25}$" }),
            "About what: an id. A customer is found under whatever id it had.",
        ),
        _ => (
            json!({ "type": "string", "enum": Act::ALL.iter().map(|act| act.as_str()).collect::<Vec<_>>() }),
            "What: `customer.merged`, `user.created`.",
        ),
    };
    debug_assert!(name != "act" || door.place == "/audit");
    let mut parameter = json!({ "name": name, "in": "query", "description": about, "schema": schema });
    if matches!(name, "a" | "stream" | "key" | "type") || (name, door.name) == ("q", "searchMessages") {
        // Without a customer there is no question.
        parameter["required"] = json!(true);
    }
    parameter
}

/// What is said of a context that is wanted.
fn of_context(name: &str) -> (Value, &'static str) {
    match name {
        "type" => (
            json!({ "type": "string", "enum": Kind::ALL.map(Kind::as_str) }),
            "What names the customer: a phone in any spelling, an e-mail address, or an id.",
        ),
        "assurance" => (
            json!({ "type": "string", "enum": Assurance::ALL.map(Assurance::as_str), "default": "claimed" }),
            "How sure it is that whoever is talked to is that customer.",
        ),
        "format" => (
            json!({ "type": "string", "enum": ["json", "text"] }),
            "The model, or text for a prompt; without it, text where `Accept` names `text/plain` and not JSON.",
        ),
        "budget" => (
            json!({ "type": "integer", "minimum": Budget::MIN.tokens(), "maximum": 1_000_000, "default": 1_200 }),
            "Most tokens of the text.",
        ),
        "fresh" => (
            json!({ "type": "string", "enum": ["wait"] }),
            "Read the customer again from the live sources first, and wait for it; the answer says whether it came.",
        ),
        "as_of" => (
            json!({ "type": "string", "format": "date-time" }),
            "Told as it was at this instant, for keys that may ask for `staff`; not with `fresh` or a stream.",
        ),
        _ => (
            json!({ "type": "integer", "minimum": 0, "maximum": 20_000, "default": 5_000 }),
            "How long to wait for that; what is known is told then, with its age.",
        ),
    }
}

fn responses(door: &Door) -> Value {
    let (status, schema) = door.gives;
    let mut all = Map::new();
    let content =
        |schema: Option<&str>| schema.map(|name| json!({ "application/json": { "schema": reference(name) } }));
    let mut put = |status: u16, about: &str, content: Option<Value>| {
        let mut response = json!({ "description": about });
        if let Some(content) = content {
            response["content"] = content;
        }
        let leads = links(schema);
        if status < 300 && !leads.is_empty() {
            response["links"] = Value::Object(leads);
        }
        all.insert(status.to_string(), response);
    };
    let mut done = content(schema);
    if let Some(kinds) = done.as_mut().filter(|_| door.name == "getCustomerContext") {
        kinds["text/plain"] = json!({ "schema": { "type": "string" } });
    }
    put(status, "Done.", done);
    for also in door.also {
        match also {
            200..300 => put(*also, "Done.", content(schema)),
            304 => put(304, "Still the same.", None),
            _ => put(*also, about(*also), Some(problem())),
        }
    }
    let body: &[u16] = if door.takes == Takes::Nothing { &[] } else { &[413, 415] };
    for status in [400, 401, 403, 422, 429, 503].iter().chain(body) {
        put(*status, about(*status), Some(problem()));
    }
    Value::Object(all)
}

/// What the ids in an answer are good for: the schema of the answer, where the id stands in it, and the parameter that
/// it is of which operations.
type Leads = (&'static str, &'static str, &'static str, &'static [&'static str]);

const LEADS: &[Leads] = &[
    (
        "CustomerPage",
        "items/0/id",
        "customer",
        &["getCustomer", "editCustomer", "getTimeline", "listConversations", "addNote", "listJobs"],
    ),
    ("Found", "customer", "customer", &["getCustomer", "getTimeline"]),
    ("ConversationPage", "items/0/id", "conversation", &["getConversation", "listMessages"]),
    ("ReviewPage", "items/0/id", "review", &["decideReview"]),
    ("MergePage", "items/0/id", "decision", &["retractDecision"]),
    ("MarkPage", "items/0/id", "mark", &["retractMark"]),
    ("RemarkPage", "items/0/id", "remark", &["retractRemark"]),
    ("RemarkAdded", "id", "remark", &["retractRemark"]),
    ("ImportPage", "items/0/id", "import", &["getImport"]),
    ("Import", "batch_id", "import", &["getImport", "applyImport", "undoImport"]),
    ("ConnectionList", "items/0/id", "connection", &["getConnection", "listRuns"]),
    ("RunPage", "items/0/id", "run", &["getRun", "listRunProblems"]),
    ("UserPage", "items/0/id", "user", &["getUser", "listSessionsOfUser", "createLink"]),
    ("Invited", "user/id", "user", &["getUser", "changeUser"]),
    ("ApiKeyPage", "items/0/id", "api_key", &["revokeApiKey"]),
];

fn links(schema: Option<&str>) -> Map<String, Value> {
    let of_schema = LEADS.iter().filter(|(of, ..)| Some(*of) == schema);
    let link = |(_, at, parameter, operations): &Leads| {
        let value = format!("$response.body#/{at}");
        let link = json!({ "parameters": { *parameter: value } });
        operations.iter().map(move |name| {
            let mut link = link.clone();
            link["operationId"] = json!(name);
            ((*name).to_owned(), link)
        })
    };
    of_schema.flat_map(link).collect()
}

fn problem() -> Value {
    json!({ "application/problem+json": { "schema": reference("Problem") } })
}

fn about(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read.",
        401 => "Nobody has shown who they are.",
        403 => "Whoever asks may not do this.",
        404 => "There is no such thing, or none that this tenant has.",
        409 => "It makes no sense as things stand.",
        410 => "It was taken out again with its import.",
        412 => "Somebody was quicker.",
        413 => "The request is too large.",
        415 => "The body is of another type.",
        422 => "The request asks for something that cannot be.",
        429 => "Too often.",
        _ => "Not right now.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_doors_that_take_the_id() {
        let doors = door::all();
        for (schema, _, parameter, operations) in LEADS {
            assert!(doors.iter().any(|door| door.gives.1 == Some(schema)), "{schema}");
            for name in *operations {
                let door = doors.iter().find(|door| door.name == *name);
                assert!(door.is_some_and(|door| door.place.contains(&format!("{{{parameter}}}"))), "{name}");
            }
        }
    }
}
