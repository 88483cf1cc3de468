//! Customers: golden records with their identities and the words they are found by. All derived.

use std::collections::{BTreeMap, HashMap, HashSet};

use doorstep_core::customer::{Customer, Identity};
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::Verdict;
use doorstep_core::money::Money;
use doorstep_core::planted;
use doorstep_core::survivorship::sort_name;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::dialect::Dialect;
use crate::error::{Result, word};
use crate::past;
use crate::tx::Tx;
use crate::value::{At, Value};

/// A customer to be stored, with its words.
#[derive(Clone)]
pub struct Put {
    /// The golden record.
    pub customer: Customer,
    /// Normalised words, sorted.
    pub words: Vec<String>,
    /// How many sources its records come from.
    pub source_count: i64,
}

doorstep_core::masked_debug!(Put: customer);

/// Columns of a customer beside the tenant.
const COLUMNS: usize = 15;

/// Stores golden records. `known` is what is stored of those that are not new: of them only that is written which differs.
#[crate::boxed]
pub async fn put(tx: &mut Tx, customers: &[Put], known: &[Put]) -> Result<()> {
    if customers.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let version = next_version(tx).await?;
    let known: HashMap<CustomerId, &Put> = known.iter().map(|put| (put.customer.id, put)).collect();
    let mut rows = Vec::with_capacity(customers.len() * COLUMNS);
    let mut difference = Difference::default();
    for put in customers {
        let Put { customer, source_count, .. } = put;
        tx.announce(Subject::Customer, customer.id.uuid());
        tx.touched.customers.insert(customer.id.uuid());
        rows.extend(args![
            customer.id,
            customer.display_name.as_str(),
            customer.company.as_deref(),
            customer.phone.as_deref(),
            customer.email.as_deref(),
            customer.address.as_deref(),
            customer.notes.as_deref(),
            customer.balance.map(Money::cents),
            customer.first_seen_at,
        ]);
        rows.extend([Value::json(&customer.provenance)?, now.into()]);
        let last_seen_at = customer.identities.iter().map(|identity| identity.last_seen_at).max();
        rows.extend(args![sort_name(&customer.display_name), version, *source_count, last_seen_at]);
        difference.note(known.get(&customer.id).copied(), put);
    }
    let stood: Vec<&Customer> =
        customers.iter().filter_map(|put| known.get(&put.customer.id)).map(|put| &put.customer).collect();
    past::keep_customers(tx, &stood).await?;
    past::keep_identities(tx, &difference.gone_identities).await?;
    let head = "insert into customer (tenant_id, id, display_name, company, phone, email, address, notes, \
                balance_cents, first_seen_at, provenance, updated_at, sort_name, version, source_count, last_seen_at)";
    let tail = "on conflict (tenant_id, id) do update set display_name = excluded.display_name, \
                company = excluded.company, phone = excluded.phone, email = excluded.email, \
                address = excluded.address, notes = excluded.notes, \
                balance_cents = excluded.balance_cents, first_seen_at = excluded.first_seen_at, \
                provenance = excluded.provenance, \
                updated_at = case when excluded.updated_at < customer.updated_at then customer.updated_at \
                                  else excluded.updated_at end, \
                sort_name = excluded.sort_name, version = excluded.version, \
                source_count = excluded.source_count, last_seen_at = excluded.last_seen_at";
    tx.insert_many(head, tail, COLUMNS, rows).await?;
    difference.write(tx).await
}

