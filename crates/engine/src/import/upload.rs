//! An archive that comes in piece by piece, over a network: written into the spool as it comes, hashed on the way, and
//! handed over by its name. It is copied once, and what is left of a broken one goes.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorstep_core::id::ImportId;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId, Timestamp};
use sha2::{Digest, Sha256};

use super::spool::{self, hexadecimal};
use crate::Engine;
use crate::error::{Error, Result};

/// How long a piece of an upload may lie before it is what a dead process left: no connection lasts that long.
const LEFT_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The ending of an archive that is not whole yet.
const PART: &str = "part";

/// An archive on its way in. Dropping it removes what has come.
#[derive(Debug)]
pub struct Upload {
    /// The import that it will be.
    id: ImportId,
    tenant: TenantId,
    bytes: u64,
    max_bytes: u64,
    /// `None` after a failure.
    writer: Option<(File, Sha256)>,
    part: Part,
}

/// A file that goes unless it was handed over.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        spool::remove(&self.0);
    }
}

impl Engine {
    /// Room in the spool for an archive of at most `max_bytes`.
    #[crate::boxed]
    pub async fn begin_upload(&self, scope: &Scope, max_bytes: u64) -> Result<Upload> {
        scope.require(Permission::Import)?;
        let now = self.db.clock().now();
        let id: ImportId = self.ids.make(now);
        let dir = self.spool_dir.clone();
        let opened = blocking(move || {
            spool::make_private(&dir).map_err(Error::file(format!("the folder `{}` cannot be made", dir.display())))?;
            remove_leftovers(&dir, now);
            let part = Part(dir.join(format!("{id}.{PART}")));
            let file = File::create(&part.0).map_err(Error::file("the upload cannot be kept"))?;
            Ok((part, file))
        });
        let (part, file) = opened.await?;
        let writer = Some((file, Sha256::new()));
        Ok(Upload { id, tenant: scope.tenant(), bytes: 0, max_bytes, writer, part })
    }
}

impl Upload {
    /// The id of the import that it will be: known before it is planned, so that somebody else can watch.
    pub fn id(&self) -> ImportId {
        self.id
    }

    /// Bytes that have come.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what has come.
    ///
    /// # Errors
    /// [`Error::Unfit`] after a piece could not be kept.
    pub fn hash(&self) -> Result<[u8; 32]> {
        let (_, hash) = self.writer.as_ref().ok_or_else(broken)?;
        Ok(hash.clone().finalize().into())
    }

    /// Adds a piece; one of a megabyte costs least.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::File`] for a full disk. The upload is over then.
    #[crate::boxed]
    pub async fn write(&mut self, piece: Vec<u8>) -> Result<()> {
        let (mut file, mut hash) = self.writer.take().ok_or_else(broken)?;
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        if self.bytes > self.max_bytes {
            return Err(Error::TooLarge { max_bytes: self.max_bytes });
        }
        let written = blocking(move || {
            file.write_all(&piece).map_err(Error::file("the upload cannot be kept"))?;
            hash.update(&piece);
            Ok((file, hash))
        });
        self.writer = Some(written.await?);
        Ok(())
    }

    /// Puts the whole archive where plans are made from, under the import's own name; its hash.
    #[crate::boxed]
    pub(super) async fn hand_over(mut self, scope: &Scope, dir: &Path) -> Result<(ImportId, String)> {
        if scope.tenant() != self.tenant {
            return Err(Error::NoImport(self.id));
        }
        let (file, hash) = self.writer.take().ok_or_else(broken)?;
        let (from, to) = (self.part.0.clone(), spool::path_of(dir, self.id));
        let moved = blocking(move || {
            let unwritable = || Error::file("the upload cannot be kept until it is applied");
            // On disk before the plan says so: an acknowledged upload survives a power cut.
            file.sync_all().map_err(unwritable())?;
            fs::rename(&from, &to).map_err(unwritable())?;
            Ok(hexadecimal(hash))
        });
        let id = self.id;
        Ok((id, moved.await?))
    }
}

fn broken() -> Error {
    Error::Unfit("a piece of this upload could not be kept: send the archive again".to_owned())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|_| Error::Unfit("the upload was interrupted: send the archive again".to_owned()))?
}

/// Pieces of uploads that died with their process.
fn remove_leftovers(dir: &Path, now: Timestamp) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|ending| ending == PART) && is_left(&path, now) {
            spool::remove(&path);
        }
    }
}

fn is_left(path: &Path, now: Timestamp) -> bool {
    let modified = fs::metadata(path).and_then(|found| found.modified()).ok();
    let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.is_some_and(|at| at.as_micros() + LEFT_AFTER.as_micros() < now.micros().max(0).unsigned_abs().into())
}
