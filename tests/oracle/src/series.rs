//! Counts by local bins of time.

use crate::picture::Picture;
use std::collections::BTreeMap;
use vonglau_core::ask::{Answer, SERIES_ITEMS_MAX, SeriesAsked, SeriesName, Step};
use vonglau_core::time::{HOUR, MINUTE, Time, Zone};
use vonglau_core::view::Area;

/// The start of the local minute.
pub fn minute_start(zone: &Zone, at: Time) -> Time {
    at.plus(-zone.second_of_day(at).rem_euclid(MINUTE))
}

/// The start of the local bin that holds a moment.
fn bin_start(zone: &Zone, step: Step, at: Time) -> Time {
    match step {
        Step::Minute => minute_start(zone, at),
        Step::Hour => zone.hour_floor(at),
        Step::Day => zone.at(zone.day(at), 0),
    }
}

/// The start of the bin after the one that starts here.
fn next_bin(zone: &Zone, step: Step, start: Time) -> Time {
    match step {
        Step::Minute => start.plus(MINUTE),
        Step::Hour => zone.hour_floor(start.plus(HOUR)),
        Step::Day => zone.at(zone.day(start).plus(1), 0),
    }
}

/// Distinct scans of an area, counted under the bin each belongs to.
pub fn scans_by(
    picture: &Picture<'_>,
    area: Area,
    bin: impl Fn(Time) -> Option<Time>,
) -> BTreeMap<Time, u64> {
    let mut counts = BTreeMap::new();
    for scan in picture.held.scans.iter().filter(|scan| picture.place(&scan.venue).lies_in(area)) {
        if let Some(bin) = bin(scan.at) {
            *counts.entry(bin).or_default() += 1;
        }
    }
    counts
}

/// Local bins named by their start, zeros included, begin in [from, to), no bin begins after `now`; `shown` is a
/// figure as it was shown at a full hour.
pub fn series(
    picture: &Picture<'_>,
    asked: &SeriesAsked,
    shown: impl Fn(Time) -> Option<Option<i64>>,
) -> Answer {
    let (zone, step) = (&picture.params.zone, asked.step);
    let bin = |at: Time| bin_start(zone, step, at);
    let counts = match asked.name {
        SeriesName::Scans => scans_by(picture, asked.area, |at| Some(bin(at))),
        SeriesName::F0New => reports_by(picture, asked.area, bin),
        SeriesName::Shown(_) => BTreeMap::new(),
    };
    let value = |start: Time| match asked.name {
        SeriesName::Shown(_) => last_shown(zone, step, start, &shown),
        _ => counts.get(&start).map_or(Some(0), |count| i64::try_from(*count).ok()),
    };
    let mut start = bin(asked.from);
    if start < asked.from {
        start = next_bin(zone, step, start);
    }
    let mut items = Vec::new();
    while start < asked.to && start <= picture.now {
        if items.len() == SERIES_ITEMS_MAX {
            return Answer::TooLong;
        }
        items.push((start, value(start)));
        start = next_bin(zone, step, start);
    }
    Answer::Series(items)
}

/// Episodes by their report, where the person lives.
fn reports_by(picture: &Picture<'_>, area: Area, bin: impl Fn(Time) -> Time) -> BTreeMap<Time, u64> {
    let mut counts = BTreeMap::new();
    for (person, episodes) in picture.dossiers.f0s() {
        if picture.residence(person).lies_in(area) {
            for episode in episodes {
                *counts.entry(bin(episode.reported)).or_default() += 1;
            }
        }
    }
    counts
}

/// At full hours: `hour` its own, `day` its last full hour that was shown.
fn last_shown(
    zone: &Zone,
    step: Step,
    start: Time,
    shown: impl Fn(Time) -> Option<Option<i64>>,
) -> Option<i64> {
    if step != Step::Day {
        return shown(start).flatten();
    }
    let mut hour = zone.hour_floor(next_bin(zone, step, start).plus(-1));
    while hour >= start {
        if let Some(figure) = shown(hour) {
            return figure;
        }
        hour = zone.hour_floor(hour.plus(-1));
    }
    None
}
