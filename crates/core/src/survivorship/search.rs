//! The words by which a customer is found, and the words of a search.
//!
//! A customer is found when every word of the search begins some word of the customer. Both sides are folded
//! here and nowhere else, so that they agree: lower case, no accents, no punctuation, phones as digits.

use std::collections::BTreeSet;

use crate::contact::ContactRecord;
use crate::customer::{Customer, Field};
use crate::email::Email;
use crate::identifier::IdentifierKind;
use crate::name::Name;
use crate::phone::{Phone, Region};

use super::fold::fold;

/// Words kept for one customer: a household with many phones needs some thirty; a pool of hundreds of records
/// must not fill the index.
pub const MAX_SEARCH_WORDS: usize = 64;
/// Longest word, in bytes; a longer one is cut and still found by its beginning.
pub const MAX_WORD_BYTES: usize = 64;
/// Words taken from one search; each costs an index look-up, and nobody types more.
pub const MAX_QUERY_WORDS: usize = 16;

/// Digits of a number that people say when they leave out the area code, and that a form masks to.
const TAILS: [usize; 2] = [7, 4];

/// The normalised words by which the customer is found, sorted: the words of its name and of every name that
/// `records` (those of the customer) say with their nicknames, company words, phones in full, without country code, and their last
/// seven and four digits, e-mail addresses whole and in parts.
///
/// At most [`MAX_SEARCH_WORDS`]; the golden record's own name and company come before phones, phones before
/// e-mail addresses, and these before names and companies that only single records say.
pub fn search_words(customer: &Customer, records: &[&ContactRecord]) -> Vec<String> {
    let mut words = Words::default();
    words.add_text(&customer.display_name);
    if customer.provenance.contains_key(&Field::Name) {
        match shown_by(records, &customer.display_name) {
            Some(name) => words.add_name(name),
            // A pin's.
            None => Name::parse(&customer.display_name).iter().for_each(|name| words.add_name(name)),
        }
    }
    words.add_text(customer.company.as_deref().unwrap_or_default());
    for identity in customer.identities_of(IdentifierKind::Phone) {
        words.add_phone(&identity.identifier.value);
    }
    for identity in customer.identities_of(IdentifierKind::Email) {
        words.add_email(&identity.identifier.value);
    }
    let mut by_age = records.to_vec();
    by_age.sort_by_key(|record| record.id);
    for contact in by_age.into_iter().map(|record| &record.contact) {
        if let Some(name) = &contact.name {
            words.add_name(name);
        }
        words.add_text(contact.company.as_deref().unwrap_or_default());
    }
    words.found.into_iter().collect()
}

/// The name of a record that is shown as that: taking a name apart is most of the work here, and it is done already.
fn shown_by<'a>(records: &[&'a ContactRecord], display_name: &str) -> Option<&'a Name> {
    let mut names = records.iter().filter_map(|record| record.contact.name.as_ref());
    names.find(|name| name.display() == display_name)
}

/// The words of a search, each of which must begin a word of the customer ([`search_words`]).
///
/// A phone in any spelling is one word of digits, in E.164 without the plus sign when it is a whole number of
/// `region` or has its country code, else as typed. No words, nothing to search for.
pub fn query_words(query: &str, region: Region) -> Vec<String> {
    let mut words = Vec::new();
    let tokens: Vec<&str> = query.split_whitespace().take(MAX_QUERY_WORDS).collect();
    for run in tokens.chunk_by(|a, b| is_dialled(a) && is_dialled(b)) {
        match run {
            [first, ..] if is_dialled(first) => words.push(dialled(&run.join(" "), region)),
            [address] if address.contains('@') => words.push(address_of(address)),
            tokens => words.extend(tokens.iter().flat_map(|token| parts(&without_apostrophes(&fold(token))))),
        }
    }
    let mut seen = BTreeSet::new();
    words.iter_mut().for_each(cut);
    words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
    words.truncate(MAX_QUERY_WORDS);
    words
}

