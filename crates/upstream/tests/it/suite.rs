//! What holds for every live source, whichever it is, against its sim.
//!
//! A source's own tests are in a folder of its name, with `source_suite!` among them, which makes tests of all that
//! stands here.

mod customer;
mod outside;

use doorstep_core::record;
use doorstep_core::source::{Cursor, CursorKind, Gone};
use doorstep_sim::{Fault, RetryAfter, Rule};
use doorstep_upstream::source::{Failure, Source};

use crate::house::{House, Told, drain, sweep, swept_into};

pub use customer::*;
pub use outside::*;

/// A live source, as the suite needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// Which one.
    pub source: record::Source,
    /// The stream that is looked at where one is enough: read by a feed, and never empty.
    pub stream: &'static str,
    /// What the paths of that stream have in them, and no path of a token.
    pub path: &'static str,
}

impl Live {
    fn open(&self, house: &House, business: usize) -> Box<dyn Source> {
        house.upstreams.open(self.source, &house.settings(business)).unwrap()
    }
}

/// Makes a test of each law of the suite, for one source.
#[macro_export]
macro_rules! source_suite {
    ($live:expr) => {
        $crate::source_suite! { $live =>
            two_whole_reads_are_equal
            no_key_comes_twice_while_nothing_changes
            a_read_goes_on_from_every_cursor_that_was_ever_given
            a_cursor_that_is_none_of_the_streams_says_so
            an_unknown_stream_is_nothing_that_trying_again_helps
            what_changed_is_told_from_the_last_cursor_and_little_else
            rows_that_are_edited_while_paging_are_all_told_in_the_end
            a_sweep_tells_all_that_is_in_use_in_the_shape_of_a_page
            what_vanished_without_a_word_is_found_by_a_sweep_and_a_read
            one_object_is_read_as_a_page_tells_it_and_none_is_none
            one_customer_is_read_as_pages_tell_it_with_few_calls
            a_customer_that_is_no_more_is_none_and_trouble_is_no_absence
            whatever_passes_is_waited_out
            an_answer_of_any_size_is_not_held
            trying_has_an_end_that_a_clock_tells
            an_answer_that_never_comes_is_not_waited_for
            what_does_not_pass_is_for_another_day_and_is_told_without_secrets
            trouble_at_random_loses_nothing
            what_connects_it_is_taken_or_refused_by_name_and_not_repeated
            only_places_that_are_allowed_are_talked_to
            a_check_says_what_can_be_read_and_what_cannot_and_why
            words_come_to_what_their_stream_says_and_odd_ones_break_nothing
            rows_of_one_stamp_over_the_edges_of_pages_are_all_told
            more_rows_of_one_stamp_than_any_page_holds_are_all_told
            a_clock_that_is_off_loses_nothing
            what_shows_late_is_told_as_long_as_the_lag_is_the_declared_one
            what_shows_later_than_declared_is_found_by_a_sweep
            an_order_that_is_not_kept_loses_nothing_that_a_sweep_does_not_find
            merges_and_deactivations_are_told_as_what_they_are
            two_businesses_with_the_same_keys_never_meet
            a_read_that_dies_at_any_step_goes_on_from_the_last_page
        }
    };
    ($live:expr => $($law:ident)+) => {
        mod suite {
            $(#[tokio::test]
            async fn $law() {
                $crate::suite::$law(&$live).await;
            })+
        }
    };
}

/// Everything that a business has, by stream.
async fn all(source: &dyn Source) -> Vec<(&'static str, Told)> {
    let mut found = Vec::new();
    for stream in source.spec().streams {
        let mut told = Told::new();
        drain(source, stream, None, &mut told).await.unwrap();
        found.push((stream.name, told));
    }
    found
}

pub async fn two_whole_reads_are_equal(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    assert_eq!(all(&*source).await, all(&*source).await);
}

pub async fn no_key_comes_twice_while_nothing_changes(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    house.sim.faults(|faults| faults.manners.export_size = 7);
    for stream in source.spec().streams {
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = source.page(stream.name, cursor.as_ref()).await.unwrap();
            keys.extend(page.rows.into_iter().map(|row| row.key));
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "{}", stream.name);
    }
}

