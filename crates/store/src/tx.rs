//! A transaction of one tenant: the only way to its rows.

use std::collections::BTreeSet;
use std::pin::Pin;

use doorstep_core::id::ConnectionId;
use doorstep_core::{TenantId, Timestamp};
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::context::Touched;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::past;
use crate::signal::{self, Signal, Wake};
use crate::sql::{Native, Row};
use crate::value::Value;

/// An open transaction, bound to one tenant: `$1` of every statement is that tenant's number, put there here
/// and nowhere else. Dropping it keeps nothing.
pub struct Tx {
    native: Native,
    tenant: TenantId,
    now: Timestamp,
    signal: Option<Signal>,
    changes: BTreeSet<(Subject, Uuid)>,
    rouses: bool,
    /// Whose contexts it changes.
    pub(crate) touched: Touched,
    /// Whether it keeps how something stood until now.
    pub(crate) keeps_past: bool,
}

impl Tx {
    pub(crate) fn new(native: Native, tenant: TenantId, now: Timestamp, signal: Option<Signal>) -> Self {
        let (changes, touched) = (BTreeSet::new(), Touched::default());
        Self { native, tenant, now, signal, changes, rouses: false, touched, keeps_past: false }
    }

    /// The tenant whose rows this transaction reaches.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The instant at which the transaction began, by the store's clock: one stamp for all that it writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Which database it runs on.
    pub fn dialect(&self) -> Dialect {
        self.native.dialect()
    }

    fn lead(&self, mut args: Vec<Value>) -> Vec<Value> {
        args.insert(0, Value::from(self.tenant.number()));
        args
    }

    #[crate::boxed]
    pub(crate) async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64> {
        let args = self.lead(args);
        self.native.execute(sql, args).await
    }

    pub(crate) async fn fetch_all<T: Row>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>> {
        let args = self.lead(args);
        self.native.fetch_all(sql, args).await
    }

    pub(crate) async fn fetch_optional<T: Row>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>> {
        let args = self.lead(args);
        self.native.fetch_optional(sql, args).await
    }

    pub(crate) async fn fetch_one<T: Row>(&mut self, sql: &str, args: Vec<Value>) -> Result<T> {
        let row = self.fetch_optional(sql, args).await?;
        row.ok_or(Error::Unreadable { what: "a row that must exist", why: "it is not there".to_owned() })
    }