/// Identities and words that come and go.
#[derive(Default)]
struct Difference<'a> {
    identities: Vec<(CustomerId, &'a Identity)>,
    words: Vec<(&'a str, CustomerId)>,
    gone_identities: Vec<Value>,
    gone_words: Vec<Value>,
}

impl<'a> Difference<'a> {
    fn note(&mut self, before: Option<&'a Put>, now: &'a Put) {
        let id = now.customer.id;
        let Some(before) = before else {
            self.identities.extend(now.customer.identities.iter().map(|identity| (id, identity)));
            self.words.extend(now.words.iter().map(|word| (word.as_str(), id)));
            return;
        };
        let of = |put: &'a Put| -> HashMap<&'a Identifier, &'a Identity> {
            put.customer.identities.iter().map(|identity| (&identity.identifier, identity)).collect()
        };
        let (had, has) = (of(before), of(now));
        self.identities.extend(has.iter().filter(|(key, it)| had.get(*key) != Some(*it)).map(|(_, it)| (id, *it)));
        for gone in had.keys().filter(|key| !has.contains_key(*key)) {
            self.gone_identities.extend(args![id, gone.kind.as_str(), gone.value.as_str()]);
        }
        let of = |put: &'a Put| -> HashSet<&'a str> { put.words.iter().map(String::as_str).collect() };
        let (had, has) = (of(before), of(now));
        self.words.extend(has.difference(&had).map(|word| (*word, id)));
        had.difference(&has).for_each(|word| self.gone_words.extend(args![id, *word]));
    }

    async fn write(mut self, tx: &mut Tx) -> Result<()> {
        let sql = "delete from identity where tenant_id = $1 and (customer_id, kind, value) in (values {set})";
        tx.execute_in(sql, 3, &self.gone_identities).await?;
        let sql = "delete from customer_word where tenant_id = $1 and (customer_id, word) in (values {set})";
        tx.execute_in(sql, 2, &self.gone_words).await?;
        // In the order of the indexes by value, whose entries lie everywhere, while those by customer are side by side: a
        // page is then visited once a transaction instead of once a row.
        self.identities.sort_by(|(_, a), (_, b)| a.identifier.cmp(&b.identifier));
        self.words.sort_unstable();
        let identities = self.identities.into_iter().flat_map(|(customer, identity)| identity_row(customer, identity));
        let words = self.words.into_iter().flat_map(|(word, customer)| args![customer, word]);
        let head = "insert into identity (tenant_id, customer_id, kind, value, source, record_id, first_seen_at, \
                    last_seen_at, verified)";
        let tail = "on conflict (tenant_id, customer_id, kind, value) do update set source = excluded.source, \
                    record_id = excluded.record_id, first_seen_at = excluded.first_seen_at, \
                    last_seen_at = excluded.last_seen_at, verified = excluded.verified";
        tx.insert_many(head, tail, 8, identities).await?;
        let head = "insert into customer_word (tenant_id, customer_id, word)";
        tx.insert_many(head, "on conflict do nothing", 2, words).await?;
        Ok(())
    }
}

/// The version of customers that this transaction changes: the number that the next entry of the change feed will
/// have. The head is locked until the commit, which announces the change, so a later transaction finds a higher one:
/// versions never repeat, not even for a customer that was merged away and comes back.
async fn next_version(tx: &mut Tx) -> Result<i64> {
    let sql = "update feed set last_number = last_number where tenant_id = $1 returning last_number";
    let (last,): (i64,) = tx.fetch_one(sql, args![]).await?;
    Ok(last + 1)
}

/// Raises the version of customers beside whom something changed that their cards show, and announces them.
#[crate::boxed]
pub async fn touch(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let version = next_version(tx).await?;
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!("update customer set version = {version} where tenant_id = $1 and id in (values {{set}})");
    tx.execute_in(&sql, 1, &keys).await?;
    for id in ids {
        tx.announce(Subject::Customer, id.uuid());
        tx.touched.customers.insert(id.uuid());
    }
    Ok(())
}

/// The version of a customer: see [`touch`] and [`put`].
#[crate::boxed]
pub async fn version(tx: &mut Tx, id: CustomerId) -> Result<Option<i64>> {
    let sql = "select version from customer where tenant_id = $1 and id = $2";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![id]).await?;
    Ok(row.map(|(version,)| version))
}

fn identity_row(customer: CustomerId, identity: &Identity) -> Vec<Value> {
    args![
        customer,
        identity.identifier.kind.as_str(),
        identity.identifier.value.as_str(),
        identity.source.as_str(),
        identity.record,
        identity.first_seen_at,
        identity.last_seen_at,
        identity.verified,
    ]
}

/// Removes the identities and words of customers.
async fn clear(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    for table in ["customer_word", "identity"] {
        let sql = format!("delete from {table} where tenant_id = $1 and customer_id in (values {{set}})");
        tx.execute_in(&sql, 1, &keys).await?;
    }
    Ok(())
}

