//! The archive between plan and apply: a copy in the spool directory, so that what is applied is what was planned.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use doorstep_core::id::ImportId;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Bytes copied at a time.
const BLOCK: usize = 1 << 20;

/// Where the archive of an import waits.
pub(super) fn path_of(dir: &Path, import: ImportId) -> PathBuf {
    dir.join(format!("{import}.zip"))
}

/// A directory that only its owner may look into: archives hold whole address books.
pub(super) fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Copies `file` into the spool; its SHA-256 in hexadecimal. A copy that was cut short leaves nothing behind.
pub(super) fn take(dir: &Path, import: ImportId, file: &Path) -> Result<String> {
    make_private(dir).map_err(Error::file(format!("the folder `{}` cannot be made", dir.display())))?;
    let target = path_of(dir, import);
    let copied = copy(file, &target);
    if copied.is_err() {
        let _ = fs::remove_file(&target);
    }
    copied
}

fn copy(from: &Path, to: &Path) -> Result<String> {
    let unreadable = || format!("`{}` cannot be read", from.display());
    let unwritable = || format!("`{}` cannot be kept until it is applied", from.display());
    let mut source = File::open(from).map_err(Error::file(unreadable()))?;
    let mut target = File::create(to).map_err(Error::file(unwritable()))?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = source.read(&mut block).map_err(Error::file(unreadable()))?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
        target.write_all(&block[..read]).map_err(Error::file(unwritable()))?;
    }
    // On disk before the plan says so: an acknowledged upload survives a power cut.
    target.sync_all().map_err(Error::file(unwritable()))?;
    Ok(hexadecimal(hash))
}

/// A hash as it is stored and shown.
pub(super) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive in the spool that goes again unless it is kept, whatever ends the work on it.
pub(super) struct Kept<'a> {
    dir: &'a Path,
    import: ImportId,
    stays: bool,
}

impl<'a> Kept<'a> {
    pub fn new(dir: &'a Path, import: ImportId) -> Self {
        Self { dir, import, stays: false }
    }

    /// From now on it stays.
    pub fn keep(mut self) -> Self {
        self.stays = true;
        self
    }

    /// It goes after all.
    pub fn release(mut self) {
        self.stays = false;
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if !self.stays {
            release(self.dir, self.import);
        }
    }
}

/// Lets the archive go; that it is gone already is fine. The bytes that this freed.
pub(super) fn release(dir: &Path, import: ImportId) -> u64 {
    remove(&path_of(dir, import))
}

/// Removes a file of the spool; its name is an import's id. The bytes that this freed.
pub(super) fn remove(path: &Path) -> u64 {
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    match fs::remove_file(path) {
        Ok(()) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => {
            let import = path.file_stem().unwrap_or_default().to_string_lossy();
            tracing::warn!(%import, %error, "an imported archive could not be removed from the spool");
            0
        }
    }
}

/// The imports whose archives wait, at most `limit`, in no order; other files are passed over.
pub(super) fn waiting(dir: &Path, limit: usize) -> Result<Vec<ImportId>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(format!("the folder `{}` cannot be read", dir.display()))(error)),
    };
    let id = |entry: std::io::Result<fs::DirEntry>| {
        entry.ok()?.file_name().to_str()?.strip_suffix(".zip")?.parse::<ImportId>().ok()
    };
    Ok(entries.filter_map(id).take(limit).collect())
}
