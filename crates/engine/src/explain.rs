//! Why two customers are one, or two: gathers what resolving would look at, and lets `core` tell.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorstep_core::contact::{ContactRecord, source_key};
use doorstep_core::id::{CustomerId, DecisionId, ImportId, RecordId, ReviewId};
use doorstep_core::identifier::Identifier;
use doorstep_core::identity::Verb;
use doorstep_core::identity::explain::{self, Around, Because, By, Counts};
use doorstep_core::identity::side_by_side::{Compared, side_by_side};
use doorstep_core::linkage::{Explanation, Why};
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::decision::{self, Named, Stored};
use doorstep_store::{Tx, record};
use serde::Serialize;

use crate::edit::EDITS;
use crate::error::{Error, Result};
use crate::merge::{current, oldest};
use crate::resolve::{self, Neighbourhood, Start};
use crate::{Engine, rules};

/// Records around two customers that are looked at to tell why: what resolves in a moment. Where more hang together, the
/// two are compared by themselves, and the answer says so.
pub const MAX_AROUND: usize = 5_000;
/// Customers that are named behind a number that several have.
pub const MAX_BEHIND: usize = 10;

/// What is said before evidence that decides nothing.
pub const NOT_COMPARED: &str = "They have nothing in common that counts, so their records are never compared. This is how it would weigh if they were:";

/// Whether two customers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// One customer.
    One,
    /// Two, until somebody decides.
    Review,
    /// Two.
    Apart,
}

/// Why two customers are one or two, or what holds one together.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// Whether they are one.
    pub standing: Standing,
    /// The one that was asked about first.
    pub a: Side,
    /// The other; `None` where one was asked about, or both are one.
    pub b: Option<Side>,
    /// The review that asks about the two.
    pub review: Option<ReviewId>,
    /// What decided it.
    pub because: Reason,
    /// The same as a sentence.
    pub in_words: &'static str,
    /// The decision, where one did: who, when, why.
    pub decision: Option<Stored>,
    /// Whether their records are compared at all. Where they are not, [`NOT_COMPARED`] says so, and the evidence of
    /// `pairs` decides nothing.
    pub is_compared: bool,
    /// Field by field.
    pub fields: Vec<Compared>,
    /// Numbers and addresses that both have, with the people behind them.
    pub shared: Vec<Behind>,
    /// The surest pairs of records between two.
    pub pairs: Vec<Told>,
    /// What ties the records of one.
    pub links: Vec<Tied>,
    /// Single facts any of which would change it.
    pub would_change: Vec<String>,
    /// How much was looked at.
    pub looked_at: LookedAt,
    /// Whether the rules say otherwise by now than what is stored: a rebuild would put that right.
    pub is_outdated: bool,
}

/// A customer that was asked about.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The id that was asked for.
    pub asked: CustomerId,
    /// Who has it now.
    pub customer: CustomerId,
    /// The name shown.
    pub display_name: String,
    /// How many records it has.
    pub records: usize,
}

doorstep_core::masked_debug!(Side: asked, customer, records);

/// What decided it, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Somebody said so.
    Decision,
    /// They are versions of one object of one source.
    Object,
    /// The evidence.
    Evidence,
    /// The names are two people's.
    Names,
    /// One says Jr or Sr, the other does not.
    Generation,
    /// It fits two customers who are not one.
    Ambiguous,
    /// Each has numbers and addresses of its own, and none in common.
    NeverMix,
    /// All that they share proves nothing.
    NotCounted,
    /// They share nothing that records are compared by.
    NothingShared,
    /// There is one record, which needs nothing to hold it together.
    OneRecord,
}

impl Reason {
    /// What a dispatcher reads.
    pub fn words(self, standing: Standing) -> &'static str {
        match (self, standing) {
            (Self::Decision, Standing::One) => "Somebody made one customer of them.",
            (Self::Decision, _) => "Somebody keeps them apart.",
            (Self::Object, _) => "They are versions of one entry of one source.",
            (Self::Evidence, Standing::One) => "What the records say speaks for one person.",
            (Self::Evidence, Standing::Review) => {
                "Something speaks for one person, but not enough: somebody should decide."
            }
            (Self::Evidence, Standing::Apart) => "What the records say is not enough for one person.",
            (Self::Names, _) => "Their names are two people's.",
            (Self::Generation, _) => {
                "One is called Jr or Sr and the other is not, and they share nothing that father and son do not."
            }
            (Self::Ambiguous, _) => "What they share fits somebody else just as well, so nobody is guessed.",
            (Self::NeverMix, _) => {
                "Each has numbers or addresses of its own and none in common; a name and a street are not enough."
            }
            (Self::NotCounted, _) => "What they share proves nothing.",
            (Self::NothingShared, _) => "They have nothing in common that customers are compared by.",
            (Self::OneRecord, _) => "There is one record only: nothing had to be put together.",
        }
    }
}

