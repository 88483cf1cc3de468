//! What stands around every page: who looks at it, where else they may go, and how it is drawn.

use axum::http::{HeaderMap, header};
use doorstep_core::tenant::{Permission, Role};

use crate::asset;
use crate::auth::Principal;
use crate::live::Topic;

/// The cookie that says light or dark, set by the script; without it the system decides.
const THEME_COOKIE: &str = "doorstep_theme";

/// A part of the dashboard, as the navigation shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The list and the cards of customers.
    Customers,
    /// Pairs that may be one.
    Reviews,
    /// Files brought in by hand.
    Imports,
    /// What is read by itself.
    Sources,
    /// Users, keys, audit.
    Settings,
}

impl Section {
    const ALL: [Self; 5] = [Self::Customers, Self::Reviews, Self::Sources, Self::Imports, Self::Settings];

    /// Its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Customers => "/customers",
            Self::Reviews => "/reviews",
            Self::Imports => "/imports",
            Self::Sources => "/sources",
            Self::Settings => "/settings",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Customers => "Customers",
            Self::Reviews => "Reviews",
            Self::Imports => "Imports",
            Self::Sources => "Sources",
            Self::Settings => "Settings",
        }
    }

    /// Its icon in `icons.svg`.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Customers => "people",
            Self::Reviews => "merge",
            Self::Imports => "inbox",
            Self::Sources => "plug",
            Self::Settings => "sliders",
        }
    }

    /// The letter that leads there after `g`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Customers => "c",
            Self::Reviews => "r",
            Self::Imports => "i",
            Self::Sources => "o",
            Self::Settings => "s",
        }
    }

    fn permission(self) -> Permission {
        match self {
            Self::Customers | Self::Reviews | Self::Sources | Self::Settings => Permission::Read,
            Self::Imports => Permission::Import,
        }
    }
}

/// Who looks at a page.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// What colleagues call them.
    pub name: String,
    /// Two letters.
    pub initials: String,
    /// The business.
    pub tenant: String,
    /// What they may do, in words.
    pub role: &'static str,
    /// What their pages send with what changes something.
    pub token: String,
    /// Where they may go.
    pub sections: Vec<Section>,
}

/// What stands around a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What the page is about; the browser's tab says it, too.
    pub title: String,
    /// `light`, `dark`, or nothing where the system decides.
    pub theme: &'static str,
    /// Who looks at it; without anybody there is no navigation and no stream.
    pub viewer: Option<Viewer>,
    /// Where it is in the navigation.
    pub section: Option<Section>,
    /// The stream that it listens to.
    pub events: String,
    /// Reviews that wait, where the page knows.
    pub open_reviews: Option<i64>,
}

impl Frame {
    /// Around a page called `title`.
    pub fn new(principal: Option<&Principal>, headers: &HeaderMap, title: impl Into<String>) -> Self {
        let viewer = principal.map(|principal| Viewer {
            name: principal.name.clone(),
            initials: initials(&principal.name),
            tenant: principal.tenant_name.clone(),
            role: role_of(principal),
            token: principal.token().to_owned(),
            sections: Section::ALL.into_iter().filter(|one| principal.require(one.permission()).is_ok()).collect(),
        });
        Self {
            title: title.into(),
            theme: theme(headers),
            viewer,
            section: None,
            events: "/events".to_owned(),
            open_reviews: None,
        }
    }

    /// In that part of the dashboard.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.section = Some(section);
        self
    }

    /// Also told of these single things.
    #[must_use]
    pub fn watching(mut self, topics: &[Topic]) -> Self {
        let names: Vec<String> = topics.iter().map(Topic::to_string).collect();
        self.events = format!("/events?watch={}", names.join(","));
        self
    }

    /// Where a file of ours is served.
    pub fn asset(&self, name: &str) -> &'static str {
        asset::path(name)
    }

    /// A sentence that names things in backticks, as HTML: what is named stands out by its type, and runs as it runs
    /// without turning the sentence round. Everything is escaped, whoever wrote it.
    pub fn said(&self, text: impl AsRef<str>) -> String {
        code_spans(text.as_ref())
    }

    /// Whether that part of the dashboard is shown.
    pub fn is_in(&self, section: &Section) -> bool {
        self.section == Some(*section)
    }
}

fn code_spans(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((named, after)) = after.split_once('`') else { break };
        html.extend([&escaped(before), "<code dir=\"auto\">", &escaped(named), "</code>"]);
        rest = after;
    }
    html + &escaped(rest)
}

fn escaped(text: &str) -> String {
    let letter = |letter: char| match letter {
        '&' => "&#38;".to_owned(),
        '<' => "&#60;".to_owned(),
        '>' => "&#62;".to_owned(),
        '"' => "&#34;".to_owned(),
        '\'' => "&#39;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(letter).collect()
}

fn role_of(principal: &Principal) -> &'static str {
    match principal.scope.role() {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Staff => "Staff",
        Role::Agent => "Agent",
        Role::ReadOnly => "Read only",
    }
}

fn theme(headers: &HeaderMap) -> &'static str {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    match pairs.find(|(name, _)| *name == THEME_COOKIE).map(|(_, value)| value) {
        Some("light") => "light",
        Some("dark") => "dark",
        Some(_) | None => "",
    }
}

/// The first letters of the first and the last word.
pub(crate) fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let letter = |word: Option<&&str>| word.and_then(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = letter(words.first());
    let last = letter(words.last()).filter(|_| words.len() > 1);
    [first, last].into_iter().flatten().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_stand_for_a_name() {
        let check = |name: &str, expected: &str| assert_eq!(initials(name), expected, "{name}");
        check("Ann Smith", "AS");
        check("ann maria de souza", "AS");
        check("Ann", "A");
        check("", "");
        check("🏠 (Home)", "H");
        check("ßa", "SS");
    }

    #[test]
    fn what_is_named_stands_out_and_nothing_becomes_markup() {
        let check = |text: &str, expected: &str| assert_eq!(code_spans(text), expected, "{text}");
        check("a file", "a file");
        check("`US` is it, `CA` not", "<code dir=\"auto\">US</code> is it, <code dir=\"auto\">CA</code> not");
        check("one ` alone", "one ` alone");
        check("`a` and ` alone", "<code dir=\"auto\">a</code> and ` alone");
        check("``", "<code dir=\"auto\"></code>");
        check(
            "<b>`<script>\"'&`</b>",
            "&#60;b&#62;<code dir=\"auto\">&#60;script&#62;&#34;&#39;&#38;</code>&#60;/b&#62;",
        );
    }

    #[test]
    fn the_theme_is_one_of_two_or_the_systems() {
        let check = |cookie: &str, expected: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
            assert_eq!(theme(&headers), expected, "{cookie}");
        };
        check("a=b; doorstep_theme=dark", "dark");
        check("doorstep_theme=light", "light");
        check("doorstep_theme=\"><script>", "");
        check("a=b", "");
    }
}
