//! The epidemic: who carries it, who meets whom, who catches it.
//!
//! It spreads only along meetings of at least a quarter of an hour at venues, as scans show them. How readily it
//! does follows a wished curve of infections: a city that sees many cases grows careful, one that sees few careless.

use super::{
    calendar::{day_of, start_of},
    carrier::{Carrier, Met, Origin},
    desk::{Agenda, DayBook, Task},
    dice::{Dice, Topic, key},
    identity::write_number,
    lines::Object,
    plan::Today,
    town::Town,
    venues::write_venue,
};
use std::collections::{BTreeMap, VecDeque};
use vonglau_core::time::{DAY, Day, HOUR};

/// Seconds together that can infect, and that make a contact.
pub(super) const CONTACT_S: i64 = 15 * 60;

/// Infections a week in 100,000 at the story's present: with what is never found about 60 reported.
const WEEKLY_PER_100K: f64 = 68.0;
/// However small the city, so many infections a week are aimed at.
const WEEKLY_MIN: f64 = 2.5;
/// Growth of a week.
const GROWTH: f64 = 1.15;
/// Weeks after the present in which it grows, before it ebbs as long.
const WAVE_WEEKS: i64 = 5;
/// Chance of infection in a minute with somebody at their most infectious at a venue of weight 1, at most.
const BETA_MAX: f64 = 0.002_5;
/// Of the wished infections, those that come from outside or from nobody knows where, at least.
const SEED_SHARE: f64 = 0.04;
const FALSE_ALARM_SHARE: f64 = 0.012;
/// Days over which meetings and wishes are weighed against each other.
const CONTROL_DAYS: usize = 7;
/// Bits of what is known of a person.
const WATCHED: u8 = 1;
const IMMUNE: u8 = 2;

/// Somebody who is to stay at home or in hospital.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confined {
    pub(super) from: i64,
    /// Days of a million on which somebody goes out all the same.
    pub(super) breach_per_million: u32,
}

/// All that the epidemic keeps; what it keeps of everybody is one byte.
#[derive(Debug)]
pub(super) struct Outbreak {
    marks: Vec<u8>,
    pub(super) carriers: BTreeMap<u32, Carrier>,
    pub(super) confined: BTreeMap<u32, Confined>,
    /// Contacts under observation, and when that ends.
    pub(super) followed: BTreeMap<u32, i64>,
    pub(super) agenda: Agenda,
    table: [i64; 14],
    /// The last days, today's last.
    week: VecDeque<Pressure>,
}

/// What weighed on the city on a day.
#[derive(Debug)]
struct Pressure {
    /// Infectiousness of all carriers about.
    strength: f64,
    /// Hazard of the day's meetings at a beta of 1, by district of the person met.
    hazard: Vec<f64>,
}

/// Somebody's stay at a venue, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stay {
    pub(super) venue: u32,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) person: u32,
}

impl Outbreak {
    pub(super) fn new(town: &Town, table: [i64; 14]) -> Self {
        Self {
            marks: vec![0; town.people.len()],
            carriers: BTreeMap::new(),
            confined: BTreeMap::new(),
            followed: BTreeMap::new(),
            agenda: Agenda::default(),
            table,
            week: VecDeque::new(),
        }
    }

    /// True where somebody needs a closer look.
    pub(super) fn is_watched(&self, person: u32) -> bool {
        self.marks[person as usize] & WATCHED != 0
    }

    /// True for whoever has or had it.
    pub(super) fn is_immune(&self, person: u32) -> bool {
        self.marks[person as usize] & IMMUNE != 0
    }

    pub(super) fn watch(&mut self, person: u32) {
        self.marks[person as usize] |= WATCHED;
    }

    /// Stops looking at somebody who is neither carrier nor confined any more.
    pub(super) fn unwatch(&mut self, person: u32) {
        if !self.carriers.contains_key(&person) && !self.confined.contains_key(&person) {
            self.marks[person as usize] &= !WATCHED;
        }
    }

