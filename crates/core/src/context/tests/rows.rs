//! From rows to sections.

use super::customers::{john, rich};
use super::*;

#[test]
fn d6_lifetime_value_is_over_all_jobs_not_those_at_hand() {
    let jobs: Vec<Job> = (0..200).map(|_| done("Drain cleaning", "2024-01-01T12:00:00Z", 12_345)).collect();
    let mut known = john();
    known.totals = Totals::of(&jobs);
    known.jobs.truncate(1);
    let money = told(&known, Assurance::Staff).money.unwrap().content;
    assert_eq!((money.completed_jobs, money.lifetime_value), (Some(200), Some(Money::from_cents(2_469_000))));
}

#[test]
fn only_jobs_that_are_done_and_listed_count() {
    let canceled = Job { status: Some(JobStatus::Canceled), ..done("a", "2023-01-01T12:00:00Z", 100) };
    let gone = Job { is_active: false, ..done("b", "2019-01-01T12:00:00Z", 100) };
    let unpriced = Job { total: None, ..done("c", "2024-01-01T12:00:00Z", 100) };
    let jobs = [canceled, gone, unpriced, done("d", "2024-05-01T12:00:00Z", -50), waiting("e")];
    let expected = Totals {
        lifetime_value: Money::from_cents(-50),
        completed_jobs: 2,
        without_total: 1,
        first_job_at: Some(instant("2023-01-01T12:00:00Z")),
    };
    assert_eq!(Totals::of(&jobs), expected);
}

#[test]
fn the_order_of_rows_makes_no_difference() {
    let known = rich();
    let mut turned = known.clone();
    turned.jobs.reverse();
    turned.messages.reverse();
    turned.calls.reverse();
    turned.properties.reverse();
    turned.equipment.reverse();
    turned.memberships.reverse();
    assert_eq!(told(&turned, Assurance::Staff), told(&known, Assurance::Staff));
}

#[test]
fn a_membership_stands_as_the_calendar_says() {
    let check = |status: Option<MembershipStatus>, from: &str, to: Option<&str>, canceled: Option<&str>, expected| {
        let mut known = john();
        let mut one = membership("Gold", from, to);
        one.status = status;
        one.canceled_on = canceled.and_then(|day| day.parse().ok());
        known.memberships = vec![row("m", one)];
        let text = told(&known, Assurance::Staff).text(Budget::default());
        assert!(text.contains(&format!("Membership: Gold{expected}\n")), "{expected}: {text}");
    };
    let active = || Some(MembershipStatus::Active);
    check(active(), "2024-01-01", Some("2025-03-10"), None, " (expires Mar 2025)");
    check(active(), "2024-01-01", Some("2025-03-09"), None, " (expired Mar 2025)");
    check(active(), "2024-01-01", None, None, "");
    check(None, "2024-01-01", None, None, "");
    check(active(), "2025-04-01", None, None, " (starts Apr 2025)");
    check(active(), "2024-01-01", None, Some("2025-01-31"), " (canceled Jan 2025)");
    check(active(), "2024-01-01", Some("2025-12-31"), Some("2025-06-30"), " (expires Dec 2025)");
    check(Some(MembershipStatus::Suspended), "2024-01-01", None, None, " (suspended)");
    check(
        Some(MembershipStatus::Other("Paused".to_owned())),
        "2024-01-01",
        None,
        None,
        " (not known whether in force)",
    );
}

#[test]
fn days_and_windows_are_the_tenants() {
    let mut known = john();
    // Three in the morning in London is the evening before in Quincy; the clocks change on 9 March.
    known.jobs = vec![row("j", booked("Late call", "2025-03-11T01:30:00Z", "2025-03-11T03:00:00Z"))];
    let text = told(&known, Assurance::Staff).text(Budget::default());
    assert!(text.contains("- Mar 10, 2025, 9:30 PM to 11 PM: Late call with Mike Reyes\n"), "{text}");
    known.jobs[0].value.appointments[0].window_starts_at = None;
    known.jobs[0].value.appointments[0].ends_at = None;
    let text = told(&known, Assurance::Staff).text(Budget::default());
    assert!(text.contains("- Mar 10, 2025, 9:30 PM: Late call"), "{text}");
}

#[test]
fn a_visit_is_coming_until_it_is_over() {
    let check = |from: &str, until: Option<&str>, is_coming: bool| {
        let mut known = john();
        let mut job = booked("Visit", from, from);
        let visit = &mut job.appointments[0];
        (visit.ends_at, visit.window_ends_at) = (until.map(instant), until.map(instant));
        known.jobs = vec![row("j", job)];
        let jobs = told(&known, Assurance::Staff).jobs.unwrap().content;
        assert_eq!((jobs.upcoming.len(), jobs.open.len()), if is_coming { (1, 0) } else { (0, 1) }, "{from}");
    };
    check("2025-03-10T14:00:00Z", Some("2025-03-10T15:00:00Z"), true);
    check("2025-03-10T14:00:00Z", Some("2025-03-10T14:59:59Z"), false);
    check("2025-03-10T05:00:00Z", None, true);
    check("2025-03-10T03:00:00Z", None, false);
}

#[test]
fn one_place_of_two_sources_is_one_property_and_of_one_source_two() {
    let mut known = john();
    known.properties.push(Row {
        source: Source::Hub,
        key: "h1".to_owned(),
        value: property("123 Main Street, Quincy MA"),
    });
    known.properties.push(row("p2", property("123 Main St, Quincy, MA 02169")));
    let places = told(&known, Assurance::Staff).properties.unwrap();
    assert_eq!(places.content.items.len(), 2);
    assert_eq!(places.sources, [Source::Hub, Source::ServiceTitan]);
}

