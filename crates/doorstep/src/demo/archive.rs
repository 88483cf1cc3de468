//! A made-up phone history: the archive that `doorstep demo` imports, and the benchmark's at any size.
//!
//! Granite Rail Plumbing & Heating of Quincy, Massachusetts, does not exist, nor does any of its customers: names
//! are put together from lists, telephone numbers lie in ranges that no subscriber can have (see [`numbers`]),
//! e-mail addresses end in `.alt`, which no mail server will ever find. What it has in common with a real office
//! is the mess:
//!
//! | of the contacts | |
//! |---|---|
//! | 12 % | live in pairs that share a landline; three in five of them also text from their own number |
//! | 3 % | companies: two rows of a property manager with one main number and extensions, a shop |
//! | 4 % | are on the list already: nickname, number spelled otherwise, an e-mail address added |
//! | 5 % | have no name: blank, "Unknown", or the number as name |
//! | 2 % | have no usable number ("N/A") and no address: skipped with a reason |
//! | 1 % | have 000-000-0000 or none@none.com |
//! | 0.5 % | have a number abroad |
//! | 40 % | have an e-mail address, 42 % a note, some with quotes and line breaks |
//!
//! Numbers are spelled in ten ways, with labels and extensions, and two to a cell. About 6 % of conversations and
//! calls are with numbers in no contact, about 6 % of conversations are in Spanish or Portuguese, two in a hundred are
//! groups; two are short codes. Some "ok"s come twice, a second apart. The manifest claims one message more than
//! there is.
//!
//! Everything is a function of the seed: the same shape gives the same bytes on every machine. Nothing is kept but
//! the row being written (and the timetable of one conversation), so memory does not grow with the archive.

mod businesses;
mod calendar;
mod calls;
mod contacts;
mod conversations;
pub mod csv;
mod episode;
mod messages;
mod names;
mod numbers;
mod people;
mod random;
mod scripts;
#[cfg(test)]
mod tests;
mod words;

use std::io::{self, BufWriter, Error, ErrorKind, Seek, Write};

use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub use people::MAX_CONTACTS;
use people::{BLOCK, World};

/// The business whose phones these are.
pub const BUSINESS_NAME: &str = "Granite Rail Plumbing & Heating";
/// Where its clock stands.
pub const TIME_ZONE: &str = "America/New_York";

/// A day that never changes, so that documents can show what the demonstration shows: 2026-06-12 16:40 in Quincy.
const DEMO_UNTIL: i64 = 1_781_296_800;
const YEAR: i64 = 31_556_952;
/// Fast rather than small: the archive is read once. 1 to 9.
const COMPRESSION_LEVEL: i64 = 1;
/// From here on messages.csv may pass 4 GiB (at some 250 bytes a row), which needs ZIP64.
const LARGE_FROM_MESSAGES: u32 = 8_000_000;
const BUFFER_BYTES: usize = 64 * 1_024;
/// By how many messages the manifest is wrong.
const MANIFEST_ERROR: u64 = 1;

/// How large an archive, and which of all possible ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Another seed, another town.
    pub seed: u64,
    /// Rows of contacts.csv; at most [`MAX_CONTACTS`].
    pub contacts: u32,
    /// Rows of messages.csv.
    pub messages: u32,
    /// Rows of calls.csv.
    pub calls: u32,
    /// When the newest message was sent, in seconds since 1970 UTC.
    pub until: i64,
    /// How far back it goes; 0 counts as 1.
    pub years: u32,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows of contacts.csv.
    pub contacts: u64,
    /// Rows of conversations.csv.
    pub conversations: u64,
    /// Rows of messages.csv.
    pub messages: u64,
    /// Rows of calls.csv.
    pub calls: u64,
    /// What the manifest claims instead.
    pub manifest_messages: u64,
    /// Numbers worth looking up, as a person types them, and why.
    pub show: Vec<(String, &'static str)>,
}

impl Shape {
    /// What `doorstep demo` imports: the seed is the year in which Quincy became a town.
    pub const fn demo() -> Self {
        Self { seed: 1_792, contacts: 2_000, messages: 30_000, calls: 4_000, until: DEMO_UNTIL, years: 6 }
    }
}

/// The numbers that the business itself calls and texts from, in E.164.
pub const fn own_numbers() -> [&'static str; 3] {
    numbers::OWN
}

