//! The core at city scale: one situation is filled, loaded with cases, and grown, and every call of it is timed.

mod cases;
mod disorder;
mod fill;
mod floor;
mod growth;
mod kinds;
mod memory;
mod runner;
mod trace;

use crate::city::{self, Size};
use crate::report::{Report, rss_bytes};
use std::sync::Arc;
use vonglau_core::params::Params;

pub use cases::{Case, Loads, drawn};
#[cfg(feature = "dataflow")]
pub use cases::{Load, ONSET_DAYS_AGO};
pub use runner::Runner;
#[cfg(feature = "dataflow")]
pub use runner::timed;
pub use trace::{Traced, WINDOW_DAYS};

/// Days told after the window is full: few cases, isolated, about, idle again.
const LOAD_DAYS: u32 = 4;

/// What the comparisons need.
#[derive(Debug)]
pub struct Ours {
    pub loads: Loads,
    pub traced: Vec<Traced>,
    /// Seconds since the city's first day at which it was traced.
    pub traced_at: u32,
}

/// Measures the core.
///
/// # Errors
/// When the core does not take back what a correction takes back.
pub fn run(params: &Arc<Params>, size: Size, report: &mut Report) -> anyhow::Result<Ours> {
    let empty_bytes = rss_bytes();
    let mut runner = Runner::new(params);
    memory::people(&mut runner, size, report);
    let filled = fill::fill(&mut runner, size, empty_bytes, report);
    let traced = trace::trace(&mut runner, size, report);
    let now = runner.situation.now().unwrap_or(city::START);
    let traced_at = u32::try_from(now.0 - city::START.0).unwrap_or_default();
    kinds::change(&mut runner, report);
    let loads = cases::loads(&mut runner, size, &filled, report)?;
    if size.grows {
        let grown_from = (&filled, traced.as_slice());
        growth::grow(&mut runner, size, size.days + LOAD_DAYS, grown_from, empty_bytes, report);
    }
    let last_day = city::day(size, size.days - 1, size.visits_a_day);
    floor::compare(size, &last_day, &filled.idle, report);
    drop(last_day);
    report.put("step_pause_max_ms", "ms", runner.pause.ms(), &[runner.pause.ms()]);
    report.put("picture_max_ms", "ms", runner.picture.ms(), &[runner.picture.ms()]);
    progress(&format!("longest pause: {}; longest picture: {}", runner.pause.during, runner.picture.during));
    Ok(Ours { loads, traced, traced_at })
}

#[expect(clippy::print_stderr, reason = "progress of a long measurement")]
fn progress(line: &str) {
    eprintln!("{line}");
}
