//! The lines about properties and the work at them.

use crate::context::job::{Visit, Work};
use crate::context::property::{Piece, Place};
use crate::context::quote::{quoted, shown, shown_address};
use crate::context::{CustomerContext, words};

use super::fit::{Line, Part, Rank};
use super::tokens::cut;
use super::{always, belonging, last_first, line, whence};

/// Appointments that never go; who has more open ones is told of the next.
const NEXT_VISITS: usize = 3;
/// Jobs that go late.
const NEWEST_JOBS: usize = 3;
/// Properties that go late.
const NEAR_PROPERTIES: usize = 5;
/// Pieces of equipment of the first property that go late.
const FIRST_EQUIPMENT: usize = 4;
/// Tokens of what a visit that never goes is for.
const VISIT_TOKENS: usize = 14;
/// Tokens of where it is, and of who comes.
const PLACE_TOKENS: usize = 12;

impl CustomerContext {
    pub(super) fn places(&self) -> Part {
        let places = self.properties.as_ref().map_or(&[][..], |section| &section.content.items);
        let name = self.who.as_ref().and_then(|section| section.content.name.as_deref());
        let mut lines = Vec::new();
        for (place, property) in places.iter().enumerate() {
            let is_first = place == 0;
            let order = last_first(place, places.len());
            let own = match place {
                0 => (Rank::Property, 0),
                1..NEAR_PROPERTIES => (Rank::FarProperty, order),
                _ => (Rank::DistantProperty, order),
            };
            lines.push(line(format!("{}. {}", place + 1, address_words(property, name)), own.0, own.1));
            push_equipment(&mut lines, property, own, order * MAX_LINES);
            let (rank, order) = if is_first { (Rank::PropertyFact, 0) } else { own };
            let mut facts = Vec::new();
            if !property.issues.is_empty() {
                let issues: Vec<String> = property.issues.iter().map(|issue| shown(issue)).collect();
                facts.push(format!("   - Known issues: {}", issues.join("; ")));
            }
            let last = property.last_service_on.map(words::short_month);
            facts.extend(match (property.last_service.as_deref().map(shown), last) {
                (Some(what), Some(month)) => Some(format!("   - Last service: {what}, {month}")),
                (Some(what), None) => Some(format!("   - Last service: {what}")),
                (None, Some(month)) => Some(format!("   - Last service: {month}")),
                (None, None) => None,
            });
            lines.extend(facts.into_iter().map(|text| Line { counts: is_first.into(), ..line(text, rank, order) }));
        }
        Part { heading: "## Properties", lines }
    }

    /// Where the work is, as far as it must be said: not at all with one property.
    fn at_place(&self, work: &Work) -> Option<String> {
        let places = self.properties.as_ref().map_or(0, |section| section.content.items.len());
        let street = work.property.as_deref()?.split(',').next()?;
        (places > 1).then(|| format!(" at {}", shown_address(&cut(street, PLACE_TOKENS))))
    }

    pub(super) fn visits(&self) -> Part {
        let visits = self.jobs.as_ref().map_or(&[][..], |section| &section.content.upcoming);
        let mut lines = Vec::new();
        for (place, visit) in visits.iter().enumerate() {
            let order = last_first(place, visits.len());
            let Some(text) = self.visit(visit) else { continue };
            lines.push(if place < NEXT_VISITS { always(text) } else { line(text, Rank::LaterVisit, order) });
            push_note(&mut lines, &visit.work, Rank::OpenNote, order);
        }
        Part { heading: "## Upcoming Appointments", lines }
    }

    fn visit(&self, visit: &Visit) -> Option<String> {
        let day = words::short_day(visit.day?);
        let window = visit.window.as_ref().map_or_else(String::new, |window| format!(", {}", window.shown));
        let work = &visit.work;
        let what = work.what.as_deref().map(|what| format!(": {}", shown(&cut(what, VISIT_TOKENS))));
        let at = self.at_place(work);
        let with = work.technicians.first().map(|name| format!(" with {}", shown(&cut(name, PLACE_TOKENS))));
        let parts = [what, at, with];
        Some(format!("- {day}{window}{}", parts.into_iter().flatten().collect::<String>()))
    }

    pub(super) fn open_jobs(&self) -> Part {
        let open = self.jobs.as_ref().map_or(&[][..], |section| &section.content.open);
        let mut lines = Vec::new();
        for (place, work) in open.iter().enumerate() {
            let order = last_first(place, open.len());
            let status = work.job_status.as_deref().map(|status| format!(" ({})", shown(&status.replace('_', " "))));
            let booked = work.booked_on.map(|day| format!(", booked {}", words::short_month(day)));
            let parts = [Some(what(work)), self.at_place(work), status, booked, price(work)];
            let text = format!("- {}", parts.into_iter().flatten().collect::<String>());
            lines.push(line(text, Rank::OpenJob, order));
            push_note(&mut lines, work, Rank::OpenNote, order);
        }
        Part { heading: "## Open Jobs", lines }
    }

