//! Where the repository is, which files it has, and how programs are run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The folder that holds everything.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}

/// A command that runs at the root.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // Whoever runs us by `cargo xtask` gives us variables about our own package. A cargo that is run from here would
    // pass them on to build scripts that ask for them (that of `ring` does) and build those packages, and all that
    // stand on them, anew each time somebody changes between `cargo test` and `cargo xtask test`.
    let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(of_package));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// Runs a command with its output shown.
///
/// # Errors
/// The program is missing, or it failed.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot run `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed");
    }
    Ok(())
}

/// Runs a command and returns what it wrote to standard output; its standard error is shown.
///
/// # Errors
/// The program is missing, it failed, or its output is not text.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed");
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of `{shown}` is not text"))
}

fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|it| format!(" {}", it.to_string_lossy()));
    format!("{}{}", command.get_program().to_string_lossy(), arguments.collect::<String>())
}

/// All files that are or could be committed (so that a new file is checked before it is added),
/// as paths from the root with `/` between the parts, sorted.
///
/// # Errors
/// This is no git checkout.
pub fn files() -> Result<Vec<String>> {
    let listed = output(&mut command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut files: Vec<String> = listed.split('\0').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// The folder where cargo puts the programs of the dev profile: the one that this program is in.
///
/// # Errors
/// The system does not say where this program is.
pub fn dev_programs() -> Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program")?;
    Ok(own.parent().unwrap_or(Path::new(".")).to_owned())
}
