//! Access tokens: given for a client's id and secret, good for a quarter of an hour by the world's clock.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Asked;
use super::refusal::Refusal;
use crate::random::Random;
use crate::stamp::Stamp;
use crate::world::World;

/// How long a token is good for.
const LIFETIME: Duration = Duration::from_secs(900);
/// Tokens kept at once; the oldest make room, as whoever asks for so many has no use for them.
const MAX_TOKENS: usize = 10_000;

/// The tokens that were given.
pub(crate) struct Grants {
    tokens: BTreeMap<String, (i64, Stamp)>,
    random: Random,
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grants({})", self.tokens.len())
    }
}

impl Grants {
    pub(crate) fn new(seed: u64) -> Self {
        Self { tokens: BTreeMap::new(), random: Random::new(seed) }
    }

    /// Takes all tokens back, as when a secret is changed.
    pub(crate) fn revoke(&mut self) {
        self.tokens.clear();
    }

    /// The token endpoint: a form, and nothing but a form.
    pub(super) fn answer(&mut self, asked: &Asked<'_>, world: &World) -> Result<Value, &'static str> {
        if asked.method != Method::POST || asked.content_type() != "application/x-www-form-urlencoded" {
            return Err("invalid_request");
        }
        let fields: BTreeMap<String, String> = serde_urlencoded::from_bytes(asked.body).unwrap_or_default();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if field("grant_type") != "client_credentials" {
            return Err("unsupported_grant_type");
        }
        let is_client = |client: &str, secret: &str| client == field("client_id") && secret == field("client_secret");
        let of = world.tenants().iter().find(|it| is_client(&it.credentials.client_id, &it.credentials.client_secret));
        let tenant = of.ok_or("invalid_client")?.number;
        let token = format!("eyJ{:016x}{:016x}{:016x}", self.random.next(), self.random.next(), self.random.next());
        let now = world.now();
        self.tokens.retain(|_, (_, until)| *until > now);
        if self.tokens.len() >= MAX_TOKENS {
            let oldest = self.tokens.iter().min_by_key(|(_, (_, until))| *until).map(|(token, _)| token.clone());
            oldest.and_then(|token| self.tokens.remove(&token));
        }
        self.tokens.insert(token.clone(), (tenant, now.after(LIFETIME)));
        Ok(json!({ "access_token": token, "expires_in": LIFETIME.as_secs(), "token_type": "Bearer" }))
    }

    /// Lets a request to a tenant's path in, or not.
    pub(super) fn admit(&self, asked: &Asked<'_>, tenant: i64, world: &World) -> Result<(), Refusal> {
        let refused = |title| Err(Refusal::new(StatusCode::UNAUTHORIZED, title));
        let Some(key) = asked.header("st-app-key") else { return refused("ST-App-Key header is missing.") };
        if !world.tenants().iter().any(|it| it.credentials.app_key == key) {
            return refused("The application key is not valid.");
        }
        let Some(token) = asked.header("authorization").and_then(|it| it.strip_prefix("Bearer ")) else {
            return refused("A bearer token is required.");
        };
        match self.tokens.get(token) {
            Some((_, until)) if *until <= world.now() => refused("The access token has expired."),
            Some((owner, _)) if *owner != tenant => {
                Err(Refusal::new(StatusCode::FORBIDDEN, "Scope validation failed: the tenant is not yours."))
            }
            Some(_) => Ok(()),
            None => refused("The access token is not valid."),
        }
    }
}
