//! Clusters: how many distinct contacts were listed at one venue in the last days.

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
    people: BTreeMap<u32, Guest>,
    /// Contacts by their latest listed part; those that have left the window are dropped when they are next in the way.
    recent: BTreeSet<(Time, u32)>,
    /// Of them those that are cases themselves.
    recent_cases: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Guest {
    /// First second of its latest listed part here.
    latest: Time,
    is_case: bool,
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
    fn set(&mut self, person: u32, guest: Option<Guest>) {
        let before = match guest {
            Some(guest) => self.people.insert(person, guest),
            None => self.people.remove(&person),
        };
        if before == guest {
            return;
        }
        if let Some(before) = before
            && self.recent.remove(&(before.latest, person))
        {
            self.recent_cases -= usize::from(before.is_case);
        }
        if let Some(guest) = guest {
            self.recent.insert((guest.latest, person));
            self.recent_cases += usize::from(guest.is_case);
        }
    }
}

impl ClusterBook {
    /// The first second of a contact's latest listed part at a venue, and whether it is a case itself.
    pub fn set(&mut self, venue: u32, person: u32, latest: Option<Time>, is_case: bool) {
        let room = self.rooms.entry(venue).or_default();
        room.set(person, latest.map(|latest| Guest { latest, is_case }));
        if room.people.is_empty() {
            self.rooms.remove(&venue);
        }
    }

    /// Distinct contacts with a part that starts in (now − days, now]. `now` never falls from call to call.
    pub fn at(&mut self, venue: u32, now: Time, days: i64) -> Cluster {
        let after = now.plus(-days * DAY);
        let Some(room) = self.rooms.get_mut(&venue) else {
            return Cluster { contacts: 0, facts: ClusterFacts { f0: 0, f1: 0 }, next: None };
        };
        while let Some((latest, person)) = room.recent.first().copied().filter(|(at, _)| *at <= after) {
            room.recent.remove(&(latest, person));
            room.recent_cases -= usize::from(room.people.get(&person).is_some_and(|guest| guest.is_case));
        }
        let (contacts, f0) = (room.recent.len(), room.recent_cases);
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Cluster {
            contacts,
            facts: ClusterFacts { f0: whole(f0), f1: whole(contacts - f0) },
            next: room.recent.first().map(|(latest, _)| latest.plus(days * DAY)),
        }
    }
}
