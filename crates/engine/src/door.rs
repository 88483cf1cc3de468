//! What all doors of one process share in memory: how often somebody may try, and who was seen lately. All of it is
//! bounded, and none of it is needed after a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorstep_core::audit::{Act, Details};
use doorstep_core::id::{ApiKeyId, SessionId, UserId};
use doorstep_core::limit::{Allowance, LimitKey, Limits};
use doorstep_core::tenant::Actor;
use doorstep_core::{Scope, TenantId, Timestamp};
use doorstep_store::{api_key, session};

use crate::Engine;
use crate::error::Result;
use crate::password::Hasher;

/// Tries to sign in as one person: ten at once, for whoever mixes up passwords, then one every half minute. Guessing
/// goes on at 3,000 a day, of which a password of ten characters takes no notice.
const BY_EMAIL: Allowance = Allowance { tries: 10, seconds_per_try: 30, max_keys: 20_000 };
/// Tries from one address: an office behind one signs in on Monday morning, a guessing program tries all day.
const BY_SOURCE: Allowance = Allowance { tries: 50, seconds_per_try: 10, max_keys: 20_000 };
/// Failed tries that are written down: one a minute for each person, or whoever guesses fills the disk.
const FAILURES: Allowance = Allowance { tries: 1, seconds_per_try: 60, max_keys: 20_000 };
/// Things noted and not written yet. What does not fit is noted again at the next request.
const MAX_NOTED: usize = 10_000;

/// What was noted about one tenant and is yet to be written.
#[derive(Default)]
struct Noted {
    sessions: BTreeSet<SessionId>,
    api_keys: BTreeSet<ApiKeyId>,
    failures: Vec<(UserId, Timestamp)>,
}

/// One process' door.
pub(crate) struct Door {
    pub(crate) hasher: Hasher,
    by_email: Mutex<Limits>,
    by_source: Mutex<Limits>,
    failures: Mutex<Limits>,
    noted: Mutex<(usize, BTreeMap<TenantId, Noted>)>,
}

impl Default for Door {
    fn default() -> Self {
        let limits = |allowance| Mutex::new(Limits::new(allowance));
        Self {
            hasher: Hasher::default(),
            by_email: limits(BY_EMAIL),
            by_source: limits(BY_SOURCE),
            failures: limits(FAILURES),
            noted: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// Takes one try to sign in as `person` from `source`.
    pub(crate) fn take_try(&self, person: LimitKey, source: Option<IpAddr>, now: Timestamp) -> Result<()> {
        if let Some(source) = source {
            lock(&self.by_source).take(LimitKey::of_address(source), now)?;
        }
        lock(&self.by_email).take(person, now)?;
        Ok(())
    }

    /// A try was good: it does not count.
    pub(crate) fn put_try_back(&self, person: LimitKey) {
        lock(&self.by_email).put_back(person);
    }

    /// Notes that somebody tried to sign in as these users and could not. Written later, so that it takes no longer
    /// than trying as somebody who is not known.
    pub(crate) fn note_failure(&self, person: LimitKey, users: &[(TenantId, UserId)], now: Timestamp) {
        if users.is_empty() || lock(&self.failures).take(person, now).is_err() {
            return;
        }
        for (tenant, user) in users {
            self.note(*tenant, |noted| {
                noted.failures.push((*user, now));
                true
            });
        }
    }

    /// Notes that a session was used.
    pub(crate) fn note_session(&self, tenant: TenantId, id: SessionId) {
        self.note(tenant, |noted| noted.sessions.insert(id));
    }

    /// Notes that an API key was used.
    pub(crate) fn note_api_key(&self, tenant: TenantId, id: ApiKeyId) {
        self.note(tenant, |noted| noted.api_keys.insert(id));
    }

    fn note(&self, tenant: TenantId, add: impl FnOnce(&mut Noted) -> bool) {
        let mut guard = lock(&self.noted);
        let (count, by_tenant) = &mut *guard;
        if *count < MAX_NOTED {
            *count += usize::from(add(by_tenant.entry(tenant).or_default()));
        }
    }
}

impl Engine {
    /// Writes down who was seen, who failed to sign in and what was told of whom: a few statements for each tenant,
    /// however many they were. The worker does it at every look for work; a server does it once more when it stops.
    ///
    /// # Errors
    /// Those of the store; what was noted is lost then, and sessions in use are noted again.
    #[crate::boxed]
    pub async fn write_noted(&self) -> Result<()> {
        self.write_receipts().await?;
        let (_, by_tenant) = std::mem::take(&mut *lock(&self.door.noted));
        for (tenant, noted) in by_tenant {
            let mut tx = self.db.write(&Scope::worker(tenant)).await?;
            let (sessions, keys): (Vec<_>, Vec<_>) =
                (noted.sessions.into_iter().collect(), noted.api_keys.into_iter().collect());
            session::touch(&mut tx, &sessions).await?;
            api_key::touch(&mut tx, &keys).await?;
            for (user, at) in noted.failures {
                let details = Details::none().with("tried_at", at);
                self.note_act(&mut tx, &Actor::Visitor, Act::SignInFailed, Some(user.to_string()), details).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::IdMaker;

    use super::*;

    #[test]
    fn what_is_noted_is_bounded() {
        let (door, ids, now) = (Door::default(), IdMaker::seeded(1), Timestamp::from_micros(0));
        for _ in 0..MAX_NOTED + 100 {
            door.note_session(TenantId::from_number(1), ids.make(now));
        }
        let (count, by_tenant) = &*lock(&door.noted);
        assert_eq!((*count, by_tenant[&TenantId::from_number(1)].sessions.len()), (MAX_NOTED, MAX_NOTED));
    }
}
