//! A person or business: the customer's own payload and its contacts.

use doorstep_core::address::Address;
use doorstep_core::consent::{DoNotText, SaidBy};
use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use serde_json::Value;

use super::super::stream;
use super::super::wire::Fields;
use super::parts;
use crate::source::{Part, Said};

/// The types of a contact that are called or texted, those that people answer first. A fax is neither.
const PHONES: [&str; 2] = ["MobilePhone", "Phone"];
const EMAIL: &str = "Email";

pub(super) fn contact(said: &Said<'_>) -> Contact {
    let customer = Fields(said.payload);
    let contacts = parts(said, stream::CUSTOMER_CONTACTS);
    let (name, company) = who(customer);
    let stamps = || contacts.iter().filter_map(|part| Fields(part.payload).instant("modifiedOn"));
    let mut contact = Contact {
        name,
        company,
        // What they owed is on the books of the one they were merged into.
        balance: customer.money("balance").filter(|_| customer.key("mergedToId").is_none()),
        addresses: customer.object("address").and_then(address).into_iter().collect(),
        first_seen_at: customer.instant("createdOn"),
        // A number that was put right counts from then on, though the customer's own stamp stays as it was.
        last_seen_at: customer.instant("modifiedOn").into_iter().chain(stamps()).max(),
        ..Contact::default()
    };
    for kind in PHONES {
        for phone in of_type(&contacts, kind).flat_map(|part| phones(Fields(part.payload), said.region)) {
            if !contact.phones.contains(&phone) {
                contact.phones.push(phone);
            }
        }
    }
    for text in of_type(&contacts, EMAIL).filter_map(|part| Fields(part.payload).text("value")) {
        for email in Email::parse_list(&text).0 {
            if !contact.emails.contains(&email) {
                contact.emails.push(email);
            }
        }
    }
    contact
}

fn of_type<'a>(contacts: &'a [Part<'a>], kind: &'a str) -> impl Iterator<Item = &'a Part<'a>> {
    contacts
        .iter()
        .filter(move |part| Fields(part.payload).text("type").is_some_and(|it| it.eq_ignore_ascii_case(kind)))
}

/// Who the customer is: a person, or a business by its name. They have one field for both, and a type, which offices
/// set for the price list as much as for the name: a commercial customer may well be `Smith, John`.
fn who(customer: Fields<'_>) -> (Option<Name>, Option<String>) {
    let Some(text) = customer.text("name") else { return (None, None) };
    let Some(name) = Name::parse(&text) else { return (None, None) };
    let is_commercial = customer.text("type").is_some_and(|it| it.eq_ignore_ascii_case("commercial"));
    if is_commercial && !reads_as_person(&name) {
        (None, Some(name.as_written().to_owned()))
    } else {
        (Some(name), None)
    }
}

fn reads_as_person(name: &Name) -> bool {
    let keys = name.keys();
    !keys.is_business() && keys.is_full() && keys.is_given_name_known()
}

/// The numbers of a contact: those in its value, else the one that their texting knows it by.
fn phones(contact: Fields<'_>, region: Region) -> Vec<Phone> {
    let read =
        |text: String| Phone::parse_list(&text, region).0.into_iter().map(|found| found.phone).collect::<Vec<_>>();
    let value = contact.text("value").map(read).unwrap_or_default();
    if !value.is_empty() {
        return value;
    }
    contact.object("phoneSettings").and_then(|settings| settings.text("phoneNumber")).map(read).unwrap_or_default()
}

/// An address in one line, as a letter has it. The country is left out where it is the United States, as letters do.
pub(super) fn address(parts: Fields<'_>) -> Option<Address> {
    let part = |name: &str| parts.text(name);
    let region = match (part("state"), part("zip")) {
        (Some(state), Some(zip)) => Some(format!("{state} {zip}")),
        (state, zip) => state.or(zip),
    };
    let is_home = |country: &String| {
        let letters: String = country.chars().filter(char::is_ascii_alphabetic).collect();
        ["us", "usa", "unitedstates", "unitedstatesofamerica"].iter().any(|it| letters.eq_ignore_ascii_case(it))
    };
    let country = part("country").filter(|country| !is_home(country));
    let said = [part("street"), part("unit"), part("city"), region];
    if said.iter().all(Option::is_none) {
        return None;
    }
    let line: Vec<String> = said.into_iter().chain([country]).flatten().collect();
    Address::parse(&line.join(", "))
}

pub(super) fn do_not_text(name: &str, payload: &Value, region: Region) -> Option<DoNotText> {
    let fields = Fields(payload);
    match name {
        stream::CUSTOMER_CONTACTS => {
            let settings = fields.object("phoneSettings")?;
            let forbids = settings.flag("doNotText") == Some(true);
            let number = settings.text("phoneNumber").or_else(|| fields.text("value"))?;
            let phone = forbids.then(|| Phone::parse(&number, region).ok()).flatten()?;
            Some(DoNotText { phone, said_by: SaidBy::Contact })
        }
        stream::OPT_OUTS => {
            let phone = Phone::parse(&fields.text("contactNumber")?, region).ok()?;
            let is_marketing = fields.text("optOutType").is_some_and(|it| it.eq_ignore_ascii_case("marketing"));
            let said_by = if is_marketing { SaidBy::MarketingOptOutList } else { SaidBy::OptOutList };
            Some(DoNotText { phone, said_by })
        }
        _ => None,
    }
}