/// Removes customers that no record stands behind any more.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    past::keep_going(tx, ids).await?;
    clear(tx, ids).await?;
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from customer where tenant_id = $1 and id in (values {set})", 1, &keys).await?;
    for id in ids {
        tx.announce(Subject::Customer, id.uuid());
        tx.touched.customers.insert(id.uuid());
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct CustomerRow {
    id: Uuid,
    display_name: String,
    company: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    address: Option<String>,
    notes: Option<String>,
    balance_cents: Option<i64>,
    first_seen_at: At,
    provenance: Json<BTreeMap<doorstep_core::customer::Field, doorstep_core::customer::Provenance>>,
    source_count: i64,
}

#[derive(sqlx::FromRow)]
struct IdentityRow {
    customer_id: Uuid,
    kind: String,
    value: String,
    source: String,
    record_id: Uuid,
    first_seen_at: At,
    last_seen_at: At,
    verified: bool,
}

impl IdentityRow {
    fn read(self) -> Result<Identity> {
        Ok(Identity {
            identifier: Identifier { kind: word("identity.kind", &self.kind)?, value: self.value },
            source: word("identity.source", &self.source)?,
            record: RecordId::from_uuid(self.record_id),
            first_seen_at: self.first_seen_at.0,
            last_seen_at: self.last_seen_at.0,
            verified: self.verified,
        })
    }
}

/// Golden records by id, with identities and words; those that do not exist are left out. By id.
#[crate::boxed]
pub async fn get_many(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Put>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, display_name, company, phone, email, address, notes, balance_cents, first_seen_at, provenance, \
               source_count from customer where tenant_id = $1 and id in (values {set})";
    let rows: Vec<CustomerRow> = tx.fetch_in(sql, 1, &keys).await?;
    let sql = "select customer_id, kind, value, source, record_id, first_seen_at, last_seen_at, verified \
               from identity where tenant_id = $1 and customer_id in (values {set})";
    let identities: Vec<IdentityRow> = tx.fetch_in(sql, 1, &keys).await?;
    let mut by_customer: BTreeMap<Uuid, Vec<Identity>> = BTreeMap::new();
    for row in identities {
        by_customer.entry(row.customer_id).or_default().push(row.read()?);
    }
    // Words have no blanks.
    let sql = format!(
        "select customer_id, {} from customer_word where tenant_id = $1 and customer_id in (values {{set}}) \
         group by customer_id",
        Dialect::joined("word")
    );
    let mut words: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (id, all) in tx.fetch_in::<(Uuid, String)>(&sql, 1, &keys).await? {
        let mut own: Vec<String> = all.split(' ').map(str::to_owned).collect();
        own.sort_unstable();
        words.insert(id, own);
    }
    let mut found: Vec<Put> = rows
        .into_iter()
        .map(|row| {
            let mut identities = by_customer.remove(&row.id).unwrap_or_default();
            identities.sort_by(|a, b| order(a).cmp(&order(b)));
            Put {
                customer: Customer {
                    id: CustomerId::from_uuid(row.id),
                    display_name: row.display_name,
                    company: row.company,
                    phone: row.phone,
                    email: row.email,
                    address: row.address,
                    notes: row.notes,
                    balance: row.balance_cents.map(Money::from_cents),
                    identities,
                    first_seen_at: row.first_seen_at.0,
                    provenance: row.provenance.0,
                },
                words: words.remove(&row.id).unwrap_or_default(),
                source_count: row.source_count,
            }
        })
        .collect();
    found.sort_by_key(|put| put.customer.id);
    Ok(found)
}

/// Phones first, each kind in the order of first sight.
fn order(identity: &Identity) -> (IdentifierKind, doorstep_core::Timestamp, &str) {
    (identity.identifier.kind, identity.first_seen_at, identity.identifier.value.as_str())
}

/// One customer.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: CustomerId) -> Result<Option<Customer>> {
    Ok(get_many(tx, &[id]).await?.pop().map(|put| put.customer))
}

/// A customer as lists show it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: CustomerId,
    /// The name shown.
    pub display_name: String,
    /// The company.
    pub company: Option<String>,
    /// The phone to call first.
    pub phone: Option<String>,
    /// The e-mail address to write to first.
    pub email: Option<String>,
}

doorstep_core::masked_debug!(Listed: id);

type ListedRow = (Uuid, String, Option<String>, Option<String>, Option<String>);

fn listed((id, display_name, company, phone, email): ListedRow) -> Listed {
    Listed { id: CustomerId::from_uuid(id), display_name, company, phone, email }
}

/// Customers after `after` in the order of ids (age), at most `limit`: one page by keyset.
#[crate::boxed]
pub async fn list(tx: &mut Tx, after: Option<CustomerId>, limit: i64) -> Result<Vec<Listed>> {
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    let sql = "select id, display_name, company, phone, email from customer \
               where tenant_id = $1 and id > $2 order by id limit $3";
    let rows: Vec<ListedRow> = tx.fetch_all(sql, args![after, limit]).await?;
    Ok(rows.into_iter().map(listed).collect())
}

/// How many customers there are. Counts rows: not for a page view.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one("select count(*) from customer where tenant_id = $1", args![]).await?;
    Ok(count)
}

/// The customers that an identifier belongs to, oldest first, at most `limit`.
#[crate::boxed]
pub async fn find_by_identifier(tx: &mut Tx, identifier: &Identifier, limit: i64) -> Result<Vec<CustomerId>> {
    let sql = "select customer_id from identity where tenant_id = $1 and kind = $2 and value = $3 \
               order by customer_id limit $4";
    let args = args![identifier.kind.as_str(), identifier.value.as_str(), limit];
    let sql = match planted!("look-up-forgets-its-tenant") {
        true => sql.replace("tenant_id = $1", "tenant_id <= $1"),
        false => sql.to_owned(),
    };
    let rows: Vec<(Uuid,)> = tx.fetch_all(&sql, args).await?;
    Ok(rows.into_iter().map(|(id,)| CustomerId::from_uuid(id)).collect())
}

