//! Every relative link leads to a file, and its anchor to a heading.

use super::markdown::Page;

/// What is wrong with the links of all pages, a line each. `exists` knows the files that are no pages.
pub fn check(pages: &[Page], exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for page in pages {
        for (line, target) in page.links.iter().filter(|(_, target)| is_relative(target)) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = format!("{}:{line}: the link to `{target}`", page.path);
            let Some(path) = resolve(&page.path, file) else {
                problems.push(format!("{place} leads out of the repository"));
                continue;
            };
            let linked = pages.iter().find(|it| it.path == path);
            if linked.is_none() && !exists(&path) {
                problems.push(format!("{place} leads to no file: correct or remove it"));
            } else if linked.is_some_and(|it| !anchor.is_empty() && !it.anchors.iter().any(|one| one == anchor)) {
                problems.push(format!("{place} leads to no heading of {path}: correct it"));
            }
        }
    }
    problems
}

fn is_relative(target: &str) -> bool {
    let scheme = target.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    !scheme && !target.is_empty()
}

/// The path from the root of a link on a page; `None` when it climbs out.
fn resolve(page: &str, file: &str) -> Option<String> {
    if file.is_empty() {
        return Some(page.to_owned());
    }
    let mut parts: Vec<&str> = if file.starts_with('/') { Vec::new() } else { page.split('/').collect() };
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_links_that_lead_nowhere() {
        let check = |target: &str, expected: &str| {
            let pages = [
                Page::parse("docs/guides/a.md", &format!("# Top\n[x]({target})\n")),
                Page::parse("docs/b.md", "# One thing\n"),
            ];
            let found = super::check(&pages, &|path| matches!(path, "LICENSE-MIT" | "docs/guides" | "docs"));
            assert!(
                found.join("").contains(expected) && found.is_empty() == expected.is_empty(),
                "{target}: {found:?}"
            );
        };
        for right in ["../b.md", "../b.md#one-thing", "#top", "../../LICENSE-MIT", "a.md", "/docs/b.md", "../", "."] {
            check(right, "");
        }
        for elsewhere in ["https://example.org/a.md", "mailto:jo@example.org"] {
            check(elsewhere, "");
        }
        check("b.md", "docs/guides/a.md:2: the link to `b.md` leads to no file");
        check("../b.md#two", "no heading of docs/b.md");
        check("#bottom", "no heading of docs/guides/a.md");
        check("../../../x.md", "out of the repository");
    }
}
