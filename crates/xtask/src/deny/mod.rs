//! `cargo xtask deny`: licences, sources and banned crates of everything we build on, by deny.toml.
//!
//! deny.toml is in cargo-deny's format, so that the real tool reads it too; we do without it because a
//! fresh machine has only Rust. Reasons of licence exceptions are comments, as cargo-deny has no field.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::repository;

mod license;
mod policy;

use license::Expression;
use policy::Policy;

const POLICY: &str = "deny.toml";

/// What `cargo metadata` says about a package, as far as it concerns us.
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for our own.
    source: Option<String>,
    /// Who uses it.
    dependents: BTreeSet<String>,
}

/// Checks every package of the lock file and prints what is wrong.
///
/// # Errors
/// Something is not allowed, or there is no answer from cargo.
pub fn run() -> Result<()> {
    let text = std::fs::read_to_string(repository::root().join(POLICY)).with_context(|| format!("`{POLICY}`"))?;
    let policy = Policy::parse(&text).with_context(|| format!("`{POLICY}`"))?;
    let arguments = ["metadata", "--format-version", "1", "--locked", "--all-features"];
    let metadata = repository::output(&mut repository::command("cargo", &arguments))?;
    let packages = packages(&metadata)?;
    let duplicates = duplicates(&packages);
    if !duplicates.is_empty() {
        println!("in more than one version: {}", duplicates.join(", "));
    }
    let problems = check(&packages, &policy);
    for problem in &problems {
        println!("{problem}");
    }
    println!("{} packages", packages.len());
    match problems.len() {
        0 => Ok(()),
        n => bail!("{n} found against {POLICY}: use another crate, or change the rule and say why"),
    }
}

fn packages(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata).context("the output of `cargo metadata` is no JSON")?;
    let packages = metadata["packages"].as_array().context("the output of `cargo metadata` has no packages")?;
    let dependents = dependents(&metadata);
    let package = |it: &Value| {
        let text = |field: &str| it[field].as_str().map(str::to_owned);
        let (name, version) = (text("name")?, text("version")?);
        let dependents = text("id").and_then(|id| dependents.get(&id).cloned()).unwrap_or_default();
        Some(Package { name, version, license: text("license"), source: text("source"), dependents })
    };
    packages.iter().map(|it| package(it).context("a package of `cargo metadata` has no name")).collect()
}

/// The names of those who use a package, by its id.
fn dependents(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> =
        list(&metadata["packages"]).iter().map(|it| (text(&it["id"]), text(&it["name"]))).collect();
    let mut dependents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let name = names.get(&text(&node["id"])).cloned().unwrap_or_default();
        for used in list(&node["deps"]) {
            dependents.entry(text(&used["pkg"])).or_default().insert(name.clone());
        }
    }
    dependents
}

/// The packages that are built in several versions; of interest, not wrong.
fn duplicates(packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    let several = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    several
        .map(|(name, versions)| format!("{name} {}", versions.into_iter().collect::<Vec<_>>().join(" and ")))
        .collect()
}

/// What is wrong, a sentence each.
fn check(packages: &[Package], policy: &Policy) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let shown = format!("`{} {}`", package.name, package.version);
        problems.extend(license_problem(package, policy).map(|problem| format!("{shown}: {problem}")));
        if let Some(source) = package.source.as_ref().filter(|it| !policy.allows_source(it)) {
            problems.push(format!("{shown}: comes from `{source}`, which [sources] does not allow"));
        }
        if let Some(ban) = policy.banned.get(&package.name) {
            let is_wrapped = !package.dependents.is_empty() && package.dependents.is_subset(&ban.wrappers);
            if !is_wrapped {
                problems.push(format!("{shown}: is banned: {}", ban.reason));
            }
        }
    }
    for name in policy.exceptions.keys().filter(|name| !packages.iter().any(|it| it.name == **name)) {
        problems.push(format!("{POLICY}: the exception for `{name}` is for nothing: remove it"));
    }
    problems
}

