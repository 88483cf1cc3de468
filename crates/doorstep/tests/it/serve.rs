//! The server as whoever runs it meets it: started, asked whether it is well, told to stop.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::house::{House, in_both_houses};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(90);

/// A server that was started with the program.
pub struct Running {
    child: Child,
    pub listen: String,
    pub out: BufReader<ChildStdout>,
    err: ChildStderr,
}

impl Running {
    /// Starts it at any free port and waits until it says where it is.
    fn start(house: &House, args: &[&str]) -> Self {
        Self::start_saying(house, args, "Doorstep is at http://")
    }

    /// Starts it and waits for the line that begins with `words` and goes on with where it is.
    pub fn start_saying(house: &House, args: &[&str], words: &str) -> Self {
        let mut command = house.command(args);
        command.env("DOORSTEP_SERVER_LISTEN", "127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        let listen = loop {
            let from = told.len();
            assert!(out.read_line(&mut told).unwrap() > 0, "it never said where it is: {told}");
            if let Some(listen) = told[from..].trim().strip_prefix(words) {
                break listen.to_owned();
            }
        };
        Self { listen, out, err: child.stderr.take().unwrap(), child }
    }

    /// Tells it to stop as systems do; how it ended, and what it said on standard error.
    pub fn stop(mut self) -> (ExitStatus, String) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let began = Instant::now();
        let ended = loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                break ended;
            }
            assert!(began.elapsed() < LIMIT, "it does not end");
            std::thread::yield_now();
        };
        let mut said = String::new();
        self.err.read_to_string(&mut said).unwrap();
        (ended, said)
    }
}

in_both_houses! {
    /// From start to stop, with a look at its health from outside.
    async fn a_server_is_started_asked_and_stopped(house: House) {
        let server = Running::start(&house, &["serve"]);
        let listen = server.listen.clone();
        assert_eq!(house.run(&["healthcheck", "--listen", &listen]).ok(), "ready\n");
        let (ended, said) = server.stop();
        assert!(ended.success(), "{ended} {said}");
        let told = house.run(&["healthcheck", "--listen", &listen]).ended(1);
        assert!(told.contains("no server answers at"), "{told}");
    }
}

#[tokio::test]
async fn the_bare_program_serves_and_makes_what_it_needs() {
    let house = House::sqlite().await;
    let mut server = Running::start(&house, &[]);
    let mut said = [String::new(), String::new()];
    for line in &mut said {
        server.out.read_line(line).unwrap();
    }
    // As nobody can sign in yet, there is a link that makes the first owner.
    assert!(said[1].starts_with(&format!("http://{}/setup?secret=", server.listen)), "{said:?}");
    assert!(house.data_dir().join("doorstep.sqlite").exists());
    assert_eq!(house.run(&["healthcheck", "--listen", &server.listen]).ok(), "ready\n");
    assert!(server.stop().0.success());
}

#[tokio::test]
async fn a_place_that_is_taken_and_an_address_that_is_none_are_refused() {
    let house = House::sqlite().await;
    let server = Running::start(&house, &["serve"]);
    let told = house.run(&["serve", "--listen", &server.listen]).ended(1);
    assert!(told.contains("cannot listen at") && told.contains("--listen ADDRESS"), "{told}");
    let told = house.run(&["serve", "--public-url", "hub.example.com"]).ended(2);
    assert!(told.contains("`server.public_url` cannot be `hub.example.com`"), "{told}");
    server.stop();
}

#[tokio::test]
async fn the_demo_serves_while_it_tells_and_more_keeps_arriving() {
    let house = House::sqlite().await;
    let dir = house.path("demo").display().to_string();
    let args = ["demo", "--contacts", "60", "--customers", "40", "--data-dir", &dir];
    let mut demo = Running::start_saying(&house, &args, "Dashboard http://");
    let mut line = String::new();
    demo.out.read_line(&mut line).unwrap();
    let (_, link) = line.trim().split_once(&format!("http://{}", demo.listen)).unwrap_or_else(|| panic!("{line}"));
    assert!(link.starts_with("/link/"), "{line}");
    let mut said = String::new();
    while !said.contains("curl ") {
        assert!(demo.out.read_line(&mut said).unwrap() > 0, "it tells nothing for agents: {said}");
    }
    assert_eq!(house.run(&["healthcheck", "--listen", &demo.listen]).ok(), "ready\n");
    let began = Instant::now();
    let imports = || house.json(&["import", "list", "--data-dir", &dir]).as_array().unwrap().clone();
    loop {
        let applied = imports().iter().filter(|import| import["state"] == "applied").count();
        if applied >= 2 {
            break;
        }
        assert!(began.elapsed() < LIMIT, "nothing arrives: {:?}", imports());
    }
    // Once for the first time, and once more for what the office has changed since.
    let runs = || house.json(&["sync", "runs", "ServiceTitan", "--data-dir", &dir]).as_array().unwrap().clone();
    loop {
        let finished = runs().iter().filter(|run| run["state"] == "finished").count();
        if finished >= 2 {
            break;
        }
        assert!(began.elapsed() < LIMIT, "its ServiceTitan is not read: {:?}", runs());
    }
    // What it printed for agents and programs is good as it stands.
    let client = said.lines().find(|line| line.starts_with('{')).unwrap();
    super::mcp::asks_with(client).await;
    let curl: Vec<&str> = said.lines().find(|line| line.starts_with("curl ")).unwrap().split('\'').collect();
    let (header, path) = (curl[1], curl[3].strip_prefix(&format!("http://{}", demo.listen)).unwrap());
    let told = super::mcp::told(&demo.listen, &format!("GET {path} HTTP/1.1\r\n{header}"), "");
    assert!(told.starts_with("## "), "{told}");
    let (ended, said) = demo.stop();
    assert!(ended.success(), "{ended} {said}");
}
