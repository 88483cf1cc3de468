//! Search by words, with bounded work: a page costs the same whether a word begins a hundred names or a million.
//!
//! One word leads: its entries in the index of words are read in their order, which puts the word itself before longer
//! ones that begin with it, and the other words are asked of each. At most [`LOOKED_AT`] entries are looked at for a
//! page; what is not found among them is found by going on, or by typing more. A page is read in either direction.

use doorstep_core::id::CustomerId;
use doorstep_core::position::Way;
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
/// Entries for each row that a page looks at first.
const ENTRIES_PER_ROW: i64 = 4;
/// Words asked for in one search; more add nothing that a person would notice.
pub const MAX_WORDS: usize = 8;

/// Where a page of a search begins: beside this entry of the index of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Which of the words leads: the same on every page.
    lead: usize,
    word: String,
    customer: CustomerId,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Customers who have the leading word itself first, then those whose words it begins.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more to look at.
    pub next: Option<Beside>,
    /// Where to go back from, if there may be something before.
    pub previous: Option<Beside>,
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

/// Customers that have, for each of `words`, a word that starts with it; at most `limit`, each once in all pages. They
/// stand after `from`, or before it, and always in the order of the list.
pub async fn page(tx: &mut Tx, words: &[String], from: Option<&(Way, Beside)>, limit: usize) -> Result<Found> {
    let words = asked(words);
    let (lead, is_short) = match from {
        Some((_, beside)) => (beside.lead, false),
        None => rarest(tx, &words).await?,
    };
    // A position may have been made for other words.
    let Some(leading) = words.get(lead) else { return Ok(Found::default()) };
    let window = Window::new(leading, from);
    let wanted = limit as i64 + 1;
    let (mut last, mut rows) = (None, Vec::new());
    // Most pages are full after a few entries, and only those that are not look further.
    for most in [wanted * ENTRIES_PER_ROW, LOOKED_AT] {
        last = if is_short { None } else { window.last_to_look_at(tx, most).await? };
        rows = window.rows(tx, &words, lead, last.as_ref(), wanted).await?;
        if rows.len() > limit || last.is_none() {
            break;
        }
    }
    let is_full = rows.len() > limit;
    rows.truncate(limit);
    let at = |found: &FoundRow| Beside { lead, word: found.found_word.clone(), customer: found.row.id() };
    let onward = match is_full {
        true => rows.last().map(at),
        false => {
            last.as_ref().map(|(word, id)| Beside { lead, word: word.clone(), customer: CustomerId::from_uuid(*id) })
        }
    };
    // Where we came from there is something: also the very entry that the position names, if the page has no other.
    let came = from.map(|(way, beside)| rows.first().map_or_else(|| beside.shifted(*way), at));
    let stopped = !is_full && last.is_some();
    if window.back {
        rows.reverse();
    }
    let (next, previous) = if window.back { (came, onward) } else { (onward, came) };
    Ok(Found { rows: rows.into_iter().map(|found| Row::from(found.row)).collect(), next, previous, stopped })
}

/// Where a customer stands among those whom the words fit; `None` for one whom the rarest of them does not.
pub async fn place_of(tx: &mut Tx, words: &[String], customer: CustomerId) -> Result<Option<Beside>> {
    let words = asked(words);
    let (lead, _) = rarest(tx, &words).await?;
    let Some(leading) = words.get(lead) else { return Ok(None) };
    let sql = "select min(word) from customer_word \
               where tenant_id = $1 and customer_id = $2 and word >= $3 and word < $4";
    let (word,): (Option<String>,) = tx.fetch_one(sql, args![customer, *leading, prefix_end(leading)]).await?;
    Ok(word.map(|word| Beside { lead, word, customer }))
}

/// The words that count.
fn asked(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).filter(|word| !word.is_empty()).take(MAX_WORDS).collect()
}

/// Which entries of the index of words are looked at: those that begin with `leading`, on one side of an entry.
struct Window<'a> {
    leading: &'a str,
    word: String,
    customer: Uuid,
    back: bool,
}