#[test]
fn a_section_is_as_old_as_the_oldest_of_its_sources_and_as_sure_as_the_surest() {
    let mut known = john();
    let jobs = |known: &Known| {
        let section = told(known, Assurance::Staff).jobs.unwrap();
        (section.as_of.map(|at| (now().micros() - at.micros()) / 1_000_000), section.confidence.unwrap())
    };
    assert_eq!(jobs(&known), (Some(300), Confidence::High));
    known.jobs.push(Row { source: Source::Hub, ..known.jobs[0].clone() });
    assert_eq!(jobs(&known), (Some(300), Confidence::High));
    known.jobs.push(Row { source: Source::PhoneHistory, ..known.jobs[0].clone() });
    assert_eq!(jobs(&known), (None, Confidence::High), "a source that was never read to its end");
    known.read_at.insert(Source::PhoneHistory, now().plus_seconds(-86_400));
    assert_eq!(jobs(&known), (Some(86_400), Confidence::High));
    known.jobs.retain(|row| row.source == Source::PhoneHistory);
    assert_eq!(jobs(&known).1, Confidence::Medium);
    known.is_in_review = true;
    assert_eq!(jobs(&known).1, Confidence::Low);
}

#[test]
fn what_we_do_not_understand_forbids_as_much_as_anything() {
    let mut known = john();
    let check = |known: &Known, expected: &str| {
        let text = told(known, Assurance::Verified).text(Budget::MIN);
        assert!(text.contains(expected), "{expected}: {text}");
    };
    known.do_not_text = vec![row("d1", forbidden("+16175551234", SaidBy::MarketingOptOutList))];
    check(&known, "\nDo not text advertising: (617) 555-1234\n");
    known.do_not_text.push(row("d2", forbidden("+16175551234", SaidBy::Other("New Word".to_owned()))));
    check(&known, "\nDo not text: (617) 555-1234\n");
    let many =
        (0..40).map(|number| row(&format!("d{number}"), forbidden(&format!("+16174710{number:03}"), SaidBy::Contact)));
    known.do_not_text.extend(many);
    check(&known, "\nDo not text: any number of this customer\n");
}

#[test]
fn calls_stand_among_messages() {
    let mut known = rich();
    known.calls = vec![call(9, "2025-03-09T18:22:00Z", Some("missed"), None, None)];
    let text = told(&known, Assurance::Verified).text(Budget::default());
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no `{what}` in {text}"));
    let call = place("- Mar 9, 2025, 2:22 PM, call, customer: missed\n");
    assert!(place("leaking again") < call && call < place("Sorry to hear"), "{text}");
}

#[test]
fn equipment_that_is_gone_is_not_told() {
    let mut known = john();
    known.equipment[0].value.status = Some(crate::equipment::EquipmentStatus::Replaced);
    known.equipment.push(row("e2", Equipment { is_active: false, ..heater("p1", "2020-01-01") }));
    assert!(told(&known, Assurance::Staff).properties.unwrap().content.items[0].equipment.is_empty());
}

#[test]
fn ages_are_whole_years() {
    let check = |installed: &str, expected: &str| {
        let mut known = john();
        known.equipment = vec![row("e1", heater("p1", installed))];
        let text = told(&known, Assurance::Staff).text(Budget::default());
        assert!(text.contains(expected), "{installed}: {text}");
    };
    check("2013-03-10", "Tank, 12 years old (Rheem)");
    check("2013-03-11", "Tank, 11 years old (Rheem)");
    check("2024-03-10", "Tank, 1 year old (Rheem)");
    check("2024-12-01", "Tank, less than a year old (Rheem)");
    check("2030-01-01", "Water heater: Tank (Rheem)");
}

#[test]
fn the_first_property_is_where_somebody_is_expected() {
    let mut known = john();
    known.jobs.clear();
    for (key, address) in
        [("a", "1 Elm St"), ("b", "2 Elm St"), ("c", "3 Elm St"), ("d", "4 Elm St"), ("e", "5 Elm St")]
    {
        known.properties.push(row(key, property(address)));
    }
    known.properties.iter_mut().filter(|row| row.key == "e").for_each(|row| row.value.is_active = false);
    let at = |key: &str, job: Job| row(key, Job { property_key: Some(key.to_owned()), ..job });
    known.jobs = vec![
        at("a", done("Old", "2024-01-01T12:00:00Z", 1)),
        at("b", done("New", "2025-01-01T12:00:00Z", 1)),
        at("c", booked("Next", "2025-03-12T12:00:00Z", "2025-03-12T13:00:00Z")),
        at("d", waiting("Open")),
        at("e", booked("Next", "2025-03-11T12:00:00Z", "2025-03-11T13:00:00Z")),
    ];
    let places = told(&known, Assurance::Staff).properties.unwrap().content.items;
    let addresses: Vec<String> = places.into_iter().filter_map(|place| place.address).collect();
    assert_eq!(
        addresses,
        ["3 Elm St", "4 Elm St", "2 Elm St", "1 Elm St", "123 Main St, Quincy, MA 02169", "5 Elm St"]
    );
}

#[test]
fn numbers_are_written_as_in_the_tenants_country() {
    let london = Tenant { country: "GB".parse().unwrap(), time_zone: "Europe/London".parse().unwrap(), ..tenant() };
    let mut known = john();
    known.customer.identities.push(identity(IdentifierKind::Phone, "+442079460958"));
    known.do_not_text = vec![row("d", forbidden("+442079460958", SaidBy::Contact))];
    let text = CustomerContext::of(&known, Assurance::Staff, now(), &london).text(Budget::default());
    for line in ["Phone: +1 617-555-1234", "Other phones: 020 7946 0958", "Do not text: 020 7946 0958"] {
        assert!(text.lines().any(|other| other == line), "no `{line}` in {text}");
    }
}
