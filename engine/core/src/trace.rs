//! Tracing: from a case's cuts to everybody who met it, straight from the rows of the venues.

use crate::cases::Episode;
use crate::contacts::{Cut, Meeting, listed, long, short};
use crate::rows::{Class, ContactRow};
use crate::situation::Situation;
use crate::store::Stay;
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

/// Somebody's stay beside a cut of a case, in the seconds that they shared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    pub person: u32,
    from: u32,
    to: u32,
    /// Place in the case's cuts.
    cut: u32,
}

/// A case to be traced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tracing<'a> {
    city: &'a Situation,
    case: u32,
    cuts: &'a [Cut],
    episodes: &'a [Episode],
    now: Time,
}

impl Situation {
    /// All contacts of a case, in no order; None if the person is no case.
    pub fn trace(&self, person: &str) -> Option<Vec<Traced>> {
        let case = self.people.known(person).filter(|person| self.cases.is_case(*person))?;
        let tracing = self.tracing(case, self.now?);
        let beside = tracing.beside();
        let (mut contacts, mut meetings) = (Vec::with_capacity(beside.len()), Vec::new());
        for pair in beside.chunk_by(|a, b| a.person == b.person) {
            if !tracing.is_too_short(pair) {
                meetings.clear();
                meetings.extend(tracing.meetings(pair));
                contacts.extend(tracing.sum_up(pair[0].person, &meetings));
            }
        }
        Some(contacts)
    }

    /// The pseudonym of a person traced.
    pub fn pseudonym(&self, person: u32) -> Box<str> {
        self.people.name(person)
    }

    pub(crate) fn tracing(&self, case: u32, now: Time) -> Tracing<'_> {
        Tracing {
            city: self,
            case,
            cuts: self.contacts.cuts.of(case),
            episodes: self.cases.episodes(case),
            now,
        }
    }
}

impl Tracing<'_> {
    /// The stays of everybody who met the case, listed or not, by person and time.
    pub fn beside(&self) -> Vec<Beside> {
        let mut beside = Vec::new();
        let first = |cut: &Cut| cut.start.plus(-self.city.venues.visit_max(cut.venue));
        self.city.store.warm_stays(self.cuts.iter().map(|cut| (cut.venue, first(cut), cut.reach)));
        for (n, cut) in (0..).zip(self.cuts) {
            self.city.each_stay(cut.venue, cut.start, cut.reach, |stay| {
                let (from, to) = (stay.start.max(cut.start), stay.end.min(cut.reach));
                if stay.person != self.case {
                    beside.push(Beside { person: stay.person, from: short(from), to: short(to), cut: n });
                }
            });
        }
        by_person(beside, self.city.people.len())
    }

    /// Is it plain that no meeting with this person is listed? Most met the case once.
    fn is_too_short(&self, pair: &[Beside]) -> bool {
        matches!(pair, [only] if i64::from(only.to - only.from) < self.city.rules.bound())
    }

    /// The meetings of such stays, with whom.
    pub fn meetings<'a>(&'a self, beside: &'a [Beside]) -> impl Iterator<Item = (u32, Meeting)> + 'a {
        beside.iter().filter_map(|beside| {
            let stay = Stay { person: beside.person, start: long(beside.from), end: long(beside.to) };
            let meeting = Meeting::of(&self.cuts[beside.cut as usize], &stay, &self.city.rules);
            meeting.map(|meeting| (beside.person, meeting))
        })
    }

    /// One contact, from all the meetings; None if none is listed.
    fn sum_up(&self, person: u32, meetings: &[(u32, Meeting)]) -> Option<Traced> {
        let now = self.now;
        let mut sum = Traced {
            person,
            is_case: self.city.cases.is_case(person),
            first: Time(i64::MAX),
            last: Time(i64::MIN),
            seconds: 0,
            indirect_seconds: 0,
            score_sum: 0,
        };
        for meeting in listed(meetings, now, &self.city.rules) {
            let (all, direct) = (meeting.seconds(now), meeting.direct_seconds(now));
            sum.seconds += direct;
            sum.indirect_seconds += all - direct;
            sum.first = sum.first.min(meeting.first());
            sum.last = sum.last.max(meeting.last().min(now));
            let episode = self.episodes.get(meeting.episode());
            let weight = episode.map(|episode| self.city.weight(episode, meeting.venue, meeting.first()));
            sum.score_sum += i128::from(all) * weight.unwrap_or_default();
        }
        (sum.first < sum.last).then_some(sum)
    }

    /// As [`Situation::trace`] for one contact, with its overlaps.
    pub fn row(&self, pair: &[Beside]) -> Option<ContactRow> {
        let meetings: Vec<_> = self.meetings(pair).collect();
        let sum = self.sum_up(pair.first()?.person, &meetings)?;
        let mut overlaps = Vec::new();
        for meeting in listed(&meetings, self.now, &self.city.rules) {
            let parts = meeting.parts(self.now);
            overlaps.extend(parts.map(|(span, indirect)| self.city.overlap(meeting.venue, span, indirect)));
        }
        overlaps.sort();
        Some(ContactRow {
            person: self.city.name(sum.person),
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

/// Sorts stays by person and time: first into about as many drawers as there are stays, by the person's number (below
/// `people`), then each drawer, which seldom holds more than two or three.
fn by_person(stays: Vec<Beside>, people: u32) -> Vec<Beside> {
    let Some(any) = stays.first().copied() else { return stays };
    let bits = |n: usize| usize::BITS - n.leading_zeros();
    let shift = bits(people as usize).saturating_sub(bits(stays.len()));
    let drawer = |stay: &Beside| (stay.person >> shift) as usize;
    // Where each drawer's next stay goes: at first its begin, in the end that of the one after.
    let mut next = vec![0_u32; (people >> shift) as usize + 2];
    for stay in &stays {
        next[drawer(stay) + 1] += 1;
    }
    let mut sum = 0;
    for begin in &mut next {
        sum += *begin;
        *begin = sum;
    }
    let mut sorted = vec![any; stays.len()];
    for stay in &stays {
        let place = &mut next[drawer(stay)];
        sorted[*place as usize] = *stay;
        *place += 1;
    }
    let mut begin = 0;
    for end in next.into_iter().map(|end| end as usize) {
        sorted[begin..end].sort_unstable_by_key(|stay| u64::from(stay.person) << 32 | u64::from(stay.from));
        begin = end;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_sort_as_a_plain_sort_does() {
        for (stays, people) in
            [(0_u32, 10_u32), (1, 1), (7, 1_000_000), (5_000, 3), (5_000, 1_000), (5_000, 1 << 26)]
        {
            let stay = |n: u32| {
                let drawn = n.wrapping_mul(2_654_435_761);
                Beside { person: drawn % people, from: drawn.rotate_left(9), to: n, cut: n }
            };
            let all: Vec<Beside> = (0..stays).map(stay).collect();
            let mut due: Vec<(u32, u32)> = all.iter().map(|stay| (stay.person, stay.from)).collect();
            due.sort_unstable();
            let sorted = by_person(all, people);
            assert_eq!(sorted.iter().map(|stay| (stay.person, stay.from)).collect::<Vec<_>>(), due);
        }
    }
}
