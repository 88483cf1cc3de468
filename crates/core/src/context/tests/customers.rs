//! A dozen typical customers.

use super::*;

pub(in crate::context) fn all() -> Vec<(&'static str, Known)> {
    vec![
        ("rich_residential", rich()),
        ("commercial_with_many_properties", commercial()),
        ("nameless_caller", nameless()),
        ("no_jobs", no_jobs()),
        ("only_phone_history", only_phone_history()),
        ("membership_expired", membership_expired()),
        ("do_not_text", do_not_text()),
        ("spanish_names", spanish()),
        ("huge_history", huge()),
        ("hostile_text", hostile::known(hostile::TEXTS[0])),
        ("several_numbers", several_numbers()),
        ("upcoming_appointment", upcoming()),
    ]
}

/// The customer that PRODUCT.md shows, and nothing more.
pub(in crate::context) fn john() -> Known {
    let mut known = person("John Smith", "+16175551234", Some("john@example.com"));
    known.customer.first_seen_at = instant("2022-03-14T15:00:00Z");
    known.memberships = vec![row("m1", membership("Family Discount", "2024-12-01", Some("2025-12-01")))];
    known.properties = vec![row("p1", property("123 Main St, Quincy, MA 02169"))];
    known.equipment = vec![row("e1", heater("p1", "2012-11-20"))];
    known.issues = vec![issue("p1", "Tree roots in sewer line")];
    known.jobs = vec![row("j1", done("Drain cleaning", "2024-11-02T18:00:00Z", 18_900))];
    known.totals.completed_jobs = 8;
    known.totals.lifetime_value = Money::from_cents(245_000);
    known.insights = vec![Insight {
        priority: Priority::High,
        text: "Water heater is 12 years old - suggest replacement quote".to_owned(),
        replaces: Some((Source::ServiceTitan, "e1".to_owned())),
    }];
    known.summary =
        Some("Regular customer who prefers morning appointments. Had root intrusion issue last year.".to_owned());
    known
}

pub(in crate::context) fn rich() -> Known {
    let mut known = john();
    known.customer.company = Some("Smith & Sons Bakery".to_owned());
    known.customer.notes = Some("Gate code is with the office.\nTwo dogs, friendly. Pays by check.".to_owned());
    known.customer.provenance.insert(Chosen::Notes, said_in(Source::ServiceTitan));
    known.customer.identities[0].verified = true;
    known.customer.identities.push(identity(IdentifierKind::WebUser, "auth0|5f7c8ec7c33c"));
    known.preferences = vec![(Source::Hub, "Mornings, before nine".to_owned())];
    known.remarks = vec![(Source::Hub, "Ask for Ann at the side door".to_owned())];
    let mut furnace = heater("p1", "2019-09-05");
    (furnace.kind, furnace.name) = (Some("Furnace".to_owned()), Some("Gas, 80,000 BTU".to_owned()));
    (furnace.manufacturer, furnace.model) = (Some("Carrier".to_owned()), Some("59SC5A080".to_owned()));
    (furnace.serial_number, furnace.memo) = (Some("4919A12345".to_owned()), None);
    furnace.warranty_ends_on = "2029-09-05".parse().ok();
    known.equipment[0].value.memo = Some("Anode rod gone, tank sweating. Cust wants quote for 50 gal".to_owned());
    known.equipment[0].value.model = Some("XE50T12HD50U1".to_owned());
    known.equipment.push(row("e2", furnace));
    for (number, (what, at, cents)) in [
        ("Water heater repair", "2024-06-11T14:00:00Z", 42_550),
        ("Drain cleaning", "2023-10-20T14:00:00Z", 18_900),
        ("Toilet replacement", "2023-05-02T14:00:00Z", 61_000),
        ("Annual inspection", "2023-01-18T14:00:00Z", 9_900),
        ("Sump pump", "2022-08-30T14:00:00Z", 74_850),
        ("Faucet repair", "2022-03-14T14:00:00Z", 18_900),
    ]
    .into_iter()
    .enumerate()
    {
        known.jobs.push(row(&format!("old{number}"), done(what, at, cents)));
    }
    known.jobs[0].value.summary =
        Some("Snaked main line from cleanout, 60 ft. Heavy roots.\nRecommend hydro jetting and camera.".to_owned());
    known.jobs.push(row("next", booked("Water heater estimate", "2025-03-12T13:00:00Z", "2025-03-12T17:00:00Z")));
    known.jobs.push(row("hold", waiting("Sewer camera inspection")));
    known.customer.balance = Some(Money::from_cents(12_050));
    known.totals.without_total = 1;
    known.current_issue = Some("Water heater leaks; wants an estimate this week".to_owned());
    known.messages = vec![
        text_message(1, Direction::Inbound, "2025-03-09T18:20:00Z", "Hi, the water heater is leaking again"),
        text_message(2, Direction::Outbound, "2025-03-09T18:24:00Z", "Sorry to hear! Wednesday 9 to 1?"),
        text_message(3, Direction::Inbound, "2025-03-09T18:25:00Z", "wednesday works, thx 👍"),
        text_message(4, Direction::Inbound, "2025-03-10T12:01:00Z", ""),
        text_message(
            5,
            Direction::Outbound,
            "2025-03-10T12:05:00Z",
            "Got the picture. Mike will bring a 50 gallon tank.",
        ),
    ];
    known.messages[3].message.attachments = vec!["heater.jpg".to_owned()];
    known
}

