//! Those who have every word, wherever in their names, numbers and addresses, by the index of words.
//!
//! One word leads: its entries in the index of words are read in their order, which puts the word itself before longer
//! ones that begin with it, and the other words are asked of each. At most [`LOOKED_AT`] entries are looked at for a
//! page; what is not found among them is found by going on, or by typing more.

use doorstep_core::id::CustomerId;
use uuid::Uuid;

use super::{Beside, Read, prefix_end};
use crate::args;
use crate::error::Result;
use crate::listing::{ROW, Row, RowRow};
use crate::tx::Tx;
use crate::value::Value;

/// Entries of the index of words that one page looks at. Each costs a few microseconds when there are more words than
/// one: some ten milliseconds at worst, far below what a person notices while typing. A word that begins more names
/// than that tells hardly anybody from another.
pub const LOOKED_AT: i64 = 4_000;
/// The same for a page that has found somebody by name already: who was asked for is most likely among them.
const LOOKED_AT_BESIDE_NAMES: i64 = 1_000;
/// Entries for each row that a page looks at first: more than one, because who has several words that begin alike is
/// found by the first of them only.
const ENTRIES_PER_ROW: i64 = 2;

/// Who has several words that begin so is found by the first of them only.
const FIRST_OF_ITS_OWN: &str = "(w.word = $2 or not exists (select 1 from customer_word e where e.tenant_id = $1 \
                                and e.customer_id = w.customer_id and e.word >= $2 and e.word < w.word))";

#[derive(sqlx::FromRow)]
struct FoundRow {
    found_word: String,
    #[sqlx(flatten)]
    row: RowRow,
}

/// The same, with how many entries were looked at for all of them.
#[derive(sqlx::FromRow)]
struct FirstRow {
    looked: i64,
    #[sqlx(flatten)]
    found: FoundRow,
}

/// At most `wanted` of them, from `start` on or from the beginning, without those whose name begins with `name`, who
/// stand in the other part; `before` are those whom the page has of that part.
#[crate::boxed]
pub(super) async fn read(
    tx: &mut Tx,
    words: &[&str],
    name: Option<&str>,
    (start, back): (Option<&Beside>, bool),
    wanted: usize,
    before: &[(Beside, Row)],
) -> Result<Read> {
    let most = if before.is_empty() { LOOKED_AT } else { LOOKED_AT_BESIDE_NAMES };
    let (lead, is_short) = match start {
        Some(Beside::Word { lead, .. }) => (*lead, false),
        _ => rarest(tx, words).await.map(|(lead, count)| (lead, words.len() > 1 && count < most))?,
    };
    // A position may have been made for other words.
    let Some(leading) = words.get(lead) else { return Ok(Read::default()) };
    let window = Window::new(leading, start, back);
    let (mut last, mut rows, wanted) = (None, Vec::new(), wanted as i64);
    let few = (wanted * ENTRIES_PER_ROW).min(most);
    // Most pages are full after a few entries, and only those that are not look further.
    let mut steps = &[few, most][..];
    if words.len() == 1 {
        let first = window.first(tx, few, wanted).await?;
        if first.len() as i64 >= wanted || first.first().is_some_and(|row| row.looked < few) {
            return Ok(as_read(lead, first.into_iter().map(|row| row.found), None));
        }
        steps = &steps[1..];
    }
    for most in steps {
        last = if is_short { None } else { window.last_to_look_at(tx, *most).await? };
        rows = window.rows(tx, words, lead, name, last.as_ref(), wanted).await?;
        if rows.len() as i64 >= wanted || last.is_none() {
            break;
        }
    }
    Ok(as_read(lead, rows.into_iter(), last))
}

fn as_read(lead: usize, rows: impl Iterator<Item = FoundRow>, last: Option<(String, Uuid)>) -> Read {
    let at = |word: String, customer: CustomerId| Beside::Word { lead, word, customer };
    let found = rows.map(|found| (at(found.found_word, found.row.id()), Row::from(found.row))).collect();
    Read { found, looked_to: last.map(|(word, id)| at(word, CustomerId::from_uuid(id))) }
}

/// Where a customer stands among those who have the rarest word, if it has it.
#[crate::boxed]
pub(super) async fn place_of(tx: &mut Tx, words: &[&str], customer: CustomerId) -> Result<Option<Beside>> {
    let (lead, _) = rarest(tx, words).await?;
    let Some(leading) = words.get(lead) else { return Ok(None) };
    let sql = "select min(word) from customer_word \
               where tenant_id = $1 and customer_id = $2 and word >= $3 and word < $4";
    let (word,): (Option<String>,) = tx.fetch_one(sql, args![customer, *leading, prefix_end(leading)]).await?;
    Ok(word.map(|word| Beside::Word { lead, word, customer }))
}

