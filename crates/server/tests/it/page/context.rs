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

    async fn the_office_looks_back_by_its_own_clock(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let agent = signed_in(&house, &store, "eve@example.com", Role::Agent).await;
        // 10:00 in Boston.
        let john = contact(&house, &store, "John Smith", "617 471 0117").await;
        store.clock.turn_seconds(3_600);
        let mut edit = doorstep_core::edit::Edit::default();
        edit.set(doorstep_core::customer::Field::Name, Some("Jon Smith"), doorstep_core::phone::Region::US).unwrap();
        house.engine.edit_customer(&store.scope(), john, &edit, None, false).await.unwrap();
        let page = async |query: &str, session: &str| {
            let path = format!("/customers/{john}/context{query}");
            let answer = get(house.address, &path, &[HTML, session]).await;
            assert_eq!(answer.status, 200, "{query}");
            check_whole(&path, &answer.text());
            answer.text()
        };
        let now = page("?level=staff", &reader).await;
        assert!(now.contains("Name: Jon Smith") && now.contains("type=\"datetime-local\"") && !now.contains("As it was on"), "{now}");
        let then = page("?level=staff&budget=512&at=2026-03-02T10:30", &reader).await;
        assert!(then.contains("Name: John Smith") && then.contains("As it was on") && then.contains("value=\"2026-03-02T10:30\""), "{then}");
        assert!(then.contains("are those of now"), "{then}");
        // The other levels and lengths are those of then, too.
        assert!(then.contains("level=claimed&#38;budget=512&#38;at=2026-03-02T15:30:00Z"), "{then}");
        let same = page("?level=staff&budget=512&at=2026-03-02T15:30:00Z", &reader).await;
        assert!(same.contains("Name: John Smith"), "{same}");
        for (at, words) in [
            ("2026-03-02T12:30", "yet to come"),
            ("2024-03-02T10:30", "Choose 2026-03-02 10:00 or later"),
            ("noon", "cannot be read as a day and a time"),
        ] {
            let refused = page(&format!("?level=staff&at={at}"), &reader).await;
            assert!(refused.contains(words) && !refused.contains("Smith\n"), "{at}: {refused}");
        }
        assert!(!page("", &agent).await.contains("datetime-local"));
    }
}
