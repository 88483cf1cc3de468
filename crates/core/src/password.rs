//! A password as somebody wants to set it: long enough, not too long, and not one that everybody tries first.
//!
//! Length is the only rule about its form (NIST SP 800-63B, 3.1.1): no digits or signs are asked for. Signing in does
//! not parse: what was once set must go on working when these rules change.

use std::fmt;

use crate::email::Email;

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Most characters: longer than any phrase, short enough that hashing it is no work for an attacker to give us.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// What guessing programs try first and what is long enough to pass; folded as [`folded`] does. Ours, and short: it
/// stops the worst, the limit on tries does the rest.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "letmein",
    "welcome",
    "qwertyuiop",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfghjkl",
    "zxcvbnm",
    "iloveyou",
    "administrator",
    "admin",
    "changeme",
    "changeit",
    "secret",
    "default",
    "doorstep",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "superman",
    "batman",
    "sunshine",
    "princess",
    "trustno1",
    "whatever",
    "starwars",
    "master",
    "login",
    "access",
    "abc",
    "test",
    "guest",
    "plumber",
    "plumbing",
    "heating",
    "hvac",
    "electric",
    "service",
    "business",
    "company",
    "correcthorsebatterystaple",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "q1w2e3r4t5",
    "zaq12wsx",
    "summer",
    "winter",
    "spring",
    "autumn",
];

/// A password that may be set. Its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text may not be set as a password. The reasons never repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too short to stand a guessing program.
    #[error("the password is too short: use at least {MIN_PASSWORD_CHARS} characters, a few words for example")]
    TooShort,
    /// Longer than is read.
    #[error("the password is too long: use at most {MAX_PASSWORD_CHARS} characters")]
    TooLong,
    /// Among the first that are tried.
    #[error("the password is one of those that are guessed first: use a few words that nobody would put together")]
    Common,
    /// Hardly anything but the address that it belongs to.
    #[error("the password is the e-mail address or nearly so, which is what is guessed first: use something else")]
    IsEmail,
}

impl Password {
    /// Takes `text` as it is; blanks count.
    ///
    /// # Errors
    /// [`BadPassword`] says in words why not.
    pub fn parse(text: &str, email: &Email) -> Result<Self, BadPassword> {
        // A character has four bytes at most: what is longer is not looked at.
        if text.len() > 4 * MAX_PASSWORD_CHARS {
            return Err(BadPassword::TooLong);
        }
        match text.chars().count() {
            0..MIN_PASSWORD_CHARS => return Err(BadPassword::TooShort),
            MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS => {}
            _ => return Err(BadPassword::TooLong),
        }
        let folded = folded(text);
        let mailbox = email.as_str().split('@').next().unwrap_or_default();
        let own = [email.as_str(), mailbox].map(self::folded);
        let without_numbers = folded.trim_matches(|c: char| c.is_ascii_digit());
        if own.iter().any(|own| *own == folded || own == without_numbers) {
            return Err(BadPassword::IsEmail);
        }
        if is_run(text) || is_common(&folded) { Err(BadPassword::Common) } else { Ok(Self(text.to_owned())) }
    }

    /// A password that was set already, for hashing it anew: what was once taken is not asked about again. `None` if
    /// it is longer than any that was ever taken.
    pub fn as_set(text: &str) -> Option<Self> {
        (text.len() <= 4 * MAX_PASSWORD_CHARS).then(|| Self(text.to_owned()))
    }

    /// The password itself, for hashing and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Lower case without blanks and signs: `Pass-Word 1!` and `password1` are one guess.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// One character over and over, or a run such as 0123456789 or abcdefghij.
fn is_run(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let steps: Vec<i64> = chars.windows(2).map(step).collect();
    // From 9 back to 0 a run goes on.
    let runs = |step: i64| steps.iter().all(|it| *it == step || (step != 0 && *it == -9 * step));
    runs(0) || runs(1) || runs(-1)
}

fn is_common(folded: &str) -> bool {
    // A common word with numbers around it, or several times over.
    let word = folded.trim_matches(|c: char| c.is_ascii_digit());
    COMMON.iter().any(|common| *common == folded || (!word.is_empty() && word.split(common).all(str::is_empty)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Password, BadPassword> {
        Password::parse(text, &Email::parse("jo.smith@acehvac.com").unwrap())
    }

    #[test]
    fn refuses_what_is_guessed_first_and_takes_the_rest() {
        let check = |text: &str, expected: Option<BadPassword>| assert_eq!(parse(text).err(), expected, "{text}");
        check("boiler and otter", None);
        check("          ", Some(BadPassword::Common));
        check("a b c d e", Some(BadPassword::TooShort));
        check("héllo wörld", None);
        check("password123", Some(BadPassword::Common));
        check("Pass-Word 2026!", Some(BadPassword::Common));
        check("passwordpassword", Some(BadPassword::Common));
        check("1234567890", Some(BadPassword::Common));
        check("aaaaaaaaaaaa", Some(BadPassword::Common));
        check("abcdefghijkl", Some(BadPassword::Common));
        check("!?&%$#@^*(a", None);
        check("9876543210", Some(BadPassword::Common));
        check("Summer2026!!", Some(BadPassword::Common));
        check("jo.smith@acehvac.com", Some(BadPassword::IsEmail));
        check("JoSmith2026", Some(BadPassword::IsEmail));
        check(&"x y".repeat(85), None);
        check(&"xy ".repeat(86), Some(BadPassword::TooLong));
        check(&"x".repeat(1_000_000), Some(BadPassword::TooLong));
    }

    #[test]
    fn debug_output_hides_the_password() {
        assert_eq!(format!("{:?}", parse("boiler and otter").unwrap()), "Password(…)");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_taken_is_taken_as_it_is(text in "\\PC{0,300}") {
            if let Ok(password) = parse(&text) {
                prop_assert_eq!(password.reveal(), text);
            }
        }
    }
}
