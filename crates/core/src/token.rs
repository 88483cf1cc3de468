//! Secrets that are handed out, and the texts that carry them: a session's cookie, an API key, a one-time link.
//!
//! A token says where to look (tenant and id) beside the secret, so that checking one is a look-up by primary key
//! within one tenant, and no query searches all tenants for a hash. Only the SHA-256 of the secret is kept: 256 random
//! bits cannot be guessed, so nothing slower is needed.

use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::id::{self, Id};
use crate::tenant::TenantId;

/// 256 bits.
pub const SECRET_BYTES: usize = 32;
/// 256 bits in groups of five, rounded up.
const SECRET_CHARS: usize = 52;
/// Longest text that is looked at: `dsk_`, a number of 19 digits, an id and a secret are shorter.
pub const MAX_TOKEN_CHARS: usize = 128;
/// Crockford's base32 digits in order of value, as ids use them.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 256 random bits that open something. `Debug` masks them, and there is no `Display`.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

/// The SHA-256 of a secret: what is stored.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; SECRET_BYTES]);

impl Secret {
    /// Wraps bytes that came from the operating system's source of randomness.
    pub const fn from_random(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }

    /// Another secret that follows from this one, and from which this one cannot be found: `purpose` says what for.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Self {
        // The length first: no purpose runs into another one, nor into the secret, and the hash that is stored is of
        // 32 bytes, which this never is.
        let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
        let digest = Sha256::new().chain_update(length).chain_update(purpose).chain_update(self.0).finalize();
        Self(digest.into())
    }

    /// The text that its holder gets, once.
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(SECRET_CHARS);
        let (mut bits, mut count) = (0_u32, 0_u32);
        for byte in self.0 {
            bits = (bits << 8) | u32::from(byte);
            count += 8;
            while count >= 5 {
                count -= 5;
                text.push(char::from(DIGITS[(bits >> count) as usize & 31]));
            }
        }
        // One bit is left of 256; the last digit has four empty ones.
        text.push(char::from(DIGITS[(bits << (5 - count)) as usize & 31]));
        text
    }

    /// Reads what [`Self::reveal`] wrote, and nothing else: one secret has one text.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != SECRET_CHARS {
            return None;
        }
        let mut bytes = [0; SECRET_BYTES];
        let (mut bits, mut count, mut place) = (0_u32, 0_u32, 0);
        for byte in text.bytes() {
            let digit = u32::try_from(DIGITS.iter().position(|digit| *digit == byte)?).ok()?;
            bits = ((bits << 5) | digit) & 0xfff;
            count += 5;
            if count >= 8 {
                count -= 8;
                *bytes.get_mut(place)? = u8::try_from((bits >> count) & 0xff).ok()?;
                place += 1;
            }
        }
        (bits & 0xf == 0).then_some(Self(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl SecretHash {
    /// Wraps what the store read back; `None` if it is not a hash.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As the store keeps it.
    pub const fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// Whether it is the hash of `secret`, in a time that does not tell how much of it is right.
    pub fn matches(&self, secret: &Secret) -> bool {
        self.0.ct_eq(&secret.hash().0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// What a token opens, and how its text looks.
pub trait Opens: id::Kind {
    /// What the text begins with.
    const LEAD: &'static str;
    /// What stands between tenant, id and secret.
    const SEPARATOR: char;
    /// Whether the id stands with its prefix; `dsk_` says already what it is.
    const ID_HAS_PREFIX: bool;
}

impl Opens for id::Session {
    const LEAD: &'static str = "";
    const SEPARATOR: char = '.';
    const ID_HAS_PREFIX: bool = true;
}

impl Opens for id::OneTimeLink {
    const LEAD: &'static str = "";
    const SEPARATOR: char = '.';
    const ID_HAS_PREFIX: bool = true;
}

impl Opens for id::ApiKey {
    // What scanners for leaked keys can look for.
    const LEAD: &'static str = "dsk_";
    const SEPARATOR: char = '_';
    const ID_HAS_PREFIX: bool = false;
}

/// A secret with where to look: `1.ses_01h….<secret>`, `dsk_1_01h…_<secret>`, `1.lnk_01h….<secret>`.
pub struct Token<K> {
    /// Whose it is.
    pub tenant: TenantId,
    /// The row that has its hash.
    pub id: Id<K>,
    /// What must match the hash.
    pub secret: Secret,
}

impl<K: Opens> Token<K> {
    /// Reads a token of this kind; whatever else is `None`. Looks at no more than [`MAX_TOKEN_CHARS`].
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TOKEN_CHARS {
            return None;
        }
        let mut parts = text.strip_prefix(K::LEAD)?.splitn(2, K::SEPARATOR);
        let tenant = tenant_of(parts.next()?)?;
        let (id, secret) = parts.next()?.rsplit_once(K::SEPARATOR)?;
        // One token has one text: ids are read leniently elsewhere, not here.
        let parsed: Id<K> = if K::ID_HAS_PREFIX { id.parse() } else { format!("{}_{id}", K::PREFIX).parse() }.ok()?;
        (id_text::<K>(parsed) == id).then_some(())?;
        Some(Self { tenant, id: parsed, secret: Secret::parse(secret)? })
    }

    /// The text that its holder gets, once.
    pub fn reveal(&self) -> String {
        format!("{}{}{}", shown_of(self.tenant, self.id), K::SEPARATOR, self.secret.reveal())
    }
}

/// The part of a token that is no secret, for lists.
pub fn shown_of<K: Opens>(tenant: TenantId, id: Id<K>) -> String {
    format!("{}{tenant}{}{}", K::LEAD, K::SEPARATOR, id_text(id))
}

fn id_text<K: Opens>(id: Id<K>) -> String {
    let text = id.to_string();
    let from = if K::ID_HAS_PREFIX { 0 } else { K::PREFIX.len() + 1 };
    text.get(from..).unwrap_or_default().to_owned()
}

/// A positive number without sign or leading zeros.
fn tenant_of(text: &str) -> Option<TenantId> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).map(TenantId::from_number)
}

impl<K: Opens> fmt::Debug for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}{}…)", shown_of(self.tenant, self.id), K::SEPARATOR)
    }
}

