//! F2: whom an F1 met while it may have been infectious.

use crate::bits::Bits;
use crate::cases::History;
use crate::contacts::Span;
use crate::follow::Follow;
use crate::infectious::Infectious;
use crate::rules::Rules;
use crate::situation::Situation;
use crate::store::Stay;
use crate::time::Time;
use crate::track::Visit;

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
        !self.cases.is_case(person) && !self.contacts.follow(person).is_some_and(Follow::is_f1)
    }
}

/// The search for all F2 of F1 that are open now: one sweep over the people followed, then one over the venues.
#[derive(Debug)]
pub(crate) struct Sweep {
    now: Time,
    stage: Stage,
    /// Each F1 that is open, with its infectious times not empty by now.
    infectious: Infectious,
    /// When the first of all begins.
    earliest: Time,
    /// Cases and F1: they are no F2.
    known: Bits,
    found: Bits,
    by_slot: Vec<i64>,
    /// The visits of F1 to the venue at hand, cut to their infectious times.
    spans: Vec<Span>,
    /// The same by begin, each with the latest end of it and those before.
    ends: Vec<(Time, Time)>,
}

/// Venues whose open rows, which lie here and there, are touched together before the first of them is gone through.
const VENUES_WARMED: u32 = 32;

/// What is next. A venue's stays are gone through half-day by half-day, so that no step is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Followed(u32),
    /// Gathering the F1's spans at a venue.
    Gather(u32, i64),
    /// Looking at everybody's stays there.
    Look(u32, i64),
    Found(u32),
    Done,
}

impl Sweep {
    /// A search true for `now`.
    pub fn new(now: Time, rules: &Rules) -> Self {
        Self {
            now,
            stage: Stage::Followed(0),
            infectious: Infectious::default(),
            earliest: now,
            known: Bits::default(),
            found: Bits::default(),
            by_slot: vec![0; rules.areas()],
            spans: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// F2 by area.
    pub fn finish(self) -> Vec<i64> {
        self.by_slot
    }

    /// Goes on for about so many stays; true when all are found. The situation must not change meanwhile.
    pub fn go_on(&mut self, city: &Situation, units: &mut i64) -> bool {
        while self.stage != Stage::Done && *units > 0 {
            match self.stage {
                Stage::Followed(person) => self.take_followed(city, person, units),
                Stage::Gather(venue, half) => self.gather(city, venue, half, units),
                Stage::Look(venue, half) => self.look(city, venue, half, units),
                Stage::Found(person) => self.count(city, person, units),
                Stage::Done => {}
            }
        }
        self.stage == Stage::Done
    }

    fn take_followed(&mut self, city: &Situation, from: u32, units: &mut i64) {
        const COST: i64 = 3;
        if from == 0 {
            self.infectious.reserve(city.contacts.people());
        }
        let today = city.rules.day(self.now);
        for (person, follow) in city.contacts.followed_from(from) {
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
            self.infectious.add(person, &times);
            self.earliest = times.first().map_or(self.earliest, |first| self.earliest.min(first.0));
        }
        city.cases.cases().for_each(|(person, _)| self.known.set(person, true));
        self.stage = if self.infectious.is_empty() { Stage::Found(0) } else { self.at_venue(city, 0) };
    }

    /// The begin of a venue, or of what comes after the last one.
    fn at_venue(&mut self, city: &Situation, venue: u32) -> Stage {
        self.spans.clear();
        let is_there = (venue as usize) < city.venues.venues.len();
        if is_there {
            if venue.is_multiple_of(VENUES_WARMED) {
                city.store.warm_open(&(venue..venue + VENUES_WARMED), self.begin(city, venue));
            }
            Stage::Gather(venue, city.store.half_of(self.begin(city, venue)))
        } else {
            Stage::Found(0)
        }
    }

    /// No stay that began before overlaps an infectious time.
    fn begin(&self, city: &Situation, venue: u32) -> Time {
        self.earliest.plus(-city.venues.visit_max(venue))
    }

    fn gather(&mut self, city: &Situation, venue: u32, half: i64, units: &mut i64) {
        if half > city.store.half_of(self.now) {
            self.ends = latest_ends(&mut self.spans);
            self.stage = if self.ends.is_empty() {
                self.at_venue(city, venue + 1)
            } else {
                Stage::Look(venue, city.store.half_of(self.begin(city, venue)))
            };
            return;
        }
        let bound = city.rules.bound();
        let mut looked = 0_i64;
        let Self { infectious, spans, now, earliest, .. } = self;
        city.each_stay_in(half, venue, *earliest, *now, |stay| {
            looked += 1;
            let times = infectious.times(stay.person);
            let shared = times.filter_map(|time| Span::shared((stay.start, stay.end.min(*now)), time));
            spans.extend(shared.filter(|span| span.seconds() >= bound));
        });
        *units -= 1 + looked / 3;
        self.stage = Stage::Gather(venue, half + 1);
    }

    /// Whoever shared enough time with an F1 at the venue.
    fn look(&mut self, city: &Situation, venue: u32, half: i64, units: &mut i64) {
        if half > city.store.half_of(self.now) {
            self.stage = self.at_venue(city, venue + 1);
            return;
        }
        let bound = city.rules.bound();
        let mut looked = 0_i64;
        let Self { known, found, ends, now, earliest, .. } = self;
        city.each_stay_in(half, venue, *earliest, *now, |stay| {
            looked += 1;
            let stay = Stay { end: stay.end.min(*now), ..stay };
            let may_be = !known.holds(stay.person) && !found.holds(stay.person);
            if may_be && is_met(ends, &stay, bound) {
                found.set(stay.person, true);
            }
        });
        *units -= 1 + looked / 2;
        self.stage = Stage::Look(venue, half + 1);
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

/// Some span and the stay share at least `bound` seconds. All spans are at least so long, so they do exactly where the
/// stay is too, and a span begins no later than its end − `bound` and ends no earlier than its start + `bound`.
fn is_met(spans: &[(Time, Time)], stay: &Stay, bound: i64) -> bool {
    if stay.end.0 - stay.start.0 < bound {
        return false;
    }
    let begun = spans.partition_point(|(from, _)| *from <= stay.end.plus(-bound));
    begun > 0 && spans[begun - 1].1 >= stay.start.plus(bound)
}
