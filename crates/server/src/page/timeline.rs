//! Messages and calls as one history, newest first, by days.

use doorstep_core::conversation::{Call, Channel, Direction, Entry, Message};

use super::Moment;
use super::words::{Words, elapsed};

/// A day with what happened on it.
pub(super) struct Day {
    pub name: String,
    pub moments: Vec<Happened>,
}

/// A message or a call.
pub(super) struct Happened {
    pub icon: &'static str,
    pub ours: bool,
    pub is_bad: bool,
    pub who: String,
    pub did: String,
    pub badge: &'static str,
    pub at: Moment,
    pub said: String,
    pub attachments: Vec<String>,
}

/// Puts entries under their days.
pub(super) fn days(words: &Words, name: &str, entries: Vec<Entry>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let (at, _) = entry.place();
        let day = words.weekday(at);
        let happened = match entry {
            Entry::Message { message, channel } => of_message(words, name, message, channel),
            Entry::Call { call } => of_call(words, name, call),
        };
        match days.last_mut() {
            Some(last) if last.name == day => last.moments.push(happened),
            _ => days.push(Day { name: day, moments: vec![happened] }),
        }
    }
    days
}

fn who(words: &Words, name: &str, direction: Direction, from: Option<&str>) -> String {
    match (direction, from) {
        (Direction::Outbound, _) => words.tenant.name.clone(),
        (Direction::Inbound, _) => name.to_owned(),
        (Direction::Unknown, Some(from)) => words.address(from),
        (Direction::Unknown, None) => "Somebody".to_owned(),
    }
}

fn of_message(words: &Words, name: &str, message: Message, channel: Channel) -> Happened {
    let did = match channel {
        Channel::Sms => "wrote",
        Channel::Email => "e-mailed",
        Channel::WebChat => "wrote in the chat",
        Channel::Voice => "said",
        Channel::Other => "wrote",
    };
    let is_bad = message.status.as_deref().is_some_and(is_trouble);
    Happened {
        icon: if channel == Channel::Email { "mail" } else { "message" },
        ours: message.direction == Direction::Outbound,
        is_bad,
        who: who(words, name, message.direction, message.from.as_deref()),
        did: did.to_owned(),
        badge: if is_bad { "Not delivered" } else { "" },
        at: words.moment(message.sent_at),
        said: message.body,
        attachments: message.attachments,
    }
}

fn of_call(words: &Words, name: &str, call: Call) -> Happened {
    let lasted = call.duration_seconds.filter(|seconds| *seconds > 0).map(|seconds| elapsed(seconds.unsigned_abs()));
    let status = call.status.as_deref().unwrap_or_default().to_lowercase();
    let is_missed = ["miss", "no-answer", "no answer", "unanswered"].iter().any(|word| status.contains(word));
    let voicemail = call.voicemail_text.filter(|text| !text.trim().is_empty());
    let badge = match (&voicemail, is_missed) {
        (Some(_), _) => "Voicemail",
        (None, true) => "Missed",
        (None, false) => "",
    };
    Happened {
        icon: "phone",
        ours: call.direction == Direction::Outbound,
        is_bad: is_missed,
        who: who(words, name, call.direction, call.from.as_deref()),
        did: lasted.map_or_else(|| "called".to_owned(), |lasted| format!("called, {lasted}")),
        badge,
        at: words.moment(call.started_at),
        said: voicemail.unwrap_or_default(),
        attachments: Vec::new(),
    }
}

/// Whether a word for delivery says that it did not arrive.
fn is_trouble(status: &str) -> bool {
    let status = status.to_lowercase();
    ["fail", "undeliver", "error", "reject"].iter().any(|word| status.contains(word))
}
