//! Random bytes for secrets and salts, from the operating system: the one place that asks it.

use doorstep_core::token::{SECRET_BYTES, Secret};

use crate::error::{Error, Result};

/// Fresh random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    #[allow(clippy::disallowed_methods, reason = "this is the place that everybody else asks")]
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::Unfit(format!("the operating system gave no random bytes ({error}), and no secret is made without"))
    })?;
    Ok(bytes)
}

/// A fresh secret, such as that of a first start's link.
///
/// # Errors
/// [`Error::Unfit`] if the operating system has no source of randomness.
pub fn secret() -> Result<Secret> {
    Ok(Secret::from_random(bytes::<SECRET_BYTES>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_secrets_are_one() {
        let all: std::collections::HashSet<String> = (0..100).map(|_| secret().unwrap().reveal()).collect();
        assert_eq!(all.len(), 100);
    }
}
