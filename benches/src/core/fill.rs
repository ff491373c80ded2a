//! Filling the retention window day by day; in the last days, in order and in disorder by turns.

use super::disorder::Late;
use super::runner::Runner;
use crate::city::{self, Counts, Size};
use crate::report::{Report, median, rss_bytes};

/// What filling has shown.
#[derive(Debug)]
pub struct Filled {
    /// Rows held: visits and lone scans.
    pub rows: usize,
    /// Scans per second of each chunk in time order, over the last days.
    pub idle: Vec<f64>,
    pub full_bytes: f64,
}

/// The days in which order and disorder take turns, so that both see the same state.
fn days_by_turns(size: Size) -> u32 {
    3.min(size.days / 2)
}

/// Fills the window: `bytes_per_visit`, `step_idle_events_s`, `step_disorder_ratio`.
pub fn fill(runner: &mut Runner, size: Size, empty_bytes: f64, report: &mut Report) -> Filled {
    let mut counts = Counts::default();
    let (mut idle, mut ratios, mut late) = (Vec::new(), Vec::new(), Late::default());
    for day in 0..size.days {
        runner.phase = format!("filling, day {day}");
        let rows = city::day(size, day, size.visits_a_day);
        counts.add(&rows);
        if day + days_by_turns(size) < size.days {
            let speeds = runner.day(size, &rows);
            super::progress(&format!("day {day}: {:.0} scans/s", median(&speeds)));
        } else {
            by_turns(runner, size, &rows, &mut late, &mut idle, &mut ratios);
        }
    }
    runner.chunk(&late.rest());
    let full_bytes = rss_bytes();
    report.add("step_idle_events_s", "events/s", &idle);
    report.add("step_disorder_ratio", "of idle", &ratios);
    report.add("bytes_per_visit", "B", [(full_bytes - empty_bytes) / f64::from(counts.visits)]);
    Filled { rows: runner.situation.rows(), idle, full_bytes }
}

/// A chunk in order, the next in disorder, and so on.
fn by_turns(
    runner: &mut Runner,
    size: Size,
    rows: &[city::Row],
    late: &mut Late,
    idle: &mut Vec<f64>,
    ratios: &mut Vec<f64>,
) {
    for pair in rows.chunks(size.chunk_scans * 2) {
        let (in_order, other) = pair.split_at(pair.len().min(size.chunk_scans));
        let speed = runner.chunk(in_order);
        let disordered = runner.chunk(&late.arrive(other));
        // The evening's rest is no measure.
        if other.len() == size.chunk_scans {
            idle.push(speed);
            ratios.push(disordered / speed);
        }
    }
}
