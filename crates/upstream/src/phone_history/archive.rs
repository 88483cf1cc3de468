//! The ZIP itself: which entries it has, whether it may be trusted, and a bounded stream out of one of them.
//!
//! The only module that uses the `zip` crate. Sizes in a ZIP are claims: each is checked before unpacking (against the
//! limits and against where the bytes really are) and again while unpacking.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_core::planted;
use zip::CompressionMethod;
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config, ZipFile, ZipFileEntry};
use zip::result::ZipError;

use super::decode::Bytes;
use super::end_record;
use super::refused::{Limits, Refused, shown};

/// An opened ZIP whose entries have passed every check that needs no unpacking.
pub(super) struct Container {
    zip: ZipArchive<Counted>,
    /// Bytes read from the file so far.
    read_bytes: Arc<AtomicU64>,
    limits: Limits,
    entries: Vec<Entry>,
}

/// The file on disk, with a count of what was read from it: how much of the packed bytes an unpacked byte has cost.
struct Counted {
    file: File,
    read_bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.read_bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// One file of the ZIP.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    index: usize,
    /// As the archive writes it, with `/` between folders.
    pub name: String,
    /// Bytes that it says it has when unpacked.
    pub unpacked_bytes: u64,
    readable: bool,
}

impl Container {
    /// Opens and checks everything that can be checked without unpacking.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, Refused> {
        let mut file = File::open(path)?;
        let end = end_record::find(&mut file, limits)?;
        let config = Config { archive_offset: ArchiveOffset::Known(end.offset) };
        let read_bytes = Arc::new(AtomicU64::new(0));
        let counted = Counted { file, read_bytes: Arc::clone(&read_bytes) };
        let mut zip = ZipArchive::with_config(config, counted).map_err(|error| {
            let directory = "the directory of the archive";
            refused(error, directory)
        })?;
        if zip.central_directory_start() != end.directory_start || zip.len() as u64 > end.entries {
            return Err(Refused::Damaged { name: "the archive".to_owned(), why: "has more than one directory" });
        }
        let entries = entries(&zip, limits)?;
        if zip.has_duplicate_names() {
            return Err(doubled(&entries));
        }
        if zip.has_overlapping_entries().map_err(|error| refused(error, "a file of the archive"))? {
            return Err(Refused::Overlapping);
        }
        Ok(Self { zip, read_bytes, limits: *limits, entries })
    }

    /// The files, folders left out.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A stream of the file's unpacked bytes.
    pub fn unpack(&mut self, entry: &Entry) -> Result<Unpack<'_>, Refused> {
        if !entry.readable {
            return Err(Refused::Unsupported { name: shown(&entry.name) });
        }
        let limit_bytes = self.limits.max_unpacked_bytes_total;
        if entry.unpacked_bytes > limit_bytes {
            return Err(Refused::TooBig { limit_bytes });
        }
        let file = self.zip.by_index(entry.index).map_err(|error| refused(error, &entry.name))?;
        let read_bytes = &self.read_bytes;
        let read_before = read_bytes.load(Ordering::Relaxed);
        Ok(Unpack { file, entry: entry.clone(), limits: self.limits, bytes: 0, read_bytes, read_before })
    }
}

/// Every entry, checked one by one.
fn entries(zip: &ZipArchive<Counted>, limits: &Limits) -> Result<Vec<Entry>, Refused> {
    let mut entries = Vec::with_capacity(zip.len());
    for index in 0..zip.len() {
        let entry = zip.by_index_data(index).map_err(|error| refused(error, "a file of the archive"))?;
        let name = entry.name().map_err(|error| refused(error, "a file name"))?.into_owned();
        check(&entry, &name, limits)?;
        if !entry.is_dir() {
            entries.push(Entry {
                index,
                unpacked_bytes: entry.size(),
                readable: [CompressionMethod::Stored, CompressionMethod::Deflated].contains(&entry.compression()),
                name,
            });
        }
    }
    Ok(entries)
}

fn check(entry: &ZipFileEntry<'_>, name: &str, limits: &Limits) -> Result<(), Refused> {
    if escapes(name) {
        return Err(Refused::PathEscape { name: shown(name) });
    }
    if entry.encrypted() {
        return Err(Refused::Encrypted { name: shown(name) });
    }
    if entry.is_symlink() {
        return Err(Refused::Symlink { name: shown(name) });
    }
    if is_bomb(entry.size(), entry.compressed_size(), limits) && !planted!("the-directory-is-believed") {
        return Err(Refused::Bomb { name: shown(name), ratio: limits.max_ratio });
    }
    Ok(())
}

/// Whether a path would leave the folder that it is unpacked into, on any operating system. We never write entries
/// to disk; but an archive that tries this is forged, and others of its promises are not to be trusted either.
fn escapes(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    name.is_empty()
        || has_drive
        || name.starts_with('/')
        || name.contains(['\\', '\0'])
        || name.split('/').any(|part| part == "..")
}

fn is_bomb(unpacked_bytes: u64, packed_bytes: u64, limits: &Limits) -> bool {
    unpacked_bytes > limits.ratio_from_bytes && unpacked_bytes / limits.max_ratio.max(1) > packed_bytes
}

/// The directory names a file twice, letter for letter, and the library has kept only one of the two.
fn doubled(entries: &[Entry]) -> Refused {
    let name = entries.iter().map(|entry| shown(&entry.name)).find(|name| name.to_lowercase().ends_with(".csv"));
    let name = name.unwrap_or_else(|| "a file".to_owned());
    Refused::Doubled { b: format!("{name} again"), a: name }
}

fn refused(error: ZipError, name: &str) -> Refused {
    let name = shown(name);
    match error {
        ZipError::Io(error) => refused_io(error, &name),
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Refused::Encrypted { name }
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => Refused::Unsupported { name },
        _ => Refused::Damaged { name, why: "is not as a ZIP should be" },
    }
}

/// An error while reading: of the disk, or of the bytes?
fn refused_io(error: io::Error, name: &str) -> Refused {
    match error.kind() {
        ErrorKind::UnexpectedEof => Refused::Truncated,
        ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            Refused::Damaged { name: shown(name), why: "cannot be unpacked, or its checksum is wrong" }
        }
        _ => Refused::Io(error),
    }
}

/// The unpacked bytes of one entry. Ends with an error when they are more, fewer or other than promised.
pub(super) struct Unpack<'a> {
    file: ZipFile<'a, Counted>,
    entry: Entry,
    limits: Limits,
    bytes: u64,
    read_bytes: &'a AtomicU64,
    read_before: u64,
}

impl Unpack<'_> {
    /// How many bytes were unpacked so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Bytes for Unpack<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        let read = self.file.read(into).map_err(|error| refused_io(error, &self.entry.name))?;
        self.bytes += read as u64;
        let name = || shown(&self.entry.name);
        let packed_bytes = self.read_bytes.load(Ordering::Relaxed) - self.read_before;
        if is_bomb(self.bytes, packed_bytes, &self.limits) {
            return Err(Refused::Bomb { name: name(), ratio: self.limits.max_ratio });
        }
        if self.bytes > self.limits.max_unpacked_bytes_total {
            return Err(Refused::TooBig { limit_bytes: self.limits.max_unpacked_bytes_total });
        }
        let ended = read == 0 && !into.is_empty();
        if self.bytes > self.entry.unpacked_bytes || ended && self.bytes < self.entry.unpacked_bytes {
            return Err(Refused::Damaged { name: name(), why: "has another length than the archive says" });
        }
        Ok(read)
    }
}
