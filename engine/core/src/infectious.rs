//! The infectious times of all F1, close together: a search for F2 asks for them millions of times.

use crate::bits::Bits;
use crate::time::Time;
use rustc_hash::FxHashMap;

/// People with their infectious times [from, to). They are added in order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Infectious {
    people: Bits,
    /// By 64 people: how many are there before them.
    ranks: Vec<u32>,
    /// The first time of each in order, in seconds since 1970.
    first: Vec<(u32, u32)>,
    /// The further ones of the few that have more.
    more: FxHashMap<u32, Vec<(Time, Time)>>,
}

impl Infectious {
    /// Makes room for so many people, so that nothing grows in the middle: that would take long.
    pub fn reserve(&mut self, people: usize) {
        self.first.reserve(people);
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub fn add(&mut self, person: u32, times: &[(Time, Time)]) {
        let Some((first, more)) = times.split_first() else { return };
        let before = u32::try_from(self.first.len()).unwrap_or(u32::MAX);
        self.ranks.resize(person as usize / 64 + 1, before);
        self.people.set(person, true);
        let short = |at: Time| u32::try_from(at.0).unwrap_or(u32::MAX);
        self.first.push((short(first.0), short(first.1)));
        if !more.is_empty() {
            self.more.insert(person, more.to_vec());
        }
    }

    /// A person's times; none if it is not among them.
    pub fn times(&self, person: u32) -> impl Iterator<Item = (Time, Time)> + '_ {
        let first = self.people.holds(person).then(|| {
            let rank = self.ranks[person as usize / 64] + self.people.below(person);
            let (from, to) = self.first[rank as usize];
            (Time(i64::from(from)), Time(i64::from(to)))
        });
        let has_more = first.is_some() && !self.more.is_empty();
        let more = has_more.then(|| self.more.get(&person)).flatten();
        first.into_iter().chain(more.into_iter().flatten().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_the_times_that_were_added_with_it() {
        let mut infectious = Infectious::default();
        let times = |n: i64| vec![(Time(n), Time(n + 1)); usize::try_from(n % 3).unwrap_or_default()];
        let people = [1, 2, 63, 64, 65, 130, 700, 701];
        for person in people {
            infectious.add(person, &times(i64::from(person)));
        }
        for person in 0..800 {
            let added = if people.contains(&person) { times(i64::from(person)) } else { Vec::new() };
            assert_eq!(infectious.times(person).collect::<Vec<_>>(), added, "{person}");
        }
    }
}