/// A number or address that both have, with the customers behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// Which.
    #[serde(flatten)]
    pub identifier: Identifier,
    /// Whether it says anything.
    pub counts: Counts,
    /// How many people the records behind it name; not counted where it says nothing.
    pub people: Option<u32>,
    /// The customers that have it, at most [`MAX_BEHIND`]; none are named where it says nothing.
    pub customers: Vec<Named>,
}

/// A record in a few words.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// Its id.
    pub id: RecordId,
    /// Who says it.
    pub source: Source,
    /// Which import brought it.
    pub import: Option<ImportId>,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// The name in it, or the company, or the number.
    pub name: String,
    /// Whether it holds what a person added to the card.
    pub is_edit: bool,
}

doorstep_core::masked_debug!(Brief: id, source, import, stored_at);

/// Two records with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// Of the one.
    pub a: Brief,
    /// Of the other.
    pub b: Brief,
    /// The evidence.
    #[serde(flatten)]
    pub explanation: Explanation,
}

/// Two records of one customer, and what ties them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tied {
    /// One record.
    pub a: Brief,
    /// The other.
    pub b: Brief,
    /// What ties them: `decision`, `object` or `evidence`.
    pub by: Reason,
    /// The decision, where it is one.
    pub decision: Option<Stored>,
    /// The evidence, where it is that.
    pub explanation: Option<Explanation>,
    /// Whether it lies on the way from the id asked for first to the other.
    pub on_path: bool,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    /// Records around the two.
    pub records: usize,
    /// Pairs of records that were compared, or links that are told.
    pub compared: usize,
    /// How many there are.
    pub of: usize,
    /// Whether so much hangs together that the two were looked at by themselves: people behind a number are then counted
    /// among their records only.
    pub is_cut: bool,
}

/// What was read of the store.
struct Scene {
    around: Neighbourhood,
    a: CustomerId,
    b: CustomerId,
    is_cut: bool,
}

impl Engine {
    /// Why `a` and `b` are one customer, or two; without `b`, or where both are one, what holds it together. Any id that
    /// was ever handed out is good.
    ///
    /// # Errors
    /// [`Error::NoCustomer`] for an id that nobody has.
    #[crate::boxed]
    pub async fn explain(&self, scope: &Scope, a: CustomerId, b: Option<CustomerId>) -> Result<Explained> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let rules = rules(&mut tx).await?;
        let (now_a, now_b) = (current(&mut tx, a).await?, current(&mut tx, b.unwrap_or(a)).await?);
        let scene = self.scene(&mut tx, &rules, now_a, now_b).await?;
        let Neighbourhood { candidates, inside, .. } = &scene.around;
        let around = Around { candidates, inside, beside: scene.around.beside(&rules) };
        let of_a = scene.records_of(now_a);
        if now_a == now_b {
            let path = b.filter(|b| *b != a).map(|b| (oldest(a), oldest(b)));
            let within = explain::within(around, &of_a, path);
            return scene.one(&mut tx, (a, b), within).await;
        }
        let between = explain::between(around, &of_a, &scene.records_of(now_b));
        scene.two(&mut tx, (a, b.unwrap_or(a)), between).await
    }

    async fn scene(
        &self,
        tx: &mut Tx,
        rules: &doorstep_core::matching::Rules,
        a: CustomerId,
        b: CustomerId,
    ) -> Result<Scene> {
        let mut stored = record::of_customers(tx, &[a]).await?;
        if a != b {
            stored.extend(record::of_customers(tx, &[b]).await?);
        }
        let ids: Vec<RecordId> = stored.iter().map(|stored| stored.record.id).collect();
        let start = Start { records: &ids, customers: &[a, b], limit: MAX_AROUND, ..Start::default() };
        let gathered = resolve::gather(tx, rules, Vec::new(), &start).await;
        if let Err(Error::TooConnected { .. }) = &gathered {
            let around = resolve::gather_alone(tx, rules, stored, &[a, b]).await?;
            return Ok(Scene { around, a, b, is_cut: true });
        }
        Ok(Scene { around: gathered?, a, b, is_cut: false })
    }
}

