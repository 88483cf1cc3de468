//! What a task's key means, and what running it does.

use std::fmt;
use std::str::FromStr;

use doorstep_core::Timestamp;
use doorstep_core::id::{ConnectionId, CustomerId, ImportId};
use doorstep_store::past;
use doorstep_store::task::Claim;

use crate::Engine;
use crate::error::{Error, Result};
use crate::{changeover, context, import, rebuild, removal, sync, verification};

/// What the keys of readings of one customer begin with.
pub(crate) const REFRESH: &str = "refresh:";

/// The key of a task: all that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Applies or undoes an import, as its state says.
    Import(ImportId),
    /// Computes every customer again: the rules have changed for more of them than one transaction holds.
    Rebuild,
    /// Works out what a changeover would do, or does it, as its state says.
    Changeover,
    /// Reads a connection if it is due or somebody said so.
    Sync(ConnectionId),
    /// Takes out what a connection said that was taken away.
    Removal(ConnectionId),
    /// Reads the stored words of a connection by a newer mapping.
    Mapping(ConnectionId),
    /// Reads one customer again from the live sources that know them.
    Refresh(CustomerId),
    /// Forgets the verifications of a day, counted from 1970, that is over long enough.
    Verifications(i64),
    /// Forgets the receipts of a day, counted from 1970, that is over long enough.
    Receipts(i64),
    /// Forgets how things stood too long ago.
    Past,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import(id) => write!(f, "import:{id}"),
            Self::Rebuild => f.write_str("rebuild"),
            Self::Changeover => f.write_str("changeover"),
            Self::Sync(id) => write!(f, "sync:{id}"),
            Self::Removal(id) => write!(f, "removal:{id}"),
            Self::Mapping(id) => write!(f, "mapping:{id}"),
            Self::Refresh(id) => write!(f, "{REFRESH}{id}"),
            Self::Verifications(day) => write!(f, "verifications:{day}"),
            Self::Receipts(day) => write!(f, "receipts:{day}"),
            Self::Past => f.write_str(past::TASK),
        }
    }
}

/// A key that this version does not know: written by a newer one, or by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a task that this version of doorstep knows")]
pub struct UnknownKey(String);

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.chars().take(80).collect());
        match text.split_once(':') {
            Some(("import", id)) => id.parse().map(Self::Import).map_err(|_| unknown()),
            Some(("sync", id)) => id.parse().map(Self::Sync).map_err(|_| unknown()),
            Some(("removal", id)) => id.parse().map(Self::Removal).map_err(|_| unknown()),
            Some(("mapping", id)) => id.parse().map(Self::Mapping).map_err(|_| unknown()),
            Some(("refresh", id)) => id.parse().map(Self::Refresh).map_err(|_| unknown()),
            Some(("receipts", day)) => day.parse().map(Self::Receipts).map_err(|_| unknown()),
            Some(("verifications", day)) => day.parse().map(Self::Verifications).map_err(|_| unknown()),
            None if text == "rebuild" => Ok(Self::Rebuild),
            None if text == "changeover" => Ok(Self::Changeover),
            None if text == past::TASK => Ok(Self::Past),
            _ => Err(unknown()),
        }
    }
}

/// When a task that ended well is to run again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Never: it is done, and goes.
    Done,
    /// Then, or earlier if somebody wakes it.
    At(Timestamp),
}

/// Runs tasks of some kind; the worker does the claiming, the lease and the retries.
pub trait Runner: Send + Sync + 'static {
    /// Does what the key says, from what the database says.
    fn run(&self, engine: &Engine, claim: &Claim) -> impl Future<Output = Result<Next>> + Send;
}

/// Runs every task of the product.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tasks;

impl Runner for Tasks {
    async fn run(&self, engine: &Engine, claim: &Claim) -> Result<Next> {
        match claim.key.parse().map_err(|unknown: UnknownKey| Error::Unfit(unknown.to_string()))? {
            Key::Import(id) => import::run_task(engine, claim, id).await?,
            Key::Rebuild => rebuild::run_task(engine, claim).await?,
            Key::Changeover => changeover::run_task(engine, claim).await?,
            Key::Sync(id) => return sync::run_task(engine, claim, id).await,
            Key::Removal(id) => removal::run_task(engine, claim, id).await?,
            Key::Mapping(id) => sync::remap::run_task(engine, claim, id).await?,
            Key::Refresh(id) => sync::refresh_task(engine, claim, id).await?,
            Key::Verifications(_) => verification::run_task(engine, claim).await?,
            Key::Receipts(_) => context::forget_receipts(engine, claim).await?,
            Key::Past => return context::forget_past(engine, claim).await,
        }
        Ok(Next::Done)
    }
}
