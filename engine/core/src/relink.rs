//! Putting down links anew: of a case whole, of a room where a case was, of a person's day, and what follows from them.

use crate::alerts::Subject;
use crate::cases::History;
use crate::contacts::{self, Cut, Meeting};
use crate::follow::{Follow, Followed};
use crate::links::{Link, Part, Room, latest_at};
use crate::situation::Situation;
use crate::store::Stay;
use crate::time::{Day, Time};
use crate::track::VISIT_MAX_S;
use crate::work_out::PERSON_UNITS;
use std::collections::BTreeSet;

/// Most people meet fewer cases a day.
const MEETINGS_OF_A_DAY: usize = 16;

/// A case's meetings, of which the links are put down contact by contact.
#[derive(Debug)]
pub(crate) struct Relinking {
    case: u32,
    /// Only those of one day who were in that room.
    room: Option<Room>,
    /// Where the case came last, and when those who were there as it came reach the bound: one timer serves them all.
    last: Option<(u32, Time)>,
    /// In order of the contact; the last are taken first.
    meetings: Vec<(u32, Meeting)>,
    /// In order: who had a link before, and may have none now.
    before: Vec<u32>,
}

impl Situation {
    /// A case's history changed, or somebody is a case no more: its cuts and all links to it.
    pub(crate) fn work_out_case(&mut self, case: u32, units: &mut i64) {
        self.dirty.cuts.remove(&case);
        self.recut(case);
        let before = self.contacts.met(case);
        let Some(now) = self.now else { return };
        let tracing = self.tracing(case, now);
        let meetings = tracing.meetings(&tracing.beside()).collect();
        self.put_down(case, None, meetings, before, units);
    }

    /// A case came into a room, or those who were there have reached the bound. That takes no link from anybody.
    pub(crate) fn work_out_room(&mut self, room: Room, units: &mut i64) {
        let (begin, end) = (self.rules.midnight(room.day), self.rules.midnight(room.day.plus(1)));
        let cuts = self.contacts.cuts.of(room.case).iter();
        let of_day = cuts.filter(|cut| cut.start < end && cut.reach > begin).copied();
        let (here, elsewhere): (Vec<Cut>, Vec<Cut>) = of_day.partition(|cut| cut.venue == room.venue);
        if let ([only], []) = (&*here, &*elsewhere) {
            let reached = only.start.plus(self.rules.bound());
            if self.now.is_some_and(|now| reached > now) {
                // Whoever is there, no pair has shared so much of the day by now.
                self.contacts.set_room_timer(reached, room);
                return;
            }
        }
        let mut meetings = self.meetings(room.case, &here);
        meetings.retain(|(_, meeting)| meeting.day == room.day);
        meetings.sort_unstable_by_key(|(other, meeting)| meeting.order(*other));
        let was_here = meetings.len();
        if was_here > 0 {
            let more = self.meetings(room.case, &elsewhere);
            let is_here = |other: u32| meetings.binary_search_by_key(&other, |(person, _)| *person).is_ok();
            let more: Vec<_> =
                more.into_iter().filter(|(other, m)| m.day == room.day && is_here(*other)).collect();
            meetings.extend(more);
        }
        if meetings.len() > was_here {
            meetings.sort_unstable_by_key(|(other, meeting)| meeting.order(*other));
        }
        self.put_down(room.case, Some(room), meetings, Vec::new(), units);
    }

    fn put_down(
        &mut self,
        case: u32,
        room: Option<Room>,
        meetings: Vec<(u32, Meeting)>,
        before: Vec<u32>,
        units: &mut i64,
    ) {
        *units -= i64::try_from(meetings.len()).unwrap_or(i64::MAX / 2);
        self.contacts.warm(meetings.iter().map(|(other, _)| *other));
        let last = self.contacts.cuts.of(case).iter().max_by_key(|cut| cut.start);
        let last = last.map(|cut| (cut.venue, cut.start.plus(self.rules.bound())));
        self.dirty.relinking = Some(Relinking { case, room, last, meetings, before });
    }

    /// Puts down the links to a case of one contact after the other; gives it back if there are more.
    pub(crate) fn relink_contacts(
        &mut self,
        mut relinking: Relinking,
        now: Time,
        units: &mut i64,
    ) -> Option<Relinking> {
        let Relinking { case, room, last, .. } = relinking;
        let mut links = Vec::new();
        while *units > 0 {
            let met = relinking.meetings.last().map(|(other, _)| *other);
            let other = met.max(relinking.before.last().copied())?;
            relinking.before.pop_if(|last| *last == other);
            let later = relinking.meetings.iter().rev().take_while(|(person, _)| *person == other).count();
            let from = relinking.meetings.len() - later;
            links.clear();
            for day in relinking.meetings[from..].chunk_by(|a, b| a.1.day == b.1.day) {
                self.links_of_pair(case, other, day, now, last, &mut links);
            }
            relinking.meetings.truncate(from);
            let part = match room {
                None => Part::Case(case),
                Some(room) => Part::CaseDay(case, room.day),
            };
            *units -= 1;
            if room.is_none() || !links.is_empty() {
                self.relink(other, part, &mut links, now, units);
            }
        }
        Some(relinking)
    }

