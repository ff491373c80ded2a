//! The cuts of all cases (see [`crate::contacts`]), by case and by venue.

use crate::contacts::Cut;
use crate::time::Time;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// All cuts.
#[derive(Debug, Default)]
pub(crate) struct CutBook {
    by_case: FxHashMap<u32, Arc<Vec<Cut>>>,
    /// By venue, with their case, in order of the end of their reach.
    by_venue: FxHashMap<u32, Vec<(u32, Cut)>>,
}

impl CutBook {
    /// Puts down the cuts of a case as its visits and episodes now make them. Gives those that went and those that came.
    pub fn put(&mut self, case: u32, fresh: Vec<Cut>) -> (Vec<Cut>, Vec<Cut>) {
        let old = self.by_case.remove(&case).unwrap_or_default();
        // Nearly always only the last ones differ.
        let same = old.iter().zip(&fresh).take_while(|(old, new)| old == new).count();
        let (before, after) = (&old[same..], &fresh[same..]);
        let gone: Vec<Cut> = before.iter().filter(|cut| !after.contains(cut)).copied().collect();
        let come: Vec<Cut> = after.iter().filter(|cut| !before.contains(cut)).copied().collect();
        for cut in &gone {
            if let Some(there) = self.by_venue.get_mut(&cut.venue) {
                let from = there.partition_point(|(_, held)| held.reach < cut.reach);
                let place = there[from..].iter().position(|(whose, held)| *whose == case && held == cut);
                place.map(|place| there.remove(from + place));
                if there.is_empty() {
                    self.by_venue.remove(&cut.venue);
                }
            }
        }
        for cut in &come {
            let there = self.by_venue.entry(cut.venue).or_default();
            let place = there.partition_point(|(_, held)| held.reach <= cut.reach);
            there.insert(place, (case, *cut));
        }
        if !fresh.is_empty() {
            self.by_case.insert(case, Arc::new(fresh));
        }
        (gone, come)
    }

    /// The cuts of a case, in order.
    pub fn of(&self, case: u32) -> &[Cut] {
        self.by_case.get(&case).map_or(&[], |cuts| cuts.as_slice())
    }

    /// The same, to be kept.
    pub fn shared(&self, case: u32) -> Arc<Vec<Cut>> {
        self.by_case.get(&case).map(Arc::clone).unwrap_or_default()
    }

    /// The cuts at a venue with their case, in order of the end of their reach.
    pub fn at(&self, venue: u32) -> &[(u32, Cut)] {
        self.by_venue.get(&venue).map_or(&[], Vec::as_slice)
    }

    /// The cuts at a venue that share time with [start, end), where none is longer than `longest` seconds.
    pub fn beside(
        &self,
        venue: u32,
        start: Time,
        end: Time,
        longest: i64,
    ) -> impl DoubleEndedIterator<Item = &(u32, Cut)> {
        let there = self.at(venue);
        let from = there.partition_point(|(_, cut)| cut.reach <= start);
        let after = end.plus(longest);
        let to = from + there[from..].partition_point(|(_, cut)| cut.reach < after);
        there[from..to].iter().filter(move |(_, cut)| cut.start < end)
    }

    /// When nobody can meet a case at a venue any more.
    pub fn until(&self, venue: u32) -> Time {
        self.at(venue).last().map_or(Time(i64::MIN), |(_, cut)| cut.reach)
    }
}
