//! What anybody would try first: one customer is whatever shares a phone number or an e-mail address.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::cells::cells;
use super::people::HEADER;

/// Sets that grow together.
#[derive(Default)]
struct Sets {
    parent: Vec<u32>,
    seen: HashMap<String, u32>,
}

impl Sets {
    fn add(&mut self) -> u32 {
        let number = self.parent.len() as u32;
        self.parent.push(number);
        number
    }

    fn find(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            let above = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = above;
            at = above;
        }
        at
    }

    /// Puts a record to those that have the same text.
    fn join(&mut self, record: u32, text: String) {
        let first = *self.seen.entry(text).or_insert(record);
        let (a, b) = (self.find(first), self.find(record));
        self.parent[a.max(b) as usize] = a.min(b);
    }
}

/// Writes record_id,customer_id for a file of records, joined by equal numbers and addresses after normalising. Without
/// `placeholders`, what is typed for want of a number or an address joins nobody.
///
/// # Errors
/// A file cannot be read or written.
pub fn cluster(records: &Path, clusters: &Path, placeholders: bool) -> Result<()> {
    let read = BufReader::new(File::open(records).with_context(|| format!("cannot read {}", records.display()))?);
    let place = |name: &str| HEADER.iter().position(|it| *it == name).unwrap_or(0);
    let (phones, emails) = (place("phones"), place("emails"));
    let (mut sets, mut ids) = (Sets::default(), Vec::new());
    for line in read.lines().skip(1) {
        let row = cells(&line.context("cannot read a record")?);
        let record = sets.add();
        let of = |column: usize| row.get(column).map_or("", String::as_str).split('|');
        for number in of(phones).filter_map(|text| number(text, placeholders)) {
            sets.join(record, number);
        }
        for address in of(emails).filter_map(|text| address(text, placeholders)) {
            sets.join(record, address);
        }
        ids.push(row.into_iter().next().unwrap_or_default());
    }
    let mut out = BufWriter::new(File::create(clusters).context("cannot make the file of customers")?);
    writeln!(out, "record_id,customer_id")?;
    for (record, id) in ids.iter().enumerate() {
        writeln!(out, "{id},c{}", sets.find(record as u32))?;
    }
    out.flush().context("cannot write the file of customers")
}

/// The last ten digits before an extension.
fn number(text: &str, placeholders: bool) -> Option<String> {
    let main = text.split(['x', 'e']).find(|part| part.chars().any(|c| c.is_ascii_digit())).unwrap_or("");
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let digits = digits[digits.len().saturating_sub(10)..].to_owned();
    let first = digits.as_bytes().first().copied();
    let is_made_up = digits.len() < 10
        || digits.bytes().all(|digit| Some(digit) == first)
        || &digits[3..6] == "555"
        || digits == "1234567890";
    (!digits.is_empty() && (placeholders || !is_made_up)).then_some(digits)
}

fn address(text: &str, placeholders: bool) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, service) = text.split_once('@')?;
    let is_made_up =
        service.starts_with(name) || ["noemail", "no", "noreply", "donotemail", "email", "none", "na"].contains(&name);
    (placeholders || !is_made_up).then_some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_and_addresses_are_normalised_and_join() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(number(text, false).as_deref(), expected, "{text}");
        check("+1 (617) 471-2000", Some("6174712000"));
        check("cell: 617.471.2000", Some("6174712000"));
        check("617-471-2000 x12", Some("6174712000"));
        check("617-471-2000 ext. 9", Some("6174712000"));
        check("000-000-0000", None);
        check("617-555-0199", None);
        check("n/a", None);
        assert_eq!(number("000-000-0000", true).as_deref(), Some("0000000000"));
        assert_eq!(address(" Ann@Harbor.example ", false).as_deref(), Some("ann@harbor.example"));
        assert_eq!((address("none@none.com", false), address("none", true)), (None, None));

        let dir = tempfile::tempdir().unwrap();
        let (records, clusters) = (dir.path().join("r.csv"), dir.path().join("c.csv"));
        let row = |id: &str, phones: &str, emails: &str| format!("{id},,,,,\"Ann, Lee\",,{phones},{emails},,,,,\n");
        let text = [
            HEADER.join(",") + "\n",
            row("a", "617 471 2000", ""),
            row("b", "", "x@y.example"),
            row("c", "6174712001", ""),
            row("d", "(617) 471-2000 | 6174712009", "X@Y.example"),
        ];
        std::fs::write(&records, text.concat()).unwrap();
        cluster(&records, &clusters, true).unwrap();
        assert_eq!(std::fs::read_to_string(&clusters).unwrap(), "record_id,customer_id\na,c0\nb,c0\nc,c2\nd,c0\n");
    }
}
