//! Every `$ doorstep …` in a block marked `console` is a command line that the program understands.

use super::markdown::Page;

/// What is wrong, a line each. `accepts` asks the program about the arguments after its name.
pub fn check(pages: &[Page], accepts: &dyn Fn(&[String]) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for page in pages {
        for (line, text) in &page.console {
            let Some(arguments) = arguments(text) else { continue };
            if !accepts(&arguments) {
                let shown = arguments.join(" ");
                problems.push(format!("{}:{line}: the program does not understand `doorstep {shown}`", page.path));
            }
        }
    }
    problems
}

/// The arguments of `$ doorstep …` up to a pipe, a redirection, a second command or a remark.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line.strip_prefix("$ ")?);
    let mut words = words.into_iter().skip_while(|it| is_assignment(it));
    let program = words.next()?;
    (program == "doorstep" || program.ends_with("/doorstep")).then(|| words.collect())
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c == '_' || c.is_ascii_uppercase()))
}

/// Words as a shell cuts them; quotes hold together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | '<' | '&' | ';' | '\\') => break,
            (None, '#') if word.is_none() => break,
            (None, ' ') => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_command_lines() {
        let check = |line, expected: Option<&[&str]>| {
            let expected = expected.map(|it| it.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(arguments(line), expected, "{line}");
        };
        check("$ doorstep import list --json | jq .", Some(&["import", "list", "--json"]));
        check("$ DATABASE_URL=postgres://x doorstep demo", Some(&["demo"]));
        check(
            "$ doorstep tenant create 'Ace Plumbing' --own-number +1617",
            Some(&["tenant", "create", "Ace Plumbing", "--own-number", "+1617"]),
        );
        check("$ doorstep customer show cus_1#a # a remark", Some(&["customer", "show", "cus_1#a"]));
        check("$ ./target/release/doorstep", Some(&[]));
        check("$ cargo run", None);
        check("doorstep import", None);
        check("$ doorstep import notes.zip --notes \"\"", Some(&["import", "notes.zip", "--notes", ""]));
    }

    #[test]
    fn finds_commands_that_do_not_exist() {
        let page = Page::parse("docs/a.md", "```console\n$ doorstep demo\nwelcome\n$ doorstep fly away\n```\n");
        let found = super::check(&[page], &|arguments| arguments.first().is_some_and(|it| it == "demo"));
        assert_eq!(found, ["docs/a.md:4: the program does not understand `doorstep fly away`"]);
    }
}
