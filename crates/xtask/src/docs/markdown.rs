//! As much Markdown as the checks need: links, headings, fenced blocks.

/// What a page says.
#[derive(Debug, Default)]
pub struct Page {
    /// From the root, with `/`.
    pub path: String,
    /// Line (counted from 1) and target of every link and image outside code.
    pub links: Vec<(usize, String)>,
    /// The anchors that its headings make, as the usual hosts do.
    pub anchors: Vec<String>,
    /// Line and text of every line in a block marked `console`.
    pub console: Vec<(usize, String)>,
}

impl Page {
    /// Reads a page.
    pub fn parse(path: &str, text: &str) -> Page {
        let mut page = Page { path: path.to_owned(), ..Page::default() };
        let mut block: Option<(String, String)> = None;
        for (at, line) in text.lines().enumerate() {
            let fence = fence(line);
            match (&block, fence) {
                (None, Some((fence, language))) => block = Some((fence, language)),
                (Some((open, _)), Some((fence, language)))
                    if fence.starts_with(open.as_str()) && language.is_empty() =>
                {
                    block = None;
                }
                (Some((_, language)), _) if language == "console" => page.console.push((at + 1, line.to_owned())),
                (Some(_), _) => {}
                (None, None) => page.read_line(at + 1, line),
            }
        }
        page
    }

    fn read_line(&mut self, number: usize, line: &str) {
        let text = without_code(line);
        self.links.extend(targets(&text).map(|target| (number, target)));
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if (1..=6).contains(&level) && line[level..].starts_with(' ') {
            let anchor = anchor(line[level..].trim());
            let repeated = self.anchors.iter().filter(|it| **it == anchor).count();
            // The second heading of a name gets `-1`; the plain one is kept for counting.
            self.anchors.push(anchor.clone());
            if repeated > 0 {
                self.anchors.push(format!("{anchor}-{repeated}"));
            }
        }
    }
}

/// The backticks (or tildes) that open or close a block, and the language after them.
fn fence(line: &str) -> Option<(String, String)> {
    let line = line.trim_start();
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == sign).count();
    let language = line[length..].trim();
    (length >= 3 && !language.contains('`')).then(|| (line[..length].to_owned(), language.to_owned()))
}

/// Blanks `code` in a line, so that what looks like a link in it is none.
fn without_code(line: &str) -> String {
    let mut parts = line.split('`');
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut inside = true;
    for part in parts {
        if inside {
            text.push('`');
        } else {
            text.push_str(part);
        }
        inside = !inside;
    }
    text
}

/// The targets of `[text](target "title")` and of `[name]: target`.
fn targets(line: &str) -> impl Iterator<Item = String> {
    let inline = line.match_indices("](").filter_map(|(at, _)| {
        let rest = &line[at + 2..];
        let end = rest.find([')', ' '])?;
        Some(rest[..end].trim_matches(['<', '>']).to_owned())
    });
    let definition = line.starts_with('[').then(|| line.split_once("]: ")).flatten();
    let named = definition.and_then(|(_, target)| target.split_whitespace().next().map(str::to_owned));
    inline.chain(named)
}

/// `Why not "x"?` is `why-not-x`.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_links_outside_code() {
        let check = |text: &str, expected: &[(usize, &str)]| {
            let links = Page::parse("a.md", text).links;
            let links: Vec<(usize, &str)> = links.iter().map(|(line, target)| (*line, target.as_str())).collect();
            assert_eq!(links, expected, "{text}");
        };
        check("see [a](b.md) and ![c](d.png \"e\")\n", &[(1, "b.md"), (1, "d.png")]);
        check("\n[a]: b.md\n", &[(2, "b.md")]);
        check("`[a](b.md)` but [c](d.md)\n", &[(1, "d.md")]);
        check("[`a`](b.md)\n", &[(1, "b.md")]);
        check("```\n[a](b.md)\n```\n[c](d.md)\n", &[(4, "d.md")]);
        check("````\n```\n[a](b.md)\n````\n[c](d.md)\n", &[(5, "d.md")]);
    }

    #[test]
    fn headings_make_anchors() {
        let page = Page::parse("a.md", "# A `b` thing, \"here\"\n## Why not?\n# No\n# No\n#no heading\n");
        assert_eq!(page.anchors, ["a-b-thing-here", "why-not", "no", "no", "no-1"]);
    }

    #[test]
    fn console_blocks_are_kept_apart() {
        let page = Page::parse("a.md", "```console\n$ a\nb\n```\n```sh\n$ c\n```\n");
        assert_eq!(page.console, [(2, "$ a".to_owned()), (3, "b".to_owned())]);
    }
}
