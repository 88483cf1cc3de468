//! Doors to who is who: decisions, marks, the rules.

use axum::http::Method;

use super::super::{identity, mark, rule_set};
use super::{Door, Takes, door};

pub(super) fn deciding() -> Vec<Door> {
    let post = Method::POST;
    vec![
        door(post.clone(), "/reviews/{review}/decide", "decideReview", identity::decide, "Decide a review")
            .takes(Takes::Json("Decision"))
            .gives(200, Some("Decided"))
            .also(&[404])
            .once(),
        door(post.clone(), "/merges", "mergeCustomers", identity::merge, "Make one customer of two")
            .takes(Takes::Json("Merge"))
            .gives(201, Some("Decided"))
            .also(&[404, 409])
            .once(),
        door(
            post.clone(),
            "/merges/undo",
            "unmergeCustomer",
            identity::unmerge,
            "Give a customer back that was joined to another",
        )
        .takes(Takes::Json("Unmerge"))
        .gives(200, Some("Decided"))
        .also(&[404, 409])
        .once(),
        door(
            post,
            "/merges/{decision}/undo",
            "retractDecision",
            identity::retract,
            "Take one decision back, exactly that one: a merge, or that two are kept apart",
        )
        .gives(200, Some("Retracted"))
        .also(&[404, 409])
        .once(),
    ]
}

pub(super) fn marking() -> Vec<Door> {
    let post = Method::POST;
    vec![
        door(
            post.clone(),
            "/identity/marks",
            "markIdentifier",
            mark::create,
            "Say that a phone or an e-mail address is shared, a placeholder, or the business' own",
        )
        .takes(Takes::Json("NewMark"))
        .gives(201, Some("Marked"))
        .also(&[409])
        .once(),
        door(post, "/identity/marks/{mark}/undo", "retractMark", mark::retract, "Take a mark back")
            .gives(200, Some("Marked"))
            .also(&[404, 409])
            .once(),
    ]
}

pub(super) fn choosing_rules() -> Vec<Door> {
    let (get, post) = (Method::GET, Method::POST);
    vec![
        door(get.clone(), "/identity/rules", "listRuleSets", rule_set::list, "The versions of the rules, newest first")
            .gives(200, Some("RuleSets")),
        door(
            post.clone(),
            "/identity/rules",
            "createRuleSet",
            rule_set::create,
            "Make a version with other thresholds, or, without any field, of what this program ships; it is not in force",
        )
        .takes(Takes::Json("NewRuleSet"))
        .gives(201, Some("RuleSet"))
        .also(&[404, 409]),
        door(
            get,
            "/identity/resolve",
            "getChangeover",
            rule_set::changeover,
            "What another version of the rules would change, and how far it is; `null` if nobody has looked yet",
        )
        .gives(200, Some("MaybeChangeover")),
        door(
            post.clone(),
            "/identity/resolve/preview",
            "previewRuleSet",
            rule_set::preview,
            "Begin to look at what a version of the rules would change; nothing is changed",
        )
        .takes(Takes::Json("Version"))
        .gives(202, Some("Changeover"))
        .also(&[404, 409]),
        door(
            post.clone(),
            "/identity/resolve/resume",
            "resumeChangeover",
            rule_set::resume,
            "Let a changeover go on that stands still (`stopped`): a look, or customers that follow",
        )
        .gives(202, Some("Changeover"))
        .also(&[409]),
        door(
            post,
            "/identity/resolve/apply",
            "applyRuleSet",
            rule_set::apply,
            "Put a version in force and let the customers follow: exactly what was looked at, or nothing",
        )
        .takes(Takes::Json("Looked"))
        .gives(202, Some("Changeover"))
        .also(&[404, 409]),
    ]
}
