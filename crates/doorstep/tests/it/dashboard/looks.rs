//! Every page in every state it can be in, at a desk and on a phone, light and dark: axe finds nothing, nothing is wider
//! than the window, and the browser has nothing to say.

use std::path::Path;
use std::sync::Arc;

use doorstep_core::Scope;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::time::TurnableClock;
use doorstep_store::testing::START;
use doorstep_store::{Db, system};
use serde_json::json;

use super::{NARROW, OWNER, Office, Running, WIDE};
use crate::browser::Browser;
use crate::house::{House, Ran, arg};

/// A folder for pictures of everything that is looked at, for people who want to look, too.
#[allow(clippy::disallowed_methods, reason = "for whoever works on the looks, not configuration of the product")]
fn album() -> Option<String> {
    std::env::var("DOORSTEP_TEST_LOOKS").ok()
}

/// What was found on all pages of a story.
#[derive(Default)]
struct Looks {
    found: Vec<String>,
}

impl Looks {
    /// Looks at a page as it is now.
    async fn at(&mut self, browser: &mut Browser, name: &str) {
        for (theme, (width, height)) in [("light", WIDE), ("dark", WIDE), ("light", NARROW), ("dark", NARROW)] {
            let is_again = theme == "dark" && width == NARROW.0;
            if is_again && album().is_none() {
                continue;
            }
            browser.resize(width, height).await;
            browser.theme(theme).await;
            if let Some(album) = album() {
                browser.picture(&Path::new(&album).join(format!("{name}-{width}-{theme}.png"))).await;
            }
            let wide = browser.eval("document.documentElement.scrollWidth").await.as_u64().unwrap();
            if wide > u64::from(width) {
                self.found.push(format!("{name}, {width} {theme}: it is {wide} wide"));
            }
            let axe = browser.axe().await;
            self.found.extend(axe.into_iter().map(|one| format!("{name}, {width} {theme}: {one}")));
        }
        browser.resize(WIDE.0, WIDE.1).await;
        browser.theme("light").await;
    }

    fn end(self, browser: &Browser) {
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
        assert_eq!(browser.complaints, [""; 0], "a page complained");
    }
}

impl Office {
    async fn look(&mut self, looks: &mut Looks, name: &str) {
        looks.at(&mut self.browser, name).await;
    }

    /// Goes to a page and looks at it.
    async fn visit(&mut self, looks: &mut Looks, path: &str, name: &str) {
        self.go(path).await;
        self.look(looks, name).await;
    }

    /// Opens what is folded.
    async fn unfold(&mut self, what: &str) {
        self.browser.eval(&format!("document.querySelector({}).open = true", json!(what))).await;
    }
}

#[tokio::test]
async fn nobody_is_shut_out_at_the_door() {
    let house = House::sqlite().await;
    let mut server = Running::start(&house, "127.0.0.1:0");
    let (base, setup) = (server.base.clone(), server.setup());
    let mut browser = Browser::open().await;
    let mut looks = Looks::default();

    browser.go(&setup).await;
    looks.at(&mut browser, "setup").await;
    for (field, text) in [
        ("business", "Bay State Plumbing"),
        ("zone", "America/Boston"),
        ("country", "US"),
        ("name", "Maria Alves"),
        ("email", OWNER),
        ("password", "a copper kettle on the stove"),
    ] {
        browser.write(&format!("[name={field}]"), text).await;
    }
    browser.click("form .button.primary").await;
    browser.wait("document.querySelector('.notice.bad')").await;
    looks.at(&mut browser, "setup-refused").await;
    browser.write("[name=zone]", "America/New_York").await;
    browser.write("[name=password]", "a copper kettle on the stove").await;
    browser.click("form .button.primary").await;
    browser.arrive("/customers").await;
    browser.click("form[action='/logout'] button").await;
    browser.arrive("/login").await;
    looks.at(&mut browser, "sign-in").await;
    browser.write("[name=email]", OWNER).await;
    browser.write("[name=password]", "not the right one").await;
    browser.press("Enter").await;
    browser.wait("document.querySelector('.notice.bad')").await;
    looks.at(&mut browser, "sign-in-refused").await;

    house.json(&["user", "add", "jo@example.com", "--name", "Jo Smith", "--role", "read_only"]);
    for purpose in ["set-password", "sign-in"] {
        let link = house.run(&["user", "link", "jo@example.com", "--for", purpose]).ok();
        browser.go(&format!("{base}{}", link.trim())).await;
        looks.at(&mut browser, &format!("link-{purpose}")).await;
    }
    browser.click("form .button.primary").await;
    browser.arrive("/customers").await;
    for (place, name) in [
        ("/imports", "refused-403"),
        ("/nowhere", "refused-404"),
        ("/customers/cus_01h455vb4pex5vsknk084sn02q", "customer-404"),
        ("/customers", "customers-empty-read-only"),
    ] {
        browser.go(&format!("{base}{place}")).await;
        looks.at(&mut browser, name).await;
    }
    browser.go(&format!("{base}/link/1.lnk_none")).await;
    looks.at(&mut browser, "link-over").await;
    // Pages that were asked for on purpose, and refused.
    browser.forgive("the server responded with a status of 4");
    looks.end(&browser);
}

