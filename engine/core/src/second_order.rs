//! F2: whom an F1 met while it may have been infectious.

use crate::cases::History;
use crate::contacts::Span;
use crate::follow::Follow;
use crate::situation::Situation;
use crate::time::Time;
use crate::track::Visit;

/// A meeting of an F1 with somebody who is no case and no F1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub person: u32,
    pub venue: u32,
    pub span: Span,
}

impl Situation {
    /// An F1's infectious time to a case: from midnight some days after its first exposure to this case, to its
    /// isolation, its clearing or the end of its following.
    pub(crate) fn infectious(&self, case: u32, f1: u32, follow: &Follow) -> Option<(Time, Time)> {
        let rules = &self.rules;
        let numbers = &rules.params.contacts;
        let links = self.contacts.links(f1).iter();
        let first_day = links.filter(|link| link.case == case).map(|link| link.day).min()?;
        let from = rules.midnight(first_day.plus(numbers.f1_infectious_after_days));
        let followed = rules.midnight(follow.last_exposure?.plus(numbers.f1_follow_days + 1));
        let history = self.cases.history(f1);
        let isolated = history.and_then(History::told_isolated);
        let cleared = history.and_then(|h| h.ends.iter().copied().find(|at| rules.day(*at) >= first_day));
        let end = [isolated, cleared].into_iter().flatten().fold(followed, Time::min);
        (from < end).then_some((from, end))
    }

    /// An F1's infectious times to all its cases, of those that have begun by `now`; one that holds others is enough.
    pub(crate) fn infectious_times(&self, f1: u32, follow: &Follow, now: Time) -> Vec<(Time, Time)> {
        let rules = &self.rules;
        let numbers = &rules.params.contacts;
        if !self.cases.is_heard_of(f1) {
            // Nothing ends them one by one: they have one end, and the first to begin holds all.
            let days = follow.first_exposure.zip(follow.last_exposure);
            let time = days.map(|(first, last)| {
                let from = rules.midnight(first.plus(numbers.f1_infectious_after_days));
                (from, rules.midnight(last.plus(numbers.f1_follow_days + 1)))
            });
            return time.filter(|(from, end)| from < end && *from < now).into_iter().collect();
        }
        let times = self.contacts.cases_of(f1).filter_map(|case| self.infectious(case, f1, follow));
        let mut times: Vec<_> = times.filter(|(from, _)| *from < now).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// Calls `found` for each meeting of at least the bound, each pair of visits alone, within the F1's `time`.
    pub(crate) fn f2_meetings(
        &self,
        f1: u32,
        visits: &[Visit],
        time: (Time, Time),
        now: Time,
        mut found: impl FnMut(Met),
    ) {
        let bound = self.rules.bound();
        for visit in visits {
            let Some(cut) = Span::shared((visit.start, visit.end.min(now)), time) else { continue };
            if cut.seconds() < bound {
                continue;
            }
            self.each_stay(visit.venue, cut.from, cut.to, |stay| {
                let shared = Span::shared((cut.from, cut.to), (stay.start, stay.end));
                let long = shared.filter(|span| span.seconds() >= bound);
                if let Some(span) = long.filter(|_| stay.person != f1 && self.may_be_f2(stay.person)) {
                    found(Met { person: stay.person, venue: visit.venue, span });
                }
            });
        }
    }

    /// Nobody with a standing episode and no F1, open or not, is an F2.
    fn may_be_f2(&self, person: u32) -> bool {
        !self.cases.is_case(person) && !self.contacts.follow(person).is_some_and(Follow::is_f1)
    }
}
