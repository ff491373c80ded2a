//! Screens first: SQL's threads rest while a picture is made for the screens, and an instant after some work.
//!
//! `SCHED_IDLE` alone (see [`crate::priority`]) lets a thread of the stream that wakes up take the core of one of SQL's.
//! But one that waits on the other core, behind threads of the stream and of NATS, is not moved to a core on which SQL
//! runs: the system looks for work to move when a core has nothing to do, which while statements run is never. With
//! the rests it is, above all when a picture is due.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A batch that is begun within this time before a picture is due would still be on its way then: the first of a group of
/// rows in a file unpacks a page of each column.
const BEFORE: Duration = Duration::from_millis(10);
/// A picture that is not made so long after it was due is waited for no longer: nothing may have changed.
const AFTER_MAX: Duration = Duration::from_millis(20);
/// While a picture is made, one who waits for its end looks so often.
const LOOK: Duration = Duration::from_micros(500);
/// The instant between two portions of work, while pictures are made.
const INSTANT: Duration = Duration::from_micros(50);
/// So long a thread works before it rests for an instant, at least: what is over sooner does not rest.
const WORK: Duration = Duration::from_micros(500);
/// So long after a picture was due, and none after it, there is nothing to give way to.
const OVER: Duration = Duration::from_millis(500);

thread_local! {
    /// When this thread rested last.
    static RESTED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// When the next picture is due, as who makes them tells SQL's threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Screens(Arc<Next>);

#[derive(Debug)]
struct Next {
    since: Instant,
    /// Microseconds after `since`; 0: never told.
    due_us: AtomicU64,
}

impl Default for Screens {
    fn default() -> Self {
        Self(Arc::new(Next { since: Instant::now(), due_us: AtomicU64::new(0) }))
    }
}

impl Screens {
    /// The next picture is due then, if anything changes until then.
    pub fn next_due(&self, due: Instant) {
        let us = due.saturating_duration_since(self.0.since).as_micros();
        self.0.due_us.store(u64::try_from(us).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Rests, if there is something to give way to: to be called between two batches.
    pub(crate) fn give_way(&self) {
        loop {
            // Who makes pictures tells when the next is due once one is made.
            let due = Duration::from_micros(self.0.due_us.load(Ordering::Relaxed));
            let now = self.0.since.elapsed();
            let Some(rest) = rest(now, due, now.saturating_sub(RESTED.get())) else { return };
            sleep(rest);
            RESTED.set(self.0.since.elapsed());
        }
    }
}

/// How long to rest now with the next picture due then, by a thread that rested last so long ago, before it looks again;
/// None: not at all.
fn rest(now: Duration, due: Duration, worked: Duration) -> Option<Duration> {
    if due.is_zero() || now > due + OVER {
        return None;
    }
    if now < due && now + BEFORE > due {
        return Some(due.saturating_sub(now) + LOOK);
    }
    if now >= due && now < due + AFTER_MAX {
        return Some(LOOK);
    }
    (worked >= WORK).then_some(INSTANT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn statements_rest_around_a_picture_and_else_an_instant_after_some_work() {
        assert_eq!(rest(ms(1_000), ms(1_100), ms(1)), Some(INSTANT));
        assert_eq!(rest(ms(1_000), ms(1_100), ms(0)), None, "what is over at once does not rest");
        assert_eq!(rest(ms(1_097), ms(1_100), ms(0)), Some(ms(3) + LOOK));
        assert_eq!(rest(ms(1_101), ms(1_100), ms(0)), Some(LOOK), "it is being made");
        assert_eq!(rest(ms(1_101), ms(1_350), ms(0)), None, "it is made");
        assert_eq!(rest(ms(1_120), ms(1_100), ms(5)), Some(INSTANT), "none was needed");
    }

    #[test]
    fn nobody_rests_where_no_pictures_are_made() {
        assert_eq!(rest(ms(1_000), ms(0), ms(9)), None, "none was ever made");
        assert_eq!(rest(ms(9_000), ms(1_100), ms(9)), None, "the last was long ago");
    }

    #[test]
    fn who_makes_pictures_is_heard_by_all_threads() {
        let screens = Screens::default();
        let heard = screens.clone();
        screens.next_due(Instant::now() + ms(2));
        let begun = Instant::now();
        let resting = std::thread::spawn(move || {
            heard.give_way();
            begun.elapsed()
        });
        while begun.elapsed() < ms(4) {
            std::thread::yield_now();
        }
        screens.next_due(begun + ms(250));
        assert!(resting.join().unwrap() >= ms(4), "it rested until the picture was made");
    }
}