fn commercial() -> Known {
    let mut known = person("Quincy Property Management LLC", "+16174710199", Some("office@quincypm.com"));
    known.customer.first_seen_at = instant("2019-05-01T12:00:00Z");
    for number in 1..=34 {
        let key = format!("p{number:02}");
        known.properties.push(row(&key, property(&format!("{number} Hancock St Apt {number}, Quincy, MA 02171"))));
        known.equipment.push(row(&format!("e{number:02}"), heater(&key, "2015-04-01")));
        let mut job = done("Drain cleaning", &format!("2024-0{}-1{}T15:00:00Z", number % 9 + 1, number % 9), 18_900);
        job.property_key = Some(key);
        known.jobs.push(row(&format!("j{number:02}"), job));
    }
    known.properties[9].value.is_active = false;
    let mut visit = booked("Boiler inspection", "2025-03-11T13:00:00Z", "2025-03-11T15:00:00Z");
    visit.property_key = Some("p07".to_owned());
    known.jobs.push(row("next", visit));
    known.totals = Totals { completed_jobs: 212, lifetime_value: Money::from_cents(5_830_075), ..Totals::default() };
    known.customer.balance = Some(Money::from_cents(-30_000));
    known
}

fn nameless() -> Known {
    let record = record(1).phone("+16174710117").seen(1_700_000_000, 1_741_000_000);
    let mut known = Known::new(golden(&[&record], &[]).unwrap());
    known.read_at = [(Source::PhoneHistory, instant("2025-01-05T10:00:00Z"))].into();
    known
}

fn no_jobs() -> Known {
    let mut known = person("Ann Miller", "+16174710118", None);
    known.customer.address = Some("45 Elm Street, Braintree MA 02184".to_owned());
    known
}

fn only_phone_history() -> Known {
    let record = record(1).named("Bob Jones").phone("+16174710117").seen(1_700_000_000, 1_741_000_000);
    let mut known = Known::new(golden(&[&record], &[]).unwrap());
    known.read_at = [(Source::PhoneHistory, instant("2025-01-05T10:00:00Z"))].into();
    known.messages = vec![
        text_message(1, Direction::Inbound, "2024-12-30T22:00:00Z", "Do you do boilers?"),
        text_message(2, Direction::Unknown, "2024-12-30T22:10:00Z", "yes, what model is it"),
        text_message(3, Direction::Inbound, "2024-12-31T01:00:00Z", "Weil-McLain, 20 years old I think"),
    ];
    for message in &mut known.messages {
        message.source = Source::PhoneHistory;
    }
    known.calls = vec![
        call(11, "2024-12-31T15:00:00Z", Some("completed"), Some(254), None),
        call(12, "2025-01-02T15:00:00Z", Some("missed"), None, Some("Bob here, please call back about the boiler")),
        call(13, "2024-12-31T14:58:00Z", None, None, None),
    ];
    known
}

fn membership_expired() -> Known {
    let mut known = person("Carol Lee", "+16174710119", Some("carol@example.com"));
    known.memberships = vec![
        row("m1", membership("Silver Plan", "2022-01-01", Some("2022-12-31"))),
        row("m2", membership("Gold Plan", "2023-02-01", Some("2025-02-28"))),
    ];
    known
}

