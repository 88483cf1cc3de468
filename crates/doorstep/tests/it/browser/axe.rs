//! What axe finds: the rules of WCAG 2.0, 2.1 and 2.2 that a program can check, levels A and AA. It is put into the page
//! by the developer tools, which no policy of the page forbids.

use serde_json::{Value, json};

use super::Browser;

/// Where `cargo xtask test` puts it.
const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/npm/node_modules/axe-core/axe.min.js");
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

impl Browser {
    /// A line for everything that axe finds wrong with the page as it is now.
    ///
    /// # Panics
    /// axe is not there.
    pub async fn axe(&mut self) -> Vec<String> {
        self.settle().await;
        if self.eval("typeof window.axe").await != json!("object") {
            let source = std::fs::read_to_string(PLACE)
                .expect("axe-core is not here, which looks at pages: run `cargo xtask test` once, which fetches it");
            self.eval(&source).await;
        }
        // This rule is off unless it is asked for.
        let options = json!({
            "runOnly": { "type": "tag", "values": TAGS },
            "rules": { "target-size": { "enabled": true } },
            "resultTypes": ["violations"],
            "preload": false,
        });
        let found = self.eval(&format!("axe.run(document, {options})")).await;
        let violations = found["violations"].as_array().expect("axe does not run");
        let ran = found["passes"].as_array().unwrap();
        assert!(ran.iter().any(|rule| rule["id"] == "color-contrast"), "axe has looked at nothing: {found}");
        let nodes = violations.iter().flat_map(|rule| {
            let id = rule["id"].as_str().unwrap_or_default();
            rule["nodes"].as_array().unwrap().iter().map(move |node| line(id, node))
        });
        nodes.collect()
    }
}

fn line(rule: &str, node: &Value) -> String {
    let html: String = node["html"].as_str().unwrap_or_default().chars().take(200).collect();
    let why = node["failureSummary"].as_str().unwrap_or_default().replace('\n', " ");
    format!("{rule}: {} {html} ({why})", node["target"])
}
