//! The situation: one plain value that is told of the events in order and says what changed.
//!
//! `step` takes one event of the journal: it moves `now`, applies what has come, works out anew what that touched and
//! judges the alerts. `settle` brings figures, cells and trends up to date for a picture. Both are pure.

use crate::alerts::{AlertBook, Court, Subject};
use crate::breaches::BreachBook;
use crate::cases::CaseBook;
use crate::clusters::ClusterBook;
use crate::contacts::{self, ContactBook, Meeting};
use crate::counts::Counts;
use crate::event::{CaseUpdate, Event, Scan, Venue};
use crate::follow::{FollowBook, isolation};
use crate::names::Names;
use crate::params::{Clock, Params};
use crate::residents::Residents;
use crate::rules::{Place, Rules};
use crate::settle::Picture;
use crate::shown::{ShownHours, hours_passed};
use crate::time::Time;
use crate::track::{Changes, ScanRow, Track, Visit};
use crate::venues::{RecordChange, Stay, VenueBook};
use crate::view::Delta;
use crate::wards::WardMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use crate::settle::F2;

/// Everything known of the city, as a function of the events taken and of `now`.
#[derive(Debug)]
pub struct Situation {
    pub(crate) rules: Arc<Rules>,
    pub(crate) now: Option<Time>,
    pub(crate) edge: Time,
    /// Events whose time has not come.
    pub(crate) pending: BTreeMap<Time, Vec<Event>>,
    pub(crate) people: Names,
    pub(crate) tracks: Vec<Track>,
    presence: Presence,
    pub(crate) venues: VenueBook,
    pub(crate) counts: Counts,
    pub(crate) cases: CaseBook,
    pub(crate) contacts: ContactBook,
    pub(crate) follow: FollowBook,
    pub(crate) breaches: BreachBook,
    clusters: ClusterBook,
    pub(crate) residents: Residents,
    pub(crate) alerts: AlertBook,
    pub(crate) shown: ShownHours,
    pub(crate) picture: Picture,
    dirty: Dirty,
}

/// People in an open visit, by when they are expected to leave.
#[derive(Debug, Default)]
struct Presence {
    by_end: BTreeSet<(Time, u32)>,
    of: BTreeMap<u32, (Time, u32)>,
}

/// People about whom something must be worked out anew.
#[derive(Debug, Default)]
struct Dirty {
    cuts: BTreeSet<u32>,
    follow: BTreeSet<u32>,
    breaches: BTreeSet<u32>,
}

/// Is the situation ready for the next event?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All that was taken is worked in.
    Done,
    /// Something long (a venue's new kind, the retention edge, the F2 of a full hour) goes on: call
    /// [`Situation::work`] until it is done.
    More,
}

impl Situation {
    /// An empty city under these rules.
    pub fn new(params: Arc<Params>, wards: Arc<WardMap>) -> Self {
        let rules = Arc::new(Rules::new(params, wards));
        Self {
            now: None,
            edge: Time(i64::MIN),
            pending: BTreeMap::new(),
            people: Names::default(),
            tracks: Vec::new(),
            presence: Presence::default(),
            venues: VenueBook::new(Arc::clone(&rules)),
            counts: Counts::new(&rules),
            cases: CaseBook::default(),
            contacts: ContactBook::default(),
            follow: FollowBook::default(),
            breaches: BreachBook::default(),
            clusters: ClusterBook::default(),
            residents: Residents::new(&rules),
            alerts: AlertBook::default(),
            shown: ShownHours::default(),
            picture: Picture::new(&rules),
            dirty: Dirty::default(),
            rules,
        }
    }

    /// Event time; None before the first event (clock `events`) or tick.
    pub fn now(&self) -> Option<Time> {
        self.now
    }

