//! `doorstep identity`

mod cluster;
mod evaluate;
mod explain;
mod table;
mod why_missing;

use clap::Subcommand;

use crate::failure::Failure;
use crate::hub::Program;

/// Who is who: why two customers are one or two, and who is who in a file.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Why two customers are one, or two: the evidence for and against, and what would change it.
    #[command(long_about = "\
Why two customers are one, or two: the evidence for and against, and what would change it.

Any id that a customer ever had is good. With one id, or two of one customer, it tells what holds the customer together.

Evidence is told in bits: one bit doubles the odds that two records are one person's.")]
    #[command(after_help = "\
Examples:
  doorstep identity explain cus_01h455vb4pex5vsknk084sn02q cus_01h455vb4pex5vsknk084sn02r
  doorstep identity explain cus_01h455vb4pex5vsknk084sn02q
  doorstep identity explain cus_01h455vb4pex5vsknk084sn02q --json | jq .links")]
    Explain(explain::Args),
    /// Why nobody is found by a number, an e-mail address, a name or an id.
    #[command(long_about = "\
Why nobody, or not who was meant, is found by a number, an e-mail address, a name or an id: merged into somebody, shared \
by several, waiting for a decision, left out of an import, taken out with one, or in no source at all.

Rows that an import left out are looked through in the ten newest imports, of each the first thousand.")]
    #[command(after_help = "\
Examples:
  doorstep identity why-missing '(617) 555-1234'
  doorstep identity why-missing ann@harbor.example
  doorstep identity why-missing cus_01h455vb4pex5vsknk084sn02q --json")]
    WhyMissing(why_missing::Args),
    /// Put the records of a file together: which of them are one customer. Nothing is stored.
    #[command(long_about = "\
Who is who in a CSV file: reads it, writes which records are one customer, and stores nothing.

The first line names the columns: record_id, source, created_at, first_name, last_name, full_name, company, phones, \
emails, street, unit, city, state, zip. Only record_id is needed; several phones or e-mail addresses in one cell stand \
between ` | `; values may be as messy as they come. A customer is named for its oldest record.

The names' own frequencies in the file count: two Smiths agree less than two Okonkwos.")]
    #[command(after_help = "\
Examples:
  doorstep identity cluster RECORDS.csv --out CLUSTERS.csv
  doorstep identity cluster RECORDS.csv --out CLUSTERS.csv --review REVIEW.csv --explain
  doorstep identity evaluate CLUSTERS.csv --truth TRUTH.csv")]
    Cluster(cluster::Args),
    /// Compare customers with the truth: precision, recall, F1, and the worst mistakes.
    #[command(long_about = "\
Compare customers with the truth: precision, recall, F1, and the worst mistakes.

Both files are CSV in UTF-8. The first names a customer for each record (record_id,customer_id), as `doorstep identity \
cluster` writes it; the second a person (record_id,person_id). Further columns are passed over. A record that only one \
of the files knows is left out of the figures, and told.

By pairs: of the pairs of records in one customer, how many are one person's, and of the pairs of one person, how many \
are in one customer. B-cubed: the same for each record, on average (Bagga and Baldwin, 1998).")]
    #[command(after_help = "\
Examples:
  doorstep identity evaluate CLUSTERS.csv --truth TRUTH.csv
  doorstep identity evaluate CLUSTERS.csv --truth TRUTH.csv --worst 20
  doorstep identity evaluate CLUSTERS.csv --truth TRUTH.csv --json | jq .pairs.f1")]
    Evaluate(evaluate::Args),
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    match &args.action {
        Action::WhyMissing(args) => program.at_work(async |hub| why_missing::run(args, hub).await).await,
        Action::Explain(args) => program.at_work(async |hub| explain::run(args, hub).await).await,
        Action::Cluster(args) => cluster::run(args, &program.out),
        Action::Evaluate(args) => evaluate::run(args, &program.out),
    }
}
