//! The dashboard in a real browser: what people do with it, what they see, and that nobody is shut out.

mod edits;
mod fresh;
mod keys;
mod looks;
mod pictures;
mod plain;
mod walk;

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use super::browser::Browser;
use super::house::House;

/// Whoever owns the business in these stories.
const OWNER: &str = "maria@example.com";
/// A desk, and a phone.
const WIDE: (u32, u32) = (1440, 900);
const NARROW: (u32, u32) = (390, 844);

/// A server that ends with its story.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// `http://127.0.0.1:41234`
    base: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts it at a place of this machine, and waits until it says where it is.
    fn start(house: &House, listen: &str) -> Self {
        let mut command = house.command(&["serve", "--listen", listen]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, out, base: String::new() };
        running.base = running.line().strip_prefix("Doorstep is at ").unwrap().to_owned();
        running
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "the server has ended");
        line.trim().to_owned()
    }

    /// The link that makes the first owner, where there is none.
    fn setup(&mut self) -> String {
        assert!(self.line().contains("makes the first owner"));
        self.line()
    }
}

/// A house with a server, an owner who is signed in, and the browser where they are.
struct Office {
    house: House,
    server: Running,
    browser: Browser,
}

impl Office {
    /// Opens it, at the list of customers.
    async fn open(house: House) -> Self {
        house.run(&["user", "add", OWNER, "--name", "Maria Alves", "--role", "owner"]).ok();
        let server = Running::start(&house, "127.0.0.1:0");
        let browser = Browser::open().await;
        let mut office = Self { house, server, browser };
        office.browser.resize(WIDE.0, WIDE.1).await;
        office.enter(OWNER).await;
        office
    }

    /// Signs somebody in by a link of theirs.
    async fn enter(&mut self, email: &str) {
        let link = self.house.run(&["user", "link", email, "--for", "sign-in"]).ok();
        self.go(link.trim()).await;
        self.browser.click("form .button.primary").await;
        self.browser.arrive("/customers").await;
    }

    /// Goes to a page.
    async fn go(&mut self, path: &str) {
        let address = format!("{}{path}", self.server.base);
        self.browser.go(&address).await;
    }

    /// Brings the phones of a made-up business in.
    fn fill(&self, contacts: u32, messages: u32) {
        let file = self.house.demo_archive(contacts, messages);
        self.house.json(&["import", "phone-history", &file, "--apply"]);
    }
}
