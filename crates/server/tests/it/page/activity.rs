//! What was done to a customer, on its card.

use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::phone::Region;
use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;

use super::search::link;
use super::{HTML, check_whole, contact, post, signed_in, version};
use crate::entry::{cookie, operator, user};
use crate::house::House;
use crate::wire::get;

on_both! {
    async fn a_card_tells_what_was_done_to_its_customer_and_nothing_else(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let scope = operator(store.tenant.id);
        let a = contact(&house, &store, "Carmela Marinelli", "617 471 0117").await;
        let evil = "<i>Long</i> \u{202e}Nguyen";
        let b = contact(&house, &store, "Luca Marinelli", "617 471 0118").await;
        let mut edit = Edit::default();
        edit.set(Field::Name, Some(evil), Region::US).unwrap();
        house.engine.edit_customer(&scope, b, &edit, None, false).await.unwrap();
        let other = contact(&house, &store, "Kim Park", "617 471 0119").await;
        house.engine.keep_apart(&scope, a, b, None).await.unwrap();
        let path = format!("/customers/{a}?tab=activity&q=mari");
        let page = get(house.address, &path, &[HTML, &reader]).await.text();
        check_whole(&path, &page);
        assert!(page.contains("kept <a") && page.contains("apart from") && page.contains("added the customer"), "{page}");
        assert!(page.contains("&#60;i&#62;Long") && !page.contains("<i>Long") && !page.contains("Kim Park"), "{page}");
        // The other card says so, too, and what was written there; a third one does not.
        let page = get(house.address, &format!("/customers/{b}?tab=activity"), &[HTML, &reader]).await.text();
        assert!(page.contains("apart from") && page.contains("wrote and pinned Name"), "{page}");
        let page = get(house.address, &format!("/customers/{other}?tab=activity"), &[HTML, &reader]).await.text();
        assert!(!page.contains("apart from") && page.contains("added the customer"), "{page}");
        // Tabs keep the list that the card was opened from.
        let card = get(house.address, &format!("/customers/{a}?q=mari"), &[HTML, &reader]).await.text();
        assert!(card.contains("Nothing was said yet") && !card.contains("added the customer"), "{card}");
        assert_eq!(link(&card, "tab=activity").unwrap(), format!("/customers/{a}?q=mari&tab=activity#happened"));
        // And so does an edit.
        let version = version(&card_of_staff(&house, &staff, a).await);
        let fields = [("field", "notes"), ("value", "rings twice"), ("version", version.as_str())];
        let edited = post(&house, &format!("/customers/{a}/edit?q=mari"), &staff, &fields).await;
        assert_eq!(edited.header("location").unwrap(), format!("/customers/{a}?q=mari&done=pinned"));
        let page = get(house.address, &path, &[HTML, &reader]).await.text();
        assert!(page.contains("<strong><bdi>Ann Lee</bdi></strong> wrote and pinned Notes"), "{page}");
        // Two who are one by now are told apart by what their records say.
        house.engine.merge(&scope, a, b, None).await.unwrap();
        let page = get(house.address, &path, &[HTML, &reader]).await;
        let moved = page.header("location").unwrap_or(path.clone());
        let page = get(house.address, &format!("{}?tab=activity", moved.split('?').next().unwrap()), &[HTML, &reader]).await.text();
        let merged = page.split("made one of").nth(1).unwrap().split("</li>").next().unwrap();
        assert!(merged.contains("<bdi>Carmela Marinelli</bdi>") && merged.contains("<bdi>Luca Marinelli</bdi>"), "{merged}");
        let stranger = create_tenant(&store.db, "Other", "+16174719999").await;
        user(&house, stranger.id, "eve@example.com", Role::Owner).await;
        let eve = cookie(&house, "eve@example.com").await;
        assert_eq!(get(house.address, &path, &[HTML, &eve]).await.status, 404);
    }

    async fn many_acts_are_paged(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let id = contact(&house, &store, "Kim Park", "617 471 0119").await;
        for n in 0..44 {
            let mut edit = Edit::default();
            edit.set(Field::Notes, Some(&format!("note {n}")), Region::US).unwrap();
            house.engine.edit_customer(&operator(store.tenant.id), id, &edit, None, false).await.unwrap();
        }
        let path = format!("/customers/{id}?tab=activity");
        let first = get(house.address, &path, &[HTML, &reader]).await.text();
        let older = get(house.address, link(&first, "rel=\"next\"").unwrap().trim_end_matches("#happened"), &[HTML, &reader]).await.text();
        assert_eq!((first.matches("<li class=\"moment").count(), older.matches("<li class=\"moment").count()), (40, 5));
        assert!(older.contains("added the customer") && older.contains("Back to the newest") && link(&older, "rel=\"next\"").is_none());
        assert_eq!(get(house.address, &format!("{path}&at=00"), &[HTML, &reader]).await.status, 400);
    }
}

async fn card_of_staff(house: &House, staff: &str, id: doorstep_core::id::CustomerId) -> String {
    get(house.address, &format!("/customers/{id}"), &[HTML, staff]).await.text()
}
