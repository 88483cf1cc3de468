//! One SQL text for two databases, a tenant first in every key (STYLE.md, "SQL").

use super::Finding;
use super::config::Config;
use super::tree::{File, Tree};

mod keys;
mod statement;

pub use keys::{keys, tables};
use statement::{Statement, is_statement, looks_like_statement};

/// Where SQL lives.
const STORE: &str = "crates/store/src/";
/// The texts that make the tables.
const MIGRATIONS: &str = "crates/store/migrations/";

/// What means something else (or nothing) on one of the two databases, and what to do instead.
const NOT_PORTABLE: &[(&[&str], &str)] = &[
    (&["->", ">"], "read the field in Rust, or put it into `dialect`"),
    (&[":", ":"], "a cast with `::` is PostgreSQL's: use `cast(… as …)` or the right type"),
    (&["jsonb"], "silently null on SQLite: bind the JSON as a value"),
    (&["like"], "folds case on one database only: put the search into `dialect`"),
    (&["ilike"], "PostgreSQL's: put the search into `dialect`"),
    (&["glob"], "SQLite's: put the search into `dialect`"),
    (&["lower", "("], "folds ASCII only on SQLite: store the normal form and compare that"),
    (&["upper", "("], "folds ASCII only on SQLite: store the normal form and compare that"),
    (&["now", "("], "bind the time of the `Clock`"),
    (&["current_timestamp"], "bind the time of the `Clock`"),
    (&["strftime", "("], "bind a computed time"),
    (&["datetime", "("], "bind a computed time"),
    (&["interval"], "bind a computed time"),
    (&["greatest", "("], "use `case when`"),
    (&["least", "("], "use `case when`"),
    (&["for", "update"], "claim rows through `dialect`"),
    (&["skip", "locked"], "claim rows through `dialect`"),
    (&["any", "("], "bind lists through `dialect`"),
    (&["unnest", "("], "bind lists through `dialect`"),
    (&["string_agg", "("], "put it together in Rust"),
    (&["group_concat", "("], "put it together in Rust"),
    (&["array_agg", "("], "put it together in Rust"),
    (&["json_extract", "("], "read the field in Rust, or put it into `dialect`"),
    (&["alter", "column"], "SQLite has none: make a new table and copy"),
    (&["as", "(", "insert"], "SQLite has no `with` that writes: use two statements of one transaction"),
    (&["as", "(", "update"], "SQLite has no `with` that writes: use two statements of one transaction"),
    (&["as", "(", "delete"], "SQLite has no `with` that writes: use two statements of one transaction"),
    (&["autoincrement"], "ids come from the `IdMaker`"),
    (&["serial"], "ids come from the `IdMaker`"),
    (&["offset"], "page by key: `(a, b) > ($2, $3) order by a, b limit $4`"),
];

/// Written in capitals these are found; the rest follows suit.
const KEYWORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "insert",
    "into",
    "values",
    "update",
    "set",
    "delete",
    "create",
    "table",
    "index",
    "unique",
    "primary",
    "key",
    "foreign",
    "references",
    "not",
    "null",
    "and",
    "or",
    "order",
    "group",
    "by",
    "limit",
    "on",
    "conflict",
    "do",
    "nothing",
    "returning",
    "join",
    "left",
    "inner",
    "as",
    "with",
    "recursive",
    "case",
    "when",
    "then",
    "else",
    "end",
    "is",
    "in",
    "exists",
    "union",
    "all",
    "having",
    "alter",
    "drop",
    "check",
    "default",
    "constraint",
    "distinct",
    "count",
    "coalesce",
];

/// The statements of the store with the file they are in, without those under `#[cfg(test)]`.
fn statements(tree: &Tree) -> Vec<(&File, Statement)> {
    let mut all = Vec::new();
    for file in &tree.files {
        if file.path.starts_with(MIGRATIONS) && file.path.ends_with(".sql") {
            all.push((file, Statement::new(1, &file.text)));
        } else if let Some(source) = file.rust.as_ref().filter(|_| file.path.starts_with(STORE) && !file.is_test()) {
            let product = source.strings.iter().filter(|it| !source.is_test_line(it.line));
            let sql = product.filter(|it| is_statement(&it.text));
            all.extend(sql.map(|it| (file, Statement::new(it.line, &it.text))));
        }
    }
    all
}

/// Whether a file is where the databases may differ.
fn may_differ(path: &str) -> bool {
    let in_dialect = path == "crates/store/src/dialect.rs" || path.starts_with("crates/store/src/dialect/");
    in_dialect || path.ends_with(".sqlite.sql") || path.ends_with(".postgres.sql")
}

fn finding(file: &File, line: usize, rule: &'static str, item: &str, message: String) -> Finding {
    Finding { path: file.path.clone(), line, rule, item: item.to_owned(), message }
}

/// Finds what the two databases do not both understand, and migrations for one of them alone.
pub fn portable(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, statement) in statements(tree).iter().filter(|(file, _)| !may_differ(&file.path)) {
        for (pattern, advice) in NOT_PORTABLE {
            let shown = pattern.concat();
            for line in statement.lines_with(pattern) {
                findings.push(finding(
                    file,
                    line,
                    "sql-portable",
                    &shown,
                    format!("`{shown}` is not portable: {advice}"),
                ));
            }
        }
    }
    for file in tree.files.iter().filter(|it| it.path.starts_with(MIGRATIONS)) {
        for (own, other) in [(".sqlite.sql", ".postgres.sql"), (".postgres.sql", ".sqlite.sql")] {
            let Some(stem) = file.path.strip_suffix(own) else { continue };
            if !tree.files.iter().any(|it| it.path == format!("{stem}{other}")) {
                let message = format!("there is no `{stem}{other}` beside it: write the pair");
                findings.push(finding(file, 1, "sql-portable", "pair", message));
            }
        }
    }
    findings
}

