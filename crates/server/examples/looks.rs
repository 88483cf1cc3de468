//! Serves `/dev/looks` at 127.0.0.1:7879, for whoever changes how things look: `cargo run -p doorstep-server --example
//! looks`, then `/dev/looks/list`, `card`, `import`, `review`, `parts`, `empty`, `login`. Everybody who asks is the owner
//! of a tenant that ends with the process, and a customer changes every second, so that the stream is seen at work.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use doorstep_core::id::SessionId;
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::Engine;
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
        let tenant_name = "Bay State Plumbing".to_owned();
        let principal = Principal { scope: self.0.clone(), name: "Maria Alves".to_owned(), tenant_name, by };
        Box::pin(async move { Ok(Some(principal)) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = TestStore::new(Dialect::Sqlite).await;
    let engine = Engine::new(store.db.clone(), Arc::new(IdMaker::seeded(1)), store.dir.path().join("spool"));
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
