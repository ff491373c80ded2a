//! Residents and their vaccinations: coverage by age, where the residents' records say they live.

use crate::by_person::SharedByPerson;
use crate::event::{Resident, Vaccination, journaled};
use crate::rules::{Place, Rules};
use crate::time::Day;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Residents of an area by age, and those of them with doses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// 18 and older.
    pub adults: i64,
    /// Of them with a dose.
    pub adults_one: i64,
    /// 65 and older.
    pub elders: i64,
    /// Of them with two.
    pub elders_two: i64,
    /// 50 and older.
    pub seniors: i64,
    /// Of them with two.
    pub seniors_two: i64,
}

/// The registers.
#[derive(Debug, Default)]
pub(crate) struct Residents {
    records: SharedByPerson<Resident>,
    doses: SharedByPerson<BTreeMap<u8, Vaccination>>,
    counted: FxHashMap<u32, (Place, Coverage)>,
    coverage: Vec<Coverage>,
    today: Option<Day>,
}

impl Residents {
    pub fn new(rules: &Rules) -> Self {
        Self { coverage: vec![Coverage::default(); rules.areas()], ..Self::default() }
    }

    /// The latest record by (`at`, `id`, journaled form) holds. True if this one does.
    pub fn take(&mut self, person: u32, record: Resident, rules: &Rules) -> bool {
        let later = self.records.get(person).is_none_or(|held| {
            (record.at, &record.id)
                .cmp(&(held.at, &held.id))
                .then_with(|| journaled(&record).cmp(&journaled(held)))
                == Ordering::Greater
        });
        if later {
            self.records.insert(person, record);
            self.count(person, rules);
        }
        later
    }

    /// As for residents, by person and dose.
    pub fn take_dose(&mut self, person: u32, record: Vaccination, rules: &Rules) {
        let doses = self.doses.get_or_default(person);
        let later = doses.get(&record.dose).is_none_or(|held| {
            (record.at, &record.id)
                .cmp(&(held.at, &held.id))
                .then_with(|| journaled(&record).cmp(&journaled(held)))
                == Ordering::Greater
        });
        if later {
            doses.insert(record.dose, record);
            self.count(person, rules);
        }
    }

    /// A new day begins: ages and doses count as of it.
    pub fn advance(&mut self, today: Day, rules: &Rules) {
        if self.today == Some(today) {
            return;
        }
        self.today = Some(today);
        let mut people: Vec<u32> = self.records.iter().map(|(person, _)| person).collect();
        people.sort_unstable();
        for person in people {
            self.count(person, rules);
        }
    }

    fn count(&mut self, person: u32, rules: &Rules) {
        let Some(today) = self.today else { return };
        let Some(record) = self.records.get(person) else { return };
        let place = rules.place(record.district.as_deref(), record.ward.as_deref());
        let age = record.born.map(|born| born.age_on(today));
        let given = |from: u8| {
            let doses = self.doses.get(person);
            doses.is_some_and(|doses| doses.range(from..).any(|(_, dose)| dose.given_on <= today))
        };
        let is = |age_min: i32, dose: Option<u8>| {
            i64::from(age.is_some_and(|age| age >= age_min) && dose.is_none_or(given))
        };
        let now = Coverage {
            adults: is(18, None),
            adults_one: is(18, Some(0)),
            elders: is(65, None),
            elders_two: is(65, Some(2)),
            seniors: is(50, None),
            seniors_two: is(50, Some(2)),
        };
        let before = self.counted.insert(person, (place, now));
        if before == Some((place, now)) {
            return;
        }
        if let Some((place, coverage)) = before {
            rules.slots(place).for_each(|slot| self.coverage[slot].add(&coverage, -1));
        }
        rules.slots(place).for_each(|slot| self.coverage[slot].add(&now, 1));
    }

    pub fn coverage(&self, slot: usize) -> Coverage {
        self.coverage[slot]
    }

    pub fn record(&self, person: u32) -> Option<&Resident> {
        self.records.get(person)
    }

    /// All records, for a reader at this moment.
    pub fn shared_records(&self) -> SharedByPerson<Resident> {
        self.records.clone()
    }

    /// All doses likewise, by number.
    pub fn shared_doses(&self) -> SharedByPerson<BTreeMap<u8, Vaccination>> {
        self.doses.clone()
    }

    /// A person's doses by number.
    pub fn doses(&self, person: u32) -> impl Iterator<Item = &Vaccination> {
        self.doses.get(person).into_iter().flat_map(BTreeMap::values)
    }
}

impl Coverage {
    fn add(&mut self, other: &Self, times: i64) {
        self.adults += times * other.adults;
        self.adults_one += times * other.adults_one;
        self.elders += times * other.elders;
        self.elders_two += times * other.elders_two;
        self.seniors += times * other.seniors;
        self.seniors_two += times * other.seniors_two;
    }
}
