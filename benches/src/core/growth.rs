//! The city scans four times as much until the whole window is so: 200 M visits.

use super::fill::Filled;
use super::runner::Runner;
use super::trace::{self, Traced};
use crate::city::{self, Size};
use crate::report::{Report, median, rss_bytes};

const GROWTH: u32 = 4;
const GIB: f64 = 1_073_741_824.0;
/// Speed is taken over the last days.
const DAYS_MEASURED: u32 = 2;

/// `gib_at_200m`, `bytes_per_row_more`, `growth_ratio`; `first_day` is the first that is not yet told.
pub fn grow(
    runner: &mut Runner,
    size: Size,
    first_day: u32,
    (filled, traced): (&Filled, &[Traced]),
    empty_bytes: f64,
    report: &mut Report,
) {
    let mut speeds = Vec::new();
    let large = Size { visits_a_day: size.visits_a_day * GROWTH, ..size };
    let end = first_day + size.days;
    for day in first_day..end {
        runner.phase = format!("growing, day {day}");
        let rows = city::day(large, day, large.visits_a_day);
        let chunks = runner.day(large, &rows);
        super::progress(&format!("day {day}: {:.0} scans/s", median(&chunks)));
        if day + DAYS_MEASURED >= end {
            speeds.extend(chunks);
        }
    }
    let bytes = rss_bytes();
    let rows_more = u32::try_from(runner.situation.rows() - filled.rows).unwrap_or(u32::MAX);
    report.add("gib_at_200m", "GiB", [(bytes - empty_bytes) / GIB]);
    report.add("bytes_per_row_more", "B", [(bytes - filled.full_bytes) / f64::from(rows_more)]);
    report.add("step_200m_events_s", "events/s", &speeds);
    let step_ratio = median(&speeds) / median(&filled.idle);
    let traced_now = trace::again(runner, large, end);
    let row_ratio = trace::ns_per_row(traced) / trace::ns_per_row(&traced_now);
    report.add("trace_200m_ns_per_row", "ns", [trace::ns_per_row(&traced_now)]);
    report.put("growth_ratio", "of 50M", step_ratio.min(row_ratio), &[step_ratio, row_ratio]);
}
