//! Working a scan in: what it changes of the rows, and what of that others must know.

use super::row::{Code, Row};
use super::{HALF_S, Store};
use crate::people::{NONE, People};
use crate::time::Time;
use crate::track::{
    ScanRow, VISIT_MAX_S, Venues, Visit, Way, open_visit, order, row_order, scans_of, seconds, walk,
};
use std::cmp::Ordering;

/// What of a person's visits changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub gone: Vec<Visit>,
    pub come: Vec<Visit>,
    /// The visit that no scan had closed, and the one that none has closed now.
    pub before: Option<Visit>,
    pub after: Option<Visit>,
    /// The person's last scan before this one was no later, where this one is the newest.
    pub last_scan: Option<Time>,
    /// What was before it ended no later, where this one is the newest.
    pub last_end: Option<Time>,
}

impl Changes {
    fn clear(&mut self) {
        self.gone.clear();
        self.come.clear();
        (self.before, self.after) = (None, None);
        (self.last_scan, self.last_end) = (None, None);
    }

    fn note(&mut self, gone: Option<&Row>, come: Option<&Row>) {
        self.gone.extend(gone.and_then(Row::visit));
        self.come.extend(come.and_then(Row::visit));
    }
}

/// No scan of a person was later than the first, and no visit ended later than the second, as the newest row says. One
/// that is a lone scan may lie in a visit that went on after it, so it says less.
fn over_by(newest: &Row) -> (Time, Time) {
    if newest.code.is_visit() {
        return (newest.last_scan(), newest.end());
    }
    let longest = newest.at.plus(VISIT_MAX_S);
    (longest, longest)
}

/// What one person's newest scan is worked into.
struct Newest<'a, V: Venues> {
    store: &'a mut Store,
    people: &'a mut People,
    venues: &'a V,
    changes: &'a mut Changes,
    person: u32,
    scan: ScanRow,
    head: u32,
}

impl Store {
    /// Works a person's scan in; false if it was there already.
    pub fn add<V: Venues>(
        &mut self,
        people: &mut People,
        person: u32,
        scan: ScanRow,
        venues: &V,
        changes: &mut Changes,
    ) -> bool {
        changes.clear();
        // Everything that can bear on the scan must hang on the chain: visits end within VISIT_MAX_S of their begin,
        // and scans repeated within one as well.
        let is_near = self.number(scan.at.plus(-2 * VISIT_MAX_S)) >= self.open_from;
        let head = people.head(person);
        let last = self.row(head).map(|(row, _)| row);
        let is_newest = last.is_none_or(|row| row.last_scan() < scan.at);
        // Behind a lone scan a visit may still be open.
        let is_plain = last.is_none_or(|row| row.code.is_visit() || row.at < scan.at.plus(-2 * VISIT_MAX_S));
        if !self.halves.is_empty() && is_near && is_newest && is_plain {
            self.ensure(self.number(scan.at), people);
            // Without any row all was over one longest visit after the begin of the open half-days.
            let before_all = self.begin(self.open_from).plus(VISIT_MAX_S);
            let (last_scan, last_end) = last.map_or((before_all, before_all), |row| over_by(&row));
            (changes.last_scan, changes.last_end) = (Some(last_scan), Some(last_end));
            let last = last.filter(|row| row.code.is_visit() && row.code.closed_by().is_none());
            Newest { store: self, people, venues, changes, person, scan, head }.add(last);
            return true;
        }
        self.add_anywhere(people, person, scan, venues, changes)
    }

    /// Takes the rows around a scan apart and walks them again with it.
    fn add_anywhere<V: Venues>(
        &mut self,
        people: &mut People,
        person: u32,
        scan: ScanRow,
        venues: &V,
        changes: &mut Changes,
    ) -> bool {
        let mut old = self.rows_of(people, person, scan.at.plus(-2 * VISIT_MAX_S), venues);
        changes.before = open_visit(&old);
        // The scan that opened the last visit before it gives the state exactly; without one, none can be open.
        let lone =
            Row { person, venue: scan.venue, at: scan.at, len: 0, code: Code::single(scan.mode, scan.way) };
        let begins = |row: &Row| row.code.is_visit() && row_order(row, &lone, venues) != Ordering::Greater;
        let from = old
            .iter()
            .rposition(begins)
            .unwrap_or_else(|| old.partition_point(|row| row.at < scan.at.plus(-VISIT_MAX_S)));
        old.drain(..from);
        let mut scans = scans_of(&old, venues);
        let place = scans.partition_point(|held| order(held, &scan, venues).is_lt());
        if scans.get(place) == Some(&scan) {
            return false;
        }
        scans.insert(place, scan);
        let new = walk(person, &scans, venues);
        changes.after = open_visit(&new);
        self.replace(people, &old, &new, venues, changes);
        true
    }

