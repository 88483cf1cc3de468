//! A customer as a person looks it up: who it is, how to reach them, what was said last.

use doorstep_core::conversation::{Call, Channel, Direction, Message};
use doorstep_core::customer::{Customer, Identity};
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::IdentifierKind;
use doorstep_engine::customer::{Card, ConversationCard};

use super::words;
use crate::hub::Hub;
use crate::output::{Column, Grid, clean_lines, elapsed, one_line, several};

/// Lines of notes that a card shows.
const NOTE_LINES: usize = 12;

/// The card as text.
pub fn render(hub: &Hub, card: &Card, was: Option<CustomerId>, sources: bool) -> String {
    let customer = &card.customer;
    let out = &hub.out;
    let mut text = format!("{}\n", out.bold(&one_line(&customer.display_name)));
    if let Some(was) = was {
        text.push_str(&format!("{was} was joined to this customer\n"));
    }
    text.push_str(&facts(hub, customer));
    if !card.in_review_with.is_empty() {
        let ids: Vec<String> = card.in_review_with.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  may be the same as {}: doorstep review list\n", ids.join(", ")));
    }
    if sources {
        text.push_str(&format!("\n{}\n{}", out.bold("Where each value comes from"), provenance(hub, customer)));
    }
    for conversation in &card.conversations {
        text.push_str(&format!("\n{}\n{}", heading(hub, conversation), timeline(hub, conversation)));
    }
    if !card.calls.is_empty() {
        text.push_str(&format!("\n{}\n{}", out.bold("Calls, newest first"), calls(hub, &card.calls)));
    }
    if card.conversations.is_empty() && card.calls.is_empty() {
        text.push_str(&format!("\n{}\n", out.dim("no conversations or calls yet")));
    }
    text
}

fn facts(hub: &Hub, customer: &Customer) -> String {
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Text]).indented(2);
    let home = hub.tenant.country;
    if let Some(company) = customer.company.as_deref().map(one_line).filter(|company| *company != customer.display_name)
    {
        grid.fact("company", [company]);
    }
    for (label, kind) in [("phone", IdentifierKind::Phone), ("e-mail", IdentifierKind::Email)] {
        for (place, value) in words::identifiers(customer, kind, home).into_iter().enumerate() {
            let is_it = |identity: &&Identity| words::address(&identity.identifier.value, home) == value;
            let seen = customer.identities_of(kind).find(is_it).map_or(String::new(), |identity| {
                format!("  {}, last seen {}", identity.source.label(), hub.day(identity.last_seen_at))
            });
            grid.fact(if place == 0 { label } else { "" }, [format!("{value}{seen}")]);
        }
    }
    if let Some(address) = customer.address.as_deref() {
        grid.fact("address", [one_line(address)]);
    }
    if let Some(notes) = customer.notes.as_deref().filter(|notes| !notes.trim().is_empty()) {
        let lines = clean_lines(notes.trim());
        let kept: Vec<&str> = lines.lines().take(NOTE_LINES).collect();
        grid.fact("notes", [kept.join("\n")]);
    }
    grid.fact("since", [hub.day(customer.first_seen_at)]);
    grid.fact("id", [customer.id.to_string()]);
    grid.render()
}

fn provenance(hub: &Hub, customer: &Customer) -> String {
    let columns = [Column::Whole, Column::Whole, Column::Whole, Column::Text];
    let mut grid = Grid::text(&hub.out, &columns).indented(2);
    for (field, from) in &customer.provenance {
        let said = format!("{}, {}: {}", from.source.label(), hub.day(from.said_at), words::rule(from.rule));
        grid.fact(words::field(*field), [from.record.to_string(), said]);
    }
    grid.render()
}

/// "Text messages: 14, newest 2026-06-12 16:22"
fn heading(hub: &Hub, card: &ConversationCard) -> String {
    let conversation = &card.conversation;
    let channel = match conversation.channel {
        Channel::Sms => "Text messages",
        Channel::Voice => "Voice",
        Channel::Email => "E-mail",
        Channel::WebChat => "Web chat",
        Channel::Other => "Conversation",
    };
    let home = hub.tenant.country;
    let with: Vec<String> = conversation.participants.iter().map(|who| words::address(who, home)).collect();
    let number = several(conversation.message_count.unsigned_abs(), "message");
    let shown = match (card.messages.len() as i64, conversation.message_count) {
        (shown, all) if shown < all => format!("the newest {shown} of {number}"),
        _ => number,
    };
    let light = hub.out.dim(&format!("with {}: {shown}", with.join(", ")));
    format!("{} {light}", hub.out.bold(channel))
}

/// The newest messages, the oldest of them on top, as they were read.
fn timeline(hub: &Hub, card: &ConversationCard) -> String {
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Whole, Column::Text]).indented(2);
    let mut day_before = String::new();
    for message in card.messages.iter().rev() {
        let at = hub.local(message.sent_at);
        let (day, time) = at.split_at_checked(10).unwrap_or((&at, ""));
        let shown = if day == day_before { format!("{:10}{time}", "") } else { at.clone() };
        day_before = day.to_owned();
        grid.row([shown, arrow(message.direction).to_owned(), said(hub, message, card)]);
    }
    grid.render()
}

fn said(hub: &Hub, message: &Message, card: &ConversationCard) -> String {
    let mut text = clean_lines(message.body.trim());
    if card.conversation.participants.len() > 1
        && message.direction == Direction::Inbound
        && let Some(from) = &message.from
    {
        text = format!("{}: {text}", words::address(from, hub.tenant.country));
    }
    for attachment in &message.attachments {
        text.push_str(&format!("\n[{}]", one_line(attachment)));
    }
    if let Some(status) = message.status.as_deref().filter(|status| is_trouble(status)) {
        text.push_str(&format!(" ({})", one_line(status)));
    }
    text
}

/// Whether a word for delivery says that it did not arrive.
fn is_trouble(status: &str) -> bool {
    let status = status.to_lowercase();
    ["fail", "undeliver", "error", "reject"].iter().any(|word| status.contains(word))
}

fn calls(hub: &Hub, calls: &[Call]) -> String {
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Whole, Column::Text]).indented(2);
    for call in calls {
        let status = call.status.as_deref().map(one_line);
        let lasted =
            call.duration_seconds.filter(|seconds| *seconds > 0).map(|seconds| elapsed(seconds.unsigned_abs()));
        let mut parts: Vec<String> = [status, lasted].into_iter().flatten().collect();
        if let Some(voicemail) = call.voicemail_text.as_deref().filter(|text| !text.trim().is_empty()) {
            parts.push(format!("voicemail: “{}”", one_line(voicemail)));
        }
        grid.row([hub.local(call.started_at), arrow(call.direction).to_owned(), parts.join(", ")]);
    }
    grid.render()
}

/// From the customer, or to the customer.
fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "→",
        Direction::Outbound => "←",
        Direction::Unknown => "·",
    }
}
