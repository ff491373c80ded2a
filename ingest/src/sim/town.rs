//! The city as it stands: its people, where they live and work. What somebody is never changes; what somebody does
//! on a day is in `plan.rs`.

use super::{
    calendar::day_of,
    dice::{Dice, Topic, key},
    identity::Birth,
    land::Land,
    plan,
    venues::{Kind, Venues},
};
use std::ops::Range;
use vonglau_core::{
    params::{District, VenueKind, Ward},
    time::{Day, Time},
};

/// People a city can have: a person's number and a scan's marks share 32 bits.
pub(super) const PEOPLE_MAX: u32 = 1 << 24;

/// What a simulated city is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    pub districts: Vec<District>,
    pub wards: Vec<Ward>,
    /// Dwell times and weights are taken from here, so that a visit without an out lasts as the gateway will think
    /// it does.
    pub venue_kinds: Vec<VenueKind>,
    /// Infectiousness in thousandths on day -3, -2, … 10 from onset.
    pub infectiousness_permille: [i64; 14],
    pub people: u32,
    pub seed: u64,
    /// From here on cases are reported and doses given.
    pub cases_from: Time,
    /// From here on people scan; not before `cases_from`.
    pub scans_from: Time,
    /// The present of the story: the epidemic's size and the vaccination's progress are told of it.
    pub live_at: Time,
    /// Scans of one person a day, averaged over people and weekdays; about 8 at most.
    pub scans_per_person_day: f64,
}

/// Why there can be no such city.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Nowhere to live.
    #[error(
        "không có phường nào để ở · the simulator has nowhere to put people: no ward belongs to a district with a population; give districts.csv and wards.csv of one city"
    )]
    NoWards,
    /// Nobody, or too many.
    #[error(
        "số dân sai · the simulator can hold 1 to {PEOPLE_MAX} people, not {0}; give --people within that"
    )]
    People(u32),
    /// A rate that means nothing.
    #[error("số lượt quét sai · scans per person and day must be more than 0 and at most 20; the usual is 2")]
    Rate,
    /// Scans before cases, or a time that no event may carry.
    #[error(
        "thời gian sai · the simulated time must lie in 2000-2099 and scans must not begin before cases; choose another --start"
    )]
    Start,
}

/// What somebody does by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Toddler,
    Preschooler,
    Pupil,
    Student,
    Worker,
    /// At home, or with work that has no fixed place.
    Free,
    Elder,
}

/// What is kept of a person: 12 bytes, for there may be millions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// Where it works or learns; any venue for those who do not.
    pub(super) work: u32,
    pub(super) ward: u16,
    /// Whole years at the story's present.
    pub(super) age: u8,
    pub(super) class: Class,
}

/// All that stands.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) seed: u64,
    pub(super) land: Land,
    pub(super) venues: Venues,
    pub(super) people: Vec<Person>,
    /// The date of the story's present.
    pub(super) live_day: Day,
    /// How many times more than elsewhere people of each district catch it.
    pub(super) heat: Vec<u32>,
    /// Turns wished scans a day into chances: thousandths of the habits in `plan.rs`.
    pub(super) zeal_permille: u32,
    birth_key: u64,
    count: u32,
}

/// (up to this age, people of a thousand): Hanoi's census of 2019, roughly.
const AGES: [(u32, u32); 9] =
    [(2, 50), (5, 50), (11, 95), (17, 80), (24, 100), (39, 270), (54, 195), (64, 90), (92, 70)];

impl Town {
    pub(super) fn new(setup: &Setup) -> Result<Self, SetupError> {
        if setup.people == 0 || setup.people > PEOPLE_MAX {
            return Err(SetupError::People(setup.people));
        }
        if !(setup.scans_per_person_day > 0.0 && setup.scans_per_person_day <= 20.0) {
            return Err(SetupError::Rate);
        }
        let land = Land::new(setup.districts.clone(), &setup.wards, setup.people)?;
        let mut town = Self {
            seed: setup.seed,
            venues: Venues::new(&land, setup.people, &setup.venue_kinds),
            heat: heat(setup.seed, land.districts.len()),
            land,
            people: Vec::new(),
            live_day: day_of(setup.live_at.0),
            zeal_permille: 1_000,
            birth_key: key(setup.seed, Topic::Birth, 0),
            count: setup.people,
        };
        town.people = (0..setup.people).map(|person| town.person(person)).collect();
        town.zeal_permille = plan::zeal(&mut town, setup.scans_per_person_day);
        Ok(town)
    }

