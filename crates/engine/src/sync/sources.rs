//! Where live sources come from: the program says how they are opened, tests open simulated ones.

use doorstep_core::TenantId;
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_upstream::Upstreams;
use doorstep_upstream::source::{Failure, Mapping, Source, mapping};

use crate::connection::Said;

/// Opens live sources.
pub trait Sources: Send + Sync {
    /// A source with what was said to connect it, complete and with secrets. Nothing is asked of it yet. Connections of
    /// one credential may share what they must share, such as a pace.
    ///
    /// # Errors
    /// [`Failure`] with what is wrong with a setting, in words and without secrets.
    fn open(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        source: record::Source,
        said: &Said,
    ) -> Result<Box<dyn Source>, Failure>;

    /// How the words of a source become ours; `None` for what is no live source.
    fn mapping(&self, source: record::Source) -> Option<&'static dyn Mapping> {
        mapping(source)
    }
}

/// Opens none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn open(&self, _: TenantId, _: ConnectionId, source: record::Source, _: &Said) -> Result<Box<dyn Source>, Failure> {
        Err(Failure::Fatal { why: format!("this process reads no live sources, and so not {}", source.label()) })
    }
}

impl Sources for Upstreams {
    fn open(
        &self,
        _: TenantId,
        _: ConnectionId,
        source: record::Source,
        said: &Said,
    ) -> Result<Box<dyn Source>, Failure> {
        Upstreams::open(self, source, &said.0).map_err(|refused| Failure::Fatal { why: refused.to_string() })
    }
}
