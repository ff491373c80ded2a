//! Clusters: how many distinct contacts were listed at one venue in the last days.

use crate::contacts::Entry;
use crate::rows::ClusterFacts;
use crate::time::{DAY, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Listed contacts by venue.
#[derive(Debug, Default)]
pub(crate) struct ClusterBook {
    rooms: BTreeMap<u32, Room>,
}

/// The contacts of one venue.
#[derive(Debug, Default)]
struct Room {
    /// (contact, case) to the first second of their latest listed part.
    pairs: BTreeMap<(u32, u32), Time>,
    /// The latest of each contact, by time; those that have left the window are dropped when they are next in the way.
    recent: BTreeSet<(Time, u32)>,
    /// Contacts that are cases themselves.
    cases: BTreeSet<u32>,
}

/// The contacts of a venue in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub contacts: usize,
    pub facts: ClusterFacts,
    /// When the first of them leaves the window.
    pub next: Option<Time>,
}

impl Room {
    fn latest(&self, person: u32) -> Option<Time> {
        self.pairs.range((person, 0)..=(person, u32::MAX)).map(|(_, latest)| *latest).max()
    }

    fn set(&mut self, case: u32, person: u32, latest: Option<Time>) {
        if let Some(before) = self.latest(person) {
            self.recent.remove(&(before, person));
        }
        match latest {
            Some(latest) => self.pairs.insert((person, case), latest),
            None => self.pairs.remove(&(person, case)),
        };
        if let Some(latest) = self.latest(person) {
            self.recent.insert((latest, person));
        }
    }
}

impl ClusterBook {
    /// A pair's listed parts changed. Gives the venues concerned.
    pub fn set(
        &mut self,
        case: u32,
        other: u32,
        before: &[Entry],
        after: &[Entry],
        other_is_case: bool,
    ) -> Vec<u32> {
        let mut venues: Vec<u32> = before.iter().chain(after).map(|entry| entry.venue).collect();
        venues.sort_unstable();
        venues.dedup();
        for venue in &venues {
            let latest = after.iter().filter(|entry| entry.venue == *venue).map(|entry| entry.from).max();
            let room = self.rooms.entry(*venue).or_default();
            room.set(case, other, latest);
            if room.pairs.is_empty() {
                self.rooms.remove(venue);
            } else {
                self.set_class(*venue, other, other_is_case);
            }
        }
        venues
    }

    /// A contact is a case itself, or no more.
    pub fn set_class(&mut self, venue: u32, person: u32, is_case: bool) {
        let Some(room) = self.rooms.get_mut(&venue) else { return };
        if is_case {
            room.cases.insert(person);
        } else {
            room.cases.remove(&person);
        }
    }

    /// Distinct contacts with a part that starts in (now − days, now]. `now` never falls from call to call.
    pub fn at(&mut self, venue: u32, now: Time, days: i64) -> Cluster {
        let after = now.plus(-days * DAY);
        let Some(room) = self.rooms.get_mut(&venue) else {
            return Cluster { contacts: 0, facts: ClusterFacts { f0: 0, f1: 0 }, next: None };
        };
        while room.recent.first().is_some_and(|(latest, _)| *latest <= after) {
            room.recent.pop_first();
        }
        let contacts = room.recent.len();
        let is_recent = |person: &&u32| room.latest(**person).is_some_and(|latest| latest > after);
        let f0 = room.cases.iter().filter(is_recent).count();
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Cluster {
            contacts,
            facts: ClusterFacts { f0: whole(f0), f1: whole(contacts - f0) },
            next: room.recent.first().map(|(latest, _)| latest.plus(days * DAY)),
        }
    }
}
