use doorstep_core::consent::SaidBy;
use doorstep_core::job::{AppointmentStatus, JobStatus};
use doorstep_core::money::Money;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What a customer and its contacts say, as their documents have it.
fn customer() -> Value {
    json!({
        "id": 9001, "active": true, "name": "Ada Marsh", "type": "Residential",
        "address": {"street": "12 Elm St", "unit": "Apt 4", "city": "Quincy", "state": "MA", "zip": "02169",
                    "country": "USA", "latitude": 42.25, "longitude": -71.0},
        "balance": 0.0, "createdOn": "2025-11-02T14:03:11.5130000Z", "modifiedOn": "2026-11-19T08:00:00.1234567Z",
        "mergedToId": null, "tagTypeIds": [77]
    })
}

fn phone(kind: &str, value: &str) -> Value {
    json!({"type": kind, "value": value, "active": true, "modifiedOn": "2026-11-20T08:00:00Z",
           "phoneSettings": {"phoneNumber": value, "doNotText": false}})
}

/// Stream, key and payload.
type Told<'a> = (&'a str, &'a str, Value);

fn parts_of<'a>(all: &'a [Told<'a>]) -> Vec<Part<'a>> {
    all.iter().map(|(stream, key, payload)| Part { stream, key, payload }).collect()
}

/// Maps with these parts and references.
fn said<T>(payload: &Value, parts: &[Told<'_>], referred: &[Told<'_>], map: impl Fn(&Said<'_>) -> T) -> T {
    let (parts, referred) = (parts_of(parts), parts_of(referred));
    map(&Said { key: "9001", payload, parts: &parts, referred: &referred, region: Region::US })
}

fn contact_of(payload: &Value, parts: &[(&str, &str, Value)]) -> Contact {
    said(payload, parts, &[], |said| ServiceTitanMapping.contact(said)).unwrap()
}

#[test]
fn what_is_owed_is_read_to_the_cent_and_never_guessed() {
    let check = |said: Value, expected: Option<i64>| {
        let mut row = customer();
        row["balance"] = said;
        assert_eq!(contact_of(&row, &[]).balance.map(Money::cents), expected, "{row}");
    };
    check(json!(120.5), Some(12_050));
    check(json!(-300), Some(-30_000));
    check(json!(0.1), Some(10));
    check(json!("12.34"), Some(1_234));
    check(Value::Null, None);
    check(json!("soon"), None);
    check(json!([1]), None);
    check(json!(1e300), None);
    let mut merged = customer();
    (merged["balance"], merged["mergedToId"]) = (json!(120.5), json!(9002));
    assert_eq!(contact_of(&merged, &[]).balance, None, "it would count twice");
}

#[test]
fn a_person_is_a_customer_with_its_contacts() {
    let contact = contact_of(
        &customer(),
        &[
            ("customer_contacts", "503", phone("Phone", "(617) 782-0102")),
            ("customer_contacts", "504", json!({"type": "Email", "value": " Ada@Example.com ", "phoneSettings": null})),
            ("customer_contacts", "502", phone("Fax", "617-782-0103")),
            ("customer_contacts", "501", phone("MobilePhone", "6177820101")),
            ("customer_contacts", "505", json!({"type": "Phone", "value": "617 782 0104", "active": false})),
            ("customer_contacts", "1501", phone("MobilePhone", "+1 617 782 0101")),
        ],
    );
    let phones: Vec<&str> = contact.phones.iter().map(|phone| phone.as_str()).collect();
    assert_eq!(phones, ["+16177820101", "+16177820102"]);
    assert_eq!(contact.emails.iter().map(|email| email.as_str()).collect::<Vec<_>>(), ["ada@example.com"]);
    assert_eq!(contact.name.unwrap().display(), "Ada Marsh");
    assert_eq!(contact.company, None);
    assert_eq!(contact.balance, Some(Money::ZERO));
    assert_eq!(contact.addresses[0].display(), "12 Elm St Apt 4, Quincy, MA 02169");
    assert_eq!(contact.first_seen_at.unwrap().to_string(), "2025-11-02T14:03:11.513Z");
    // A contact's change is one of the person, though the customer's own stamp is older.
    assert_eq!(contact.last_seen_at.unwrap().to_string(), "2026-11-20T08:00:00Z");
}

#[test]
fn the_order_in_which_contacts_arrive_makes_no_difference() {
    let (a, b) = (phone("MobilePhone", "6177820101"), phone("MobilePhone", "6177820102"));
    let one = contact_of(&customer(), &[("customer_contacts", "9", a.clone()), ("customer_contacts", "10", b.clone())]);
    let other = contact_of(&customer(), &[("customer_contacts", "10", b), ("customer_contacts", "9", a)]);
    assert_eq!(one.phones, other.phones);
    assert_eq!(one.phones[0].as_str(), "+16177820101");
}

#[test]
fn a_commercial_customer_is_a_company_unless_it_reads_as_a_person() {
    let check = |kind: Value, name: &str, person: Option<&str>, company: Option<&str>| {
        let contact = contact_of(&json!({"name": name, "type": kind}), &[]);
        let found = contact.name.map(|name| name.display());
        assert_eq!((found.as_deref(), contact.company.as_deref()), (person, company), "{name}");
    };
    check(json!("Residential"), "John Smith", Some("John Smith"), None);
    check(json!("Residential"), "Smith, John", Some("John Smith"), None);
    check(json!("Commercial"), "Sunrise Dental", None, Some("Sunrise Dental"));
    check(json!("Commercial"), "Harbor Property Management LLC", None, Some("Harbor Property Management LLC"));
    check(json!("Commercial"), "Smith, John", Some("John Smith"), None);
    check(json!("Residential"), "Unknown", None, None);
    check(Value::Null, "John Smith", Some("John Smith"), None);
    check(json!(7), "John Smith", Some("John Smith"), None);
}

#[test]
fn fields_that_are_odd_fail_nothing() {
    for odd in [json!(null), json!(7), json!("x"), json!([1]), json!({"a": {}}), json!(true)] {
        let mut payload = customer();
        for (_, value) in payload.as_object_mut().unwrap() {
            *value = odd.clone();
        }
        contact_of(&payload, &[("customer_contacts", "1", odd.clone()), ("customer_contacts", "2", payload.clone())]);
        let hung = json!({"customerId": 1, "locationId": 2, "name": odd, "address": odd, "total": odd, "summary": odd,
                          "jobStatus": odd, "status": odd, "installedOn": odd, "type": odd, "from": odd, "active": odd});
        said(&hung, &[("appointments", "1", odd.clone()), ("assignments", "2", odd.clone())], &[], |said| {
            ServiceTitanMapping.property(said).unwrap();
            ServiceTitanMapping.equipment(said).unwrap();
            ServiceTitanMapping.job(said).unwrap();
            ServiceTitanMapping.membership(said).unwrap();
        });
        for stream in ["customer_contacts", "opt_outs", "jobs"] {
            ServiceTitanMapping.do_not_text(stream, &odd, Region::US);
            ServiceTitanMapping.references(stream, &odd);
        }
    }
    // What hangs on nothing is the one thing that is refused.
    said(&json!({"id": 1}), &[], &[], |said| {
        assert!(ServiceTitanMapping.job(said).is_err());
        assert!(ServiceTitanMapping.equipment(said).unwrap_err().to_string().contains("`locationId`"));
    });
}

#[test]
fn a_job_is_put_together_from_four_streams() {
    let payload = json!({
        "id": 7, "jobNumber": "1007", "customerId": 9001, "locationId": 42, "jobStatus": "Completed", "jobTypeId": 3,
        "summary": "<p>Drain <b>clog</b></p>", "completedOn": "2024-11-05T16:00:00Z",
        "createdOn": "2024-11-01T09:00:00Z", "total": 189.99, "active": true
    });
    let job = said(
        &payload,
        &[
            (
                "appointments",
                "71",
                json!({"start": "2024-11-05T14:00:00Z", "status": "Done",
                                          "arrivalWindowStart": "2024-11-05T13:00:00Z"}),
            ),
            ("appointments", "70", json!({"start": "2024-11-04T14:00:00Z", "status": "Rained off"})),
            ("appointments", "72", json!({"start": "2024-11-06T14:00:00Z", "active": false})),
            ("assignments", "1", json!({"appointmentId": 71, "technicianId": 5, "technicianName": "Old Name"})),
            ("assignments", "2", json!({"appointmentId": 71, "technicianId": 6, "technicianName": "Lee Ray"})),
            ("assignments", "3", json!({"appointmentId": 70, "technicianId": 5, "technicianName": "Old Name"})),
            ("assignments", "4", json!({"appointmentId": 70, "technicianName": "Gone", "active": false})),
        ],
        &[("job_types", "3", json!({"name": "Drain cleaning"})), ("technicians", "5", json!({"name": "New Name"}))],
        |said| ServiceTitanMapping.job(said).unwrap(),
    );
    assert_eq!(job.type_name.as_deref(), Some("Drain cleaning"));
    assert_eq!(job.summary.as_deref(), Some("Drain clog"));
    assert_eq!(job.status, Some(JobStatus::Completed));
    assert_eq!(job.total, Some(Money::from_cents(18_999)));
    assert_eq!((job.customer_key.as_str(), job.property_key.as_deref()), ("9001", Some("42")));
    assert_eq!(job.technicians, ["New Name", "Lee Ray"]);
    let visits: Vec<&str> = job.appointments.iter().map(|visit| visit.key.as_str()).collect();
    assert_eq!(visits, ["70", "71"]);
    assert_eq!(job.appointments[0].status, Some(AppointmentStatus::Other("Rained off".to_owned())));
    assert_eq!(job.appointments[1].technicians, ["New Name", "Lee Ray"]);
    let wanted = ServiceTitanMapping.references("jobs", &payload);
    assert_eq!(wanted, [Reference { stream: "job_types", key: "3".to_owned() }]);
}

#[test]
fn what_is_installed_says_its_age_and_its_warranty() {
    let payload = json!({
        "id": 1, "locationId": 42, "customerId": 9001, "name": "Water Heater", "type": {"id": 1, "name": "Tank"},
        "manufacturer": "Rheem", "model": "", "serialNumber": "S1", "installedOn": "2014-06-01T00:00:00Z",
        "manufacturerWarrantyEnd": "2020-06-01T00:00:00Z", "memo": "by the <i>stairs</i>", "status": "Installed",
        "actualReplacementDate": "0001-01-01", "active": true
    });
    let found = said(&payload, &[], &[], |said| ServiceTitanMapping.equipment(said).unwrap());
    assert_eq!(found.kind.as_deref(), Some("Tank"));
    assert_eq!(found.installed_on.unwrap().to_string(), "2014-06-01");
    assert_eq!(found.warranty_ends_on.unwrap().to_string(), "2020-06-01");
    assert_eq!((found.model, found.replaced_on), (None, None));
    assert_eq!(found.memo.as_deref(), Some("by the stairs"));
}

#[test]
fn a_location_named_after_its_street_has_no_name_of_its_own() {
    let check = |name: &str, expected: Option<&str>| {
        let payload = json!({"customerId": 1, "name": name, "address": {"street": "12 Elm St", "city": "Quincy"}});
        let found = said(&payload, &[], &[], |said| ServiceTitanMapping.property(said).unwrap());
        assert_eq!(found.name.as_deref(), expected);
    };
    check("12 ELM ST", None);
    check("Lake house", Some("Lake house"));
}

#[test]
fn numbers_that_must_not_be_texted_are_told_by_both_sources_of_that_word() {
    let check = |stream: &str, payload: Value, expected: Option<(&str, SaidBy)>| {
        let found = ServiceTitanMapping.do_not_text(stream, &payload, Region::US);
        let found = found.map(|found| (found.phone.as_str().to_owned(), found.said_by));
        assert_eq!(found, expected.map(|(phone, by)| (phone.to_owned(), by)), "{payload}");
    };
    let number = "+16177820101";
    let contact = |forbids: Value| json!({"type": "Phone", "value": "x", "phoneSettings": {"phoneNumber": "617-782-0101", "doNotText": forbids}});
    check("customer_contacts", contact(json!(true)), Some((number, SaidBy::Contact)));
    check("customer_contacts", contact(json!(false)), None);
    check(
        "customer_contacts",
        json!({"value": number, "phoneSettings": {"doNotText": true}}),
        Some((number, SaidBy::Contact)),
    );
    check("opt_outs", json!({"contactNumber": number, "optOutType": "Global"}), Some((number, SaidBy::OptOutList)));
    check("opt_outs", json!({"contactNumber": number}), Some((number, SaidBy::OptOutList)));
    let marketing = Some((number, SaidBy::MarketingOptOutList));
    check("opt_outs", json!({"contactNumber": number, "optOutType": "Marketing"}), marketing);
    check("jobs", contact(json!(true)), None);
}

/// Any JSON, with the names that we look for among its own.
fn anything() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("id"),
        Just("customerId"),
        Just("locationId"),
        Just("address"),
        Just("street"),
        Just("type"),
        Just("name"),
        Just("value"),
        Just("phoneSettings"),
        Just("phoneNumber"),
        Just("doNotText"),
        Just("active"),
        Just("total"),
        Just("summary"),
        Just("modifiedOn"),
        Just("createdOn"),
        Just("jobStatus"),
        Just("status"),
        Just("start"),
        Just("from"),
        Just("installedOn"),
        Just("memo"),
        Just("contactNumber"),
        Just("mergedToId"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-+0-9TZ:.@ ]{0,30}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from("2026-11-19T08:00:00.12345678901234Z")),
    ];
    leaf.prop_recursive(3, 40, 12, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..12).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_payload_breaks_it(payload in anything(), part in anything()) {
        for stream in SPEC.streams.iter().map(|stream| stream.name) {
            let _ = super::super::rows::row(stream, payload.clone());
            ServiceTitanMapping.references(stream, &payload);
            ServiceTitanMapping.do_not_text(stream, &payload, Region::US);
        }
        let parts = [("customer_contacts", "1", part.clone()), ("appointments", "2", part.clone()), ("assignments", "3", part)];
        said(&payload, &parts, &[("job_types", "1", payload.clone())], |said| {
            let contact = ServiceTitanMapping.contact(said).unwrap();
            let text = serde_json::to_string(&contact).unwrap();
            assert_eq!(serde_json::from_str::<Contact>(&text).unwrap(), contact);
            if let Ok(job) = ServiceTitanMapping.job(said) {
                let text = serde_json::to_string(&job).unwrap();
                assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
            }
            let _ = ServiceTitanMapping.property(said);
            let _ = ServiceTitanMapping.equipment(said);
            let _ = ServiceTitanMapping.membership(said);
        });
    }
}
