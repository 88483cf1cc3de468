//! What the tests need beside Rust and a C compiler, and how it comes onto this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::postgres;
use crate::repository;

pub mod python;

/// A program that tests cannot do without.
struct Need {
    /// Fails with a sentence that says what to install.
    find: fn() -> Result<(), String>,
    /// The package of Debian and Ubuntu.
    package: &'static str,
}

/// What must be on the machine before the tests start.
const NEEDS: &[Need] = &[
    Need { find: || postgres::find_binaries().map(|_| ()), package: "postgresql" },
    Need { find: find_browser, package: "chromium" },
    Need { find: python::find_python, package: "python3-venv" },
];

/// What fetches [`LOCK`]'s packages, and only has to be there when that has to be done.
const NPM: Need = Need { find: find_npm, package: "npm" };

/// The names under which systems install the browser that the dashboard is looked at with.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The packages of tests that others wrote, with their versions and checksums: axe, which looks at pages for those who
/// see, hear or move otherwise; the conformance suite and the inspector of the protocol that agents speak, with the Node
/// that they need, which is newer than most systems'. Tests expect them in [`PACKAGES`].
const LOCK: &str = include_str!("../npm/package-lock.json");
/// What the lock is about.
const MANIFEST: &str = include_str!("../npm/package.json");
/// Where they are put, from the root.
const PACKAGES: &str = "target/npm";

/// Sees to it that everything is there.
///
/// # Errors
/// Something is missing that cannot be installed; what to do about it.
pub fn ensure_all() -> Result<()> {
    for need in NEEDS {
        ensure(need)?;
    }
    python::SCHEMATHESIS.ensure()?;
    ensure_packages(&repository::root().join(PACKAGES), || ensure(&NPM))
}

fn find_browser() -> Result<(), String> {
    BROWSERS.into_iter().any(answers).then_some(()).ok_or_else(|| {
        "no Chromium is installed, with which the dashboard is tested: install it (Debian: `apt-get install chromium`; \
         Fedora: `dnf install chromium`; macOS: `brew install --cask google-chrome`)"
            .to_owned()
    })
}

fn find_npm() -> Result<(), String> {
    answers("npm").then_some(()).ok_or_else(|| {
        "no npm is installed, which fetches axe, with which pages are looked at, and what speaks with us as agents do: \
         install it (Debian: `apt-get install npm`; Fedora: `dnf install npm`; macOS: `brew install node`)"
            .to_owned()
    })
}

/// Whether there is such a program.
fn answers(name: &str) -> bool {
    let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|ended| ended.success())
}

/// Fetches the packages, unless they are those of the lock already. npm compares each with its checksum.
fn ensure_packages(folder: &Path, npm: impl FnOnce() -> Result<()>) -> Result<()> {
    // Written last, so that what was broken off is fetched again.
    let stamp: PathBuf = folder.join("fetched");
    if std::fs::read_to_string(&stamp).is_ok_and(|fetched| fetched == LOCK) {
        return Ok(());
    }
    npm()?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in [("package.json", MANIFEST), ("package-lock.json", LOCK)] {
        std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    let mut npm =
        repository::command("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    // Standard output is for the tests' sum.
    repository::run(npm.current_dir(folder).stdout(Stdio::null())).context(
        "npm cannot fetch what crates/xtask/npm/package-lock.json names, without which pages are not looked at and \
         agents not spoken with: this takes the package registry once, and what came stays in target/npm",
    )?;
    std::fs::write(&stamp, LOCK).context("cannot write that the packages are here")
}

/// Installs what a need lacks where that takes no question to anybody: as root with apt.
fn ensure(need: &Need) -> Result<()> {
    let Err(reason) = (need.find)() else { return Ok(()) };
    if !can_install() {
        bail!("{reason}");
    }
    eprintln!("installing `{}` with apt-get", need.package);
    let installed = without_services(Path::new("/usr/sbin/policy-rc.d"), || {
        apt_get(&["install", "-y", "--no-install-recommends", need.package]).or_else(|_| {
            apt_get(&["update"])?;
            apt_get(&["install", "-y", "--no-install-recommends", need.package])
        })
    });
    installed.with_context(|| reason)?;
    (need.find)().map_err(|reason| anyhow!("`{}` was installed, but {reason}", need.package))
}

fn can_install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let is_root = id.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).trim() == "0");
    is_root && Path::new("/usr/bin/apt-get").exists()
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    // Standard output is for the tests' sum.
    let mut command = repository::command("apt-get", arguments);
    repository::run(command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
}

/// Keeps Debian from starting the services of what `install` installs: we start our own PostgreSQL.
/// A policy that somebody else has put there stays as it is.
fn without_services(policy: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let ours = !policy.exists()
        && std::fs::write(policy, "#!/bin/sh\nexit 101\n").is_ok()
        && std::fs::set_permissions(policy, std::fs::Permissions::from_mode(0o755)).is_ok();
    let installed = install();
    if ours {
        let _ = std::fs::remove_file(policy);
    }
    installed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn packages_that_are_here_are_not_fetched_again_and_others_are() {
        let dir = tempfile::tempdir().unwrap();
        let missing = || ensure_packages(dir.path(), || bail!("no npm")).map_err(|error| error.to_string());
        assert_eq!(missing(), Err("no npm".to_owned()));
        std::fs::write(dir.path().join("fetched"), LOCK).unwrap();
        assert_eq!(missing(), Ok(()));
        std::fs::write(dir.path().join("fetched"), LOCK.replace("axe-core", "older")).unwrap();
        assert_eq!(missing(), Err("no npm".to_owned()));
    }

    #[test]
    fn every_package_has_one_version_and_a_checksum_and_no_place() {
        let lock: serde_json::Value = serde_json::from_str(LOCK).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        let named = |package: &serde_json::Value| package["devDependencies"].as_object().unwrap().clone();
        assert_eq!(named(&packages[""]), named(&manifest));
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].as_str().unwrap().starts_with("sha512-"), "{name}");
            assert!(package.get("resolved").is_none(), "{name}: where it comes from is the machine's business");
        }
    }

    #[test]
    fn services_stay_off_while_installing_and_a_policy_of_others_stays() {
        let dir = tempfile::tempdir().unwrap();
        let policy = dir.path().join("policy-rc.d");
        without_services(&policy, || {
            assert!(std::fs::read_to_string(&policy).unwrap().contains("exit 101"));
            Ok(())
        })
        .unwrap();
        assert!(!policy.exists());
        std::fs::write(&policy, "theirs").unwrap();
        assert!(without_services(&policy, || bail!("no network")).is_err());
        assert_eq!(std::fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
