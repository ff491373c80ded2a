//! A map from people's numbers, for millions of them.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// So many numbers in a row share a table. A table is small, so that none grows for long.
const TABLE_PEOPLE: u32 = 2_048;

/// Small tables in order of the numbers: nothing is ever moved but within one of them.
#[derive(Debug)]
pub(crate) struct ByPerson<T> {
    tables: Vec<Option<Table<T>>>,
    len: usize,
}

/// What is held of [`TABLE_PEOPLE`] numbers, side by side in no order.
#[derive(Debug)]
struct Table<T> {
    /// By the number's remainder: one more than its place; 0 for nobody.
    places: Box<[u16; TABLE_PEOPLE as usize]>,
    /// By place: the remainder.
    numbers: Vec<u16>,
    values: Vec<T>,
}

impl<T> Table<T> {
    fn new() -> Self {
        Self { places: Box::new([0; TABLE_PEOPLE as usize]), numbers: Vec::new(), values: Vec::new() }
    }

    fn place(&self, number: u16) -> Option<usize> {
        usize::from(self.places[usize::from(number)]).checked_sub(1)
    }

    fn push(&mut self, number: u16, value: T) -> usize {
        if self.values.len() == self.values.capacity() {
            // By a quarter: of a large city's contacts, doubling would leave a quarter of their memory unused.
            let more = self.values.len() / 4 + 4;
            self.values.reserve_exact(more);
            self.numbers.reserve_exact(more);
        }
        self.numbers.push(number);
        self.values.push(value);
        self.places[usize::from(number)] = u16::try_from(self.values.len()).unwrap_or(0);
        self.values.len() - 1
    }

    fn remove(&mut self, number: u16) -> Option<T> {
        let place = self.place(number)?;
        let value = self.values.swap_remove(place);
        self.numbers.swap_remove(place);
        self.places[usize::from(number)] = 0;
        if let Some(moved) = self.numbers.get(place) {
            self.places[usize::from(*moved)] = u16::try_from(place + 1).unwrap_or(0);
        }
        Some(value)
    }
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
        let table = self.tables.get(table(person))?.as_ref()?;
        table.values.get(table.place(number(person))?)
    }

    /// What is held, or else is held from now on.
    pub fn get_or_default(&mut self, person: u32) -> &mut T
    where
        T: Default,
    {
        let Self { tables, len } = self;
        let at = table(person);
        if at >= tables.len() {
            tables.resize_with(at + 1, || None);
        }
        let table = tables[at].get_or_insert_with(Table::new);
        let place = table.place(number(person)).unwrap_or_else(|| {
            *len += 1;
            table.push(number(person), T::default())
        });
        &mut table.values[place]
    }

    pub fn remove(&mut self, person: u32) -> Option<T> {
        let held = self.tables.get_mut(table(person))?;
        let table = held.as_mut()?;
        let before = table.remove(number(person))?;
        self.len -= 1;
        if table.values.is_empty() {
            // Its room goes back: the cases of a wave are over one day.
            *held = None;
        }
        Some(before)
    }

    /// Those from a number on, in order.
    pub fn from(&self, person: u32) -> impl Iterator<Item = (u32, &T)> {
        let tables = self.tables.iter().zip((0..).step_by(TABLE_PEOPLE as usize)).skip(table(person));
        let people =
            tables.filter_map(|(held, first)| Some((held.as_ref()?, first))).flat_map(|(held, first)| {
                let numbers = held.places.iter().zip(first..);
                numbers.filter_map(|(place, number)| {
                    Some((number, held.values.get(usize::from(*place).checked_sub(1)?)?))
                })
            });
        people.skip_while(move |(number, _)| *number < person)
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

/// The remainder of a person's number in its table.
fn number(person: u32) -> u16 {
    u16::try_from(person % TABLE_PEOPLE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::ByPerson;
    use std::collections::BTreeMap;

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

    #[test]
    fn whoever_goes_leaves_the_others_where_they_are_found() {
        let mut map = ByPerson::default();
        let mut held = BTreeMap::new();
        for n in 0..20_000_u32 {
            let person = n.wrapping_mul(2_654_435_761) % 5_000;
            if n % 3 == 0 {
                assert_eq!(map.remove(person), held.remove(&person));
            } else {
                *map.get_or_default(person) += n;
                *held.entry(person).or_default() += n;
            }
        }
        assert_eq!(map.len(), held.len());
        assert!((0..5_001).all(|person| map.get(person) == held.get(&person)));
        let from: Vec<(u32, u32)> = map.from(2_100).map(|(person, value)| (person, *value)).collect();
        assert_eq!(from, held.range(2_100..).map(|(person, value)| (*person, *value)).collect::<Vec<_>>());
    }
}
