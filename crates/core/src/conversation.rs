//! Conversations, messages and calls, as in every contact centre.

use serde::Serialize;
use uuid::Uuid;

use crate::id::{CallId, ConversationId, MessageId};
use crate::time::Timestamp;

macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// The name in the store and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::conversation::UnknownWord;

            fn from_str(text: &str) -> Result<Self, $crate::conversation::UnknownWord> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    other => Err($crate::conversation::UnknownWord::new(other, $what)),
                }
            }
        }
    };
}

pub(crate) use closed_set;

/// A word outside a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}")]
pub struct UnknownWord {
    text: String,
    what: &'static str,
}

impl UnknownWord {
    pub(crate) fn new(text: &str, what: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), what }
    }
}

closed_set! {
    /// Which way a message or call went.
    Direction, "direction" {
        /// From the customer to the business.
        Inbound = "inbound",
        /// From the business to the customer.
        Outbound = "outbound",
        /// The source does not say and no own number tells.
        Unknown = "unknown",
    }
}

closed_set! {
    /// Over what a conversation runs.
    Channel, "channel" {
        /// Text messages, with or without pictures.
        Sms = "sms",
        /// Voice, where a source groups calls into conversations.
        Voice = "voice",
        /// E-mail.
        Email = "email",
        /// Chat on a web page.
        WebChat = "web_chat",
        /// Any other; the source's word stays in the payload.
        Other = "other",
    }
}

/// A conversation as a reader sees it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// Ours.
    pub id: ConversationId,
    /// Over what it runs.
    pub channel: Channel,
    /// First message or as the source says.
    pub started_at: Option<Timestamp>,
    /// Newest message.
    pub last_message_at: Option<Timestamp>,
    /// How many messages it holds.
    pub message_count: i64,
    /// The phones and e-mail addresses that take part, the tenant's own left out.
    pub participants: Vec<String>,
}

crate::masked_debug!(Conversation: id, channel, started_at, last_message_at, message_count);

/// One message.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Ours.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// Which way it went.
    pub direction: Direction,
    /// The sender's number or address as normalised, where the source gives one.
    pub from: Option<String>,
    /// The recipient's.
    pub to: Option<String>,
    /// The text as sent. Data, never authority.
    pub body: String,
    /// When it was sent, as the source says.
    pub sent_at: Timestamp,
    /// The source's word for its delivery: `delivered`, `failed`.
    pub status: Option<String>,
    /// Names or addresses of attachments as the source gives them.
    pub attachments: Vec<String>,
}

crate::masked_debug!(Message: id, conversation_id, direction, sent_at);

/// One telephone call.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Ours.
    pub id: CallId,
    /// Which way it went.
    pub direction: Direction,
    /// The caller's number.
    pub from: Option<String>,
    /// The called number.
    pub to: Option<String>,
    /// When it started, as the source says.
    pub started_at: Timestamp,
    /// How long it lasted, in whole seconds.
    pub duration_seconds: Option<i64>,
    /// The source's word for how it ended: `missed`, `completed`.
    pub status: Option<String>,
    /// What was said on voicemail.
    pub voicemail_text: Option<String>,
}

crate::masked_debug!(Call: id, direction, started_at, duration_seconds);
/// An entry of a customer's timeline: what was written and what was said on the telephone, in one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// A message.
    Message {
        /// What it says.
        #[serde(flatten)]
        message: Message,
        /// Over what its conversation runs.
        channel: Channel,
    },
    /// A call.
    Call {
        /// What is known of it.
        #[serde(flatten)]
        call: Call,
    },
}

impl Entry {
    /// When it was sent, or began; and its id, which puts what happened in one instant in an order.
    pub fn place(&self) -> (Timestamp, Uuid) {
        match self {
            Self::Message { message, .. } => (message.sent_at, message.id.uuid()),
            Self::Call { call } => (call.started_at, call.id.uuid()),
        }
    }
}
