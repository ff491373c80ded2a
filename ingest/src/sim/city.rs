//! The days of the city, one after the other, as lines in the order in which they arrive.

use super::{
    calendar::start_of,
    daybook::DayBook,
    dice::{Dice, Topic, key},
    doses,
    lines::Lines,
    outbreak::{Outbreak, Stay, end_of, meetings},
    plan::Today,
    registry::{self, RegistryCursor},
    scans::{self, Scan},
    town::{Setup, SetupError, Town},
};
use vonglau_core::time::{Day, HOUR, Time};

/// Days for which the epidemic runs before the first case is told, so that it does not begin with the telling.
const BURN_IN_DAYS: i32 = 21;

/// What arrives within a span of simulated time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// All that arrives up to and with this moment is in this or an earlier step.
    pub until: Time,
    pub lines: Lines,
    /// How many of the lines are scans, broken ones included.
    pub scans: u64,
    /// NDJSON `{"infected","by","venue","at"}` of the days that began within the step, those before the first case
    /// included; `by` and `venue` are null where it came from outside.
    pub truth: Vec<u8>,
}

/// What is not a scan and arrives today.
#[derive(Debug)]
enum Due {
    Line(Vec<u8>),
    Dose { person: u32, dose: u8, given: Day },
}

/// A simulated city, told step by step. It keeps one day's scans and the people the epidemic concerns.
#[derive(Debug)]
pub struct City {
    town: Town,
    outbreak: Outbreak,
    cases_from: i64,
    scans_from: i64,
    /// The next day to go through, and where the present one ends.
    next_day: Day,
    drawn_until: i64,
    /// When the last line told arrived.
    told_until: i64,
    scans: Vec<Scan>,
    scans_told: usize,
    due: Vec<(i64, Due)>,
    due_told: usize,
    book: DayBook,
}

