//! `doorstep demo`: a made-up business in a minute, from its phone history to who is calling.

pub mod archive;
mod crm;
mod serving;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Actor;
use doorstep_engine::import::NewImport;
use doorstep_sim::Sim;
use doorstep_store::import::Stored;
use doorstep_store::system::NewTenant;
use doorstep_upstream::phone_history::Limits;
use tokio::sync::watch;

use crate::command::customer::{card, show};
use crate::command::import::{report, start, stopwatch::Stopwatch};
use crate::command::serve::{name_places_of_panics, run_beside, until_told};
use crate::command::{import, review};
use crate::config::{Flags, Origin};
use crate::failure::Failure;
use crate::hub::{Hub, Program, create_private};
use crate::output::{Output, count, several};
use crate::stop::Stop;
use archive::{Shape, Written};

/// Conversations, and calls, of each customer that is shown.
const CONVERSATIONS_SHOWN: i64 = 1;
/// Messages of each conversation that is shown.
const MESSAGES_SHOWN: i64 = 5;
/// Problems of the dry run that are shown.
const PROBLEMS_SHOWN: usize = 3;

/// A made-up business in a minute: imports its phone history, looks customers up, and serves its dashboard.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
A made-up business in a minute: imports its phone history, looks customers up, and serves its dashboard.

Writes an archive as a phone system exports it (some 2,000 contacts and 30,000 messages, messy as real ones are), reads \
it as a dry run, applies it, and shows a few customers as whoever answers the phone would see them. Then it connects a \
made-up ServiceTitan, in which the office goes on working, and reads it. The dashboard is open from the beginning, and \
new contacts, messages and changes keep arriving until Ctrl-C. All of it happens in a temporary \
directory, which is removed at the end unless --keep or --data-dir is given.")]
#[command(after_help = "\
Examples:
  doorstep demo
  doorstep demo --once                    without the dashboard; ends when all is told
  doorstep demo --customers 0             only the phone history, no ServiceTitan
  doorstep demo --keep                    and then look around in what is left
  doorstep demo --archive-only demo.zip   only the archive, to try import on")]
pub struct Args {
    /// Keep the data directory.
    #[arg(long)]
    keep: bool,
    /// End when all is told, without a dashboard.
    #[arg(long)]
    once: bool,
    /// Where the dashboard listens [env: DOORSTEP_SERVER_LISTEN] [default: 127.0.0.1:7878, or any free place].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Another seed, another town.
    #[arg(long)]
    seed: Option<u64>,
    /// How many contacts.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=archive::MAX_CONTACTS as i64))]
    contacts: Option<u32>,
    /// How many messages.
    #[arg(long)]
    messages: Option<u32>,
    /// How many customers its made-up ServiceTitan has; 0 leaves that out.
    #[arg(long, value_name = "N", default_value_t = crm::CUSTOMERS, value_parser = clap::value_parser!(u32).range(0..=crm::MAX_CUSTOMERS))]
    customers: u32,
    /// Only write the archive.
    #[arg(long, value_name = "FILE")]
    archive_only: Option<PathBuf>,
}

impl Args {
    /// Those that are settings, by name.
    pub fn as_flags(&self) -> Flags {
        self.listen.iter().map(|listen| ("--listen", listen.clone())).collect()
    }
}

pub async fn run(args: Args, mut program: Program) -> Result<(), Failure> {
    let shape = shape(&args);
    if let Some(file) = &args.archive_only {
        let written = write_archive(&shape, file)?;
        program.out.note(&format!("{} is written: {}", file.display(), contents(&written)));
        return Ok(());
    }
    if program.out.json {
        return Err(Failure::refused("the demo is for people")
            .hint("`doorstep demo --archive-only demo.zip`, then `doorstep import phone-history demo.zip --json`"));
    }
    if !args.once {
        name_places_of_panics();
    }
    let sim = crm::open(args.customers, shape.seed, &mut program).await?;
    let (dir, temporary) = data_dir(&program)?;
    let is_kept = args.keep || temporary.is_none();
    program.config.data.dir = dir.clone();
    program.config.data.tenant = None;
    program.config.database.url = None;
    program.config.import.spool_dir = None;
    program.config.server.public_url = None;
    let told = tell(&program, &shape, &dir, sim.as_ref(), Manner { is_kept, is_served: !args.once }).await;
    if let Some(temporary) = temporary.filter(|_| args.keep) {
        let _ = temporary.keep();
    }
    told
}

fn shape(args: &Args) -> Shape {
    let demo = Shape::demo();
    let messages = args.messages.unwrap_or_else(|| {
        // As many for each contact as in the demonstration.
        let contacts = u64::from(args.contacts.unwrap_or(demo.contacts));
        u32::try_from(contacts * u64::from(demo.messages) / u64::from(demo.contacts)).unwrap_or(u32::MAX)
    });
    let calls = u64::from(messages) * u64::from(demo.calls) / u64::from(demo.messages);
    Shape {
        seed: args.seed.unwrap_or(demo.seed),
        contacts: args.contacts.unwrap_or(demo.contacts),
        messages,
        calls: u32::try_from(calls).unwrap_or(u32::MAX),
        ..demo
    }
}

