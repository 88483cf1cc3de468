//! The door to all live sources: settings in, a source out.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, Weak};

use doorstep_core::{planted, record};

use crate::http::{Http, HttpOptions, NoClient, Origin, Surroundings};
use crate::servicetitan::{self, Refused, ServiceTitan};
use crate::source::Source;

/// The live sources of one process, with one client for all. Whoever opens a source with a credential that is in use
/// shares its token and its pace.
pub struct Upstreams {
    http: Http,
    servicetitan: Mutex<HashMap<[u8; 32], Weak<servicetitan::Session>>>,
}

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstreams").field("http", &self.http).finish_non_exhaustive()
    }
}

impl Upstreams {
    /// Makes the client. It may talk to the sources' own addresses, and to those that `options` allows besides (a
    /// simulator, a proxy).
    ///
    /// # Errors
    /// [`NoClient`] where TLS cannot be set up.
    pub fn new(mut options: HttpOptions, surroundings: Surroundings) -> Result<Self, NoClient> {
        options.allowed.extend(servicetitan::own_origins());
        Ok(Self { http: Http::new(options, surroundings)?, servicetitan: Mutex::new(HashMap::new()) })
    }

    /// A source with somebody's settings (`SourceSpec::settings`). Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`Refused`] names the setting and what is wrong with it; never its value.
    pub fn open(
        &self,
        source: record::Source,
        settings: &BTreeMap<String, String>,
    ) -> Result<Box<dyn Source>, Refused> {
        match source {
            record::Source::ServiceTitan => Ok(Box::new(self.servicetitan(settings)?)),
            record::Source::Hub | record::Source::PhoneHistory => Err(Refused {
                setting: "source".to_owned(),
                why: format!("{} is not read over a network", source.label()),
            }),
        }
    }

    /// ServiceTitan, with what it can do beyond what every source does.
    ///
    /// # Errors
    /// As [`Upstreams::open`].
    pub fn servicetitan(&self, settings: &BTreeMap<String, String>) -> Result<ServiceTitan, Refused> {
        let settings = servicetitan::Settings::read(settings, |origin: &Origin| self.http.may_talk_to(origin))?;
        // Nothing that panics is done under the lock; were it poisoned, the table is still one.
        let mut known = self.servicetitan.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.retain(|_, session| session.strong_count() > 0);
        let credential = if planted!("one-token-for-all") { [0; 32] } else { settings.credential() };
        let session = known.get(&credential).and_then(Weak::upgrade).unwrap_or_else(|| {
            let session = Arc::new(servicetitan::Session::new(self.http.clone(), settings));
            known.insert(credential, Arc::downgrade(&session));
            session
        });
        Ok(ServiceTitan::new(session))
    }
}
