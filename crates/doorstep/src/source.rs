//! Live sources as the program opens them: one client for all, made when the first one is asked for, because most
//! commands ask none.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use doorstep_core::id::ConnectionId;
use doorstep_core::{Clock, TenantId, record};
use doorstep_engine::connection::Said;
use doorstep_engine::seal::Keys;
use doorstep_engine::sync::Sources;
use doorstep_upstream::Upstreams;
use doorstep_upstream::http::{HttpOptions, Origin, Surroundings};
use doorstep_upstream::source::{Failure as SourceFailure, Source};

use crate::config::SourceSettings;
use crate::failure::Failure;

/// The name that the program gives itself to upstreams.
const USER_AGENT: &str = concat!("doorstep/", env!("CARGO_PKG_VERSION"));

/// The sources of this process.
pub struct LiveSources {
    options: HttpOptions,
    surroundings: Surroundings,
    made: OnceLock<Result<Upstreams, String>>,
}

impl LiveSources {
    /// As the settings say.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(settings: &SourceSettings, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let urls = settings.allowed_urls.as_deref().unwrap_or_default();
        let parse = |url: &str| {
            Origin::parse(url)
                .map_err(|bad| Failure::refused(format!("`sources.allowed_urls` cannot hold `{url}`: {bad}")))
        };
        let allowed = urls.split([' ', ',']).filter(|url| !url.is_empty()).map(parse).collect::<Result<_, _>>()?;
        let options =
            HttpOptions { allowed, user_agent: USER_AGENT.to_owned(), total_timeout: None, max_body_bytes: None };
        Ok(Self { options, surroundings: Surroundings::new(clock, chance()), made: OnceLock::new() })
    }
}

/// Numbers that spread waits; no secret. The keys of the standard library's hash come from the operating system.
fn chance() -> impl Fn() -> u64 + Send + Sync {
    let (state, drawn) = (std::collections::hash_map::RandomState::new(), AtomicU64::new(0));
    move || state.hash_one(drawn.fetch_add(1, Ordering::Relaxed))
}

impl Sources for LiveSources {
    fn open(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        source: record::Source,
        said: &Said,
    ) -> Result<Box<dyn Source>, SourceFailure> {
        let make = || Upstreams::new(self.options.clone(), self.surroundings.clone()).map_err(|no| no.to_string());
        match self.made.get_or_init(make) {
            Ok(upstreams) => Sources::open(upstreams, tenant, connection, source, said),
            Err(why) => Err(SourceFailure::Fatal { why: why.clone() }),
        }
    }
}

/// The keys that credentials are sealed with, as the settings say.
///
/// # Errors
/// A text that is no key; it is not quoted.
pub fn seal_keys(settings: &SourceSettings) -> Result<Keys, Failure> {
    match &settings.key {
        Some(text) => Keys::parse(text).map_err(|bad| Failure::refused(format!("`sources.key` is no key: {bad}"))),
        None => Ok(Keys::default()),
    }
}
