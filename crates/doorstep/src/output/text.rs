//! Text as a terminal may show it. What customers write is data: it must not steer the terminal it is shown on.

/// Takes off what would steer a terminal or turn text around; line breaks and tabs become blanks.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' || c == '\r' { ' ' } else { harmless(c) }).collect()
}

/// The same, keeping line breaks.
pub fn clean_lines(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if c == '\n' { c } else { harmless(c) }).collect()
}

/// On one line, with single blanks.
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn harmless(c: char) -> char {
    let turns_text_around = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c == '\t' {
        ' '
    } else if c.is_control() || turns_text_around {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}

/// `30,000`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `2 messages`
pub fn several(number: u64, noun: &str) -> String {
    let many = match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    };
    format!("{} {}", count(number), if number == 1 { noun } else { &many })
}

/// A length of time: `45 s`, `3 min 12 s`, `1 h 5 min`.
pub fn elapsed(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(clean("red \u{1b}[31m\u{7}alarm"), "red \u{fffd}[31m\u{fffd}alarm");
        assert_eq!(clean("evil\u{202e}gnp.exe"), "evil\u{fffd}gnp.exe");
        assert_eq!(clean_lines("a\r\nb\u{9b}c"), "a\nb\u{fffd}c");
        assert_eq!(one_line("  two\n\n lines\t"), "two lines");
        assert_eq!(clean("¿Está? 👍🏽 شكرا"), "¿Está? 👍🏽 شكرا");
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        let check = |number, expected: &str| assert_eq!(count(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
        assert_eq!([several(1, "reply"), several(2, "reply"), several(0, "row")], ["1 reply", "2 replies", "0 rows"]);
        let check = |seconds, expected: &str| assert_eq!(elapsed(seconds), expected);
        check(0, "0 s");
        check(192, "3 min 12 s");
        check(3_900, "1 h 5 min");
        check(7_200, "2 h");
    }
}
