//! A file of contacts, looked at without a database: who of them is who. Nothing is stored.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use doorstep_core::contact::ContactRecord;
use doorstep_core::id::RecordId;
use doorstep_core::linkage::{
    Description, Doubt, Explanation, Frequencies, Given, Linkage, Linked, Observed, Scores, Trained, Weights, Why,
    train,
};
use doorstep_core::matching::Rules;
use doorstep_core::parallel;
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::time::Timestamp;
use doorstep_upstream::contact_file::{BadFile, ContactFile, Row};

/// Rows that are read, then worked on by all processors, then dropped.
const ROWS_AT_ONCE: usize = 50_000;
/// Most rows of one file: what fits into memory many times over on the machine of an office.
pub const MAX_ROWS: usize = 5_000_000;

/// Why a file cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no file of contacts.
    #[error("{0}")]
    BadFile(#[from] BadFile),
    /// Two rows are called the same.
    #[error("line {line}: another row has the same `record_id`; every row needs one of its own")]
    Repeated {
        /// The line of the second.
        line: u64,
    },
    /// More than [`MAX_ROWS`].
    #[error("it has more than {MAX_ROWS} rows; look at a part of it")]
    TooMany,
}

/// What a file came to.
pub struct LinkedFile {
    ids: Vec<Box<str>>,
    descriptions: Vec<Description>,
    frequencies: Frequencies,
    weights: Weights,
    linked: Linked,
    /// By row, its group's number.
    group_of: Vec<u32>,
    /// By group, the row that it is named for.
    named_for: Vec<u32>,
}

/// Two rows with what speaks for and against them.
pub struct Pair<'a> {
    /// One row's `record_id`.
    pub a: &'a str,
    /// The other's.
    pub b: &'a str,
    /// The customer of the one.
    pub customer_a: &'a str,
    /// The customer of the other.
    pub customer_b: &'a str,
    /// Why they are two, in words; `None` of two that are one.
    pub why: Option<&'static str>,
    /// The evidence.
    pub explanation: Explanation,
}

/// The contacts of a file, prepared for comparing.
pub struct Contacts {
    ids: Vec<Box<str>>,
    /// When each was made, where the file says so.
    made: Vec<Option<Timestamp>>,
    descriptions: Vec<Description>,
    frequencies: Frequencies,
}

/// Reads a file, with the frequencies of its own names.
///
/// `progress` hears how many rows were read. Blocking, and busy on all processors, as all here is.
///
/// # Errors
/// [`Error`] where it is no file of contacts.
pub fn read(path: &Path, region: Region, mut progress: impl FnMut(u64)) -> Result<Contacts, Error> {
    let rules = Rules::default();
    let mut file = ContactFile::open(path)?;
    let (mut ids, mut made, mut descriptions) = (Vec::<Box<str>>::new(), Vec::<Option<Timestamp>>::new(), Vec::new());
    let (hasher, mut seen) = (RandomState::new(), HashSet::new());
    loop {
        let rows = file.rows(ROWS_AT_ONCE)?;
        if rows.is_empty() {
            break;
        }
        if let Some(row) = rows.iter().find(|row| !seen.insert(hasher.hash_one(row.record_id()))) {
            return Err(Error::Repeated { line: row.line });
        }
        let parts =
            parallel::parts(&rows, |rows| rows.iter().map(|row| description(row, region, &rules)).collect::<Vec<_>>());
        for (description, created_at) in parts.into_iter().flatten() {
            descriptions.push(description);
            made.push(created_at);
        }
        ids.extend(rows.iter().map(|row| row.record_id().into()));
        if ids.len() > MAX_ROWS {
            return Err(Error::TooMany);
        }
        progress(ids.len() as u64);
    }
    let frequencies = Frequencies::of(descriptions.iter());
    descriptions.iter_mut().for_each(|description| description.weigh(&frequencies));
    Ok(Contacts { ids, made, descriptions, frequencies })
}

impl Contacts {
    /// Who of them is who, by these weights.
    pub fn link(self, weights: Weights) -> LinkedFile {
        let Self { ids, made, descriptions, frequencies } = self;
        let linked = Linkage::of(&descriptions, &Given::default(), &weights, &frequencies).link();
        let mut group_of = vec![0; ids.len()];
        let mut named_for = Vec::with_capacity(linked.groups.len());
        for (number, group) in (0u32..).zip(&linked.groups) {
            group.iter().for_each(|row| group_of[*row as usize] = number);
            let age = |row: &&u32| (made[**row as usize].is_none(), made[**row as usize], &ids[**row as usize]);
            named_for.extend(group.iter().min_by_key(age));
        }
        LinkedFile { ids, descriptions, frequencies, weights, linked, group_of, named_for }
    }

