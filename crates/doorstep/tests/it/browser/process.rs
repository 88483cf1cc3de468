//! One browser for the whole test program. It ends with the program, even with one that is killed: a small shell beside
//! it reads a pipe whose other end we hold, and ends the browser and removes its things when the pipe closes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The names under which systems install it; `cargo xtask test` looks for the same.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// `$1` is the folder of its own, the rest is the browser's command line.
const WATCHDOG: &str = r#"
profile=$1; shift
exec 3<&0
"$@" 3<&- </dev/null & browser=$!
exec 2>/dev/null
cat <&3 >/dev/null
kill -KILL "$browser"
wait "$browser"
rm -rf "$profile"
"#;
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
    // A window behind another is looked at all the same.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--remote-debugging-port=0",
];

struct Process {
    /// Kept, so that the pipe stays open.
    _watchdog: Child,
    address: String,
}

/// Where the browser's tools listen: `127.0.0.1:41234` and the path.
pub fn address() -> (&'static str, &'static str) {
    static PROCESS: OnceLock<Process> = OnceLock::new();
    let address = &PROCESS.get_or_init(launch).address;
    address.strip_prefix("ws://").and_then(|rest| rest.split_once('/')).unwrap()
}

fn launch() -> Process {
    let profile = tempfile::tempdir().unwrap().keep();
    let name = NAMES.into_iter().find(|name| is_installed(name)).expect(
        "no Chromium is installed, with which the dashboard is tested; `cargo xtask test` installs it or says how",
    );
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCHDOG, "watchdog"]).arg(&profile).arg(name).args(FLAGS);
    command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
    let mut watchdog = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(watchdog.stderr.take().unwrap());
    let address = listening(&mut said).expect("the browser ended before its tools listened");
    // Read on, or it waits for a reader once its pipe is full.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    Process { _watchdog: watchdog, address }
}

fn is_installed(name: &str) -> bool {
    let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|ended| ended.success())
}

/// Where it says that its tools listen.
fn listening(said: &mut impl BufRead) -> Option<String> {
    let mut lines = said.lines().map_while(Result::ok);
    lines.find_map(|line| line.trim().strip_prefix("DevTools listening on ").map(str::to_owned))
}
