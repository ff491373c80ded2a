//! What the people and the venues cost by themselves.

use super::runner::Runner;
use crate::city::{self, Row, Size, Way};
use crate::report::{Report, rss_bytes};

/// Tells the registry and makes everybody known: `bytes_per_person`.
pub fn people(runner: &mut Runner, size: Size, empty_bytes: f64, report: &mut Report) {
    "people and venues".clone_into(&mut runner.phase);
    let spent = runner.batches(city::registry(size));
    report.add("registry_events_s", "events/s", [f64::from(size.venues) / spent.as_secs_f64()]);
    know_everybody(runner, size);
    let per_person = (rss_bytes() - empty_bytes) / f64::from(size.people);
    report.add("bytes_per_person", "B", [per_person]);
}

/// Everybody is known by one checkpoint's scan on the first morning, which retention forgets later.
fn know_everybody(runner: &mut Runner, size: Size) {
    let scan = |person| Row { at: person / 100_000, person, way: Way::Checkpoint, venue: size.venues - 1 };
    runner.batches((0..size.people).map(|person| scan(person).event()));
}
