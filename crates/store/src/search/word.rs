//! Those who have every word, wherever in their names, numbers and addresses, by the index of words.
//!
//! One word leads: its entries in the index of words are read in their order, which puts the word itself before longer
//! ones that begin with it, and the other words are asked of each. At most [`LOOKED_AT`] entries are looked at for a
//! page; what is not found among them is found by going on, or by typing more.

use doorstep_core::id::CustomerId;
use serde::de::SeqAccess;
use uuid::Uuid;

use super::{Beside, Read, prefix_end};
use crate::args;
use crate::error::Result;
use crate::listing::{ROW, Row, RowRow, in_order};
use crate::packed::{Column, FromList, next};
use crate::tx::Tx;
use crate::value::Value;

/// Entries of the index of words that one page looks at. Each costs a few microseconds when there are more words than
/// one: some ten milliseconds at worst, far below what a person notices while typing. A word that begins more names
/// than that tells hardly anybody from another.
pub const LOOKED_AT: i64 = 4_000;
/// The same for a page where somebody is called so: who was asked for is most likely among them, and of a house of some
/// hundred thousand most names are those of a few, so that nearly every search comes here.
const LOOKED_AT_BESIDE_NAMES: i64 = 100;
/// Entries of a word that make it rare: as many are told from more without reading far.
const RARE: i64 = 200;
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

const FOUND: &[Column] = &[Column::Plain("f.word", "found_word"), Column::Row(ROW)];
const FIRST: &[Column] = &[Column::Plain("(select count(*) from w)", "looked"), Column::Row(FOUND)];

/// The same, with how many entries were looked at for all of them.
#[derive(sqlx::FromRow)]
struct FirstRow {
    looked: i64,
    #[sqlx(flatten)]
    found: FoundRow,
}

impl FromList for FoundRow {
    fn from_list<'de, A: SeqAccess<'de>>(list: &mut A) -> std::result::Result<Self, A::Error> {
        Ok(Self { found_word: next(list)?, row: RowRow::from_list(list)? })
    }
}

impl FromList for FirstRow {
    fn from_list<'de, A: SeqAccess<'de>>(list: &mut A) -> std::result::Result<Self, A::Error> {
        Ok(Self { looked: next(list)?, found: FoundRow::from_list(list)? })
    }
}

impl FoundRow {
    /// Where it stands in the index of words.
    fn key(&self) -> (String, CustomerId) {
        (self.found_word.clone(), self.row.id())
    }
}

/// At most `wanted` of them, from `start` on or from the beginning, without those whose name begins with `name`, who
/// stand in the other part; `is_beside_names`: whether there is somebody in that part.
#[crate::boxed]
pub(super) async fn read(
    tx: &mut Tx,
    words: &[&str],
    name: Option<&str>,
    (start, back): (Option<&Beside>, bool),
    wanted: usize,
    is_beside_names: bool,
) -> Result<Read> {
    let most = if is_beside_names { LOOKED_AT_BESIDE_NAMES } else { LOOKED_AT };
    let (lead, is_short) = match start {
        Some(Beside::Word { lead, .. }) => (*lead, false),
        _ => rarest(tx, words, most).await.map(|(lead, count)| (lead, words.len() > 1 && count < most))?,
    };
    // A position may have been made for other words.
    let Some(leading) = words.get(lead) else { return Ok(Read::default()) };
    let window = Window::new(leading, start, back);
    let (mut last, mut rows, wanted) = (None, Vec::new(), wanted as i64);
    let few = (wanted * ENTRIES_PER_ROW).min(most);
    // Most pages are full after a few entries, and only those that are not look further.
    let mut steps = if few < most { &[few, most][..] } else { &[most][..] };
    if words.len() == 1 {
        if let Some(first) = window.first(tx, few, wanted).await? {
            return Ok(first);
        }
        if few < most {
            steps = &steps[1..];
        }
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

/// The same of one word, where one statement is enough.
#[crate::boxed]
pub(super) async fn first(
    tx: &mut Tx,
    word: &str,
    (start, back): (Option<&Beside>, bool),
    wanted: usize,
) -> Result<Option<Read>> {
    let wanted = wanted as i64;
    Window::new(word, start, back).first(tx, (wanted * ENTRIES_PER_ROW).min(LOOKED_AT), wanted).await
}

fn as_read(lead: usize, rows: impl Iterator<Item = FoundRow>, last: Option<(String, Uuid)>) -> Read {
    let at = |word: String, customer: CustomerId| Beside::Word { lead, word, customer };
    let found = rows.map(|found| (at(found.found_word, found.row.id()), Row::from(found.row))).collect();
    Read { found, looked_to: last.map(|(word, id)| at(word, CustomerId::from_uuid(id))) }
}

/// Where a customer stands among those who have the rarest word, if it has it.
#[crate::boxed]
pub(super) async fn place_of(
    tx: &mut Tx,
    words: &[&str],
    is_beside_names: bool,
    customer: CustomerId,
) -> Result<Option<Beside>> {
    let most = if is_beside_names { LOOKED_AT_BESIDE_NAMES } else { LOOKED_AT };
    let (lead, _) = rarest(tx, words, most).await?;
    let Some(leading) = words.get(lead) else { return Ok(None) };
    let sql = "select min(word) from customer_word \
               where tenant_id = $1 and customer_id = $2 and word >= $3 and word < $4";
    let (word,): (Option<String>,) = tx.fetch_one(sql, args![customer, *leading, prefix_end(leading)]).await?;
    Ok(word.map(|word| Beside::Word { lead, word, customer }))
}

/// Which word has the fewest entries, counted no further than so many are looked at, and how many; of equal ones the
/// longest.
///
/// Counted no further than a few at first: mostly one of the words is rare, and how common the others are does not
/// matter then.
async fn rarest(tx: &mut Tx, words: &[&str], most: i64) -> Result<(usize, i64)> {
    if words.len() < 2 {
        return Ok((0, most));
    }
    let first = rarest_up_to(tx, words, RARE).await?;
    if first.1 < RARE || most <= RARE { Ok(first) } else { rarest_up_to(tx, words, most).await }
}

async fn rarest_up_to(tx: &mut Tx, words: &[&str], most: i64) -> Result<(usize, i64)> {
    let mut args = args![most];
    let mut parts = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let from = args.len() + 2;
        args.extend(args![*word, prefix_end(word)]);
        // The place as text between the words, not as a value: PostgreSQL would not know of which type it is.
        parts.push(format!(
            "select cast({place} as bigint) as place, (select count(*) from (select 1 from customer_word \
             where tenant_id = $1 and word >= ${from} and word < ${} limit $2) w) as entries",
            from + 1
        ));
    }
    let counts: Vec<(i64, i64)> = tx.fetch_all(&parts.join(" union all "), args).await?;
    let counted = counts.into_iter().filter_map(|(place, count)| {
        let place = usize::try_from(place).ok()?;
        Some((count, std::cmp::Reverse(words.get(place)?.len()), place))
    });
    Ok(counted.min().map_or((0, most), |(count, _, place)| (place, count)))
}

/// Which entries of the index of words are looked at: those that begin with `leading`, on one side of an entry.
struct Window<'a> {
    leading: &'a str,
    word: String,
    customer: Uuid,
    back: bool,
    /// Whether they are looked at from the very first on.
    begins: bool,
}

