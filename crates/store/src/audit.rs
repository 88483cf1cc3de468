//! The audit log. There is a way to add an entry and ways to read, and no way to change or remove one.

use std::collections::BTreeSet;

use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::{AuditEntryId, CustomerId};
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::dialect::Dialect;
use crate::error::{Result, word};
use crate::sql::Native;
use crate::tx::Tx;
use crate::value::{At, Value};

/// Things of one question: few sizes, so that statements are found in the cache, filled up with what no entry is about.
const SUBJECTS_PER_STATEMENT: [usize; 4] = [64, 16, 4, 1];
/// Entries of an older store that are read together to learn what they are about.
const ENTRIES_PER_STEP: i64 = 1_000;
/// The details in which acts have named further customers.
const NAMED_IN_DETAILS: [&str; 3] = ["other", "a", "b"];

/// Which entries; all if nothing is asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this actor ([`Actor::key`]).
    pub actor: Option<String>,
    /// Those about this act.
    pub act: Option<Act>,
    /// Those about any of these things; about whatever if none is named.
    pub about: Vec<String>,
}

impl Filter {
    /// What an entry `e` must also be, and its arguments after those that are there.
    fn conditions(&self, args: &mut Vec<Value>) -> String {
        let mut sql = String::new();
        for (column, wanted) in [("actor_key", self.actor.as_deref()), ("act", self.act.map(Act::as_str))] {
            if let Some(wanted) = wanted {
                args.push(Value::from(wanted));
                sql.push_str(&format!(" and e.{column} = ${}", args.len() + 1));
            }
        }
        sql
    }
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
#[crate::boxed]
pub async fn insert(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    let mut args = args![entry.id, entry.at];
    args.push(Value::json(&entry.actor)?);
    args.extend(args![entry.actor.key(), entry.act.as_str(), entry.subject.as_str(), entry.subject_id.clone()]);
    args.push(Value::json(&entry.details)?);
    let sql = "insert into audit_entry (tenant_id, id, at, actor, actor_key, act, subject, subject_id, details) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(sql, args).await?;
    match &entry.subject_id {
        Some(subject) => relate(tx, entry.id, std::slice::from_ref(subject)).await,
        None => Ok(()),
    }
}

/// Says that an entry is also about these things, in the transaction of the act.
#[crate::boxed]
pub async fn relate(tx: &mut Tx, entry: AuditEntryId, subjects: &[String]) -> Result<()> {
    let rows = subjects.iter().flat_map(|subject| args![subject.as_str(), entry]);
    let head = "insert into audit_subject (tenant_id, subject_id, entry_id)";
    tx.insert_many(head, "on conflict do nothing", 2, rows).await?;
    Ok(())
}

/// Entries before `before`, newest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, filter: &Filter, before: Option<AuditEntryId>, limit: i64) -> Result<Vec<AuditEntry>> {
    if !filter.about.is_empty() {
        return about(tx, filter, before, limit).await;
    }
    let mut args = args![before.map_or(Uuid::max(), AuditEntryId::uuid), limit];
    let conditions = filter.conditions(&mut args);
    let sql = format!(
        "select e.id, e.at, e.actor, e.act, e.subject, e.subject_id, e.details from audit_entry e \
         where e.tenant_id = $1 and e.id < $2{conditions} order by e.id desc limit $3"
    );
    let rows: Vec<EntryRow> = tx.fetch_all(&sql, args).await?;
    rows.into_iter().map(EntryRow::read).collect()
}

/// The same of those about certain things: work grows with what was done to these, not with the log.
async fn about(tx: &mut Tx, filter: &Filter, before: Option<AuditEntryId>, limit: i64) -> Result<Vec<AuditEntry>> {
    let mut first = args![before.map_or(Uuid::max(), AuditEntryId::uuid), limit];
    let conditions = filter.conditions(&mut first);
    let also = match conditions.as_str() {
        "" => "",
        _ => " join audit_entry e on e.tenant_id = $1 and e.id = s.entry_id",
    };
    let mut newest: BTreeSet<Uuid> = BTreeSet::new();
    for chunk in filter.about.chunks(SUBJECTS_PER_STATEMENT[0]) {
        let size = SUBJECTS_PER_STATEMENT.into_iter().rev().find(|size| *size >= chunk.len()).unwrap_or(chunk.len());
        let leg = |place: usize| {
            format!(
                "select * from (select s.entry_id from audit_subject s{also} \
                 where s.tenant_id = $1 and s.subject_id = ${} and s.entry_id < $2{conditions} \
                 order by s.entry_id desc limit $3) as part{place}",
                first.len() + 2 + place
            )
        };
        let sql = (0..size).map(leg).collect::<Vec<_>>().join(" union all ");
        let mut args = first.clone();
        args.extend(chunk.iter().map(|subject| Value::from(subject.as_str())));
        args.extend((chunk.len()..size).map(|_| Value::from("")));
        newest.extend(tx.fetch_all::<(Uuid,)>(&sql, args).await?.into_iter().map(|(id,)| id));
    }
    let wanted = newest.into_iter().rev().take(usize::try_from(limit).unwrap_or_default());
    let keys: Vec<Value> = wanted.map(Value::from).collect();
    let sql = "select id, at, actor, act, subject, subject_id, details from audit_entry \
               where tenant_id = $1 and id in (values {set})";
    let rows: Vec<EntryRow> = tx.fetch_in(sql, 1, &keys).await?;
    let mut entries = rows.into_iter().map(EntryRow::read).collect::<Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    Ok(entries)
}

/// Gives the entries of an older store what they are about: the thing itself, and the customers that details name.
#[crate::boxed]
pub(crate) async fn write_subjects(native: &mut Native) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // As with every step that reads rows; the walls are put up again at the end of every migration.
        native.run_script("alter table audit_entry no force row level security").await?;
    }
    let mut after = (i64::MIN, Uuid::nil());
    loop {
        let sql = "select tenant_id, id, subject_id, details from audit_entry where (tenant_id, id) > ($1, $2) \
                   order by tenant_id, id limit $3";
        let args = vec![Value::from(after.0), Value::from(after.1), Value::from(ENTRIES_PER_STEP)];
        let page: Vec<(i64, Uuid, Option<String>, Json<serde_json::Value>)> = native.fetch_all(sql, args).await?;
        let Some((tenant, id, _, _)) = page.last() else { return Ok(()) };
        after = (*tenant, *id);
        for (tenant, id, subject, details) in &page {
            let named = NAMED_IN_DETAILS.iter().filter_map(|name| details.get(name)?.as_str());
            let others = named.filter(|text| text.parse::<CustomerId>().is_ok());
            let subjects: BTreeSet<&str> = subject.as_deref().into_iter().chain(others).collect();
            for subject in subjects {
                let sql = "insert into audit_subject (tenant_id, subject_id, entry_id) values ($1, $2, $3)";
                native.execute(sql, vec![Value::from(*tenant), Value::from(subject), Value::from(*id)]).await?;
            }
        }
    }
}
