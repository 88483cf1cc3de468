//! A house to measure in: a database filled by the program and by copying, and `doorstep serve` on it as a process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorstep_core::{Clock, Timestamp};
use doorstep_store::testing::{crowd, postgres_location};
use doorstep_store::{Db, Location};
use serde_json::Value;

use crate::load::Wire;

/// Who signs in.
const EMAIL: &str = "owner@example.com";
/// Long enough to be taken for a password.
const PASSWORD: &str = "nine lamps above the quarry";
/// Longer than a start takes.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Contacts of the house that the others are copies of; it has some 97 customers for each 100 of them.
const CONTACTS: u32 = 10_300;

/// The system's clock.
#[derive(Debug)]
pub struct WallClock;

impl Clock for WallClock {
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or_default())
    }
}

/// A filled database, and the program to run on it.
pub struct House {
    dir: tempfile::TempDir,
    pub location: Location,
    /// What a program brings along.
    pub key: String,
    /// Where a live source is that the program may talk to.
    source: Option<String>,
}

impl House {
    /// On SQLite or PostgreSQL, with at least so many customers.
    pub async fn filled(database: &str, customers: u64) -> Self {
        let began = Instant::now();
        let contacts = CONTACTS.min(u32::try_from(customers * 103 / 100).unwrap_or(CONTACTS)).to_string();
        let mut house = Self::imported(database, &["--contacts", &contacts]).await;
        crowd::multiply(&house.location, customers, &|doing| tell(&format!("{database}: {doing}"))).await;
        tell(&format!("{database}: {customers} customers are in after {:.0?}", began.elapsed()));
        house.run(&["user", "add", EMAIL, "--role", "owner", "--password"], PASSWORD);
        house.make_key("agent");
        house
    }

    /// With the history of a made-up business; `size` are switches of the demo's archive.
    pub async fn imported(database: &str, size: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let location = match database {
            "sqlite" => Location::DataDir(dir.path().join("data")),
            _ => postgres_location().await,
        };
        let house = Self { dir, location, key: String::new(), source: None };
        let (began, file) = (Instant::now(), house.dir.path().join("history.zip").display().to_string());
        house.run(&[&["demo", "--archive-only", &file], size].concat(), "");
        house.run(&["tenant", "create", "Granite Rail", "--time-zone", "America/New_York"], "");
        house.json(&["import", "phone-history", &file, "--apply", "--json"]);
        tell(&format!("{database}: the history is in after {:.0?}", began.elapsed()));
        house
    }

    /// From now on a program brings along a key of this role.
    pub fn make_key(&mut self, role: &str) {
        let made = self.json(&["api-key", "create", "bench", "--role", role, "--json"]);
        self.key = made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    }

    /// The store, as another process has it open.
    pub async fn open(&self) -> Db {
        let location = match &self.location {
            Location::Postgres { url, .. } => Location::Postgres { url: url.clone(), owner_url: None },
            Location::DataDir(dir) => Location::DataDir(dir.clone()),
        };
        Db::open(&location, Arc::new(WallClock)).await.expect("the store opens")
    }

    /// The same, whose program may read a live source at this address.
    pub fn reading(self, url: &str) -> Self {
        Self { source: Some(url.to_owned()), ..self }
    }

    /// A file of that name with that text; where it is.
    pub fn keep(&self, name: &str, text: &str) -> String {
        let file = self.dir.path().join(name);
        std::fs::write(&file, text).expect("a file");
        file.display().to_string()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).env_clear().env("USER", "bench").env("HOME", self.dir.path());
        command.env("DOORSTEP_DATA_DIR", self.dir.path().join("data"));
        if let Some(url) = &self.source {
            command.env("DOORSTEP_SOURCES_KEY", "0f".repeat(32)).env("DOORSTEP_SOURCES_ALLOWED_URLS", url);
        }
        if let Location::Postgres { url, owner_url } = &self.location {
            command.env("DATABASE_URL", url).env("DOORSTEP_OWNER_DATABASE_URL", owner_url.clone().unwrap_or_default());
        }
        command
    }

    /// Runs the program, with a line for it to read; what it printed.
    fn run(&self, args: &[&str], said: &str) -> String {
        let file = self.dir.path().join("said");
        std::fs::write(&file, format!("{said}\n")).expect("a file");
        let input = std::fs::File::open(&file).expect("a file");
        let output = self.command(args).stdin(input).output().expect("the program runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(args, "")).expect("JSON")
    }

    /// Starts the server and waits until it is ready.
    pub async fn serve(&self) -> Running {
        let began = Instant::now();
        // The port is taken from the system and given back: asking the server for its own would take a line of its
        // output, which may come before it is ready.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut command = self.command(&["serve", "--listen", &address.to_string()]);
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().expect("the server starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        out.read_line(&mut line).expect("a line");
        assert!(line.contains("Doorstep is at"), "{line}");
        loop {
            let answer = Wire::to(address).await.ask(&get("/readyz", "")).await;
            if answer.status == 200 {
                break;
            }
            assert!(began.elapsed() < START_LIMIT, "it is not ready: {}", answer.text());
        }
        Running { child, address, ready_after: began.elapsed() }
    }
}

/// The program beside this one, as `cargo build --release` makes it: not one that was built with what tests need.
fn program() -> PathBuf {
    let this = std::env::current_exe().expect("this program");
    let program = this.parent().and_then(Path::parent).expect("the folder of the build").join("doorstep");
    assert!(program.exists(), "{} is not there: `cargo build --release --package doorstep`", program.display());
    program
}

/// Says how far it is, beside the tables.
pub fn tell(words: &str) {
    eprintln!("{words}");
}

/// A server at work; it ends with this.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
    /// From its start until it said that it is ready.
    pub ready_after: Duration,
}

impl Running {
    /// Signs in as a browser does; the cookie.
    pub async fn sign_in(&self) -> String {
        let form = format!("email={EMAIL}&password={}", PASSWORD.replace(' ', "+"));
        let head = "content-type: application/x-www-form-urlencoded\r\n";
        let answer = Wire::to(self.address).await.ask(&post("/login", head, &form)).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        assert!(answer.status == 303 && !cookie.is_empty(), "{} {}", answer.status, answer.text());
        cookie
    }

    /// Resident memory, in megabytes.
    pub fn memory_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux tells");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        let kib: f64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number");
        kib * 1024.0 / 1e6
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request as it goes over the wire.
pub fn get(path: &str, head: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{head}\r\n")
}

/// The same with a body.
pub fn post(path: &str, head: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{head}content-length: {}\r\n\r\n{body}", body.len())
}
