//! Serves `/dev/looks` at 127.0.0.1:7879, for whoever changes how things look: `cargo run -p doorstep-server --example
//! looks`, then `/dev/looks/list`, `card`, `import`, `review`, `parts`, `empty`, `login`. Everybody who asks is the owner
//! of a tenant that ends with the process, and a customer changes every second, so that the stream is seen at work. The
//! real pages are there, too, with made-up people, pairs and decisions.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use doorstep_core::contact::Contact;
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::{CustomerId, SessionId};
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::customer::Found;
use doorstep_engine::merge::Answer;
use doorstep_engine::{Engine, Result};
use doorstep_server::auth::{Authenticator, By, Identified, Principal, TokenText};
use doorstep_server::{App, Server, Settings};
use doorstep_store::change::Subject;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

/// Takes everybody for the owner.
struct Everybody(Scope);

impl Authenticator for Everybody {
    fn identify<'a>(&'a self, _: &'a App, _: &'a Parts) -> Identified<'a> {
        let by =
            By::Session { id: SessionId::from_uuid(Default::default()), token: TokenText::new("looks".to_owned()) };
        let (name, tenant_name) = ("Maria Alves".to_owned(), "Bay State Plumbing".to_owned());
        let principal = Principal { scope: self.0.clone(), name, tenant_name, country: Region::US, around: None, by };
        Box::pin(async move { Ok(Some(principal)) })
    }
}

const GIVEN: [&str; 8] = ["Eleanor", "Marcus", "Ana", "Walter", "Priya", "José", "דוד", "Zoë"];
const FAMILY: [&str; 7] = ["Whitcomb", "Oyelaran", "Figueiredo", "Pruitt", "Raghunathan", "O'Brien", "Nguyen"];

async fn person(engine: &Engine, scope: &Scope, name: &str, phone: usize) -> Result<Option<CustomerId>> {
    let phone = Phone::parse(&format!("617 471 {phone:04}"), Region::US);
    let contact = Contact { name: Name::parse(name), phones: phone.into_iter().collect(), ..Contact::default() };
    Ok(match engine.find_or_create(scope, &contact, false).await? {
        Found::Created { customer, .. } => customer,
        Found::Existing { customer } => Some(customer),
        Found::Several { .. } => None,
    })
}

/// People to page through, pairs to decide, decisions to take back, and a card on which something was done.
async fn settle_in(store: &TestStore, engine: &Engine) -> Result<()> {
    let scope = store.scope();
    for n in 0..120 {
        let name = format!("{} {}", GIVEN[n * 5 % 8], FAMILY[n * 3 % 7]);
        let made = person(engine, &scope, &name, 1_000 + n).await?;
        if let (Some(id), 0) = (made, n % 9) {
            let mut edit = Edit::default();
            edit.set(Field::Notes, Some("Side door. Dog is friendly."), Region::US)?;
            engine.edit_customer(&scope, id, &edit, None, false).await?;
        }
        store.clock.turn_seconds(3_600);
    }
    for n in 0..17 {
        let other = format!("{} {}", GIVEN[(n + 3) % 8], FAMILY[(n + 4) % 7]);
        person(engine, &scope, &other, 1_000 + n * 7).await?;
    }
    let reasons = [
        None,
        Some("Same voice, and she says so."),
        Some("Brothers who share the workshop's telephone; both live at 48 Sachem St."),
    ];
    for n in 0..5 {
        let Some(review) = engine.reviews(&scope, None, 1).await?.pop() else { break };
        let answer = if n % 2 == 0 { Answer::Merge } else { Answer::Apart };
        let decided = engine.decide_review(&scope, review.id, answer, reasons[n % 3]).await?;
        if let (Some(decision), 3) = (decided.decision, n) {
            engine.retract_decision(&scope, decision).await?;
        }
        store.clock.turn_seconds(600);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let store = TestStore::new(Dialect::Sqlite).await;
    let engine = Engine::new(store.db.clone(), Arc::new(IdMaker::seeded(1)), store.dir.path().join("spool"));
    settle_in(&store, &engine).await?;
    let app = App::new(engine, Settings::default(), Arc::new(Everybody(store.scope())));
    let change = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut tx = store.db.write(&store.scope()).await?;
            tx.announce(Subject::Customer, Default::default());
            tx.commit().await?;
        }
    };
    let server = Server::bind("127.0.0.1:7879", app).await?;
    tokio::select! {
        () = server.run(std::future::pending()) => Ok(()),
        ended = change => ended,
    }
}
