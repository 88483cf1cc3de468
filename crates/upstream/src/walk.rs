//! Walking through a stream without storing anything: what an integrator sees of a source before trusting it.

use doorstep_core::Timestamp;

use crate::source::{Failure, Source};

/// Pages that a walk goes through at most: a look, not a read.
pub const MAX_WALKED_PAGES: u32 = 100;

/// What one page had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// How many rows.
    pub rows: usize,
    /// How many of them are no longer in use.
    pub gone: usize,
    /// Why rows could not be taken.
    pub skipped: Vec<String>,
    /// The keys of the first and the last row.
    pub keys: Option<(String, String)>,
    /// The oldest and the newest stamp.
    pub stamps: Option<(Timestamp, Timestamp)>,
    /// Whether there is more behind it.
    pub more: bool,
}

/// Walks through the first pages of a stream.
///
/// # Errors
/// As [`Source::page`].
pub async fn walk(source: &dyn Source, stream: &str, pages: u32) -> Result<Vec<Walked>, Failure> {
    let mut walked = Vec::new();
    let mut cursor = None;
    for _ in 0..pages.clamp(1, MAX_WALKED_PAGES) {
        let page = source.page(stream, cursor.as_ref()).await?;
        let stamps = || page.rows.iter().filter_map(|row| row.modified_at);
        walked.push(Walked {
            rows: page.rows.len(),
            gone: page.rows.iter().filter(|row| row.gone.is_some()).count(),
            skipped: page.skipped.into_iter().map(|skipped| skipped.why).collect(),
            keys: page.rows.first().zip(page.rows.last()).map(|(a, b)| (a.key.clone(), b.key.clone())),
            stamps: stamps().min().zip(stamps().max()),
            more: page.more,
        });
        if !page.more {
            break;
        }
        cursor = page.cursor;
    }
    Ok(walked)
}
