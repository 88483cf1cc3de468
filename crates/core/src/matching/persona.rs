//! Who a record says it is: a name, a company, either or neither.

use crate::contact::ContactRecord;
use crate::name::{Agreement, Name};

/// The name and the company of a record, ready to be compared.
///
/// Companies are read as names, so that "Acme Plumbing Inc." as somebody's company and "ACME Plumbing" as the
/// name of an address-book entry are seen to be the same business.
#[derive(Debug, Clone)]
pub(crate) struct Persona<'a> {
    name: Option<&'a Name>,
    company: Option<Name>,
}

impl<'a> Persona<'a> {
    /// What `record` says.
    pub(crate) fn of(record: &'a ContactRecord) -> Self {
        let company = record.contact.company.as_deref().and_then(Name::parse);
        Self { name: record.contact.name.as_ref(), company }
    }

    /// Whether it says neither a name nor a company.
    pub(crate) fn is_nobody(&self) -> bool {
        self.name.is_none() && self.company.is_none()
    }

    /// How two personas speak for or against one customer.
    ///
    /// A person and the business that the other one names as the company may be one customer, whatever the
    /// names: a plumber saved once as "Bob Smith" (Acme Plumbing) and once as "Acme Plumbing". Where a name is
    /// missing, companies speak: two of one company agree, but only two records without any name contradict each
    /// other by their companies.
    pub(crate) fn agreement(&self, other: &Self) -> Agreement {
        let rescued = || same(self.name, other.company.as_ref()) || same(self.company.as_ref(), other.name);
        match (self.name, other.name) {
            (Some(a), Some(b)) => match a.compare(b) {
                Agreement::Conflict if rescued() => Agreement::Compatible,
                told => told,
            },
            (None, None) => match (&self.company, &other.company) {
                (Some(a), Some(b)) => a.compare(b),
                _ => Agreement::Unknown,
            },
            _ if rescued() || same(self.company.as_ref(), other.company.as_ref()) => Agreement::Compatible,
            _ => Agreement::Unknown,
        }
    }
}

/// Whether both are there and the same.
fn same(a: Option<&Name>, b: Option<&Name>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.compare(b) == Agreement::Same)
}
