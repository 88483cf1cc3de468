//! The columns of each file, and the names that exports in the wild give them.
//!
//! The table is data: a new name is a word in a list. Names are compared without case, spaces and punctuation, and,
//! for columns that may be there several times, without digits ("Phone 2", "E-mail 1 - Value"). What the table lacks,
//! the owner adds with [`ExtraAliases`].

use std::collections::BTreeMap;

use doorstep_core::import::FileKind;

/// One canonical column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// May be several columns of the file, whose cells count together.
    pub many: bool,
    /// Its other names.
    pub aliases: &'static [&'static str],
}

macro_rules! columns {
    ($($(#[$doc:meta])* $file:ident { $($column:ident = $name:literal $count:ident [$($alias:literal),* $(,)?]),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub(super) enum $file { $($column),* }

            impl $file {
                /// In the order of the enum.
                const COLUMNS: &'static [Column] =
                    &[$(Column { name: $name, many: columns!(@$count), aliases: &[$($alias),*] }),*];
            }
        )*
    };
    (@one) => { false };
    (@many) => { true };
}

columns! {
    /// contacts.csv; the given and the family name are read where there is no display name.
    Contacts {
        ContactId = "contact_id" one ["id", "contact", "contact key", "person id", "uid", "external id"],
        DisplayName = "display_name" one ["name", "full name", "contact name", "customer name", "customer"],
        PhoneNumber = "phone_number" many [
            "phone", "phones", "phone numbers", "phone no", "number", "numbers", "mobile", "mobile phone",
            "mobile number", "cell", "cell phone", "home phone", "work phone", "business phone",
            "office phone", "main phone", "other phone", "primary phone", "secondary phone", "telephone", "tel",
            "phone value", "alternate phone",
        ],
        Email = "email" many [
            "emails", "email address", "email addresses", "mail", "primary email",
            "home email", "work email", "other email", "secondary email", "email value",
        ],
        Company = "company" one [
            "company name", "organization", "organisation", "organization name", "business", "business name",
        ],
        Notes = "notes" one ["note", "comment", "comments", "remarks", "description"],
        FirstSeen = "first_seen" one ["created", "created at", "date created", "created on", "first contact", "added"],
        LastSeen = "last_seen" one [
            "last contacted", "last contact", "updated", "updated at", "last updated", "modified", "last activity",
        ],
        GivenName = "given_name" one ["first name", "first", "forename"],
        FamilyName = "family_name" one ["last name", "last", "surname"],
    }

    /// conversations.csv
    Conversations {
        ConversationId = "conversation_id" one ["id", "thread id", "thread", "chat id", "conversation", "external id"],
        ContactId = "contact_id" one ["contact", "person id", "customer id"],
        Participants = "participants" many [
            "participant", "members", "recipients", "numbers", "phone numbers", "phone number", "phone", "number",
            "addresses", "address", "contact number",
        ],
        Channel = "channel" one ["type", "service", "medium", "kind"],
        StartedAt = "started_at" one [
            "started", "start", "start time", "created", "created at", "first message at", "first message",
        ],
        LastMessageAt = "last_message_at" one [
            "last message", "last message time", "last activity", "updated", "updated at", "date", "timestamp",
        ],
        MessageCount = "message_count" one ["messages", "count", "number of messages", "total messages"],
    }

    /// messages.csv; `other_number` is the other party, where the export names only that one.
    Messages {
        MessageId = "message_id" one ["id", "msg id", "guid", "uuid", "sid", "message sid", "external id"],
        ConversationId = "conversation_id" one ["thread id", "thread", "chat id", "conversation", "chat"],
        FromNumber = "from_number" one [
            "from", "sender", "sender number", "from phone", "from address", "source", "caller", "from phone number",
        ],
        ToNumber = "to_number" many [
            "to", "recipient", "recipients", "recipient number", "to phone", "to address", "destination", "to numbers",
            "to phone number", "receiver",
        ],
        Direction = "direction" one ["type", "folder", "box", "message type", "in out", "incoming outgoing", "msg type"],
        Body = "body" one ["text", "message", "content", "message body", "message text", "sms", "msg", "message content"],
        SentAt = "sent_at" one [
            "timestamp", "date", "datetime", "sent", "date sent", "sent date", "message date",
            "received at", "created at", "created", "date utc", "readable date", "when",
        ],
        Status = "status" one ["state", "delivery status", "message status"],
        Attachments = "attachments" many ["attachment", "media", "media url", "media urls", "files", "file", "mms"],
        OtherNumber = "other_number" one [
            "phone number", "phone", "number", "address", "contact number", "mobile", "other party", "remote number",
            "customer number", "contact phone",
        ],
        SentTime = "sent_time" one ["time", "time of day", "clock time"],
    }

    /// calls.csv; `other_number` is the other party, where the export names only that one.
    Calls {
        CallId = "call_id" one ["id", "guid", "uuid", "sid", "call sid", "external id"],
        ContactId = "contact_id" one ["contact", "person id", "customer id"],
        FromNumber = "from_number" one [
            "from", "caller", "caller number", "caller id", "from phone", "source", "calling number", "from phone number",
        ],
        ToNumber = "to_number" many [
            "to", "callee", "called number", "to phone", "destination", "dialed number", "recipient", "to phone number",
        ],
        Direction = "direction" one ["type", "call type", "in out", "incoming outgoing", "folder"],
        StartedAt = "started_at" one [
            "timestamp", "date", "datetime", "start", "started", "start time", "start date", "call date",
            "call time", "call start", "created at", "created", "when", "readable date",
        ],
        DurationSeconds = "duration_seconds" one [
            "duration", "length", "call duration", "duration in seconds", "duration secs", "duration s", "talk time",
            "call length", "seconds",
        ],
        Status = "status" one ["state", "result", "call status", "call result", "disposition", "outcome"],
        VoicemailText = "voicemail_text" one [
            "voicemail", "transcript", "transcription", "voicemail transcript", "voicemail transcription",
        ],
        OtherNumber = "other_number" one [
            "phone number", "phone", "number", "address", "contact number", "mobile", "other party", "remote number",
            "customer number", "contact phone",
        ],
        StartedTime = "started_time" one ["time", "time of day", "clock time"],
    }
}

/// Columns that stand in for another: not missed when they are not there.
const STAND_INS: [&str; 5] = ["given_name", "family_name", "other_number", "sent_time", "started_time"];

/// The columns of a file, those that rows are read from first; none of the manifest.
pub fn columns(kind: FileKind) -> &'static [Column] {
    match kind {
        FileKind::Contacts => Contacts::COLUMNS,
        FileKind::Conversations => Conversations::COLUMNS,
        FileKind::Messages => Messages::COLUMNS,
        FileKind::Calls => Calls::COLUMNS,
        FileKind::Manifest => &[],
    }
}

