//! What customers have, in words.

use doorstep_core::customer::{Customer, Field, Rule};
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::phone::{Phone, Region};

use crate::output::clean;

/// Characters of a text that a line has room for.
const SHORT_CHARS: usize = 160;

/// A number as people of that country write it.
pub fn phone(number: &str, home: Region) -> String {
    clean(&Phone::from_normal(number.to_owned()).national(home))
}

/// A phone number or an e-mail address, as people write it.
pub fn address(text: &str, home: Region) -> String {
    if text.starts_with('+') { phone(text, home) } else { clean(text) }
}

/// All phones or e-mail addresses of a customer, the one to use first on top.
pub fn identifiers(customer: &Customer, kind: IdentifierKind, home: Region) -> Vec<String> {
    let first = match kind {
        IdentifierKind::Phone => customer.phone.as_deref(),
        IdentifierKind::Email => customer.email.as_deref(),
        IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace => None,
    };
    let all = customer.identities_of(kind).map(|identity| identity.identifier.value.as_str());
    let rest = all.filter(|value| Some(*value) != first);
    first.into_iter().chain(rest).map(|value| address(value, home)).collect()
}

/// The beginning of a text.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHORT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A field's name for people.
pub fn field(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Company => "company",
        Field::Phone => "phone",
        Field::Email => "e-mail",
        Field::Address => "address",
        Field::Notes => "notes",
    }
}

/// Why a field has the value it has.
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::OnlyValue => "nobody says otherwise",
        Rule::HandEdit => "entered by hand",
        Rule::Completeness => "says more than the others",
        Rule::Recency => "said last",
        Rule::Pinned => "pinned by a person",
    }
}
