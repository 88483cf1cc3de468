//! SPDX licence expressions, as packages write them: `OR`, `AND`, `WITH`, parentheses, and `/` for `OR`.

/// A licence expression.
#[derive(Debug, PartialEq, Eq)]
pub enum Expression {
    /// A licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Term(String),
    /// All of them apply.
    And(Vec<Expression>),
    /// We may choose.
    Or(Vec<Expression>),
}

impl Expression {
    /// Reads an expression; `None` when it is malformed.
    pub fn parse(text: &str) -> Option<Expression> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut words = words.as_slice();
        let expression = either(&mut words)?;
        words.is_empty().then_some(expression)
    }

    /// Whether it can be satisfied with the licences that are allowed.
    pub fn holds(&self, allowed: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Term(term) => allowed(term),
            Self::And(parts) => parts.iter().all(|it| it.holds(allowed)),
            Self::Or(parts) => parts.iter().any(|it| it.holds(allowed)),
        }
    }
}

fn take(words: &mut &[&str], wanted: &str) -> bool {
    let found = words.first() == Some(&wanted);
    if found {
        *words = &words[1..];
    }
    found
}

fn either(words: &mut &[&str]) -> Option<Expression> {
    let mut parts = vec![all(words)?];
    while take(words, "OR") {
        parts.push(all(words)?);
    }
    if parts.len() == 1 { parts.pop() } else { Some(Expression::Or(parts)) }
}

fn all(words: &mut &[&str]) -> Option<Expression> {
    let mut parts = vec![term(words)?];
    while take(words, "AND") {
        parts.push(term(words)?);
    }
    if parts.len() == 1 { parts.pop() } else { Some(Expression::And(parts)) }
}

fn term(words: &mut &[&str]) -> Option<Expression> {
    if take(words, "(") {
        let inside = either(words)?;
        return take(words, ")").then_some(inside);
    }
    let license = name(words)?;
    if take(words, "WITH") {
        return Some(Expression::Term(format!("{license} WITH {}", name(words)?)));
    }
    Some(Expression::Term(license.to_owned()))
}

fn name<'w>(words: &mut &[&'w str]) -> Option<&'w str> {
    let name = words.first().filter(|it| !matches!(**it, "OR" | "AND" | "WITH" | "(" | ")"))?;
    *words = &words[1..];
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_when_it_can_be_satisfied() {
        let allowed = |term: &str| matches!(term, "MIT" | "Apache-2.0" | "Unicode-3.0" | "X WITH Y-exception");
        let check = |text, expected| {
            assert_eq!(Expression::parse(text).map(|it| it.holds(&allowed)), expected, "{text}");
        };
        check("MIT", Some(true));
        check("GPL-3.0", Some(false));
        check("MIT OR GPL-3.0", Some(true));
        check("GPL-3.0/MIT", Some(true));
        check("GPL-3.0 / LGPL-2.1", Some(false));
        check("MIT AND GPL-3.0", Some(false));
        check("(MIT OR GPL-3.0) AND Unicode-3.0", Some(true));
        check("GPL-3.0 OR MIT AND Unicode-3.0", Some(true));
        check("MIT AND (GPL-3.0 OR LGPL-2.1)", Some(false));
        check("X WITH Y-exception", Some(true));
        check("X", Some(false));
        check("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", Some(true));
        for malformed in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT GPL-3.0", "MIT WITH", "()"] {
            check(malformed, None);
        }
    }
}
