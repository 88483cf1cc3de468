//! Search with bounded work: everybody is found once, whole words first, and a common beginning costs no more.

use std::collections::BTreeSet;

use doorstep_core::IdMaker;
use doorstep_core::id::CustomerId;
use doorstep_core::position::Way;
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

/// Everybody that a search finds, by pages one way from `from` on; each page in the order of the list.
async fn walk(
    tx: &mut doorstep_store::Tx,
    query: &str,
    mut from: Option<(Way, search::Beside)>,
    limit: usize,
) -> Vec<search::Found> {
    let way = from.as_ref().map_or(Way::Forward, |(way, _)| *way);
    let mut pages = Vec::new();
    loop {
        let page = search::page(tx, &words(query), from.as_ref(), limit).await.unwrap();
        let onward = if way == Way::Back { page.previous.clone() } else { page.next.clone() };
        pages.push(page);
        assert!(pages.len() < 100, "a walk without an end");
        let Some(beside) = onward else { return pages };
        from = Some((way, beside));
    }
}

fn ids(pages: &[search::Found]) -> Vec<CustomerId> {
    pages.iter().flat_map(|page| &page.rows).map(|row| row.id).collect()
}

on_both! {
    async fn a_search_is_walked_back_the_same_way(store: TestStore) {
        people(&store, (0..23).map(|n| words(&format!("smith smithers{} ann{n}", n % 3))).collect()).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        for query in ["smi", "smi ann"] {
            let forward = walk(&mut tx, query, None, 4).await;
            assert_eq!((forward.len(), ids(&forward).len(), &forward[0].previous), (6, 23, &None));
            let last = forward.last().unwrap().previous.clone().unwrap();
            let mut back = walk(&mut tx, query, Some((Way::Back, last)), 4).await;
            assert_eq!(back.last().unwrap().previous, None);
            back.reverse();
            let rows = |pages: &[search::Found]| pages.iter().map(|page| page.rows.clone()).collect::<Vec<_>>();
            assert_eq!(rows(&back), rows(&forward[..5]), "the same windows");
            let again = walk(&mut tx, query, Some((Way::Forward, back[0].next.clone().unwrap())), 4).await;
            assert_eq!(rows(&again), rows(&forward[1..]));
            // Beside whom somebody stands is found without the pages.
            let all = ids(&forward);
            let place = search::place_of(&mut tx, &words(query), all[9]).await.unwrap().unwrap();
            for (way, expected) in [(Way::Forward, all[10]), (Way::Back, all[8])] {
                let beside = search::page(&mut tx, &words(query), Some(&(way, place.clone())), 1).await.unwrap();
                assert_eq!(beside.rows[0].id, expected);
            }
        }
        // Past either end nobody stands, and the way back begins with whom one came from.
        let all = ids(&walk(&mut tx, "smi", None, 4).await);
        for (way, opposite, end) in [(Way::Forward, Way::Back, all[22]), (Way::Back, Way::Forward, all[0])] {
            let place = search::place_of(&mut tx, &words("smi"), end).await.unwrap().unwrap();
            let past = search::page(&mut tx, &words("smi"), Some(&(way, place)), 4).await.unwrap();
            let back = if way == Way::Forward { past.previous } else { past.next }.unwrap();
            let found = search::page(&mut tx, &words("smi"), Some(&(opposite, back)), 1).await.unwrap();
            assert_eq!((past.rows.len(), found.rows[0].id), (0, end));
        }
        let stranger = search::place_of(&mut tx, &words("zoe"), CustomerId::from_uuid(Default::default())).await.unwrap();
        assert_eq!(stranger, None);
    }

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
            after = page.next.map(|beside| (Way::Forward, beside));
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
        // Both words are common; those who have both come first and last, further apart than a page looks.
        let named = (0..many).map(|n| match n {
            0..3 => words("smith zoe"),
            n if n >= many - 3 => words("smithers zoe"),
            _ => words("smithers"),
        });
        let more = (0..many).map(|_| words("zoe"));
        let people = people(&store, named.chain(more).collect()).await;
        let expected: BTreeSet<_> = people.iter().filter(|one| one.words.iter().any(|word| word.starts_with("smith")) && one.words.contains(&"zoe".to_owned())).map(|one| one.customer).collect();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let mut found = Vec::new();
        let (mut after, mut stopped, mut pages) = (None, 0, 0);
        loop {
            let page = search::page(&mut tx, &words("zoe smith"), after.as_ref(), 200).await.unwrap();
            found.extend(page.rows.iter().map(|row| row.id));
            stopped += usize::from(page.stopped);
            pages += 1;
            assert!(pages < 100);
            after = page.next.map(|beside| (Way::Forward, beside));
            if after.is_none() { break; }
        }
        assert!(stopped > 0, "a page looks at so many and no more");
        // Back from the last who lacks one word: a page on which nobody was found leads on, both ways, and loses nobody.
        let place = search::place_of(&mut tx, &words("zoe smith"), people[many - 4].customer).await.unwrap().unwrap();
        let back = walk(&mut tx, "zoe smith", Some((Way::Back, place)), 200).await;
        let first: Vec<_> = found[..3].to_vec();
        assert!(back[0].rows.is_empty() && back[0].stopped && !back[1].stopped && ids(&back) == first);
        let next = back[0].next.clone().map(|beside| (Way::Forward, beside));
        assert_eq!(ids(&walk(&mut tx, "zoe smith", next, 200).await), found[3..]);
        assert_eq!((found.iter().copied().collect::<BTreeSet<_>>(), found.len()), (expected.clone(), expected.len()));
    }

    async fn who_has_many_words_of_one_beginning_takes_no_place_of_others(store: TestStore) {
        let named = (10..40).map(|n| words(&format!("bo{n}a bo{n}b bo{n}c bo{n}d")));
        let people = people(&store, named.collect()).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let pages = walk(&mut tx, "bo", None, 10).await;
        assert_eq!(pages.iter().map(|page| page.rows.len()).collect::<Vec<_>>(), [10, 10, 10]);
        assert_eq!(ids(&pages), people.iter().map(|one| one.customer).collect::<Vec<_>>());
    }

    async fn those_of_that_name_come_first_and_are_walked_both_ways(store: TestStore) {
        // What somebody is called is their words in order: some begin with what is asked, others have it elsewhere.
        let shapes = ["ann smith", "ann smithers", "abe ann smith", "ann smith zed", "adam ann smithson"];
        let people = people(&store, (0..30).map(|n| words(shapes[n % shapes.len()])).collect()).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let whole = search::page(&mut tx, &words("ann smith"), None, 100).await.unwrap();
        let all: Vec<_> = whole.rows.iter().map(|row| row.id).collect();
        let begins = |row: &doorstep_store::listing::Row| row.sort_name.starts_with("ann smith");
        assert_eq!((all.len(), whole.next, whole.previous, whole.stopped), (30, None, None, false));
        assert!(whole.rows[..18].iter().all(begins) && !whole.rows[18..].iter().any(begins));
        assert!(whole.rows[..18].is_sorted_by_key(|row| (row.sort_name.clone(), row.id)));
        for limit in [1, 4, 6, 17, 18, 19, 29] {
            let forward = walk(&mut tx, "ann smith", None, limit).await;
            assert_eq!((ids(&forward), forward.len()), (all.clone(), 30usize.div_ceil(limit)), "{limit}");
            let last = forward.last().unwrap().previous.clone().unwrap();
            let mut back = walk(&mut tx, "ann smith", Some((Way::Back, last)), limit).await;
            assert_eq!(back.last().unwrap().previous, None);
            back.reverse();
            let rows = |pages: &[search::Found]| pages.iter().map(|page| page.rows.clone()).collect::<Vec<_>>();
            assert_eq!(rows(&back), rows(&forward[..forward.len() - 1]), "{limit}: the same windows");
        }
        for (place, id) in all.iter().enumerate() {
            let beside = search::place_of(&mut tx, &words("ann smith"), *id).await.unwrap().unwrap();
            for (way, expected) in [(Way::Forward, all.get(place + 1)), (Way::Back, all[..place].last())] {
                let from = (way, beside.clone());
                let found = search::page(&mut tx, &words("ann smith"), Some(&from), 1).await.unwrap();
                assert_eq!(found.rows.first().map(|row| &row.id), expected, "{place}");
            }
        }
        // Who stands where a page begins may go or be called something else meanwhile; nobody else is lost or seen twice.
        let mut seen = search::page(&mut tx, &words("ann smith"), None, 16).await.unwrap();
        let next = seen.next.take().unwrap();
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::remove(&mut tx, &[all[15]]).await.unwrap();
        let renamed = people.iter().find(|one| one.customer == all[16]).unwrap();
        let known = [renamed.customer()];
        let renamed = Person { words: words("smith ann"), ..renamed.clone() }.customer();
        customer::put(&mut tx, &[renamed], &known).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let on = ids(&walk(&mut tx, "ann smith", Some((Way::Forward, next.clone())), 5).await);
        assert_eq!(on.iter().copied().collect::<BTreeSet<_>>(), all[16..].iter().copied().collect());
        assert_eq!((on[0], on.len()), (all[17], 14));
        let back = search::page(&mut tx, &words("ann smith"), Some(&(Way::Back, next)), 100).await.unwrap();
        assert_eq!(back.rows.iter().map(|row| row.id).collect::<Vec<_>>(), all[..15]);
    }

    async fn a_name_that_is_found_ends_the_look_among_common_words_sooner(store: TestStore) {
        let many = 400;
        let named = (0..many).map(|n| if n == many - 1 { words("abe ann smithers") } else { words("ann smith") });
        let more = (0..many).map(|_| words("ann"));
        let people = people(&store, named.chain(more).chain([words("ann smith")]).collect()).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let page = search::page(&mut tx, &words("ann smith"), None, 2_000).await.unwrap();
        assert_eq!((page.rows.len(), page.rows[0].id), (many, people[0].customer));
        assert!(page.stopped, "of those called so all, of the others some");
        let on = walk(&mut tx, "ann smith", page.next.map(|beside| (Way::Forward, beside)), 2_000).await;
        assert_eq!(ids(&on), [people[many - 1].customer]);
        // Whom nobody is called so the others are looked at further.
        let page = search::page(&mut tx, &words("smith ann"), None, 2_000).await.unwrap();
        assert_eq!((page.rows.len(), page.stopped), (many + 1, false));
    }
}
