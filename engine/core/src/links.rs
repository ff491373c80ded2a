//! What is kept of contacts: the cuts of all cases, and of each person the links to cases: the listed parts of its
//! meetings, as far as counts need them, and what they make of it.
//!
//! Links are set for one (person, local day), for one (person, case, day) or for one (person, case), always as worked
//! out from scratch, so that they cannot drift. Lists with seconds and scores are traced when they are asked for.

use crate::by_person::ByPerson;
use crate::contacts::Meeting;
use crate::cuts::CutBook;
use crate::follow::{Follow, Followed};
use crate::rules::Rules;
use crate::store::Stay;
use crate::time::{DAY, Day, Time};
use crate::timers::Timers;
use crate::track::Visit;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::iter::Peekable;

/// A listed part of a meeting with a case. In order, those of a case and of an episode are side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub case: u32,
    /// Place in the case's episodes.
    pub episode: u16,
    /// When the episode was reported, since 1970.
    pub reported: u32,
    /// Local date of the first second of its meeting.
    pub day: Day,
    pub venue: u32,
    /// First second of the part, since 1970.
    pub from: u32,
}

impl Link {
    pub fn from(&self) -> Time {
        Time(i64::from(self.from))
    }

    pub fn reported(&self) -> Time {
        Time(i64::from(self.reported))
    }

    fn of_episode(&self) -> (u32, u16, u32) {
        (self.case, self.episode, self.reported)
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

/// A person met by a case, or told to be an F1.
#[derive(Debug, Default)]
struct Contact {
    /// In order, each once.
    links: Box<[Link]>,
    /// As it was counted.
    followed: Option<Followed>,
}

impl Contact {
    fn standing(&self) -> Standing {
        self.followed.map_or_else(Standing::default, |followed| followed.follow.standing())
    }
}

/// Cuts, links, and what has yet to be worked out.
#[derive(Debug, Default)]
pub(crate) struct ContactBook {
    pub cuts: CutBook,
    people: ByPerson<Contact>,
    /// By case: everybody who has a link to it.
    met: FxHashMap<u32, FxHashSet<u32>>,
    tallies: FxHashMap<(u32, u16), Tally>,
    timers: Timers<(u32, Day)>,
    room_timers: Timers<Room>,
    /// People's days to work out anew.
    pub dirty: BTreeSet<(u32, Day)>,
    /// Rooms to work out anew, for everybody whom the case met there.
    pub dirty_rooms: BTreeSet<Room>,
}

/// Where a case was on a local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Room {
    pub case: u32,
    pub day: Day,
    pub venue: u32,
}

/// Which links of a person are put down anew.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Day(Day),
    Case(u32),
    CaseDay(u32, Day),
}

impl Part {
    fn holds(self, link: &Link) -> bool {
        match self {
            Self::Day(day) => link.day == day,
            Self::Case(case) => link.case == case,
            Self::CaseDay(case, day) => link.case == case && link.day == day,
        }
    }
}

impl ContactBook {
    /// Somebody's visit at a venue came, went or changed: the days of meetings with cases there are worked out anew. No
    /// cut there is longer than `longest` seconds.
    pub fn touch(&mut self, person: u32, visit: Visit, longest: i64, rules: &Rules) {
        let stay = Stay { person, start: visit.start, end: visit.end };
        for (case, cut) in self.cuts.beside(visit.venue, visit.start, visit.end, longest) {
            if *case != person
                && let Some(meeting) = Meeting::of(cut, &stay, rules)
            {
                self.dirty.insert((person, meeting.day));
            }
        }
    }

    /// Touches the links of people, so that they are near when they are put down anew: the memory's delays overlap.
    pub fn warm(&self, people: impl Iterator<Item = u32> + Clone) {
        let held = people.clone().map(|person| self.links(person).len());
        black_box(held.fold(0, |all, held| all ^ held));
        let first = people.filter_map(|person| self.links(person).first()).map(|link| link.case);
        black_box(first.fold(0, |all, case| all ^ case));
    }

    /// A person's links, by case.
    pub fn links(&self, person: u32) -> &[Link] {
        self.people.get(person).map_or(&[], |contact| &*contact.links)
    }

