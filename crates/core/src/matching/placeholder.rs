//! Values that people and programs fill in when there is none: they are equal everywhere and prove nothing.
//!
//! Failure stories I8 (one test number merged hundreds) and I15 (blank phones chained everyone). The cost of a
//! wrong entry here is small (two records of a real `555-5555` stay apart until a person links them), the cost
//! of a missing one is a false join, so that doubtful values are in.

/// Digits that a national number has at least; shorter ones are service codes.
const MIN_DIGITS: usize = 7;

/// What carriers and Twilio put where a caller hides: words spelled on a keypad.
/// Source: Twilio help, "Receiving calls from these blocked or restricted numbers".
const HIDDEN_CALLERS: [&str; 5] = [
    "266696687",   // anonymous
    "7378742833",  // restricted
    "2562533",     // blocked
    "8656696",     // unknown
    "86282452253", // unavailable
];

/// Whether a phone in E.164 is blank, made up, reserved for fiction, or a hidden caller.
pub(super) fn is_placeholder_phone(e164: &str) -> bool {
    let text: String = e164.chars().filter(char::is_ascii_digit).collect();
    if text.len() < MIN_DIGITS || HIDDEN_CALLERS.contains(&text.trim_start_matches('1')) {
        return true;
    }
    let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
    // The last seven are the subscriber's part in North America, and long enough to be no accident elsewhere.
    let tail = &digits[digits.len() - MIN_DIGITS..];
    if is_constant(tail) || is_run(tail, 1) || is_run(tail, 9) {
        return true;
    }
    // +1 NXX 555-0100 to 555-0199 are reserved for fiction, 555-1212 is directory assistance (NANPA).
    let north_american = digits.len() == 11 && digits[0] == 1 && !crate::planted!("fiction-is-a-number");
    north_american && tail[..3] == [5, 5, 5] && (tail[3..5] == [0, 1] || tail[3..] == [1, 2, 1, 2])
}

/// All digits equal.
fn is_constant(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == digits[0])
}

/// Each digit the one before plus `step`, modulo ten: `1234567`, `4567890`; with nine for a step, `7654321`.
fn is_run(digits: &[u8], step: u8) -> bool {
    digits.windows(2).all(|pair| (pair[0] + step) % 10 == pair[1])
}

/// Whether an e-mail address is blank or filled in for want of one.
pub(super) fn is_placeholder_email(address: &str) -> bool {
    let address = address.trim().to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return true };
    if local.is_empty() || domain.is_empty() {
        return true;
    }
    let words = bare(local.split('+').next().unwrap_or(local));
    if words.is_empty() || is_reserved_domain(domain) || is_filler_domain(domain) {
        return true;
    }
    // `test1@`, `none2@`: the number only gets around a form that wants an unused address.
    let stem = match words.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "" => words.as_str(),
        stem => stem,
    };
    if is_filler(stem) || FILLER_STARTS.iter().any(|start| words.starts_with(start)) {
        return true;
    }
    // Short fillers (`na@`, `x@`) are somebody's initials at a real company.
    let label = bare(domain.split('.').next().unwrap_or(domain));
    let is_short = is_short_filler(stem) || is_short_filler(&words);
    is_short && (label == words || label == stem || is_short_filler(&label) || is_public_domain(domain))
}

/// Letters and digits only: `no-reply`, `no.reply` and `no_reply` are one word.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Domains and top-level domains that never have mail (RFC 2606, RFC 6761, RFC 6762).
fn is_reserved_domain(domain: &str) -> bool {
    let last_two = domain.rsplit('.').take(2).collect::<Vec<_>>();
    let is_example = last_two.get(1) == Some(&"example") && matches!(last_two[0], "com" | "org" | "net" | "edu");
    is_example || matches!(last_two[0], "example" | "invalid" | "localhost" | "test" | "local")
}

/// Domains that are themselves a way to say "none", whatever stands before the `@`.
fn is_filler_domain(domain: &str) -> bool {
    let label = bare(domain.split('.').next().unwrap_or(domain));
    matches!(
        label.as_str(),
        "none"
            | "noemail"
            | "nomail"
            | "noemailaddress"
            | "noaddress"
            | "test"
            | "testing"
            | "fake"
            | "fakeemail"
            | "unknown"
            | "nowhere"
            | "nobody"
            | "notprovided"
            | "donotemail"
            | "donotreply"
            | "noreply"
            | "asdf"
            | "null"
    )
}

/// Words before the `@` that nobody has as a name, at any domain.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "none"
            | "noone"
            | "nobody"
            | "unknown"
            | "anonymous"
            | "test"
            | "tester"
            | "testing"
            | "testuser"
            | "testemail"
            | "fake"
            | "fakeemail"
            | "dummy"
            | "asdf"
            | "asdfasdf"
            | "qwerty"
            | "nothing"
            | "noname"
            | "refused"
            | "declined"
            | "notavailable"
            | "unavailable"
            | "notapplicable"
            | "notgiven"
            | "notprovided"
            | "noneprovided"
            | "nonegiven"
            | "example"
            | "mailerdaemon"
            | "postmaster"
            | "youremail"
            | "someone"
            | "customeremail"
    )
}

/// Beginnings that are enough by themselves: `noemail123@`, `donotreply-billing@`.
const FILLER_STARTS: [&str; 10] = [
    "noemail",
    "nomail",
    "noreply",
    "donotreply",
    "dontreply",
    "donotemail",
    "donthaveemail",
    "doesnothaveemail",
    "needemail",
    "noaddress",
];

/// Words that are a filler only where nothing else says that the address is real.
fn is_short_filler(word: &str) -> bool {
    matches!(word, "no" | "na" | "non" | "x" | "xx" | "xxx" | "a" | "aa" | "aaa" | "abc" | "email" | "mail" | "user")
        || matches!(
            word,
            "null" | "nil" | "me" | "123" | "1234" | "12345" | "1" | "0" | "00" | "000" | "customer" | "guest"
        )
}

/// Where anybody can have an address, and where the short ones are refused or long gone.
fn is_public_domain(domain: &str) -> bool {
    matches!(
        domain,
        "gmail.com"
            | "googlemail.com"
            | "yahoo.com"
            | "hotmail.com"
            | "outlook.com"
            | "live.com"
            | "msn.com"
            | "aol.com"
            | "icloud.com"
            | "me.com"
            | "mail.com"
            | "email.com"
            | "comcast.net"
            | "verizon.net"
            | "att.net"
            | "sbcglobal.net"
    )
}

/// A source key without a key (`phone_history:contacts:`): equal for every object that has none.
pub(crate) fn is_blank_source_key(source_key: &str) -> bool {
    source_key.rsplit(':').next().is_none_or(|key| key.trim().is_empty())
}
