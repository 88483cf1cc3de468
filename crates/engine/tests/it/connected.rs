//! How much may hang together: what cannot be applied is refused while it is planned, and what can is applied.

use doorstep_engine::Error;
use doorstep_store::on_both;

use crate::house::House;

/// The limit of these stories.
const LIMIT: usize = 5;

/// A house in which little may hang together.
fn narrow(store: doorstep_store::testing::TestStore) -> House {
    let mut house = House::new(store);
    house.engine.max_component = LIMIT;
    house
}

/// One person under ever new numbers, each of which an entry shares with the next.
fn chain(entries: std::ops::Range<u32>) -> String {
    numbered(entries, |_| "Hugo Ives".to_owned())
}

/// People of whom each shares a number with the next.
fn strangers(people: std::ops::Range<u32>) -> String {
    let given = ["Ann", "Ben", "Carl", "Dora", "Emil"];
    let family = ["Abbot", "Cole", "Dunn", "Engel", "Frost", "Gray", "Hale"];
    numbered(people, |n| format!("{} {}", given[n as usize % given.len()], family[n as usize % family.len()]))
}

fn numbered(entries: std::ops::Range<u32>, name: impl Fn(u32) -> String) -> String {
    let mut rows = "contact_id,display_name,phone_number\n".to_owned();
    for n in entries {
        rows.push_str(&format!("c{n},{},+1617471{n:04}; +1617471{:04}\n", name(n), n + 1));
    }
    rows
}

async fn refused(house: &House, rows: &str) -> (usize, String) {
    let error = house.plan(&house.archive(&[("contacts.csv", rows)])).await.unwrap_err();
    let told = error.to_string();
    let Error::TooConnected { records, limit: LIMIT } = error else { panic!("{told}") };
    (records, told)
}

on_both! {
    async fn a_plan_that_could_not_be_applied_is_refused_as_one(store: TestStore) {
        let house = narrow(store);
        let (records, told) = refused(&house, &chain(100..106)).await;
        assert_eq!(records, 6);
        assert!(told.starts_with("6 records hang together by shared phones and e-mail addresses, more than the 5 "), "{told}");
        assert!(house.engine.imports(&house.scope(), None, 10).await.unwrap().is_empty(), "not even the plan is stored");
        assert_eq!(std::fs::read_dir(&house.engine.spool_dir).unwrap().count(), 0);
        house.import(&[("contacts.csv", &chain(100..103))]).await;
        house.import(&[("contacts.csv", &chain(200..205))]).await;
        assert_eq!(refused(&house, &chain(103..106)).await.0, 6, "with those that are here already");
        house.import(&[("contacts.csv", &chain(104..106))]).await;
        house.assert_rebuilt_the_same().await;
    }

    /// However long: who answers the next line is none of one's business.
    async fn strangers_who_share_their_lines_in_a_row_hang_not_together(store: TestStore) {
        let house = narrow(store);
        house.import(&[("contacts.csv", &strangers(100..130))]).await;
        house.import(&[("contacts.csv", &strangers(130..160))]).await;
        assert_eq!(house.picture().await.len(), 60);
        house.assert_rebuilt_the_same().await;
    }

    /// Hugo has nothing to do with either Mary, and yet the number says less of them now; and no less once he is gone.
    async fn a_stranger_behind_a_number_parts_who_was_one_by_it(store: TestStore) {
        let house = House::new(store);
        let rows = |rows: &str| format!("contact_id,display_name,phone_number\n{rows}");
        house.import(&[("contacts.csv", &rows("c1,Mary Smith,+16174720000\n"))]).await;
        house.import(&[("contacts.csv", &rows("c1,Mary Jones,+16174720000\n"))]).await;
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
        let hugo = house.import(&[("contacts.csv", &rows("c1,Hugo Ives,+16174720000\n"))]).await.import.id;
        assert_eq!(house.picture().await.len(), 3);
        house.assert_rebuilt_the_same().await;
        house.undo(hugo).await;
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
    }

    /// Once John is gone a caller of two numbers is Mary's, who shares no number with John.
    async fn who_goes_decides_about_those_who_share_nothing_with_them(store: TestStore) {
        let house = House::new(store);
        let rows = |rows: &str| format!("contact_id,display_name,phone_number\n{rows}");
        house.import(&[("contacts.csv", &rows("c1,,+16174720000; +16174720001\nc2,Mary Jones,+16174720000\n"))]).await;
        assert_eq!(house.picture().await.len(), 1);
        let john = house.import(&[("contacts.csv", &rows("c1,John Smith,+16174720001\n"))]).await.import.id;
        assert_eq!(house.picture().await.len(), 3);
        house.assert_rebuilt_the_same().await;
        house.undo(john).await;
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
    }

    async fn a_number_of_an_office_holds_nobody_together(store: TestStore) {
        let house = narrow(store);
        let mut rows = "contact_id,display_name,phone_number\n".to_owned();
        for n in 0..60 {
            rows.push_str(&format!("c{n},Person{n} Number{n},+16174720000\n"));
        }
        house.import(&[("contacts.csv", &rows)]).await;
        house.assert_rebuilt_the_same().await;
    }

    /// The same few people, said again and again: together more than the limit, each far below it.
    async fn many_small_neighbourhoods_are_no_large_one(store: TestStore) {
        let house = narrow(store);
        let mut last = None;
        for version in 0..4 {
            let mut rows = "contact_id,display_name,phone_number,notes\n".to_owned();
            for n in 0..4 {
                rows.push_str(&format!("c{n},Person{n} Number{n},+1617471100{n},note {version}\n"));
            }
            last = Some(house.import(&[("contacts.csv", &rows)]).await.import.id);
        }
        assert_eq!(house.picture().await.len(), 4);
        house.assert_rebuilt_the_same().await;
        let rebuilt = house.engine.rebuild(&house.scope(), false, |_| {}).await.unwrap();
        assert_eq!((rebuilt.records, rebuilt.different), (16, 0));
        house.undo(last.unwrap()).await;
        assert_eq!(house.engine.import(&house.scope(), last.unwrap()).await.unwrap().import.state.as_str(), "undone");
        house.assert_rebuilt_the_same().await;
    }
}
