//! Sealed credentials: what a source's secrets look like in the store, so that a copy of the database alone opens no
//! door of anybody's.
//!
//! XChaCha20-Poly1305 under a key that is not in the database. A blob is bound to its tenant, table, column and row: moved
//! anywhere else it does not open. It says which key sealed it, so that keys change without a pause: the first of the
//! list seals, every one of it opens, and whoever wants to be rid of an old key says the credentials again.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use doorstep_core::TenantId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::random;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes by which a blob names its key: enough to tell a handful apart.
const KEY_ID_BYTES: usize = 8;
/// Bytes of a nonce: so many that random ones never meet.
const NONCE_BYTES: usize = 24;
/// The form of blobs, before everything else in them.
const FORM: u8 = 1;
/// Keys at one time: the one that seals, and those of rotations that are not finished.
const MAX_KEYS: usize = 8;

/// One key, and the name that blobs know it by: the beginning of its hash.
#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID_BYTES],
    bytes: [u8; KEY_BYTES],
}

/// The keys of an installation; empty where none was given, and then nothing can be sealed.
#[derive(Clone, Default)]
pub struct Keys(Vec<Key>);

doorstep_core::masked_debug!(Keys:);

/// Why a text is no list of keys. It quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// Not 64 hexadecimal digits.
    #[error(
        "a key is 64 hexadecimal digits, such as `openssl rand -hex 32` prints; several stand on lines of their own"
    )]
    NotAKey,
    /// More than anybody needs.
    #[error(
        "more than {MAX_KEYS} keys: keep the one that is to seal first, and those that old credentials were sealed with"
    )]
    TooMany,
}

/// What a blob belongs to: it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose.
    pub tenant: TenantId,
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row.
    pub row: Uuid,
}

impl Place {
    fn bound(&self) -> Vec<u8> {
        // None of the parts can hold the bar: numbers, names from our code, and hexadecimal digits.
        format!("{}|{}|{}|{}", self.tenant, self.table, self.column, self.row).into_bytes()
    }
}

