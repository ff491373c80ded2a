//! F2: whom an F1 met while it may have been infectious.

use crate::cases::CaseBook;
use crate::contacts::{ContactBook, Span};
use crate::follow::{Follow, FollowBook};
use crate::rules::Rules;
use crate::time::Time;
use crate::track::Visit;
use crate::venues::VenueBook;
use std::collections::{BTreeMap, BTreeSet};

/// An F1's infectious time to a case: from midnight some days after its first exposure to this case, to its isolation,
/// its clearing or the end of its following.
pub(crate) fn infectious(
    case: u32,
    f1: u32,
    follow: &Follow,
    contacts: &ContactBook,
    cases: &CaseBook,
    rules: &Rules,
) -> Option<(Time, Time)> {
    let numbers = &rules.params.contacts;
    let first_day = contacts.pair(case, f1)?.entries.iter().map(|entry| entry.day).min()?;
    let from = rules.midnight(first_day.plus(numbers.f1_infectious_after_days));
    let followed = rules.midnight(follow.last_exposure?.plus(numbers.f1_follow_days + 1));
    let history = cases.history(f1);
    let isolated = history.and_then(crate::cases::History::told_isolated);
    let cleared = history.and_then(|h| h.ends.iter().copied().find(|at| rules.day(*at) >= first_day));
    let end = [isolated, cleared].into_iter().flatten().fold(followed, Time::min);
    (from < end).then_some((from, end))
}

/// A meeting of an F1 with somebody who is no case and no F1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub person: u32,
    pub venue: u32,
    pub span: Span,
}

/// Everything that the search for F2 reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    pub venues: &'a VenueBook,
    pub contacts: &'a ContactBook,
    pub cases: &'a CaseBook,
    pub follow: &'a FollowBook,
    pub rules: &'a Rules,
    pub now: Time,
}

impl Search<'_> {
    /// Calls `found` for each meeting of at least the bound, each pair of visits alone, within the F1's `time`.
    pub fn meetings(&self, f1: u32, visits: &[Visit], time: (Time, Time), mut found: impl FnMut(Met)) {
        for visit in visits {
            let Some(cut) = Span::shared((visit.start, visit.end.min(self.now)), time) else { continue };
            if cut.seconds() < self.rules.bound() {
                continue;
            }
            for stay in self.venues.stays(visit.venue, cut.from, cut.to) {
                let shared = Span::shared((cut.from, cut.to), (stay.start, stay.end));
                let long = shared.filter(|span| span.seconds() >= self.rules.bound());
                if let Some(span) = long.filter(|_| stay.person != f1 && self.may_be_f2(stay.person)) {
                    found(Met { person: stay.person, venue: visit.venue, span });
                }
            }
        }
    }

    /// Nobody with a standing episode and no F1, open or not, is an F2.
    fn may_be_f2(&self, person: u32) -> bool {
        !self.cases.is_case(person) && !self.follow.get(person).is_some_and(Follow::is_f1)
    }

    /// Distinct F2 through an F1 that is open now, and how many stays were looked at.
    ///
    /// Venue by venue: stays that touch none of the F1s' infectious stays are never looked at, others once.
    pub fn open(&self, visits_of: impl Fn(u32) -> Vec<Visit>) -> (BTreeSet<u32>, u64) {
        let mut people = BTreeSet::new();
        let mut looked = 0;
        for (venue, mut spans) in self.infectious_spans(visits_of) {
            spans.sort_unstable_by_key(|span| span.from);
            for group in groups(&spans) {
                for stay in self.venues.stays(venue, group.from(), group.to()) {
                    looked += 1;
                    let is_long = group.shares(stay.start, stay.end.min(self.now), self.rules.bound());
                    if is_long && !people.contains(&stay.person) && self.may_be_f2(stay.person) {
                        people.insert(stay.person);
                    }
                }
            }
        }
        (people, looked)
    }

    /// By venue: the visits of F1s that are open now, cut to their infectious times, of at least the bound.
    fn infectious_spans(&self, visits_of: impl Fn(u32) -> Vec<Visit>) -> BTreeMap<u32, Vec<Span>> {
        let today = self.rules.day(self.now);
        let mut spans: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
        for (f1, follow) in
            self.follow.all().filter(|(_, follow)| follow.met && follow.is_open(today, self.rules))
        {
            let times: BTreeSet<(Time, Time)> = self
                .contacts
                .cases_of(f1)
                .filter_map(|(case, _)| infectious(case, f1, follow, self.contacts, self.cases, self.rules))
                .filter(|(from, _)| *from < self.now)
                .collect();
            let visits = if times.is_empty() { Vec::new() } else { visits_of(f1) };
            for (visit, time) in visits.iter().flat_map(|visit| times.iter().map(move |time| (visit, time))) {
                let span = Span::shared((visit.start, visit.end.min(self.now)), *time);
                if let Some(span) = span.filter(|span| span.seconds() >= self.rules.bound()) {
                    spans.entry(visit.venue).or_default().push(span);
                }
            }
        }
        spans
    }
}

/// Spans that touch each other, by begin, each with the latest end of it and those before.
#[derive(Debug, Default)]
struct Group(Vec<(Time, Time)>);

impl Group {
    fn from(&self) -> Time {
        self.0.first().map_or(Time(i64::MAX), |(from, _)| *from)
    }

    fn to(&self) -> Time {
        self.0.last().map_or(Time(i64::MIN), |(_, latest)| *latest)
    }

    /// Some span and [start, end) share at least `bound` seconds. All spans are at least so long, so they do exactly
    /// where the span begins no later than `end` − `bound` and ends no earlier than `start` + `bound`.
    fn shares(&self, start: Time, end: Time, bound: i64) -> bool {
        let begun = self.0.partition_point(|(from, _)| *from <= end.plus(-bound));
        end.0 - start.0 >= bound && begun > 0 && self.0[begun - 1].1 >= start.plus(bound)
    }
}

/// Spans sorted by begin, in groups that touch.
fn groups(spans: &[Span]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for span in spans {
        match groups.last_mut().filter(|group| span.from < group.to()) {
            Some(group) => {
                let latest = group.to().max(span.to);
                group.0.push((span.from, latest));
            }
            None => groups.push(Group(vec![(span.from, span.to)])),
        }
    }
    groups
}
