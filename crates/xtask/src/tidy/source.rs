//! Rust text taken apart into code, literals and comments, so that no rule is fooled by a quotation.
//! Not a parser: enough of the lexical rules to know which is which.

/// A piece of a file and the line it begins on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub line: usize,
    pub text: String,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Where `fn` stands, counted from 1.
    pub line: usize,
    /// From `fn` to the closing brace.
    pub lines: usize,
}

/// The parts of a Rust file.
#[derive(Debug)]
pub struct Source {
    /// The text with comments and the insides of literals blanked; same lines, same columns in bytes.
    pub code: String,
    /// The insides of string literals; an escaped quote is a quote, other escapes are spaces.
    pub strings: Vec<Piece>,
    /// The insides of comments, documentation included.
    pub comments: Vec<Piece>,
    /// For each line whether it belongs to an item under `#[cfg(test)]`.
    test_lines: Vec<bool>,
}

impl Source {
    /// Takes a file apart.
    pub fn parse(text: &str) -> Source {
        let mut lexer =
            Lexer { text: text.as_bytes(), at: 0, code: Vec::new(), strings: Vec::new(), comments: Vec::new() };
        lexer.run();
        let Lexer { code, strings, comments, .. } = lexer;
        let code = String::from_utf8_lossy(&code).into_owned();
        let pieces = |ranges: Vec<(usize, Vec<u8>)>| {
            let piece = |(at, bytes): (usize, Vec<u8>)| Piece {
                line: line_of(text, at),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            };
            ranges.into_iter().map(piece).collect()
        };
        let test_lines = test_lines(&code);
        Source { strings: pieces(strings), comments: pieces(comments), test_lines, code }
    }

