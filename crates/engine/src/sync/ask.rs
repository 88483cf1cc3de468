//! Asking for one customer to be read again, and waiting for it.
//!
//! What keeps this from being a hot loop: whoever was read a moment ago is not read again, whoever is waited for already is
//! waited for together, what failed rests, and the line has an end.

use std::time::Duration;

use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::record::Resolved;
use doorstep_store::refresh::{self, Readings, Refresh};
use doorstep_store::task as task_table;
use doorstep_store::{Tx, connection, record};

use super::figures::Outcome;
use crate::Engine;
use crate::error::{Error, Result};
use crate::task::{Key, REFRESH};

/// How long ago a reading may have begun for whoever asks to be content with it: many who ask at once are answered by one.
pub const RECENT_SECONDS: i64 = 3;
/// How long a customer whose reading failed is left alone; doubles with each further failure, up to `LONGEST_REST_SECONDS`.
pub const REST_SECONDS: i64 = 3 * 60;
/// The longest rest.
const LONGEST_REST_SECONDS: i64 = 60 * 60;
/// Customers of a tenant that wait to be read, at most: at some two seconds each the last one waits for half an hour, and whoever
/// asked is long gone.
pub const MAX_QUEUED: i64 = 1_000;
/// Records of one customer at live sources that are read: a household entered three times has three.
pub(super) const MAX_RECORDS: i64 = 8;
/// The longest that anybody waits for a reading: a door is held open meanwhile, and a request has half a minute in all.
pub const MAX_WAIT: Duration = Duration::from_secs(20);
/// The longest time between two looks while waiting, whatever the signals say.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest: a busy tenant signals far more often than that.
const LOOK_AFTER: Duration = Duration::from_millis(20);

/// What became of asking for a customer to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The customer waits to be read; [`Engine::wait_refreshed`] waits for a reading that began at `since` or later.
    Woken {
        /// From when on a reading counts.
        since: Timestamp,
    },
    /// Somebody asked a moment ago: the customer waits to be read, is being read, or was.
    Already {
        /// From when on a reading counts.
        since: Timestamp,
    },
    /// No live source knows the customer.
    NoSource,
    /// The last reading failed, and the next one is not before `until`.
    Resting {
        /// When the customer may be read again.
        until: Timestamp,
        /// Why it failed, for people.
        why: String,
    },
    /// Too many customers wait already.
    Full,
}

impl Asked {
    /// From when on a reading counts, where one is to be waited for.
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Woken { since } | Self::Already { since } => Some(*since),
            Self::NoSource | Self::Resting { .. } | Self::Full => None,
        }
    }
}

/// What came of waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The customer was read.
    Yes,
    /// Not yet; it goes on.
    NotInTime,
    /// It failed; why, for people.
    Failed(String),
}

impl Engine {
    /// Asks for a customer to be read again from the live sources that know them, at any hour. Many who ask at once are
    /// answered by one reading.
    ///
    /// # Errors
    /// [`Error::NoCustomer`].
    #[crate::boxed]
    pub async fn refresh_customer(&self, scope: &Scope, id: CustomerId) -> Result<Asked> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        // Mostly there is nothing to be written, and many may ask.
        if let (_, Verdict::Said(asked)) = judge(&mut tx, id).await? {
            match &asked {
                Asked::Resting { .. } => self.refreshes.count(Outcome::Resting),
                Asked::Full => self.refreshes.count(Outcome::Full),
                Asked::Woken { .. } | Asked::Already { .. } | Asked::NoSource => {}
            }
            return Ok(asked);
        }
        drop(tx);
        let mut tx = self.db.write(scope).await?;
        let (customer, since) = match judge(&mut tx, id).await? {
            (_, Verdict::Said(asked)) => return Ok(asked),
            (customer, Verdict::ToBeRead { since }) => (customer, since),
        };
        let due = tx.now();
        task_table::wake(&mut tx, &Key::Refresh(customer).to_string(), due).await?;
        tx.rouse();
        tx.commit().await?;
        self.refreshes.count(Outcome::Woken);
        Ok(Asked::Woken { since })
    }

    /// Waits until a customer was read by a reading that began at `since` or later, at most `timeout` and never longer than
    /// [`MAX_WAIT`]. Signals of commits are waited for, and the database is asked at most a few times a second.
    ///
    /// # Errors
    /// [`Error::NoCustomer`].
    #[crate::boxed]
    pub async fn wait_refreshed(
        &self,
        scope: &Scope,
        id: CustomerId,
        since: Timestamp,
        timeout: Duration,
    ) -> Result<Came> {
        scope.require(Permission::Read)?;
        let deadline = tokio::time::Instant::now() + timeout.min(MAX_WAIT);
        // Before the first look, so that nothing is missed in between.
        let mut wakes = self.db.wakes().await?;
        let mut tx = self.db.read(scope).await?;
        let customer = living(&mut tx, id).await?;
        // A merge meanwhile brings others with it, which nobody asked for.
        let records: Vec<RecordId> = connected(&mut tx, customer).await?.iter().map(|it| it.record).collect();
        loop {
            match came(
                &refresh::of_records(&mut tx, &records).await?.into_values().collect::<Vec<_>>(),
                &records,
                since,
                tx.now(),
            ) {
                Came::NotInTime => {}
                came => return Ok(came),
            }
            drop(tx);
            let next_look = tokio::time::Instant::now() + LOOK_EVERY;
            tokio::select! {
                _ = wakes.next() => tokio::time::sleep(LOOK_AFTER).await,
                () = tokio::time::sleep_until(next_look.min(deadline)) => {}
            }
            if tokio::time::Instant::now() >= deadline {
                return Ok(Came::NotInTime);
            }
            tx = self.db.read(scope).await?;
        }
    }

    /// How often customers were asked for and read in this process, by outcome: `woken`, `resting`, `full`, `read`, `failed`.
    pub fn refresh_figures(&self) -> [(&'static str, u64); 5] {
        self.refreshes.now()
    }

    /// When a customer was read by itself, by the record of each live source that knows them; what a run has read since is
    /// told by its streams.
    #[crate::boxed]
    pub async fn refreshes(&self, scope: &Scope, id: CustomerId) -> Result<Vec<Refresh>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(refresh::of_customer(&mut tx, id, MAX_RECORDS).await?)
    }
}

