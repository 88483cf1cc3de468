//! What lists share: their tabs, and the way from page to page.

use doorstep_core::position::Position;

/// One of several lists that stand beside each other, as the tabs name it.
pub(super) struct Tab {
    pub href: &'static str,
    pub label: &'static str,
    pub is_here: bool,
}

/// Tabs out of addresses and labels.
pub(super) fn tabs(all: &[(&'static str, &'static str)], here: &str) -> Vec<Tab> {
    all.iter().map(|(href, label)| Tab { href, label, is_here: *href == here }).collect()
}

/// Where a page of a list leads; empty where it leads nowhere.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pages {
    /// The first page, on all others.
    pub first: String,
    pub previous: String,
    pub next: String,
}

impl Pages {
    /// Of a page that was asked for at `at`; `link` is the address of the page at a position, or of the first one.
    pub fn of(
        at: &str,
        previous: Option<&Position>,
        next: Option<&Position>,
        link: impl Fn(Option<&str>) -> String,
    ) -> Self {
        let to = |position: Option<&Position>| match position {
            Some(position) => link(Some(&position.to_string())),
            None => String::new(),
        };
        let is_first = at.is_empty() || previous.is_none();
        Self { first: if is_first { String::new() } else { link(None) }, previous: to(previous), next: to(next) }
    }

    /// Of a list that is only read onwards.
    pub fn onwards(first: &str, is_first: bool, next: Option<String>) -> Self {
        let first = if is_first { String::new() } else { first.to_owned() };
        Self { first, previous: String::new(), next: next.unwrap_or_default() }
    }

    /// Whether it leads anywhere.
    pub fn is_some(&self) -> bool {
        *self != Self::default()
    }
}

/// The position that an address asks for.
pub(super) fn position(at: &str) -> Option<Position> {
    (!at.is_empty()).then(|| Position::from_text(at))
}

/// `path` with what is said there; what is empty is left out.
pub(super) fn address(path: &str, said: &[(&str, &str)]) -> String {
    let said: Vec<_> = said.iter().filter(|(_, value)| !value.is_empty()).collect();
    if said.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", serde_urlencoded::to_string(said).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_on_and_back() {
        let (one, other) = (Position::from_text("a&b"), Position::from_text("c"));
        let link = |at: Option<&str>| address("/x", &[("at", at.unwrap_or_default())]);
        let check = |at: &str, previous, next, expected: [&str; 3]| {
            let pages = Pages::of(at, previous, next, link);
            assert_eq!([pages.first.as_str(), &pages.previous, &pages.next], expected);
            assert_eq!(pages.is_some(), expected != ["", "", ""]);
        };
        check("", None, None, ["", "", ""]);
        check("", None, Some(&one), ["", "", "/x?at=a%26b"]);
        check("b", Some(&one), Some(&other), ["/x", "/x?at=a%26b", "/x?at=c"]);
        check("b", None, Some(&other), ["", "", "/x?at=c"]);
        assert_eq!(Pages::onwards("/x", false, None).first, "/x");
        assert!(!Pages::onwards("/x", true, None).is_some());
    }
}
