//! The files that the rules look at.

use anyhow::{Context, Result};

use super::source::Source;
use crate::repository;

/// A text file of the repository.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Its parts, when it is Rust.
    pub rust: Option<Source>,
}

impl File {
    fn new(path: &str, text: String) -> File {
        let rust = path.ends_with(".rs").then(|| Source::parse(&text));
        File { path: path.to_owned(), text, rust }
    }

    /// The folder under crates/ that it is in.
    pub fn krate(&self) -> Option<&str> {
        let (krate, _) = self.path.strip_prefix("crates/")?.split_once('/')?;
        Some(krate)
    }

    /// Whether the whole file is for tests, benchmarks or examples.
    pub fn is_test(&self) -> bool {
        let folder = ["/tests/", "/benches/", "/examples/"].iter().any(|it| self.path.contains(it));
        folder || self.path.ends_with("/tests.rs")
    }
}

/// All text files.
pub struct Tree {
    /// Sorted by path.
    pub files: Vec<File>,
}

impl Tree {
    /// The working tree; what is not UTF-8 is left out.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read() -> Result<Tree> {
        let mut files = Vec::new();
        for path in repository::files()? {
            let bytes = std::fs::read(repository::root().join(&path)).with_context(|| format!("`{path}`"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File::new(&path, text));
            }
        }
        Ok(Tree { files })
    }

    /// A tree that is not on disk.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(path, text)| File::new(path, (*text).to_owned())).collect() }
    }

    /// The Rust files under crates/ with their parts.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        let ours = self.files.iter().filter(|it| it.path.starts_with("crates/"));
        ours.filter_map(|file| Some((file, file.rust.as_ref()?)))
    }
}
