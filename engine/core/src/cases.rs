//! Cases: which events stand, the episodes they make, and when each was infectious.

use crate::bits::Bits;
use crate::event::{CaseUpdate, EventId, Found, Status, journaled};
use crate::params::Contacts;
use crate::rows::CaseEventRow;
use crate::rules::{Place, Rules};
use crate::time::{HOUR, Time};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All case events held, and what they say of each person.
#[derive(Debug, Default)]
pub(crate) struct CaseBook {
    held: BTreeMap<EventId, (Option<u32>, Arc<CaseUpdate>)>,
    /// How many held events name an id as wrong.
    named: FxHashMap<EventId, u32>,
    by_person: FxHashMap<u32, BTreeSet<EventId>>,
    conflicts: FxHashSet<EventId>,
    /// Of people with any standing event.
    histories: BTreeMap<u32, History>,
    /// The same people, and those of them with an episode, for a quick look.
    heard_of: Bits,
    with_episode: Bits,
    /// Where people live by their histories; who reads at a moment shares it.
    homes: Arc<FxHashMap<u32, Place>>,
}

/// A standing `f1` event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub at: Time,
    pub isolated_at: Option<Time>,
}

/// What the standing events say of one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct History {
    pub episodes: Vec<Episode>,
    /// Standing `f1` events in order.
    pub told: Vec<Told>,
    /// Standing `cleared`, `recovered` and `deceased` events in order.
    pub ends: Vec<Time>,
    /// Standing `f0` events in order.
    pub f0s: Vec<Time>,
    /// Where the person lives by the latest episode, else by the latest standing event that has a district.
    pub home: Option<Place>,
}

/// One illness of a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Episode {
    /// `at` of the first standing `f0`.
    pub reported: Time,
    pub onset: Option<Time>,
    pub sampled: Option<Time>,
    pub isolated_at: Option<Time>,
    pub found: Option<Found>,
    pub home: Option<Place>,
    pub ended: Option<(Time, Status)>,
    /// The infectious window [from, to).
    pub from: Time,
    pub to: Time,
}

impl Episode {
    /// The earlier of onset and sampling, else the report.
    pub fn day_zero(&self) -> Time {
        match (self.onset, self.sampled) {
            (Some(onset), Some(sampled)) => onset.min(sampled),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.reported,
        }
    }

    /// Onset, else sampling, else the report: from here infectiousness is counted.
    pub fn score_zero(&self) -> Time {
        self.onset.or(self.sampled).unwrap_or(self.reported)
    }

    /// Found in the community, or nobody said where.
    pub fn is_community(&self) -> bool {
        matches!(self.found, None | Some(Found::Community))
    }
}

impl CaseBook {
    /// Takes an event in; gives the people about whom something else is now said.
    pub fn take(&mut self, person: Option<u32>, event: CaseUpdate, rules: &Rules) -> BTreeSet<u32> {
        let mut touched = BTreeSet::new();
        if let Some((_, held)) = self.held.get(&event.id) {
            let (old, new) = (journaled(held), journaled(&event));
            if old == new {
                return touched;
            }
            self.conflicts.insert(event.id.clone());
            if (event.at, new) <= (held.at, old) {
                return touched;
            }
            self.let_go(&event.id.clone(), &mut touched);
        }
        for id in [&event.supersedes, &event.retracts].into_iter().flatten() {
            *self.named.entry(id.clone()).or_default() += 1;
            touched.extend(self.held.get(id).and_then(|(person, _)| *person));
        }
        if let Some(person) = person {
            self.by_person.entry(person).or_default().insert(event.id.clone());
            touched.insert(person);
        }
        self.held.insert(event.id.clone(), (person, Arc::new(event)));
        touched.retain(|person| self.tell(*person, rules));
        touched
    }

    fn let_go(&mut self, id: &EventId, touched: &mut BTreeSet<u32>) {
        let Some((person, event)) = self.held.remove(id) else { return };
        if let Some(ids) = person.and_then(|person| self.by_person.get_mut(&person)) {
            ids.remove(id);
        }
        touched.extend(person);
        for named in [&event.supersedes, &event.retracts].into_iter().flatten() {
            if let Some(times) = self.named.get_mut(named) {
                *times -= 1;
            }
            touched.extend(self.held.get(named).and_then(|(person, _)| *person));
        }
    }

    /// Works a person's history out anew; true if it differs.
    fn tell(&mut self, person: u32, rules: &Rules) -> bool {
        let mut standing: Vec<&CaseUpdate> = self
            .by_person
            .get(&person)
            .into_iter()
            .flatten()
            .filter(|id| self.named.get(*id).is_none_or(|times| *times == 0))
            .filter_map(|id| self.held.get(id).map(|(_, event)| &**event))
            .filter(|event| event.retracts.is_none())
            .collect();
        standing.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let history = History::of(&standing, rules);
        let is_heard_of = !standing.is_empty();
        self.heard_of.set(person, is_heard_of);
        self.with_episode.set(person, !history.episodes.is_empty());
        self.tell_home(person, history.home);
        let before = if is_heard_of {
            self.histories.insert(person, history.clone())
        } else {
            self.histories.remove(&person)
        };
        before.unwrap_or_default() != history
    }

