//! What comes out, for a dozen customers at every level.

use super::customers::{all, john};
use super::*;

#[test]
fn the_text_is_the_one_of_the_design() {
    let expected = "\
## Customer Profile
Name: John Smith
Phone: (617) 555-1234
Email: john@example.com
Customer since: March 2022
Lifetime value: $2,450 (8 jobs)
Membership: Family Discount (expires Dec 2025)

## Properties
1. 123 Main St, Quincy, MA 02169
   - Water heater: Tank, 12 years old (Rheem) - RECOMMEND REPLACEMENT
   - Known issues: Tree roots in sewer line
   - Last service: Drain cleaning, Nov 2024

## Recent Service History
- Nov 2024: Drain cleaning - $189

## Active Recommendations
- [HIGH] Water heater is 12 years old - suggest replacement quote

## Conversation Summary
Regular customer who prefers morning appointments. Had root intrusion issue last year.
";
    assert_eq!(told(&john(), Assurance::Staff).text(Budget::default()), expected);
}

/// Compares with the snapshot of that name, without the path of this module before it.
fn snapshot(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

#[test]
fn texts_of_a_dozen_customers() {
    for (name, known) in all() {
        let texts = Assurance::ALL.map(|level| {
            let text = told(&known, level).text(Budget::default());
            format!("==== {level}: {} tokens by the rule\n{text}", tokens(&text))
        });
        snapshot(&format!("{name}.text"), &texts.join("\n"));
    }
}

#[test]
fn json_of_a_dozen_customers() {
    for (name, known) in all() {
        let texts = Assurance::ALL.map(|level| {
            let json = serde_json::to_string_pretty(&told(&known, level)).unwrap();
            format!("==== {level}\n{json}")
        });
        snapshot(&format!("{name}.json"), &texts.join("\n"));
    }
}

#[test]
fn debug_output_tells_nothing_of_anybody() {
    for (_, known) in all() {
        let context = told(&known, Assurance::Staff);
        let debug = format!("{known:?} {context:?} {:?} {:?}", context.who, context.conversations);
        let debug = format!("{debug} {:?} {:?} {:?}", context.properties, context.jobs, context.consent);
        for personal in ["Smith", "5551234", "Hancock", "leaking", "Quincy", "@example", "Drain", "Mornings"] {
            assert!(!debug.contains(personal), "{personal} in {debug}");
        }
    }
}
