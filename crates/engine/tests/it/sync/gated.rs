//! Sources whose answers can be held up on their way, to see what happens meanwhile.

use std::sync::Arc;

use doorstep_core::TenantId;
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_core::source::{Cursor, SourceSpec};
use doorstep_engine::connection::Said;
use doorstep_engine::sync::Sources;
use doorstep_upstream::source::{Answer, Checked, Failure, OneCustomer, Page, Row, Source};
use tokio::sync::Semaphore;

/// Which answer is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// All of one customer.
    Customer,
    /// The first page of this stream.
    Page(&'static str),
}

/// Opens sources whose first answer of a kind has come and is held until it is let go; all else goes its way.
pub struct Gate {
    sources: Arc<dyn Sources>,
    held: Held,
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub fn before(sources: Arc<dyn Sources>, held: Held) -> Arc<Self> {
        let closed = || Arc::new(Semaphore::new(0));
        Arc::new(Self { sources, held, reached: closed(), open: closed() })
    }

    /// Waits until an answer is there and held.
    pub async fn holds(&self) {
        let reached = tokio::time::timeout(std::time::Duration::from_secs(60), self.reached.acquire());
        reached.await.expect("an answer").unwrap().forget();
    }

    pub fn let_go(&self) {
        self.open.add_permits(1_000);
    }
}

impl Sources for Gate {
    fn open(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        source: record::Source,
        said: &Said,
    ) -> Result<Box<dyn Source>, Failure> {
        let source = self.sources.open(tenant, connection, source, said)?;
        Ok(Box::new(Gated {
            source,
            held: self.held,
            reached: Arc::clone(&self.reached),
            open: Arc::clone(&self.open),
        }))
    }
}

struct Gated {
    source: Box<dyn Source>,
    held: Held,
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gated {
    async fn pass(&self, at: Held) {
        if self.held == at {
            self.reached.add_permits(1);
            self.open.acquire().await.unwrap().forget();
        }
    }
}

impl Source for Gated {
    fn spec(&self) -> &'static SourceSpec {
        self.source.spec()
    }

    fn check(&self) -> Answer<'_, Checked> {
        self.source.check()
    }

    fn page<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let page = self.source.page(stream, from).await;
            if let Held::Page(held) = self.held
                && held == stream
            {
                self.pass(self.held).await;
            }
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
        Box::pin(async move {
            let found = self.source.customer(key).await;
            self.pass(Held::Customer).await;
            found
        })
    }
}
