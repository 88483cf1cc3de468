//! The folded form of words, in which they are compared and searched: lower case, no accents, no marks.

/// Letters of the Latin script with accents, and what they fold to. Others than these stay as they are.
const ACCENTS: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("ae", "æǽ"),
    ("b", "ḃ"),
    ("c", "çćĉċč"),
    ("d", "ďđḋ"),
    ("dh", "ð"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("f", "ḟ"),
    ("g", "ĝğġģǧ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıǐịỉ"),
    ("ij", "ĳ"),
    ("j", "ĵ"),
    ("k", "ķĸǩ"),
    ("l", "ĺļľŀł"),
    ("m", "ṁ"),
    ("n", "ñńņňŉŋ"),
    ("o", "òóôõöøōŏőǒọỏốồổỗộơớờởỡợ"),
    ("oe", "œ"),
    ("p", "ṗ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšșſ"),
    ("ss", "ß"),
    ("t", "ţťŧțṫ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųǔụủưứừửữự"),
    ("w", "ŵẁẃẅ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
    ("ss", "ẞ"),
    ("n", "ǹ"),
];

/// One text in its folded form, without what is no letter or digit: `O’Brien` is `obrien`, `Müller` is `muller`.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            folded.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            c.to_lowercase().for_each(|lower| push_plain(lower, &mut folded));
        }
    }
    folded
}

fn push_plain(c: char, folded: &mut String) {
    let latin = matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}');
    match ACCENTS.iter().find(|(_, accented)| latin && accented.contains(c)) {
        Some((plain, _)) => folded.push_str(plain),
        // The mark that a capital I with a dot leaves behind.
        None if !c.is_alphanumeric() => {}
        None => folded.push(c),
    }
}

/// The folded words of a text, cut at everything that is no letter, digit, mark or apostrophe.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !in_word(c)).map(fold).filter(|word| !word.is_empty()).collect()
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || is_apostrophe(c) || is_joined_mark(c)
}

/// The signs that people write for an apostrophe.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00B4}' | '`')
}

/// Marks that belong to the letter before them, and joiners that Persian and Indic names have inside.
pub(super) fn is_joined_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{200C}' | '\u{200D}')
        || ('\u{093A}'..='\u{094F}').contains(&c)
}

/// As written, but white space folded to single blanks, and what directs the display of text dropped: control
/// characters and marks of direction can make a name show as something that it is not.
pub(super) fn clean(text: &str, most_chars: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(most_chars));
    let mut chars = 0;
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        let unseen = c.is_control()
            || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
            || matches!(c, '\u{00AD}' | '\u{FEFF}' | '\u{061C}' | '\u{FFF9}'..='\u{FFFB}');
        if unseen || (c == ' ' && (clean.is_empty() || clean.ends_with(' '))) {
            continue;
        }
        if chars == most_chars {
            break;
        }
        chars += 1;
        clean.push(c);
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// Whether a letter is of a script whose names are kept whole: written from right to left, or without blanks
/// between family and given name.
pub(super) fn is_kept_whole(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c,
        '\u{0590}'..='\u{08FF}'      // Hebrew, Arabic, Syriac, Thaana, N'Ko
        | '\u{0E00}'..='\u{0EFF}'    // Thai, Lao
        | '\u{1100}'..='\u{11FF}'    // Hangul
        | '\u{2E80}'..='\u{9FFF}'    // Han, kana
        | '\u{AC00}'..='\u{D7FF}'    // Hangul
        | '\u{F900}'..='\u{FAFF}'    // Han
        | '\u{FB1D}'..='\u{FEFC}'    // Hebrew, Arabic
        | '\u{FF66}'..='\u{FFDC}'    // kana, Hangul of half width
        | '\u{20000}'..='\u{3FFFF}') // Han
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_marks_are_folded_away() {
        let cases = [
            ("José", "jose"),
            ("Jose\u{301}", "jose"),
            ("MÜLLER", "muller"),
            ("Groß", "gross"),
            ("Łukasz", "lukasz"),
            ("Søren", "soren"),
            ("Nguyễn", "nguyen"),
            ("Peña", "pena"),
            ("O’Brien", "obrien"),
            ("İbrahim", "ibrahim"),
            ("Ægir", "aegir"),
            ("Þór", "thor"),
            ("李", "李"),
            ("Иван", "иван"),
            ("-", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text), expected, "{text:?}");
        }
        assert_eq!(words("Smith-Jones, O'Brien & \u{1F527} co."), ["smith", "jones", "obrien", "co"]);
    }

    #[test]
    fn what_cannot_be_seen_is_dropped_and_white_space_is_single() {
        assert_eq!(clean(" \u{202e}John\t\u{a0} \nSmith\u{200f} \u{0}", 300), "John Smith");
        assert_eq!(clean("abcdef", 3), "abc");
        assert_eq!(clean("ab  c", 3), "ab");
    }
}
