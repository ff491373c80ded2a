//! What takes long, in slices: the retention edge, a venue's new place or kind, the F2 of a full hour, who has left after
//! a long silence.
//!
//! While a job goes on no event is taken and no question answered, so that nothing half done is ever seen.

use crate::bits::Bits;
use crate::event::Venue;
use crate::rules::Rules;
use crate::situation::Situation;
use crate::store::Store;
use crate::sweep::Sweep;
use crate::time::{MINUTE, Time};
use crate::track::VISIT_MAX_S;
use std::ops::Range;

/// About what forming one person's visits anew costs, in units of 0.1 µs.
const FORM_UNITS: i64 = 100;
/// The same of one person that leaves a venue.
const LEAVE_UNITS: i64 = 3;

/// Something long that has been begun.
#[derive(Debug)]
pub(crate) enum Job {
    Edge(Edge),
    Rehouse(Rehouse),
    Show(Time, Box<Sweep>),
    /// Time leaps to this moment: those who left meanwhile are counted out first.
    Leave(Time),
}

/// The retention edge passes: all is as if the scans before it had never come.
#[derive(Debug)]
pub(crate) struct Edge {
    at: Time,
    stage: EdgeStage,
    /// People with rows on both sides of the edge.
    across: Vec<u32>,
}

#[derive(Debug)]
enum EdgeStage {
    /// Looking for people across the edge: half-day, venue.
    Look(Range<i64>, u32),
    /// Forming their visits from the edge on: place in the list.
    Form(usize),
    /// Counting the scans of whole half-days out of their venues.
    Count(Range<i64>, u32),
    /// Marking the contacts of days that have passed it, from a person on.
    Touch(u32),
}

/// A venue moves with its history, and a new kind forms its visits anew.
#[derive(Debug)]
pub(crate) struct Rehouse {
    venue: u32,
    /// Until it is taken.
    record: Option<Venue>,
    is_new_kind: bool,
    halves: Range<i64>,
    stage: RehouseStage,
    /// Everybody scanned there.
    people: Bits,
}

#[derive(Debug)]
enum RehouseStage {
    /// Counting scans out of the old place, by half-day.
    Out(i64),
    /// Counting people as not seen today: the next.
    Unsee(u32),
    /// Counting scans in at the new place.
    In(i64),
    /// Counting people as seen today again.
    See(u32),
    /// Forming visits anew.
    Form(u32),
}

impl Job {
    /// What is shown at a full hour.
    pub fn show(hour: Time, rules: &Rules) -> Self {
        Self::Show(hour, Box::new(Sweep::new(hour, rules)))
    }

    /// The edge has moved on to here.
    pub fn edge(edge: Time, store: &Store) -> Self {
        // Rows across it begin at most one visit before it, or lie in the half-day in which it lies.
        let halves = store.half_of(edge.plus(-VISIT_MAX_S))..store.half_of(edge) + 1;
        Self::Edge(Edge { at: edge, stage: EdgeStage::Look(halves, 0), across: Vec::new() })
    }

    /// A venue that has scans gets a record with another place or kind.
    pub fn rehouse(venue: u32, record: Venue, store: &Store) -> Self {
        let halves = store.halves();
        Self::Rehouse(Rehouse {
            venue,
            record: Some(record),
            is_new_kind: false,
            stage: RehouseStage::Out(halves.start),
            halves,
            people: Bits::default(),
        })
    }
}

impl Situation {
    /// Goes on with a job; gives it back if there is more of it.
    pub(crate) fn go_on(&mut self, job: Job, units: &mut i64) -> Option<Job> {
        match job {
            Job::Show(hour, mut sweep) => {
                if !sweep.go_on(self, units) {
                    return Some(Job::Show(hour, sweep));
                }
                self.show_hour(hour, &sweep.finish());
                None
            }
            Job::Leave(now) => (!self.let_leave(now, units)).then_some(Job::Leave(now)),
            Job::Edge(edge) => self.go_on_edge(edge, units).map(Job::Edge),
            Job::Rehouse(rehouse) => self.go_on_rehouse(rehouse, units).map(Job::Rehouse),
        }
    }

    /// Counts out who leaves until then, minute by minute; true when all are.
    fn let_leave(&mut self, until: Time, units: &mut i64) -> bool {
        let Self { now, presence, venues, .. } = self;
        let last = now.map_or(until, |now| now.plus(VISIT_MAX_S));
        while *units > 0 && presence.now() < until {
            let next = if presence.now() > last { until } else { presence.now().plus(MINUTE).min(until) };
            *units -= 1;
            presence.advance(next, |venue, more| {
                *units -= LEAVE_UNITS;
                venues.add_present(venue, more);
            });
        }
        presence.now() >= until
    }

    fn go_on_edge(&mut self, mut job: Edge, units: &mut i64) -> Option<Edge> {
        while *units > 0 {
            job.stage = match std::mem::replace(&mut job.stage, EdgeStage::Form(0)) {
                EdgeStage::Look(halves, venue) => self.look_across(&mut job, halves, venue, units),
                EdgeStage::Form(n) => {
                    let Some(person) = job.across.get(n).copied() else {
                        job.stage = EdgeStage::Count(self.store.halves_before(job.at), 0);
                        continue;
                    };
                    *units -= FORM_UNITS;
                    self.form_from_edge(person, job.at);
                    EdgeStage::Form(n + 1)
                }
                EdgeStage::Count(halves, _) if halves.is_empty() => {
                    self.forget_before(job.at);
                    EdgeStage::Touch(0)
                }
                EdgeStage::Touch(person) => {
                    let day = self.rules.day(job.at);
                    EdgeStage::Touch(self.contacts.touch_until(day, person, units)?)
                }
                EdgeStage::Count(halves, venue) => self.count_out(halves, venue, units),
            };
        }
        Some(job)
    }

