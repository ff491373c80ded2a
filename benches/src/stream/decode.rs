//! The decoding of journaled scans alone, on one core.

use super::float;
use super::plant::own_used;
use super::replay::LINES;
use super::scans::Scans;
use crate::report::Report;
use std::hint::black_box;
use vonglau_ingest::{JournalMessage, JournalSubject, decode_message};

const MESSAGES: usize = 2_000;
const ROUNDS: usize = 7;

pub fn measure(report: &mut Report) {
    let mut scans = Scans::new(20_000_000);
    let message = |seq| JournalMessage {
        seq,
        received_ms: 0,
        source: vonglau_ingest::Source::Http,
        subject: JournalSubject::Scan,
        payload: scans.message(LINES),
    };
    let messages: Vec<_> = (0..MESSAGES as u64).map(message).collect();
    let rate = |_| {
        let used = own_used().cpu_s;
        for message in &messages {
            decode_message(message, |event| drop(black_box(event)));
        }
        float((MESSAGES * LINES) as u64) / (own_used().cpu_s - used)
    };
    report.add("decode_events_s", "1/s", (0..ROUNDS).map(rate).collect::<Vec<f64>>());
}
