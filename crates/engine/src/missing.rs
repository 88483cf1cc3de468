//! Why somebody is not found: asked by a number, an e-mail address, a name or an id, and told what became of it.

use std::collections::BTreeSet;

use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, ImportId, RecordId, ReviewId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::identity::Verb;
use doorstep_core::identity::explain::Counts;
use doorstep_core::import::State;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::record::Source;
use doorstep_core::survivorship::query_words;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::decision::{self, Named, Stored};
use doorstep_store::record::Resolved;
use doorstep_store::{Tx, customer, import, listing, record, review, tenant};
use serde::Serialize;

use crate::error::Result;
use crate::{Engine, rules};

/// Customers that are named at most.
pub const MAX_NAMED: usize = 10;
/// The newest imports whose rows that were left out are looked through; each keeps the first thousand of them.
pub const MAX_IMPORTS: i64 = 10;
/// Rows that were left out and are told.
pub const MAX_SKIPPED: usize = 5;
/// The stream of what is entered by hand; its keys are ids.
const BY_HAND: &str = "contacts";
/// Merges that are told of one customer.
const MAX_MERGES: usize = 5;
/// Fewest figures, and fewest letters, that are looked for in rows that were left out: less is found everywhere.
const FEWEST_FIGURES: usize = 6;
const FEWEST_LETTERS: usize = 4;

/// What somebody looks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A number.
    Phone(Phone),
    /// An address.
    Email(Email),
    /// Words of a name, or whatever else was typed.
    Name(String),
    /// A customer by id.
    Customer(CustomerId),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What was looked for: `phone`, `email`, `name` or `customer`.
    pub wanted: &'static str,
    /// What was found, the most telling first; never empty.
    pub findings: Vec<Finding>,
    /// The sources that were asked, and when they last came.
    pub sources: Vec<Asked>,
}

/// A source that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Which.
    pub source: Source,
    /// When something last came from it.
    pub last_came_at: Option<Timestamp>,
    /// When something of it was last taken out again.
    pub last_taken_out_at: Option<Timestamp>,
}

/// One thing that became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// These customers have it; of one, the merges that made it so.
    Known {
        /// Who, at most [`MAX_NAMED`].
        customers: Vec<Named>,
        /// Whether there are more.
        has_more: bool,
        /// What was merged into the only one.
        merges: Vec<Stored>,
    },
    /// It proves nothing, so it leads to nobody.
    NotCounted {
        /// Why.
        counts: Counts,
        /// Who has it all the same.
        customers: Vec<Named>,
        /// Whether there are more.
        has_more: bool,
    },
    /// A review asks whether two who have it are one.
    Review {
        /// Which.
        review: ReviewId,
        /// The older customer.
        a: Named,
        /// The younger.
        b: Named,
    },
    /// The customer of that id is part of another.
    Merged {
        /// Which.
        into: Named,
        /// The merges that made it so; none where the rules did.
        merges: Vec<Stored>,
    },
    /// It was taken out with the import that had brought it.
    TakenOut {
        /// Which import, where it is known.
        import: Option<ImportId>,
    },
    /// A row of an import that has it was left out, or something of it was.
    Skipped {
        /// Which import.
        import: ImportId,
        /// Of which file.
        file: String,
        /// On which line.
        line: u64,
        /// Why; only for who may import.
        reason: Option<String>,
    },
    /// No source has it.
    Nowhere,
}

impl Wanted {
    /// What a text means: an id, an e-mail address, a number in any spelling, or else a name.
    pub fn guess(text: &str, region: Region) -> Self {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Self::Customer(id);
        }
        if text.contains('@')
            && let Ok(email) = Email::parse(text)
        {
            return Self::Email(email);
        }
        match Phone::parse(text, region) {
            Ok(phone) => Self::Phone(phone),
            Err(_) => Self::Name(text.to_owned()),
        }
    }

    fn as_str(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::Email(_) => "email",
            Self::Name(_) => "name",
            Self::Customer(_) => "customer",
        }
    }

    /// The form in which records are compared.
    fn form(&self) -> Option<Identifier> {
        match self {
            Self::Phone(phone) => Some(Identifier::from(phone)),
            Self::Email(email) => Some(Identifier { kind: IdentifierKind::Email, value: email.match_key() }),
            Self::Name(_) | Self::Customer(_) => None,
        }
    }

    /// Whether a sentence about a row names it.
    fn is_in(&self, sentence: &str) -> bool {
        let (text, figures) = match self {
            // As a person writes it: without the country.
            Self::Phone(phone) => ("", last(phone.digits(), 10)),
            Self::Email(email) => (email.as_str(), ""),
            Self::Name(name) => (name.as_str(), ""),
            Self::Customer(_) => return false,
        };
        let typed: String = text.chars().filter(char::is_ascii_digit).collect();
        let figures = if figures.is_empty() { typed.as_str() } else { figures };
        let said: String = sentence.chars().filter(char::is_ascii_digit).collect();
        (text.chars().count() >= FEWEST_LETTERS && sentence.to_lowercase().contains(&text.to_lowercase()))
            || (figures.len() >= FEWEST_FIGURES && said.contains(figures))
    }
}

