//! Every difference between the two databases, and nothing else.

use sqlx::error::DatabaseError;

use crate::error::Error;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded, one file.
    Sqlite,
    /// A server, 15 or newer.
    Postgres,
}

impl Dialect {
    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// The types and table endings that stand for the placeholders of the migration text.
    pub(crate) fn placeholders(self) -> &'static [(&'static str, &'static str)] {
        match self {
            // `strict` makes SQLite keep its types; `without rowid` stores the row in its primary key.
            Self::Sqlite => &[
                ("{int}", "integer"),
                ("{bool}", "integer"),
                ("{text}", "text"),
                ("{key}", "text"),
                ("{id}", "blob"),
                ("{time}", "integer"),
                ("{json}", "text"),
                ("{bytes}", "blob"),
                ("{table}", " strict, without rowid"),
                // But rows so wide that only a few fit on a page lie beside their key.
                ("{wide_table}", " strict"),
            ],
            // Keys compare byte by byte, as on SQLite, so that both sort and page alike.
            Self::Postgres => &[
                ("{int}", "bigint"),
                ("{bool}", "boolean"),
                ("{text}", "text"),
                ("{key}", "text collate \"C\""),
                ("{id}", "uuid"),
                ("{time}", "timestamptz"),
                ("{json}", "jsonb"),
                ("{bytes}", "bytea"),
                ("{table}", ""),
                ("{wide_table}", ""),
            ],
        }
    }

    /// An id as text: several to a value, where a row for each would cost more than reading it.
    pub(crate) fn id_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("hex({column})"),
            Self::Postgres => format!("cast({column} as text)"),
        }
    }

    /// All values of a text in a group as one, with blanks between, in no order. SQLite's driver hands each row over from a
    /// thread of its own: of many short rows the switching takes more than the reading.
    pub(crate) fn joined(text: &str) -> String {
        format!("string_agg({text}, ' ')")
    }

    /// An instant as text: its microseconds since 1970.
    pub(crate) fn time_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("cast({column} as text)"),
            Self::Postgres => format!("cast(cast(extract(epoch from {column}) * 1000000 as bigint) as text)"),
        }
    }

    /// Ends a `select` whose rows are about to be claimed: rows that somebody else holds are passed over.
    /// SQLite has one writer, so nothing else can hold them.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update skip locked",
        }
    }

    /// Takes a turn by a name (`$2`) within a tenant (`$1`), until the transaction ends. SQLite has one writer at a time, so
    /// every transaction that writes has its turn.
    pub(crate) fn take_turn(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select pg_advisory_xact_lock(hashtextextended($2, $1))"),
        }
    }

    /// The rows of a bulk insert on SQLite: `count` of `width` values each, led by the tenant. SQLite looks a numbered
    /// parameter up in a list of their names, which makes binding thousands of them quadratic (a thousand rows a
    /// second instead of a hundred thousand); nameless ones have no list, so the tenant is bound in each row.
    pub(crate) fn rows(count: usize, width: usize) -> String {
        let row = format!("({}?)", "?, ".repeat(width));
        let rows = vec![row; count];
        format!("values {}", rows.join(", "))
    }

    /// Rows on PostgreSQL: an array a column, unnested side by side, after `$1`. One text and one plan for any number
    /// of rows, and a fraction of the time that thousands of single values take to parse and plan.
    pub(crate) fn unnested(types: &[&'static str]) -> String {
        let place = |(place, name): (usize, &&str)| format!("${}::{name}[]", place + 2);
        let columns: Vec<String> = types.iter().enumerate().map(place).collect();
        format!("unnest({})", columns.join(", "))
    }

    /// How many values one statement may bind (SQLite's default limit).
    pub(crate) const MAX_BINDS: usize = 32_766;
}

/// Sorts a database's error by what the caller can do about it.
pub(crate) fn classify(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default();
    if let Some(code) = error.try_downcast_ref::<sqlx::sqlite::SqliteError>().and(code.parse::<u32>().ok()) {
        // Extended result codes keep the primary code in the low byte (sqlite.org/rescode.html).
        return match code & 0xff {
            5 | 6 => Error::Busy,
            11 | 26 => Error::Damaged("the file".to_owned()),
            13 => Error::DiskFull,
            19 => Error::Conflict(error.message().to_owned()),
            _ => Error::Database(error.message().to_owned()),
        };
    }
    // SQLSTATE classes (PostgreSQL, appendix A). The message of a constraint names it and no value.
    match code.as_ref() {
        "53100" => Error::DiskFull,
        "55P03" | "40001" | "40P01" | "57014" => Error::Busy,
        code if code.starts_with("23") => Error::Conflict(error.constraint().unwrap_or("a rule").to_owned()),
        // Of class 22 (data exception) the message quotes the value.
        code if code.starts_with("22") => Error::Database(format!("it cannot take a value (SQLSTATE {code})")),
        _ => Error::Database(error.message().to_owned()),
    }
}

/// An instant written into a statement that has no place left for a bind.
pub(crate) fn time_literal(dialect: Dialect, at: doorstep_core::Timestamp) -> String {
    match dialect {
        Dialect::Sqlite => at.micros().to_string(),
        Dialect::Postgres => format!("timestamptz '{at}'"),
    }
}
