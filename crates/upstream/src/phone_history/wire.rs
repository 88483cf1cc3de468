//! The rows of the four files as they stand there: text, column by column, nothing judged yet.

use super::alias::{Calls, Contacts, Conversations, Messages};
use super::header::Layout;
use super::split::Cells;

/// Words that exports write where there is nothing; never looked for in free text.
const NOTHING: [&str; 8] = ["null", "none", "nil", "nan", "n/a", "undefined", "\\n", "-"];

/// A row with the file's layout: asks for columns by their meaning.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub cells: Cells<'a>,
    pub layout: &'a Layout,
}

impl<'a> Row<'a> {
    /// The cell of a column as it is; empty where the file does not have it.
    fn text(&self, column: usize) -> &'a str {
        self.layout.places(column).first().map_or("", |place| self.cells.get(*place))
    }

    /// The cell, trimmed; empty also for a word for nothing.
    fn value(&self, column: usize) -> &'a str {
        something(self.text(column))
    }

    /// The cells of a column that the file may have several times, those with nothing left out.
    fn values(&self, column: usize) -> Vec<&'a str> {
        let cells = self.layout.places(column).iter().map(|place| something(self.cells.get(*place)));
        cells.filter(|cell| !cell.is_empty()).collect()
    }
}

pub(super) fn something(cell: &str) -> &str {
    let cell = cell.trim();
    let is_nothing = cell.len() <= 9 && NOTHING.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is_nothing { "" } else { cell }
}

/// A row of contacts.csv: the columns that are read alone. The others are read from the payload.
pub(super) struct Contact<'a> {
    pub contact_id: &'a str,
}

impl<'a> From<Row<'a>> for Contact<'a> {
    fn from(row: Row<'a>) -> Self {
        Self { contact_id: row.value(Contacts::ContactId as usize) }
    }
}

/// A row of conversations.csv.
pub(super) struct Conversation<'a> {
    pub conversation_id: &'a str,
    pub contact_id: &'a str,
    pub participants: Vec<&'a str>,
    pub channel: &'a str,
    pub started_at: &'a str,
    pub last_message_at: &'a str,
    pub message_count: &'a str,
}

impl<'a> From<Row<'a>> for Conversation<'a> {
    fn from(row: Row<'a>) -> Self {
        use Conversations as Column;
        Self {
            conversation_id: row.value(Column::ConversationId as usize),
            contact_id: row.value(Column::ContactId as usize),
            participants: row.values(Column::Participants as usize),
            channel: row.value(Column::Channel as usize),
            started_at: row.value(Column::StartedAt as usize),
            last_message_at: row.value(Column::LastMessageAt as usize),
            message_count: row.value(Column::MessageCount as usize),
        }
    }
}

/// A row of messages.csv.
pub(super) struct Message<'a> {
    pub message_id: &'a str,
    pub conversation_id: &'a str,
    pub from_number: &'a str,
    pub to_number: Vec<&'a str>,
    pub other_number: &'a str,
    pub direction: &'a str,
    /// As it is, white space included.
    pub body: &'a str,
    pub sent_at: &'a str,
    pub sent_time: &'a str,
    pub status: &'a str,
    pub attachments: Vec<&'a str>,
}

impl<'a> From<Row<'a>> for Message<'a> {
    fn from(row: Row<'a>) -> Self {
        use Messages as Column;
        Self {
            message_id: row.value(Column::MessageId as usize),
            conversation_id: row.value(Column::ConversationId as usize),
            from_number: row.value(Column::FromNumber as usize),
            to_number: row.values(Column::ToNumber as usize),
            other_number: row.value(Column::OtherNumber as usize),
            direction: row.value(Column::Direction as usize),
            body: row.text(Column::Body as usize),
            sent_at: row.value(Column::SentAt as usize),
            sent_time: row.value(Column::SentTime as usize),
            status: row.value(Column::Status as usize),
            attachments: row.values(Column::Attachments as usize),
        }
    }
}

/// A row of calls.csv.
pub(super) struct Call<'a> {
    pub call_id: &'a str,
    pub contact_id: &'a str,
    pub from_number: &'a str,
    pub to_number: Vec<&'a str>,
    pub other_number: &'a str,
    pub direction: &'a str,
    pub started_at: &'a str,
    pub started_time: &'a str,
    pub duration_seconds: &'a str,
    pub status: &'a str,
    /// As it is, white space included.
    pub voicemail_text: &'a str,
}

impl<'a> From<Row<'a>> for Call<'a> {
    fn from(row: Row<'a>) -> Self {
        use Calls as Column;
        Self {
            call_id: row.value(Column::CallId as usize),
            contact_id: row.value(Column::ContactId as usize),
            from_number: row.value(Column::FromNumber as usize),
            to_number: row.values(Column::ToNumber as usize),
            other_number: row.value(Column::OtherNumber as usize),
            direction: row.value(Column::Direction as usize),
            started_at: row.value(Column::StartedAt as usize),
            started_time: row.value(Column::StartedTime as usize),
            duration_seconds: row.value(Column::DurationSeconds as usize),
            status: row.value(Column::Status as usize),
            voicemail_text: row.text(Column::VoicemailText as usize),
        }
    }
}