/// Up to when a customer is known at one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// The connection's name.
    pub name: String,
    /// When the newest reading began that came to its end, of everything there or of this customer; `None` before the first.
    pub known_at: Option<Timestamp>,
}

impl Engine {
    /// Up to when a customer is known, by each connection that is read and knows them.
    #[crate::boxed]
    pub async fn ages(&self, scope: &Scope, id: CustomerId) -> Result<Vec<Age>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let records = refresh::of_customer(&mut tx, id, MAX_RECORDS).await?;
        let mut ages = Vec::new();
        for open in connection::list(&mut tx, doorstep_core::connection::MAX_CONNECTIONS).await? {
            let theirs: Vec<&Refresh> = records.iter().filter(|it| it.connection == open.id).collect();
            if theirs.is_empty() || !open.schedule.enabled {
                continue;
            }
            let alone = theirs.iter().map(|it| it.readings.as_ref().and_then(|it| it.read_at)).min().flatten();
            ages.push(Age { name: open.name, known_at: alone.max(open.last_run_at) });
        }
        Ok(ages)
    }
}

/// What to answer to whoever asks.
enum Verdict {
    /// Nothing is to be done for it.
    Said(Asked),
    /// The task is to be woken.
    ToBeRead { since: Timestamp },
}

async fn judge(tx: &mut Tx, id: CustomerId) -> Result<(CustomerId, Verdict)> {
    let customer = living(tx, id).await?;
    let (now, records) = (tx.now(), connected(tx, customer).await?);
    let since = now.plus_seconds(-RECENT_SECONDS);
    let said = |asked| Ok((customer, Verdict::Said(asked)));
    if records.is_empty() {
        return said(Asked::NoSource);
    }
    if let Some((until, why)) = rests(&records, now) {
        return said(Asked::Resting { until, why });
    }
    let is_content = |it: &Readings| it.read_at.is_some_and(|at| at >= since) || it.rest(now).is_some();
    if records.iter().all(|it| it.readings.as_ref().is_some_and(is_content)) {
        return said(Asked::Already { since });
    }
    let task = task_table::get(tx, &Key::Refresh(customer).to_string()).await?;
    let began_lately = || records.iter().all(|it| it.readings.as_ref().is_some_and(|it| it.began_at >= since));
    if let Some(task) = task {
        match task.state.as_str() {
            "waiting" if task.due_at <= now => return said(Asked::Already { since }),
            "running" if began_lately() => return said(Asked::Already { since }),
            // A mistake of ours stopped it: not at once again.
            "parked" if task.due_at.plus_seconds(REST_SECONDS) > now => {
                let until = task.due_at.plus_seconds(REST_SECONDS);
                return said(Asked::Resting { until, why: task.reason.unwrap_or_default() });
            }
            _ => {}
        }
    }
    if task_table::count_of_kind(tx, REFRESH, MAX_QUEUED).await? >= MAX_QUEUED {
        return said(Asked::Full);
    }
    Ok((customer, Verdict::ToBeRead { since }))
}