impl Scene {
    fn records_of(&self, customer: CustomerId) -> HashSet<RecordId> {
        let of = self.around.customer_of.iter().filter(|(_, holder)| **holder == customer);
        of.map(|(record, _)| *record).collect()
    }

    fn side(&self, asked: CustomerId, customer: CustomerId) -> Side {
        let golden = self.around.golden.get(&customer);
        Side {
            asked,
            customer,
            display_name: golden.map(|put| put.customer.display_name.clone()).unwrap_or_default(),
            records: self.records_of(customer).len(),
        }
    }

    fn of(&self, customer: CustomerId) -> Vec<&ContactRecord> {
        let is_its = |record: &&ContactRecord| self.around.customer_of.get(&record.id) == Some(&customer);
        self.around.candidates.records().filter(is_its).collect()
    }

    fn looked_at(&self, compared: usize, of: usize) -> LookedAt {
        LookedAt { records: self.around.candidates.len(), compared, of, is_cut: self.is_cut }
    }

    fn briefs(&self) -> HashMap<RecordId, Brief> {
        let edits = source_key(Source::Hub, None, EDITS, "");
        let brief = |record: &ContactRecord| {
            let contact = &record.contact;
            let name = contact.name.as_ref().map(doorstep_core::name::Name::display);
            let phone = || contact.phones.first().map(|phone| phone.as_str().to_owned());
            let email = || contact.emails.first().map(|email| email.as_str().to_owned());
            let name = name.or_else(|| contact.company.clone()).or_else(phone).or_else(email).unwrap_or_default();
            let is_edit = record.source_key.starts_with(&edits);
            let (id, source, import) = (record.id, record.source, record.import);
            (id, Brief { id, source, import, stored_at: record.created_at, name, is_edit })
        };
        self.around.candidates.records().map(brief).collect()
    }

    /// The customers that have an identifier, by the records around.
    fn behind(&self, shared: explain::Shared) -> Behind {
        let explain::Shared { identifier, counts, people } = shared;
        let form = |identifier: &Identifier| {
            let email = doorstep_core::email::Email::from_normal(identifier.value.clone());
            match identifier.kind {
                doorstep_core::identifier::IdentifierKind::Email => email.match_key(),
                _ => identifier.value.clone(),
            }
        };
        let wanted = form(&identifier);
        let has = |record: &ContactRecord| {
            record.contact.phones.iter().any(|phone| phone.as_str() == wanted)
                || record.contact.emails.iter().any(|email| email.match_key() == wanted)
        };
        let having = self.around.candidates.records().filter(|record| counts == Counts::Yes && has(record));
        let customers: BTreeSet<CustomerId> =
            having.filter_map(|record| self.around.customer_of.get(&record.id).copied()).collect();
        let named = |id: CustomerId| {
            let display_name = self.around.golden.get(&id)?.customer.display_name.clone();
            Some(Named { id, display_name })
        };
        let customers = customers.into_iter().filter_map(named).take(MAX_BEHIND).collect();
        Behind { identifier, counts, people, customers }
    }

    async fn two(self, tx: &mut Tx, (a, b): (CustomerId, CustomerId), between: explain::Between) -> Result<Explained> {
        let asks =
            |review: &&doorstep_store::review::Review| (review.a, review.b) == (self.a.min(self.b), self.a.max(self.b));
        let review = self.around.reviews.iter().find(asks).map(|review| review.id);
        let decision = match between.because {
            Because::Decision { decision } => decision::get_many(tx, &[decision]).await?.pop(),
            Because::Evidence { .. } | Because::NotCounted | Because::NothingShared => None,
        };
        let briefs = self.briefs();
        let told = |pair: explain::Pair| {
            let (a, b) = (briefs.get(&pair.a)?.clone(), briefs.get(&pair.b)?.clone());
            Some(Told { a, b, explanation: pair.explanation })
        };
        let standing = if review.is_some() { Standing::Review } else { Standing::Apart };
        let because = reason(between.because);
        Ok(Explained {
            standing,
            in_words: match between.pairs.first() {
                // What they share asks for a review, whatever else is said.
                Some(surest) if because == Reason::Evidence && review.is_some() && surest.explanation.bits < 0.0 => {
                    "They share something, but what else the records say speaks for two: somebody should decide."
                }
                _ => because.words(standing),
            },
            a: self.side(a, self.a),
            b: Some(self.side(b, self.b)),
            review,
            because,
            decision,
            is_compared: !matches!(because, Reason::NotCounted | Reason::NothingShared),
            fields: side_by_side(&self.of(self.a), &self.of(self.b)),
            shared: between.shared.into_iter().map(|shared| self.behind(shared)).collect(),
            pairs: between.pairs.into_iter().filter_map(told).collect(),
            links: Vec::new(),
            would_change: between.would_change,
            looked_at: self.looked_at(between.compared, between.pairs_in_all),
            is_outdated: between.is_outdated && !self.is_cut,
        })
    }

