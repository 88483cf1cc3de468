//! What calls need of the world but the network: the time, chance, and waiting.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::Clock;

/// A wait that is being waited.
pub type Sleeping = Pin<Box<dyn Future<Output = ()> + Send>>;
type Random = dyn Fn() -> u64 + Send + Sync;
type Sleep = dyn Fn(Duration) -> Sleeping + Send + Sync;

/// The time, chance, and waiting, passed in so that tests turn them.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    random: Arc<Random>,
    sleep: Arc<Sleep>,
}

impl Surroundings {
    /// The real wait, with this clock and this source of random numbers.
    pub fn new(clock: Arc<dyn Clock>, random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let sleep = |length| -> Sleeping { Box::pin(tokio::time::sleep(length)) };
        Self { clock, random: Arc::new(random), sleep: Arc::new(sleep) }
    }

    /// The same with another way to wait: tests turn their clock instead.
    #[must_use]
    pub fn sleeping(self, sleep: impl Fn(Duration) -> Sleeping + Send + Sync + 'static) -> Self {
        Self { sleep: Arc::new(sleep), ..self }
    }

    /// Waits.
    pub(crate) fn sleep(&self, length: Duration) -> Sleeping {
        (self.sleep)(length)
    }

    /// A length of time somewhere between none and `most`, each as likely.
    pub(crate) fn up_to(&self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros((self.random)() % micros.saturating_add(1).max(1))
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("clock", &self.clock).finish_non_exhaustive()
    }
}
