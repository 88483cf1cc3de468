//! SQL text as tokens. Quoted text, comments and `{placeholders}` are known for what they are.

/// A word or a single sign.
#[derive(Debug, Clone)]
pub struct Token {
    /// Where it stands, counted from 1.
    pub line: usize,
    /// As written; quoted text is a lone `'`.
    pub text: String,
    /// In lower case.
    pub lowered: String,
    /// Whether it stands between braces, which the program or the migration runner fills in.
    pub placeholder: bool,
}

/// Some SQL of a file.
pub struct Statement {
    /// In order.
    pub tokens: Vec<Token>,
}

impl Statement {
    /// Takes a text apart that begins on `line`.
    pub fn new(line: usize, text: &str) -> Statement {
        let mut line = line;
        let mut tokens = Vec::new();
        let mut placeholder = false;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = token_length(rest, first);
            let (token, after) = rest.split_at(length);
            placeholder = (placeholder || first == '{') && first != '}';
            if !token.trim().is_empty() && !token.starts_with("--") {
                let text = if first == '\'' { "'" } else { token };
                tokens.push(Token { line, text: text.to_owned(), lowered: text.to_lowercase(), placeholder });
            }
            line += token.matches('\n').count();
            rest = after;
        }
        Statement { tokens }
    }

    /// The lines on which these tokens follow each other; `->` stands for two signs.
    pub fn lines_with(&self, pattern: &[&str]) -> Vec<usize> {
        let pattern: Vec<&str> =
            pattern.iter().flat_map(|it| if *it == "->" { vec!["-", ">"] } else { vec![*it] }).collect();
        let found = self.tokens.windows(pattern.len()).filter(|tokens| {
            tokens.iter().zip(&pattern).all(|(token, wanted)| token.lowered == *wanted && !token.placeholder)
        });
        found.map(|tokens| tokens[0].line).collect()
    }
}

fn token_length(rest: &str, first: char) -> usize {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    if is_word(first) {
        return rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    }
    if rest.starts_with("--") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if first == '\'' {
        // A doubled quote inside reads as two texts side by side, which is as good.
        return rest[1..].find('\'').map_or(rest.len(), |at| at + 2);
    }
    first.len_utf8()
}

fn first_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c != '_' && !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether a literal of the store is SQL, or a part of some: it begins like a statement, or binds `$1`.
pub fn is_statement(text: &str) -> bool {
    let words = first_words(text);
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let binds = text.match_indices('$').any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let begins = match word(0) {
        "select" => true,
        "insert" => word(1) == "into",
        "delete" => word(1) == "from",
        "update" => words.iter().any(|it| it == "set"),
        "with" => words.iter().any(|it| it == "as") && text.contains('('),
        "create" | "alter" | "drop" => {
            matches!(
                word(1),
                "table" | "index" | "unique" | "policy" | "role" | "view" | "virtual" | "trigger" | "database"
            )
        }
        _ => false,
    };
    begins || binds
}

/// Whether a literal anywhere is SQL beyond doubt; sentences for people begin with the same words.
pub fn looks_like_statement(text: &str) -> bool {
    let words = first_words(text);
    let has = |wanted: &str| words.iter().any(|it| it == wanted);
    let signs = text.contains(['$', '=', '(', '*']);
    let begins = match words.first().map(String::as_str) {
        Some("select" | "delete") => has("from"),
        Some("insert") => has("into") && has("values"),
        Some("update") => has("set"),
        Some("create") => has("table") || has("index"),
        _ => false,
    };
    begins && signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_sql_apart() {
        let statement = Statement::new(3, "select A,\n 'it''s -- x' -- like\n from {table} b_1");
        let tokens: Vec<(usize, &str, bool)> =
            statement.tokens.iter().map(|it| (it.line, it.text.as_str(), it.placeholder)).collect();
        let expected = [
            (3, "select", false),
            (3, "A", false),
            (3, ",", false),
            (4, "'", false),
            (4, "'", false),
            (5, "from", false),
            (5, "{", true),
            (5, "table", true),
            (5, "}", false),
            (5, "b_1", false),
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn knows_sql_from_sentences() {
        let check = |text, in_store, anywhere| {
            assert_eq!((is_statement(text), looks_like_statement(text)), (in_store, anywhere), "{text}");
        };
        check("select a from b where c = $1", true, true);
        check("  SELECT 1", true, false);
        check(" and c = $2", true, false);
        check("insert into a (b) values ($1)", true, true);
        check("update the tenant first", false, false);
        check("create tenant `x`", false, false);
        check("with love", false, false);
        check("costs $ 5", false, false);
    }
}
