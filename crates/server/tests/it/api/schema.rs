//! Holds answers to the document: as much of JSON Schema as our schemas use.

use std::sync::LazyLock;

use serde_json::Value;

use crate::wire::Answer;

pub static DOCUMENT: LazyLock<Value> = LazyLock::new(doorstep_server::api::document);

/// Whether an address of the document, with its parameters, is that of `place`.
fn fits(template: &str, place: &str) -> bool {
    let (template, place): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), place.split('/').collect());
    template.len() == place.len()
        && template.iter().zip(&place).all(|(one, other)| one == other || one.starts_with('{'))
}

/// The answer is one that the document names, of the shape that it gives it.
pub fn check(method: &str, place: &str, answer: &Answer) {
    let path = format!("/api/v1{}", place.split('?').next().unwrap());
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let found = paths.get(&path).or_else(|| paths.iter().find(|(name, _)| fits(name, &path)).map(|(_, it)| it));
    let Some(operation) = found.and_then(|entry| entry.get(method.to_ascii_lowercase())) else {
        assert!(matches!(answer.status, 404 | 405), "{method} {place} is not in the document: {}", answer.status);
        return;
    };
    let response = &operation["responses"][answer.status.to_string()];
    assert!(!response.is_null(), "{method} {place} does not say that it answers {}: {}", answer.status, answer.text());
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{method} {place}: {}", answer.text());
        return;
    };
    let (kind, media) = content.iter().next().unwrap();
    let said = answer.header("content-type").unwrap();
    if said == "text/event-stream" {
        return;
    }
    assert_eq!(&said, kind, "{method} {place}");
    if let Err(why) = fit(&media["schema"], &answer.json()) {
        panic!("{method} {place}: {why}\n{}", answer.text());
    }
}

/// Whether `value` fits `schema`.
pub fn fit(schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        let schema = &DOCUMENT["components"]["schemas"][name];
        assert!(!schema.is_null(), "no schema `{name}`");
        return fit(schema, value).map_err(|why| format!("{name}: {why}"));
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let tried: Vec<String> = any.iter().filter_map(|one| fit(one, value).err()).collect();
        return if tried.len() < any.len() { Ok(()) } else { Err(tried.join(" / ")) };
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema says `{other}`"),
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().any(|kind| is(kind.as_str().unwrap())),
        other => panic!("{other}"),
    };
    if !fits {
        return Err(format!("{value} is no {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{value} is none of {words:?}"));
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        // All our patterns are ids: a prefix and 26 characters.
        let prefix = pattern.trim_start_matches('^').split('[').next().unwrap();
        let text = value.as_str().unwrap();
        if text.strip_prefix(prefix).map(str::len) != Some(26) {
            return Err(format!("{text} does not begin with {prefix}"));
        }
    }
    for one in value.as_array().into_iter().flatten() {
        fit(&schema["items"], one)?;
    }
    let Some(fields) = value.as_object() else { return Ok(()) };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        fields.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    }
    for (name, value) in fields {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => fit(schema, value).map_err(|why| format!("`{name}`: {why}"))?,
            (None, Value::Bool(false)) => return Err(format!("`{name}` is not in the schema")),
            (None, Value::Object(schema)) => fit(&Value::Object(schema.clone()), value)?,
            (None, _) => {}
        }
    }
    Ok(())
}