impl<'a> Window<'a> {
    fn new(leading: &'a str, from: Option<&(Way, Beside)>) -> Self {
        let (word, customer) =
            from.map_or((leading.to_owned(), Uuid::nil()), |(_, beside)| (beside.word.clone(), beside.customer.uuid()));
        Self { leading, word, customer, back: matches!(from, Some((Way::Back, _))) }
    }

    /// The last of `most` entries, if there are as many: a walk along the index, and nothing is kept of it.
    async fn last_to_look_at(&self, tx: &mut Tx, most: i64) -> Result<Option<(String, Uuid)>> {
        let (sign, turn) = if self.back { ("<", " desc") } else { (">", "") };
        let sql = format!(
            "select word, customer_id from customer_word \
             where tenant_id = $1 and word >= $2 and word < $3 and (word, customer_id) {sign} ($4, $5) \
             order by word{turn}, customer_id{turn} limit 1 offset $6"
        );
        let args = args![self.leading, prefix_end(self.leading), self.word.as_str(), self.customer, most - 1];
        tx.fetch_optional(&sql, args).await
    }

    /// Those found no further than `last`, away from where the page begins.
    async fn rows(
        &self,
        tx: &mut Tx,
        words: &[&str],
        lead: usize,
        last: Option<&(String, Uuid)>,
        limit: i64,
    ) -> Result<Vec<FoundRow>> {
        let (beyond, within, turn) = if self.back { ("<", ">=", " desc") } else { (">", "<=", "") };
        let end = prefix_end(self.leading);
        let whole = if self.back { (self.leading.to_owned(), Uuid::nil()) } else { (end.clone(), Uuid::max()) };
        let (last_word, last_customer) = last.cloned().unwrap_or(whole);
        let mut args = args![self.leading, end, self.word.as_str(), self.customer, last_word, last_customer, limit];
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
        // Who has several words that begin so is found by the first of them only. What a row shows is read of those
        // found.
        let sql = format!(
            "select f.word as found_word, {ROW} from (\
               select w.word, w.customer_id from customer_word w \
               where w.tenant_id = $1 and w.word >= $2 and w.word < $3 \
               and (w.word, w.customer_id) {beyond} ($4, $5) and (w.word, w.customer_id) {within} ($6, $7) \
               and (w.word = $2 or not exists (select 1 from customer_word e where e.tenant_id = $1 \
                    and e.customer_id = w.customer_id and e.word >= $2 and e.word < w.word)){others} \
               order by w.word{turn}, w.customer_id{turn} limit $8) f \
             join customer c on c.tenant_id = $1 and c.id = f.customer_id \
             order by f.word{turn}, f.customer_id{turn}"
        );
        tx.fetch_all(&sql, args).await
    }
}

/// Which word has the fewest entries, counted no further than a page looks, and whether they are fewer than that; of
/// equal ones the longest.
async fn rarest(tx: &mut Tx, words: &[&str]) -> Result<(usize, bool)> {
    if words.len() < 2 {
        return Ok((0, false));
    }
    let mut counts = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let sql = "select count(*) from (select 1 from customer_word \
                   where tenant_id = $1 and word >= $2 and word < $3 limit $4) w";
        let (count,): (i64,) = tx.fetch_one(sql, args![*word, prefix_end(word), LOOKED_AT]).await?;
        counts.push((count, std::cmp::Reverse(word.len()), place));
    }
    Ok(counts.into_iter().min().map_or((0, false), |(count, _, place)| (place, count < LOOKED_AT)))
}

impl Beside {
    /// The place from which going back the way that was come finds this entry itself, too.
    fn shifted(&self, way: Way) -> Self {
        let number = self.customer.uuid().as_u128();
        let shifted = match way {
            Way::Forward => number.saturating_add(1),
            Way::Back => number.saturating_sub(1),
        };
        Self { customer: CustomerId::from_uuid(Uuid::from_u128(shifted)), ..self.clone() }
    }
}

/// The least text above everything that starts with `prefix`, byte by byte.
fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
