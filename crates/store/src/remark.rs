//! Remarks: what people and agents said of customers by hand. Ground state, and one that was taken back stays readable.

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, RecordId, RemarkId};
use doorstep_core::position::Way;
use doorstep_core::remark::{Kind, Remark, Said, Topic};
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::dialect::time_literal;
use crate::error::{Result, word};
use crate::past;
use crate::tx::Tx;
use crate::value::{At, Value};

/// Stores a remark.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, remark: &Remark) -> Result<()> {
    let Remark { id, record, said, channel, said_by, said_at, .. } = remark;
    let topic = said.topic().map(|topic| topic.as_str());
    let mut args = args![*id, *record, said.kind().as_str(), topic, said.text()];
    args.extend(args![channel.map(|channel| channel.as_str())]);
    args.extend([Value::json(said_by)?, (*said_at).into()]);
    let sql = "insert into remark (tenant_id, id, record_id, kind, topic, text, channel, said_by, said_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(sql, args).await?;
    tx.touched.records.insert(record.uuid());
    Ok(())
}

/// Takes remarks back; how many were in force.
#[crate::boxed]
pub async fn retract(tx: &mut Tx, ids: &[RemarkId], actor: &Actor) -> Result<u64> {
    let (now, mut retracted) = (tx.now(), 0);
    for id in ids {
        let mut args = args![*id, now];
        args.push(Value::json(actor)?);
        let sql = "update remark set retracted_at = $3, retracted_by = $4 \
                   where tenant_id = $1 and id = $2 and retracted_at is null returning record_id";
        if let Some((record,)) = tx.fetch_optional::<(Uuid,)>(sql, args).await? {
            tx.touched.records.insert(record);
            retracted += 1;
        }
    }
    Ok(retracted)
}

#[derive(sqlx::FromRow)]
struct RemarkRow {
    id: Uuid,
    record_id: Uuid,
    kind: String,
    topic: Option<String>,
    text: String,
    channel: Option<String>,
    said_by: Json<Actor>,
    said_at: At,
    retracted_at: Option<At>,
    retracted_by: Option<Json<Actor>>,
}

const COLUMNS: &str = "m.id, m.record_id, m.kind, m.topic, m.text, m.channel, m.said_by, m.said_at, m.retracted_at, \
                       m.retracted_by";
/// The remarks that hang on records of the customer `$2`.
const OF_CUSTOMER: &str = "from record r join remark m on m.tenant_id = r.tenant_id and m.record_id = r.id \
                           where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null";

impl RemarkRow {
    fn read(self) -> Result<Remark> {
        let topic = self.topic.map(|topic| word::<Topic>("remark.topic", &topic)).transpose()?;
        let channel = self.channel.map(|channel| word("remark.channel", &channel)).transpose()?;
        Ok(Remark {
            id: RemarkId::from_uuid(self.id),
            record: RecordId::from_uuid(self.record_id),
            said: Said::from_stored(word::<Kind>("remark.kind", &self.kind)?, topic, self.text),
            channel,
            said_by: self.said_by.0,
            said_at: self.said_at.0,
            retracted_at: self.retracted_at.map(|at| at.0),
            retracted_by: self.retracted_by.map(|actor| actor.0),
        })
    }
}

/// One remark, in force or taken back.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: RemarkId) -> Result<Option<Remark>> {
    let sql = format!("select {COLUMNS} from remark m where m.tenant_id = $1 and m.id = $2");
    let row: Option<RemarkRow> = tx.fetch_optional(&sql, args![id]).await?;
    row.map(RemarkRow::read).transpose()
}

/// A customer's remarks of a kind in force, newest first, at most `limit`. Which of them stand is
/// [`doorstep_core::remark::standing`]'s answer.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, kind: Kind, limit: i64) -> Result<Vec<Remark>> {
    let sql = format!(
        "select {COLUMNS} {OF_CUSTOMER} and m.kind = $3 and m.retracted_at is null order by m.id desc limit $4"
    );
    let rows: Vec<RemarkRow> = tx.fetch_all(&sql, args![customer, kind.as_str(), limit]).await?;
    rows.into_iter().map(RemarkRow::read).collect()
}

