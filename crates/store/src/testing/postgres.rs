//! A private PostgreSQL for tests and benchmarks, started from the system's own binaries.
//!
//! What would surprise:
//! - PostgreSQL refuses to run as root, so as root it runs as `postgres` or `nobody`.
//! - It dies with the process that started it, kill -9 included: a small shell beside it reads a pipe
//!   whose other end we hold, and stops the server and removes its folder when the pipe closes.
//! - `xtask` includes this very file by its path, so it uses `std` and `tempfile` and nothing else.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The oldest major version that Doorstep supports.
const OLDEST_MAJOR: u32 = 15;
/// Names the socket file only: nothing listens on the network, so it cannot clash.
const PORT: u16 = 5432;
/// A loaded two-core machine needs some three seconds.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How often we look whether the server is ready: short beside the start itself.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A socket's path may have 103 bytes on macOS (107 on Linux); our part of it takes less than 40.
const LONGEST_TEMP_DIR: usize = 60;
/// `<socket folder>:<port>` of a server that somebody else started for us.
pub const ADDRESS_VARIABLE: &str = "DOORSTEP_TEST_POSTGRES";

/// `$1` is the private folder, the rest is the server's command line. The background half waits for the
/// pipe to close; the foreground half ends when the server does, by which we notice a failed start.
const WATCHDOG: &str = r#"
root=$1; shift
exec 3<&0
"$@" 3<&- & server=$!
{
    cat >/dev/null
    kill -INT "$server"
    tries=0
    while kill -0 "$server"; do
        tries=$((tries + 1)); [ "$tries" -eq 200 ] && kill -QUIT "$server"
        sleep 0.05
    done
    rm -rf "$root"
} <&3 >/dev/null 2>&1 &
wait "$server"
"#;

/// What the server is wanted for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// Whether a commit waits for the disk. Benchmarks want the truth, tests want speed.
    pub durable: bool,
}

/// A running PostgreSQL with the superuser `postgres` and no password; stopped when dropped.
#[derive(Debug)]
pub struct Server {
    socket_dir: PathBuf,
    port: u16,
    /// `None` for a server that somebody else started.
    watchdog: Option<Child>,
}

impl Server {
    /// The server that `DOORSTEP_TEST_POSTGRES` names, or else one of our own.
    ///
    /// # Errors
    /// A sentence for a person: the variable is malformed, or see [`Server::start`].
    #[allow(clippy::disallowed_methods, reason = "set by `cargo xtask test`, not configuration of the product")]
    pub fn from_env_or_start() -> Result<Server, String> {
        match std::env::var(ADDRESS_VARIABLE) {
            Ok(address) => Server::at(&address),
            Err(_) => Server::start(Settings::default()),
        }
    }

    /// Makes a database cluster in a temporary folder and starts a server on it.
    ///
    /// # Errors
    /// A sentence for a person: nothing suitable is installed (and what to install), or what
    /// PostgreSQL itself said when it did not start.
    pub fn start(settings: Settings) -> Result<Server, String> {
        let bin = find_binaries()?;
        let root = private_dir().map_err(|e| format!("cannot make a folder for PostgreSQL: {e}"))?;
        let started = start_in(&root, &bin, settings);
        if started.is_err() {
            let _ = std::fs::remove_dir_all(&root);
        }
        started
    }

    fn at(address: &str) -> Result<Server, String> {
        let parts = address.rsplit_once(':').and_then(|(dir, port)| Some((dir, port.parse().ok()?)));
        match parts {
            Some((dir, port)) if dir.starts_with('/') => {
                Ok(Server { socket_dir: PathBuf::from(dir), port, watchdog: None })
            }
            _ => Err(format!("`{ADDRESS_VARIABLE}` is `{address}`, but must be `<socket folder>:<port>`")),
        }
    }

    /// The folder of the Unix socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The number in the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `DOORSTEP_TEST_POSTGRES` must be for other processes to use this server.
    pub fn address(&self) -> String {
        format!("{}:{}", self.socket_dir.display(), self.port)
    }