/// Until when all of a customer's records rest, if they do, and why.
fn rests(records: &[Refresh], now: Timestamp) -> Option<(Timestamp, String)> {
    let rest = |it: &Refresh| it.readings.as_ref().and_then(|it| Some((it.rest(now)?, it.reason.clone())));
    let all: Option<Vec<(Timestamp, Option<String>)>> = records.iter().map(rest).collect();
    let (until, why) = all?.into_iter().min()?;
    Some((until, why.unwrap_or_default()))
}

/// What is known of readings for whoever waits for those of `records` that began at `since` or later.
fn came(readings: &[Readings], records: &[RecordId], since: Timestamp, now: Timestamp) -> Came {
    let is_done = |it: &Readings| it.read_at.is_some_and(|at| at >= since);
    let has_failed = |it: &Readings| it.failed_at.is_some_and(|at| at >= since) || it.rest(now).is_some();
    if readings.len() < records.len() || !readings.iter().all(|it| is_done(it) || has_failed(it)) {
        return Came::NotInTime;
    }
    match readings.iter().find(|it| !is_done(it)) {
        Some(failed) => Came::Failed(failed.reason.clone().unwrap_or_default()),
        None => Came::Yes,
    }
}

/// How long a record is left alone.
pub(super) trait Rest {
    /// Until when, if it is.
    fn rest(&self, now: Timestamp) -> Option<Timestamp>;
}

impl Rest for Readings {
    fn rest(&self, now: Timestamp) -> Option<Timestamp> {
        let doublings = u32::try_from(self.failures - 1).unwrap_or_default().min(10);
        let until = self.failed_at?.plus_seconds((REST_SECONDS << doublings).min(LONGEST_REST_SECONDS));
        (until > now).then_some(until)
    }
}

/// The customer that an id stands for today.
#[crate::boxed]
pub(super) async fn living(tx: &mut Tx, id: CustomerId) -> Result<CustomerId> {
    match record::resolve(tx, id).await? {
        Some(Resolved::Customer(customer)) => Ok(customer),
        Some(Resolved::TakenOut(_)) | None => Err(Error::NoCustomer(id)),
    }
}

/// A customer's records at the live sources that are connected and not switched off.
#[crate::boxed]
pub(super) async fn connected(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Refresh>> {
    let mut found = refresh::of_customer(tx, customer, MAX_RECORDS).await?;
    if !found.is_empty() {
        let open = connection::list(tx, doorstep_core::connection::MAX_CONNECTIONS).await?;
        found.retain(|it| open.iter().any(|open| open.id == it.connection && open.schedule.enabled));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn read(seconds: i64) -> Readings {
        let began_at = NOW.plus_seconds(seconds);
        Readings { began_at, read_at: Some(began_at), failed_at: None, failures: 0, reason: None }
    }

    fn failed(seconds: i64, failures: i64) -> Readings {
        let began_at = NOW.plus_seconds(seconds);
        Readings { began_at, read_at: None, failed_at: Some(began_at), failures, reason: Some("no answer".to_owned()) }
    }

    #[test]
    fn a_rest_doubles_and_ends() {
        let check = |failures, after, rests: bool| {
            let readings = failed(0, failures);
            assert_eq!(readings.rest(NOW.plus_seconds(after)).is_some(), rests, "{failures} after {after}");
        };
        check(1, REST_SECONDS - 1, true);
        check(1, REST_SECONDS, false);
        check(2, REST_SECONDS * 2 - 1, true);
        check(2, REST_SECONDS * 2, false);
        check(1_000, LONGEST_REST_SECONDS - 1, true);
        check(i64::MAX, LONGEST_REST_SECONDS, false);
        assert_eq!(read(0).rest(NOW), None);
    }

    #[test]
    fn all_have_to_come_and_none_to_fail() {
        let ids: Vec<RecordId> = (1..=2).map(|id| RecordId::from_uuid(uuid::Uuid::from_u128(id))).collect();
        let check = |readings: &[Readings], expected: Came| {
            assert_eq!(came(readings, &ids, NOW, NOW.plus_seconds(1)), expected, "{readings:?}");
        };
        let no_answer = || Came::Failed("no answer".to_owned());
        check(&[], Came::NotInTime);
        check(&[read(0)], Came::NotInTime);
        check(&[read(0), read(-1)], Came::NotInTime);
        check(&[read(0), read(0)], Came::Yes);
        check(&[read(0), failed(0, 1)], no_answer());
        // It rests: nobody will read it before whoever waits has gone.
        check(&[read(0), failed(-60, 1)], no_answer());
        check(&[read(0), failed(-60 * 60 * 24, 1)], Came::NotInTime);
    }
}
