//! How many tokens a text will be, without a model's vocabulary.
//!
//! GPT's tokenizers cut a text into words, each with the blank before it, digits by threes, and signs; then they look
//! each piece up: common words are one token, rarer ones a few, gibberish one for less than two letters. This rule
//! does the cutting and guesses the second part from the length and the shape of a word, from above. Over the contexts
//! of our tests it comes to a tenth to a half more than `o200k_base` counts, and to less for none of them
//! (`the_rule_is_never_under_a_real_tokenizer`); single lines of rare names may be one or two short.

/// Letters of a lower-case word that are one token.
const SHORT_WORD: usize = 5;
/// Letters for each token beyond those.
const LETTERS_PER_TOKEN: usize = 3;
/// Letters of a capitalised word, mostly a name, for each token.
const LETTERS_PER_NAME_TOKEN: usize = 4;
/// Longer words are no words: they are counted as gibberish from there on.
const LONG_WORD: usize = 12;
/// What a letter with an accent counts, in letters.
const ACCENTED: usize = 3;
/// Consonants, or vowels, in a row that no word has.
const RUN: usize = 4;

/// About how many tokens `text` is, from above.
pub fn tokens(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if is_latin(c) => length_while(rest, is_latin),
            '0'..='9' => length_while(rest, |c| c.is_ascii_digit()),
            ' ' => length_while(rest, |c| c == ' '),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        count += match c {
            _ if is_latin(c) => word(piece),
            '0'..='9' => piece.len().div_ceil(3),
            // One blank goes with the word behind it; digits and ends of lines take none.
            ' ' => {
                let is_alone = after.is_empty() || after.starts_with(|c: char| c.is_ascii_digit() || c == '\n');
                usize::from(piece.len() > 1) + usize::from(is_alone)
            }
            _ => sign(c),
        };
        rest = after;
    }
    count
}

fn length_while(text: &str, is_in: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_in(c)).unwrap_or(text.len())
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || (c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}

/// A run of Latin letters.
fn word(word: &str) -> usize {
    let (mut length, mut vowels, mut run, mut was_vowel) = (0, 0, 0, None);
    let (mut has_long_run, mut has_inner_capital) = (false, false);
    for (place, c) in word.chars().enumerate() {
        let is_vowel = !c.is_ascii() || "aeiouyAEIOUY".contains(c);
        run = if was_vowel == Some(is_vowel) { run + 1 } else { 1 };
        was_vowel = Some(is_vowel);
        has_long_run |= run >= RUN;
        has_inner_capital |= place > 0 && c.is_uppercase();
        vowels += usize::from(is_vowel);
        length += if c.is_ascii() { 1 } else { ACCENTED };
    }
    let gibberish = |letters: usize| (2 * letters).div_ceil(3);
    if has_long_run || has_inner_capital || vowels == 0 {
        return gibberish(length).max(1);
    }
    let (plain, beyond) = (length.min(LONG_WORD), length.saturating_sub(LONG_WORD));
    let is_name = word.starts_with(char::is_uppercase);
    let plain = if is_name {
        plain.div_ceil(LETTERS_PER_NAME_TOKEN)
    } else {
        1 + plain.saturating_sub(SHORT_WORD).div_ceil(LETTERS_PER_TOKEN)
    };
    plain + gibberish(beyond)
}

/// Any other character: letters of other alphabets by their bytes, for those of many bytes come in many to a script;
/// signs and emoji one for each byte, which is the most that they can be.
fn sign(c: char) -> usize {
    match c.len_utf8() {
        1 => 1,
        2 if c.is_alphabetic() => 1,
        3 if c.is_alphabetic() && !matches!(c, '\u{ac00}'..='\u{d7a3}') => 2,
        bytes => bytes,
    }
}

/// As much of `text` as is `most` tokens at most even between quotation marks, with the sign of what was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    cut_bare(text, most.saturating_sub(sign('«') + sign('»')))
}

fn cut_bare(text: &str, most: usize) -> String {
    if tokens(text) <= most {
        return text.to_owned();
    }
    // A value is short, and so is this loop: one turn for each character.
    let mut kept = text;
    while let Some((place, _)) = kept.char_indices().next_back() {
        kept = &kept[..place];
        if tokens(kept) + sign('…') <= most {
            break;
        }
    }
    format!("{}…", kept.trim_end())
}