#[tokio::test]
async fn nobody_is_shut_out_of_the_customers() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let mut looks = Looks::default();
    office.look(&mut looks, "customers-empty").await;
    for list in ["", "/surest", "/decided", "/marks"] {
        let name = format!("reviews{}-empty", list.replace('/', "-"));
        office.visit(&mut looks, &format!("/reviews{list}"), &name).await;
    }
    office.visit(&mut looks, "/why-missing", "why-missing-nobody-asked").await;
    office.fill(60, 150);
    office.house.json(&["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Tapper"]);

    office.visit(&mut looks, "/customers", "customers").await;
    office.browser.write("[data-search-field]", "(617) 782-12").await;
    office.browser.wait("document.querySelectorAll('#list tbody tr').length === 1").await;
    office.look(&mut looks, "customers-searching").await;
    office.browser.write("[data-search-field]", "nobody at all").await;
    office.browser.wait_for("Nobody fits").await;
    office.look(&mut looks, "customers-nobody").await;
    office.browser.click("[href^='/why-missing']").await;
    office.browser.wait_for("No source has it").await;
    office.look(&mut looks, "why-missing").await;
    office.visit(&mut looks, "/why-missing?q=%28617%29+782-1234", "why-missing-here").await;

    let pair = office.house.json(&["review", "list"])[0].clone();
    let card = format!("/customers/{}?order=name", pair["a"]["id"].as_str().unwrap());
    office.visit(&mut looks, &card, "card").await;
    office.browser.click(".identifiers .chip").await;
    office.browser.wait("document.querySelector(':popover-open')").await;
    office.look(&mut looks, "card-whence").await;
    office.browser.press("Escape").await;
    office.unfold("details.what").await;
    office.look(&mut looks, "card-mark").await;
    office.browser.write(".what [name=reason]", "front desk of Harbor Management").await;
    office.browser.click(".what [value=shared]").await;
    office.browser.wait_for("Whoever has it was looked at again").await;
    office.unfold("details.what.marked").await;
    office.look(&mut looks, "card-marked").await;
    office.visit(&mut looks, "/reviews/marks", "reviews-marks").await;
    let (a, b) = (pair["a"]["id"].as_str().unwrap(), pair["b"]["id"].as_str().unwrap());
    office.visit(&mut looks, &format!("/customers/{a}/explain?with={b}"), "explain-marked").await;
    office.go(&card).await;
    office.unfold("details.what.marked").await;
    office.browser.click(".what.marked form .button").await;
    office.browser.wait_for("The mark is taken back").await;
    office.visit(&mut looks, "/reviews/marks", "reviews-marks-taken-back").await;
    office.visit(&mut looks, &format!("{card}&tab=activity"), "card-activity").await;
    office.go(&card).await;
    office.unfold("details.edit").await;
    office.look(&mut looks, "card-edit").await;
    office.browser.write("details.edit [name=value]", "Ann Pinned").await;
    office.browser.click("details.edit .button.primary").await;
    office.browser.wait_for("Saved and pinned").await;
    office.look(&mut looks, "card-pinned").await;
    office.unfold(".fact:has([name=field][value=phone]) details.edit").await;
    office.browser.write("[name=value][type=tel]", "12").await;
    office.browser.click(".fact:has([name=value][type=tel]) .button.primary").await;
    office.browser.wait("document.querySelector('.fact.wrong')").await;
    office.look(&mut looks, "card-refused").await;

    office.go(&card).await;
    office.unfold("details.say").await;
    office.look(&mut looks, "card-say").await;
    office.browser.write("details.say [name=text]", "Side gate.\nThe dog is friendly.").await;
    office.browser.click("details.say .button.primary").await;
    office.browser.wait_for("Colleagues and agents see it").await;
    office.look(&mut looks, "card-said").await;

    office.visit(&mut looks, &format!("/customers/{a}/explain?with={b}"), "explain-two").await;
    office.visit(&mut looks, &format!("/customers/{a}/context?level=staff"), "card-context").await;
    office.visit(&mut looks, &format!("/customers/{a}/context?level=claimed&budget=512"), "card-context-claimed").await;
    office
        .visit(&mut looks, &format!("/customers/{a}/context?level=staff&at=2020-01-01T10:00"), "card-context-too-old")
        .await;
    let several = several_records(&mut office).await;
    office.visit(&mut looks, &several, "explain-one").await;

    office.visit(&mut looks, "/reviews/surest", "reviews-surest").await;
    office.visit(&mut looks, "/reviews", "reviews").await;
    office.browser.click("[data-later]").await;
    office.browser.wait("document.querySelector('.left-for-later').checkVisibility()").await;
    office.look(&mut looks, "reviews-later").await;
    office.browser.click("[data-look-again]").await;
    office.browser.wait("!document.querySelector('.left-for-later').checkVisibility()").await;
    office.browser.click(".review [value=apart]").await;
    office.browser.wait("document.querySelector('form[action$=\"/retract\"]')").await;
    office.look(&mut looks, "reviews-decided").await;
    office.visit(&mut looks, "/reviews/decided", "decided").await;
    office.browser.click("form[action$='/retract'] .button").await;
    office.browser.wait_for("It stays in this list").await;
    office.look(&mut looks, "decided-taken-back").await;
    office.visit(&mut looks, "/reviews/surest?least=90", "reviews-surest-none").await;

    office.browser.press("Control+k").await;
    office.browser.call("Input.insertText", json!({ "text": "tapper" })).await;
    office.browser.wait("document.querySelector('#palette-found [aria-selected=true]')").await;
    office.look(&mut looks, "palette").await;
    office.browser.press("Escape").await;
    office.browser.wait("!document.querySelector('dialog[open]')").await;
    office.browser.press("?").await;
    office.browser.wait("document.querySelector('#keys').open").await;
    office.look(&mut looks, "keys").await;
    office.browser.forgive("the server responded with a status of 422");
    looks.end(&office.browser);
}

