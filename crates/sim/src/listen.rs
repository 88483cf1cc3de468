//! Taking connections until the sim is dropped.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::state::Shared;

/// Connections at once: more than any test or trial opens.
const MAX_CONNECTIONS: usize = 256;
/// How long a request's head may take, and a connection may idle.
const HEAD_TIME: Duration = Duration::from_secs(60);
/// How long to wait when the system has no more files to give, before asking again.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// Serves for ever; dropping it ends all connections.
pub(crate) async fn run(listener: TcpListener, shared: Shared) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        tokio::select! {
            Some(_) = connections.join_next() => {}
            taken = listener.accept() => match taken {
                Ok((stream, _)) => {
                    let shared = shared.clone();
                    connections.spawn(async move {
                        attend(stream, shared).await;
                        drop(place);
                    });
                }
                // Either this one connection broke, or no file is left; asking again at once would only spin.
                Err(_) => tokio::time::sleep(EXHAUSTED_WAIT).await,
            },
        }
    }
}

/// Serves one connection to its end.
async fn attend(stream: TcpStream, shared: Shared) {
    // Only a connection that is gone already refuses.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| shared.clone().answer(request.map(Body::new)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    // How it ends is the caller's doing, or a fault's.
    let _ = connection.await;
}
