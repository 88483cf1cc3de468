//! Their objects as rows: key, parent, stamp, how they stand, and what they said.

use doorstep_core::source::Gone;
use serde_json::{Map, Value};

use super::stream;
use super::wire::Fields;
use crate::source::{Row, Skipped};

/// Longest payload of one row, in bytes of text and punctuation; their largest have some 20,000.
const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The rows of an answer, and what could not be taken.
pub(super) fn rows(stream: &'static str, data: Vec<Value>) -> (Vec<Row>, Vec<Skipped>) {
    let mut rows = Vec::with_capacity(data.len());
    let mut skipped = Vec::new();
    for payload in data {
        match row(stream, payload) {
            Ok(row) => rows.push(row),
            Err(skip) => skipped.push(skip),
        }
    }
    (rows, skipped)
}

/// The key of an object of a stream.
pub(super) fn key_of(name: &str, payload: &Value) -> Option<String> {
    Fields(payload).key(key_field(name))
}

fn key_field(name: &str) -> &'static str {
    if name == stream::OPT_OUTS { "contactNumber" } else { "id" }
}

/// One object as a row.
pub(super) fn row(name: &'static str, mut payload: Value) -> Result<Row, Skipped> {
    without_nul(&mut payload);
    let fields = Fields(&payload);
    let Some(key) = key_of(name, &payload) else {
        let why = format!("has no `{}`, so nobody could find it again", key_field(name));
        return Err(Skipped { key: None, why });
    };
    // All rows of an answer are bounded together; what is asked here is whether one is out of all proportion.
    if bytes(&payload) > MAX_PAYLOAD_BYTES {
        return Err(Skipped { key: Some(key), why: format!("has more than {MAX_PAYLOAD_BYTES} bytes") });
    }
    let parent_field = match name {
        stream::CUSTOMER_CONTACTS | stream::LOCATIONS | stream::JOBS | stream::MEMBERSHIPS => Some("customerId"),
        stream::APPOINTMENTS | stream::ASSIGNMENTS => Some("jobId"),
        stream::INSTALLED_EQUIPMENT => Some("locationId"),
        _ => None,
    };
    let parent = parent_field.and_then(|field| fields.key(field));
    let (modified_at, gone) = (fields.instant("modifiedOn"), gone(name, fields));
    Ok(Row { key, parent, modified_at, gone, payload })
}

/// How an object stands. What the business itself lists (customers, places, plans, names) is switched off and on; a
/// contact, a job, a visit that is not active was deleted.
fn gone(name: &str, fields: Fields<'_>) -> Option<Gone> {
    if fields.is_active() {
        return None;
    }
    if let Some(into) = fields.key("mergedToId") {
        return Some(Gone::Merged { into });
    }
    match name {
        stream::CUSTOMER_CONTACTS | stream::JOBS | stream::APPOINTMENTS | stream::ASSIGNMENTS => Some(Gone::Deleted),
        _ => Some(Gone::Inactive),
    }
}

/// An object of a list as the feed would tell it: the lists of contacts and jobs leave out that each is active, and the
/// contacts of one customer whose they are. So an object has one shape, and one hash, whichever door it came through.
pub(super) fn as_fed(name: &str, mut payload: Value, parent: Option<&str>) -> Value {
    let Some(object) = payload.as_object_mut() else { return payload };
    if matches!(name, stream::CUSTOMER_CONTACTS | stream::JOBS) {
        object.entry("active").or_insert(Value::Bool(true));
    }
    if name == stream::CUSTOMER_CONTACTS
        && let Some(parent) = parent.and_then(|parent| parent.parse::<u64>().ok())
    {
        object.entry("customerId").or_insert(parent.into());
    }
    payload
}

/// Roughly how many bytes of JSON a value is.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| bytes(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + 4 + bytes(value)).sum::<usize>() + 2,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

/// Takes NUL characters out of all texts: no database keeps them.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(fields) => {
            if fields.keys().any(|name| name.contains('\0')) {
                let named = std::mem::take(fields).into_iter();
                *fields = named.map(|(name, value)| (name.replace('\0', ""), value)).collect::<Map<_, _>>();
            }
            fields.values_mut().for_each(without_nul);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_an_object_stands_is_what_its_stream_means_by_active() {
        let check = |name, payload: Value, expected: Option<Gone>| {
            assert_eq!(row(name, payload.clone()).unwrap().gone, expected, "{payload}");
        };
        check(stream::CUSTOMERS, json!({"id": 1, "active": true, "mergedToId": null}), None);
        check(stream::CUSTOMERS, json!({"id": 1}), None);
        check(stream::CUSTOMERS, json!({"id": 1, "active": false, "mergedToId": 0}), Some(Gone::Inactive));
        let merged = Some(Gone::Merged { into: "7".to_owned() });
        check(stream::CUSTOMERS, json!({"id": 1, "active": false, "mergedToId": 7}), merged);
        check(stream::JOBS, json!({"id": 1, "active": false}), Some(Gone::Deleted));
        check(stream::LOCATIONS, json!({"id": 1, "active": false}), Some(Gone::Inactive));
    }

    #[test]
    fn a_row_without_a_key_is_skipped_and_nothing_else_is() {
        for odd in [json!(null), json!([]), json!({}), json!({"id": null}), json!({"id": 0}), json!({"id": "a b"})] {
            assert!(row(stream::CUSTOMERS, odd.clone()).is_err(), "{odd}");
        }
        let odd = json!({"id": "9", "customerId": {"a": 1}, "modifiedOn": 7, "active": "no", "new": [1]});
        let row = row(stream::LOCATIONS, odd.clone()).unwrap();
        assert_eq!((row.key.as_str(), row.parent, row.modified_at, row.gone), ("9", None, None, None));
        assert_eq!(row.payload, odd);
    }

    #[test]
    fn nul_characters_are_left_out_of_payloads() {
        let found = row(stream::CUSTOMERS, json!({"id": 1, "na\0me": ["A\0da", {"x": "\0"}]})).unwrap();
        assert_eq!(found.payload, json!({"id": 1, "name": ["Ada", {"x": ""}]}));
    }

    #[test]
    fn a_list_and_the_feed_tell_one_object_alike() {
        let listed = json!({"id": 5, "type": "Phone"});
        let fed = json!({"id": 5, "type": "Phone", "active": true, "customerId": 7});
        assert_eq!(as_fed(stream::CUSTOMER_CONTACTS, listed, Some("7")), fed);
        assert_eq!(as_fed(stream::CUSTOMER_CONTACTS, fed.clone(), Some("8")), fed);
        assert_eq!(as_fed(stream::CUSTOMERS, json!({"id": 5}), None), json!({"id": 5}));
    }
}