    /// Takes one event of the journal, in its order. Events that came before, in any order, change nothing.
    pub fn step(&mut self, event: Event, deltas: &mut Vec<Delta>) -> Progress {
        let before = self.now;
        let by_events = self.rules.params.clock == Clock::Events;
        let at = event.at();
        let is_tick = matches!(event, Event::Tick(_));
        if is_tick != by_events && before.is_none_or(|now| at > now) {
            self.pass_to(at);
        }
        if !is_tick {
            if self.now.is_some_and(|now| at <= now) {
                self.apply(event);
            } else {
                self.pending.entry(at).or_default().push(event);
            }
        }
        let Some(now) = self.now else { return Progress::Done };
        self.work_out();
        let court = Court {
            rules: &self.rules,
            now,
            people: &self.people,
            venues: &self.venues,
            breaches: &self.breaches,
        };
        self.alerts.judge(court, &mut self.clusters, deltas);
        if before != self.now {
            deltas.push(Delta::Now(now));
        }
        Progress::Done
    }

    /// Goes on with what [`Situation::step`] left, for some milliseconds.
    pub fn work(&mut self, _deltas: &mut Vec<Delta>) -> Progress {
        Progress::Done
    }

    /// Touches the memory that these events will need, so that it is near when they are taken. Changes nothing.
    pub fn warm(&self, _events: &[Event]) {}

    /// Moves `now` on; each full hour passed on the way is shown as it stood then.
    fn pass_to(&mut self, next: Time) {
        if let Some(now) = self.now {
            for hour in hours_passed(&self.rules, now, next) {
                self.advance(hour);
                self.show_hour(hour);
            }
        }
        self.advance(next);
    }

