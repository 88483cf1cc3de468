//! For whoever wonders why a customer is not here as they are there. Nothing of it is stored.

use serde_json::{Value, json};

use super::client::ServiceTitan;
use super::door::doors;
use super::session::{Ask, Door};
use super::{list, stream};
use crate::source::{Answer, Diagnose, Failure};

/// Objects of each kind that a look at one customer shows.
const SHOWN: u32 = 50;
/// Longest test note, in characters.
const MAX_NOTE_CHARS: usize = 1_000;
/// Notes that are looked through for one that may or may not have been written.
const NOTES: u32 = 1_000;

/// A customer as ServiceTitan has it now, word for word. Its `Debug` shows none of it.
pub struct RawCustomer {
    /// The customer.
    pub customer: Value,
    /// Phones and e-mail addresses.
    pub contacts: Vec<Value>,
    /// The tags, by name; a number where the name is not to be had.
    pub tags: Vec<String>,
    /// The first jobs, as the list has them.
    pub jobs: Vec<Value>,
    /// The first locations, as the list has them.
    pub locations: Vec<Value>,
}

impl std::fmt::Debug for RawCustomer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawCustomer").field("contacts", &self.contacts.len()).finish_non_exhaustive()
    }
}

/// A note that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its number at ServiceTitan, as far as the answer told.
    pub key: Option<String>,
}

impl ServiceTitan {
    /// A customer with everything about them, word for word; `None` where there is none of this number.
    ///
    /// # Errors
    /// As for any read. What the application may not read is left out, but for the customer.
    pub async fn raw_customer(&self, key: &str) -> Result<Option<RawCustomer>, Failure> {
        let path = format!("customers/{}", numbered(key)?);
        let door = Door { module: "crm/v2", path: &path, label: "customers" };
        let Some((customer, _)) = self.session.ask(door, &Ask::Get(Vec::new())).await? else { return Ok(None) };
        let tag_keys: Vec<u64> = customer
            .get("tagTypeIds")
            .and_then(Value::as_array)
            .map(|tags| tags.iter().filter_map(Value::as_u64).collect())
            .unwrap_or_default();
        let names = if tag_keys.is_empty() { Vec::new() } else { self.those(stream::TAG_TYPES, None).await? };
        let name = |tag: &u64| {
            let found = names.iter().find(|it| it.get("id").and_then(Value::as_u64) == Some(*tag));
            found.and_then(|it| it.get("name")?.as_str()).map_or_else(|| tag.to_string(), str::to_owned)
        };
        Ok(Some(RawCustomer {
            contacts: self.those(stream::CUSTOMER_CONTACTS, Some(("customerIds", key))).await?,
            tags: tag_keys.iter().map(name).collect(),
            jobs: self.those(stream::JOBS, Some(("customerId", key))).await?,
            locations: self.those(stream::LOCATIONS, Some(("customerId", key))).await?,
            customer,
        }))
    }

    /// Writes a note to a customer, to see whether it arrives and comes back. It cannot be changed or taken back by us.
    /// `None` where there is no such customer.
    ///
    /// Where the answer was lost, the notes are looked through for it, so that it is never written twice.
    ///
    /// # Errors
    /// [`Failure`] where it was not written, or where nobody knows.
    pub async fn add_note(&self, customer: &str, text: &str) -> Result<Option<Noted>, Failure> {
        if text.trim().is_empty() || text.chars().count() > MAX_NOTE_CHARS {
            return Err(Failure::Fatal { why: format!("a note has 1 to {MAX_NOTE_CHARS} characters") });
        }
        let path = format!("customers/{}/notes", numbered(customer)?);
        let door = Door { module: "crm/v2", path: &path, label: "notes" };
        let key = |note: &Value| note.get("id").and_then(Value::as_u64).map(|key| key.to_string());
        match self.session.ask(door, &Ask::Post(json!({"text": text, "pinToTop": false}))).await {
            Ok(written) => Ok(written.map(|(note, _)| Noted { key: key(&note) })),
            Err(Failure::Fatal { why }) => {
                let parameters = vec![("page", "1".to_owned()), ("pageSize", NOTES.to_string())];
                let looked = self.session.ask(door, &Ask::Get(parameters)).await?;
                let notes = looked.as_ref().and_then(|(body, _)| body.get("data")?.as_array());
                let is_it = |note: &&Value| note.get("text").and_then(Value::as_str) == Some(text);
                match notes.and_then(|notes| notes.iter().find(is_it)) {
                    Some(note) => Ok(Some(Noted { key: key(note) })),
                    None => Err(Failure::Fatal { why }),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// The first objects of a list; none where the application may not read it.
    async fn those(&self, stream: &'static str, of: Option<(&'static str, &str)>) -> Result<Vec<Value>, Failure> {
        let Some(doors) = doors(stream) else { return Ok(Vec::new()) };
        let size = if of.is_some() { SHOWN } else { list::PAGE_SIZE };
        let mut parameters = vec![("page", "1".to_owned()), ("pageSize", size.to_string())];
        parameters.extend(of.map(|(name, key)| (name, key.to_owned())));
        if doors.hides_inactive {
            parameters.push(("active", "Any".to_owned()));
        }
        match list::get(&self.session, doors, stream, parameters).await {
            Ok(listed) => Ok(listed.data),
            Err(Failure::Auth { .. } | Failure::Gone { .. }) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }
}

impl Diagnose for ServiceTitan {
    fn raw_customer<'a>(&'a self, key: &'a str) -> Answer<'a, Option<RawCustomer>> {
        Box::pin(Self::raw_customer(self, key))
    }

    fn add_note<'a>(&'a self, customer: &'a str, text: &'a str) -> Answer<'a, Option<Noted>> {
        Box::pin(Self::add_note(self, customer, text))
    }
}

fn numbered(key: &str) -> Result<&str, Failure> {
    let is_number = !key.is_empty() && key.len() <= 19 && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        Ok(key)
    } else {
        Err(Failure::Fatal { why: "a customer there has a number, like `9001`".to_owned() })
    }
}
