//! `doorstep config`

use clap::Subcommand;
use serde_json::{Map, json};

use crate::config::{Key, keys};
use crate::failure::Failure;
use crate::hub::Program;
use crate::output::{Column, Grid, clean};

/// The settings, and where each comes from.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
The settings, and where each comes from.

Later layers stand above earlier ones: defaults, then doorstep.toml in the data directory (or the file given with \
--config), then the environment (DOORSTEP_…, DATABASE_URL), then flags. A setting that holds a password may stand in a \
file instead, which a variable ending in _FILE names.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print every setting; passwords are masked.
    #[command(after_help = "\
Examples:
  doorstep config show --origin
  DOORSTEP_DATABASE_URL_FILE=/run/secrets/database_url doorstep config show --origin
  DOORSTEP_LOG_LEVEL=debug doorstep config show --json | jq .log")]
    Show {
        /// Also print where each value comes from.
        #[arg(long)]
        origin: bool,
    },
}

pub fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    let Action::Show { origin } = args.action;
    let out = &program.out;
    if out.json {
        return out.json(&as_json(program));
    }
    let columns = [("setting", Column::Whole), ("value", Column::Text), ("from", Column::Text)];
    let mut grid = Grid::list(out, if origin { &columns } else { &columns[..2] });
    let row = |name: String, value: &str, from: &str| {
        let cells = [name, clean(value), clean(from)];
        cells.into_iter().take(if origin { 3 } else { 2 })
    };
    for (section, key) in keys() {
        let name = format!("{}.{}", section.name, key.name);
        match program.config.values.get(section.name, key.name) {
            Some(value) => grid.row(row(name, &shown(key, &value.text), &value.origin.to_string())),
            None => grid.row(row(name, &format!("({})", key.default_words.replace('`', "")), "default")),
        }
    }
    for (column, names) in &program.config.aliases {
        grid.row(row(format!("import.aliases.{column}"), &names.join(", "), "file"));
    }
    out.print(&grid.render())
}

fn as_json(program: &Program) -> serde_json::Value {
    let mut sections = Map::new();
    for (section, key) in keys() {
        let value = program.config.values.get(section.name, key.name);
        let shown = json!({
            "value": value.map(|value| shown(key, &value.text)),
            "origin": value.map_or("default".to_owned(), |value| value.origin.to_string()),
        });
        if let Some(object) = sections.entry(section.name).or_insert_with(|| json!({})).as_object_mut() {
            object.insert(key.name.to_owned(), shown);
        }
    }
    if let Some(import) = sections.get_mut("import").and_then(serde_json::Value::as_object_mut) {
        import.insert("aliases".to_owned(), json!(program.config.aliases));
    }
    sections.into()
}

fn shown(key: &Key, value: &str) -> String {
    if key.is_secret { masked(value) } else { value.to_owned() }
}

/// A database URL without its password, in the place before the host or among the options.
fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:***@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    let tail = match tail.split_once('?') {
        Some((path, options)) => {
            let masked = options.split('&').map(|option| match option.split_once('=') {
                Some((name, _)) if name.to_lowercase().contains("pass") => format!("{name}=***"),
                _ => option.to_owned(),
            });
            format!("{path}?{}", masked.collect::<Vec<_>>().join("&"))
        }
        None => tail.to_owned(),
    };
    format!("{scheme}://{authority}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        let check = |url, expected: &str| assert_eq!(masked(url), expected);
        check("postgres://app:s3cret@db.example:5432/hub", "postgres://app:***@db.example:5432/hub");
        check("postgres://app:a@b@db.example/hub", "postgres://app:***@db.example/hub");
        check("postgres://app@db.example/hub", "postgres://app@db.example/hub");
        check("postgres:///hub?host=/tmp&user=app&password=x", "postgres:///hub?host=/tmp&user=app&password=***");
        check("app:secret", "***");
    }
}
