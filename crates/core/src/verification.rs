//! Verifications: a code that is sent to a phone or an e-mail address, and said again by a web user, shows that the web
//! user is reached there.
//!
//! Six digits are a million codes. What keeps them from being guessed is how seldom one may be tried: each verification
//! is over after [`MAX_ATTEMPTS`], and [`MAX_REQUESTS`] may be asked for in an hour, for one web user and for one phone
//! or address alike. So whoever goes on guessing for a year is right with a chance of one in five.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::VerificationId;
use crate::identifier::Identifier;
use crate::time::Timestamp;

/// Digits of a code: what people read off one screen and type on another.
pub const CODE_DIGITS: usize = 6;
/// Codes that there are.
const CODES: u64 = 1_000_000;
/// How long a code is good for, in seconds: a slow text message, and somebody who looks for their glasses.
pub const EXPIRES_SECONDS: i64 = 10 * 60;
/// Codes that may be tried of one verification.
pub const MAX_ATTEMPTS: i64 = 5;
/// Verifications that may be asked for within [`REQUESTS_SECONDS`] by one web user, and for one identifier.
pub const MAX_REQUESTS: usize = 5;
/// Verifications that one tenant may ask for within [`REQUESTS_SECONDS`]: whoever sends codes all over the world for
/// others' money is stopped here.
pub const MAX_REQUESTS_OF_TENANT: usize = 600;
/// The hour in which requests count.
pub const REQUESTS_SECONDS: i64 = 60 * 60;
/// How long a verification is kept: it counts for an hour, and whoever asks what happened asks on the same day.
pub const KEEP_SECONDS: i64 = 24 * 60 * 60;
/// Longest id of a web user, in characters.
pub const MAX_WEB_USER_CHARS: usize = 200;

/// The id that a website knows its visitor by. Ours only to compare; its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebUser(String);

/// Why a text is no id of a web user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a web user has 1 to {MAX_WEB_USER_CHARS} letters, digits and signs of ASCII, and no blanks")]
pub struct BadWebUser;

impl WebUser {
    /// Wraps a value that the store read back; it was parsed when it went in.
    pub fn from_normal(text: String) -> Self {
        Self(text)
    }

    /// The id as the website writes it: letter case counts.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebUser {
    type Err = BadWebUser;

    fn from_str(text: &str) -> Result<Self, BadWebUser> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if (1..=MAX_WEB_USER_CHARS).contains(&text.len()) && is_plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadWebUser)
        }
    }
}

impl fmt::Debug for WebUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A code. Its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code from random bytes: each is as likely, to one in 10^13.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(format!("{:0width$}", u64::from_le_bytes(bytes) % CODES, width = CODE_DIGITS))
    }

    /// What a person typed, with blanks and hyphens where they like; `None` if it is no code.
    pub fn parse(text: &str) -> Option<Self> {
        // Longer than anybody groups six digits.
        if text.len() > 4 * CODE_DIGITS {
            return None;
        }
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then_some(Self(digits))
    }

    /// The digits, for the message that carries them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("******")
    }
}

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The code may be said.
    Pending,
    /// It was said.
    Verified,
    /// It was not said in time, or another one was sent since.
    Expired,
    /// Wrong ones were said too often.
    Exhausted,
}

/// A web user who says to be reached by an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Ours.
    pub id: VerificationId,
    /// Who says so.
    pub web_user: WebUser,
    /// A phone or an e-mail address.
    pub identifier: Identifier,
    /// Codes that were tried.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when the code may be said.
    pub expires_at: Timestamp,
    /// When the right code was said.
    pub verified_at: Option<Timestamp>,
}

impl Verification {
    /// One that is asked for now.
    pub fn new(id: VerificationId, web_user: WebUser, identifier: Identifier, now: Timestamp) -> Self {
        let expires_at = now.plus_seconds(EXPIRES_SECONDS);
        Self { id, web_user, identifier, attempts: 0, created_at: now, expires_at, verified_at: None }
    }

