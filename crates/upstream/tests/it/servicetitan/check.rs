//! The check of a connection: what works, and what does not and why.

use doorstep_sim::{Fault, Rule};
use doorstep_upstream::servicetitan::SPEC;
use doorstep_upstream::source::{Failure, Source};

use crate::house::House;

#[tokio::test]
async fn a_connection_that_works_says_so_of_every_stream() {
    let house = House::small().await;
    house.our_clock_is_ahead_by(-90);
    let checked = house.source(0).check().await.unwrap();
    assert_eq!(checked.streams.len(), SPEC.streams.len());
    let has_opted_out = house.sim.counts(house.sim.tenant()).unwrap()["opt_outs"] != 0;
    for it in &checked.streams {
        assert_eq!(it.found, Ok(it.stream != "opt_outs" || has_opted_out), "{}", it.stream);
    }
    assert_eq!(checked.advice(), None);
    assert!((89..=91).contains(&checked.clock_ahead_seconds), "{}", checked.clock_ahead_seconds);
}

#[tokio::test]
async fn a_business_without_one_customer_is_likely_another() {
    let house = House::sized(0).await;
    let checked = house.source(0).check().await.unwrap();
    assert!(checked.advice().unwrap().contains("another business"));
}

#[tokio::test]
async fn a_secret_that_is_wrong_is_told_once_and_in_words() {
    let house = House::small().await;
    let mut settings = house.settings(0);
    settings.insert("client_secret".to_owned(), "cs1.wrong".to_owned());
    let failure = house.upstreams.servicetitan(&settings).unwrap().check().await.unwrap_err();
    assert!(matches!(&failure, Failure::Auth { why } if why.contains("client id and secret")), "{failure}");
    assert_eq!((house.asked().len(), house.tokens()), (0, 1));
    assert!(!format!("{failure:?}").contains("cs1.wrong"));
}

#[tokio::test]
async fn an_application_key_that_is_wrong_is_told_apart_from_a_secret() {
    let house = House::small().await;
    let mut settings = house.settings(0);
    settings.insert("app_key".to_owned(), "ak1.wrong".to_owned());
    let failure = house.upstreams.servicetitan(&settings).unwrap().check().await.unwrap_err();
    assert!(matches!(&failure, Failure::Auth { why } if why.contains("application's key")), "{failure}");
    assert!(!format!("{failure:?}").contains("ak1.wrong"));
}

#[tokio::test]
async fn the_number_of_another_business_is_refused_in_words() {
    let house = House::of(doorstep_sim::Options { tenants: 2, ..Default::default() }).await;
    let mut settings = house.settings(0);
    settings.insert("servicetitan_tenant".to_owned(), house.settings(1)["servicetitan_tenant"].clone());
    let failure = house.upstreams.servicetitan(&settings).unwrap().check().await.unwrap_err();
    assert!(matches!(&failure, Failure::Auth { why } if why.contains("`servicetitan_tenant`")), "{failure}");
}

#[tokio::test]
async fn a_permission_that_is_missing_concerns_its_stream_alone() {
    let house = House::small().await;
    house.sim.fault(Rule { fault: Fault::Status(403), matching: "/memberships".to_owned(), after: 0, times: None });
    let checked = house.source(0).check().await.unwrap();
    for it in &checked.streams {
        match &it.found {
            Err(Failure::Auth { why }) => {
                assert!(it.stream.starts_with("membership"), "{}", it.stream);
                assert!(why.contains("accept its new version"), "{why}");
            }
            found => assert!(found.is_ok() && it.stream != "memberships", "{}: {found:?}", it.stream),
        }
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_nobodys_fault_here() {
    let house = House::small().await;
    house.sim.fault(Rule { fault: Fault::Status(503), matching: String::new(), after: 0, times: None });
    let failure = house.source(0).check().await.unwrap_err();
    assert!(failure.is_passing(), "{failure:?}");
}

#[tokio::test]
async fn nobody_at_home_is_told_as_that() {
    let house = House::small().await;
    // A port that was ours a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let mut settings = house.settings(0);
    for name in ["api_url", "auth_url"] {
        settings.insert(name.to_owned(), url.clone());
    }
    let failure = house.talking_to(&url).servicetitan(&settings).unwrap().check().await.unwrap_err();
    let expected = "127.0.0.1/connect/token could not be reached";
    assert_eq!(failure, Failure::Retry { after: None, why: expected.to_owned() });
}

#[tokio::test]
async fn a_place_that_speaks_no_tls_is_told_as_that() {
    let house = House::small().await;
    let url = house.sim.base_url().replace("http://", "https://");
    let mut settings = house.settings(0);
    for name in ["api_url", "auth_url"] {
        settings.insert(name.to_owned(), url.clone());
    }
    let failure = house.talking_to(&url).servicetitan(&settings).unwrap().check().await.unwrap_err();
    let expected = "127.0.0.1/connect/token could not be reached: its certificate is not trusted, or it speaks no TLS";
    assert_eq!(failure, Failure::Retry { after: None, why: expected.to_owned() });
}
