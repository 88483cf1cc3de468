//! A sim, and a caller of it that speaks HTTP by hand, so that it can say what no client would.

use std::time::Duration;

use doorstep_sim::{Options, Sim};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// Whether as many bytes came as were promised.
    pub is_whole: bool,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line =
            self.head.lines().find(|line| line.split_once(':').is_some_and(|(it, _)| it.eq_ignore_ascii_case(name)))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    pub fn ids(&self) -> Vec<i64> {
        let data = self.json()["data"].as_array().cloned().unwrap_or_else(|| panic!("no rows: {self:?}"));
        data.iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }
}

pub async fn world() -> Sim {
    Sim::start(Options { tenants: 2, ..Options::default() }).await.unwrap()
}

/// Sends lines and a body as they are.
pub async fn send(sim: &Sim, head: &str, body: &str) -> Answer {
    tokio::time::timeout(PATIENCE, exchange(sim, head, body)).await.expect("an answer in time")
}

async fn exchange(sim: &Sim, head: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(sim.address()).await.unwrap();
    let length = body.len();
    let request = format!("{head}\r\nHost: sim\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // What was cut ends with an error, after what came.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut answer = Answer { status, head: head.to_owned(), body: body.to_owned(), is_whole: true };
    answer.is_whole = answer.header("content-length").and_then(|it| it.parse().ok()) == Some(body.len());
    answer
}

/// Asks for a token with the credentials of the `at`th tenant.
pub async fn token(sim: &Sim, at: usize) -> String {
    let it = sim.world(|world| world.tenants()[at].credentials.clone());
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", it.client_id, it.client_secret);
    let head = "POST /connect/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    let answer = send(sim, head, &form).await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
}

/// Somebody with a token of the first tenant.
pub struct Caller<'a> {
    pub sim: &'a Sim,
    pub token: String,
    pub tenant: i64,
}

impl<'a> Caller<'a> {
    pub async fn new(sim: &'a Sim) -> Self {
        Self { sim, token: token(sim, 0).await, tenant: sim.tenant() }
    }

    /// Reads `module/v2/tenant/T/rest` for `module/rest`.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "").await
    }

    pub async fn ask(&self, method: &str, path: &str, content_type: &str, body: &str) -> Answer {
        let (module, rest) = path.split_once('/').unwrap();
        let version = if module == "telecom" { "v3" } else { "v2" };
        let key = self.sim.credentials().app_key;
        let content = if content_type.is_empty() { String::new() } else { format!("\r\nContent-Type: {content_type}") };
        let head = format!(
            "{method} /{module}/{version}/tenant/{}/{rest} HTTP/1.1\r\nST-App-Key: {key}\r\nAuthorization: Bearer {}{content}",
            self.tenant, self.token
        );
        send(self.sim, &head, body).await
    }

    /// All pages of a feed from `from` on, with the token to go on from and how many pages there were.
    pub async fn drain(&self, path: &str, from: Option<&str>, rest: &str) -> (Vec<Value>, String, usize) {
        let (mut rows, mut from, mut pages) = (Vec::new(), from.map(str::to_owned), 0);
        loop {
            let query = from.as_deref().map(|from| format!("from={}&", encoded(from))).unwrap_or_default();
            let answer = self.get(&format!("{path}?{query}{rest}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let page = answer.json();
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            let next = page["continueFrom"].as_str().unwrap().to_owned();
            pages += 1;
            if page["hasMore"] == false {
                return (rows, next, pages);
            }
            from = Some(next);
        }
    }
}

/// What may stand in a query.
pub fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}