/// Where it is told why somebody with several records is one customer.
async fn several_records(office: &mut Office) -> String {
    for one in office.house.json(&["customer", "list"]).as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        if !office.house.json(&["identity", "explain", id])["links"].as_array().unwrap().is_empty() {
            return format!("/customers/{id}/explain");
        }
    }
    panic!("everybody has one record")
}

#[tokio::test]
async fn nobody_is_shut_out_of_the_imports() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let mut looks = Looks::default();
    office.visit(&mut looks, "/imports", "imports-empty").await;
    let none = office.house.path("none.zip");
    std::fs::write(&none, "this is no archive").unwrap();
    office.visit(&mut looks, "/imports/new", "import-new").await;
    office.browser.choose("input[type=file]", &arg(&none)).await;
    office.browser.click("form[data-upload] .button.primary").await;
    office.browser.wait("document.querySelector('[data-upload-failed]').checkVisibility()").await;
    office.browser.check("!document.querySelector('form[data-upload] button').disabled").await;
    office.look(&mut looks, "import-refused").await;

    // While somebody else writes the plan cannot be kept, and so the file is being read until that is over.
    let db = Db::open(&office.house.location(), Arc::new(TurnableClock::at(START))).await.unwrap();
    let tenant = system::tenants(&db).await.unwrap()[0].id;
    let writing = db.write(&Scope::new(tenant, Actor::Operator("test".to_owned()), Role::Owner)).await.unwrap();
    let file = office.house.demo_archive(60, 200);
    office.browser.choose("input[type=file]", &file).await;
    office.browser.click("form[data-upload] .button.primary").await;
    office.browser.wait_for("It is being read").await;
    office.look(&mut looks, "import-reading").await;
    drop(writing);
    db.close().await;
    office.browser.wait_for("This is what would come in").await;
    office.look(&mut looks, "import-plan").await;
    office.unfold("details.fold").await;
    office.look(&mut looks, "import-plan-columns").await;

    // Without its archive it stands still, and goes on when somebody has put that right.
    let id = office.browser.eval("location.pathname.split('/').pop()").await.as_str().unwrap().to_owned();
    let (kept, away) = (office.house.data_dir().join(format!("spool/{id}.zip")), office.house.path("away.zip"));
    std::fs::rename(&kept, &away).unwrap();
    office.browser.click("form[action$='/apply'] button").await;
    office.browser.wait_for("It is coming in").await;
    office.look(&mut looks, "import-applying").await;
    std::fs::rename(&away, &kept).unwrap();
    office.browser.click("form[action$='/resume'] button").await;
    office.browser.wait_for("It is in").await;
    office.unfold("details.danger-zone").await;
    office.look(&mut looks, "import-applied").await;
    office.visit(&mut looks, "/imports", "imports").await;
    office.go(&format!("/imports/{id}")).await;
    office.unfold("details.danger-zone").await;
    office.browser.click("form[action$='/undo'] button").await;
    office.browser.wait_for("It was taken out again").await;
    office.look(&mut looks, "import-undone").await;
    office.browser.forgive("the server responded with a status of 4");
    looks.end(&office.browser);
}

