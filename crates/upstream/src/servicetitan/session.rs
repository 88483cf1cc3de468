//! Calls with a credential: its token, its pace, and its tries.
//!
//! One session per credential, shared by everything that uses it (`Upstreams` sees to that): the vendor counts calls
//! and tokens per application and business, not per task of ours.

use doorstep_core::{Timestamp, planted};
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::Value;
use tokio::sync::Mutex;

use super::settings::Settings;
use crate::http::{Answered, Attempts, Call, Http, Pace, SecretText, Trouble};
use crate::source::Failure;

/// Calls in a second, and more after a quiet while. Together fewer than the 60 that they allow an application per
/// business (fact sheet A3), so that a second counted by their clock has no more either.
const CALLS_PER_SECOND: u32 = 55;
const BURST: u32 = 4;
/// How long before its end a token is no longer used, in seconds: the call and its answer take a while.
const RENEW_SECONDS: i64 = 60;
/// How long a token is used whose answer does not say how long it is good for, in seconds. Theirs are good for 900.
const ASSUMED_SECONDS: i64 = 300;
/// The longest that a token is used, in seconds, whatever its answer says.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
/// The header that names the application.
const APP_KEY: HeaderName = HeaderName::from_static("st-app-key");

/// A token and until when it is used.
#[derive(Clone)]
struct Token {
    text: SecretText,
    until: Timestamp,
}

/// A credential in use.
pub(crate) struct Session {
    pub http: Http,
    pub settings: Settings,
    pace: Pace,
    /// Held while a token is asked for, so that one asks and all others wait for what it gets.
    token: Mutex<Option<Token>>,
}

/// What is to be asked, apart from the credential.
pub(crate) enum Ask {
    /// A path below the business' own (`crm/v2`, `customers/7`) with parameters.
    Get(Vec<(&'static str, String)>),
    /// A body to be written. Tried again only where it surely was not taken.
    Post(Value),
}

impl Session {
    pub fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings, pace: Pace::new(CALLS_PER_SECOND, BURST), token: Mutex::new(None) }
    }

    /// Gets a token, patiently, unless one is at hand.
    pub async fn sign_in(&self) -> Result<(), Failure> {
        let mut attempts = Attempts::new(&self.http.surroundings);
        while let Err(trouble) = self.token(None).await {
            attempts.after(trouble).await?;
        }
        Ok(())
    }

    /// Asks, patiently, and gives the JSON of a success with their clock; `None` where there is nothing (404).
    pub async fn ask(&self, door: Door<'_>, ask: &Ask) -> Result<Option<(Value, Option<Timestamp>)>, Failure> {
        let mut attempts = Attempts::new(&self.http.surroundings);
        let mut was_renewed = false;
        loop {
            // Asked for anew with each try: a long wait outlives a token.
            let token = match self.token(None).await {
                Ok(token) => token,
                Err(trouble) => {
                    attempts.after(trouble).await?;
                    continue;
                }
            };
            self.pace.wait(&self.http.surroundings).await;
            let trouble = match self.once(door, ask, &token).await {
                Ok(answered) if answered.status == StatusCode::UNAUTHORIZED && !was_renewed => {
                    was_renewed = true;
                    match self.token(Some(&token)).await {
                        Ok(_) => continue,
                        Err(trouble) => trouble,
                    }
                }
                Ok(answered) => match read(door, ask, &answered) {
                    Ok(found) => return Ok(found.map(|value| (value, answered.date))),
                    Err(trouble) => trouble,
                },
                Err(trouble) => trouble,
            };
            attempts.after(trouble).await?;
        }
    }

    async fn once(&self, door: Door<'_>, ask: &Ask, token: &SecretText) -> Result<Answered, Trouble> {
        let path = format!("/{}/tenant/{}/{}", door.module, self.settings.tenant, door.path);
        let no_address = || Trouble::fatal("the address of the API makes no address");
        let mut url = self.settings.api.url(&path).ok_or_else(no_address)?;
        let mut call = match ask {
            Ask::Get(parameters) => {
                if !parameters.is_empty() {
                    url.query_pairs_mut().extend_pairs(parameters);
                }
                Call::get(url)
            }
            Ask::Post(body) => Call::post(url, "application/json", body.to_string()),
        };
        call.secret_header(AUTHORIZATION, &format!("Bearer {}", token.reveal()))?;
        call.secret_header(APP_KEY, self.settings.app_key.reveal())?;
        let asked = self.http.once(call).await;
        match (asked, ask) {
            // Whether it was written is not known. Asking again could write it twice; the caller looks.
            (Err(Trouble::Passing { why, is_untaken: false, .. }), Ask::Post(_))
                if !planted!("a-note-is-sent-again") =>
            {
                Err(Trouble::Settled(Failure::Fatal { why }))
            }
            (asked, _) => asked,
        }
    }

