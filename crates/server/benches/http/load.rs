//! The load: connections that stay open and ask one after the other, as browsers and programs do, counted and timed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing is on its way that has not come within this.
const QUIET: Duration = Duration::from_millis(20);
/// After this a load ends even if not everything was asked.
const LONGEST: Duration = Duration::from_secs(6);
/// Bytes read at once: a page of customers has some 30 KB.
const READ_BYTES: usize = 64 * 1024;

/// One connection, kept open.
pub struct Wire {
    stream: TcpStream,
    /// What was read of an answer, and what is not used of it.
    buffer: Vec<u8>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header; nothing if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Wire {
    pub async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server takes connections");
        stream.set_nodelay(true).expect("a connection of TCP");
        Self { stream, buffer: Vec::with_capacity(READ_BYTES) }
    }

    /// Asks, and reads the answer whole.
    pub async fn ask(&mut self, request: &str) -> Answer {
        let (status, head, length) = self.begin(request).await;
        let (head, body) = (self.buffer[..head].to_vec(), self.buffer[head..head + length].to_vec());
        Answer { status, head: String::from_utf8_lossy(&head).into_owned(), body }
    }

    /// Asks and reads, without a copy of the answer; its status, and the bytes of its body.
    async fn begin(&mut self, request: &str) -> (u16, usize, usize) {
        let asked = async {
            self.buffer.clear();
            self.stream.write_all(request.as_bytes()).await.expect("the server reads");
            let mut from = 0;
            let head = loop {
                self.more().await;
                let at = self.buffer[from..].windows(4).position(|four| four == b"\r\n\r\n");
                if let Some(at) = at {
                    break from + at + 4;
                }
                from = self.buffer.len().saturating_sub(3);
            };
            let (status, length) = read_head(&self.buffer[..head]);
            while self.buffer.len() < head + length {
                self.more().await;
            }
            (status, head, length)
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("an answer in time")
    }

    async fn more(&mut self) {
        self.buffer.reserve(READ_BYTES);
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
        assert!(read > 0, "the server has ended the connection");
    }

    /// Sends without waiting for an answer, and reads what comes until `wanted` is in it; when it was.
    pub async fn wait_for(&mut self, wanted: &str) -> Instant {
        let heard = async {
            while !self.buffer.windows(wanted.len()).any(|part| part == wanted.as_bytes()) {
                self.more().await;
            }
            let now = Instant::now();
            self.buffer.clear();
            now
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("`{wanted}` in time"))
    }

    /// Forgets what has come until now.
    pub async fn forget(&mut self) {
        while tokio::time::timeout(QUIET, self.more()).await.is_ok() {}
        self.buffer.clear();
    }

    /// Sends, and leaves what comes for [`Self::wait_for`].
    pub async fn send(&mut self, request: &str) {
        self.buffer.clear();
        self.stream.write_all(request.as_bytes()).await.expect("the server reads");
    }
}

/// The status and the length of the body.
fn read_head(head: &[u8]) -> (u16, usize) {
    let head = std::str::from_utf8(head).expect("a head in ASCII");
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).expect("a status");
    let lengths = head.lines().filter_map(|line| line.split_once(": "));
    let mut length = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value);
    (status, length.next_back().map_or(0, |digits| digits.parse().expect("a length")))
}

/// How a load went.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Requests answered in a second.
    pub per_second: f64,
    /// How long each took, shortest first.
    times: Vec<Duration>,
}

impl Outcome {
    /// So many of a hundred were answered within this.
    pub fn at(&self, percent: usize) -> Duration {
        self.times[(self.times.len() * percent / 100).min(self.times.len() - 1)]
    }

    /// The one in the middle of several, by requests per second.
    pub fn middle(mut several: Vec<Self>) -> Self {
        several.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        several.swap_remove(several.len() / 2)
    }
}

/// Asks `count` times, or for [`LONGEST`], over `connections` connections, `requests` in turn; each must be answered with `status`.
pub async fn run(
    address: SocketAddr,
    requests: &Arc<Vec<String>>,
    connections: usize,
    count: usize,
    status: u16,
) -> Outcome {
    let taken = Arc::new(AtomicUsize::new(0));
    let mut wires = Vec::new();
    for _ in 0..connections {
        wires.push(Wire::to(address).await);
    }
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for mut wire in wires {
        let (requests, taken) = (requests.clone(), taken.clone());
        asking.spawn(async move {
            let mut times = Vec::with_capacity(count / connections * 2);
            loop {
                let place = taken.fetch_add(1, Ordering::Relaxed);
                if place >= count || began.elapsed() > LONGEST {
                    return times;
                }
                let asked = Instant::now();
                let answered = wire.begin(&requests[place % requests.len()]).await.0;
                times.push(asked.elapsed());
                assert_eq!(answered, status, "{}", requests[place % requests.len()]);
            }
        });
    }
    let mut times: Vec<Duration> = asking.join_all().await.into_iter().flatten().collect();
    let took = began.elapsed();
    times.sort_unstable();
    Outcome { per_second: times.len() as f64 / took.as_secs_f64(), times }
}
