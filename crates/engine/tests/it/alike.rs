//! The same history on both databases, in any order, any number of times: the same hub (I-03, I-08, I-25).

use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::house::{House, many_files};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_and_postgresql_answer_alike() {
    let (contacts, messages) = many_files(300, 1_500);
    let files = [("contacts.csv", contacts.as_str()), ("messages.csv", messages.as_str())];
    let mut seen = Vec::new();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let house = House::new(TestStore::new(dialect).await);
        let stored = house.import(&files).await;
        let problems = house.engine.import_problems(&house.scope(), stored.import.id, 0, 1_000).await.unwrap();
        let reviews = house.engine.reviews(&house.scope(), None, 1_000).await.unwrap();
        let evidence: Vec<_> = reviews.into_iter().map(|review| review.evidence).collect();
        let mut found = Vec::new();
        for query in ["smith", "john sm", "617 471 0005", "6174710", "0012", "a", "é", "quincy.example.net", "'--", "%"]
        {
            let names = house.engine.search(&house.scope(), query, 50).await.unwrap();
            found.push(names.into_iter().map(|listed| listed.display_name).collect::<Vec<_>>());
        }
        assert!(!found[0].is_empty() && !found[3].is_empty());
        seen.push((house.picture().await, stored.import.summary, stored.digest, problems, evidence, found));
    }
    assert!(seen[0] == seen[1], "{:#?}\n{:#?}", seen[0], seen[1]);
}

/// A contact row: name, phone, day last seen.
type Person = (u8, u8, u8);
/// A message row: phone, second, body.
type Text = (u8, u8, u8);

fn archive_of(people: &[Person], texts: &[Text]) -> (String, String) {
    const NAMES: [&str; 6] = ["John Smith", "Johnny Smith", "Mary Smith", "", "Acme Plumbing LLC", "J Smith"];
    let mut contacts = "display_name,phone_number,last_seen\n".to_owned();
    for (name, phone, day) in people {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        contacts.push_str(&format!("{name},61747101{:02},2024-01-{:02}\n", phone % 4 + 10, day % 28 + 1));
    }
    let mut messages = "from_number,to_number,direction,body,sent_at\n".to_owned();
    for (phone, second, body) in texts {
        let body = ["ok", "yes", "ok "][usize::from(*body) % 3];
        messages.push_str(&format!(
            "61747101{:02},+16174712000,inbound,{body},2024-03-01T10:00:{:02}Z\n",
            phone % 5 + 10,
            second % 3
        ));
    }
    (contacts, messages)
}

async fn hub_after(archives: &[(String, String)]) -> Vec<String> {
    let house = House::new(TestStore::new(Dialect::Sqlite).await);
    for (contacts, messages) in archives {
        house.import(&[("contacts.csv", contacts), ("messages.csv", messages)]).await;
    }
    house.assert_rebuilt_the_same().await;
    let all = house.picture().await;
    // A number that wrote before anybody was known to have it is a customer of its own; when two people turn out to
    // share it, it stays one, in review. Had they been known before, nobody would have made it.
    let numbers_of_others = |card: &String| {
        let number = card.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        all.iter().any(|other| other != card && other.contains(&number))
    };
    all.iter().filter(|card| !(card.starts_with('(') && numbers_of_others(card))).cloned().collect()
}

/// A house imports archives that overlap, in two orders, one of them with repetitions: equal hubs. Messages of a
/// conversation that came apart in two archives count as the larger of the two numbers of equal rows.
#[test]
fn any_order_and_repetition_of_archives_gives_the_same_hub() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let archive = (
        proptest::collection::vec((0u8..6, 0u8..4, 0u8..28), 0..6),
        proptest::collection::vec((0u8..5, 0u8..3, 0u8..3), 0..8),
    );
    let cases = (proptest::collection::vec(archive, 1..4), any::<u64>());
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 16, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&cases, |(archives, seed)| {
            let archives: Vec<(String, String)> = archives.iter().map(|(p, t)| archive_of(p, t)).collect();
            let mut other = archives.clone();
            let turn = usize::try_from(seed % other.len() as u64).unwrap();
            other.rotate_left(turn);
            other.push(other[0].clone());
            let (one, two) = runtime.block_on(async { (hub_after(&archives).await, hub_after(&other).await) });
            prop_assert_eq!(one, two);
            Ok(())
        })
        .unwrap();
}
