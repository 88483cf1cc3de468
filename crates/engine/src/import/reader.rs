//! Pages of rows from the archive: read on a thread that may block, handed over through a short queue, so that
//! reading and writing go on side by side and memory stays flat.

use std::path::PathBuf;
use std::sync::Arc;

use doorstep_upstream::phone_history::{Archive, ExtraAliases, Limits, Options, Refused, Row, Rows};
use tokio::sync::mpsc;

use crate::error::{Error, Result};

/// Rows of one transaction. A transaction writes every index page that it touches, and rows land all over some
/// indexes: fewer, larger ones write several times less. Other writers wait for half a second.
pub(super) const PAGE_ROWS: usize = 8_000;
/// Rows handed over together as they were read. A contact with all that its row says takes kilobytes, and three pages
/// are in memory: one being read, one waiting, one at work.
const ROWS_AT_A_TIME: usize = 1_000;
/// Bytes of one page, for files with long texts.
const PAGE_BYTES: u64 = 8 << 20;
/// Pages read ahead.
const QUEUE: usize = 1;

/// An archive with all that reading it needs.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub path: PathBuf,
    pub options: Arc<Options>,
    pub aliases: Arc<ExtraAliases>,
    pub limits: Limits,
}

/// A page, and how many unpacked bytes of the file have been read after it.
pub(super) struct Page<T> {
    pub rows: Vec<Row<T>>,
    pub bytes_read: u64,
}

/// Pages as they come.
pub(super) struct Pages<T>(mpsc::Receiver<Result<Page<T>, Refused>>);

/// Turns the row at a place of its file into what is to be stored; `None` if nothing is.
pub(super) type Prepare<T, U> = Box<dyn FnMut(usize, Row<T>) -> Option<U> + Send>;

impl<T> Pages<T> {
    pub async fn next(&mut self) -> Result<Option<Page<T>>> {
        self.0.recv().await.transpose().map_err(Error::from)
    }
}

impl Source {
    pub fn open(&self) -> Result<Archive, Refused> {
        Archive::open(&self.path, self.limits, &self.aliases)
    }

    /// Reads one of the files: `rows` picks which (`Archive::contacts`, …).
    pub fn pages<T, F>(&self, rows: F) -> Pages<T>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a mut Archive, &'a Options) -> Result<Rows<'a, T>, Refused> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let source = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(refused) = send_all(&source, rows, &sender) {
                let _ = sender.blocking_send(Err(refused));
            }
        });
        Pages(receiver)
    }

    /// As [`Self::pages`], each row prepared for the store while the page before it goes in. Pages hold up to
    /// [`PAGE_ROWS`] prepared rows; empty ones do not come.
    pub fn prepared<T, U, F>(&self, rows: F, mut prepare: Prepare<T, U>) -> mpsc::Receiver<Result<Vec<U>, Refused>>
    where
        T: Send + 'static,
        U: Send + 'static,
        F: for<'a> Fn(&'a mut Archive, &'a Options) -> Result<Rows<'a, T>, Refused> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let source = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(refused) = send_prepared(&source, rows, &mut prepare, &sender) {
                let _ = sender.blocking_send(Err(refused));
            }
        });
        receiver
    }
}

fn send_prepared<T, U, F>(
    source: &Source,
    pick: F,
    prepare: &mut Prepare<T, U>,
    sender: &mpsc::Sender<Result<Vec<U>, Refused>>,
) -> Result<(), Refused>
where
    F: for<'a> Fn(&'a mut Archive, &'a Options) -> Result<Rows<'a, T>, Refused>,
{
    let mut archive = source.open()?;
    let mut rows = pick(&mut archive, &source.options)?;
    let mut page = Vec::new();
    let (mut place, mut page_began_at) = (0, 0);
    while let Some(row) = rows.next() {
        page.extend(prepare(place, row?));
        place += 1;
        if page.len() == PAGE_ROWS || rows.bytes_read() - page_began_at > PAGE_BYTES && !page.is_empty() {
            page_began_at = rows.bytes_read();
            if sender.blocking_send(Ok(std::mem::take(&mut page))).is_err() {
                return Ok(());
            }
        }
    }
    if !page.is_empty() {
        let _ = sender.blocking_send(Ok(page));
    }
    Ok(())
}

fn send_all<T, F>(source: &Source, pick: F, sender: &mpsc::Sender<Result<Page<T>, Refused>>) -> Result<(), Refused>
where
    F: for<'a> Fn(&'a mut Archive, &'a Options) -> Result<Rows<'a, T>, Refused>,
{
    let mut archive = source.open()?;
    let mut rows = pick(&mut archive, &source.options)?;
    let mut page = Vec::with_capacity(ROWS_AT_A_TIME);
    let mut page_began_at = 0;
    while let Some(row) = rows.next() {
        page.push(row?);
        if page.len() == ROWS_AT_A_TIME || rows.bytes_read() - page_began_at > PAGE_BYTES {
            page_began_at = rows.bytes_read();
            let full = std::mem::replace(&mut page, Vec::with_capacity(ROWS_AT_A_TIME));
            if sender.blocking_send(Ok(Page { rows: full, bytes_read: page_began_at })).is_err() {
                // Nobody listens any more: the plan was given up.
                return Ok(());
            }
        }
    }
    let bytes_read = rows.bytes_read();
    let _ = sender.blocking_send(Ok(Page { rows: page, bytes_read }));
    Ok(())
}
