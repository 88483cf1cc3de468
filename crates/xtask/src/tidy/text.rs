//! Nothing in a file says on which machine it was written, or from where its packages came.

use super::Finding;
use super::config::Config;
use super::tree::Tree;

/// Finds the texts of tidy.toml in all files, and manifests that replace the package registry.
pub fn check(tree: &Tree, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (at, line) in file.text.lines().enumerate() {
            for text in config.texts.iter().filter(|it| stands_in(line, &it.avoid)) {
                let message = format!("`{}`: {}", text.avoid, text.say);
                let (path, item) = (file.path.clone(), text.avoid.clone());
                findings.push(Finding { path, line: at + 1, rule: "texts", item, message });
            }
        }
    }
    findings
}

/// Whether the text begins there: a path or host that only ends like it is another one.
fn stands_in(line: &str, wanted: &str) -> bool {
    let continues = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '$' | '}');
    line.match_indices(wanted).any(|(at, _)| !line[..at].ends_with(continues))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn finds_machine_paths_and_registries() {
        let check =
            |text: &str, expected: &[&str]| assert_eq!(found(super::check, &[("docs/a.md", text)]), expected, "{text}");
        let path = ["", "home", "jo", "x"].join("/");
        check(&format!("see `{path}`\n"), &[&format!("docs/a.md:1 {}", ["", "home", ""].join("/"))]);
        check(&format!("see crates{path} and $ROOT{path}\n"), &[]);
        let host = ["index", "crates", "io"].join(".");
        check(&format!("\nurl = \"https://{host}/\"\n"), &[&format!("docs/a.md:2 {host}")]);
        let replaced = ["[source", "crates-io]"].join(".");
        check(&format!("{replaced}\n"), &["docs/a.md:1 [source."]);
    }
}
