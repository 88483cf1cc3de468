//! What can go wrong with one call.

use std::time::Duration;

use crate::source::Failure;

/// Why one try gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Another try may help.
    Passing {
        /// How long the upstream asked to wait.
        asked: Option<Duration>,
        /// Whether the call was surely not acted upon: it never left, or was turned away at the door.
        is_untaken: bool,
        /// What happened, for people.
        why: String,
    },
    /// Another try is of no use.
    Settled(Failure),
}

impl Trouble {
    pub fn passing(why: impl Into<String>) -> Self {
        Self::Passing { asked: None, is_untaken: false, why: why.into() }
    }

    pub fn fatal(why: impl Into<String>) -> Self {
        Self::Settled(Failure::Fatal { why: why.into() })
    }
}
