//! A house of its own for every story: an empty data directory or database, and the program to run on it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use doorstep_store::Location;
use doorstep_store::testing::postgres_location;
use serde_json::Value;

/// Where a story plays.
pub struct House {
    dir: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl House {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), variables: vec![] }
    }

    /// On PostgreSQL.
    pub async fn postgres() -> Self {
        let Location::Postgres { url, owner_url } = postgres_location().await else { panic!("not PostgreSQL") };
        let variables = vec![("DATABASE_URL", url), ("DOORSTEP_OWNER_DATABASE_URL", owner_url.unwrap())];
        Self { dir: tempfile::tempdir().unwrap(), variables }
    }

    /// Where its store is, for a test that opens it itself.
    pub fn location(&self) -> Location {
        match self.variables.iter().find(|(name, _)| *name == "DATABASE_URL") {
            Some((_, url)) => Location::Postgres { url: url.clone(), owner_url: None },
            None => Location::DataDir(self.data_dir()),
        }
    }

    /// Another of the same kind.
    pub async fn another(&self) -> Self {
        if self.variables.is_empty() { Self::sqlite().await } else { Self::postgres().await }
    }

    /// The same with its tenant, Bay State Plumbing of Boston.
    pub async fn with_tenant(self) -> Self {
        let args = ["tenant", "create", "Bay State Plumbing", "--time-zone", "America/New_York"];
        self.run(&[&args[..], &["--own-number", "617 471 2000"]].concat()).ok();
        self
    }

    /// A variable of the environment that says where the house is.
    pub fn variable(&self, name: &str) -> &str {
        self.variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.as_str()).unwrap()
    }

    /// A path for a file of the story.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// The variables that hold passwords: none on SQLite.
    pub fn secrets(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    /// The program with arguments, in an environment that says nothing but where the house is.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
        command.args(args).env_clear().env("COLUMNS", "100").env("USER", "sam").env("HOME", self.dir.path());
        command.env("DOORSTEP_DATA_DIR", self.data_dir());
        command.envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    /// Starts the program and does not wait.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs the program with `--json`, which must work; what it printed.
    pub fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Writes the archive of a made-up business.
    pub fn demo_archive(&self, contacts: u32, messages: u32) -> String {
        let file = self.path("demo.zip").display().to_string();
        let (contacts, messages) = (contacts.to_string(), messages.to_string());
        self.run(&["demo", "--archive-only", &file, "--contacts", &contacts, "--messages", &messages]).ok();
        file
    }
}

impl Ran {
    /// From a command that has ended.
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// It worked; what it printed.
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// It ended with this code; what it said on standard error.
    pub fn ended(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        self.err
    }
}

/// A file's name for the command line.
pub fn arg(path: &Path) -> String {
    path.display().to_string()
}

/// Tells a story in a house of either kind: `name::sqlite` and `name::postgres`.
macro_rules! in_both_houses {
    ($($(#[$doc:meta])* async fn $name:ident($house:ident: House) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($house: House) $body

            #[tokio::test]
            async fn sqlite() {
                story(House::sqlite().await.with_tenant().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                story(House::postgres().await.with_tenant().await).await;
            }
        }
    )*};
}
pub(crate) use in_both_houses;