fn do_not_text() -> Known {
    let mut known = person("Dan O'Brien", "+16174710120", None);
    known.customer.identities.push(identity(IdentifierKind::Phone, "+16174710121"));
    known.customer.identities.push(identity(IdentifierKind::Phone, "+16174710122"));
    known.do_not_text = vec![
        row("d1", forbidden("+16174710120", SaidBy::Contact)),
        row("d2", forbidden("+16174710120", SaidBy::OptOutList)),
        row("d3", forbidden("+16174710121", SaidBy::MarketingOptOutList)),
    ];
    known
}

fn spanish() -> Known {
    let mut known = person("María José Hernández-Núñez", "+16174710123", Some("mj.hernandez@example.com"));
    known.properties = vec![row("p1", property("8 Peña Blanca Ave, Quincy, MA 02169"))];
    known.jobs = vec![row("j1", done("Reparación de calentador", "2025-01-15T15:00:00Z", 25_075))];
    known.totals = Totals { completed_jobs: 1, lifetime_value: Money::from_cents(25_075), ..Totals::default() };
    let asked = "¿Pueden venir mañana por la mañana? El calentador está goteando y no hay agua caliente.";
    known.messages = vec![text_message(1, Direction::Inbound, "2025-03-10T13:00:00Z", asked)];
    known
}

pub(in crate::context) fn huge() -> Known {
    let mut known = rich();
    for number in 0..400_u32 {
        let day = instant("2008-01-01T15:00:00Z").plus_seconds(i64::from(number) * 13 * 86_400);
        let mut job = done("Drain cleaning", &day.to_string(), 18_900);
        job.summary = Some(format!("Visit {number}: snaked the line. {}", "Roots again, told the owner. ".repeat(30)));
        known.jobs.push(row(&format!("h{number:03}"), job));
        let sent = day.plus_seconds(3_600).to_string();
        known.messages.push(text_message(100 + number, Direction::Inbound, &sent, &"Are you coming? ".repeat(50)));
        known.equipment.push(row(&format!("he{number:03}"), heater("p1", "2015-04-01")));
    }
    known.totals.completed_jobs = 407;
    known
}

fn several_numbers() -> Known {
    let mut known = person("Eve Adams", "+16174710124", Some("eve@example.com"));
    known.customer.phone = Some("+16174710125".to_owned());
    known.customer.identities.push(identity(IdentifierKind::Phone, "+16174710125"));
    known.customer.identities.push(identity(IdentifierKind::Phone, "+442079460958"));
    known.customer.identities.push(identity(IdentifierKind::Email, "eve.adams@example.org"));
    known.customer.identities[1].verified = true;
    known.is_in_review = true;
    known
}

pub(in crate::context) fn upcoming() -> Known {
    let mut known = person("Frank Moore", "+16174710126", None);
    known.jobs = vec![
        row("j2", booked("Furnace tune-up", "2025-11-02T05:30:00Z", "2025-11-02T07:30:00Z")),
        row("j1", booked("Water heater installation", "2025-03-11T12:00:00Z", "2025-03-11T16:00:00Z")),
        row("j3", booked("Long over", "2025-03-01T12:00:00Z", "2025-03-01T16:00:00Z")),
    ];
    let mut canceled = booked("Canceled", "2025-03-11T12:00:00Z", "2025-03-11T16:00:00Z");
    canceled.status = Some(JobStatus::Canceled);
    known.jobs.push(row("j4", canceled));
    known
}

/// Eight properties with eight pieces of equipment each, of which all is known.
pub(in crate::context) fn well_equipped() -> Known {
    let mut known = rich();
    for place in 0..8 {
        let key = format!("w{place}");
        known.properties.push(row(&key, property(&format!("{place} Elm St, Quincy, MA"))));
        for number in 0..8 {
            let mut piece = heater(&key, "2020-01-01");
            (piece.model, piece.memo) = (Some("XE50".to_owned()), Some("Flushed".to_owned()));
            known.equipment.push(row(&format!("{key}-{number}"), piece.clone()));
            piece.property_key = "p1".to_owned();
            known.equipment.push(row(&format!("{key}-{number}-p1"), piece));
        }
    }
    known
}
