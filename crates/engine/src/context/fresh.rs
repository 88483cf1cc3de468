//! How old a context may be that is told: older than that, its customer is read again from the live sources that know them;
//! whoever cannot do with what is known waits for that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorstep_core::context::{Assurance, Known};
use doorstep_core::id::CustomerId;
use doorstep_core::{Scope, TenantId, Timestamp};
use doorstep_store::tenant;
use doorstep_upstream::source::mapping;
use serde::Serialize;

use super::whom::{self, Meant};
use super::{Answer, Form, Whom, may_ask};
use crate::Engine;
use crate::error::Result;
use crate::sync::{Asked, Came};

/// How old what is known of a customer from a live source may be, unless said otherwise.
pub const STALE_AFTER: Duration = Duration::from_secs(60 * 60);
/// How often one process asks for one customer to be read again because what is known is old: a conversation asks for its
/// customer's context with every turn.
const ASK_EVERY_SECONDS: i64 = 60;
/// Customers of whom it is kept when that was: at more they are all forgotten, which costs a look each.
const MAX_KEPT: usize = 10_000;

/// What came of asking for what the sources say now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// Whether the customer was asked for at the sources, now or by somebody else a moment ago.
    pub asked: bool,
    /// Whether that came in time: what is told is what the sources say.
    pub came: bool,
    /// Why not, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Freshness {
    fn not_asked(reason: &str) -> Self {
        Self { asked: false, came: false, reason: Some(reason.to_owned()) }
    }
}

/// When each customer was last asked for because what is known is old.
#[derive(Default)]
pub(crate) struct Lately(Mutex<HashMap<(TenantId, CustomerId), Timestamp>>);

impl Lately {
    /// Whether to ask now.
    fn is_time(&self, key: (TenantId, CustomerId), now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.get(&key).is_some_and(|at| now < at.plus_seconds(ASK_EVERY_SECONDS)) {
            return false;
        }
        if asked.len() >= MAX_KEPT {
            asked.clear();
        }
        asked.insert(key, now);
        true
    }
}

/// Up to when the live sources are known at least; `None` where nothing comes from any.
pub(super) fn known_at(known: &Known) -> Option<Timestamp> {
    known.read_at.iter().filter(|(source, _)| mapping(**source).is_some()).map(|(_, at)| *at).min()
}

impl Engine {
    /// As [`Engine::customer_context`], after the customer was read again from the live sources; whatever comes of that, an
    /// answer is given after `timeout` at the latest, and it says what came.
    ///
    /// Below [`Assurance::Verified`] nothing is waited for: how long an answer takes would tell whether there is such a
    /// customer.
    ///
    /// # Errors
    /// As [`Engine::customer_context`].
    #[crate::boxed]
    pub async fn fresh_context(
        &self,
        scope: &Scope,
        whom: &Whom,
        level: Assurance,
        form: Form,
        timeout: Duration,
    ) -> Result<(Answer, Freshness)> {
        may_ask(scope, whom, level)?;
        let freshness = match level {
            Assurance::Staff | Assurance::Verified => self.freshen(scope, whom, timeout).await?,
            Assurance::Claimed | Assurance::None => {
                Freshness::not_asked("at this level of assurance nobody is waited for")
            }
        };
        Ok((self.answer(scope, whom, level, form).await?, freshness))
    }

    /// Reads whoever is meant again and waits for it.
    async fn freshen(&self, scope: &Scope, whom: &Whom, timeout: Duration) -> Result<Freshness> {
        let mut tx = self.db.read(scope).await?;
        let tenant = tenant::get(&mut tx).await?;
        let Meant::One { id, .. } = whom::find(&mut tx, &tenant, whom).await? else {
            return Ok(Freshness::not_asked("no single customer is meant"));
        };
        drop(tx);
        // What is known is told whatever comes of asking for more.
        match self.ask_and_wait(scope, id, timeout).await {
            Ok(freshness) => Ok(freshness),
            Err(error) => {
                tracing::warn!(tenant = %scope.tenant(), customer = %id, error = error.for_log(), "no reading could be asked for");
                Ok(Freshness::not_asked("the reading could not be asked for"))
            }
        }
    }

    /// Asks for a customer to be read again and waits for it, at most `timeout`.
    ///
    /// # Errors
    /// As [`Engine::refresh_customer`].
    #[crate::boxed]
    pub async fn ask_and_wait(&self, scope: &Scope, id: CustomerId, timeout: Duration) -> Result<Freshness> {
        let since = match self.refresh_customer(scope, id).await? {
            Asked::Woken { since } | Asked::Already { since } => since,
            Asked::NoSource => return Ok(Freshness::not_asked("no connected source knows the customer")),
            Asked::Resting { why, .. } => return Ok(Freshness::not_asked(&why)),
            Asked::Full => return Ok(Freshness::not_asked("too many customers wait to be read at this moment")),
        };
        let (came, reason) = match self.wait_refreshed(scope, id, since, timeout).await? {
            Came::Yes => (true, None),
            Came::NotInTime => (false, Some("it did not come in time, and goes on".to_owned())),
            Came::Failed(why) => (false, Some(why)),
        };
        Ok(Freshness { asked: true, came, reason })
    }

    /// Asks for a customer to be read again if what was told of them is older than it should be. Nobody waits for it, and
    /// nothing that goes wrong is the reader's.
    #[crate::boxed]
    pub(super) async fn wake_if_stale(&self, scope: &Scope, answer: &Answer) {
        let (Some(id), Some(known_at)) = (answer.customer, answer.known_at) else { return };
        let stale_after = i64::try_from(self.stale_after.as_secs()).unwrap_or(i64::MAX);
        let is_stale = known_at.plus_seconds(stale_after) <= answer.told_at;
        if !is_stale || !self.lately.is_time((scope.tenant(), id), answer.told_at) {
            return;
        }
        if let Err(error) = self.refresh_customer(scope, id).await {
            tracing::warn!(tenant = %scope.tenant(), customer = %id, error = error.for_log(), "no reading could be asked for");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_asked_for_once_a_minute_and_what_is_kept_is_bounded() {
        let lately = Lately::default();
        let key = |n: u128| (TenantId::from_number(1), CustomerId::from_uuid(uuid::Uuid::from_u128(n)));
        let now = Timestamp::from_micros(1_000_000_000);
        assert!(lately.is_time(key(1), now) && lately.is_time(key(2), now));
        assert!(!lately.is_time(key(1), now.plus_seconds(ASK_EVERY_SECONDS - 1)));
        assert!(lately.is_time(key(1), now.plus_seconds(ASK_EVERY_SECONDS)));
        (10..20_000).for_each(|n| assert!(lately.is_time(key(n), now)));
        assert!(lately.0.lock().unwrap().len() <= MAX_KEPT);
    }
}
