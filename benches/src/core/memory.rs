//! What the people and the venues cost by themselves.

use super::runner::Runner;
use crate::city::{self, Size};
use crate::report::{Report, rss_bytes};

/// Tells the registry and makes everybody known: `bytes_per_person`.
pub fn people(runner: &mut Runner, size: Size, report: &mut Report) {
    "people and venues".clone_into(&mut runner.phase);
    let empty_bytes = rss_bytes();
    let spent = runner.batches(city::registry(size));
    report.add("registry_events_s", "events/s", [f64::from(size.venues) / spent.as_secs_f64()]);
    let per_venue = (rss_bytes() - empty_bytes) / f64::from(size.venues);
    report.add("bytes_per_venue", "B", [per_venue]);
    (0..size.people).for_each(|person| runner.situation.know(&city::person(person)));
    let per_person = (rss_bytes() - empty_bytes) / f64::from(size.people);
    report.add("bytes_per_person", "B", [per_person]);
}