    /// A token that is good for a while: the one at hand, or a new one. `refused` is one that was refused though it
    /// should be good; if it is still the one at hand, another is asked for.
    async fn token(&self, refused: Option<&SecretText>) -> Result<SecretText, Trouble> {
        let mut at_hand = self.token.lock().await;
        let now = self.http.surroundings.clock.now();
        if let Some(token) = at_hand.as_ref().filter(|token| now < token.until && refused != Some(&token.text)) {
            return Ok(token.text.clone());
        }
        *at_hand = None;
        let token = self.new_token(now).await?;
        let text = token.text.clone();
        *at_hand = Some(token);
        Ok(text)
    }

    async fn new_token(&self, asked_at: Timestamp) -> Result<Token, Trouble> {
        let url = self.settings.auth.url("/connect/token");
        let mut url = url.ok_or_else(|| Trouble::fatal("the address for tokens makes no address"))?;
        // The body is written as a query is: both are `application/x-www-form-urlencoded`.
        url.query_pairs_mut()
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", self.settings.client_secret.reveal());
        let form = url.query().unwrap_or("").to_owned();
        url.set_query(None);
        let answered = self.http.once(Call::post(url, "application/x-www-form-urlencoded", form)).await?;
        if !answered.status.is_success() {
            let why = format!(
                "ServiceTitan gives no token for this client id and secret ({}): check that both are of this \
                 business and environment, and that the secret was not replaced",
                answered.status.as_u16()
            );
            return Err(Trouble::Settled(Failure::Auth { why }));
        }
        let body = answered.json()?;
        let text = body.get("access_token").and_then(Value::as_str).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| Trouble::passing(format!("{} answered without a token", answered.place)))?;
        let seconds = body.get("expires_in").and_then(Value::as_i64).unwrap_or(ASSUMED_SECONDS + RENEW_SECONDS);
        let used = (seconds - RENEW_SECONDS).clamp(0, LONGEST_SECONDS);
        Ok(Token { text: SecretText::new(text), until: asked_at.plus_seconds(used) })
    }
}

/// A door of theirs: `crm/v2`, `customers`.
#[derive(Clone, Copy)]
pub(crate) struct Door<'a> {
    /// The module with its version.
    pub module: &'a str,
    /// What stands behind the business' number.
    pub path: &'a str,
    /// What it is for, for people.
    pub label: &'a str,
}

/// What an answer says: its JSON, nothing, or what is wrong.
fn read(door: Door<'_>, ask: &Ask, answered: &Answered) -> Result<Option<Value>, Trouble> {
    let label = door.label;
    let status = answered.status.as_u16();
    let settled = |failure| Err(Trouble::Settled(failure));
    match status {
        200..=299 => match (answered.json(), ask) {
            (Ok(value), _) => Ok(Some(value)),
            // It was written, whatever was said about it.
            (Err(_), Ask::Post(_)) => Ok(Some(Value::Null)),
            (Err(trouble), _) => Err(trouble),
        },
        401 => settled(Failure::Auth {
            why: format!(
                "ServiceTitan refuses our token for {label} (401): check the application's key, and that it belongs \
                 to the same application as the client id"
            ),
        }),
        403 => settled(Failure::Auth {
            why: format!(
                "ServiceTitan does not let us read {label} (403): give the application that permission in the \
                 developer portal and accept its new version at the business, and check `servicetitan_tenant`"
            ),
        }),
        404 | 410 => Ok(None),
        400 if matches!(ask, Ask::Get(parameters) if parameters.iter().any(|(name, _)| *name == "from")) => {
            settled(Failure::Cursor {
                why: format!("ServiceTitan does not know any more where we were in {label} (400)"),
            })
        }
        status => settled(Failure::Fatal {
            why: format!(
                "ServiceTitan refuses what we ask of {label} ({status}); this is for whoever wrote the program"
            ),
        }),
    }
}