    /// Whether a line (counted from 1) is only compiled for tests.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.get(line - 1).copied().unwrap_or(false)
    }

    /// The lines (counted from 1) on which a text stands that does not continue an identifier.
    pub fn lines_with(&self, wanted: &str) -> Vec<usize> {
        let numbered = self.code.lines().enumerate();
        numbered.filter(|(_, line)| has_word(line, wanted)).map(|(at, _)| at + 1).collect()
    }

    /// All functions that have a body.
    pub fn functions(&self) -> Vec<Function> {
        let starts = self.code.match_indices("fn ").filter(|(at, _)| !is_word_end(&self.code[..*at]));
        starts.filter_map(|(at, _)| self.function(at)).collect()
    }

    fn function(&self, at: usize) -> Option<Function> {
        let name = words_of(&self.code[at + 3..]).next()?.to_owned();
        let body = body_start(self.code.as_bytes(), at)?;
        let end = matching_brace(self.code.as_bytes(), body)?;
        let lines = self.code[at..=end].matches('\n').count() + 1;
        Some(Function { name, line: line_of(&self.code, at), lines })
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn is_word_end(before: &str) -> bool {
    before.bytes().next_back().is_some_and(is_word_byte)
}

/// The identifiers and keywords of a line of code.
pub fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c != '_' && !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether a line has this text where it does not continue a word.
pub fn has_word(line: &str, wanted: &str) -> bool {
    line.match_indices(wanted).any(|(at, _)| !is_word_end(&line[..at]))
}

/// The line (counted from 1) of a byte position.
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The `{` of the item that begins at `at`, or `None` when a `;` ends it first.
fn body_start(code: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code[at..].iter().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at + offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn matching_brace(code: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (offset, byte) in code[open..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(open + offset),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn test_lines(code: &str) -> Vec<bool> {
    let mut lines = vec![false; code.lines().count()];
    for (at, _) in code.match_indices("#[cfg(test)]") {
        let after = at + "#[cfg(test)]".len();
        let Some(open) = body_start(code.as_bytes(), after) else { continue };
        let Some(end) = matching_brace(code.as_bytes(), open) else { continue };
        lines[line_of(code, at) - 1..line_of(code, end)].fill(true);
    }
    lines
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    code: Vec<u8>,
    strings: Vec<(usize, Vec<u8>)>,
    comments: Vec<(usize, Vec<u8>)>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
                b'"' => self.string(),
                b'\'' => self.quote(),
                _ if is_word_byte(byte) => self.word(),
                _ => self.keep(1),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn keep(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.code.extend_from_slice(&self.text[self.at..end]);
        self.at = end;
    }

    /// Leaves spaces for what is no code; lines stay.
    fn blank(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.code.extend(self.text[self.at..end].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
        self.at = end;
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.comments.push((self.at, rest[2..end].to_vec()));
        self.blank(end);
    }

    fn block_comment(&mut self) {
        let rest = &self.text[self.at..];
        let (mut depth, mut end) = (1, 2);
        while depth > 0 && end < rest.len() {
            match &rest[end..] {
                [b'/', b'*', ..] => (depth, end) = (depth + 1, end + 2),
                [b'*', b'/', ..] => (depth, end) = (depth - 1, end + 2),
                _ => end += 1,
            }
        }
        self.comments.push((self.at, rest[2..end].to_vec()));
        self.blank(end);
    }

    fn string(&mut self) {
        let rest = &self.text[self.at..];
        let (mut inside, mut end) = (Vec::new(), 1);
        while end < rest.len() && rest[end] != b'"' {
            match (rest[end], rest.get(end + 1)) {
                (b'\\', Some(escaped)) => {
                    inside.push(if matches!(escaped, b'"' | b'\n') { *escaped } else { b' ' });
                    end += 2;
                }
                (byte, _) => {
                    inside.push(byte);
                    end += 1;
                }
            }
        }
        self.strings.push((self.at, inside));
        self.literal(end + 1, 1);
    }

    fn raw_string(&mut self, hashes: usize) {
        let rest = &self.text[self.at..];
        let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        let inside = &rest[hashes + 1..];
        let end = inside.windows(closing.len()).position(|it| it == closing).unwrap_or(inside.len());
        self.strings.push((self.at, inside[..end].to_vec()));
        self.literal(hashes + 1 + end + closing.len(), hashes + 1);
    }

    /// Blanks a literal but its delimiters.
    fn literal(&mut self, bytes: usize, delimiter: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.keep(delimiter);
        self.blank(end.saturating_sub(self.at + delimiter));
        self.keep(end - self.at);
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        let first = rest.first().copied().unwrap_or(b' ');
        let width = match first {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        if first == b'\\' {
            let end = rest.iter().skip(2).position(|byte| *byte == b'\'').map_or(rest.len(), |it| it + 2);
            self.literal(end + 2, 1);
        } else if rest.get(width) == Some(&b'\'') {
            self.literal(width + 2, 1);
        } else {
            self.keep(1);
        }
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(rest.len());
        let word = rest[..end].to_vec();
        self.keep(end);
        if matches!(word.as_slice(), b"r" | b"br" | b"cr") {
            let hashes = self.text[self.at..].iter().take_while(|byte| **byte == b'#').count();
            if self.peek(hashes) == Some(b'"') {
                self.raw_string(hashes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_is_not_quoted_or_commented() {
        let check = |text: &str, expected: &str| assert_eq!(Source::parse(text).code, expected, "{text}");
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("a\"b")"#, r#"f("    ")"#);
        check(r##"r#"a"b"# c"##, r##"r#"   "# c"##);
        check("'a' '\\'' '\"' 'é' b", "' ' '  ' ' ' '  ' b");
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("r#type // x", "r#type     ");
        check("/* open", "       ");
    }

    #[test]
    fn strings_and_comments_know_their_lines() {
        let source = Source::parse("// one\nlet a = \"two\n  three\\n\";\n/// four \"x\"\nlet b = r#\"fi\"ve\"#;\n");
        let pieces = |pieces: &[Piece]| pieces.iter().map(|it| (it.line, it.text.clone())).collect::<Vec<_>>();
        assert_eq!(pieces(&source.strings), [(2, "two\n  three ".to_owned()), (5, "fi\"ve".to_owned())]);
        assert_eq!(pieces(&source.comments), [(1, " one".to_owned()), (4, "/ four \"x\"".to_owned())]);
    }

    #[test]
    fn functions_have_their_length() {
        let source = Source::parse(
            "trait T {\n    fn none(a: [u8; 4]);\n}\nfn one() -> [u8; 2] { [1, 2] }\nfn three(\n    f: fn(u8),\n) { }\n",
        );
        let functions: Vec<(String, usize, usize)> =
            source.functions().into_iter().map(|it| (it.name, it.line, it.lines)).collect();
        assert_eq!(functions, [("one".to_owned(), 4, 1), ("three".to_owned(), 5, 3)]);
    }

    #[test]
    fn lines_under_cfg_test_are_test_lines() {
        let source =
            Source::parse("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod d;\n");
        let lines: Vec<usize> = (1..=8).filter(|line| source.is_test_line(*line)).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
    }
}
