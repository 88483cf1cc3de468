//! Survivorship: which record each field of the golden record comes from.
//!
//! A value entered by hand stands above what sources say; of the rest a fuller name stands above a poorer one
//! ("Bob" never replaces "Robert Smith"), and then what was said last stands. Blank never replaces a value. The
//! order of the records does not matter. Above all stands what a person pinned. Nothing is left out of what the sources say: a placeholder number joins
//! nobody (see [`crate::matching`]) but is still shown.

mod choice;
pub(crate) mod fold;
mod search;

#[cfg(test)]
mod pin_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::contact::ContactRecord;
use crate::customer::{Customer, Field, Identity, Provenance, Rule};
use crate::id::{CustomerId, RecordId};
use crate::identifier::{Identifier, IdentifierKind};
use crate::money::Money;
use crate::phone::Region;
use crate::pin::{Pin, standing};
use crate::record::Source;
use crate::time::Timestamp;

pub use search::{
    MAX_QUERY_WORDS, MAX_SEARCH_WORDS, MAX_SORT_NAME_BYTES, MAX_WORD_BYTES, query_words, search_words, sort_name,
};

use choice::{Said, choose};

/// What is shown for a customer of whom nothing is known.
pub const UNKNOWN_CALLER: &str = "Unknown caller";

/// The golden record of one cluster; `None` without records. The order of `records` and `pins` does not matter, and
/// saying one twice changes nothing. `pins` are those in force; one whose record is not among `records` is passed over.
pub fn golden(records: &[&ContactRecord], pins: &[&Pin]) -> Option<Customer> {
    let mut records: Vec<&ContactRecord> = records.to_vec();
    if !crate::planted!("records-are-taken-as-they-come") {
        records.sort_by_key(|record| record.id);
    }
    records.dedup_by_key(|record| record.id);
    let id = CustomerId::from_uuid(records.first()?.id.uuid());
    let first_seen_at = records.iter().map(|record| first_seen_at(record)).min()?;

    let mut provenance = BTreeMap::new();
    let mut keep = |field, said: Vec<Said<String>>| {
        choose(said).map(|(value, from)| {
            provenance.insert(field, from);
            value
        })
    };
    let mut name = keep(Field::Name, names(&records));
    let mut company = keep(Field::Company, texts(&records, |record| record.contact.company.as_deref()));
    let mut phone = keep(Field::Phone, texts(&records, |record| Some(record.contact.phones.first()?.as_str())));
    let mut email = keep(Field::Email, texts(&records, |record| Some(record.contact.emails.first()?.as_str())));
    let mut address =
        keep(Field::Address, texts(&records, |record| Some(record.contact.addresses.first()?.as_written())));
    let mut notes = keep(Field::Notes, texts(&records, |record| record.contact.notes.as_deref()));

    let identities = identities(&records);
    let pins: Vec<&Pin> = pins.iter().copied().filter(|pin| has(&records, pin.record)).collect();
    if !pins.is_empty() {
        for (field, value) in [
            (Field::Name, &mut name),
            (Field::Company, &mut company),
            (Field::Phone, &mut phone),
            (Field::Email, &mut email),
            (Field::Address, &mut address),
            (Field::Notes, &mut notes),
        ] {
            let Some(pin) = standing(&pins, field, |value| is_said(&identities, field, value)) else { continue };
            value.clone_from(&pin.value);
            provenance.insert(field, pinned(pin));
        }
    }

    let display_name = name
        .or_else(|| company.clone())
        .or_else(|| phone.as_deref().map(national))
        .or_else(|| email.clone())
        .unwrap_or_else(|| UNKNOWN_CALLER.to_owned());
    let balance = balance(&records);
    Some(Customer {
        id,
        display_name,
        company,
        phone,
        email,
        address,
        notes,
        balance,
        identities,
        first_seen_at,
        provenance,
    })
}

/// What all accounts of a customer come to: nothing is chosen, for each is owed. Whoever says nothing of it is no account.
fn balance(records: &[&ContactRecord]) -> Option<Money> {
    records.iter().filter_map(|record| record.contact.balance).reduce(Money::plus)
}

/// Whether a record is among those of a cluster, which are sorted.
fn has(records: &[&ContactRecord], id: RecordId) -> bool {
    records.binary_search_by_key(&id, |record| record.id).is_ok()
}

