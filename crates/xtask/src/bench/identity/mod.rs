//! The measurement of the matcher: made-up records with the truth.

pub mod people;

use std::path::Path;

use anyhow::Result;

/// `cargo xtask people`: makes a set by hand.
///
/// # Errors
/// A file cannot be written.
pub fn make(seed: u64, records: usize, folder: &Path) -> Result<()> {
    let made = people::make(seed, records, folder)?;
    println!(
        "{} records of {} people in {}; the evidence in them allows a pairwise F1 of about {:.3}",
        made.records,
        made.people,
        folder.display(),
        made.bound()
    );
    Ok(())
}
