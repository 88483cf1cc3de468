//! Work on many values on all processors, with the outcome that one would have.

use std::num::NonZero;

/// Most threads; more are held up by the memory.
const MAX_THREADS: usize = 8;

/// Does a part of the work on every processor; what each part came to, in order.
pub fn parts<T: Sync, R: Send>(all: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    /// Fewer are not worth a thread.
    const FEW: usize = 20_000;
    let parts = std::thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
    if all.len() < FEW || parts == 1 {
        return vec![work(all)];
    }
    let size = all.len().div_ceil(parts);
    std::thread::scope(|scope| {
        let running: Vec<_> = all.chunks(size).map(|part| scope.spawn(|| work(part))).collect();
        // A panic of a part is one of the whole.
        running.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
