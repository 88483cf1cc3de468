//! `doorstep identity evaluate`

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use doorstep_core::identity::evaluation::{self, Figures, Mistake, Placed, Score};
use serde_json::{Value, json};

use super::table::Table;
use crate::failure::Failure;
use crate::output::{Column, Grid, Output, count, one_line, several};

/// Mistakes of each kind that are listed.
const MISTAKES: u16 = 5;
/// Parts of a mistake that are shown: a customer of hundreds of people is wrong at the first look.
const PARTS: usize = 8;
/// Records of a part that are named.
const RECORDS: usize = 6;

/// Compare customers with the truth: precision, recall, F1, and the worst mistakes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which customer each record is put into.
    #[arg(value_name = "CLUSTERS.csv")]
    clusters: PathBuf,
    /// Which person each record is of.
    #[arg(long, value_name = "TRUTH.csv")]
    truth: PathBuf,
    /// How many of the worst mistakes of each kind to list.
    #[arg(long, value_name = "COUNT", default_value_t = MISTAKES, value_parser = clap::value_parser!(u16).range(0..=1_000))]
    worst: u16,
}

/// Texts, each with a number in the order of their first coming.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

/// Both files, joined.
struct Joined {
    /// The records that both know, in the order of the truth.
    records: Vec<String>,
    /// Where each of them is.
    placed: Vec<Placed>,
    customers: Names,
    people: Names,
    only_in_clusters: u64,
    only_in_truth: u64,
}

pub fn run(args: &Args, out: &Output) -> Result<(), Failure> {
    let joined = join(&args.clusters, &args.truth)?;
    let figures = evaluation::figures(&joined.placed);
    let limit = usize::from(args.worst);
    let merged = evaluation::merged_most(&joined.placed, limit);
    let split = evaluation::split_most(&joined.placed, limit);
    if out.json {
        return out.json(&as_json(&joined, &figures, &merged, &split));
    }
    out.print(&told(&joined, &figures, &merged, &split, out))
}

/// A record of either file.
struct Entry {
    /// What the first file says.
    customer: Option<u32>,
    /// The line of the truth that names it.
    truth_line: Option<u64>,
    line: u64,
}

fn join(clusters: &Path, truth: &Path) -> Result<Joined, Failure> {
    let mut entries: HashMap<String, Entry> = HashMap::new();
    let (mut customers, mut people) = (Names::default(), Names::default());
    each(clusters, "customer_id", |record, customer, table| {
        let line = table.line();
        let entry = Entry { customer: Some(customers.number(customer)), truth_line: None, line };
        entries.insert(record.to_owned(), entry).map_or(Ok(()), |before| Err(twice(record, before.line, table)))
    })?;
    let (mut records, mut placed, mut only_in_truth) = (Vec::new(), Vec::new(), 0);
    each(truth, "person_id", |record, person, table| {
        let line = table.line();
        let Some(entry) = entries.get_mut(record) else {
            only_in_truth += 1;
            entries.insert(record.to_owned(), Entry { customer: None, truth_line: Some(line), line });
            return Ok(());
        };
        if let Some(before) = entry.truth_line.replace(line) {
            return Err(twice(record, before, table));
        }
        if let Some(customer) = entry.customer {
            records.push(record.to_owned());
            placed.push(Placed { customer, person: people.number(person) });
        }
        Ok(())
    })?;
    if placed.is_empty() {
        return Err(Failure::refused("the two files have no record in common")
            .hint("`record_id` has to be the same in both, letter by letter"));
    }
    let only_in_clusters = entries.values().filter(|entry| entry.truth_line.is_none()).count() as u64;
    Ok(Joined { records, placed, customers, people, only_in_clusters, only_in_truth })
}

fn twice(record: &str, before: u64, table: &Table) -> Failure {
    let (record, path, line) = (one_line(record), table.path(), table.line());
    Failure::refused(format!("record `{record}` stands twice in `{path}`: on lines {before} and {line}"))
        .hint("every record belongs to one customer and to one person")
}

/// Reads `record_id` and a column of each row.
pub(super) fn each(
    path: &Path,
    column: &str,
    mut visit: impl FnMut(&str, &str, &Table) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let names = ["record_id", column];
    let mut table = Table::open(path, &names)?;
    let mut has_rows = false;
    while table.next()? {
        has_rows = true;
        for (place, name) in names.iter().enumerate() {
            if table.cell(place).is_empty() {
                return Err(Failure::refused(format!("line {} of `{}` has no `{name}`", table.line(), table.path())));
            }
        }
        visit(table.cell(0), table.cell(1), &table)?;
    }
    if !has_rows {
        return Err(Failure::refused(format!("`{}` has no row under its header", table.path())));
    }
    Ok(())
}

