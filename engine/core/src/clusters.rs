//! Clusters: how many distinct contacts were listed at one venue in the last days.

use crate::rows::ClusterFacts;
use crate::time::{DAY, Time};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Listed contacts by venue.
#[derive(Debug, Default)]
pub(crate) struct ClusterBook {
    rooms: FxHashMap<u32, Room>,
}

/// The contacts of one venue, counted.
#[derive(Debug, Default)]
struct Room {
    /// By the first second of their latest listed part here; those that have left the window are dropped when they are
    /// next in the way.
    by_latest: BTreeMap<Time, Guests>,
    all: Guests,
}

/// Contacts that are no cases, and those that are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Guests {
    f1: u32,
    f0: u32,
}

impl Guests {
    fn count(&mut self, is_case: bool) -> &mut u32 {
        if is_case { &mut self.f0 } else { &mut self.f1 }
    }
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
    /// Counts a contact in.
    fn add(&mut self, latest: Time, is_case: bool) {
        *self.by_latest.entry(latest).or_default().count(is_case) += 1;
        *self.all.count(is_case) += 1;
    }

    /// Counts a contact out, unless it was dropped.
    fn take(&mut self, latest: Time, is_case: bool) {
        let Some(guests) = self.by_latest.get_mut(&latest) else { return };
        let count = guests.count(is_case);
        if *count > 0 {
            *count -= 1;
            *self.all.count(is_case) -= 1;
        }
        if *guests == Guests::default() {
            self.by_latest.remove(&latest);
        }
    }
}

impl ClusterBook {
    /// The first second of a contact's latest listed part at a venue was `before`, and is `after`.
    pub fn change(&mut self, venue: u32, before: (Option<Time>, bool), after: (Option<Time>, bool)) {
        let room = self.rooms.entry(venue).or_default();
        if let (Some(latest), is_case) = before {
            room.take(latest, is_case);
        }
        if let (Some(latest), is_case) = after {
            room.add(latest, is_case);
        }
        if room.by_latest.is_empty() {
            self.rooms.remove(&venue);
        }
    }

    /// Distinct contacts with a part that starts in (now − days, now]. `now` never falls from call to call.
    pub fn at(&mut self, venue: u32, now: Time, days: i64) -> Cluster {
        let after = now.plus(-days * DAY);
        let Some(room) = self.rooms.get_mut(&venue) else {
            return Cluster { contacts: 0, facts: ClusterFacts { f0: 0, f1: 0 }, next: None };
        };
        while let Some(first) = room.by_latest.first_entry().filter(|first| *first.key() <= after) {
            let guests = first.remove();
            room.all.f1 -= guests.f1;
            room.all.f0 -= guests.f0;
        }
        let facts = ClusterFacts { f0: i64::from(room.all.f0), f1: i64::from(room.all.f1) };
        Cluster {
            contacts: room.all.f0 as usize + room.all.f1 as usize,
            facts,
            next: room.by_latest.first_key_value().map(|(latest, _)| latest.plus(days * DAY)),
        }
    }
}
