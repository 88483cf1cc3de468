//! Problems as people read them.

use askama::Template;

use super::Frame;
use crate::id::RequestId;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "problem.html")]
struct Whole<'a> {
    frame: Frame,
    problem: &'a Problem,
    request: RequestId,
}

#[derive(Template)]
#[template(path = "problem_fragment.html")]
struct Fragment<'a> {
    problem: &'a Problem,
    request: RequestId,
}

/// A page of its own.
pub(crate) fn whole(frame: Frame, problem: &Problem, request: RequestId) -> String {
    Whole { frame, problem, request }.render().unwrap_or_else(|_| plain(problem, request))
}

/// In the place of what a page asked for.
pub(crate) fn fragment(problem: &Problem, request: RequestId) -> String {
    Fragment { problem, request }.render().unwrap_or_else(|_| plain(problem, request))
}

/// Where even the template fails, words that hold nothing of the caller's.
fn plain(problem: &Problem, request: RequestId) -> String {
    format!("{} ({request})", problem.title)
}
