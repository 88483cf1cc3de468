//! `/dev/looks`: every part on one page, made-up, for whoever changes how things look, and for tests of accessibility.
//! Not compiled into a program that is handed out.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use doorstep_core::id::SessionId;
use doorstep_core::phone::Region;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::time::Zone;
use doorstep_core::{Scope, TenantId, Timestamp};

use super::list::Pages;
use super::{Frame, Moment, Section, show};
use crate::App;
use crate::auth::{By, Principal, TokenText};
use crate::body::{Form, Json};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/dev/looks/{name}", get(looks))
        .route("/dev/panic", get(panics))
        .route("/dev/never", get(never))
        .route("/dev/large", get(large))
        .route("/dev/json", post(json))
        .route("/dev/form", post(form))
}

#[derive(Template)]
#[template(path = "looks/list.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    pages: Pages,
}

#[derive(Template)]
#[template(path = "looks/card.html")]
struct Card {
    frame: Frame,
    at: Moment,
}

#[derive(Template)]
#[template(path = "looks/import.html")]
struct Import {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "looks/review.html")]
struct Review {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "looks/parts.html")]
struct Parts {
    frame: Frame,
    at: Moment,
}

#[derive(Template)]
#[template(path = "looks/login.html")]
struct Login {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "looks/empty.html")]
struct Empty {
    frame: Frame,
}

/// One made-up customer.
struct Row {
    name: &'static str,
    phone: &'static str,
    email: &'static str,
    town: &'static str,
    last: Moment,
    state: (&'static str, &'static str),
}

/// Nobody real: numbers of fiction, and a tenant that no store has.
fn principal() -> Principal {
    let scope = Scope::new(TenantId::from_number(0), Actor::Worker, Role::Owner);
    let by = By::Session { id: SessionId::from_uuid(Default::default()), token: TokenText::new("looks".to_owned()) };
    let (name, tenant_name) = ("Maria Alves".to_owned(), "Bay State Plumbing".to_owned());
    Principal { scope, name, tenant_name, country: Region::US, around: None, by }
}

/// Long ago and always the same, so that pictures can be compared.
fn at(minutes: i64) -> Moment {
    Moment::new(Timestamp::from_micros(1_772_463_600_000_000 - minutes * 60_000_000), &Zone::utc())
}

/// Name, phone, e-mail, town, and the state with its kind.
type Person = (&'static str, &'static str, &'static str, &'static str, (&'static str, &'static str));

const PEOPLE: [Person; 8] = [
    ("Eleanor Whitcomb", "(617) 555-0142", "eleanor@example.com", "Quincy", ("", "")),
    ("Marcus & Dana Oyelaran", "(781) 555-0119", "oyelaran.home@example.com", "Milton", ("In review", "warn")),
    ("Thornbury Property Group", "(857) 555-0167", "desk@thornbury.example", "Boston", ("", "")),
    ("Ana Beatriz Figueiredo", "(617) 555-0188", "", "Somerville", ("New", "info")),
    ("Walter Pruitt", "(508) 555-0104", "wpruitt@example.org", "Brockton", ("", "")),
    ("St. Brigid Parish Hall", "(617) 555-0131", "office@brigid.example", "Dorchester", ("", "")),
    ("Priya Raghunathan", "(339) 555-0150", "priya.r@example.net", "Weymouth", ("", "")),
    ("Unknown caller", "(774) 555-0176", "", "", ("Caller", "plain")),
];

fn rows() -> Vec<Row> {
    let repeated = PEOPLE.iter().cycle().take(24).enumerate();
    let row = |(place, person): (usize, &Person)| {
        let (name, phone, email, town, state) = *person;
        Row { name, phone, email, town, state, last: at(i64::try_from(place * place).unwrap_or(0) * 37) }
    };
    repeated.map(row).collect()
}

async fn looks(Path(name): Path<String>, known: Option<Principal>, headers: HeaderMap) -> Result<Response> {
    let is_live = known.is_some();
    let principal = known.unwrap_or_else(principal);
    let frame = |title: &str, section| {
        let mut frame = Frame::new(Some(&principal), &headers, title).section(section);
        frame.open_reviews = Some(3);
        if !is_live {
            // Nobody has signed in, so there is no stream to listen to.
            frame.events = String::new();
        }
        frame
    };
    match name.as_str() {
        "list" => {
            let pages = Pages::onwards("", true, Some("/dev/looks/list".to_owned()));
            show(&List { frame: frame("Customers", Section::Customers), rows: rows(), pages })
        }
        "card" => show(&Card { frame: frame("Eleanor Whitcomb", Section::Customers), at: at(5) }),
        "import" => show(&Import { frame: frame("Import phone history", Section::Imports) }),
        "review" => show(&Review { frame: frame("Reviews", Section::Reviews) }),
        "parts" => show(&Parts { frame: frame("Parts", Section::Settings), at: at(5) }),
        "empty" => show(&Empty { frame: frame("Imports", Section::Imports) }),
        "login" => show(&Login { frame: Frame::new(None, &headers, "Sign in") }),
        _ => Err(Problem::not_found("The looks are `list`, `card`, `import`, `review`, `parts`, `empty` and `login`.")),
    }
}

/// A handler with a mistake in it.
async fn panics() -> &'static str {
    panic!("Ann Smith, (617) 555-0142")
}

/// A handler that never ends.
async fn never() -> &'static str {
    std::future::pending().await
}

/// An answer that no buffer of the system holds.
async fn large() -> Vec<u8> {
    vec![b'x'; 64 * 1024 * 1024]
}

/// How long the JSON is, as text.
async fn json(Json(value): Json<serde_json::Value>) -> String {
    value.to_string().len().to_string()
}

/// What the form says.
async fn form(_: Principal, Form(fields): Form<Vec<(String, String)>>) -> String {
    fields.into_iter().map(|(name, value)| format!("{name}={value};")).collect()
}
