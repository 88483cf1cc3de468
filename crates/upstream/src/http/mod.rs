//! The one client for everything that we talk to over HTTP.
//!
//! It talks to listed origins only, follows no redirect, waits for nothing without a limit, holds no more than a limit
//! of any answer, and says what went wrong in words that hold neither a secret nor anything personal: an address is
//! told without what stands behind its question mark, and no answer is quoted.

mod attempts;
mod origin;
mod pace;
mod secret;
mod surroundings;
mod trouble;

pub use origin::{BadOrigin, Origin};
pub use secret::SecretText;
pub use surroundings::{Sleeping, Surroundings};

pub(crate) use attempts::Attempts;
pub(crate) use pace::Pace;
pub(crate) use trouble::Trouble;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::{Timestamp, planted};
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use attempts::retry_after;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may be silent: ServiceTitan's servers give up after 100 seconds, and a client that does so before
/// them asks again for what they are still working on.
const READ_TIMEOUT: Duration = Duration::from_secs(110);
/// How long one try may take from its beginning to the last byte.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(180);
/// The largest answer that is taken, in bytes: a page of 5,000 of the largest rows has some 25 MB.
const MAX_BODY_BYTES: usize = 64 << 20;

/// How the client is made.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Whom it may talk to.
    pub allowed: Vec<Origin>,
    /// The name that it gives itself: the program's and its version.
    pub user_agent: String,
    /// How long one try may take, if not three minutes: tests are less patient.
    pub total_timeout: Option<Duration>,
    /// The largest answer taken, in bytes, if not 64 MB: tests are more easily satisfied.
    pub max_body_bytes: Option<usize>,
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client could be made: {0}")]
pub struct NoClient(String);

/// The client.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    allowed: Arc<[Origin]>,
    max_body_bytes: usize,
    pub(crate) surroundings: Surroundings,
}

/// A call.
pub(crate) struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<String>,
}

impl Call {
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None }
    }

    pub fn post(url: Url, content_type: &'static str, body: String) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { method: Method::POST, url, headers, body: Some(body) }
    }

    /// Adds a header whose value no log and no `Debug` shows.
    pub fn secret_header(&mut self, name: HeaderName, value: &str) -> Result<(), Trouble> {
        let refused = || Trouble::fatal(format!("`{name}` has characters that no header may have"));
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }
}

/// An answer that was read to its end, of whatever status.
pub(crate) struct Answered {
    pub status: StatusCode,
    /// The other side's clock when it answered, to the second.
    pub date: Option<Timestamp>,
    pub body: Vec<u8>,
    /// Where it came from, as it may be told.
    pub place: String,
}

impl Answered {
    /// The body of a success. One that is no JSON is a page of somebody's in between, or was cut: it may work later.
    pub fn json(&self) -> Result<Value, Trouble> {
        // The parser's own words may quote a value.
        serde_json::from_slice(&self.body)
            .map_err(|_| Trouble::passing(format!("{} answered with something that is no JSON", self.place)))
    }
}

impl Http {
    /// Makes the client.
    ///
    /// # Errors
    /// [`NoClient`] where TLS cannot be set up.
    pub fn new(options: HttpOptions, surroundings: Surroundings) -> Result<Self, NoClient> {
        // The roots come with the program: a container has none of its own, and no machine's additions are trusted.
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| NoClient(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            // What a variable of the environment names would be a host that nobody allowed.
            .no_proxy()
            .user_agent(options.user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(options.total_timeout.unwrap_or(TOTAL_TIMEOUT))
            .build()
            .map_err(|error| NoClient(error.without_url().to_string()))?;
        let max_body_bytes = options.max_body_bytes.unwrap_or(MAX_BODY_BYTES);
        Ok(Self { client, allowed: options.allowed.into(), max_body_bytes, surroundings })
    }

    /// Whether the client may talk to this origin.
    pub(crate) fn may_talk_to(&self, origin: &Origin) -> bool {
        self.allowed.contains(origin) || planted!("every-place-is-allowed")
    }

    /// Tries a call once. Any status is an answer but those that ask to come again: 408, 429 and those from 500 on.
    pub(crate) async fn once(&self, call: Call) -> Result<Answered, Trouble> {
        let place = place(&call.url);
        if !Origin::of(&call.url).is_some_and(|origin| self.may_talk_to(&origin)) {
            return Err(Trouble::fatal(format!("{place} is not among the places that this program may talk to")));
        }
        let mut request = self.client.request(call.method, call.url).headers(call.headers);
        request = request.header(ACCEPT, "application/json");
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|error| Trouble::Passing {
            asked: None,
            is_untaken: error.is_connect(),
            why: told(&place, &error),
        })?;
        let (status, header) = (response.status(), |name| response.headers().get(name)?.to_str().ok());
        let now = self.surroundings.clock.now();
        let date = header(DATE).and_then(Timestamp::from_http_date);
        let asks_again = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        if asks_again || status.is_server_error() {
            let asked = header(RETRY_AFTER).and_then(|asked| retry_after(asked, date.unwrap_or(now)));
            let is_untaken = status == StatusCode::TOO_MANY_REQUESTS;
            return Err(Trouble::Passing { asked, is_untaken, why: refused(&place, status) });
        }
        if status.is_redirection() {
            let why =
                format!("{place} sends us elsewhere ({status}), which is not followed: credentials would go along");
            return Err(Trouble::fatal(why));
        }
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(|error| Trouble::passing(told(&place, &error)))? {
            if body.len() + bytes.len() > self.max_body_bytes {
                let why = format!("{place} answered with more than {} bytes, which nobody holds", self.max_body_bytes);
                return Err(Trouble::fatal(why));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(Answered { status, date, body, place })
    }
}

/// An address as it may be told: without what stands behind the question mark, which may be a name or a token.
fn place(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or("an address without a host"), url.path())
}

fn refused(place: &str, status: StatusCode) -> String {
    match status {
        StatusCode::TOO_MANY_REQUESTS => format!("{place} has had too many requests from us for now (429)"),
        status => format!("{place} failed on their side ({})", status.as_u16()),
    }
}

/// What went wrong on the way, by its kind; the library's own text names the address whole.
fn told(place: &str, error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() && is_tls(error) {
        "could not be reached: its certificate is not trusted, or it speaks no TLS"
    } else if error.is_connect() {
        "could not be reached"
    } else if error.is_body() || error.is_decode() {
        "broke off in the middle of its answer"
    } else {
        "hung up before it answered"
    };
    format!("{place} {what}")
}

/// Whether TLS is why: its error is wrapped, now in one layer and now in two, by what opens connections.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    // What an error of input and output wraps is not its source.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|inner| is_tls(inner)) || error.source().is_some_and(is_tls)
}
