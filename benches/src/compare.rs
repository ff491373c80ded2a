//! The same job by others, on the same scans, in the same run.

#[cfg(feature = "dataflow")]
mod dataflow;
mod duckdb;
mod visits;

use crate::city::Size;
use crate::core::Ours;
use crate::report::Report;
use std::sync::Arc;
use visits::Rules;
use vonglau_core::params::Params;

/// Measures the rivals.
///
/// # Errors
/// When `DuckDB` cannot be run, or when a rival finds other contacts.
pub fn run(params: &Arc<Params>, size: Size, ours: &Ours, report: &mut Report) -> anyhow::Result<()> {
    let rules = Rules::new(params);
    duckdb::compare(&rules, size, ours, report)?;
    report.write()?;
    #[cfg(feature = "dataflow")]
    dataflow::compare(params, &rules, size, ours.loads, report)?;
    #[cfg(not(feature = "dataflow"))]
    for load in [ours.loads.few, ours.loads.many] {
        let (speed, f1) = (load.scans_s, load.f1_open);
        progress(&format!("{speed:.0} scans/s with {f1} F1: no rival, as this was built without `dataflow`"));
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress of a long measurement")]
fn progress(line: &str) {
    eprintln!("{line}");
}
