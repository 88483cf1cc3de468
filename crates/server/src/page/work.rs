//! The work on a card: properties with what stands there, memberships, jobs, and the way to the customer at the source.

use doorstep_core::equipment::EquipmentStatus;
use doorstep_core::id::RecordId;
use doorstep_core::job::JobStatus;
use doorstep_core::membership::MembershipStatus;
use doorstep_core::record::Source;
use doorstep_engine::work::{Known, Work};
use doorstep_store::{equipment, job, membership, property};

use super::Moment;
use super::words::{Words, several};

/// A place of the customer.
pub(super) struct Place {
    pub address: String,
    pub name: String,
    pub is_active: bool,
    pub equipment: Vec<Item>,
}

/// A line with what is told beside it.
pub(super) struct Item {
    pub what: String,
    pub more: String,
    pub badge: (String, &'static str),
}

/// A job.
pub(super) struct Done {
    pub what: String,
    pub number: String,
    pub badge: (String, &'static str),
    pub at: Option<Moment>,
    pub total: String,
    pub summary: String,
    pub who: String,
    pub place: String,
}

/// All of it, as the card shows it.
pub(super) struct Shown {
    pub places: Vec<Place>,
    pub memberships: Vec<Item>,
    pub jobs: Vec<Done>,
    pub totals: String,
    /// Addresses at the sources, and what the links say.
    pub links: Vec<(String, String)>,
}

impl Shown {
    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.memberships.is_empty() && self.jobs.is_empty() && self.links.is_empty()
    }

    /// In the words of the business.
    pub fn of(words: &Words, work: &Work) -> Self {
        let totals = match work.totals.completed {
            0 => String::new(),
            count => format!("{} done, {} together", several(count, "job"), work.totals.value),
        };
        Self {
            places: work.properties.iter().map(|it| place(it, &work.equipment)).collect(),
            memberships: work.memberships.iter().map(membership).collect(),
            jobs: work.jobs.iter().map(|it| done(words, it, &work.properties)).collect(),
            totals,
            links: work.known.iter().filter_map(link).collect(),
        }
    }
}

/// A word that is the source's, as a label.
fn label(word: &str) -> String {
    let text = word.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn address(it: &property::Stored) -> String {
    it.property.address.as_ref().map(|address| address.display()).unwrap_or_default()
}

fn place(it: &property::Stored, equipment: &[equipment::Stored]) -> Place {
    let there = equipment.iter().filter(|one| one.property_record == it.record);
    Place {
        address: address(it),
        name: it.property.name.clone().unwrap_or_default(),
        is_active: it.property.is_active,
        equipment: there.map(piece).collect(),
    }
}

fn piece(it: &equipment::Stored) -> Item {
    let it = &it.equipment;
    let what = it.name.clone().or_else(|| it.kind.clone()).unwrap_or_else(|| "Equipment".to_owned());
    let made = [&it.manufacturer, &it.model, &it.serial_number].into_iter().flatten().cloned();
    let mut more: Vec<String> = made.collect();
    more.extend(it.installed_on.map(|day| format!("installed {day}")));
    more.extend(it.warranty_ends_on.map(|day| format!("warranty until {day}")));
    let badge = match (&it.status, it.is_active) {
        (Some(EquipmentStatus::Replaced), _) => ("Replaced".to_owned(), "plain"),
        (_, false) => ("Not listed any more".to_owned(), "plain"),
        _ => (String::new(), ""),
    };
    Item { what, more: more.join(", "), badge }
}

fn membership(it: &membership::Stored) -> Item {
    let it = &it.membership;
    let kind = match (&it.status, it.is_active) {
        (Some(MembershipStatus::Active), true) => "ok",
        (Some(MembershipStatus::Suspended), true) => "warn",
        _ => "plain",
    };
    let word = it.status.as_ref().map(|status| label(status.as_str())).unwrap_or_default();
    let since = it.from.map(|day| format!("from {day}"));
    let until = it.canceled_on.map(|day| format!("ended {day}")).or_else(|| it.to.map(|day| format!("to {day}")));
    let more: Vec<String> = since.into_iter().chain(until).collect();
    let what = it.type_name.clone().unwrap_or_else(|| "Membership".to_owned());
    Item { what, more: more.join(" "), badge: (word, kind) }
}

fn done(words: &Words, it: &job::Stored, properties: &[property::Stored]) -> Done {
    let place = |record: &RecordId| properties.iter().find(|one| one.record == *record).map(address);
    let job = &it.job;
    let kind = match &job.status {
        Some(JobStatus::Completed) => "ok",
        Some(JobStatus::Hold) => "warn",
        Some(JobStatus::Scheduled | JobStatus::Dispatched | JobStatus::InProgress) => "info",
        Some(JobStatus::Canceled | JobStatus::Other(_)) | None => "plain",
    };
    let visit = job.appointments.iter().filter_map(|visit| visit.starts_at).max();
    Done {
        what: job.type_name.clone().unwrap_or_else(|| "Job".to_owned()),
        number: job.number.clone().unwrap_or_default(),
        badge: (job.status.as_ref().map(|status| label(status.as_str())).unwrap_or_default(), kind),
        at: job.completed_at.or(visit).or(job.booked_at).map(|at| words.moment(at)),
        total: job.total.map(|total| total.to_string()).unwrap_or_default(),
        summary: job.summary.clone().unwrap_or_default(),
        who: job.technicians.join(", "),
        place: it.property_record.as_ref().and_then(place).unwrap_or_default(),
    }
}

/// Where ServiceTitan's own people look at a customer. Their documents do not give this address; those who link there
/// all use it.
fn link(known: &Known) -> Option<(String, String)> {
    let is_number = !known.key.is_empty() && known.key.bytes().all(|byte| byte.is_ascii_digit());
    if known.source != Source::ServiceTitan || !is_number {
        return None;
    }
    let place = if known.environment.as_deref() == Some("integration") { "integration" } else { "go" };
    let href = format!("https://{place}.servicetitan.com/#/Customer/{}", known.key);
    Some((href, format!("In ServiceTitan ({})", known.key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_number_at_servicetitan_and_nowhere_else() {
        let check = |source: Source, key: &str, environment: Option<&str>, expected: Option<&str>| {
            let known = Known { source, key: key.to_owned(), environment: environment.map(str::to_owned) };
            assert_eq!(link(&known).map(|(href, _)| href).as_deref(), expected, "{key}");
        };
        check(Source::ServiceTitan, "9001", None, Some("https://go.servicetitan.com/#/Customer/9001"));
        let trial = Some("https://integration.servicetitan.com/#/Customer/9001");
        check(Source::ServiceTitan, "9001", Some("integration"), trial);
        check(Source::ServiceTitan, "\"><script>", None, None);
        check(Source::PhoneHistory, "9001", None, None);
    }

    #[test]
    fn words_of_sources_become_labels() {
        assert_eq!([label("in_progress"), label(""), label("éteint")], ["In progress", "", "Éteint"]);
    }
}
