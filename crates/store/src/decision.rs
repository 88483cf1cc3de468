//! Decisions of people about identity. They are ground state, and a retracted one stays readable.

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, DecisionId, RecordId};
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::position::Way;
use doorstep_core::tenant::Actor;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{At, Value};

/// A decision with who made it and why.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its id.
    pub id: DecisionId,
    /// What was decided.
    pub verb: Verb,
    /// One record.
    pub a: RecordId,
    /// The other.
    pub b: RecordId,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// Who.
    pub actor: Actor,
    /// When.
    pub decided_at: Timestamp,
    /// When it was taken back, if it was.
    pub retracted_at: Option<Timestamp>,
}

doorstep_core::masked_debug!(Stored: id, verb, a, b, actor, decided_at, retracted_at);

/// Stores a decision.
#[crate::boxed]
pub async fn put(tx: &mut Tx, decision: &Decision, reason: Option<&str>, actor: &Actor) -> Result<()> {
    let now = tx.now();
    let mut args = args![decision.id, verb_text(decision.verb), decision.a, decision.b, reason];
    args.extend([Value::json(actor)?, now.into()]);
    let sql = "insert into decision (tenant_id, id, verb, a_record_id, b_record_id, reason, actor, decided_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, args).await?;
    tx.touched.records.extend([decision.a.uuid(), decision.b.uuid()]);
    tx.announce(Subject::Decision, decision.id.uuid());
    Ok(())
}

/// Takes decisions back.
#[crate::boxed]
pub async fn retract(tx: &mut Tx, ids: &[DecisionId], actor: &Actor) -> Result<()> {
    let now = tx.now();
    for id in ids {
        let mut args = args![*id, now];
        args.push(Value::json(actor)?);
        let sql = "update decision set retracted_at = $3, retracted_by = $4 \
                   where tenant_id = $1 and id = $2 and retracted_at is null returning a_record_id, b_record_id";
        for (a, b) in tx.fetch_all::<(Uuid, Uuid)>(sql, args).await? {
            tx.touched.records.extend([a, b]);
            tx.announce(Subject::Decision, id.uuid());
        }
    }
    Ok(())
}

fn verb_text(verb: Verb) -> &'static str {
    match verb {
        Verb::Link => "link",
        Verb::KeepApart => "keep_apart",
    }
}

fn verb_of(text: &str) -> Result<Verb> {
    match text {
        "link" => Ok(Verb::Link),
        "keep_apart" => Ok(Verb::KeepApart),
        other => Err(Error::Unreadable { what: "decision.verb", why: format!("`{other}` is not a verb") }),
    }
}

/// The decisions in force that touch any of these records.
#[crate::boxed]
pub async fn touching(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Decision>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let mut found = Vec::new();
    for column in ["a_record_id", "b_record_id"] {
        let sql = format!(
            "with wanted (id) as (values {{set}}) \
             select d.id, d.verb, d.a_record_id, d.b_record_id from wanted cross join decision d \
             where d.tenant_id = $1 and d.{column} = wanted.id and d.retracted_at is null"
        );
        let rows: Vec<(Uuid, String, Uuid, Uuid)> = tx.fetch_in(&sql, 1, &keys).await?;
        for (id, verb, a, b) in rows {
            let (id, verb) = (DecisionId::from_uuid(id), verb_of(&verb)?);
            found.push(Decision { id, verb, a: RecordId::from_uuid(a), b: RecordId::from_uuid(b) });
        }
    }
    found.sort_by_key(|decision| decision.id);
    found.dedup_by_key(|decision| decision.id);
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    id: Uuid,
    verb: String,
    a_record_id: Uuid,
    b_record_id: Uuid,
    reason: Option<String>,
    actor: Json<Actor>,
    decided_at: At,
    retracted_at: Option<At>,
}

/// All decisions, newest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select id, verb, a_record_id, b_record_id, reason, actor, decided_at, retracted_at from decision \
               where tenant_id = $1 order by id desc limit $2";
    let rows: Vec<DecisionRow> = tx.fetch_all(sql, args![limit]).await?;
    rows.into_iter().map(DecisionRow::read).collect()
}

/// How many decisions in force were made since `since`, counted no further than `most`; those that tie records of the
/// stream `besides` are left out.
#[crate::boxed]
pub async fn count_since(tx: &mut Tx, besides: &str, since: Timestamp, most: i64) -> Result<i64> {
    // Ids sort by time, so that the newest are the end of the key.
    let millis = u128::try_from(since.micros() / 1_000).unwrap_or_default();
    let first = Uuid::from_u128(millis << 80);
    let sql = "select count(*) from (select 1 from decision d \
               left join record rb on rb.tenant_id = $1 and rb.id = d.b_record_id \
               where d.tenant_id = $1 and d.id > $2 and d.retracted_at is null and coalesce(rb.stream, '') <> $3 \
               limit $4) v";
    let (count,): (i64,) = tx.fetch_one(sql, args![first, besides, most]).await?;
    Ok(count)
}

