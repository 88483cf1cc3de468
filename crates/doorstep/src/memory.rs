//! Memory that is free, given back to the system.
//!
//! The allocator gives back what was free for a while when it is next asked for something large. A server that has
//! just compared a password, or finished an import, and then has nothing to do, would hold on to it for ever. So would
//! SQLite to the pages that it read.

use std::ffi::{c_int, c_long};
use std::pin::pin;
use std::time::Duration;

use doorstep_store::Db;

/// How often memory is given back: seldom enough to cost nothing, often enough that an idle server is a small one.
const EVERY: Duration = Duration::from_secs(1);

/// Gives memory back once in a while until `stop` is done.
pub async fn give_back(db: &Db, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    keep_no_free_memory();
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(EVERY) => {
                db.give_back_memory().await;
                collect();
            }
        }
    }
}

/// What a thread frees goes back at once. Otherwise the allocator leaves it to that thread to do so when it next has
/// something to do, and those of an import, and of SQLite, may have nothing for hours.
#[allow(unsafe_code, reason = "the allocator has no safe call for it")]
fn keep_no_free_memory() {
    /// `mi_option_purge_delay` (mimalloc.h, version 2): milliseconds that free memory is kept.
    const PURGE_DELAY: c_int = 15;
    unsafe extern "C" {
        fn mi_option_set(option: c_int, value: c_long);
    }
    // SAFETY: it takes numbers, the first of a known option, and may be called by any thread at any time.
    unsafe { mi_option_set(PURGE_DELAY, 0) };
}

#[allow(unsafe_code, reason = "the allocator has no safe call for it")]
fn collect() {
    unsafe extern "C" {
        /// The allocator's own (mimalloc.h), which the program is linked with.
        fn mi_collect(force: bool);
    }
    // SAFETY: it takes no pointer, keeps what is in use, and may be called by any thread at any time.
    unsafe { mi_collect(true) };
}
