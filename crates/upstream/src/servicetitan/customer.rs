//! Everything of one customer, by the lists that can be asked for one: eight calls for nearly everybody.
//!
//! The rows are told in the shape of the feeds ([`as_fed`]), so that an object that is read this way and by a run has one
//! hash. What would surprise: equipment is asked for by its location and assignments by their appointment, a few of either
//! to a call, because neither list has a parameter for customers.

use doorstep_core::planted;
use serde_json::Value;

use super::client::{ServiceTitan, declared};
use super::door::{Doors, Order};
use super::rows::{as_fed, rows};
use super::{list, stream};
use crate::source::{Failure, OneCustomer, Portion, Row, Source};

/// Pages of one list that are read of one customer: five thousand jobs are more than any landlord has. Beyond that the rest is
/// left to the runs.
const MAX_PAGES: u32 = 5;
/// Ids that one call names: they allow 50.
const IDS_AT_ONCE: usize = 50;
/// Calls of that kind for one customer: five hundred locations, or the five hundred newest appointments.
const MAX_CALLS_BY_IDS: usize = 10;

/// The objects of a list that are asked for by one parameter.
#[derive(Clone, Copy)]
struct By<'a> {
    stream: &'static str,
    parameter: &'static str,
    /// The customer, where that is whose the rows are.
    parent: Option<&'a str>,
}

impl ServiceTitan {
    /// What [`Source::customer`] promises.
    pub(super) async fn one_customer(&self, key: &str) -> Result<Option<OneCustomer>, Failure> {
        let customer = match self.read(stream::CUSTOMERS, key, None).await? {
            Some(customer) => customer,
            // Absence is no deletion: a second door has to say so, too.
            None => match self.listed(key).await? {
                Some(customer) => customer,
                None => return Ok(None),
            },
        };
        let mut found = OneCustomer::default();
        let own = Portion { stream: stream::CUSTOMERS, rows: vec![customer], skipped: Vec::new(), is_whole: true };
        found.portions.push(own);
        let of = |stream, parameter| self.of_customer(By { stream, parameter, parent: Some(key) }, key);
        let (contacts, locations, jobs, appointments, memberships) = tokio::join!(
            of(stream::CUSTOMER_CONTACTS, "customerIds"),
            of(stream::LOCATIONS, "customerId"),
            of(stream::JOBS, "customerId"),
            of(stream::APPOINTMENTS, "customerId"),
            of(stream::MEMBERSHIPS, "customerIds"),
        );
        let by = |stream, parameter| By { stream, parameter, parent: None };
        let (equipment, assignments) = tokio::join!(
            self.of_these(by(stream::INSTALLED_EQUIPMENT, "locationIds"), &locations),
            self.of_these(by(stream::ASSIGNMENTS, "appointmentIds"), &appointments),
        );
        let all = [
            (stream::CUSTOMER_CONTACTS, contacts),
            (stream::LOCATIONS, locations),
            (stream::INSTALLED_EQUIPMENT, equipment),
            (stream::JOBS, jobs),
            (stream::APPOINTMENTS, appointments),
            (stream::ASSIGNMENTS, assignments),
            (stream::MEMBERSHIPS, memberships),
        ];
        for (stream, read) in all {
            match read {
                Ok(portion) => found.portions.push(portion),
                // The application may not read it, or the business has not got the module: the rest is no less true.
                Err(failure @ (Failure::Auth { .. } | Failure::Gone { .. })) => found.left_out.push((stream, failure)),
                Err(failure) => return Err(failure),
            }
        }
        Ok(Some(found))
    }

    /// The customer by the list of all, those included that are no longer in use.
    async fn listed(&self, key: &str) -> Result<Option<Row>, Failure> {
        let by = By { stream: stream::CUSTOMERS, parameter: "ids", parent: None };
        let listed = self.of_customer(by, key).await?;
        Ok(listed.rows.into_iter().find(|row| row.key == key))
    }

    /// The objects of a list that are one customer's.
    async fn of_customer(&self, by: By<'_>, customer: &str) -> Result<Portion, Failure> {
        let mut portion = Portion { stream: by.stream, rows: Vec::new(), skipped: Vec::new(), is_whole: true };
        self.pages(by, customer, &mut portion).await?;
        Ok(portion)
    }

    /// The objects of a list that belong to these, the newest of those first.
    async fn of_these(&self, by: By<'_>, owners: &Result<Portion, Failure>) -> Result<Portion, Failure> {
        // Why there are no owners is told with them; nothing is known of what is theirs.
        let owners = owners.as_ref().map_err(Clone::clone)?;
        let mut portion =
            Portion { stream: by.stream, rows: Vec::new(), skipped: Vec::new(), is_whole: owners.is_whole };
        let mut keys: Vec<&str> = owners.rows.iter().map(key_of).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.parse::<u64>().ok()));
        for (call, some) in keys.chunks(IDS_AT_ONCE).enumerate() {
            if call >= MAX_CALLS_BY_IDS {
                portion.is_whole = false;
                break;
            }
            self.pages(by, &some.join(","), &mut portion).await?;
        }
        Ok(portion)
    }

    /// Adds the pages of a list that is narrowed by a parameter.
    async fn pages(&self, by: By<'_>, value: &str, portion: &mut Portion) -> Result<(), Failure> {
        let (spec, doors) = declared(by.stream)?;
        for page in 1..=MAX_PAGES {
            let listed = list::get(&self.session, doors, spec.label, parameters(doors, by, value, page)).await?;
            let more = listed.more && !listed.data.is_empty();
            let data: Vec<Value> = listed.data.into_iter().map(|it| as_fed(spec.name, it, by.parent)).collect();
            let (told, skipped) = rows(spec.name, data);
            for row in told {
                // What changes while pages are read comes twice; the later word counts.
                match portion.rows.iter_mut().find(|known| known.key == row.key) {
                    Some(known) => *known = row,
                    None => portion.rows.push(row),
                }
            }
            portion.skipped.extend(skipped);
            if !more {
                return Ok(());
            }
        }
        portion.is_whole = false;
        Ok(())
    }
}

fn key_of(row: &Row) -> &str {
    &row.key
}

fn parameters(doors: &Doors, by: By<'_>, value: &str, page: u32) -> Vec<(&'static str, String)> {
    let mut parameters =
        vec![(by.parameter, value.to_owned()), ("page", page.to_string()), ("pageSize", list::PAGE_SIZE.to_string())];
    if doors.hides_inactive && !planted!("what-is-inactive-is-not-asked-for") {
        parameters.push(("active", "Any".to_owned()));
    }
    match doors.order {
        Order::Sort => parameters.push(("sort", "+Id".to_owned())),
        Order::ByField | Order::None => {}
    }
    parameters
}
