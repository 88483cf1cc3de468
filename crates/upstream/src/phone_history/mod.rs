//! Phone history: a ZIP with contacts.csv, conversations.csv, messages.csv, calls.csv and manifest.json.
//!
//! [`Archive::open`] checks the ZIP, reads the first row of every file and the manifest, and unpacks nothing else.
//! [`Archive::contacts`] and its three siblings stream one file each, in flat memory; they may be called again and
//! again. An archive that is not to be trusted is [`Refused`] whole, at opening or, where only unpacking shows it, from
//! the stream; a row that cannot go in comes out with its line and the reason.
//!
//! Synchronous and blocking: run it on a thread that may block.

mod alias;
mod archive;
pub(crate) mod decode;
mod end_record;
mod header;
mod manifest;
mod map;
mod refused;
mod rows;
pub(crate) mod split;
mod wire;

pub use alias::{BadAlias, Column, ExtraAliases, columns};
pub use header::{ColumnMapping, FileMapping};
pub use manifest::{Difference, manifest_differences};
pub use map::{CallRow, ContactRow, ConversationRow, MessageRow, Party, Row, contact_of};
pub use refused::{Limits, Refused};
pub use rows::Rows;

use std::path::Path;

use doorstep_core::import::{FileKind, Problem};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::planted;
use doorstep_core::time::Zone;
use serde_json::Value;

use archive::{Container, Entry};
use header::Layout;
use map::{Map, Mapper};
use refused::shown;

/// How many files that are not read the mapping lists: enough to see what they are.
const LISTED_IGNORED_FILES: usize = 20;

/// What a tenant's rows are read with.
#[derive(Debug, Clone)]
pub struct Options {
    /// For times that do not say their zone.
    pub zone: Zone,
    /// For numbers that do not say their country.
    pub region: Region,
    /// The tenant's own numbers: they tell which way a message went, and are no customer's.
    pub own_numbers: Vec<Phone>,
}

/// An opened archive.
pub struct Archive {
    container: Container,
    limits: Limits,
    tables: Vec<Table>,
    ignored: Vec<String>,
    manifest: Option<Value>,
    problems: Vec<Problem>,
}

/// One of the four files.
struct Table {
    entry: Entry,
    layout: Layout,
    encoding: &'static str,
    delimiter: u8,
}

impl Archive {
    /// Opens an archive: checks its entries, sizes, overlaps and names before anything is unpacked, then reads the first
    /// row of each file, and the manifest.
    ///
    /// # Errors
    /// [`Refused`] says in one sentence why the archive is not taken.
    pub fn open(path: &Path, limits: Limits, aliases: &ExtraAliases) -> Result<Self, Refused> {
        let container = Container::open(path, &limits)?;
        let chosen = choose(container.entries())?;
        let mut archive =
            Self { container, limits, tables: vec![], ignored: chosen.ignored, manifest: None, problems: vec![] };
        for (kind, entry) in chosen.tables {
            match entry {
                Some(entry) => archive.read_header(kind, entry, aliases)?,
                None => archive.problem(kind, "is missing from the archive; the other files are read without it"),
            }
        }
        archive.check_total()?;
        if let Some(entry) = chosen.manifest {
            archive.read_manifest(&entry)?;
        }
        Ok(archive)
    }

    /// manifest.json, where there is one that can be read.
    pub fn manifest(&self) -> Option<&Value> {
        self.manifest.as_ref()
    }

    /// How each file is read, for the plan: every column as written and which of ours it is. Files that are not read
    /// are listed, too, the first few of them.
    pub fn mapping(&self) -> Vec<FileMapping> {
        let tables = self.tables.iter().map(|table| FileMapping {
            file: shown(&table.entry.name),
            kind: Some(table.layout.kind),
            encoding: table.encoding.to_owned(),
            delimiter: char::from(table.delimiter).to_string(),
            columns: table.layout.column_mappings(),
            missing: table.layout.missing(),
        });
        let ignored = self.ignored.iter().map(|name| FileMapping {
            file: name.clone(),
            kind: None,
            encoding: String::new(),
            delimiter: String::new(),
            columns: vec![],
            missing: vec![],
        });
        tables.chain(ignored).collect()
    }

    /// What the owner should know about the archive as a whole; problems of rows come with the rows.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Bytes of the files that are read, unpacked: what [`Rows::bytes_read`] adds up to.
    pub fn unpacked_bytes(&self) -> u64 {
        self.tables.iter().map(|table| table.entry.unpacked_bytes).sum()
    }

    /// The rows of contacts.csv; none where the file is missing.
    ///
    /// # Errors
    /// [`Refused`], also from the stream: what unpacking shows refuses the archive whole.
    pub fn contacts<'a>(&'a mut self, options: &'a Options) -> Result<Rows<'a, ContactRow>, Refused> {
        self.rows(FileKind::Contacts, options, Mapper::contact)
    }