impl Column {
    /// Whether the file is expected to have it; the others stand in for one that is missing.
    pub fn is_expected(&self) -> bool {
        !STAND_INS.contains(&self.name)
    }
}

/// A name as it is compared: letters and digits only, in lower case.
pub(super) fn comparable(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names that the owner's exports use and our table lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraAliases(Vec<(FileKind, usize, String)>);

/// Why a list of names cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAlias {
    /// The left side is not a column.
    #[error("`{name}` is not a column; the columns are {valid}")]
    UnknownColumn {
        /// As given.
        name: String,
        /// All of them.
        valid: String,
    },
    /// A name without a letter or digit can match nothing.
    #[error("a name for `{column}` is blank")]
    Blank {
        /// The left side.
        column: String,
    },
    /// A name stands for two columns of a file.
    #[error("`{alias}` is given for `{a}` and for `{b}`; leave it at one of them")]
    Twice {
        /// The name.
        alias: String,
        /// The one.
        a: &'static str,
        /// The other.
        b: &'static str,
    },
}

impl ExtraAliases {
    /// From `messages.sent_at` → names, as the configuration file has it.
    ///
    /// # Errors
    /// [`BadAlias`] names the entry and says what would be right.
    pub fn new(names: &BTreeMap<String, Vec<String>>) -> Result<Self, BadAlias> {
        let mut extra = Self::default();
        for (column, aliases) in names {
            let (kind, index) = find(column)?;
            for alias in aliases {
                extra.add(kind, index, column, alias)?;
            }
        }
        Ok(extra)
    }

    fn add(&mut self, kind: FileKind, index: usize, column: &str, alias: &str) -> Result<(), BadAlias> {
        let name = comparable(alias);
        if name.is_empty() {
            return Err(BadAlias::Blank { column: column.to_owned() });
        }
        let other = self.0.iter().find(|(k, i, n)| *k == kind && *n == name && *i != index);
        if let Some((_, other, _)) = other {
            let columns = columns(kind);
            return Err(BadAlias::Twice { alias: alias.to_owned(), a: columns[*other].name, b: columns[index].name });
        }
        self.0.push((kind, index, name));
        Ok(())
    }

    /// The column of `kind` that the owner gave this name.
    pub(super) fn find(&self, kind: FileKind, comparable: &str) -> Option<usize> {
        self.0.iter().find(|(k, _, name)| *k == kind && name == comparable).map(|(_, index, _)| *index)
    }
}

/// `messages.sent_at` → which file and column.
fn find(name: &str) -> Result<(FileKind, usize), BadAlias> {
    let found = name.split_once('.').and_then(|(file, column)| {
        let kind = FileKind::TABLES.into_iter().find(|kind| table(*kind) == file)?;
        let index = columns(kind).iter().position(|known| known.name == column)?;
        Some((kind, index))
    });
    found.ok_or_else(|| BadAlias::UnknownColumn { name: name.chars().take(80).collect(), valid: all_names() })
}

/// `messages` of `messages.csv`.
pub(super) fn table(kind: FileKind) -> &'static str {
    kind.file_name().split('.').next().unwrap_or_default()
}

fn all_names() -> String {
    let names = FileKind::TABLES
        .into_iter()
        .flat_map(|kind| columns(kind).iter().map(move |column| format!("`{}.{}`", table(kind), column.name)));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
