//! `tenant_id` comes first in every key: a key without it would let one tenant see that another has a row.

use super::statement::{Statement, Token};
use super::{MIGRATIONS, finding};
use crate::tidy::Finding;
use crate::tidy::config::Config;
use crate::tidy::tree::{File, Tree};

/// The tenants themselves.
const TENANT_TABLE: &str = "tenant";

/// A `create table` of a migration.
struct Table<'t> {
    name: String,
    line: usize,
    /// Columns and constraints.
    items: Vec<&'t [Token]>,
}

fn migrations(tree: &Tree) -> impl Iterator<Item = (&File, Statement)> {
    let files = tree.files.iter().filter(|it| it.path.starts_with(MIGRATIONS) && it.path.ends_with(".sql"));
    files.map(|file| (file, Statement::new(1, &file.text)))
}

/// Every table that a migration makes: the file, the line, the name.
pub fn tables(tree: &Tree) -> Vec<(&File, usize, String)> {
    let of = |(file, statement): (_, Statement)| {
        tables_of(&statement.tokens).into_iter().map(|it| (file, it.line, it.name)).collect::<Vec<_>>()
    };
    migrations(tree).flat_map(of).collect()
}

/// Finds primary keys, unique constraints and indexes, and foreign keys that do not begin with the tenant.
pub fn keys(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, statement) in migrations(tree) {
        for table in tables_of(&statement.tokens).iter().filter(|it| it.name != TENANT_TABLE) {
            for item in &table.items {
                if let Some((line, kind)) = wrong_key(item) {
                    let message = format!("{kind} of `{}` must begin with `tenant_id`", table.name);
                    findings.push(finding(file, line, "sql-keys", &table.name, message));
                }
            }
        }
        for (line, table) in wrong_indexes(&statement.tokens) {
            let message = format!("a unique index on `{table}` must begin with `tenant_id`");
            findings.push(finding(file, line, "sql-keys", &table, message));
        }
    }
    findings
}

fn is(tokens: &[Token], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|it| it.lowered == word)
}

fn position(tokens: &[Token], words: &[&str]) -> Option<usize> {
    (0..tokens.len()).find(|at| words.iter().enumerate().all(|(offset, word)| is(tokens, at + offset, word)))
}

fn tables_of(tokens: &[Token]) -> Vec<Table<'_>> {
    let mut tables = Vec::new();
    for at in 0..tokens.len() {
        if !is(tokens, at, "table") || !(1..=2).any(|back| at >= back && is(tokens, at - back, "create")) {
            continue;
        }
        let name_at = if is(tokens, at + 1, "if") { at + 4 } else { at + 1 };
        let Some(name) = tokens.get(name_at) else { continue };
        let items = if is(tokens, name_at + 1, "(") { items(&tokens[name_at + 2..]) } else { Vec::new() };
        tables.push(Table { name: name.lowered.clone(), line: name.line, items });
    }
    tables
}

/// What stands between the parentheses, cut at the commas that are not inside further ones.
fn items(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => {
                items.push(&tokens[start..at]);
                return items;
            }
            ")" => depth -= 1,
            "," if depth == 0 => {
                items.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

/// The line and kind of the first key in a column or constraint that does not begin with the tenant.
fn wrong_key(item: &[Token]) -> Option<(usize, &'static str)> {
    let kinds: [(&[&str], &str); 4] = [
        (&["primary", "key"], "the primary key"),
        (&["unique"], "a unique key"),
        (&["foreign", "key"], "a foreign key"),
        (&["references"], "a foreign key"),
    ];
    let is_foreign = position(item, &["foreign", "key"]).is_some();
    kinds.iter().find_map(|(words, kind)| {
        let at = position(item, words)?;
        // The columns stand behind, or the constraint is a column's own; a foreign key's are its first.
        let named_behind = is(item, at + words.len(), "(") && words != &["references"];
        let column = if named_behind { at + words.len() + 1 } else { 0 };
        let right = is(item, column, "tenant_id") || (words == &["references"] && is_foreign);
        (!right).then(|| (item[at].line, *kind))
    })
}

fn wrong_indexes(tokens: &[Token]) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    for at in 0..tokens.len() {
        if !(is(tokens, at, "unique") && is(tokens, at + 1, "index")) {
            continue;
        }
        let Some(on) = position(&tokens[at..], &["on"]).map(|on| at + on) else { continue };
        let Some(table) = tokens.get(on + 1).filter(|it| it.lowered != TENANT_TABLE) else { continue };
        if !(is(tokens, on + 2, "(") && is(tokens, on + 3, "tenant_id")) {
            wrong.push((tokens[at].line, table.lowered.clone()));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::found;

    #[test]
    fn finds_keys_without_the_tenant() {
        let check = |text: &str, expected: &[&str]| {
            let expected: Vec<String> =
                expected.iter().map(|it| format!("crates/store/migrations/0001_a.sql:{it}")).collect();
            assert_eq!(found(super::keys, &[("crates/store/migrations/0001_a.sql", text)]), expected, "{text}");
        };
        let right = "create table task (\n tenant_id {int} not null references tenant (tenant_id),\n id {id} not null,\n \
            customer_id {id},\n primary key (tenant_id, id),\n unique (tenant_id, customer_id),\n \
            foreign key (tenant_id, customer_id) references customer (tenant_id, id)\n){table};\n";
        check(right, &[]);
        check("create table tenant (tenant_id int primary key, name text unique);\n", &[]);
        check("create table feed (tenant_id int primary key references tenant (tenant_id));\n", &[]);
        check("create table a (\n tenant_id int,\n id int primary key\n);\n", &["3 a"]);
        check("create table a (id int, tenant_id int,\n primary key (id, tenant_id));\n", &["2 a"]);
        check("create table a (tenant_id int, b text unique);\n", &["1 a"]);
        check("create table a (tenant_id int, b int,\n unique (b));\n", &["2 a"]);
        check("create table a (tenant_id int,\n b int references b (id));\n", &["2 a"]);
        check("create table a (tenant_id int, b int,\n foreign key (b) references b (id));\n", &["2 a"]);
        check("create table a (b int check (b in (1, 2)), c int);\ncreate index a_b on a (b);\n", &[]);
        check("create unique index a_b on a (b);\n", &["1 a"]);
        check("create unique index a_b on a (tenant_id, b) where c is null;\n", &[]);
    }
}
