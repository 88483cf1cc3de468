//! Taking connections, within limits, until told to stop; then ending them politely.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::app::{App, Ends, stopped};
use crate::bounds::Limits;
use crate::patient::Patient;
use crate::routes;

/// How long to wait when the system has no more files to give, before asking again.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    app: App,
}

impl Server {
    /// Listens at `address`; port 0 is any free one.
    ///
    /// # Errors
    /// The address is taken, or not ours.
    pub async fn bind(address: &str, app: App) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, app })
    }

    /// The address that it listens at.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done: then takes no more connections, ends live streams with a hint when to come back,
    /// lets requests under way and dry runs finish, and ends what is left after [`Limits::farewell`].
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, app } = self;
        let limits = app.settings.limits.clone();
        let places = Arc::new(Semaphore::new(limits.connections));
        let (router, mut stop) = (routes::all(app.clone()), pin!(stop));
        let mut connections = JoinSet::new();
        connections.spawn(app.live.clone().run(app.stopping.subscribe()));
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                taken = take(&listener, &places) => {
                    let Some((stream, ends, place)) = taken else { continue };
                    let guest = Guest { ends, place, open: app.metrics.connections.enter() };
                    connections.spawn(attend(stream, guest, router.clone(), limits.clone(), app.stopping.subscribe()));
                }
            }
        }
        drop(listener);
        app.stopping.send_replace(true);
        let all_gone = async {
            while connections.join_next().await.is_some() {}
            app.reading.finish().await;
        };
        if tokio::time::timeout(limits.farewell, all_gone).await.is_err() {
            tracing::warn!(left = connections.len(), "requests that did not end in time are cut off");
        }
        connections.shutdown().await;
    }
}

/// One connection's hold on what is bounded.
struct Guest {
    ends: Ends,
    #[allow(dead_code, reason = "held until the connection ends")]
    place: OwnedSemaphorePermit,
    #[allow(dead_code, reason = "held until the connection ends")]
    open: crate::metrics::Entered,
}

/// The next connection once there is a place for it; `None` if it was gone before we could take it.
async fn take(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, Ends, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, remote)) => {
            let local = stream.local_addr().ok()?;
            Some((stream, Ends { local, remote }, place))
        }
        Err(error) => {
            // Either this one connection broke, or no file is left; asking again at once would only spin.
            tracing::warn!(%error, "a connection could not be taken");
            tokio::time::sleep(EXHAUSTED_WAIT).await;
            None
        }
    }
}

/// Serves one connection to its end.
async fn attend(stream: TcpStream, guest: Guest, router: Router, limits: Limits, mut stopping: watch::Receiver<bool>) {
    // Only a connection that is gone already refuses.
    let _ = stream.set_nodelay(true);
    let ends = guest.ends;
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        request.extensions_mut().insert(ends);
        async move { Ok::<_, Infallible>(router.call(request.map(Body::new)).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes)
        .half_close(false)
        .serve_connection(TokioIo::new(Patient::new(stream, limits.write_pause)), service);
    let mut connection = pin!(connection);
    // How it ends is the caller's doing: gone, too slow, not HTTP. None of that is ours to report.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stopping) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
