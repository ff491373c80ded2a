//! Working out anew what events and time have touched: cuts, then links, then who is followed, then breaches.
//!
//! Each stage is worked out from scratch for what is marked, in an order that does not depend on the order of arrival.

use crate::alerts::Subject;
use crate::cases::History;
use crate::contacts::{self, Cut, Meeting};
use crate::follow::isolation;
use crate::links::Room;
use crate::relink::Relinking;
use crate::rules::Place;
use crate::situation::Situation;
use crate::store::Stay;
use crate::store::add::Changes;
use crate::store::row::Row;
use crate::time::{Day, Time};
use crate::track::{ScanRow, VISIT_MAX_S, Visit, scans_of};
use std::collections::BTreeSet;

/// What must be worked out anew, besides the links of days that the contacts mark themselves.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    /// Cases whose history changed: all their links.
    pub cases: BTreeSet<u32>,
    /// Cases whose visits changed.
    pub cuts: BTreeSet<u32>,
    pub follow: BTreeSet<u32>,
    pub breaches: BTreeSet<u32>,
    /// Cases whose cells changed.
    pub layers: BTreeSet<u32>,
    /// A case whose links are being put down.
    pub relinking: Option<Relinking>,
}

/// About what one person costs, in units of 0.1 µs: a contact, a day or a following; a case's cuts; its cells.
pub(crate) const PERSON_UNITS: i64 = 60;
const CUTS_UNITS: i64 = 200;
const LAYERS_UNITS: i64 = 200;

/// Days of people that are warmed together.
const WARMED: usize = 64;

impl Situation {
    /// True when nothing is left to work out.
    pub(crate) fn work_out(&mut self, units: &mut i64) -> bool {
        let Some(now) = self.now else { return true };
        loop {
            if let Some(relinking) = self.dirty.relinking.take() {
                self.dirty.relinking = self.relink_contacts(relinking, now, units);
            }
            if let Some(person) = self.next_dirty(units, |dirty| &mut dirty.cases) {
                self.work_out_case(person, units);
            } else if let Some(person) = self.next_dirty(units, |dirty| &mut dirty.cuts) {
                *units -= CUTS_UNITS;
                self.work_out_cuts(person, now, units);
            } else if *units > 0
                && let Some(room) = self.contacts.dirty_rooms.pop_first()
            {
                self.work_out_room(room, units);
            } else {
                break;
            }
        }
        self.work_out_days(now, units);
        while let Some(person) = self.next_dirty(units, |dirty| &mut dirty.follow) {
            self.work_out_follow(person, now);
        }
        while *units > 0
            && let Some(person) = self.follow.next_late()
        {
            *units -= PERSON_UNITS;
            self.work_out_follow(person, now);
        }
        while let Some(person) = self.next_dirty(units, |dirty| &mut dirty.breaches) {
            self.work_out_breaches(person);
        }
        while let Some(person) = self.next_dirty(units, |dirty| &mut dirty.layers) {
            *units -= LAYERS_UNITS;
            self.work_out_layers(person);
        }
        *units > 0
    }

    fn work_out_days(&mut self, now: Time, units: &mut i64) {
        while *units > 0 && !self.contacts.dirty.is_empty() {
            self.warm_days();
            for _ in 0..WARMED {
                if *units > 0
                    && let Some((person, day)) = self.contacts.dirty.pop_first()
                {
                    *units -= PERSON_UNITS;
                    self.work_out_day(person, day, now, units);
                }
            }
        }
    }

    /// Touches what the next days need, each step for all of them before the next, so that the memory's delays overlap.
    fn warm_days(&self) {
        let people: Vec<u32> = self.contacts.dirty.iter().take(WARMED).map(|(person, _)| *person).collect();
        if people.len() > 1 {
            self.store.warm_chains(&self.people, &people);
            self.contacts.warm(people.into_iter());
        }
    }

    fn next_dirty(&mut self, units: &mut i64, set: fn(&mut Dirty) -> &mut BTreeSet<u32>) -> Option<u32> {
        if *units <= 0 {
            return None;
        }
        let person = set(&mut self.dirty).pop_first()?;
        *units -= PERSON_UNITS;
        Some(person)
    }

