//! What was shown at full hours: a function of the journal.

use std::collections::BTreeMap;
use vonglau_core::time::{Time, Zone};

/// Full hours that are kept: 34 days.
const HOURS_MAX: usize = 816;

/// By full hour: how many of the journal's events were there before the first that brought `now` past it.
#[derive(Clone, Debug, Default)]
pub struct ShownHours {
    events_before: BTreeMap<Time, usize>,
}

impl ShownHours {
    /// At a full hour H the figure shown is that at `now` = H of the events before the first that brings `now` past
    /// H; where several hours are passed at once each is shown so, the last 816 of them. Before the first event null.
    pub fn pass(&mut self, zone: &Zone, from: Option<Time>, to: Time, events_before: usize) {
        let Some(from) = from else { return };
        let mut hour = zone.hour_floor(to.plus(-1));
        for _ in 0..HOURS_MAX {
            if hour < from {
                break;
            }
            self.events_before.insert(hour, events_before);
            hour = zone.hour_floor(hour.plus(-1));
        }
        while self.events_before.len() > HOURS_MAX {
            self.events_before.pop_first();
        }
    }

    /// None: not shown, or no longer kept.
    pub fn events_before(&self, hour: Time) -> Option<usize> {
        self.events_before.get(&hour).copied()
    }
}