    /// When somebody has to stop moving on a day: the future where not, the day's start where it was so before.
    fn stops(&self, town: &Town, today: &Today, person: u32) -> i64 {
        let Some(confined) = self.is_watched(person).then(|| self.confined.get(&person)).flatten() else {
            return i64::MAX;
        };
        let breach = key(town.seed, Topic::Breach, u64::from(today.day.0 as u32));
        if confined.from >= today.start {
            confined.from
        } else if Dice::of(breach, u64::from(person)).per_million(confined.breach_per_million) {
            i64::MAX
        } else {
            today.start
        }
    }

    /// False for somebody who stays in all day.
    pub(super) fn moves(&self, town: &Town, today: &Today, person: u32) -> bool {
        self.stops(town, today, person) > today.start
    }

    /// False for a scan that isolation prevented.
    pub(super) fn allows(&self, town: &Town, person: u32, at: i64) -> bool {
        !self.is_watched(person) || at < self.stops(town, &Today::at(town.seed, at), person)
    }

    /// Those whose isolation begins today, and when.
    pub(super) fn leavers(&self, today: &Today) -> Vec<(u32, i64)> {
        let begins = |(person, confined): (&u32, &Confined)| (*person, confined.from);
        let span = today.start..end_of(today);
        self.confined.iter().map(begins).filter(|(_, from)| span.contains(from)).collect()
    }

    /// Where those go today who carry it, by venue.
    pub(super) fn stays(&self, town: &Town, today: &Today) -> Vec<Stay> {
        let mut stays = Vec::new();
        for person in self.carriers.keys().filter(|person| self.moves(town, today, **person)) {
            stays.extend(town.plan(*person, today).visits().iter().map(|visit| Stay {
                venue: visit.venue,
                start: today.start + visit.start,
                end: today.start + visit.end,
                person: *person,
            }));
        }
        stays.sort_unstable();
        stays
    }

    /// Ends a day: the desk works through its agenda, then the day's meetings infect. `met` is sorted.
    pub(super) fn close_day(&mut self, town: &Town, today: &Today, mut met: Vec<Met>, book: &mut DayBook) {
        self.work_agenda(town, today, &met, book);
        for meeting in &mut met {
            let stop = |person| self.stops(town, today, person);
            meeting.end = meeting.end.min(stop(meeting.carrier) - 1).min(stop(meeting.who) - 1);
        }
        met.retain(|meeting| meeting.end > meeting.start);
        self.spread(town, today, &met, book);
        for meeting in met {
            if let Some(carrier) = self.carriers.get_mut(&meeting.carrier).filter(|c| c.told.is_none()) {
                carrier.met.push(meeting);
            }
        }
        let over: Vec<u32> =
            self.carriers.iter().filter(|(_, c)| c.is_over(today.start)).map(|(person, _)| *person).collect();
        for person in over {
            self.carriers.remove(&person);
            self.unwatch(person);
        }
    }

    fn spread(&mut self, town: &Town, today: &Today, met: &[Met], book: &mut DayBook) {
        let hazards: Vec<f64> = met.iter().map(|meeting| self.hazard(town, meeting)).collect();
        self.weigh(town, today, met, &hazards);
        let wishes = Self::wishes(town, today);
        let betas = self.betas(&wishes);
        let draws = key(town.seed, Topic::Infect, u64::from(today.day.0 as u32));
        for (meeting, hazard) in met.iter().zip(&hazards) {
            let beta = betas[usize::from(town.district(meeting.who))];
            let mut dice = Dice::of(draws, u64::from(meeting.who) << 32 | u64::from(meeting.carrier));
            if *hazard > 0.0 && !self.is_immune(meeting.who) && dice.unit() < hazard * beta {
                let at = meeting.start + dice.between(CONTACT_S / 2, meeting.end - meeting.start - 1);
                self.infect(town, meeting.who, Origin::Contact, Some(meeting), at, book);
            }
        }
        let wish: f64 = wishes.iter().sum();
        let likely: f64 = betas.iter().zip(self.hazards_today()).map(|(beta, hazard)| beta * hazard).sum();
        self.seed(town, today, (wish - likely).max(wish * SEED_SHARE), wish * FALSE_ALARM_SHARE, book);
    }