    /// How many people live here.
    pub(super) const fn len(&self) -> u32 {
        self.count
    }

    /// When and as what a person was born.
    pub(super) fn birth(&self, person: u32) -> Birth {
        let mut dice = Dice::of(self.birth_key, u64::from(person));
        // A household's first two are grown up.
        let first = if person - self.household(person).start < 2 { 5 } else { 0 };
        let weights = AGES.map(|(_, share)| share);
        let band = first + dice.weighted(&weights[first..]);
        let from = if band == 0 { 0 } else { AGES[band - 1].0 + 1 };
        let days = dice.between(i64::from(from) * 1_461 / 4, i64::from(AGES[band].0 + 1) * 1_461 / 4 - 2);
        Birth { on: self.live_day.plus(-(days as i32)), female: dice.permille(505) }
    }

    /// The people of a person's household, by number: four, three, four, three.
    pub(super) fn household(&self, person: u32) -> Range<u32> {
        let block = person / 7 * 7;
        let whole = if person - block < 4 { block..block + 4 } else { block + 4..block + 7 };
        whole.start..whole.end.min(self.count)
    }

    pub(super) fn ward(&self, person: u32) -> u16 {
        self.people[person as usize].ward
    }

    pub(super) fn district(&self, person: u32) -> u16 {
        self.land.district_of(self.ward(person))
    }

    fn person(&self, person: u32) -> Person {
        let mut dice = Dice::of(key(self.seed, Topic::Work, 0), u64::from(person));
        let birth = self.birth(person);
        let age = ((self.live_day.0 - birth.on.0) * 4 / 1_461) as u8;
        let class = match age {
            0..=2 => Class::Toddler,
            3..=5 => Class::Preschooler,
            6..=17 => Class::Pupil,
            18..=22 if dice.permille(550) => Class::Student,
            18..=60 if dice.permille(840) => Class::Worker,
            18..=60 => Class::Free,
            _ => Class::Elder,
        };
        let ward = self.land.ward_of(person);
        Person { work: self.work(class, ward, person, &mut dice), ward, age, class }
    }

    /// Where somebody goes by day. Children go to the school around the corner; of the workers about two in three
    /// work in or near their own ward, the others anywhere.
    fn work(&self, class: Class, ward: u16, person: u32, dice: &mut Dice) -> u32 {
        if class != Class::Worker {
            let crowded = class == Class::Student && dice.permille(30);
            return if crowded {
                self.venues.hall(Kind::School, dice)
            } else {
                self.venues.own(Kind::School, &self.land, ward, person)
            };
        }
        let kind = WORK[dice.weighted(&WORK.map(|(_, share)| share))].0;
        if dice.permille(9) {
            return self.venues.hall(kind, dice);
        }
        if dice.permille(330) {
            return self.venues.anywhere(kind, dice);
        }
        let step = dice.between(-6, 6);
        self.venues.beside(kind, &self.land, ward, person, step)
    }
}

/// Some districts burn and some smoulder, whichever the seed says.
fn heat(seed: u64, districts: usize) -> Vec<u32> {
    let mut order: Vec<usize> = (0..districts).collect();
    order.sort_by_key(|index| key(seed, Topic::District, *index as u64 + 1_000));
    let mut heat = vec![1; districts];
    for (index, hot) in order.into_iter().zip(HEAT) {
        heat[index] = hot;
    }
    heat
}

/// The heat of the hottest districts; that of all others is 1.
const HEAT: [u32; 8] = [26, 20, 12, 6, 5, 4, 3, 3];

/// Where people work, of a thousand. Those who serve many guests are few: each stands for a whole crew.
const WORK: [(Kind, u32); 10] = [
    (Kind::Office, 430),
    (Kind::Factory, 370),
    (Kind::School, 50),
    (Kind::Hospital, 50),
    (Kind::Government, 60),
    (Kind::Transport, 15),
    (Kind::Market, 8),
    (Kind::Supermarket, 6),
    (Kind::Restaurant, 8),
    (Kind::Cafe, 3),
];
