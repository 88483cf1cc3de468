//! Questions that come while one is on its way to the store are put together: one look answers all of them.
//!
//! A look at the store costs little for what it finds and much for the way there and back, to another thread or another
//! machine. Nobody is told anything older for it: a question goes with a look that begins after it was asked.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorstep_core::TenantId;
use tokio::sync::oneshot;

use crate::error::Result;

/// Questions of one look at most.
const MAX_TOGETHER: usize = 50;
/// Who may wait for a look of one tenant; whoever comes then looks alone.
const MAX_WAITING: usize = 1_000;

/// A look on its way: what it found of each question, in their order.
pub(super) type Look<'a, A> = Pin<Box<dyn Future<Output = Result<Vec<A>>> + Send + 'a>>;

/// What somebody who waits is told.
enum Turn<A> {
    /// The answer.
    Answer(A),
    /// To look, for all who wait.
    Look,
}

type Waiting<Q, A> = VecDeque<(Q, oneshot::Sender<Turn<A>>)>;

/// Who waits for a look, by tenant. A tenant is in here as long as somebody looks.
pub(super) struct Gather<Q, A> {
    of: Mutex<HashMap<TenantId, Waiting<Q, A>>>,
}

impl<Q, A> Default for Gather<Q, A> {
    fn default() -> Self {
        Self { of: Mutex::default() }
    }
}

/// How somebody comes to an answer.
enum Way<'a, Q, A> {
    /// Nobody looks yet.
    Look(Looking<'a, Q, A>),
    /// Somebody looks, and after that the next.
    Wait(Waiter<'a, Q, A>),
    /// Too many wait.
    Alone,
}

impl<Q: Clone, A> Gather<Q, A> {
    /// The answer to a question. `look` is given several, and says of each in their order what it found.
    ///
    /// # Errors
    /// What `look` says, asked for this question alone or with others.
    pub(super) async fn ask<'a>(
        &self,
        tenant: TenantId,
        question: Q,
        look: impl Fn(Vec<Q>) -> Look<'a, A> + Send + Sync,
    ) -> Result<Option<A>> {
        let turn = match self.way(tenant, &question) {
            Way::Look(looking) => Some((looking, VecDeque::new())),
            Way::Wait(mut waiter) => match (&mut waiter.turn).await {
                Ok(Turn::Answer(answer)) => return Ok(Some(answer)),
                Ok(Turn::Look) => Some((Looking { gather: self, tenant }, self.others(tenant))),
                // Whoever looked found nothing out, or is gone.
                Err(_) => None,
            },
            Way::Alone => None,
        };
        let Some((_looking, others)) = turn else { return Ok(look(vec![question]).await?.pop()) };
        let (mut questions, mut askers) = (vec![question], Vec::with_capacity(others.len()));
        for (question, asker) in others {
            questions.push(question);
            askers.push(asker);
        }
        let mut answers = look(questions).await?.into_iter();
        let own = answers.next();
        for (answer, asker) in answers.zip(askers) {
            // Whoever has gone in the meantime wants no answer.
            let _ = asker.send(Turn::Answer(answer));
        }
        Ok(own)
    }

    fn way(&self, tenant: TenantId, question: &Q) -> Way<'_, Q, A> {
        let mut all = self.all();
        let Some(waiting) = all.get_mut(&tenant) else {
            all.insert(tenant, VecDeque::new());
            return Way::Look(Looking { gather: self, tenant });
        };
        if waiting.len() >= MAX_WAITING {
            return Way::Alone;
        }
        let (asker, turn) = oneshot::channel();
        waiting.push_back((question.clone(), asker));
        Way::Wait(Waiter { gather: self, tenant, turn })
    }

    /// Those who go with a look that is about to begin.
    fn others(&self, tenant: TenantId) -> Waiting<Q, A> {
        let mut all = self.all();
        let Some(waiting) = all.get_mut(&tenant) else { return VecDeque::new() };
        waiting.drain(..waiting.len().min(MAX_TOGETHER - 1)).collect()
    }
}

impl<Q, A> Gather<Q, A> {
    fn all(&self) -> MutexGuard<'_, HashMap<TenantId, Waiting<Q, A>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next of a tenant look, if anybody waits.
    fn pass_on(&self, tenant: TenantId) {
        let mut all = self.all();
        while let Some((_, next)) = all.get_mut(&tenant).and_then(VecDeque::pop_front) {
            // Whoever has gone in the meantime cannot look.
            if next.send(Turn::Look).is_ok() {
                return;
            }
        }
        all.remove(&tenant);
    }
}

/// Somebody who looks; when that has ended, however it has, the next may.
struct Looking<'a, Q, A> {
    gather: &'a Gather<Q, A>,
    tenant: TenantId,
}

impl<Q, A> Drop for Looking<'_, Q, A> {
    fn drop(&mut self) {
        self.gather.pass_on(self.tenant);
    }
}

/// Somebody who waits.
struct Waiter<'a, Q, A> {
    gather: &'a Gather<Q, A>,
    tenant: TenantId,
    turn: oneshot::Receiver<Turn<A>>,
}

