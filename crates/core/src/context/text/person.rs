//! The lines about a person: the profile, recommendations, what was said.

use crate::context::consent::Forbidden;
use crate::context::conversation::Said;
use crate::context::insight::Priority;
use crate::context::membership::{Plan, Standing};
use crate::context::quote::{quoted, shown, shown_address};
use crate::context::who::Reached;
use crate::context::{CustomerContext, words};
use crate::conversation::Channel;
use crate::money::Money;
use crate::phone::Phone;

use super::fit::{Line, Part, Rank};
use super::tokens::cut;
use super::{always, last_first, line, whence};

/// Tokens of a name: it never goes, so it has a bound of its own.
const NAME_TOKENS: usize = 32;
/// Tokens of a telephone number: twice what the longest is.
const NUMBER_TOKENS: usize = 24;
/// Numbers that must not be texted, one by one; with more of them, none may be.
const MAX_FORBIDDEN: usize = 5;
/// Messages that go late.
const NEWEST_MESSAGES: usize = 3;

impl CustomerContext {
    pub(super) fn profile(&self) -> Part {
        let mut lines = Vec::new();
        let mut facts = Vec::new();
        if let Some(who) = self.who.as_ref().map(|section| &section.content) {
            match (&who.name, &who.first_name) {
                (Some(name), _) => lines.push(always(format!("Name: {}", shown(&cut(name, NAME_TOKENS))))),
                (None, Some(first)) => lines.push(always(format!("First name: {}", shown(&cut(first, NAME_TOKENS))))),
                (None, None) => {}
            }
            facts.extend(who.company.as_deref().map(|company| format!("Company: {}", shown(company))));
            let phone = |reached: &Reached| self.reached(reached, true);
            let email = |reached: &Reached| self.reached(reached, false);
            let phones: Vec<String> = who.phones.iter().filter_map(phone).collect();
            let emails: Vec<String> = who.emails.iter().filter_map(email).collect();
            push_facts(&mut lines, &mut facts);
            lines.extend(phones.first().map(|phone| always(format!("Phone: {phone}"))));
            let others = |label: &str, all: &[String], order| {
                let rest = all.get(1..).filter(|rest| !rest.is_empty())?;
                Some(Line {
                    counts: rest.len(),
                    ..line(format!("{label}: {}", rest.join(", ")), Rank::OtherReach, order)
                })
            };
            lines.extend(others("Other phones", &phones, 2));
            facts.extend(emails.first().map(|email| format!("Email: {email}")));
            push_facts(&mut lines, &mut facts);
            lines.extend(others("Other emails", &emails, 1));
            let address = |address: &String| line(format!("Address: {}", shown_address(address)), Rank::OtherReach, 0);
            lines.extend(who.address.as_ref().map(address));
            facts.extend(who.customer_since.map(|day| format!("Customer since: {}", words::long_month(day))));
        }
        facts.extend(self.lifetime());
        facts.extend(self.membership());
        facts.extend(self.balance());
        push_facts(&mut lines, &mut facts);
        lines.extend(self.forbidden().into_iter().map(always));
        if let Some(who) = self.who.as_ref().map(|section| &section.content) {
            let many = who.preferences.len();
            lines.extend(who.preferences.iter().enumerate().map(|(place, preference)| {
                line(format!("Preference: {}", quoted(&preference.text)), Rank::Preference, last_first(place, many))
            }));
            lines.extend(
                who.notes
                    .as_ref()
                    .map(|note| line(format!("Note {}: {}", whence(note.source), quoted(&note.text)), Rank::Notes, 0)),
            );
            let many = who.remarks.len();
            lines.extend(who.remarks.iter().enumerate().map(|(place, note)| {
                let text = format!("Note {}: {}", whence(note.source), quoted(&note.text));
                line(text, Rank::Notes, last_first(place, many))
            }));
        }
        Part { heading: "## Customer Profile", lines }
    }

