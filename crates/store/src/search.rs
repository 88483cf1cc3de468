//! Search by words, with bounded work: a page costs the same whether a word begins a hundred names or a million.
//!
//! One word leads: its entries in the index of words are read in their order, which puts the word itself before longer
//! ones that begin with it, and the other words are asked of each. At most [`LOOKED_AT`] entries are looked at for a
//! page; what is not found among them is found by going on, or by typing more.

use doorstep_core::id::CustomerId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::args;
use crate::error::Result;
use crate::listing::{ROW, Row, RowRow};
use crate::tx::Tx;

/// Entries of the index of words that one page looks at. Each costs a few microseconds when there are more words than
/// one: some ten milliseconds at worst, far below what a person notices while typing. A word that begins more names
/// than that tells hardly anybody from another.
pub const LOOKED_AT: i64 = 4_000;
/// Words asked for in one search; more add nothing that a person would notice.
pub const MAX_WORDS: usize = 8;

/// Where a search goes on: after this entry of the index of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// Which of the words leads: the same on every page.
    lead: usize,
    word: String,
    customer: CustomerId,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Customers who have the leading word itself first, then those whose words it begins.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more to look at.
    pub next: Option<After>,
    /// Whether the search stopped because it had looked at enough, not because the page is full: with more letters it
    /// would find better.
    pub stopped: bool,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    found_word: String,
    #[sqlx(flatten)]
    row: RowRow,
}

/// Customers that have, for each of `words`, a word that starts with it; at most `limit`, each once in all pages.
pub async fn page(tx: &mut Tx, words: &[String], after: Option<&After>, limit: usize) -> Result<Found> {
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).take(MAX_WORDS).collect();
    let lead = match after {
        Some(after) => after.lead,
        None => rarest(tx, &words).await?,
    };
    // A position may have been made for other words.
    let Some(leading) = words.get(lead) else { return Ok(Found { rows: Vec::new(), next: None, stopped: false }) };
    let (word, customer) = after.map_or((*leading, Uuid::nil()), |after| (&after.word, after.customer.uuid()));
    let last = last_to_look_at(tx, leading, word, customer).await?;
    let (last_word, last_customer) =
        last.as_ref().map_or((prefix_end(leading), Uuid::max()), |(word, id)| (word.clone(), *id));
    let mut args = args![*leading, prefix_end(leading), word, customer, last_word, last_customer, limit as i64 + 1];
    let mut others = String::new();
    for (_, word) in words.iter().enumerate().filter(|(place, _)| *place != lead) {
        let place = args.len() + 2;
        args.extend(args![*word, prefix_end(word)]);
        others.push_str(&format!(
            " and exists (select 1 from customer_word x where x.tenant_id = $1 and x.customer_id = w.customer_id \
             and x.word >= ${place} and x.word < ${})",
            place + 1
        ));
    }
    // Who has several words that begin so is found by the first of them only. What a row shows is read of those found.
    let sql = format!(
        "select f.word as found_word, {ROW} from (\
           select w.word, w.customer_id from customer_word w \
           where w.tenant_id = $1 and w.word >= $2 and w.word < $3 \
           and (w.word, w.customer_id) > ($4, $5) and (w.word, w.customer_id) <= ($6, $7) \
           and not exists (select 1 from customer_word e where e.tenant_id = $1 and e.customer_id = w.customer_id \
                           and e.word >= $2 and e.word < w.word){others} \
           order by w.word, w.customer_id limit $8) f \
         join customer c on c.tenant_id = $1 and c.id = f.customer_id order by f.word, f.customer_id"
    );
    let mut rows: Vec<FoundRow> = tx.fetch_all(&sql, args).await?;
    if rows.len() > limit {
        rows.truncate(limit);
        let next = rows.last().map(|found| found.after(lead));
        return Ok(Found { rows: read(rows), next, stopped: false });
    }
    let next = last.map(|(word, id)| After { lead, word, customer: CustomerId::from_uuid(id) });
    Ok(Found { stopped: next.is_some(), rows: read(rows), next })
}

/// The last entry that a page looks at, if there are as many: of words that begin with `lead`, after the word of the
/// customer given.
async fn last_to_look_at(tx: &mut Tx, lead: &str, word: &str, customer: Uuid) -> Result<Option<(String, Uuid)>> {
    let sql = "with looked as (select word, customer_id from customer_word \
                 where tenant_id = $1 and word >= $2 and word < $3 and (word, customer_id) > ($4, $5) \
                 order by word, customer_id limit $6) \
               select word, customer_id, (select count(*) from looked) from looked \
               order by word desc, customer_id desc limit 1";
    let row: Option<(String, Uuid, i64)> =
        tx.fetch_optional(sql, args![lead, prefix_end(lead), word, customer, LOOKED_AT]).await?;
    Ok(row.filter(|(_, _, count)| *count >= LOOKED_AT).map(|(word, id, _)| (word, id)))
}

/// Which word has the fewest entries, counted no further than a page looks; of equal ones the longest.
async fn rarest(tx: &mut Tx, words: &[&str]) -> Result<usize> {
    if words.len() < 2 {
        return Ok(0);
    }
    let mut counts = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let sql = "select count(*) from (select 1 from customer_word \
                   where tenant_id = $1 and word >= $2 and word < $3 limit $4) w";
        let (count,): (i64,) = tx.fetch_one(sql, args![*word, prefix_end(word), LOOKED_AT]).await?;
        counts.push((count, std::cmp::Reverse(word.len()), place));
    }
    Ok(counts.into_iter().min().map_or(0, |(_, _, place)| place))
}

impl FoundRow {
    fn after(&self, lead: usize) -> After {
        After { lead, word: self.found_word.clone(), customer: self.row.id() }
    }
}

fn read(rows: Vec<FoundRow>) -> Vec<Row> {
    rows.into_iter().map(|found| Row::from(found.row)).collect()
}

/// The least text above everything that starts with `prefix`, byte by byte.
fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
