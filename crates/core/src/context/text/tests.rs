//! What belongs to what, of the lines of a text.

use super::fit::{Line, Part};
use crate::context::Assurance;
use crate::context::tests::{customers, hostile, told};

fn depth(line: &Line) -> usize {
    line.text.len() - line.text.trim_start().len()
}

/// Fails where a line could stay when the one that it is about has gone.
fn check(name: &str, part: &Part) {
    for (at, line) in part.lines.iter().enumerate() {
        let above = part.lines[..at].iter().rev().find(|above| depth(above) < depth(line));
        let Some(above) = above.filter(|_| depth(line) > 0) else { continue };
        let outlives = match (line.place, above.place) {
            (Some(place), Some(above)) => place > above,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        assert!(!outlives, "{name}: `{}` can outlive `{}`", line.text, above.text);
    }
}

#[test]
fn nothing_outlives_what_it_belongs_to() {
    let all = customers::all()
        .into_iter()
        .chain([("hostile", hostile::known("plain words")), ("well_equipped", customers::well_equipped())]);
    for (name, known) in all {
        let parts = told(&known, Assurance::Staff).parts();
        assert!(parts.iter().any(|part| !part.lines.is_empty()));
        parts.iter().for_each(|part| check(name, part));
    }
}

#[test]
fn parts_that_are_counted_are_whole_things() {
    let parts = told(&customers::rich(), Assurance::Staff).parts();
    let lines: Vec<&Line> = parts.iter().flat_map(|part| &part.lines).collect();
    assert!(lines.iter().all(|line| line.place.is_some() || line.counts == 0), "what never goes is never counted");
    assert!(lines.iter().all(|line| !line.text.contains('\n')), "a line is one line");
}
