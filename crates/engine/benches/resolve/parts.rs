//! What resolving spends its time on: its spans, added up.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use doorstep_engine::resolve::TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// By part, how long and how often.
type Sums = BTreeMap<&'static str, (Duration, u64)>;

/// The parts of what is done now, and of all that was done since they were last told.
#[derive(Clone, Default)]
pub struct Parts {
    now: Arc<Mutex<Sums>>,
    all: Arc<Mutex<Sums>>,
}

impl Parts {
    /// Listens from now on.
    pub fn listen() -> Self {
        let parts = Self::default();
        let subscriber = tracing_subscriber::registry().with(parts.clone());
        tracing::subscriber::set_global_default(subscriber).expect("nobody listens yet");
        parts
    }

    /// Takes what was done to the rest.
    pub fn add(&self) {
        self.add_if(false);
    }

    /// The same, and tells it where it is asked for.
    pub fn add_if(&self, told: bool) -> Option<String> {
        let now = std::mem::take(&mut *self.now.lock().expect("a lock"));
        let mut all = self.all.lock().expect("a lock");
        for (part, (time, times)) in &now {
            let sum = all.entry(part).or_default();
            *sum = (sum.0 + *time, sum.1 + times);
        }
        told.then(|| words(&now, 1))
    }

    /// Tells the rest, for each of so many transactions, and begins again.
    pub fn say(&self, transactions: usize) {
        let all = std::mem::take(&mut *self.all.lock().expect("a lock"));
        eprintln!("{}", words(&all, transactions.max(1)));
    }

    fn note(&self, part: &'static str, time: Duration, times: u64) {
        let mut now = self.now.lock().expect("a lock");
        let sum = now.entry(part).or_default();
        *sum = (sum.0 + time, sum.1 + times);
    }
}

fn words(sums: &Sums, transactions: usize) -> String {
    let mut text = String::new();
    for (part, (time, times)) in sums {
        let each = time.as_secs_f64() * 1e3 / transactions as f64;
        let _ = match time.is_zero() {
            true => write!(text, "{part} {:.1}; ", *times as f64 / transactions as f64),
            false => write!(text, "{part} {each:.2} ms; "),
        };
    }
    text
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Parts {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == TARGET
    }

    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Instant::now());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(began) = span.extensions().get::<Instant>() {
            self.note(span.name(), began.elapsed(), 1);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Counts(self));
    }
}

/// Numbers that an event tells.
struct Counts<'a>(&'a Parts);

impl Visit for Counts<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.note(field.name(), Duration::ZERO, value);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
