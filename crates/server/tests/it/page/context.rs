//! What an agent is told, as the office looks at it.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;

use super::{HTML, check_whole, contact, signed_in};
use crate::house::House;
use crate::wire::get;

on_both! {
    async fn the_office_sees_word_for_word_what_each_level_is_told(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let agent = signed_in(&house, &store, "eve@example.com", Role::Agent).await;
        let john = contact(&house, &store, "John <b>Smith", "617 471 0117").await;
        let page = async |query: &str, session: &str| {
            let path = format!("/customers/{john}/context{query}");
            let answer = get(house.address, &path, &[HTML, session]).await;
            if answer.status == 200 {
                check_whole(&path, &answer.text());
            }
            (answer.status, answer.text())
        };
        let card = get(house.address, &format!("/customers/{john}"), &[HTML, &reader]).await.text();
        assert!(card.contains(&format!("/customers/{john}/context\"")), "{card}");
        let (_, staff) = page("?level=staff", &reader).await;
        for part in ["## Customer Profile", "John &#60;b&#62;Smith", "(617) 471-0117", "tokens, as we count them", "data-copies=\"told-text\""] {
            assert!(staff.contains(part), "{part}: {staff}");
        }
        let (_, claimed) = page("?level=claimed", &reader).await;
        assert!(claimed.contains("Not verified") && !claimed.contains("471-0117"), "{claimed}");
        // Without being asked it shows what a verified customer may hear; an agent sees what agents may be told.
        assert!(page("", &reader).await.1.contains("aria-current=\"page\">Verified"));
        let (_, theirs) = page("", &agent).await;
        assert!(theirs.contains("aria-current=\"page\">Caller id") && !theirs.contains("level=staff"), "{theirs}");
        assert_eq!(page("?level=staff", &agent).await.0, 403);
        for query in ["?level=sure", "?budget=1", "?budget=many"] {
            assert_eq!(page(query, &reader).await.0, 404, "{query}");
        }
    }
}
