//! Whether a value is what a schema of OpenAPI 3.0 says: the part of it that ServiceTitan's documents use.

use serde_json::{Map, Value};

use crate::stamp::Stamp;

/// How deep a value may nest: no document comes near.
const MAX_DEPTH: usize = 64;

/// One document's schemas.
pub(super) struct Schemas<'a> {
    /// The document.
    pub document: &'a Value,
}

impl Schemas<'_> {
    /// Says what is wrong with `value` at `place`.
    pub fn check(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
        self.look(schema, value, place, wrong, 0);
    }

    fn look(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>, depth: usize) {
        if depth > MAX_DEPTH {
            return wrong.push(format!("{place}: nests too deep"));
        }
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            return match self.document.pointer(pointer) {
                Some(schema) => self.look(schema, value, place, wrong, depth + 1),
                None => wrong.push(format!("{place}: the document has no `{name}`")),
            };
        }
        if value.is_null() {
            if schema["nullable"] != true && is_said(schema) {
                wrong.push(format!("{place}: null"));
            }
            return;
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.look(part, value, place, wrong, depth + 1);
        }
        if let Some(parts) = schema["oneOf"].as_array() {
            self.one_of(parts, value, place, wrong, depth);
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            wrong.push(format!("{place}: {value} is not one of {}", Value::from(words.clone())));
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema, value, place, wrong, depth),
            Some("array") => match value.as_array() {
                Some(items) => {
                    for (at, item) in items.iter().enumerate() {
                        self.look(&schema["items"], item, &format!("{place}[{at}]"), wrong, depth + 1);
                    }
                }
                None => wrong.push(format!("{place}: not an array")),
            },
            Some(kind) => scalar(kind, schema, value, place, wrong),
            None => {}
        }
    }

    fn one_of(&self, parts: &[Value], value: &Value, place: &str, wrong: &mut Vec<String>, depth: usize) {
        let mut first = Vec::new();
        let fits = parts.iter().any(|part| {
            let mut found = Vec::new();
            self.look(part, value, place, &mut found, depth + 1);
            let is_right = found.is_empty();
            first.append(&mut found);
            is_right
        });
        if !fits {
            wrong.append(&mut first);
        }
    }

    fn object(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>, depth: usize) {
        let Some(fields) = value.as_object() else { return wrong.push(format!("{place}: not an object")) };
        let none = Map::new();
        let known = schema["properties"].as_object().unwrap_or(&none);
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                wrong.push(format!("{place}.{name}: missing"));
            }
        }
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match (known.get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => self.look(schema, value, &place, wrong, depth + 1),
                (None, Value::Bool(false)) => wrong.push(format!("{place}: unknown")),
                (None, Value::Object(_)) => {
                    self.look(&schema["additionalProperties"], value, &place, wrong, depth + 1);
                }
                (None, _) => {}
            }
        }
    }
}

/// False for the empty schema, which takes anything.
fn is_said(schema: &Value) -> bool {
    ["type", "oneOf", "allOf", "enum"].iter().any(|key| !schema[*key].is_null())
}

fn scalar(kind: &str, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    let format = schema["format"].as_str().unwrap_or_default();
    let is_right = match kind {
        "string" => value.as_str().is_some_and(|text| string(schema, format, text)),
        "integer" if format == "int32" => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => false,
    };
    if !is_right {
        wrong.push(format!("{place}: {value} is not a {kind} {format}"));
    }
}

fn string(schema: &Value, format: &str, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let is_long_enough = schema["minLength"].as_u64().is_none_or(|least| length >= least);
    let is_short_enough = schema["maxLength"].as_u64().is_none_or(|most| length <= most);
    let is_formed = match format {
        "date" => text.len() == 10 && Stamp::parse(text).is_some(),
        "date-time" => text.len() > 10 && Stamp::parse(text).is_some(),
        "guid" => text.len() == 36,
        "email" => text.contains('@'),
        _ => true,
    };
    is_long_enough && is_short_enough && is_formed
}

/// What is wrong with the text of a parameter.
pub(super) fn parameter(schema: &Value, text: &str) -> bool {
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("integer"), Some("int32")) => text.parse::<i32>().is_ok(),
        (Some("integer"), _) => text.parse::<i64>().is_ok(),
        (Some("number"), _) => text.parse::<f64>().is_ok(),
        (Some("boolean"), _) => matches!(text, "true" | "false"),
        (_, format) => string(schema, format.unwrap_or_default(), text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(schema: &Value, value: &Value) -> Vec<String> {
        let document = json!({ "components": { "schemas": {
            "Kind": { "type": "string", "enum": ["A", "B"] },
            "Tree": { "type": "object", "additionalProperties": false,
                "properties": { "next": { "$ref": "#/components/schemas/Tree" } } },
        } } });
        let mut found = Vec::new();
        Schemas { document: &document }.check(schema, value, "it", &mut found);
        found
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let check = |schema: Value, value: Value, expected: &[&str]| assert_eq!(wrong(&schema, &value), expected);
        check(
            json!({ "type": "integer", "format": "int32" }),
            json!(5_000_000_000_i64),
            &["it: 5000000000 is not a integer int32"],
        );
        check(json!({ "type": "integer", "format": "int64" }), json!(5_000_000_000_i64), &[]);
        check(json!({ "type": "integer", "format": "int64" }), json!(1.5), &["it: 1.5 is not a integer int64"]);
        check(json!({ "type": "string" }), json!(null), &["it: null"]);
        check(json!({ "type": "string", "nullable": true }), json!(null), &[]);
        check(json!({}), json!(null), &[]);
        check(
            json!({ "type": "string", "format": "date-time" }),
            json!("2026-01-01"),
            &["it: \"2026-01-01\" is not a string date-time"],
        );
        check(json!({ "oneOf": [{ "$ref": "#/components/schemas/Kind" }], "nullable": true }), json!(null), &[]);
        check(
            json!({ "oneOf": [{ "$ref": "#/components/schemas/Kind" }] }),
            json!("C"),
            &["it: \"C\" is not one of [\"A\",\"B\"]"],
        );
        check(
            json!({ "$ref": "#/components/schemas/Tree" }),
            json!({ "next": { "next": { "x": 1 } } }),
            &["it.next.next.x: unknown"],
        );
        check(
            json!({ "$ref": "#/components/schemas/None" }),
            json!(1),
            &["it: the document has no `#/components/schemas/None`"],
        );
        let list = json!({ "type": "array", "items": { "type": "object", "required": ["id"] } });
        check(list, json!([{ "id": 1 }, {}]), &["it[1].id: missing"]);
    }
}
