//! Consent: which numbers must not be texted, as sources say it.
//!
//! What a source says can forbid and never allow: that it stops saying so, or says the opposite, takes nothing back.

use serde::{Deserialize, Serialize};

use crate::phone::Phone;

crate::open_word! {
    /// Where a source says that a number is not to be texted.
    SaidBy {
        /// At the number of one customer (a box that somebody in the office ticked).
        Contact = "contact",
        /// In the list of numbers that have opted out, from every message.
        OptOutList = "opt_out_list",
        /// In the list of numbers that have opted out, from advertising only.
        MarketingOptOutList = "marketing_opt_out_list",
    }
}

/// A number that must not be texted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoNotText {
    /// The number.
    pub phone: Phone,
    /// Where the source says so.
    pub said_by: SaidBy,
}