    /// Infections aimed at today, by district.
    fn wishes(town: &Town, today: &Today) -> Vec<f64> {
        let pulls = pulls(town);
        let all: u64 = pulls.iter().map(|pull| u64::from(*pull)).sum();
        let wish = wished(town, today.day) / 7.0;
        pulls.into_iter().map(|pull| wish * f64::from(pull) / all as f64).collect()
    }

    fn weigh(&mut self, town: &Town, today: &Today, met: &[Met], hazards: &[f64]) {
        let mut sums = vec![0.0; town.heat.len()];
        for (meeting, hazard) in met.iter().zip(hazards) {
            sums[usize::from(town.district(meeting.who))] += hazard;
        }
        let about = self.carriers.iter().filter(|(person, _)| self.moves(town, today, **person));
        let strength: i64 = about.map(|(_, c)| c.infectiousness(&self.table, today.start + DAY / 2)).sum();
        self.week.push_back(Pressure { strength: strength as f64, hazard: sums });
        if self.week.len() > CONTROL_DAYS {
            self.week.pop_front();
        }
    }

    /// What today's meetings would weigh by district, did people meet as much every day: the carriers about are
    /// today's, what each brings to a district is the last days' mean.
    fn hazards_today(&self) -> Vec<f64> {
        let strength: f64 = self.week.iter().map(|day| day.strength).sum();
        let today = self.week.back().map_or(0.0, |day| day.strength);
        let share = if strength > 0.0 { today / strength } else { 0.0 };
        let districts = self.week.back().map_or(0, |day| day.hazard.len());
        (0..districts).map(|index| self.week.iter().map(|day| day.hazard[index]).sum::<f64>() * share).collect()
    }

    /// How readily people of each district catch it: what brings today's hazards to the wishes there, within a
    /// factor of what does so in the whole city.
    fn betas(&self, wishes: &[f64]) -> Vec<f64> {
        let beta = |wish: f64, hazard: f64| if hazard > 0.0 { (wish / hazard).min(BETA_MAX) } else { 0.0 };
        let hazards = self.hazards_today();
        let city = beta(wishes.iter().sum(), hazards.iter().sum());
        let local = |(wish, hazard): (&f64, &f64)| beta(*wish, *hazard).clamp(city / 5.0, city * 5.0);
        wishes.iter().zip(&hazards).map(local).collect()
    }

    /// How readily a meeting infects, for a beta of 1.
    fn hazard(&self, town: &Town, met: &Met) -> f64 {
        let Some(carrier) = self.carriers.get(&met.carrier) else { return 0.0 };
        if met.end - met.start < CONTACT_S || self.is_immune(met.who) {
            return 0.0;
        }
        let minutes = (met.end - met.start) as f64 / 60.0;
        let strength = carrier.infectiousness(&self.table, met.start) * town.venues.weight_permille(met.venue);
        minutes * strength as f64 / 1e6
    }

    /// Infections from outside and from nobody knows where, and tests that will be wrong.
    fn seed(&mut self, town: &Town, today: &Today, infections: f64, alarms: f64, book: &mut DayBook) {
        let mut dice = Dice::of(key(town.seed, Topic::Seed, 0), u64::from(today.day.0 as u32));
        let number = |wish: f64, dice: &mut Dice| wish as u32 + u32::from(dice.unit() < wish.fract());
        let (seeds, alarms) = (number(infections, &mut dice), number(alarms, &mut dice));
        for index in 0..seeds + alarms {
            let person = somewhere_hot(town, &mut dice);
            if self.is_watched(person) || self.is_immune(person) {
                continue;
            }
            let origin = if index >= seeds {
                Origin::FalseAlarm
            } else if dice.permille(250) {
                Origin::Import
            } else {
                Origin::Unknown
            };
            let at = today.start + dice.between(8 * HOUR, 20 * HOUR);
            self.infect(town, person, origin, None, at, book);
        }
    }

