//! What the retention edge is about to pass, as it stands right before: for whoever keeps it.
//!
//! The border, when the edge moves to E:
//! - A scan before E is in here; one at E or later stays with the situation. Scans before E are refused from then on, so
//!   each scan taken is in exactly one of both.
//! - A visit that begins before E is in here as it stood, cut at E. The situation forms its visits anew from the scans at
//!   E or later, so none of its visits begins before E: those of one person never overlap across the border. What such
//!   a visit would have lasted past E is nowhere, as the rule of retention has it.
//! - Of the meetings that are listed right before, what lies before E is in here; a pair that meets later too has that
//!   with the situation, as the visits formed anew make it.

use crate::moment::{Moment, Parts, Registers};
use crate::rules::EDGE_S;
use crate::situation::Situation;
use crate::time::{Day, Time};

/// The city right before the edge moves.
#[derive(Debug)]
pub struct Passed {
    /// Where the edge was; before the first scan where it had not been set.
    pub from: Time,
    /// Where it goes.
    pub to: Time,
    /// The `now` that moves it.
    pub at: Time,
    /// All rows as they stand; without names until [`Passed::named`].
    pub moment: Moment,
}

/// One day that the edge passes: from 04:00 local of its date to 04:00 of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedDay {
    pub day: Day,
    pub from: Time,
    pub to: Time,
    /// Where the edge goes: visits end there at the latest.
    pub edge: Time,
}

impl Situation {
    /// From now on what the edge passes is put aside for [`Situation::take_passed`].
    pub fn keep_passed(&mut self) {
        self.keeps_passed = true;
    }

    /// What the edge is passing, once, as soon as `take` has said `More` for it.
    pub fn take_passed(&mut self) -> Option<Passed> {
        self.passed.take()
    }

    /// Puts aside what lies before the new edge, before any of it is gone.
    pub(crate) fn put_passed_aside(&mut self, to: Time) {
        let Some(at) = self.now.filter(|_| self.keeps_passed) else { return };
        let moment = self.moment(Registers::default(), Parts { cases: true, events: true, followed: false });
        if let Some(from) = moment.first_begin().filter(|from| *from < to) {
            self.passed = Some(Passed { from: from.max(self.edge), to, at, moment });
        }
    }
}

impl Passed {
    /// With names for the numbers of its people and venues.
    #[must_use]
    pub fn named(self, registers: Registers) -> Self {
        Self { moment: self.moment.named(registers), ..self }
    }

    /// The days passed, in order.
    pub fn days(&self) -> Vec<PassedDay> {
        let zone = &self.moment.params().zone;
        let begin = |day: Day| zone.at(day, EDGE_S);
        let mut day = zone.day(self.from);
        if begin(day) > self.from {
            day = day.plus(-1);
        }
        let mut days = Vec::new();
        while begin(day) < self.to {
            let to = begin(day.plus(1)).min(self.to);
            days.push(PassedDay { day, from: begin(day), to, edge: self.to });
            day = day.plus(1);
        }
        days
    }
}
