//! `/customers/{id}/explain`: why two customers are one or two, side by side, with what speaks for and against; or what
//! holds one together.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use doorstep_core::id::{CustomerId, ReviewId};
use doorstep_core::identity::explain::{how_much, how_sure, other_words, percent};
use doorstep_core::identity::side_by_side::{Agreed, Compared, Said, SideField};
use doorstep_core::linkage::{Explanation, Piece};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_engine::explain::{Behind, Brief, Explained, NOT_COMPARED, Reason, Side, Standing, Tied, Told};
use doorstep_store::decision::Stored;
use serde::Deserialize;

use super::words::{self, Colleagues, Words, several};
use super::{Frame, Moment, Section, customer_id, framed, show};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::live::Topic;
use crate::problem::Result;

/// Bits at which a bar is as long as it gets.
const LONGEST_BAR_BITS: f32 = 12.0;
/// Half a bar, in units of its drawing: what speaks for one goes right from the middle, what speaks for two left.
const HALF_BAR: f32 = 50.0;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}/explain", get(page))
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    with: String,
}

/// A customer of the two.
struct Who {
    href: String,
    name: String,
    records: String,
}

/// A decision in words.
struct Decided {
    who: String,
    at: Moment,
    reason: String,
}

/// One line of the table.
struct Row {
    label: &'static str,
    /// What it comes to, with a sign: it must not hang on a colour.
    agreed: &'static str,
    class: &'static str,
    a: Vec<Value>,
    b: Vec<Value>,
}

struct Value {
    text: String,
    sources: String,
}

/// A number or address that both have.
struct Common {
    value: String,
    says: String,
    people: Vec<(String, String)>,
}

/// Two records with what speaks for and against.
struct Evidence {
    a: Record,
    b: Record,
    /// Why they are one without any evidence; empty where there is.
    instead: &'static str,
    decided: Option<Decided>,
    sure: &'static str,
    share: String,
    bits: String,
    pieces: Vec<Weighed>,
    on_path: bool,
}

struct Record {
    name: String,
    whence: String,
}

/// A piece of evidence with its bar.
struct Weighed {
    field: String,
    says: String,
    how: &'static str,
    bits: String,
    class: &'static str,
    from: f32,
    wide: f32,
}

#[derive(Template)]
#[template(path = "explain.html")]
struct Page {
    frame: Frame,
    topics: String,
    own: String,
    a: Who,
    b: Option<Who>,
    badge: (&'static str, &'static str),
    in_words: &'static str,
    decided: Option<Decided>,
    rows: Vec<Row>,
    common: Vec<Common>,
    evidence: Vec<Evidence>,
    /// What is said before evidence that decides nothing; empty where it does.
    not_compared: &'static str,
    would_change: Vec<String>,
    left_out: String,
    is_cut: bool,
    is_outdated: bool,
    /// The review that asks about the two, for who may decide.
    review: Option<ReviewId>,
}

async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let a = customer_id(&id)?;
    let with = Some(asked.with.trim()).filter(|with| !with.is_empty()).map(customer_id).transpose()?;
    let told = app.engine.explain(&principal.scope, a, with).await?;
    let decisions = told.decision.iter().chain(told.links.iter().filter_map(|link| link.decision.as_ref()));
    let actors: Vec<&Actor> = decisions.map(|decision| &decision.actor).collect();
    let around = app.engine.around(&principal.scope, &actors).await?;
    let words = Words::in_which(&around);
    let topics: Vec<Topic> =
        [Some(&told.a), told.b.as_ref()].into_iter().flatten().map(|side| Topic::Customer(side.customer)).collect();
    let frame = framed(&around, &principal, &headers, "Why one or two", Section::Customers).watching(&topics);
    let may_decide = principal.require(Permission::DecideIdentity).is_ok();
    let shown = Shown { words: &words, colleagues: &around.colleagues };
    show(&Page {
        frame,
        topics: topics.iter().map(|topic| format!("{topic} from:body throttle:300ms")).collect::<Vec<_>>().join(", "),
        own: link(a, with),
        a: shown.who(&told.a),
        b: told.b.as_ref().map(|side| shown.who(side)),
        badge: match told.standing {
            Standing::One => ("One customer", "ok"),
            Standing::Review => ("Two, and in review", "warn"),
            Standing::Apart => ("Two customers", "info"),
        },
        in_words: told.in_words,
        decided: told.decision.as_ref().map(|decision| shown.decided(decision)),
        rows: told.fields.iter().map(|row| shown.row(row)).collect(),
        common: told.shared.iter().map(|shared| shown.common(shared)).collect(),
        evidence: shown.evidence(&told),
        not_compared: if told.is_compared { "" } else { NOT_COMPARED },
        would_change: told.would_change.clone(),
        left_out: left_out(&told),
        is_cut: told.looked_at.is_cut,
        is_outdated: told.is_outdated,
        review: told.review.filter(|_| may_decide),
    })
}

/// The address of the page about two customers.
pub(super) fn link(a: CustomerId, with: Option<CustomerId>) -> String {
    match with {
        Some(with) => format!("/customers/{a}/explain?with={with}"),
        None => format!("/customers/{a}/explain"),
    }
}

fn left_out(told: &Explained) -> String {
    let at = told.looked_at;
    match told.standing {
        _ if at.compared >= at.of => String::new(),
        Standing::One => format!("The first {} of {} are shown.", at.compared, several(at.of as u64, "link")),
        Standing::Review | Standing::Apart => {
            format!(
                "{} of {} of records were compared.",
                words::count(at.compared as u64),
                several(at.of as u64, "pair")
            )
        }
    }
}