    /// Puts down a part of a person's links, in order and each once. Says where its latest part was before, by venue, if
    /// any differ.
    pub fn set(&mut self, person: u32, part: Part, fresh: &[Link]) -> Vec<(u32, Option<Time>)> {
        let held = self.links(person);
        let mut differ: Vec<Link> = Vec::new();
        changes(held.iter().filter(|link| part.holds(link)), fresh.iter(), |link, _| differ.push(*link));
        let mut venues = Vec::new();
        for link in &differ {
            if venues.iter().all(|(venue, _)| *venue != link.venue) {
                venues.push((link.venue, latest_at(link.venue, held)));
            }
        }
        if !differ.is_empty() {
            let links = merged(held.iter().filter(|link| !part.holds(link)), fresh);
            self.replace(person, links, &differ);
        }
        venues
    }

    /// Puts down all links of a person; tallies and who was met follow. In order, `differ` are those that come or go.
    fn replace(&mut self, person: u32, links: Box<[Link]>, differ: &[Link]) {
        let Self { people, met, tallies, .. } = self;
        let contact = people.get_or_default(person);
        let standing = contact.standing();
        let before = std::mem::replace(&mut contact.links, links);
        let (was, is) = (&*before, &*contact.links);
        for alike in differ.chunk_by(|a, b| a.of_episode() == b.of_episode()) {
            let episode = alike[0].of_episode();
            let holds = |links: &[Link]| links.iter().any(|link| link.of_episode() == episode);
            if holds(was) != holds(is) {
                tally(tallies, episode, standing, holds(is));
            }
        }
        for alike in differ.chunk_by(|a, b| a.case == b.case) {
            let case = alike[0].case;
            let holds = |links: &[Link]| links.iter().any(|link| link.case == case);
            if holds(was) != holds(is) {
                meet(met, case, person, holds(is));
            }
        }
        self.forget_empty(person);
    }

    fn forget_empty(&mut self, person: u32) {
        let is_empty = |contact: &Contact| contact.links.is_empty() && contact.followed.is_none();
        if self.people.get(person).is_some_and(is_empty) {
            self.people.remove(person);
        }
    }

    /// What a person is as a contact, if it is one.
    pub fn follow(&self, person: u32) -> Option<&Follow> {
        self.followed(person).map(|followed| &followed.follow)
    }

    /// As it was counted.
    pub fn followed(&self, person: u32) -> Option<&Followed> {
        self.people.get(person)?.followed.as_ref()
    }

    /// Puts down what a person is as a contact, and tallies it anew where that matters. Gives what was held before.
    pub fn set_followed(&mut self, person: u32, after: Option<Followed>) -> Option<Followed> {
        let Self { people, tallies, .. } = self;
        if after.is_none() && people.get(person).is_none() {
            return None;
        }
        let contact = people.get_or_default(person);
        let standing = contact.standing();
        let before = std::mem::replace(&mut contact.followed, after);
        let fresh = contact.standing();
        if standing != fresh {
            changes(contact.links.iter().map(Link::of_episode), std::iter::empty(), |episode, _| {
                tally(tallies, episode, standing, false);
                tally(tallies, episode, fresh, true);
            });
        }
        self.forget_empty(person);
        before
    }

    /// Those who are or were followed, from a number on, in order.
    pub fn followed_from(&self, person: u32) -> impl Iterator<Item = (u32, &Follow)> {
        let people = self.people.from(person);
        people.filter_map(|(person, contact)| Some((person, &contact.followed.as_ref()?.follow)))
    }

    /// How many people there may be among them.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// The contacts of one episode, counted.
    pub fn tallied(&self, case: u32, episode: usize) -> Tally {
        let key = (case, u16::try_from(episode).unwrap_or(u16::MAX));
        self.tallies.get(&key).copied().unwrap_or_default()
    }

    /// Everybody who has a link to a case, in order.
    pub fn met(&self, case: u32) -> Vec<u32> {
        let mut people: Vec<u32> = self.met.get(&case).into_iter().flatten().copied().collect();
        people.sort_unstable();
        people
    }

