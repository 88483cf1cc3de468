//! The made-up ServiceTitan, in a process of its own that is told over a pipe what to do.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use doorstep_core::Clock as _;
use doorstep_sim::{Clock, Fault, Options, Rule, Sim, Size, Stamp};
use serde::{Deserialize, Serialize};

use crate::house::WallClock;

/// What kind of world.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Made {
    /// Customers of each tenant; each has three jobs.
    pub customers: u32,
    pub tenants: usize,
    /// Whether it keeps to the vendor's limit of requests.
    pub is_limited: bool,
    /// Rows of a page of a feed.
    pub page: usize,
}

/// A business of the world, as whoever connects it must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Business {
    pub number: i64,
    pub client_id: String,
    pub client_secret: String,
    pub app_key: String,
}

#[derive(Serialize, Deserialize)]
struct Hello {
    url: String,
    businesses: Vec<Business>,
}

/// What is said over the pipe.
#[derive(Serialize, Deserialize)]
enum Order {
    /// How many were asked since the last time.
    Count,
    /// Answers to these businesses take so many milliseconds.
    Slow(Vec<i64>, u64),
}

/// What was asked.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Asked {
    pub requests: usize,
    /// Those that were too many.
    pub refused: usize,
}

/// A world that runs until it is dropped.
pub struct World {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub url: String,
    pub businesses: Vec<Business>,
}

impl World {
    pub fn start(made: Made) -> Self {
        let this = std::env::current_exe().expect("this program");
        let options = serde_json::to_string(&made).expect("options");
        let mut command = Command::new(this);
        command.args(["world", &options]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process for the world");
        let orders = child.stdin.take().expect("a pipe");
        let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("a line");
        let Hello { url, businesses } = serde_json::from_str(&line).expect("where the world is");
        Self { child, orders, answers, url, businesses }
    }

    /// What was asked since this was called last.
    pub fn asked(&mut self) -> Asked {
        serde_json::from_str(&self.told(&Order::Count)).expect("how many")
    }

    pub fn slow(&mut self, businesses: Vec<i64>, milliseconds: u64) {
        self.told(&Order::Slow(businesses, milliseconds));
    }

    fn told(&mut self, order: &Order) -> String {
        writeln!(self.orders, "{}", serde_json::to_string(order).expect("an order")).expect("the pipe takes it");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("a line");
        line
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Nothing else is to be done where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the world, until nobody listens.
#[tokio::main(worker_threads = 2)]
pub async fn serve(options: &str) {
    let made: Made = serde_json::from_str(options).expect("options");
    let now = || Stamp::from_micros(WallClock::default().now().micros());
    let options = Options {
        seed: 7,
        size: Size::of(made.customers),
        tenants: made.tenants,
        clock: Clock::following(Arc::new(now)),
        is_limited: made.is_limited,
        ..Options::default()
    };
    let sim = Sim::start(options).await.expect("the world listens");
    sim.faults(|faults| faults.manners.export_size = made.page);
    let businesses = sim.world(|world| {
        let business = |it: &doorstep_sim::world::Tenant| Business {
            number: it.number,
            client_id: it.credentials.client_id.clone(),
            client_secret: it.credentials.client_secret.clone(),
            app_key: it.credentials.app_key.clone(),
        };
        world.tenants().iter().map(business).collect()
    });
    let hello = Hello { url: sim.base_url(), businesses };
    println!("{}", serde_json::to_string(&hello).expect("a line"));
    // Orders are read where waiting stops nobody.
    tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            println!("{}", obey(&sim, serde_json::from_str(&line).expect("an order")));
        }
    })
    .await
    .expect("orders are read");
}

fn obey(sim: &Sim, order: Order) -> String {
    match order {
        Order::Count => {
            let log = sim.log();
            sim.clear_log();
            let refused = log.iter().filter(|entry| entry.status == 429).count();
            serde_json::to_string(&Asked { requests: log.len(), refused }).expect("a line")
        }
        Order::Slow(numbers, milliseconds) => {
            for number in numbers {
                let matching = format!("/tenant/{number}/");
                sim.fault(Rule { fault: Fault::Slow(milliseconds), matching, after: 0, times: None });
            }
            "{}".to_owned()
        }
    }
}
