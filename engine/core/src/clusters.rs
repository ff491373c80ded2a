//! Clusters: how many distinct contacts were listed at one venue in the last days.

use crate::contacts::Entry;
use crate::follow::FollowBook;
use crate::rows::ClusterFacts;
use crate::time::{DAY, Time};
use std::collections::BTreeMap;

/// Listed contacts by venue.
#[derive(Debug, Default)]
pub(crate) struct ClusterBook {
    /// Venue to (contact, case) to the first seconds of their listed parts there, ascending.
    venues: BTreeMap<u32, BTreeMap<(u32, u32), Vec<Time>>>,
}

/// The contacts of a venue in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub contacts: usize,
    pub facts: ClusterFacts,
    /// When the first of them leaves the window.
    pub next: Option<Time>,
}

impl ClusterBook {
    /// A pair's listed parts changed. Gives the venues concerned.
    pub fn set(&mut self, case: u32, other: u32, before: &[Entry], after: &[Entry]) -> Vec<u32> {
        let mut venues: Vec<u32> = before.iter().chain(after).map(|entry| entry.venue).collect();
        venues.sort_unstable();
        venues.dedup();
        for venue in &venues {
            let mut begins: Vec<Time> = after.iter().filter(|e| e.venue == *venue).map(|e| e.from).collect();
            begins.sort_unstable();
            let there = self.venues.entry(*venue).or_default();
            if begins.is_empty() {
                there.remove(&(other, case));
            } else {
                there.insert((other, case), begins);
            }
            if there.is_empty() {
                self.venues.remove(venue);
            }
        }
        venues
    }

    /// Distinct contacts with a part that starts in (now − days, now].
    pub fn at(&self, venue: u32, now: Time, days: i64, follow: &FollowBook) -> Cluster {
        let after = now.plus(-days * DAY);
        let mut cluster = Cluster { contacts: 0, facts: ClusterFacts { f0: 0, f1: 0 }, next: None };
        let mut last_person = None;
        for ((person, _), begins) in self.venues.get(&venue).into_iter().flatten() {
            let Some(latest) = begins.last().filter(|begin| **begin > after) else { continue };
            let leaves = latest.plus(days * DAY);
            cluster.next = Some(cluster.next.map_or(leaves, |next: Time| next.min(leaves)));
            if last_person.replace(*person) == Some(*person) {
                continue;
            }
            cluster.contacts += 1;
            if follow.get(*person).is_some_and(|follow| follow.is_case) {
                cluster.facts.f0 += 1;
            } else {
                cluster.facts.f1 += 1;
            }
        }
        cluster
    }
}
