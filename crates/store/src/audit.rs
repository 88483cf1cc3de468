//! The audit log. There is a way to add an entry and ways to read, and no way to change or remove one.

use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::AuditEntryId;
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// Which entries; all if nothing is asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this actor ([`Actor::key`]).
    pub actor: Option<String>,
    /// Those about this act.
    pub act: Option<Act>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: Uuid,
    at: At,
    actor: Json<Actor>,
    act: String,
    subject: String,
    subject_id: Option<String>,
    details: Json<serde_json::Value>,
}

impl EntryRow {
    fn read(self) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: AuditEntryId::from_uuid(self.id),
            at: self.at.0,
            actor: self.actor.0,
            act: word("audit_entry.act", &self.act)?,
            subject: self.subject,
            subject_id: self.subject_id,
            details: Details::from_stored(self.details.0),
        })
    }
}

/// Adds an entry, in the transaction of the act itself: there is none without the other.
pub async fn insert(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    let mut args = args![entry.id, entry.at];
    args.push(Value::json(&entry.actor)?);
    args.extend(args![entry.actor.key(), entry.act.as_str(), entry.subject.as_str(), entry.subject_id.clone()]);
    args.push(Value::json(&entry.details)?);
    let sql = "insert into audit_entry (tenant_id, id, at, actor, actor_key, act, subject, subject_id, details) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(sql, args).await?;
    Ok(())
}

/// Entries before `before`, newest first, at most `limit`.
pub async fn list(tx: &mut Tx, filter: &Filter, before: Option<AuditEntryId>, limit: i64) -> Result<Vec<AuditEntry>> {
    let before = before.map_or(Uuid::max(), AuditEntryId::uuid);
    let mut sql = "select id, at, actor, act, subject, subject_id, details from audit_entry \
                   where tenant_id = $1 and id < $2"
        .to_owned();
    let mut args = args![before, limit];
    if let Some(actor) = &filter.actor {
        args.push(Value::from(actor.as_str()));
        sql.push_str(&format!(" and actor_key = ${}", args.len() + 1));
    }
    if let Some(act) = filter.act {
        args.push(Value::from(act.as_str()));
        sql.push_str(&format!(" and act = ${}", args.len() + 1));
    }
    sql.push_str(" order by id desc limit $3");
    let rows: Vec<EntryRow> = tx.fetch_all(&sql, args).await?;
    rows.into_iter().map(EntryRow::read).collect()
}