    pub(super) fn history(&self) -> Part {
        let recent = self.jobs.as_ref().map_or(&[][..], |section| &section.content.recent);
        let mut lines = Vec::new();
        for (place, work) in recent.iter().enumerate() {
            let order = last_first(place, recent.len());
            let rank = if place < NEWEST_JOBS { Rank::Job } else { Rank::OldJob };
            let month = work.completed_on.map(|day| format!("{}: ", words::short_month(day)));
            let parts = [month, Some(what(work)), self.at_place(work), price(work)];
            lines.push(line(format!("- {}", parts.into_iter().flatten().collect::<String>()), rank, order));
            push_note(&mut lines, work, Rank::JobNote, order);
        }
        Part { heading: "## Recent Service History", lines }
    }
}

/// More lines than one property has, so that details of all of them have one order.
const MAX_LINES: usize = 100;

fn what(work: &Work) -> String {
    let number = || work.number.as_deref().map(|number| format!("Job {}", shown(number)));
    work.what.as_deref().map(shown).or_else(number).unwrap_or_else(|| "Job".to_owned())
}

fn price(work: &Work) -> Option<String> {
    work.total.map(|total| format!(" - {}", words::amount(total)))
}

/// What is written about some work. It goes before the work's own line does.
fn push_note(lines: &mut Vec<Line>, work: &Work, rank: Rank, order: usize) {
    lines.extend(
        work.note
            .as_ref()
            .map(|note| line(format!("  - Note {}: {}", whence(note.source), quoted(&note.text)), rank, order)),
    );
}

fn address_words(property: &Place, customer: Option<&str>) -> String {
    let name =
        property.name.as_deref().filter(|name| Some(*name) != customer && Some(*name) != property.address.as_deref());
    let served = if property.is_served == Some(false) { " (no longer served)" } else { "" };
    let place = match (property.address.as_deref().map(shown_address), name.map(shown)) {
        (Some(address), Some(name)) => format!("{address} ({name})"),
        (Some(address), None) => address,
        (None, Some(name)) => name,
        (None, None) => "Address not known".to_owned(),
    };
    format!("{place}{served}")
}

/// The equipment of a property that goes at `own`. That of the first goes piece by piece, that of others with their
/// property; details go before what they are of. `details` is where the order of this property's details begins.
fn push_equipment(lines: &mut Vec<Line>, property: &Place, own: (Rank, usize), details: usize) {
    let many = property.equipment.len();
    for (place, piece) in property.equipment.iter().enumerate() {
        let order = last_first(place, many);
        let text = format!("   - {}", piece_words(piece));
        let (rank, of_piece) = match own.0 {
            Rank::Property if place < FIRST_EQUIPMENT => (Rank::Equipment, order),
            Rank::Property => (Rank::FurtherEquipment, order),
            _ => own,
        };
        let is_counted = own.0 == Rank::Property;
        lines.push(if is_counted { line(text, rank, of_piece) } else { belonging(text, rank, of_piece) });
        let mut detail = |text: String| {
            let goes_late = rank > Rank::EquipmentDetail;
            let text = format!("     - {text}");
            lines.push(if goes_late {
                line(text, Rank::EquipmentDetail, details + order)
            } else {
                belonging(text, rank, of_piece)
            });
        };
        if let Some(text) = detail_words(piece) {
            detail(text);
        }
        if let Some(memo) = &piece.memo {
            detail(format!("Memo {}: {}", whence(memo.source), quoted(&memo.text)));
        }
    }
}

/// `Water heater: Tank, 12 years old (Rheem) - RECOMMEND REPLACEMENT`.
fn piece_words(piece: &Piece) -> String {
    let (kind, name) = match (&piece.kind, &piece.name) {
        (Some(kind), name) => (shown(kind), name.as_deref().map(shown)),
        (None, Some(name)) => (shown(name), None),
        (None, None) => ("Equipment".to_owned(), None),
    };
    let age = piece.age_years.map(|years| match years {
        0 => "less than a year old".to_owned(),
        1 => "1 year old".to_owned(),
        years => format!("{years} years old"),
    });
    let told: Vec<String> = [name, age].into_iter().flatten().collect();
    let told = if told.is_empty() { kind } else { format!("{kind}: {}", told.join(", ")) };
    let made_by = piece.manufacturer.as_deref().map_or_else(String::new, |name| format!(" ({})", shown(name)));
    let advice = if piece.should_be_replaced == Some(true) { " - RECOMMEND REPLACEMENT" } else { "" };
    format!("{told}{made_by}{advice}")
}

fn detail_words(piece: &Piece) -> Option<String> {
    let model = piece.model.as_deref().map(|model| format!("Model {}", shown(model)));
    let warranty = piece.warranty_ends_on.map(|day| format!("warranty until {}", words::short_month(day)));
    let told: Vec<String> = [model, warranty].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}
