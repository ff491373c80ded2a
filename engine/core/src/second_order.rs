//! F2: whom an F1 met while it may have been infectious.

use crate::bits::Bits;
use crate::cases::History;
use crate::contacts::Span;
use crate::follow::Follow;
use crate::rules::Rules;
use crate::situation::Situation;
use crate::store::Stay;
use crate::time::Time;
use crate::track::Visit;
use rustc_hash::FxHashMap;

/// A meeting of an F1 with somebody who is no case and no F1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub person: u32,
    pub venue: u32,
    pub span: Span,
}

impl Situation {
    /// An F1's infectious time to a case: from midnight some days after its first exposure to this case, to its
    /// isolation, its clearing or the end of its following.
    pub(crate) fn infectious(&self, case: u32, f1: u32, follow: &Follow) -> Option<(Time, Time)> {
        let rules = &self.rules;
        let numbers = &rules.params.contacts;
        let links = self.contacts.links(f1).iter();
        let first_day = links.filter(|link| link.case == case).map(|link| link.day).min()?;
        let from = rules.midnight(first_day.plus(numbers.f1_infectious_after_days));
        let followed = rules.midnight(follow.last_exposure?.plus(numbers.f1_follow_days + 1));
        let history = self.cases.history(f1);
        let isolated = history.and_then(History::told_isolated);
        let cleared = history.and_then(|h| h.ends.iter().copied().find(|at| rules.day(*at) >= first_day));
        let end = [isolated, cleared].into_iter().flatten().fold(followed, Time::min);
        (from < end).then_some((from, end))
    }

    /// An F1's infectious times to all its cases, of those that have begun by `now`; one that holds others is enough.
    fn infectious_times(&self, f1: u32, follow: &Follow, now: Time) -> Vec<(Time, Time)> {
        let rules = &self.rules;
        let numbers = &rules.params.contacts;
        if !self.cases.is_heard_of(f1) {
            // Nothing ends them one by one: they have one end, and the first to begin holds all.
            let days = follow.first_exposure.zip(follow.last_exposure);
            let time = days.map(|(first, last)| {
                let from = rules.midnight(first.plus(numbers.f1_infectious_after_days));
                (from, rules.midnight(last.plus(numbers.f1_follow_days + 1)))
            });
            return time.filter(|(from, end)| from < end && *from < now).into_iter().collect();
        }
        let times = self.contacts.cases_of(f1).filter_map(|case| self.infectious(case, f1, follow));
        let mut times: Vec<_> = times.filter(|(from, _)| *from < now).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// Calls `found` for each meeting of at least the bound, each pair of visits alone, within the F1's `time`.
    pub(crate) fn f2_meetings(
        &self,
        f1: u32,
        visits: &[Visit],
        time: (Time, Time),
        now: Time,
        mut found: impl FnMut(Met),
    ) {
        let bound = self.rules.bound();
        for visit in visits {
            let Some(cut) = Span::shared((visit.start, visit.end.min(now)), time) else { continue };
            if cut.seconds() < bound {
                continue;
            }
            self.each_stay(visit.venue, cut.from, cut.to, |stay| {
                let shared = Span::shared((cut.from, cut.to), (stay.start, stay.end));
                let long = shared.filter(|span| span.seconds() >= bound);
                if let Some(span) = long.filter(|_| stay.person != f1 && self.may_be_f2(stay.person)) {
                    found(Met { person: stay.person, venue: visit.venue, span });
                }
            });
        }
    }

    /// Nobody with a standing episode and no F1, open or not, is an F2.
    fn may_be_f2(&self, person: u32) -> bool {
        !self.cases.is_case(person) && !self.follow.get(person).is_some_and(Follow::is_f1)
    }
}

/// The search for all F2 of F1 that are open now: one sweep over the people followed, then one over the venues.
#[derive(Debug)]
pub(crate) struct Sweep {
    now: Time,
    stage: Stage,
    /// Infectious times of each F1 that is open, of those not empty by now.
    times: FxHashMap<u32, Vec<(Time, Time)>>,
    /// When the first of them begins.
    earliest: Time,
    /// The same people, for a quick look.
    infectious: Bits,
    /// Cases and F1: they are no F2.
    known: Bits,
    found: Bits,
    by_slot: Vec<i64>,
    /// Stays looked at.
    looked: u64,
    room: Vec<Stay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Followed(u32),
    Venues(u32),
    Found(u32),
    Done,
}

impl Sweep {
    /// A search true for `now`.
    pub fn new(now: Time, rules: &Rules) -> Self {
        Self {
            now,
            stage: Stage::Followed(0),
            times: FxHashMap::default(),
            earliest: now,
            infectious: Bits::default(),
            known: Bits::default(),
            found: Bits::default(),
            by_slot: vec![0; rules.areas()],
            looked: 0,
            room: Vec::new(),
        }
    }

