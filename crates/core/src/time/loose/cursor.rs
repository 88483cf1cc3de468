//! Walks over a lower-case text: numbers, words, marks.

pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) fn at_end(&self) -> bool {
        self.rest.trim_matches(' ').is_empty()
    }

    /// Tries `read`; if it gives nothing, stands where it stood before.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let found = read(self);
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// Skips any of `marks`.
    pub(super) fn skip(&mut self, marks: &[char]) {
        self.rest = self.rest.trim_start_matches(marks);
    }

    pub(super) fn starts_with(&self, mark: char) -> bool {
        self.rest.starts_with(mark)
    }

    /// Takes exactly `text`.
    pub(super) fn take(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Takes one of `marks`.
    pub(super) fn mark(&mut self, marks: &[char]) -> Option<char> {
        let mark = self.rest.chars().next().filter(|mark| marks.contains(mark))?;
        self.rest = &self.rest[mark.len_utf8()..];
        Some(mark)
    }

    /// Takes all digits standing here, if they are `fewest` to `most`.
    pub(super) fn digits(&mut self, fewest: usize, most: usize) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        if !(fewest..=most).contains(&length) {
            return None;
        }
        self.rest = rest;
        Some(digits)
    }

    /// Takes the first `count` of the digits standing here, if they are one of `totals`.
    pub(super) fn leading_digits(&mut self, count: usize, totals: &[usize]) -> Option<&'a str> {
        let total = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(count).filter(|_| totals.contains(&total))?;
        self.rest = rest;
        Some(digits)
    }

    /// Takes a number of `fewest` to `most` digits.
    pub(super) fn number<N: std::str::FromStr>(&mut self, fewest: usize, most: usize) -> Option<N> {
        self.digits(fewest, most)?.parse().ok()
    }

    /// Takes a word of ASCII letters.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then_some(word)
    }

    /// Takes a remark in `open` and `close`: `[America/New_York]`, `(Eastern Standard Time)`.
    pub(super) fn skip_remark(&mut self, open: char, close: char) {
        if let Some(end) = self.rest.strip_prefix(open).and_then(|inside| inside.find(close)) {
            self.rest = &self.rest[open.len_utf8() + end + close.len_utf8()..];
        }
    }
}
