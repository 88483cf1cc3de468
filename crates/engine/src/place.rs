//! Places of work: how much a process does at once. Whoever waits for somebody else's answer gives its place up meanwhile,
//! so that an upstream that is slow costs its own tenant time and nobody else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The places of a worker.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    /// Whether somebody would take a place who found none.
    is_wanted: Arc<AtomicBool>,
    given_up: Arc<Notify>,
}

impl Places {
    pub fn new(count: usize) -> Self {
        let free = Arc::new(Semaphore::new(count));
        Self { free, is_wanted: Arc::default(), given_up: Arc::default() }
    }

    /// The places that are free, at most `most` of them. Where there is none, [`Places::given_up`] tells of the next one.
    pub fn take(&self, most: usize) -> Vec<Place> {
        let free = || self.free.clone().try_acquire_owned().ok();
        let taken: Vec<OwnedSemaphorePermit> = std::iter::from_fn(free).take(most).collect();
        self.is_wanted.store(taken.is_empty(), Ordering::SeqCst);
        let place = |permit| Place { places: self.clone(), held: Mutex::new(Some(permit)) };
        taken.into_iter().map(place).collect()
    }

    /// Waits until a place is given up that was wanted.
    #[crate::boxed]
    pub async fn given_up(&self) {
        self.given_up.notified().await;
    }
}

/// A place of work; free again once it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Place {
    /// Waits for somebody else's answer without a place, and then for one: in the order of arrival.
    pub async fn away<T>(&self, answer: impl Future<Output = T>) -> T {
        self.hold(None);
        if self.places.is_wanted.swap(false, Ordering::SeqCst) {
            self.places.given_up.notify_one();
        }
        let answer = answer.await;
        // The semaphore is never closed.
        self.hold(self.places.free.clone().acquire_owned().await.ok());
        answer
    }

    fn hold(&self, place: Option<OwnedSemaphorePermit>) {
        // Nothing that panics is done under the lock; were it poisoned, what is in it is still a place or none.
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_is_away_leaves_the_place_to_others() {
        let places = Places::new(1);
        let first = places.take(4);
        assert_eq!((first.len(), places.take(4).len()), (1, 0));
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let away = first[0].away(told);
        let other = async {
            places.given_up().await;
            let second = places.take(4);
            assert_eq!(second.len(), 1);
            drop(second);
            tell.send(()).unwrap();
        };
        let (answer, ()) = tokio::join!(away, other);
        answer.unwrap();
        assert!(places.take(4).is_empty(), "the first is back at its place");
    }
}