    /// F2 by area, and how many stays were looked at.
    pub fn finish(self) -> (Vec<i64>, u64) {
        (self.by_slot, self.looked)
    }

    /// Goes on for about so many stays; true when all are found. The situation must not change meanwhile.
    pub fn go_on(&mut self, city: &Situation, units: &mut i64) -> bool {
        while self.stage != Stage::Done && *units > 0 {
            match self.stage {
                Stage::Followed(person) => self.take_followed(city, person, units),
                Stage::Venues(venue) => self.look_at(city, venue, units),
                Stage::Found(person) => self.count(city, person, units),
                Stage::Done => {}
            }
        }
        self.stage == Stage::Done
    }

    fn take_followed(&mut self, city: &Situation, from: u32, units: &mut i64) {
        const COST: i64 = 10;
        let today = city.rules.day(self.now);
        for (person, follow) in city.follow.from(from) {
            if *units <= 0 {
                self.stage = Stage::Followed(person);
                return;
            }
            *units -= COST;
            self.known.set(person, follow.is_f1());
            if !follow.met || !follow.is_open(today, &city.rules) {
                continue;
            }
            let times = city.infectious_times(person, follow, self.now);
            if !times.is_empty() {
                self.infectious.set(person, true);
                self.earliest = self.earliest.min(times[0].0);
                self.times.insert(person, times);
            }
        }
        city.cases.cases().for_each(|(person, _)| self.known.set(person, true));
        self.stage = if self.times.is_empty() { Stage::Found(0) } else { Stage::Venues(0) };
    }

    /// Whoever shared enough time with an F1 at one venue. Stays that touch no F1's are looked at once, others twice.
    fn look_at(&mut self, city: &Situation, venue: u32, units: &mut i64) {
        if venue as usize >= city.venues.venues.len() {
            self.stage = Stage::Found(0);
            return;
        }
        self.stage = Stage::Venues(venue + 1);
        let bound = city.rules.bound();
        let Self { times, infectious, room, now, earliest, .. } = self;
        let mut spans: Vec<Span> = Vec::new();
        room.clear();
        city.each_stay(venue, *earliest, *now, |stay| {
            let stay = Stay { end: stay.end.min(*now), ..stay };
            if stay.end.0 - stay.start.0 < bound {
                return;
            }
            room.push(stay);
            if infectious.holds(stay.person) {
                let times = times.get(&stay.person).into_iter().flatten();
                let shared = times.filter_map(|time| Span::shared((stay.start, stay.end), *time));
                spans.extend(shared.filter(|span| span.seconds() >= bound));
            }
        });
        let looked = room.len().try_into().unwrap_or(i64::MAX / 2);
        *units -= 1 + looked;
        self.looked += looked.unsigned_abs();
        let spans = latest_ends(&mut spans);
        for stay in &self.room {
            if !self.known.holds(stay.person)
                && !self.found.holds(stay.person)
                && is_met(&spans, stay, bound)
            {
                self.found.set(stay.person, true);
            }
        }
    }

    fn count(&mut self, city: &Situation, from: u32, units: &mut i64) {
        let mut next = from;
        while let Some(person) = self.found.next(next) {
            city.rules.slots(city.home(person)).for_each(|slot| self.by_slot[slot] += 1);
            next = person + 1;
            *units -= 4;
            if *units <= 0 {
                self.stage = Stage::Found(next);
                return;
            }
        }
        self.stage = Stage::Done;
    }
}

/// Spans sorted by begin as (begin, the latest end of it and those before).
fn latest_ends(spans: &mut [Span]) -> Vec<(Time, Time)> {
    spans.sort_unstable_by_key(|span| span.from);
    let mut latest = Time(i64::MIN);
    let with_latest = |span: &Span| {
        latest = latest.max(span.to);
        (span.from, latest)
    };
    spans.iter().map(with_latest).collect()
}

/// Some span and the stay share at least `bound` seconds. All are at least so long, so they do exactly where a span
/// begins no later than the stay's end − `bound` and ends no earlier than its start + `bound`.
fn is_met(spans: &[(Time, Time)], stay: &Stay, bound: i64) -> bool {
    let begun = spans.partition_point(|(from, _)| *from <= stay.end.plus(-bound));
    begun > 0 && spans[begun - 1].1 >= stay.start.plus(bound)
}