pub async fn a_read_goes_on_from_every_cursor_that_was_ever_given(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    house.sim.faults(|faults| faults.manners.export_size = 9);
    for stream in source.spec().streams {
        let mut whole = Told::new();
        let cursors = drain(&*source, stream, None, &mut whole).await.unwrap();
        if stream.cursor == CursorKind::Whole {
            assert_eq!(cursors, []);
            continue;
        }
        assert!(!cursors.is_empty(), "{}", stream.name);
        // What stands before a cursor and what it leads to are all there is.
        let (mut before, mut from) = (Told::new(), None);
        for cursor in &cursors {
            let page = source.page(stream.name, from.as_ref()).await.unwrap();
            before.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
            from = Some(cursor.clone());
            let mut told = before.clone();
            drain(&*source, stream, Some(cursor.clone()), &mut told).await.unwrap();
            assert_eq!(told, whole, "{} from {cursor:?}", stream.name);
        }
    }
}

pub async fn a_cursor_that_is_none_of_the_streams_says_so(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let streams = source.spec().streams;
    for stream in streams {
        let other = streams.iter().find(|it| it.name != stream.name && it.cursor == CursorKind::Feed).unwrap();
        let foreign = drain(&*source, other, None, &mut Told::new()).await.unwrap().pop().unwrap();
        let swapped = foreign.as_str().replace(other.name, stream.name);
        let name = stream.name;
        let garbage = [
            foreign.as_str().to_owned(),
            swapped,
            "x".to_owned(),
            format!("feed:{name}:garbage"),
            format!("since:{name}:99999999999999999999"),
            format!("since:{name}:253402300799000000"),
            format!("scan:{name}:1,2,3"),
            format!("sweep:{name}:2"),
            "🦀".repeat(1_000),
        ];
        for text in garbage {
            let found = source.page(name, Some(&Cursor::new(text.as_str()).unwrap())).await;
            match found {
                Err(Failure::Cursor { .. }) => {}
                found => panic!("{name} from `{text}`: {found:?}"),
            }
        }
        let found = source.sweep(name, Some(&Cursor::new(format!("feed:{name}:x")).unwrap())).await;
        assert!(matches!(found, Err(Failure::Cursor { .. })), "{name}: {found:?}");
    }
}

pub async fn an_unknown_stream_is_nothing_that_trying_again_helps(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    for stream in ["", "invoices", "customers/../jobs", "a\nb"] {
        assert!(matches!(source.page(stream, None).await, Err(Failure::Fatal { .. })));
        assert!(matches!(source.sweep(stream, None).await, Err(Failure::Fatal { .. })));
        assert!(matches!(source.read(stream, "1", None).await, Err(Failure::Fatal { .. })));
    }
    assert_eq!(house.asked(), [] as [String; 0]);
}

pub async fn what_changed_is_told_from_the_last_cursor_and_little_else(live: &Live) {
    let house = House::sized(200).await;
    let source = live.open(&house, 0);
    for stream in source.spec().streams {
        let mut told = Told::new();
        let cursor = drain(&*source, stream, None, &mut told).await.unwrap().pop();
        let size = told.len();
        house.sim.advance(std::time::Duration::from_secs(86_400));
        house.office(40);
        let mut news = Told::new();
        drain(&*source, stream, cursor, &mut news).await.unwrap();
        told.extend(news.clone());
        let mut truth = Told::new();
        drain(&*source, stream, None, &mut truth).await.unwrap();
        assert_eq!(told, truth, "{}", stream.name);
        if stream.cursor == CursorKind::Feed && size > 100 {
            assert!(news.len() < size / 2, "{}: {} of {size}", stream.name, news.len());
        }
    }
}

pub async fn rows_that_are_edited_while_paging_are_all_told_in_the_end(live: &Live) {
    let house = House::sized(60).await;
    let source = live.open(&house, 0);
    house.sim.faults(|faults| {
        faults.manners.export_size = 11;
        faults.manners.edits_between_pages = 2;
        faults.manners.tick_milliseconds = 400;
    });
    let mut hub = Vec::new();
    for stream in source.spec().streams {
        let mut told = Told::new();
        let mut cursor = None;
        // A feed that changes as fast as it is read has no end; whoever reads it stops and comes again.
        for _ in 0..40 {
            let page = source.page(stream.name, cursor.as_ref()).await.unwrap();
            told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
            cursor = page.cursor.or(cursor);
            if !page.more {
                break;
            }
        }
        hub.push((stream, told, cursor));
    }
    house.sim.faults(|faults| faults.clear());
    for (stream, mut told, cursor) in hub {
        drain(&*source, stream, cursor, &mut told).await.unwrap();
        let mut truth = Told::new();
        drain(&*source, stream, None, &mut truth).await.unwrap();
        assert_eq!(told, truth, "{}", stream.name);
    }
}

