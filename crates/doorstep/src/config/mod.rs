//! Settings, in layers: defaults, then the file, then the environment, then flags; the last that speaks counts.
//!
//! Every value knows where it came from (`doorstep config show --origin`). A key that nobody knows is refused with
//! the nearest one that somebody does, because a typing error in a setting is worse than no setting. A secret may
//! come in a file that a variable names ([`secret`]).

mod environment;
mod file;
mod nearest;
mod secret;
mod section;
mod sections;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use environment::Environment;
pub use file::read_aliases;
pub use section::{Key, Section};
pub use sections::{
    Data, Database, Import, Log, LogFormat, McpSettings, ServerSettings, SourceSettings, WorkerSettings,
};

use crate::failure::Failure;
use section::Values;

/// The file's name in the data directory.
pub const FILE_NAME: &str = "doorstep.toml";
/// The beginning of our variables.
pub const PREFIX: &str = "DOORSTEP_";
/// Variables of the tests and the workshop, which a shell may have set while it also runs the program.
const WORKSHOP_PREFIX: &str = "DOORSTEP_TEST_";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The file at this path.
    File(PathBuf),
    /// This variable.
    Variable(&'static str),
    /// The file at this path, which this variable names.
    FileOfVariable(&'static str, PathBuf),
    /// This flag.
    Flag(&'static str),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::FileOfVariable(name, path) => write!(f, "environment {name}: {}", path.display()),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Flags that were given, by their name with the dashes.
pub type Flags = BTreeMap<&'static str, String>;

/// All settings.
#[derive(Clone)]
pub struct Config {
    /// `[data]`
    pub data: Data,
    /// `[database]`
    pub database: Database,
    /// `[import]`
    pub import: Import,
    /// `[sources]`
    pub sources: SourceSettings,
    /// `[worker]`
    pub worker: WorkerSettings,
    /// `[server]`
    pub server: ServerSettings,
    /// `[mcp]`
    pub mcp: McpSettings,
    /// `[log]`
    pub log: Log,
    /// The names of columns in `[import.aliases]`: `messages.body` → what exports call it.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Every value with its origin, for `config show`.
    pub values: Values,
}

/// All sections, in the order in which they are shown.
pub const SECTIONS: [&Section; 8] = [
    &Data::SECTION,
    &Database::SECTION,
    &Import::SECTION,
    &SourceSettings::SECTION,
    &WorkerSettings::SECTION,
    &ServerSettings::SECTION,
    &McpSettings::SECTION,
    &Log::SECTION,
];

/// Reads the settings from all layers.
///
/// # Errors
/// An unknown key, a value that is none, or a file that cannot be read.
pub fn load(flags: &Flags, environment: &Environment) -> Result<Config, Failure> {
    let mut values = Values::default();
    for (section, key) in keys() {
        if let Some(default) = default_of(section, key, environment) {
            values.put(section, key, default, Origin::Default);
        }
    }
    let said = |key: &Key| flags.get(key.flag).cloned().or_else(|| environment.get(key.variable).map(str::to_owned));
    let dir = said(&Data::SECTION.keys[0]).unwrap_or_else(|| default_data_dir(environment));
    let (path, must_exist) =
        match flags.get("--config").or(environment.get("DOORSTEP_CONFIG").map(str::to_owned).as_ref()) {
            Some(path) => (PathBuf::from(path), true),
            None => (Path::new(&dir).join(FILE_NAME), false),
        };
    let aliases = file::read(&path, must_exist, &mut values)?;
    refuse_unknown_variables(environment)?;
    for (section, key) in keys() {
        if let Some(value) = flags.get(key.flag) {
            values.put(section, key, value.clone(), Origin::Flag(key.flag));
        } else if let Some((value, origin)) = secret::said(key, environment)? {
            values.put(section, key, value, origin);
        }
    }
    Ok(Config {
        data: Data::read(&values)?,
        database: Database::read(&values)?,
        import: Import::read(&values)?,
        sources: SourceSettings::read(&values)?,
        worker: WorkerSettings::read(&values)?,
        server: ServerSettings::read(&values)?,
        mcp: McpSettings::read(&values)?,
        log: Log::read(&values)?,
        aliases,
        values,
    })
}

/// Every key of every section.
pub fn keys() -> impl Iterator<Item = (&'static Section, &'static Key)> {
    SECTIONS.into_iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)))
}

/// The default, where it is not the same for everybody.
fn default_of(section: &Section, key: &Key, environment: &Environment) -> Option<String> {
    match (section.name, key.name) {
        ("data", "dir") => Some(default_data_dir(environment)),
        ("data", "operator") => {
            let user = environment.get("USER").or(environment.get("LOGNAME"));
            Some(user.map_or("operator", str::trim).to_owned()).filter(|name| !name.is_empty())
        }
        _ => key.default.map(str::to_owned),
    }
}

fn default_data_dir(environment: &Environment) -> String {
    let base = match (environment.get("XDG_DATA_HOME"), environment.get("HOME")) {
        (Some(base), _) if !base.is_empty() => PathBuf::from(base),
        (_, Some(home)) => Path::new(home).join(".local/share"),
        (_, None) => PathBuf::from("."),
    };
    base.join("doorstep").display().to_string()
}

fn refuse_unknown_variables(environment: &Environment) -> Result<(), Failure> {
    let known: Vec<&str> = keys().flat_map(|(_, key)| key.variables()).chain(["DOORSTEP_CONFIG"]).collect();
    let ours = environment.names().filter(|name| name.starts_with(PREFIX) && !name.starts_with(WORKSHOP_PREFIX));
    for name in ours {
        if !known.contains(&name) {
            let failure = Failure::refused(format!("the environment sets `{name}`, which is not a setting"));
            return Err(failure.hint(nearest::hint(name, &known)));
        }
    }
    Ok(())
}