fn last(digits: &str, count: usize) -> &str {
    digits.get(digits.len().saturating_sub(count)..).unwrap_or(digits)
}

impl Finding {
    /// What a dispatcher reads.
    pub fn words(&self) -> String {
        match self {
            Self::Known { customers, .. } if customers.len() == 1 => "It is here.".to_owned(),
            Self::Known { .. } => "Several customers have it.".to_owned(),
            Self::NotCounted { counts, .. } => {
                format!("It leads to nobody: {}.", counts.words().unwrap_or_default())
            }
            Self::Review { .. } => "A review asks whether these two are one.".to_owned(),
            Self::Merged { .. } => "This customer is part of another by now.".to_owned(),
            Self::TakenOut { .. } => "It was taken out again with the import that had brought it.".to_owned(),
            Self::Skipped { .. } => "An import left something of a row out that has it.".to_owned(),
            Self::Nowhere => "No source has it.".to_owned(),
        }
    }

    /// The customers that it names.
    pub fn customers(&self) -> Vec<&Named> {
        match self {
            Self::Known { customers, .. } | Self::NotCounted { customers, .. } => customers.iter().collect(),
            Self::Review { a, b, .. } => vec![a, b],
            Self::Merged { into, .. } => vec![into],
            Self::TakenOut { .. } | Self::Skipped { .. } | Self::Nowhere => Vec::new(),
        }
    }

    /// The merges that made it so.
    pub fn merges(&self) -> &[Stored] {
        match self {
            Self::Known { merges, .. } | Self::Merged { merges, .. } => merges,
            _ => &[],
        }
    }
}

impl Engine {
    /// Why nobody, or not who was meant, is found by that.
    #[crate::boxed]
    pub async fn why_missing(&self, scope: &Scope, wanted: &Wanted) -> Result<Missing> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let mut findings = match wanted {
            Wanted::Customer(id) => of_id(&mut tx, *id).await?,
            Wanted::Name(name) => {
                let region = tenant::get(&mut tx).await?.country;
                let found = customer::search(&mut tx, &query_words(name, region), MAX_NAMED as i64 + 1).await?;
                let ids: BTreeSet<CustomerId> = found.iter().map(|one| one.id).collect();
                known(&mut tx, &ids, &[]).await?
            }
            Wanted::Phone(_) | Wanted::Email(_) => of_identifier(&mut tx, wanted).await?,
        };
        if findings.is_empty() {
            findings = skipped(&mut tx, scope, wanted).await?;
        }
        if findings.is_empty() {
            findings.push(Finding::Nowhere);
        }
        Ok(Missing { wanted: wanted.as_str(), findings, sources: sources(&mut tx).await? })
    }
}

async fn of_id(tx: &mut Tx, id: CustomerId) -> Result<Vec<Finding>> {
    let oldest = RecordId::from_uuid(id.uuid());
    Ok(match record::resolve(tx, id).await? {
        None => Vec::new(),
        Some(Resolved::TakenOut(import)) => vec![Finding::TakenOut { import }],
        Some(Resolved::Customer(current)) if current == id => known(tx, &BTreeSet::from([id]), &[]).await?,
        Some(Resolved::Customer(current)) => {
            let merges = merges(tx, &[oldest]).await?;
            let into = named(tx, &BTreeSet::from([current])).await?;
            into.into_iter().map(|into| Finding::Merged { into, merges: merges.clone() }).collect()
        }
    })
}

async fn of_identifier(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Finding>> {
    let Some(form) = wanted.form() else { return Ok(Vec::new()) };
    let rules = rules(tx).await?;
    let sharing = record::sharing(tx, std::slice::from_ref(&form), IdentifierKind::hub_limit).await?;
    let records: Vec<RecordId> = sharing.links.iter().map(|(_, record)| *record).collect();
    let said = match wanted {
        Wanted::Email(email) => Identifier::from(email),
        _ => form.clone(),
    };
    // Who shows it, and who has it in another spelling of the same mailbox.
    let shown = customer::find_by_identifier(tx, &said, MAX_NAMED as i64 + 1).await?;
    let mut ids: BTreeSet<CustomerId> = shown.into_iter().collect();
    ids.extend(record::customers_of(tx, &records).await?.into_values());
    let counts = Counts::of(&form, &rules, &sharing.hubs.into_iter().collect());
    if counts != Counts::Yes {
        let customers = named(tx, &ids).await?;
        return Ok(vec![Finding::NotCounted { counts, has_more: ids.len() > customers.len(), customers }]);
    }
    let mut findings = known(tx, &ids, &records).await?;
    if ids.len() > 1 {
        findings.extend(reviews(tx, &ids).await?);
    }
    Ok(findings)
}

/// These customers, if there are any; of the only one, what was merged into it by those records.
async fn known(tx: &mut Tx, ids: &BTreeSet<CustomerId>, records: &[RecordId]) -> Result<Vec<Finding>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let customers = named(tx, ids).await?;
    let merges = if ids.len() == 1 { merges(tx, records).await? } else { Vec::new() };
    Ok(vec![Finding::Known { has_more: ids.len() > customers.len(), customers, merges }])
}