    /// The rows of conversations.csv; as [`Self::contacts`].
    ///
    /// # Errors
    /// As [`Self::contacts`].
    pub fn conversations<'a>(&'a mut self, options: &'a Options) -> Result<Rows<'a, ConversationRow>, Refused> {
        self.rows(FileKind::Conversations, options, Mapper::conversation)
    }

    /// The rows of messages.csv; as [`Self::contacts`].
    ///
    /// # Errors
    /// As [`Self::contacts`].
    pub fn messages<'a>(&'a mut self, options: &'a Options) -> Result<Rows<'a, MessageRow>, Refused> {
        self.rows(FileKind::Messages, options, Mapper::message)
    }

    /// The rows of calls.csv; as [`Self::contacts`].
    ///
    /// # Errors
    /// As [`Self::contacts`].
    pub fn calls<'a>(&'a mut self, options: &'a Options) -> Result<Rows<'a, CallRow>, Refused> {
        self.rows(FileKind::Calls, options, Mapper::call)
    }

    fn rows<'a, T>(
        &'a mut self,
        kind: FileKind,
        options: &'a Options,
        map: Map<'a, T>,
    ) -> Result<Rows<'a, T>, Refused> {
        let rows = Rows::new(Mapper::new(options), map, self.limits);
        let Some(table) = self.tables.iter().find(|table| table.layout.kind == kind) else { return Ok(rows) };
        let opened = header::open(self.container.unpack(&table.entry)?, &self.limits)?;
        Ok(rows.of(opened.rows, &table.layout))
    }

    fn read_header(&mut self, kind: FileKind, entry: Entry, aliases: &ExtraAliases) -> Result<(), Refused> {
        let header::Opened { headers, encoding, delimiter, .. } =
            header::open(self.container.unpack(&entry)?, &self.limits)?;
        let layout = match headers {
            Some(Ok(headers)) => Layout::new(kind, headers, aliases),
            Some(Err(fault)) => {
                let mut layout = Layout::new(kind, vec![], aliases);
                let why = format!(
                    "the first row, which names the columns, cannot be read: {}",
                    fault.reason(&layout, &self.limits)
                );
                layout.unusable = Some(why);
                layout
            }
            None => {
                self.problem(kind, "is empty, without even a first row that names its columns");
                return Ok(());
            }
        };
        self.tables.push(Table { entry, layout, encoding, delimiter });
        Ok(())
    }

    fn read_manifest(&mut self, entry: &Entry) -> Result<(), Refused> {
        let read = manifest::read(self.container.unpack(entry)?, &self.limits)?;
        match read {
            Ok(value) => self.manifest = Some(value),
            Err(why) => self.problem(FileKind::Manifest, &why),
        }
        Ok(())
    }

    fn check_total(&self) -> Result<(), Refused> {
        let limit_bytes = self.limits.max_unpacked_bytes_total;
        if planted!("each-file-has-the-whole-budget") {
            return Ok(());
        }
        let total = self.tables.iter().try_fold(0_u64, |total, table| total.checked_add(table.entry.unpacked_bytes));
        if total.is_some_and(|total| total <= limit_bytes) { Ok(()) } else { Err(Refused::TooBig { limit_bytes }) }
    }

    fn problem(&mut self, kind: FileKind, what: &str) {
        let file = kind.file_name().to_owned();
        self.problems.push(Problem { reason: format!("`{file}` {what}"), file, line: 0 });
    }
}

/// Which entries are read.
struct Chosen {
    tables: Vec<(FileKind, Option<Entry>)>,
    manifest: Option<Entry>,
    ignored: Vec<String>,
}

/// Picks our files: in any letter case, in the archive itself or one folder deep.
fn choose(entries: &[Entry]) -> Result<Chosen, Refused> {
    let mut found: Vec<(FileKind, &Entry)> = vec![];
    let mut ignored = vec![];
    for entry in entries.iter().filter(|entry| !is_litter(&entry.name)) {
        match kind_of(&entry.name) {
            Some(kind) => {
                if let Some((_, other)) = found.iter().find(|(known, _)| *known == kind) {
                    return Err(Refused::Doubled { a: shown(&other.name), b: shown(&entry.name) });
                }
                found.push((kind, entry));
            }
            None if ignored.len() < LISTED_IGNORED_FILES => ignored.push(shown(&entry.name)),
            None => {}
        }
    }
    let entry = |kind| found.iter().find(|(known, _)| *known == kind).map(|(_, entry)| (*entry).clone());
    let tables: Vec<_> = FileKind::TABLES.into_iter().map(|kind| (kind, entry(kind))).collect();
    if tables.iter().all(|(_, entry)| entry.is_none()) {
        return Err(Refused::Empty);
    }
    Ok(Chosen { tables, manifest: entry(FileKind::Manifest), ignored })
}

fn kind_of(name: &str) -> Option<FileKind> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    if folder.contains('/') {
        return None;
    }
    let kinds = FileKind::TABLES.into_iter().chain([FileKind::Manifest]);
    kinds.into_iter().find(|kind| file.eq_ignore_ascii_case(kind.file_name()))
}

/// What operating systems leave in archives: never ours, and not worth a word.
fn is_litter(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}