    /// What time alone does.
    fn advance(&mut self, now: Time) {
        if self.now == Some(now) {
            self.work_out();
            return;
        }
        self.now = Some(now);
        let today = self.rules.day(now);
        let rules = Arc::clone(&self.rules);
        self.counts.advance(now, today);
        self.residents.advance(today, &rules);
        let edge = rules.edge(now);
        if edge > self.edge {
            self.edge = edge;
            self.forget_before(edge, now);
        }
        while let Some((_, person)) = self.presence.by_end.first().copied().filter(|(end, _)| *end <= now) {
            self.set_present(person, None);
        }
        while let Some(first) = self.pending.first_entry().filter(|first| *first.key() <= now) {
            first.remove().into_iter().for_each(|event| self.apply(event));
        }
        self.work_out();
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Scan(scan) => self.apply_scan(&scan),
            Event::Case(update) => self.apply_case(update),
            Event::Venue(record) => self.apply_venue(record),
            Event::Resident(record) => {
                let person = self.person(&record.person);
                self.residents.take(person, record, &Arc::clone(&self.rules));
            }
            Event::Vaccination(record) => {
                let person = self.person(&record.person);
                self.residents.take_dose(person, record, &Arc::clone(&self.rules));
            }
            Event::Command(command) => {
                let alerts = self.alerts.commands.take(command);
                self.alerts.dirty.extend(alerts.into_iter().map(Subject::Alert));
            }
            // No figure is made of declarations, and ticks only move the clock.
            Event::Declaration(_) | Event::Tick(_) => {}
        }
    }

    fn person(&mut self, name: &str) -> u32 {
        let person = self.people.number(name);
        if person as usize == self.tracks.len() {
            self.tracks.push(Track::default());
        }
        person
    }

    fn apply_scan(&mut self, scan: &Scan) {
        let Some(now) = self.now.filter(|_| scan.at >= self.edge) else { return };
        let person = self.person(&scan.person);
        let venue = self.venues.number(&scan.venue);
        let row = ScanRow { at: scan.at, way: scan.direction.into(), mode: scan.mode, venue };
        let Some(changes) = self.tracks[person as usize].add(row, &self.venues) else { return };
        let place = self.venues.get(venue).place;
        self.counts.count(&self.rules, place, person, scan.at, now, true);
        self.venues.get_mut(venue).add_scan(person, scan.at);
        self.revisit(person, &changes);
        self.touch_breaches(person);
    }

    fn apply_case(&mut self, update: CaseUpdate) {
        let person = update.person.clone().map(|name| self.person(&name));
        for person in self.cases.take(person, update, &self.rules.params.contacts) {
            self.dirty.cuts.insert(person);
            self.dirty.follow.insert(person);
            self.dirty.breaches.insert(person);
            self.dirty.follow.extend(self.contacts.pairs_of(person).map(|(other, _)| other));
            // Its class may differ now, and clusters tell how many of each.
            let is_case = self.cases.is_case(person);
            for entry in self.contacts.cases_of(person).flat_map(|(_, pair)| &pair.entries) {
                self.clusters.set_class(entry.venue, person, is_case);
                self.alerts.dirty.insert(Subject::Venue(entry.venue));
            }
            self.contacts.version += 1;
        }
    }

    fn apply_venue(&mut self, record: Venue) {
        let venue = self.venues.number(&record.venue);
        match self.venues.weigh(venue, &record) {
            None => return,
            Some(RecordChange::Nothing) => self.venues.hold(venue, record),
            Some(RecordChange::Matters) => self.move_venue(venue, record),
        }
        self.alerts.touch_venue(venue);
    }

    /// A venue moves with its history, and a new kind forms its visits anew.
    fn move_venue(&mut self, venue: u32, record: Venue) {
        let there = self.venues.get(venue).people();
        let before: Vec<Vec<Visit>> = there.iter().map(|person| self.visits(*person)).collect();
        for person in &there {
            self.count_scans_at(*person, venue, false);
        }
        self.venues.hold(venue, record);
        self.contacts.version += 1;
        for (person, before) in there.into_iter().zip(before) {
            self.count_scans_at(person, venue, true);
            let changes = self.tracks[person as usize].derive_from(before, &self.venues);
            self.revisit(person, &changes);
            self.touch_breaches(person);
        }
    }

    fn count_scans_at(&mut self, person: u32, venue: u32, came: bool) {
        let Some(now) = self.now else { return };
        let place = self.venues.get(venue).place;
        for scan in self.tracks[person as usize].scans.iter().filter(|scan| scan.venue == venue) {
            self.counts.count(&self.rules, place, person, scan.at, now, came);
        }
    }

    /// The retention edge has passed scans: all is as if they had never come.
    fn forget_before(&mut self, edge: Time, now: Time) {
        for person in 0..self.tracks.len() {
            let track = &mut self.tracks[person];
            if track.scans.first().is_none_or(|first| first.at >= edge) {
                continue;
            }
            let (scans, changes) = track.forget_before(edge, &self.venues);
            let person = u32::try_from(person).unwrap_or(u32::MAX);
            for scan in scans {
                let place = self.venues.get(scan.venue).place;
                self.counts.count(&self.rules, place, person, scan.at, now, false);
                self.venues.get_mut(scan.venue).forget_scan(person);
            }
            self.revisit(person, &changes);
            self.touch_breaches(person);
        }
    }

    /// A person's visits changed: the venues, the contacts and who is present learn of it.
    fn revisit(&mut self, person: u32, changes: &Changes) {
        for visit in &changes.gone {
            self.venues.remove_visit(person, *visit);
            self.contacts.touch(person, *visit);
        }
        for visit in &changes.come {
            self.venues.add_visit(person, *visit);
            self.contacts.touch(person, *visit);
        }
        if self.cases.is_case(person) {
            self.dirty.cuts.insert(person);
        }
        let open = self.tracks[person as usize].open_until(&self.venues);
        let open = open.filter(|visit| self.now.is_some_and(|now| visit.end > now));
        self.set_present(person, open.map(|visit| (visit.end, visit.venue)));
    }

    fn set_present(&mut self, person: u32, present: Option<(Time, u32)>) {
        let before = match present {
            Some(present) => self.presence.of.insert(person, present),
            None => self.presence.of.remove(&person),
        };
        if before == present {
            return;
        }
        if let Some((end, venue)) = before {
            self.presence.by_end.remove(&(end, person));
            self.venues.get_mut(venue).present -= 1;
        }
        if let Some((end, venue)) = present {
            self.presence.by_end.insert((end, person));
            self.venues.get_mut(venue).present += 1;
        }
    }

    fn touch_breaches(&mut self, person: u32) {
        if self.cases.history(person).is_some() {
            self.dirty.breaches.insert(person);
        }
    }

    /// Works out anew what events and time have touched: cuts, then pairs, then who is followed, then breaches.
    fn work_out(&mut self) {
        let Some(now) = self.now else { return };
        while let Some(person) = self.dirty.cuts.pop_first() {
            self.work_out_cuts(person);
        }
        let due = self.contacts.due(now);
        self.contacts.dirty.extend(due);
        while let Some((case, other)) = self.contacts.dirty.pop_first() {
            self.work_out_pair(case, other, now);
        }
        while let Some(person) = self.dirty.follow.pop_first() {
            if self.follow.tell(person, &self.contacts, &self.cases, &self.rules) {
                self.touch_breaches(person);
            }
        }
        while let Some(person) = self.dirty.breaches.pop_first() {
            let history = self.cases.history(person);
            let follow = self.follow.get(person);
            let isolation = history.map_or_else(Vec::new, |history| isolation(history, follow, &self.rules));
            let scans = &self.tracks[person as usize].scans;
            if self.breaches.tell(person, scans, &isolation, &self.venues) {
                self.alerts.dirty.insert(Subject::Person(person));
            }
        }
    }

    fn work_out_cuts(&mut self, person: u32) {
        let cuts = contacts::cuts(&self.visits(person), self.cases.episodes(person), &self.rules);
        for cut in self.contacts.recut(person, cuts) {
            let stays = self.venues.stays(cut.venue, cut.start, cut.reach);
            let others = stays.filter(|stay| stay.person != person).map(|stay| (person, stay.person));
            self.contacts.dirty.extend(others);
        }
        // Who was met under a cut that is no more may have left its venue's list by the same event.
        let gone: Vec<u32> = self.contacts.pairs_of(person).map(|(other, _)| other).collect();
        if self.contacts.cuts(person).is_empty() {
            self.contacts.dirty.extend(gone.into_iter().map(|other| (person, other)));
        }
    }

    fn work_out_pair(&mut self, case: u32, other: u32, now: Time) {
        let visits = self.visits(other);
        let meetings: Vec<Meeting> = self
            .contacts
            .cuts(case)
            .iter()
            .flat_map(|cut| {
                let there = visits.iter().filter(|visit| visit.venue == cut.venue);
                there.filter_map(|visit| {
                    let stay = Stay { person: other, start: visit.start, end: visit.end };
                    Meeting::of(cut, &stay, &self.rules)
                })
            })
            .collect();
        let Some(before) = self.contacts.set(case, other, meetings, now, &self.rules) else { return };
        self.dirty.follow.insert(other);
        let after = self.contacts.pair(case, other).map_or(&[][..], |pair| &pair.entries);
        let venues = self.clusters.set(case, other, &before, after, self.cases.is_case(other));
        self.alerts.dirty.extend(venues.into_iter().map(Subject::Venue));
    }

    /// A person's visits by start, with expected ends.
    pub(crate) fn visits(&self, person: u32) -> Vec<Visit> {
        self.tracks[person as usize].visits(&self.venues).collect()
    }

    /// Where a person lives: by its latest episode, else its latest standing case event that has a district, else its
    /// resident record.
    pub(crate) fn home(&self, person: u32) -> Place {
        if let Some((district, ward)) = self.cases.history(person).and_then(|history| history.home.as_ref()) {
            return self.rules.place(Some(district), ward.as_deref());
        }
        self.residents.record(person).map_or_else(Place::default, |record| {
            self.rules.place(record.district.as_deref(), record.ward.as_deref())
        })
    }
}