/// Which word has the fewest entries, counted no further than a page looks, and how many; of equal ones the longest.
async fn rarest(tx: &mut Tx, words: &[&str]) -> Result<(usize, i64)> {
    if words.len() < 2 {
        return Ok((0, LOOKED_AT));
    }
    let mut counts = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let sql = "select count(*) from (select 1 from customer_word \
                   where tenant_id = $1 and word >= $2 and word < $3 limit $4) w";
        let (count,): (i64,) = tx.fetch_one(sql, args![*word, prefix_end(word), LOOKED_AT]).await?;
        counts.push((count, std::cmp::Reverse(word.len()), place));
    }
    Ok(counts.into_iter().min().map_or((0, LOOKED_AT), |(count, _, place)| (place, count)))
}

/// Which entries of the index of words are looked at: those that begin with `leading`, on one side of an entry.
struct Window<'a> {
    leading: &'a str,
    word: String,
    customer: Uuid,
    back: bool,
}

impl<'a> Window<'a> {
    fn new(leading: &'a str, start: Option<&Beside>, back: bool) -> Self {
        let (word, customer) = match start {
            Some(Beside::Word { word, customer, .. }) => (word.clone(), customer.uuid()),
            _ => (leading.to_owned(), Uuid::nil()),
        };
        Self { leading, word, customer, back }
    }

    /// Those found among the next `few` entries, of one word alone: in one statement, and what most searches come to.
    async fn first(&self, tx: &mut Tx, few: i64, limit: i64) -> Result<Vec<FirstRow>> {
        let (sign, turn) = if self.back { ("<", " desc") } else { (">", "") };
        let sql = format!(
            "with w as materialized (select word, customer_id from customer_word \
               where tenant_id = $1 and word >= $2 and word < $3 and (word, customer_id) {sign} ($4, $5) \
               order by word{turn}, customer_id{turn} limit $6) \
             select (select count(*) from w) as looked, f.word as found_word, {ROW} from (\
               select w.word, w.customer_id from w where {FIRST_OF_ITS_OWN} \
               order by w.word{turn}, w.customer_id{turn} limit $7) f \
             join customer c on c.tenant_id = $1 and c.id = f.customer_id \
             order by f.word{turn}, f.customer_id{turn}"
        );
        let args = args![self.leading, prefix_end(self.leading), self.word.as_str(), self.customer, few, limit];
        tx.fetch_all(&sql, args).await
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
        name: Option<&str>,
        last: Option<&(String, Uuid)>,
        limit: i64,
    ) -> Result<Vec<FoundRow>> {
        let (beyond, within, turn) = if self.back { ("<", ">=", " desc") } else { (">", "<=", "") };
        let end = prefix_end(self.leading);
        let whole = if self.back { (self.leading.to_owned(), Uuid::nil()) } else { (end.clone(), Uuid::max()) };
        let (last_word, last_customer) = last.cloned().unwrap_or(whole);
        let mut args = args![self.leading, end, self.word.as_str(), self.customer, last_word, last_customer, limit];
        let others = others(words, lead, name, &mut args);
        // What a row shows is read of those found.
        let sql = format!(
            "select f.word as found_word, {ROW} from (\
               select w.word, w.customer_id from customer_word w \
               where w.tenant_id = $1 and w.word >= $2 and w.word < $3 \
               and (w.word, w.customer_id) {beyond} ($4, $5) and (w.word, w.customer_id) {within} ($6, $7) \
               and {FIRST_OF_ITS_OWN}{others} \
               order by w.word{turn}, w.customer_id{turn} limit $8) f \
             join customer c on c.tenant_id = $1 and c.id = f.customer_id \
             order by f.word{turn}, f.customer_id{turn}"
        );
        tx.fetch_all(&sql, args).await
    }
}

/// What else is asked of whoever has the leading word: the other words, and not to stand among the names.
fn others(words: &[&str], lead: usize, name: Option<&str>, args: &mut Vec<Value>) -> String {
    let mut sql = String::new();
    let mut bind = |from: &str| {
        let place = args.len() + 2;
        args.extend(args![from, prefix_end(from)]);
        (place, place + 1)
    };
    for (_, word) in words.iter().enumerate().filter(|(place, _)| *place != lead) {
        let (from, to) = bind(word);
        sql.push_str(&format!(
            " and exists (select 1 from customer_word x where x.tenant_id = $1 and x.customer_id = w.customer_id \
             and x.word >= ${from} and x.word < ${to})"
        ));
    }
    if let Some(name) = name {
        let (from, to) = bind(name);
        sql.push_str(&format!(
            " and not exists (select 1 from customer n where n.tenant_id = $1 and n.id = w.customer_id \
             and n.sort_name >= ${from} and n.sort_name < ${to})"
        ));
    }
    sql
}