/// Writes the archive.
///
/// # Errors
/// What `out` says, and `InvalidInput` where the shape has more contacts than there are numbers.
pub fn write(shape: &Shape, out: impl Write + Seek) -> io::Result<Written> {
    if shape.contacts > MAX_CONTACTS {
        return Err(Error::new(ErrorKind::InvalidInput, format!("`contacts` is above {MAX_CONTACTS}")));
    }
    let since = shape.until - i64::from(shape.years.max(1)) * YEAR;
    let world = World::new(shape.seed, shape.contacts, (since, shape.until));
    let mut zip = ZipWriter::new(out);
    let options = options(shape);
    let contacts = entry(&mut zip, options, "contacts.csv", |out| contacts::write(&world, out))?;
    let conversations =
        entry(&mut zip, options, "conversations.csv", |out| conversations::write(&world, shape.messages.into(), out))?;
    let messages = entry(&mut zip, options, "messages.csv", |out| messages::write(&world, shape.messages.into(), out))?;
    let calls = entry(&mut zip, options, "calls.csv", |out| calls::write(&world, shape.calls.into(), out))?;
    let manifest_messages = messages + MANIFEST_ERROR;
    let show = show(&world);
    let written = Written { contacts, conversations, messages, calls, manifest_messages, show };
    entry(&mut zip, options, "manifest.json", |out| out.write_all(manifest(shape, &written).as_bytes()))?;
    zip.finish()?;
    Ok(written)
}

fn options(shape: &Shape) -> SimpleFileOptions {
    let local = calendar::local(shape.until);
    let (hour, minute) = (local.second / 3_600, local.second / 60 % 60);
    // A year that the format cannot hold leaves 1980.
    let stamp = zip::DateTime::from_date_and_time(
        local.year.clamp(1_980, 2_107) as u16,
        local.month as u8,
        local.day as u8,
        hour as u8,
        minute as u8,
        0,
    );
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(COMPRESSION_LEVEL))
        .last_modified_time(stamp.unwrap_or_default())
        .large_file(shape.messages >= LARGE_FROM_MESSAGES)
}

/// Writes one file of the archive with `fill`, which tells what it counted.
fn entry<W: Write + Seek, T>(
    zip: &mut ZipWriter<W>,
    options: SimpleFileOptions,
    name: &str,
    fill: impl FnOnce(&mut BufWriter<&mut ZipWriter<W>>) -> io::Result<T>,
) -> io::Result<T> {
    zip.start_file(name, options)?;
    let mut buffered = BufWriter::with_capacity(BUFFER_BYTES, zip);
    let counted = fill(&mut buffered)?;
    buffered.flush()?;
    Ok(counted)
}

fn manifest(shape: &Shape, written: &Written) -> String {
    let mut exported_at = String::new();
    calendar::write_iso(&mut exported_at, shape.until);
    let manifest = json!({
        "format": "phone-history",
        "version": 1,
        "exported_at": exported_at,
        "business": BUSINESS_NAME,
        "time_zone": TIME_ZONE,
        "own_numbers": own_numbers(),
        "counts": {
            "contacts": written.contacts,
            "conversations": written.conversations,
            "messages": written.manifest_messages,
            "calls": written.calls,
        },
    });
    format!("{manifest:#}\n")
}

/// The first of each kind that is worth a look; fewer where the shape is too small to have it.
fn show(world: &World) -> Vec<(String, &'static str)> {
    let mut show = Vec::new();
    let mut add = |number: Option<numbers::Number>, why| show.extend(number.map(|number| (number.typed(), why)));
    let entry = |row: Option<u32>| row.map(|row| world.entry(row));
    if let Some(urgent) = entry(world.showcase()) {
        add(urgent.home, "a household line: two people share it, so who calls is a question");
        add(urgent.cell, "the newest message of all: somebody who needs help now");
    }
    if let (Some(manager), Some(_)) = world.managers(0) {
        add(world.entry(manager).home, "a property manager's main number: several people, one company");
    }
    let twice = (0..world.contacts.div_ceil(BLOCK)).find_map(|block| {
        let (first, second) = world.written_twice(block)?;
        let entry = world.entry(first);
        (entry.person.given != entry.person.nickname && world.entry(second).number() == entry.number()).then_some(entry)
    });
    add(
        twice.and_then(|entry| entry.number()),
        "written down twice, once by nickname, with two spellings of the number",
    );
    add((world.contacts > 0).then(|| world.stranger(0)), "a number in no contact: a customer all the same");
    show
}
