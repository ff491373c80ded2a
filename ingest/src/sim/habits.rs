//! How people of each class spend their days: when they work or learn, run errands, go out.
//!
//! Habits are chances in thousandths for somebody who has every visit scanned; `zeal` in `plan.rs` scales them all.

use super::{
    dice::{Dice, Topic, key},
    plan::{Plan, Today},
    town::{Class, Person, Town},
    venues::Kind,
};
use vonglau_core::time::{HOUR, MINUTE};

/// Share of visits, in thousandths, whose out nobody scans.
const NO_OUT_PERMILLE: u32 = 70;

/// Nobody sets out later than this.
const CURFEW_S: i64 = 22 * HOUR + 15 * MINUTE;

impl Town {
    /// A person's day, were nobody ill.
    pub(super) fn plan(&self, person: u32, today: &Today) -> Plan {
        let mut planner = Planner {
            town: self,
            person,
            who: self.people[person as usize],
            today,
            dice: Dice::of(today.key, u64::from(person)),
            plan: Plan::default(),
        };
        planner.main();
        if planner.plan.len == 0 {
            planner.errands();
        }
        planner.evening();
        planner.forget_outs();
        planner.plan
    }
}

struct Planner<'a> {
    town: &'a Town,
    person: u32,
    who: Person,
    today: &'a Today,
    dice: Dice,
    plan: Plan,
}