/// One decision, unless it ties records of the stream `besides`.
#[crate::boxed]
pub async fn get(tx: &mut Tx, besides: &str, id: DecisionId) -> Result<Option<Stored>> {
    let sql = "select d.id, d.verb, d.a_record_id, d.b_record_id, d.reason, d.actor, d.decided_at, d.retracted_at \
               from decision d left join record rb on rb.tenant_id = $1 and rb.id = d.b_record_id \
               where d.tenant_id = $1 and d.id = $2 and coalesce(rb.stream, '') <> $3";
    let row: Option<DecisionRow> = tx.fetch_optional(sql, args![id, besides]).await?;
    row.map(DecisionRow::read).transpose()
}

/// The decisions of these ids, in force or not, in no order.
#[crate::boxed]
pub async fn get_many(tx: &mut Tx, ids: &[DecisionId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, verb, a_record_id, b_record_id, reason, actor, decided_at, retracted_at from decision \
               where tenant_id = $1 and id in (values {set})";
    let rows: Vec<DecisionRow> = tx.fetch_in(sql, 1, &keys).await?;
    rows.into_iter().map(DecisionRow::read).collect()
}

/// A decision with the customers that it is between today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The decision.
    #[serde(flatten)]
    pub decision: Stored,
    /// Who took it back, if somebody did.
    pub retracted_by: Option<Actor>,
    /// Who has the first record now, and the name shown; `None` for one that was taken out.
    pub a_customer: Option<Named>,
    /// Who has the second record now: the same customer while a link is in force.
    pub b_customer: Option<Named>,
}

/// A customer by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: CustomerId,
    /// The name shown.
    pub display_name: String,
}

#[derive(sqlx::FromRow)]
struct ShownRow {
    #[sqlx(flatten)]
    decision: DecisionRow,
    retracted_by: Option<Json<Actor>>,
    a_customer_id: Option<Uuid>,
    a_name: Option<String>,
    b_customer_id: Option<Uuid>,
    b_name: Option<String>,
}

/// Decisions beside `from`, at most `limit`: older ones, newest first; or back to newer ones, and then oldest first.
/// Those that tie records of the stream `besides` are left out.
#[crate::boxed]
pub async fn page(tx: &mut Tx, besides: &str, from: Option<(Way, DecisionId)>, limit: i64) -> Result<Vec<Shown>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let id = from.map_or(Uuid::max(), |(_, id)| id.uuid());
    let sql = format!(
        "select d.id, d.verb, d.a_record_id, d.b_record_id, d.reason, d.actor, d.decided_at, d.retracted_at, \
         d.retracted_by, a.id as a_customer_id, a.display_name as a_name, b.id as b_customer_id, \
         b.display_name as b_name \
         from decision d \
         left join record ra on ra.tenant_id = $1 and ra.id = d.a_record_id \
         left join customer a on a.tenant_id = $1 and a.id = ra.customer_id \
         left join record rb on rb.tenant_id = $1 and rb.id = d.b_record_id \
         left join customer b on b.tenant_id = $1 and b.id = rb.customer_id \
         where d.tenant_id = $1 and d.id {sign} $2 and coalesce(rb.stream, '') <> $3 \
         order by d.id{turn} limit $4"
    );
    let rows: Vec<ShownRow> = tx.fetch_all(&sql, args![id, besides, limit]).await?;
    rows.into_iter().map(ShownRow::read).collect()
}

impl DecisionRow {
    fn read(self) -> Result<Stored> {
        Ok(Stored {
            id: DecisionId::from_uuid(self.id),
            verb: verb_of(&self.verb)?,
            a: RecordId::from_uuid(self.a_record_id),
            b: RecordId::from_uuid(self.b_record_id),
            reason: self.reason,
            actor: self.actor.0,
            decided_at: self.decided_at.0,
            retracted_at: self.retracted_at.map(|at| at.0),
        })
    }
}

impl ShownRow {
    fn read(self) -> Result<Shown> {
        let named = |id: Option<Uuid>, name: Option<String>| {
            Some(Named { id: CustomerId::from_uuid(id?), display_name: name? })
        };
        Ok(Shown {
            decision: self.decision.read()?,
            retracted_by: self.retracted_by.map(|actor| actor.0),
            a_customer: named(self.a_customer_id, self.a_name),
            b_customer: named(self.b_customer_id, self.b_name),
        })
    }
}
