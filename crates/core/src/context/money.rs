//! The section of money.

use serde::Serialize;

use crate::money::Money;

use super::assurance::{Field, Sight};
use super::known::Totals;

/// What a customer brought in and owes, over all jobs, whatever a context has room for.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// What all completed jobs cost together, in cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_value: Option<Money>,
    /// How many completed jobs there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_jobs: Option<u64>,
    /// How many of them say no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs_without_total: Option<u64>,
    /// What the customer owes, in cents; negative is in their favour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
}

crate::masked_debug!(Sums: completed_jobs);

impl Sums {
    /// Nothing where there is neither a completed job nor a balance: no value is not a value of nothing.
    pub(super) fn of(totals: &Totals, balance: Option<Money>) -> Self {
        let counted = totals.completed_jobs > 0;
        Self {
            lifetime_value: counted.then_some(totals.lifetime_value),
            completed_jobs: counted.then_some(totals.completed_jobs),
            jobs_without_total: (totals.without_total > 0).then_some(totals.without_total),
            balance,
        }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { lifetime_value, completed_jobs, jobs_without_total, balance } = self;
        Self {
            lifetime_value: sight.option(Field::LifetimeValue, lifetime_value),
            completed_jobs: sight.option(Field::CompletedJobs, completed_jobs),
            jobs_without_total: sight.option(Field::JobsWithoutTotal, jobs_without_total),
            balance: sight.option(Field::Balance, balance),
        }
    }
}
