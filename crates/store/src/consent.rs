//! Consent: numbers that a source said must not be texted. What is here was said once and stays: nothing that a source
//! says later allows what it has forbidden.

use doorstep_core::Timestamp;
use doorstep_core::consent::{DoNotText, SaidBy};
use doorstep_core::id::RecordId;
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Phone;
use uuid::Uuid;

use crate::args;
use crate::dialect::time_literal;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::Value;

/// Notes what records say; what they said before stays.
#[crate::boxed]
pub async fn forbid(tx: &mut Tx, said: &[(RecordId, DoNotText)]) -> Result<()> {
    let now = tx.now();
    for (_, it) in said {
        tx.touched.participant(None, &Identifier::from(&it.phone));
    }
    let rows = said.iter().flat_map(|(record, it)| args![it.phone.as_str(), *record, it.said_by.as_str(), now]);
    let rows: Vec<Value> = rows.collect();
    let head = "insert into do_not_text (tenant_id, phone, record_id, said_by, said_at)";
    tx.insert_many(head, "on conflict do nothing", 4, rows).await?;
    Ok(())
}

/// As [`forbidden`], as far as it had been said at an instant.
#[crate::boxed]
pub async fn forbidden_then(tx: &mut Tx, phones: &[&str], at: Timestamp) -> Result<Vec<(RecordId, DoNotText)>> {
    let keys: Vec<Value> = phones.iter().map(|phone| Value::from(*phone)).collect();
    let sql = format!("{FORBIDDEN} and said_at <= {}", time_literal(tx.dialect(), at));
    let rows: Vec<Row> = tx.fetch_in(&sql, 1, &keys).await?;
    Ok(rows.into_iter().map(read).collect())
}

type Row = (String, Uuid, String);

const FORBIDDEN: &str =
    "select phone, record_id, said_by from do_not_text where tenant_id = $1 and phone in (values {set})";

fn read((phone, record, said_by): Row) -> (RecordId, DoNotText) {
    let said = DoNotText { phone: Phone::from_normal(phone), said_by: SaidBy::from_word(&said_by) };
    (RecordId::from_uuid(record), said)
}

/// Who said of these numbers that they must not be texted: each number with the records that did.
#[crate::boxed]
pub async fn forbidden(tx: &mut Tx, phones: &[&str]) -> Result<Vec<(RecordId, DoNotText)>> {
    let keys: Vec<Value> = phones.iter().map(|phone| Value::from(*phone)).collect();
    let rows: Vec<Row> = tx.fetch_in(FORBIDDEN, 1, &keys).await?;
    Ok(rows.into_iter().map(read).collect())
}