    /// Forms all visits of a person anew, after a venue's kind changed.
    pub fn form_again(
        &mut self,
        people: &mut People,
        person: u32,
        venues: &impl Venues,
        changes: &mut Changes,
    ) {
        changes.clear();
        let old = self.all_rows_of(people, person, venues);
        let new = walk(person, &scans_of(&old, venues), venues);
        (changes.before, changes.after) = (open_visit(&old), open_visit(&new));
        self.replace(people, &old, &new, venues, changes);
    }

    /// Forms a person's visits as if the scans before the edge had never come; gives those scans.
    pub fn form_from(
        &mut self,
        people: &mut People,
        person: u32,
        edge: Time,
        venues: &impl Venues,
        changes: &mut Changes,
    ) -> Vec<ScanRow> {
        changes.clear();
        let old = self.rows_of(people, person, edge.plus(-HALF_S - VISIT_MAX_S), venues);
        let mut gone = scans_of(&old, venues);
        let kept = gone.split_off(gone.partition_point(|scan| scan.at < edge));
        let new = walk(person, &kept, venues);
        (changes.before, changes.after) = (open_visit(&old), open_visit(&new));
        self.replace(people, &old, &new, venues, changes);
        gone
    }

    /// Rows that differ are taken out, put in or rewritten; both lists are in order.
    fn replace(
        &mut self,
        people: &mut People,
        old: &[Row],
        new: &[Row],
        venues: &impl Venues,
        changes: &mut Changes,
    ) {
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let side = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => row_order(a, b, venues),
            };
            let gone = if side == Ordering::Greater { None } else { old.next() };
            let come = if side == Ordering::Less { None } else { new.next() };
            if gone == come {
                continue;
            }
            if let Some(row) = gone {
                self.remove(people, row);
            }
            if let Some(row) = come {
                self.insert(people, row);
            }
            changes.note(gone, come);
        }
    }
}

impl<V: Venues> Newest<'_, V> {
    /// The newest scan meets the newest row, if that is a visit that nothing has closed.
    fn add(&mut self, last: Option<Row>) {
        let scan = self.scan;
        let single = Code::single(scan.mode, scan.way);
        let Some(last) = last else { return self.begin() };
        self.changes.before = last.visit();
        self.changes.after = last.visit();
        let dwell = self.venues.dwell(scan.venue);
        let in_reach = scan.at <= last.at.plus(dwell.max);
        if last.venue == scan.venue {
            if scan.mode.is_control() {
                return self.push(single, 0);
            }
            if scan.way == Way::Out && in_reach {
                return self.end(&last, scan.at, Some(scan.mode));
            }
            if scan.way != Way::Out && in_reach && scan.at <= last.end() {
                let row = Row { len: seconds(last.at, scan.at.plus(dwell.typical)), ..last };
                self.rewrite(&last, &row);
                self.changes.after = row.visit();
                return self.push(single, 0);
            }
        }
        self.end(&last, scan.at.min(last.end()), None);
        self.begin();
    }

    fn end(&mut self, last: &Row, end: Time, by: Option<crate::event::Mode>) {
        let (mode, way) = last.code.first();
        let row = Row { len: seconds(last.at, end), code: Code::visit(mode, way, by), ..*last };
        self.rewrite(last, &row);
        self.changes.after = None;
    }

    fn rewrite(&mut self, old: &Row, new: &Row) {
        if old != new {
            self.store.rewrite(self.head, old, new);
            self.changes.note(Some(old), Some(new));
        }
    }

    /// No visit is open: the scan opens one or stands alone.
    fn begin(&mut self) {
        let scan = self.scan;
        let typical = self.venues.dwell(scan.venue).typical;
        if scan.way == Way::Out || scan.mode.is_control() || typical == 0 {
            return self.push(Code::single(scan.mode, scan.way), 0);
        }
        self.push(Code::visit(scan.mode, scan.way, None), seconds(scan.at, scan.at.plus(typical)));
        let visit = Visit { venue: scan.venue, start: scan.at, end: scan.at.plus(typical) };
        self.changes.come.push(visit);
        self.changes.after = Some(visit);
    }

    fn push(&mut self, code: Code, len: u16) {
        let ScanRow { at, venue, .. } = self.scan;
        self.store.insert_newest(self.people, &Row { person: self.person, venue, at, len, code }, self.head);
    }
}

impl Store {
    /// As [`Store::insert`], for a row that is newer than the head of the chain, in an open half-day.
    fn insert_newest(&mut self, people: &mut People, row: &Row, head: u32) {
        let number = self.number(row.at);
        let has_room = self.open(number).is_some_and(super::Open::has_room);
        if !has_room {
            return self.insert(people, row);
        }
        self.note(number, true, row);
        let next = if self.locate(head).is_some() { head } else { NONE };
        if let Some(open) = self.open_mut(number) {
            let start = u16::try_from(row.at.0 - open.begin.0).unwrap_or(u16::MAX);
            let open_row =
                super::OpenRow { start, len: row.len, who: super::who(row.person, row.code), next };
            let id = Self::id(number, open.push(row.venue, open_row));
            people.set_head(row.person, id);
        }
    }
}
