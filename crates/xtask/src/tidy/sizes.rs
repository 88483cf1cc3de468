//! Files stop at 500 lines, functions at 70 (STYLE.md, "Shape").

use super::Finding;
use super::config::Config;
use super::tree::Tree;

/// Beyond this a file is more than one thing.
const FILE_LINES: usize = 500;
/// What fits on a screen; tests, being lists of cases, may go on.
const FUNCTION_LINES: usize = 70;

/// Finds what is too long.
pub fn check(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let mut find = |line, item: &str, message| {
            findings.push(Finding { path: file.path.clone(), line, rule: "sizes", item: item.to_owned(), message });
        };
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            find(
                FILE_LINES + 1,
                "file",
                format!("the file has {lines} lines: split it by noun, {FILE_LINES} is the limit"),
            );
        }
        for function in source.functions() {
            if function.lines > FUNCTION_LINES && !file.is_test() && !source.is_test_line(function.line) {
                let (name, lines) = (&function.name, function.lines);
                let message =
                    format!("`{name}` has {lines} lines: split it by what it does, {FUNCTION_LINES} is the limit");
                find(function.line, name, message);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn finds_long_files_and_functions() {
        let path = "crates/core/src/a.rs";
        let function = |lines: usize| format!("fn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2));
        let check = |text: &str, expected: &[&str]| assert_eq!(found(check, &[(path, text)]), expected);
        check(&"\n".repeat(500), &[]);
        check(&"\n".repeat(501), &["crates/core/src/a.rs:501 file"]);
        check(&function(70), &[]);
        check(&format!("// x\n{}", function(71)), &["crates/core/src/a.rs:2 a"]);
        check(&format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(71)), &[]);
        assert_eq!(found(super::check, &[("crates/core/tests/it/a.rs", &function(71))]), [""; 0]);
    }
}
