//! The clock's refusals, judged once, by what puts events into EVENTS. Pure: it is told what was taken.

use std::sync::Arc;
use vonglau_core::edge;
use vonglau_core::event::Kind;
use vonglau_core::params::{Clock, Params};
use vonglau_core::time::{MINUTE, Time};

/// How far ahead of `now` an event may lie.
const AHEAD_SECONDS_MAX: i64 = 10 * MINUTE;

const TOO_OLD: &str =
    "too old: the scan lies before the retention edge, upload scans within the days that are kept";
const AHEAD: &str = "more than 10 minutes ahead of the city's clock: set the sender's clock right";
const NO_TICKS: &str = "ticks are taken under the simulated clock only: leave it out";
const TICK_LATE: &str = "not later than the last tick: send ticks in order, each once";

/// Judges events by `now`.
#[derive(Debug)]
pub struct ClockJudge {
    params: Arc<Params>,
    /// From what is in EVENTS for sure.
    now: Option<Time>,
    /// `now` as it will be once all that was let pass is in EVENTS.
    coming: Option<Time>,
}

/// `now` and the edge as they were before a request or a message of INBOX, in the order of the stream.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    is_null: bool,
    edge: Option<Time>,
    server_time: Time,
}

/// Who sends a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Producer,
    /// The service itself, under the clock `wall`.
    Service,
}

/// Field and reason.
pub type Wrong = (&'static str, &'static str);

impl ClockJudge {
    pub const fn new(params: Arc<Params>) -> Self {
        Self { params, now: None, coming: None }
    }

    /// `now`, none before the first event (or tick).
    pub const fn now(&self) -> Option<Time> {
        self.now
    }

    /// What the next request is held against.
    pub fn before(&self, server_time: Time) -> Before {
        let edge = self.coming.map(|now| edge(&self.params, now));
        Before { is_null: self.coming.is_none(), edge, server_time }
    }

    /// Lets an event pass, and gives what `now` is moved to by it. To be asked in the order of the stream.
    ///
    /// # Errors
    /// Field and reason where the clock refuses it.
    pub fn judge(
        &mut self,
        before: Before,
        kind: Kind,
        at: Time,
        sender: Sender,
    ) -> Result<Option<Time>, Wrong> {
        if kind == Kind::Tick {
            self.judge_tick(at, sender)?;
        } else if !before.is_null {
            if self.reach(before).is_some_and(|now| at > now.plus(AHEAD_SECONDS_MAX)) {
                return Err(("at", AHEAD));
            }
            if kind == Kind::Scan && before.edge.is_some_and(|edge| at < edge) {
                return Err(("at", TOO_OLD));
            }
        }
        let moves_to = (self.params.clock == Clock::Events || kind == Kind::Tick).then_some(at);
        self.coming = self.coming.max(moves_to);
        Ok(moves_to)
    }

    /// What nothing may lie far ahead of; a tick that goes before it in the same request counts.
    fn reach(&self, before: Before) -> Option<Time> {
        match self.params.clock {
            Clock::Events => None,
            Clock::Simulated => self.coming,
            // After a cut the last tick is as old as the cut, until the next in a second.
            Clock::Wall => self.coming.max(Some(before.server_time)),
        }
    }

    fn judge_tick(&self, at: Time, sender: Sender) -> Result<(), Wrong> {
        let own = match sender {
            Sender::Producer => Clock::Simulated,
            Sender::Service => Clock::Wall,
        };
        if self.params.clock != own {
            return Err(("kind", NO_TICKS));
        }
        if self.coming.is_some_and(|last| at <= last) { Err(("at", TICK_LATE)) } else { Ok(()) }
    }

    /// Something that moves `now` there is in EVENTS.
    pub fn taken(&mut self, moved_to: Option<Time>) {
        self.now = self.now.max(moved_to);
        self.coming = self.coming.max(self.now);
    }

