//! Who was joined to whom they are not, by what makes them hard to tell apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};

use super::cells::cells;
use super::people::{KINDS, TRUTH};

/// What became of the people of one kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// People of the kind.
    pub people: u64,
    /// Those who share a customer with anybody else.
    pub joined: u64,
    /// Pairs of them of one group: a father and his son, two members of a household, two tenants of a manager.
    pub pairs: u64,
    /// Those of the pairs who share a customer.
    pub joined_pairs: u64,
}

/// A person: number, kind, group.
type Person = (u32, u8, u32);

/// Counts what became of the people of a set, by kind.
///
/// # Errors
/// A file cannot be read.
pub fn joined(folder: &Path, clusters: &Path) -> Result<BTreeMap<String, Joined>> {
    let (mut kinds, mut people, mut groups) = (Numbers::default(), Numbers::default(), Numbers::default());
    let mut records: HashMap<String, Person> = HashMap::new();
    let mut all: BTreeSet<Person> = BTreeSet::new();
    let mut truth = rows(&folder.join(TRUTH))?;
    for row in rows(&folder.join(KINDS))? {
        let (row, whose) = (row?, truth.next().context("the truth ends early")??);
        let [record, kind, group] = row.as_slice() else { continue };
        let person = (people.of(&whose[1]), kinds.of(kind) as u8, groups.of(group));
        all.insert(person);
        records.insert(record.clone(), person);
    }
    let mut customers: HashMap<String, BTreeSet<Person>> = HashMap::new();
    for row in rows(clusters)? {
        let row = row?;
        if let (Some(record), Some(customer)) = (row.first(), row.get(1))
            && let Some(person) = records.get(record)
        {
            customers.entry(customer.clone()).or_default().insert(*person);
        }
    }
    let (mut joined, mut pairs) = (BTreeSet::new(), BTreeSet::new());
    for people in customers.into_values().filter(|people| people.len() > 1) {
        for (of_group, members) in by_group(&people) {
            for (place, a) in members.iter().enumerate() {
                pairs.extend(members[..place].iter().map(|b| (of_group, *b, *a)));
            }
        }
        joined.extend(people);
    }
    let mut found: BTreeMap<String, Joined> = BTreeMap::new();
    for ((kind, _), members) in by_group(&all) {
        let count = members.len() as u64;
        let entry = found.entry(kinds.texts[usize::from(kind)].clone()).or_default();
        entry.people += count;
        entry.pairs += count * (count - 1) / 2;
    }
    for (_, kind, _) in &joined {
        found.entry(kinds.texts[usize::from(*kind)].clone()).or_default().joined += 1;
    }
    for ((kind, _), _, _) in &pairs {
        found.entry(kinds.texts[usize::from(*kind)].clone()).or_default().joined_pairs += 1;
    }
    Ok(found)
}

/// The people of each kind in each group.
fn by_group(people: &BTreeSet<Person>) -> BTreeMap<(u8, u32), Vec<u32>> {
    let mut groups: BTreeMap<(u8, u32), Vec<u32>> = BTreeMap::new();
    for (person, kind, group) in people {
        groups.entry((*kind, *group)).or_default().push(*person);
    }
    groups
}

fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Vec<String>>> + use<>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BufReader::new(file).lines().skip(1).map(|line| Ok(cells(&line.context("cannot read a row")?))))
}

/// Texts as numbers, in the order of their coming.
#[derive(Default)]
struct Numbers {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Numbers {
    fn of(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pairs_of_a_group_and_people_joined_to_anybody_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write(TRUTH, "record_id,person_id\nr1,a\nr2,a\nr3,b\nr4,c\nr5,d\n");
        write(
            KINDS,
            "record_id,kind,group\nr1,household,g1\nr2,household,g1\nr3,household,g1\nr4,household,g1\nr5,plain,g2\n",
        );
        write("c.csv", "record_id,customer_id\nr5,x\nr4,x\nr3,y\nr2,y\nr1,z\n");
        let found = joined(dir.path(), &dir.path().join("c.csv")).unwrap();
        assert_eq!(found["household"], Joined { people: 3, joined: 3, pairs: 3, joined_pairs: 1 });
        assert_eq!(found["plain"], Joined { people: 1, joined: 1, pairs: 0, joined_pairs: 0 });
    }
}
