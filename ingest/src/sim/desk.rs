//! The health service's desk: samples, reports, isolation, tracing, follow-up, corrections.

use super::{
    calendar::{day_of, start_of},
    carrier::{Carrier, Met, Origin, awake},
    daybook::{DayBook, Told},
    dice::{Dice, Topic, key},
    outbreak::{CONTACT_S, Confined, Outbreak, end_of},
    plan::Today,
    town::Town,
};
use std::collections::BTreeMap;
use vonglau_core::time::{DAY, Day, HOUR};

/// Days of a million on which somebody isolated goes out: a contact, a case.
const BREACH_CONTACT: u32 = 2_500;
const BREACH_CASE: u32 = 1_200;
/// Days for which a contact is followed.
const FOLLOW_DAYS: i32 = 14;
/// Seconds before day zero from which a case is infectious.
const INFECTIOUS_BEFORE_S: i64 = 72 * HOUR;

/// What the desk has to do for a person at a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    Declare(u32),
    Isolate(u32),
    Report(u32),
    Correct(u32),
    Retract(u32),
    /// Tell somebody to be a contact, last exposed on that day; at home of a case or not.
    Trace(u32, Day, bool),
    Clear(u32),
    Release(u32),
}

/// Tasks by time, then in the order in which they came up.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: BTreeMap<(i64, u64), Task>,
    added: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at: i64, task: Task) {
        self.tasks.insert((at, self.added), task);
        self.added += 1;
    }

    /// Notes when a carrier will be isolated and reported.
    pub(super) fn plan(&mut self, person: u32, carrier: &Carrier) {
        if let (Some(isolated), Some(reported)) = (carrier.isolated, carrier.reported) {
            self.add(isolated, Task::Isolate(person));
            self.add(reported, Task::Report(person));
        }
    }

    fn pop_before(&mut self, end: i64) -> Option<(i64, Task)> {
        let entry = self.tasks.first_entry().filter(|entry| entry.key().0 < end)?;
        Some((entry.key().0, entry.remove()))
    }
}

impl Outbreak {
    /// Does what falls due today. `met` are today's meetings by carrier, as if nobody were isolated today.
    pub(super) fn work_agenda(&mut self, town: &Town, today: &Today, met: &[Met], book: &mut DayBook) {
        while let Some((at, task)) = self.agenda.pop_before(end_of(today)) {
            match task {
                Task::Declare(person) => {
                    let mut dice = draws(town, person, at);
                    let sets = [["fever", "cough"], ["cough", "sore_throat"], ["fever", "fatigue"]];
                    let symptoms: &[&str; 2] = dice.pick(&sets);
                    book.declare(town, at, person, symptoms);
                }
                Task::Isolate(person) => self.isolate(person, at),
                Task::Report(person) => self.report(town, person, at, met, book),
                Task::Correct(person) => self.correct(town, person, at, book),
                Task::Retract(person) => self.retract(town, person, at, book),
                Task::Trace(person, exposed, home) => self.trace(town, person, at, exposed, home, book),
                Task::Clear(person) => self.clear(town, person, at, book),
                Task::Release(person) => self.release(town, person, at, book),
            }
        }
    }

    fn isolate(&mut self, person: u32, at: i64) {
        if self.carriers.get(&person).is_some_and(|carrier| carrier.isolated == Some(at)) {
            self.confined.entry(person).or_insert(Confined { from: at, breach_per_million: BREACH_CASE });
        }
    }

    fn report(&mut self, town: &Town, person: u32, at: i64, met: &[Met], book: &mut DayBook) {
        let Some(carrier) =
            self.carriers.get_mut(&person).filter(|c| c.reported == Some(at) && c.told.is_none())
        else {
            return;
        };
        let mut dice = draws(town, person, at);
        self.followed.remove(&person);
        let confined = self.confined.get_mut(&person);
        carrier.quarantined =
            confined.as_ref().is_some_and(|c| carrier.sampled.is_some_and(|sampled| c.from < sampled));
        if let Some(confined) = confined {
            confined.breach_per_million = BREACH_CASE;
            carrier.isolated = carrier.isolated.map(|isolated| isolated.min(confined.from));
        }
        // One in fifty is first told with the wrong onset.
        let wrong = carrier.symptoms && dice.permille(20);
        let onset = carrier.felt_onset(at).map(|onset| if wrong { onset - 2 * DAY } else { onset });
        let told = Told { onset, ..telling(carrier) };
        carrier.told = Some(book.case(town, at, person, &told).unwrap_or(u64::MAX));
        let contacts = contacts(carrier, person, at, met);
        carrier.met = Vec::new();
        if carrier.origin == Origin::FalseAlarm {
            self.agenda.add(awake(at + dice.between(26 * HOUR, 80 * HOUR), &mut dice), Task::Retract(person));
        } else {
            let release =
                start_of(day_of(at).plus(dice.between(14, 21) as i32)) + dice.between(8 * HOUR, 11 * HOUR);
            self.agenda.add(release, Task::Release(person));
        }
        if wrong {
            self.agenda.add(awake(at + dice.between(4 * HOUR, 30 * HOUR), &mut dice), Task::Correct(person));
        }
        self.plan_tracing(town, person, at, &contacts, &mut dice);
    }

