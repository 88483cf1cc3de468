//! The context of a customer: what may be said of somebody now, as a model and as text for a prompt.
//!
//! A context is made from what is known for one level of [`Assurance`], and holds nothing else: whatever renders it,
//! there is nothing in it that its reader may not see. All that others wrote is made harmless on the way in
//! ([`quote`]). The text form ([`CustomerContext::text`]) has one order and fits a budget of tokens. What is in it, and
//! who may see it, is said in docs/concepts/context.md.

pub mod assurance;
mod consent;
mod conversation;
mod insight;
mod job;
mod known;
mod membership;
mod money;
mod property;
pub mod quote;
mod section;
mod text;
mod who;
mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub use assurance::{Assurance, Field, may_see};
pub use consent::{Consent, Forbidden, Number, Statement};
pub use conversation::{Conversations, Said};
pub use insight::{Insight, Insights, Priority, Recommendation};
pub use job::{Jobs, Visit, Window, Work};
pub use known::{Called, Issue, Known, Row, Totals, Written};
pub use membership::{Memberships, Plan, Standing};
pub use money::Sums;
pub use property::{Piece, Place, Properties};
pub use quote::{Author, Quote};
pub use section::{Confidence, Section};
pub use text::{Budget, BudgetTooSmall, LEFT_OUT, QUOTING_RULE, tokens};
pub use who::{Reached, Who};

use crate::id::CustomerId;
use crate::phone::Region;
use crate::planted;
use crate::record::Source;
use crate::tenant::Tenant;
use crate::time::{Date, Timestamp, Zone};

use assurance::Sight;

/// What is to be done before more is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Greet, and say nothing of anybody.
    Greet,
    /// Ask for a code that goes to the phone or e-mail address that is on record.
    Verify,
}

/// What may be said of a customer, by section. A section of which nothing is known, or nothing may be seen, is not
/// there.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CustomerContext {
    /// For whom it was made.
    pub assurance: Assurance,
    /// What is to be done before more is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// The tenant's zone, in which its days and windows are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Zone>,
    /// Who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Section<Who>>,
    /// Memberships.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memberships: Option<Section<Memberships>>,
    /// Properties with their equipment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Section<Properties>>,
    /// Jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Section<Jobs>>,
    /// Money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Section<Sums>>,
    /// What to recommend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insights: Option<Section<Insights>>,
    /// Conversations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversations: Option<Section<Conversations>>,
    /// Which numbers must not be texted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Section<Consent>>,
    /// How the text form writes times and numbers; tells nothing of the customer.
    #[serde(skip)]
    locale: Locale,
}

crate::masked_debug!(CustomerContext: assurance, request, customer, told_at);

/// How the tenant writes times and telephone numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Locale {
    zone: Zone,
    country: Region,
}

impl CustomerContext {
    /// What `assurance` may see of a customer at `now`. Neither the order of the rows nor their number matters, beyond
    /// which of them a context has room for.
    pub fn of(known: &Known, assurance: Assurance, now: Timestamp, tenant: &Tenant) -> Self {
        let zone = &tenant.time_zone;
        let empty = Self::of_nobody(tenant);
        // An instant outside of the calendar is none that a clock of ours shows.
        let Some(today) = words::day(now, zone) else { return empty };
        if assurance == Assurance::None {
            return empty;
        }
        let whole = Self { assurance: Assurance::Staff, request: None, ..Self::whole(known, now, today, empty) };
        whole.at(assurance)
    }

    /// What is said to somebody who is not known, or of whom nothing may be said: the same for all.
    pub fn of_nobody(tenant: &Tenant) -> Self {
        Self {
            assurance: Assurance::None,
            request: Some(Request::Greet),
            customer: None,
            told_at: None,
            time_zone: None,
            who: None,
            memberships: None,
            properties: None,
            jobs: None,
            money: None,
            insights: None,
            conversations: None,
            consent: None,
            locale: Locale { zone: tenant.time_zone.clone(), country: tenant.country },
        }
    }

    /// What is said to somebody who has the phone number, the e-mail address or the id of several: whoever of them it is
    /// must show it first.
    pub fn of_several(tenant: &Tenant) -> Self {
        Self { assurance: Assurance::Claimed, request: Some(Request::Verify), ..Self::of_nobody(tenant) }
    }

