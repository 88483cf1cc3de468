//! What to recommend to a customer, where something follows from what is known.

use serde::Serialize;

use crate::record::Source;

use super::assurance::{Field, Sight};
use super::quote;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Should be said at the next occasion.
    High,
    /// Worth saying.
    Medium,
    /// Nice to know.
    Low,
}

impl Priority {
    /// The word in the text form.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// An insight as it goes in.
#[derive(Clone, PartialEq, Eq)]
pub struct Insight {
    /// How much it matters.
    pub priority: Priority,
    /// What to say, in our words.
    pub text: String,
    /// The piece of equipment that should be replaced, where that is it: its source and key.
    pub replaces: Option<(Source, String)>,
}

crate::masked_debug!(Insight: priority);

/// The section: what is recommended, what matters most first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Insights {
    /// Active ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Recommendation>,
}

/// One recommendation.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

crate::masked_debug!(Recommendation: priority);

impl Insights {
    pub(super) fn of(insights: &[Insight]) -> Self {
        let mut insights: Vec<&Insight> = insights.iter().collect();
        insights.sort_by(|a, b| (a.priority, &a.text).cmp(&(b.priority, &b.text)));
        let said = |insight: &Insight| {
            let text = quote::line(&insight.text, quote::MAX_QUOTE_CHARS)?;
            Some(Recommendation { priority: Some(insight.priority), text: Some(text) })
        };
        Self { items: insights.into_iter().filter_map(said).take(MAX_INSIGHTS).collect() }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { items } = self;
        let recommendation = |Recommendation { priority, text }: Recommendation| Recommendation {
            priority: sight.option(Field::InsightPriority, priority),
            text: sight.option(Field::InsightText, text),
        };
        Self { items: sight.each(items, recommendation) }
    }
}

/// Most recommendations in a context: nobody is told more at once.
const MAX_INSIGHTS: usize = 10;
