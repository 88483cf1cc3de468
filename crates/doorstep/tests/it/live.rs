//! What the command line changes is told by a server that runs beside it, two processes on one database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorstep_core::phone::Region;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::time::TurnableClock;
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::Engine;
use doorstep_server::auth::{Authenticator, By, Identified, Parts, Principal};
use doorstep_server::{App, Server, Settings};
use doorstep_store::testing::START;
use doorstep_store::{Db, system};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::house::{House, in_both_houses};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(30);

/// Takes everybody for the owner.
struct Everybody(Scope);

impl Authenticator for Everybody {
    fn identify<'a>(&'a self, _: &'a App, _: &'a Parts) -> Identified<'a> {
        let (name, tenant_name) = ("Maria Alves".to_owned(), "Bay State Plumbing".to_owned());
        let principal =
            Principal { scope: self.0.clone(), name, tenant_name, country: Region::US, around: None, by: By::Key };
        Box::pin(async move { Ok(Some(principal)) })
    }
}

in_both_houses! {
    async fn what_the_command_line_changes_shows_in_an_open_stream(house: House) {
        let db = Db::open(&house.location(), Arc::new(TurnableClock::at(START))).await.unwrap();
        let tenant = system::tenants(&db).await.unwrap()[0].id;
        let scope = Scope::new(tenant, Actor::Operator("test".to_owned()), Role::Owner);
        let engine = Engine::new(db, Arc::new(IdMaker::seeded(1)), house.path("spool"));
        let app = App::new(engine, Settings::default(), Arc::new(Everybody(scope)));
        let server = Server::bind("127.0.0.1:0", app).await.unwrap();
        let address = server.address().unwrap();
        let watch = async {
            let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
            stream.write_all(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
            wait_for(&mut stream, "event: live:hello").await;
            let made = tokio::task::spawn_blocking(move || {
                house.json(&["customer", "find-or-create", "--phone", "(617) 782-1234", "--name", "Ann Smith"]);
                Instant::now()
            });
            let (heard, made) = tokio::join!(wait_for(&mut stream, "event: customers"), made);
            let late = heard.saturating_duration_since(made.unwrap());
            assert!(late < Duration::from_secs(1), "told only {late:?} after the command had ended");
        };
        tokio::select! {
            () = server.run(std::future::pending()) => panic!("the server has ended"),
            ended = tokio::time::timeout(LIMIT, watch) => ended.expect("nothing was told"),
        }
    }
}

/// Reads until that line; when it came.
async fn wait_for(stream: &mut BufReader<TcpStream>, wanted: &str) -> Instant {
    let mut line = String::new();
    while line.trim_end() != wanted {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream has ended before `{wanted}`");
    }
    Instant::now()
}
