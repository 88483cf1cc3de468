//! `/customers/{id}`: who it is, where each value comes from, what was said, what needs somebody.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use doorstep_core::Scope;
use doorstep_core::customer::{Customer, Field, Provenance};
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::money::Money;
use doorstep_core::position::Position;
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_engine::card::Background;
use doorstep_engine::customer::Lookup;
use doorstep_engine::review::beginning_with;
use doorstep_store::review::Review;
use serde::Deserialize;

use super::activity;
use super::among::Among;
use super::marks;
use super::remarks;
use super::timeline::{Day, days};
use super::words::{self, Words, several};
use super::work;
use super::{Frame, Moment, Section, customer_id, frame::initials, framed, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::live::Topic;
use crate::problem::{Problem, Result};

/// Messages and calls of a page.
const PAGE: i64 = 40;
/// How an address asks for what was done instead of what was said.
const ACTIVITY: &str = "activity";
/// How an address asks for what hangs on the customer.
const WORK: &str = "work";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}", get(card))
}

/// What the address says about the card.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    at: String,
    /// What the middle shows: `activity`, `work`, or what was said.
    #[serde(default)]
    tab: String,
    #[serde(default)]
    was: String,
    #[serde(default)]
    done: String,
}

impl Asked {
    /// The list that the card was opened from.
    pub(super) fn among(&self) -> Among {
        Among::read(&self.q, &self.order)
    }

    /// What the middle shows, as an address says it.
    pub(super) fn tab(&self) -> &str {
        &self.tab
    }
}

/// A way to reach the customer.
struct Reach {
    id: String,
    icon: &'static str,
    href: String,
    text: String,
    source: &'static str,
    seen: String,
    first: Moment,
    is_first: bool,
    /// The normal form.
    value: String,
    /// What a person said that it is.
    mark: Option<marks::Shown>,
    /// What whoever looks may say of it.
    choices: Vec<marks::Choice>,
}

/// A field of the golden record.
struct Fact {
    key: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
    /// What a person would type to say the same.
    typed: String,
    origin: Option<Origin>,
    wrong: String,
}

/// Where a value comes from.
struct Origin {
    id: String,
    source: String,
    rule: String,
    at: Moment,
    is_pinned: bool,
}

/// A customer that may be the same.
struct Twin {
    name: String,
    evidence: String,
    href: String,
    why: String,
}

/// Where the forms of a card are sent.
struct Forms {
    edit: String,
    unpin: String,
    marks: String,
    /// Reads the customer again from the sources.
    sync: String,
}

impl Forms {
    fn of(among: &Among, path: &str, tab: &str) -> Self {
        let to = |word: &str, said: &[(&str, &str)]| among.address(&format!("{path}/{word}"), said);
        let sync = to("sync", &[("tab", tab)]);
        Self { edit: to("edit", &[]), unpin: to("unpin", &[]), marks: to("marks", &[]), sync }
    }
}

