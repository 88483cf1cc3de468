//! Marks of identifiers: what people said of single phones and e-mail addresses. Ground state, and one that was taken
//! back stays readable.

use doorstep_core::Timestamp;
use doorstep_core::id::MarkId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::position::Way;
use doorstep_core::tenant::Actor;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// A mark with who made it and why.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its id.
    pub id: MarkId,
    /// Of what, in the form in which identifiers are compared.
    #[serde(flatten)]
    pub identifier: Identifier,
    /// What it is.
    pub verdict: Verdict,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// Who.
    pub actor: Actor,
    /// When.
    pub marked_at: Timestamp,
    /// When it was taken back, if it was.
    pub retracted_at: Option<Timestamp>,
    /// Who took it back.
    pub retracted_by: Option<Actor>,
}

doorstep_core::masked_debug!(Stored: id, identifier, verdict, actor, marked_at, retracted_at);

/// Stores a mark of an identifier that has none in force.
///
/// # Errors
/// [`crate::Error::Conflict`] if it has one.
#[crate::boxed]
pub async fn put(tx: &mut Tx, id: MarkId, mark: &IdentifierMark, reason: Option<&str>, actor: &Actor) -> Result<()> {
    let (now, identifier) = (tx.now(), mark.identifier.compared());
    tx.touched.participant(None, &mark.identifier);
    let mut args = args![id, identifier.kind.as_str(), identifier.value, mark.verdict.as_str(), reason];
    args.extend([Value::json(actor)?, now.into()]);
    let sql = "insert into identifier_mark (tenant_id, id, kind, value, verdict, reason, actor, marked_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Mark, id.uuid());
    Ok(())
}

/// Takes a mark back; whether it was in force.
#[crate::boxed]
pub async fn retract(tx: &mut Tx, id: MarkId, actor: &Actor) -> Result<bool> {
    let mut args = args![id, tx.now()];
    args.push(Value::json(actor)?);
    let sql = "update identifier_mark set retracted_at = $3, retracted_by = $4 \
               where tenant_id = $1 and id = $2 and retracted_at is null returning kind, value";
    let Some((kind, value)) = tx.fetch_optional::<(String, String)>(sql, args).await? else { return Ok(false) };
    tx.touched.participant(None, &Identifier { kind: kind_of(&kind)?, value });
    tx.announce(Subject::Mark, id.uuid());
    Ok(true)
}

/// All marks in force: part of the rules. They are bounded ([`doorstep_core::matching::MAX_MARKS`]).
#[crate::boxed]
pub async fn in_force(tx: &mut Tx) -> Result<Vec<IdentifierMark>> {
    let sql = "select kind, value, verdict from identifier_mark where tenant_id = $1 and retracted_at is null";
    let rows: Vec<(String, String, String)> = tx.fetch_all(sql, args![]).await?;
    let read = |(kind, value, verdict): (String, String, String)| {
        let identifier = Identifier { kind: kind_of(&kind)?, value };
        Ok(IdentifierMark { identifier, verdict: verdict_of(&verdict)? })
    };
    rows.into_iter().map(read).collect()
}

/// How many marks are in force.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from identifier_mark where tenant_id = $1 and retracted_at is null";
    let (count,): (i64,) = tx.fetch_one(sql, args![]).await?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct MarkRow {
    id: Uuid,
    kind: String,
    value: String,
    verdict: String,
    reason: Option<String>,
    actor: Json<Actor>,
    marked_at: At,
    retracted_at: Option<At>,
    retracted_by: Option<Json<Actor>>,
}

const COLUMNS: &str =
    "m.id, m.kind, m.value, m.verdict, m.reason, m.actor, m.marked_at, m.retracted_at, m.retracted_by";

/// The marks in force of these identifiers, whatever their spelling.
#[crate::boxed]
pub async fn find(tx: &mut Tx, identifiers: &[Identifier]) -> Result<Vec<Stored>> {
    let compared = identifiers.iter().map(Identifier::compared);
    let keys: Vec<Value> = compared.flat_map(|one| args![one.kind.as_str(), one.value]).collect();
    let sql = format!(
        "with wanted (kind, value) as (values {{set}}) \
         select {COLUMNS} from wanted cross join identifier_mark m \
         where m.tenant_id = $1 and m.kind = wanted.kind and m.value = wanted.value and m.retracted_at is null"
    );
    let rows: Vec<MarkRow> = tx.fetch_in(&sql, 2, &keys).await?;
    rows.into_iter().map(MarkRow::read).collect()
}

/// The mark of an identifier that was in force at an instant, whatever its spelling.
#[crate::boxed]
pub async fn then(tx: &mut Tx, identifier: &Identifier, at: Timestamp) -> Result<Option<Stored>> {
    let identifier = identifier.compared();
    let sql = format!(
        "select {COLUMNS} from identifier_mark m where m.tenant_id = $1 and m.kind = $2 and m.value = $3 \
         and m.marked_at <= $4 and (m.retracted_at is null or m.retracted_at > $4) order by m.id desc limit 1"
    );
    let row: Option<MarkRow> = tx.fetch_optional(&sql, args![identifier.kind.as_str(), identifier.value, at]).await?;
    row.map(MarkRow::read).transpose()
}

/// One mark, in force or taken back.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: MarkId) -> Result<Option<Stored>> {
    let sql = format!("select {COLUMNS} from identifier_mark m where m.tenant_id = $1 and m.id = $2");
    let row: Option<MarkRow> = tx.fetch_optional(&sql, args![id]).await?;
    row.map(MarkRow::read).transpose()
}

/// Marks beside `from`, at most `limit`: older ones, newest first; or back to newer ones, and then oldest first.
#[crate::boxed]
pub async fn page(tx: &mut Tx, from: Option<(Way, MarkId)>, limit: i64) -> Result<Vec<Stored>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let id = from.map_or(Uuid::max(), |(_, id)| id.uuid());
    let sql = format!(
        "select {COLUMNS} from identifier_mark m where m.tenant_id = $1 and m.id {sign} $2 order by m.id{turn} limit $3"
    );
    let rows: Vec<MarkRow> = tx.fetch_all(&sql, args![id, limit]).await?;
    rows.into_iter().map(MarkRow::read).collect()
}

fn kind_of(text: &str) -> Result<IdentifierKind> {
    word("identifier_mark.kind", text)
}

fn verdict_of(text: &str) -> Result<Verdict> {
    word("identifier_mark.verdict", text)
}

impl MarkRow {
    fn read(self) -> Result<Stored> {
        Ok(Stored {
            id: MarkId::from_uuid(self.id),
            identifier: Identifier { kind: kind_of(&self.kind)?, value: self.value },
            verdict: verdict_of(&self.verdict)?,
            reason: self.reason,
            actor: self.actor.0,
            marked_at: self.marked_at.0,
            retracted_at: self.retracted_at.map(|at| at.0),
            retracted_by: self.retracted_by.map(|actor| actor.0),
        })
    }
}
