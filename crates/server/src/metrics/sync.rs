//! What the readings of live sources came to.

use std::fmt::{self, Write};
use std::time::Duration;

use doorstep_engine::sync::{BOUNDS_SECONDS, Metered};

/// As Prometheus reads it; `lag` is how late the source is that is most overdue.
pub(super) fn write(metered: &Metered, lag: Duration, into: &mut String) -> fmt::Result {
    let name = "doorstep_sync_runs_total";
    writeln!(into, "# HELP {name} Runs of live sources that are over, by what came of them.\n# TYPE {name} counter")?;
    for (outcome, count) in &metered.runs {
        writeln!(into, "{name}{{outcome=\"{outcome}\"}} {count}")?;
    }
    let name = "doorstep_sync_run_seconds";
    writeln!(into, "# HELP {name} How long runs of live sources took.\n# TYPE {name} histogram")?;
    let mut below = 0;
    for (bound, own) in BOUNDS_SECONDS.iter().zip(metered.took.buckets) {
        below += own;
        writeln!(into, "{name}_bucket{{le=\"{bound}\"}} {below}")?;
    }
    writeln!(into, "{name}_bucket{{le=\"+Inf\"}} {}", metered.took.count)?;
    writeln!(into, "{name}_sum {}\n{name}_count {}", metered.took.sum.as_secs_f64(), metered.took.count)?;
    let name = "doorstep_sync_records_total";
    writeln!(into, "# HELP {name} Rows of those runs, by what became of them.\n# TYPE {name} counter")?;
    let rows = &metered.rows;
    let outcomes = [
        ("new", rows.new),
        ("changed", rows.changed),
        ("unchanged", rows.unchanged),
        ("gone", rows.gone),
        ("skipped", rows.skipped),
        ("failed", rows.failed),
    ];
    for (outcome, count) in outcomes {
        writeln!(into, "{name}{{outcome=\"{outcome}\"}} {count}")?;
    }
    let name = "doorstep_sync_due_lag_seconds";
    writeln!(into, "# HELP {name} How late the source is that is most overdue, of all tenants.\n# TYPE {name} gauge")?;
    writeln!(into, "{name} {}", lag.as_secs_f64())
}
