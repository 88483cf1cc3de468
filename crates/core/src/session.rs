//! A session: one browser of one user, signed in.

use serde::Serialize;

use crate::id::{SessionId, UserId};
use crate::time::Timestamp;

/// A session that nobody uses ends after this long, in seconds: 7 days.
pub const IDLE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// A session ends after this long however much it is used, in seconds: 30 days.
pub const ABSOLUTE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How exactly "last seen" is kept, in seconds: writing it at every request would be a write for every read.
pub const SEEN_SECONDS: i64 = 60;
/// Longest description of a browser that is kept, in characters.
pub const MAX_USER_AGENT_CHARS: usize = 200;
/// Sessions that one user may have at a time; the oldest goes when one more begins.
pub const MAX_SESSIONS: i64 = 50;

/// One sign-in and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What the browser said it is, for the user to tell one from another.
    pub user_agent: Option<String>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// When it was ended by a person, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Session {
    /// Whether it still opens the door.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at && now < self.last_seen_at.plus_seconds(IDLE_SECONDS)
    }
}

/// Whether "last seen" is so old that it is written again.
pub fn is_stale(seen_at: Option<Timestamp>, now: Timestamp) -> bool {
    seen_at.is_none_or(|seen| now >= seen.plus_seconds(SEEN_SECONDS))
}

/// What a browser says it is, fit to keep: without control characters, and not endless.
pub fn user_agent(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect();
    Some(kept.trim().to_owned()).filter(|kept| !kept.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdMaker;

    #[test]
    fn a_session_ends_when_it_is_idle_old_or_revoked() {
        let (ids, at) = (IdMaker::seeded(1), Timestamp::from_micros(0));
        let session = |seen: i64, revoked: bool| Session {
            id: ids.make(at),
            user: ids.make(at),
            user_agent: None,
            created_at: at,
            last_seen_at: at.plus_seconds(seen),
            expires_at: at.plus_seconds(ABSOLUTE_SECONDS),
            revoked_at: revoked.then_some(at),
        };
        let check = |seen: i64, revoked: bool, now: i64, expected: bool| {
            assert_eq!(session(seen, revoked).is_alive(at.plus_seconds(now)), expected, "{seen} {revoked} {now}");
        };
        check(0, false, IDLE_SECONDS - 1, true);
        check(0, false, IDLE_SECONDS, false);
        check(IDLE_SECONDS, false, IDLE_SECONDS, true);
        check(ABSOLUTE_SECONDS - 1, false, ABSOLUTE_SECONDS - 1, true);
        check(ABSOLUTE_SECONDS - 1, false, ABSOLUTE_SECONDS, false);
        check(0, true, 0, false);
        assert!(
            is_stale(None, at) && !is_stale(Some(at), at.plus_seconds(59)) && is_stale(Some(at), at.plus_seconds(60))
        );
    }

    #[test]
    fn what_a_browser_says_is_bounded() {
        assert_eq!(user_agent(" a\r\nb\u{1b} "), Some("ab".to_owned()));
        assert_eq!(user_agent("\n"), None);
        assert_eq!(user_agent(&"ü".repeat(5_000)).map(|kept| kept.chars().count()), Some(MAX_USER_AGENT_CHARS));
    }
}
