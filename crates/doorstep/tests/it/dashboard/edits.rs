//! What somebody is typing survives what others do meanwhile.

use serde_json::json;

use super::Office;
use crate::house::House;

/// The card looks for news, and before the answer is there somebody opens a field and writes into it. What the field says
/// when the answer has been dealt with.
const TYPED_MEANWHILE: &str = "new Promise((done) => {
  document.addEventListener('htmx:finally:request', (event) => {
    if (event.target.id !== 'who') return;
    const edit = document.querySelector('details.edit');
    done(`${edit.open} ${edit.querySelector('[name=value]').value}`);
  });
  document.body.dispatchEvent(new CustomEvent('live:refresh'));
  const edit = document.querySelector('details.edit');
  edit.open = true;
  edit.querySelector('[name=value]').value = 'Ann Typed';
})";

#[tokio::test]
async fn news_that_was_on_its_way_takes_nothing_out_of_a_field() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let made = ["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Tapper"];
    let id = office.house.json(&made)["customer"].as_str().unwrap().to_owned();
    office.go(&format!("/customers/{id}")).await;
    let browser = &mut office.browser;
    assert_eq!(browser.eval(TYPED_MEANWHILE).await, json!("true Ann Typed"));

    browser.click("details.edit .button.primary").await;
    browser.wait_for("Saved and pinned").await;
    browser.check("document.querySelector('h1').innerText === 'Ann Typed'").await;
}
