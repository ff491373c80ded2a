//! How far the engine is: written by the driver message by message, read by the status, the metrics and the gateway.

use crate::rate::Rate;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use vonglau_core::event::Kind;
use vonglau_core::time::Time;
use vonglau_dashboard::port::State;

/// Behind the stream by more than this is catching up.
const BEHIND_MS_MAX: i64 = 15_000;
/// An event that is worked in for longer than this is told as settling.
const SETTLING_AFTER_MS: i64 = 250;

/// What the driver has done so far.
#[derive(Debug, Default)]
pub struct Progress {
    done: Mutex<Done>,
    /// The last message applied, for those who wait for one.
    seq: watch::Sender<u64>,
}

/// The same at one moment.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Last message applied.
    pub seq: u64,
    /// Receive time of the oldest message that is read but not applied.
    pub oldest_waiting_ms: Option<i64>,
    pub event_time: Option<Time>,
    /// Receive time of the message applied last.
    last_ms: Option<i64>,
    /// Journal's receive time of the last scan and the last case.
    pub scan_ms: Option<i64>,
    pub case_ms: Option<i64>,
    /// Any event but ticks was ever applied.
    pub any_event: bool,
    /// Lines of the journal that could not be read.
    pub unreadable: u64,
    /// Since when a venue's record is being worked in.
    venue_since_ms: Option<i64>,
    /// Last message of EVENTS as found at start; None: NATS was not reached yet.
    start_head: Option<u64>,
    /// Where the catching up that goes on began.
    caught_up_from: Option<u64>,
    /// Since when the stream has had a message that is not read.
    unread_since_ms: Option<i64>,
    events: Rate,
    messages: Rate,
}

/// What the outside knows, to be held against [`Done`].
#[derive(Clone, Copy, Debug)]
pub struct Outside {
    /// NATS can be reached.
    pub connected: bool,
    /// Last message of EVENTS.
    pub head: u64,
    /// Messages in INBOX.
    pub inbox: u64,
    /// The server's clock.
    pub now_ms: i64,
}

/// The state that the contract names, and the figures behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub state: State,
    pub head: u64,
    pub behind_events: u64,
    pub behind_ms: u64,
    pub events_per_s: f64,
    pub stopped_since_ms: Option<i64>,
    /// Where the catching up began, and seconds left at the present rate.
    pub catch_up: Option<(u64, Option<u64>)>,
}

/// How many events of each kind a message had; ticks are none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted([u64; Kind::ALL.len()]);

impl Counted {
    /// One more.
    pub fn add(&mut self, kind: Kind) {
        if kind != Kind::Tick {
            self.0[kind as usize] += 1;
        }
    }

    fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }
}

impl Progress {
    fn lock(&self) -> MutexGuard<'_, Done> {
        // Whole values are written one by one: a panic elsewhere leaves nothing half done here.
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of EVENTS as found at start.
    pub fn starts_at(&self, head: u64) {
        self.lock().start_head.get_or_insert(head);
    }

    /// The head as found at start is applied.
    pub fn started(&self) -> bool {
        self.lock().started()
    }

    /// A message is taken up that was received then.
    pub fn taking(&self, received_ms: i64) {
        self.lock().oldest_waiting_ms = Some(received_ms);
    }

    /// A venue's record is being worked in (None: no more).
    pub fn working_in_venue(&self, since_ms: Option<i64>) {
        self.lock().venue_since_ms = since_ms;
    }

    /// Events of a message were applied.
    pub fn events(&self, counted: &Counted, received_ms: i64, now_ms: i64) {
        let count: u64 = counted.0.iter().sum();
        if count == 0 {
            return;
        }
        let mut done = self.lock();
        done.any_event = true;
        done.events.add(now_ms, count);
        if counted.of(Kind::Scan) > 0 {
            done.scan_ms = done.scan_ms.max(Some(received_ms));
        }
        if counted.of(Kind::Case) > 0 {
            done.case_ms = done.case_ms.max(Some(received_ms));
        }
    }

    /// So many messages up to this one are applied whole; the next in hand was received then.
    pub fn applied(
        &self,
        seq: u64,
        messages: usize,
        next_ms: Option<i64>,
        event_time: Option<Time>,
        unreadable: u64,
        now_ms: i64,
    ) {
        let mut done = self.lock();
        done.seq = seq;
        done.last_ms = done.oldest_waiting_ms;
        done.oldest_waiting_ms = next_ms;
        done.event_time = event_time;
        done.unreadable += unreadable;
        done.unread_since_ms = None;
        done.messages.add(now_ms, u64::try_from(messages).unwrap_or(u64::MAX));
        self.seq.send_replace(seq);
    }

    /// Waits until this message is applied.
    pub async fn reaches(&self, seq: u64) {
        // The sender lives as long as this does: only the value is waited for.
        drop(self.seq.subscribe().wait_for(|applied| *applied >= seq).await);
    }

    /// The last message applied.
    pub fn seq(&self) -> u64 {
        *self.seq.borrow()
    }

    /// What is done, held against the outside. `stopped_after_s`: seconds without scan and case.
    pub fn standing(&self, outside: Outside, stopped_after_s: i64) -> (Done, Standing) {
        let mut done = self.lock();
        let standing = done.standing(outside, stopped_after_s);
        (done.clone(), standing)
    }
}

impl Done {
    fn started(&self) -> bool {
        self.start_head.is_some_and(|head| self.seq >= head)
    }

