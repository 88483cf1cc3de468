//! Everything with the keyboard alone, and whoever does it sees where they are.

use serde_json::json;

use super::{NARROW, Office, WIDE};
use crate::browser::Browser;
use crate::house::House;

/// More stops than any page has.
const MAX_STOPS: usize = 250;

/// What is wrong with where the focus is: nothing has it, it is not marked, or something lies over it.
const FOCUS: &str = "(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return 'nothing has the focus';
  const shown = `${one.outerHTML.slice(0, 160)} at ${JSON.stringify(one.getBoundingClientRect())}`;
  const style = getComputedStyle(one);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `not marked: ${shown}`;
  const box = one.getClientRects()[0];
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!top || !(one.contains(top) || [...(one.labels ?? [])].some((label) => label.contains(top)))) return `hidden: ${shown}`;
  return '';
})()";
/// Whether the focus has come to something new.
const IS_NEW: &str = "(() => {
  const one = document.activeElement;
  window.visited ??= new Set();
  const isNew = one !== document.body && !window.visited.has(one);
  window.visited.add(one);
  return isNew;
})()";

async fn check_focus(browser: &mut Browser, whence: &str) {
    let wrong = browser.eval(FOCUS).await;
    assert_eq!(wrong, json!(""), "{whence}");
}

#[tokio::test]
async fn a_caller_is_looked_up_with_the_keyboard_alone() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    office.fill(60, 150);
    let ann = ["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Tapper"];
    office.house.json(&ann);
    office.go("/customers?order=name").await;
    let browser = &mut office.browser;

    // Down the list and up again, further than the window shows; never under the head of the page.
    for (key, times) in [("j", 45), ("k", 46)] {
        for time in 0..times {
            browser.press(key).await;
            check_focus(browser, &format!("{key} {time}")).await;
        }
    }
    let item = |at: usize| format!("document.querySelectorAll('#list [data-item]')[{at}]");
    browser.check(&format!("document.activeElement === {}", item(0))).await;
    browser.press("j").await;
    browser.press("j").await;
    browser.check(&format!("document.activeElement === {}", item(2))).await;

    // A card, and the ones beside it in the same order.
    let name = browser.eval(&format!("{}.querySelector('bdi').innerText", item(2))).await;
    let next = browser.eval(&format!("{}.querySelector('bdi').innerText", item(3))).await;
    let shows = |name: &serde_json::Value| {
        format!("document.readyState === 'complete' && document.querySelector('h1').innerText === {name}")
    };
    browser.press("Enter").await;
    browser.arrive("/customers/cus_").await;
    browser.wait(&shows(&name)).await;
    browser.press("j").await;
    browser.wait(&shows(&next)).await;
    browser.press("k").await;
    browser.wait(&shows(&name)).await;

    // Somewhere else by two letters; search, leave the field, clear.
    browser.press("g").await;
    browser.press("c").await;
    browser.wait("location.pathname === '/customers' && document.readyState === 'complete'").await;
    browser.press("/").await;
    browser.check("document.activeElement.matches('[data-search-field]')").await;
    check_focus(browser, "/").await;
    browser.call("Input.insertText", json!({ "text": "tapper" })).await;
    browser.wait("document.querySelectorAll('#list tbody tr').length === 1").await;
    browser.press("j").await;
    browser.check("document.activeElement.matches('[data-search-field]')").await;
    browser.write("[data-search-field]", "tapper").await;
    browser.press("Escape").await;
    browser.check("!document.activeElement.matches('[data-search-field]')").await;
    browser.press("Escape").await;
    // Whole: a key that is pressed before the page's script runs is nobody's.
    let all = "document.querySelectorAll('#list tbody tr').length > 10 && location.search === ''";
    browser.wait(&format!("document.readyState === 'complete' && {all}")).await;

    // The palette: a customer by number, from any page.
    browser.press("j").await;
    browser.press("Control+k").await;
    browser.check("document.activeElement.id === 'palette-input'").await;
    browser.call("Input.insertText", json!({ "text": "(617) 782-12" })).await;
    browser
        .wait("document.querySelector('#palette-found [aria-selected=true]')?.innerText.includes('Ann Tapper')")
        .await;
    browser.press("Escape").await;
    browser.wait("!document.querySelector('dialog[open]')").await;
    browser.check(&format!("document.activeElement === {}", item(0))).await;
    browser.press("Control+k").await;
    browser.call("Input.insertText", json!({ "text": "781-no-such" })).await;
    browser.wait("!document.querySelector('.palette-none').hidden").await;
    browser.write("#palette-input", "(617) 782-12").await;
    browser.wait("document.querySelector('#palette-found [aria-selected=true]')").await;
    browser.press("Enter").await;
    browser.arrive("/customers/cus_").await;
    browser.wait("document.querySelector('h1').innerText === 'Ann Tapper'").await;

    // The keys themselves; single ones can be switched off, and then they do nothing. Until a frame is drawn after the
    // palette was closed, its field has the focus still.
    let late = "document.querySelector('#palette-input').dispatchEvent(\
                new KeyboardEvent('keydown', { key: '?', bubbles: true, cancelable: true }))";
    browser.eval(late).await;
    browser.check("document.querySelector('#keys').open").await;
    browser.click("[data-single-keys]").await;
    browser.press("Escape").await;
    browser.wait("!document.querySelector('dialog[open]')").await;
    browser.press("?").await;
    browser.check("!document.querySelector('dialog[open]')").await;
    browser.press("Control+k").await;
    browser.check("document.querySelector('#palette').open").await;
    assert_eq!(browser.complaints, [""; 0], "the page complained");
}