impl<'a> Window<'a> {
    fn new(leading: &'a str, start: Option<&Beside>, back: bool) -> Self {
        let (word, customer) = match start {
            Some(Beside::Word { word, customer, .. }) => (word.clone(), customer.uuid()),
            _ => (leading.to_owned(), Uuid::nil()),
        };
        Self { leading, word, customer, back, begins: start.is_none() && !back }
    }

    /// Those found among the next `few` entries, of one word alone, where they fill the page or are all: in one statement,
    /// and what most searches come to.
    async fn first(&self, tx: &mut Tx, few: i64, limit: i64) -> Result<Option<Read>> {
        let (sign, turn) = if self.back { ("<", " desc") } else { (">", "") };
        // From the beginning on, the first of somebody's words that begin so is among those that are looked at. Elsewhere
        // it may stand before them.
        let own_first = if self.begins {
            "select min(w.word) as word, w.customer_id from w group by w.customer_id".to_owned()
        } else {
            format!("select w.word, w.customer_id from w where {FIRST_OF_ITS_OWN}")
        };
        let entries = format!(
            "w as materialized (select word, customer_id from customer_word \
               where tenant_id = $1 and word >= $2 and word < $3 and (word, customer_id) {sign} ($4, $5) \
               order by word{turn}, customer_id{turn} limit $6)"
        );
        let from = format!(
            "from ({own_first} order by 1{turn}, 2{turn} limit $7) f \
             join customer c on c.tenant_id = $1 and c.id = f.customer_id"
        );
        let args = args![self.leading, prefix_end(self.leading), self.word.as_str(), self.customer, few, limit];
        let mut rows: Vec<FirstRow> = tx.fetch_packed_with(&entries, FIRST, &from, args).await?;
        in_order(&mut rows, self.back, |row| row.found.key());
        let is_all = rows.first().is_some_and(|row| row.looked < few);
        let is_enough = rows.len() as i64 >= limit || is_all;
        Ok(is_enough.then(|| as_read(0, rows.into_iter().map(|row| row.found), None)))
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
        let from = format!(
            "from (select w.word, w.customer_id from customer_word w \
               where w.tenant_id = $1 and w.word >= $2 and w.word < $3 \
               and (w.word, w.customer_id) {beyond} ($4, $5) and (w.word, w.customer_id) {within} ($6, $7) \
               and {FIRST_OF_ITS_OWN}{others} \
               order by w.word{turn}, w.customer_id{turn} limit $8) f \
             join customer c on c.tenant_id = $1 and c.id = f.customer_id"
        );
        let mut rows: Vec<FoundRow> = tx.fetch_packed(FOUND, &from, args).await?;
        in_order(&mut rows, self.back, FoundRow::key);
        Ok(rows)
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
