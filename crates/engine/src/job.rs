//! A customer's jobs, by pages.

use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::job::{Job, Which};
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::{Tx, job, property};

use crate::Engine;
use crate::error::Result;
use crate::merge::current;

/// Open jobs of a customer that are looked through for visits: a landlord with hundreds of flats has some dozens.
const MAX_OPEN: i64 = 1_000;

/// Which jobs are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// How they stand.
    pub which: Which,
    /// Those done or booked (of [`Which::Upcoming`]: visited) at or after this.
    pub from: Option<Timestamp>,
    /// And before this.
    pub to: Option<Timestamp>,
}

/// A job as a list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The record that says it.
    pub record: RecordId,
    /// What it says.
    pub job: Job,
    /// When somebody comes next.
    pub next_visit_at: Option<Timestamp>,
    /// Where, in one line for people.
    pub address: Option<String>,
}

impl Engine {
    /// A customer's jobs: those done or booked last first; those that somebody is still to come for with the next visit
    /// first.
    ///
    /// # Errors
    /// [`crate::Error::NoCustomer`]; [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn list_jobs(
        &self,
        scope: &Scope,
        customer: CustomerId,
        filter: &Filter,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Listed>> {
        scope.require(Permission::Read)?;
        let list = format!("jobs.{}", filter.which.as_str());
        let from = position.map(|position| position.read::<(Timestamp, RecordId)>(&list)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let customer = current(&mut tx, customer).await?;
        let most = limit as i64 + 1;
        let now = tx.now();
        let read = match filter.which {
            Which::Upcoming => upcoming(&mut tx, customer, filter, from, most).await?,
            which @ (Which::All | Which::Open | Which::Recent) => {
                job::page(&mut tx, customer, which, (filter.from, filter.to), from, most).await?
            }
        };
        let place = |stored: &job::Stored| match filter.which {
            Which::Upcoming => (stored.job.next_visit_at(now).unwrap_or(now), stored.record),
            Which::All | Which::Open | Which::Recent => (job::at(&stored.job), stored.record),
        };
        let page = Page::of(&list, from.map(|(way, _)| way), read, limit, place);
        let addresses = addresses(&mut tx, &page.rows).await?;
        Ok(page.map(|stored| {
            let place = |at: RecordId| addresses.iter().find(|(record, _)| *record == at).map(|(_, text)| text.clone());
            let (next_visit_at, address) = (stored.job.next_visit_at(now), stored.property_record.and_then(place));
            Listed { record: stored.record, job: stored.job, next_visit_at, address }
        }))
    }
}

/// Open jobs with a visit ahead, the next first. They are few, so they are put in order here.
async fn upcoming(
    tx: &mut Tx,
    customer: CustomerId,
    filter: &Filter,
    from: Option<(Way, (Timestamp, RecordId))>,
    most: i64,
) -> Result<Vec<job::Stored>> {
    let now = tx.now();
    let open = job::page(tx, customer, Which::Open, (None, None), None, MAX_OPEN).await?;
    let is_within = |at: Timestamp| filter.from.is_none_or(|from| at >= from) && filter.to.is_none_or(|to| at < to);
    let placed = open.into_iter().filter_map(|stored| Some(((stored.job.next_visit_at(now)?, stored.record), stored)));
    let mut placed: Vec<_> = placed.filter(|((at, _), _)| is_within(*at)).collect();
    placed.sort_by_key(|(place, _)| *place);
    match from {
        Some((Way::Forward, beside)) => placed.retain(|(place, _)| *place > beside),
        Some((Way::Back, beside)) => {
            placed.retain(|(place, _)| *place < beside);
            placed.reverse();
        }
        None => {}
    }
    placed.truncate(usize::try_from(most).unwrap_or_default());
    Ok(placed.into_iter().map(|(_, stored)| stored).collect())
}

/// Where these jobs are done.
async fn addresses(tx: &mut Tx, jobs: &[job::Stored]) -> Result<Vec<(RecordId, String)>> {
    let records: Vec<RecordId> = jobs.iter().filter_map(|stored| stored.property_record).collect();
    let found = property::of_records(tx, &records).await?;
    let shown = |stored: property::Stored| {
        let property = stored.property;
        Some((stored.record, property.address.map(|address| address.display()).or(property.name)?))
    };
    Ok(found.into_iter().filter_map(shown).collect())
}
