//! Why an archive is refused whole, and the limits beyond which it is.

use std::io;

/// How many characters of a name from the archive are shown in a sentence.
const SHOWN_CHARS: usize = 80;

/// How much of anything an archive may ask of us. Every bound is checked before and while unpacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of the ZIP, folders and ignored files included. An export has five files and perhaps a folder of
    /// attachments; a million entries are made to exhaust memory.
    pub max_entries: u64,
    /// Unpacked bytes of the files that are read, together. Ten years of a busy office are below 2 GiB.
    pub max_unpacked_bytes_total: u64,
    /// Unpacked bytes per packed byte. Text packs 5 to 20 times; a deflate bomb reaches 1,032.
    pub max_ratio: u64,
    /// Unpacked bytes of one entry below which the ratio says nothing: a small repetitive file packs well.
    pub ratio_from_bytes: u64,
    /// Bytes of one cell. The longest message that a phone can send is far below; a column of an index is too.
    pub max_field_bytes: usize,
    /// Columns of one row. Address book exports have up to some 300.
    pub max_columns: usize,
    /// Bytes of one row: what the reader holds in memory at most.
    pub max_row_bytes: usize,
    /// Bytes of manifest.json, which is held in memory whole.
    pub max_manifest_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 1_000,
            max_unpacked_bytes_total: 20 << 30,
            max_ratio: 200,
            ratio_from_bytes: 1 << 20,
            max_field_bytes: 1 << 20,
            max_columns: 500,
            max_row_bytes: 4 << 20,
            max_manifest_bytes: 1 << 20,
        }
    }
}

/// Why an archive is refused whole: one clear sentence for the owner. Nothing of a refused archive goes in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// No ZIP at all.
    #[error(
        "this is not a ZIP archive; choose the .zip file that holds contacts.csv, messages.csv, calls.csv and \
         conversations.csv"
    )]
    NotAZip,
    /// It starts or ends like a ZIP, but bytes are missing.
    #[error("the archive is cut short; download or copy it again")]
    Truncated,
    /// Its directory or one of its files contradicts itself.
    #[error("the archive is damaged: `{name}` {why}; download or export it again")]
    Damaged {
        /// Which entry, or `the directory of the archive`.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// One of several parts.
    #[error("the archive is one part of several; export it as one ZIP file")]
    MultiPart,
    /// A password would be needed.
    #[error("`{name}` in the archive is encrypted; export it without a password")]
    Encrypted {
        /// Which entry.
        name: String,
    },
    /// It unpacks to far more than text ever does.
    #[error(
        "`{name}` unpacks to more than {ratio} times its packed size, which no phone history does; export it again \
         from the phone system"
    )]
    Bomb {
        /// Which entry.
        name: String,
        /// [`Limits::max_ratio`].
        ratio: u64,
    },
    /// More to unpack than we take.
    #[error(
        "the archive unpacks to more than {} MiB; export a shorter span of time and import the parts one by one",
        limit_bytes >> 20
    )]
    TooBig {
        /// [`Limits::max_unpacked_bytes_total`].
        limit_bytes: u64,
    },
    /// More entries than we take.
    #[error("the archive has {entries} files, at most {limit} are taken; leave attachments out and export it again")]
    TooMany {
        /// How many it says it has.
        entries: u64,
        /// [`Limits::max_entries`].
        limit: u64,
    },
    /// An entry that would be written outside the archive's own folder.
    #[error("`{name}` in the archive points outside of it; do not trust this file, export it again yourself")]
    PathEscape {
        /// Which entry.
        name: String,
    },
    /// An entry that is a link to another file.
    #[error("`{name}` in the archive is a link instead of a file; export it again yourself")]
    Symlink {
        /// Which entry.
        name: String,
    },
    /// Two entries share bytes.
    #[error("files in the archive overlap, as only a forged or damaged one does; export it again yourself")]
    Overlapping,
    /// One of our files is there twice.
    #[error("the archive holds `{a}` and `{b}`, and we cannot tell which counts; leave one of them out")]
    Doubled {
        /// The one.
        a: String,
        /// The other.
        b: String,
    },
    /// A compression that we do not unpack.
    #[error("`{name}` is packed with a method that we do not read; pack the files again as an ordinary ZIP (deflate)")]
    Unsupported {
        /// Which entry.
        name: String,
    },
    /// None of the four tables.
    #[error(
        "the archive holds none of contacts.csv, messages.csv, calls.csv and conversations.csv; choose the export of \
         the phone system"
    )]
    Empty,
    /// The file itself cannot be read.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Refused {
    /// The reason in a word or two, which quotes nothing: for logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotAZip => "no ZIP",
            Self::Truncated => "cut short",
            Self::Damaged { .. } => "damaged",
            Self::MultiPart => "one part of several",
            Self::Encrypted { .. } => "encrypted",
            Self::Bomb { .. } => "unpacks to too much for its size",
            Self::TooBig { .. } => "too much to unpack",
            Self::TooMany { .. } => "too many files",
            Self::PathEscape { .. } => "a path that leads out of it",
            Self::Symlink { .. } => "a link in it",
            Self::Overlapping => "overlapping files",
            Self::Doubled { .. } => "a file is there twice",
            Self::Unsupported { .. } => "packed in an unknown way",
            Self::Empty => "none of our files",
            Self::Io(_) => "cannot be read",
        }
    }
}

/// A name from the archive as it may be shown: short, and without characters that steer a terminal.
pub(super) fn shown(name: &str) -> String {
    let mut text: String =
        name.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if name.chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    text
}
