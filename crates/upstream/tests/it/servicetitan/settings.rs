//! Settings: taken, or refused with the reason; and never shown.

use doorstep_core::record;
use doorstep_upstream::servicetitan::SPEC;
use doorstep_upstream::source::Source;

use crate::house::House;

#[tokio::test]
async fn each_setting_that_is_wrong_is_named_with_what_it_looks_like() {
    let house = House::small().await;
    let check = |name: &str, value: Option<&str>, expected: &str| {
        let mut settings = house.settings(0);
        match value {
            Some(value) => settings.insert(name.to_owned(), value.to_owned()),
            None => settings.remove(name),
        };
        let refused = house.upstreams.open(record::Source::ServiceTitan, &settings).err().unwrap();
        assert_eq!(refused.setting, name);
        assert!(refused.why.contains(expected), "{refused}");
        if let Some(value) = value.filter(|value| value.len() > 3) {
            assert!(!refused.to_string().contains(value), "{refused}");
        }
    };
    for spec in SPEC.settings.iter().filter(|spec| spec.default.is_none() && !spec.is_optional) {
        check(spec.name, None, "is missing");
        check(spec.name, Some("   "), "is missing");
    }
    check("environment", Some("staging"), "`production` or `integration`");
    check("servicetitan_tenant", Some("Acme Plumbing"), "410000001");
    check("servicetitan_tenant", Some("4100x"), "410000001");
    check("servicetitan_tenant", Some("99999999999999999999"), "410000001");
    check("client_id", Some("cs1.secret"), "another of the three keys");
    check("client_secret", Some("cid.hello"), "another of the three keys");
    check("client_secret", Some("two words"), "cs1.");
    check("client_secret", Some("ümlaut"), "cs1.");
    check("app_key", Some("cs1.secret"), "another of the three keys");
    check("api_url", Some("https://evil.example"), "operator can allow it");
    check("auth_url", Some("https://auth.servicetitan.io.evil.example"), "operator can allow it");
    check("api_url", Some("http://10.0.0.1"), "without TLS");
    check("api_url", Some("https://api.servicetitan.io/crm"), "not an address");
    check("auth_url", Some("https://user:pass@auth.servicetitan.io"), "not an address");
    check("tenant", Some("1"), "no such setting; it has environment, servicetitan_tenant");
}

#[tokio::test]
async fn the_vendors_own_places_need_no_ones_leave() {
    let house = House::small().await;
    for environment in ["production", "integration", "Production"] {
        let mut settings = house.settings(0);
        settings.remove("api_url");
        settings.remove("auth_url");
        settings.insert("environment".to_owned(), environment.to_owned());
        assert!(house.upstreams.open(record::Source::ServiceTitan, &settings).is_ok(), "{environment}");
    }
    assert!(house.upstreams.open(record::Source::PhoneHistory, &house.settings(0)).is_err());
}

#[tokio::test]
async fn no_debug_shows_a_secret() {
    let house = House::small().await;
    let source = house.source(0);
    source.page("customers", None).await.unwrap();
    let shown = format!("{source:?} {:?}", house.upstreams);
    for (name, value) in house.settings(0) {
        let is_secret = SPEC.settings.iter().any(|spec| spec.name == name && spec.is_secret);
        assert!(!is_secret || !shown.contains(&value), "{name}");
    }
    assert!(!shown.contains("eyJ"), "{shown}");
}
