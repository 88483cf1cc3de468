//! The tables of live sources: connections, their runs, and what follows from what they say.

use super::Table;
use super::Type::{Bool, Bytes, Id, Int, Json, Text, Time};

/// Referenced before referencing.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "connection",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("source", Text),
            ("name", Text),
            ("settings", Json),
            ("credentials", Bytes),
            ("enabled", Bool),
            ("interval_seconds", Int),
            ("open_hours", Text),
            ("next_run_at", Time),
            ("next_try_at", Time),
            ("last_run_at", Time),
            ("failures", Int),
            ("is_parked", Bool),
            ("reason", Text),
            ("created_by", Json),
            ("created_at", Time),
            ("removed_at", Time),
        ],
    },
    Table {
        name: "stream_cursor",
        columns: &[
            ("tenant_id", Int),
            ("connection_id", Id),
            ("stream", Text),
            ("cursor", Text),
            ("read_at", Time),
            ("sweep_cursor", Text),
            ("sweep_began_at", Time),
            ("swept_at", Time),
        ],
    },
    Table { name: "sweep_key", columns: &[("tenant_id", Int), ("connection_id", Id), ("stream", Text), ("key", Text)] },
    Table {
        name: "sync_run",
        columns: &[
            ("tenant_id", Int),
            ("id", Id),
            ("connection_id", Id),
            ("cause", Text),
            ("actor", Json),
            ("state", Text),
            ("sweeps", Bool),
            ("removes_missing", Bool),
            ("stream", Text),
            ("report", Json),
            ("problem_count", Int),
            ("reason", Text),
            ("created_at", Time),
            ("started_at", Time),
            ("finished_at", Time),
        ],
    },
    Table {
        name: "run_problem",
        columns: &[
            ("tenant_id", Int),
            ("run_id", Id),
            ("position", Int),
            ("stream", Text),
            ("key", Text),
            ("reason", Text),
        ],
    },
    Table {
        name: "record_version",
        columns: &[
            ("tenant_id", Int),
            ("record_id", Id),
            ("number", Int),
            ("hash", Bytes),
            ("payload", Json),
            ("contact", Json),
            ("gone", Text),
            ("said_until", Time),
        ],
    },
    Table {
        name: "record_reference",
        columns: &[("tenant_id", Int), ("connection_id", Id), ("stream", Text), ("key", Text), ("record_id", Id)],
    },
    Table {
        name: "property",
        columns: &[("tenant_id", Int), ("record_id", Id), ("customer_record_id", Id), ("property", Json)],
    },
    Table {
        name: "equipment",
        columns: &[
            ("tenant_id", Int),
            ("record_id", Id),
            ("customer_record_id", Id),
            ("property_record_id", Id),
            ("equipment", Json),
        ],
    },
    Table {
        name: "job",
        columns: &[
            ("tenant_id", Int),
            ("record_id", Id),
            ("customer_record_id", Id),
            ("property_record_id", Id),
            ("status", Text),
            ("is_active", Bool),
            ("total_cents", Int),
            ("booked_at", Time),
            ("completed_at", Time),
            ("job", Json),
        ],
    },
    Table {
        name: "membership",
        columns: &[
            ("tenant_id", Int),
            ("record_id", Id),
            ("customer_record_id", Id),
            ("property_record_id", Id),
            ("membership", Json),
        ],
    },
    Table {
        name: "do_not_text",
        columns: &[("tenant_id", Int), ("phone", Text), ("record_id", Id), ("said_by", Text), ("said_at", Time)],
    },
    Table {
        name: "customer_refresh",
        columns: &[
            ("tenant_id", Int),
            ("record_id", Id),
            ("began_at", Time),
            ("read_at", Time),
            ("failed_at", Time),
            ("failures", Int),
            ("reason", Text),
        ],
    },
];
