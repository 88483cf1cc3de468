//! What is said to connect a source, what becomes of its words, and what the world outside does meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use doorstep_core::phone::Region;
use doorstep_core::source::{CursorKind, Gone, Makes, StreamSpec};
use doorstep_sim::{Edit, Fault, Kind, Options, Rule, Size};
use doorstep_upstream::source::{Failure, Mapping, Part, Row, Said, Source, mapping};
use serde_json::{Value, json};

use super::{Live, all};
use crate::house::{House, Told, drain, swept_into};

pub async fn what_connects_it_is_taken_or_refused_by_name_and_not_repeated(live: &Live) {
    let house = House::small().await;
    let good = house.settings(0);
    assert!(house.upstreams.open(live.source, &good).is_ok());
    let spec = mapping(live.source).unwrap().spec();
    for setting in spec.settings {
        for odd in ["", " ", "\u{202e}two\nlines", "🦀", &"x".repeat(10_000)] {
            let mut settings = good.clone();
            settings.insert(setting.name.to_owned(), odd.to_owned());
            let opened = house.upstreams.open(live.source, &settings);
            let is_needed = setting.default.is_none() && !setting.is_optional;
            match opened.err() {
                Some(refused) => {
                    assert_eq!(refused.setting, setting.name);
                    assert!(
                        !refused.why.is_empty() && (odd.len() < 4 || !refused.to_string().contains(odd)),
                        "{refused}"
                    );
                }
                None => assert!(odd.trim().is_empty() && !is_needed, "{} takes {odd:?}", setting.name),
            }
        }
    }
    let mut settings = good;
    settings.insert("no_such_thing".to_owned(), "1".to_owned());
    assert_eq!(house.upstreams.open(live.source, &settings).err().unwrap().setting, "no_such_thing");
    assert_eq!(house.asked(), [] as [String; 0]);
    // What tells two businesses apart is among what is said, and is no secret.
    for name in spec.account {
        assert!(spec.settings.iter().any(|it| it.name == *name && !it.is_secret), "{name}");
    }
    assert!(!spec.account.is_empty() && spec.mapping_version > 0);
}

pub async fn only_places_that_are_allowed_are_talked_to(live: &Live) {
    let house = House::small().await;
    let good = house.settings(0);
    for name in good.iter().filter(|(_, value)| value.starts_with("http")).map(|(name, _)| name) {
        for elsewhere in ["https://evil.example", "http://169.254.169.254", "http://127.0.0.1:1"] {
            let mut settings = good.clone();
            settings.insert(name.clone(), elsewhere.to_owned());
            let refused = house.upstreams.open(live.source, &settings).err().unwrap();
            assert_eq!(&refused.setting, name);
        }
    }
    assert_eq!((house.asked().len(), house.tokens()), (0, 0));
}

pub async fn a_check_says_what_can_be_read_and_what_cannot_and_why(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let checked = source.check().await.unwrap();
    let names = |spec: &'static [StreamSpec]| spec.iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(checked.streams.iter().map(|it| it.stream).collect::<Vec<_>>(), names(source.spec().streams));
    assert!(checked.streams.iter().all(|it| it.found.is_ok()), "{checked:?}");
    // One door that is shut is told of alone.
    house.sim.fault(Rule { fault: Fault::Status(403), matching: live.path.to_owned(), after: 0, times: None });
    let checked = source.check().await.unwrap();
    let shut = checked.streams.iter().find(|it| it.stream == live.stream).unwrap();
    assert!(matches!(&shut.found, Err(Failure::Auth { why }) if !why.is_empty()), "{shut:?}");
    assert!(checked.streams.iter().any(|it| it.found.is_ok()), "{checked:?}");
    // All of them shut, and nobody there.
    house.sim.faults(|faults| faults.clear());
    house.sim.fault(Rule { fault: Fault::Status(401), matching: String::new(), after: 0, times: None });
    assert!(matches!(live.open(&house, 0).check().await, Err(Failure::Auth { .. })));
    house.sim.faults(|faults| faults.clear());
    house.sim.fault(Rule { fault: Fault::Gone, matching: String::new(), after: 0, times: None });
    let failure = live.open(&house, 0).check().await.unwrap_err();
    assert!(failure.is_passing(), "{failure:?}");
}

