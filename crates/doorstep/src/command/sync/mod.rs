//! `doorstep sync`

mod customer;

use std::sync::Mutex;
use std::time::Duration;

use clap::Subcommand;
use doorstep_core::id::RunId;
use doorstep_core::sync::{Problem, Run, State};
use doorstep_engine::Error;
use doorstep_engine::sync::{Now, Status};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use serde_json::{Value, json};

use super::connection::{find, next};
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, count, elapsed, one_line, several};
use crate::stop::Stop;

/// Time between two looks at a run.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long the task may still be in the table after its run is over.
const TIDY_UP: Duration = Duration::from_secs(3);
/// Problems shown after a run.
const SHOWN_PROBLEMS: i64 = 10;

/// Reading the live sources.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a source now, whatever its hours, and wait for it.
    #[command(long_about = "\
Read a source now, whatever its hours, and wait for it.

A source that is being read already is not read twice: the run under way is waited for.")]
    #[command(after_help = "\
Examples:
  doorstep sync now ServiceTitan
  doorstep sync now ServiceTitan --sweep
  doorstep sync now ServiceTitan --no-wait --json")]
    Now {
        /// Which: its name or its id.
        connection: String,
        /// Also look through whole streams for what was deleted without a word; else once a day.
        #[arg(long)]
        sweep: bool,
        /// Take out what the source has no more, however much it is. Look there first.
        #[arg(long)]
        remove_missing: bool,
        /// Leave the work to a server or worker that runs.
        #[arg(long)]
        no_wait: bool,
    },
    /// Read one customer again from the sources that know them, whatever the hours, and wait for it.
    #[command(long_about = "\
Read one customer again from the sources that know them, whatever the hours, and wait for it.

Nothing else is read, and the next run of a source reads what it would have read. Whoever was read a moment ago is not read \
twice; after a failure a customer is left alone for a few minutes.")]
    #[command(after_help = "\
Examples:
  doorstep sync customer '(617) 555-1234'
  doorstep sync customer cus_01h455vb4pex5vsknk084sn02q --json")]
    Customer(customer::Args),
    /// How every source stands: when it was read, what is going on, what is wrong.
    #[command(after_help = "Examples:\n  doorstep sync status\n  doorstep sync status --json")]
    Status,
    /// The runs of a source, newest first; or what was wrong with single rows of one.
    #[command(after_help = "\
Examples:
  doorstep sync runs ServiceTitan
  doorstep sync runs ServiceTitan --problems run_01h455vb4pex5vsknk084sn02q")]
    Runs {
        /// Which: its name or its id.
        connection: String,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=200))]
        limit: i64,
        /// Those before this one.
        #[arg(long, value_name = "ID")]
        before: Option<RunId>,
        /// What was wrong with single rows of this run.
        #[arg(long, value_name = "ID", conflicts_with = "before")]
        problems: Option<RunId>,
    },
    /// Stop a run: whole pages that are in stay, and the next run goes on from there.
    #[command(after_help = "Examples:\n  doorstep sync cancel run_01h455vb4pex5vsknk084sn02q")]
    Cancel {
        /// Which.
        run: RunId,
    },
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::Now { connection, sweep, remove_missing, no_wait } => {
            let now = Now { sweeps: sweep, removes_missing: remove_missing };
            read_now(hub, program, &connection, now, no_wait).await
        }
        Action::Customer(args) => customer::run(&args, hub, program).await,
        Action::Status => status(hub, &hub.engine.sync_status(&hub.scope).await?),
        Action::Runs { problems: Some(run), .. } => problems(hub, &all_problems(hub, run).await?),
        Action::Runs { connection, limit, before, .. } => {
            let found = find(hub, &connection).await?;
            runs(hub, &hub.engine.runs(&hub.scope, found.id, before, limit).await?)
        }
        Action::Cancel { run } => {
            let run = hub.engine.cancel_run(&hub.scope, run).await?;
            shown(hub, &run, &[])
        }
    };
    program.at_work(work).await
}

