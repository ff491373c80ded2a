//! Following contacts: who is an F1, since when, how long, and when people are isolated.

use crate::cases::History;
use crate::links::{Link, Standing};
use crate::rules::{Place, Rules};
use crate::time::{DAY, Day, Time};
use crate::timers::Timers;
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
    /// Local date of the first listed meeting.
    pub first_exposure: Option<Day>,
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
        let is_open = |day: Day| is_open_on(day, today, rules);
        self.is_f1() && !self.cleared && self.last_exposure.is_some_and(is_open)
    }

    /// Followed, met by a case reported at least 24 hours ago, and nobody has reached it.
    pub fn is_overdue(&self, now: Time, today: Day, rules: &Rules) -> bool {
        self.told.is_none()
            && self.is_open(today, rules)
            && self.earliest_report.is_some_and(|report| now >= report.plus(DAY))
    }

    /// From when on it is late, if nobody has reached it until then.
    fn late_from(&self) -> Option<Time> {
        self.earliest_report.filter(|_| self.told.is_none()).map(|report| report.plus(DAY))
    }

    /// What links and history say.
    pub fn of(history: &History, links: &[Link], rules: &Rules) -> Self {
        let mut follow = Self {
            is_case: !history.episodes.is_empty(),
            met: !links.is_empty(),
            told: history.told.first().map(|told| told.at),
            last_exposure: history.told.iter().map(|told| rules.day(told.at)).max(),
            first_exposure: links.iter().map(|link| link.day).min(),
            earliest_report: links.iter().map(Link::reported).min(),
            ..Self::default()
        };
        follow.last_exposure = follow.last_exposure.max(links.iter().map(|link| link.day).max());
        if let Some(last) = follow.last_exposure {
            let told_last = history.told.last().map(|told| told.at);
            follow.cleared = history
                .ends
                .iter()
                .any(|at| rules.day(*at) >= last && told_last.is_none_or(|told| *at >= told));
        }
        follow
    }

    /// What its tallies need of it.
    pub fn standing(&self) -> Standing {
        Standing { is_case: self.is_case, told: self.told }
    }
}

/// Open F1 of one area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenF1 {
    pub open: i64,
    pub overdue: i64,
}

/// A person followed, as it was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    pub follow: Follow,
    home: Place,
    /// Untold, and a day has passed since the earliest report.
    is_late: bool,
}

impl Followed {
    /// What is to be counted of somebody who met a case or was told to be an F1.
    pub fn of(follow: Follow, home: Place, now: Time) -> Option<Self> {
        let is_late = follow.late_from().is_some_and(|from| from <= now);
        (follow.met || follow.told.is_some()).then_some(Self { follow, home, is_late })
    }
}

/// How many of those who met a case or were told to be an F1 are open.
#[derive(Debug, Default)]
pub(crate) struct FollowBook {
    /// By last day of exposure: F1 that are not cleared, by area. A day on which none can be open is dropped.
    by_day: BTreeMap<Day, Vec<OpenF1>>,
    /// People who are late from that second on, if nothing changes until then.
    waiting: Timers<u32>,
    /// People for whom that second has come.
    late: Vec<Vec<u32>>,
    today: Option<Day>,
}

impl FollowBook {
    /// Time moved on.
    pub fn advance(&mut self, now: Time, today: Day, rules: &Rules) {
        if self.today != Some(today) {
            self.today = Some(today);
            while self.by_day.first_key_value().is_some_and(|(day, _)| !is_open_on(*day, today, rules)) {
                self.by_day.pop_first();
            }
        }
        while let Some(people) = self.waiting.due(now) {
            self.late.push(people);
        }
    }

    /// Somebody who may be late by now and is to be worked out anew.
    pub fn next_late(&mut self) -> Option<u32> {
        while let Some(people) = self.late.last_mut() {
            if let Some(person) = people.pop() {
                return Some(person);
            }
            self.late.pop();
        }
        None
    }

    /// A person was counted as `before`, and is to be as `after`.
    pub fn change(
        &mut self,
        person: u32,
        before: Option<Followed>,
        after: Option<Followed>,
        now: Time,
        rules: &Rules,
    ) {
        self.count(before, -1, rules);
        self.count(after, 1, rules);
        let late_from =
            |followed: Option<Followed>| followed.and_then(|followed| followed.follow.late_from());
        let (was, is) = (late_from(before), late_from(after));
        if let Some(from) = is.filter(|from| *from > now && was != is) {
            self.waiting.set(from, person);
        }
    }

    fn count(&mut self, followed: Option<Followed>, times: i64, rules: &Rules) {
        let Some(Followed { follow, home, is_late }) = followed else { return };
        let (Some(day), Some(today)) = (follow.last_exposure, self.today) else { return };
        if !follow.is_f1() || follow.cleared || !is_open_on(day, today, rules) {
            return;
        }
        let areas = self.by_day.entry(day).or_insert_with(|| vec![OpenF1::default(); rules.areas()]);
        for slot in rules.slots(home) {
            areas[slot].open += times;
            areas[slot].overdue += times * i64::from(is_late);
        }
    }

    /// Open F1 by area.
    pub fn open(&self, rules: &Rules) -> Vec<OpenF1> {
        let mut sums = vec![OpenF1::default(); rules.areas()];
        for areas in self.by_day.values() {
            for (sum, area) in sums.iter_mut().zip(areas) {
                sum.open += area.open;
                sum.overdue += area.overdue;
            }
        }
        sums
    }
}

/// Is somebody last exposed that day still followed today, if it is not cleared?
fn is_open_on(last_exposure: Day, today: Day, rules: &Rules) -> bool {
    today <= last_exposure.plus(rules.params.contacts.f1_follow_days)
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
