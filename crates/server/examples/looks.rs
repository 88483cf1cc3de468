//! Serves `/dev/looks` at 127.0.0.1:7879, for whoever changes how things look: `cargo run -p doorstep-server --example
//! looks`, then `/dev/looks/list`, `card`, `import`, `review`, `parts`, `empty`, `login`.

use std::sync::Arc;

use doorstep_core::IdMaker;
use doorstep_engine::Engine;
use doorstep_server::auth::Nobody;
use doorstep_server::{App, Server, Settings};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let store = TestStore::new(Dialect::Sqlite).await;
    let engine = Engine::new(store.db.clone(), Arc::new(IdMaker::seeded(1)), store.dir.path().join("spool"));
    let app = App::new(engine, Settings::default(), Arc::new(Nobody));
    Server::bind("127.0.0.1:7879", app).await?.run(std::future::pending()).await;
    Ok(())
}
