//! A server of its own for every test, on a free port, with people who have signed in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::http::request::Parts;
use doorstep_core::id::SessionId;
use doorstep_core::tenant::{Actor, Role, Tenant};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::Engine;
use doorstep_engine::seal::Keys;
use doorstep_engine::sync::Sources;
use doorstep_engine::verification::Sender;
use doorstep_server::auth::{Authenticator, By, Identified, Principal, Sessions, TokenText};
use doorstep_server::{App, Server, Settings};
use doorstep_store::Db;
use doorstep_store::testing::TestStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// People by what their requests bring along as `Authorization: Bearer`.
#[derive(Clone, Default)]
pub struct People(Arc<Mutex<HashMap<String, Principal>>>);

impl People {
    /// Lets somebody in.
    pub fn admit(&self, key: &str, tenant: &Tenant, role: Role, by: By) {
        let scope = Scope::new(tenant.id, Actor::Operator(key.to_owned()), role);
        let (name, tenant_name) = ("Maria Alves".to_owned(), tenant.name.clone());
        let principal = Principal { scope, name, tenant_name, country: tenant.country, around: None, by };
        self.0.lock().unwrap().insert(key.to_owned(), principal);
    }

    /// Shows somebody the door.
    pub fn dismiss(&self, key: &str) {
        self.0.lock().unwrap().remove(key);
    }
}

impl Authenticator for People {
    fn identify<'a>(&'a self, _: &'a App, head: &'a Parts) -> Identified<'a> {
        let said = head.headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let found = said.and_then(|key| self.0.lock().unwrap().get(key).cloned());
        Box::pin(async move { Ok(found) })
    }
}

/// A server that runs.
pub struct House {
    pub address: SocketAddr,
    pub people: People,
    pub engine: Engine,
    pub app: App,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl House {
    /// Over the store of a test, with an owner, an admin by a session, and one who may only read.
    pub async fn open(store: &TestStore, settings: Settings) -> Self {
        Self::over(store.db.clone(), store, settings).await
    }

    /// Over a database that may be another process's view of the same store.
    pub async fn over(db: Db, store: &TestStore, settings: Settings) -> Self {
        let people = People::default();
        people.admit("owner", &store.tenant, Role::Owner, By::Key);
        people.admit("reader", &store.tenant, Role::ReadOnly, By::Key);
        let token = TokenText::new("0123456789abcdef".to_owned());
        let id = SessionId::from_uuid(Default::default());
        people.admit("browser", &store.tenant, Role::Admin, By::Session { id, token });
        let authenticator = Arc::new(people.clone());
        Self::with(engine(db, store), settings, people, authenticator).await
    }

    /// Over the store of a test, as the program runs it: whoever asks has a session or an API key in the store.
    pub async fn real(store: &TestStore, settings: Settings) -> Self {
        Self::with(engine(store.db.clone(), store), settings, People::default(), Arc::new(Sessions)).await
    }

    /// As [`House::real`], with a channel for codes.
    pub async fn sending(store: &TestStore, settings: Settings, sender: Arc<dyn Sender>) -> Self {
        let mut engine = engine(store.db.clone(), store);
        engine.sender = sender;
        Self::with(engine, settings, People::default(), Arc::new(Sessions)).await
    }

    /// As [`House::real`], with an engine that can read live sources.
    pub async fn reading(store: &TestStore, sources: Arc<dyn Sources>) -> Self {
        let mut engine = engine(store.db.clone(), store);
        engine.sources = sources;
        engine.seal_keys = Arc::new(Keys::parse(&"07".repeat(32)).unwrap());
        Self::with(engine, Settings::default(), People::default(), Arc::new(Sessions)).await
    }

    /// As [`House::real`], but whoever asks is known in another way.
    pub async fn known_by(store: &TestStore, settings: Settings, authenticator: Arc<dyn Authenticator>) -> Self {
        Self::with(engine(store.db.clone(), store), settings, People::default(), authenticator).await
    }

    async fn with(engine: Engine, settings: Settings, people: People, authenticator: Arc<dyn Authenticator>) -> Self {
        let app = App::new(engine.clone(), settings, authenticator);
        let here = app.clone();
        let server = Server::bind("127.0.0.1:0", app).await.unwrap();
        let address = server.address().unwrap();
        let (stop, told) = oneshot::channel::<()>();
        #[allow(clippy::disallowed_methods, reason = "the server ends with its test")]
        let running = tokio::spawn(server.run(async move {
            let _ = told.await;
        }));
        Self { address, people, engine, app: here, stop: Some(stop), running }
    }

    /// Tells the server to stop, and does not wait.
    pub fn tell_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// Waits for the end of a server that was told to stop.
    pub async fn ended(self) {
        tokio::time::timeout(crate::wire::LIMIT, self.running).await.expect("the server did not end").unwrap();
    }
}

fn engine(db: Db, store: &TestStore) -> Engine {
    Engine::new(db, Arc::new(IdMaker::seeded(1)), store.dir.path().join("spool"))
}
