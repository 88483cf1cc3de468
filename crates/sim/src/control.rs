//! `/_control/…`: turning the clock, editing, breaking and looking, for whoever is not a test in Rust.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fault::{Fault, Manners, Rule};
use crate::servicetitan::{Asked, truth};
use crate::state::State;
use crate::world::row::ContactKind;
use crate::world::{Edit, NewCustomer};

/// Random edits in one request at most: a second's work.
const MAX_DRIFT: usize = 100_000;

/// What can be asked.
const DOORS: &[&str] = &[
    "GET /_control/clock",
    "POST /_control/clock {\"seconds\": 900}",
    "POST /_control/edit {\"do\": \"rename\", \"customer\": 1000001, \"name\": \"Ada Marsh\"}",
    "POST /_control/customer {\"name\": …, \"street\": …, \"city\": …, \"state\": …, \"zip\": …, \"contacts\": [[\"Phone\", …]]}",
    "POST /_control/contact {\"customer\": 1000001, \"kind\": \"MobilePhone\", \"value\": \"6177821234\"}",
    "POST /_control/job {\"customer\": 1000001, \"location\": 4300000001, \"summary\": \"No heat\"}",
    "POST /_control/drift {\"count\": 100}",
    "POST /_control/fault {\"fault\": {\"status\": 500}, \"matching\": \"GET /crm\", \"after\": 1, \"times\": 2}",
    "POST /_control/chances {\"seed\": 1, \"chances\": [[\"cut\", 0.01], [{\"too_many\": null}, 0.05]]}",
    "PUT /_control/manners {\"page_cap\": 100, \"lag_seconds\": 30}",
    "DELETE /_control/fault",
    "POST /_control/revoke",
    "PUT /_control/limit {\"is_on\": true}",
    "GET /_control/log",
    "DELETE /_control/log",
    "GET /_control/counts",
    "GET /_control/truth/1000001",
];

/// The parameter `tenant` beside the body; the first tenant without.
#[derive(Deserialize)]
struct Whose {
    tenant: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    customer: i64,
    kind: ContactKind,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewJob {
    customer: i64,
    location: i64,
    #[serde(default)]
    summary: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chances {
    seed: u64,
    chances: Vec<(Fault, f64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    is_on: bool,
}

impl State {
    /// Does what is asked of `/_control`.
    pub(crate) fn control(&mut self, asked: &Asked<'_>) -> (StatusCode, Value) {
        let lag = self.faults.manners.lag();
        self.world.set_lag(lag);
        self.world.settle();
        let whose: Whose = serde_urlencoded::from_str(asked.query).unwrap_or(Whose { tenant: None });
        let tenant = whose.tenant.unwrap_or(self.world.first().number);
        let door = asked.segments.get(1..).unwrap_or_default();
        let done = if *asked.method == Method::GET { self.look(door, tenant) } else { self.act(asked, door, tenant) };
        match done {
            Ok(value) => (StatusCode::OK, value),
            Err((status, error)) => (status, json!({ "error": error, "doors": DOORS })),
        }
    }

    fn look(&self, door: &[&str], tenant: i64) -> Done {
        let of = self.world.tenant(tenant).ok_or_else(|| nothing("no such tenant"))?;
        match door {
            [] | [""] => Ok(json!({ "doors": DOORS })),
            ["clock"] => Ok(json!({ "now": self.world.now() })),
            ["log"] => Ok(json!({ "requests": self.log.entries() })),
            ["counts"] => Ok(truth::counts(of)),
            ["truth", id] => {
                let id = id.parse().map_err(|_| nothing("a customer's number is a whole number"))?;
                truth::customer(of, id).ok_or_else(|| nothing("no such customer"))
            }
            _ => Err(nothing("no such door")),
        }
    }

    fn act(&mut self, asked: &Asked<'_>, door: &[&str], tenant: i64) -> Done {
        match (asked.method.as_str(), door) {
            ("POST", ["clock"]) => {
                self.world.advance(Duration::from_secs(read::<Turn>(asked)?.seconds));
                Ok(json!({ "now": self.world.now() }))
            }
            ("POST", ["edit"]) => {
                let is_done = self.world.edit(tenant, read::<Edit>(asked)?);
                if is_done { Ok(json!({})) } else { Err(nothing("no such row")) }
            }
            ("POST", ["customer"]) => made(self.world.add_customer(tenant, read::<NewCustomer>(asked)?)),
            ("POST", ["contact"]) => {
                let new: NewContact = read(asked)?;
                made(self.world.add_contact(tenant, new.customer, new.kind, &new.value))
            }
            ("POST", ["job"]) => {
                let new: NewJob = read(asked)?;
                made(self.world.add_job(tenant, new.customer, new.location, &new.summary))
            }
            ("POST", ["drift"]) => {
                self.world.drift(tenant, read::<Count>(asked)?.count.min(MAX_DRIFT));
                Ok(json!({}))
            }
            _ => self.upset(asked, door),
        }
    }

    /// What goes wrong, and what is kept of requests.
    fn upset(&mut self, asked: &Asked<'_>, door: &[&str]) -> Done {
        match (asked.method.as_str(), door) {
            ("POST", ["fault"]) => self.faults.add(read::<Rule>(asked)?),
            ("DELETE", ["fault"]) => self.faults.clear(),
            ("POST", ["chances"]) => {
                let given: Chances = read(asked)?;
                self.faults.at_random(given.seed, given.chances);
            }
            ("PUT", ["manners"]) => self.faults.manners = read::<Manners>(asked)?,
            ("PUT", ["limit"]) => self.is_limited = read::<Limit>(asked)?.is_on,
            ("POST", ["revoke"]) => self.grants.revoke(),
            ("DELETE", ["log"]) => self.log.clear(),
            _ => return Err(nothing("no such door")),
        }
        Ok(json!({}))
    }
}

type Done = Result<Value, (StatusCode, String)>;

fn nothing(what: &str) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, what.to_owned())
}

fn made(id: Option<i64>) -> Done {
    id.map(|id| json!({ "id": id })).ok_or_else(|| nothing("no such tenant"))
}

fn read<T: DeserializeOwned>(asked: &Asked<'_>) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(asked.body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}