/// Where the demonstration keeps its data, and what removes it.
fn data_dir(program: &Program) -> Result<(PathBuf, Option<tempfile::TempDir>), Failure> {
    let said = program.config.values.get("data", "dir");
    if said.is_some_and(|value| matches!(value.origin, Origin::Flag(_))) {
        let dir = program.config.data.dir.clone();
        let is_empty = std::fs::read_dir(&dir).map_or(true, |mut files| files.next().is_none());
        if !is_empty {
            return Err(Failure::refused(format!("`{}` is not empty", dir.display()))
                .hint("the demo wants a directory of its own; without `--data-dir` it makes one"));
        }
        return Ok((dir, None));
    }
    let made = tempfile::Builder::new().prefix("doorstep-demo-").tempdir();
    let dir = made.map_err(|error| Failure::failed(format!("a temporary directory cannot be made: {error}")))?;
    Ok((dir.path().to_owned(), Some(dir)))
}

/// How the demonstration goes.
#[derive(Debug, Clone, Copy)]
struct Manner {
    is_kept: bool,
    is_served: bool,
}

async fn tell(program: &Program, shape: &Shape, dir: &Path, sim: Option<&Sim>, manner: Manner) -> Result<(), Failure> {
    let out = &program.out;
    let whole = Stopwatch::start();
    out.print(&format!(
        "{}, {}",
        out.bold(archive::BUSINESS_NAME),
        out.dim("a made-up plumber in Quincy, Massachusetts")
    ))?;
    out.print(&out.dim(&format!("data directory {}", dir.display())))?;

    let watch = Stopwatch::start();
    let file = dir.join("phone-history.zip");
    create_private(dir)?;
    let written = write_archive(shape, &file)?;
    heading(out, &format!("Its phone system exports {}", contents(&written)), &watch)?;

    create_tenant(program).await?;
    let is_kept = manner.is_kept;
    if !manner.is_served {
        let all = async |hub: &Hub| {
            story(hub, program, &file, &written, is_kept).await?;
            second_source(hub, program, sim).await
        };
        program.at_work(all).await?;
        return closing(out, dir, is_kept, &whole);
    }
    let served = async |hub: &Hub| {
        let hub = &serving::with_codes_on_terminal(hub);
        let stop = Stop::listen()?;
        // The first to be shown is a line that two share; somebody alone says more.
        let caller = written.show.get(1).map(|(number, _)| number.as_str());
        let server = serving::open(hub, program, caller).await?;
        let work = async |told: watch::Receiver<bool>| {
            let all = async {
                story(hub, program, &file, &written, is_kept).await?;
                second_source(hub, program, sim).await
            };
            tokio::select! {
                told = all => told?,
                () = until_told(told.clone()) => return Ok(()),
            }
            out.print(&format!("\n{}", out.dim(&format!("That took {}.", whole.read()))))?;
            out.print("New contacts, messages and changes keep arriving: watch the list. Ctrl-C ends it.")?;
            let phones = serving::keep_arriving(hub, shape, dir, told.clone());
            let office = async { if sim.is_some() { crm::keep_reading(hub, told).await } else { Ok(()) } };
            tokio::try_join!(phones, office).map(|_| ())
        };
        run_beside(program, hub.engine.clone(), server, stop, work).await
    };
    program.at_work(served).await?;
    if is_kept { closing(out, dir, true, &whole) } else { out.print("\nThe data is removed now.") }
}

async fn story(hub: &Hub, program: &Program, file: &Path, written: &Written, is_kept: bool) -> Result<(), Failure> {
    let out = &hub.out;
    let watch = Stopwatch::start();
    let new = NewImport {
        file,
        file_name: "phone-history.zip".to_owned(),
        notes: None,
        aliases: Default::default(),
        limits: Limits::default(),
    };
    let planned = import::plan(hub, &new).await?;
    heading(out, "The dry run says what every row would come to, and writes nothing", &watch)?;
    let report = report::render(hub, &planned, PROBLEMS_SHOWN).await?;
    let body = report.lines().skip(1).collect::<Vec<_>>().join("\n");
    // What is gone at the end cannot be asked for.
    let body = if is_kept {
        body
    } else {
        body.lines().filter(|line| !line.starts_with("  all:")).collect::<Vec<_>>().join("\n")
    };
    out.print(body.trim_start_matches('\n'))?;

    let watch = Stopwatch::start();
    start(hub, program, &planned).await?;
    let rows = hub.engine.import(&hub.scope, planned.import.id).await?.import.rows_total;
    heading(out, &format!("Applied exactly that: {} rows", count(rows)), &watch)?;
    customers(hub, &planned).await?;

    out.print(&format!("\n{}", out.bold("Who is calling?")))?;
    for (number, why) in &written.show {
        out.print(&format!("\n{}", out.dim(&format!("# {why}"))))?;
        out.print(&format!("$ doorstep customer show '{number}'"))?;
        look_up(hub, number).await?;
    }
    out.print(&format!("\n{}", out.bold("Who is who is a person's decision where names disagree")))?;
    out.print("$ doorstep review list")?;
    let reviews = hub.engine.reviews(&hub.scope, None, 1).await?;
    review::print(hub, &reviews).await
}

