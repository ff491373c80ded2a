//! Tracing: from a case's cuts to everybody who met it, straight from the rows of the venues.

use crate::cases::Episode;
use crate::contacts::{Cut, Meeting, listed, long, short};
use crate::rows::{Class, ContactRow};
use crate::rules::Rules;
use crate::situation::Situation;
use crate::store::{Stay, Store};
use crate::time::{DAY, Time};

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
    /// First second of the last listed overlap: its local date is the last exposure day to this case.
    pub last_began: Time,
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

/// What tracing must know of a city: of the situation itself, or of a moment of it.
pub(crate) trait Ground {
    fn store(&self) -> &Store;
    fn rules(&self) -> &Rules;
    /// How many people are known.
    fn people(&self) -> u32;
    /// Place of a venue's kind in the list of kinds.
    fn kind(&self, venue: u32) -> u16;
    /// The longest that a visit there can be, in seconds.
    fn visit_max(&self, venue: u32) -> i64;
    fn is_case(&self, person: u32) -> bool;

    /// Infectiousness × weight, both in thousandths, of a case's day at a venue.
    fn weight(&self, episode: &Episode, venue: u32, at: Time) -> i128 {
        let day = (at.0 - episode.score_zero().0).div_euclid(DAY);
        let weight = self.rules().venue_kind(self.kind(venue)).weight_permille;
        i128::from(self.rules().infectiousness(day)) * i128::from(weight)
    }
}

impl Ground for Situation {
    fn store(&self) -> &Store {
        &self.store
    }
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn people(&self) -> u32 {
        self.people.len()
    }
    fn kind(&self, venue: u32) -> u16 {
        self.venues.get(venue).kind
    }
    fn visit_max(&self, venue: u32) -> i64 {
        self.venues.visit_max(venue)
    }
    fn is_case(&self, person: u32) -> bool {
        self.cases.is_case(person)
    }
}

/// A case to be traced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tracing<'a, G = Situation> {
    city: &'a G,
    case: u32,
    cuts: &'a [Cut],
    episodes: &'a [Episode],
    now: Time,
    /// Of what is listed, only what lies before counts.
    until: Time,
}

impl Situation {
    /// All contacts of a case, in no order; None if the person is no case.
    pub fn trace(&self, person: &str) -> Option<Vec<Traced>> {
        let case = self.people.known(person).filter(|person| self.cases.is_case(*person))?;
        Some(self.tracing(case, self.now?).contacts())
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
            until: now,
        }
    }
}

impl<'a, G: Ground> Tracing<'a, G> {
    pub fn new(city: &'a G, case: u32, cuts: &'a [Cut], episodes: &'a [Episode], now: Time) -> Self {
        Self { city, case, cuts, episodes, now, until: now }
    }

    /// The same contacts, but of their meetings only what lies before that time.
    pub fn until(self, until: Time) -> Self {
        Self { until: self.now.min(until), ..self }
    }

    /// All contacts, in no order.
    pub fn contacts(&self) -> Vec<Traced> {
        let beside = self.beside();
        let (mut contacts, mut meetings) = (Vec::with_capacity(beside.len()), Vec::new());
        for pair in beside.chunk_by(|a, b| a.person == b.person) {
            if !self.is_too_short(pair) {
                meetings.clear();
                meetings.extend(self.meetings(pair));
                contacts.extend(self.sum_up(pair[0].person, &meetings));
            }
        }
        contacts
    }

    /// The stays of everybody who met the case, listed or not, by person and time.
    pub fn beside(&self) -> Vec<Beside> {
        let mut beside = Vec::new();
        let store = self.city.store();
        let first = |cut: &Cut| cut.start.plus(-self.city.visit_max(cut.venue));
        store.warm_stays(self.cuts.iter().map(|cut| (cut.venue, first(cut), cut.reach)));
        for (n, cut) in (0..).zip(self.cuts) {
            store.each_stay(cut.venue, cut.start, cut.reach, self.city.visit_max(cut.venue), |stay| {
                let (from, to) = (stay.start.max(cut.start), stay.end.min(cut.reach));
                if stay.person != self.case {
                    beside.push(Beside { person: stay.person, from: short(from), to: short(to), cut: n });
                }
            });
        }
        by_person(beside, self.city.people())
    }

    /// Is it plain that no meeting with this person is listed? Most met the case once.
    fn is_too_short(&self, pair: &[Beside]) -> bool {
        matches!(pair, [only] if i64::from(only.to - only.from) < self.city.rules().bound())
    }

    /// The meetings of such stays, with whom.
    pub fn meetings<'b>(&'b self, beside: &'b [Beside]) -> impl Iterator<Item = (u32, Meeting)> + 'b {
        beside.iter().filter_map(|beside| {
            let stay = Stay { person: beside.person, start: long(beside.from), end: long(beside.to) };
            let meeting = Meeting::of(&self.cuts[beside.cut as usize], &stay, self.city.rules());
            meeting.map(|meeting| (beside.person, meeting))
        })
    }

    /// One contact, from all the meetings; None if none is listed.
    fn sum_up(&self, person: u32, meetings: &[(u32, Meeting)]) -> Option<Traced> {
        let until = self.until;
        let mut sum = Traced {
            person,
            is_case: self.city.is_case(person),
            first: Time(i64::MAX),
            last: Time(i64::MIN),
            last_began: Time(i64::MIN),
            seconds: 0,
            indirect_seconds: 0,
            score_sum: 0,
        };
        for meeting in listed(meetings, self.now, self.city.rules()) {
            if meeting.first() >= until {
                continue;
            }
            let (all, direct) = (meeting.seconds(until), meeting.direct_seconds(until));
            sum.seconds += direct;
            sum.indirect_seconds += all - direct;
            sum.first = sum.first.min(meeting.first());
            sum.last = sum.last.max(meeting.last().min(until));
            sum.last_began = sum.last_began.max(meeting.first());
            let episode = self.episodes.get(meeting.episode());
            let weight = episode.map(|episode| self.city.weight(episode, meeting.venue, meeting.first()));
            sum.score_sum += i128::from(all) * weight.unwrap_or_default();
        }
        (sum.first < sum.last).then_some(sum)
    }
}

impl Tracing<'_> {
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
