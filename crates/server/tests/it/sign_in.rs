//! Coming in by the pages: one address at two businesses, and the page that makes the first owner.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;

use crate::entry::{PASSWORD, user};
use crate::house::House;
use crate::wire::{Answer, ask, get};

const HTML: &str = "accept: text/html";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

fn encoded(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02x}") };
    text.bytes().map(byte).collect()
}

/// Sends a form as nobody.
pub async fn submit(house: &House, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    ask(house.address, "POST", path, &[HTML, FORM], body.join("&").as_bytes()).await
}

/// Who an answer lets in, by what REST says of its cookie.
async fn business(house: &House, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = format!("cookie: {}", answer.header("set-cookie").unwrap().split(';').next().unwrap());
    let me = get(house.address, "/api/v1/me", &[&cookie]).await;
    assert_eq!(me.status, 200, "{}", me.text());
    me.json()["tenant"]["name"].as_str().unwrap().to_owned()
}

on_both! {
    /// Nobody learns of a business but who has its password, and the right one is asked for.
    async fn one_address_at_two_businesses_is_asked_which(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let evil = "Ace <script>alert(1)</script>";
        let other = create_tenant(&store.db, evil, "+16174719999").await;
        let third = create_tenant(&store.db, "Quincy Roofing", "+16174719998").await;
        for tenant in [store.tenant.id, other.id] {
            user(&house, tenant, "jo@example.com", Role::Staff).await;
        }
        user(&house, third.id, "al@example.com", Role::Staff).await;
        let jo = [("email", "Jo@Example.com"), ("password", PASSWORD)];
        let which = submit(&house, "/login", &jo).await;
        let page = which.text();
        assert_eq!((which.status, which.header("set-cookie")), (409, None), "{page}");
        assert!(page.contains(&store.tenant.name) && page.contains("Ace &#60;script&#62;"), "{page}");
        assert!(!page.contains("<script>alert") && !page.contains("Quincy Roofing") && !page.contains(PASSWORD), "{page}");
        for (tenant, name) in [(&store.tenant, store.tenant.name.as_str()), (&other, evil)] {
            let id = tenant.id.to_string();
            let entered = submit(&house, "/login", &[jo[0], jo[1], ("tenant", &id)]).await;
            assert_eq!(business(&house, &entered).await, name);
        }
        // A business where she is nobody, and a wrong password, say the same.
        let third = third.id.to_string();
        let nobody = submit(&house, "/login", &[jo[0], jo[1], ("tenant", &third)]).await;
        let wrong = submit(&house, "/login", &[jo[0], ("password", "not it at all")]).await;
        assert_eq!((nobody.status, wrong.status), (422, 422));
        for answer in [&nobody, &wrong] {
            assert!(answer.header("set-cookie").is_none() && !answer.text().contains("Quincy"), "{}", answer.text());
        }
    }

    async fn the_first_owner_is_made_by_the_link_and_by_nothing_else(store: TestStore) {
        let settings = Settings { setup_secret: Some("right".to_owned().into()), ..Settings::default() };
        let house = House::real(&store, settings).await;
        let fields = |secret: &'static str, email: &'static str, password: &'static str| {
            [("secret", secret), ("name", "Maria <i>Alves</i>"), ("email", email), ("password", password)]
        };
        // Forged, cut, left out: there is nothing, and nobody is made.
        for secret in ["wrong", "righ", "rightt", "RIGHT", ""] {
            assert_eq!(get(house.address, &format!("/setup?secret={secret}"), &[HTML]).await.status, 404, "{secret}");
            let made = submit(&house, "/setup", &fields(secret, "maria@example.com", PASSWORD)).await;
            assert_eq!((made.status, made.header("set-cookie")), (404, None), "{secret}");
        }
        assert_eq!(get(house.address, "/setup", &[HTML]).await.status, 404);
        assert_eq!(get(house.address, "/setup?secret=right", &[HTML]).await.status, 200);
        // What cannot be is said, with what was typed, but for the password.
        let wrong = [
            (fields("right", "maria@example.com", "short"), "The password:"),
            (fields("right", "maria@example.com", "maria@example.com"), "The password:"),
            (fields("right", "maria", PASSWORD), "Your e-mail address:"),
        ];
        for (fields, part) in wrong {
            let refused = submit(&house, "/setup", &fields).await;
            let page = refused.text();
            assert!(refused.status == 422 && page.contains(part), "{part}: {} {page}", refused.status);
            assert!(page.contains("Maria &#60;i&#62;Alves") && refused.header("set-cookie").is_none(), "{page}");
            assert!(!page.contains("value=\"short\"") && !page.contains(PASSWORD), "{page}");
        }
        let entered = submit(&house, "/setup", &fields("right", "maria@example.com", PASSWORD)).await;
        assert_eq!(business(&house, &entered).await, store.tenant.name);
        // Used: for everybody, and at every other process, too.
        for house in [&house, &House::real(&store, Settings { setup_secret: Some("right".to_owned().into()), ..Settings::default() }).await] {
            assert_eq!(get(house.address, "/setup?secret=right", &[HTML]).await.status, 404);
            let again = submit(house, "/setup", &fields("right", "eve@example.com", PASSWORD)).await;
            assert!(again.status == 404 && again.text().contains("somebody has set Doorstep up already"), "{}", again.text());
        }
        let eve = submit(&house, "/login", &[("email", "eve@example.com"), ("password", PASSWORD)]).await;
        assert_eq!(eve.status, 422);
    }
}
