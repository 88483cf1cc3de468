//! A bar on standard error, where a person watches.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;

/// Redraws in a second: more would only cost time.
const REDRAWS_PER_SECOND: u8 = 10;

/// A bar that is gone when the work is. Nothing is drawn for `--json`, or where standard error is no terminal.
pub struct Bar {
    bar: ProgressBar,
    total: AtomicU64,
}

impl Bar {
    /// A bar that says what is being done. `unit` is `bytes` for a size, else a noun: `rows`.
    pub fn new(out: &Output, what: &str, unit: &str) -> Self {
        let target = if out.json || !out.colour_err {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND)
        };
        let numbers = match unit {
            "bytes" => "{bytes} of {total_bytes}".to_owned(),
            noun => format!("{{human_pos}} of {{human_len}} {noun}"),
        };
        let style = ProgressStyle::with_template(&format!("{{msg:<22}} {{wide_bar:.dim}} {numbers}  {{elapsed:>4}}"))
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━━ ");
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style).with_message(what.to_owned());
        Self { bar, total: AtomicU64::new(0) }
    }

    /// How far it is.
    pub fn at(&self, done: u64, total: u64) {
        if self.total.swap(total, Ordering::Relaxed) != total {
            self.bar.set_length(total);
        }
        self.bar.set_position(done);
    }

    /// Says something else in front of the bar.
    pub fn says(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// A remark above the bar.
    pub fn note(&self, out: &Output, text: &str) {
        self.bar.suspend(|| out.remark(text));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
