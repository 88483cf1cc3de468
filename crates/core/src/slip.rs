//! Slips of the pen: whether two words may be one misspelt. Symmetric.

/// Whether one letter wrong, missing, too many, or two changed over make one the other, or they are equal
/// (Damerau-Levenshtein distance of at most 1, found in one walk).
pub(crate) fn is_one_edit<Letter: PartialEq>(a: &[Letter], b: &[Letter]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let front = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match (&short[front..], &long[front..]) {
        ([], rest) => rest.len() <= 1,
        (short, [_, rest @ ..]) if short.len() == rest.len() => short == rest,
        ([x, y, short @ ..], [v, w, long @ ..]) if x == w && y == v => short == long,
        ([_, short @ ..], [_, long @ ..]) => short == long,
        (_, []) => false,
    }
}

/// The same of two words.
pub(crate) fn is_one_letter_off(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return is_one_edit(a.as_bytes(), b.as_bytes());
    }
    // What differs by one letter of any script differs by one letter's bytes.
    let most = char::MAX.len_utf8();
    a.len().abs_diff(b.len()) <= most
        && is_one_edit(&a.chars().collect::<Vec<char>>(), &b.chars().collect::<Vec<char>>())
}

/// Whether the Jaro-Winkler similarity of two words is at least `least`.
///
/// Most words that are compared have little in common, and that shows at less cost than the similarity itself.
pub(crate) fn is_similar(a: &str, b: &str, least: f64) -> bool {
    most_similar(a, b) >= least && strsim::jaro_winkler(a, b) >= least
}

/// What the similarity of two words cannot exceed: that of all letters which both have, in one order.
fn most_similar(a: &str, b: &str) -> f64 {
    /// For what is lost in rounding.
    const HAIR: f64 = 1e-9;
    let (of_a, of_b) = (letters(a), letters(b));
    if of_a.1 + of_b.1 == 0 {
        // Nothing is like nothing.
        return 1.0;
    }
    let common = |word: &str, other: u64| word.chars().filter(|letter| other & bit(*letter) != 0).count();
    let matches = common(a, of_b.0).min(common(b, of_a.0)) as f64;
    if matches == 0.0 {
        return 0.0;
    }
    let jaro = (matches / of_a.1 as f64 + matches / of_b.1 as f64 + 1.0) / 3.0;
    let front = a.chars().zip(b.chars()).take(4).take_while(|(a, b)| a == b).count() as f64;
    jaro + 0.1 * front * (1.0 - jaro) + HAIR
}

/// Which letters a word has, and how many.
fn letters(word: &str) -> (u64, usize) {
    word.chars().fold((0, 0), |(all, count), letter| (all | bit(letter), count + 1))
}

/// Letters that share a bit look common where they are not, which costs time and nothing else.
fn bit(letter: char) -> u64 {
    1 << (u32::from(letter) % u64::BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few letters, so that words meet, and two that are not ASCII.
    fn word() -> impl Strategy<Value = String> {
        "[abcdeéß]{0,9}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn one_edit_is_a_distance_of_one(a in word(), b in word()) {
            prop_assert_eq!(is_one_letter_off(&a, &b), strsim::osa_distance(&a, &b) <= 1, "{} {}", a, b);
        }

        #[test]
        fn a_word_and_itself_with_a_slip_are_one_edit_apart(a in word(), at in 0_usize..10, kind in 0..4, letter in "[abcdeéß]") {
            let mut letters: Vec<char> = a.chars().collect();
            let at = at.min(letters.len());
            match kind {
                0 => letters.splice(at..at, letter.chars()).for_each(drop),
                1 if at < letters.len() => letters.splice(at..=at, letter.chars()).for_each(drop),
                2 if at < letters.len() => drop(letters.remove(at)),
                _ if at + 1 < letters.len() => letters.swap(at, at + 1),
                _ => {}
            }
            let b: String = letters.into_iter().collect();
            prop_assert!(is_one_letter_off(&a, &b) && is_one_letter_off(&b, &a), "{} {}", a, b);
        }

        #[test]
        fn what_is_not_worth_a_comparison_is_not_similar(a in word(), b in word(), least in 0.5..1.0) {
            prop_assert_eq!(is_similar(&a, &b, least), strsim::jaro_winkler(&a, &b) >= least, "{} {}", a, b);
        }
    }
}
