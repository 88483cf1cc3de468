//! What runs brought, as bars: drawn here, coloured by the style sheet, and told in words for who cannot see it.

use doorstep_core::sync::{Run, State};

use super::count;

/// Height of the drawing.
const HEIGHT: u64 = 40;
/// From the left of one bar to that of the next.
const STEP: u64 = 8;
/// Width of a bar.
const BAR: u64 = 6;

/// One run.
pub(super) struct Bar {
    pub x: u64,
    pub y: u64,
    pub width: u64,
    pub height: u64,
    /// Its class: how it ended.
    pub kind: &'static str,
}

/// Some runs, the oldest on the left. Without any there is none to draw.
pub(super) struct Chart {
    pub bars: Vec<Bar>,
    pub width: u64,
    pub height: u64,
    pub words: String,
}

impl Chart {
    /// Of runs as they are listed, the newest first. A run that brought nothing is a line, one that failed as well.
    pub fn of(runs: &[Run]) -> Self {
        let brought = |run: &Run| {
            let totals = run.totals();
            totals.new + totals.changed + totals.gone
        };
        let most = runs.iter().map(brought).max().unwrap_or_default();
        let bar = |(place, run): (u64, &Run)| {
            // The first reading brings thousands and those after it a few: by the root both are seen.
            let share = if most == 0 { 0.0 } else { (brought(run) as f64 / most as f64).sqrt() };
            let height = ((share * HEIGHT as f64).round() as u64).clamp(2, HEIGHT);
            let kind = match run.state {
                State::Failed | State::Incomplete => "bad",
                State::Canceled => "plain",
                State::Waiting | State::Running | State::Finished => "ok",
            };
            Bar { x: place * STEP, y: HEIGHT - height, width: BAR, height, kind }
        };
        let bars: Vec<Bar> = (0..).zip(runs.iter().rev()).map(bar).collect();
        let failed = bars.iter().filter(|bar| bar.kind == "bad").count() as u64;
        let words = format!(
            "The last {} runs, the newest on the right: at most {} new, changed or gone in one; {} failed or read in part.",
            count(bars.len() as u64),
            count(most),
            count(failed)
        );
        Self { width: (bars.len() as u64 * STEP).max(STEP), height: HEIGHT, bars, words }
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::Timestamp;
    use doorstep_core::id::{ConnectionId, RunId};
    use doorstep_core::sync::{Cause, Counts, Report, StreamReport};
    use doorstep_core::tenant::Actor;

    use super::*;

    fn run(new: u64, state: State) -> Run {
        let report = StreamReport { counts: Counts { new, ..Counts::default() }, ..StreamReport::default() };
        Run {
            id: RunId::from_uuid(Default::default()),
            connection: ConnectionId::from_uuid(Default::default()),
            cause: Cause::Schedule,
            actor: Actor::Worker,
            state,
            sweeps: false,
            removes_missing: false,
            stream: None,
            report: Report::from([("customers".to_owned(), report)]),
            problem_count: 0,
            reason: None,
            created_at: Timestamp::from_micros(0),
            started_at: None,
            finished_at: None,
        }
    }

    #[test]
    fn bars_stand_in_the_order_of_time_and_within_the_drawing() {
        let chart = Chart::of(&[run(0, State::Failed), run(25, State::Finished), run(100, State::Finished)]);
        let drawn: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.y, bar.height, bar.kind)).collect();
        assert_eq!(drawn, [(0, 0, 40, "ok"), (8, 20, 20, "ok"), (16, 38, 2, "bad")]);
        assert!(chart.words.contains("at most 100") && chart.words.contains("1 failed"), "{}", chart.words);
        assert!(Chart::of(&[]).bars.is_empty());
        assert_eq!(Chart::of(&[run(0, State::Finished)]).bars[0].height, 2);
    }
}
