//! Following contacts: who is an F1, since when, how long, and when people are isolated.

use crate::cases::{CaseBook, History};
use crate::contacts::ContactBook;
use crate::rules::Rules;
use crate::time::{DAY, Day, Time};
use std::collections::BTreeMap;

/// What meetings and standing events say of one person as a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Follow {
    /// Has a standing episode, whenever: a case is no F1.
    pub is_case: bool,
    /// Has a listed meeting with a case.
    pub met: bool,
    /// `at` of the first standing `f1` event.
    pub told: Option<Time>,
    /// Local date of the last listed meeting or standing `f1` event.
    pub last_exposure: Option<Day>,
    pub cleared: bool,
    /// The earliest report of the episodes in whose windows it was met.
    pub earliest_report: Option<Time>,
}

impl Follow {
    /// An F1, followed or no longer.
    pub fn is_f1(&self) -> bool {
        !self.is_case && (self.met || self.told.is_some())
    }

    /// Followed today.
    pub fn is_open(&self, today: Day, rules: &Rules) -> bool {
        let last_day = self.last_exposure.map(|day| day.plus(rules.params.contacts.f1_follow_days));
        self.is_f1() && !self.cleared && last_day.is_some_and(|last| today <= last)
    }

    /// Followed, met by a case reported at least 24 hours ago, and nobody has reached it.
    pub fn is_overdue(&self, now: Time, today: Day, rules: &Rules) -> bool {
        self.told.is_none()
            && self.is_open(today, rules)
            && self.earliest_report.is_some_and(|report| now >= report.plus(DAY))
    }

    fn of(person: u32, history: &History, contacts: &ContactBook, cases: &CaseBook, rules: &Rules) -> Self {
        let mut follow = Self {
            is_case: !history.episodes.is_empty(),
            told: history.told.first().map(|told| told.at),
            last_exposure: history.told.iter().map(|told| rules.day(told.at)).max(),
            ..Self::default()
        };
        for (case, pair) in contacts.cases_of(person) {
            let episodes = cases.episodes(case);
            for entry in &pair.entries {
                follow.met = true;
                follow.last_exposure = follow.last_exposure.max(Some(entry.day));
                let report = episodes.get(entry.episode).map(|episode| episode.reported);
                follow.earliest_report = match (follow.earliest_report, report) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        if let Some(last) = follow.last_exposure {
            let told_last = history.told.last().map(|told| told.at);
            follow.cleared = history
                .ends
                .iter()
                .any(|at| rules.day(*at) >= last && told_last.is_none_or(|told| *at >= told));
        }
        follow
    }
}

/// Everybody who met a case or was told to be an F1.
#[derive(Debug, Default)]
pub(crate) struct FollowBook {
    people: BTreeMap<u32, Follow>,
}

impl FollowBook {
    /// Works one person out anew; true if it differs.
    pub fn tell(&mut self, person: u32, contacts: &ContactBook, cases: &CaseBook, rules: &Rules) -> bool {
        let nothing = History::default();
        let history = cases.history(person).unwrap_or(&nothing);
        let follow = Follow::of(person, history, contacts, cases, rules);
        let before = if follow.met || follow.told.is_some() {
            self.people.insert(person, follow)
        } else {
            self.people.remove(&person)
        };
        before != self.people.get(&person).copied()
    }

    pub fn get(&self, person: u32) -> Option<&Follow> {
        self.people.get(&person)
    }

    pub fn all(&self) -> impl Iterator<Item = (u32, &Follow)> {
        self.people.iter().map(|(person, follow)| (*person, follow))
    }

    /// Is an F1 followed today.
    pub fn is_open(&self, person: u32, today: Day, rules: &Rules) -> bool {
        self.get(person).is_some_and(|follow| follow.is_open(today, rules))
    }
}

/// The spans [from, end) in which somebody should be isolated; no end: until the episode ends.
pub(crate) fn isolation(history: &History, follow: Option<&Follow>, rules: &Rules) -> Vec<(Time, Time)> {
    const NEVER: Time = Time(i64::MAX);
    let as_case = history.episodes.iter().filter_map(|episode| {
        episode.isolated_at.map(|from| (from, episode.ended.map_or(NEVER, |(at, _)| at)))
    });
    let as_contact = history.told_isolated().map(|from| {
        let ends = history.ends.iter().chain(&history.f0s).copied().filter(|at| *at > from).min();
        let last = follow.and_then(|follow| follow.last_exposure);
        let followed = last.map(|day| rules.midnight(day.plus(rules.params.contacts.f1_follow_days + 1)));
        (from, ends.or(followed).unwrap_or(from))
    });
    as_case.chain(as_contact).filter(|(from, end)| from < end).collect()
}
