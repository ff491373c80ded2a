//! What is kept of contacts: the cuts of all cases by venue, and of each person the links to cases: the listed parts of
//! its meetings, as far as counts need them.
//!
//! Links are set for one (person, local day) or for one case whole, always as worked out from scratch, so that they
//! cannot drift. Lists with seconds and scores are traced when they are asked for.

use crate::contacts::{Cut, Meeting};
use crate::rules::Rules;
use crate::store::Stay;
use crate::time::{DAY, Day, Time};
use crate::track::Visit;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A listed part of a meeting with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub case: u32,
    /// Place in the case's episodes.
    pub episode: u16,
    /// Local date of the first second of its meeting.
    pub day: Day,
    pub venue: u32,
    /// First second of the part, since 1970.
    pub from: u32,
    /// When the episode was reported, since 1970.
    pub reported: u32,
}

impl Link {
    pub fn from(&self) -> Time {
        Time(i64::from(self.from))
    }

    pub fn reported(&self) -> Time {
        Time(i64::from(self.reported))
    }
}

/// The contacts of one episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Contacts of class `f1`.
    pub f1: u32,
    /// Contacts that are cases.
    pub f0: u32,
    /// Contacts of class `f1` who were not told within 24 hours of the report.
    pub late: u32,
}

/// What is known of a contact besides its links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub is_case: bool,
    /// `at` of the first standing `f1` event.
    pub told: Option<Time>,
}

/// Cuts, links, and what has yet to be worked out.
#[derive(Debug, Default)]
pub(crate) struct ContactBook {
    cuts: BTreeMap<u32, Vec<Cut>>,
    /// By venue, in order of the end of their reach.
    cuts_at: FxHashMap<u32, Vec<(u32, Cut)>>,
    links: BTreeMap<u32, Vec<Link>>,
    /// By case: everybody who has a link to it.
    met: BTreeMap<u32, BTreeSet<u32>>,
    tallies: BTreeMap<(u32, u16), Tally>,
    timers: BTreeSet<(Time, u32, Day)>,
    case_timers: BTreeSet<(Time, u32, Day)>,
    /// People's days to work out anew.
    pub dirty: BTreeSet<(u32, Day)>,
    /// Cases' days to work out anew, for everybody who was there.
    pub dirty_cases: BTreeSet<(u32, Day)>,
}

impl ContactBook {
    /// Somebody's visit at a venue came, went or changed: the days of meetings with cases there are worked out anew.
    pub fn touch(&mut self, person: u32, visit: Visit, rules: &Rules) {
        let stay = Stay { person, start: visit.start, end: visit.end };
        let there = self.cuts_at.get(&visit.venue).into_iter().flatten().rev();
        for (case, cut) in there.take_while(|(_, cut)| cut.reach > visit.start) {
            if *case != person
                && let Some(meeting) = Meeting::of(cut, &stay, rules)
            {
                self.dirty.insert((person, meeting.day));
            }
        }
    }

    /// Have all cases' visits begun that a visit can meet?
    pub fn have_begun(&self, visit: &Visit, now: Time) -> bool {
        let there = self.cuts_at(visit.venue).iter().rev();
        there.take_while(|(_, cut)| cut.reach > visit.start).all(|(_, cut)| cut.start <= now)
    }

    /// Puts down the cuts of a case as its visits and episodes now make them. Gives those that went and those that came.
    pub fn recut(&mut self, person: u32, cuts: Vec<Cut>) -> (Vec<Cut>, Vec<Cut>) {
        let old = self.cuts.remove(&person).unwrap_or_default();
        let gone: Vec<Cut> = old.iter().filter(|cut| !cuts.contains(cut)).copied().collect();
        let come: Vec<Cut> = cuts.iter().filter(|cut| !old.contains(cut)).copied().collect();
        for cut in &gone {
            if let Some(there) = self.cuts_at.get_mut(&cut.venue) {
                there.retain(|(case, held)| *case != person || held != cut);
                if there.is_empty() {
                    self.cuts_at.remove(&cut.venue);
                }
            }
        }
        for cut in &come {
            let there = self.cuts_at.entry(cut.venue).or_default();
            let place = there.partition_point(|(_, held)| held.reach <= cut.reach);
            there.insert(place, (person, *cut));
        }
        if !cuts.is_empty() {
            self.cuts.insert(person, cuts);
        }
        (gone, come)
    }