pub async fn a_sweep_tells_all_that_is_in_use_in_the_shape_of_a_page(live: &Live) {
    let house = House::sized(120).await;
    house.office(200);
    let source = live.open(&house, 0);
    for (name, told) in all(&*source).await {
        let stream = source.spec().stream(name).unwrap();
        let present = sweep(&*source, stream).await.unwrap();
        for row in present.values() {
            assert_eq!(told.get(&row.key), Some(row), "{name}");
        }
        // What is switched off is there; what was deleted may be.
        for row in told.values().filter(|row| row.gone != Some(Gone::Deleted)) {
            assert!(present.contains_key(&row.key), "{name} {}", row.key);
        }
    }
}

pub async fn what_vanished_without_a_word_is_found_by_a_sweep_and_a_read(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let kinds = [
        ("customers", "customers"),
        ("customer_contacts", "contacts"),
        ("jobs", "jobs"),
        ("installed_equipment", "equipment"),
        ("assignments", "assignments"),
        ("tag_types", "tag_types"),
    ];
    for (name, kind) in kinds {
        let stream = source.spec().stream(name).unwrap();
        let mut told = Told::new();
        let cursor = drain(&*source, stream, None, &mut told).await.unwrap().pop();
        let key = told.values().find(|row| row.gone.is_none()).unwrap().key.clone();
        let id: i64 = key.parse().unwrap();
        house.sim.world(|world| {
            let number = world.first().number;
            let edit = serde_json::json!({"do": "delete", "kind": kind, "id": id});
            assert!(world.edit(number, serde_json::from_value(edit).unwrap()));
        });
        house.sim.advance(std::time::Duration::from_secs(3_600));
        drain(&*source, stream, cursor, &mut told).await.unwrap();
        assert!(told.contains_key(&key), "{name}: the feed says nothing of it");
        swept_into(&*source, stream, &mut told).await.unwrap();
        assert!(!told.contains_key(&key), "{name}");
        let mut truth = Told::new();
        drain(&*source, stream, None, &mut truth).await.unwrap();
        assert_eq!(told, truth, "{name}");
    }
}

pub async fn one_object_is_read_as_a_page_tells_it_and_none_is_none(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    for (name, told) in all(&*source).await {
        for row in told.values().filter(|row| row.gone.is_none()).take(2) {
            let read = source.read(name, &row.key, row.parent.as_deref()).await.unwrap();
            assert_eq!(read.as_ref(), Some(row), "{name}");
        }
        let parent = told.values().next().and_then(|row| row.parent.clone());
        assert_eq!(source.read(name, "77", parent.as_deref()).await.unwrap(), None, "{name}");
    }
}

pub async fn whatever_passes_is_waited_out(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let stream = source.spec().stream(live.stream).unwrap();
    let mut truth = Told::new();
    drain(&*source, stream, None, &mut truth).await.unwrap();
    let faults = [
        Fault::TooMany(None),
        Fault::TooMany(Some(RetryAfter::Seconds(7))),
        Fault::TooMany(Some(RetryAfter::Date(9))),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Html(200),
        Fault::Html(502),
        Fault::Cut,
        Fault::Gone,
        Fault::Truncated,
        Fault::Expired,
    ];
    for fault in faults {
        house.sim.fault(Rule::next(1, live.path, fault.clone()));
        house.slept.lock().unwrap().clear();
        let mut told = Told::new();
        drain(&*source, stream, None, &mut told).await.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
        assert_eq!(told, truth, "{fault:?}");
        let slept: u64 = house.slept.lock().unwrap().iter().map(|it| it.as_secs()).sum();
        let asked = match &fault {
            Fault::TooMany(Some(RetryAfter::Seconds(asked) | RetryAfter::Date(asked))) => *asked,
            _ => 0,
        };
        assert!(slept >= asked.saturating_sub(1), "{fault:?}: {slept} s");
        assert!(slept <= asked + 2, "{fault:?}: {slept} s");
    }
}

