//! How good a partition is, against the truth: pairwise and B-cubed precision, recall and F1, and the worst mistakes.
//!
//! Records are put into customers (the partition) and belong to people (the truth). With `n(c, p)` the records of
//! person `p` in customer `c`, `n(c)` and `n(p)` the sizes, `n` all records and `two(x) = x (x - 1) / 2`:
//!
//! - pairwise precision = Σ two(n(c, p)) / Σ two(n(c)): of the pairs of records joined, how many rightly;
//! - pairwise recall = Σ two(n(c, p)) / Σ two(n(p)): of the pairs of one person's records, how many are joined;
//! - B-cubed precision = 1/n Σ n(c, p)² / n(c): for each record, the share of its customer that is its person's;
//! - B-cubed recall = 1/n Σ n(c, p)² / n(p): for each record, the share of its person that is in its customer
//!   (Bagga and Baldwin, "Algorithms for scoring coreference chains", 1998);
//! - F1 = 2 · precision · recall / (precision + recall).
//!
//! Pairs weigh large customers and people by the square, so one wrong cluster of thousands shows; B-cubed weighs each
//! record alike, so it tells what a look-up of a random record finds. Time and memory grow with the records (and the
//! logarithm of sorting them), never with the pairs.

/// A record's place: its customer and its person, each as a number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placed {
    /// Which customer it was put into.
    pub customer: u32,
    /// Whose it is.
    pub person: u32,
}

/// Precision, recall and their harmonic mean, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// How much of what was joined is right; 1 where nothing was joined.
    pub precision: f64,
    /// How much of what is right was joined; 1 where there was nothing to join.
    pub recall: f64,
    /// The harmonic mean; 0 where both are.
    pub f1: f64,
}

/// All figures of a partition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Records.
    pub records: u64,
    /// Customers.
    pub customers: u64,
    /// People.
    pub people: u64,
    /// Pairs of records that are in one customer.
    pub joined_pairs: u64,
    /// Pairs of records of one person.
    pub true_pairs: u64,
    /// Pairs that are both.
    pub right_pairs: u64,
    /// By pairs.
    pub pairwise: Score,
    /// By records.
    pub b_cubed: Score,
}

/// A customer that holds several people, or a person in several customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Which customer, or which person.
    pub number: u32,
    /// Pairs of records that are wrongly together, or wrongly apart.
    pub wrong_pairs: u64,
    /// The people in the customer, or the customers of the person, the largest first: which, and the places of its
    /// records in the list that was evaluated.
    pub parts: Vec<(u32, Vec<usize>)>,
}

/// The figures of records as they were placed.
pub fn figures(records: &[Placed]) -> Figures {
    let mut sorted = records.to_vec();
    sorted.sort_unstable();
    let customers = runs(&sorted, |it| it.customer);
    let cells: Vec<(Placed, u64)> = runs(&sorted, |it| it);
    sorted.sort_unstable_by_key(|it| it.person);
    let people = runs(&sorted, |it| it.person);
    let n = records.len() as u64;
    let joined_pairs = customers.iter().map(|(_, size)| two(*size)).sum();
    let true_pairs = people.iter().map(|(_, size)| two(*size)).sum();
    let right_pairs = cells.iter().map(|(_, size)| two(*size)).sum();
    let b_cubed = |size: &dyn Fn(Placed) -> u64| {
        let sum: f64 = cells.iter().map(|(cell, count)| (*count as f64).powi(2) / size(*cell) as f64).sum();
        if n == 0 { 1.0 } else { sum / n as f64 }
    };
    Figures {
        records: n,
        customers: customers.len() as u64,
        people: people.len() as u64,
        joined_pairs,
        true_pairs,
        right_pairs,
        pairwise: Score::new(ratio(right_pairs, joined_pairs), ratio(right_pairs, true_pairs)),
        b_cubed: Score::new(
            b_cubed(&|cell| size_of(&customers, cell.customer)),
            b_cubed(&|cell| size_of(&people, cell.person)),
        ),
    }
}

/// The customers with the most pairs wrongly joined, the worst first, at most `limit`.
pub fn merged_most(records: &[Placed], limit: usize) -> Vec<Mistake> {
    worst(records, limit, |it| (it.customer, it.person))
}

/// The people with the most pairs wrongly apart, the worst first, at most `limit`.
pub fn split_most(records: &[Placed], limit: usize) -> Vec<Mistake> {
    worst(records, limit, |it| (it.person, it.customer))
}

impl Score {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f1: if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum } }
    }
}

