//! The search for all F2: who they are is said in [`crate::second_order`].

use crate::bits::Bits;
use crate::contacts::Span;
use crate::infectious::Infectious;
use crate::rules::{Place, Rules};
use crate::situation::Situation;
use crate::store::{Stay, Store};
use crate::time::Time;

/// What the second sweep looks through: the situation itself, or what was put apart of it.
pub(crate) trait Searched {
    fn store(&self) -> &Store;
    fn rules(&self) -> &Rules;
    /// Venues known are below this number.
    fn venues(&self) -> usize;
    /// The longest that a visit there can be, in seconds.
    fn visit_max(&self, venue: u32) -> i64;
    /// Where a person lives.
    fn home(&self, person: u32) -> Place;
}

impl Searched for Situation {
    fn store(&self) -> &Store {
        &self.store
    }
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn venues(&self) -> usize {
        self.venues.venues.len()
    }
    fn visit_max(&self, venue: u32) -> i64 {
        self.venues.visit_max(venue)
    }
    fn home(&self, person: u32) -> Place {
        self.home(person)
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
        while *units > 0
            && let Stage::Followed(person) = self.stage
        {
            self.take_followed(city, person, units);
        }
        self.search(city, units)
    }

    /// Goes through everybody followed at once: only this needs the situation itself.
    pub fn take_all_followed(&mut self, city: &Situation) {
        let mut units = i64::MAX;
        if let Stage::Followed(person) = self.stage {
            self.take_followed(city, person, &mut units);
        }
    }

    /// As [`Sweep::go_on`], once everybody followed was taken.
    pub fn search(&mut self, ground: &impl Searched, units: &mut i64) -> bool {
        while *units > 0 {
            match self.stage {
                Stage::Gather(venue, half) => self.gather(ground, venue, half, units),
                Stage::Look(venue, half) => self.look(ground, venue, half, units),
                Stage::Found(person) => self.count(ground, person, units),
                Stage::Followed(_) | Stage::Done => break,
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
    fn at_venue(&mut self, ground: &impl Searched, venue: u32) -> Stage {
        self.spans.clear();
        let is_there = (venue as usize) < ground.venues();
        if is_there {
            if venue.is_multiple_of(VENUES_WARMED) {
                ground.store().warm_open(&(venue..venue + VENUES_WARMED), self.begin(ground, venue));
            }
            Stage::Gather(venue, ground.store().half_of(self.begin(ground, venue)))
        } else {
            Stage::Found(0)
        }
    }

    /// No stay that began before overlaps an infectious time.
    fn begin(&self, ground: &impl Searched, venue: u32) -> Time {
        self.earliest.plus(-ground.visit_max(venue))
    }

    fn gather(&mut self, ground: &impl Searched, venue: u32, half: i64, units: &mut i64) {
        if half > ground.store().half_of(self.now) {
            self.ends = latest_ends(&mut self.spans);
            self.stage = if self.ends.is_empty() {
                self.at_venue(ground, venue + 1)
            } else {
                Stage::Look(venue, ground.store().half_of(self.begin(ground, venue)))
            };
            return;
        }
        let bound = ground.rules().bound();
        let mut looked = 0_i64;
        let Self { infectious, spans, now, earliest, .. } = self;
        ground.store().each_stay_in(half..=half, venue, *earliest, *now, ground.visit_max(venue), |stay| {
            looked += 1;
            let times = infectious.times(stay.person);
            let shared = times.filter_map(|time| Span::shared((stay.start, stay.end.min(*now)), time));
            spans.extend(shared.filter(|span| span.seconds() >= bound));
        });
        *units -= 1 + looked / 3;
        self.stage = Stage::Gather(venue, half + 1);
    }

    /// Whoever shared enough time with an F1 at the venue.
    fn look(&mut self, ground: &impl Searched, venue: u32, half: i64, units: &mut i64) {
        if half > ground.store().half_of(self.now) {
            self.stage = self.at_venue(ground, venue + 1);
            return;
        }
        let bound = ground.rules().bound();
        let mut looked = 0_i64;
        let Self { known, found, ends, now, earliest, .. } = self;
        ground.store().each_stay_in(half..=half, venue, *earliest, *now, ground.visit_max(venue), |stay| {
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

    fn count(&mut self, ground: &impl Searched, from: u32, units: &mut i64) {
        let mut next = from;
        while let Some(person) = self.found.next(next) {
            ground.rules().slots(ground.home(person)).for_each(|slot| self.by_slot[slot] += 1);
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
