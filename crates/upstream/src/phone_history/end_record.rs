//! The end record of a ZIP, read by ourselves before any library sees the file.
//!
//! A ZIP is read from its end: the last record says how many entries there are and where their directory starts.
//! A million entries, a directory that is not where it should be, or several end records that contradict each other
//! are how a reader is made to allocate or to see another archive than the checker did. So the record that counts is
//! chosen here, strictly: the directory must end exactly where the record begins.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use super::refused::{Limits, Refused};

const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
const DIRECTORY_ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL_ENTRY: &[u8; 4] = b"PK\x03\x04";

const END_BYTES: usize = 22;
const END_64_BYTES: usize = 56;
const LOCATOR_64_BYTES: usize = 20;
const MAX_COMMENT_BYTES: usize = u16::MAX as usize;
/// The fixed part of a directory entry.
const MIN_ENTRY_BYTES: u64 = 46;
/// Bytes of the whole directory: 4 KiB for each of the thousand entries that are allowed by default, held in memory.
const MAX_DIRECTORY_BYTES: u64 = 4 << 20;

/// Where the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndRecord {
    /// How many entries the archive says it has.
    pub entries: u64,
    /// Bytes before the archive proper: a self-extracting program has some.
    pub offset: u64,
    /// Where the directory starts, counted from the start of the file.
    pub directory_start: u64,
}

/// What the record says, before it is believed.
struct Claim {
    entries: u64,
    entries_here: u64,
    directory_bytes: u64,
    directory_start: u64,
    disk: u32,
    /// Where the record itself starts: the directory has to end there.
    at: u64,
    /// The 64-bit form.
    long: bool,
}

/// Finds the end record and checks what it claims.
pub(super) fn find(file: &mut (impl Read + Seek), limits: &Limits) -> Result<EndRecord, Refused> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_bytes = length.min((END_BYTES + MAX_COMMENT_BYTES) as u64);
    let tail_start = length - tail_bytes;
    let tail = read_at(file, tail_start, tail_bytes as usize)?;
    let Some(at) = position(&tail) else {
        return Err(without_end(file, length)?);
    };
    let claim = claim(file, &tail[at..], tail_start + at as u64)?;
    check(file, &claim, limits)
}

/// The last signature whose comment fits into the file.
fn position(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END_BYTES)?;
    (0..=last)
        .rev()
        .find(|&at| tail[at..].starts_with(END) && at + END_BYTES + usize::from(u16_at(&tail[at..], 20)) <= tail.len())
}

fn without_end(file: &mut (impl Read + Seek), length: u64) -> Result<Refused, Refused> {
    let head = read_at(file, 0, length.min(4) as usize)?;
    Ok(if head == LOCAL_ENTRY { Refused::Truncated } else { Refused::NotAZip })
}

/// What the record claims, its 64-bit form if it says that it has one.
fn claim(file: &mut (impl Read + Seek), end: &[u8], at: u64) -> Result<Claim, Refused> {
    let short = Claim {
        disk: u32::from(u16_at(end, 4)) | u32::from(u16_at(end, 6)),
        entries_here: u64::from(u16_at(end, 8)),
        entries: u64::from(u16_at(end, 10)),
        directory_bytes: u64::from(u32_at(end, 12)),
        directory_start: u64::from(u32_at(end, 16)),
        at,
        long: false,
    };
    let may_be_long = short.entries == u64::from(u16::MAX)
        || short.directory_bytes == u64::from(u32::MAX)
        || short.directory_start == u64::from(u32::MAX);
    let Some(locator_at) = at.checked_sub(LOCATOR_64_BYTES as u64).filter(|_| may_be_long) else {
        return Ok(short);
    };
    let locator = read_at(file, locator_at, LOCATOR_64_BYTES)?;
    if !locator.starts_with(LOCATOR_64) {
        return Ok(short);
    }
    let long_at = u64_at(&locator, 8);
    if u32_at(&locator, 4) != 0 || u32_at(&locator, 16) > 1 {
        return Err(Refused::MultiPart);
    }
    if long_at.checked_add(END_64_BYTES as u64).is_none_or(|end| end > locator_at) {
        return Err(Refused::Truncated);
    }
    let long = read_at(file, long_at, END_64_BYTES)?;
    // The record gives its own length without the first twelve bytes; nothing may hide between it and the locator.
    if !long.starts_with(END_64) || u64_at(&long, 4).checked_add(12) != Some(locator_at - long_at) {
        return Err(directory("is not where its end record says"));
    }
    Ok(Claim {
        disk: u32_at(&long, 16) | u32_at(&long, 20),
        entries_here: u64_at(&long, 24),
        entries: u64_at(&long, 32),
        directory_bytes: u64_at(&long, 40),
        directory_start: u64_at(&long, 48),
        at: long_at,
        long: true,
    })
}

fn check(file: &mut (impl Read + Seek), claim: &Claim, limits: &Limits) -> Result<EndRecord, Refused> {
    if claim.disk != 0 || claim.entries != claim.entries_here {
        return Err(Refused::MultiPart);
    }
    if claim.entries > limits.max_entries {
        return Err(Refused::TooMany { entries: claim.entries, limit: limits.max_entries });
    }
    if claim.directory_bytes > MAX_DIRECTORY_BYTES {
        return Err(directory("is larger than any of its size should be"));
    }
    let end = claim.directory_start.checked_add(claim.directory_bytes).ok_or(Refused::Truncated)?;
    let offset = claim.at.checked_sub(end).ok_or(Refused::Truncated)?;
    if claim.long && offset != 0 {
        return Err(directory("does not end where its end record starts"));
    }
    if claim.entries == 0 {
        return Err(Refused::Empty);
    }
    if claim.directory_bytes < claim.entries * MIN_ENTRY_BYTES {
        return Err(directory("is too small for its entries"));
    }
    let directory_start = claim.directory_start + offset;
    if read_at(file, directory_start, 4)? != DIRECTORY_ENTRY {
        return Err(directory("is not where its end record says"));
    }
    Ok(EndRecord { entries: claim.entries, offset, directory_start })
}

fn directory(why: &'static str) -> Refused {
    Refused::Damaged { name: "the directory of the archive".to_owned(), why }
}

/// `bytes` bytes from `start`; all of them are within the file unless it shrinks while we read.
fn read_at(file: &mut (impl Read + Seek), start: u64, bytes: usize) -> Result<Vec<u8>, Refused> {
    let mut buffer = vec![0; bytes];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut buffer).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Refused::Truncated,
        _ => Refused::Io(error),
    })?;
    Ok(buffer)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
