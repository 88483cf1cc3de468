//! The parts of pages: complete, and without anything that the policy of the pages forbids.

use doorstep_server::Settings;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

use crate::house::House;
use crate::wire::get;

#[tokio::test]
async fn no_page_has_a_script_or_a_style_within() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    for name in ["list", "card", "import", "review", "parts", "empty", "login"] {
        let answer = get(house.address, &format!("/dev/looks/{name}"), &["cookie: doorstep_theme=dark"]).await;
        let page = answer.text();
        assert_eq!(answer.status, 200, "{name}");
        assert!(page.contains("data-theme=\"dark\"") && page.contains(" · Doorstep</title>"), "{name}");
        for forbidden in [" style=", "<style", "<script>", "javascript:", " onclick=", " hx-on"] {
            assert!(!page.contains(forbidden), "{name}: {forbidden}");
        }
        let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let once: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), once.len(), "{name}: an id stands twice in {ids:?}");
    }
}
