//! `doorstep identity rules`

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use doorstep_core::linkage::{Rate, Scores, Weights};
use doorstep_core::phone::Region;
use doorstep_core::rule_set::{Origin, RuleSet};
use doorstep_engine::changeover::rates;
use doorstep_engine::contact_file;
use doorstep_engine::rule_set::{RuleSets, Wanted};
use serde_json::json;

use super::cluster::{unfit, weights};
use super::evaluate;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Bar, Column, Grid, Output, count, several};

/// The versions of the rules by which customers are joined.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("making").args(["shipped", "link"])))]
pub struct Args {
    /// Show the errors to be expected at a few thresholds.
    #[arg(long, conflicts_with = "making")]
    rates: bool,
    /// Of which version; of the one in force unless said otherwise.
    #[arg(long, value_name = "N", conflicts_with_all = ["shipped", "file"])]
    version: Option<i64>,
    /// Of a file of records instead of a tenant's.
    #[arg(long, value_name = "RECORDS.csv", requires = "rates")]
    file: Option<PathBuf>,
    /// Beside them the errors that are made, of a file of which it is known whose each record is.
    #[arg(long, value_name = "TRUTH.csv", requires = "file")]
    truth: Option<PathBuf>,
    /// Go by the weights in this file, as `doorstep identity train` writes it.
    #[arg(long, value_name = "RULES.json", requires = "file")]
    rules: Option<PathBuf>,
    /// The country of numbers of the file that do not say theirs, as two letters.
    #[arg(long, value_name = "COUNTRY", default_value = "US", requires = "file")]
    country: Region,
    /// Make a version of the weights that this program ships.
    #[arg(long)]
    shipped: bool,
    /// Make a version in which pairs link by themselves from so many bits on.
    #[arg(long, value_name = "BITS", allow_negative_numbers = true)]
    link: Option<f32>,
    /// … and are shown to a person from so many bits on.
    #[arg(long, value_name = "BITS", requires = "link", allow_negative_numbers = true)]
    review: Option<f32>,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    if let Some(file) = &args.file {
        return of_file(args, file, &program.out);
    }
    program.at_work(async |hub: &Hub| of_tenant(args, hub).await).await
}

async fn of_tenant(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let out = &hub.out;
    let wanted = match (args.shipped, args.link) {
        (true, _) => Some(Wanted::Shipped),
        (false, Some(link)) => Some(Wanted::Thresholds { of: args.version, link, review: args.review }),
        (false, None) => None,
    };
    if let Some(wanted) = wanted {
        let made = hub.engine.add_rule_set(&hub.scope, wanted).await?;
        return told_made(&made, out);
    }
    if args.rates {
        let bar = Bar::new(out, "Comparing", "records");
        let rates = hub.engine.rates(&hub.scope, args.version, |done, all| bar.at(done, all)).await?;
        drop(bar);
        return tell_rates(&rates, None, out);
    }
    list(&hub.engine.rule_sets(&hub.scope).await?, args.version, hub)
}

/// A version was made, and what to do with it.
pub(super) fn told_made(made: &RuleSet, out: &Output) -> Result<(), Failure> {
    if out.json {
        return out.json(made);
    }
    let version = made.version;
    out.print(&format!(
        "version {version} of the rules is made, and is not in force: `doorstep identity resolve --preview --version \
         {version}` says what it would change"
    ))
}

fn list(rules: &RuleSets, only: Option<i64>, hub: &Hub) -> Result<(), Failure> {
    let out = &hub.out;
    let is_wanted = |rule_set: &&RuleSet| only.is_none_or(|version| version == rule_set.version);
    let shown: Vec<&RuleSet> = rules.versions.iter().filter(is_wanted).collect();
    if let (Some(version), true) = (only, shown.is_empty()) {
        return Err(Failure::not_found(format!("there is no version {version} of the rules here"))
            .hint("`doorstep identity rules` shows those that there are"));
    }
    if out.json {
        return out.json(&json!({
            "versions": shown, "in_force": rules.in_force, "newly_shipped": rules.newly_shipped,
        }));
    }
    let columns = [
        ("version", Column::Count),
        ("from", Column::Text),
        ("link", Column::Count),
        ("review", Column::Count),
        ("made", Column::Whole),
        ("in force since", Column::Whole),
    ];
    let mut grid = Grid::list(out, &columns);
    for rule_set in shown {
        let since = rule_set.in_force_since.map(|at| hub.local(at)).unwrap_or_default();
        let Weights { link, review, .. } = rule_set.weights;
        grid.row([
            rule_set.version.to_string(),
            origin(rule_set),
            format!("{link:.1}"),
            format!("{review:.1}"),
            hub.local(rule_set.created_at),
            since,
        ]);
    }
    out.print(&grid.render())?;
    if let Some(number) = rules.newly_shipped {
        out.remark(&format!(
            "\nThis program ships other weights (number {number}) than any version here. Customers stay as they are \
             until somebody says otherwise: `doorstep identity rules --shipped` makes a version of them to look at."
        ));
    }
    Ok(())
}