/// The other source: what the office's field-service CRM has.
async fn second_source(hub: &Hub, program: &Program, sim: Option<&Sim>) -> Result<(), Failure> {
    let Some(sim) = sim else { return Ok(()) };
    let out = &hub.out;
    out.print(&format!("\n{}", out.bold("Its ServiceTitan (made up, like all here) is read for the first time")))?;
    out.print("$ doorstep connection add servicetitan --settings FILE\n$ doorstep sync now ServiceTitan")?;
    let watch = Stopwatch::start();
    crm::connect(hub, program, sim).await?;
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let customers = doorstep_store::customer::count(&mut tx).await?.unsigned_abs();
    drop(tx);
    out.print(&format!("  {} now {}", several(customers, "customer"), out.dim(&format!("({})", watch.read()))))
}

/// How many customers the contacts came to.
async fn customers(hub: &Hub, planned: &Stored) -> Result<(), Failure> {
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let customers = doorstep_store::customer::count(&mut tx).await?.unsigned_abs();
    let reviews = doorstep_store::review::count(&mut tx).await?.unsigned_abs();
    let callers = count(planned.import.callers_new);
    hub.out.print(&format!(
        "  {} now, {callers} of them known by number only; {} for a person",
        several(customers, "customer"),
        several(reviews, "open question")
    ))
}

async fn look_up(hub: &Hub, number: &str) -> Result<(), Failure> {
    let show::Meant::Has(identifier) = show::meant(hub, number)? else { return Ok(()) };
    let found = hub.engine.by_identifier(&hub.scope, &identifier).await?;
    let mut cards = Vec::new();
    for id in found {
        cards.push(show::get(hub, id, CONVERSATIONS_SHOWN, MESSAGES_SHOWN).await?.0);
    }
    hub.out.print(&match cards.as_slice() {
        [] => "nobody".to_owned(),
        [only] => card::render(hub, only, None, false),
        several => show::render_candidates(hub, &identifier, several),
    })
}

async fn create_tenant(program: &Program) -> Result<(), Failure> {
    let engine = program.open_or_create().await?;
    let wrong = |what: &str| Failure::failed(format!("the demonstration's own {what} is none"));
    let own = archive::own_numbers().map(|number| Phone::parse(number, Region::US));
    let new = NewTenant {
        name: archive::BUSINESS_NAME.to_owned(),
        time_zone: archive::TIME_ZONE.parse().map_err(|_| wrong("time zone"))?,
        country: Region::US,
        own_numbers: own.into_iter().collect::<Result<_, _>>().map_err(|_| wrong("number"))?,
    };
    let actor = Actor::Operator(program.config.data.operator.clone());
    engine.create_tenant(&actor, &new).await?;
    engine.db.close().await;
    Ok(())
}

fn write_archive(shape: &Shape, file: &Path) -> Result<Written, Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("`{}` cannot be written: {error}", file.display()));
    let out = File::create(file).map_err(failed)?;
    archive::write(shape, BufWriter::new(out)).map_err(failed)
}

fn contents(written: &Written) -> String {
    format!(
        "{}, {}, {}, {}",
        several(written.contacts, "contact"),
        several(written.conversations, "conversation"),
        several(written.messages, "message"),
        several(written.calls, "call")
    )
}

fn heading(out: &Output, text: &str, watch: &Stopwatch) -> Result<(), Failure> {
    out.print(&format!("\n{} {}", out.bold(text), out.dim(&format!("({})", watch.read()))))
}

fn closing(out: &Output, dir: &Path, is_kept: bool, whole: &Stopwatch) -> Result<(), Failure> {
    let dir = dir.display();
    out.print(&out.dim(&format!("That took {}.", whole.read())))?;
    if !is_kept {
        return out.print("The data is removed now. To look around in it yourself: doorstep demo --keep");
    }
    out.print(&format!(
        "Look around:\n  doorstep --data-dir {dir} customer search smith\n  doorstep --data-dir {dir} review list\n  \
         doorstep --data-dir {dir} import list\n  doorstep --data-dir {dir} rebuild --check\nWhen done: rm -r {dir}"
    ))
}
