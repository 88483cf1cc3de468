//! Without scripts the pages stand still, and are read, searched and filled in all the same.

use serde_json::json;

use super::Office;
use crate::house::House;

#[tokio::test]
async fn everything_is_read_and_filled_in_without_scripts() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    office.fill(60, 300);
    office.house.json(&["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Plain"]);
    let reviews = office.house.json(&["review", "list"]).as_array().unwrap().len();
    office.browser.scripts(false).await;

    // The list, onwards and back.
    office.go("/customers").await;
    let browser = &mut office.browser;
    browser.check("document.querySelector('#list [data-item]').innerText.includes('Ann Plain')").await;
    let first = browser.eval("document.querySelector('#list tbody').innerText").await;
    browser.click("#list [rel=next]").await;
    browser.wait("document.readyState === 'complete' && document.querySelector('#list [rel=prev]')").await;
    assert_ne!(browser.eval("document.querySelector('#list tbody').innerText").await, first);
    browser.click("#list [rel=prev]").await;
    browser.wait(&format!("document.querySelector('#list tbody')?.innerText === {first}")).await;

    // A search, by the way that a number is read out; nobody; and out of it.
    browser.write("[name=q]", "(617) 782-12").await;
    browser.press("Enter").await;
    browser.wait("document.querySelectorAll('#list tbody tr').length === 1").await;
    browser.write("[name=q]", "nobody at all").await;
    browser.press("Enter").await;
    browser.wait_for("Nobody fits").await;
    browser.click("[data-clear]").await;
    browser.wait("location.search === '' && document.querySelectorAll('#list tbody tr').length > 10").await;

    // A card, and a value put right.
    browser.click("#list [data-item]").await;
    browser.arrive("/customers/cus_").await;
    browser.click("details.edit summary").await;
    browser.write("details.edit [name=value]", "Ann Plainer").await;
    browser.click("details.edit .button.primary").await;
    browser.wait_for("Saved and pinned").await;
    browser.check("document.querySelector('h1').innerText === 'Ann Plainer'").await;
    browser.check("document.querySelector('[name=value]').checkVisibility() === false").await;
    browser.click(".what summary").await;
    browser.click(".what [value=placeholder]").await;
    browser.wait_for("Whoever has it was looked at again").await;
    browser.click(".what.marked summary").await;
    browser
        .check("document.querySelector('.what.marked').innerText.includes('Filled in because there was none')")
        .await;
    browser.click(".what.marked form .button").await;
    browser.wait_for("The mark is taken back").await;
    // What only a script could do is not offered.
    browser.check("[...document.querySelectorAll('[data-folds], [data-refresh], [data-theme-switch], .find')].every((one) => !one.checkVisibility())").await;

    office.go("/reviews").await;
    let shown = office.browser.eval("document.querySelectorAll('.review').length").await.as_u64().unwrap();
    assert!(shown > 0 && shown <= reviews as u64, "{shown} of {reviews} pairs");
    office.browser.click(".review [value=apart]").await;
    office.browser.wait_for("The two stay apart").await;

    office.go("/imports").await;
    office.browser.click("#list [data-item]").await;
    office.browser.wait_for("It is in").await;
    office.browser.click("details.danger-zone summary").await;
    office.browser.check("document.querySelector('form[action$=\"/undo\"] button').checkVisibility()").await;
    let file = office.house.demo_archive(20, 40);
    office.go("/imports/new").await;
    office.browser.choose("input[type=file]", &file).await;
    office.browser.click("form[data-upload] .button.primary").await;
    office.browser.wait_for("This is what would come in").await;

    for (place, words) in [
        ("business", "Your own numbers"),
        ("users", "Invite a colleague"),
        ("sessions", "Where you are signed in"),
        ("keys", "A new key"),
        ("audit", "Who did what"),
    ] {
        office.go(&format!("/settings/{place}")).await;
        office.browser.wait_for(words).await;
        office.browser.check("document.querySelector('.settings-tabs [aria-current]')").await;
    }
    office.go("/docs/api").await;
    office.browser.wait_for("openapi.json").await;
    assert_eq!(office.browser.eval("typeof window.htmx").await, json!("undefined"), "scripts have run");
    assert_eq!(office.browser.complaints, [""; 0], "the page complained");
}
