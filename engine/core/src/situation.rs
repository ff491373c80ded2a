//! The situation: one plain value that is told of the events in order and says what changed.
//!
//! `step` takes one event of the journal: it moves `now`, applies what has come, works out anew what that touched and
//! judges the alerts. What takes long is cut into slices, and `step` says that there is more to do. `settle` brings
//! figures, cells, trends and clusters up to date for a picture. All are pure.

use crate::alerts::{AlertBook, Court, Subject};
use crate::batch::{Batch, Known};
use crate::breaches::BreachBook;
use crate::cases::CaseBook;
use crate::clusters::ClusterBook;
use crate::counts::Counts;
use crate::event::{CaseUpdate, Event, Scan, Venue};
use crate::follow::FollowBook;
use crate::jobs::Job;
use crate::links::ContactBook;
use crate::params::{Clock, Params};
use crate::passed::Passed;
use crate::people::People;
use crate::presence::Presence;
use crate::residents::Residents;
use crate::risk::LayerBook;
use crate::rules::Rules;
use crate::settle::Picture;
use crate::shown::{ShownHours, hours_passed};
use crate::store::Store;
use crate::store::add::Changes;
use crate::time::{Day, MINUTE, Time};
use crate::track::ScanRow;
use crate::venues::{RecordChange, VenueBook};
use crate::view::Delta;
use crate::wards::WardMap;
use crate::work_out::Dirty;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub use crate::settle::F2;
pub use crate::tap::{NewScans, TappedScan};

/// Units of the store's own work (sealing, writing anew) for each event and for each second of event time.
const STORE_UNITS_EVENT: u32 = 8;
const STORE_UNITS_SECOND: u32 = 200;

/// What a unit of the store's work costs, in units of about 0.1 µs.
const STORE_UNIT_UNITS: i64 = 3;
/// What an event costs before anything is worked out of it, in units of about 0.1 µs.
const EVENT_UNITS: i64 = 5;

/// How long work is cut. Whatever the numbers, the situation is the same.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// What one call of `step` or `work` may cost, in units of about 0.1 µs.
    pub slice_units: i64,
    /// The store's own work is done in portions of at least so many rows, and of at most so many.
    pub store_portion: u32,
    pub store_portion_max: u32,
    /// Rows that may come or go late in a half-day before its columns are written anew.
    pub late_rows_min: usize,
}

impl Default for Pace {
    /// Some milliseconds a slice.
    fn default() -> Self {
        Self { slice_units: 40_000, store_portion: 512, store_portion_max: 10_000, late_rows_min: 4_096 }
    }
}

/// Everything known of the city, as a function of the events taken and of `now`.
#[derive(Debug)]
pub struct Situation {
    pub(crate) rules: Arc<Rules>,
    pub(crate) now: Option<Time>,
    pub(crate) edge: Time,
    /// While `now` is before this, the edge stays where it is.
    edge_until: Time,
    /// Events whose time has not come.
    pub(crate) pending: BTreeMap<Time, Vec<Event>>,
    pub(crate) people: People,
    pub(crate) store: Store,
    pub(crate) presence: Presence,
    pub(crate) venues: VenueBook,
    pub(crate) counts: Counts,
    pub(crate) cases: CaseBook,
    pub(crate) contacts: ContactBook,
    pub(crate) follow: FollowBook,
    pub(crate) breaches: BreachBook,
    pub(crate) clusters: ClusterBook,
    pub(crate) residents: Residents,
    pub(crate) layers: LayerBook,
    pub(crate) alerts: AlertBook,
    pub(crate) shown: ShownHours,
    pub(crate) picture: Picture,
    pub(crate) dirty: Dirty,
    agenda: VecDeque<Task>,
    job: Option<Job>,
    changes: Changes,
    store_units: u32,
    /// What the store's work has cost and is not yet counted in a slice.
    owed_units: i64,
    /// What is new of scans, where somebody watches.
    pub(crate) watched: Option<NewScans>,
    pace: Pace,
    /// Is what the edge passes put aside?
    pub(crate) keeps_passed: bool,
    pub(crate) passed: Option<Passed>,
}

/// What is yet to be done, in order.
#[derive(Debug)]
enum Task {
    /// `now` moves on.
    To(Time),
    /// `now` is a full hour: it is put down as shown.
    Show(Time),
    Take(Event),
    /// An event is worked in: alerts are judged. `now` before it.
    Judge(Option<Time>),
}