    /// How fast a case's contacts are reached depends on who is in charge: most teams take hours, some days.
    fn plan_tracing(&mut self, town: &Town, person: u32, at: i64, contacts: &[(u32, Day)], dice: &mut Dice) {
        let (slowest_h, lost_permille) = match dice.below(100) {
            0..=59 => (16, 0),
            60..=84 => (34, 10),
            _ => (60, 100),
        };
        for (who, exposed) in contacts {
            if !dice.permille(lost_permille) {
                let told = at + dice.between(HOUR, slowest_h * HOUR);
                self.agenda.add(told, Task::Trace(*who, *exposed, false));
            }
        }
        for who in town.household(person).filter(|who| *who != person) {
            self.agenda.add(at + dice.between(HOUR / 2, 4 * HOUR), Task::Trace(who, day_of(at), true));
        }
    }

    fn trace(&mut self, town: &Town, person: u32, at: i64, exposed: Day, home: bool, book: &mut DayBook) {
        // Whoever is a case already, or was one, is no contact to tell.
        let carrier = self.carriers.get(&person);
        if carrier.map_or_else(|| self.is_immune(person), |carrier| carrier.told.is_some()) {
            return;
        }
        let mut dice = draws(town, person, at);
        let isolates = !self.confined.contains_key(&person) && dice.permille(if home { 900 } else { 500 });
        let from = isolates.then(|| at + dice.between(HOUR, 3 * HOUR));
        if let Some(from) = from {
            self.confined.insert(person, Confined { from, breach_per_million: BREACH_CONTACT });
            self.watch(person);
        }
        book.case(town, at, person, &Told { status: Some("f1"), isolated: from, ..Told::default() });
        let clear = start_of(exposed.plus(FOLLOW_DAYS)) + dice.between(8 * HOUR, 17 * HOUR);
        let clear = clear.max(at + 20 * HOUR);
        let later = self.followed.get(&person).is_none_or(|planned| *planned < clear);
        if later {
            self.followed.insert(person, clear);
            self.agenda.add(clear, Task::Clear(person));
        }
        let Some(carrier) = self.carriers.get_mut(&person) else { return };
        if carrier.test_early(at, &mut dice) {
            self.agenda.plan(person, carrier);
        }
    }

    fn clear(&mut self, town: &Town, person: u32, at: i64, book: &mut DayBook) {
        if self.followed.get(&person) != Some(&at) {
            return;
        }
        self.followed.remove(&person);
        book.case(town, at, person, &Told { status: Some("cleared"), ..Told::default() });
        let stays_in =
            self.carriers.get(&person).and_then(|c| c.isolated).is_some_and(|isolated| isolated <= at);
        if !stays_in {
            self.confined.remove(&person);
            self.unwatch(person);
        }
    }

    fn release(&mut self, town: &Town, person: u32, at: i64, book: &mut DayBook) {
        let Some(carrier) = self.carriers.remove(&person) else { return };
        let dies =
            draws(town, person, at).permille(if town.people[person as usize].age >= 65 { 25 } else { 3 });
        if carrier.told.is_some_and(|number| number != u64::MAX) {
            let status = if dies { "deceased" } else { "recovered" };
            book.case(town, at, person, &Told { status: Some(status), ..Told::default() });
        }
        if dies {
            self.confined.insert(person, Confined { from: at, breach_per_million: 0 });
            return;
        }
        self.confined.remove(&person);
        self.unwatch(person);
    }

    fn correct(&mut self, town: &Town, person: u32, at: i64, book: &mut DayBook) {
        let Some(carrier) = self.carriers.get_mut(&person) else { return };
        let Some(old) = carrier.told.filter(|number| *number != u64::MAX) else { return };
        let told = Told { supersedes: Some(old), onset: carrier.felt_onset(at), ..telling(carrier) };
        carrier.told = book.case(town, at, person, &told).or(carrier.told);
    }

    fn retract(&mut self, town: &Town, person: u32, at: i64, book: &mut DayBook) {
        let told = self.carriers.get(&person).and_then(|carrier| carrier.told);
        if let Some(number) = told.filter(|number| *number != u64::MAX) {
            book.case(town, at, person, &Told { retracts: Some(number), ..Told::default() });
        }
        self.absolve(person);
    }
}

/// What a report says of a carrier, the onset left open.
fn telling(carrier: &Carrier) -> Told<'static> {
    let found = match carrier.origin {
        Origin::Import => "import",
        _ if carrier.quarantined => "quarantine",
        _ => "community",
    };
    Told {
        status: Some("f0"),
        sampled: carrier.sampled,
        isolated: carrier.isolated,
        found: Some(found),
        ..Told::default()
    }
}

/// Whom a case met within its infectious window for long enough on one local date, and the last such date.
fn contacts(carrier: &Carrier, person: u32, reported: i64, today: &[Met]) -> Vec<(u32, Day)> {
    let from = carrier.day_zero(reported) - INFECTIOUS_BEFORE_S;
    let to = carrier.isolated.unwrap_or(reported);
    let first = today.partition_point(|met| met.carrier < person);
    let today = today[first..].iter().take_while(|met| met.carrier == person);
    let mut together: BTreeMap<(u32, Day), i64> = BTreeMap::new();
    for met in carrier.met.iter().chain(today) {
        let (start, end) = (met.start.max(from), met.end.min(to));
        if start < end {
            *together.entry((met.who, day_of(start))).or_default() += end - start;
        }
    }
    let mut found: Vec<(u32, Day)> = Vec::new();
    for ((who, day), seconds) in together {
        if seconds < CONTACT_S {
            continue;
        }
        match found.last_mut().filter(|last| last.0 == who) {
            Some(last) => last.1 = day,
            None => found.push((who, day)),
        }
    }
    found
}

fn draws(town: &Town, person: u32, at: i64) -> Dice {
    Dice::of(key(town.seed, Topic::Trace, at as u64), u64::from(person))
}
