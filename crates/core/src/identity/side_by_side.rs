//! Two customers field by field: everything that their records say, who said it, and whether it is the same.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::contact::ContactRecord;
use crate::name::{Agreement, Name};
use crate::record::Source;

/// Values of one field that are shown of one side; more are counted.
pub const MAX_VALUES: usize = 20;

/// A field of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Which.
    pub field: SideField,
    /// What the records of the one say; at most [`MAX_VALUES`].
    pub a: Vec<Said>,
    /// What those of the other say.
    pub b: Vec<Said>,
    /// Values that are not shown.
    pub more: usize,
    /// Whether they agree.
    pub agreement: Agreed,
}

/// A field of a record that says who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SideField {
    /// Of the person or business.
    Name,
    /// That the person is with.
    Company,
    /// In E.164.
    Phone,
    /// In normal form.
    Email,
    /// For people.
    Address,
}

/// A value with who says it. Its `Debug` masks the value.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// As people read it; a phone in E.164.
    pub value: String,
    /// Who says it.
    pub sources: BTreeSet<Source>,
    /// Whether the other side has it, too.
    pub is_shared: bool,
}

crate::masked_debug!(Said: sources, is_shared);

/// How a field of two sides agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreed {
    /// Something is the same.
    Same,
    /// Nothing is the same, but it may be one person's: a nickname, a letter for a name.
    Fits,
    /// Both say something, and it is not the same.
    Differs,
    /// Only one side says anything.
    OneSided,
}

/// The fields of two sides of which at least one says something. With one side alone nothing agrees.
pub fn side_by_side(a: &[&ContactRecord], b: &[&ContactRecord]) -> Vec<Compared> {
    let rows = [
        row(SideField::Name, a, b, |record| of(record.contact.name.as_ref().map(Name::display)), names_fit),
        row(SideField::Company, a, b, |record| of(record.contact.company.clone()), names_fit),
        row(
            SideField::Phone,
            a,
            b,
            |record| record.contact.phones.iter().map(|phone| phone.as_str().to_owned()).map(twice).collect(),
            never,
        ),
        row(
            SideField::Email,
            a,
            b,
            |record| record.contact.emails.iter().map(|email| (email.as_str().to_owned(), email.match_key())).collect(),
            never,
        ),
        row(
            SideField::Address,
            a,
            b,
            |record| record.contact.addresses.iter().map(|address| (address.display(), address.normal())).collect(),
            never,
        ),
    ];
    rows.into_iter().filter(|row| !(row.a.is_empty() && row.b.is_empty())).collect()
}

/// A value as it is shown, and in the form in which it is compared.
type Form = (String, String);

fn twice(value: String) -> Form {
    (value.clone(), value)
}

fn of(value: Option<String>) -> Vec<Form> {
    value.into_iter().map(|value| (value.clone(), value.to_lowercase())).collect()
}

fn never(_: &str, _: &str) -> bool {
    false
}

/// Whether two names, or two companies, may be one's.
fn names_fit(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Name::parse(one), Name::parse(other)) else { return false };
    matches!(one.compare(&other), Agreement::Same | Agreement::Compatible)
}

fn row(
    field: SideField,
    a: &[&ContactRecord],
    b: &[&ContactRecord],
    read: impl Fn(&ContactRecord) -> Vec<Form>,
    fits: impl Fn(&str, &str) -> bool,
) -> Compared {
    let (mut of_a, mut of_b) = (gathered(a, &read), gathered(b, &read));
    let is_shared = |form: &str, others: &[(Said, String)]| others.iter().any(|(_, other)| other == form);
    let in_b: Vec<bool> = of_a.iter().map(|(_, form)| is_shared(form, &of_b)).collect();
    let in_a: Vec<bool> = of_b.iter().map(|(_, form)| is_shared(form, &of_a)).collect();
    of_a.iter_mut().zip(&in_b).for_each(|((said, _), shared)| said.is_shared = *shared);
    of_b.iter_mut().zip(&in_a).for_each(|((said, _), shared)| said.is_shared = *shared);
    let any_fits = || {
        of_a.iter()
            .take(MAX_VALUES)
            .any(|(one, _)| of_b.iter().take(MAX_VALUES).any(|(other, _)| fits(&one.value, &other.value)))
    };
    let agreement = if of_a.is_empty() || of_b.is_empty() {
        Agreed::OneSided
    } else if in_b.contains(&true) {
        Agreed::Same
    } else if any_fits() {
        Agreed::Fits
    } else {
        Agreed::Differs
    };
    let more = of_a.len().saturating_sub(MAX_VALUES) + of_b.len().saturating_sub(MAX_VALUES);
    Compared { field, a: shown(of_a), b: shown(of_b), more, agreement }
}

/// What is shared comes first, then what was said first.
fn shown(mut all: Vec<(Said, String)>) -> Vec<Said> {
    all.sort_by_key(|(said, _)| !said.is_shared);
    all.truncate(MAX_VALUES);
    all.into_iter().map(|(said, _)| said).collect()
}

/// The values of a field, each once with all who say it, in the order of first sight.
fn gathered(records: &[&ContactRecord], read: impl Fn(&ContactRecord) -> Vec<Form>) -> Vec<(Said, String)> {
    let mut records = records.to_vec();
    records.sort_by_key(|record| record.id);
    let mut all: Vec<(Said, String)> = Vec::new();
    for record in records {
        for (value, form) in read(record) {
            match all.iter_mut().find(|(_, known)| *known == form) {
                Some((said, _)) => {
                    said.sources.insert(record.source);
                }
                None => {
                    all.push((Said { value, sources: BTreeSet::from([record.source]), is_shared: false }, form));
                }
            }
        }
    }
    all
}
