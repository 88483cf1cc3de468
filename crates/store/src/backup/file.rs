//! Files of a backup: private, durable, and never overwritten by accident.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::error::{Error, Result};

/// How long we wait for another process that holds a file: long enough for a commit, short for a person.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The system's number for "no space left on device".
const ENOSPC: i32 = 28;

/// An I/O error as ours.
fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    if error.raw_os_error() == Some(ENOSPC) {
        return Error::DiskFull;
    }
    Error::Setup(format!("`{}` cannot be {what}: {error}", path.display()))
}

/// `name.ending` in the same folder, so that it can be renamed at once.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// What SQLite keeps beside a database.
pub(super) fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    })
}

pub(super) fn refuse_existing(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(Error::Setup(format!(
            "`{}` is there already, and a backup overwrites nothing: name another",
            path.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("looked at", path, &error)),
    }
}

/// An empty file that only its owner may read: a backup holds everybody's messages.
pub(super) fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|error| failed("created", path, &error))
}

/// Copies into a new private file.
#[crate::boxed]
pub(super) async fn copy(from: &Path, to: &Path) -> Result<()> {
    create_private(to)?;
    let (source, target) = (from.to_owned(), to.to_owned());
    let copied = tokio::task::spawn_blocking(move || {
        let mut reader = File::open(source)?;
        let mut writer = OpenOptions::new().write(true).open(target)?;
        io::copy(&mut reader, &mut writer)
    });
    match copied.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed("written", to, &error)),
        Err(_) => Err(Error::Setup(format!("`{}` was not copied: the program is stopping", from.display()))),
    }
}

/// Removes a database and what SQLite keeps beside it; it need not be there.
pub(super) fn remove(path: &Path) -> Result<()> {
    remove_one(path)?;
    companions(path).iter().try_for_each(|path| remove_one(path))
}

pub(super) fn remove_one(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("removed", path, &error)),
        _ => Ok(()),
    }
}

/// Waits until the file is on the disk.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| failed("made durable", path, &error))
}

/// Renames at once and durably.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| failed("renamed", from, &error))?;
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(dir)
}

pub(super) fn bytes(path: &Path) -> Result<u64> {
    fs::metadata(path).map(|meta| meta.len()).map_err(|error| failed("looked at", path, &error))
}

/// One connection to a SQLite file.
#[crate::boxed]
pub(super) async fn pool(options: SqliteConnectOptions) -> Result<SqlitePool> {
    let one = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    Ok(one.connect_with(options.busy_timeout(BUSY_TIMEOUT)).await?)
}