fn license_problem(package: &Package, policy: &Policy) -> Option<String> {
    let Some(license) = &package.license else { return Some("says nothing about its licence".to_owned()) };
    let Some(expression) = Expression::parse(license) else {
        return Some(format!("its licence `{license}` is no SPDX expression"));
    };
    let exceptions = policy.exceptions.get(&package.name);
    let allowed = |term: &str| policy.licenses.contains(term) || exceptions.is_some_and(|it| it.contains(term));
    (!expression.holds(&allowed)).then(|| format!("its licence `{license}` is not covered by [licenses]"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn package(name: &str, license: &str, source: &str) -> Package {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: some(license),
            source: some(source),
            dependents: BTreeSet::new(),
        }
    }

    fn problems(policy: &str, package: Package) -> Vec<String> {
        check(&[package], &Policy::parse(policy).unwrap())
    }

    #[test]
    fn finds_what_is_not_allowed() {
        let policy = "[licenses]\nallow = ['MIT']\n[sources]\nallow-registry = ['https://github.com/rust-lang/crates.io-index']\n\
            [bans]\ndeny = [{ crate = 'openssl-sys', reason = 'one TLS' }]\n";
        let check = |name, license, source, expected: &str| {
            let found = problems(policy, package(name, license, source)).join("; ");
            assert!(found.contains(expected) && found.is_empty() == expected.is_empty(), "{found}");
        };
        check("a", "MIT OR GPL-3.0", CRATES_IO, "");
        check("a", "MIT", "", "");
        check("a", "MIT AND GPL-3.0", CRATES_IO, "not covered");
        check("a", "", CRATES_IO, "says nothing");
        check("a", "MIT OR", CRATES_IO, "no SPDX");
        check("a", "MIT", "git+https://example.org/a#1", "comes from `git+");
        check("a", "MIT", "registry+https://example.org/index", "comes from");
        check("openssl-sys", "MIT", CRATES_IO, "is banned: one TLS");
    }

    #[test]
    fn a_banned_crate_is_let_in_by_its_wrappers_alone() {
        let policy = "[licenses]\nallow = ['MIT']\n[bans]\ndeny = [{ crate = 'chrono', wrappers = ['rmcp'], reason = 'jiff' }]\n";
        let check = |dependents: &[&str], expected: usize| {
            let dependents = dependents.iter().map(|it| (*it).to_owned()).collect();
            let found = problems(policy, Package { dependents, ..package("chrono", "MIT", "") });
            assert_eq!(found.len(), expected, "{found:?}");
        };
        check(&["rmcp"], 0);
        check(&["rmcp", "doorstep"], 1);
        check(&[], 1);
    }

    #[test]
    fn exceptions_are_for_one_crate_and_must_be_needed() {
        let policy =
            "[licenses]\nallow = ['MIT']\n# data only\n[[licenses.exceptions]]\ncrate = 'roots'\nallow = ['CDLA']\n";
        assert_eq!(problems(policy, package("roots", "CDLA", "")), [""; 0]);
        let other = problems(policy, package("other", "CDLA", "")).join("; ");
        assert!(other.contains("`other 1.0.0`: its licence") && other.contains("for nothing"), "{other}");
    }

    #[test]
    fn reads_metadata_and_finds_duplicates() {
        let metadata = r#"{"packages": [
            {"id": "a1", "name": "a", "version": "1.0.0", "license": "MIT", "source": "registry+x"},
            {"id": "a2", "name": "a", "version": "2.0.0", "license": null, "source": null},
            {"id": "b", "name": "b", "version": "1.0.0", "license": "MIT", "source": null}],
            "resolve": {"nodes": [{"id": "b", "deps": [{"pkg": "a1"}]}, {"id": "a1", "deps": []}]}}"#;
        let packages = packages(metadata).unwrap();
        assert_eq!(
            (packages.len(), packages[1].license.as_deref(), packages[0].source.as_deref()),
            (3, None, Some("registry+x"))
        );
        assert_eq!(duplicates(&packages), ["a 1.0.0 and 2.0.0"]);
        assert!(packages[0].dependents.contains("b") && packages[1].dependents.is_empty());
        assert!(super::packages("{}").is_err());
    }
}