fn as_json(joined: &Joined, figures: &Figures, merged: &[Mistake], split: &[Mistake]) -> Value {
    let score = |score: &Score| json!({ "precision": score.precision, "recall": score.recall, "f1": score.f1 });
    let mut pairs = score(&figures.pairwise);
    if let Value::Object(pairs) = &mut pairs {
        pairs.insert("joined".to_owned(), json!(figures.joined_pairs));
        pairs.insert("true".to_owned(), json!(figures.true_pairs));
        pairs.insert("right".to_owned(), json!(figures.right_pairs));
    }
    let mistakes = |all: &[Mistake], whole: (&str, &Names), part: (&str, &Names)| {
        let parts = |mistake: &Mistake| {
            let shown = mistake.parts.iter().take(PARTS).map(|(number, places)| {
                json!({ part.0: part.1.text(*number), "count": places.len(), "records": names(joined, places) })
            });
            shown.collect::<Vec<_>>()
        };
        let listed = all.iter().map(|it| {
            json!({
                whole.0: whole.1.text(it.number),
                "wrong_pairs": it.wrong_pairs,
                "count": it.parts.len(),
                "parts": parts(it),
            })
        });
        listed.collect::<Vec<_>>()
    };
    let (customers, people) = (("customer_id", &joined.customers), ("person_id", &joined.people));
    json!({
        "records": figures.records,
        "customers": figures.customers,
        "people": figures.people,
        "only_in_clusters": joined.only_in_clusters,
        "only_in_truth": joined.only_in_truth,
        "pairs": pairs,
        "b_cubed": score(&figures.b_cubed),
        "merged": mistakes(merged, customers, people),
        "split": mistakes(split, people, customers),
    })
}

fn names<'a>(joined: &'a Joined, places: &[usize]) -> Vec<&'a str> {
    places.iter().take(RECORDS).filter_map(|place| joined.records.get(*place)).map(String::as_str).collect()
}

fn told(joined: &Joined, figures: &Figures, merged: &[Mistake], split: &[Mistake], out: &Output) -> String {
    let mut text = format!(
        "{} of {} in {}\n",
        several(figures.records, "record"),
        if figures.people == 1 { "1 person".to_owned() } else { format!("{} people", count(figures.people)) },
        several(figures.customers, "customer"),
    );
    for (left_out, file) in [(joined.only_in_clusters, "the file of customers"), (joined.only_in_truth, "the truth")] {
        if left_out > 0 {
            text.push_str(&format!("left out: {} only in {file}\n", several(left_out, "record")));
        }
    }
    let columns = [("", Column::Whole), ("precision", Column::Count), ("recall", Column::Count), ("F1", Column::Count)];
    let mut grid = Grid::list(out, &columns);
    for (name, score) in [("by pairs", &figures.pairwise), ("B-cubed", &figures.b_cubed)] {
        let shown = [score.precision, score.recall, score.f1].map(|it| format!("{it:.4}"));
        grid.row([vec![name.to_owned()], shown.to_vec()].concat());
    }
    text.push_str(&format!("\n{}", grid.render()));
    text.push_str(&format!(
        "\n{} joined, {} right of them, of {} to join\n",
        several(figures.joined_pairs, "pair"),
        count(figures.right_pairs),
        count(figures.true_pairs),
    ));
    let (customers, people) = (&joined.customers, &joined.people);
    text.push_str(&listed("Customers that hold several people", merged, (customers, people), joined, out));
    text.push_str(&listed("People in several customers", split, (people, customers), joined, out));
    text
}

/// Mistakes of one kind, for reading.
fn listed(title: &str, mistakes: &[Mistake], of: (&Names, &Names), joined: &Joined, out: &Output) -> String {
    if mistakes.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}, the worst first\n", out.bold(title));
    for mistake in mistakes {
        let wrong = several(mistake.wrong_pairs, "wrong pair");
        text.push_str(&format!("\n  {}  {wrong}\n", one_line(of.0.text(mistake.number))));
        let mut grid = Grid::text(out, &[Column::Whole, Column::Text]).indented(4);
        for (number, places) in mistake.parts.iter().take(PARTS) {
            grid.fact(&one_line(of.1.text(*number)), [one_line(&and_more(joined, places))]);
        }
        text.push_str(&grid.render());
        if mistake.parts.len() > PARTS {
            text.push_str(&format!("    and {} more\n", count((mistake.parts.len() - PARTS) as u64)));
        }
    }
    text
}

fn and_more(joined: &Joined, places: &[usize]) -> String {
    let named = names(joined, places).join(", ");
    let more = places.len().saturating_sub(RECORDS);
    if more == 0 { named } else { format!("{named} and {} more", count(more as u64)) }
}