pub async fn an_answer_of_any_size_is_not_held(live: &Live) {
    let house = House::small().await;
    let settings = house.settings(0);
    let source = |bytes| house.holding(bytes).open(live.source, &settings).unwrap();
    let failure = source(2_000).page(live.stream, None).await.unwrap_err();
    assert!(matches!(&failure, Failure::Fatal { why } if why.contains("more than 2000 bytes")), "{failure:?}");
    assert!(source(200_000).page(live.stream, None).await.is_ok());
}

pub async fn trying_has_an_end_that_a_clock_tells(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let wait = Fault::TooMany(Some(RetryAfter::Seconds(60)));
    house.sim.faults(|faults| faults.manners.tick_milliseconds = 120_000);
    house.sim.fault(Rule { fault: wait, matching: live.path.to_owned(), after: 0, times: None });
    let failure = source.page(live.stream, None).await.unwrap_err();
    assert!(failure.is_passing(), "{failure:?}");
    // A token and two answers of two minutes each, with a wait of one between them, are more than five minutes.
    assert_eq!(house.asked().len(), 2);
}

pub async fn an_answer_that_never_comes_is_not_waited_for(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    house.sim.fault(Rule::next(1, live.path, Fault::Never));
    let page = source.page(live.stream, None).await.unwrap();
    assert!(!page.rows.is_empty());
}

pub async fn what_does_not_pass_is_for_another_day_and_is_told_without_secrets(live: &Live) {
    let house = House::small().await;
    let secrets: Vec<String> = house.settings(0).into_values().filter(|value| !value.starts_with("http")).collect();
    let faults = [
        Fault::TooMany(None),
        Fault::TooMany(Some(RetryAfter::Seconds(7_200))),
        Fault::Status(500),
        Fault::Html(503),
        Fault::Html(200),
        Fault::Cut,
        Fault::Gone,
        Fault::Truncated,
    ];
    for fault in faults {
        let source = live.open(&house, 0);
        house.sim.faults(|faults| faults.clear());
        let cursor = source.page(live.stream, None).await.unwrap().cursor;
        house.sim.fault(Rule { fault: fault.clone(), matching: live.path.to_owned(), after: 0, times: None });
        house.sim.clear_log();
        house.slept.lock().unwrap().clear();
        let failure = source.page(live.stream, cursor.as_ref()).await.unwrap_err();
        assert!(failure.is_passing(), "{fault:?}: {failure:?}");
        let asked = house.asked().len();
        if let Fault::TooMany(Some(_)) = fault {
            // A wait that long is for the engine, which holds nothing meanwhile; nor is it believed whole.
            assert_eq!(asked, 1);
            let hour = Some(std::time::Duration::from_secs(3_600));
            assert!(matches!(&failure, Failure::Retry { after, .. } if *after == hour), "{failure:?}");
        } else {
            assert_eq!(asked, 5, "{fault:?}");
        }
        let text = format!("{failure} {failure:?}");
        let cursor = cursor.unwrap();
        let token = cursor.as_str().rsplit(':').next().unwrap();
        for secret in secrets.iter().map(String::as_str).chain(["eyJ", token, "?"]) {
            // The number of the business is no secret, and stands in the path.
            let is_number = secret.bytes().all(|byte| byte.is_ascii_digit());
            assert!(is_number || !text.contains(secret), "{fault:?}: {text}");
        }
    }
}

pub async fn trouble_at_random_loses_nothing(live: &Live) {
    for seed in 1..=4 {
        let house = House::sized(50).await;
        let source = live.open(&house, 0);
        house.sim.faults(|faults| {
            faults.manners.export_size = 13;
            faults.at_random(
                seed,
                vec![
                    (Fault::TooMany(None), 0.05),
                    (Fault::Status(503), 0.05),
                    (Fault::Cut, 0.05),
                    (Fault::Truncated, 0.05),
                    (Fault::Html(200), 0.03),
                    (Fault::Expired, 0.05),
                ],
            );
        });
        let mut hub = Vec::new();
        for stream in source.spec().streams {
            let (mut told, mut cursor) = (Told::new(), None);
            // A failed page is asked for again from the same place, as the engine does.
            for _ in 0..200 {
                let Ok(page) = source.page(stream.name, cursor.as_ref()).await else { continue };
                told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
                cursor = page.cursor.or(cursor);
                if !page.more {
                    break;
                }
            }
            hub.push((stream.name, told));
        }
        house.sim.faults(|faults| {
            faults.clear();
            faults.at_random(seed, Vec::new());
        });
        assert_eq!(hub, all(&*source).await, "seed {seed}");
    }
}
