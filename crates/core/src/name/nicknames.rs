//! Which given names are forms of one another: Bob of Robert, Peggy of Margaret.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One formal name with its forms a line, as its head explains.
const TABLE: &str = include_str!("nicknames.txt");
/// Most short forms of a formal name that a search should also find; the later ones in a line are rare.
const SEARCHED_FORMS: usize = 4;

/// The lines of the table that each name is in.
static LINES: LazyLock<HashMap<&str, Vec<u16>>> = LazyLock::new(|| {
    let mut lines: HashMap<&str, Vec<u16>> = HashMap::new();
    for (number, line) in (0..).zip(groups()) {
        for name in line.split(' ') {
            lines.entry(name).or_default().push(number);
        }
    }
    lines
});
static GROUPS: LazyLock<Vec<&str>> = LazyLock::new(|| groups().collect());

fn groups() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

/// The lines of the table that a folded word is in; none where it is no given name of it.
pub(super) fn lines(word: &str) -> &'static [u16] {
    LINES.get(word).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a folded word is a given name of the table.
pub(super) fn is_given_name(word: &str) -> bool {
    !lines(word).is_empty()
}

/// The formal name that a folded given name is short for, the first of several; itself where it is none.
pub(super) fn formal(name: &str) -> &str {
    let first = lines(name).first().and_then(|line| GROUPS.get(usize::from(*line)));
    first.and_then(|group| group.split(' ').next()).unwrap_or(name)
}

/// Whether two folded given names may be one person's.
pub(super) fn related(a: &str, b: &str) -> bool {
    share(lines(a), lines(b))
}

/// The same of the lines that two names are in.
pub(super) fn share(a: &[u16], b: &[u16]) -> bool {
    a.iter().any(|line| b.contains(line))
}

/// The names by which somebody may look for one with this folded given name: the formal names it is short for,
/// and where it is formal itself, its usual short forms.
pub(super) fn also_searched(name: &str) -> Vec<&'static str> {
    let groups = lines(name).iter().filter_map(|line| GROUPS.get(usize::from(*line)));
    groups
        .flat_map(|group| {
            let mut forms = group.split(' ');
            let formal = forms.next().unwrap_or_default();
            if formal == name { forms.take(SEARCHED_FORMS).collect() } else { vec![formal] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        let formal: Vec<&str> = groups().filter_map(|line| line.split(' ').next()).collect();
        assert!(formal.len() >= 150, "{} groups", formal.len());
        for line in groups() {
            let names: Vec<&str> = line.split(' ').collect();
            assert!(names.len() >= 2 && names.iter().all(|name| !name.is_empty()), "{line}");
            assert!(line.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' '), "{line}");
            let mut unique = names.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), names.len(), "{line}");
        }
        let mut unique = formal.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), formal.len());
    }

    #[test]
    fn forms_of_one_name_are_related_and_others_are_not() {
        for (a, b) in [("bob", "robert"), ("robert", "rob"), ("bob", "bobby"), ("chris", "christine"), ("jack", "john")]
        {
            assert!(related(a, b) && related(b, a), "{a} {b}");
        }
        for (a, b) in [("christopher", "christine"), ("bob", "bill"), ("bob", "bob2"), ("john", "joan")] {
            assert!(!related(a, b) && !related(b, a), "{a} {b}");
        }
    }

    #[test]
    fn a_search_finds_the_formal_name_by_the_short_one_and_back() {
        assert!(also_searched("bob").contains(&"robert"));
        assert!(also_searched("robert").contains(&"bob"));
        assert!(also_searched("chris").contains(&"christine") && also_searched("chris").contains(&"christopher"));
        assert!(also_searched("nobodyhasthis").is_empty());
    }
}
