//! The tables and their columns, as one list: row-level security, backup and restore walk it.
//! A test holds it against what both databases really have.

/// The type of a column, as in the placeholders of the migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Whole number.
    Int,
    /// Yes or no.
    Bool,
    /// Text.
    Text,
    /// UUID.
    Id,
    /// Instant.
    Time,
    /// JSON.
    Json,
    /// Bytes.
    Bytes,
}

/// One table; every one has `tenant_id` first in its primary key.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns in order.
    pub columns: &'static [(&'static str, Type)],
}

mod live;

use Type::{Bool, Bytes, Id, Int, Json, Text, Time};

/// Every table that holds tenants' data, referenced before referencing.
pub const TABLES: &[Table] = &joined::<{ HOUSE.len() + live::TABLES.len() }>();

const fn joined<const COUNT: usize>() -> [Table; COUNT] {
    let mut all = [HOUSE[0]; COUNT];
    let mut place = 0;
    while place < COUNT {
        all[place] = if place < HOUSE.len() { HOUSE[place] } else { live::TABLES[place - HOUSE.len()] };
        place += 1;
    }
    all
}

/// All but those of live sources.
const HOUSE: &[Table] = &[
    Table {
        name: "tenant",
        columns: &[
            ("tenant_id", Int),
            ("name", Text),
            ("time_zone", Text),
            ("country", Text),
            ("created_at", Time),
            ("past_since_at", Time),
        ],
    },
    Table { name: "own_number", columns: &[("tenant_id", Int), ("phone", Text)] },
    Table { name: "feed", columns: &[("tenant_id", Int), ("last_number", Int)] },
    Table {
        name: "change",
        columns: &[("tenant_id", Int), ("number", Int), ("subject", Text), ("subject_id", Id), ("changed_at", Time)],
    },
    Table {
        name: "task",
        columns: &[
            ("tenant_id", Int),
            ("key", Text),
            ("state", Text),
            ("due_at", Time),
            ("wakes", Int),
            ("attempts", Int),
            ("holder", Id),
            ("lease_until", Time),
            ("reason", Text),
            ("created_at", Time),
        ],
    },
    Table {
        name: "import",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("source", Text),
            ("state", Text),
            ("file_name", Text),
            ("archive_hash", Text),
            ("notes", Text),
            ("actor", Json),
            ("plan", Json),
            ("digest", Text),
            ("feed_number", Int),
            ("summary", Json),
            ("problem_count", Int),
            ("rows_done", Int),
            ("rows_total", Int),
            ("created_at", Time),
            ("applied_at", Time),
            ("undone_at", Time),
        ],
    },
    Table {
        name: "import_problem",
        columns: &[
            ("tenant_id", Int),
            ("import_id", Id),
            ("position", Int),
            ("file", Text),
            ("line", Int),
            ("reason", Text),
        ],
    },
    Table {
        name: "record",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("source", Text),
            ("stream", Text),
            ("key", Text),
            ("hash", Bytes),
            ("import_id", Id),
            ("payload", Json),
            ("contact", Json),
            ("customer_id", Id),
            ("created_at", Time),
            ("removed_at", Time),
            ("connection_id", Id),
            ("parent_key", Text),
            ("modified_at", Time),
            ("said_at", Time),
            ("gone", Text),
            ("merged_into", Text),
            ("stale_at", Time),
        ],
    },
    Table {
        name: "record_identifier",
        columns: &[("tenant_id", Int), ("kind", Text), ("value", Text), ("record_id", Id)],
    },
    Table {
        name: "customer",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("display_name", Text),
            ("company", Text),
            ("phone", Text),
            ("email", Text),
            ("address", Text),
            ("notes", Text),
            ("first_seen_at", Time),
            ("provenance", Json),
            ("updated_at", Time),
            ("sort_name", Text),
            ("version", Int),
            ("source_count", Int),
            ("last_seen_at", Time),
            ("balance_cents", Int),
        ],
    },
    Table {
        name: "pin",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("record_id", Id),
            ("field", Text),
            ("value", Text),
            ("actor", Json),
            ("pinned_at", Time),
            ("retracted_at", Time),
            ("retracted_by", Json),
        ],
    },
    Table {
        name: "remark",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("record_id", Id),
            ("kind", Text),
            ("topic", Text),
            ("text", Text),
            ("channel", Text),
            ("said_by", Json),
            ("said_at", Time),
            ("retracted_at", Time),
            ("retracted_by", Json),
        ],
    },
    Table {
        name: "identity",
        columns: &[
            ("tenant_id", Int),
            ("customer_id", Id),
            ("kind", Text),
            ("value", Text),
            ("source", Text),
            ("record_id", Id),
            ("first_seen_at", Time),
            ("last_seen_at", Time),
            ("verified", Bool),
        ],
    },
    Table { name: "context_version", columns: &[("tenant_id", Int), ("customer_id", Id), ("version", Int)] },
    Table {
        name: "context_told",
        columns: &[("tenant_id", Int), ("customer_id", Id), ("hash", Bytes), ("model", Json)],
    },
    Table {
        name: "context_receipt",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("told_at", Time),
            ("actor", Json),
            ("customer_id", Id),
            ("assurance", Text),
            ("version", Int),
            ("asked_by", Text),
            ("form", Text),
            ("budget", Int),
            ("tokens", Int),
            ("hash", Bytes),
        ],
    },
    Table { name: "customer_word", columns: &[("tenant_id", Int), ("customer_id", Id), ("word", Text)] },
    Table {
        name: "decision",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("verb", Text),
            ("a_record_id", Id),
            ("b_record_id", Id),
            ("reason", Text),
            ("actor", Json),
            ("decided_at", Time),
            ("retracted_at", Time),
            ("retracted_by", Json),
        ],
    },
    Table {
        name: "identifier_mark",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("kind", Text),
            ("value", Text),
            ("verdict", Text),
            ("reason", Text),
            ("actor", Json),
            ("marked_at", Time),
            ("retracted_at", Time),
            ("retracted_by", Json),
        ],
    },
    Table {
        name: "review",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("a_customer_id", Id),
            ("b_customer_id", Id),
            ("evidence", Json),
            ("created_at", Time),
            ("doubt", Int),
        ],
    },
    Table {
        name: "conversation",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("source", Text),
            ("key", Text),
            ("channel", Text),
            ("started_at", Time),
            ("last_message_at", Time),
            ("message_count", Int),
            ("import_id", Id),
        ],
    },
    Table {
        name: "participant",
        columns: &[
            ("tenant_id", Int),
            ("conversation_id", Id),
            ("position", Int),
            ("kind", Text),
            ("value", Text),
            ("record_id", Id),
        ],
    },
    Table {
        name: "message",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("conversation_id", Id),
            ("direction", Text),
            ("from_address", Text),
            ("to_address", Text),
            ("body", Text),
            ("sent_at", Time),
            ("status", Text),
            ("attachments", Json),
            ("external_id", Text),
            ("row_key", Bytes),
            ("import_id", Id),
        ],
    },
    Table {
        name: "call",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("kind", Text),
            ("value", Text),
            ("record_id", Id),
            ("direction", Text),
            ("from_address", Text),
            ("to_address", Text),
            ("started_at", Time),
            ("duration_seconds", Int),
            ("status", Text),
            ("voicemail_text", Text),
            ("external_id", Text),
            ("row_key", Bytes),
            ("import_id", Id),
        ],
    },
    Table {
        name: "app_user",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("email", Text),
            ("email_key", Text),
            ("name", Text),
            ("role", Text),
            ("password_hash", Text),
            ("created_at", Time),
            ("password_changed_at", Time),
            ("disabled_at", Time),
        ],
    },
    Table {
        name: "session",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("hash", Bytes),
            ("user_id", Id),
            ("user_agent", Text),
            ("created_at", Time),
            ("last_seen_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
        ],
    },
    Table {
        name: "api_key",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("name", Text),
            ("hash", Bytes),
            ("role", Text),
            ("scopes", Json),
            ("created_by", Json),
            ("creator_id", Id),
            ("created_at", Time),
            ("last_used_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
        ],
    },
    Table {
        name: "one_time_link",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("hash", Bytes),
            ("user_id", Id),
            ("purpose", Text),
            ("created_at", Time),
            ("expires_at", Time),
            ("used_at", Time),
        ],
    },
    Table {
        name: "verification",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("web_user", Text),
            ("kind", Text),
            ("value", Text),
            ("address", Text),
            ("hash", Text),
            ("attempts", Int),
            ("created_at", Time),
            ("expires_at", Time),
            ("verified_at", Time),
        ],
    },
    Table {
        name: "audit_entry",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("at", Time),
            ("actor", Json),
            ("actor_key", Text),
            ("act", Text),
            ("subject", Text),
            ("subject_id", Text),
            ("details", Json),
        ],
    },
    Table { name: "audit_subject", columns: &[("tenant_id", Int), ("subject_id", Text), ("entry_id", Id)] },
    Table {
        name: "idempotency",
        columns: &[
            ("tenant_id", Int),
            ("actor_key", Text),
            ("key", Text),
            ("request_hash", Bytes),
            ("status", Int),
            ("body", Json),
            ("created_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        name: "rule_set",
        columns: &[
            ("tenant_id", Int),
            ("version", Int),
            ("origin", Text),
            ("shipped_version", Int),
            ("based_on", Int),
            ("weights", Json),
            ("hash", Bytes),
            ("training", Json),
            ("actor", Json),
            ("created_at", Time),
            ("in_force_since", Time),
        ],
    },
    Table {
        name: "changeover",
        columns: &[
            ("tenant_id", Int),
            ("version", Int),
            ("from_version", Int),
            ("state", Text),
            ("digest", Text),
            ("feed_number", Int),
            ("summary", Json),
            ("after_record_id", Id),
            ("records_done", Int),
            ("records_total", Int),
            ("actor", Json),
            ("created_at", Time),
            ("applied_at", Time),
        ],
    },
];

/// Tables of what is good for a while only. A restore leaves them empty: a session or link that was ended after the
/// backup was taken must not open the door again, and everybody can sign in anew. A code that was tried too often since
/// is not to be tried again either.
pub const PASSING: &[&str] = &["session", "one_time_link", "idempotency", "verification"];