#[tokio::test]
async fn nobody_is_shut_out_of_the_settings() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let mut looks = Looks::default();
    office.house.json(&["user", "add", "jo@example.com", "--name", "Jo Smith", "--role", "staff"]);
    office.visit(&mut looks, "/settings/business", "settings-business").await;
    office.browser.write("#add", "(617) 471-2001").await;
    office.browser.click("#numbers > form.inline button").await;
    office.browser.wait_for("Look first").await;
    office.look(&mut looks, "settings-business-preview").await;

    office.visit(&mut looks, "/settings/users", "settings-users").await;
    office.unfold("details.menu").await;
    office.look(&mut looks, "settings-users-menu").await;
    office.browser.click("form[action$='/link'] button").await;
    office.browser.wait_for("shown this once").await;
    office.look(&mut looks, "settings-users-link").await;

    office.visit(&mut looks, "/settings/sessions", "settings-you").await;
    office.browser.write("[name=old]", "not the right one").await;
    office.browser.write("[name=new]", "another kettle altogether").await;
    office.browser.press("Enter").await;
    office.browser.wait("document.querySelector('.notice.bad')").await;
    office.look(&mut looks, "settings-you-refused").await;

    office.visit(&mut looks, "/settings/keys", "settings-keys-empty").await;
    office.browser.write("[name=name]", "Website form").await;
    office.browser.click("[name=scope]").await;
    office.browser.click("form[action='/settings/keys'] .button.primary").await;
    office.browser.wait_for("shown this once").await;
    office.look(&mut looks, "settings-keys-made").await;
    office.browser.click("form[action$='/revoke'] button").await;
    office.browser.wait_for("opens nothing").await;
    office.look(&mut looks, "settings-keys").await;

    office.visit(&mut looks, "/settings/audit", "settings-audit").await;
    office.visit(&mut looks, "/settings/audit?act=customer.merged", "settings-audit-nothing").await;
    office.visit(&mut looks, "/docs/api", "api").await;
    office.browser.forgive("the server responded with a status of 4");
    looks.end(&office.browser);
}

#[tokio::test]
async fn nobody_is_shut_out_of_the_sources() {
    let mut office = Office::open(House::sqlite().await.with_tenant().await).await;
    let mut looks = Looks::default();
    office.visit(&mut looks, "/sources", "sources-empty").await;
    office.visit(&mut looks, "/sources/new", "source-new").await;
    office.browser.write("[name='hours']", "late").await;
    office.browser.click("form .button.primary").await;
    office.browser.wait("document.querySelector('.notice.bad')").await;
    office.look(&mut looks, "source-refused").await;
    // Connected by somebody with the key; this server has none, so its run fails and says why.
    let file = office.house.path("servicetitan.toml");
    std::fs::write(&file, "servicetitan_tenant = 1\nclient_id = 'cid.x'\nclient_secret = 'cs1.x'\napp_key = 'ak1.x'\n")
        .unwrap();
    let mut add = office.house.command(&["connection", "add", "servicetitan", "--no-check", "--settings", &arg(&file)]);
    add.env("DOORSTEP_SOURCES_KEY", "0f".repeat(32));
    Ran::of(&add.output().unwrap()).ok();
    office.visit(&mut looks, "/sources", "sources").await;
    office.browser.click("article form[action$='/read'] button").await;
    office.browser.wait_for("Why it ended so").await;
    office.look(&mut looks, "run-failed").await;
    office.browser.click("a.back").await;
    office.browser.wait("document.querySelector('svg.chart')").await;
    office.unfold("details.danger-zone").await;
    office.look(&mut looks, "source").await;
    office.browser.forgive("the server responded with a status of 4");
    looks.end(&office.browser);
}