    /// How far it is.
    pub fn state(&self, now: Timestamp) -> State {
        if self.verified_at.is_some() {
            State::Verified
        } else if self.expires_at <= now {
            State::Expired
        } else if self.attempts >= MAX_ATTEMPTS {
            State::Exhausted
        } else {
            State::Pending
        }
    }
}

/// How many seconds to wait until one more may be asked for, after the `newest` requests (newest first) of which
/// `most` may lie within the hour; `None` if that is now.
pub fn wait(newest: &[Timestamp], most: usize, now: Timestamp) -> Option<u32> {
    let oldest_that_counts = newest.get(most.checked_sub(1)?)?;
    let left = oldest_that_counts.plus_seconds(REQUESTS_SECONDS).micros() - now.micros();
    (left > 0).then(|| u32::try_from((left + 999_999) / 1_000_000).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdMaker;
    use crate::phone::Phone;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_772_463_600_000_000).plus_seconds(seconds)
    }

    #[test]
    fn a_code_is_six_digits_however_they_are_grouped() {
        for (text, code) in [
            ("012345", Some("012345")),
            (" 012 345 ", Some("012345")),
            ("012-345", Some("012345")),
            ("01234", None),
            ("0123456", None),
            ("01234x", None),
            ("０１２３４５", None),
            ("", None),
        ] {
            assert_eq!(Code::parse(text).as_ref().map(Code::reveal), code, "{text}");
        }
        assert_eq!(Code::parse(&format!("{}012345", " ".repeat(100))), None);
        assert_eq!(Code::from_random([0; 8]).reveal(), "000000");
        assert_eq!(Code::from_random(1_234_567_u64.to_le_bytes()).reveal(), "234567");
        assert_eq!(format!("{:?}", Code::from_random([7; 8])), "******");
    }

    #[test]
    fn a_web_user_is_what_a_website_writes() {
        for text in ["u_1", "auth0|5f7c8ec7c33c6c004bbafe82", "a@b.com", &"x".repeat(MAX_WEB_USER_CHARS)] {
            assert_eq!(text.parse::<WebUser>().unwrap().as_str(), text);
        }
        for text in ["", " u", "u 1", "ü", "u\0", &"x".repeat(MAX_WEB_USER_CHARS + 1)] {
            assert_eq!(text.parse::<WebUser>(), Err(BadWebUser), "{text}");
        }
        assert_eq!(format!("{:?}", "u_1".parse::<WebUser>().unwrap()), "***");
    }

    #[test]
    fn a_verification_is_over_by_time_tries_or_the_right_code() {
        let identifier = Identifier::from(&Phone::from_normal("+16174710117".to_owned()));
        let new = Verification::new(IdMaker::seeded(1).make(at(0)), "u_1".parse().unwrap(), identifier, at(0));
        assert_eq!(new.state(at(0)), State::Pending);
        assert_eq!(
            (new.state(at(EXPIRES_SECONDS - 1)), new.state(at(EXPIRES_SECONDS))),
            (State::Pending, State::Expired)
        );
        let tried = |attempts| Verification { attempts, ..new.clone() };
        assert_eq!((tried(4).state(at(1)), tried(5).state(at(1))), (State::Pending, State::Exhausted));
        let verified = Verification { verified_at: Some(at(9)), ..tried(5) };
        assert_eq!(verified.state(at(10_000)), State::Verified);
    }

    #[test]
    fn so_many_requests_an_hour() {
        let newest: Vec<Timestamp> = [50, 40, 30, 20, 10].map(at).into();
        assert_eq!(wait(&newest[..4], MAX_REQUESTS, at(60)), None);
        assert_eq!(wait(&newest, MAX_REQUESTS, at(60)), Some(3_550));
        assert_eq!(wait(&newest, MAX_REQUESTS, at(3_609)), Some(1));
        assert_eq!(wait(&newest, MAX_REQUESTS, at(3_610)), None);
    }
}
