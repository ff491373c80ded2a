//! How long a message takes: received by the journal → applied → sent to the screens.
//!
//! A frame may go no sooner than so long after the one before it; `received_ready` leaves that waiting out: it is what
//! the service itself takes, to apply the message and then to make the picture and the frame.

use crate::clock::now_us;
use hdrhistogram::Histogram;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vonglau_dashboard::port::Observer;

/// Longer is recorded as this: ten minutes.
const LATENCY_US_MAX: u64 = 600_000_000;
/// Messages applied whose frames are not out; the oldest are let go, as when nobody looks.
const MARKS_MAX: usize = 4_096;
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 1.0];

/// The histograms since the start, without what a replay brought.
#[derive(Debug)]
pub struct Latency(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    received_applied: Histogram<u64>,
    applied_sent: Histogram<u64>,
    received_ready: Histogram<u64>,
    received_sent: Histogram<u64>,
    marks: VecDeque<Mark>,
}

/// A message that is applied and not yet sent.
#[derive(Debug)]
struct Mark {
    seq: u64,
    received_us: i64,
    applied_us: i64,
}

impl Latency {
    /// # Errors
    /// Never with these bounds; the library says so at run time only.
    pub fn new() -> Result<Self, hdrhistogram::CreationError> {
        let empty = || Histogram::new_with_bounds(1, LATENCY_US_MAX, 3);
        Ok(Self(Mutex::new(Inner {
            received_applied: empty()?,
            applied_sent: empty()?,
            received_ready: empty()?,
            received_sent: empty()?,
            marks: VecDeque::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message that the journal received then is applied now.
    pub fn applied(&self, seq: u64, received_us: i64, applied_us: i64) {
        let mut inner = self.lock();
        inner.received_applied.saturating_record(between(received_us, applied_us));
        if inner.marks.len() == MARKS_MAX {
            inner.marks.pop_front();
        }
        inner.marks.push_back(Mark { seq, received_us, applied_us });
    }

    /// The frames of this position are out now; making them took so long from when they were due.
    pub fn sent(&self, seq: u64, sent_us: i64, made_in_us: i64) {
        let mut inner = self.lock();
        while let Some(mark) = inner.marks.pop_front_if(|mark| mark.seq <= seq) {
            inner.applied_sent.saturating_record(between(mark.applied_us, sent_us));
            inner.received_sent.saturating_record(between(mark.received_us, sent_us));
            let held_us = (sent_us - made_in_us - mark.applied_us).max(0);
            inner.received_ready.saturating_record(between(mark.received_us, sent_us - held_us));
        }
    }

    /// The histograms as Prometheus summaries.
    pub fn write(&self, out: &mut String) {
        let inner = self.lock();
        let name = "vonglau_latency_seconds";
        let _ = writeln!(out, "# HELP {name} Message received by the journal, applied, sent to the screens.");
        let _ = writeln!(out, "# TYPE {name} summary");
        for (stage, histogram) in [
            ("received_applied", &inner.received_applied),
            ("applied_sent", &inner.applied_sent),
            ("received_ready", &inner.received_ready),
            ("received_sent", &inner.received_sent),
        ] {
            for quantile in QUANTILES {
                let value = seconds(histogram.value_at_quantile(quantile));
                let _ = writeln!(out, "{name}{{stage=\"{stage}\",quantile=\"{quantile}\"}} {value}");
            }
            let sum = histogram.mean() * count(histogram.len()) / 1e6;
            let _ = writeln!(out, "{name}_sum{{stage=\"{stage}\"}} {sum}");
            let _ = writeln!(out, "{name}_count{{stage=\"{stage}\"}} {}", histogram.len());
        }
    }
}

impl Observer for Latency {
    fn frame_sent(&self, stream_seq: u64, made_in: Duration) {
        let made_in_us = i64::try_from(made_in.as_micros()).unwrap_or(i64::MAX / 2);
        self.sent(stream_seq, now_us(), made_in_us);
    }
}

/// Microseconds; 0 where two clocks disagree.
fn between(from_us: i64, to_us: i64) -> u64 {
    u64::try_from(to_us - from_us).unwrap_or_default()
}

fn seconds(us: u64) -> f64 {
    count(us) / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of ten minutes and counts are below 2^53")]
fn count(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_the_next_frame_is_left_out_of_what_the_service_takes() {
        let latency = Latency::new().unwrap();
        latency.sent(0, 1_000_000, 0);
        latency.applied(1, 1_100_000, 1_102_000);
        latency.sent(1, 1_253_000, 3_000);
        let mut out = String::new();
        latency.write(&mut out);
        assert!(
            out.contains("vonglau_latency_seconds{stage=\"received_ready\",quantile=\"0.5\"} 0.005"),
            "{out}"
        );
    }

    #[test]
    fn a_frame_tells_the_latency_of_all_messages_up_to_it() {
        let latency = Latency::new().unwrap();
        for seq in 1..=3 {
            latency.applied(seq, 1_000, 3_000);
        }
        latency.sent(2, 8_000, 0);
        let mut out = String::new();
        latency.write(&mut out);
        assert!(out.contains("count{stage=\"received_applied\"} 3"), "{out}");
        assert!(out.contains("count{stage=\"applied_sent\"} 2"), "{out}");
        assert!(
            out.contains("vonglau_latency_seconds{stage=\"applied_sent\",quantile=\"0.5\"} 0.005"),
            "{out}"
        );
    }
}
