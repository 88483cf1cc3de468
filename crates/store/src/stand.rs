//! How a customer's context stands, in one statement: whose an identifier is, which version that customer's context has, and
//! up to when its sources are known. Whoever holds rows of exactly that stand needs no others.

use std::collections::BTreeMap;

use doorstep_core::Timestamp;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::time::Zone;
use uuid::Uuid;

use crate::args;
use crate::context::least_of;
use crate::error::{Result, word};
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
    what: String,
    id: Option<Uuid>,
    version: i64,
    spoilt: i64,
    zone: Option<String>,
    country: Option<String>,
    source: Option<String>,
    at: Option<At>,
}

/// Two: of several nobody is meant, and none of them is told of.
const OF_IDENTIFIER: &str = "select i.customer_id from identity i \
                             where i.tenant_id = $1 and i.kind = $2 and i.value = $3 order by i.customer_id limit 2";
/// Why an identifier may not be believed: it is the business's own, or a person said what it is.
const SPOILT: &str = "(select count(*) from own_number o where o.tenant_id = $1 and o.phone = $3 and $2 = 'phone') \
                      + (select count(*) from identifier_mark m where m.tenant_id = $1 and m.kind = $4 and m.value = $5 \
                         and m.retracted_at is null)";

/// How it stands with the only customer who has an identifier; `None` if nobody has it, several have it, or it says nothing
/// by itself (the business's own, or marked by a person).
#[crate::boxed]
pub async fn of_identifier(tx: &mut Tx, identifier: &Identifier) -> Result<Option<Stand>> {
    let compared = identifier.compared();
    let mut args = args![identifier.kind.as_str(), identifier.value.as_str()];
    args.extend(args![compared.kind.as_str(), compared.value]);
    read(tx.fetch_all(&statement(OF_IDENTIFIER, SPOILT), args).await?)
}

/// How it stands with a customer; `None` if there is none of that id now.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, id: CustomerId) -> Result<Option<Stand>> {
    let of_customer = "select c.id from customer c where c.tenant_id = $1 and c.id = $2";
    read(tx.fetch_all(&statement(of_customer, "cast(0 as bigint)"), args![id]).await?)
}

/// One row for each who is meant, and one for each instant up to which a source is known.
fn statement(who: &str, spoilt: &str) -> String {
    let instant = |what: &str| format!("select '{what}', null, 0, 0, null, null");
    let (run, import, reading) = (instant("run"), instant("import"), instant("reading"));
    format!(
        "with who (id) as ({who}) \
         select 'who' as what, c.id, coalesce(v.version, 0) as version, {spoilt} as spoilt, t.time_zone as zone, t.country, \
                null as source, null as at \
         from who cross join customer c join tenant t on t.tenant_id = c.tenant_id \
              left join context_version v on v.tenant_id = c.tenant_id and v.customer_id = c.id \
         where c.tenant_id = $1 and c.id = who.id \
         union all \
         {run}, source, last_run_at from connection where tenant_id = $1 and removed_at is null \
         union all \
         {import}, source, max(applied_at) from import where tenant_id = $1 and state = 'applied' group by source \
         union all \
         {reading}, r.source, f.read_at from who cross join record r left join customer_refresh f \
              on f.tenant_id = r.tenant_id and f.record_id = r.id \
         where r.tenant_id = $1 and r.customer_id = who.id and r.connection_id is not null and r.removed_at is null"
    )
}

fn read(rows: Vec<Row>) -> Result<Option<Stand>> {
    let (who, instants): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.what == "who");
    let [Row { id: Some(id), version, spoilt: 0, zone: Some(zone), country: Some(country), .. }] = who.as_slice()
    else {
        return Ok(None);
    };
    let (readings, reads): (Vec<Row>, Vec<Row>) = instants.into_iter().partition(|row| row.what == "reading");
    let said = |rows: Vec<Row>| rows.into_iter().filter_map(|row| Some((row.source?, row.at))).collect();
    let mut read_at = least_of(said(reads))?;
    for (source, at) in least_of(said(readings))? {
        read_at.entry(source).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }
    Ok(Some(Stand {
        customer: CustomerId::from_uuid(*id),
        version: *version,
        zone: word::<Zone>("tenant.time_zone", zone)?,
        country: word::<Region>("tenant.country", country)?,
        read_at,
    }))
}