    /// Puts a case's cuts down as its visits and episodes make them. Gives those that went and those that came.
    pub(crate) fn recut(&mut self, person: u32) -> (Vec<Cut>, Vec<Cut>) {
        let episodes = self.cases.episodes(person);
        let cuts = if episodes.is_empty() {
            Vec::new()
        } else {
            let first = episodes.iter().map(|episode| episode.from).min().unwrap_or(self.edge);
            contacts::cuts(&self.visits_since(person, first.plus(-VISIT_MAX_S)), episodes, &self.rules)
        };
        let (gone, come) = self.contacts.cuts.put(person, cuts);
        for cut in gone.iter().chain(&come) {
            self.venues.get_mut(cut.venue).cases_until = self.contacts.cuts.until(cut.venue);
        }
        self.dirty.layers.insert(person);
        (gone, come)
    }

    /// A case's visits changed: the days of those who were there are worked out anew.
    fn work_out_cuts(&mut self, person: u32, now: Time, units: &mut i64) {
        let (gone, come) = self.recut(person);
        let (gone, come) = that_matter(gone, come, now);
        for cut in &come {
            let days = self.rules.day(cut.start)..=self.rules.day(cut.reach);
            let rooms = (days.start().0..=days.end().0).map(|day| Room {
                case: person,
                day: Day(day),
                venue: cut.venue,
            });
            self.contacts.dirty_rooms.extend(rooms);
        }
        for cut in &gone {
            for (other, meeting) in self.meetings(person, std::slice::from_ref(cut)) {
                *units -= 1;
                self.contacts.dirty.insert((other, meeting.day));
            }
        }
        // Who was met under a cut that is no more may have left its venue by the same event.
        if self.contacts.cuts.of(person).is_empty() {
            for other in self.contacts.met(person) {
                let links = self.contacts.links(other).iter().filter(|link| link.case == person);
                let days: Vec<Day> = links.map(|link| link.day).collect();
                self.contacts.dirty.extend(days.into_iter().map(|day| (other, day)));
            }
        }
    }

    fn work_out_breaches(&mut self, person: u32) {
        let history = self.cases.history(person);
        let follow = self.contacts.follow(person);
        let isolation = history.map_or_else(Vec::new, |history| isolation(history, follow, &self.rules));
        let scans = if isolation.is_empty() { Vec::new() } else { self.scans(person) };
        if self.breaches.tell(person, &scans, &isolation, &self.venues) {
            self.alerts.dirty.insert(Subject::Person(person));
        }
    }

    pub(crate) fn work_out_layers(&mut self, person: u32) {
        let Some(now) = self.now else { return };
        let (cuts, episodes) = (self.contacts.cuts.of(person), self.cases.episodes(person));
        self.layers.set_case(person, cuts, episodes, now, &self.venues);
    }

    /// A person's visits changed: the contacts and who is present learn of it.
    pub(crate) fn revisit(&mut self, person: u32, changes: &Changes) {
        let Some(now) = self.now else { return };
        let midnight = self.counts.midnight();
        let is_first = changes.gone.is_empty() && changes.last_end.is_some_and(|end| end <= midnight);
        for (n, visit) in changes.gone.iter().chain(&changes.come).enumerate() {
            if self.venues.get(visit.venue).cases_until <= visit.start || is_only_shorter(changes, n, now) {
                continue;
            }
            let has_come = n >= changes.gone.len();
            if !(has_come && self.await_bound(person, visit, is_first, now)) {
                let longest = self.venues.cut_max(visit.venue);
                self.contacts.touch(person, *visit, longest, &self.rules);
            }
        }
        let Self { venues, presence, .. } = self;
        presence.change(changes.before, changes.after, |venue, more| venues.add_present(venue, more));
        if self.cases.is_case(person) && !(changes.gone.is_empty() && changes.come.is_empty()) {
            self.dirty.cuts.insert(person);
        }
    }

    /// A visit of today that has just begun (the first of today, or where no case is that the person met before today):
    /// until it lasts as long as the bound it makes no contact, whoever is there. Is it one? Then it is noted for that
    /// second.
    fn await_bound(&mut self, person: u32, visit: &Visit, is_first: bool, now: Time) -> bool {
        let midnight = self.counts.midnight();
        let reached = visit.start.plus(self.rules.bound());
        if visit.start < midnight || reached <= now {
            return false;
        }
        let Self { store, people, venues, contacts, rules, .. } = self;
        let beside = |venue, start, end| {
            let there = contacts.cuts.beside(venue, start, end, venues.cut_max(venue));
            there.filter(move |(case, _)| *case != person)
        };
        let mut cases: Vec<u32> = Vec::new();
        for (case, cut) in beside(visit.venue, visit.start, visit.end) {
            if cut.start > now {
                return false;
            }
            cases.push(*case);
        }
        let mut met_before = false;
        if !is_first && !cases.is_empty() {
            store.each_row_since(people, person, midnight.plus(-VISIT_MAX_S), &*venues, |row| {
                let is_other = row.len > 0 && (row.at, row.venue) != (visit.start, visit.venue);
                met_before |= is_other
                    && row.end() > midnight
                    && beside(row.venue, row.at, row.end()).any(|(case, _)| cases.contains(case));
                !met_before
            });
        }
        if !met_before && !cases.is_empty() && visit.end >= reached {
            contacts.set_timer(reached, person, rules.day(visit.start));
        }
        !met_before
    }