impl<Q, A> Drop for Waiter<'_, Q, A> {
    /// Whoever goes when it was their turn to look lets the next.
    fn drop(&mut self) {
        self.turn.close();
        if let Ok(Turn::Look) = self.turn.try_recv() {
            self.gather.pass_on(self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;
    use tokio::task::{JoinHandle, yield_now};

    use super::*;
    use crate::error::Error;

    /// A store that answers a number with twice as much, once it is let.
    #[derive(Clone, Default)]
    struct Store {
        gather: Arc<Gather<u32, u32>>,
        looks: Arc<Mutex<Vec<Vec<u32>>>>,
        failures: Arc<AtomicUsize>,
        gate: Arc<Gate>,
    }

    struct Gate(Semaphore);

    impl Default for Gate {
        fn default() -> Self {
            Self(Semaphore::new(0))
        }
    }

    impl Store {
        fn ask(&self, number: u32) -> JoinHandle<Result<Option<u32>>> {
            self.ask_of(1, number)
        }

        fn ask_of(&self, tenant: i64, number: u32) -> JoinHandle<Result<Option<u32>>> {
            let store = self.clone();
            tokio::spawn(async move {
                let look = |numbers: Vec<u32>| -> Look<'_, u32> { Box::pin(store.look(numbers)) };
                store.gather.ask(TenantId::from_number(tenant), number, look).await
            })
        }

        async fn look(&self, numbers: Vec<u32>) -> Result<Vec<u32>> {
            self.looks.lock().unwrap().push(numbers.clone());
            self.gate.0.acquire().await.unwrap().forget();
            let fails = |left: usize| left.checked_sub(1);
            if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
                return Err(Error::BadName("no answer".to_owned()));
            }
            Ok(numbers.into_iter().map(|number| number * 2).collect())
        }

        fn let_look(&self, times: usize) {
            self.gate.0.add_permits(times);
        }

        /// Until nobody has anything to do but wait.
        async fn settle(&self) {
            for _ in 0..100 {
                yield_now().await;
            }
        }

        fn looks(&self) -> Vec<Vec<u32>> {
            self.looks.lock().unwrap().clone()
        }

        fn assert_nobody_waits(&self) {
            assert!(self.gather.all().is_empty(), "somebody is still said to look");
        }
    }

    /// Whoever waits for ever does not hold up the test.
    async fn answer(asked: JoinHandle<Result<Option<u32>>>) -> u32 {
        for _ in 0..10_000 {
            if asked.is_finished() {
                break;
            }
            yield_now().await;
        }
        assert!(asked.is_finished(), "nobody answers");
        asked.await.unwrap().unwrap().unwrap()
    }

    #[tokio::test]
    async fn whoever_comes_while_one_looks_goes_with_the_next_look() {
        let store = Store::default();
        let first = store.ask(1);
        store.settle().await;
        let more: Vec<_> = (2..=9).map(|number| store.ask(number)).collect();
        let other = store.ask_of(2, 7);
        store.settle().await;
        assert_eq!(store.looks(), [vec![1], vec![7]], "another tenant's question waits for nobody");
        store.let_look(3);
        assert_eq!((answer(first).await, answer(other).await), (2, 14));
        for (asked, number) in more.into_iter().zip(2..) {
            assert_eq!(answer(asked).await, number * 2);
        }
        assert_eq!(store.looks()[2..], [(2..=9).collect::<Vec<_>>()]);
        store.settle().await;
        store.assert_nobody_waits();
    }

    #[tokio::test]
    async fn a_look_is_bounded_and_so_are_those_who_wait() {
        let store = Store::default();
        let asked: Vec<_> = (0..=(MAX_WAITING + 3) as u32).map(|number| store.ask(number)).collect();
        store.settle().await;
        assert_eq!(store.looks().len(), 4, "one looks, and those for whom there is no room look alone");
        store.let_look(1_000);
        for (asked, number) in asked.into_iter().zip(0..) {
            assert_eq!(answer(asked).await, number * 2);
        }
        assert!(store.looks().iter().all(|look| look.len() <= MAX_TOGETHER));
        assert_eq!(store.looks().len(), 4 + MAX_WAITING / MAX_TOGETHER);
        store.assert_nobody_waits();
    }

    #[tokio::test]
    async fn whoever_goes_leaves_nobody_waiting() {
        let store = Store::default();
        let (first, second, third) = (store.ask(1), store.ask(2), store.ask(3));
        store.settle().await;
        // The one who looks goes, and the next after it was told to look and before it has begun to.
        first.abort();
        second.abort();
        store.settle().await;
        store.let_look(1);
        assert_eq!(answer(third).await, 6);
        let (fourth, fifth) = (store.ask(4), store.ask(5));
        store.settle().await;
        fifth.abort();
        store.settle().await;
        store.let_look(1);
        assert_eq!(answer(fourth).await, 8);
        store.settle().await;
        store.assert_nobody_waits();
    }

    #[tokio::test]
    async fn a_look_that_fails_is_one_askers_failure() {
        let store = Store::default();
        let (first, second, third) = (store.ask(1), store.ask(2), store.ask(3));
        store.settle().await;
        store.failures.store(2, Ordering::SeqCst);
        store.let_look(3);
        assert!(first.await.unwrap().is_err());
        assert!(second.await.unwrap().is_err());
        assert_eq!(answer(third).await, 6);
        assert_eq!(store.looks(), [vec![1], vec![2, 3], vec![3]]);
        store.settle().await;
        store.assert_nobody_waits();
    }
}