/// What a row comes to, whatever that is; a refusal is an answer, too.
fn becomes(mapping: &dyn Mapping, stream: &StreamSpec, row: &Row, payload: &Value) -> usize {
    let (key, region) = (row.key.as_str(), Region::US);
    let part = [Part { stream: stream.name, key, payload }];
    let said = Said { key, payload, parts: &[], referred: &part, region };
    let mut made = mapping.references(stream.name, payload).len();
    for makes in stream.makes {
        made += match makes {
            Makes::Contact => usize::from(mapping.contact(&said).is_ok()),
            Makes::Property => usize::from(mapping.property(&said).is_ok()),
            Makes::Equipment => usize::from(mapping.equipment(&said).is_ok()),
            Makes::Job => usize::from(mapping.job(&said).is_ok()),
            Makes::Membership => usize::from(mapping.membership(&said).is_ok()),
            Makes::DoNotText => usize::from(mapping.do_not_text(stream.name, payload, region).is_some()),
            Makes::Name => 1,
        };
    }
    made
}

pub async fn words_come_to_what_their_stream_says_and_odd_ones_break_nothing(live: &Live) {
    let house = House::sized(60).await;
    let source = live.open(&house, 0);
    let mapping = mapping(live.source).unwrap();
    for (name, told) in all(&*source).await {
        let stream = source.spec().stream(name).unwrap();
        let mut made = 0;
        for row in told.values().take(12) {
            made += becomes(mapping, stream, row, &row.payload);
            let Value::Object(fields) = &row.payload else { panic!("{name} is no object") };
            for field in fields.keys() {
                let odd = [
                    Value::Null,
                    json!(true),
                    json!(-1.5e300),
                    json!("\u{202e}\0🦀"),
                    json!([[]]),
                    json!({ "x": [1] }),
                ];
                for value in odd {
                    let mut payload = row.payload.clone();
                    payload[field] = value;
                    becomes(mapping, stream, row, &payload);
                }
                let mut payload = row.payload.clone();
                payload.as_object_mut().unwrap().remove(field);
                becomes(mapping, stream, row, &payload);
            }
            let mut payload = row.payload.clone();
            payload["a field of next year"] = json!({ "deep": [1, 2, 3] });
            assert_eq!(becomes(mapping, stream, row, &payload), becomes(mapping, stream, row, &row.payload), "{name}");
        }
        let is_only_opting = stream.makes == [Makes::DoNotText];
        assert!(made > 0 || stream.makes.is_empty() || is_only_opting || told.is_empty(), "{name} comes to nothing");
    }
}

/// Everything that its streams have, from what was read before on.
async fn onward(source: &dyn Source, told: &mut [(&'static str, Told, Option<doorstep_core::source::Cursor>)]) {
    for (name, told, cursor) in told {
        let stream = source.spec().stream(name).unwrap();
        let from = cursor.take();
        *cursor = match drain(source, stream, from.clone(), told).await {
            Ok(mut cursors) => cursors.pop(),
            // Reading it from the beginning is always right.
            Err(Failure::Cursor { .. }) => drain(source, stream, None, told).await.unwrap().pop(),
            Err(failure) => panic!("{name}: {failure}"),
        };
    }
}

fn nothing(source: &dyn Source) -> Vec<(&'static str, Told, Option<doorstep_core::source::Cursor>)> {
    source.spec().streams.iter().map(|stream| (stream.name, Told::new(), None)).collect()
}

async fn assert_all(source: &dyn Source, told: Vec<(&'static str, Told, Option<doorstep_core::source::Cursor>)>) {
    let told: Vec<_> = told.into_iter().map(|(name, told, _)| (name, told)).collect();
    for ((name, told), (_, truth)) in told.into_iter().zip(all(source).await) {
        assert_eq!(told, truth, "{name}");
    }
}

fn restamp(house: &House, kind: Kind, count: usize) {
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::Restamp { kind, count }));
    });
}