    pub(crate) fn touch_breaches(&mut self, person: u32) {
        if self.cases.is_heard_of(person) {
            self.dirty.breaches.insert(person);
        }
    }

    /// Everybody who shared a venue with these cuts, with the meeting.
    pub(crate) fn meetings(&self, case: u32, cuts: &[Cut]) -> Vec<(u32, Meeting)> {
        let mut meetings = Vec::new();
        for cut in cuts {
            self.each_stay(cut.venue, cut.start, cut.reach, |stay| {
                let meeting = Meeting::of(cut, &stay, &self.rules).filter(|_| stay.person != case);
                meetings.extend(meeting.map(|meeting| (stay.person, meeting)));
            });
        }
        meetings
    }

    /// Calls `found` for each visit at a venue that overlaps [from, to): whole, with its expected end.
    pub(crate) fn each_stay(&self, venue: u32, from: Time, to: Time, found: impl FnMut(Stay)) {
        self.store.each_stay(venue, from, to, self.venues.visit_max(venue), found);
    }

    /// A person's visits by start, with expected ends.
    pub(crate) fn visits(&self, person: u32) -> Vec<Visit> {
        let rows = self.store.all_rows_of(&self.people, person, &self.venues);
        rows.iter().filter_map(Row::visit).collect()
    }

    /// As [`Situation::visits`], of those that begin at `from` or later.
    fn visits_since(&self, person: u32, from: Time) -> Vec<Visit> {
        let rows = self.store.rows_of(&self.people, person, from, &self.venues);
        rows.iter().filter_map(Row::visit).collect()
    }

    /// A person's distinct scans in order.
    pub(crate) fn scans(&self, person: u32) -> Vec<ScanRow> {
        scans_of(&self.store.all_rows_of(&self.people, person, &self.venues), &self.venues)
    }

    /// Where a person lives: by its latest episode, else its latest standing case event that has a district, else its
    /// resident record.
    pub(crate) fn home(&self, person: u32) -> Place {
        self.home_of(person, self.cases.history(person))
    }

    /// As [`Situation::home`], of somebody with this history.
    pub(crate) fn home_of(&self, person: u32, history: Option<&History>) -> Place {
        let record = || self.residents.record(person);
        history.and_then(|history| history.home).unwrap_or_else(|| self.rules.residence(record()))
    }
}

/// Of the cuts that went, those that may take something from who was there; of those that came, those that may give
/// something.
fn that_matter(mut gone: Vec<Cut>, mut come: Vec<Cut>, now: Time) -> (Vec<Cut>, Vec<Cut>) {
    let is_same = |a: &Cut, b: &Cut| (a.episode, a.venue, a.start) == (b.episode, b.venue, b.start);
    come.retain(|new| {
        // What only makes the future shorter changes nothing that is. But where the case leaves earlier than expected,
        // its stretch begins earlier, and no timer is set for the part of a meeting that begins then.
        let is_shorter =
            |old: &Cut| is_same(old, new) && new.end <= old.end && new.reach <= old.reach && new.end >= now;
        let place = gone.iter().position(is_shorter);
        place.map(|place| gone.remove(place)).is_none_or(|old| new.end < old.end && new.reach > new.end)
    });
    // What only grew takes nothing from anybody.
    gone.retain(|old| {
        let has_grown = |new: &Cut| is_same(old, new) && new.end >= old.end && new.reach >= old.reach;
        !come.iter().any(has_grown)
    });
    (gone, come)
}

/// Is this change (the n-th of gone, then come) one of the two halves of a visit whose end moved from the future to an
/// earlier moment that is not past? Nothing that is changes by it.
fn is_only_shorter(changes: &Changes, n: usize, now: Time) -> bool {
    let is_pair = |old: &Visit, new: &Visit| {
        (old.venue, old.start) == (new.venue, new.start) && new.end <= old.end && new.end >= now
    };
    match n.checked_sub(changes.gone.len()) {
        None => changes.come.iter().any(|new| is_pair(&changes.gone[n], new)),
        Some(n) => changes.gone.iter().any(|old| is_pair(old, &changes.come[n])),
    }
}