    fn tell_home(&mut self, person: u32, home: Option<Place>) {
        if self.homes.get(&person).copied() != home {
            let homes = Arc::make_mut(&mut self.homes);
            match home {
                Some(home) => homes.insert(person, home),
                None => homes.remove(&person),
            };
        }
    }

    /// Where people live by their histories, to be kept.
    pub fn homes(&self) -> Arc<FxHashMap<u32, Place>> {
        Arc::clone(&self.homes)
    }

    pub fn history(&self, person: u32) -> Option<&History> {
        if self.heard_of.holds(person) { self.histories.get(&person) } else { None }
    }

    /// The episodes of a person; empty for most.
    pub fn episodes(&self, person: u32) -> &[Episode] {
        self.history(person).map_or(&[], |history| &history.episodes)
    }

    /// Has any standing episode, whenever.
    pub fn is_case(&self, person: u32) -> bool {
        // A scan asks for both, and for nearly nobody is the first so.
        self.heard_of.holds(person) && self.with_episode.holds(person)
    }

    /// Touches what says whether people were heard of.
    pub fn warm(&self, people: impl Iterator<Item = u32>) -> bool {
        people.fold(false, |all, person| all ^ self.heard_of.holds(person))
    }

    /// Has any standing event.
    pub fn is_heard_of(&self, person: u32) -> bool {
        self.heard_of.holds(person)
    }

    /// Everybody with a standing event.
    pub fn histories(&self) -> impl Iterator<Item = (u32, &History)> {
        self.histories.iter().map(|(person, history)| (*person, history))
    }

    /// Everybody with an episode.
    pub fn cases(&self) -> impl Iterator<Item = (u32, &History)> {
        self.histories().filter(|(_, history)| !history.episodes.is_empty())
    }

    /// Ids that came again with other content.
    pub fn conflicts(&self) -> usize {
        self.conflicts.len()
    }

    /// All events held, by id, and whether they stand.
    pub fn events(&self) -> Vec<CaseEventRow> {
        let stands = |id: &EventId| self.named.get(id).is_none_or(|times| *times == 0);
        let row =
            |event: &Arc<CaseUpdate>| CaseEventRow { stands: stands(&event.id), event: Arc::clone(event) };
        self.held.values().map(|(_, event)| event).map(row).collect()
    }

    /// The events held, by id.
    pub fn held(&self) -> impl Iterator<Item = &CaseUpdate> {
        self.held.values().map(|(_, event)| &**event)
    }
}

impl History {
    /// Reads standing events in order of (`at`, `id`).
    fn of(standing: &[&CaseUpdate], rules: &Rules) -> Self {
        let mut history = Self::default();
        let home = |event: &CaseUpdate| {
            event.district.as_deref().map(|district| rules.place(Some(district), event.ward.as_deref()))
        };
        for event in standing {
            history.home = home(event).or(history.home);
            match event.status {
                Some(Status::F0) => {
                    history.f0s.push(event.at);
                    if history.episodes.last().is_none_or(|last| last.ended.is_some()) {
                        history.episodes.push(Episode { reported: event.at, ..Episode::default() });
                    }
                    if let Some(episode) = history.episodes.last_mut() {
                        episode.onset = event.onset.or(episode.onset);
                        episode.sampled = event.sampled.or(episode.sampled);
                        episode.isolated_at = event.isolated_at.or(episode.isolated_at);
                        episode.found = event.found.or(episode.found);
                        episode.home = home(event).or(episode.home);
                    }
                }
                Some(Status::F1) => history.told.push(Told { at: event.at, isolated_at: event.isolated_at }),
                Some(end @ (Status::Recovered | Status::Cleared | Status::Deceased)) => {
                    history.ends.push(event.at);
                    if let Some(episode) = history.episodes.last_mut().filter(|last| last.ended.is_none()) {
                        episode.ended = Some((event.at, end));
                    }
                }
                Some(Status::F2) | None => {}
            }
        }
        history.home = history.episodes.last().and_then(|last| last.home).or(history.home);
        history.open_windows(&rules.params.contacts);
        history
    }

    fn open_windows(&mut self, rules: &Contacts) {
        let mut before = Time(i64::MIN);
        for episode in &mut self.episodes {
            let zero = episode.day_zero();
            episode.from = zero.plus(-rules.infectious_before_h * HOUR).max(before);
            episode.to = episode
                .isolated_at
                .or_else(|| episode.ended.map(|(at, _)| at))
                .unwrap_or_else(|| zero.plus(rules.infectious_after_h * HOUR));
            before = episode.to;
        }
    }

    /// The latest standing `f1` event that says since when the person is isolated.
    pub fn told_isolated(&self) -> Option<Time> {
        self.told.iter().rev().find_map(|told| told.isolated_at)
    }
}
