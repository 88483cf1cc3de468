//! The world's clock: it stands until it is turned, or follows another one at a distance.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::stamp::Stamp;

/// What somebody else's clock says.
pub type Now = Arc<dyn Fn() -> Stamp + Send + Sync>;

/// The world's clock. It can only be turned forward.
#[derive(Clone)]
pub enum Clock {
    /// Stands at a moment until it is turned.
    Turned(Stamp),
    /// Follows another clock, ahead of it by what it was turned.
    Following(Now, Duration),
}

impl Clock {
    /// A clock that stands at `moment`.
    pub fn at(moment: impl Into<Stamp>) -> Self {
        Self::Turned(moment.into())
    }

    /// A clock that goes with `now`.
    pub fn following(now: Now) -> Self {
        Self::Following(now, Duration::ZERO)
    }

    /// What it says.
    pub fn now(&self) -> Stamp {
        match self {
            Self::Turned(stamp) => *stamp,
            Self::Following(now, ahead) => now().after(*ahead),
        }
    }

    /// Turns it forward.
    pub fn advance(&mut self, time: Duration) {
        match self {
            Self::Turned(stamp) => *stamp = stamp.after(time),
            Self::Following(_, ahead) => *ahead = ahead.saturating_add(time),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
