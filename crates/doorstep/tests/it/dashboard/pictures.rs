//! The pictures of the office's guide, taken of the made-up business at every run, so that they can be taken at any time:
//! `cargo xtask docs --pictures` puts them where the guide shows them.

use std::path::Path;

use serde_json::json;

use super::{NARROW, Office};
use crate::house::{House, arg};

/// Where they are left.
const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/pictures");
/// A repository is no album.
const MAX_BYTES: u64 = 200_000;
/// A desk, less high than most: a guide shows what matters on top.
const DESK: (u32, u32) = (1440, 760);
/// Half an hour after the made-up business' newest message: to pages it is then, so that "yesterday" stays yesterday.
const THEN: &str = "Date.now = () => 1781298600000";

/// Words went to and fro.
const SAID: &str = "document.querySelectorAll('.moment-said').length > 7 && !!document.querySelector('.moment.ours')";

impl Office {
    /// Takes a picture of the page as it is.
    async fn take(&mut self, name: &str, (width, height): (u32, u32), theme: &str) {
        self.browser.resize(width, height).await;
        self.browser.theme(theme).await;
        self.browser.wait("document.fonts.status === 'loaded' && !document.querySelector('.htmx-request')").await;
        let file = Path::new(PLACE).join(format!("{name}.png"));
        self.browser.picture(&file).await;
        let bytes = std::fs::metadata(&file).unwrap().len();
        assert!((5_000..MAX_BYTES).contains(&bytes), "{name} has {bytes} bytes");
    }

    /// Goes to the card of somebody who may be somebody else, and with whom there was much to say.
    async fn talkative(&mut self) {
        let pairs = self.house.json(&["review", "list"]);
        for pair in pairs.as_array().unwrap() {
            for side in ["a", "b"] {
                self.go(&format!("/customers/{}?order=newest", pair[side]["id"].as_str().unwrap())).await;
                if self.browser.eval(SAID).await == json!(true) {
                    return;
                }
            }
        }
        panic!("nobody has said much");
    }
}

#[tokio::test]
async fn the_guide_has_its_pictures() {
    let house = House::sqlite().await;
    house.run(&["demo", "--once", "--contacts", "240", "--customers", "0", "--data-dir", &arg(&house.data_dir())]).ok();
    for (name, email, role) in
        [("Dana Okafor", "dana@graniterail.alt", "admin"), ("Luis Prado", "luis@graniterail.alt", "agent")]
    {
        house.json(&["user", "add", email, "--name", name, "--role", role]);
    }
    let more = house.path("march-export.zip").display().to_string();
    house.run(&["demo", "--archive-only", &more, "--seed", "11", "--contacts", "60", "--messages", "900"]).ok();
    let mut office = Office::open(house).await;

    office.go("/reviews").await;
    office.take("reviews", DESK, "light").await;
    office.go("/imports/new").await;
    office.browser.choose("input[type=file]", &more).await;
    office.browser.write("[name=notes]", "The office line, since March").await;
    office.browser.click("form[data-upload] .button.primary").await;
    office.browser.wait_for("This is what would come in").await;
    office.take("import-plan", DESK, "light").await;
    office.go("/settings/users").await;
    office.take("users", DESK, "light").await;

    office.browser.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": THEN })).await;
    // The newest are numbers without a name; a page further there are people.
    office.go("/customers").await;
    office.browser.click("#list [rel=next]").await;
    office.browser.wait("document.querySelector('#list [rel=prev]') && document.readyState === 'complete'").await;
    office.take("customers", DESK, "light").await;
    office.talkative().await;
    office.take("card", DESK, "light").await;
    office.take("card-phone", NARROW, "light").await;
    office.browser.resize(DESK.0, DESK.1).await;
    office.browser.press("Control+k").await;
    office.browser.call("Input.insertText", json!({ "text": "mar" })).await;
    office.browser.wait("document.querySelector('#palette-found [aria-selected=true]')").await;
    office.take("palette-dark", DESK, "dark").await;
    assert_eq!(office.browser.complaints, [""; 0], "a page complained");
}
