//! How readily it spreads: meetings weighed against the infections that the story wishes for.
//!
//! A city that sees many cases grows careful, one that sees few careless; here that holds by district, so that some
//! burn and others hardly know it.

use super::{
    carrier::{Met, Origin},
    daybook::DayBook,
    dice::{Dice, Topic, key},
    outbreak::{CONTACT_S, Outbreak},
    plan::Today,
    town::Town,
};
use vonglau_core::time::{DAY, Day, HOUR};

/// Infections a week in 100,000 at the story's present: with what is never found about 60 reported.
const WEEKLY_PER_100K: f64 = 68.0;
/// However small the city, so many infections a week are aimed at.
const WEEKLY_MIN: f64 = 2.5;
/// Growth of a week.
const GROWTH: f64 = 1.15;
/// Weeks after the present in which it grows, before it ebbs as long.
const WAVE_WEEKS: i64 = 5;
/// Chance of infection in a minute with somebody at their most infectious at a venue of weight 1, at most.
const BETA_MAX: f64 = 0.004;
/// Of the wished infections, those that come from outside or from nobody knows where, at least.
const SEED_SHARE: f64 = 0.04;
const FALSE_ALARM_SHARE: f64 = 0.012;
/// Days over which meetings and wishes are weighed against each other.
const CONTROL_DAYS: usize = 7;
/// What is missing or too much from the days before is made up for within about so many days, and forgotten at a
/// tenth a day.
const MAKE_UP_DAYS: f64 = 5.0;
const REMEMBERED: f64 = 0.9;
/// Of a day's plain wish what is left at least, however many there were before.
const WISH_MIN: f64 = 0.2;

/// What weighed on the city on a day.
#[derive(Debug)]
pub(super) struct Pressure {
    /// Infectiousness of all carriers about.
    strength: f64,
    /// Hazard of the day's meetings at a beta of 1, by district of the person met.
    hazard: Vec<f64>,
}

impl Outbreak {
    /// Lets a day's meetings infect.
    pub(super) fn spread(&mut self, town: &Town, today: &Today, met: &[Met], book: &mut DayBook) {
        let hazards: Vec<f64> = met.iter().map(|meeting| self.hazard(town, meeting)).collect();
        self.weigh(town, today, met, &hazards);
        let wishes = self.wishes(town, today);
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
    fn wishes(&mut self, town: &Town, today: &Today) -> Vec<f64> {
        let pulls = pulls(town);
        let all: u64 = pulls.iter().map(|pull| u64::from(*pull)).sum();
        let city = wished(town, today.day) / 7.0;
        let wish = |(behind, pull): (&mut f64, u32)| {
            let plain = city * f64::from(pull) / all as f64;
            let wish = (plain + *behind / MAKE_UP_DAYS).max(plain * WISH_MIN);
            *behind = *behind * REMEMBERED + plain;
            wish
        };
        self.behind.iter_mut().zip(pulls).map(wish).collect()
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
        (0..districts)
            .map(|index| self.week.iter().map(|day| day.hazard[index]).sum::<f64>() * share)
            .collect()
    }

    /// How readily people of each district catch it: what brings today's hazards to the wishes there, within a
    /// factor of what does so in the whole city.
    fn betas(&self, wishes: &[f64]) -> Vec<f64> {
        let beta = |wish: f64, hazard: f64| if hazard > 0.0 { (wish / hazard).min(BETA_MAX) } else { 0.0 };
        let hazards = self.hazards_today();
        let city = beta(wishes.iter().sum(), hazards.iter().sum());
        let local = |(wish, hazard): (&f64, &f64)| beta(*wish, *hazard).clamp(city / 6.0, city * 6.0);
        wishes.iter().zip(&hazards).map(local).collect()
    }

    /// How readily a meeting infects, for a beta of 1.
    fn hazard(&self, town: &Town, met: &Met) -> f64 {
        let Some(carrier) = self.carriers.get(&met.carrier) else { return 0.0 };
        if met.end - met.start < CONTACT_S || self.is_immune(met.who) {
            return 0.0;
        }
        let minutes = (met.end - met.start) as f64 / 60.0;
        let strength =
            carrier.infectiousness(&self.table, met.start) * town.venues.weight_permille(met.venue);
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
