//! What is searched for, page by page and card by card.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_core::IdMaker;
use doorstep_core::customer::Customer;
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::search::LOOKED_AT;
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{customer, on_both};

use super::{HTML, check_whole, contact, encoded, signed_in};
use crate::house::House;
use crate::wire::get;

/// Customers with these names and words.
pub async fn people(store: &TestStore, named: Vec<(String, Vec<&str>)>) -> Vec<CustomerId> {
    let maker = IdMaker::seeded(11);
    let put = |(name, words): (String, Vec<&str>)| customer::Put {
        customer: Customer {
            id: maker.make(START),
            display_name: name,
            company: None,
            phone: None,
            email: None,
            address: None,
            notes: None,
            balance: None,
            identities: Vec::new(),
            first_seen_at: START,
            provenance: BTreeMap::new(),
        },
        words: words.into_iter().map(str::to_owned).collect(),
        source_count: 1,
    };
    let puts: Vec<customer::Put> = named.into_iter().map(put).collect();
    let mut tx = store.db.write(&store.scope()).await.unwrap();
    customer::put(&mut tx, &puts, &[]).await.unwrap();
    tx.commit().await.unwrap();
    puts.into_iter().map(|put| put.customer.id).collect()
}

/// Where the link of a page leads whose tag holds `mark`, if there is one.
pub fn link(page: &str, mark: &str) -> Option<String> {
    let tag = page.split('<').find(|tag| tag.starts_with("a ") && tag.contains(mark))?;
    Some(tag.split("href=\"").nth(1)?.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The address that the live list asks again.
fn own(page: &str) -> String {
    let tag = page.split("id=\"list\"").nth(1).unwrap().split("hx-get=\"").nth(1).unwrap();
    tag.split('"').next().unwrap().replace("&#38;", "&")
}

/// The customers on a page, in its order.
fn ids(page: &str) -> Vec<String> {
    page.split("id=\"row-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_search_goes_on_by_links_both_ways_and_keeps_its_window(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "ann@example.com", Role::ReadOnly).await;
        let mut all = Vec::new();
        for n in 0..120 {
            let evil = format!("Evil <script>alert(1)</script>\u{202e}& Smith{n}");
            all.push(contact(&house, &store, &evil, &format!("617 471 {:04}", 100 + n)).await);
        }
        contact(&house, &store, "Zoe Lee", "617 471 0990").await;
        let first = format!("/customers?q={}", encoded("smith evil"));
        let (mut path, mut pages) = (first.clone(), Vec::new());
        loop {
            let page = get(house.address, &path, &[HTML, &reader]).await;
            assert_eq!(page.status, 200, "{path}");
            let page = page.text();
            check_whole(&path, &page);
            assert!(!page.contains("<script>alert"), "{path}");
            // A refresh asks for the same window.
            let again = get(house.address, &own(&page), &[HTML, &reader]).await.text();
            assert_eq!(ids(&again), ids(&page));
            assert!(page.contains("value=\"smith evil\"") && page.contains("another word narrows it down"), "{page}");
            let next = link(&page, "rel=\"next\"");
            pages.push(page);
            let Some(next) = next else { break };
            path = next;
        }
        assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [50, 50, 20]);
        let found: Vec<String> = pages.iter().flat_map(|page| ids(page)).collect();
        let expected: BTreeSet<String> = all.iter().map(CustomerId::to_string).collect();
        assert_eq!((found.len(), found.iter().cloned().collect::<BTreeSet<_>>()), (120, expected));
        assert_eq!(link(&pages[0], "rel=\"prev\""), None);
        let back = get(house.address, &link(&pages[2], "rel=\"prev\"").unwrap(), &[HTML, &reader]).await.text();
        assert_eq!(ids(&back), ids(&pages[1]));
        // From card to card within what was found, over the end of a page, and back to the same search.
        let card = link(&pages[0], &format!("/customers/{}?", found[49])).unwrap();
        let card = get(house.address, &card, &[HTML, &reader]).await.text();
        for (mark, expected) in [("data-next", &found[50]), ("data-previous", &found[48])] {
            let moved = get(house.address, &link(&card, mark).unwrap(), &[HTML, &reader]).await;
            assert_eq!(moved.header("location").unwrap(), format!("/customers/{expected}?q=smith+evil"));
        }
        assert_eq!(link(&card, "class=\"back\"").unwrap(), "/customers?q=smith+evil");
        let last = get(house.address, &format!("/customers/{}/next?q=smith+evil", found[119]), &[HTML, &reader]).await;
        assert_eq!(last.header("location").unwrap(), format!("/customers/{}?q=smith+evil", found[119]));
        // A position that is none, or of another list, is refused in words.
        let name = get(house.address, "/customers?order=name", &[HTML, &reader]).await.text();
        let other = link(&name, "rel=\"next\"").unwrap().split("at=").nth(1).unwrap().to_owned();
        for at in ["00", "nonsense", &other] {
            let refused = get(house.address, &format!("{first}&at={at}"), &[HTML, &reader]).await;
            assert!(refused.status == 400 && refused.text().contains("start from the first page"), "{at}");
        }
    }

    async fn a_search_that_looked_at_enough_says_so_and_leads_on(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "ann@example.com", Role::ReadOnly).await;
        let many = usize::try_from(LOOKED_AT).unwrap() + 10;
        let mut named: Vec<(String, Vec<&str>)> = (0..many).map(|_| ("Ann Smith".to_owned(), vec!["smith"])).collect();
        named.extend((0..many).map(|_| ("Zoe Lee".to_owned(), vec!["zoe"])));
        named.push(("Zoe Smith".to_owned(), vec!["smith", "zoe"]));
        let zoe = *people(&store, named).await.last().unwrap();
        let page = get(house.address, "/customers?q=smith+zoe", &[HTML, &reader]).await.text();
        assert!(page.contains("More letters find better") && page.contains("Look further"), "{page}");
        let on = link(&page, "class=\"button\" href=\"/customers?q=smith+zoe&#38;at=").unwrap();
        let page = get(house.address, &on, &[HTML, &reader]).await.text();
        assert_eq!(ids(&page), [zoe.to_string()]);
        assert!(!page.contains("Look further") && link(&page, "rel=\"prev\"").is_some(), "{page}");
        // Beside whom nobody else stands: the same again, also over a stretch in which nobody was found.
        let moved = get(house.address, &format!("/customers/{zoe}/previous?q=smith+zoe"), &[HTML, &reader]).await;
        assert_eq!(moved.header("location").unwrap(), format!("/customers/{zoe}?q=smith+zoe"));
        let nobody = get(house.address, "/customers?q=quentin", &[HTML, &reader]).await.text();
        assert!(nobody.contains("Nobody fits") && nobody.contains("data-clear"), "{nobody}");
    }
}
