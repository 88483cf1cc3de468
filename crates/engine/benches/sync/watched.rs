//! Sources that are watched: how long they were waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use doorstep_core::TenantId;
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_core::source::{Cursor, SourceSpec};
use doorstep_engine::connection::Said;
use doorstep_engine::sync::Sources;
use doorstep_upstream::Upstreams;
use doorstep_upstream::source::{Answer, Checked, Failure, OneCustomer, Page, Row, Source};

/// How long answers were waited for together, in microseconds.
#[derive(Debug, Default, Clone)]
pub struct Waited(Arc<AtomicU64>);

impl Waited {
    /// Since this was called last.
    pub fn take(&self) -> Duration {
        Duration::from_micros(self.0.swap(0, Ordering::SeqCst))
    }

    fn note(&self, began: Instant) {
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

/// Opens sources that are watched.
pub struct Watched {
    pub upstreams: Upstreams,
    pub waited: Waited,
}

impl Sources for Watched {
    fn open(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        source: record::Source,
        said: &Said,
    ) -> Result<Box<dyn Source>, Failure> {
        let source = Sources::open(&self.upstreams, tenant, connection, source, said)?;
        Ok(Box::new(Watching { source, waited: self.waited.clone() }))
    }
}

struct Watching {
    source: Box<dyn Source>,
    waited: Waited,
}

impl Source for Watching {
    fn spec(&self) -> &'static SourceSpec {
        self.source.spec()
    }

    fn check(&self) -> Answer<'_, Checked> {
        self.source.check()
    }

    fn page<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let began = Instant::now();
            let page = self.source.page(stream, from).await;
            self.waited.note(began);
            page
        })
    }

    fn sweep<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page> {
        self.source.sweep(stream, from)
    }

    fn read<'a>(&'a self, stream: &'a str, key: &'a str, parent: Option<&'a str>) -> Answer<'a, Option<Row>> {
        self.source.read(stream, key, parent)
    }

    fn customer<'a>(&'a self, key: &'a str) -> Answer<'a, Option<OneCustomer>> {
        self.source.customer(key)
    }
}