pub async fn rows_of_one_stamp_over_the_edges_of_pages_are_all_told(live: &Live) {
    let house = House::sized(40).await;
    let source = live.open(&house, 0);
    house.sim.faults(|faults| (faults.manners.export_size, faults.manners.page_cap) = (3, Some(2)));
    let mut told = nothing(&*source);
    onward(&*source, &mut told).await;
    for round in 0..4 {
        house.sim.advance(Duration::from_secs(900));
        for kind in [Kind::Customers, Kind::Contacts, Kind::Jobs, Kind::JobTypes, Kind::Locations] {
            restamp(&house, kind, 5 + round);
        }
        house.sim.advance(Duration::from_secs(1));
        onward(&*source, &mut told).await;
    }
    assert_all(&*source, told).await;
}

/// S5: a bulk change gives more rows one stamp than any page may hold.
pub async fn more_rows_of_one_stamp_than_any_page_holds_are_all_told(live: &Live) {
    let house = House::of(Options { size: Size { customers: 5_001, jobs: 0 }, ..Options::default() }).await;
    let source = live.open(&house, 0);
    let stream = source.spec().stream(live.stream).unwrap();
    house.sim.faults(|faults| (faults.manners.export_size, faults.manners.page_cap) = (5_000, Some(5_000)));
    let mut told = Told::new();
    let cursor = drain(&*source, stream, None, &mut told).await.unwrap().pop();
    house.sim.advance(Duration::from_secs(3_600));
    restamp(&house, Kind::Customers, 5_001);
    house.sim.advance(Duration::from_secs(60));
    let mut news = Told::new();
    drain(&*source, stream, cursor, &mut news).await.unwrap();
    assert_eq!((told.len(), news.len()), (5_001, 5_001));
}

pub async fn a_clock_that_is_off_loses_nothing(live: &Live) {
    for (ours, theirs) in [(-86_400, 0), (86_400, 0), (0, -280), (0, 280), (600, -200)] {
        let house = House::sized(30).await;
        let source = live.open(&house, 0);
        house.our_clock_is_ahead_by(ours);
        house.sim.faults(|faults| faults.manners.date_skew_seconds = theirs);
        let mut told = nothing(&*source);
        for _ in 0..4 {
            onward(&*source, &mut told).await;
            house.office(8);
            restamp(&house, Kind::JobTypes, 3);
            house.sim.advance(Duration::from_secs(7));
        }
        onward(&*source, &mut told).await;
        assert_all(&*source, told).await;
    }
}

pub async fn what_shows_late_is_told_as_long_as_the_lag_is_the_declared_one(live: &Live) {
    let house = House::sized(30).await;
    let source = live.open(&house, 0);
    let lags = source.spec().streams.iter().filter(|it| it.cursor == CursorKind::Stamp).map(|it| it.lag_seconds);
    let lag = lags.min().unwrap_or(60);
    house.sim.faults(|faults| faults.manners.lag_seconds = u64::from(lag).saturating_sub(10));
    let mut told = nothing(&*source);
    for round in 0..5 {
        onward(&*source, &mut told).await;
        house.office(6);
        restamp(&house, Kind::JobTypes, 1 + round);
        house.sim.advance(Duration::from_secs(40));
    }
    house.sim.advance(Duration::from_secs(u64::from(lag)));
    house.sim.faults(|faults| faults.clear());
    onward(&*source, &mut told).await;
    assert_all(&*source, told).await;
}

/// S4: what shows later than any lag that was declared is passed over by cursors, and found by a sweep.
pub async fn what_shows_later_than_declared_is_found_by_a_sweep(live: &Live) {
    let house = House::sized(30).await;
    let source = live.open(&house, 0);
    house.sim.faults(|faults| faults.manners.lag_seconds = 3_600);
    let mut told = nothing(&*source);
    for round in 0..4 {
        onward(&*source, &mut told).await;
        house.office(6);
        restamp(&house, Kind::JobTypes, 1 + round);
        house.sim.advance(Duration::from_secs(1_000));
    }
    house.sim.advance(Duration::from_secs(3_600));
    house.sim.faults(|faults| faults.clear());
    onward(&*source, &mut told).await;
    for (name, told, _) in &mut told {
        let stream = source.spec().stream(name).unwrap();
        if stream.is_swept {
            swept_into(&*source, stream, told).await.unwrap();
        }
    }
    assert_all(&*source, told).await;
}

