//! What was told before and is told again says what would be told anew.

use super::customers::{all, well_equipped};
use super::*;

const LEVELS: [Assurance; 3] = [Assurance::Claimed, Assurance::Verified, Assurance::Staff];
/// Instants that follow each other; each pair of nearer ones is tried.
const APART: usize = 12;

/// Every instant at which something may become another: visits begin and end, days begin, sources are read.
fn instants(known: &Known) -> Vec<Timestamp> {
    let visits = known.jobs.iter().flat_map(|row| &row.value.appointments);
    let bounds =
        visits.flat_map(|visit| [visit.starts_at, visit.ends_at, visit.window_starts_at, visit.window_ends_at]);
    let mut all: Vec<Timestamp> = bounds.flatten().chain(known.read_at.values().copied()).chain([now()]).collect();
    // In New York days begin at four or five; warranties and memberships end on one of them.
    let midnights = |day: &str| ["T03:59:59Z", "T04:00:00Z", "T05:00:00Z"].map(|hour| instant(&format!("{day}{hour}")));
    let days = ["2025-03-08", "2025-03-09", "2025-03-10", "2025-03-11", "2025-03-12", "2025-04-01", "2026-01-01"];
    all.extend(days.into_iter().flat_map(midnights));
    let beside = |at: &Timestamp| [-1, 1].map(|micros| Timestamp::from_micros(at.micros() + micros));
    let next: Vec<Timestamp> = all.iter().flat_map(beside).collect();
    all.extend(next);
    all.sort();
    all.dedup();
    all
}

/// All that is made of a context, but for the text's receipt.
fn said(context: &CustomerContext) -> String {
    format!("{}\n{}", serde_json::to_string(context).unwrap(), context.text(Budget::default()))
}

#[test]
fn what_is_steady_is_told_again_as_it_would_be_told_anew() {
    let (tenant, mut steady) = (tenant(), 0);
    for (name, known) in all().into_iter().chain([("equipped", well_equipped())]) {
        let instants = instants(&known);
        for level in LEVELS {
            let contexts: Vec<_> = instants.iter().map(|at| CustomerContext::of(&known, level, *at, &tenant)).collect();
            let anew: Vec<String> = contexts.iter().map(said).collect();
            for (place, then) in instants.iter().enumerate() {
                for (further, now) in instants[place..].iter().enumerate().take(APART) {
                    if known.is_steady(*then, *now, &tenant.time_zone) {
                        steady += 1;
                        let again = said(&contexts[place].told_again(*then, *now));
                        assert_eq!(again, anew[place + further], "{name}, {level}: of {then} at {now}");
                    }
                }
            }
        }
    }
    assert!(steady > 1_000, "only {steady} pairs of instants are steady");
}
