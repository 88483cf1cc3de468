//! The known name that a typing error was meant to be.

/// Names further off than this were not mistyped but made up.
const MAX_EDITS: usize = 4;

/// "did you mean …", or all that is known.
pub fn hint(unknown: &str, known: &[&str]) -> String {
    let by_distance = known.iter().map(|name| (edits(unknown, name), *name)).min();
    match by_distance {
        Some((distance, name)) if distance <= MAX_EDITS && distance * 2 <= name.len() => {
            format!("did you mean `{name}`? `doorstep config show` lists all settings")
        }
        _ => "`doorstep config show` lists all settings".to_owned(),
    }
}

/// Letters to insert, remove or change to get from one name to the other (Levenshtein), case aside.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits_and_keeps_quiet_about_names_that_are_far_off() {
        let check = |one, other, expected| assert_eq!(edits(one, other), expected, "{one} {other}");
        check("", "abc", 3);
        check("kitten", "sitting", 3);
        check("Level", "level", 0);
        assert!(hint("data.dirr", &["data.dir", "log.level"]).starts_with("did you mean `data.dir`?"));
        assert_eq!(hint("colour", &["data.dir"]), "`doorstep config show` lists all settings");
    }
}
