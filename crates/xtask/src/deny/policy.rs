//! deny.toml: what may be used.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// The rules, in the fields that we hold; the real cargo-deny holds more.
#[derive(Debug, Default)]
pub struct Policy {
    /// Licences that any package may have.
    pub licenses: BTreeSet<String>,
    /// Licences that one package may have besides.
    pub exceptions: BTreeMap<String, BTreeSet<String>>,
    /// Packages that must not be used.
    pub banned: BTreeMap<String, Ban>,
    /// Where packages may come from, as cargo writes it.
    registries: BTreeSet<String>,
}

/// A package that must not be used.
#[derive(Debug)]
pub struct Ban {
    /// Why.
    pub reason: String,
    /// Packages that may use it all the same, and nobody else.
    pub wrappers: BTreeSet<String>,
}

impl Policy {
    /// Reads the file's text.
    ///
    /// # Errors
    /// It is no TOML, a field has the wrong form, or a ban or an exception has no reason.
    pub fn parse(text: &str) -> Result<Policy> {
        let table: Table = text.parse().context("is not TOML")?;
        let section = |name: &str| table.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        let (licenses, bans, sources) = (section("licenses"), section("bans"), section("sources"));
        let mut policy = Policy {
            licenses: strings(&licenses, "allow")?,
            registries: strings(&sources, "allow-registry")?,
            ..Policy::default()
        };
        for ban in tables(&bans, "deny")? {
            let (name, reason) = (field(ban, &["crate", "name"])?, field(ban, &["reason"])?);
            policy.banned.insert(name, Ban { reason, wrappers: strings(ban, "wrappers")? });
        }
        for exception in tables(&licenses, "exceptions")? {
            policy.exceptions.insert(field(exception, &["crate", "name"])?, strings(exception, "allow")?);
        }
        check_reasons(text)?;
        Ok(policy)
    }

    /// Whether a package may come from there.
    pub fn allows_source(&self, source: &str) -> bool {
        source.strip_prefix("registry+").is_some_and(|url| self.registries.contains(url))
    }
}

/// Every exception has a comment right above it.
fn check_reasons(text: &str) -> Result<()> {
    let mut before = "";
    for (at, line) in text.lines().enumerate() {
        if line.trim() == "[[licenses.exceptions]]" && !before.trim_start().starts_with("# ") {
            bail!("the exception on line {} has no comment above it that says why", at + 1);
        }
        before = line;
    }
    Ok(())
}

fn strings(table: &Table, key: &str) -> Result<BTreeSet<String>> {
    let Some(value) = table.get(key) else { return Ok(BTreeSet::new()) };
    let list = value.as_array().with_context(|| format!("`{key}` must be a list"))?;
    list.iter().map(|it| it.as_str().map(str::to_owned).with_context(|| format!("`{key}` must hold texts"))).collect()
}

fn tables<'t>(table: &'t Table, key: &str) -> Result<Vec<&'t Table>> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().with_context(|| format!("`{key}` must be a list"))?;
    list.iter().map(|it| it.as_table().with_context(|| format!("`{key}` must hold tables"))).collect()
}

fn field(table: &Table, names: &[&str]) -> Result<String> {
    let value = names.iter().find_map(|name| table.get(*name)?.as_str()).filter(|it| !it.is_empty());
    Ok(value.with_context(|| format!("an entry lacks `{}`: {table}", names.join("` or `")))?.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_project_s_own_policy_is_well_formed() {
        let policy = Policy::parse(include_str!("../../../../deny.toml")).unwrap();
        assert!(policy.licenses.contains("MIT") && policy.banned.contains_key("openssl-sys"));
        assert!(policy.allows_source("registry+https://github.com/rust-lang/crates.io-index"));
        assert!(!policy.allows_source("git+https://github.com/rust-lang/crates.io-index"));
    }

    #[test]
    fn refuses_what_has_no_reason() {
        let check = |text: &str, part| assert!(Policy::parse(text).unwrap_err().to_string().contains(part), "{text}");
        check("[bans]\ndeny = [{ crate = 'a' }]\n", "reason");
        check("[bans]\ndeny = ['a']\n", "tables");
        check("[licenses]\nallow = []\n\n[[licenses.exceptions]]\ncrate = 'a'\nallow = ['x']\n", "says why");
        check("[licenses]\nallow = 'MIT'\n", "list");
        check("[licenses", "TOML");
    }
}