pub async fn an_order_that_is_not_kept_loses_nothing_that_a_sweep_does_not_find(live: &Live) {
    for seed in 1..=3 {
        let house = House::of(Options { seed, size: Size::of(40), ..Options::default() }).await;
        let source = live.open(&house, 0);
        house.sim.faults(|faults| (faults.manners.ignores_sort, faults.manners.page_cap) = (0.5, Some(4)));
        let mut told = nothing(&*source);
        for _ in 0..3 {
            onward(&*source, &mut told).await;
            house.office(10);
            restamp(&house, Kind::JobTypes, 4);
        }
        house.sim.faults(|faults| faults.clear());
        onward(&*source, &mut told).await;
        for (name, told, _) in &mut told {
            let stream = source.spec().stream(name).unwrap();
            if stream.is_swept {
                swept_into(&*source, stream, told).await.unwrap();
            }
        }
        assert_all(&*source, told).await;
    }
}

pub async fn merges_and_deactivations_are_told_as_what_they_are(live: &Live) {
    let house = House::sized(40).await;
    let source = live.open(&house, 0);
    let stream = source.spec().stream("customers").unwrap();
    let mut told = Told::new();
    let cursor = drain(&*source, stream, None, &mut told).await.unwrap().pop();
    let alive: Vec<i64> = told.values().filter(|row| row.gone.is_none()).map(|row| row.key.parse().unwrap()).collect();
    let (from, into, off) = (alive[0], alive[1], alive[2]);
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::Merge { from, into }));
        assert!(world.edit(number, Edit::SetActive { customer: off, active: false }));
    });
    house.sim.advance(Duration::from_secs(60));
    let mut news = Told::new();
    let cursor = drain(&*source, stream, cursor, &mut news).await.unwrap().pop();
    assert_eq!(news[&from.to_string()].gone, Some(Gone::Merged { into: into.to_string() }));
    assert_eq!(news[&off.to_string()].gone, Some(Gone::Inactive));
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::SetActive { customer: off, active: true }));
    });
    house.sim.advance(Duration::from_secs(60));
    drain(&*source, stream, cursor, &mut news).await.unwrap();
    assert_eq!(news[&off.to_string()].gone, None, "it is back");
}

/// D2: elsewhere a key was unique without whose it is.
pub async fn two_businesses_with_the_same_keys_never_meet(live: &Live) {
    let house = House::of(Options { tenants: 2, ..Options::default() }).await;
    let (one, other) = (live.open(&house, 0), live.open(&house, 1));
    let (ours, theirs) = (all(&*one).await, all(&*other).await);
    let keys = |told: &Told| told.keys().cloned().collect::<BTreeSet<_>>();
    let shared = ours.iter().zip(&theirs).any(|((_, a), (_, b))| keys(a).intersection(&keys(b)).next().is_some());
    assert!(shared, "two businesses whose keys differ prove nothing");
    assert_ne!(ours, theirs);
    // Both at once, over one client.
    let (again, others) = tokio::join!(all(&*one), all(&*other));
    assert_eq!((again, others), (ours, theirs));
}

/// Whoever reads dies after any number of pages; the next one goes on from the last cursor that was kept.
pub async fn a_read_that_dies_at_any_step_goes_on_from_the_last_page(live: &Live) {
    let house = House::sized(30).await;
    house.sim.faults(|faults| (faults.manners.export_size, faults.manners.page_cap) = (9, Some(4)));
    let truth = all(&*live.open(&house, 0)).await;
    for (name, truth) in truth {
        for dies_after in 0..6 {
            let (mut told, mut cursor) = (Told::new(), None);
            for life in 0..40 {
                // Each life has a source of its own, and dies while its last page is on the way, or was not kept yet.
                let source = live.open(&house, 0);
                let mut is_over = false;
                for _ in 0..=dies_after {
                    let page = source.page(name, cursor.as_ref()).await.unwrap();
                    told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
                    cursor = page.cursor.or(cursor);
                    is_over = !page.more;
                    if is_over {
                        break;
                    }
                }
                if is_over {
                    break;
                }
                let lost = source.page(name, cursor.as_ref());
                if life % 2 == 0 { drop(lost) } else { drop(lost.await) }
            }
            assert_eq!(told, truth, "{name}, a life of {dies_after} pages and one");
        }
    }
}
