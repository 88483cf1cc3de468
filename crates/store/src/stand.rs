//! How a customer's context stands, in one statement: whose an identifier is, which version that customer's context has, and
//! up to when its sources are known. Whoever holds rows of exactly that stand needs no others.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use doorstep_core::Timestamp;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::time::Zone;
use uuid::Uuid;

use crate::args;
use crate::context::least_of;
use crate::dialect::Dialect;
use crate::error::{Error, Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Whose it is.
    pub customer: CustomerId,
    /// The version of their context.
    pub version: i64,
    /// The tenant's zone and country, in which contexts are told.
    pub zone: Zone,
    /// See `zone`.
    pub country: Region,
    /// Up to when each source is known of this customer: as [`crate::context::read_at`] says it, or later where the customer
    /// was read by itself ([`crate::refresh::read_at`]).
    pub read_at: BTreeMap<Source, Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: Option<String>,
    value: Option<String>,
    id: Option<Uuid>,
    last: Option<Uuid>,
    spoilt: i64,
    version: i64,
    zone: String,
    country: String,
    runs: Option<String>,
    imports: Option<String>,
    readings: Option<String>,
}

/// The first and the last who have each identifier, mostly one; then why it may not be believed: it is the business's own, or
/// a person said what it is.
const OF_IDENTIFIERS: &str = "with wanted (kind, value, compared_kind, compared) as (values {set}), \
     who (kind, value, id, last, spoilt) as materialized ( \
         select w.kind, w.value, \
                (select i.customer_id from identity i where i.tenant_id = $1 and i.kind = w.kind and i.value = w.value \
                 order by i.customer_id limit 1), \
                (select i.customer_id from identity i where i.tenant_id = $1 and i.kind = w.kind and i.value = w.value \
                 order by i.customer_id desc limit 1), \
                (select count(*) from own_number o where o.tenant_id = $1 and o.phone = w.value and w.kind = 'phone') \
                + (select count(*) from identifier_mark m where m.tenant_id = $1 and m.kind = w.compared_kind \
                   and m.value = w.compared and m.retracted_at is null) \
         from wanted w)";

const OF_CUSTOMERS: &str = "with who (kind, value, id, last, spoilt) as ( \
     select null, null, c.id, c.id, cast(0 as bigint) \
     from customer c where c.tenant_id = $1 and c.id in (values {set}))";

/// How it stands with the only customers who have identifiers, in their order; `None` of one that nobody has, that several
/// have, or that says nothing by itself (the business's own, or marked by a person).
#[crate::boxed]
pub async fn of_identifiers(tx: &mut Tx, identifiers: &[Identifier]) -> Result<Vec<Option<Stand>>> {
    static TEXTS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let keys = identifiers.iter().flat_map(|identifier| {
        let compared = identifier.compared();
        let asked = args![identifier.kind.as_str(), identifier.value.as_str()];
        asked.into_iter().chain(args![compared.kind.as_str(), compared.value])
    });
    let keys: Vec<Value> = keys.collect();
    let rows: Vec<Row> = tx.fetch_in(statement(&TEXTS, tx.dialect(), OF_IDENTIFIERS), 4, &keys).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for mut row in rows {
        if let (Some(kind), Some(value)) = (row.kind.take(), row.value.take()) {
            found.insert((kind, value), row.read()?);
        }
    }
    let stand = |of: &Identifier| found.get(&(of.kind.as_str().to_owned(), of.value.clone())).cloned().flatten();
    Ok(identifiers.iter().map(stand).collect())
}

/// How it stands with customers, in their order; `None` if there is none of that id now.
#[crate::boxed]
pub async fn of_customers(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Option<Stand>>> {
    static TEXTS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows: Vec<Row> = tx.fetch_in(statement(&TEXTS, tx.dialect(), OF_CUSTOMERS), 1, &keys).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for stand in rows.into_iter().map(Row::read) {
        found.extend(stand?.map(|stand| (stand.customer, stand)));
    }
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

/// One row for each who is asked about. Of what hangs on them there is one text, not a row for each: this is asked with every
/// turn of a conversation, and a row from SQLite's thread costs more than finding it.
fn statement<'a>(texts: &'a [OnceLock<String>; 2], dialect: Dialect, who: &str) -> &'a str {
    texts[usize::from(dialect == Dialect::Postgres)].get_or_init(|| {
        let known = |source: &str, at: &str| {
            Dialect::joined(&format!("{source} || '=' || coalesce({}, '')", dialect.time_text(at)))
        };
        let (run, import) = (known("n.source", "n.last_run_at"), known("p.source", "p.at"));
        let reading = known("r.source", "f.read_at");
        format!(
            "{who} \
             select who.kind, who.value, who.id, who.last, who.spoilt, t.time_zone as zone, t.country, \
                    coalesce((select v.version from context_version v \
                              where v.tenant_id = $1 and v.customer_id = who.id), 0) as version, \
                    (select {run} from connection n where n.tenant_id = $1 and n.removed_at is null) as runs, \
                    (select {import} from (select source, max(applied_at) as at from import \
                                           where tenant_id = $1 and state = 'applied' group by source) p) as imports, \
                    (select {reading} from record r left join customer_refresh f \
                          on f.tenant_id = r.tenant_id and f.record_id = r.id \
                     where r.tenant_id = $1 and r.customer_id = who.id and r.connection_id is not null \
                       and r.removed_at is null) as readings \
             from who cross join tenant t where t.tenant_id = $1 and who.id is not null"
        )
    })
}

impl Row {
    fn read(self) -> Result<Option<Stand>> {
        let Some(id) = self.id.filter(|_| self.id == self.last && self.spoilt == 0) else { return Ok(None) };
        let mut reads = instants(self.runs.as_deref())?;
        reads.extend(instants(self.imports.as_deref())?);
        let mut read_at = least_of(reads)?;
        for (source, at) in least_of(instants(self.readings.as_deref())?)? {
            read_at.entry(source).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
        Ok(Some(Stand {
            customer: CustomerId::from_uuid(id),
            version: self.version,
            zone: word::<Zone>("tenant.time_zone", &self.zone)?,
            country: word::<Region>("tenant.country", &self.country)?,
            read_at,
        }))
    }
}

/// Sources with an instant or none, of one text.
fn instants(text: Option<&str>) -> Result<Vec<(String, Option<At>)>> {
    let each = text.unwrap_or_default().split_ascii_whitespace().map(|said| {
        let (source, at) = said.split_once('=')?;
        let at = if at.is_empty() { None } else { Some(At(Timestamp::from_micros(at.parse().ok()?))) };
        Some((source.to_owned(), at))
    });
    let all: Option<Vec<_>> = each.collect();
    all.ok_or(Error::Unreadable {
        what: "up to when sources are known",
        why: format!("`{}`", text.unwrap_or_default()),
    })
}