    /// Something that was let pass did not get into EVENTS: its tick may come again.
    pub const fn lost(&mut self) {
        self.coming = self.now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_params::params;

    fn judge(clock: Clock) -> ClockJudge {
        ClockJudge::new(Arc::new(Params { clock, ..params() }))
    }

    fn at(text: &str) -> Time {
        Time::parse_utc(text).unwrap()
    }

    fn verdict(judge: &mut ClockJudge, kind: Kind, time: &str) -> Result<(), Wrong> {
        judge.judge(judge.before(Time::default()), kind, at(time), Sender::Producer).map(|_| ())
    }

    #[test]
    fn while_now_is_null_nothing_is_refused() {
        for clock in [Clock::Wall, Clock::Simulated, Clock::Events] {
            let mut judge = judge(clock);
            assert_eq!(verdict(&mut judge, Kind::Scan, "2000-01-01T00:00:00Z"), Ok(()));
            assert_eq!(verdict(&mut judge, Kind::Scan, "2099-01-01T00:00:00Z"), Ok(()));
        }
    }

    #[test]
    fn a_scan_before_the_edge_is_too_old_and_one_on_it_is_not() {
        // 04:00 in Hanoi is 21:00 UTC of the day before; 21 days are kept.
        for (now, edge, before) in [
            ("2021-10-30T05:00:00Z", "2021-10-08T21:00:00Z", "2021-10-08T20:59:59Z"),
            ("2021-10-29T21:00:00Z", "2021-10-08T21:00:00Z", "2021-10-08T20:59:59Z"),
            ("2021-10-29T20:59:59Z", "2021-10-07T21:00:00Z", "2021-10-07T20:59:59Z"),
        ] {
            let mut judge = judge(Clock::Events);
            judge.taken(Some(at(now)));
            assert_eq!(verdict(&mut judge, Kind::Scan, edge), Ok(()), "{now}");
            assert_eq!(verdict(&mut judge, Kind::Scan, before), Err(("at", TOO_OLD)), "{now}");
            assert_eq!(verdict(&mut judge, Kind::Case, before), Ok(()), "{now}");
        }
    }

    #[test]
    fn too_old_goes_by_the_now_before_the_request() {
        let mut judge = judge(Clock::Events);
        let before = judge.before(Time::default());
        for time in ["2021-12-30T05:00:00Z", "2021-10-08T20:59:59Z"] {
            let verdict = judge.judge(before, Kind::Scan, at(time), Sender::Producer);
            assert_eq!(verdict, Ok(Some(at(time))));
        }
        let next = verdict(&mut judge, Kind::Scan, "2021-10-08T20:59:59Z");
        assert_eq!(next, Err(("at", TOO_OLD)), "the next request comes after, acknowledged or not");
        assert_eq!(judge.now(), None, "now itself waits for the acknowledgement");
    }

    #[test]
    fn ten_minutes_ahead_is_taken_and_a_second_more_is_not() {
        let mut judge = judge(Clock::Wall);
        judge.taken(Some(at("2021-10-15T00:00:00Z")));
        assert_eq!(verdict(&mut judge, Kind::Scan, "2021-10-15T00:10:00Z"), Ok(()));
        for kind in [Kind::Scan, Kind::Case, Kind::Venue, Kind::Command] {
            assert_eq!(verdict(&mut judge, kind, "2021-10-15T00:10:01Z"), Err(("at", AHEAD)));
        }
    }

    #[test]
    fn after_a_cut_events_of_the_present_are_not_ahead_of_the_last_tick() {
        let mut judge = judge(Clock::Wall);
        judge.taken(Some(at("2021-10-15T00:00:00Z")));
        let before = judge.before(at("2021-10-15T05:00:00Z"));
        let present = judge.judge(before, Kind::Scan, at("2021-10-15T05:00:00Z"), Sender::Producer);
        assert_eq!(present, Ok(None));
        let ahead = judge.judge(before, Kind::Scan, at("2021-10-15T05:10:01Z"), Sender::Producer);
        assert_eq!(ahead, Err(("at", AHEAD)));
    }

    #[test]
    fn under_the_clock_events_now_is_the_greatest_at_and_nothing_lies_ahead() {
        let mut judge = judge(Clock::Events);
        for time in ["2021-10-15T00:00:00Z", "2021-10-14T00:00:00Z"] {
            judge.taken(Some(at(time)));
        }
        assert_eq!(judge.now(), Some(at("2021-10-15T00:00:00Z")));
        assert_eq!(verdict(&mut judge, Kind::Scan, "2050-01-01T00:00:00Z"), Ok(()));
    }

    #[test]
    fn ticks_are_taken_in_order_under_their_own_clock_alone() {
        for clock in [Clock::Wall, Clock::Events] {
            assert_eq!(
                verdict(&mut judge(clock), Kind::Tick, "2021-10-15T00:00:00Z"),
                Err(("kind", NO_TICKS))
            );
        }
        let mut judge = judge(Clock::Simulated);
        assert_eq!(verdict(&mut judge, Kind::Tick, "2021-10-15T00:00:00Z"), Ok(()));
        assert_eq!(verdict(&mut judge, Kind::Tick, "2021-10-15T00:00:00Z"), Err(("at", TICK_LATE)));
        judge.lost();
        assert_eq!(verdict(&mut judge, Kind::Tick, "2021-10-15T00:00:00Z"), Ok(()), "it may come again");
        assert_eq!(verdict(&mut judge, Kind::Tick, "2021-11-15T00:00:00Z"), Ok(()), "however far ahead");
    }

    #[test]
    fn a_tick_moves_the_reach_of_what_follows_it_but_not_the_edge() {
        let mut judge = judge(Clock::Simulated);
        judge.taken(Some(at("2021-10-15T00:00:00Z")));
        let before = judge.before(Time::default());
        let later = at("2021-12-15T00:00:00Z");
        assert_eq!(judge.judge(before, Kind::Scan, later, Sender::Producer), Err(("at", AHEAD)));
        assert_eq!(judge.judge(before, Kind::Tick, later, Sender::Producer), Ok(Some(later)));
        assert_eq!(judge.judge(before, Kind::Scan, later, Sender::Producer), Ok(None));
        let old = at("2021-10-01T00:00:00Z");
        assert_eq!(judge.judge(before, Kind::Scan, old, Sender::Producer), Ok(None));
    }
}