    /// A connection URL; `host` in its query overrides `localhost` (sqlx and libpq agree on that).
    pub fn url(&self, user: &str, database: &str) -> String {
        let dir = percent_encode(&self.socket_dir.to_string_lossy());
        format!("postgres://{}@localhost:{}/{}?host={dir}", percent_encode(user), self.port, percent_encode(database))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut watchdog) = self.watchdog.take() else { return };
        drop(watchdog.stdin.take());
        let _ = watchdog.wait();
        let _ = std::fs::remove_dir_all(&self.socket_dir);
    }
}

fn start_in(root: &Path, bin: &Path, settings: Settings) -> Result<Server, String> {
    let account = unprivileged_account(root)?;
    let data = root.join("data");
    let log = root.join("postgres.log");
    let mut initdb = command(&bin.join("initdb"), root, account);
    initdb.args(["--auth=trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]).arg(&data);
    let output = initdb.output().map_err(|e| format!("cannot run `initdb`: {e}"))?;
    if !output.status.success() {
        return Err(format!("`initdb` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let log_file = File::create(&log).map_err(|e| format!("cannot write PostgreSQL's log: {e}"))?;
    let mut watchdog = command(Path::new("/bin/sh"), root, account);
    watchdog.args(["-c", WATCHDOG, "watchdog"]).arg(root).arg(bin.join("postgres")).arg("-D").arg(&data);
    watchdog.arg("-k").arg(root).args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "timezone=UTC"]);
    watchdog.args(["-p", &PORT.to_string()]);
    if !settings.durable {
        watchdog.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
    }
    // A process group of its own: Ctrl-C must reach us first, and the pipe then tells the watchdog.
    watchdog.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log_file);
    let watchdog = watchdog.spawn().map_err(|e| format!("cannot run `/bin/sh`: {e}"))?;
    let mut server = Server { socket_dir: root.to_owned(), port: PORT, watchdog: Some(watchdog) };
    server.wait_until_ready().map_err(|reason| {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        format!("PostgreSQL {reason}: {}", said.trim())
    })?;
    Ok(server)
}

impl Server {
    #[allow(clippy::disallowed_methods, reason = "readiness is a line in a file: there is nothing to wait on")]
    fn wait_until_ready(&mut self) -> Result<(), String> {
        let status = self.socket_dir.join("data").join("postmaster.pid");
        let deadline = Instant::now() + START_LIMIT;
        loop {
            // The eighth line of the lock file is the server's own word on its state (what pg_ctl reads).
            let lock = std::fs::read_to_string(&status).unwrap_or_default();
            if lock.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            let ended = self.watchdog.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if ended {
                return Err("ended while starting".to_owned());
            }
            if Instant::now() > deadline {
                return Err(format!("was not ready after {} s", START_LIMIT.as_secs()));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// A command that knows nothing of the caller's own PostgreSQL and runs as `account` (user and group id).
fn command(program: &Path, dir: &Path, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env("LC_ALL", "C").stdin(Stdio::null());
    for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGSERVICE"] {
        command.env_remove(name);
    }
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// A new folder that only its owner can enter. Root uses `/tmp`, since its own may be closed to others.
fn private_dir() -> std::io::Result<PathBuf> {
    let mut parent = std::env::temp_dir();
    let is_root = || std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    if parent.as_os_str().len() > LONGEST_TEMP_DIR || is_root() {
        parent = PathBuf::from("/tmp");
    }
    Ok(tempfile::Builder::new().prefix("doorstep-postgres-").tempdir_in(parent)?.keep())
}

/// The account to run as when we are root (the owner of `root`, which it is then given), else `None`.
fn unprivileged_account(root: &Path) -> Result<Option<(u32, u32)>, String> {
    if std::fs::metadata(root).map_err(|e| e.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = account_in(&passwd, "postgres").or_else(|| account_in(&passwd, "nobody"));
    let (user, group) =
        account.ok_or("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")?;
    chown(root, Some(user), Some(group)).map_err(|e| format!("cannot give PostgreSQL its folder: {e}"))?;
    Ok(Some((user, group)))
}

fn account_in(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The folder of `initdb` and `postgres`: the one in PATH if it is new enough, else the newest installed.
///
/// # Errors
/// A sentence for a person that says what to install.
pub fn find_binaries() -> Result<PathBuf, String> {
    #[allow(clippy::disallowed_methods, reason = "where the system's programs are, not configuration")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let suitable = |dir: PathBuf| major_version(&dir).filter(|major| *major >= OLDEST_MAJOR).map(|major| (major, dir));
    let in_path = std::env::split_paths(&path).find_map(suitable);
    // Debian and Ubuntu; Fedora and its kin; Homebrew on both kinds of Mac.
    let parents = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];
    let installed = parents.iter().filter_map(|parent| std::fs::read_dir(parent).ok()).flatten().flatten();
    let newest = || installed.filter_map(|entry| suitable(entry.path().join("bin"))).max();
    in_path.or_else(newest).map(|(_, dir)| dir).ok_or_else(|| {
        format!(
            "no PostgreSQL {OLDEST_MAJOR} or newer is installed: install its server (Debian, Ubuntu: \
             `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`)"
        )
    })
}

fn major_version(bin: &Path) -> Option<u32> {
    if !bin.join("initdb").is_file() || !bin.join("postgres").is_file() {
        return None;
    }
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    major_in(&String::from_utf8_lossy(&output.stdout))
}

/// `15` of `postgres (PostgreSQL) 15.18 (Debian …)`, `18` of `postgres (PostgreSQL) 18beta1`.
fn major_in(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL)").nth(1)?.trim_start();
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok()
}

fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::os::unix::net::UnixStream;

    /// Set in the process that the kill test starts, which is this test binary again.
    const CHILD_VARIABLE: &str = "DOORSTEP_TEST_POSTGRES_CHILD";

    #[test]
    fn finds_the_major_version() {
        let check = |text, expected| assert_eq!(major_in(text), expected, "{text}");
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15));
        check("postgres (PostgreSQL) 18beta1\n", Some(18));
        check("postgres (PostgreSQL) 17", Some(17));
        check("something else 17", None);
        check("", None);
    }

    #[test]
    fn finds_an_account() {
        let passwd =
            "root:x:0:0::/:/bin/sh\npostgres:x:101:104:PostgreSQL:/var:/bin/sh\nnobody:*:-2:-2::/:/bin/false\n";
        assert_eq!(account_in(passwd, "postgres"), Some((101, 104)));
        assert_eq!(account_in(passwd, "post"), None);
        assert_eq!(account_in(passwd, "nobody"), None, "a negative id is no id here");
    }

    #[test]
    fn an_address_becomes_a_url() {
        let server = Server::at("/tmp/a b/x:5433").unwrap();
        assert_eq!(server.url("jo@x", "db/1"), "postgres://jo%40x@localhost:5433/db%2F1?host=%2Ftmp%2Fa%20b%2Fx");
        assert_eq!(server.address(), "/tmp/a b/x:5433");
        for bad in ["", "/tmp", "/tmp:", "/tmp:port", "localhost:5432"] {
            assert!(Server::at(bad).unwrap_err().contains(ADDRESS_VARIABLE), "{bad}");
        }
    }

    #[test]
    fn starts_and_leaves_nothing_behind_when_dropped() {
        let server = Server::start(Settings::default()).unwrap();
        let dir = server.socket_dir().to_owned();
        UnixStream::connect(dir.join(".s.PGSQL.5432")).unwrap();
        drop(server);
        wait_until_gone(&dir);
    }

    #[test]
    fn dies_with_a_killed_parent() {
        let (_, module) = module_path!().split_once("::").unwrap();
        let mut parent = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", &format!("{module}::child_of_the_kill_test")])
            .env(CHILD_VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("socket=")?.1.to_owned()));
        let dir = PathBuf::from(addresses.next().unwrap());
        UnixStream::connect(dir.join(".s.PGSQL.5432")).unwrap();
        parent.kill().unwrap();
        parent.wait().unwrap();
        wait_until_gone(&dir);
    }

    /// The other process of the test above; on its own it has nothing to do.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "how the test above talks to its child")]
    fn child_of_the_kill_test() {
        if std::env::var_os(CHILD_VARIABLE).is_none() {
            return;
        }
        let server = Server::start(Settings::default()).unwrap();
        println!("socket={}", server.socket_dir().display());
        let _ = std::io::stdin().read_line(&mut String::new());
    }

    #[allow(clippy::disallowed_methods, reason = "a folder's end cannot be waited for")]
    fn wait_until_gone(dir: &Path) {
        let deadline = Instant::now() + START_LIMIT;
        while dir.exists() {
            assert!(Instant::now() < deadline, "{} is still there", dir.display());
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