impl Keys {
    /// Reads a list of keys, the one that seals first, divided by blanks or lines.
    ///
    /// # Errors
    /// [`BadKeys`].
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let keys: Vec<Key> = text.split_whitespace().map(Key::parse).collect::<Option<_>>().ok_or(BadKeys::NotAKey)?;
        match keys.len() {
            0 => Err(BadKeys::NotAKey),
            1..=MAX_KEYS => Ok(Self(keys)),
            _ => Err(BadKeys::TooMany),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Seals for one place.
    ///
    /// # Errors
    /// [`Error::NoKey`] without a key.
    pub fn seal(&self, place: &Place, open: &[u8]) -> Result<Vec<u8>> {
        let key = self.0.first().ok_or(Error::NoKey)?;
        let nonce = random::bytes::<NONCE_BYTES>()?;
        let payload = Payload { msg: open, aad: &place.bound() };
        let sealed = key.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Unsealable)?;
        Ok([&[FORM], key.id.as_slice(), nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`Error::NoKey`] without a key; [`Error::OtherKey`] where the key that sealed it is not among these;
    /// [`Error::Unsealable`] where it was sealed for another place, or changed.
    pub fn open(&self, place: &Place, blob: &[u8]) -> Result<Vec<u8>> {
        let (form, rest) = blob.split_first().ok_or(Error::Unsealable)?;
        let (id, rest) = rest.split_at_checked(KEY_ID_BYTES).ok_or(Error::Unsealable)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or(Error::Unsealable)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| Error::Unsealable)?;
        if *form != FORM {
            return Err(Error::Unsealable);
        }
        if self.is_empty() {
            return Err(Error::NoKey);
        }
        let key = self.0.iter().find(|key| key.id == id).ok_or(Error::OtherKey)?;
        let payload = Payload { msg: sealed, aad: &place.bound() };
        key.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Unsealable)
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; KEY_BYTES];
        if text.len() != KEY_BYTES * 2 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        let hash: [u8; 32] = Sha256::new().chain_update(b"doorstep key id\0").chain_update(bytes).finalize().into();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&hash[..KEY_ID_BYTES]);
        Some(Self { id, bytes })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&CipherKey::from(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(seeds: &[u8]) -> Keys {
        let text: Vec<String> = seeds.iter().map(|seed| format!("{seed:02x}").repeat(KEY_BYTES)).collect();
        Keys::parse(&text.join("\n")).unwrap()
    }

    fn place() -> Place {
        Place { tenant: TenantId::from_number(7), table: "connection", column: "credentials", row: Uuid::from_u128(42) }
    }

    #[test]
    fn opens_where_it_was_sealed_and_nowhere_else() {
        let keys = keys(&[1]);
        let blob = keys.seal(&place(), b"a secret").unwrap();
        assert_eq!(keys.open(&place(), &blob).unwrap(), b"a secret");
        assert!(!blob.windows(8).any(|part| part == b"a secret"));
        let elsewhere = [
            Place { tenant: TenantId::from_number(8), ..place() },
            Place { table: "webhook", ..place() },
            Place { column: "settings", ..place() },
            Place { row: Uuid::from_u128(43), ..place() },
        ];
        for place in elsewhere {
            assert!(matches!(keys.open(&place, &blob), Err(Error::Unsealable)), "{place:?}");
        }
    }

    #[test]
    fn a_blob_that_was_changed_anywhere_opens_nowhere() {
        let keys = keys(&[1]);
        let blob = keys.seal(&place(), b"a secret").unwrap();
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert!(keys.open(&place(), &changed).is_err(), "byte {at}");
            assert!(keys.open(&place(), &blob[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn another_key_is_told_from_a_broken_blob() {
        let blob = keys(&[1]).seal(&place(), b"a secret").unwrap();
        assert!(matches!(keys(&[2]).open(&place(), &blob), Err(Error::OtherKey)));
        assert!(matches!(Keys::default().open(&place(), &blob), Err(Error::NoKey)));
        assert!(matches!(Keys::default().seal(&place(), b"a secret"), Err(Error::NoKey)));
    }

    #[test]
    fn keys_change_without_a_pause() {
        let old = keys(&[1]).seal(&place(), b"a secret").unwrap();
        // First the new key is made known everywhere, and seals.
        let both = keys(&[2, 1]);
        assert_eq!(both.open(&place(), &old).unwrap(), b"a secret");
        let new = both.seal(&place(), b"a secret").unwrap();
        // A process that was not told yet opens neither wrongly, and whoever has dropped the old key opens the new ones.
        assert!(matches!(keys(&[1]).open(&place(), &new), Err(Error::OtherKey)));
        assert_eq!(keys(&[2]).open(&place(), &new).unwrap(), b"a secret");
    }

    #[test]
    fn the_same_secret_is_never_sealed_the_same() {
        let keys = keys(&[1]);
        let all: std::collections::BTreeSet<Vec<u8>> =
            (0..100).map(|_| keys.seal(&place(), b"a secret").unwrap()).collect();
        assert_eq!(all.len(), 100);
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_quoted() {
        let good = "ab".repeat(32);
        assert!(Keys::parse(&format!(" {good}\n{good}\n")).is_ok());
        for bad in ["", "  ", "abc", &"zz".repeat(32), &"é".repeat(32), &good[1..], &format!("{good}a")] {
            let refused = Keys::parse(bad).unwrap_err();
            assert!(bad.trim().is_empty() || !refused.to_string().contains(bad), "{refused}");
        }
        assert_eq!(Keys::parse(&[good.as_str(); 9].join(" ")).err(), Some(BadKeys::TooMany));
        assert_eq!(format!("{:?}", keys(&[1])), "Keys { .. }");
    }
}
