//! Plain text out of the HTML that people write into boxes of a field-service program.
//!
//! No browser: tags are left out, those that break lines become line breaks, character references that such boxes make
//! are read. What looks like a tag and is none (`< 3 hours`) stays.

/// Most characters of HTML that are read.
const MAX_HTML_CHARS: usize = 100_000;
/// Longest tag that is taken for one, in characters: boxes paste styles of a page's length into them.
const MAX_TAG_CHARS: usize = 8_000;
/// Tags that begin a line.
const LINE_TAGS: [&str; 15] =
    ["br", "p", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"];
/// Tags whose content is nobody's text.
const SILENT_TAGS: [&str; 2] = ["script", "style"];

/// The text as a person reads it: lines trimmed, no line blank but one between others; `None` where nothing is left.
pub fn plain(html: &str) -> Option<String> {
    let html: String = html.chars().take(MAX_HTML_CHARS).collect();
    let mut text = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('<') { tag(rest, &mut text) } else { reference(rest, &mut text) };
    }
    text.push_str(rest);
    let text = folded(&text);
    (!text.is_empty()).then_some(text)
}

/// What stands behind the tag that `rest` begins with; its line break into `text`.
fn tag<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let inner = &rest[1..];
    if let Some(comment) = inner.strip_prefix("!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
    let end = inner.find('>').filter(|end| is_tag && *end <= MAX_TAG_CHARS);
    let Some(end) = end else {
        text.push('<');
        return inner;
    };
    let is_closing = inner.starts_with('/');
    let name: String = inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let behind = &inner[end + 1..];
    if LINE_TAGS.contains(&name.as_str()) {
        text.push('\n');
    }
    if !is_closing && SILENT_TAGS.contains(&name.as_str()) {
        let close = format!("</{name}");
        return behind.to_ascii_lowercase().find(&close).map_or("", |end| &behind[end..]);
    }
    behind
}

/// What stands behind the character reference that `rest` begins with; its character into `text`.
fn reference<'a>(rest: &'a str, text: &mut String) -> &'a str {
    const LONGEST: usize = 10;
    let end = rest.char_indices().take(LONGEST).find(|(_, c)| *c == ';').map(|(at, _)| at);
    let meant = end.and_then(|end| character(&rest[1..end]).map(|c| (c, end)));
    match meant {
        Some((c, end)) => {
            text.push(c);
            &rest[end + 1..]
        }
        None => {
            text.push('&');
            &rest[1..]
        }
    }
}

fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    if let Some(number) = number {
        return number.and_then(char::from_u32).filter(|c| !c.is_control() || *c == '\n');
    }
    let named = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("rsquo", '’'),
        ("lsquo", '‘'),
        ("rdquo", '”'),
        ("ldquo", '“'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("bull", '•'),
        ("hellip", '…'),
        ("deg", '°'),
        ("frac12", '½'),
        ("eacute", 'é'),
        ("ntilde", 'ñ'),
    ];
    named.iter().find(|(it, _)| *it == name).map(|(_, c)| *c)
}

fn folded(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_a_person_reads() {
        let check = |html: &str, expected: &str| assert_eq!(plain(html).as_deref().unwrap_or(""), expected, "{html}");
        check("Water heater leaks", "Water heater leaks");
        check("<p>Drain <b>clog</b></p><p>Call first&nbsp;&amp; knock</p>", "Drain clog\n\nCall first & knock");
        check("a<br/>b<BR>c", "a\nb\nc");
        check("takes < 3 hours & <4 techs", "takes < 3 hours & <4 techs");
        check("<style>p{color:red}</style>Hi<script>alert(1)</script> there", "Hi there");
        check("<!-- note -->x<!-- never closed", "x");
        check("&#8217;&#x41;&bogus;&", "’A&bogus;&");
        check("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo");
        check("<p> </p>\n\n", "");
        check("<b", "<b");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(html in "[<>/&;#a-c \\n!é-]{0,60}") {
            if let Some(text) = plain(&html) {
                prop_assert!(!text.is_empty());
            }
        }
    }
}
