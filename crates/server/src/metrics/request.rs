//! Requests, by the pattern of their route: there are as many series as routes, whatever callers ask for.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Histogram;

type OfRoute = BTreeMap<(&'static str, u16), Histogram>;

/// Requests answered.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<HashMap<String, OfRoute>>);

impl Requests {
    /// One more.
    pub(crate) fn count(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked first, so that only the first request to a route makes a copy of its name.
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), OfRoute::default());
        }
        if let Some(of_route) = routes.get_mut(route) {
            of_route.entry((method, status)).or_default().observe(took);
        }
    }

    /// As Prometheus reads it.
    pub(crate) fn write(&self, into: &mut String) -> fmt::Result {
        writeln!(into, "# HELP doorstep_http_request_duration_seconds Until the answer began, by route.")?;
        writeln!(into, "# TYPE doorstep_http_request_duration_seconds histogram")?;
        let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (route, of_route) in routes.into_iter().collect::<BTreeMap<_, _>>() {
            for ((method, status), histogram) in of_route {
                let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
                histogram.write(into, "doorstep_http_request_duration_seconds", &labels)?;
            }
        }
        Ok(())
    }
}