/// Serialises what is no secret.
impl<K: Opens> Serialize for Token<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&shown_of(self.tenant, self.id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::IdMaker;
    use crate::time::Timestamp;

    fn token<K>(tenant: i64, seed: u64, secret: [u8; SECRET_BYTES]) -> Token<K> {
        let id = IdMaker::seeded(seed).make(Timestamp::from_micros(1_772_463_600_000_000));
        Token { tenant: TenantId::from_number(tenant), id, secret: Secret::from_random(secret) }
    }

    fn comes_back<K: Opens>(token: &Token<K>) {
        let text = token.reveal();
        let read = Token::<K>::parse(&text).unwrap();
        assert_eq!((read.tenant, read.id, read.reveal()), (token.tenant, token.id, text));
        assert!(token.secret.hash().matches(&read.secret));
    }

    #[test]
    fn a_token_looks_as_documented_and_hides_its_secret() {
        let session = token::<id::Session>(1, 7, [7; 32]).reveal();
        assert!(session.starts_with("1.ses_") && session.len() == 2 + 30 + 1 + 52, "{session}");
        let key = token::<id::ApiKey>(i64::MAX, 7, [0xff; 32]);
        let text = key.reveal();
        assert!(text.starts_with("dsk_9223372036854775807_01") && text.len() <= MAX_TOKEN_CHARS, "{text}");
        let secret = key.secret.reveal();
        for shown in [
            format!("{key:?}"),
            format!("{:?} {:?}", key.secret, key.secret.hash()),
            serde_json::to_string(&key).unwrap(),
        ] {
            assert!(!shown.contains(&secret), "{shown}");
        }
    }

    #[test]
    fn a_token_of_one_kind_opens_nothing_else() {
        let session = token::<id::Session>(1, 7, [7; 32]).reveal();
        assert!(Token::<id::OneTimeLink>::parse(&session).is_none());
        assert!(Token::<id::ApiKey>::parse(&session).is_none());
        assert!(!token::<id::Session>(1, 7, [7; 32]).secret.hash().matches(&Secret::from_random([8; 32])));
    }

    #[test]
    fn what_is_derived_is_another_secret() {
        let secret = Secret::from_random([7; 32]);
        let (one, other) = (secret.derived("page"), secret.derived("pages"));
        assert_eq!(one.reveal(), secret.derived("page").reveal());
        assert_ne!(one.reveal(), other.reveal());
        assert_ne!(one.reveal(), Secret::from_random([8; 32]).derived("page").reveal());
        // What the store keeps must not give it away.
        assert_ne!(&one.0, secret.hash().bytes());
    }

    #[test]
    fn one_token_has_one_text() {
        let text = token::<id::Session>(12, 7, [7; 32]).reveal();
        let spellings = [
            text.to_uppercase(),
            format!(" {text}"),
            format!("0{text}"),
            format!("+{text}"),
            format!("-{text}"),
            format!("{text}."),
            text.replace('.', "_"),
            text[..text.len() - 1].to_owned(),
            format!("{}z", &text[..text.len() - 1]),
            text.replacen("12", "99999999999999999999", 1),
        ];
        for other in spellings {
            assert!(Token::<id::Session>::parse(&other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(tenant in 1..i64::MAX, seed: u64, secret: [u8; SECRET_BYTES]) {
            comes_back(&token::<id::Session>(tenant, seed, secret));
            comes_back(&token::<id::OneTimeLink>(tenant, seed, secret));
            comes_back(&token::<id::ApiKey>(tenant, seed, secret));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,200}|(dsk_)?[0-9]{0,20}[._](ses_|lnk_)?[0-9a-z]{0,30}[._][0-9a-z]{50,54}") {
            if let Some(token) = Token::<id::Session>::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            } else if let Some(token) = Token::<id::OneTimeLink>::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            } else if let Some(token) = Token::<id::ApiKey>::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
