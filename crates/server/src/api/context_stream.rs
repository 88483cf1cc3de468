//! The stream that tells when a customer's context changes (server-sent events): its version, never what it says. Whoever
//! wants to know asks for it, with the rights and the assurance that they have then.
//!
//! That a customer changes is the office's to know: a caller who only claims to be somebody would learn from it whether
//! there is such a customer.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::response::Response;
use doorstep_core::id::CustomerId;
use doorstep_engine::context::Whom;
use futures_util::stream;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::App;
use crate::app::stopped;
use crate::auth::{Principal, is_still};
use crate::live::{Watcher, answer};
use crate::problem::Result;

/// Whose context it is now, and its version; `None` where nobody, or no single one, is meant.
type Stand = Option<(CustomerId, i64)>;

/// A stream that is open.
struct Open {
    app: App,
    principal: Principal,
    head: Parts,
    whom: Whom,
    watcher: Watcher,
    stopping: watch::Receiver<bool>,
    beat_at: Instant,
    recheck_at: Instant,
    /// What is to be told first.
    first: Option<Stand>,
    /// What was told last.
    told: Stand,
    /// Whether something may have changed since.
    is_behind: bool,
}

/// Opens a stream: the first event says how it stands.
pub(super) async fn open(app: App, principal: Principal, head: Parts, whom: Whom) -> Result<Response> {
    // First the seat, then the look: nothing that is committed in between is missed.
    let watcher = app.live.watch(&principal.scope, &[]).await?;
    let stand = app.engine.context_stand(&principal.scope, &whom).await?;
    let now = Instant::now();
    let open = Open {
        watcher,
        stopping: app.stopping.subscribe(),
        beat_at: now + app.settings.limits.heartbeat,
        recheck_at: now + app.settings.limits.recheck,
        first: Some(stand),
        told: stand,
        is_behind: false,
        principal,
        head,
        whom,
        app,
    };
    Ok(answer(Body::from_stream(stream::unfold(open, Open::go_on))))
}

impl Open {
    /// The next piece; the stream ends where the right to it does.
    async fn go_on(mut self) -> Option<(std::io::Result<Bytes>, Self)> {
        let limits = self.app.settings.limits.clone();
        if let Some(first) = self.first.take() {
            return Some((Ok(event(first)), self));
        }
        loop {
            if self.is_behind {
                self.is_behind = false;
                // Who has lost the right hears nothing more, not even once (I-17).
                self.recheck_at = Instant::now() + limits.recheck;
                if !is_still(&self.app, &self.head, &self.principal).await {
                    return None;
                }
                let stand = self.app.engine.context_stand(&self.principal.scope, &self.whom).await.ok()?;
                if stand != self.told {
                    self.told = stand;
                    self.beat_at = Instant::now() + limits.heartbeat;
                    return Some((Ok(event(stand)), self));
                }
            }
            tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => return None,
                // Signals may be lost; the version is not.
                () = sleep_until(self.recheck_at) => self.is_behind = true,
                told = self.watcher.next() => { told?; self.is_behind = true; }
                () = sleep_until(self.beat_at) => {
                    self.beat_at = Instant::now() + limits.heartbeat;
                    return Some((Ok(Bytes::from_static(b":\n\n")), self));
                }
            }
        }
    }
}

fn event(stand: Stand) -> Bytes {
    let (customer, version) = stand.unzip();
    format!("event: context\ndata: {}\n\n", json!({ "customer": customer, "version": version })).into()
}
