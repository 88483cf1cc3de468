//! Nothing half done is committed, and only the program prints.

use super::Finding;
use super::config::Config;
use super::tree::Tree;

/// Left by somebody who meant to come back.
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore"];
/// Standard output and error belong to the program.
const PRINTING: &[&str] = &["println!", "print!", "eprintln!", "eprint!"];
/// The crates that talk to a person.
const PRINTERS: &[&str] = &["doorstep", "xtask"];

/// Finds placeholders, skipped tests, and libraries that print.
pub fn check(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let mut find = |rule, item: &str, line, message| {
            findings.push(Finding { path: file.path.clone(), line, rule, item: item.to_owned(), message });
        };
        for item in UNFINISHED {
            for line in source.lines_with(item) {
                find("unfinished", item, line, format!("`{item}` is something unfinished: do it, or remove it"));
            }
        }
        if file.is_test() || PRINTERS.iter().any(|it| Some(*it) == file.krate()) {
            continue;
        }
        for item in PRINTING {
            for line in source.lines_with(item).into_iter().filter(|line| !source.is_test_line(*line)) {
                find("printing", item, line, format!("`{item}` in a library: return it, or log it with `tracing`"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn finds_placeholders_and_skipped_tests() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(found(super::check, &[("crates/doorstep/src/a.rs", text)]), expected, "{text}");
        };
        check("fn a() { todo!() }\n", &["crates/doorstep/src/a.rs:1 todo!"]);
        check("#[test]\n#[ignore = \"slow\"]\nfn a() {}\n", &["crates/doorstep/src/a.rs:2 #[ignore"]);
        check("#[cfg(test)]\nmod tests { fn a() { dbg!(1); } }\n", &["crates/doorstep/src/a.rs:2 dbg!"]);
        check("// todo!\nlet a = \"unimplemented!\"; mytodo!(); println!();\n", &[]);
    }

    #[test]
    fn finds_libraries_that_print() {
        let check =
            |path: &str, text: &str, expected: &[&str]| assert_eq!(found(super::check, &[(path, text)]), expected);
        check("crates/store/src/a.rs", "fn a() { println!(); }\n", &["crates/store/src/a.rs:1 println!"]);
        check("crates/store/src/a.rs", "fn a() { eprint!(\"\"); }\n", &["crates/store/src/a.rs:1 eprint!"]);
        check("crates/store/src/a.rs", "#[cfg(test)]\nmod t { fn a() { println!(); } }\n", &[]);
        check("crates/engine/benches/a.rs", "fn a() { println!(); }\n", &[]);
        check("crates/xtask/src/a.rs", "fn a() { println!(); }\n", &[]);
    }
}
