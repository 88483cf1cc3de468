//! The page of the reference about live sources, written from their declarations.

use std::fmt::Write;

use doorstep_core::source::{CursorKind, Makes, Parent, SourceSpec, StreamSpec};

use crate::source::SOURCES;

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = "# Live sources\n\nWhat each live source is asked for to connect it, and what it has.\n".to_owned();
    for mapping in SOURCES {
        describe(mapping.spec(), &mut page);
    }
    page
}

fn describe(spec: &SourceSpec, page: &mut String) {
    // Writing into a string cannot fail.
    let _ = write!(page, "\n## {}\n\nIn settings and in JSON: `{}`.\n", spec.source.label(), spec.source);
    page.push_str("\n### Settings\n\n| setting | what it is | unless said otherwise |\n|---|---|---|\n");
    for setting in spec.settings {
        let secret = if setting.is_secret { "; secret: sealed, and shown to nobody" } else { "" };
        let default = match setting.default {
            Some(default) => format!("`{default}`"),
            None if setting.is_optional => String::new(),
            None => "must be said".to_owned(),
        };
        let _ = writeln!(page, "| `{}` | {}{secret} | {default} |", setting.name, setting.label);
    }
    page.push_str("\n### Streams\n\n| stream | what it has | read by | becomes |\n|---|---|---|---|\n");
    for stream in spec.streams {
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", stream.name, stream.label, read_by(stream), becomes(stream));
    }
}

fn read_by(stream: &StreamSpec) -> String {
    let way = match stream.cursor {
        CursorKind::Feed => "its feed of changes",
        CursorKind::Stamp => "its list, from the newest change on",
        CursorKind::Whole => "its list, whole each time",
    };
    let lag = match stream.lag_seconds {
        0 => String::new(),
        seconds => format!(", less {seconds} s"),
    };
    format!("{way}{lag}{}", if stream.is_swept { "; swept" } else { "" })
}

fn becomes(stream: &StreamSpec) -> String {
    let nouns = stream.makes.iter().map(|makes| match makes {
        Makes::Contact => "a contact record",
        Makes::Property => "a property",
        Makes::Equipment => "a piece of equipment",
        Makes::Job => "a job",
        Makes::Membership => "a membership",
        Makes::DoNotText => "a number that must not be texted",
        Makes::Name => "a name that others refer to",
    });
    let belongs = match stream.parent {
        Parent::PartOf(whole) => Some(format!("part of `{whole}`")),
        Parent::HangsOn(_) | Parent::None => None,
    };
    let mut all: Vec<String> = belongs.into_iter().chain(nouns.map(str::to_owned)).collect();
    if let Parent::HangsOn(whole) = stream.parent
        && let Some(last) = all.last_mut()
    {
        let _ = write!(last, " of one of `{whole}`");
    }
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_all_that_is_declared() {
        let page = reference();
        for spec in SOURCES.iter().map(|mapping| mapping.spec()) {
            assert!(page.contains(&format!("## {}", spec.source.label())));
            for name in spec.settings.iter().map(|it| it.name).chain(spec.streams.iter().map(|it| it.name)) {
                assert_eq!(page.matches(&format!("| `{name}` |")).count(), 1, "{name}");
            }
            // A bar of a label would be a column of the table.
            let columns = page.lines().filter(|line| line.starts_with("| `")).map(|line| line.matches('|').count());
            assert!(columns.clone().all(|count| count == 4 || count == 5), "{:?}", columns.collect::<Vec<_>>());
        }
    }
}
