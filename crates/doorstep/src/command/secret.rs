//! Asking for a password: without an echo, from standard input, or from a file; never as an argument, which everybody
//! on the machine can see.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use crate::failure::Failure;

/// Longest line that is read: longer than any password.
const MAX_BYTES: u64 = 4_096;

/// A password as somebody gave it.
pub fn password(file: Option<&Path>, whose: &str) -> Result<String, Failure> {
    match file {
        Some(path) => {
            let unreadable = |error| Failure::refused(format!("`{}` cannot be read: {error}", path.display()));
            let file = File::open(path).map_err(unreadable)?;
            first_line(file)
                .map_err(unreadable)?
                .ok_or_else(|| Failure::refused(format!("`{}` has no password in its first line", path.display())))
        }
        None if std::io::stdin().is_terminal() => ask(whose),
        None => {
            let line = first_line(std::io::stdin().lock());
            let line = line.map_err(|error| Failure::refused(format!("standard input cannot be read: {error}")))?;
            line.ok_or_else(|| {
                Failure::refused("no password on standard input")
                    .hint("pipe it in, name a file (`--password-file FILE`), or run this at a terminal to be asked")
            })
        }
    }
}

fn ask(whose: &str) -> Result<String, Failure> {
    let terminal = console::Term::stderr();
    let read = |prompt: &str| {
        let typed = terminal.write_str(prompt).and_then(|()| terminal.read_secure_line());
        typed.map_err(|error| Failure::refused(format!("the password cannot be read: {error}")))
    };
    let one = read(&format!("New password of {whose}: "))?;
    if read("The same again: ")? == one { Ok(one) } else { Err(Failure::refused("the two passwords differ")) }
}

/// The first line without its ending; `None` if it is blank or there is none.
fn first_line(from: impl Read) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    BufReader::new(from.take(MAX_BYTES)).read_line(&mut line)?;
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(Some(line).filter(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_as_it_is() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(first_line(text.as_bytes()).unwrap().as_deref(), expected, "{text:?}");
        };
        check("boiler and otter\n", Some("boiler and otter"));
        check(" boiler \r\nsecond", Some(" boiler "));
        check("boiler", Some("boiler"));
        check("\nboiler", None);
        check("", None);
        assert_eq!(first_line(std::io::repeat(b'x')).unwrap().map(|line| line.len() as u64), Some(MAX_BYTES));
    }
}