    fn look_across(&self, job: &mut Edge, halves: Range<i64>, venue: u32, units: &mut i64) -> EdgeStage {
        if halves.is_empty() {
            job.across.sort_unstable();
            job.across.dedup();
            return EdgeStage::Form(0);
        }
        let number = halves.start;
        if venue >= self.store.venues_in(number) {
            return EdgeStage::Look(number + 1..halves.end, 0);
        }
        let has_edge = number == self.store.half_of(job.at);
        *units -= 1;
        self.store.each_row_in(number, venue, |row| {
            *units -= 1;
            // Where the edge lies within a half-day its rows go one by one.
            if row.at < job.at && (has_edge || row.end() >= job.at) {
                job.across.push(row.person);
            }
        });
        EdgeStage::Look(halves, venue + 1)
    }

    fn form_from_edge(&mut self, person: u32, edge: Time) {
        self.with_changes(|city, changes| {
            let gone = city.store.form_from(&mut city.people, person, edge, &city.venues, changes);
            for scan in gone {
                city.venues.forget_scans(scan.venue, 1);
            }
            city.revisit(person, changes);
        });
    }

    fn count_out(&mut self, halves: Range<i64>, venue: u32, units: &mut i64) -> EdgeStage {
        let number = halves.start;
        if venue >= self.store.venues_in(number) {
            self.store.drop_half(number);
            *units = 0;
            return EdgeStage::Count(number + 1..halves.end, 0);
        }
        let mut scans = 0;
        self.store.each_row_in(number, venue, |row| scans += row.code.scans());
        *units -= 1 + i64::from(scans);
        if scans > 0 {
            self.venues.forget_scans(venue, scans);
        }
        EdgeStage::Count(halves, venue + 1)
    }

    fn forget_before(&mut self, edge: Time) {
        self.counts.forget_before(edge);
        let cases = self.cases.cases().map(|(person, _)| person);
        self.dirty.cuts.extend(cases);
        self.dirty.breaches.extend(self.cases.histories().map(|(person, _)| person));
    }

    fn go_on_rehouse(&mut self, mut job: Rehouse, units: &mut i64) -> Option<Rehouse> {
        while *units > 0 {
            job.stage = match job.stage {
                RehouseStage::Out(half) if half < job.halves.end => {
                    self.count_there(&mut job, half, false, units);
                    RehouseStage::Out(half + 1)
                }
                RehouseStage::Out(_) => RehouseStage::Unsee(0),
                RehouseStage::Unsee(from) => {
                    if let Some(person) = job.people.next(from) {
                        self.count_seen_today(person, false, units);
                        RehouseStage::Unsee(person + 1)
                    } else {
                        self.take_record(&mut job);
                        RehouseStage::In(job.halves.start)
                    }
                }
                RehouseStage::In(half) if half < job.halves.end => {
                    self.count_there(&mut job, half, true, units);
                    RehouseStage::In(half + 1)
                }
                RehouseStage::In(_) => RehouseStage::See(0),
                RehouseStage::See(from) => {
                    if let Some(person) = job.people.next(from) {
                        self.count_seen_today(person, true, units);
                        RehouseStage::See(person + 1)
                    } else {
                        RehouseStage::Form(0)
                    }
                }
                RehouseStage::Form(from) => {
                    let Some(person) = job.people.next(from) else {
                        self.venues.form(None);
                        self.alerts.touch_venue(job.venue);
                        return None;
                    };
                    self.form_at_new_kind(person, job.is_new_kind, units);
                    RehouseStage::Form(person + 1)
                }
            };
        }
        Some(job)
    }

    fn form_at_new_kind(&mut self, person: u32, is_new_kind: bool, units: &mut i64) {
        self.touch_breaches(person);
        *units -= 1;
        if is_new_kind {
            *units -= FORM_UNITS;
            self.with_changes(|city, changes| {
                city.store.form_again(&mut city.people, person, &city.venues, changes);
                city.revisit(person, changes);
            });
        }
    }

    /// Counts the scans of one half-day at a venue in or out; going out, it notes whose they are.
    fn count_there(&mut self, job: &mut Rehouse, half: i64, came: bool, units: &mut i64) {
        let Self { store, counts, rules, venues, .. } = self;
        let place = venues.get(job.venue).place;
        store.each_row_in(half, job.venue, |row| {
            *units -= 1;
            for scan in row.scans() {
                counts.count(rules, place, scan.at, came);
            }
            if !came {
                job.people.set(row.person, true);
            }
        });
    }

    fn take_record(&mut self, job: &mut Rehouse) {
        let Some(record) = job.record.take() else { return };
        let kind = self.venues.get(job.venue).kind;
        self.hold_record(job.venue, record);
        job.is_new_kind = kind != self.venues.get(job.venue).kind;
        self.venues.form(Some((job.venue, kind)));
    }

    fn count_seen_today(&mut self, person: u32, came: bool, units: &mut i64) {
        const COST: i64 = 5;
        *units -= COST;
        self.seen_today(person).into_iter().for_each(|slot| self.counts.count_person(slot, came));
    }

    /// Takes a record whose scans, if any, are counted out.
    pub(crate) fn hold_record(&mut self, venue: u32, record: Venue) {
        let Self { venues, layers, contacts, dirty, .. } = self;
        venues.hold(venue, record, |cell, people| layers.add_present(cell, people));
        dirty.layers.extend(contacts.cuts.at(venue).iter().map(|(case, _)| *case));
    }
}
