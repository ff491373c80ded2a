//! What people and venues are called, for readers on other threads.

use crate::by_name::ByName;
use crate::number_set::NumberSet;
use crate::people::{NameBlock, PEOPLE_OF_BLOCK};
use crate::situation::Situation;
use crate::venues::VENUES_OF_BLOCK;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Blocks of names brought up to date in one portion: some milliseconds.
const PORTION_BLOCKS: usize = 16;

/// A venue as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct VenueFacts {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    /// Place in [`Params::kinds`].
    pub kind: u16,
    /// Places in the lists of districts and wards.
    pub district: Option<u16>,
    pub ward: Option<u16>,
    /// Degrees, where it is on the city's map.
    pub point: Option<(f64, f64)>,
    pub capacity: Option<u32>,
    /// H3 index of resolution 10, where it is on the city's map.
    pub cell: Option<u64>,
}

/// What people and venues are called, by their numbers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    people: Vec<Arc<NameBlock>>,
    /// Shared by all clones; brought up to date when a name is looked for.
    by_name: Arc<ByName>,
    /// With the version of each block.
    venues: Vec<(u32, Arc<Vec<VenueFacts>>)>,
    heard_of: NumberSet,
}

impl Situation {
    /// Brings registers up to date, a portion at a time; true once they are.
    pub fn refresh(&self, registers: &mut Registers) -> bool {
        let mut portion = PORTION_BLOCKS;
        let people = self.people.len().div_ceil(PEOPLE_OF_BLOCK) as usize;
        while registers.people.len() < people || registers.people_known() < self.people.len() {
            if portion == 0 {
                return false;
            }
            portion -= 1;
            registers.people.pop_if(|last| last.len() < PEOPLE_OF_BLOCK);
            let block = u32::try_from(registers.people.len()).unwrap_or(u32::MAX);
            registers.people.push(Arc::new(self.people.block(block)));
        }
        for (n, version) in self.venues.versions().iter().enumerate() {
            if registers.venues.get(n).is_some_and(|(held, _)| held == version) {
                continue;
            }
            if portion == 0 {
                return false;
            }
            portion -= 1;
            let block = (*version, Arc::new(self.venues.facts(n)));
            match registers.venues.get_mut(n) {
                Some(held) => *held = block,
                None => registers.venues.push(block),
            }
        }
        registers.heard_of = self.venues.heard_of.clone();
        true
    }
}

impl Registers {
    fn people_known(&self) -> u32 {
        let before = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        before * PEOPLE_OF_BLOCK + self.people.last().map_or(0, |last| last.len())
    }

    /// Numbers of people are below this one.
    pub fn people(&self) -> u32 {
        self.people_known()
    }

    /// Appends a person's pseudonym.
    pub fn write_person(&self, person: u32, text: &mut Vec<u8>) {
        if let Some(block) = self.people.get((person / PEOPLE_OF_BLOCK) as usize) {
            block.write(person % PEOPLE_OF_BLOCK, text);
        }
    }

    /// A person's pseudonym.
    pub fn pseudonym(&self, person: u32) -> Box<str> {
        let mut text = Vec::new();
        self.write_person(person, &mut text);
        String::from_utf8_lossy(&text).into()
    }

    /// The number of a pseudonym.
    pub fn person(&self, name: &str) -> Option<u32> {
        self.each_person(std::iter::once(name)).pop().flatten()
    }

    /// The number of each of some pseudonyms.
    pub fn each_person<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Option<u32>> {
        self.by_name.people(&self.people, names)
    }

    /// The numbers of those pseudonyms that are known, in order, each once.
    pub fn people_of(&self, names: &[String]) -> Vec<u32> {
        let found = self.each_person(names.iter().map(String::as_str));
        found.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The number of each of some venues' ids.
    pub fn each_venue<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Vec<Option<u32>> {
        self.by_name.venues(self.venues_known(), |n| self.venue(n), ids)
    }

    /// The numbers of those venues' ids that are known, in order, each once.
    pub fn venues_of(&self, ids: &[String]) -> Vec<u32> {
        let found = self.each_venue(ids.iter().map(String::as_str));
        found.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The number of a venue's id.
    pub fn venue_number(&self, id: &str) -> Option<u32> {
        self.each_venue(std::iter::once(id)).pop().flatten()
    }

    fn venues_known(&self) -> u32 {
        let before = self.venues.len().saturating_sub(1) * VENUES_OF_BLOCK;
        u32::try_from(before + self.venues.last().map_or(0, |(_, block)| block.len())).unwrap_or(u32::MAX)
    }

    /// A venue by its number.
    pub fn venue(&self, venue: u32) -> Option<&VenueFacts> {
        let (_, block) = self.venues.get(venue as usize / VENUES_OF_BLOCK)?;
        block.get(venue as usize % VENUES_OF_BLOCK)
    }

    /// All venues in order of their numbers.
    pub fn venues(&self) -> impl Iterator<Item = &VenueFacts> {
        self.venues.iter().flat_map(|(_, block)| block.iter())
    }

    /// The numbers of venues that have a record or a scan that is held, in order.
    pub fn venues_heard_of(&self) -> impl Iterator<Item = u32> {
        self.heard_of.iter()
    }
}