    fn whole(known: &Known, now: Timestamp, today: Date, empty: Self) -> Self {
        let zone = empty.locale.zone.clone();
        let groups = property::Groups::of(known, now, &zone);
        let who = Who::of(known, &zone, !groups.is_empty());
        let of_rows = |rows: &mut dyn Iterator<Item = Source>| rows.collect::<Vec<_>>();
        let jobs = of_rows(&mut known.jobs.iter().map(|row| row.source));
        let properties = of_rows(
            &mut (known.properties.iter().map(|row| row.source))
                .chain(known.equipment.iter().map(|row| row.source))
                .chain(known.issues.iter().map(|issue| issue.source)),
        );
        let at_hand = planted!("a-customer-is-worth-the-jobs-at-hand");
        let totals = if at_hand { Totals::of(known.jobs.iter().map(|row| &row.value)) } else { known.totals };
        // Totals are over rows that may all be elsewhere; then they are as good as the store's count.
        let balance = known.customer.balance;
        let books = Who::sources(known).filter(|source| balance.is_some() && source.keeps_books());
        let mut money: Vec<Source> = jobs.iter().copied().chain(books).collect();
        if money.is_empty() {
            money.push(Source::Hub);
        }
        Self {
            customer: Some(known.customer.id),
            told_at: Some(now),
            time_zone: Some(zone.clone()),
            who: section(who, Who::sources(known), known, now),
            memberships: section(
                Memberships::of(known, today),
                known.memberships.iter().map(|row| row.source),
                known,
                now,
            ),
            properties: section(Properties::of(known, &groups, today, &zone), properties, known, now),
            jobs: section(Jobs::of(known, &groups, now, &zone), jobs, known, now),
            money: section(Sums::of(&totals, balance), money, known, now),
            insights: section(Insights::of(&known.insights), [Source::Hub], known, now),
            conversations: section(Conversations::of(known), Conversations::sources(known), known, now),
            consent: section(Consent::of(known), Consent::sources(known), known, now),
            ..empty
        }
    }

    /// The same, told at `now` instead of `then`: for whoever has seen that it is ([`Known::is_steady`]).
    #[must_use]
    pub fn told_again(&self, then: Timestamp, now: Timestamp) -> Self {
        let mut again = self.clone();
        let Self { told_at, who, memberships, properties, jobs, money, insights, conversations, consent, .. } =
            &mut again;
        let sections = [
            who.as_mut().map(|it| &mut it.as_of),
            memberships.as_mut().map(|it| &mut it.as_of),
            properties.as_mut().map(|it| &mut it.as_of),
            jobs.as_mut().map(|it| &mut it.as_of),
            money.as_mut().map(|it| &mut it.as_of),
            insights.as_mut().map(|it| &mut it.as_of),
            conversations.as_mut().map(|it| &mut it.as_of),
            consent.as_mut().map(|it| &mut it.as_of),
        ];
        for instant in sections.into_iter().flatten().chain([told_at]).filter(|instant| **instant == Some(then)) {
            *instant = Some(now);
        }
        again
    }

    /// What `level` may see of this context. It never becomes more: a higher level than the context was made for gives
    /// the context as it is.
    #[must_use]
    pub fn at(self, level: Assurance) -> Self {
        let level = level.min(self.assurance);
        let sight = Sight::of(level);
        let Self { customer, told_at, time_zone, who, memberships, properties, .. } = self;
        let Self { jobs, money, insights, conversations, consent, locale, .. } = self;
        Self {
            assurance: level,
            request: match level {
                Assurance::None => Some(Request::Greet),
                Assurance::Claimed => Some(Request::Verify),
                Assurance::Verified | Assurance::Staff => None,
            },
            customer: sight.option(Field::Customer, customer),
            told_at: sight.option(Field::ToldAt, told_at),
            time_zone: sight.option(Field::TimeZone, time_zone),
            who: seen(who, sight, Who::seen),
            memberships: seen(memberships, sight, Memberships::seen),
            properties: seen(properties, sight, Properties::seen),
            jobs: seen(jobs, sight, Jobs::seen),
            money: seen(money, sight, Sums::seen),
            insights: seen(insights, sight, Insights::seen),
            conversations: seen(conversations, sight, Conversations::seen),
            consent: seen(consent, sight, Consent::seen),
            locale,
        }
    }
}

/// A section, where there is something to say.
fn section<T: Default + PartialEq>(
    content: T,
    sources: impl IntoIterator<Item = Source>,
    known: &Known,
    now: Timestamp,
) -> Option<Section<T>> {
    (content != T::default()).then(|| Section::new(content, sources, known, now))
}

/// What may be seen of a section; `None` where that is nothing, so that nobody learns that there is one.
fn seen<T: Default + PartialEq>(
    section: Option<Section<T>>,
    sight: Sight,
    see: impl Fn(T, Sight) -> T,
) -> Option<Section<T>> {
    let Section { sources, as_of, confidence, content } = section?;
    let content = see(content, sight);
    (content != T::default()).then(|| Section {
        sources: sight.list(Field::Sources, sources),
        as_of: sight.option(Field::AsOf, as_of),
        confidence: sight.option(Field::Confidence, confidence),
        content,
    })
}