/// Reads a connection, by its name or its id, and tells what came of it; without `no_wait` when it is over.
pub async fn read_now(hub: &Hub, program: &Program, wanted: &str, now: Now, no_wait: bool) -> Result<(), Failure> {
    let connection = find(hub, wanted).await?;
    let id = match hub.engine.sync_now(&hub.scope, connection.id, now).await {
        Ok(run) => run.id,
        Err(Error::AlreadyRunning { run, .. }) => {
            hub.out.remark(&format!("it is being read already ({run})"));
            run
        }
        Err(error) => return Err(error.into()),
    };
    if no_wait {
        return shown(hub, &hub.engine.run(&hub.scope, id).await?, &[]);
    }
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(hub.engine.clone(), Tasks).with_lease(lease);
    let (told, ended) = (Stop::listen()?, Mutex::new(None));
    let stop = async {
        let end = tokio::select! {
            watched = over(hub, id) => Some(watched),
            () = told.told() => None,
        };
        *ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = end;
    };
    worker.run_until(stop).await?;
    let Some(watched) = ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) else {
        return Err(Failure::failed(format!("stopped; `{id}` is half-way, and goes on when something runs tasks"))
            .hint(format!("`doorstep sync cancel {id}` stops it for good")));
    };
    let run = watched?;
    let problems = hub.engine.run_problems(&hub.scope, id, 0, SHOWN_PROBLEMS).await?;
    shown(hub, &run, &problems)?;
    if run.state == State::Finished { Ok(()) } else { Err(Failure::told()) }
}

