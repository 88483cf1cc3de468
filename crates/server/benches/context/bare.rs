//! A server that looks nothing up: it finds out whose key a request has, as ours does, and answers always the same. What
//! it does for a request is the least that a server of this kind does.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use doorstep_core::IdMaker;
use doorstep_engine::Engine;
use doorstep_server::auth::{Principal, Sessions};
use doorstep_server::{App, Settings};
use doorstep_store::{Db, Location};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tower_service::Service;

use crate::house::{House, WallClock};

/// Such a server as a process of its own; it ends with this.
pub struct Bare {
    child: Child,
    pub address: SocketAddr,
}

impl Bare {
    /// Starts one on the house's store that answers with this body.
    pub fn start(house: &House, body: &str) -> Self {
        let (kind, place) = match &house.location {
            Location::DataDir(dir) => ("sqlite", dir.display().to_string()),
            Location::Postgres { url, .. } => ("postgres", url.clone()),
        };
        let this = std::env::current_exe().expect("this program");
        let mut command = Command::new(this);
        command.args(["bare", kind, &place, &house.keep("bare", body)]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process for the bare server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.trim().parse().unwrap_or_else(|_| panic!("`{line}` is no address"));
        Self { child, address }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process: which database, where it is, and a file with what is answered.
pub async fn serve(said: &[String]) {
    let [kind, place, body] = said else { panic!("a database, its place and a file") };
    let location = match kind.as_str() {
        "sqlite" => Location::DataDir(PathBuf::from(place)),
        _ => Location::Postgres { url: place.clone(), owner_url: None },
    };
    let db = Db::open(&location, Arc::new(WallClock)).await.expect("the store opens");
    let engine = Engine::new(db, Arc::new(IdMaker::seeded(8)), std::env::temp_dir());
    let app = App::new(engine, Settings::default(), Arc::new(Sessions));
    let body = Bytes::from(std::fs::read(body).expect("the file"));
    let answer = |Extension(_): Extension<Principal>, State(body): State<Bytes>| async move {
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body)
    };
    let router = Router::new()
        .route("/api/v1/customer-context/{identifier}", get(answer))
        .with_state(body)
        .layer(from_fn_with_state(app, identify));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a connection of TCP");
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut router = router.clone();
            async move { router.call(request.map(Body::new)).await }
        });
        #[allow(clippy::disallowed_methods, reason = "the connections end with the process")]
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// As the server does it: whoever is nobody does not get through.
async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(Some(principal)) = app.authenticator.identify(&app, &head).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    head.extensions.insert::<Principal>(principal);
    next.run(Request::from_parts(head, body)).await
}
