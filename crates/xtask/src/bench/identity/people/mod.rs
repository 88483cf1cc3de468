//! Made-up contact records of a home-service business, with the truth about who is who: what the matcher is judged by.
//!
//! A set is a function of its seed and its size. People are made in groups (a household, a business with its contacts)
//! from one sequence of chance a group; each of their records is written down as one source would have it. What is
//! there, and how often, is in [`rates`] and on the page docs/reference/identity-data.md. The matcher is not tuned to
//! this, nor this to the matcher.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

mod evidence;
mod family;
mod given;
mod group;
mod name;
mod name_writing;
mod number;
mod person;
mod place;
pub mod random;
mod rates;
mod slip;
#[cfg(test)]
mod tests;
mod trade;
mod world;
mod writing;

use evidence::About;
use person::{Kind, Person};
use random::{Random, mix};
use world::World;

/// The columns of RECORDS.csv.
pub const HEADER: [&str; 14] = [
    "record_id",
    "source",
    "created_at",
    "first_name",
    "last_name",
    "full_name",
    "company",
    "phones",
    "emails",
    "street",
    "unit",
    "city",
    "state",
    "zip",
];
/// The records.
pub const RECORDS: &str = "RECORDS.csv";
/// Whose they are.
pub const TRUTH: &str = "TRUTH.csv";
/// What makes them hard.
pub const KINDS: &str = "KINDS.csv";
/// Files among which records are dealt out, so that they can be mixed without all of them in memory.
const PARTS: usize = 64;

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Records.
    pub records: u64,
    /// People with at least one.
    pub people: u64,
    /// Pairs of records of one person.
    pub pairs: u64,
    /// Those of them that the evidence joins.
    pub evident: u64,
}

impl Made {
    /// The pairwise F1 of a judge who joins what is evident and nothing else.
    pub fn bound(&self) -> f64 {
        let recall = self.evident as f64 / self.pairs.max(1) as f64;
        2.0 * recall / (1.0 + recall)
    }
}

/// Makes a set of so many records in a folder: [`RECORDS`], [`TRUTH`], [`KINDS`].
///
/// # Errors
/// A file cannot be written.
pub fn make(seed: u64, records: usize, folder: &Path) -> Result<Made> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let spool = tempfile::tempdir_in(folder).context("cannot make a folder for parts")?;
    let part = |number: usize| spool.path().join(number.to_string());
    let mut parts = Vec::new();
    for number in 0..PARTS {
        parts.push(BufWriter::new(File::create(part(number)).context("cannot make a part")?));
    }
    let made = deal(seed, records, &mut parts)?;
    for mut part in parts {
        part.flush().context("cannot write a part")?;
    }
    let create = |name: &str| {
        Ok::<_, anyhow::Error>(BufWriter::new(
            File::create(folder.join(name)).with_context(|| format!("cannot make {name}"))?,
        ))
    };
    let (mut rows, mut truth, mut kinds) = (create(RECORDS)?, create(TRUTH)?, create(KINDS)?);
    writeln!(rows, "{}", HEADER.join(","))?;
    writeln!(truth, "record_id,person_id")?;
    writeln!(kinds, "record_id,kind,group")?;
    let mut number = 0_u64;
    for place in 0..PARTS {
        let read = BufReader::new(File::open(part(place)).context("cannot read a part")?);
        let mut lines: Vec<String> = read.lines().collect::<std::io::Result<_>>().context("cannot read a part")?;
        // Each begins with its place in the order of chance.
        lines.sort_unstable();
        for line in &lines {
            let mut fields = line.splitn(5, '\t').skip(1);
            let mut next = || fields.next().unwrap_or_default();
            let (person, kind, group, cells) = (next(), next(), next(), next());
            number += 1;
            writeln!(rows, "r{number:07},{cells}")?;
            writeln!(truth, "r{number:07},{person}")?;
            writeln!(kinds, "r{number:07},{kind},{group}")?;
        }
    }
    rows.flush().and_then(|()| truth.flush()).and_then(|()| kinds.flush()).context("cannot write the set")?;
    Ok(made)
}

/// Makes the people and deals their records out, each with its place in the order of chance in front.
fn deal(seed: u64, records: usize, parts: &mut [impl Write]) -> Result<Made> {
    let mut world = World::new(seed, records);
    let mut made = Made { records: 0, people: 0, pairs: 0, evident: 0 };
    let mut group_number = 0;
    while made.records < records as u64 {
        group_number += 1;
        let mut random = Random::new(seed, group_number);
        for mut person in group::group(&mut world, &mut random) {
            person.records = person.records.min(records - made.records as usize);
            if person.records == 0 {
                break;
            }
            made.people += 1;
            let mut signs = Vec::new();
            for _ in 0..person.records {
                let written = writing::write(&person, &world, &mut random);
                made.records += 1;
                let order = mix(mix(seed) ^ made.records);
                let head = format!("{order:016x}\tp{}\t{}\tg{group_number}\t", made.people, person.kind.name());
                writeln!(parts[(order >> 58) as usize], "{head}{}", row(&written.cells))?;
                signs.push(written.signs);
            }
            let (all, evident) = evidence::pairs(&signs, about(&person, &world));
            made.pairs += all;
            made.evident += evident;
        }
    }
    Ok(made)
}

fn about(person: &Person, world: &World) -> About {
    About {
        has_double: person.has_double() || person.kind == Kind::Namesake,
        is_rare: !world.names.is_common(&person.family),
        is_of_few: matches!(
            person.kind,
            Kind::Household | Kind::Roommate | Kind::Twin | Kind::Business | Kind::Manager | Kind::Agent
        ),
        is_company: person.given.is_empty(),
    }
}

/// A row of CSV without its end.
fn row(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    });
    quoted.collect::<Vec<_>>().join(",")
}
