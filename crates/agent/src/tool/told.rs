//! How customers and what is theirs are told. Whatever somebody else wrote is one harmless line and, unless it plainly
//! is a name, a number or an address, stands between `«` and `»` ([`quote`]).

use doorstep_core::context::quote;
use doorstep_store::listing::Row;
use serde_json::{Map, Value, json};

/// A JSON object without what is not known.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let is_known = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let known = fields.into_iter().filter(|(_, value)| is_known(value));
    Value::Object(known.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// A short foreign value; `null` where nothing visible is in it.
pub(super) fn value(text: Option<&str>) -> Value {
    text.and_then(quote::value).map_or(Value::Null, |line| json!(quote::shown(&line)))
}

/// A foreign address.
pub(super) fn address(text: Option<&str>) -> Value {
    text.and_then(quote::value).map_or(Value::Null, |line| json!(quote::shown_address(&line)))
}

/// A foreign text, which is always quoted.
pub(super) fn note(text: Option<&str>) -> Value {
    let line = text.and_then(|text| quote::line(text, quote::MAX_QUOTE_CHARS));
    line.map_or(Value::Null, |line| json!(quote::quoted(&line)))
}

/// A customer as a list tells them.
pub(super) fn brief(row: &Row) -> Value {
    object([
        ("customer_id", json!(row.id)),
        ("name", value(Some(&row.display_name))),
        ("company", value(row.company.as_deref())),
        ("phone", value(row.phone.as_deref())),
        ("email", value(row.email.as_deref())),
        ("in_review", json!(row.in_review)),
    ])
}

/// What tells a customer from others, in words.
pub(super) fn apart(row: &Row) -> String {
    let name = quote::value(&row.display_name).map(|line| quote::shown(&line)).unwrap_or_default();
    let company = row.company.as_deref().and_then(quote::value).map(|line| format!(" of {}", quote::shown(&line)));
    format!("{name}{} (`{}`)", company.unwrap_or_default(), row.id)
}
