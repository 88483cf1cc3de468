//! Survivorship: which record each field of the golden record comes from. SKELETON.

use crate::contact::ContactRecord;
use crate::customer::Customer;

/// The golden record of one cluster; `None` without records. The order of `records` does not matter.
pub fn golden(records: &[&ContactRecord]) -> Option<Customer> {
    let _ = records;
    None
}

/// Normalised words by which the customer is found: name words, company words, e-mail parts, phone digits.
pub fn search_words(customer: &Customer) -> Vec<String> {
    let _ = customer;
    vec![]
}