    fn reached(&self, reached: &Reached, is_phone: bool) -> Option<String> {
        let value = reached.value.as_ref()?;
        let value = if is_phone { self.number(value) } else { shown(value) };
        let verified = if reached.is_verified == Some(true) { " (verified)" } else { "" };
        Some(format!("{value}{verified}"))
    }

    /// A telephone number as the tenant's people write it.
    fn number(&self, phone: &str) -> String {
        shown(&cut(&Phone::from_normal(phone.to_owned()).national(self.locale.country), NUMBER_TOKENS))
    }

    fn lifetime(&self) -> Option<String> {
        let money = &self.money.as_ref()?.content;
        let jobs = match money.completed_jobs? {
            1 => "1 job".to_owned(),
            jobs => format!("{jobs} jobs"),
        };
        let without = money.jobs_without_total.map_or_else(String::new, |jobs| format!(", {jobs} without a price"));
        Some(format!("Lifetime value: {} ({jobs}{without})", words::amount(money.lifetime_value?)))
    }

    fn balance(&self) -> Option<String> {
        let balance = self.money.as_ref()?.content.balance?;
        match balance.cents() {
            0 => None,
            cents if cents > 0 => Some(format!("Balance: {} owed", words::amount(balance))),
            cents => Some(format!("Balance: {} in credit", words::amount(Money::from_cents(cents.saturating_neg())))),
        }
    }

    /// Those in force; where none is, the last one.
    fn membership(&self) -> Option<String> {
        let plans = &self.memberships.as_ref()?.content.items;
        let in_force: Vec<String> =
            plans.iter().filter(|plan| plan.standing == Some(Standing::Active)).map(plan_words).collect();
        let said = if in_force.is_empty() { plan_words(plans.first()?) } else { in_force.join("; ") };
        Some(format!("Membership: {said}"))
    }

    /// Which numbers must not be texted. It never goes, and where it would be long it forbids all.
    fn forbidden(&self) -> Vec<String> {
        let Some(consent) = self.consent.as_ref().map(|section| &section.content) else { return Vec::new() };
        let numbers = |forbidden: Forbidden| {
            let of_kind = consent.numbers.iter().filter(move |number| number.do_not_text == Some(forbidden));
            of_kind.filter_map(|number| Some(self.number(number.phone.as_deref()?))).collect::<Vec<_>>()
        };
        let (texts, advertising) = (numbers(Forbidden::Everything), numbers(Forbidden::Advertising));
        if consent.forbids_all_numbers == Some(true) || texts.len() + advertising.len() > MAX_FORBIDDEN {
            return vec!["Do not text: any number of this customer".to_owned()];
        }
        let said =
            |label: &str, phones: Vec<String>| (!phones.is_empty()).then(|| format!("{label}: {}", phones.join(", ")));
        [said("Do not text", texts), said("Do not text advertising", advertising)].into_iter().flatten().collect()
    }

    pub(super) fn recommendations(&self) -> Part {
        let items = self.insights.as_ref().map_or(&[][..], |section| &section.content.items);
        let lines = items.iter().enumerate().filter_map(|(place, item)| {
            let priority = item.priority?;
            let rank = match priority {
                Priority::High => Rank::Recommendation,
                Priority::Medium | Priority::Low => Rank::LesserRecommendation,
            };
            let text = format!("- [{}] {}", priority.word(), sentences(item.text.as_deref()?));
            Some(line(text, rank, last_first(place, items.len())))
        });
        Part { heading: "## Active Recommendations", lines: lines.collect() }
    }

    pub(super) fn summary(&self) -> Part {
        let mut lines = Vec::new();
        if let Some(conversations) = self.conversations.as_ref().map(|section| &section.content) {
            lines.extend(conversations.summary.as_ref().map(|text| line(sentences(text), Rank::Summary, 0)));
            let issue = |text: &String| line(format!("Current issue: {}", quoted(text)), Rank::CurrentIssue, 0);
            lines.extend(conversations.current_issue.as_ref().map(issue));
        }
        Part { heading: "## Conversation Summary", lines }
    }