/// Is the situation ready for the next event?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All that was taken is worked in.
    Done,
    /// Something long (a venue's new kind, the retention edge, the F2 of a full hour) goes on: call
    /// [`Situation::work`] until it is done. Until then there is nothing true to ask or to show.
    More,
}

impl Situation {
    /// An empty city under these rules.
    pub fn new(params: Arc<Params>, wards: Arc<WardMap>) -> Self {
        Self::paced(params, wards, Pace::default())
    }

    /// As [`Situation::new`], with long work cut otherwise.
    pub fn paced(params: Arc<Params>, wards: Arc<WardMap>, pace: Pace) -> Self {
        let rules = Arc::new(Rules::new(params, wards));
        Self {
            now: None,
            edge: Time(i64::MIN),
            edge_until: Time(i64::MIN),
            pending: BTreeMap::new(),
            people: People::default(),
            // Half-days begin where the retention edge lies in the zone's first offset.
            store: Store::new(rules.edge(Time(0)), pace.late_rows_min),
            presence: Presence::default(),
            venues: VenueBook::new(Arc::clone(&rules)),
            counts: Counts::new(&rules),
            cases: CaseBook::default(),
            contacts: ContactBook::default(),
            follow: FollowBook::default(),
            breaches: BreachBook::default(),
            clusters: ClusterBook::default(),
            residents: Residents::new(&rules),
            layers: LayerBook::default(),
            alerts: AlertBook::default(),
            shown: ShownHours::default(),
            picture: Picture::new(&rules),
            dirty: Dirty::default(),
            agenda: VecDeque::new(),
            job: None,
            changes: Changes::default(),
            store_units: 0,
            owed_units: 0,
            watched: None,
            pace,
            keeps_passed: false,
            passed: None,
            rules,
        }
    }

    /// Event time; None before the first event (clock `events`) or tick.
    pub fn now(&self) -> Option<Time> {
        self.now
    }

    /// Rows held: visits, and scans that belong to none.
    pub fn rows(&self) -> usize {
        self.store.rows()
    }

    /// What gives `now`.
    pub fn clock(&self) -> Clock {
        self.rules.params.clock
    }

    /// Takes one event of the journal, in its order, and works it in for some milliseconds. Events that came before, in
    /// any order, change nothing.
    pub fn step(&mut self, event: Event, deltas: &mut Vec<Delta>) -> Progress {
        self.begin(event, None);
        self.work(deltas)
    }

    /// Goes on with what was begun, for some milliseconds.
    pub fn work(&mut self, deltas: &mut Vec<Delta>) -> Progress {
        self.take(&mut Batch::default(), deltas)
    }

    /// Takes events from the front, each whole before the next, for some milliseconds or until there are none.
    pub fn take(&mut self, batch: &mut Batch, deltas: &mut Vec<Delta>) -> Progress {
        let mut units = self.pace.slice_units;
        let mut progress = self.go(&mut units, deltas);
        while progress == Progress::Done
            && let Some((event, known)) = batch.pop()
        {
            units -= EVENT_UNITS;
            self.begin(event, known);
            progress = self.go(&mut units, deltas);
        }
        progress
    }

    /// Writes the rows of open clusters whose numbers have changed, which [`Situation::settle`] does too: at a hot venue
    /// they change with every event, and are read a few times a second.
    pub fn tell_clusters(&mut self, deltas: &mut Vec<Delta>) {
        self.judged(deltas, |alerts, _, court, deltas| alerts.tell_moving(court, deltas));
    }

    /// Is something long being worked in, so that there is nothing true to ask or to show?
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    fn begin(&mut self, event: Event, known: Option<Known>) {
        let before = self.now;
        let by_events = self.rules.params.clock == Clock::Events;
        let at = event.at();
        let is_tick = matches!(event, Event::Tick(_));
        let is_idle = self.agenda.is_empty() && self.job.is_none();
        if is_tick != by_events && before.is_none_or(|now| at > now) {
            let hours = before.map_or_else(Vec::new, |now| hours_passed(&self.rules, now, at));
            if is_idle && hours.is_empty() && !self.is_leap(at) {
                self.advance(at);
            } else {
                self.agenda.extend(hours.into_iter().flat_map(|hour| [Task::To(hour), Task::Show(hour)]));
                self.agenda.push_back(Task::To(at));
            }
        }
        self.work_store(STORE_UNITS_EVENT);
        match event {
            // Nearly every event is this one: it need not wait in line.
            Event::Scan(scan)
                if self.agenda.is_empty() && self.job.is_none() && self.now.is_some_and(|now| at <= now) =>
            {
                self.apply_scan(&scan, known);
            }
            Event::Tick(_) => {}
            event => self.agenda.push_back(Task::Take(event)),
        }
        self.agenda.push_back(Task::Judge(before));
    }

