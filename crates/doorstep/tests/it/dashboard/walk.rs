//! A day of the office: set up, a file brought in, somebody looked up, a change made elsewhere, a server that goes away
//! and comes back.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{NARROW, Running, WIDE};
use crate::browser::Browser;
use crate::house::{House, in_both_houses};

/// Later than this a change that somebody else made is not seen "at once".
const AT_ONCE: Duration = Duration::from_secs(1);

/// The longest time between two tries to reach a server that is gone, and then some; far less than the minute after
/// which pages look again in any case.
const BY_ITSELF: Duration = Duration::from_secs(15);

/// How many rows the open list shows.
const ROWS: &str = "document.querySelectorAll('#list tbody tr').length";

in_both_houses! {
    async fn the_office_walks_through_its_dashboard(house: House) {
        let mut server = Running::start(&house, "127.0.0.1:0");
        let (base, link) = (server.base.clone(), server.setup());
        let mut browser = Browser::open().await;
        browser.resize(WIDE.0, WIDE.1).await;
        set_up_and_sign_in(&mut browser, &link, &base).await;
        let import = bring_in(&mut browser, &base, &house.demo_archive(60, 200)).await;

        // What the command line changes shows in the open list, without a click.
        browser.go_and_listen(&format!("{base}/customers")).await;
        let before = browser.eval("performance.timeOrigin").await;
        let house = make(&mut browser, house, "(617) 782-1234", "Zoë Quill").await;

        // The server goes away and comes back at the same place. Meanwhile somebody is written down.
        drop(server);
        browser.wait("document.querySelector('#link-state').dataset.state === 'lost'").await;
        assert_eq!(browser.axe().await, [""; 0], "while the connection is lost");
        house.json(&["customer", "find-or-create", "--phone", "(617) 782-1235", "--name", "Abe Returned"]);
        let mut server = Running::start(&house, base.strip_prefix("http://").unwrap());
        let back = Instant::now();
        let late = browser.wait_for("Abe Returned").await.saturating_duration_since(back);
        assert!(late < BY_ITSELF, "it took {late:?} to catch up");
        browser.wait("document.querySelector('#link-state').dataset.state !== 'lost'").await;
        let _house = make(&mut browser, house, "(617) 782-1236", "Ines After").await;
        assert_eq!(browser.eval("performance.timeOrigin").await, before, "the page was loaded anew");
        assert!(!browser.complaints.is_empty(), "nobody noticed that the server was gone");
        for words in ["net::ERR_", "htmx:sse:error", "Failed to fetch"] {
            browser.forgive(words);
        }
        assert_eq!(browser.complaints, [""; 0], "the page complained");

        look_up_and_edit(&mut browser).await;

        // Out again; what others said about the same people stays.
        browser.go(&import).await;
        browser.eval("document.querySelector('details.danger-zone').open = true").await;
        browser.click("form[action$='/undo'] button").await;
        browser.wait_for("It was taken out again").await;
        browser.go(&format!("{base}/customers")).await;
        browser.wait(&format!("{ROWS} === 3")).await;
        assert_eq!(browser.complaints, [""; 0], "the page complained");
        assert!(server.child.try_wait().unwrap().is_none(), "the server has ended");
    }
}

/// The first owner sets the business up and is in; goes out, and comes in with the password.
async fn set_up_and_sign_in(browser: &mut Browser, link: &str, base: &str) {
    let password = "a copper kettle on the stove";
    browser.go(link).await;
    for (field, text) in [("name", "Maria Alves"), ("email", super::OWNER), ("password", password)] {
        browser.write(&format!("[name={field}]"), text).await;
    }
    browser.click("form .button.primary").await;
    browser.arrive("/customers").await;
    browser.wait_for("No customers yet").await;

    browser.click("form[action='/logout'] button").await;
    browser.arrive("/login").await;
    // The page that was left may just have looked for news, and is nobody's by now.
    browser.forgive("a status of 401");
    browser.go(&format!("{base}/customers?order=name")).await;
    browser.arrive("/login").await;
    browser.write("[name=email]", super::OWNER).await;
    browser.write("[name=password]", password).await;
    browser.press("Enter").await;
    browser.wait("location.pathname + location.search === '/customers?order=name'").await;
}