/// Whose an identifier is, and whether it proves anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The customers it belongs to, oldest first; never empty.
    pub customers: Vec<CustomerId>,
    /// Whether it is one of the business's own numbers.
    pub is_own: bool,
    /// What a person said that it is, if one did.
    pub verdict: Option<Verdict>,
}

/// As [`find_by_identifier`], with what tells whether it proves anything, in one statement; `None` if nobody has it.
#[crate::boxed]
pub async fn known_by(tx: &mut Tx, identifier: &Identifier, limit: i64) -> Result<Option<Known>> {
    let compared = identifier.compared();
    let sql = "select i.customer_id, \
                      (select count(*) from own_number o where o.tenant_id = $1 and o.phone = $3 and $2 = 'phone') as own, \
                      (select m.verdict from identifier_mark m where m.tenant_id = $1 and m.kind = $4 and m.value = $5 \
                       and m.retracted_at is null) as verdict \
               from identity i where i.tenant_id = $1 and i.kind = $2 and i.value = $3 \
               order by i.customer_id limit $6";
    let mut args = args![identifier.kind.as_str(), identifier.value.as_str()];
    args.extend(args![compared.kind.as_str(), compared.value, limit]);
    let rows: Vec<(Uuid, i64, Option<String>)> = tx.fetch_all(sql, args).await?;
    let Some((_, own, verdict)) = rows.first() else { return Ok(None) };
    let verdict = verdict.as_deref().map(|text| word("identifier_mark.verdict", text)).transpose()?;
    let is_own = *own > 0;
    let customers = rows.into_iter().map(|(id, ..)| CustomerId::from_uuid(id)).collect();
    Ok(Some(Known { customers, is_own, verdict }))
}

/// Whether a code that went to an identifier of a customer came back.
#[crate::boxed]
pub async fn is_verified(tx: &mut Tx, customer: CustomerId, identifier: &Identifier) -> Result<bool> {
    let sql = "select cast(1 as bigint) from identity \
               where tenant_id = $1 and customer_id = $2 and kind = $3 and value = $4 and verified = $5";
    let args = args![customer, identifier.kind.as_str(), identifier.value.as_str(), true];
    let row: Option<(i64,)> = tx.fetch_optional(sql, args).await?;
    Ok(row.is_some())
}

/// Which of these phones belong to somebody.
#[crate::boxed]
pub async fn known_phones(tx: &mut Tx, phones: &[&str]) -> Result<HashSet<String>> {
    let keys: Vec<Value> = phones.iter().map(|phone| Value::from(*phone)).collect();
    let sql = "select distinct value from identity where tenant_id = $1 and kind = 'phone' and value in (values {set})";
    let rows: Vec<(String,)> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().map(|(value,)| value).collect())
}

/// Words asked for in one search; more add nothing that a person would notice.
const MAX_QUERY_WORDS: usize = 8;

/// Customers that have, for each of `words`, a word that starts with it; oldest first, at most `limit`.
#[crate::boxed]
pub async fn search(tx: &mut Tx, words: &[String], limit: i64) -> Result<Vec<Listed>> {
    // The longest word leads: it matches the fewest rows, and the others are asked of those only.
    let mut words: Vec<&String> = words.iter().filter(|word| !word.is_empty()).take(MAX_QUERY_WORDS).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let Some((lead, rest)) = words.split_first() else { return Ok(Vec::new()) };
    let mut args = args![lead.as_str(), prefix_end(lead)];
    let mut sql = "select id, display_name, company, phone, email from customer c where tenant_id = $1 and id in (\
                   select w.customer_id from customer_word w \
                   where w.tenant_id = $1 and w.word >= $2 and w.word < $3"
        .to_owned();
    for word in rest {
        let place = args.len() + 2;
        args.extend(args![word.as_str(), prefix_end(word)]);
        sql.push_str(&format!(
            " and exists (select 1 from customer_word x where x.tenant_id = $1 and x.customer_id = w.customer_id \
             and x.word >= ${place} and x.word < ${})",
            place + 1
        ));
    }
    let order = match planted!("another-order-on-postgresql") && tx.dialect() == Dialect::Postgres {
        true => "display_name desc",
        false => "id",
    };
    sql.push_str(&format!(") order by {order} limit ${}", args.len() + 2));
    args.push(limit.into());
    let rows: Vec<ListedRow> = tx.fetch_all(&sql, args).await?;
    Ok(rows.into_iter().map(listed).collect())
}

/// The least text above everything that starts with `prefix`, byte by byte.
fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
