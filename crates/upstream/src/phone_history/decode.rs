//! Text out of bytes: which encoding a file has, and its text as UTF-8, block by block.
//!
//! Decided from the first block: a byte order mark; else the zero bytes of UTF-16; else UTF-8 where that is what the
//! block mostly is; else Windows-1252 (which Latin-1 is a part of). A byte in UTF-8 that cannot be UTF-8 is read as
//! Windows-1252, alone: one bad byte after a gigabyte spoils one letter, not the file.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::refused::Refused;

/// How much is read, and how much is looked at to decide: many rows, and little memory.
const BLOCK_BYTES: usize = 64 << 10;
/// UTF-16 is told from its first characters, which are the header: later text may be in any script.
const UTF_16_SAMPLE_BYTES: usize = 4 << 10;

/// Where raw bytes come from.
pub(crate) trait Bytes {
    /// Fills the start of `into`; 0 at the end.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused>;
}

#[cfg(test)]
impl Bytes for &[u8] {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        Ok(std::io::Read::read(self, into)?)
    }
}

/// The encodings that exports come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

impl Encoding {
    /// As shown in the plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The decoder of the library; UTF-8 has ours, which never gives up a byte.
    fn decoder(self) -> Option<encoding_rs::Decoder> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Self::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Self::Windows1252 => Some(WINDOWS_1252.new_decoder_without_bom_handling()),
        }
    }
}

/// A stream of UTF-8 out of a stream of bytes. Holds one block.
pub(crate) struct Decoder<B> {
    source: B,
    encoding: Encoding,
    library: Option<encoding_rs::Decoder>,
    high_half: [char; 128],
    raw: Vec<u8>,
    raw_len: usize,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<B: Bytes> Decoder<B> {
    /// Reads the first block and decides.
    pub fn start(source: B) -> Result<Self, Refused> {
        let mut decoder = Self {
            source,
            encoding: Encoding::Utf8,
            library: None,
            high_half: high_half(),
            raw: vec![0; BLOCK_BYTES],
            raw_len: 0,
            text: Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 2),
            at: 0,
            ended: false,
        };
        decoder.fill_raw()?;
        let (encoding, mark_bytes) = detect(&decoder.raw[..decoder.raw_len]);
        decoder.raw.copy_within(mark_bytes..decoder.raw_len, 0);
        decoder.raw_len -= mark_bytes;
        decoder.encoding = encoding;
        decoder.library = encoding.decoder();
        decoder.transcode();
        Ok(decoder)
    }

    /// The encoding that was decided on.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where the bytes come from.
    pub fn source(&self) -> &B {
        &self.source
    }

    /// Text not yet consumed; empty only at the end.
    pub fn block(&mut self) -> Result<&[u8], Refused> {
        while self.at == self.text.len() && !(self.ended && self.raw_len == 0) {
            self.fill_raw()?;
            self.transcode();
        }
        Ok(&self.text[self.at..])
    }

    /// Marks the first `bytes` of [`Self::block`] as read.
    pub fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    fn fill_raw(&mut self) -> Result<(), Refused> {
        while !self.ended && self.raw_len < self.raw.len() {
            let read = self.source.read(&mut self.raw[self.raw_len..])?;
            self.ended = read == 0;
            self.raw_len += read;
        }
        Ok(())
    }

    /// Turns the raw bytes into text, keeping back a character that is not complete yet.
    fn transcode(&mut self) {
        self.text.clear();
        self.at = 0;
        let raw = &self.raw[..self.raw_len];
        let used = match &mut self.library {
            None => utf8_into(raw, self.ended, &self.high_half, &mut self.text),
            Some(library) => {
                let room = library.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 3 + 16);
                self.text.resize(room, 0);
                let (_, used, written, _) = library.decode_to_utf8(raw, &mut self.text, self.ended);
                self.text.truncate(written);
                used
            }
        };
        self.raw.copy_within(used..self.raw_len, 0);
        self.raw_len -= used;
    }
}

/// The characters of the bytes 0x80 to 0xFF in Windows-1252.
fn high_half() -> [char; 128] {
    let bytes: Vec<u8> = (0x80..=0xFF).collect();
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
    let mut chars = [char::REPLACEMENT_CHARACTER; 128];
    for (slot, letter) in chars.iter_mut().zip(text.chars()) {
        *slot = letter;
    }
    chars
}

/// Appends `raw` to `text`; a byte that is not UTF-8 goes in as Windows-1252. Says how many bytes were used: all of
/// them, but for a character whose end is in the next block.
fn utf8_into(raw: &[u8], last: bool, high_half: &[char; 128], text: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while at < raw.len() {
        let error = match std::str::from_utf8(&raw[at..]) {
            Ok(_) => {
                text.extend_from_slice(&raw[at..]);
                return raw.len();
            }
            Err(error) => error,
        };
        text.extend_from_slice(&raw[at..at + error.valid_up_to()]);
        at += error.valid_up_to();
        if error.error_len().is_none() && !last {
            return at;
        }
        let letter = high_half[usize::from(raw[at] & 0x7F)];
        text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        at += 1;
    }
    at
}

/// The encoding of a file that starts with `block`, and how many bytes its mark has.
fn detect(block: &[u8]) -> (Encoding, usize) {
    match block {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        _ => (detect_unmarked(block), 0),
    }
}

fn detect_unmarked(block: &[u8]) -> Encoding {
    let sample = &block[..block.len().min(UTF_16_SAMPLE_BYTES)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Of the letters of a header, every second byte is zero; a stray zero in other text is far from 40 percent.
    let many = (sample.len() / 2 * 4).div_ceil(10).max(1);
    let few = sample.len() / 20;
    if odd >= many && even <= few {
        return Encoding::Utf16Le;
    }
    if even >= many && odd <= few {
        return Encoding::Utf16Be;
    }
    let (multibyte, invalid) = count_utf8(block);
    if invalid > multibyte { Encoding::Windows1252 } else { Encoding::Utf8 }
}

/// How many characters beyond ASCII are UTF-8, and how many bytes cannot be.
fn count_utf8(block: &[u8]) -> (usize, usize) {
    let (mut multibyte, mut invalid, mut rest) = (0, 0, block);
    loop {
        let (valid, bad) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), 0),
            // A character cut by the end of the block says nothing.
            Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(0)),
        };
        multibyte += rest[..valid].iter().filter(|byte| **byte >= 0xC0).count();
        if bad == 0 {
            return (multibyte, invalid);
        }
        invalid += 1;
        rest = &rest[valid + bad..];
    }
}

#[cfg(test)]
mod tests;
