//! The change feed: by pages, or as a stream that goes on (server-sent events). What changed is named, not told: who
//! wants to know asks for it, with the rights that they have then.

use std::collections::VecDeque;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use doorstep_core::tenant::Permission;
use doorstep_engine::change::{Change, Changed};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::cursor::List;
use super::input::Limit;
use super::json;
use crate::App;
use crate::app::stopped;
use crate::auth::{Principal, is_still};
use crate::body::Query;
use crate::live::{Watcher, answer};
use crate::problem::{Problem, Result};

/// Changes that the stream reads at once.
const PAGE: i64 = 200;
/// What a client that comes back says it had last.
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

#[derive(Serialize)]
struct Page {
    items: Vec<Change>,
    /// Where to go on, always: the feed has no end.
    next: String,
    has_more: bool,
}

/// Changes after `cursor`, oldest first; without one from the beginning.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    head: Parts,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "changes", &[]);
    let wants_stream = headers
        .get_all(header::ACCEPT)
        .into_iter()
        .any(|value| value.to_str().is_ok_and(|value| value.contains("text/event-stream")));
    if wants_stream {
        let last = headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("unreadable"));
        let after: Option<i64> = list.place(last.or(wanted.cursor.as_deref()))?;
        return stream(app, principal, head, list, after).await;
    }
    let after = list.place(wanted.cursor.as_deref())?.unwrap_or(0);
    let read = app.engine.changes(&principal.scope, after, wanted.limit.0).await?;
    let has_more = read.len() as i64 == wanted.limit.0;
    let next = list.seal(&read.last().map_or(after, |last| last.number).to_string());
    let items = read.into_iter().filter(|change| may_hear(&principal, change)).collect();
    json(StatusCode::OK, &Page { items, next, has_more })
}

/// Imports are for those who may import, here as everywhere.
fn may_hear(principal: &Principal, change: &Change) -> bool {
    !matches!(change.changed, Changed::Import(_)) || principal.require(Permission::Import).is_ok()
}

/// A stream that is open.
struct Open {
    app: App,
    principal: Principal,
    head: Parts,
    list: List,
    after: i64,
    watcher: Watcher,
    stopping: watch::Receiver<bool>,
    beat_at: Instant,
    recheck_at: Instant,
    ready: VecDeque<Change>,
    /// Whether there may be changes that were not read.
    is_behind: bool,
}

/// Without a place the stream begins with what comes from now on.
async fn stream(app: App, principal: Principal, head: Parts, list: List, after: Option<i64>) -> Result<Response> {
    // First the seat, then the place: nothing that is committed in between is missed.
    let watcher = app.live.watch(&principal.scope, &[]).await?;
    let after = match after {
        Some(after) => after,
        None => app.engine.last_change(&principal.scope).await?,
    };
    let now = Instant::now();
    let open = Open {
        watcher,
        stopping: app.stopping.subscribe(),
        beat_at: now + app.settings.limits.heartbeat,
        recheck_at: now + app.settings.limits.recheck,
        ready: VecDeque::new(),
        is_behind: true,
        principal,
        head,
        list,
        after,
        app,
    };
    Ok(answer(Body::from_stream(stream::unfold(open, Open::go_on))))
}

impl Open {
    /// The next piece; the stream ends where the right to it does, and a client that comes back is told why.
    async fn go_on(mut self) -> Option<(std::io::Result<Bytes>, Self)> {
        let limits = self.app.settings.limits.clone();
        loop {
            if let Some(change) = self.ready.pop_front() {
                self.after = change.number;
                if !may_hear(&self.principal, &change) {
                    continue;
                }
                let (id, data) = (self.list.seal(&change.number.to_string()), serde_json::to_string(&change).ok()?);
                self.beat_at = Instant::now() + limits.heartbeat;
                return Some((Ok(format!("id: {id}\nevent: change\ndata: {data}\n\n").into()), self));
            }
            if self.is_behind {
                // Who has lost the right hears nothing more, not even once (I-17).
                self.recheck_at = Instant::now() + limits.recheck;
                if !is_still(&self.app, &self.head, &self.principal).await {
                    return None;
                }
                self.read().await.ok()?;
                continue;
            }
            tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => return None,
                () = sleep_until(self.recheck_at) => {
                    // Signals may be lost; the feed is not. Reading it asks for the right, too.
                    self.is_behind = true;
                }
                told = self.watcher.next() => { told?; self.is_behind = true; }
                () = sleep_until(self.beat_at) => {
                    self.beat_at = Instant::now() + limits.heartbeat;
                    return Some((Ok(Bytes::from_static(b":\n\n")), self));
                }
            }
        }
    }

    async fn read(&mut self) -> Result<(), Problem> {
        let read = self.app.engine.changes(&self.principal.scope, self.after, PAGE).await?;
        self.is_behind = read.len() as i64 == PAGE;
        self.ready = read.into();
        Ok(())
    }
}
