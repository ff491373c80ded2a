//! One infected person: how the illness runs and when somebody notices.

use super::{
    calendar::{day_of, start_of},
    dice::Dice,
};
use vonglau_core::time::{DAY, HOUR};

/// Days from infection to onset (2, 3, …), of a hundred: the Delta variant's.
const INCUBATION: [u32; 7] = [8, 20, 27, 21, 13, 7, 4];
/// Days from onset to the sample of somebody who feels ill, of a hundred.
const SAMPLE_DELAY: [u32; 5] = [14, 32, 28, 16, 10];
const SYMPTOMS_PERMILLE: u32 = 700;
/// Of those without symptoms, who is found by a screening.
const SCREENED_PERMILLE: u32 = 450;
/// A test shows nothing before so long after the infection.
const LATENT_S: i64 = 2 * DAY;
/// The first day of the contract's table of infectiousness, counted from onset.
const TABLE_FIRST_DAY: i64 = -3;

/// Two people in one room at one time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Met {
    pub(super) carrier: u32,
    pub(super) who: u32,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) venue: u32,
}

/// Where an infection came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From somebody here.
    Contact,
    /// From somebody nobody knows.
    Unknown,
    /// From outside the city.
    Import,
    /// There is none: the test will be wrong.
    FalseAlarm,
}

/// An infected person (or one falsely thought so), from the infection until the case is closed.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    pub(super) origin: Origin,
    pub(super) infected_at: i64,
    /// Local midnight of the day on which symptoms begin, or would.
    pub(super) onset: i64,
    pub(super) symptoms: bool,
    /// When a sample is taken, the case reported and the person isolated; none: nobody notices.
    pub(super) sampled: Option<i64>,
    pub(super) reported: Option<i64>,
    pub(super) isolated: Option<i64>,
    /// Isolated as a contact before the sample was taken.
    pub(super) quarantined: bool,
    /// Number of the standing report; none before.
    pub(super) told: Option<u64>,
    /// Whom it met so far.
    pub(super) met: Vec<Met>,
}

impl Carrier {
    pub(super) fn new(origin: Origin, infected_at: i64, dice: &mut Dice) -> Self {
        let today = day_of(infected_at);
        let incubation = if origin == Origin::FalseAlarm { 0 } else { 2 + dice.weighted(&INCUBATION) as i32 };
        let symptoms = origin != Origin::FalseAlarm && dice.permille(SYMPTOMS_PERMILLE);
        let onset = today.plus(incubation);
        let mut carrier = Self {
            origin,
            infected_at,
            onset: start_of(onset),
            symptoms,
            sampled: None,
            reported: None,
            isolated: None,
            quarantined: false,
            told: None,
            met: Vec::new(),
        };
        let delay = match origin {
            Origin::FalseAlarm => Some(1),
            // Whoever comes in is tested soon, whatever they feel.
            Origin::Import => Some(dice.between(0, 2) as i32),
            _ if symptoms => Some(dice.weighted(&SAMPLE_DELAY) as i32),
            _ => dice.permille(SCREENED_PERMILLE).then(|| dice.between(2, 8) as i32),
        };
        if let Some(delay) = delay {
            let clock = dice.between(7 * HOUR + HOUR / 2, 17 * HOUR);
            carrier.sample_at(start_of(onset.plus(delay)) + clock, dice);
        }
        carrier
    }

    /// Sets when the sample is taken and what follows from it.
    fn sample_at(&mut self, sampled: i64, dice: &mut Dice) {
        let reported = awake(sampled + dice.between(6 * HOUR, 26 * HOUR), dice);
        let isolated = if dice.permille(650) {
            sampled + dice.between(HOUR, 4 * HOUR)
        } else {
            reported + dice.between(HOUR, 3 * HOUR)
        };
        self.sampled = Some(sampled);
        self.reported = Some(reported);
        self.isolated = Some(isolated.min(reported + 3 * HOUR));
    }

    /// Somebody was told at `at` to be a contact and is tested; true where that finds the case earlier.
    pub(super) fn test_early(&mut self, at: i64, dice: &mut Dice) -> bool {
        if self.origin == Origin::FalseAlarm || self.told.is_some() {
            return false;
        }
        let sampled = (at + dice.between(3 * HOUR, 24 * HOUR)).max(self.infected_at + LATENT_S);
        let sampled = awake(sampled, dice);
        if self.sampled.is_some_and(|planned| planned <= sampled) || sampled > self.onset + 9 * DAY {
            return false;
        }
        self.sample_at(sampled, dice);
        true
    }

    /// The onset as somebody can tell it at a time; who is found early does not feel it yet.
    pub(super) fn felt_onset(&self, at: i64) -> Option<i64> {
        (self.symptoms && self.onset <= at).then_some(self.onset)
    }

    /// Day zero as the rules see a case reported at that time.
    pub(super) fn day_zero(&self, reported: i64) -> i64 {
        [self.felt_onset(reported), self.sampled].into_iter().flatten().min().unwrap_or(reported)
    }

    /// Thousandths of the most infectious hour; before the day after the infection nothing.
    pub(super) fn infectiousness(&self, table: &[i64; 14], at: i64) -> i64 {
        if self.origin == Origin::FalseAlarm || at < self.infected_at + DAY {
            return 0;
        }
        let day = (at - self.onset).div_euclid(DAY) - TABLE_FIRST_DAY;
        usize::try_from(day).ok().and_then(|day| table.get(day)).copied().unwrap_or(0)
    }

    /// True once there is nothing left to happen to somebody nobody noticed.
    pub(super) const fn is_over(&self, at: i64) -> bool {
        self.reported.is_none() && at > self.onset + 12 * DAY
    }
}

/// Offices report by day: what would fall into the night is done next morning.
pub(super) fn awake(at: i64, dice: &mut Dice) -> i64 {
    let midnight = start_of(day_of(at));
    let morning = dice.between(7 * HOUR, 9 * HOUR);
    match at - midnight {
        0..25_200 => midnight + morning,
        79_200.. => midnight + DAY + morning,
        _ => at,
    }
}