impl City {
    /// Settles the people; nothing has happened yet.
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let far = |at: Time| at < Time::MIN || at >= Time::END;
        if setup.scans_from < setup.cases_from || far(setup.cases_from) || far(setup.scans_from) {
            return Err(SetupError::Start);
        }
        let town = Town::new(setup)?;
        let first = Today::at(setup.seed, setup.cases_from.0).day.plus(-BURN_IN_DAYS);
        Ok(Self {
            outbreak: Outbreak::new(&town, setup.infectiousness_permille),
            town,
            cases_from: setup.cases_from.0,
            scans_from: setup.scans_from.0,
            next_day: first,
            drawn_until: start_of(first),
            told_until: start_of(first),
            scans: Vec::new(),
            scans_told: 0,
            due: Vec::new(),
            due_told: 0,
            book: DayBook { from: setup.cases_from.0, ..DayBook::default() },
        })
    }

    /// The next lines, about so many, of what is on record at the beginning: venues, residents, doses given.
    pub fn registry(&self, cursor: &mut RegistryCursor, lines_max: usize) -> Lines {
        let until = Today::at(self.town.seed, self.cases_from).day;
        registry::write(&self.town, cursor, lines_max, self.cases_from, until)
    }

    /// Share of the registry that was written, 0-1.
    pub fn registry_done(&self, cursor: &RegistryCursor) -> f64 {
        cursor.done(&self.town)
    }

    /// All that arrives after the step before and up to this moment or, once there are so many scans, up to an
    /// earlier one.
    pub fn step(&mut self, until: Time, scans_enough: u64) -> Step {
        let mut step = Step { until, ..Step::default() };
        while !self.tell(until.0, scans_enough, &mut step) && self.drawn_until <= until.0 {
            self.draw_day();
            step.truth.append(&mut self.book.truth);
        }
        step
    }

    /// Moves what has arrived by now into the step, in order; true where it ends early.
    fn tell(&mut self, until: i64, scans_enough: u64, step: &mut Step) -> bool {
        loop {
            let scan = self.scans.get(self.scans_told).map(Scan::arrives).filter(|at| *at <= until);
            let due = self.due.get(self.due_told).map(|(at, _)| *at).filter(|at| *at <= until);
            let Some(next) = scan.into_iter().chain(due).min() else { return false };
            // Only whole seconds are told, for the time told is what the clock is set to.
            if step.scans >= scans_enough && next > self.told_until {
                step.until = Time(self.told_until);
                return true;
            }
            self.told_until = next;
            if due == Some(next) {
                let (at, due) = &self.due[self.due_told];
                write_due(&mut step.lines, &self.town, *at, due);
                self.due_told += 1;
            } else {
                scans::write(&mut step.lines, &self.town, &self.scans[self.scans_told]);
                step.scans += 1;
                self.scans_told += 1;
            }
        }
    }

    /// Goes through the next day: everybody's visits, the meetings of those who carry it, the desk's work.
    fn draw_day(&mut self) {
        let today = Today::new(self.town.seed, self.next_day);
        self.scans.drain(..self.scans_told);
        self.scans_told = 0;
        self.due.clear();
        self.due_told = 0;
        let carriers = self.outbreak.stays(&self.town, &today);
        let others = self.everybody(&today, &carriers);
        let met = meetings(&carriers, &others);
        self.outbreak.close_day(&self.town, &today, met, &mut self.book);
        self.declarations(&today);
        let (town, outbreak) = (&self.town, &self.outbreak);
        self.scans.retain(|scan| outbreak.allows(town, scan.person(), scan.at()));
        // Whoever is fetched in the middle of a visit is scanned out.
        for (person, from) in outbreak.leavers(&today) {
            for visit in town.plan(person, &today).visits() {
                let inside = (today.start + visit.start).max(self.scans_from) < from
                    && from <= today.start + visit.end;
                if inside && outbreak.is_watched(person) {
                    scans::push_out(&mut self.scans, town, person, visit.venue, from - 1);
                }
            }
        }
        self.scans.sort_unstable();
        self.due.extend(self.book.lines.drain(..).map(|(at, line)| (at, Due::Line(line))));
        // Stable: what arrives in one second keeps the order in which it was written.
        self.due.sort_by_key(|(at, _)| *at);
        self.next_day = today.day.plus(1);
        self.drawn_until = end_of(&today);
    }

    /// Draws everybody's day; gives the stays at the carriers' venues, sorted.
    fn everybody(&mut self, today: &Today, carriers: &[Stay]) -> Vec<Stay> {
        let end = end_of(today);
        let mut watched = vec![false; self.town.venues.len() as usize];
        for stay in carriers {
            watched[stay.venue as usize] = true;
        }
        let mut stays = Vec::new();
        for person in 0..self.town.len() {
            if end > self.cases_from {
                self.doses(person, today);
            }
            if !self.outbreak.moves(&self.town, today, person) {
                continue;
            }
            for visit in self.town.plan(person, today).visits() {
                if today.start + visit.start >= self.scans_from {
                    scans::push(&mut self.scans, &self.town, today, person, visit);
                }
                if watched[visit.venue as usize] {
                    let (start, end) = (today.start + visit.start, today.start + visit.end);
                    stays.push(Stay { venue: visit.venue, start, end, person });
                }
            }
        }
        stays.sort_unstable();
        stays
    }

    fn doses(&mut self, person: u32, today: &Today) {
        for (dose, given) in doses::of(&self.town, person).given.into_iter().enumerate() {
            if let Some(given) = given.filter(|given| *given == today.day) {
                let at = doses::reported(&self.town, person, given);
                if at >= self.cases_from {
                    self.due.push((at, Due::Dose { person, dose: dose as u8, given }));
                }
            }
        }
    }

    /// A few people declare their health every day, most of them well.
    fn declarations(&mut self, today: &Today) {
        let mut dice = Dice::of(key(self.town.seed, Topic::Declare, 0), u64::from(today.day.0 as u32));
        for _ in 0..=self.town.len() / 5_000 {
            let symptoms: &[&str] = if dice.permille(120) { &["cough"] } else { &[] };
            let at = today.start + dice.between(7 * HOUR, 21 * HOUR);
            let person = dice.below(self.town.len());
            self.book.declare(&self.town, at, person, symptoms);
        }
    }
}

fn write_due(lines: &mut Lines, town: &Town, at: i64, due: &Due) {
    match due {
        Due::Line(line) => lines.push(line),
        Due::Dose { person, dose, given } => {
            doses::write(lines.writer(), town, *person, *dose, *given, at);
            lines.finish();
        }
    }
}
