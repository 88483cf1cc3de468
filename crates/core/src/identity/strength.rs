//! How sure it is that the two of a review are one: what the queue is ordered by, and what may be decided in bulk.

use std::collections::HashMap;

use crate::id::CustomerId;
use crate::linkage::{BIT, Doubt, Linkage, Linked, Why};

use super::ReviewPair;

/// Records of each side that are compared where no pair of them is in doubt: those are far from one anyway.
const MAX_COMPARED: usize = 16;
/// Bits beyond which more say no more.
const MOST_BITS: f32 = 40.0;

/// Sets the score of each pair.
///
/// It is that of the surest pair of their records. Where that would link and the two are not one all the same (their
/// names are two people's, or it fits somebody else as well), it is even odds at most: a person has to look.
pub(super) fn rate(
    reviews: &mut [ReviewPair],
    linkage: &Linkage<'_>,
    linked: &Linked,
    of: &[u32],
    number: impl Fn(CustomerId) -> Option<u32>,
) {
    if reviews.is_empty() {
        return;
    }
    let doubts = doubts(linked, of);
    for review in reviews {
        let (Some(a), Some(b)) = (number(review.a), number(review.b)) else { continue };
        review.score = match doubts.get(&(a.min(b), a.max(b))) {
            Some((score, Why::Weak)) => *score,
            Some((score, _)) => (*score).min(0),
            None => compared(linkage, &linked.groups[a as usize], &linked.groups[b as usize]),
        };
    }
}

/// The surest doubt of each two groups; of equally sure ones, that which says more than that it is weak.
fn doubts(linked: &Linked, of: &[u32]) -> HashMap<(u32, u32), (i32, Why)> {
    let mut surest: HashMap<(u32, u32), (i32, Why)> = HashMap::new();
    for Doubt { a, b, score, why } in &linked.doubts {
        let (one, other) = (of[*a as usize], of[*b as usize]);
        let found = surest.entry((one.min(other), one.max(other))).or_insert((*score, *why));
        *found = (*found).max((*score, *why));
    }
    surest
}

fn compared(linkage: &Linkage<'_>, a: &[u32], b: &[u32]) -> i32 {
    let pairs = a.iter().take(MAX_COMPARED).flat_map(|one| b.iter().take(MAX_COMPARED).map(|other| (*one, *other)));
    let bits = pairs.map(|(one, other)| linkage.bits(one, other)).filter(|bits| !bits.is_nan());
    let surest = bits.fold(-MOST_BITS, f32::max);
    (surest.min(MOST_BITS) * BIT) as i32
}
