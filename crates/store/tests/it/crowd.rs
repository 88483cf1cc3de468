//! The crowd that benchmarks measure with is one of customers like the others, and leaves the store as it found it.

use doorstep_core::IdMaker;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::crowd;
use doorstep_store::{customer, on_both, review, search};

use crate::raw::Raw;
use crate::world::person;

/// How indexes are made, and what the planner knows of them.
async fn indexes(raw: &mut Raw, dialect: Dialect) -> Vec<Vec<String>> {
    let sql = match dialect {
        Dialect::Sqlite => {
            "select sql from sqlite_master where type = 'index' and sql is not null \
             union all select tbl || ' ' || coalesce(idx, '') || ' ' || stat from sqlite_stat1 order by 1"
        }
        Dialect::Postgres => "select indexdef::text from pg_indexes where schemaname = 'public' order by 1",
    };
    raw.texts(sql).await
}

on_both! {
    async fn a_crowd_is_the_same_customers_many_times_over(store: TestStore) {
        let (scope, maker) = (store.scope(), IdMaker::seeded(3));
        let people: Vec<_> = (1..=7).map(|number| person(&maker, number)).collect();
        let mut tx = store.db.write(&scope).await.unwrap();
        customer::put(&mut tx, &people.iter().map(|one| one.customer()).collect::<Vec<_>>(), &[]).await.unwrap();
        tx.commit().await.unwrap();
        store.db.close().await;
        let mut raw = Raw::of(&store).await;
        let before = indexes(&mut raw, store.db.dialect()).await;
        drop(raw);

        crowd::multiply(&store.location, 60, &|_| {}).await;

        let mut raw = Raw::of(&store).await;
        assert_eq!(indexes(&mut raw, store.db.dialect()).await, before);
        drop(raw);
        let db = store.another_process().await;
        let mut tx = db.read(&scope).await.unwrap();
        assert_eq!(customer::count(&mut tx).await.unwrap(), 63);
        let all = customer::list(&mut tx, None, 100).await.unwrap();
        let one = &people[3];
        let found = customer::find_by_identifier(&mut tx, &one.phone, 10).await.unwrap();
        assert_eq!(found, [one.customer], "who was there is found as before");
        // A copy is found by its own number, and with the name of its original.
        let area = format!("+1201{}", &one.phone.value[5..]);
        let copy = all.iter().find(|copy| copy.phone.as_deref() == Some(area.as_str())).unwrap();
        let identifier = doorstep_core::identifier::Identifier { value: area.clone(), ..one.phone.clone() };
        assert_eq!(customer::find_by_identifier(&mut tx, &identifier, 10).await.unwrap(), [copy.id]);
        assert!(copy.id < people[0].customer, "copies are older");
        let named = search::page(&mut tx, &one.words[..1], None, 100).await.unwrap().rows;
        assert!(named.iter().any(|row| row.id == copy.id) && named.iter().any(|row| row.id == one.customer));
    }

    async fn reviews_are_counted_no_further_than_asked(store: TestStore) {
        let (maker, at) = (IdMaker::seeded(3), doorstep_store::testing::START);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let open = |_| review::Review {
            id: maker.make(at),
            a: maker.make(at),
            b: maker.make(at),
            evidence: Vec::new(),
            created_at: at,
            score: 0,
        };
        review::insert(&mut tx, &(0..5).map(open).collect::<Vec<_>>()).await.unwrap();
        for (most, expected) in [(1, 1), (4, 4), (5, 5), (6, 5), (100, 5)] {
            assert_eq!(review::count_up_to(&mut tx, most).await.unwrap(), expected, "{most}");
        }
    }
}
