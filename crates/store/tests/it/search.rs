//! Search with bounded work: everybody is found once, whole words first, and a common beginning costs no more.

use std::collections::BTreeSet;

use doorstep_core::IdMaker;
use doorstep_store::search::{self, LOOKED_AT};
use doorstep_store::{customer, on_both};

use crate::world::{Person, person};

/// People whose words are given.
async fn people(store: &doorstep_store::testing::TestStore, words: Vec<Vec<String>>) -> Vec<Person> {
    let maker = IdMaker::seeded(3);
    let named = words.into_iter().zip(1..).map(|(mut words, number)| {
        words.sort();
        words.dedup();
        Person { words, ..person(&maker, number) }
    });
    let people: Vec<Person> = named.collect();
    let mut tx = store.db.write(&store.scope()).await.unwrap();
    let puts: Vec<customer::Put> =
        people.iter().map(|one| customer::Put { words: one.words.clone(), ..one.customer() }).collect();
    customer::put(&mut tx, &puts, &[]).await.unwrap();
    tx.commit().await.unwrap();
    people
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

on_both! {
    async fn whole_words_come_before_longer_ones_and_nobody_twice(store: TestStore) {
        let people = people(&store, ["johnson johnny", "john smith", "johnny john", "jon smith", "john johnson smithson"].map(words).to_vec()).await;
        let id = |n: usize| people[n].customer;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let mut found = Vec::new();
        let mut after = None;
        for _ in 0..10 {
            let page = search::page(&mut tx, &words("john"), after.as_ref(), 2).await.unwrap();
            assert!(!page.stopped);
            found.extend(page.rows.iter().map(|row| row.id));
            after = page.next;
            if after.is_none() { break; }
        }
        assert_eq!(found, [id(1), id(2), id(4), id(0)]);
        let both = search::page(&mut tx, &words("jo smith"), None, 10).await.unwrap();
        assert_eq!(both.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id(1), id(3), id(4)]);
        assert!(search::page(&mut tx, &words("john x"), None, 10).await.unwrap().rows.is_empty());
        assert!(search::page(&mut tx, &[], None, 10).await.unwrap().rows.is_empty());
    }

    async fn a_search_that_has_looked_at_enough_says_so_and_goes_on(store: TestStore) {
        let many = usize::try_from(LOOKED_AT).unwrap() + 500;
        // Both words are common; the few who have both come last.
        let named = (0..many).map(|n| match n {
            n if n >= many - 3 => words("smith zoe"),
            n if n % 2 == 0 => words("smith"),
            _ => words("smithers"),
        });
        let more = (0..many).map(|_| words("zoe"));
        let people = people(&store, named.chain(more).collect()).await;
        let expected: BTreeSet<_> = people.iter().filter(|one| one.words.iter().any(|word| word.starts_with("smith")) && one.words.contains(&"zoe".to_owned())).map(|one| one.customer).collect();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let mut found = Vec::new();
        let (mut after, mut stopped, mut pages) = (None, 0, 0);
        loop {
            let page = search::page(&mut tx, &words("smith zoe"), after.as_ref(), 200).await.unwrap();
            found.extend(page.rows.iter().map(|row| row.id));
            stopped += usize::from(page.stopped);
            pages += 1;
            assert!(pages < 100);
            after = page.next;
            if after.is_none() { break; }
        }
        assert!(stopped > 0, "a page looks at so many and no more");
        assert_eq!((found.iter().copied().collect::<BTreeSet<_>>(), found.len()), (expected.clone(), expected.len()));
    }
}