/// Where a version comes from, in words.
fn origin(rule_set: &RuleSet) -> String {
    let of = rule_set.based_on.map(|version| format!(" of version {version}")).unwrap_or_default();
    match (rule_set.origin, rule_set.shipped_version) {
        (Origin::Shipped, Some(number)) => format!("shipped, number {number}"),
        (Origin::Shipped, None) => "shipped".to_owned(),
        (Origin::Thresholds, _) => format!("thresholds{of}"),
        (Origin::Trained, _) => "trained".to_owned(),
    }
}

fn of_file(args: &Args, file: &Path, out: &Output) -> Result<(), Failure> {
    let weights = weights(args.rules.as_deref())?;
    let truth = args.truth.as_deref().map(truth).transpose()?;
    let bar = Bar::new(out, "Reading the records", "rows");
    let contacts = contact_file::read(file, args.country, |rows| bar.at(rows, rows));
    let contacts = contacts.map_err(|error| unfit(file, &error))?;
    drop(bar);
    let (all, one) = contacts.scores(&weights, truth.as_ref());
    tell_rates(&rates(&all, weights.link), one.as_ref(), out)
}

/// Whose each record is.
fn truth(path: &Path) -> Result<HashMap<String, String>, Failure> {
    let mut truth = HashMap::new();
    evaluate::each(path, "person_id", |record, person, _| {
        truth.insert(record.to_owned(), person.to_owned());
        Ok(())
    })?;
    Ok(truth)
}

/// What is to be expected, and, where it is known which pairs are one person's, what is.
pub(super) fn tell_rates(rates: &[Rate], one: Option<&Scores>, out: &Output) -> Result<(), Failure> {
    let real = |rate: &Rate| {
        let one = one?;
        let right = one.pairs_from(rate.link);
        let (wrong, missed) = (rate.pairs.saturating_sub(right), one.pairs() - right);
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        Some((wrong, share(wrong, rate.pairs), missed, share(missed, one.pairs())))
    };
    if out.json {
        let row = |rate: &Rate| {
            let mut row = json!(rate);
            if let Some((wrong, wrong_share, missed, missed_share)) = real(rate) {
                row["real"] = json!({
                    "wrong": wrong, "wrong_share": wrong_share, "missed": missed, "missed_share": missed_share,
                });
            }
            row
        };
        return out.json(&json!({ "rates": rates.iter().map(row).collect::<Vec<_>>() }));
    }
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let mut columns = vec![
        ("link from", Column::Count),
        ("pairs", Column::Count),
        ("expected wrong", Column::Count),
        ("expected missed", Column::Count),
    ];
    if one.is_some() {
        columns.extend([("really wrong", Column::Count), ("really missed", Column::Count)]);
    }
    let mut grid = Grid::list(out, &columns);
    for rate in rates {
        let mut row =
            vec![format!("{:.1}", rate.link), count(rate.pairs), percent(rate.wrong_share), percent(rate.missed_share)];
        if let Some((_, wrong, _, missed)) = real(rate) {
            row.extend([percent(wrong), percent(missed)]);
        }
        grid.row(row);
    }
    let compared = rates.iter().map(|rate| rate.pairs).max().unwrap_or_default();
    out.print(&grid.render())?;
    out.remark(&format!(
        "\nOf {} and more that were compared. The figures hold as far as the weights are right about this business, and \
         before groups are made: what contradicts a group is not joined, whatever its pair says.",
        several(compared, "pair")
    ));
    Ok(())
}