    async fn one(
        self,
        tx: &mut Tx,
        (a, _): (CustomerId, Option<CustomerId>),
        within: explain::Within,
    ) -> Result<Explained> {
        let ids: Vec<DecisionId> = within.links.iter().filter_map(|link| decision_of(link.by)).collect();
        let decisions: BTreeMap<DecisionId, Stored> =
            decision::get_many(tx, &ids).await?.into_iter().map(|stored| (stored.id, stored)).collect();
        let briefs = self.briefs();
        let told = within.links.len();
        let tied = |link: explain::Link| {
            let (a, b) = (briefs.get(&link.a)?.clone(), briefs.get(&link.b)?.clone());
            let by = match link.by {
                By::Decision { .. } => Reason::Decision,
                By::Object => Reason::Object,
                By::Evidence => Reason::Evidence,
            };
            let decision = decision_of(link.by).and_then(|id| decisions.get(&id).cloned());
            Some(Tied { a, b, by, decision, explanation: link.explanation, on_path: link.on_path })
        };
        let links: Vec<Tied> = within.links.into_iter().filter_map(tied).collect();
        // Of the way between two ids what a person said stands above all else; of one customer, what holds most of it.
        let on_path: Vec<&Tied> = links.iter().filter(|link| link.on_path).collect();
        let telling = if on_path.is_empty() { links.iter().collect() } else { on_path };
        let because = [Reason::Decision, Reason::Object, Reason::Evidence]
            .into_iter()
            .find(|reason| telling.iter().any(|link| link.by == *reason))
            .unwrap_or(Reason::OneRecord);
        let decision = telling.iter().find_map(|link| link.decision.clone());
        Ok(Explained {
            standing: Standing::One,
            a: self.side(a, self.a),
            b: None,
            review: None,
            because,
            in_words: because.words(Standing::One),
            decision,
            is_compared: true,
            fields: side_by_side(&self.of(self.a), &[]),
            shared: Vec::new(),
            pairs: Vec::new(),
            would_change: would_part(&links),
            looked_at: self.looked_at(told, within.links_in_all),
            links,
            is_outdated: within.is_outdated && !self.is_cut,
        })
    }
}

fn decision_of(by: By) -> Option<DecisionId> {
    match by {
        By::Decision { decision } => Some(decision),
        By::Object | By::Evidence => None,
    }
}

fn reason(because: Because) -> Reason {
    match because {
        Because::Decision { .. } => Reason::Decision,
        Because::Evidence { why: None | Some(Why::Weak) } => Reason::Evidence,
        Because::Evidence { why: Some(Why::Names) } => Reason::Names,
        Because::Evidence { why: Some(Why::Generation) } => Reason::Generation,
        Because::Evidence { why: Some(Why::Ambiguous) } => Reason::Ambiguous,
        Because::Evidence { why: Some(Why::NeverMix) } => Reason::NeverMix,
        Because::NotCounted => Reason::NotCounted,
        Because::NothingShared => Reason::NothingShared,
    }
}

/// What would part one customer again: of the weakest link on the way, the single facts.
fn would_part(links: &[Tied]) -> Vec<String> {
    let any_path = links.iter().any(|link| link.on_path);
    let on_path = || links.iter().filter(move |link| link.on_path || !any_path);
    let decided = on_path().any(|link| link.decision.as_ref().is_some_and(|decision| decision.verb == Verb::Link));
    let weakest = on_path()
        .filter_map(|link| link.explanation.as_ref())
        .min_by(|one, other| one.bits.total_cmp(&other.bits))
        .map(|explanation| explanation.would_change.clone());
    let mut facts = weakest.unwrap_or_default();
    if decided {
        facts.insert(0, "somebody took the decision back".to_owned());
    }
    facts
}