    /// `insert into t (tenant_id, …) values …`: rows of `width` values each, without the tenant.
    ///
    /// Taken as they are needed, while the database works on those before: what is made of each is best made then.
    pub(crate) fn insert_many<'a>(
        &'a mut self,
        head: &'a str,
        tail: &'a str,
        width: usize,
        rows: impl IntoIterator<Item = Value, IntoIter: Send + 'a>,
    ) -> Pin<Box<dyn Future<Output = Result<u64>> + Send + 'a>> {
        let tenant = Value::from(self.tenant.number());
        // Behind a pointer: rustc cannot yet tell that a future with a closure over borrowed rows in its type is `Send`.
        let mut rows: Box<dyn Iterator<Item = Value> + Send + 'a> = Box::new(rows.into_iter());
        Box::pin(async move { self.native.insert_many(head, tail, width, &tenant, &mut *rows).await })
    }

    /// A query in which `{set}` stands for tuples of `width` values, over any number of keys.
    pub(crate) async fn fetch_in<T: Row>(&mut self, sql: &str, width: usize, keys: &[Value]) -> Result<Vec<T>> {
        let tenant = Value::from(self.tenant.number());
        self.native.fetch_in(sql, width, &tenant, keys).await
    }

    /// A statement in which `{set}` stands for tuples of `width` values, over any number of keys.
    #[crate::boxed]
    pub(crate) async fn execute_in(&mut self, sql: &str, width: usize, keys: &[Value]) -> Result<u64> {
        let tenant = Value::from(self.tenant.number());
        self.native.execute_in(sql, width, &tenant, keys).await
    }

    /// From here on PostgreSQL makes the plan of a statement once a connection, whatever the statement is asked.
    ///
    /// Left to itself it guesses that a range which it does not know holds a two-hundredth of the table, finds that a
    /// plan for the very range is cheaper, and makes one at each call: where a statement reads a few rows along an
    /// index, that takes several times as long as running it. Only for statements whose plan cannot depend on what they
    /// are asked.
    #[crate::boxed]
    pub(crate) async fn plan_once(&mut self) -> Result<()> {
        if self.dialect() == Dialect::Postgres {
            self.native.run_script("set local plan_cache_mode = force_generic_plan").await?;
        }
        Ok(())
    }

    /// Takes the tenant's turn to change identity: transactions that decide who is who run one after the other
    /// per tenant, so that ten parallel calls for one new phone make one customer. Held until commit.
    #[crate::boxed]
    pub async fn lock_identity(&mut self) -> Result<()> {
        self.execute("update feed set last_number = last_number where tenant_id = $1", args![]).await?;
        Ok(())
    }

    /// Notes a change; it is announced once, by the commit.
    pub fn announce(&mut self, subject: Subject, id: Uuid) {
        self.changes.insert((subject, id));
    }

    /// Takes a connection's turn to store what its source said: a run and a reading of one customer of the same connection
    /// store one after the other, so that each compares what it has with what the other has stored. Held until commit.
    ///
    /// Before anything else of the transaction but the lease, so that no two wait for each other.
    #[crate::boxed]
    pub async fn lock_connection(&mut self, id: ConnectionId) -> Result<()> {
        if let Some(sql) = self.dialect().take_turn() {
            self.execute(sql, args![id.to_string()]).await?;
        }
        Ok(())
    }

    /// Wakes whoever listens, with the commit, though nothing changes that the feed tells of: a task was woken, or something
    /// that somebody waits for came to its end.
    pub fn rouse(&mut self) {
        self.rouses = true;
    }

    /// Keeps all of it, announces its changes in the feed, and wakes whoever listens.
    #[crate::boxed]
    pub async fn commit(mut self) -> Result<()> {
        let touched = std::mem::take(&mut self.touched);
        if self.changes.is_empty() && !touched.is_empty() {
            // Nothing else is announced of it: then those are whose contexts say something else from now on.
            self.lock_identity().await?;
            for customer in touched.customers(&mut self).await? {
                self.announce(Subject::Customer, customer);
            }
        }
        if self.keeps_past {
            past::wake_forgetting(&mut self).await?;
        }
        let is_heard = self.rouses || !self.changes.is_empty();
        if !self.changes.is_empty() {
            let number = self.write_changes().await?;
            // Asked under the lock of the feed, which ends with the commit: nobody can have become somebody else meanwhile.
            touched.write(&mut self, number).await?;
        }
        if is_heard && self.dialect() == Dialect::Postgres {
            let args = vec![Value::from(signal::CHANNEL), Value::from(self.tenant.to_string())];
            self.native.execute("select pg_notify($1, $2)", args).await?;
        }
        self.native.commit().await?;
        if let Some(signal) = self.signal.filter(|_| is_heard) {
            signal.wake(Wake::Tenant(self.tenant));
        }
        Ok(())
    }

    /// Numbers are taken last and under the lock of the tenant's feed row, which ends with the commit: the
    /// order of numbers is the order of commits, and there are no gaps. The last one taken.
    async fn write_changes(&mut self) -> Result<i64> {
        let changes = std::mem::take(&mut self.changes);
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let sql = "update feed set last_number = last_number + $2 where tenant_id = $1 returning last_number";
        let (last,): (i64,) = self.fetch_one(sql, args![count]).await?;
        let (first, now) = (last - count + 1, self.now);
        let rows = (first..).zip(changes).flat_map(|(number, (subject, id))| args![number, subject.as_str(), id, now]);
        let head = "insert into change (tenant_id, number, subject, subject_id, changed_at)";
        self.insert_many(head, "", 4, rows).await?;
        Ok(last)
    }
}
