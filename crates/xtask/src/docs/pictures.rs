//! `cargo xtask docs --pictures`: takes the pictures of the guides anew. A test in the browser takes them at every run;
//! here they are put where the pages show them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{repository, test};

/// The test that takes them, and where it leaves them.
const TEST: &str = "the_guide_has_its_pictures";
const TAKEN: &str = "target/pictures";
/// Where pages show them.
const SHOWN: &str = "docs/guides/images";

/// Takes them and puts them into the repository, in place of what was there.
///
/// # Errors
/// The test fails, or a file cannot be written.
pub fn run() -> Result<()> {
    let (taken, shown) = (repository::root().join(TAKEN), repository::root().join(SHOWN));
    if taken.exists() {
        fs::remove_dir_all(&taken).with_context(|| format!("cannot empty `{TAKEN}`"))?;
    }
    let arguments = ["--package", "doorstep", "--test", "it", "--", TEST];
    test::run(&arguments.map(str::to_owned))?;
    put(&taken, &shown).with_context(|| format!("cannot put the pictures of `{TAKEN}` into `{SHOWN}`"))
}

/// Makes `to` a folder of just the files of `from`.
fn put(from: &Path, to: &Path) -> Result<()> {
    let files: Vec<_> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
    if files.is_empty() {
        bail!("no picture was taken");
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for file in files {
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_has_the_new_pictures_and_no_old_ones() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("taken"), dir.path().join("shown"));
        fs::create_dir(&from).unwrap();
        assert!(put(&from, &to).is_err(), "nothing was taken, and what was there must stay");
        fs::create_dir(&to).unwrap();
        fs::write(to.join("old.png"), "old").unwrap();
        fs::write(from.join("card.png"), "new").unwrap();
        put(&from, &to).unwrap();
        assert!(!to.join("old.png").exists());
        assert_eq!(fs::read_to_string(to.join("card.png")).unwrap(), "new");
    }
}
