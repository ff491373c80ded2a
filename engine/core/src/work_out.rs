//! Working out anew what events and time have touched: cuts, then links, then who is followed, then breaches.
//!
//! Each stage is worked out from scratch for what is marked, in an order that does not depend on the order of arrival.

use crate::alerts::Subject;
use crate::cases::History;
use crate::contacts::{self, Cut, Meeting};
use crate::follow::{Follow, isolation};
use crate::links::{Link, changes};
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
    tracing: Option<Tracing>,
}

/// A case's meetings, of which the links are put down contact by contact.
#[derive(Debug)]
struct Tracing {
    case: u32,
    /// Only those of one day.
    day: Option<Day>,
    /// When those who were there as the case came reach the bound: one timer serves them all.
    together: Time,
    /// In order of the contact; the last are taken first.
    meetings: Vec<(u32, Meeting)>,
    /// In order: who had a link before, and may have none now.
    before: Vec<u32>,
}

/// About what one person costs, in units of 0.1 µs: a contact, a day or a following; a case's cuts; its cells.
const PERSON_UNITS: i64 = 60;
const CUTS_UNITS: i64 = 200;
const LAYERS_UNITS: i64 = 200;

impl Situation {
    /// True when nothing is left to work out.
    pub(crate) fn work_out(&mut self, units: &mut i64) -> bool {
        let Some(now) = self.now else { return true };
        loop {
            if let Some(tracing) = self.dirty.tracing.take() {
                self.dirty.tracing = self.relink_contacts(tracing, now, units);
            }
            if let Some(person) = self.next_dirty(units, |dirty| &mut dirty.cases) {
                self.work_out_case(person, units);
            } else if let Some(person) = self.next_dirty(units, |dirty| &mut dirty.cuts) {
                *units -= CUTS_UNITS;
                self.work_out_cuts(person, now, units);
            } else if *units > 0
                && let Some((case, day)) = self.contacts.dirty_cases.pop_first()
            {
                self.work_out_case_day(case, day, units);
            } else {
                break;
            }
        }
        while *units > 0
            && let Some((person, day)) = self.contacts.dirty.pop_first()
        {
            *units -= PERSON_UNITS;
            self.work_out_day(person, day, now);
        }
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

    fn next_dirty(&mut self, units: &mut i64, set: fn(&mut Dirty) -> &mut BTreeSet<u32>) -> Option<u32> {
        if *units <= 0 {
            return None;
        }
        let person = set(&mut self.dirty).pop_first()?;
        *units -= PERSON_UNITS;
        Some(person)
    }

    /// A case's history changed, or somebody is a case no more: its cuts and all links to it.
    fn work_out_case(&mut self, case: u32, units: &mut i64) {
        self.dirty.cuts.remove(&case);
        self.recut(case);
        let before = self.contacts.met(case).collect();
        self.trace_on(case, None, before, units);
    }

    /// A case came somewhere, or those who were there have reached the bound: its links of that day.
    fn work_out_case_day(&mut self, case: u32, day: Day, units: &mut i64) {
        self.trace_on(case, Some(day), Vec::new(), units);
    }

    fn trace_on(&mut self, case: u32, day: Option<Day>, before: Vec<u32>, units: &mut i64) {
        let cuts = self.contacts.cuts(case);
        let together = cuts
            .iter()
            .map(|cut| cut.start)
            .max()
            .map_or(Time(i64::MAX), |last| last.plus(self.rules.bound()));
        let of_day: Vec<Cut> = match day {
            None => cuts.to_vec(),
            Some(day) => {
                let (begin, end) = (self.rules.midnight(day), self.rules.midnight(day.plus(1)));
                cuts.iter().filter(|cut| cut.start < end && cut.reach > begin).copied().collect()
            }
        };
        let mut meetings = self.meetings(case, &of_day);
        meetings.retain(|(_, meeting)| day.is_none_or(|day| meeting.day == day));
        meetings.sort_unstable_by_key(|(other, meeting)| meeting.order(*other));
        *units -= i64::try_from(meetings.len()).unwrap_or(i64::MAX / 2);
        self.dirty.tracing = Some(Tracing { case, day, together, meetings, before });
    }

    /// Puts down the links to a case of one contact after the other; gives it back if there are more.
    fn relink_contacts(&mut self, mut tracing: Tracing, now: Time, units: &mut i64) -> Option<Tracing> {
        while *units > 0 {
            let met = tracing.meetings.last().map(|(other, _)| *other);
            let other = met.max(tracing.before.last().copied())?;
            let from = tracing.meetings.partition_point(|(person, _)| *person < other);
            let same = tracing.meetings.split_off(from);
            tracing.before.pop_if(|last| *last == other);
            let meetings: Vec<Meeting> = same.into_iter().map(|(_, meeting)| meeting).collect();
            let mut links = Vec::with_capacity(meetings.len());
            for day in meetings.chunk_by(|a, b| a.day == b.day) {
                links.extend(self.links_of_pair(tracing.case, other, day, now, tracing.together));
            }
            let standing = self.follow.get(other).copied().unwrap_or_default().standing();
            let before = match tracing.day {
                None => self.contacts.set_case(other, tracing.case, links, standing),
                Some(day) => self.contacts.set_case_day(other, tracing.case, day, links, standing),
            };
            if let Some(before) = before {
                self.relinked(other, &before, now);
            }
            *units -= PERSON_UNITS;
        }
        Some(tracing)
    }

    /// What is listed of a pair's meetings of one day; a second in which that changes is noted, that in which many reach
    /// the bound `together` only once.
    fn links_of_pair(
        &mut self,
        case: u32,
        other: u32,
        meetings: &[Meeting],
        now: Time,
        together: Time,
    ) -> Vec<Link> {
        let (links, next) = contacts::links(case, self.cases.episodes(case), meetings, now, &self.rules);
        match next {
            Some(next) if next == together => self.contacts.set_case_timer(next, case, meetings[0].day),
            Some(next) => self.contacts.set_timer(next, other, meetings[0].day),
            None => {}
        }
        links
    }

    /// Puts a case's cuts down as its visits and episodes make them. Gives those that went and those that came.
    fn recut(&mut self, person: u32) -> (Vec<Cut>, Vec<Cut>) {
        let episodes = self.cases.episodes(person);
        let cuts = if episodes.is_empty() {
            Vec::new()
        } else {
            contacts::cuts(&self.visits(person), episodes, &self.rules)
        };
        let (gone, come) = self.contacts.recut(person, cuts);
        for cut in gone.iter().chain(&come) {
            self.venues.get_mut(cut.venue).cases_until = self.contacts.cases_until(cut.venue);
        }
        self.dirty.layers.insert(person);
        (gone, come)
    }

    /// A case's visits changed: the days of those who were there are worked out anew.
    fn work_out_cuts(&mut self, person: u32, now: Time, units: &mut i64) {
        let (mut gone, mut come) = self.recut(person);
        come.retain(|new| {
            // What only makes the future shorter changes nothing that is.
            let shorter = |old: &Cut| {
                let same = (old.episode, old.venue, old.start) == (new.episode, new.venue, new.start);
                same && new.end <= old.end && new.reach <= old.reach && new.end >= now
            };
            let place = gone.iter().position(shorter);
            place.map(|place| gone.remove(place)).is_none()
        });
        // What only grew takes nothing from anybody.
        gone.retain(|old| {
            !come.iter().any(|new| {
                let same = (old.episode, old.venue, old.start) == (new.episode, new.venue, new.start);
                same && new.end >= old.end && new.reach >= old.reach
            })
        });
        for cut in &come {
            let days = self.rules.day(cut.start)..=self.rules.day(cut.reach);
            let days = (days.start().0..=days.end().0).map(|day| (person, Day(day)));
            self.contacts.dirty_cases.extend(days);
        }
        for cut in &gone {
            for (other, meeting) in self.meetings(person, std::slice::from_ref(cut)) {
                *units -= 1;
                self.contacts.dirty.insert((other, meeting.day));
            }
        }
        // Who was met under a cut that is no more may have left its venue by the same event.
        if self.contacts.cuts(person).is_empty() {
            for other in self.contacts.met(person).collect::<Vec<_>>() {
                let links = self.contacts.links(other).iter().filter(|link| link.case == person);
                let days: Vec<Day> = links.map(|link| link.day).collect();
                self.contacts.dirty.extend(days.into_iter().map(|day| (other, day)));
            }
        }
    }

    /// A person's links of one day, from its rows and the cuts at their venues.
    fn work_out_day(&mut self, person: u32, day: Day, now: Time) {
        let (begin, end) = (self.rules.midnight(day), self.rules.midnight(day.plus(1)));
        let mut meetings: Vec<(u32, Meeting)> = Vec::new();
        for row in self.store.rows_of(&self.people, person, begin.plus(-VISIT_MAX_S), &self.venues) {
            if row.len == 0 || row.at >= end || row.end() <= begin {
                continue;
            }
            let stay = Stay { person, start: row.at, end: row.end() };
            let there = self.contacts.cuts_at(row.venue).iter().rev();
            for (case, cut) in there.take_while(|(_, cut)| cut.reach > row.at) {
                let meeting = Meeting::of(cut, &stay, &self.rules).filter(|meeting| meeting.day == day);
                meetings.extend(meeting.filter(|_| *case != person).map(|meeting| (*case, meeting)));
            }
        }
        meetings.sort_unstable_by_key(|(case, meeting)| meeting.order(*case));
        let mut links = Vec::new();
        for same in meetings.chunk_by(|a, b| a.0 == b.0) {
            let of_one: Vec<Meeting> = same.iter().map(|(_, meeting)| *meeting).collect();
            links.extend(self.links_of_pair(same[0].0, person, &of_one, now, Time(i64::MAX)));
        }
        let standing = self.follow.get(person).copied().unwrap_or_default().standing();
        if let Some(before) = self.contacts.set_day(person, day, links, standing) {
            self.relinked(person, &before, now);
        }
    }

    /// A person's links differ: so may what it is as a contact, and the clusters of the venues.
    fn relinked(&mut self, person: u32, before: &[Link], now: Time) {
        let is_case = self.cases.is_case(person);
        let after = self.contacts.links(person);
        let mut venues: Vec<u32> = changes(before, after).into_iter().map(|(link, _)| link.venue).collect();
        venues.sort_unstable();
        venues.dedup();
        for venue in venues {
            let latest = |links: &[Link]| links.iter().filter(|l| l.venue == venue).map(Link::from).max();
            let (before, after) = (latest(before), latest(after));
            if before != after {
                self.clusters.set(venue, person, after, is_case);
                self.alerts.dirty.insert(Subject::Venue(venue));
            }
        }
        self.work_out_follow(person, now);
    }

    fn work_out_follow(&mut self, person: u32, now: Time) {
        let nothing = History::default();
        let history = self.cases.history(person).unwrap_or(&nothing);
        let follow = Follow::of(history, self.contacts.links(person), &self.rules);
        let home = self.home(person);
        let Some(before) = self.follow.set(person, follow, home, now, &self.rules) else { return };
        let after = self.follow.get(person).copied().unwrap_or_default();
        self.contacts.restand(person, before.standing(), after.standing());
        if before.is_case != follow.is_case {
            self.set_class(person, follow.is_case);
        }
        self.touch_breaches(person);
    }

    /// Clusters tell how many of their contacts are cases.
    fn set_class(&mut self, person: u32, is_case: bool) {
        let links = self.contacts.links(person).to_vec();
        for link in &links {
            let here = links.iter().filter(|other| other.venue == link.venue);
            self.clusters.set(link.venue, person, here.map(Link::from).max(), is_case);
            self.alerts.dirty.insert(Subject::Venue(link.venue));
        }
    }

    fn work_out_breaches(&mut self, person: u32) {
        let history = self.cases.history(person);
        let follow = self.follow.get(person);
        let isolation = history.map_or_else(Vec::new, |history| isolation(history, follow, &self.rules));
        let scans = if isolation.is_empty() { Vec::new() } else { self.scans(person) };
        if self.breaches.tell(person, &scans, &isolation, &self.venues) {
            self.alerts.dirty.insert(Subject::Person(person));
        }
    }

    pub(crate) fn work_out_layers(&mut self, person: u32) {
        let Some(now) = self.now else { return };
        let (cuts, episodes) = (self.contacts.cuts(person), self.cases.episodes(person));
        self.layers.set_case(person, cuts, episodes, now, &self.venues);
    }

    /// A person's visits changed: the contacts and who is present learn of it.
    pub(crate) fn revisit(&mut self, person: u32, changes: &Changes) {
        let Some(now) = self.now else { return };
        let midnight = self.counts.midnight();
        let Self { venues, presence, contacts, rules, .. } = self;
        let bound = rules.bound();
        // A day's first visit, just begun: until it lasts as long as the bound it can make no contact, whoever is there.
        let is_first = changes.gone.is_empty() && changes.last_end.is_some_and(|end| end <= midnight);
        for (n, visit) in changes.gone.iter().chain(&changes.come).enumerate() {
            if venues.get(visit.venue).cases_until <= visit.start || is_only_shorter(changes, n, now) {
                continue;
            }
            let reached = visit.start.plus(bound);
            let plain = is_first && visit.start >= midnight && reached > now;
            if plain && contacts.have_begun(visit, now) {
                contacts.set_timer(reached, person, rules.day(visit.start));
            } else {
                contacts.touch(person, *visit, rules);
            }
        }
        presence.change(changes.before, changes.after, |venue, more| venues.add_present(venue, more));
        if self.cases.is_case(person) && !(changes.gone.is_empty() && changes.come.is_empty()) {
            self.dirty.cuts.insert(person);
        }
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

    /// As [`Situation::each_stay`], of the stays that begin in one half-day.
    pub(crate) fn each_stay_in(&self, half: i64, venue: u32, from: Time, to: Time, found: impl FnMut(Stay)) {
        self.store.each_stay_in(half..=half, venue, from, to, self.venues.visit_max(venue), found);
    }

    /// A person's visits by start, with expected ends.
    pub(crate) fn visits(&self, person: u32) -> Vec<Visit> {
        let rows = self.store.all_rows_of(&self.people, person, &self.venues);
        rows.iter().filter_map(Row::visit).collect()
    }

    /// A person's distinct scans in order.
    pub(crate) fn scans(&self, person: u32) -> Vec<ScanRow> {
        scans_of(&self.store.all_rows_of(&self.people, person, &self.venues), &self.venues)
    }

    /// Counts a person as seen today in the areas where no other scan of it was. `last` is its last scan before, where
    /// this is its newest.
    pub(crate) fn count_person_today(
        &mut self,
        person: u32,
        scan: &ScanRow,
        place: Place,
        last: Option<Time>,
    ) {
        let midnight = self.counts.midnight();
        if scan.at < midnight {
            return;
        }
        let is_first = last.is_some_and(|last| last < midnight);
        // City, district, ward.
        let mut seen = [false; 3];
        if !is_first {
            self.each_scan_today(person, |other| {
                if other != *scan {
                    let there = self.venues.get(other.venue).place;
                    let same_district = there.district == place.district;
                    seen = [
                        true,
                        seen[1] || same_district,
                        seen[2] || same_district && there.ward == place.ward,
                    ];
                }
                !seen[2]
            });
        }
        for (slot, seen) in self.rules.slots(place).zip(seen) {
            if !seen {
                self.counts.count_person(slot, true);
            }
        }
    }

    /// Calls `more` for a person's scans of today, the later visits first, while it says so.
    fn each_scan_today(&self, person: u32, mut more: impl FnMut(ScanRow) -> bool) {
        let midnight = self.counts.midnight();
        self.store.each_row_since(&self.people, person, midnight.plus(-VISIT_MAX_S), &self.venues, |row| {
            let goes_on = row.scans().filter(|scan| scan.at >= midnight).all(&mut more);
            // Visits do not overlap: what is older than one that began before is over.
            goes_on && (row.at >= midnight || !row.code.is_visit())
        });
    }

    /// The areas in which a person was scanned today, each once.
    pub(crate) fn seen_today(&self, person: u32) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        self.each_scan_today(person, |scan| {
            seen.extend(self.rules.slots(self.venues.get(scan.venue).place));
            true
        });
        seen
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