/// The reviews between these customers.
async fn reviews(tx: &mut Tx, ids: &BTreeSet<CustomerId>) -> Result<Vec<Finding>> {
    let some: Vec<CustomerId> = ids.iter().take(MAX_NAMED).copied().collect();
    let mut open = review::touching(tx, &some).await?;
    open.retain(|review| ids.contains(&review.a) && ids.contains(&review.b));
    open.truncate(MAX_NAMED);
    let names = named(tx, ids).await?;
    let name = |id: CustomerId| names.iter().find(|one| one.id == id).cloned();
    let finding = |one: review::Review| Some(Finding::Review { review: one.id, a: name(one.a)?, b: name(one.b)? });
    Ok(open.into_iter().filter_map(finding).collect())
}

/// The merges by hand that touch these records.
async fn merges(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Stored>> {
    let touching = decision::touching(tx, records).await?;
    let mut ids: Vec<_> = touching.iter().filter(|one| one.verb == Verb::Link).map(|one| one.id).collect();
    ids.truncate(MAX_MERGES);
    let mut merges = decision::get_many(tx, &ids).await?;
    merges.sort_by_key(|one| one.id);
    Ok(merges)
}

/// The names of customers, at most [`MAX_NAMED`], oldest first.
async fn named(tx: &mut Tx, ids: &BTreeSet<CustomerId>) -> Result<Vec<Named>> {
    let some: Vec<CustomerId> = ids.iter().take(MAX_NAMED).copied().collect();
    let mut rows = listing::rows(tx, &some).await?;
    rows.sort_by_key(|row| row.id);
    Ok(rows.into_iter().map(|row| Named { id: row.id, display_name: row.display_name }).collect())
}

/// Rows of the newest imports that were left out and name what is looked for.
async fn skipped(tx: &mut Tx, scope: &Scope, wanted: &Wanted) -> Result<Vec<Finding>> {
    let newest = import::list(tx, None, MAX_IMPORTS).await?;
    let in_force = |state: State| matches!(state, State::Applying | State::Applied);
    let ids: Vec<ImportId> = newest.iter().filter(|one| in_force(one.state)).map(|one| one.id).collect();
    let may_see = scope.grants(Permission::Import);
    let problems = import::problems_of(tx, &ids).await?;
    let telling = problems.into_iter().filter(|(_, problem)| wanted.is_in(&problem.reason)).take(MAX_SKIPPED);
    let finding = |(import, problem): (ImportId, doorstep_core::import::Problem)| Finding::Skipped {
        import,
        file: problem.file,
        line: problem.line,
        reason: may_see.then_some(problem.reason),
    };
    Ok(telling.map(finding).collect())
}

/// The sources, and when they last came.
async fn sources(tx: &mut Tx) -> Result<Vec<Asked>> {
    let newest = import::list(tx, None, MAX_IMPORTS).await?;
    let by_hand = record::last_stored_at(tx, Source::Hub, BY_HAND).await?;
    Ok(vec![
        Asked { source: Source::Hub, last_came_at: by_hand, last_taken_out_at: None },
        Asked {
            source: Source::PhoneHistory,
            last_came_at: newest.iter().filter_map(|one| one.applied_at).max(),
            last_taken_out_at: newest.iter().filter_map(|one| one.undone_at).max(),
        },
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_text_is_an_id_an_address_a_number_or_a_name() {
        let guess = |text: &str| Wanted::guess(text, Region::US).as_str();
        assert_eq!(guess(" cus_01h455vb4pex5vsknk084sn02q "), "customer");
        assert_eq!((guess("ann@acehvac.com"), guess("(617) 471-0117"), guess("Ann Lee")), ("email", "phone", "name"));
        assert_eq!((guess("not@@an address"), guess("471"), guess("")), ("name", "name", "name"));
    }

    #[test]
    fn a_row_that_was_left_out_is_found_by_its_figures_or_its_letters() {
        let wanted = |text: &str| Wanted::guess(text, Region::US);
        let row = "`phone_number`: `617-471-0117 x`: is no number";
        assert!(wanted("(617) 471-0117").is_in(row) && wanted("617471 01").is_in(row));
        assert!(!wanted("(617) 471-0118").is_in(row) && !wanted("17").is_in(row) && !wanted("").is_in(row));
        assert!(wanted("ann@@quincy").is_in("`email`: `Ann@@Quincy`: is no address"));
    }
}