    /// Weights learnt from them, starting from these.
    pub fn train(&self, weights: &Weights) -> Trained {
        let mut observed = Observed::default();
        Linkage::of(&self.descriptions, &Given::default(), weights, &self.frequencies).observe(&mut observed);
        train(&observed, weights, self.frequencies.people())
    }

    /// The scores of the pairs that are compared; with the truth, which says whose each row is, also of those of them
    /// that are one person's.
    pub fn scores(&self, weights: &Weights, truth: Option<&HashMap<String, String>>) -> (Scores, Option<Scores>) {
        let given = Given::default();
        let linkage = Linkage::of(&self.descriptions, &given, weights, &self.frequencies);
        let Some(truth) = truth else { return (linkage.scores(|_, _| true), None) };
        let whose: Vec<Option<&String>> = self.ids.iter().map(|id| truth.get(&**id)).collect();
        let known = |a: u32, b: u32| whose[a as usize].zip(whose[b as usize]);
        let all = linkage.scores(|a, b| known(a, b).is_some());
        let one = linkage.scores(|a, b| known(a, b).is_some_and(|(one, other)| one == other));
        (all, Some(one))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ids.len()
    }
}

fn description(row: &Row, region: Region, rules: &Rules) -> (Description, Option<Timestamp>) {
    let created_at = row.created_at();
    let record = ContactRecord {
        id: RecordId::from_uuid(uuid::Uuid::nil()),
        source: Source::Hub,
        import: None,
        source_key: String::new(),
        created_at: created_at.unwrap_or(Timestamp::from_micros(0)),
        contact: row.contact(region),
    };
    (Description::of(&record, rules), created_at)
}

impl LinkedFile {
    /// Every row's `record_id` with that of the row that its customer is named for, in the order of the file.
    pub fn customers(&self) -> impl Iterator<Item = (&str, &str)> {
        (0u32..).zip(&self.ids).map(|(row, id)| (&**id, self.customer_of(row)))
    }

    /// How many customers the rows are.
    pub fn count(&self) -> usize {
        self.linked.groups.len()
    }

    /// How many pairs of customers are in doubt.
    pub fn doubtful(&self) -> usize {
        self.doubts().len()
    }

    /// Hands out the pairs of customers in doubt, the likeliest first.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn each_doubt<E>(&self, take: impl FnMut(Pair<'_>) -> Result<(), E>) -> Result<(), E> {
        let pairs = self.doubts().into_iter().map(|doubt| (doubt.a, doubt.b, Some(words(doubt.why))));
        self.each(pairs, take)
    }

    /// Hands out the pairs of rows that were linked.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn each_link<E>(&self, take: impl FnMut(Pair<'_>) -> Result<(), E>) -> Result<(), E> {
        self.each(self.linked.links.iter().map(|edge| (edge.a, edge.b, None)), take)
    }

    fn each<E>(
        &self,
        pairs: impl Iterator<Item = (u32, u32, Option<&'static str>)>,
        mut take: impl FnMut(Pair<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let given = Given::default();
        let linkage = Linkage::of(&self.descriptions, &given, &self.weights, &self.frequencies);
        for (a, b, why) in pairs {
            take(Pair {
                a: &self.ids[a as usize],
                b: &self.ids[b as usize],
                customer_a: self.customer_of(a),
                customer_b: self.customer_of(b),
                why,
                explanation: linkage.explain(a, b),
            })?;
        }
        Ok(())
    }

    /// Of each two customers the likeliest pair, the likeliest first.
    fn doubts(&self) -> Vec<Doubt> {
        let mut best: BTreeMap<(u32, u32), Doubt> = BTreeMap::new();
        for doubt in &self.linked.doubts {
            let (a, b) = (self.group_of[doubt.a as usize], self.group_of[doubt.b as usize]);
            let held = best.entry((a.min(b), a.max(b))).or_insert(*doubt);
            if doubt.score > held.score {
                *held = *doubt;
            }
        }
        let mut doubts: Vec<Doubt> = best.into_values().collect();
        doubts.sort_by_key(|doubt| (std::cmp::Reverse(doubt.score), doubt.a, doubt.b));
        doubts
    }

    fn customer_of(&self, row: u32) -> &str {
        &self.ids[self.named_for[self.group_of[row as usize] as usize] as usize]
    }
}

fn words(why: Why) -> &'static str {
    match why {
        Why::Weak => "the evidence is not enough",
        Why::Ambiguous => "it could be either of two people's",
        Why::Names => "the names are two people's",
        Why::NeverMix => "each has numbers and addresses of its own, and none in common",
        Why::Generation => "one may be the other's father or son",
    }
}
