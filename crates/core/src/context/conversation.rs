//! The section of conversations.

use serde::Serialize;

use crate::conversation::{Channel, Direction};
use crate::record::Source;
use crate::time::Timestamp;

use super::assurance::{Field, Sight};
use super::known::{Called, Known, Written};
use super::quote::{self, Author, MAX_QUOTE_CHARS, MAX_SUMMARY_CHARS};
use super::who::is_zero;

/// Most messages and calls in a context, the newest ones.
const MAX_MESSAGES: usize = 20;

/// What was talked about.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Conversations {
    /// What older messages come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What the customer is in touch about now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_issue: Option<String>,
    /// The newest messages and calls, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Said>,
    /// Messages and calls at hand beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
}

crate::masked_debug!(Conversations: more);

/// One message, or one call.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who wrote it, or called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Over what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// What, in one line, cut; `None` of a picture without words. Of a call, what was said on voicemail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many pictures and files came with it.
    #[serde(skip_serializing_if = "is_zero")]
    pub attachments: usize,
    /// How a call ended, in the source's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_status: Option<String>,
    /// How long a call lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_seconds: Option<i64>,
    /// Where we have it from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

crate::masked_debug!(Said: author, channel, sent_at, attachments, source);

/// Either, before they are in one list.
enum Row<'a> {
    Written(&'a Written),
    Called(&'a Called),
}

fn author(direction: Direction) -> Author {
    match direction {
        Direction::Inbound => Author::Customer,
        Direction::Outbound => Author::Business,
        Direction::Unknown => Author::Unknown,
    }
}

fn written_row(row: &Written) -> Said {
    Said {
        author: Some(author(row.message.direction)),
        channel: Some(row.channel),
        sent_at: Some(row.message.sent_at),
        text: quote::line(&row.message.body, MAX_QUOTE_CHARS),
        attachments: row.message.attachments.len(),
        source: Some(row.source),
        ..Said::default()
    }
}

fn called_row(row: &Called) -> Said {
    Said {
        author: Some(author(row.call.direction)),
        channel: Some(Channel::Voice),
        sent_at: Some(row.call.started_at),
        text: row.call.voicemail_text.as_deref().and_then(|text| quote::line(text, MAX_QUOTE_CHARS)),
        call_status: row.call.status.as_deref().and_then(quote::value),
        call_seconds: row.call.duration_seconds,
        source: Some(row.source),
        ..Said::default()
    }
}

impl Conversations {
    pub(super) fn of(known: &Known) -> Self {
        let written = known.messages.iter().map(|row| (row.message.sent_at, row.message.id.uuid(), Row::Written(row)));
        let called = known.calls.iter().map(|row| (row.call.started_at, row.call.id.uuid(), Row::Called(row)));
        let mut rows: Vec<_> = written.chain(called).collect();
        rows.sort_by_key(|(at, id, _)| (*at, *id));
        let more = rows.len().saturating_sub(MAX_MESSAGES);
        let said = |(_, _, row): &(_, _, Row<'_>)| match row {
            Row::Written(row) => written_row(row),
            Row::Called(row) => called_row(row),
        };
        Self {
            summary: known.summary.as_deref().and_then(|text| quote::line(text, MAX_SUMMARY_CHARS)),
            current_issue: known.current_issue.as_deref().and_then(|text| quote::line(text, MAX_QUOTE_CHARS)),
            messages: rows.iter().skip(more).map(said).collect(),
            more,
        }
    }

    /// The sources that it comes from: what was written, and what we made of it.
    pub(super) fn sources(known: &Known) -> impl Iterator<Item = Source> {
        let ours = known.summary.is_some() || known.current_issue.is_some();
        let said = known.messages.iter().map(|row| row.source).chain(known.calls.iter().map(|row| row.source));
        said.chain(ours.then_some(Source::Hub))
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { summary, current_issue, messages, more } = self;
        let said =
            |Said { author, channel, sent_at, text, attachments, call_status, call_seconds, source }: Said| Said {
                author: sight.option(Field::MessageAuthor, author),
                channel: sight.option(Field::MessageChannel, channel),
                sent_at: sight.option(Field::MessageSentAt, sent_at),
                text: sight.option(Field::MessageText, text),
                attachments: sight.option(Field::MessageAttachments, Some(attachments)).unwrap_or_default(),
                call_status: sight.option(Field::CallStatus, call_status),
                call_seconds: sight.option(Field::CallSeconds, call_seconds),
                source: sight.option(Field::MessageSource, source),
            };
        Self {
            summary: sight.option(Field::Summary, summary),
            current_issue: sight.option(Field::CurrentIssue, current_issue),
            messages: sight.each(messages, said),
            more: sight.option(Field::MoreMessages, Some(more)).unwrap_or_default(),
        }
    }
}
