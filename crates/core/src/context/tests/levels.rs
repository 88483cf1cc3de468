//! Who may see what: the table is the whole truth.

use std::collections::BTreeSet;

use serde_json::Value;

use super::customers::{all, huge, rich, upcoming};
use super::*;

/// A customer of whom every field of a context has something to say.
fn full() -> Known {
    let mut known = huge();
    known.is_in_review = true;
    known.customer.address = Some("123 Main St, Quincy, MA 02169".to_owned());
    for number in 0..30 {
        let key = format!("q{number}");
        known.properties.push(row(
            &key,
            Property { name: Some("Rental".to_owned()), ..property(&format!("{number} Elm St, Quincy, MA")) },
        ));
        known.jobs.push(row(&format!("o{number}"), waiting("Estimate")));
        let phone = format!("+161747102{number:02}");
        known.customer.identities.push(identity(IdentifierKind::Phone, &phone));
        known.do_not_text.push(row(&format!("d{number}"), forbidden(&phone, SaidBy::Contact)));
    }
    known.calls = vec![call(9, "2025-03-09T20:00:00Z", Some("completed"), Some(60), Some("Call me back"))];
    known.memberships[0].value.from = "2024-12-01".parse().ok();
    known.equipment[0].value.warranty_ends_on = "2026-01-01".parse().ok();
    known.equipment[0].value.serial_number = Some("S1".to_owned());
    for row in &mut known.jobs {
        row.value.booked_at = Some(instant("2024-01-01T12:00:00Z"));
        row.value.summary.get_or_insert_with(|| "Ring twice".to_owned());
        row.value.total.get_or_insert(Money::from_cents(100));
        if row.value.status == Some(JobStatus::Hold) {
            row.value.technicians = vec!["Mike Reyes".to_owned()];
        }
    }
    known
}

/// A customer with an address and no property, which says what [`full`] cannot.
fn without_property() -> Known {
    let mut known = full();
    known.properties.clear();
    known
}

/// The paths of the JSON's leaves, without places in lists. What somebody wrote, from when until when, and who says so
/// are one leaf each.
fn leaves(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            let is_whole = [&["author", "source", "text"][..], &["from", "until"], &["said_by", "source"]];
            if is_whole.contains(&names.as_slice()) && !path.ends_with("messages") && !path.ends_with("items") {
                into.insert(path.to_owned());
                return;
            }
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, into);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(value, path, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            into.insert(path.to_owned());
        }
    }
}

fn leaves_at(known: &Known, level: Assurance) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    leaves(&serde_json::to_value(told(known, level)).unwrap(), "", &mut paths);
    paths
}

/// Whether a row of the table is about a leaf: its path, or that of something it is in.
fn covers(field: Field, leaf: &str) -> bool {
    let (mut row, mut leaf) = (field.path().split('.'), leaf.split('.'));
    row.all(|wanted| leaf.next().is_some_and(|name| wanted == "*" || wanted == name))
}

#[test]
fn every_field_has_a_row_and_every_row_a_field() {
    let at_staff: BTreeSet<String> =
        [full(), without_property()].iter().flat_map(|known| leaves_at(known, Assurance::Staff)).collect();
    for leaf in &at_staff {
        assert!(Field::ALL.iter().any(|field| covers(*field, leaf)), "`{leaf}` has no row in the table of assurance");
    }
    for field in Field::ALL.iter().filter(|field| **field != Field::Request) {
        assert!(at_staff.iter().any(|leaf| covers(*field, leaf)), "no context has `{}`", field.path());
    }
}

#[test]
fn each_level_sees_what_the_table_says_and_nothing_else() {
    for known in [full(), without_property(), upcoming()] {
        let all = leaves_at(&known, Assurance::Staff);
        for level in Assurance::ALL {
            let seen = leaves_at(&known, level);
            for leaf in &all {
                let rows: Vec<Field> = Field::ALL.iter().copied().filter(|field| covers(*field, leaf)).collect();
                let may = rows.iter().all(|field| may_see(*field, level));
                // A section of which nothing else may be seen is not there, and so has no age.
                let has_section = seen.iter().any(|other| other.split('.').next() == leaf.split('.').next());
                assert_eq!(seen.contains(leaf), may && has_section, "{leaf} at {level}");
            }
            let own = seen.difference(&all).map(String::as_str).collect::<Vec<_>>();
            let request: &[&str] = if level < Assurance::Verified { &["request"] } else { &[] };
            assert_eq!(own, request, "at {level}");
        }
    }
}

#[test]
fn a_caller_who_only_claims_hears_a_first_name_and_the_next_visit() {
    let json = serde_json::to_value(told(&full(), Assurance::Claimed)).unwrap();
    let expected = serde_json::json!({
        "assurance": "claimed",
        "request": "verify",
        "who": { "first_name": "John" },
        "jobs": { "upcoming": [{ "day": "2025-03-12", "window": { "from": "09:00", "until": "13:00" } }] },
    });
    assert_eq!(json, expected);
    let visits = |level| told(&upcoming(), level).jobs.unwrap().content.upcoming.len();
    assert_eq!((visits(Assurance::Claimed), visits(Assurance::Verified)), (1, 2), "how many there are is private");
    let text = told(&rich(), Assurance::Claimed).text(Budget::default());
    for private in ["Smith", "617", "Main", "heater", "Family", "$", "Mike", "Mornings", "dogs"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

#[test]
fn without_any_assurance_all_customers_are_one() {
    let nobody = CustomerContext::of_nobody(&tenant());
    for (name, known) in all() {
        let context = told(&known, Assurance::None);
        assert_eq!(context, nobody, "{name}");
        assert_eq!(told(&known, Assurance::Staff).at(Assurance::None), nobody, "{name}");
    }
    assert_eq!(serde_json::to_string(&nobody).unwrap(), r#"{"assurance":"none","request":"greet"}"#);
}

#[test]
fn a_level_is_never_raised() {
    for (name, known) in all() {
        for made in Assurance::ALL {
            for asked in Assurance::ALL {
                let narrowed = told(&known, made).at(asked);
                assert_eq!(narrowed, told(&known, made.min(asked)), "{name}: {made}, then {asked}");
            }
        }
    }
}

#[test]
fn a_name_that_is_none_greets_nobody() {
    let check = |name: &str, expected: Option<&str>| {
        let known = person(name, "+16174710117", None);
        let who = told(&known, Assurance::Claimed).who.map(|who| who.content.first_name.unwrap());
        assert_eq!(who.as_deref(), expected, "{name}");
    };
    check("John Smith", Some("John"));
    check("maría josé hernández", Some("María"));
    check("Quincy Property Management LLC", None);
    check("Bob & Mary Smith", None);
    check("7Eleven9 Smith", None);
    check(&format!("{} Smith", "a".repeat(40)), None);
}

#[test]
fn words_of_levels_are_read() {
    for level in Assurance::ALL {
        assert_eq!(level.as_str().parse(), Ok(level));
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    assert!("admin".parse::<Assurance>().is_err());
}
