//! Standing case events, episodes, infectious windows, residence.

use crate::held::Held;
use crate::places::{Place, place_of_codes};
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::{CaseUpdate, Found, Status};
use vonglau_core::params::Params;
use vonglau_core::time::{HOUR, Time};

/// From the first `f0` to the end of the illness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// 1 for the person's first.
    pub number: u32,
    pub reported: Time,
    pub onset: Option<Time>,
    pub sampled: Option<Time>,
    pub isolated_at: Option<Time>,
    pub found: Option<Found>,
    pub place: Place,
    pub ended: Option<Time>,
    pub outcome: Option<Status>,
    /// The infectious window [from, to).
    pub from: Time,
    pub to: Time,
}

impl Episode {
    /// The earlier of onset and sampling, else the report.
    pub fn day_zero(&self) -> Time {
        [self.onset, self.sampled].into_iter().flatten().min().unwrap_or(self.reported)
    }
}

/// What stands about everybody of whom a case event speaks.
#[derive(Debug, Default)]
pub struct Dossiers<'a> {
    events: BTreeMap<&'a str, Vec<&'a CaseUpdate>>,
    episodes: BTreeMap<&'a str, Vec<Episode>>,
}

impl<'a> Dossiers<'a> {
    /// The standing case events of a person in order of (`at`, `id` by bytes).
    pub fn events(&self, person: &str) -> &[&'a CaseUpdate] {
        self.events.get(person).map_or(&[], Vec::as_slice)
    }

    /// Its standing events of one status.
    pub fn said(&self, person: &str, status: Status) -> impl DoubleEndedIterator<Item = &'a CaseUpdate> {
        self.events(person).iter().copied().filter(move |e| e.status == Some(status))
    }

    /// Its standing `cleared`, `recovered` and `deceased`.
    pub fn endings(&self, person: &str) -> impl DoubleEndedIterator<Item = &'a CaseUpdate> {
        self.events(person).iter().copied().filter(|e| e.status.is_some_and(ends))
    }

    /// Its episodes, first to latest.
    pub fn episodes(&self, person: &str) -> &[Episode] {
        self.episodes.get(person).map_or(&[], Vec::as_slice)
    }

    /// Has any standing episode, whenever.
    pub fn is_f0(&self, person: &str) -> bool {
        !self.episodes(person).is_empty()
    }

    /// Everybody with an episode, and the episodes.
    pub fn f0s(&self) -> impl Iterator<Item = (&'a str, &[Episode])> {
        self.episodes.iter().map(|(person, episodes)| (*person, episodes.as_slice()))
    }

    /// Everybody of whom a standing event speaks.
    pub fn people(&self) -> impl Iterator<Item = &'a str> {
        self.events.keys().copied()
    }

    /// District and ward of the latest episode; else of the latest standing case event that has a district; else
    /// of the resident record; else none.
    pub fn residence(&self, params: &Params, held: &Held<'_>, person: &str) -> Place {
        let told = |e: &&CaseUpdate| place_of_codes(params, e.district.as_deref(), e.ward.as_deref());
        let episode = self.episodes(person).last().map(|episode| episode.place);
        let event = self.events(person).iter().rev().map(told).find(|place| place.district.is_some());
        let record = held
            .residents
            .get(person)
            .map(|r| place_of_codes(params, r.district.as_deref(), r.ward.as_deref()));
        let has_district = |place: &Place| place.district.is_some();
        episode.filter(has_district).or(event).or(record).unwrap_or_default()
    }
}

fn ends(status: Status) -> bool {
    matches!(status, Status::Recovered | Status::Cleared | Status::Deceased)
}

/// What stands now.
pub fn dossiers<'a>(params: &Params, held: &Held<'a>) -> Dossiers<'a> {
    // An event named by a `supersedes` or `retracts` of any held event stays out, even if the naming event is
    // itself named.
    let named: BTreeSet<&str> = held
        .cases
        .values()
        .flat_map(|e| [e.supersedes.as_deref(), e.retracts.as_deref()])
        .flatten()
        .collect();
    let mut events: BTreeMap<&str, Vec<&CaseUpdate>> = BTreeMap::new();
    for (id, event) in &held.cases {
        // An event with `retracts` only takes out.
        if let (Some(person), Some(_), None) = (&event.person, event.status, &event.retracts)
            && !named.contains(id)
        {
            events.entry(person).or_default().push(event);
        }
    }
    for events in events.values_mut() {
        events.sort_by_key(|e| (e.at, &e.id));
    }
    let episodes = events
        .iter()
        .map(|(person, events)| (*person, episodes(params, events)))
        .filter(|(_, e)| !e.is_empty());
    Dossiers { episodes: episodes.collect(), events }
}

/// Standing `f0` events make an episode, which ends with the first `recovered`, `cleared` or `deceased` after it;
/// a later `f0` begins the next.
fn episodes(params: &Params, events: &[&CaseUpdate]) -> Vec<Episode> {
    let mut episodes: Vec<Episode> = Vec::new();
    let mut f0s: Vec<&CaseUpdate> = Vec::new();
    for event in events {
        match event.status {
            Some(Status::F0) => f0s.push(event),
            Some(status) if ends(status) && !f0s.is_empty() => {
                episodes.push(episode(params, &f0s, Some(event), episodes.last()));
                f0s.clear();
            }
            _ => {}
        }
    }
    if !f0s.is_empty() {
        episodes.push(episode(params, &f0s, None, episodes.last()));
    }
    episodes
}

fn episode(
    params: &Params,
    f0s: &[&CaseUpdate],
    end: Option<&CaseUpdate>,
    before: Option<&Episode>,
) -> Episode {
    let place_of = |e: &&CaseUpdate| place_of_codes(params, e.district.as_deref(), e.ward.as_deref());
    let mut episode = Episode {
        number: before.map_or(1, |before| before.number + 1),
        // The report is the `at` of the first standing `f0`.
        reported: f0s[0].at,
        // Each is given by the latest `f0` that has it.
        onset: f0s.iter().rev().find_map(|e| e.onset),
        sampled: f0s.iter().rev().find_map(|e| e.sampled),
        isolated_at: f0s.iter().rev().find_map(|e| e.isolated_at),
        found: f0s.iter().rev().find_map(|e| e.found),
        // District and ward together by the latest `f0` that has a district.
        place: f0s.iter().rev().map(place_of).find(|place| place.district.is_some()).unwrap_or_default(),
        ended: end.map(|e| e.at),
        outcome: end.and_then(|e| e.status),
        from: f0s[0].at,
        to: f0s[0].at,
    };
    let zero = episode.day_zero();
    // from = day zero − `infectious_before_h`, but not before the `to` of the episode before.
    let from = zero.plus(-params.contacts.infectious_before_h * HOUR);
    episode.from = before.map_or(from, |before| from.max(before.to));
    // to = isolated_at, else the episode's end, else day zero + `infectious_after_h`.
    let after = zero.plus(params.contacts.infectious_after_h * HOUR);
    episode.to = episode.isolated_at.or(episode.ended).unwrap_or(after);
    episode
}
