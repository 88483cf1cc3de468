//! `doorstep customer show`: who is this?

use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, ImportId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::phone::Phone;
use doorstep_engine::customer::{Card, Lookup};
use serde_json::json;

use super::{card, words};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{Column, Grid, one_line, several};

/// What of a customer is shown.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A phone number in any spelling, an e-mail address, or an id.
    #[arg(value_name = "PHONE|EMAIL|ID")]
    who: String,
    /// Also say where each value comes from.
    #[arg(long)]
    sources: bool,
    /// Conversations to show, and calls.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i64).range(0..=100))]
    conversations: i64,
    /// Messages of each conversation to show.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(i64).range(0..=1_000))]
    messages: i64,
}

/// Whom a text stands for.
pub enum Meant {
    /// Somebody by id.
    Id(CustomerId),
    /// Whoever has this phone or e-mail address.
    Has(Identifier),
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let Some(id) = one(hub, &args.who).await? else { return Ok(()) };
    let (card, was) = get(hub, id, args.conversations, args.messages).await?;
    if hub.out.json {
        let mut object = serde_json::to_value(&card).unwrap_or_default();
        if let (Some(was), Some(map)) = (was, object.as_object_mut()) {
            map.insert("was".to_owned(), json!(was));
        }
        return hub.out.json(&object);
    }
    hub.out.print(&card::render(hub, &card, was, args.sources))
}

/// The customer that a person means; `None` where several share what was typed, who have been shown then.
pub async fn one(hub: &Hub, who: &str) -> Result<Option<CustomerId>, Failure> {
    let identifier = match meant(hub, who)? {
        Meant::Id(id) => return Ok(Some(id)),
        Meant::Has(identifier) => identifier,
    };
    let found = hub.engine.by_identifier(&hub.scope, &identifier).await?;
    match found.as_slice() {
        [] => {
            let shown = words::address(&identifier.value, hub.tenant.country);
            Err(Failure::not_found(format!("nobody here has `{shown}`"))
                .hint("`doorstep customer search` finds by name; `find-or-create` makes a customer"))
        }
        [only] => Ok(Some(*only)),
        several => candidates(hub, &identifier, several).await.map(|()| None),
    }
}

/// What a person typed.
pub fn meant(hub: &Hub, who: &str) -> Result<Meant, Failure> {
    let who = who.trim();
    if who.to_lowercase().starts_with("cus_") {
        return who.parse().map(Meant::Id).map_err(|error| Failure::refused(format!("{error}")));
    }
    if who.contains('@') {
        let email = Email::parse(who)
            .map_err(|error| Failure::refused(format!("`{}` cannot be looked up: {error}", one_line(who))))?;
        return Ok(Meant::Has(Identifier::from(&email)));
    }
    match Phone::parse(who, hub.tenant.country) {
        Ok(phone) => Ok(Meant::Has(Identifier::from(&phone))),
        Err(_) if !who.chars().any(|c| c.is_ascii_digit()) => {
            Err(Failure::refused(format!("`{}` is no phone number, e-mail address or id", one_line(who)))
                .hint(format!("by name: `doorstep customer search '{}'`", one_line(who))))
        }
        Err(error) => Err(Failure::refused(format!("`{}` cannot be looked up: {error}", one_line(who)))
            .hint(format!("numbers without a country code are read as {} ones", hub.tenant.country))),
    }
}

/// A customer's card, and the older id it was asked for under.
pub async fn get(
    hub: &Hub,
    id: CustomerId,
    conversations: i64,
    messages: i64,
) -> Result<(Card, Option<CustomerId>), Failure> {
    let (current, was) = match hub.engine.look_up(&hub.scope, id).await? {
        Lookup::Customer { customer, was } => (customer.id, was),
        Lookup::TakenOut(import) => return Err(taken_out(id, import)),
        Lookup::Unknown => return Err(doorstep_engine::Error::NoCustomer(id).into()),
    };
    let card = hub.engine.card(&hub.scope, current, conversations, messages).await?;
    card.map(|card| (card, was)).ok_or_else(|| doorstep_engine::Error::NoCustomer(id).into())
}

fn taken_out(id: CustomerId, import: Option<ImportId>) -> Failure {
    match import {
        Some(import) => Failure::not_found(format!("`{id}` was taken out again with the import `{import}`"))
            .hint(format!("`doorstep import show {import}` says what that was"))
            .with(json!({ "taken_out_with": import })),
        None => Failure::not_found(format!("`{id}` is no longer a customer")),
    }
}

/// Several customers share what was asked for: what tells them apart.
async fn candidates(hub: &Hub, identifier: &Identifier, ids: &[CustomerId]) -> Result<(), Failure> {
    let mut cards = Vec::new();
    for id in ids {
        cards.extend(hub.engine.card(&hub.scope, *id, 1, 1).await?);
    }
    if hub.out.json {
        return hub.out.json(&json!({ "candidates": cards }));
    }
    hub.out.print(&render_candidates(hub, identifier, &cards))
}

/// The customers that share an identifier.
pub fn render_candidates(hub: &Hub, identifier: &Identifier, cards: &[Card]) -> String {
    let (out, home) = (&hub.out, hub.tenant.country);
    let shared = words::address(&identifier.value, home);
    let number = several(cards.len() as u64, "customer");
    let mut text = format!("{}\n", out.bold(&format!("{number} have {shared}: ask who is speaking")));
    for card in cards {
        let customer = &card.customer;
        text.push_str(&format!("\n  {}\n", out.bold(&one_line(&customer.display_name))));
        let mut grid = Grid::text(out, &[Column::Whole, Column::Text]).indented(4);
        if let Some(company) = customer.company.as_deref() {
            grid.fact("company", [one_line(company)]);
        }
        let mut also: Vec<String> = Vec::new();
        for kind in [IdentifierKind::Phone, IdentifierKind::Email] {
            also.extend(words::identifiers(customer, kind, home).into_iter().filter(|value| *value != shared));
        }
        if !also.is_empty() {
            grid.fact("also", [also.join(", ")]);
        }
        if let Some(notes) = customer.notes.as_deref().filter(|notes| !notes.trim().is_empty()) {
            grid.fact("notes", [words::shortened(&one_line(notes))]);
        }
        if let Some(message) = card.conversations.first().and_then(|conversation| conversation.messages.first()) {
            let said = format!("{}  {}", hub.local(message.sent_at), words::shortened(&one_line(&message.body)));
            grid.fact("newest", [said]);
        }
        grid.fact("id", [customer.id.to_string()]);
        text.push_str(&grid.render());
    }
    text
}