    fn standing(&mut self, outside: Outside, stopped_after_s: i64) -> Standing {
        let head = outside.head.max(self.seq);
        let behind = head - self.seq;
        let behind_ms = self.behind_ms(behind, outside.now_ms);
        let catching_up = !self.started() || behind_ms > BEHIND_MS_MAX;
        if !catching_up {
            self.caught_up_from = None;
        }
        let from = catching_up.then(|| *self.caught_up_from.get_or_insert(self.seq));
        let settling = self.venue_since_ms.is_some_and(|since| outside.now_ms - since > SETTLING_AFTER_MS);
        let state = if !outside.connected {
            State::Cut
        } else if catching_up {
            State::CatchingUp
        } else if settling {
            State::Settling
        } else if self.any_event {
            State::Live
        } else {
            State::Waiting
        };
        let silent = |at: &i64| outside.now_ms - at > stopped_after_s * 1_000;
        Standing {
            state,
            head,
            behind_events: behind + outside.inbox,
            behind_ms: behind_ms.unsigned_abs(),
            events_per_s: self.events.per_second(outside.now_ms),
            // What came while we were away is not known before it is read.
            stopped_since_ms: self.scan_ms.max(self.case_ms).filter(|at| !catching_up && silent(at)),
            catch_up: from.map(|from| (from, self.seconds_left(behind, outside.now_ms))),
        }
    }

    /// Milliseconds since the oldest message that is not applied was received.
    fn behind_ms(&mut self, behind: u64, now_ms: i64) -> i64 {
        if behind == 0 {
            self.unread_since_ms = None;
            return 0;
        }
        // What is not even read has no receive time yet. In a replay it is about that of the last one; else it waits
        // since it was first noticed.
        let replayed = self.last_ms.filter(|_| !self.started());
        let since = match self.oldest_waiting_ms.or(replayed) {
            Some(received) => received,
            None => *self.unread_since_ms.get_or_insert(now_ms),
        };
        (now_ms - since).max(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate in whole seconds")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and held below a day"
    )]
    fn seconds_left(&self, behind: u64, now_ms: i64) -> Option<u64> {
        let rate = self.messages.per_second(now_ms);
        (rate > 0.0).then(|| (behind as f64 / rate).ceil().min(86_400.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_634_000_000_000;

    fn outside(head: u64) -> Outside {
        Outside { connected: true, head, inbox: 0, now_ms: NOW_MS }
    }

    fn one(kind: Kind) -> Counted {
        let mut counted = Counted::default();
        counted.add(kind);
        counted
    }

    fn at(progress: &Progress, outside: Outside) -> Standing {
        progress.standing(outside, 15).1
    }

    #[test]
    fn before_nats_was_reached_it_is_cut_and_then_catching_up() {
        let progress = Progress::default();
        assert_eq!(at(&progress, Outside { connected: false, ..outside(0) }).state, State::Cut);
        assert_eq!(at(&progress, outside(0)).state, State::CatchingUp);
    }

    #[test]
    fn an_empty_stream_waits_also_after_ticks() {
        let progress = Progress::default();
        progress.starts_at(0);
        assert_eq!(at(&progress, outside(0)).state, State::Waiting);
        progress.events(&one(Kind::Tick), NOW_MS, NOW_MS);
        progress.applied(1, 1, None, Some(Time(0)), 0, NOW_MS);
        assert_eq!(at(&progress, outside(1)).state, State::Waiting);
    }

    #[test]
    fn it_catches_up_until_the_head_found_at_start_is_applied() {
        let progress = Progress::default();
        progress.starts_at(2);
        progress.taking(NOW_MS - 60_000);
        progress.events(&one(Kind::Scan), NOW_MS - 60_000, NOW_MS);
        progress.applied(1, 1, Some(NOW_MS - 50_000), None, 0, NOW_MS);
        let standing = at(&progress, outside(5));
        assert_eq!(
            (standing.state, standing.behind_events, standing.behind_ms),
            (State::CatchingUp, 4, 50_000)
        );
        assert_eq!((standing.stopped_since_ms, standing.catch_up.unwrap_or_default().0), (None, 1));
        progress.applied(2, 1, Some(NOW_MS - 1_000), None, 0, NOW_MS);
        assert_eq!(at(&progress, outside(5)).state, State::Live);
    }

    #[test]
    fn fifteen_seconds_behind_is_catching_up_again() {
        let progress = Progress::default();
        progress.starts_at(0);
        progress.events(&one(Kind::Scan), NOW_MS, NOW_MS);
        progress.applied(1, 1, None, None, 0, NOW_MS);
        progress.taking(NOW_MS - 15_000);
        assert_eq!(at(&progress, outside(2)).state, State::Live);
        progress.taking(NOW_MS - 15_001);
        assert_eq!(at(&progress, outside(2)).state, State::CatchingUp);
    }

    #[test]
    fn data_stopped_when_neither_scan_nor_case_came() {
        let progress = Progress::default();
        progress.starts_at(0);
        progress.events(&one(Kind::Scan), NOW_MS - 20_000, NOW_MS);
        progress.events(&one(Kind::Venue), NOW_MS, NOW_MS);
        progress.applied(1, 1, None, None, 0, NOW_MS);
        assert_eq!(at(&progress, outside(1)).stopped_since_ms, Some(NOW_MS - 20_000));
        progress.events(&one(Kind::Case), NOW_MS - 15_000, NOW_MS);
        assert_eq!(at(&progress, outside(1)).stopped_since_ms, None);
    }
}
