//! Receipts: who was told what of a customer, and when. What was told is stored once, however often it was.

use std::sync::Arc;

use doorstep_core::Timestamp;
use doorstep_core::context::Assurance;
use doorstep_core::id::{CustomerId, ReceiptId};
use doorstep_core::tenant::Actor;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// That somebody was told something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// When.
    pub told_at: Timestamp,
    /// Who asked.
    pub actor: Actor,
    /// Of whom; `None` where nobody was found, or nobody may be told of.
    pub customer: Option<CustomerId>,
    /// For which level it was made.
    pub assurance: Assurance,
    /// The version of the customer's context.
    pub version: Option<i64>,
    /// By what the customer was named: `phone`, `customer_id`. Never which.
    pub asked_by: String,
    /// As what: `json` or `text`.
    pub form: String,
    /// How many tokens the text might have.
    pub budget: Option<i64>,
    /// How many it had, as we count them.
    pub tokens: Option<i64>,
    /// Of what was told; `None` where that was nothing of anybody.
    #[serde(skip)]
    pub hash: Option<[u8; 32]>,
}

/// What was told, once.
#[derive(Clone, PartialEq)]
pub struct Told {
    /// Of whom.
    pub customer: CustomerId,
    /// Of the model.
    pub hash: [u8; 32],
    /// The context as JSON, without the instant at which it was made.
    pub model: Arc<serde_json::Value>,
}

doorstep_core::masked_debug!(Told: customer);

/// Stores receipts, and what was told where that is new.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, receipts: &[Receipt], told: &[Told]) -> Result<()> {
    let rows = told.iter().flat_map(|it| args![it.customer, it.hash.to_vec(), serde_json::Value::clone(&it.model)]);
    let rows: Vec<Value> = rows.collect();
    let head = "insert into context_told (tenant_id, customer_id, hash, model)";
    tx.insert_many(head, "on conflict do nothing", 3, rows).await?;
    let mut rows = Vec::with_capacity(receipts.len() * 11);
    for it in receipts {
        rows.extend(args![it.id, it.told_at]);
        rows.push(Value::json(&it.actor)?);
        rows.extend(args![it.customer, it.assurance.as_str(), it.version, it.asked_by.as_str(), it.form.as_str()]);
        rows.extend(args![it.budget, it.tokens]);
        rows.push(Value::Bytes(it.hash.map(|hash| hash.to_vec())));
    }
    let head = "insert into context_receipt (tenant_id, id, told_at, actor, customer_id, assurance, version, asked_by, \
                form, budget, tokens, hash)";
    tx.insert_many(head, "on conflict do nothing", 11, rows).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ReceiptRow {
    id: Uuid,
    told_at: At,
    actor: Json<Actor>,
    customer_id: Option<Uuid>,
    assurance: String,
    version: Option<i64>,
    asked_by: String,
    form: String,
    budget: Option<i64>,
    tokens: Option<i64>,
    hash: Option<Vec<u8>>,
}

impl ReceiptRow {
    fn read(self) -> Result<Receipt> {
        Ok(Receipt {
            id: ReceiptId::from_uuid(self.id),
            told_at: self.told_at.0,
            actor: self.actor.0,
            customer: self.customer_id.map(CustomerId::from_uuid),
            assurance: word("context_receipt.assurance", &self.assurance)?,
            version: self.version,
            asked_by: self.asked_by,
            form: self.form,
            budget: self.budget,
            tokens: self.tokens,
            hash: self.hash.and_then(|hash| hash.try_into().ok()),
        })
    }
}

const RECEIPT: &str = "select id, told_at, actor, customer_id, assurance, version, asked_by, form, budget, tokens, hash \
                       from context_receipt where tenant_id = $1";

/// One receipt.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: ReceiptId) -> Result<Option<Receipt>> {
    let row: Option<ReceiptRow> = tx.fetch_optional(&format!("{RECEIPT} and id = $2"), args![id]).await?;
    row.map(ReceiptRow::read).transpose()
}

/// A customer's receipts up to an instant, newest first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, until: Timestamp, limit: i64) -> Result<Vec<Receipt>> {
    let sql = format!("{RECEIPT} and customer_id = $2 and told_at <= $3 order by told_at desc, id desc limit $4");
    let rows: Vec<ReceiptRow> = tx.fetch_all(&sql, args![customer, until, limit]).await?;
    rows.into_iter().map(ReceiptRow::read).collect()
}

/// What was told.
#[crate::boxed]
pub async fn told(tx: &mut Tx, customer: CustomerId, hash: [u8; 32]) -> Result<Option<serde_json::Value>> {
    let sql = "select model from context_told where tenant_id = $1 and customer_id = $2 and hash = $3";
    let row: Option<(Json<serde_json::Value>,)> = tx.fetch_optional(sql, args![customer, hash.to_vec()]).await?;
    Ok(row.map(|(model,)| model.0))
}

/// Forgets receipts from before `before`, at most `limit`, and what nobody has a receipt for any more; how many receipts.
#[crate::boxed]
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let sql = "delete from context_receipt where tenant_id = $1 and id in (\
                 select id from context_receipt where tenant_id = $1 and told_at < $2 order by told_at limit $3) \
               returning customer_id";
    let rows: Vec<(Option<Uuid>,)> = tx.fetch_all(sql, args![before, limit]).await?;
    let customers: Vec<Value> = rows.iter().filter_map(|(id,)| *id).map(Value::from).collect();
    let sql = "delete from context_told where tenant_id = $1 and customer_id in (values {set}) and not exists (\
                 select 1 from context_receipt r where r.tenant_id = $1 and r.customer_id = context_told.customer_id \
                 and r.hash = context_told.hash)";
    tx.execute_in(sql, 1, &customers).await?;
    Ok(rows.len() as u64)
}