    /// The cases to which a person has links.
    pub fn cases_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let links = self.links(person);
        links.chunk_by(|a, b| a.case == b.case).map(|links| links[0].case)
    }

    /// A person's day is to be worked out anew in that second.
    pub fn set_timer(&mut self, at: Time, person: u32, day: Day) {
        self.timers.set(at, (person, day));
    }

    /// A room is to be worked out anew in that second, for everybody who was there.
    pub fn set_room_timer(&mut self, at: Time, room: Room) {
        self.room_timers.set(at, room);
    }

    /// What time alone can have changed by `now` is to be worked out anew.
    pub fn pass(&mut self, now: Time) {
        while let Some(days) = self.timers.due(now) {
            self.dirty.extend(days);
        }
        while let Some(rooms) = self.room_timers.due(now) {
            self.dirty_rooms.extend(rooms);
        }
    }

    /// The retention edge has passed days up to this one: they are to be worked out anew. Looks at people from a number
    /// on; gives the number to go on from, if there are more.
    pub fn touch_until(&mut self, day: Day, from: u32, units: &mut i64) -> Option<u32> {
        for (person, contact) in self.people.from(from) {
            if *units <= 0 {
                return Some(person);
            }
            *units -= 1 + i64::try_from(contact.links.len() / 8).unwrap_or(i64::MAX / 2);
            let days = contact.links.iter().map(|link| link.day).filter(|held| *held <= day);
            self.dirty.extend(days.map(|day| (person, day)));
        }
        None
    }
}

/// Of two lists in order, all in order.
fn merged<'a>(kept: impl Iterator<Item = &'a Link> + Clone, fresh: &[Link]) -> Box<[Link]> {
    let mut links = Vec::with_capacity(kept.clone().count() + fresh.len());
    let (mut kept, mut fresh) = (kept.peekable(), fresh.iter().peekable());
    while let Some(first) = kept.peek().copied().into_iter().chain(fresh.peek().copied()).min() {
        links.push(*first);
        if kept.next_if_eq(&first).is_none() {
            fresh.next();
        }
    }
    links.into_boxed_slice()
}

/// Somebody has a link to a case from now on, or none any more.
fn meet(met: &mut FxHashMap<u32, FxHashSet<u32>>, case: u32, person: u32, is_met: bool) {
    let everybody = met.entry(case).or_default();
    if is_met {
        everybody.insert(person);
    } else {
        everybody.remove(&person);
    }
    if everybody.is_empty() {
        met.remove(&case);
    }
}

/// Counts a contact in or out at an episode: its case, its place and when it was reported.
fn tally(
    tallies: &mut FxHashMap<(u32, u16), Tally>,
    (case, episode, reported): (u32, u16, u32),
    standing: Standing,
    is_in: bool,
) {
    let tally = tallies.entry((case, episode)).or_default();
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
        tallies.remove(&(case, episode));
    }
}

/// Calls `changed` for what of two sorted rows of values, each taken once, went (false) and came (true).
pub(crate) fn changes<T: Ord + Copy>(
    before: impl Iterator<Item = T>,
    after: impl Iterator<Item = T>,
    mut changed: impl FnMut(T, bool),
) {
    let (mut before, mut after) = (before.peekable(), after.peekable());
    loop {
        let next = match (before.peek(), after.peek()) {
            (Some(old), Some(new)) => *old.min(new),
            (Some(one), None) | (None, Some(one)) => *one,
            (None, None) => return,
        };
        let (was, is) = (pass(&mut before, &next), pass(&mut after, &next));
        if was != is {
            changed(next, is);
        }
    }
}

/// Passes all that is equal to a value; was there any?
fn pass<T: PartialEq>(values: &mut Peekable<impl Iterator<Item = T>>, value: &T) -> bool {
    let mut any = false;
    while values.next_if(|next| next == value).is_some() {
        any = true;
    }
    any
}

/// The first second of the latest listed part at a venue.
pub(crate) fn latest_at(venue: u32, links: &[Link]) -> Option<Time> {
    links.iter().filter(|link| link.venue == venue).map(Link::from).max()
}