/// Finds keywords in capitals, tables in the plural, and a tenant that is not `$1`.
pub fn style(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, statement) in statements(tree) {
        let words = statement.tokens.iter().filter(|it| it.text.chars().any(|c| c.is_ascii_uppercase()));
        for token in words.filter(|it| !it.placeholder && KEYWORDS.contains(&it.lowered.as_str())) {
            let message = format!("`{}`: write SQL in lower case", token.text);
            findings.push(finding(file, token.line, "sql-style", &token.lowered, message));
        }
        for window in statement.tokens.windows(4) {
            let [column, equals, dollar, number] = window else { continue };
            let binds = column.lowered == "tenant_id" && equals.text == "=" && dollar.text == "$";
            if binds && number.text != "1" {
                let message = format!("the tenant is `${}` here: it is always `$1`", number.text);
                findings.push(finding(file, number.line, "sql-style", "tenant_id", message));
            }
        }
    }
    for (file, line, table) in tables(tree) {
        let last = table.rsplit('_').next().unwrap_or(&table);
        if super::words::singular(last) != last {
            findings.push(finding(
                file,
                line,
                "sql-style",
                &table,
                format!("table `{table}` is a plural: name one row"),
            ));
        }
    }
    findings
}

/// Finds SQL outside the store.
pub fn place(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        if matches!(file.krate(), Some("store" | "xtask")) || file.is_test() {
            continue;
        }
        for string in source.strings.iter().filter(|it| looks_like_statement(&it.text) && !source.is_test_line(it.line))
        {
            let message = "SQL outside the store: make it a function of the noun's file there".to_owned();
            findings.push(finding(file, string.line, "sql-place", "statement", message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::super::tests::found;

    fn check_rule(rule: Rule, path: &str, text: &str, expected: &[&str]) {
        let expected: Vec<String> = expected.iter().map(|it| format!("{path}:{it}")).collect();
        assert_eq!(found(rule, &[(path, text)]), expected, "{text}");
    }

    #[test]
    fn finds_what_is_not_portable() {
        let check = |sql: &str, expected: &[&str]| {
            check_rule(super::portable, "crates/store/src/a.rs", &format!("const A: &str =\n  \"{sql}\";\n"), expected);
        };
        check("select a from b where tenant_id = $1 and c is not distinct from $2", &[]);
        check("select a ->> 'x' from b", &["2 ->>"]);
        check("select a from b where c like $1", &["2 like"]);
        check("select a from b\n where lower(c) = $1", &["3 lower("]);
        check("select a from b where c = 'now() like ->> x'", &[]);
        check("select a from b where c < now() - interval '1 day'", &["2 now(", "2 interval"]);
        check("select a from b for update skip locked", &["2 forupdate", "2 skiplocked"]);
        check("and b = any($2)", &["2 any("]);
        check("with a as (delete from b returning c) select c from a", &["2 as(delete"]);
        check("select $1::uuid", &["2 ::"]);
        check("select likes, offset_at, any_of from b -- like", &[]);
        check("a sentence about now() and like", &[]);
    }

    #[test]
    fn the_dialect_and_pairs_may_differ() {
        let text = "const A: &str = \"select a from b where c like $1\";\n";
        check_rule(super::portable, "crates/store/src/dialect.rs", text, &[]);
        check_rule(super::portable, "crates/store/src/dialect/search.rs", text, &[]);
        let alone = "crates/store/migrations/0002_add_search.sqlite.sql";
        check_rule(super::portable, alone, "create virtual table a using fts5(b);\n", &["1 pair"]);
        let other = alone.replace("sqlite", "postgres");
        assert_eq!(found(super::portable, &[(alone, ""), (&other, "select now();")]), [""; 0]);
    }

    #[test]
    fn finds_capitals_plurals_and_a_tenant_out_of_place() {
        let check = |text: &str, expected: &[&str]| {
            check_rule(super::style, "crates/store/migrations/0001_a.sql", text, expected)
        };
        check("create table task (a int); -- CREATE TABLE\n", &[]);
        check("create table task (a text default 'NOT NULL', {KEY} b);\n", &[]);
        check("CREATE table task (a int);\n", &["1 create"]);
        check("create table a (\n  b int NOT null\n);\n", &["2 not"]);
        check("create table if not exists phone_numbers (a int);\n", &["1 phone_numbers"]);
        check("create table address (a int); create table status (a int);\n", &[]);
        check_rule(
            super::style,
            "crates/store/src/a.rs",
            "f(\"select a from b where tenant_id = $2\");",
            &["1 tenant_id"],
        );
        check_rule(
            super::style,
            "crates/store/src/a.rs",
            "f(\"select a from b where tenant_id = $1 and c = $2\");",
            &[],
        );
    }

    #[test]
    fn finds_sql_outside_the_store() {
        let text = "fn a() { f(\"select name from customer where id = $1\"); }\n";
        check_rule(super::place, "crates/engine/src/a.rs", text, &["1 statement"]);
        check_rule(super::place, "crates/store/src/a.rs", text, &[]);
        check_rule(super::place, "crates/engine/src/a.rs", "f(\"select a customer from the list\");\n", &[]);
        check_rule(
            super::place,
            "crates/engine/src/a.rs",
            "f(\"delete from the hub\"); f(\"insert into what?\");\n",
            &[],
        );
    }
}
