//! How a customer's context stands, in one statement: whose an identifier is, which version that customer's context has, and
//! up to when its sources are known. Whoever holds rows of exactly that stand needs no others.

use std::collections::BTreeMap;
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
use crate::value::At;

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
    id: Uuid,
    version: i64,
    spoilt: i64,
    zone: String,
    country: String,
    runs: Option<String>,
    imports: Option<String>,
    readings: Option<String>,
}

/// Two: of several nobody is meant, and none of them is told of.
const OF_IDENTIFIER: &str = "select i.customer_id as id from identity i \
                             where i.tenant_id = $1 and i.kind = $2 and i.value = $3 order by i.customer_id limit 2";
/// Why an identifier may not be believed: it is the business's own, or a person said what it is.
const SPOILT: &str = "(select count(*) from own_number o where o.tenant_id = $1 and o.phone = $3 and $2 = 'phone') \
                      + (select count(*) from identifier_mark m where m.tenant_id = $1 and m.kind = $4 and m.value = $5 \
                         and m.retracted_at is null)";

/// How it stands with the only customer who has an identifier; `None` if nobody has it, several have it, or it says nothing
/// by itself (the business's own, or marked by a person).
#[crate::boxed]
pub async fn of_identifier(tx: &mut Tx, identifier: &Identifier) -> Result<Option<Stand>> {
    static TEXTS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let compared = identifier.compared();
    let mut args = args![identifier.kind.as_str(), identifier.value.as_str()];
    args.extend(args![compared.kind.as_str(), compared.value]);
    let sql = statement(&TEXTS, tx.dialect(), OF_IDENTIFIER, SPOILT);
    read(tx.fetch_all(sql, args).await?)
}

/// How it stands with a customer; `None` if there is none of that id now.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, id: CustomerId) -> Result<Option<Stand>> {
    static TEXTS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    let of_customer = "select c.id from customer c where c.tenant_id = $1 and c.id = $2";
    let sql = statement(&TEXTS, tx.dialect(), of_customer, "cast(0 as bigint)");
    read(tx.fetch_all(sql, args![id]).await?)
}

/// One row for each who is meant. Of what hangs on them there is one text, not a row for each: this is asked with every turn
/// of a conversation, and a row from SQLite's thread costs more than finding it.
fn statement<'a>(texts: &'a [OnceLock<String>; 2], dialect: Dialect, who: &str, spoilt: &str) -> &'a str {
    texts[usize::from(dialect == Dialect::Postgres)].get_or_init(|| {
        let known = |source: &str, at: &str| {
            Dialect::joined(&format!("{source} || '=' || coalesce({}, '')", dialect.time_text(at)))
        };
        let (run, import) = (known("n.source", "n.last_run_at"), known("p.source", "p.at"));
        let reading = known("r.source", "f.read_at");
        format!(
            "select who.id, coalesce(v.version, 0) as version, {spoilt} as spoilt, t.time_zone as zone, t.country, \
                    (select {run} from connection n where n.tenant_id = $1 and n.removed_at is null) as runs, \
                    (select {import} from (select source, max(applied_at) as at from import \
                                           where tenant_id = $1 and state = 'applied' group by source) p) as imports, \
                    (select {reading} from record r left join customer_refresh f \
                          on f.tenant_id = r.tenant_id and f.record_id = r.id \
                     where r.tenant_id = $1 and r.customer_id = who.id and r.connection_id is not null \
                       and r.removed_at is null) as readings \
             from ({who}) who cross join tenant t \
                  left join context_version v on v.tenant_id = $1 and v.customer_id = who.id \
             where t.tenant_id = $1"
        )
    })
}

fn read(rows: Vec<Row>) -> Result<Option<Stand>> {
    let Ok([row]) = <[Row; 1]>::try_from(rows) else { return Ok(None) };
    if row.spoilt > 0 {
        return Ok(None);
    }
    let mut reads = instants(row.runs.as_deref())?;
    reads.extend(instants(row.imports.as_deref())?);
    let mut read_at = least_of(reads)?;
    for (source, at) in least_of(instants(row.readings.as_deref())?)? {
        read_at.entry(source).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }
    Ok(Some(Stand {
        customer: CustomerId::from_uuid(row.id),
        version: row.version,
        zone: word::<Zone>("tenant.time_zone", &row.zone)?,
        country: word::<Region>("tenant.country", &row.country)?,
        read_at,
    }))
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
