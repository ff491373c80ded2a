//! F2: whom an F1 met while it may have been infectious.

use crate::cases::CaseBook;
use crate::contacts::{ContactBook, Span};
use crate::follow::{Follow, FollowBook};
use crate::rules::Rules;
use crate::time::Time;
use crate::track::Visit;
use crate::venues::VenueBook;
use std::collections::BTreeSet;

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
    /// Gives the number of stays looked at.
    pub fn meetings(&self, f1: u32, visits: &[Visit], time: (Time, Time), mut found: impl FnMut(Met)) -> u64 {
        let mut looked = 0;
        for visit in visits {
            let Some(cut) = Span::shared((visit.start, visit.end.min(self.now)), time) else { continue };
            if cut.seconds() < self.rules.bound() {
                continue;
            }
            for stay in self.venues.stays(visit.venue, cut.from, cut.to) {
                looked += 1;
                let shared = Span::shared((cut.from, cut.to), (stay.start, stay.end));
                let long = shared.filter(|span| span.seconds() >= self.rules.bound());
                if let Some(span) = long.filter(|_| stay.person != f1 && self.may_be_f2(stay.person)) {
                    found(Met { person: stay.person, venue: visit.venue, span });
                }
            }
        }
        looked
    }

    /// Nobody with a standing episode and no F1, open or not, is an F2.
    fn may_be_f2(&self, person: u32) -> bool {
        !self.cases.is_case(person) && !self.follow.get(person).is_some_and(Follow::is_f1)
    }

    /// Distinct F2 through an F1 that is open now, and how many stays were looked at.
    pub fn open<'v>(&self, visits_of: impl Fn(u32) -> Vec<Visit> + 'v) -> (BTreeSet<u32>, u64) {
        let today = self.rules.day(self.now);
        let mut people = BTreeSet::new();
        let mut looked = 0;
        for (f1, follow) in
            self.follow.all().filter(|(_, follow)| follow.met && follow.is_open(today, self.rules))
        {
            let times: BTreeSet<(Time, Time)> = self
                .contacts
                .cases_of(f1)
                .filter_map(|(case, _)| infectious(case, f1, follow, self.contacts, self.cases, self.rules))
                .collect();
            if times.is_empty() {
                continue;
            }
            let visits = visits_of(f1);
            for time in times {
                looked += self.meetings(f1, &visits, time, |met| {
                    people.insert(met.person);
                });
            }
        }
        (people, looked)
    }
}