/// The remarks in force at an instant that hung on these records then, newest first. As [`of_customer`], which of them stood
/// is another's answer.
#[crate::boxed]
pub async fn then(tx: &mut Tx, records: &[RecordId], at: Timestamp) -> Result<Vec<Remark>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let instant = time_literal(tx.dialect(), at);
    let in_force = format!("m.said_at <= {instant} and (m.retracted_at is null or m.retracted_at > {instant})");
    let hung = format!("p.tenant_id = $1 and p.kind = 'remark' and p.since_at <= {instant} and p.until_at > {instant}");
    let now = format!(
        "with wanted (id) as (values {{set}}) select {COLUMNS} from wanted cross join remark m \
         where m.tenant_id = $1 and m.record_id = wanted.id and {in_force} \
         and not exists (select 1 from past_row p where {hung} and p.id = m.id)"
    );
    let then = format!(
        "with wanted (id) as (values {{set}}) select {COLUMNS} from wanted cross join past_row p join remark m \
         on m.tenant_id = p.tenant_id and m.id = p.id where {hung} and p.hangs_on_id = wanted.id and {in_force}"
    );
    let mut rows: Vec<RemarkRow> = tx.fetch_in(&now, 1, &keys).await?;
    rows.extend(tx.fetch_in::<RemarkRow>(&then, 1, &keys).await?);
    let mut found = rows.into_iter().map(RemarkRow::read).collect::<Result<Vec<Remark>>>()?;
    found.sort_by_key(|remark| std::cmp::Reverse(remark.id));
    Ok(found)
}

/// A customer's remarks of a kind beside `from`, at most `limit`, those taken back, too: older ones, newest first; or back
/// to newer ones, and then oldest first.
#[crate::boxed]
pub async fn page(
    tx: &mut Tx,
    customer: CustomerId,
    kind: Kind,
    from: Option<(Way, RemarkId)>,
    limit: i64,
) -> Result<Vec<Remark>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let id = from.map_or(Uuid::max(), |(_, id)| id.uuid());
    let sql = format!("select {COLUMNS} {OF_CUSTOMER} and m.kind = $3 and m.id {sign} $4 order by m.id{turn} limit $5");
    let rows: Vec<RemarkRow> = tx.fetch_all(&sql, args![customer, kind.as_str(), id, limit]).await?;
    rows.into_iter().map(RemarkRow::read).collect()
}

/// How many remarks of a kind in force a customer has.
#[crate::boxed]
pub async fn count(tx: &mut Tx, customer: CustomerId, kind: Kind) -> Result<i64> {
    let sql = format!("select count(*) {OF_CUSTOMER} and m.kind = $3 and m.retracted_at is null");
    let (count,): (i64,) = tx.fetch_one(&sql, args![customer, kind.as_str()]).await?;
    Ok(count)
}

/// Gives what hangs on records that are out by now to the oldest record that their customer still has: what a colleague
/// wrote down does not go with the archive that the customer was in, too.
#[crate::boxed]
pub(crate) async fn leave_records(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    past::keep_remarks(tx, records).await?;
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "update remark set record_id = coalesce((select o.id from record g join record o \
                 on o.tenant_id = g.tenant_id and o.customer_id = g.customer_id \
                 where g.tenant_id = $1 and g.id = remark.record_id and o.removed_at is null \
                 order by o.id limit 1), record_id) \
               where tenant_id = $1 and record_id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    Ok(())
}

/// Forgets what hangs on records that are taken out for good and that nobody takes over.
#[crate::boxed]
pub(crate) async fn remove_of_records(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    leave_records(tx, records).await?;
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from remark where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}
