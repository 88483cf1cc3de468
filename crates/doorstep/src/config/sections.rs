//! The settings there are. Their comments are docs/reference/config.md.

use std::path::PathBuf;
use std::time::Duration;

use super::section::{Key, Setting, section};

section! {
    /// Where data is kept, and whose.
    Data in "data" {
        /// The data directory: the SQLite database, archives between plan and apply, and `doorstep.toml`.
        dir: PathBuf = Key::of("DOORSTEP_DATA_DIR").flag("--data-dir")
            .default_in_words("`$XDG_DATA_HOME/doorstep`, else `~/.local/share/doorstep`");
        /// The tenant that commands are about: its name or its number. Not needed where there is only one.
        tenant: Option<String> = Key::of("DOORSTEP_TENANT").flag("--tenant");
        /// Who acts at the command line: named in imports, decisions and the audit trail.
        operator: String = Key::of("DOORSTEP_OPERATOR").default_in_words("the user name of the operating system");
    }
}

section! {
    /// PostgreSQL instead of the SQLite file in the data directory.
    Database in "database" {
        /// `postgres://user:password@host/name` of a plain role: not a superuser, and not the owner of the tables,
        /// because the wall between tenants (row-level security) does not hold those back.
        url: Option<String> = Key::of("DATABASE_URL").flag("--database-url")
            .secret(&["DOORSTEP_DATABASE_URL_FILE", "DATABASE_URL_FILE"]);
        /// The same for the role that owns the tables. Only needed where this process may migrate.
        owner_url: Option<String> =
            Key::of("DOORSTEP_OWNER_DATABASE_URL").flag("--owner-database-url")
            .secret(&["DOORSTEP_OWNER_DATABASE_URL_FILE"]);
    }
}

section! {
    /// Imports of phone history. `[import.aliases]` adds names for columns, by table and column:
    /// `"messages.body" = ["What they wrote"]`.
    Import in "import" {
        /// Where archives wait between plan and apply. Several machines on one PostgreSQL need a folder that all see.
        spool_dir: Option<PathBuf> =
            Key::of("DOORSTEP_IMPORT_SPOOL_DIR").default_in_words("`spool` in the data directory");
        /// How long a plan that nobody applies keeps its archive: `14 days`, `2w`, `36h`; a bare number counts days.
        /// Older ones are removed when a new plan is made, and by `doorstep import prune`.
        keep_plans: Duration = Key::of("DOORSTEP_IMPORT_KEEP_PLANS").default("14 days");
    }
}

section! {
    /// Live sources, such as ServiceTitan: `doorstep connection`.
    SourceSettings in "sources" {
        /// The key that credentials of sources are sealed with in the database: 64 hexadecimal digits, as
        /// `openssl rand -hex 32` prints them. Keep it elsewhere than the data and its backups. To change it, write the new
        /// one on a line before the old one: the first seals, each of them opens.
        key: Option<String> = Key::of("DOORSTEP_SOURCES_KEY").secret(&["DOORSTEP_SOURCES_KEY_FILE"]);
        /// Addresses beside the sources' own that may be talked to, divided by commas: a simulator, a proxy
        /// (`http://127.0.0.1:7900`). A connection whose settings name any other place is refused.
        allowed_urls: Option<String> = Key::of("DOORSTEP_SOURCES_ALLOWED_URLS");
        /// How old what a source said of a customer may be when it is told: `1h`, `2 days`; a bare number counts days. A context
        /// that is older wakes a reading of that one customer, at any hour; whoever asks for it is not kept waiting.
        stale_after: Duration = Key::of("DOORSTEP_SOURCES_STALE_AFTER").default("1h");
    }
}

section! {
    /// Work in the background.
    WorkerSettings in "worker" {
        /// How long a task belongs to a process that no longer says it is alive, in seconds. After a crash its work
        /// goes on within twice this time.
        lease_seconds: u64 = Key::of("DOORSTEP_WORKER_LEASE_SECONDS").flag("--lease-seconds").default("15");
    }
}

section! {
    /// The server: `doorstep serve`.
    ServerSettings in "server" {
        /// The address that it listens at: this machine alone by default. `0.0.0.0:7878` is for every machine that can
        /// reach this one; put a proxy that speaks https before it.
        listen: String = Key::of("DOORSTEP_SERVER_LISTEN").flag("--listen").default("127.0.0.1:7878");
        /// The address by which people reach it, such as `https://hub.example.com`. It is answered to this name, to the
        /// address that it listens at, and to this machine's own names; links that are sent begin with
        /// it; with `https` cookies are kept to https.
        public_url: Option<String> = Key::of("DOORSTEP_SERVER_PUBLIC_URL").flag("--public-url");
        /// Who sends `Authorization: Bearer` with this may read `/metrics`. Without it only programs on this machine may,
        /// and nobody where there is a `public_url`.
        metrics_token: Option<String> = Key::of("DOORSTEP_SERVER_METRICS_TOKEN").secret(&["DOORSTEP_SERVER_METRICS_TOKEN_FILE"]);
    }
}

section! {
    /// Agents over standard input and output: `doorstep mcp`.
    McpSettings in "mcp" {
        /// The API key that the agent acts with, as `doorstep api-key create` prints it: its business, its role and its
        /// scopes count, and it opens nothing once it is revoked. Without one, whoever starts the program acts, with the
        /// role `staff`.
        api_key: Option<String> = Key::of("DOORSTEP_API_KEY").secret(&["DOORSTEP_API_KEY_FILE"]);
    }
}

section! {
    /// The log, on standard error. It holds ids and counts, never what customers are or say.
    Log in "log" {
        /// `text`, a line a person reads; `json`, one JSON object a line for a program that collects logs; or `auto`,
        /// which is text on a terminal and JSON everywhere else.
        format: LogFormat = Key::of("DOORSTEP_LOG_FORMAT").default("auto");
        /// `error`, `warn`, `info`, `debug`, `trace` or `off`; `doorstep_engine=debug,warn` for one part of it.
        level: String = Key::of("DOORSTEP_LOG_LEVEL").default("error");
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Setting for LogFormat {
    const WANTED: &'static str = "`auto`, `text` or `json`";

    fn read(text: Option<&str>) -> Option<Self> {
        match text?.trim() {
            "auto" => Some(Self::Auto),
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
