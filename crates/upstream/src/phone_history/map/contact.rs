//! A row of contacts.csv. The payload is made first and the contact from it, so that a better mapping can be applied
//! to what was stored years ago.

use std::fmt::{self, Write};

use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::import::FileKind;
use doorstep_core::name::Name;
use doorstep_core::record::payload_hash;
use serde_json::{Map, Value};

use super::super::alias::{self, Contacts};
use super::super::{Options, wire};
use super::Mapper;
use super::party::phones;
use super::text::{self, Notes, shown};

/// Bytes of the hash in a key that is made from the content: enough that two of a million contacts do not meet.
const CONTENT_KEY_BYTES: usize = 8;

/// A contact in our words. Its `Debug` shows its key only.
#[derive(Clone, PartialEq)]
pub struct ContactRow {
    /// `contact_id`, or `content:` and a hash of the payload where the file gives none.
    pub key: String,
    /// What the row says about the person.
    pub contact: Contact,
    /// The row as it said itself: our column name, or the header where the column is none of ours → text.
    pub payload: Value,
}

impl fmt::Debug for ContactRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactRow").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Mapper<'_> {
    /// Maps a row of contacts.csv.
    pub fn contact(&mut self, row: wire::Row<'_>, notes: &mut Notes) -> Result<ContactRow, String> {
        let payload = payload(row);
        let key = text::key("contact_id", wire::Contact::from(row).contact_id)?;
        let mut said = Notes::default();
        let contact = read(&payload, self.options, &mut said);
        let said = said.into_vec();
        let says_nothing = contact.name.is_none() && contact.company.is_none();
        if contact.phones.is_empty() && contact.emails.is_empty() && (key.is_none() || says_nothing) {
            return Err(unrecognisable(&said));
        }
        said.into_iter().for_each(|note| notes.push(note));
        Ok(ContactRow { key: key.unwrap_or_else(|| content_key(&payload)), contact, payload })
    }
}

/// The contact that a stored payload of contacts.csv says, and what is to be noted about it.
pub fn contact_of(payload: &Value, options: &Options) -> (Contact, Vec<String>) {
    let mut notes = Notes::default();
    let contact = read(payload, options, &mut notes);
    (contact, notes.into_vec())
}

fn unrecognisable(said: &[String]) -> String {
    let reason = "no phone number or e-mail address that we can read, so nothing to recognise them by";
    if said.is_empty() { reason.to_owned() } else { format!("{reason} ({})", said.join("; ")) }
}

fn content_key(payload: &Value) -> String {
    payload_hash(payload).iter().take(CONTENT_KEY_BYTES).fold("content:".to_owned(), |mut key, byte| {
        // Writing into a string cannot fail.
        let _ = write!(key, "{byte:02x}");
        key
    })
}

/// The row as it said itself, blank cells left out. Columns that count together are one text.
pub(super) fn payload(row: wire::Row<'_>) -> Value {
    let mut payload = Map::new();
    for (index, cell) in row.cells.iter().enumerate() {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let key = row.layout.payload_keys.get(index).cloned().unwrap_or_else(|| format!("column {}", index + 1));
        match payload.get_mut(&key) {
            Some(Value::String(text)) => {
                text.push_str("; ");
                text.push_str(cell);
            }
            _ => {
                payload.insert(key, Value::String(cell.to_owned()));
            }
        }
    }
    Value::Object(payload)
}

fn read(payload: &Value, options: &Options, notes: &mut Notes) -> Contact {
    let columns = alias::columns(FileKind::Contacts);
    let cell = |column: Contacts| {
        let text = payload.get(columns[column as usize].name).and_then(Value::as_str);
        wire::something(text.unwrap_or(""))
    };
    let mut contact = Contact {
        name: name(cell(Contacts::DisplayName), cell(Contacts::GivenName), cell(Contacts::FamilyName), notes),
        company: text::short("company", cell(Contacts::Company), notes),
        notes: text::without_control(cell(Contacts::Notes)),
        first_seen_at: text::time("first_seen", cell(Contacts::FirstSeen), &options.zone, notes),
        last_seen_at: text::time("last_seen", cell(Contacts::LastSeen), &options.zone, notes),
        ..Contact::default()
    };
    read_phones(cell(Contacts::PhoneNumber), options, &mut contact, notes);
    read_emails(cell(Contacts::Email), &mut contact, notes);
    contact
}

fn name(display: &str, given: &str, family: &str, notes: &mut Notes) -> Option<Name> {
    let display = text::short("display_name", display, notes).and_then(|text| Name::parse(&text));
    display.or_else(|| {
        let joined = text::short("display_name", &format!("{given} {family}"), notes)?;
        Name::parse(&joined)
    })
}

/// Numbers, and e-mail addresses that stand among them, as address books of phones have it.
fn read_phones(cell: &str, options: &Options, contact: &mut Contact, notes: &mut Notes) {
    let is_address = |part: &&str| part.contains('@');
    let parts = || cell.split([';', ',', '|', '\n']);
    for address in parts().filter(is_address) {
        read_emails(address, contact, notes);
    }
    let numbers =
        if cell.contains('@') { &parts().filter(|part| !is_address(part)).collect::<Vec<_>>().join(";") } else { cell };
    let (good, bad) = phones(numbers, options.region);
    for phone in good {
        if !contact.phones.contains(&phone) {
            contact.phones.push(phone);
        }
    }
    for error in bad {
        notes.push(format!("phone `{}`: {error}", shown(numbers)));
    }
}

fn read_emails(cell: &str, contact: &mut Contact, notes: &mut Notes) {
    if cell.is_empty() {
        return;
    }
    let (good, bad) = Email::parse_list(cell);
    for email in good {
        if !contact.emails.contains(&email) {
            contact.emails.push(email);
        }
    }
    for error in bad {
        notes.push(format!("e-mail `{}`: {error}", shown(cell)));
    }
}
