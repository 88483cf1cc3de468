//! What speaks for and against two contact records being one customer: the first rules.
//!
//! An equal phone or e-mail address joins two records unless their names contradict it; then a person looks.
//! Placeholders and the tenant's own numbers speak for nothing. [`crate::identity`] turns these answers about
//! pairs into customers.

mod mark;
mod persona;
mod placeholder;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::contact::ContactRecord;
use crate::identifier::{Identifier, IdentifierKind};
use crate::linkage::{Frequencies, Weights, names_with_places};
use crate::name::Agreement;
use crate::phone::Phone;

pub use mark::{IdentifierMark, MAX_MARKS, Marks, UnknownVerdict, Verdict};
pub(crate) use persona::Persona;
pub(crate) use placeholder::is_blank_source_key;

/// The rules of one tenant; a customer is a function of records, decisions and these.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The tenant's own numbers: they join nobody.
    pub own_numbers: BTreeSet<Phone>,
    /// What people said of single identifiers.
    pub marks: Marks,
    /// What evidence is worth.
    pub weights: Weights,
    /// How common names are.
    pub frequencies: Arc<Frequencies>,
}

impl Default for Rules {
    /// As shipped, without own numbers and marks.
    fn default() -> Self {
        Self {
            own_numbers: BTreeSet::new(),
            marks: Marks::default(),
            weights: Weights::default(),
            frequencies: Frequencies::shipped(),
        }
    }
}

/// One piece of evidence about two records or customers. Its `Debug` masks the value: it is personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which kind of identifier they share.
    pub kind: IdentifierKind,
    /// Its value.
    pub value: String,
    /// How their names agree, in the words of [`agreement_words`].
    pub names: String,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:*** ({})", self.kind.as_str(), self.names)
    }
}

/// What a dispatcher reads about how two names agree.
pub fn agreement_words(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Same => "same name",
        Agreement::Compatible => "names that may be one person's",
        Agreement::Unknown => "a name is missing or says too little",
        Agreement::Conflict => "different names",
    }
}

impl Rules {
    /// Whether an identifier can say anything about who somebody is.
    ///
    /// Blank values, placeholders (`+1 617 555 0123`, `none@none.com`), the tenant's own numbers and what is marked as
    /// either cannot. An e-mail address may come in its normal form or as its match key.
    pub fn identifies(&self, identifier: &Identifier) -> bool {
        self.can_be_found_by(identifier)
            && !matches!(self.marks.of(identifier), Some(Verdict::Placeholder | Verdict::Mine))
    }

    /// Whether records that have it are compared because of it: it identifies, and is not marked as shared.
    ///
    /// Two records belong to one connected component when they share one of these (or a chain of them).
    pub fn meet_by(&self, identifier: &Identifier) -> bool {
        self.can_be_found_by(identifier) && self.marks.of(identifier).is_none()
    }

    /// What is known of values and of the tenant, whatever is marked.
    fn can_be_found_by(&self, identifier: &Identifier) -> bool {
        let value = identifier.value.trim();
        match identifier.kind {
            IdentifierKind::Phone => !placeholder::is_placeholder_phone(value) && !self.is_own_number(value),
            IdentifierKind::Email => !placeholder::is_placeholder_email(value),
            IdentifierKind::SourceKey => !is_blank_source_key(value),
            IdentifierKind::WebUser | IdentifierKind::NamePlace => !value.is_empty(),
        }
    }

    /// The identifiers that say something of a record, in the form in which they are compared, each once: its source
    /// key, its phones, its e-mail addresses as match keys, and its web users; nothing that cannot identify.
    pub fn identifying(&self, record: &ContactRecord) -> Vec<Identifier> {
        self.identifying_as_said(record).into_iter().map(|(key, _)| key).collect()
    }

    /// What a record is stored under. That are the identifiers that identify and those that are marked (a mark comes and
    /// goes, and then whoever has the identifier must be found by it), and its names with its places.
    pub fn stored_under(&self, record: &ContactRecord) -> Vec<Identifier> {
        self.found_by(record).chain(names_with_places(&record.contact)).collect()
    }

    /// The same without names and places.
    pub(crate) fn found_by(&self, record: &ContactRecord) -> impl Iterator<Item = Identifier> + use<> {
        let said = self.said_of(record, |identifier| self.can_be_found_by(identifier));
        let keys: Vec<Identifier> = said.into_iter().map(|(key, _)| key).collect();
        keys.into_iter()
    }

    /// What a record is compared by: whoever shares one of these may be the same. Hubs among them are for whoever asks to
    /// leave out.
    pub fn compared_by(&self, record: &ContactRecord) -> Vec<Identifier> {
        let said = self.said_of(record, |identifier| self.meet_by(identifier));
        said.into_iter().map(|(key, _)| key).chain(names_with_places(&record.contact)).collect()
    }

    /// `hubs`, and the identifiers that are marked as shared: neither is more than a word in the evidence.
    pub(crate) fn with_shared<'a>(&self, hubs: &'a BTreeSet<Identifier>) -> Cow<'a, BTreeSet<Identifier>> {
        let mut shared = self.marks.shared().peekable();
        if shared.peek().is_none() || crate::planted!("a-shared-line-joins") {
            return Cow::Borrowed(hubs);
        }
        Cow::Owned(hubs.iter().chain(shared).cloned().collect())
    }

    /// As [`Rules::identifying`], each with the form in which the record says it.
    pub(crate) fn identifying_as_said<'a>(&self, record: &'a ContactRecord) -> Vec<(Identifier, &'a str)> {
        self.said_of(record, |identifier| self.identifies(identifier))
    }

    /// The identifiers of a record that pass, each with the form in which the record says it.
    fn said_of<'a>(
        &self,
        record: &'a ContactRecord,
        passes: impl Fn(&Identifier) -> bool,
    ) -> Vec<(Identifier, &'a str)> {
        let contact = &record.contact;
        let mut all = vec![(
            Identifier { kind: IdentifierKind::SourceKey, value: record.source_key.clone() },
            record.source_key.as_str(),
        )];
        all.extend(contact.phones.iter().map(|phone| (Identifier::from(phone), phone.as_str())));
        all.extend(
            contact
                .emails
                .iter()
                .map(|email| (Identifier { kind: IdentifierKind::Email, value: email.match_key() }, email.as_str())),
        );
        all.extend(contact.web_users.iter().map(|user| (Identifier::from(user), user.as_str())));
        all.retain(|(key, _)| passes(key));
        let mut seen = BTreeSet::new();
        let is_first: Vec<bool> = all.iter().map(|(key, _)| seen.insert(key)).collect();
        let mut is_first = is_first.into_iter();
        all.retain(|_| is_first.next() == Some(true));
        all
    }

    fn is_own_number(&self, value: &str) -> bool {
        let is_asked = !self.own_numbers.is_empty() && !crate::planted!("own-numbers-join");
        is_asked && self.own_numbers.contains(&Phone::from_normal(value.to_owned()))
    }
}

/// One piece of evidence in the words of a dispatcher.
pub(crate) fn evidence(kind: IdentifierKind, said: &str, agreement: Agreement) -> Evidence {
    Evidence { kind, value: said.to_owned(), names: agreement_words(agreement).to_owned() }
}

/// The order in which evidence is listed.
pub(crate) fn rank(kind: IdentifierKind) -> u8 {
    match kind {
        IdentifierKind::SourceKey => 0,
        IdentifierKind::Phone => 1,
        IdentifierKind::Email => 2,
        IdentifierKind::WebUser => 3,
        IdentifierKind::NamePlace => 4,
    }
}