impl Planner<'_> {
    /// True as often as the habit and the city's zeal say.
    fn does(&mut self, permille: u32) -> bool {
        self.dice.per_million(permille * self.town.zeal_permille)
    }

    fn near(&mut self, kind: Kind) -> u32 {
        if self.dice.permille(90) {
            return self.town.venues.anywhere(kind, &mut self.dice);
        }
        self.town.venues.near(kind, &self.town.land, self.who.ward, self.person, &mut self.dice)
    }

    /// Adds a stay. Whoever stays longer than the venue's kind allows for scans out before.
    fn stay(&mut self, venue: u32, start: i64, seconds: i64) {
        self.plan.add(venue, start, seconds.min(self.town.venues.max_s(venue)));
    }

    /// Work or school, the way there and, for some, lunch outside.
    fn main(&mut self) {
        let habit = match self.who.class {
            Class::Preschooler => [650, 0, 0],
            Class::Pupil => [930, 120, 0],
            Class::Student => [640, 150, 0],
            Class::Worker => [900, 420, 100],
            Class::Toddler | Class::Free | Class::Elder => [0, 0, 0],
        }[self.today.rest()];
        if !self.does(habit) {
            return;
        }
        let (start, seconds) = self.hours();
        self.way(start);
        let outside =
            self.who.class == Class::Worker && seconds > 7 * HOUR && start < 10 * HOUR && self.does(70);
        if !outside {
            self.stay(self.who.work, start, seconds);
            return;
        }
        let noon = self.dice.between(11 * HOUR + 30 * MINUTE, 12 * HOUR + 30 * MINUTE);
        let back = noon + self.dice.between(35 * MINUTE, 70 * MINUTE);
        let table = self.near(Kind::Restaurant);
        self.stay(self.who.work, start, noon - start);
        self.stay(table, noon + 5 * MINUTE, back - noon - 10 * MINUTE);
        self.stay(self.who.work, back, start + seconds - back);
    }

    /// When the main occupation begins and how long it lasts, in seconds.
    fn hours(&mut self) -> (i64, i64) {
        let d = &mut self.dice;
        let minutes = |d: &mut Dice, from: i64, to: i64| d.between(from * MINUTE, to * MINUTE);
        match self.who.class {
            Class::Pupil if d.permille(450) => (minutes(d, 405, 450), minutes(d, 245, 275)),
            Class::Pupil | Class::Preschooler => (minutes(d, 405, 470), minutes(d, 540, 595)),
            Class::Student => (minutes(d, 410, 800), minutes(d, 150, 300)),
            _ if self.town.venues.kind(self.who.work) == Kind::Factory => self.shift(),
            _ if self.town.venues.kind(self.who.work) == Kind::Office => {
                (minutes(d, 440, 530), minutes(d, 490, 580))
            }
            _ => (minutes(d, 380, 780), minutes(d, 360, 500)),
        }
    }

    /// Shifts of a line change weekly: by day, late, and for a few by night.
    fn shift(&mut self) -> (i64, i64) {
        let week = i64::from(self.today.day.0 + 3).div_euclid(7) as u64;
        let line = key(self.town.seed, Topic::Shift, week);
        let begins = match Dice::of(line, u64::from(self.who.work)).below(10) {
            0..=5 => 6 * HOUR,
            6..=8 => 14 * HOUR,
            // Home before the early shift begins, which is theirs next week.
            _ => {
                return (
                    22 * HOUR - self.dice.between(0, 20 * MINUTE),
                    7 * HOUR + self.dice.between(0, 15 * MINUTE),
                );
            }
        };
        (begins - self.dice.between(0, 20 * MINUTE), 8 * HOUR + self.dice.between(0, 25 * MINUTE))
    }

    /// A bus or a checkpoint on the way.
    fn way(&mut self, start: i64) {
        if start < 6 * HOUR + 30 * MINUTE {
            return;
        }
        if self.does(80) {
            let ride = self.dice.between(18 * MINUTE, 42 * MINUTE);
            let bus = self.near(Kind::Transport);
            self.stay(bus, start - ride - 8 * MINUTE, ride);
        }
        if self.does(15) {
            let post = self.near(Kind::Checkpoint);
            self.stay(post, start - 4 * MINUTE, 0);
        }
    }

    /// What those do by day who neither work nor learn today.
    fn errands(&mut self) {
        let habit = match self.who.class {
            Class::Toddler | Class::Preschooler => 120,
            Class::Pupil | Class::Student => 330,
            Class::Worker => 430,
            Class::Free => 620,
            Class::Elder => 560,
        };
        for (from, to) in [(5 * HOUR + 40 * MINUTE, 10 * HOUR), (14 * HOUR, 16 * HOUR + 30 * MINUTE)] {
            if !self.does(habit / if from < 12 * HOUR { 1 } else { 3 }) {
                continue;
            }
            let weights = if self.who.class == Class::Elder { &ELDER_ERRANDS } else { &ERRANDS };
            let kind = ERRAND_KINDS[self.dice.weighted(weights)];
            let start = self.dice.between(from, to) + if kind == Kind::Market { 0 } else { 30 * MINUTE };
            self.go(kind, start.max(self.plan.busy_until() + 10 * MINUTE));
        }
    }

    /// The evening: everybody is out between five and nine, and the streets are empty after ten.
    fn evening(&mut self) {
        let habit = match self.who.class {
            Class::Toddler | Class::Preschooler => 90,
            Class::Pupil => 220,
            Class::Student => 470,
            Class::Worker => 430,
            Class::Free => 360,
            Class::Elder => 210,
        } + [0, 110, 80][self.today.rest()];
        for (share, from) in [(1, 17 * HOUR), (5, 18 * HOUR)] {
            if !self.does(habit / share) {
                return;
            }
            let start = from + self.dice.between(0, 100 * MINUTE) + self.dice.between(0, 100 * MINUTE);
            let start = start.max(self.plan.busy_until() + self.dice.between(10 * MINUTE, 40 * MINUTE));
            if start > CURFEW_S {
                return;
            }
            let kind = EVENING_KINDS[self.dice.weighted(&EVENINGS)];
            self.go(kind, start);
        }
    }

    fn go(&mut self, kind: Kind, start: i64) {
        let (low, high) = match kind {
            Kind::Home => (60, 200),
            Kind::Restaurant => (30, 75),
            Kind::Cafe | Kind::Leisure => (25, 85),
            Kind::Worship => (18, 55),
            Kind::Hospital => (40, 130),
            Kind::Government => (18, 65),
            _ => (12, 38),
        };
        let seconds = self.dice.between(low * MINUTE, high * MINUTE);
        let venue = if kind == Kind::Home {
            self.town.venues.own(kind, &self.town.land, self.who.ward, self.person)
        } else {
            self.near(kind)
        };
        self.stay(venue, start, seconds);
    }

    /// Some outs are not scanned. The gateway then takes the visit to last the time that is typical of the kind, or
    /// until the next scan; here it lasts that long, so that the simulated truth is what can be known.
    fn forget_outs(&mut self) {
        for index in 0..self.plan.len {
            let next = self.plan.visits().get(index + 1).map(|visit| visit.start);
            let visit = &mut self.plan.visits[index];
            // A night shift's next scan is tomorrow's and not known here.
            if visit.end == visit.start || visit.end > 24 * HOUR || !self.dice.permille(NO_OUT_PERMILLE) {
                continue;
            }
            visit.has_out = false;
            visit.end = visit.start + self.town.venues.typical_s(visit.venue);
            visit.end = next.map_or(visit.end, |next| visit.end.min(next));
        }
    }
}

const ERRAND_KINDS: [Kind; 8] = [
    Kind::Market,
    Kind::Supermarket,
    Kind::Cafe,
    Kind::Restaurant,
    Kind::Leisure,
    Kind::Hospital,
    Kind::Worship,
    Kind::Government,
];
const ERRANDS: [u32; 8] = [380, 140, 120, 90, 120, 50, 30, 70];
const ELDER_ERRANDS: [u32; 8] = [400, 60, 60, 30, 240, 110, 80, 20];

const EVENING_KINDS: [Kind; 7] =
    [Kind::Market, Kind::Supermarket, Kind::Restaurant, Kind::Cafe, Kind::Leisure, Kind::Home, Kind::Worship];
const EVENINGS: [u32; 7] = [230, 200, 190, 130, 140, 90, 20];
