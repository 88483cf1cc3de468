//! Their words into ours. Pure: payloads in, nouns out, or a reason why not.

mod contact;
mod job;
mod place;
mod plan;

#[cfg(test)]
mod tests;

use doorstep_core::consent::DoNotText;
use doorstep_core::contact::Contact;
use doorstep_core::equipment::Equipment;
use doorstep_core::job::Job;
use doorstep_core::membership::Membership;
use doorstep_core::phone::Region;
use doorstep_core::property::Property;
use doorstep_core::source::SourceSpec;
use serde_json::Value;

use super::wire::Fields;
use super::{SPEC, stream};
use crate::source::{Mapping, Part, Reference, Said, Why};

/// How ServiceTitan's words become ours.
#[derive(Debug, Clone, Copy)]
pub struct ServiceTitanMapping;

impl Mapping for ServiceTitanMapping {
    fn spec(&self) -> &'static SourceSpec {
        &SPEC
    }

    fn references(&self, name: &str, payload: &Value) -> Vec<Reference> {
        let fields = Fields(payload);
        let to = |stream: &'static str, field: &str| fields.key(field).map(|key| Reference { stream, key });
        let found = match name {
            stream::JOBS => to(stream::JOB_TYPES, "jobTypeId"),
            stream::ASSIGNMENTS => to(stream::TECHNICIANS, "technicianId"),
            stream::MEMBERSHIPS => to(stream::MEMBERSHIP_TYPES, "membershipTypeId"),
            _ => None,
        };
        found.into_iter().collect()
    }

    fn contact(&self, said: &Said<'_>) -> Result<Contact, Why> {
        Ok(contact::contact(said))
    }

    fn property(&self, said: &Said<'_>) -> Result<Property, Why> {
        place::property(said)
    }

    fn equipment(&self, said: &Said<'_>) -> Result<Equipment, Why> {
        place::equipment(said)
    }

    fn job(&self, said: &Said<'_>) -> Result<Job, Why> {
        job::job(said)
    }

    fn membership(&self, said: &Said<'_>) -> Result<Membership, Why> {
        plan::membership(said)
    }

    fn do_not_text(&self, stream: &str, payload: &Value, region: Region) -> Option<DoNotText> {
        contact::do_not_text(stream, payload, region)
    }
}

/// The key of what something hangs on, or why it hangs on nothing.
fn needed(fields: Fields<'_>, field: &str) -> Result<String, Why> {
    fields.key(field).ok_or_else(|| Why(format!("has no `{field}`, so nobody knows what it belongs to")))
}

/// The name of an object of another stream.
fn name_of(said: &Said<'_>, stream: &str, key: Option<&str>) -> Option<String> {
    let key = key?;
    let found = said.referred.iter().find(|part| part.stream == stream && part.key == key)?;
    Fields(found.payload).text("name")
}

/// The parts of one stream that are in use, in the order of their keys, so that the order of arrival makes no
/// difference.
fn parts<'a>(said: &Said<'a>, stream: &str) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = said.parts.iter().copied().filter(|part| part.stream == stream).collect();
    parts.retain(|part| Fields(part.payload).is_active());
    parts.sort_by_key(|part| (part.key.len(), part.key));
    parts
}
