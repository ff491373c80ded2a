//! What any engine must do with a scan: read its line and find its person and its venue.

use super::runner::timed;
use crate::city::{self, Row, Size};
use crate::report::{Report, median};
use rustc_hash::FxHashMap;
use std::hint::black_box;
use std::time::Duration;
use vonglau_core::event::{Event, Scan};

const BATCH_SCANS: usize = 64;
const CHUNKS: usize = 8;

#[derive(Debug, Default)]
struct Interned(FxHashMap<Box<str>, u32>);

impl Interned {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(name.into(), number);
        number
    }
}

/// Compares with a loop that reads the journal's lines and interns: `step_floor_ratio`; and with interning alone.
pub fn compare(size: Size, rows: &[Row], idle: &[f64], report: &mut Report) {
    let (mut people, mut venues) = (Interned::default(), Interned::default());
    (0..size.people).for_each(|n| _ = people.number(&city::person(n)));
    let mut intern = |scan: &Scan| black_box(people.number(&scan.person) ^ venues.number(&scan.venue));
    let (mut reading, mut interning) = (Vec::new(), Vec::new());
    for chunk in rows.chunks(size.chunk_scans).take(CHUNKS) {
        let (mut read, mut known) = (Duration::ZERO, Duration::ZERO);
        for batch in chunk.chunks(BATCH_SCANS) {
            let events: Vec<Event> = batch.iter().map(|row| row.event()).collect();
            let lines: Vec<String> = events.iter().map(Event::journaled).collect();
            known += timed(|| scans(&events).for_each(|scan| _ = intern(scan))).0;
            read += timed(|| {
                let events = lines.iter().filter_map(|line| Event::scan_from_journaled(line.as_bytes()).ok());
                events.for_each(|event| scans(&[event]).for_each(|scan| _ = intern(scan)));
            })
            .0;
        }
        let count = f64::from(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
        reading.push(count / read.as_secs_f64());
        interning.push(count / known.as_secs_f64());
    }
    report.add("floor_decode_intern_events_s", "events/s", &reading);
    report.add("floor_intern_events_s", "events/s", &interning);
    report.add("step_floor_ratio", "of the floor", [median(idle) / median(&reading)]);
}

fn scans(events: &[Event]) -> impl Iterator<Item = &Scan> {
    events.iter().filter_map(|event| if let Event::Scan(scan) = event { Some(scan) } else { None })
}