    fn infect(&mut self, town: &Town, person: u32, origin: Origin, by: Option<&Met>, at: i64, book: &mut DayBook) {
        let mut dice = Dice::of(key(town.seed, Topic::Illness, at as u64), u64::from(person));
        let carrier = Carrier::new(origin, at, &mut dice);
        self.watch(person);
        if origin != Origin::FalseAlarm {
            self.marks[person as usize] |= IMMUNE;
            write_truth(&mut book.truth, town, person, by, at);
            if carrier.symptoms && dice.permille(150) {
                self.agenda.add(carrier.onset + dice.between(7 * HOUR, 20 * HOUR), Task::Declare(person));
            }
        }
        self.agenda.plan(person, &carrier);
        self.carriers.insert(person, carrier);
    }

    /// A case was withdrawn: the person can still catch it.
    pub(super) fn absolve(&mut self, person: u32) {
        self.carriers.remove(&person);
        self.confined.remove(&person);
        self.unwatch(person);
    }
}

/// The districts' pull on infections: people times heat.
fn pulls(town: &Town) -> Vec<u32> {
    let people = |index: usize| town.land.people_of_district(index as u16).1;
    town.heat.iter().enumerate().map(|(index, heat)| people(index) * heat).collect()
}

/// Somebody, rather from a hot district.
fn somewhere_hot(town: &Town, dice: &mut Dice) -> u32 {
    let (first, people) = town.land.people_of_district(dice.weighted(&pulls(town)) as u16);
    first + dice.below(people)
}

/// All meetings of carriers with others at their venues. Both lists are sorted.
pub(super) fn meetings(carriers: &[Stay], others: &[Stay]) -> Vec<Met> {
    let mut met = Vec::new();
    for stay in carriers {
        let from = others.partition_point(|other| other.venue < stay.venue);
        for other in &others[from..] {
            if other.venue != stay.venue || other.start >= stay.end {
                break;
            }
            let (start, end) = (stay.start.max(other.start), stay.end.min(other.end));
            if other.person != stay.person && start < end {
                met.push(Met { carrier: stay.person, who: other.person, start, end, venue: stay.venue });
            }
        }
    }
    met.sort_unstable();
    met
}

/// Infections a week aimed at on a day: growing up to the story's present and some weeks past it, then in waves.
fn wished(town: &Town, day: Day) -> f64 {
    // Reports follow infections by nine days or so.
    let days = i64::from(day.0 - town.live_day.0) + 9;
    let folded = if days <= 0 {
        days
    } else {
        let around = days % (WAVE_WEEKS * 14);
        around.min(WAVE_WEEKS * 14 - around)
    };
    let mut weekly = f64::from(town.len()) * WEEKLY_PER_100K / 1e5;
    for _ in 0..folded.div_euclid(7).unsigned_abs() {
        weekly = if folded < 0 { weekly / GROWTH } else { weekly * GROWTH };
    }
    weekly *= 1.0 + (GROWTH - 1.0) * folded.rem_euclid(7) as f64 / 7.0;
    weekly.max(WEEKLY_MIN)
}

fn write_truth(out: &mut Vec<u8>, town: &Town, person: u32, by: Option<&Met>, at: i64) {
    let line = Object::plain(out, "infected", |out| write_number(out, town, person));
    let line = match by {
        Some(met) => line
            .made("by", |out| write_number(out, town, met.carrier))
            .made("venue", |out| write_venue(out, met.venue)),
        None => line.null("by").null("venue"),
    };
    line.time("at", at).end();
    out.push(b'\n');
}

/// The local day's end.
pub(super) fn end_of(today: &Today) -> i64 {
    start_of(day_of(today.start).plus(1)).max(today.start + DAY)
}