    fn go(&mut self, units: &mut i64, deltas: &mut Vec<Delta>) -> Progress {
        loop {
            *units -= std::mem::take(&mut self.owed_units);
            if let Some(job) = self.job.take() {
                // A slice of something long is a call by itself.
                self.job = self.go_on(job, units);
                return Progress::More;
            }
            if *units <= 0 || !self.work_out(units) {
                return Progress::More;
            }
            let Some(task) = self.agenda.pop_front() else { return Progress::Done };
            match task {
                Task::To(now) if self.is_leap(now) => {
                    self.job = Some(Job::Leave(now));
                    self.agenda.push_front(Task::To(now));
                }
                Task::To(now) => self.advance(now),
                Task::Show(hour) => self.job = Some(Job::show(hour, &self.rules)),
                Task::Take(event) if self.now.is_some_and(|now| event.at() <= now) => {
                    // Rows of before say what was true and said of them before.
                    if matches!(event, Event::Venue(_) | Event::Command(_)) {
                        self.tell_clusters(deltas);
                    }
                    self.apply(event);
                }
                Task::Take(event) => self.pending.entry(event.at()).or_default().push(event),
                Task::Judge(before) => self.judge(before, deltas),
            }
            if self.job.is_some() {
                return Progress::More;
            }
        }
    }

    fn judge(&mut self, before: Option<Time>, deltas: &mut Vec<Delta>) {
        self.judged(deltas, |alerts, clusters, court, deltas| alerts.judge(court, clusters, deltas));
        if before != self.now {
            deltas.extend(self.now.map(Delta::Now));
        }
    }