/// Longest sort name, in bytes: the key of an index, and far more than tells two people apart.
pub const MAX_SORT_NAME_BYTES: usize = 120;

/// What customers are put in alphabetical order by: the name shown, folded as words are, punctuation as spaces. Byte
/// order, so that both databases agree. Of numbers only the digits count.
pub fn sort_name(display_name: &str) -> String {
    let plain = without_apostrophes(&fold(display_name));
    let mut sorted = parts(&plain).join(" ");
    sorted.truncate(sorted.floor_char_boundary(MAX_SORT_NAME_BYTES));
    sorted
}

/// Words found so far, up to the limit.
#[derive(Default)]
struct Words {
    found: BTreeSet<String>,
}

impl Words {
    fn add(&mut self, mut word: String) {
        cut(&mut word);
        if !word.is_empty() && self.found.len() < MAX_SEARCH_WORDS {
            self.found.insert(word);
        }
    }

    /// As written, and as the name's own rules have it: nicknames of formal names and back.
    fn add_name(&mut self, name: &Name) {
        self.add_text(name.as_written());
        name.search_words().iter().for_each(|word| self.add(fold(word)));
    }

    /// `O'Brien-Smith` is found as `obrien`, `brien`, `smith` and `obriensmith`.
    fn add_text(&mut self, text: &str) {
        for token in text.split_whitespace().map(fold) {
            let plain = without_apostrophes(&token);
            let whole: String = plain.chars().filter(|c| c.is_alphanumeric()).collect();
            for word in parts(&plain).into_iter().chain(parts(&token)).chain([whole]) {
                self.add(word);
            }
        }
    }

    fn add_phone(&mut self, e164: &str) {
        let phone = Phone::from_normal(e164.to_owned());
        let digits = digits(e164);
        for tail in TAILS {
            self.add(digits[digits.len().saturating_sub(tail)..].to_owned());
        }
        self.add(national_digits(&phone));
        self.add(digits);
    }

    fn add_email(&mut self, address: &str) {
        let address = address.to_lowercase();
        if let Some((local, domain)) = address.rsplit_once('@') {
            self.add(domain.to_owned());
            parts(&fold(local)).into_iter().chain(parts(domain)).for_each(|part| self.add(part));
        }
        self.add(address);
    }
}

/// The number without its country code. The display form of another country puts the code first and a space
/// after it; ours has none.
fn national_digits(phone: &Phone) -> String {
    let written = phone.national(Region::US);
    match written.strip_prefix('+').and_then(|rest| rest.split_once(' ')) {
        Some((_, rest)) => digits(rest),
        None => digits(&written),
    }
}

/// Digits and what people put between them.
fn is_dialled(token: &str) -> bool {
    let is_mark = |c: char| matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | '‐' | '‑' | '–');
    token.chars().all(|c| c.is_ascii_digit() || is_mark(c))
}

/// The one word of a phone or of a part of one.
fn dialled(text: &str, region: Region) -> String {
    if let Ok(phone) = Phone::parse(text, region) {
        return digits(phone.as_str());
    }
    let typed = digits(text);
    // The beginning of a number as dialled at home: `020 79` is `20 79` after the country code.
    match typed.strip_prefix('0') {
        Some(rest) if region != Region::US => rest.to_owned(),
        _ => typed,
    }
}

/// An e-mail address or its beginning; `@smithco.com` is the domain.
fn address_of(token: &str) -> String {
    let lower = token.trim_matches(['<', '>', ',', ';', '"']).to_lowercase();
    match lower.strip_prefix('@') {
        Some(domain) => domain.to_owned(),
        None => Email::parse(&lower).map_or(lower, |email| email.as_str().to_owned()),
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn parts(token: &str) -> Vec<String> {
    token.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn without_apostrophes(token: &str) -> String {
    token.chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´')).collect()
}

fn cut(word: &mut String) {
    word.truncate(word.floor_char_boundary(MAX_WORD_BYTES));
}
