//! ServiceTitan API v2, as its documents say and as people who use it have seen.

mod door;
mod export;
mod grant;
mod list;
mod query;
mod refusal;
mod shape;
pub(crate) mod truth;

use axum::http::{HeaderMap, Method};
use serde_json::Value;

pub(crate) use grant::Grants;
pub(crate) use list::Moods;
pub(crate) use refusal::Refusal;

use crate::world::World;

/// A request, read.
pub(crate) struct Asked<'a> {
    pub method: &'a Method,
    pub segments: &'a [&'a str],
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Asked<'_> {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the body is said to be, without parameters.
    fn content_type(&self) -> &str {
        let text = self.header("content-type").unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim()
    }
}

/// What the upstream holds besides its rows.
pub(crate) struct Upstream<'a> {
    pub world: &'a mut World,
    pub grants: &'a mut Grants,
    pub moods: Moods,
    /// Rows of a page of an export feed.
    pub export_size: usize,
    /// Whether the contacts of a customer that was merged away are still told.
    pub tells_merged_contacts: bool,
    /// Whether a note on a customer counts as a change of the customer.
    pub notes_touch_customers: bool,
}

impl Upstream<'_> {
    /// Answers; the tenant is told as soon as it is known.
    pub(crate) fn answer(&mut self, asked: &Asked<'_>, tenant: &mut Option<i64>) -> Result<Value, Answered> {
        match asked.segments {
            ["connect", "token"] => self.grants.answer(asked, self.world).map_err(Answered::Grant),
            [module, version, "tenant", number, rest @ ..] => {
                let number = number.parse().map_err(|_| Refusal::not_found())?;
                self.grants.admit(asked, number, self.world)?;
                *tenant = Some(number);
                Ok(self.door(asked, (module, version), number, rest)?)
            }
            _ => Err(Refusal::not_found().into()),
        }
    }
}

/// Why there is no answer.
pub(crate) enum Answered {
    /// Said by the API.
    Refusal(Refusal),
    /// Said by the token endpoint, in OAuth's words.
    Grant(&'static str),
}

impl From<Refusal> for Answered {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}