#[tokio::test]
async fn whoever_tabs_through_a_page_always_sees_where_they_are() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    office.fill(60, 150);
    let pair = office.house.json(&["review", "list"])[0].clone();
    let (a, b) = (pair["a"]["id"].as_str(), pair["b"]["id"].as_str().unwrap_or_default());
    let card = format!("/customers/{}", a.expect("the made-up business has pairs to decide"));
    let why = format!("{card}/explain?with={b}");
    for (width, height) in [WIDE, NARROW] {
        office.browser.resize(width, height).await;
        for page in ["/customers", &card, &why, "/reviews", "/imports/new", "/settings/users", "/settings/keys"] {
            for key in ["Tab", "Shift+Tab"] {
                office.go(page).await;
                let stops = stops(&mut office.browser, key, &format!("{page} {width} {key}")).await;
                assert!(stops > 10, "{page} has only {stops} stops");
            }
        }
    }
    assert_eq!(office.browser.complaints, [""; 0], "the page complained");
}

/// Goes on until it has been everywhere; how many places that were.
async fn stops(browser: &mut Browser, key: &str, whence: &str) -> usize {
    for stop in 0..MAX_STOPS {
        browser.press(key).await;
        if browser.eval(IS_NEW).await != json!(true) {
            return stop;
        }
        check_focus(browser, whence).await;
    }
    panic!("{whence} has no end");
}

#[tokio::test]
async fn a_pair_is_left_for_later_and_the_last_decision_taken_back_by_keys() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    office.fill(300, 150);
    let waiting = |house: &House| house.json(&["review", "list", "--limit", "1000"]).as_array().unwrap().len();
    let before = waiting(&office.house);
    assert!(before > 2, "{before}");
    office.go("/reviews").await;
    let first = office.browser.eval("document.querySelector('[data-unit]').id").await;
    let folded = format!("document.getElementById({first}).hidden && document.readyState === 'complete'");
    office.browser.press("j").await;
    office.browser.press("l").await;
    office.browser.wait(&folded).await;
    let second = "document.querySelectorAll('[data-unit]')[1].contains(document.activeElement)";
    office.browser.check(second).await;
    check_focus(&mut office.browser, "l").await;
    // It stays folded in this tab, j begins with the next, and nothing was decided.
    office.go("/reviews").await;
    office.browser.wait(&folded).await;
    office.browser.press("j").await;
    office.browser.check(second).await;
    assert_eq!(waiting(&office.house), before);
    office.browser.press("a").await;
    office.browser.wait("document.querySelector('[data-undo]') && document.readyState === 'complete'").await;
    assert_eq!(waiting(&office.house), before - 1);
    office.browser.press("u").await;
    office.browser.wait_for("Taken back").await;
    assert_eq!(waiting(&office.house), before);
    office.browser.click("[data-look-again]").await;
    office.browser.wait(&format!("!document.getElementById({first}).hidden")).await;
    assert_eq!(office.browser.complaints, [""; 0], "the page complained");
}