    pub(super) fn messages(&self) -> Part {
        let messages = self.conversations.as_ref().map_or(&[][..], |section| &section.content.messages);
        let old = messages.len().saturating_sub(NEWEST_MESSAGES);
        let lines = messages.iter().enumerate().filter_map(|(place, message)| {
            let rank = if place < old { Rank::OldMessage } else { Rank::Message };
            Some(line(self.message(message)?, rank, place))
        });
        Part { heading: "## Recent Messages", lines: lines.collect() }
    }

    fn message(&self, message: &Said) -> Option<String> {
        let at = message.sent_at?;
        let day = words::day(at, &self.locale.zone).map(words::short_day)?;
        let time = words::clock(at, &self.locale.zone).map(words::hour)?;
        let channel = match message.channel? {
            Channel::Sms => "SMS",
            Channel::Voice => "call",
            Channel::Email => "e-mail",
            Channel::WebChat => "web chat",
            Channel::Other => "message",
        };
        let attachments = match message.attachments {
            0 => String::new(),
            1 => " (1 attachment)".to_owned(),
            many => format!(" ({many} attachments)"),
        };
        let text = message.text.as_deref().map(quoted);
        let call = call_words(message);
        let said = match (text, call) {
            (Some(text), Some(call)) => format!("{call}, said on voicemail {text}"),
            (Some(text), None) => text,
            (None, Some(call)) => call,
            (None, None) if message.channel == Some(Channel::Voice) => "not known how it went".to_owned(),
            (None, None) => "no words".to_owned(),
        };
        Some(format!("- {day}, {time}, {channel}, {}: {said}{attachments}", message.author?.word()))
    }
}

/// Sentences of our own making, from what others wrote: quoted where they begin as a line of ours would.
fn sentences(text: &str) -> String {
    if text.starts_with(char::is_alphabetic) && !text.contains(':') { text.to_owned() } else { quoted(text) }
}

/// Puts facts about a customer behind the lines that are there; the last of all goes first.
fn push_facts(lines: &mut Vec<Line>, facts: &mut Vec<String>) {
    for text in facts.drain(..) {
        let order = last_first(lines.len(), MAX_PROFILE_LINES);
        lines.push(line(text, Rank::Profile, order));
    }
}

/// How a call went: `missed`, `completed, 4 min`; `None` of a message.
fn call_words(message: &Said) -> Option<String> {
    let lasted = message.call_seconds.map(|seconds| match seconds {
        ..60 => "less than a minute".to_owned(),
        seconds => format!("{} min", seconds / 60),
    });
    let told: Vec<String> = [message.call_status.as_deref().map(shown), lasted].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// More than a profile has.
const MAX_PROFILE_LINES: usize = 100;

fn plan_words(plan: &Plan) -> String {
    let name = plan.name.as_deref().map_or_else(|| "yes".to_owned(), shown);
    let month = |day: Option<crate::time::Date>| day.map(words::short_month);
    let said = |word: &str, day: Option<String>| match day {
        Some(day) => Some(format!("{word} {day}")),
        None => Some(word.to_owned()),
    };
    let detail = match plan.standing {
        Some(Standing::Active) => month(plan.to).map(|day| format!("expires {day}")),
        Some(Standing::Upcoming) => said("starts", month(plan.from)),
        Some(Standing::Suspended) => said("suspended", None),
        Some(Standing::Expired) => said("expired", month(plan.to)),
        Some(Standing::Canceled) => said("canceled", month(plan.to)),
        Some(Standing::Unknown) | None => said("not known whether in force", None),
    };
    detail.map_or_else(|| name.clone(), |detail| format!("{name} ({detail})"))
}
