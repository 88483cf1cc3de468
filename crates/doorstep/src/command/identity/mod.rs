//! `doorstep identity`

mod cluster;
mod evaluate;
mod explain;
mod mark;
mod resolve;
mod rules;
mod table;
mod train;
mod why_missing;

use clap::Subcommand;

use crate::failure::Failure;
use crate::hub::Program;

/// Who is who: why two customers are one or two, the rules that say so, what numbers are, and a look at a file.
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
    /// Show the versions of the rules by which customers are joined, make one, or show the errors to be expected.
    #[command(long_about = "\
The versions of the rules by which customers are joined.

Customers stand on one version, and stay on it: a newer program that ships other weights changes nobody until its \
version is made (--shipped), looked at and applied (`doorstep identity resolve`). --link makes a version with other \
thresholds. With --rates, what is to be expected at a few thresholds: which share of the pairs at or above it are two \
people's, and which share of one person's pairs are below it.")]
    #[command(after_help = "\
Examples:
  doorstep identity rules
  doorstep identity rules --rates
  doorstep identity rules --link 4 --review 0
  doorstep identity rules --rates --file RECORDS.csv --truth TRUTH.csv")]
    Rules(rules::Args),
    /// Resolve all customers by another version of the rules: say what would change, then do exactly that.
    #[command(long_about = "\
Resolve all customers by another version of the rules: say what would change, then do exactly that.

--preview goes through all records and says how many customers would become one and how many would become several, with \
some of them to read. --apply puts that version in force and lets the customers follow, if what it would change is still \
what was said; if not, it says what would change by now, and changes nothing. Ids stay: on a split the side with the \
oldest record keeps the id, and every id goes on leading to its customer.")]
    #[command(after_help = "\
Examples:
  doorstep identity resolve --preview
  doorstep identity resolve --preview --version 3
  doorstep identity resolve --apply --version 3")]
    Resolve(resolve::Args),
    /// Learn what evidence is worth from the records themselves; the outcome is a version that is not in force.
    #[command(long_about = "\
Learn what evidence is worth from the records themselves, without anybody saying who is who.

The outcome is a version of the rules that is not in force: look at it with `doorstep identity resolve --preview`. It \
starts from the weights that this program ships and does not go far from them. With --file it learns from a file, and \
writes the weights to another.")]
    #[command(after_help = "\
Examples:
  doorstep identity train
  doorstep identity train --file RECORDS.csv --out RULES.json")]
    Train(train::Args),
    /// Say that a phone or an e-mail address is shared, a placeholder, or the business' own.
    #[command(long_about = "\
Say that a phone or an e-mail address is shared, a placeholder, or the business' own.

A shared one (an office line, a property manager's number) stays on the cards of those who have it, and makes nobody \
one any more. A placeholder was filled in for want of one, and an own one is the business' (a phone becomes one of its \
own numbers): both say nothing of who somebody is.

Whoever has it is looked at again at once. A mark holds for what comes in later, too, until it is taken back.")]
    #[command(after_help = "\
Examples:
  doorstep identity mark '(617) 471-0117' shared --reason 'front desk of Harbor Management'
  doorstep identity mark nomail@acehvac.com placeholder
  doorstep identity mark office@acehvac.com mine")]
    Mark(mark::MarkArgs),
    /// Show what is marked, newest first, and what was taken back.
    #[command(after_help = "\
Examples:
  doorstep identity marks
  doorstep identity marks --before mrk_01h455vb4pex5vsknk084sn02q")]
    Marks(mark::ListArgs),
    /// Take a mark back: whoever has it is again what the records and the rules make of them.
    #[command(after_help = "Examples:\n  doorstep identity unmark mrk_01h455vb4pex5vsknk084sn02q")]
    Unmark(mark::UnmarkArgs),
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    match args.action {
        Action::WhyMissing(args) => program.at_work(async |hub| why_missing::run(&args, hub).await).await,
        Action::Explain(args) => program.at_work(async |hub| explain::run(&args, hub).await).await,
        Action::Cluster(args) => cluster::run(&args, &program.out),
        Action::Evaluate(args) => evaluate::run(&args, &program.out),
        Action::Rules(args) => rules::run(&args, program).await,
        Action::Resolve(args) => resolve::run(&args, program).await,
        Action::Train(args) => train::run(&args, program).await,
        Action::Mark(args) => mark::mark(args, program).await,
        Action::Marks(args) => mark::list(args, program).await,
        Action::Unmark(args) => mark::unmark(args, program).await,
    }
}