/// What people here call things.
struct Shown<'a> {
    words: &'a Words,
    colleagues: &'a Colleagues,
}

impl Shown<'_> {
    fn who(&self, side: &Side) -> Who {
        Who {
            href: format!("/customers/{}", side.customer),
            name: self.words.address(&side.display_name),
            records: several(side.records as u64, "record"),
        }
    }

    fn decided(&self, decision: &Stored) -> Decided {
        Decided {
            who: self.colleagues.name(&decision.actor),
            at: self.words.moment(decision.decided_at),
            reason: decision.reason.clone().unwrap_or_default(),
        }
    }

    fn row(&self, row: &Compared) -> Row {
        let (agreed, class) = match row.agreement {
            Agreed::Same => ("= the same", "same"),
            Agreed::Fits => ("≈ may be one", ""),
            Agreed::Differs => ("≠ different", "differs"),
            Agreed::OneSided => ("", ""),
        };
        let values = |all: &[Said]| all.iter().map(|said| self.value(row.field, said)).collect();
        Row { label: label(row.field), agreed, class, a: values(&row.a), b: values(&row.b) }
    }

    fn value(&self, field: SideField, said: &Said) -> Value {
        let text = if field == SideField::Phone { self.words.address(&said.value) } else { said.value.clone() };
        let sources: Vec<&str> = said.sources.iter().map(|source| words::source(*source)).collect();
        Value { text, sources: sources.join(", ") }
    }

    fn common(&self, shared: &Behind) -> Common {
        let says = match (shared.counts.words(), shared.people) {
            (Some(why), _) => format!("Both have it, but {why}."),
            (None, Some(people)) if people > 1 => {
                format!("The records behind it name {people} people, so it says less about each of them.")
            }
            (None, _) => "Nobody else has it.".to_owned(),
        };
        let named = |one: &doorstep_store::decision::Named| {
            (format!("/customers/{}", one.id), self.words.address(&one.display_name))
        };
        let people = shared.customers.iter().map(named).collect();
        Common { value: self.words.address(&shared.identifier.value), says, people }
    }

    fn evidence(&self, told: &Explained) -> Vec<Evidence> {
        let pairs = told.pairs.iter().map(|pair| self.pair(pair));
        pairs.chain(told.links.iter().map(|link| self.tied(link))).collect()
    }

    fn pair(&self, pair: &Told) -> Evidence {
        self.weighed(&pair.a, &pair.b, Some(&pair.explanation))
    }

    fn tied(&self, link: &Tied) -> Evidence {
        let instead = match link.by {
            Reason::Decision if link.a.is_edit || link.b.is_edit => "A person added it to the card.",
            Reason::Decision => "Somebody made one of them.",
            Reason::Object => "They are versions of one entry of one source.",
            _ => "",
        };
        Evidence {
            instead,
            decided: link.decision.as_ref().map(|decision| self.decided(decision)),
            on_path: link.on_path,
            ..self.weighed(&link.a, &link.b, link.explanation.as_ref())
        }
    }

    fn weighed(&self, a: &Brief, b: &Brief, explanation: Option<&Explanation>) -> Evidence {
        let probability = explanation.map(|explanation| explanation.probability).unwrap_or_default();
        Evidence {
            a: self.record(a),
            b: self.record(b),
            instead: "",
            decided: None,
            sure: how_sure(probability),
            share: percent(probability),
            bits: explanation.map(|explanation| bits(explanation.bits)).unwrap_or_default(),
            pieces: explanation.map(pieces).unwrap_or_default(),
            on_path: false,
        }
    }

    fn record(&self, brief: &Brief) -> Record {
        let name = self.words.address(&brief.name);
        let name = if name.is_empty() { "no name".to_owned() } else { name };
        Record { name, whence: format!("{}, {}", words::source(brief.source), self.words.day(brief.stored_at)) }
    }
}

fn bits(bits: f32) -> String {
    format!("{bits:+.1}").replace('-', "−")
}

fn pieces(explanation: &Explanation) -> Vec<Weighed> {
    let before = format!("against {}", other_words(explanation.other));
    let piece = |piece: &Piece| weighed(capital(piece.field), piece.says.to_owned(), piece.bits);
    let before = weighed("Beforehand".to_owned(), before, explanation.before);
    explanation.pieces.iter().map(piece).chain([before]).collect()
}

fn weighed(field: String, says: String, weight: f32) -> Weighed {
    let wide = (weight.abs().min(LONGEST_BAR_BITS) / LONGEST_BAR_BITS * HALF_BAR).round();
    let (class, from) = if weight >= 0.0 { ("for", HALF_BAR) } else { ("against", HALF_BAR - wide) };
    Weighed { field, says, how: how_much(weight), bits: bits(weight), class, from, wide }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn label(field: SideField) -> &'static str {
    match field {
        SideField::Name => "Name",
        SideField::Company => "Company",
        SideField::Phone => "Phone",
        SideField::Email => "E-mail",
        SideField::Address => "Address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_goes_right_for_one_and_left_for_two() {
        let of = |weight: f32| {
            let one = weighed(String::new(), String::new(), weight);
            (one.class, one.from, one.wide)
        };
        assert_eq!(
            [of(6.0), of(-6.0), of(-99.0), of(0.0)],
            [("for", 50.0, 25.0), ("against", 25.0, 25.0), ("against", 0.0, 50.0), ("for", 50.0, 0.0)]
        );
    }
}