/// A file comes in: upload, dry run, and to the end without another click. Where its page is.
async fn bring_in(browser: &mut Browser, base: &str, file: &str) -> String {
    browser.go(&format!("{base}/imports/new")).await;
    browser.choose("input[type=file]", file).await;
    browser.click("form[data-upload] .button.primary").await;
    browser.wait_for("This is what would come in").await;
    let import = browser.eval("location.href").await.as_str().unwrap().to_owned();
    browser.click("form[action$='/apply'] button").await;
    browser.wait_for("It is in").await;
    // With it came pairs to decide, which the navigation of the open page tells.
    browser.wait("document.querySelector('#open-reviews .count')?.innerText.match(/^[1-9]/)").await;
    import
}

/// Somebody is written down at the command line, and is in the open list at once.
async fn make(browser: &mut Browser, house: House, phone: &'static str, name: &'static str) -> House {
    let made = tokio::task::spawn_blocking(move || {
        house.json(&["customer", "find-or-create", "--phone", phone, "--name", name]);
        (Instant::now(), house)
    });
    let (shown, made) = tokio::join!(browser.wait_for(name), made);
    let (made, house) = made.unwrap();
    let late = shown.saturating_duration_since(made);
    assert!(late < AT_ONCE, "{name} is shown only {late:?} after the command had ended");
    house
}

/// Somebody calls: search as the number is read out, open the card, put the name right.
async fn look_up_and_edit(browser: &mut Browser) {
    browser.write("[data-search-field]", "(617) 782-1234").await;
    browser.wait(&format!("{ROWS} === 1")).await;
    browser.write("[data-search-field]", "617.782").await;
    browser.wait(&format!("{ROWS} === 3")).await;
    browser.write("[data-search-field]", "quill 617782").await;
    browser.wait(&format!("{ROWS} === 1")).await;
    browser.click("#list [data-item]").await;
    browser.arrive("/customers/cus_").await;
    browser.wait("document.querySelector('h1').innerText === 'Zoë Quill'").await;
    browser.eval("document.querySelector('details.edit').open = true").await;
    browser.write("details.edit [name=value]", "Zoë Quill-Ortega").await;
    browser.click("details.edit .button.primary").await;
    browser.wait_for("Saved and pinned").await;
    browser.wait("document.querySelector('h1').innerText === 'Zoë Quill-Ortega'").await;
}

#[tokio::test]
async fn a_business_is_made_by_the_link_and_its_pages_wear_the_theme_that_was_chosen() {
    let house = House::sqlite().await;
    let mut server = Running::start(&house, "127.0.0.1:0");
    let mut browser = Browser::open().await;
    browser.resize(NARROW.0, NARROW.1).await;
    browser.go(&server.setup()).await;
    for (field, text) in [
        ("business", "Bay State <Plumbing>"),
        ("zone", "America/New_York"),
        ("country", "US"),
        ("name", "Maria Alves"),
        ("email", super::OWNER),
        ("password", "a copper kettle on the stove"),
    ] {
        browser.write(&format!("[name={field}]"), text).await;
    }
    browser.click("form .button.primary").await;
    browser.arrive("/customers").await;
    let tenants = house.json(&["tenant", "list"]);
    assert_eq!(tenants[0]["name"], json!("Bay State <Plumbing>"), "{tenants}");

    let theme = "document.documentElement.dataset.theme";
    for expected in ["light", "dark"] {
        browser.click("[data-theme-switch]").await;
        browser.check(&format!("{theme} === '{expected}'")).await;
        assert_eq!(browser.axe().await, [""; 0], "with the word about the theme");
    }
    browser.go(&format!("{}/settings/business", server.base)).await;
    browser.check(&format!("{theme} === 'dark'")).await;
    browser.check("getComputedStyle(document.body).colorScheme === 'dark'").await;
    assert_eq!(browser.complaints, [""; 0], "the page complained");
}