/// Pairs that `n` things make.
fn two(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What stands one after another, with how often.
fn runs<K: PartialEq + Copy>(sorted: &[Placed], key: impl Fn(Placed) -> K) -> Vec<(K, u64)> {
    let mut runs: Vec<(K, u64)> = Vec::new();
    for record in sorted {
        match runs.last_mut() {
            Some((last, count)) if *last == key(*record) => *count += 1,
            _ => runs.push((key(*record), 1)),
        }
    }
    runs
}

fn size_of(sizes: &[(u32, u64)], number: u32) -> u64 {
    sizes.binary_search_by_key(&number, |(it, _)| *it).map_or(0, |place| sizes[place].1)
}

/// Groups by the first of the key's numbers and finds those that the second one divides most.
fn worst(records: &[Placed], limit: usize, key: impl Fn(Placed) -> (u32, u32)) -> Vec<Mistake> {
    let mut places: Vec<usize> = (0..records.len()).collect();
    places.sort_unstable_by_key(|place| (key(records[*place]), *place));
    let mut mistakes: Vec<(u64, u32, &[usize])> = Vec::new();
    for group in places.chunk_by(|a, b| key(records[*a]).0 == key(records[*b]).0) {
        let parts = group.chunk_by(|a, b| key(records[*a]) == key(records[*b]));
        let wrong = two(group.len() as u64) - parts.map(|part| two(part.len() as u64)).sum::<u64>();
        if wrong > 0 {
            mistakes.push((wrong, key(records[group[0]]).0, group));
        }
    }
    mistakes.sort_unstable_by_key(|(wrong, number, _)| (std::cmp::Reverse(*wrong), *number));
    mistakes.truncate(limit);
    let mistake = |(wrong_pairs, number, group): (u64, u32, &[usize])| {
        let parts = group.chunk_by(|a, b| key(records[*a]) == key(records[*b]));
        let mut parts: Vec<(u32, Vec<usize>)> = parts.map(|part| (key(records[part[0]]).1, part.to_vec())).collect();
        parts.sort_by_key(|(_, places)| std::cmp::Reverse(places.len()));
        Mistake { number, wrong_pairs, parts }
    };
    mistakes.into_iter().map(mistake).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn placed(records: &[(u32, u32)]) -> Vec<Placed> {
        records.iter().map(|(customer, person)| Placed { customer: *customer, person: *person }).collect()
    }

    #[test]
    fn figures_are_those_of_the_formulas() {
        let check = |records: &[(u32, u32)], pairwise: [f64; 2], b_cubed: [f64; 2]| {
            let found = figures(&placed(records));
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(near(found.pairwise.precision, pairwise[0]), "{records:?}: {found:?}");
            assert!(near(found.pairwise.recall, pairwise[1]), "{records:?}: {found:?}");
            assert!(near(found.b_cubed.precision, b_cubed[0]), "{records:?}: {found:?}");
            assert!(near(found.b_cubed.recall, b_cubed[1]), "{records:?}: {found:?}");
        };
        check(&[], [1.0, 1.0], [1.0, 1.0]);
        check(&[(0, 0)], [1.0, 1.0], [1.0, 1.0]);
        check(&[(0, 0), (0, 0), (1, 1)], [1.0, 1.0], [1.0, 1.0]);
        check(&[(0, 0), (1, 0)], [1.0, 0.0], [1.0, 0.5]);
        check(&[(0, 0), (0, 1)], [0.0, 1.0], [0.5, 1.0]);
        // Two of the three pairs in customer 0 are wrong; person 0 has one record of three elsewhere.
        check(
            &[(0, 0), (0, 0), (0, 1), (1, 0)],
            [1.0 / 3.0, 1.0 / 3.0],
            [(4.0 / 3.0 + 1.0 / 3.0 + 1.0) / 4.0, (4.0 / 3.0 + 1.0 / 3.0 + 1.0) / 4.0],
        );
    }

    #[test]
    fn the_example_of_bagga_and_baldwin_gives_their_precision() {
        // Truth: 1-5, 6-7, 8-12. The second response of their paper joins the first and the last of them.
        let truth = [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2];
        let first = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let second = [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
        let precision = |response: [u32; 12]| {
            let records: Vec<(u32, u32)> = response.into_iter().zip(truth).collect();
            let found = figures(&placed(&records)).b_cubed;
            assert!((found.recall - 1.0).abs() < 1e-9);
            (found.precision * 100.0).round()
        };
        assert_eq!((precision(first), precision(second)), (76.0, 58.0));
    }

    #[test]
    fn the_worst_mistakes_are_named_first_with_their_records() {
        let records = placed(&[(0, 0), (0, 1), (0, 1), (1, 2), (2, 2), (3, 3), (3, 4), (4, 5)]);
        let merged = merged_most(&records, 5);
        assert_eq!(merged[0], Mistake { number: 0, wrong_pairs: 2, parts: vec![(1, vec![1, 2]), (0, vec![0])] });
        assert_eq!((merged[1].number, merged.len()), (3, 2));
        assert_eq!(merged_most(&records, 1).len(), 1);
        let split = split_most(&records, 5);
        assert_eq!(split, [Mistake { number: 2, wrong_pairs: 1, parts: vec![(1, vec![3]), (2, vec![4])] }]);
    }

    proptest! {
        #[test]
        fn figures_are_what_counting_all_pairs_gives(records in proptest::collection::vec((0_u32..6, 0_u32..6), 0..40)) {
            let records = placed(&records);
            let found = figures(&records);
            let (mut joined, mut of_one, mut right) = (0, 0, 0);
            for (place, a) in records.iter().enumerate() {
                for b in &records[..place] {
                    joined += u64::from(a.customer == b.customer);
                    of_one += u64::from(a.person == b.person);
                    right += u64::from(a == b);
                }
            }
            prop_assert_eq!((found.joined_pairs, found.true_pairs, found.right_pairs), (joined, of_one, right));
            let count = |test: &dyn Fn(&Placed) -> bool| records.iter().filter(|it| test(it)).count() as f64;
            let n = records.len().max(1) as f64;
            let precision: f64 = records.iter().map(|a| count(&|b| b == a) / count(&|b| b.customer == a.customer)).sum();
            let recall: f64 = records.iter().map(|a| count(&|b| b == a) / count(&|b| b.person == a.person)).sum();
            if !records.is_empty() {
                prop_assert!((found.b_cubed.precision - precision / n).abs() < 1e-9);
                prop_assert!((found.b_cubed.recall - recall / n).abs() < 1e-9);
            }
            let wrong: u64 = merged_most(&records, usize::MAX).iter().map(|it| it.wrong_pairs).sum();
            prop_assert_eq!(wrong, joined - right);
            let missed: u64 = split_most(&records, usize::MAX).iter().map(|it| it.wrong_pairs).sum();
            prop_assert_eq!(missed, of_one - right);
        }
    }
}