    fn judged(
        &mut self,
        deltas: &mut Vec<Delta>,
        judge: impl FnOnce(&mut AlertBook, &mut ClusterBook, Court<'_>, &mut Vec<Delta>),
    ) {
        let Some(now) = self.now else { return };
        let Self { rules, people, venues, breaches, alerts, clusters, .. } = self;
        judge(alerts, clusters, Court { rules, now, people, venues, breaches }, deltas);
    }

    /// Looks up the names of a batch's scans and touches the memory that these will need, each step for all of them
    /// before the next, so that the memory's delays overlap. Changes nothing here.
    pub fn look_up(&self, batch: &mut Batch) {
        let venues = self.venues.names.look_up(batch.scans().map(|scan| &*scan.venue));
        let held = self.venues.warm(venues.iter().flatten().copied());
        let people = self.people.look_up(batch.scans().map(|scan| &*scan.person));
        std::hint::black_box(self.cases.warm(people.iter().flatten().copied()));
        std::hint::black_box(held ^ self.store.warm(&self.people, &people, &venues));
        let known = people.into_iter().zip(venues);
        batch.know(
            known.map(|(person, venue)| person.zip(venue).map(|(person, venue)| Known { person, venue })),
        );
    }

    /// Makes a person known of whom nothing else is said.
    pub fn know(&mut self, person: &str) {
        self.people.number(person);
    }

    /// Does time move on so far that many may leave their venues?
    fn is_leap(&self, now: Time) -> bool {
        self.now.is_some() && now > self.presence.now().plus(MINUTE)
    }

    /// What time alone does.
    fn advance(&mut self, now: Time) {
        if self.now == Some(now) {
            return;
        }
        let passed = self.now.map_or(0, |before| u32::try_from(now.0 - before.0).unwrap_or(u32::MAX));
        self.work_store(passed.saturating_mul(STORE_UNITS_SECOND));
        self.now = Some(now);
        let today = self.rules.day(now);
        self.counts.advance(now, today, &self.rules);
        self.residents.advance(today, &self.rules);
        self.venues.advance(now);
        let Self { presence, venues, .. } = self;
        presence.advance(now, |venue, more| venues.add_present(venue, more));
        self.contacts.pass(now);
        self.follow.advance(now, today, &self.rules);
        while let Some(first) = self.pending.first_entry().filter(|first| *first.key() <= now) {
            // Each is taken before whatever was yet to be done at this time.
            let events = first.remove();
            events.into_iter().rev().for_each(|event| self.agenda.push_front(Task::Take(event)));
        }
        if now >= self.edge_until {
            self.pass_edge(now, today);
        }
    }

    fn pass_edge(&mut self, now: Time, today: Day) {
        let edge = self.rules.edge(now);
        let next = |day: Day| self.rules.params.zone.at(day, crate::rules::EDGE_S);
        self.edge_until =
            [next(today), next(today.plus(1))].into_iter().filter(|at| *at > now).min().unwrap_or(now);
        if edge > self.edge {
            self.put_passed_aside(edge);
            self.edge = edge;
            self.note_remade();
            self.job = Some(Job::edge(edge, &self.store));
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Scan(scan) => self.apply_scan(&scan, None),
            Event::Case(update) => self.apply_case(update),
            Event::Venue(record) => self.apply_venue(record),
            Event::Resident(record) => {
                let Some(person) = self.people.number(&record.person) else { return };
                self.residents.take(person, record, &self.rules);
                if self.contacts.follow(person).is_some() {
                    self.dirty.follow.insert(person);
                }
            }
            Event::Vaccination(record) => {
                let Some(person) = self.people.number(&record.person) else { return };
                self.residents.take_dose(person, record, &self.rules);
            }
            Event::Command(command) => {
                let alerts = self.alerts.commands.take(command);
                self.alerts.dirty.extend(alerts.into_iter().map(Subject::Alert));
            }
            // No figure is made of declarations, and ticks only move the clock.
            Event::Declaration(_) | Event::Tick(_) => {}
        }
    }

    fn apply_scan(&mut self, scan: &Scan, known: Option<Known>) {
        let Some(now) = self.now.filter(|_| scan.at >= self.edge) else { return };
        let Some(Known { person, venue }) = known.or_else(|| self.hear_of(scan)) else { return };
        let row = ScanRow { at: scan.at, way: scan.direction.into(), mode: scan.mode, venue };
        let mut changes = std::mem::take(&mut self.changes);
        if self.store.add(&mut self.people, person, row, &self.venues, &mut changes) {
            let place = self.venues.get(venue).place;
            self.counts.count(&self.rules, place, scan.at, true);
            self.count_person_today(person, &row, place, changes.last_scan);
            self.venues.add_scan(venue, scan.at, now);
            self.revisit(person, &changes);
            self.touch_breaches(person);
            self.note_new(scan, venue);
        }
        self.changes = changes;
    }

    /// The numbers of a scan's names, new ones where they were never heard; None where there is no room for the person.
    fn hear_of(&mut self, scan: &Scan) -> Option<Known> {
        let person = self.people.number(&scan.person)?;
        Some(Known { person, venue: self.venues.number(&scan.venue) })
    }

    fn apply_case(&mut self, update: CaseUpdate) {
        let person = match update.person.as_deref().map(|name| self.people.number(name)) {
            // There is no room for another person.
            Some(None) => return,
            known => known.flatten(),
        };
        for person in self.cases.take(person, update, &self.rules) {
            self.dirty.cases.insert(person);
            self.dirty.follow.insert(person);
            self.dirty.breaches.insert(person);
        }
    }

    fn apply_venue(&mut self, record: Venue) {
        let venue = self.venues.number(&record.venue);
        match self.venues.weigh(venue, &record) {
            None => {}
            Some(RecordChange::Matters) if self.venues.get(venue).scans > 0 => {
                self.note_remade();
                self.job = Some(Job::rehouse(venue, record, &self.store));
            }
            Some(_) => {
                self.hold_record(venue, record);
                self.alerts.touch_venue(venue);
            }
        }
    }

    /// The store's own work, so many units of it, in portions.
    fn work_store(&mut self, units: u32) {
        self.store_units = self.store_units.saturating_add(units);
        if self.store_units >= self.pace.store_portion
            && let Some(now) = self.now
        {
            let units = self.store_units.min(self.pace.store_portion_max);
            let left = self.store.work(units, now, &mut self.people);
            self.owed_units += i64::from(units - left) * STORE_UNIT_UNITS;
            self.store_units = 0;
        }
    }

    /// Works a scan's changes in with a list that is kept for the next.
    pub(crate) fn with_changes(&mut self, form: impl FnOnce(&mut Self, &mut Changes)) {
        let mut changes = std::mem::take(&mut self.changes);
        form(self, &mut changes);
        self.changes = changes;
    }
}
