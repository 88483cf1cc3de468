//! Secrets from files: what a container or a service manager hands over as a file need not pass through the
//! environment, which other processes of the same user can read.

use std::io::Read;
use std::path::Path;

use super::{Environment, Key, Origin};
use crate::failure::Failure;

/// Bytes that a secret has at most: a URL with a long password is a few hundred; more is another file.
const MAX_SECRET_BYTES: u64 = 16 * 1024;

/// What the environment says about a setting, itself or by naming a file, and which of the two.
///
/// # Errors
/// Both are given, or the file cannot be read, is empty, too large or no text. No error says what is in it.
pub(super) fn said(key: &Key, environment: &Environment) -> Result<Option<(String, Origin)>, Failure> {
    let given: Vec<&'static str> = key.variables().filter(|variable| environment.get(variable).is_some()).collect();
    if let [one, other, ..] = given[..] {
        return Err(Failure::refused(format!("the environment sets both `{one}` and `{other}`"))
            .hint("leave one of them: the value itself, or the file that holds it"));
    }
    let Some(variable) = given.first().copied() else { return Ok(None) };
    let Some(value) = environment.get(variable) else { return Ok(None) };
    if variable == key.variable {
        return Ok(Some((value.to_owned(), Origin::Variable(variable))));
    }
    let path = Path::new(value);
    Ok(Some((read(variable, path)?, Origin::FileOfVariable(variable, path.to_owned()))))
}

/// The content of a file without the blanks and line ends around it.
fn read(variable: &str, path: &Path) -> Result<String, Failure> {
    let named = format!("the file `{}` that `{variable}` names", path.display());
    let unreadable = |error: std::io::Error| {
        Failure::refused(format!("{named} cannot be read: {error}"))
            .hint("it must hold the value and nothing else, and be readable for the user that runs doorstep")
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_SECRET_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SECRET_BYTES {
        return Err(Failure::refused(format!("{named} is larger than {} KiB", MAX_SECRET_BYTES / 1024))
            .hint("it must hold the value and nothing else: is it the right file?"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::refused(format!("{named} is no text")).hint("is it the right file?"))?;
    match text.trim() {
        "" => Err(Failure::refused(format!("{named} is empty"))
            .hint(format!("write the value into it, or do not set `{variable}`"))),
        value => Ok(value.to_owned()),
    }
}
