//! The pages of a stream, one after the other: asked for outside of any transaction's way, and stored one by one.

use std::time::Duration;

use doorstep_core::planted;
use doorstep_core::source::{Cursor, CursorKind, Makes, StreamSpec};
use doorstep_core::sync::{Problem, Report};
use doorstep_store::live_record;
use doorstep_store::stream_cursor::Progress;
use doorstep_upstream::source::{Answer, Failure, Page};

use super::ingest::{Batch, Reading, Stop};

/// The longest that one answer of a source is waited for, its own tries included.
const CALL_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Pages of one stream in one run: ten thousand of a thousand rows are more than any of our businesses has. Beyond that the
/// run ends as incomplete and the next one goes on.
const MAX_PAGES: u64 = 10_000;

impl Reading<'_> {
    /// Reads the pages of a stream that are new.
    #[crate::boxed]
    pub(super) async fn pages(
        &self,
        stream: &'static StreamSpec,
        progress: &mut Progress,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let (mut has_begun_again, mut pages) = (false, 0);
        let is_first = progress.read_at.is_none();
        let mut ahead = None;
        loop {
            let from = progress.cursor.clone();
            let open =
                if planted!("a-source-is-asked-within-a-transaction") { Some(self.begin().await?) } else { None };
            let answer = match ahead.take() {
                Some(answer) => answer,
                None => self.ask(self.source.page(stream.name, from.as_ref())).await,
            };
            let page = match answer {
                // Reading all of it once more is safe: what is known is not stored twice.
                Err(Failure::Cursor { .. }) if from.is_some() && !has_begun_again => {
                    has_begun_again = true;
                    progress.cursor = None;
                    continue;
                }
                page => page?,
            };
            drop(open);
            let more = page.more;
            progress.cursor = next_cursor(stream, from.as_ref(), &page)?;
            if !more {
                progress.read_at = Some(self.deriving.engine.db.clock().now());
                // The first reading has met all there is.
                progress.swept_at = progress.swept_at.or(progress.read_at);
            }
            let Page { rows, skipped, .. } = page;
            let batch = Batch { rows, skipped, progress: progress.clone(), is_sweep: false };
            pages += 1;
            if !more {
                self.store(stream, batch, report).await?;
                break;
            }
            if pages >= MAX_PAGES {
                self.store(stream, batch, report).await?;
                let why = format!("{} has more pages than one run reads; the next run goes on from here", stream.label);
                return Err(Failure::Retry { after: None, why }.into());
            }
            let next = self.source.page(stream.name, progress.cursor.as_ref());
            ahead = Some(self.store_and_ask(stream, batch, report, next).await?);
        }
        if is_first && stream.makes.contains(&Makes::Contact) {
            self.warn_if_empty(stream, report).await?;
        }
        Ok(())
    }

    /// Waits for an answer of the source, with a limit, and without a place of work.
    pub(super) async fn ask<T>(&self, answer: Answer<'_, T>) -> Result<T, Failure> {
        self.deriving.engine.away(within_limit(answer)).await
    }

    /// Stores a page while the one after it is on its way: one, so that no more than two are ever held. That one is stored
    /// by a transaction of its own, as if it had been asked for afterwards; of what is not stored no cursor tells (I-02).
    async fn store_and_ask(
        &self,
        stream: &'static StreamSpec,
        batch: Batch,
        report: &mut Report,
        next: Answer<'_, Page>,
    ) -> Result<Result<Page, Failure>, Stop> {
        let next = within_limit(next);
        tokio::pin!(next);
        let mut answer = None;
        {
            let stored = self.store(stream, batch, report);
            tokio::pin!(stored);
            loop {
                tokio::select! {
                    stored = &mut stored => {
                        stored?;
                        break;
                    }
                    page = &mut next, if answer.is_none() => answer = Some(page),
                }
            }
        }
        match answer {
            Some(answer) => Ok(answer),
            None => Ok(self.deriving.engine.away(next).await),
        }
    }

    /// S16: credentials of another environment read nothing, and nothing says that anything is wrong.
    async fn warn_if_empty(&self, stream: &'static StreamSpec, report: &mut Report) -> Result<(), Stop> {
        let mut tx = self.deriving.engine.db.read(&self.scope).await?;
        if live_record::count(&mut tx, self.deriving.connection.id, stream.name).await? > 0 {
            return Ok(());
        }
        drop(tx);
        let reason = "the source has none at all: are these the settings of another environment?".to_owned();
        let problem = Problem { stream: stream.name.to_owned(), key: None, reason };
        self.note(stream.name, report, &[problem]).await
    }
}

/// Where the next page begins.
fn next_cursor(stream: &StreamSpec, from: Option<&Cursor>, page: &Page) -> Result<Option<Cursor>, Failure> {
    let cursor = page.cursor.clone().or_else(|| from.cloned());
    if page.more && cursor.as_ref() == from {
        let why = format!("{} do not come to an end: the source gives the same page again and again", stream.label);
        return Err(Failure::Fatal { why });
    }
    // Each read of such a stream begins anew.
    Ok(cursor.filter(|_| page.more || stream.cursor != CursorKind::Whole))
}

/// Waits for an answer, with a limit.
async fn within_limit<T>(answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(CALL_LIMIT, answer).await {
        Ok(answer) => answer,
        Err(_) => {
            Err(Failure::Retry { after: None, why: "the source has not answered for a quarter of an hour".to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_never_comes_to_an_end_is_stopped() {
        let stream = doorstep_upstream::source::SOURCES[0].spec().streams[0];
        let same = Cursor::new("same").unwrap();
        let page = Page { cursor: Some(same.clone()), more: true, ..Page::default() };
        assert!(next_cursor(&stream, Some(&same), &page).is_err());
        assert!(next_cursor(&stream, None, &Page { more: true, ..Page::default() }).is_err());
        assert_eq!(next_cursor(&stream, None, &page), Ok(Some(same.clone())));
        let last = Page { more: false, ..page };
        assert_eq!(next_cursor(&stream, Some(&same), &last), Ok(Some(same)));
    }
}
