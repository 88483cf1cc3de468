//! Every answer against the upstream's own documents.
//!
//! The documents are not part of the project: they are looked for in the folder that `DOORSTEP_TEST_SPECS` names, or
//! in `../shared/specs` beside the project. Where they are not, nothing is checked, and the test says so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorstep_sim::{Edit, Fault, Rule, Specs};
use serde_json::Value;

use crate::house::{Caller, world};

fn specs() -> Option<Specs> {
    #[allow(clippy::disallowed_methods, reason = "where documents are that the project does not have")]
    let named = std::env::var_os("DOORSTEP_TEST_SPECS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
    let folder = named.unwrap_or_else(beside).join("servicetitan");
    let specs = Specs::open(&folder).expect("documents that can be read");
    if specs.is_none() {
        eprintln!("NOT CHECKED: the upstream's documents are not in {}", folder.display());
    }
    specs
}

/// Every path that is read, by module.
const READS: &[&str] = &[
    "crm/customers",
    "crm/customers?includeTotal=true&sort=-ModifiedOn&active=Any&pageSize=5000",
    "crm/customers?pageSize=0",
    "crm/customers/1000001",
    "crm/customers/1",
    "crm/customers/1000001/contacts",
    "crm/customers/1000001/notes",
    "crm/customers/contacts?modifiedOnOrAfter=2010-01-01T00:00:00Z&pageSize=5000",
    "crm/locations?active=Any&pageSize=5000",
    "crm/locations/4300000001",
    "crm/export/customers",
    "crm/export/customers/contacts",
    "crm/export/locations?includeRecentChanges=true",
    "crm/export/locations?from=wrong",
    "jpm/jobs?pageSize=5000",
    "jpm/jobs?customerId=1000001&jobStatus=Completed&sort=-Priority",
    "jpm/jobs/5000000001",
    "jpm/export/jobs",
    "jpm/appointments?pageSize=5000",
    "jpm/appointments/80000001",
    "jpm/export/appointments",
    "jpm/job-types",
    "jpm/job-types/301",
    "dispatch/appointment-assignments?pageSize=5000",
    "dispatch/export/appointment-assignments",
    "memberships/memberships?active=Any&pageSize=5000",
    "memberships/memberships/60000001",
    "memberships/export/memberships",
    "memberships/membership-types",
    "memberships/membership-types/701",
    "memberships/export/membership-types",
    "settings/technicians?active=Any",
    "settings/technicians/501",
    "settings/export/technicians",
    "settings/tag-types",
    "settings/export/tag-types",
    "equipmentsystems/installed-equipment?pageSize=5000",
    "equipmentsystems/installed-equipment/40000001",
    "equipmentsystems/export/installed-equipment",
    "telecom/optinouts/optouts",
];

#[tokio::test]
async fn every_answer_is_what_the_documents_say() {
    let Some(specs) = specs() else { return };
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let number = caller.tenant;
    sim.world(|world| world.drift(number, 300));
    sim.world(|world| world.edit(number, Edit::OptOut { number: "+16177821234".to_owned() }));
    sim.advance(Duration::from_secs(600));
    let path_of = |asked: &str| {
        let (module, rest) = asked.split('?').next().unwrap().split_once('/').unwrap();
        let version = if module == "telecom" { "v3" } else { "v2" };
        format!("/{module}/{version}/tenant/{number}/{rest}")
    };
    let noted = caller.ask("POST", "crm/customers/1000001/notes", "application/json", r#"{"text":"Ring first"}"#).await;
    assert_eq!(noted.status, 200, "{noted:?}");
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for asked in READS {
        let answer = caller.get(asked).await;
        let body = answer.json();
        rows += body["data"].as_array().map_or(0, Vec::len);
        wrong.extend(specs.answer("GET", &path_of(asked), answer.status, &body));
        if !matches!(*asked, "crm/customers?pageSize=0" | "crm/customers/1" | "crm/export/locations?from=wrong") {
            assert_eq!(answer.status, 200, "{asked}: {body}");
            assert!(body["data"].is_null() || body["data"] != Value::Array(Vec::new()), "{asked} holds nothing");
        }
    }
    let (customer, tag) = (1_000_002, 902);
    sim.world(|world| world.edit(number, Edit::Untag { customer, tag }));
    let writes = [
        ("POST", format!("crm/customers/{customer}/notes"), r#"{"text":"Gate is open","pinToTop":true}"#),
        ("POST", format!("crm/customers/{customer}/notes"), "{}"),
        ("POST", format!("crm/customers/{customer}/tags/{tag}"), ""),
        ("POST", format!("crm/customers/{customer}/tags/{tag}"), ""),
        ("DELETE", format!("crm/customers/{customer}/tags/{tag}"), ""),
    ];
    for ((method, asked, body), status) in writes.iter().zip([200, 400, 200, 409, 200]) {
        let answer = caller.ask(method, asked, if body.is_empty() { "" } else { "application/json" }, body).await;
        assert_eq!(answer.status, status, "{method} {asked}: {answer:?}");
        if !answer.body.is_empty() {
            wrong.extend(specs.answer(method, &path_of(asked), answer.status, &answer.json()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(rows > 1000, "only {rows} rows were looked at");
    let asked: Vec<String> = sim.spec_check(&specs);
    // Two of the requests above are wrong on purpose.
    let expected = [format!("POST /crm/v2/tenant/{number}/customers/1000002/notes body.text: missing")];
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn requests_that_the_documents_do_not_know_are_told() {
    let Some(specs) = specs() else { return };
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    sim.fault(Rule::next(1, "/customers", Fault::Status(500)));
    caller.get("crm/customers?modifiedAfter=2020-01-01T00:00:00Z&page=one").await;
    caller.get("crm/customers/1000001/history").await;
    caller.ask("PUT", "crm/customers", "", "").await;
    let base = format!("/crm/v2/tenant/{}/customers", caller.tenant);
    let expected = [
        format!("GET {base}/1000001/history: no such path"),
        format!("GET {base}: `one` is not what `page` takes"),
        format!("GET {base}: no such parameter `modifiedAfter`"),
        format!("PUT {base}: no such method"),
    ];
    assert_eq!(sim.spec_check(&specs), expected);
}
