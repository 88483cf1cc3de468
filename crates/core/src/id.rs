//! Typed ids: UUIDv7 inside, `cus_01h455vb4pex5vsknk084sn02q` at the doors.
//!
//! The outward form follows the TypeID convention (prefix, underscore, 26 characters of Crockford's
//! base32 in lower case): readable for people and models, sortable by time, safe in URLs.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Mutex;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::time::Timestamp;

/// What an id names; fixes the prefix that people see.
pub trait Kind: 'static {
    /// Three lower-case letters, unique among all kinds.
    const PREFIX: &'static str;
    /// The word used in errors: "`xyz` is not a customer id".
    const NOUN: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $alias:ident $prefix:literal $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {}
        impl Kind for $name {
            const PREFIX: &'static str = $prefix;
            const NOUN: &'static str = $noun;
        }
        #[doc = concat!("Id of a ", $noun, ": `", $prefix, "_…`.")]
        pub type $alias = Id<$name>;
    )*};
}

kinds! {
    /// The golden record of one person or business.
    Customer CustomerId "cus" "customer";
    /// One upstream object as it said itself.
    Record RecordId "rec" "record";
    /// A conversation on one channel.
    Conversation ConversationId "cnv" "conversation";
    /// One message of a conversation.
    Message MessageId "msg" "message";
    /// One telephone call.
    Call CallId "cal" "call";
    /// One import: a plan, then its application.
    Import ImportId "imp" "import";
    /// A live source as a tenant has it.
    Connection ConnectionId "con" "connection";
    /// One reading of a connection.
    Run RunId "run" "run";
    /// A pair of customers waiting for a person's decision.
    Review ReviewId "rvw" "review";
    /// A stored decision about identity.
    Decision DecisionId "dec" "decision";
    /// What a person said an identifier is.
    Mark MarkId "mrk" "mark";
    /// A person's word about one field of a customer.
    Pin PinId "pin" "pin";
    /// What a person or an agent said of a customer by hand.
    Remark RemarkId "rmk" "remark";
    /// A code sent to a phone or an e-mail address, to be said again by a web user.
    Verification VerificationId "vrf" "verification";
    /// A person who signs in.
    User UserId "usr" "user";
    /// A browser of a user, signed in.
    Session SessionId "ses" "session";
    /// How a program comes in.
    ApiKey ApiKeyId "key" "API key";
    /// A link that works once.
    OneTimeLink OneTimeLinkId "lnk" "one-time link";
    /// An entry of the audit log.
    AuditEntry AuditEntryId "aud" "audit entry";
    /// What was told of a customer to somebody.
    Receipt ReceiptId "rcp" "receipt";
}

/// A typed id. Two ids of different kinds cannot be mixed up.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// Wraps a UUID read from the store.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The UUID inside, as the store keeps it.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

/// Crockford's base32 digits in order of value.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in groups of five, rounded up.
const ENCODED_LEN: usize = 26;

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.uuid.as_u128();
        let mut text = [b'0'; ENCODED_LEN];
        for slot in text.iter_mut().rev() {
            *slot = DIGITS[(value & 31) as usize];
            value >>= 5;
        }
        let text = std::str::from_utf8(&text).map_err(|_| fmt::Error)?;
        write!(f, "{}_{text}", K::PREFIX)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {noun} id (they look like `{prefix}_01h455vb4pex5vsknk084sn02q`)")]
pub struct BadId {
    text: String,
    noun: &'static str,
    prefix: &'static str,
}

impl<K: Kind> FromStr for Id<K> {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { text: text.chars().take(64).collect(), noun: K::NOUN, prefix: K::PREFIX };
        let lower = text.trim().to_ascii_lowercase();
        let digits = lower.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(bad)?;
        if digits.len() != ENCODED_LEN {
            return Err(bad());
        }
        let mut value: u128 = 0;
        for (place, byte) in digits.bytes().enumerate() {
            let digit = DIGITS.iter().position(|d| *d == byte).ok_or_else(bad)? as u128;
            // 26 digits hold 130 bits; the first may not use its top two.
            if place == 0 && digit > 7 {
                return Err(bad());
            }
            value = (value << 5) | digit;
        }
        Ok(Self::from_uuid(Uuid::from_u128(value)))
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Makes ids. Ids of one maker ascend strictly, also within one millisecond (RFC 9562, section 6.2,
/// method 1: a counter in the bits after the time), so that rows go in at the right edge of the index
/// and "the oldest record" is well defined.
#[derive(Debug)]
pub struct IdMaker {
    state: Mutex<MakerState>,
}

#[derive(Debug)]
struct MakerState {
    last_ms: u64,
    counter: u32,
    random: u64,
}

impl IdMaker {
    /// A maker whose random bits start from `seed`: from the operating system in the program, fixed in tests.
    pub fn seeded(seed: u64) -> Self {
        Self { state: Mutex::new(MakerState { last_ms: 0, counter: 0, random: seed }) }
    }

    /// The next id at `now`. If `now` went backwards, the last time is kept so that ids still ascend.
    pub fn make<K>(&self, now: Timestamp) -> Id<K> {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now_ms = (now.micros().max(0) / 1000) as u64;
        if now_ms > state.last_ms {
            state.last_ms = now_ms;
            state.counter = 0;
        } else {
            state.counter = state.counter.wrapping_add(1);
        }
        state.random = splitmix64(state.random);
        let random = state.random;
        // 12 + 20 bits of counter, 42 bits of randomness, version and variant set by the builder.
        let tail: u128 = (u128::from(state.counter >> 20) << 64)
            | (u128::from(state.counter & 0xf_ffff) << 42)
            | u128::from(random >> 22);
        let mut bytes = [0u8; 10];
        bytes.copy_from_slice(&tail.to_be_bytes()[6..]);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(state.last_ms, &bytes).into_uuid())
    }
}

/// Sebastiano Vigna's SplitMix64 step: enough to keep two processes' ids apart, not a secret.
fn splitmix64(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_through_its_outward_form() {
        let id: CustomerId = IdMaker::seeded(7).make(Timestamp::from_micros(1_700_000_000_000_000));
        let text = id.to_string();
        assert!(text.starts_with("cus_") && text.len() == 30, "{text}");
        assert_eq!(text.parse::<CustomerId>(), Ok(id));
        assert_eq!(text.to_uppercase().parse::<CustomerId>(), Ok(id));
    }

    #[test]
    fn ids_ascend_within_one_millisecond_and_when_the_clock_steps_back() {
        let maker = IdMaker::seeded(1);
        let mut last: RecordId = maker.make(Timestamp::from_micros(5_000_000));
        for step in 0..5_000_000u64 {
            if step > 20_000 {
                break;
            }
            let next = maker.make(Timestamp::from_micros(5_000_000 - (step as i64 % 3) * 1000));
            assert!(next > last);
            last = next;
        }
        let later: RecordId = maker.make(Timestamp::from_micros(6_000_000));
        assert!(later > last);
        assert_eq!(later.uuid().get_version_num(), 7);
    }

    #[test]
    fn refuses_what_is_not_an_id_of_its_kind() {
        let id: CustomerId = IdMaker::seeded(7).make(Timestamp::from_micros(1));
        let as_record = id.to_string().replace("cus_", "rec_");
        for text in ["", "cus_", "cus", "cus_8zzzzzzzzzzzzzzzzzzzzzzzzz", "cus_01h455vb4pex5vsknk084sn02l", &as_record]
        {
            assert!(text.parse::<CustomerId>().is_err(), "{text}");
        }
    }
}
