//! What customers are joined by: versions of the rules, marks, codes that were sent.

use doorstep_core::matching::Verdict;
use doorstep_core::rule_set::{LINK_RANGE, REVIEW_RANGE};
use doorstep_core::verification::MAX_WEB_USER_CHARS;
use serde_json::{Value, json};

use super::{
    Named, any_object, id, list, number, object, of, or_null, page, reason, text, time, whole, words, yes_or_no,
};

pub(super) fn rules() -> Named {
    let rule_set = object(&[
        ("version", whole()),
        ("origin", words(&["shipped", "thresholds", "trained"])),
        ("shipped_version", or_null(whole())),
        ("based_on", or_null(whole())),
        ("weights", any_object()),
        ("training", or_null(any_object())),
        ("actor", of("Actor")),
        ("created_at", time()),
        ("in_force_since", or_null(time())),
    ]);
    let rule_sets =
        object(&[("versions", list(of("RuleSet"))), ("in_force", whole()), ("newly_shipped", or_null(whole()))]);
    let rate = object(&[
        ("link", number()),
        ("pairs", whole()),
        ("wrong", number()),
        ("wrong_share", number()),
        ("missed", number()),
        ("missed_share", number()),
    ]);
    let summary = object(&[
        ("records", whole()),
        ("customers_before", whole()),
        ("customers_after", whole()),
        ("merges", whole()),
        ("splits", whole()),
        ("records_moved", whole()),
        ("reviews_opened", whole()),
        ("reviews_closed", whole()),
        ("example_merges", list(object(&[("into", id("cus")), ("customers", list(id("cus")))]))),
        ("example_splits", list(object(&[("customer", id("cus")), ("becomes", list(id("cus")))]))),
        ("rates", list(rate)),
    ]);
    let changeover = object(&[
        ("version", whole()),
        ("from_version", whole()),
        ("state", words(&["previewing", "previewed", "checking", "applying", "applied"])),
        ("digest", or_null(text())),
        ("summary", or_null(summary)),
        ("records_done", whole()),
        ("records_total", whole()),
        ("actor", of("Actor")),
        ("created_at", time()),
        ("applied_at", or_null(time())),
        ("stopped", or_null(text())),
        ("names", json!({ "type": "object", "additionalProperties": text() })),
    ]);
    let bits = |(least, most): (f32, f32)| json!({ "type": "number", "minimum": least, "maximum": most });
    let version = || json!({ "type": "integer", "format": "int64", "minimum": 1, "maximum": 1_000_000 });
    let mut new = object(&[("link?", bits(LINK_RANGE)), ("review?", bits(REVIEW_RANGE)), ("of?", version())]);
    new["dependentRequired"] = json!({ "review": ["link"], "of": ["link"] });
    vec![
        ("RuleSet", rule_set),
        ("RuleSets", rule_sets),
        ("NewRuleSet", new),
        ("Changeover", changeover),
        ("MaybeChangeover", or_null(of("Changeover"))),
        ("Version", object(&[("version", version())])),
        ("Looked", object(&[("version", version()), ("digest", text())])),
    ]
}

pub(super) fn marks() -> Named {
    let kinds = || words(&["phone", "email"]);
    let verdicts = || words(&Verdict::ALL.map(Verdict::as_str));
    let mark = object(&[
        ("id", id("mrk")),
        ("kind", kinds()),
        ("value", text()),
        ("verdict", verdicts()),
        ("reason", or_null(text())),
        ("actor", of("Actor")),
        ("marked_at", time()),
        ("retracted_at", or_null(time())),
        ("retracted_by", or_null(of("Actor"))),
    ]);
    let new = object(&[("kind", kinds()), ("value", text()), ("verdict", verdicts()), ("reason?", reason())]);
    let reached = object(&[
        ("holders", whole()),
        ("created", whole()),
        ("changed", whole()),
        ("joined", whole()),
        ("by_task", yes_or_no()),
    ]);
    vec![
        ("Mark", mark),
        ("MarkPage", page("Mark")),
        ("NewMark", new),
        ("Reached", reached),
        ("Marked", object(&[("mark", of("Mark")), ("customers", of("Reached"))])),
    ]
}

/// The id of a web user.
pub(in crate::api) fn web_user() -> Value {
    json!({ "type": "string", "pattern": format!("^[!-~]{{1,{MAX_WEB_USER_CHARS}}}$") })
}

pub(super) fn verifications() -> Named {
    let wanted = object(&[("web_user", web_user()), ("kind", words(&["phone", "email"])), ("value", text())]);
    let requested =
        object(&[("verification", id("vrf")), ("expires_at", time()), ("delivery", words(&["sent", "no_channel"]))]);
    let confirmed = object(&[("verification", id("vrf")), ("customer", id("cus")), ("is_new", yes_or_no())]);
    vec![
        ("VerificationWanted", wanted),
        ("VerificationRequested", requested),
        ("VerificationCode", object(&[("web_user", web_user()), ("code", text())])),
        ("VerificationConfirmed", confirmed),
    ]
}