#[derive(Template)]
#[template(path = "card.html")]
struct Card {
    frame: Frame,
    id: CustomerId,
    topic: String,
    own: String,
    /// The list that it was opened from.
    list: String,
    /// The customers beside it in that list; empty where it was opened from none.
    previous: String,
    next: String,
    forms: Forms,
    name: String,
    initials: String,
    since: String,
    /// What they owe or have in credit, with its kind of badge; none where that is nothing.
    owed: Option<(String, &'static str)>,
    version: i64,
    reaches: Vec<Reach>,
    facts: Vec<Fact>,
    remarks: remarks::Shown,
    records: Vec<(&'static str, String)>,
    /// Up to when each connected source is known, by its name; `None` where it was never read to its end.
    ages: Vec<(String, Option<Moment>)>,
    /// Where it is told what holds its records together.
    why: String,
    twins: Vec<Twin>,
    days: Vec<Day>,
    /// What was done, where the middle shows that.
    activity: Option<Vec<activity::Day>>,
    /// What hangs on the customer, where the middle shows that.
    work: Option<work::Shown>,
    /// What the middle can show, and whether it does.
    tabs: [(String, &'static str, bool); 3],
    older: String,
    newest: String,
    was: bool,
    done: &'static str,
    /// Whether what was done went well.
    is_well: bool,
    failed: String,
    may_edit: bool,
    may_decide: bool,
}

/// What an edit that did not go through says, and what was typed.
#[derive(Debug, Default)]
pub(super) struct Failed {
    pub words: String,
    pub typed: Option<(Field, String)>,
    /// Where it was no edit but a remark.
    pub remark: Option<remarks::Typed>,
}

async fn card(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let id = customer_id(&id)?;
    match app.engine.look_up(&principal.scope, id).await? {
        Lookup::Customer { customer, was: Some(was) } => {
            let said = [("tab", asked.tab.as_str()), ("was", &was.to_string())];
            Ok(Redirect::to(&asked.among().address(&format!("/customers/{}", customer.id), &said)).into_response())
        }
        Lookup::Customer { customer, was: None } => {
            page(&app, &principal, &headers, *customer, &asked, Failed::default()).await
        }
        Lookup::TakenOut(_) => Err(Problem::not_found(
            "This customer was taken out again together with the import that had brought it. Nothing else was lost; \
             the list shows who is here.",
        )),
        Lookup::Unknown => Err(Problem::not_found("There is no such customer. Search for the name or the number.")),
    }
}

/// The card of a customer.
pub(super) async fn page(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    customer: Customer,
    asked: &Asked,
    failed: Failed,
) -> Result<Response> {
    let (scope, id) = (&principal.scope, customer.id);
    let behind = app.engine.background(scope, &customer).await?;
    let ages = app.engine.ages(scope, id).await?;
    let words = Words::in_which(&behind.around);
    let name = words.address(&customer.display_name);
    let middle = Middle::read(app, scope, &words, (id, &name), asked).await?;
    let (among, path) = (asked.among(), format!("/customers/{id}"));
    let tab = middle.tab();
    let own = |at: &str| among.address(&path, &[("tab", tab), ("at", at)]);
    let beside = |way: &str| match among.is_some() {
        true => among.address(&format!("{path}/{way}"), &[]),
        false => String::new(),
    };
    let topic = Topic::Customer(id);
    let frame = framed(&behind.around, principal, headers, name.clone(), Section::Customers).watching(&[topic]);
    let newest = if asked.at.is_empty() { String::new() } else { own("") };
    let page = Card {
        frame,
        topic: topic.to_string(),
        own: own(&asked.at),
        list: among.address("/customers", &[]),
        previous: beside("previous"),
        next: beside("next"),
        forms: Forms::of(&among, &path, tab),
        initials: initials_of(&words, &customer),
        since: words.day(customer.first_seen_at),
        owed: customer.balance.and_then(owed),
        version: behind.version,
        reaches: reaches(principal, &words, &customer, &behind),
        facts: facts(&words, &customer, &behind, &failed),
        remarks: remarks::Shown::of(
            principal,
            &words,
            &behind,
            among.address(&format!("{path}/remarks"), &[]),
            &failed,
        ),
        records: counted(&behind),
        ages: ages.into_iter().map(|it| (it.name, it.known_at.map(|at| words.moment(at)))).collect(),
        why: if behind.by_source.values().sum::<u64>() > 1 { super::explain::link(id, None) } else { String::new() },
        twins: twins(&words, &behind),
        days: middle.days,
        activity: middle.activity,
        work: middle.work,
        tabs: [("", "Conversation"), (WORK, "Work"), (ACTIVITY, "Activity")]
            .map(|(name, label)| (among.address(&path, &[("tab", name)]), label, name == tab)),
        older: middle.older.map(|at| own(&at.to_string())).unwrap_or_default(),
        newest,
        was: !asked.was.is_empty(),
        done: done(&asked.done),
        is_well: !matches!(asked.done.as_str(), "waits" | "unread"),
        failed: failed.words,
        may_edit: principal.require(Permission::EditCustomer).is_ok(),
        may_decide: principal.require(Permission::DecideIdentity).is_ok(),
        id,
        name,
    };
    show(&page)
}

/// What the middle of a card shows: what was said, or what was done.
struct Middle {
    days: Vec<Day>,
    activity: Option<Vec<activity::Day>>,
    work: Option<work::Shown>,
    older: Option<Position>,
}

impl Middle {
    /// How an address asks for it.
    fn tab(&self) -> &'static str {
        match (&self.activity, &self.work) {
            (Some(_), _) => ACTIVITY,
            (None, Some(_)) => WORK,
            (None, None) => "",
        }
    }

    async fn read(
        app: &App,
        scope: &Scope,
        words: &Words,
        (id, name): (CustomerId, &str),
        asked: &Asked,
    ) -> Result<Self> {
        if asked.tab == WORK {
            let work = work::Shown::of(words, &app.engine.work(scope, id).await?);
            return Ok(Self { days: Vec::new(), activity: None, work: Some(work), older: None });
        }
        let position = Some(&asked.at).filter(|at| !at.is_empty()).map(|at| Position::from_text(at));
        if asked.tab != ACTIVITY {
            let said = app.engine.timeline(scope, id, position.as_ref(), PAGE).await?;
            return Ok(Self { days: days(words, name, said.rows), activity: None, work: None, older: said.next });
        }
        let acted = app.engine.acted(scope, id, position.as_ref(), PAGE).await?;
        let shown = activity::days(words, &acted);
        Ok(Self { days: Vec::new(), activity: Some(shown), work: None, older: acted.page.next })
    }
}

/// What was done, in words; an address that somebody made up says nothing.
fn done(word: &str) -> &'static str {
    match word {
        "pinned" => "Saved and pinned. It stays, whatever imports say.",
        "unpinned" => "The pin is gone; the field says what the records say.",
        "merged" => "The two are one customer now.",
        "apart" => "The two stay apart for good.",
        "said" => "Saved. Colleagues and agents see it from now on.",
        "said_before" => "That stands there already, in the same words.",
        "unsaid" => "Taken back. It stays readable as what was said.",
        "marked" => "Marked. Whoever has it was looked at again.",
        "unmarked" => "The mark is taken back. Whoever has it was looked at again.",
        "read" => "Read again: this is what the sources say now.",
        "waits" => {
            "Asked for, and not here yet. The card changes by itself when it comes; until then it shows what was known before."
        }
        "unread" => {
            "The source could not be asked just now: this is what was known before. Sources says what is wrong; try again in a few minutes."
        }
        "later" => "Done. Many customers have it, so all are looked at again in the background, which takes a while.",
        _ => "",
    }
}

fn reaches(principal: &Principal, words: &Words, customer: &Customer, behind: &Background) -> Vec<Reach> {
    let colleagues = &behind.around.colleagues;
    let of = |identifier: &Identifier| behind.marks.iter().find(|mark| mark.identifier == identifier.compared());
    let is_first = |value: &str| customer.phone.as_deref() == Some(value) || customer.email.as_deref() == Some(value);
    let mut reaches: Vec<Reach> = Vec::new();
    for (place, identity) in customer.identities.iter().enumerate() {
        let value = &identity.identifier.value;
        let (icon, scheme) = match identity.identifier.kind {
            IdentifierKind::Phone => ("phone", "tel:"),
            IdentifierKind::Email => ("mail", "mailto:"),
            IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace => continue,
        };
        reaches.push(Reach {
            id: format!("reach-{place}"),
            icon,
            href: format!("{scheme}{value}"),
            text: words.address(value),
            source: words::source(identity.source),
            seen: format!(
                "Seen from {} to {}{}",
                words.day(identity.first_seen_at),
                words.day(identity.last_seen_at),
                if identity.verified { "; verified by a code" } else { "" }
            ),
            first: words.moment(identity.first_seen_at),
            is_first: is_first(value),
            value: value.clone(),
            mark: of(&identity.identifier).map(|mark| marks::shown(principal, words, colleagues, mark)),
            choices: marks::choices(principal, identity.identifier.kind),
        });
    }
    reaches.sort_by_key(|reach| (reach.icon != "phone", !reach.is_first));
    reaches
}

fn facts(words: &Words, customer: &Customer, behind: &Background, failed: &Failed) -> Vec<Fact> {
    let fact = |field: Field| {
        let value = match field {
            Field::Name => Some(words.address(&customer.display_name)),
            Field::Company => customer.company.clone(),
            Field::Phone => customer.phone.as_deref().map(|phone| words.address(phone)),
            Field::Email => customer.email.clone(),
            Field::Address => customer.address.clone(),
            Field::Notes => customer.notes.clone(),
        };
        let kind = match field {
            Field::Phone => "tel",
            Field::Email => "email",
            Field::Address | Field::Notes => "area",
            Field::Name | Field::Company => "text",
        };
        let retried = failed.typed.as_ref().filter(|(typed, _)| *typed == field);
        let value = value.unwrap_or_default();
        Fact {
            key: field.as_str(),
            label: words::field(field),
            kind,
            typed: retried.map_or_else(|| value.clone(), |(_, typed)| typed.clone()),
            value,
            origin: customer.provenance.get(&field).map(|from| origin(words, behind, field, from)),
            wrong: retried.map(|_| failed.words.clone()).unwrap_or_default(),
        }
    };
    Field::ALL.into_iter().map(fact).collect()
}

fn origin(words: &Words, behind: &Background, field: Field, from: &Provenance) -> Origin {
    let (id, at) = (format!("from-{}", field.as_str()), words.moment(from.said_at));
    let rule = words::rule(from.rule).to_owned();
    if from.pin.is_some() {
        let colleagues = &behind.around.colleagues;
        let by = from.pinned_by.as_ref().map_or_else(|| "a colleague".to_owned(), |who| colleagues.name(who));
        return Origin { id, source: format!("Pinned by {by}"), rule, at, is_pinned: true };
    }
    let source = match (from.source, behind.imported_at.get(&from.record)) {
        (Source::PhoneHistory, Some(at)) => format!("Phone history, import of {}", words.day(*at)),
        (source, _) => words::source(source).to_owned(),
    };
    Origin { id, source, rule, at, is_pinned: false }
}

/// Two letters; none for somebody who is known by number alone.
fn initials_of(words: &Words, customer: &Customer) -> String {
    match words.is_number(&customer.display_name, customer.phone.as_deref()) {
        true => String::new(),
        false => initials(&customer.display_name),
    }
}

/// What somebody owes, as the office says it.
fn owed(balance: Money) -> Option<(String, &'static str)> {
    match balance.cents() {
        0 => None,
        cents if cents > 0 => Some((format!("Owes {balance}"), "warn")),
        cents => Some((format!("{} in credit", Money::from_cents(cents.saturating_neg())), "info")),
    }
}

/// How many records there are of each source.
fn counted(behind: &Background) -> Vec<(&'static str, String)> {
    behind.by_source.iter().map(|(source, count)| (words::source(*source), several(*count, "record"))).collect()
}

fn twins(words: &Words, behind: &Background) -> Vec<Twin> {
    let twin = |(review, other): &(Review, Option<Customer>)| {
        let other = other.as_ref()?;
        let this = if review.a == other.id { review.b } else { review.a };
        Some(Twin {
            name: words.address(&other.display_name),
            evidence: super::reviews::evidence(words, &review.evidence),
            href: format!("/reviews?at={}#{}", beginning_with(review), review.id),
            why: super::explain::link(this, Some(other.id)),
        })
    };
    behind.twins.iter().filter_map(twin).collect()
}
