//! Hashing passwords and codes: Argon2id, a bounded number at once.
//!
//! One hash takes 19 MiB and some 20 ms of a core on purpose. So that a flood of sign-ins takes neither the memory nor
//! all cores, few are computed side by side, few wait, and the rest is told to come again.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use doorstep_core::password::{MAX_PASSWORD_CHARS, Password};
use doorstep_core::verification::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::random;

/// Memory of one hash, in KiB; with [`PASSES`] and [`LANES`] what OWASP's cheat sheet on password storage asks for.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes of one hash.
const LANES: u32 = 1;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Hashes computed side by side: 40 MiB and two cores at most.
const AT_ONCE: usize = 2;
/// Callers that may be computing or waiting: at 20 ms each the last one waits a third of a second.
const MAX_CALLERS: usize = 32;

/// The hash of no password, with today's parameters: what somebody who is not known is compared with, so that it takes
/// as long as comparing with a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Computes hashes.
#[derive(Clone)]
pub(crate) struct Hasher {
    callers: Arc<Semaphore>,
    computing: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { callers: Arc::new(Semaphore::new(MAX_CALLERS)), computing: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hasher {
    /// The hash of a password, with a fresh salt.
    #[crate::boxed]
    pub(crate) async fn hash(&self, password: &Password) -> Result<String> {
        let (text, salt) = (password.reveal().to_owned(), random::bytes::<SALT_BYTES>()?);
        self.compute(move || hash_text(&text, &salt)).await?
    }

    /// The hash of a code. There are only a million of them, so that a quick hash would be none.
    #[crate::boxed]
    pub(crate) async fn hash_code(&self, code: &Code) -> Result<String> {
        let (text, salt) = (code.reveal().to_owned(), random::bytes::<SALT_BYTES>()?);
        self.compute(move || hash_text(&text, &salt)).await?
    }

    /// Whether a hash is of that code; the time it takes does not tell how much of it is right.
    #[crate::boxed]
    pub(crate) async fn verify_code(&self, code: &Code, hash: String) -> Result<bool> {
        let text = code.reveal().to_owned();
        self.compute(move || verify_one(&text, &hash)).await
    }

    /// Which of `hashes` are of `password`. At least one hash is computed, and one for each that is missing, so that
    /// the time does not tell who is known.
    #[crate::boxed]
    pub(crate) async fn verify(&self, password: &str, mut hashes: Vec<Option<String>>) -> Result<Vec<bool>> {
        // Longer than any password that was ever set: nothing, but at the same price.
        let text = if password.len() > 4 * MAX_PASSWORD_CHARS { String::new() } else { password.to_owned() };
        let count = hashes.len();
        if hashes.is_empty() {
            hashes.push(None);
        }
        let mut right = self
            .compute(move || {
                let is_right = |hash: &Option<String>| {
                    let matches = verify_one(&text, hash.as_deref().unwrap_or(NOBODY));
                    matches && hash.is_some() && !text.is_empty()
                };
                // All of them, also after one that is right.
                hashes.iter().map(is_right).collect::<Vec<bool>>()
            })
            .await?;
        right.truncate(count);
        Ok(right)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let caller = self.callers.clone().try_acquire_owned().map_err(|_| Error::Overloaded)?;
        let computing = self.computing.clone().acquire_owned().await.map_err(|_| Error::Overloaded)?;
        let permits: [OwnedSemaphorePermit; 2] = [caller, computing];
        // The permits go along: a caller who hangs up does not make room before the work is done.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permits);
            done
        });
        done.await.map_err(|_| Error::Overloaded)
    }
}

fn hash_text(text: &str, salt: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password_with_salt(text.as_bytes(), salt).map_err(|error| broken(&error))?;
    Ok(hash.to_string())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Error::Unfit(format!("passwords cannot be hashed: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: &argon2::password_hash::Error) -> Error {
    Error::Unfit(format!("a password could not be hashed: {error}"))
}

fn verify_one(password: &str, hash: &str) -> bool {
    // The parameters are those of the hash; nobody but this file writes hashes.
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Whether a hash was made with other parameters than today's.
pub(crate) fn is_outdated(hash: &str) -> bool {
    let today = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    !hash.starts_with(&today)
}

/// The hash of a password with the parameters of an older version.
#[cfg(test)]
fn older_hash(password: &str) -> String {
    let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    older.hash_password_with_salt(password.as_bytes(), b"sixteen bytes of").unwrap().to_string()
}

#[cfg(test)]
mod tests {
    use doorstep_core::email::Email;

    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text, &Email::parse("jo@acehvac.com").unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_hash_is_of_its_password_only() {
        let hasher = Hasher::default();
        let (one, again) = (
            hasher.hash(&password("boiler and otter")).await.unwrap(),
            hasher.hash(&password("boiler and otter")).await.unwrap(),
        );
        assert_ne!(one, again, "a salt was used twice");
        assert!(!is_outdated(&one) && !is_outdated(NOBODY) && one.len() == NOBODY.len(), "{one}");
        let older = older_hash("boiler and otter");
        assert!(is_outdated(&older));
        let hashes = vec![Some(one.clone()), None, Some(older), Some("nonsense".to_owned())];
        assert_eq!(hasher.verify("boiler and otter", hashes).await.unwrap(), [true, false, true, false]);
        assert_eq!(hasher.verify("boiler and otters", vec![Some(one.clone())]).await.unwrap(), [false]);
        assert_eq!(hasher.verify("", vec![Some(one.clone()), None]).await.unwrap(), [false, false]);
        assert_eq!(hasher.verify(&"x".repeat(1_000_000), vec![Some(one)]).await.unwrap(), [false]);
        assert_eq!(hasher.verify("boiler and otter", vec![]).await.unwrap(), Vec::<bool>::new());
    }

    #[tokio::test]
    async fn a_flood_is_told_to_come_again() {
        let hasher = Hasher::default();
        let waiting: Vec<_> = (0..MAX_CALLERS).map(|_| hasher.callers.clone().try_acquire_owned().unwrap()).collect();
        assert!(matches!(hasher.verify("boiler and otter", vec![]).await, Err(Error::Overloaded)));
        drop(waiting);
        assert!(hasher.verify("boiler and otter", vec![]).await.is_ok());
        assert_eq!(hasher.callers.available_permits(), MAX_CALLERS, "a permit got lost");
    }
}
