//! What every door of one server shares.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use doorstep_engine::Engine;
use tokio::sync::watch;

use crate::auth::Authenticator;
use crate::cookie::Cookies;
use crate::live::Live;
use crate::mcp;
use crate::metrics::Metrics;
use crate::page::Reading;
use crate::settings::Settings;

/// One server at work. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What is behind an [`App`].
pub struct Shared {
    /// The calls that every door shares.
    pub engine: Engine,
    /// What the operator decided.
    pub settings: Settings,
    /// How cookies are named and marked here.
    pub cookies: Cookies,
    /// Who tells who asks.
    pub authenticator: Arc<dyn Authenticator>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The streams of those who watch.
    pub live: Live,
    /// What answers agents.
    pub(crate) mcp: mcp::Service,
    /// Archives that are being read.
    pub(crate) reading: Reading,
    /// Whether the server is about to end.
    pub(crate) stopping: watch::Sender<bool>,
}

impl App {
    /// A server over `engine`.
    pub fn new(engine: Engine, settings: Settings, authenticator: Arc<dyn Authenticator>) -> Self {
        let metrics = Arc::new(Metrics::default());
        let stopping = watch::Sender::new(false);
        let live = Live::new(engine.clone(), settings.limits.clone(), metrics.clone());
        let reading = Reading::default();
        let cookies = Cookies::new(settings.is_https());
        let mcp = mcp::service(engine.clone());
        Self(Arc::new(Shared { engine, settings, cookies, authenticator, metrics, live, mcp, reading, stopping }))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Waits until the server is told to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // It only fails when the server is gone, and then it has stopped, too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// The two ends of the connection that a request came by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Ours.
    pub local: SocketAddr,
    /// Theirs.
    pub remote: SocketAddr,
}