    pub fn cuts(&self, person: u32) -> &[Cut] {
        self.cuts.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The cuts at a venue with their case, in order of the end of their reach.
    pub fn cuts_at(&self, venue: u32) -> &[(u32, Cut)] {
        self.cuts_at.get(&venue).map_or(&[], Vec::as_slice)
    }

    /// When nobody can meet a case at a venue any more.
    pub fn cases_until(&self, venue: u32) -> Time {
        self.cuts_at(venue).last().map_or(Time(i64::MIN), |(_, cut)| cut.reach)
    }

    /// A person's links, by case.
    pub fn links(&self, person: u32) -> &[Link] {
        self.links.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Puts down the links of a person's day. Gives all links before, if they differ.
    pub fn set_day(
        &mut self,
        person: u32,
        day: Day,
        fresh: Vec<Link>,
        standing: Standing,
    ) -> Option<Vec<Link>> {
        self.set(person, fresh, |link| link.day == day, standing)
    }

    /// Puts down a person's links to one case. Gives all links before, if they differ.
    pub fn set_case(
        &mut self,
        person: u32,
        case: u32,
        fresh: Vec<Link>,
        standing: Standing,
    ) -> Option<Vec<Link>> {
        self.set(person, fresh, |link| link.case == case, standing)
    }

    /// Puts down a person's links of one day to one case. Gives all links before, if they differ.
    pub fn set_case_day(
        &mut self,
        person: u32,
        case: u32,
        day: Day,
        fresh: Vec<Link>,
        standing: Standing,
    ) -> Option<Vec<Link>> {
        self.set(person, fresh, |link| link.case == case && link.day == day, standing)
    }

    fn set(
        &mut self,
        person: u32,
        mut fresh: Vec<Link>,
        is_replaced: impl Fn(&Link) -> bool,
        standing: Standing,
    ) -> Option<Vec<Link>> {
        let before = self.links(person);
        fresh.extend(before.iter().filter(|link| !is_replaced(link)));
        fresh.sort_unstable();
        if before == fresh {
            return None;
        }
        let before = self.links.get_mut(&person).map(std::mem::take).unwrap_or_default();
        let episodes = |links: &[Link]| distinct(links, |link| (link.case, link.episode, link.reported));
        for (episode, came) in changes(&episodes(&before), &episodes(&fresh)) {
            self.tally(episode, standing, came);
        }
        let cases = |links: &[Link]| distinct(links, |link| link.case);
        for (case, came) in changes(&cases(&before), &cases(&fresh)) {
            if came {
                self.met.entry(case).or_default().insert(person);
            } else {
                self.forget_met(case, person);
            }
        }
        if fresh.is_empty() {
            self.links.remove(&person);
        } else if let Some(held) = self.links.get_mut(&person) {
            *held = fresh;
        } else {
            self.links.insert(person, fresh);
        }
        Some(before)
    }

    fn forget_met(&mut self, case: u32, person: u32) {
        let Some(met) = self.met.get_mut(&case) else { return };
        met.remove(&person);
        if met.is_empty() {
            self.met.remove(&case);
        }
    }

    /// What is known of a contact changed: it is tallied anew.
    pub fn restand(&mut self, person: u32, before: Standing, after: Standing) {
        if before != after {
            for episode in distinct(self.links(person), |link| (link.case, link.episode, link.reported)) {
                self.tally(episode, before, false);
                self.tally(episode, after, true);
            }
        }
    }

    /// Counts a contact in or out at an episode: its case, its place and when it was reported.
    fn tally(&mut self, (case, episode, reported): (u32, u16, u32), standing: Standing, is_in: bool) {
        let tally = self.tallies.entry((case, episode)).or_default();
        let shift = |count: &mut u32| *count = if is_in { *count + 1 } else { count.saturating_sub(1) };
        if standing.is_case {
            shift(&mut tally.f0);
        } else {
            shift(&mut tally.f1);
            let in_time = Time(i64::from(reported)).plus(DAY);
            if standing.told.is_none_or(|told| told > in_time) {
                shift(&mut tally.late);
            }
        }
        if *tally == Tally::default() {
            self.tallies.remove(&(case, episode));
        }
    }

    /// The contacts of one episode, counted.
    pub fn tallied(&self, case: u32, episode: usize) -> Tally {
        let key = (case, u16::try_from(episode).unwrap_or(u16::MAX));
        self.tallies.get(&key).copied().unwrap_or_default()
    }

    /// Everybody who has a link to a case.
    pub fn met(&self, case: u32) -> impl Iterator<Item = u32> {
        self.met.get(&case).into_iter().flatten().copied()
    }

    /// The cases to which a person has links.
    pub fn cases_of(&self, person: u32) -> impl Iterator<Item = u32> {
        distinct(self.links(person), |link| link.case).into_iter()
    }

    /// A person's day is to be worked out anew in that second.
    pub fn set_timer(&mut self, at: Time, person: u32, day: Day) {
        self.timers.insert((at, person, day));
    }

    /// A case's day is to be worked out anew in that second, for everybody who was there.
    pub fn set_case_timer(&mut self, at: Time, case: u32, day: Day) {
        self.case_timers.insert((at, case, day));
    }

    /// What time alone can have changed by `now` is to be worked out anew.
    pub fn pass(&mut self, now: Time) {
        for (timers, dirty) in
            [(&mut self.timers, &mut self.dirty), (&mut self.case_timers, &mut self.dirty_cases)]
        {
            while let Some((at, whose, day)) = timers.first().copied().filter(|(at, ..)| *at <= now) {
                timers.remove(&(at, whose, day));
                dirty.insert((whose, day));
            }
        }
    }

    /// The retention edge has passed days up to this one: they are to be worked out anew. Looks at people from a number
    /// on; gives the number to go on from, if there are more.
    pub fn touch_until(&mut self, day: Day, from: u32, units: &mut i64) -> Option<u32> {
        for (person, links) in self.links.range(from..) {
            if *units <= 0 {
                return Some(*person);
            }
            *units -= 1 + i64::try_from(links.len() / 8).unwrap_or(i64::MAX / 2);
            let days = links.iter().map(|link| link.day).filter(|held| *held <= day);
            self.dirty.extend(days.map(|day| (*person, day)));
        }
        None
    }
}

/// What sorted links say of something that they are sorted by, each once.
fn distinct<T: PartialEq>(links: &[Link], said: impl Fn(&Link) -> T) -> Vec<T> {
    let mut all: Vec<T> = links.iter().map(said).collect();
    all.dedup();
    all
}

/// What of two sorted lists went (false) and came (true).
pub(crate) fn changes<T: Ord + Copy>(before: &[T], after: &[T]) -> Vec<(T, bool)> {
    let (mut n, mut m, mut changes) = (0, 0, Vec::new());
    while n < before.len() || m < after.len() {
        match (before.get(n), after.get(m)) {
            (Some(old), Some(new)) if old == new => (n, m) = (n + 1, m + 1),
            (Some(old), new) if new.is_none_or(|new| old < new) => {
                changes.push((*old, false));
                n += 1;
            }
            (_, new) => {
                changes.extend(new.map(|new| (*new, true)));
                m += 1;
            }
        }
    }
    changes
}
