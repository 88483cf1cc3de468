//! `/events`: the stream as browsers read it (server-sent events). Named messages only, and never compressed: a
//! compressor would sit on them.

use std::fmt::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{Topic, Watcher};
use crate::App;
use crate::app::stopped;
use crate::auth::{Principal, is_still};
use crate::body::Query;
use crate::problem::{Problem, Result};

/// Things that one page may name: it shows no more at once.
const MOST_TOPICS: usize = 100;
/// When to come back after the stream has ended; browsers add a jitter.
const RETRY: Duration = Duration::from_millis(500);
/// A comment, which nobody reads but proxies and broken connections.
const HEARTBEAT: &str = ": alive\n\n";

/// What a page watches besides the general topics.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// `customer-cus_…,import-imp_…`
    #[serde(default)]
    watch: String,
}

/// Opens a stream for whoever has signed in.
pub(crate) async fn events(
    State(app): State<App>,
    principal: Principal,
    Query(wanted): Query<Wanted>,
    head: Parts,
) -> Result<Response> {
    let names = wanted.watch.split(',').filter(|name| !name.is_empty());
    let topics: Vec<Topic> = names
        .take(MOST_TOPICS + 1)
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|unknown| Problem::bad_request(format!("In `watch`: {unknown}.")))?;
    if topics.len() > MOST_TOPICS {
        return Err(Problem::bad_request(format!("`watch` may name at most {MOST_TOPICS} things.")));
    }
    let watcher = app.live.watch(&principal.scope, &topics).await?;
    let now = Instant::now();
    let open = Open {
        watcher,
        stopping: app.stopping.subscribe(),
        beat_at: now + app.settings.limits.heartbeat,
        recheck_at: now + app.settings.limits.recheck,
        principal,
        app,
        head,
        greeted: false,
    };
    Ok(answer(Body::from_stream(stream::unfold(Some(open), Open::go_on))))
}

/// A body of server-sent events as an answer.
pub(crate) fn answer(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store, no-transform"),
        // nginx would keep what we say until it has enough of it.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// A stream that is open.
struct Open {
    app: App,
    principal: Principal,
    head: Parts,
    watcher: Watcher,
    stopping: watch::Receiver<bool>,
    beat_at: Instant,
    recheck_at: Instant,
    greeted: bool,
}

type Piece = std::io::Result<Bytes>;

impl Open {
    /// The next piece of the stream.
    async fn go_on(open: Option<Self>) -> Option<(Piece, Option<Self>)> {
        let mut open = open?;
        let limits = open.app.settings.limits.clone();
        if !open.greeted {
            open.greeted = true;
            return Some((Ok(event("live:hello", true).into()), Some(open)));
        }
        loop {
            let text = tokio::select! {
                biased;
                () = stopped(&mut open.stopping) => {
                    return Some((Ok(event("live:bye", true).into()), None));
                }
                () = sleep_until(open.recheck_at) => {
                    if !open.may_still_watch().await {
                        return Some((Ok(event("live:refresh", true).into()), None));
                    }
                    continue;
                }
                told = open.watcher.next() => {
                    let told = told?;
                    // Who has lost the right hears nothing more, not even once (I-17).
                    if !open.may_still_watch().await {
                        return Some((Ok(event("live:refresh", true).into()), None));
                    }
                    told.iter().fold(String::new(), |mut text, topic| {
                        // Writing into a text cannot fail.
                        let _ = write!(text, "{}", event(&topic.to_string(), false));
                        text
                    })
                }
                () = sleep_until(open.beat_at) => HEARTBEAT.to_owned(),
            };
            open.beat_at = Instant::now() + limits.heartbeat;
            return Some((Ok(text.into()), Some(open)));
        }
    }

    /// A session may have ended, and a role may have changed, since the stream was opened.
    async fn may_still_watch(&mut self) -> bool {
        self.recheck_at = Instant::now() + self.app.settings.limits.recheck;
        is_still(&self.app, &self.head, &self.principal).await
    }
}

/// One message. The time to come back must ride on a message with a name, or it is not read.
fn event(name: &str, with_retry: bool) -> String {
    let retry = if with_retry { format!("retry: {}\n", RETRY.as_millis()) } else { String::new() };
    format!("event: {name}\n{retry}data: 1\n\n")
}
