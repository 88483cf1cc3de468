//! The dashboard in a real browser: set up, a file brought in, somebody looked up, a change made elsewhere.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::browser::Browser;
use super::house::{House, in_both_houses};

/// A server that ends with its story.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server; the link that makes the first owner.
fn serve(house: &House) -> (Running, String) {
    let mut child = house.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("/setup?secret=") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "no link came");
    }
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    (Running(child), line.trim().to_owned())
}

in_both_houses! {
    async fn the_office_walks_through_its_dashboard(house: House) {
        let (_server, link) = serve(&house);
        let base = link.split("/setup").next().unwrap().to_owned();
        let mut browser = Browser::start(&house.path("browser")).await;
        browser.resize(1440, 900).await;

        // The first owner sets the business up and is in.
        browser.go(&link).await;
        for (field, text) in [
            ("business", "Bay State <Plumbing>"),
            ("name", "Maria Alves"),
            ("email", "maria@example.com"),
            ("password", "a copper kettle on the stove"),
        ] {
            browser.write(&format!("[name={field}]"), text).await;
        }
        browser.click("form button").await;
        browser.wait("location.pathname === '/customers'").await;
        browser.wait_for("No customers yet").await;

        // A file comes in: upload, dry run, and to the end without another click.
        let file = house.demo_archive(60, 200);
        browser.go(&format!("{base}/imports/new")).await;
        browser.choose("input[type=file]", &file).await;
        browser.click("form[data-upload] .button.primary").await;
        browser.wait_for("This is what would come in").await;
        let import = browser.eval("location.href").await.as_str().unwrap().to_owned();
        browser.click("form[action$='/apply'] button").await;
        browser.wait_for("It is in").await;

        // What the command line changes shows in the open list, without a click.
        browser.go(&format!("{base}/customers")).await;
        browser.wait("performance.getEntriesByType('resource').some((one) => one.name.includes('/events')) || document.querySelectorAll('#list tbody tr').length > 10").await;
        let before = browser.eval("performance.timeOrigin").await;
        let made = tokio::task::spawn_blocking(move || {
            let args = ["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Zoë Quill"];
            house.json(&args);
            (Instant::now(), house)
        });
        let (shown, made) = tokio::join!(browser.wait_for("Zoë Quill"), made);
        let (made, house) = made.unwrap();
        let late = shown.saturating_duration_since(made);
        assert!(late < Duration::from_secs(1), "shown only {late:?} after the command had ended");
        assert_eq!(browser.eval("performance.timeOrigin").await, before, "the page was loaded anew");

        // Search as somebody types a number, open the card, pin a name.
        browser.write("[data-search-field]", "(617) 782-12").await;
        browser.wait("document.querySelectorAll('#list tbody tr').length === 1").await;
        browser.click("#list [data-item]").await;
        browser.wait("location.pathname.startsWith('/customers/cus_')").await;
        browser.wait("document.querySelector('h1').innerText === 'Zoë Quill'").await;
        browser.eval("document.querySelector('details.edit').open = true").await;
        browser.write("details.edit [name=value]", "Zoë Quill-Ortega").await;
        browser.click("details.edit .button.primary").await;
        browser.wait_for("Saved and pinned").await;
        browser.wait("document.querySelector('h1').innerText === 'Zoë Quill-Ortega'").await;

        // Dark, and on a phone: nothing is wider than the window.
        browser.eval("document.cookie = 'doorstep_theme=dark; Path=/'").await;
        browser.resize(390, 844).await;
        let places = ["/customers", "/reviews", "/imports",
            "/imports/new", "/settings/business", "/settings/users", "/settings/sessions",
            "/settings/keys", "/settings/audit"];
        for place in places.map(|place| format!("{base}{place}")).iter().chain([&import]) {
            browser.go(place).await;
            browser.wait(&format!("location.href === {}", json!(place))).await;
            assert_eq!(browser.eval("document.documentElement.dataset.theme").await, json!("dark"), "{place}");
            assert_eq!(browser.eval("document.documentElement.scrollWidth <= innerWidth").await, json!(true), "{place}");
        }

        // And out again.
        browser.eval("document.querySelector('details.danger-zone').open = true").await;
        browser.click("form[action$='/undo'] button").await;
        browser.wait_for("It was taken out again").await;
        assert_eq!(browser.complaints, [""; 0], "the page complained");
        drop(browser);
        drop(house);
    }
}
