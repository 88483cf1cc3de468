//! Search by words, with bounded work: a page costs the same whether a word begins a hundred names or a million.
//!
//! Of several words those come first whose name begins with what was asked, read along the index of names: two words
//! that thousands have are together the name of few. Then come all others who have every word, by the index of words
//! (`word`). Each part is read in either direction, and a page may hold the end of one and the beginning of the other.

mod name;
mod word;

use doorstep_core::id::CustomerId;
use doorstep_core::position::Way;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Result;
use crate::listing::Row;
use crate::tx::Tx;

pub use word::LOOKED_AT;

/// Words asked for in one search; more add nothing that a person would notice.
pub const MAX_WORDS: usize = 8;

/// Where a page of a search begins: beside this customer, in the part of the search where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Beside {
    /// Among those whose name begins with what was asked.
    Name {
        /// What the customer is sorted by.
        name: String,
        /// Which one.
        customer: CustomerId,
    },
    /// Among the others: beside this entry of the index of words.
    Word {
        /// Which of the words leads: the same on every page.
        lead: usize,
        /// The word that was found.
        word: String,
        /// Whose word.
        customer: CustomerId,
    },
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Of several words, customers whose name begins with them first; then those who have the leading word itself, then
    /// those whose words it begins.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more to look at.
    pub next: Option<Beside>,
    /// Where to go back from, if there may be something before.
    pub previous: Option<Beside>,
    /// Whether the search stopped because it had looked at enough, not because the page is full: with more letters it
    /// would find better.
    pub stopped: bool,
}

/// What was read of one part, or of both.
#[derive(Default)]
struct Read {
    /// Who was found, each with where it stands, away from where the page begins.
    found: Vec<(Beside, Row)>,
    /// How far was looked, where that was not to the end of the part.
    looked_to: Option<Beside>,
}

/// Customers that have, for each of `words`, a word that starts with it; at most `limit`, each once in all pages. They
/// stand after `from`, or before it, and always in the order of the list.
#[crate::boxed]
pub async fn page(tx: &mut Tx, words: &[String], from: Option<&(Way, Beside)>, limit: usize) -> Result<Found> {
    let words = asked(words);
    if words.len() == 1 {
        // One word is a walk along one index. What else is asked of several is best found in a way that depends on them.
        tx.plan_once().await?;
    }
    let name = beginning(&words);
    let back = matches!(from, Some((Way::Back, _)));
    let is_among_words = matches!(from, Some((_, Beside::Word { .. })));
    let mut read = Read::default();
    let came_by_names = matches!(from, Some((Way::Forward, Beside::Name { .. })));
    // Names stand before words: the page goes from the part where it begins to the one beside it.
    for is_words in if back { [true, false] } else { [false, true] } {
        let is_passed = if back { is_words && !is_among_words } else { !is_words && is_among_words };
        if is_passed {
            continue;
        }
        let start = from.map(|(_, beside)| beside).filter(|_| is_words == is_among_words);
        let wanted = limit + 1 - read.found.len();
        let part = match is_words {
            true => {
                let is_beside_names = came_by_names || !read.found.is_empty();
                word::read(tx, &words, name.as_deref(), (start, back), wanted, is_beside_names).await?
            }
            false => name::read(tx, name.as_deref(), (start, back), wanted).await?,
        };
        read.found.extend(part.found);
        read.looked_to = part.looked_to;
        if read.found.len() > limit || read.looked_to.is_some() {
            break;
        }
    }
    Ok(found(read, from, limit))
}

/// The same in one statement, where one is enough: it is for most of what is typed while somebody looks for a customer.
/// `None` where the page must be asked for as a whole.
#[crate::boxed]
pub async fn glance(
    tx: &mut Tx,
    words: &[String],
    from: Option<&(Way, Beside)>,
    limit: usize,
) -> Result<Option<Found>> {
    let words = asked(words);
    let [word] = words.as_slice() else { return Ok(None) };
    tx.plan_once().await?;
    let back = matches!(from, Some((Way::Back, _)));
    let start = from.map(|(_, beside)| beside);
    let read = word::first(tx, word, (start, back), limit + 1).await?;
    Ok(read.map(|read| found(read, from, limit)))
}

/// The page out of what was read.
fn found(Read { mut found, looked_to }: Read, from: Option<&(Way, Beside)>, limit: usize) -> Found {
    let is_full = found.len() > limit;
    found.truncate(limit);
    let at = |(beside, _): &(Beside, Row)| beside.clone();
    let stopped = !is_full && looked_to.is_some();
    let onward = if is_full { found.last().map(at) } else { looked_to };
    // Where we came from there is something: also the very entry that the position names, if the page has no other.
    let came = from.map(|(way, beside)| found.first().map_or_else(|| beside.shifted(*way), at));
    let back = matches!(from, Some((Way::Back, _)));
    if back {
        found.reverse();
    }
    let (next, previous) = if back { (came, onward) } else { (onward, came) };
    Found { rows: found.into_iter().map(|(_, row)| row).collect(), next, previous, stopped }
}

/// Where a customer stands among those whom the words fit; `None` for one whom the rarest of them does not.
#[crate::boxed]
pub async fn place_of(tx: &mut Tx, words: &[String], customer: CustomerId) -> Result<Option<Beside>> {
    let words = asked(words);
    let name = beginning(&words);
    if let Some(beside) = name::place_of(tx, name.as_deref(), customer).await? {
        return Ok(Some(beside));
    }
    let is_beside_names = !name::read(tx, name.as_deref(), (None, false), 1).await?.found.is_empty();
    word::place_of(tx, &words, is_beside_names, customer).await
}

/// The words that count.
fn asked(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).filter(|word| !word.is_empty()).take(MAX_WORDS).collect()
}

/// How the sort name of a customer begins whose name was asked for; one word alone is as often another name.
fn beginning(words: &[&str]) -> Option<String> {
    Some(words.join(" ")).filter(|_| words.len() > 1)
}

impl Beside {
    /// The place from which going back the way that was come finds this entry itself, too.
    fn shifted(&self, way: Way) -> Self {
        let mut shifted = self.clone();
        let (Self::Name { customer, .. } | Self::Word { customer, .. }) = &mut shifted;
        let number = customer.uuid().as_u128();
        let number = match way {
            Way::Forward => number.saturating_add(1),
            Way::Back => number.saturating_sub(1),
        };
        *customer = CustomerId::from_uuid(Uuid::from_u128(number));
        shifted
    }
}

/// The least text above everything that starts with `prefix`, byte by byte.
fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
