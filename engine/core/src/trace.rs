//! Tracing: from a case's cuts to everybody who met it, straight from the rows of the venues.

use crate::cases::Episode;
use crate::contacts::{Meeting, listed};
use crate::rows::{Class, ContactRow};
use crate::situation::Situation;
use crate::time::Time;

/// One contact of a case, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The person, for [`Situation::pseudonym`].
    pub person: u32,
    /// Is it a case itself?
    pub is_case: bool,
    /// First second of the first listed overlap, end of the last.
    pub first: Time,
    pub last: Time,
    /// Direct and indirect seconds of the listed overlaps.
    pub seconds: i64,
    pub indirect_seconds: i64,
    /// Score × 60,000,000.
    pub score_sum: i128,
}

impl Situation {
    /// All contacts of a case, in no order; None if the person is no case.
    pub fn trace(&self, person: &str) -> Option<Vec<Traced>> {
        let case = self.people.known(person).filter(|person| self.cases.is_case(*person))?;
        let now = self.now?;
        let traced = self.traced(case);
        let episodes = self.cases.episodes(case);
        let pairs = traced.chunk_by(|a, b| a.0 == b.0);
        Some(pairs.filter_map(|pair| self.sum_up(episodes, pair, now)).collect())
    }

    /// The pseudonym of a person traced.
    pub fn pseudonym(&self, person: u32) -> Box<str> {
        self.people.name(person)
    }

    /// Everybody who met a case, listed or not, with their meetings together and in order.
    pub(crate) fn traced(&self, case: u32) -> Vec<(u32, Meeting)> {
        let mut meetings = self.meetings(case, self.contacts.cuts.of(case));
        meetings.sort_unstable_by_key(|(other, meeting)| meeting.order(*other));
        meetings
    }

    /// One contact of a case, from all their meetings; None if none is listed.
    fn sum_up(&self, episodes: &[Episode], pair: &[(u32, Meeting)], now: Time) -> Option<Traced> {
        let person = pair.first()?.0;
        let mut sum = Traced {
            person,
            is_case: self.cases.is_case(person),
            first: Time(i64::MAX),
            last: Time(i64::MIN),
            seconds: 0,
            indirect_seconds: 0,
            score_sum: 0,
        };
        for meeting in listed(pair, now, &self.rules) {
            for (span, indirect) in meeting.parts(now) {
                let seconds = if indirect { &mut sum.indirect_seconds } else { &mut sum.seconds };
                *seconds += span.seconds();
                sum.first = sum.first.min(span.from);
                sum.last = sum.last.max(span.to);
            }
            let weight =
                episodes.get(meeting.episode()).map(|e| self.weight(e, meeting.venue, meeting.first()));
            sum.score_sum += i128::from(meeting.seconds(now)) * weight.unwrap_or_default();
        }
        (sum.first < sum.last).then_some(sum)
    }

    /// As [`Situation::trace`] for one contact, with its overlaps.
    pub(crate) fn contact_row(&self, case: u32, pair: &[(u32, Meeting)], now: Time) -> Option<ContactRow> {
        let sum = self.sum_up(self.cases.episodes(case), pair, now)?;
        let mut overlaps = Vec::new();
        for meeting in listed(pair, now, &self.rules) {
            let parts = meeting.parts(now);
            overlaps.extend(parts.map(|(span, indirect)| self.overlap(meeting.venue, span, indirect)));
        }
        overlaps.sort();
        Some(ContactRow {
            person: self.name(sum.person),
            first: sum.first,
            last: sum.last,
            seconds: sum.seconds,
            indirect_seconds: sum.indirect_seconds,
            overlaps,
            score_sum: sum.score_sum,
            class: if sum.is_case { Class::F0 } else { Class::F1 },
            via: Vec::new(),
        })
    }
}
