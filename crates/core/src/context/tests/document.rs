//! docs/concepts/context.md says what the code does.

use super::*;

const PAGE: &str = include_str!("../../../../../docs/concepts/context.md");

/// The table of assurance as the page has it.
fn table() -> String {
    let mut table = String::from("| field | least assurance |\n|---|---|\n");
    for field in Field::ALL {
        table.push_str(&format!("| `{}` | {} |\n", field.path(), field.least()));
    }
    table
}

#[test]
fn the_page_has_the_table_of_assurance() {
    assert!(PAGE.contains(&table()), "put this into docs/concepts/context.md:\n{}", table());
}

#[test]
fn the_page_has_the_budgets_and_the_rule_for_prompts() {
    let budgets = format!("{} tokens by default, {} at least", Budget::default().tokens(), Budget::MIN.tokens());
    assert!(PAGE.contains(&budgets), "the page must say: {budgets}");
    assert!(PAGE.contains(QUOTING_RULE), "the page must quote: {QUOTING_RULE}");
}
