//! What several doors take: ids in addresses, the length of a page, fields that may be `null`.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use doorstep_core::position::MAX_PAGE;
use serde::{Deserialize, Deserializer};

use crate::problem::{Problem, Result};

/// The one parameter of an address.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| no_id())?;
        text.parse().map(Self).map_err(|_| no_id())
    }
}

/// Two parameters of an address.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtBoth<T, U>(pub T, pub U);

impl<T: FromStr, U: FromStr, S: Send + Sync> FromRequestParts<S> for AtBoth<T, U> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let both = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((one, other)) = both.map_err(|_| no_id())?;
        Ok(Self(one.parse().map_err(|_| no_id())?, other.parse().map_err(|_| no_id())?))
    }
}

/// Beyond it a number with a point is not exact.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

fn no_id() -> Problem {
    Problem::not_found("The address holds something that is not an id of the kind that belongs there.")
}

/// How many there may be on a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(pub i64);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.parse().ok().filter(|number| (1..=MAX_PAGE as i64).contains(number));
        let wrong = || serde::de::Error::custom(format!("`limit` must be a whole number from 1 to {MAX_PAGE}"));
        number.map(Self).ok_or_else(wrong)
    }
}

/// Where a page begins, and how long it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    pub cursor: Option<String>,
    #[serde(default)]
    pub limit: Limit,
}

/// A field that may be `null`, which is something else than not being there.
pub(super) fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A word of ours in a body, read by its `FromStr`.
pub(super) fn word<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
where
    T::Err: std::fmt::Display,
{
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// A field that may be left out, but is not `null` where it is there.
pub(super) fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The same of a word of ours.
pub(super) fn there_word<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T::Err: std::fmt::Display,
{
    word(deserializer).map(Some)
}

/// The same, where it may be left out.
pub(super) fn word_if_said<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T::Err: std::fmt::Display,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// A whole number; JSON knows one kind of numbers, and `3.0` is three.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let exact = |number: f64| (number.fract() == 0.0 && number.abs() <= MOST_EXACT).then_some(number as i64);
    let found = number.as_i64().or_else(|| number.as_f64().and_then(exact));
    found.ok_or_else(|| serde::de::Error::custom("expected a whole number"))
}

/// The same where it may be left out, but is not `null` where it is there.
pub(super) fn there_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    whole(deserializer).map(Some)
}

/// The version that `If-Match` names; `None` without it, or for any version (`*`).
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    let wrong = || Problem::bad_request("`If-Match` must be the `ETag` of an answer about this customer, as it was.");
    number.map(Some).ok_or_else(wrong)
}

/// Whether `If-None-Match` names the version that there is.
pub(super) fn has_version(headers: &HeaderMap, version: i64) -> bool {
    has_tag(headers, &etag(version))
}

/// Whether `If-None-Match` names this tag, weak or strong.
pub(super) fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let said = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|line| line.split(',')).map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// A version as an `ETag`.
pub(super) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}