/// Waits until a run is over and its task has noted that.
async fn over(hub: &Hub, id: RunId) -> Result<Run, Failure> {
    let mut over_since: Option<tokio::time::Instant> = None;
    let mut stream = None;
    loop {
        let run = hub.engine.run(&hub.scope, id).await?;
        let task = hub.engine.sync_task(&hub.scope, run.connection).await?;
        if run.state.is_over() {
            let since = *over_since.get_or_insert_with(tokio::time::Instant::now);
            if task.is_none_or(|task| task.state != "running") || since.elapsed() > TIDY_UP {
                return Ok(run);
            }
        } else if let Some(task) = task.filter(|task| task.state == "parked") {
            let reason = task.reason.unwrap_or_else(|| "no reason was written down".to_owned());
            return Err(Failure::failed(format!("`{id}` stopped half-way: {reason}"))
                .hint("`doorstep sync now` goes on when that is put right"));
        }
        if run.stream != stream {
            stream.clone_from(&run.stream);
            stream.iter().for_each(|name| hub.out.remark(&format!("reading {name} …")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn shown(hub: &Hub, run: &Run, problems: &[Problem]) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(&object(run));
    }
    hub.out.print(&format!("{}: {}", run.id, words(run)))?;
    if run.report.is_empty() {
        return Ok(());
    }
    let columns = [
        ("stream", Column::Whole),
        ("read", Column::Count),
        ("new", Column::Count),
        ("changed", Column::Count),
        ("gone", Column::Count),
        ("skipped", Column::Count),
        ("", Column::Text),
    ];
    let mut grid = Grid::list(&hub.out, &columns);
    for (stream, it) in &run.report {
        let remark = match (&it.failure, it.missing) {
            (Some(failure), _) => one_line(failure),
            (None, Some(missing)) => format!("{} no longer found", count(missing)),
            (None, None) => String::new(),
        };
        let n = &it.counts;
        let counts = [n.fetched, n.new, n.changed, n.gone, n.skipped + n.failed].map(count);
        grid.row([stream.clone()].into_iter().chain(counts).chain([remark]));
    }
    hub.out.print(&grid.render())?;
    for problem in problems {
        let key = problem.key.as_deref().unwrap_or_default();
        hub.out.print(&one_line(&format!("{} {key}: {}", problem.stream, problem.reason)))?;
    }
    if run.problem_count > problems.len() as u64 {
        hub.out.print(&format!(
            "{} in all: `doorstep sync runs {} --problems {}`",
            several(run.problem_count, "problem"),
            run.connection,
            run.id
        ))?;
    }
    Ok(())
}

fn words(run: &Run) -> String {
    let state = match run.state {
        State::Waiting => "waiting",
        State::Running => "being read",
        State::Finished => "read to the end",
        State::Incomplete => "some of it could not be read",
        State::Failed => "could not be read",
        State::Canceled => "stopped",
    };
    match &run.reason {
        Some(reason) => format!("{state}: {}", one_line(reason)),
        None => state.to_owned(),
    }
}

fn object(run: &Run) -> Value {
    let mut object = json!(run);
    object["totals"] = json!(run.totals());
    object
}

fn status(hub: &Hub, all: &[Status]) -> Result<(), Failure> {
    if hub.out.json {
        let shape = |it: &Status| {
            json!({
                "connection": it.connection,
                "next_at": it.connection.next_at(),
                "run": it.run.as_ref().map(object),
                "last": it.last.as_ref().map(object),
                "task": it.task.as_ref().map(|task| json!({ "state": task.state, "reason": task.reason })),
            })
        };
        return hub.out.json(&all.iter().map(shape).collect::<Vec<_>>());
    }
    if all.is_empty() {
        hub.out.note("no source is connected: `doorstep connection add servicetitan --settings FILE`");
        return Ok(());
    }
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Text]);
    for it in all {
        let connection = &it.connection;
        let last = it.last.as_ref().map(|run| match run.finished_at {
            Some(at) => format!("{} ({})", hub.local(at), words(run)),
            None => words(run),
        });
        let mut lines = vec![next(hub, connection)];
        lines.extend(it.run.as_ref().map(|run| {
            let stream = run.stream.as_deref().map(|stream| format!(" ({stream})")).unwrap_or_default();
            format!("now: {}{stream}, {} read", words(run), count(run.totals().fetched))
        }));
        lines.extend(last.map(|last| format!("last: {last}")));
        lines.extend(
            connection
                .reason
                .as_ref()
                .filter(|_| connection.is_parked)
                .map(|it| format!("needs a look: {}", one_line(it))),
        );
        let parked = it.task.as_ref().filter(|task| task.state == "parked").and_then(|task| task.reason.clone());
        lines.extend(parked.map(|reason| format!("its task is parked: {}", one_line(&reason))));
        for (place, line) in lines.into_iter().enumerate() {
            let name = if place == 0 { one_line(&connection.name) } else { String::new() };
            grid.row([name, line]);
        }
    }
    hub.out.print(&grid.render())
}

fn runs(hub: &Hub, runs: &[Run]) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(&runs.iter().map(object).collect::<Vec<_>>());
    }
    if runs.is_empty() {
        hub.out.note("it was never read");
        return Ok(());
    }
    let columns = [
        ("id", Column::Whole),
        ("began", Column::Whole),
        ("took", Column::SpareText),
        ("read", Column::Count),
        ("new", Column::Count),
        ("changed", Column::Count),
        ("gone", Column::SpareCount),
        ("", Column::Text),
    ];
    let mut grid = Grid::list(&hub.out, &columns);
    for run in runs {
        let began_at = run.started_at.unwrap_or(run.created_at);
        let took = run.finished_at.map(|at| (at.micros() - began_at.micros()).unsigned_abs() / 1_000_000);
        let n = run.totals();
        let counts = [n.fetched, n.new, n.changed, n.gone].map(count);
        let took = took.map(elapsed).unwrap_or_default();
        grid.row([run.id.to_string(), hub.local(began_at), took].into_iter().chain(counts).chain([words(run)]));
    }
    hub.out.print(&grid.render())
}

/// All that were kept; they are bounded.
async fn all_problems(hub: &Hub, run: RunId) -> Result<Vec<Problem>, Failure> {
    const PAGE: i64 = 200;
    let mut all = Vec::new();
    loop {
        let page = hub.engine.run_problems(&hub.scope, run, all.len() as u64, PAGE).await?;
        let is_last = (page.len() as i64) < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

fn problems(hub: &Hub, problems: &[Problem]) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(&problems);
    }
    let columns = [("stream", Column::Whole), ("key", Column::Whole), ("what is wrong", Column::Text)];
    let mut grid = Grid::list(&hub.out, &columns);
    for it in problems {
        grid.row([it.stream.clone(), one_line(it.key.as_deref().unwrap_or_default()), one_line(&it.reason)]);
    }
    hub.out.print(&grid.render())
}
