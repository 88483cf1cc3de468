//! `doorstep worker`: a process that only runs tasks, for tests with several processes.

use std::time::Duration;

use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;

use crate::failure::Failure;
use crate::hub::Program;
use crate::stop::Stop;

/// Run tasks until told to stop.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_: &Args, program: &Program) -> Result<(), Failure> {
    let engine = program.open().await?;
    let worker =
        Worker::new(engine.clone(), Tasks).with_lease(Duration::from_secs(program.config.worker.lease_seconds));
    let stop = Stop::listen()?;
    program.out.note("running tasks until told to stop");
    let ran = worker.run_until(stop.told()).await;
    engine.db.close().await;
    Ok(ran?)
}
