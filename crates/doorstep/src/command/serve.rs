//! `doorstep serve`: the server, and the worker beside it, in one process.

use std::sync::Arc;
use std::time::Duration;

use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_engine::{Engine, random};
use doorstep_server::auth::{SETUP_PATH, Sessions};
use doorstep_server::{App, PublicUrl, Server, Settings};
use doorstep_store::system;
use tokio::sync::watch;

use crate::config::Flags;
use crate::failure::Failure;
use crate::hub::Program;
use crate::memory;
use crate::stop::Stop;

const EXAMPLE: &str = "\
Examples:
  doorstep serve
  doorstep serve --listen 0.0.0.0:7878 --public-url https://hub.example.com";

/// Serve until told to stop (Ctrl-C, or a signal to end): then requests under way are let finish.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// Where to listen [env: DOORSTEP_SERVER_LISTEN] [default: 127.0.0.1:7878].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The address by which people reach it [env: DOORSTEP_SERVER_PUBLIC_URL].
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Args {
    /// Those that are settings, by name.
    pub fn as_flags(&self) -> Flags {
        let given = [("--listen", &self.listen), ("--public-url", &self.public_url)];
        given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

pub async fn run(_: &Args, program: &Program) -> Result<(), Failure> {
    name_places_of_panics();
    let stop = Stop::listen()?;
    let settings = settings(program)?;
    let engine = program.open_or_create().await?;
    let served = serve(program, engine.clone(), settings, stop).await;
    engine.db.close().await;
    served
}

async fn serve(program: &Program, engine: Engine, mut settings: Settings, stop: Stop) -> Result<(), Failure> {
    let setup_secret = if system::has_any_user(&engine.db).await? { None } else { Some(random::secret()?.reveal()) };
    settings.setup_secret = setup_secret.clone().map(Into::into);
    let (server, url) = bind(&program.config.server.listen, &engine, settings).await?;
    program.out.print(&format!("Doorstep is at {url}"))?;
    if let Some(secret) = setup_secret {
        program.out.print("Nobody can sign in yet; this link makes the first owner:")?;
        program.out.print(&format!("{url}{SETUP_PATH}?secret={secret}"))?;
    }
    program.out.remark("Ctrl-C ends it");
    run_beside(program, engine, server, stop, async |_| Ok(())).await
}

/// A server that listens at `listen`, and the address by which people reach it.
pub async fn bind(listen: &str, engine: &Engine, settings: Settings) -> Result<(Server, String), Failure> {
    let public_url = settings.public_url.clone();
    let app = App::new(engine.clone(), settings, Arc::new(Sessions));
    let cannot_listen = |error: std::io::Error| {
        Failure::failed(format!("the server cannot listen at `{listen}`: {error}"))
            .hint("`--listen ADDRESS` names another place; port 0 is any that is free")
    };
    let server = Server::bind(listen, app).await.map_err(cannot_listen)?;
    let url = match public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", server.address().map_err(cannot_listen)?),
    };
    Ok((server, url))
}

/// Runs the server, the worker and `work` side by side until told to stop, or until `work` fails. `work` gets what tells
/// it to stop.
pub async fn run_beside(
    program: &Program,
    engine: Engine,
    server: Server,
    stop: Stop,
    work: impl AsyncFnOnce(watch::Receiver<bool>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (stopping, told) = watch::channel(false);
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(engine.clone(), Tasks).with_lease(lease);
    let stop = async {
        tokio::select! {
            () = stop.told() => {}
            () = until_told(told.clone()) => {}
        }
        stopping.send_replace(true);
    };
    let work = async {
        let done = work(told.clone()).await;
        if done.is_err() {
            stopping.send_replace(true);
        }
        done
    };
    let giving_back = memory::give_back(&engine.db, until_told(told.clone()));
    let ((), ran, worked, (), ()) = tokio::join!(
        server.run(until_told(told.clone())),
        keep_working(&worker, told.clone()),
        work,
        stop,
        giving_back
    );
    // Who was seen since the worker looked last.
    engine.write_noted().await.inspect_err(|error| tracing::warn!(%error, "who was seen last is not noted")).ok();
    worked.and(ran)
}

/// Waits until everything is to stop.
pub async fn until_told(mut told: watch::Receiver<bool>) {
    // It only fails when the sender is gone, and then all is over, too.
    let _ = told.wait_for(|stopping| *stopping).await;
}

/// A panic says where it was; its own words may hold what a customer is or says.
pub fn name_places_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "doorstep made a mistake (it panicked)");
    }));
}

/// Runs the worker until told to stop. A database that does not answer is no reason to end the server: it looks again.
async fn keep_working(worker: &Worker<Tasks>, told: watch::Receiver<bool>) -> Result<(), Failure> {
    loop {
        match worker.run_until(until_told(told.clone())).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "background work pauses: the database does not answer");
            }
            Err(error) => {
                tracing::error!(%error, "background work has stopped");
                until_told(told).await;
                return Err(error.into());
            }
        }
        tokio::select! {
            () = until_told(told.clone()) => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// How long background work pauses after the database did not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// The server's settings as the program's layers say them.
pub fn settings(program: &Program) -> Result<Settings, Failure> {
    let server = &program.config.server;
    let public_url: Option<PublicUrl> = match &server.public_url {
        Some(text) => {
            let read = text.parse();
            Some(read.map_err(|error| Failure::refused(format!("`server.public_url` cannot be `{text}`: {error}")))?)
        }
        None => None,
    };
    Ok(Settings { public_url, metrics_token: server.metrics_token.clone().map(Into::into), ..Settings::default() })
}
