//! Archives for tests: made by a library where they are ordinary, byte by byte where they are not.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use doorstep_core::phone::{Phone, Region};
use doorstep_core::time::Zone;
use doorstep_upstream::phone_history::{Archive, ExtraAliases, Limits, MessageRow, Options, Refused, Row, Rows};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A file on disk that goes away with its folder.
pub struct OnDisk {
    pub path: PathBuf,
    _folder: TempDir,
}

pub fn on_disk(bytes: &[u8]) -> OnDisk {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("export.zip");
    std::fs::write(&path, bytes).unwrap();
    OnDisk { path, _folder: folder }
}

/// An ordinary archive, deflated.
pub fn zipped<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        writer.start_file(name.as_ref(), options).unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Opens an archive that consists of these bytes.
pub fn open(bytes: &[u8]) -> Result<Archive, Refused> {
    open_with(bytes, Limits::default())
}

pub fn open_with(bytes: &[u8], limits: Limits) -> Result<Archive, Refused> {
    let file = on_disk(bytes);
    // The file stays open, and so readable, when its name is gone.
    Archive::open(&file.path, limits, &ExtraAliases::default())
}

/// A business in Boston.
pub fn options() -> Options {
    Options {
        zone: "America/New_York".parse::<Zone>().unwrap(),
        region: Region::US,
        own_numbers: vec![Phone::parse("+16172223333", Region::US).unwrap()],
    }
}

/// All rows, or the first refusal.
pub fn all<T>(rows: Result<Rows<'_, T>, Refused>) -> Result<Vec<Row<T>>, Refused> {
    rows?.collect()
}

/// Reads every file to its end; how many rows there were, or why not.
pub fn drain(archive: &mut Archive) -> Result<u64, Refused> {
    let options = options();
    let mut rows = 0;
    for row in archive.contacts(&options)? {
        rows += row?.rows;
    }
    for row in archive.conversations(&options)? {
        rows += row?.rows;
    }
    for row in archive.messages(&options)? {
        rows += row?.rows;
    }
    for row in archive.calls(&options)? {
        rows += row?.rows;
    }
    Ok(rows)
}

pub fn messages(csv: impl AsRef<[u8]>) -> Vec<Row<MessageRow>> {
    all(open(&zipped(&[("messages.csv", csv)])).unwrap().messages(&options())).unwrap()
}

/// Bodies with their lines; a row that does not go in shows its reason.
pub fn bodies(rows: &[Row<MessageRow>]) -> Vec<(u64, String)> {
    rows.iter()
        .map(|row| (row.line, row.outcome.as_ref().map_or_else(|why| format!("✗ {why}"), |row| row.body.clone())))
        .collect()
}

pub const HEADER: &str = "message_id,conversation_id,from_number,to_number,direction,body,sent_at,status,attachments\n";

/// An entry of a ZIP as it is written, true or not.
#[derive(Clone)]
pub struct RawEntry {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub packed_bytes: u32,
    pub unpacked_bytes: u32,
    pub crc: u32,
    pub mode: u32,
    /// Where the directory says that the entry starts, if not where it does.
    pub offset: Option<u32>,
}

impl RawEntry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            data: data.to_vec(),
            method: 0,
            flags: 0,
            packed_bytes: data.len() as u32,
            unpacked_bytes: data.len() as u32,
            crc: crc32(data),
            mode: 0o100_644,
            offset: None,
        }
    }

    fn fields(&self) -> Vec<u8> {
        let mut bytes = vec![];
        for value in [self.flags, self.method, 0, 0x21] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        for value in [self.crc, self.packed_bytes, self.unpacked_bytes] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&(self.name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&0_u16.to_le_bytes());
        bytes
    }
}

/// A ZIP with these entries, each written as it says.
pub fn raw_zip(entries: &[RawEntry]) -> Vec<u8> {
    let mut bytes = vec![];
    let mut directory = vec![];
    for entry in entries {
        let start = entry.offset.unwrap_or(bytes.len() as u32);
        bytes.extend_from_slice(b"PK\x03\x04\x14\x00");
        bytes.extend_from_slice(&entry.fields());
        bytes.extend_from_slice(&entry.name);
        bytes.extend_from_slice(&entry.data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03\x14\x00");
        directory.extend_from_slice(&entry.fields());
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&(entry.mode << 16).to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&entry.name);
    }
    let at = bytes.len() as u32;
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(&end_record(entries.len() as u16, directory.len() as u32, at));
    bytes
}

pub fn end_record(entries: u16, directory_bytes: u32, directory_start: u32) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend_from_slice(&entries.to_le_bytes());
    bytes.extend_from_slice(&entries.to_le_bytes());
    bytes.extend_from_slice(&directory_bytes.to_le_bytes());
    bytes.extend_from_slice(&directory_start.to_le_bytes());
    bytes.extend_from_slice(&0_u16.to_le_bytes());
    bytes
}

pub fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    };
    !data.iter().fold(!0, step)
}
