//! Schemathesis, which asks the REST interface what its document promises: a Python program with a virtual environment
//! of its own under `target/`, so that nothing of it comes upon the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow};

use crate::repository;

/// What is installed, every package with its version.
const REQUIREMENTS: &str = "crates/server/tests/schemathesis/requirements.txt";
/// The folder of the environment, beside the programs of the profiles; the test looks there.
const FOLDER: &str = "schemathesis";
/// In that folder: what was installed, as the requirements said it then. Written last, so that an environment without
/// it is one that was interrupted.
const INSTALLED: &str = "installed.txt";

/// Whether the machine has what makes an environment.
///
/// # Errors
/// A sentence that says what to install.
pub(super) fn find_python() -> Result<(), String> {
    let asked = Command::new("python3").args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
    asked.is_ok_and(|ended| ended.success()).then_some(()).ok_or_else(|| {
        "no Python with `venv` is installed, with which the REST interface is tested: install it (Debian: `apt-get \
         install python3-venv`; Fedora: `dnf install python3`; macOS: `brew install python`)"
            .to_owned()
    })
}

/// Makes the environment, unless it is there as the requirements want it.
///
/// # Errors
/// Python cannot make one, or a package cannot be had.
pub(super) fn ensure() -> Result<()> {
    let requirements = repository::root().join(REQUIREMENTS);
    let wanted = std::fs::read_to_string(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let folder = folder()?;
    if is_as_wanted(&folder, &wanted) {
        return Ok(());
    }
    eprintln!("installing Schemathesis into {}", folder.display());
    install(&folder, &requirements).map_err(|error| {
        anyhow!("{error:#}: the REST interface is tested with Schemathesis, which `pip` has to be able to install")
    })?;
    std::fs::write(folder.join(INSTALLED), wanted).context("cannot note what was installed")
}

/// `target/schemathesis`: the programs of a profile are in a folder of `target`.
fn folder() -> Result<PathBuf> {
    let programs = repository::dev_programs()?;
    Ok(programs.parent().context("`target` is no folder")?.join(FOLDER))
}

fn is_as_wanted(folder: &Path, wanted: &str) -> bool {
    std::fs::read_to_string(folder.join(INSTALLED)).is_ok_and(|installed| installed == wanted)
}

fn install(folder: &Path, requirements: &Path) -> Result<()> {
    let (folder, requirements) = (folder.to_string_lossy(), requirements.to_string_lossy());
    // Standard output is for the tests' sum.
    let mut make = repository::command("python3", &["-m", "venv", "--clear", &folder]);
    repository::run(make.stdout(Stdio::null()))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", &requirements];
    repository::run(repository::command(&format!("{folder}/bin/python"), &pip).stdout(Stdio::null()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_environment_counts_once_it_is_whole_and_as_wanted() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_as_wanted(dir.path(), "schemathesis==1\n"));
        std::fs::write(dir.path().join(INSTALLED), "schemathesis==1\n").unwrap();
        assert!(is_as_wanted(dir.path(), "schemathesis==1\n"));
        assert!(!is_as_wanted(dir.path(), "schemathesis==2\n"));
    }

    #[test]
    fn every_package_has_its_version() {
        let text = std::fs::read_to_string(repository::root().join(REQUIREMENTS)).unwrap();
        let packages: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(packages.iter().any(|line| line.starts_with("schemathesis==")));
        assert!(packages.iter().all(|line| line.contains("==")), "{packages:?}");
    }
}
