//! The situation as the driver holds it, and what its calls cost in thread CPU time.

use crate::city::{Row, Size};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::time::Duration;
use vonglau_core::batch::Batch;
use vonglau_core::event::Event;
use vonglau_core::figure::Figure;
use vonglau_core::params::Params;
use vonglau_core::situation::{F2, Progress, Situation};
use vonglau_core::time::Time;
use vonglau_core::view::{Area, Delta, View};
use vonglau_core::wards::WardMap;

/// Events that are stepped together.
const BATCH_EVENTS: usize = 64;

/// CPU time of this thread.
fn cpu_now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn spent_since(begin: Duration) -> Duration {
    cpu_now().saturating_sub(begin)
}

/// How long a call takes in CPU time, and what it gives.
pub fn timed<T>(call: impl FnOnce() -> T) -> (Duration, T) {
    let begin = cpu_now();
    let value = call();
    (spent_since(begin), value)
}

/// The longest call so far, and when it was.
#[derive(Clone, Debug, Default)]
pub struct Longest {
    pub took: Duration,
    pub during: String,
}

impl Longest {
    fn note(&mut self, took: Duration, phase: &str, now: Option<Time>) {
        if took > self.took {
            *self = Self { took, during: format!("{phase}, {}", now.unwrap_or(Time(0))) };
        }
    }

    /// In milliseconds.
    pub fn ms(&self) -> f64 {
        self.took.as_secs_f64() * 1e3
    }
}

/// The situation, its picture and its costs.
#[derive(Debug)]
pub struct Runner {
    pub situation: Situation,
    view: View,
    deltas: Vec<Delta>,
    /// The longest batch of steps or slice of work.
    pub pause: Longest,
    /// The longest picture.
    pub picture: Longest,
    /// Spent in slices of long work so far: above all the F2 of full hours.
    pub long: Duration,
    /// What is being measured.
    pub phase: String,
}

impl Runner {
    pub fn new(params: &Arc<Params>) -> Self {
        Self {
            situation: Situation::new(Arc::clone(params), Arc::new(WardMap::new(&params.wards))),
            view: View::new(params.districts.len(), params.wards.len()),
            deltas: Vec::new(),
            pause: Longest::default(),
            picture: Longest::default(),
            long: Duration::ZERO,
            phase: String::new(),
        }
    }

    /// Steps some events (64 at most) as the driver does, until all is worked in.
    pub fn batch(&mut self, events: Vec<Event>) -> Duration {
        let begin = cpu_now();
        let mut batch = Batch::from_iter(events);
        self.situation.look_up(&mut batch);
        let mut since = begin;
        loop {
            let is_busy = self.situation.is_busy();
            let progress = self.situation.take(&mut batch, &mut self.deltas);
            let now = cpu_now();
            self.pause.note(now.saturating_sub(since), &self.phase, self.situation.now());
            if is_busy {
                self.long += now.saturating_sub(since);
            }
            since = now;
            if progress == Progress::Done {
                self.fold();
                return spent_since(begin);
            }
        }
    }

    /// Steps events of any number, 64 at a time.
    pub fn batches(&mut self, events: impl Iterator<Item = Event>) -> Duration {
        let mut events = events;
        let mut spent = Duration::ZERO;
        loop {
            let batch: Vec<Event> = events.by_ref().take(BATCH_EVENTS).collect();
            if batch.is_empty() {
                return spent;
            }
            spent += self.batch(batch);
        }
    }

    /// Brings the picture up to date.
    pub fn settle(&mut self, f2: F2) -> Duration {
        let begin = cpu_now();
        self.situation.settle(f2, &mut self.deltas);
        self.fold();
        let spent = spent_since(begin);
        if f2 == F2::IfCheap {
            self.picture.note(spent, &self.phase, self.situation.now());
        }
        spent
    }

    /// Scans and one picture after them: scans per second, but for the slices of long work. What a full hour shows is
    /// worked out once an hour of event time, whatever the rate of scans, and told by itself.
    pub fn chunk(&mut self, rows: &[Row]) -> f64 {
        let long = self.long;
        let spent = self.batches(rows.iter().map(|row| row.event())) + self.settle(F2::IfCheap);
        let spent = spent.saturating_sub(self.long.saturating_sub(long));
        f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) / spent.as_secs_f64()
    }

    /// A whole day chunk by chunk: the scans per second of each full one.
    pub fn day(&mut self, size: Size, rows: &[Row]) -> Vec<f64> {
        let full = rows.len() >= size.chunk_scans;
        let speeds = rows.chunks(size.chunk_scans).map(|rows| (rows.len(), self.chunk(rows)));
        speeds.filter(|(scans, _)| *scans == size.chunk_scans || !full).map(|(_, speed)| speed).collect()
    }

    /// A figure of the city as the picture shows it.
    pub fn city(&self, figure: Figure) -> i64 {
        self.view.area(Area::City).and_then(|shown| shown.now[figure as usize]).unwrap_or_default()
    }

    fn fold(&mut self) {
        self.view.fold(self.deltas.drain(..));
    }
}
