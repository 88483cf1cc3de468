//! A page that hears nothing looks again: when somebody looks at it, when the network is back, and every minute. What a script
//! adds to a page stays when it has looked again.

use serde_json::json;

use super::{House, Office};

/// Before the page's own script: a stream that never opens, a clock that can be turned, and intervals that run when the
/// test says so.
const DEAF: &str = r#"
  const real = window.fetch;
  window.fetch = (what, ...more) =>
    String(what?.url ?? what).includes("/events") ? new Promise(() => {}) : real(what, ...more);
  const now = Date.now;
  let late = 0;
  Date.now = () => now() + late;
  const every = [];
  window.setInterval = (call, time) => every.push({ call, time });
  window.later = (time) => {
    late += time;
    for (const one of every.filter((one) => one.time <= time)) one.call();
  };
"#;

impl Office {
    /// Somebody is written down at the command line; the page does not hear of it.
    async fn unheard(&mut self, phone: &str, name: &str) {
        self.house.json(&["customer", "find-or-create", "--phone", phone, "--name", name]);
        self.browser.check(&format!("!document.body.innerText.includes({})", json!(name))).await;
    }
}

#[tokio::test]
async fn an_open_page_looks_again_when_it_is_looked_at_and_every_minute() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    office.browser.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": DEAF })).await;
    office.go("/customers").await;
    office.browser.wait_for("No customers yet").await;

    office.unheard("(617) 782-1234", "Ann Minute").await;
    office.browser.eval("later(30000)").await;
    office.browser.check("!document.body.innerText.includes('Ann Minute')").await;
    office.browser.eval("later(60000)").await;
    office.browser.wait_for("Ann Minute").await;

    office.unheard("(617) 782-1235", "Bo Focus").await;
    office.browser.eval("later(6000); window.dispatchEvent(new Event('focus'))").await;
    office.browser.wait_for("Bo Focus").await;

    office.unheard("(617) 782-1236", "Cy Tab").await;
    office.browser.eval("document.dispatchEvent(new Event('visibilitychange'))").await;
    office.browser.wait_for("Cy Tab").await;

    office.unheard("(617) 782-1237", "Di Network").await;
    office.browser.eval("window.dispatchEvent(new Event('online'))").await;
    office.browser.wait_for("Di Network").await;
    assert_eq!(office.browser.complaints, [""; 0], "the page complained");
}

#[tokio::test]
async fn what_an_agent_is_told_can_still_be_copied_after_it_was_looked_at_again() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let ann = office.house.json(&["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Minute"]);
    let ann = ann["customer"].as_str().unwrap().to_owned();
    office.go(&format!("/customers/{ann}/context?level=staff")).await;
    office.browser.wait("document.querySelector('#told [data-copies]')?.checkVisibility()").await;
    let swapped = "document.addEventListener('htmx:after:swap', () => { document.body.dataset.swapped = 'yes'; })";
    office.browser.eval(swapped).await;
    office.browser.click("[data-refresh]").await;
    office.browser.wait("document.body.dataset.swapped === 'yes'").await;
    office.browser.check("document.querySelector('#told [data-copies]').checkVisibility()").await;
    assert_eq!(office.browser.complaints, [""; 0], "the page complained");
}
