//! A tenant going over to a version of its rules: looked at, then applied. One row a tenant.

use doorstep_core::changeover::{Changeover, State, Summary};
use doorstep_core::id::RecordId;
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

#[derive(sqlx::FromRow)]
struct ChangeoverRow {
    version: i64,
    from_version: i64,
    state: String,
    digest: Option<String>,
    feed_number: i64,
    summary: Option<Json<Summary>>,
    after_record_id: Option<Uuid>,
    records_done: i64,
    records_total: i64,
    actor: Json<Actor>,
    created_at: At,
    applied_at: Option<At>,
}

/// The tenant's newest.
#[crate::boxed]
pub async fn get(tx: &mut Tx) -> Result<Option<Changeover>> {
    let sql = "select version, from_version, state, digest, feed_number, summary, after_record_id, records_done, \
               records_total, actor, created_at, applied_at from changeover where tenant_id = $1";
    let row: Option<ChangeoverRow> = tx.fetch_optional(sql, args![]).await?;
    let read = |row: ChangeoverRow| {
        Ok(Changeover {
            version: row.version,
            from_version: row.from_version,
            state: word("changeover.state", &row.state)?,
            digest: row.digest,
            feed_number: row.feed_number,
            summary: row.summary.map(|summary| summary.0),
            after: row.after_record_id.map(RecordId::from_uuid),
            records_done: row.records_done.unsigned_abs(),
            records_total: row.records_total.unsigned_abs(),
            actor: row.actor.0,
            created_at: row.created_at.0,
            applied_at: row.applied_at.map(|at| at.0),
        })
    };
    row.map(read).transpose()
}

/// Says how it stands, in place of what was said before. Told to whoever looks, but for a preview: that changes nothing.
#[crate::boxed]
pub async fn put(tx: &mut Tx, changeover: &Changeover) -> Result<()> {
    let sql = "insert into changeover (tenant_id, version, from_version, state, digest, feed_number, summary, \
               after_record_id, records_done, records_total, actor, created_at, applied_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
               on conflict (tenant_id) do update set version = excluded.version, \
               from_version = excluded.from_version, state = excluded.state, digest = excluded.digest, \
               feed_number = excluded.feed_number, summary = excluded.summary, \
               after_record_id = excluded.after_record_id, records_done = excluded.records_done, \
               records_total = excluded.records_total, actor = excluded.actor, \
               created_at = excluded.created_at, applied_at = excluded.applied_at";
    let it = changeover;
    let mut values = args![it.version, it.from_version, it.state.as_str(), it.digest.as_deref(), it.feed_number];
    values.push(match &it.summary {
        Some(summary) => Value::json(summary)?,
        None => Value::Json(None),
    });
    values.extend(args![it.after, it.records_done, it.records_total]);
    values.push(Value::json(&it.actor)?);
    values.extend(args![it.created_at, it.applied_at]);
    tx.execute(sql, values).await?;
    if matches!(it.state, State::Applying | State::Applied) {
        let number = tx.tenant().number().unsigned_abs();
        tx.announce(Subject::Tenant, Uuid::from_u128(u128::from(number)));
    }
    Ok(())
}

/// Says how far it is.
#[crate::boxed]
pub async fn set_progress(tx: &mut Tx, after: Option<RecordId>, done: u64) -> Result<()> {
    let sql = "update changeover set after_record_id = $2, records_done = $3 where tenant_id = $1";
    tx.execute(sql, args![after, done]).await?;
    Ok(())
}