    /// Puts down a part of a person's links, and what follows from it.
    fn relink(&mut self, person: u32, part: Part, links: &mut Vec<Link>, now: Time, units: &mut i64) {
        links.sort_unstable();
        links.dedup();
        let latest_before = self.contacts.set(person, part, links);
        if !latest_before.is_empty() {
            *units -= PERSON_UNITS;
            self.relinked(person, &latest_before, now);
        }
    }

    /// What is listed of a pair's meetings of one day; a second in which that changes is noted, that in which many reach
    /// the bound together only once.
    fn links_of_pair(
        &mut self,
        case: u32,
        other: u32,
        meetings: &[(u32, Meeting)],
        now: Time,
        last: Option<(u32, Time)>,
        links: &mut Vec<Link>,
    ) {
        let meetings: &[(u32, Meeting)] = meetings;
        let day = meetings[0].1.day;
        contacts::links(case, meetings, now, &self.rules, links);
        let Some(next) = contacts::next_change(meetings, now, &self.rules) else { return };
        let together = last.filter(|(_, at)| *at == next);
        let together =
            together.filter(|(venue, _)| meetings.iter().any(|(_, meeting)| meeting.venue == *venue));
        match together {
            Some((venue, _)) => self.contacts.set_room_timer(next, Room { case, day, venue }),
            None => self.contacts.set_timer(next, other, day),
        }
    }

    /// A person's links of one day, from its rows and the cuts at their venues.
    pub(crate) fn work_out_day(&mut self, person: u32, day: Day, now: Time, units: &mut i64) {
        let (begin, end) = (self.rules.midnight(day), self.rules.midnight(day.plus(1)));
        let mut meetings: Vec<(u32, Meeting)> = Vec::with_capacity(MEETINGS_OF_A_DAY);
        let Self { store, people, venues, contacts, rules, .. } = self;
        store.each_row_since(people, person, begin.plus(-VISIT_MAX_S), &*venues, |row| {
            if row.len == 0 || row.at >= end || row.end() <= begin {
                return true;
            }
            let stay = Stay { person, start: row.at, end: row.end() };
            let beside = contacts.cuts.beside(row.venue, stay.start, stay.end, venues.cut_max(row.venue));
            for (case, cut) in beside.filter(|(case, _)| *case != person) {
                let meeting = Meeting::of(cut, &stay, rules).filter(|meeting| meeting.day == day);
                meetings.extend(meeting.map(|meeting| (*case, meeting)));
            }
            true
        });
        meetings.sort_unstable_by_key(|(case, meeting)| meeting.order(*case));
        let mut links = Vec::with_capacity(meetings.len());
        for same in meetings.chunk_by(|a, b| a.0 == b.0) {
            self.links_of_pair(same[0].0, person, same, now, None, &mut links);
        }
        self.relink(person, Part::Day(day), &mut links, now, units);
    }

    /// A person's links differ: so may what it is as a contact, and the clusters of the venues.
    fn relinked(&mut self, person: u32, latest_before: &[(u32, Option<Time>)], now: Time) {
        let Self { contacts, clusters, alerts, .. } = self;
        let is_case = contacts.follow(person).is_some_and(|follow| follow.is_case);
        for (venue, was) in latest_before {
            let is = latest_at(*venue, contacts.links(person));
            if *was != is {
                clusters.change(*venue, (*was, is_case), (is, is_case));
                alerts.dirty.insert(Subject::Cluster(*venue));
            }
        }
        self.work_out_follow(person, now);
    }

    pub(crate) fn work_out_follow(&mut self, person: u32, now: Time) {
        let nothing = History::default();
        let history = self.cases.history(person).unwrap_or(&nothing);
        let follow = Follow::of(history, self.contacts.links(person), &self.rules);
        let after = Followed::of(follow, self.home(person), now);
        if self.contacts.followed(person) == after.as_ref() {
            return;
        }
        let before = self.contacts.set_followed(person, after);
        self.follow.change(person, before, after, now, &self.rules);
        let is_case = |followed: Option<Followed>| followed.is_some_and(|followed| followed.follow.is_case);
        if is_case(before) != is_case(after) {
            self.set_class(person, is_case(before), is_case(after));
        }
        self.touch_breaches(person);
    }

    /// Clusters tell how many of their contacts are cases.
    fn set_class(&mut self, person: u32, was_case: bool, is_case: bool) {
        let Self { contacts, clusters, alerts, .. } = self;
        let links = contacts.links(person);
        let venues: BTreeSet<u32> = links.iter().map(|link| link.venue).collect();
        for venue in venues {
            let latest = latest_at(venue, links);
            clusters.change(venue, (latest, was_case), (latest, is_case));
            alerts.dirty.insert(Subject::Cluster(venue));
        }
    }
}
