//! A map from people's numbers, for millions of them.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// So many numbers in a row share a table. A table is small, so that none grows for long.
const TABLE_PEOPLE: u32 = 2_048;

/// Small hash tables in order of the numbers: nothing is ever moved but within one of them.
#[derive(Debug)]
pub(crate) struct ByPerson<T> {
    tables: Vec<FxHashMap<u32, T>>,
    len: usize,
}

impl<T> Default for ByPerson<T> {
    fn default() -> Self {
        Self { tables: Vec::new(), len: 0 }
    }
}

impl<T> ByPerson<T> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn get(&self, person: u32) -> Option<&T> {
        self.tables.get(table(person))?.get(&person)
    }

    /// What is held, or else is held from now on.
    pub fn get_or_default(&mut self, person: u32) -> &mut T
    where
        T: Default,
    {
        let Self { tables, len } = self;
        let table = table(person);
        if table >= tables.len() {
            tables.resize_with(table + 1, FxHashMap::default);
        }
        tables[table].entry(person).or_insert_with(|| {
            *len += 1;
            T::default()
        })
    }

    pub fn remove(&mut self, person: u32) -> Option<T> {
        let table = self.tables.get_mut(table(person))?;
        let before = table.remove(&person);
        self.len -= usize::from(before.is_some());
        if table.is_empty() {
            // Its room goes back: the cases of a wave are over one day.
            *table = FxHashMap::default();
        }
        before
    }

    /// Those from a number on, in order.
    pub fn from(&self, person: u32) -> impl Iterator<Item = (u32, &T)> {
        let tables = self.tables.iter().skip(table(person));
        tables.flat_map(move |table| {
            let mut people: Vec<(u32, &T)> = table.iter().map(|(number, value)| (*number, value)).collect();
            people.retain(|(number, _)| *number >= person);
            people.sort_unstable_by_key(|(number, _)| *number);
            people
        })
    }
}

/// As [`ByPerson`], to be read at a moment: tables are shared with readers and copied when they change meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct SharedByPerson<T>(Vec<Arc<FxHashMap<u32, T>>>);

impl<T> Default for SharedByPerson<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> SharedByPerson<T> {
    pub fn get(&self, person: u32) -> Option<&T> {
        self.0.get(table(person))?.get(&person)
    }

    /// What is held, or else is held from now on.
    pub fn get_or_default(&mut self, person: u32) -> &mut T
    where
        T: Default,
    {
        self.table_mut(person).entry(person).or_default()
    }

    pub fn insert(&mut self, person: u32, value: T) {
        self.table_mut(person).insert(person, value);
    }

    fn table_mut(&mut self, person: u32) -> &mut FxHashMap<u32, T> {
        let table = table(person);
        if table >= self.0.len() {
            self.0.resize_with(table + 1, Arc::default);
        }
        Arc::make_mut(&mut self.0[table])
    }

    /// All of them; people of one table in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.0.iter().flat_map(|table| table.iter().map(|(person, value)| (*person, value)))
    }
}

fn table(person: u32) -> usize {
    (person / TABLE_PEOPLE) as usize
}

#[cfg(test)]
mod tests {
    use super::ByPerson;

    #[test]
    fn people_come_in_order_of_their_numbers_from_any_on() {
        let mut map = ByPerson::default();
        for person in [9_000, 3, 2_047, 2_048, 70_000, 4] {
            *map.get_or_default(person) = person * 2;
        }
        *map.get_or_default(4) += 1;
        assert_eq!(map.remove(9_000), Some(18_000));
        assert_eq!(map.remove(9_000), None);
        let from: Vec<(u32, u32)> = map.from(4).map(|(person, value)| (person, *value)).collect();
        assert_eq!(from, [(4, 9), (2_047, 4_094), (2_048, 4_096), (70_000, 140_000)]);
        assert_eq!((map.len(), map.get(3), map.get(5)), (5, Some(&6), None));
    }
}
