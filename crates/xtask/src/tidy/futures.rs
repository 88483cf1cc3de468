//! Futures of the store and the engine are made where they are written (docs/decisions/0065).

use super::Finding;
use super::config::Config;
use super::tree::Tree;

/// The crates whose calls others wait for.
const CRATES: &[&str] = &["store", "engine"];
/// What puts a future behind a pointer.
const BOXED: &str = "#[crate::boxed]";

/// Finds calls of the store and the engine whose code would be made anew by each crate that waits for them. Those that
/// are generic are made there anyway, and the attribute cannot name the lifetime that a type has beside a reference's.
pub fn check(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let is_testing = file.is_test() || file.path.contains("/testing/");
        if is_testing || !file.krate().is_some_and(|krate| CRATES.contains(&krate)) {
            continue;
        }
        let lines: Vec<&str> = source.code.lines().collect();
        let mut block = "";
        for (at, line) in lines.iter().enumerate() {
            if line.starts_with("impl") {
                block = line;
            }
            let Some((visible, declared)) = line.split_once("async fn ") else { continue };
            let name: String = declared.chars().take_while(|c| *c == '_' || c.is_alphanumeric()).collect();
            let rest = lines[at..].iter().take_while(|line| !line.ends_with('{'));
            let signature: String =
                rest.copied().chain(lines[at..].iter().find(|line| line.ends_with('{')).copied()).collect();
            let is_generic = declared[name.len()..].starts_with('<') || signature.contains("impl ");
            let is_of_generic = line.starts_with(' ') && block.starts_with("impl<");
            let attributes = lines[..at].iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("#["));
            let is_fine =
                is_generic || is_of_generic || signature.contains("<'") || attributes.into_iter().any(|it| it == BOXED);
            if visible.trim_start().starts_with("pub") && !source.is_test_line(at + 1) && !is_fine {
                let message =
                    format!("`{name}` is waited for elsewhere: put `{BOXED}` above it, so that its code is made once");
                findings.push(Finding { path: file.path.clone(), line: at + 1, rule: "futures", item: name, message });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn finds_futures_that_are_made_anew_by_each_crate() {
        let check = |path: &str, text: &str, expected: &[&str]| {
            assert_eq!(found(super::check, &[(path, text)]), expected, "{text}");
        };
        let store = "crates/store/src/a.rs";
        check(store, "pub async fn get(tx: &mut Tx) {\n}\n", &["crates/store/src/a.rs:1 get"]);
        check(
            store,
            "impl A {\n    pub(crate) async fn get(\n        &self,\n    ) {\n    }\n}\n",
            &["crates/store/src/a.rs:2 get"],
        );
        check(store, "/// Gets.\n#[crate::boxed]\n#[must_use]\npub async fn get() {\n}\n", &[]);
        check(store, "async fn own() {\n}\n", &[]);
        check(store, "pub async fn get<T: Row>() {\n}\npub async fn each(\n    f: impl Fn(),\n) {\n}\n", &[]);
        check(store, "pub async fn get(how: How<'_>) {\n}\nimpl<T> A<T> {\n    pub async fn next() {\n    }\n}\n", &[]);
        check("crates/store/src/testing/a.rs", "pub async fn get() {\n}\n", &[]);
        check("crates/server/src/a.rs", "pub async fn get() {\n}\n", &[]);
    }
}