/// Whether a pin may say so: a phone or e-mail address only as long as some record of the customer has it.
fn is_said(identities: &[Identity], field: Field, value: &str) -> bool {
    let kind = match field {
        Field::Phone => IdentifierKind::Phone,
        Field::Email => IdentifierKind::Email,
        Field::Name | Field::Company | Field::Address | Field::Notes => return true,
    };
    identities.iter().any(|identity| identity.identifier.kind == kind && identity.identifier.value == value)
}

fn pinned(pin: &Pin) -> Provenance {
    Provenance {
        record: pin.record,
        source: Source::Hub,
        said_at: pin.pinned_at,
        rule: Rule::Pinned,
        pin: Some(pin.id),
        pinned_by: Some(pin.actor.clone()),
    }
}

/// Whether `after` shows a person anything that `before` did not: another value of a field, or one more phone or
/// e-mail address. Dates of sight and provenance alone are nothing gained. `None` is a customer not yet known.
pub fn adds_to(before: Option<&Customer>, after: &Customer) -> bool {
    let Some(before) = before else { return true };
    let fields = |shown: &Customer| {
        let Customer { display_name, company, phone, email, address, notes, .. } = shown.clone();
        (display_name, [company, phone, email, address, notes])
    };
    fields(before) != fields(after)
        || after
            .identities
            .iter()
            .any(|new| before.identities.iter().all(|identity| identity.identifier != new.identifier))
}

/// What the records say about the name, the fuller names above.
fn names<'a>(records: &[&'a ContactRecord]) -> Vec<Said<'a, String>> {
    let said = |record: &&'a ContactRecord| {
        let name = record.contact.name.as_ref()?;
        Said::by(record, name.display(), name.completeness())
    };
    records.iter().filter_map(said).collect()
}

/// What the records say in one text, none fuller than the other.
fn texts<'a>(
    records: &[&'a ContactRecord],
    text: impl Fn(&'a ContactRecord) -> Option<&'a str>,
) -> Vec<Said<'a, String>> {
    records.iter().filter_map(|record| Said::by(record, text(record)?.to_owned(), 0)).collect()
}

/// A number as the people read it who share its country code; numbers of the rest of the world with theirs.
fn national(phone: &str) -> String {
    crate::phone::Phone::from_normal(phone.to_owned()).national(Region::US)
}

/// When the source last saw the person, else when we stored the record.
fn said_at(record: &ContactRecord) -> Timestamp {
    record.contact.last_seen_at.unwrap_or(record.created_at)
}

/// When the source first saw the person, else when we stored the record; never later than the last sight.
fn first_seen_at(record: &ContactRecord) -> Timestamp {
    record.contact.first_seen_at.unwrap_or(record.created_at).min(said_at(record))
}

/// Every phone, then every e-mail address and every web user, each in the order of first sight. What a record with a
/// web user says was verified by a code.
fn identities(records: &[&ContactRecord]) -> Vec<Identity> {
    let mut by_age = records.to_vec();
    by_age.sort_by_key(|record| (first_seen_at(record), record.id));
    let mut place_of: BTreeMap<Identifier, usize> = BTreeMap::new();
    let mut all: Vec<Identity> = Vec::new();
    for record in by_age {
        let contact = &record.contact;
        let (phones, emails) =
            (contact.phones.iter().map(Identifier::from), contact.emails.iter().map(Identifier::from));
        let verified = !contact.web_users.is_empty();
        for identifier in phones.chain(emails).chain(contact.web_users.iter().map(Identifier::from)) {
            let place = *place_of.entry(identifier.clone()).or_insert(all.len());
            match all.get_mut(place) {
                Some(known) => {
                    known.last_seen_at = known.last_seen_at.max(said_at(record));
                    known.verified |= verified;
                }
                None => all.push(Identity {
                    identifier,
                    source: record.source,
                    record: record.id,
                    first_seen_at: first_seen_at(record),
                    last_seen_at: said_at(record),
                    verified,
                }),
            }
        }
    }
    all.sort_by_key(|identity| match identity.identifier.kind {
        IdentifierKind::Phone => 0,
        IdentifierKind::Email | IdentifierKind::SourceKey => 1,
        IdentifierKind::WebUser | IdentifierKind::NamePlace => 2,
    });
    all
}
