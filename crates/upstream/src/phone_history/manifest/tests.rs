#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

const FOUND: [(FileKind, u64); 4] =
    [(FileKind::Contacts, 9), (FileKind::Conversations, 4), (FileKind::Messages, 70), (FileKind::Calls, 0)];

#[test]
fn counts_in_the_wild_are_compared() {
    let contacts = json!({"contacts": {"manifest": 10, "found": 9}});
    for (manifest, expected) in [
        (json!({"contacts": 9, "messages": 70}), json!({})),
        (json!({"contacts": 10}), contacts.clone()),
        (json!({"contact_count": 10}), contacts.clone()),
        (json!({"contactsCount": "10"}), contacts.clone()),
        (json!({"total_contacts": 10}), contacts.clone()),
        (json!({"numContacts": 10, "version": 3}), contacts.clone()),
        (json!({"counts": {"contacts": 10, "messages": 70}}), contacts.clone()),
        (json!({"record_counts": {"contacts.csv": 10}}), contacts.clone()),
        (json!({"files": {"contacts.csv": {"rows": 10, "sha256": "x"}}}), contacts.clone()),
        (
            json!({"files": [{"name": "x/Contacts.csv", "rows": 10}, {"name": "calls.csv", "rows": 0}]}),
            contacts.clone(),
        ),
        (json!({"files": ["contacts.csv"]}), json!({})),
        (json!({"contacts": {"count": 10}}), contacts),
        (json!({"Total Messages": "1,070"}), json!({"messages": {"manifest": 1_070, "found": 70}})),
        (json!({"calls": 3, "conversations": 4}), json!({"calls": {"manifest": 3, "found": 0}})),
        (json!({"contacts": -1, "messages": 1.5, "calls": null}), json!({})),
        (json!({"contact": {"name": "Ann", "count": 9}}), json!({})),
        (json!([1, 2]), json!({})),
        (json!("contacts"), json!({})),
    ] {
        let found = serde_json::to_value(manifest_differences(&manifest, FOUND)).unwrap();
        assert_eq!(found, expected, "{manifest}");
    }
}

#[test]
fn what_was_not_found_is_not_compared() {
    assert!(manifest_differences(&json!({"contacts": 10}), []).is_empty());
}

proptest! {
    #[test]
    fn any_text_is_a_manifest_or_none(text in "[\\[\\]{}\",:a-z0-9. ]{0,80}") {
        if let Ok(manifest) = read(text.as_bytes(), &Limits::default()).unwrap() {
            manifest_differences(&manifest, FOUND);
        }
    }
}
