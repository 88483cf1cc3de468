//! The same over standard input and output, for a client that starts us as a program of its own.

use std::sync::Arc;
use std::time::Duration;

use doorstep_agent::{Refusal, Session};
use doorstep_core::Scope;
use doorstep_core::verification::WebUser;
use doorstep_engine::Engine;
use rmcp::service::serve_server;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;

use super::MAX_BYTES;
use super::handler::Tools;

/// Calls at once: a model asks a few things at the same time, and each holds a connection of the database.
const MAX_AT_ONCE: usize = 8;
/// How long calls under way may take once the program is told to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Whom the program was started as.
pub enum Entry {
    /// Somebody who may read the store anyway.
    Scope(Scope),
    /// Whoever has this API key; it is looked up at every call, so that one that is revoked opens nothing more.
    Key(String),
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry(…)")
    }
}

/// What a program over stdio was started with.
pub(super) struct Local {
    entry: Entry,
    web_user: Option<WebUser>,
    places: Arc<Semaphore>,
}

impl Local {
    pub(super) async fn session(&self, engine: &Engine) -> Result<Session, Refusal> {
        let scope = match &self.entry {
            Entry::Scope(scope) => scope.clone(),
            Entry::Key(key) => match engine.authenticate_api_key(key).await? {
                Some(call) => call.scope,
                None => {
                    let text = "The API key that this program was started with opens nothing: it was revoked, is past its end, or never was one.";
                    return Err(Refusal::new(doorstep_agent::refusal::Kind::Denied { needs: None }, text));
                }
            },
        };
        Ok(Session::open(engine, scope, self.web_user.clone()).await?)
    }

    /// Waits for a place among the calls at once.
    pub(super) async fn place(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.places.clone().acquire_owned().await.ok()
    }
}

/// Serves one client until it hangs up or `stop` is done.
///
/// # Errors
/// The client does not speak the protocol.
pub async fn serve<R, W>(
    engine: Engine,
    entry: Entry,
    web_user: Option<WebUser>,
    (read, write): (R, W),
    stop: impl Future<Output = ()>,
) -> std::io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let local = Local { entry, web_user, places: Arc::new(Semaphore::new(MAX_AT_ONCE)) };
    let transport = AsyncRwTransport::new_server(read, write).with_max_line_length(MAX_BYTES);
    let mut stop = std::pin::pin!(stop);
    let running = tokio::select! {
        running = serve_server(Tools::over_stdio(engine, local), transport) => running,
        () = &mut stop => return Ok(()),
    };
    // Whoever hangs up before saying hello has said nothing wrong; what they said instead may hold anything.
    let Ok(running) = running else {
        return Err(std::io::Error::other("the client ended, or did not begin as the protocol says"));
    };
    let cancel = running.cancellation_token();
    let mut waiting = std::pin::pin!(running.waiting());
    tokio::select! {
        _ = &mut waiting => {}
        () = &mut stop => {
            cancel.cancel();
            let _ = tokio::time::timeout(FAREWELL, waiting).await;
        }
    }
    Ok(())
}
