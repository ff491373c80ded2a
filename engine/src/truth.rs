//! How well the tracing finds what really happened: a simulated city whose every infection is known, told to a
//! [`Situation`] as producers would tell it, and the contact lists held against the truth.
//!
//! No service, no clock, no file: the same options give the same figures. The picture is a function of the set of
//! events and of `now`, so `now` stands at the story's end from the first event on; nobody asks for the hours between.

mod table;
mod tally;

pub use tally::{Infection, KindCounts, Missed, TruthReport};

use crate::cli::TruthArgs;
use crate::config::Config;
use crate::demo;
use crate::simulate::{SCANS_PER_PERSON_DAY, ground};
use jiff::Timestamp;
use std::sync::Arc;
use tally::Traced;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::edge;
use vonglau_core::event::{Event, Person, Tick, TickTag};
use vonglau_core::params::{Clock, Params};
use vonglau_core::situation::{Progress, Situation};
use vonglau_core::time::{DAY, Time, Zone};
use vonglau_core::wards::WardMap;
use vonglau_ingest::identity::{KeyError, Pseudonyms};
use vonglau_ingest::sim::{City, Lines, RegistryCursor, Setup, SetupError};
use vonglau_ingest::wire::{Decoder, PersonalNumber};

/// Lines drawn at once.
const LINES_MAX: u32 = 20_000;
/// Pseudonyms live no longer than the measurement.
const KEY: &[u8] = b"of no city, for a measurement";

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("số ngày sai · --days must be 1 to {max}, the days for which scans are kept")]
    Days { max: i64 },
    #[error("sự thật không đọc được · a line of the simulator's truth cannot be read ({0})")]
    Line(String),
}

/// Measures, and gives what is to be printed: a table, or JSON.
///
/// # Errors
/// Where there is no such city.
pub fn run(args: &TruthArgs, config: &Config) -> Result<String, TruthError> {
    let report = measure(&setup(args, &config.params)?, &config.params)?;
    if !args.json {
        return Ok(table::write(&report, &config.params));
    }
    let json = serde_json::to_string_pretty(&report).map_err(|error| TruthError::Line(error.to_string()))?;
    Ok(json + "\n")
}

/// The demo's story up to its going live, for so many people and days.
fn setup(args: &TruthArgs, params: &Params) -> Result<Setup, TruthError> {
    let max = i64::from(params.retention_days) - 1;
    if args.days == 0 || i64::from(args.days) > max {
        return Err(TruthError::Days { max });
    }
    let plan = demo::plan(args.seed, &params.zone);
    let scans_from = plan.start_of_live.plus(-i64::from(args.days) * DAY);
    let lead_days = plan.case_days.saturating_sub(plan.scan_days);
    let ground = ground(params);
    Ok(Setup {
        districts: ground.districts,
        wards: ground.wards,
        venue_kinds: ground.venue_kinds,
        infectiousness_permille: ground.infectiousness_permille,
        people: args.people,
        seed: args.seed,
        cases_from: scans_from.plus(-i64::from(lead_days) * DAY),
        scans_from,
        live_at: plan.start_of_live,
        scans_per_person_day: SCANS_PER_PERSON_DAY,
    })
}

/// Lives through the story of `setup` and compares at its end, `live_at`.
///
/// # Errors
/// Where there is no such city, or its truth cannot be read.
pub fn measure(setup: &Setup, params: &Params) -> Result<TruthReport, TruthError> {
    let until = setup.live_at;
    let mut teller = Teller::new(params, until)?;
    let mut city = City::new(setup)?;
    let mut cursor = RegistryCursor::default();
    loop {
        let lines = city.registry(&mut cursor, LINES_MAX as usize);
        if lines.is_empty() {
            break;
        }
        teller.tell(lines);
    }
    let mut infections = Vec::new();
    let mut reached = None;
    while reached != Some(until) {
        let step = city.step(until, u64::from(LINES_MAX));
        reached = Some(step.until);
        teller.tell(step.lines);
        infections.extend(read_truth(&step.truth, &teller.pseudonyms)?);
    }
    let from = whole_days_from(setup.scans_from.max(edge(params, until)), &params.zone);
    infections.retain(|infection| (from..until).contains(&infection.at));
    let traced = Traced { from, ..teller.trace() };
    let mut report = tally::tally(&infections, &traced);
    (report.people, report.seed, report.refused) = (setup.people, setup.seed, teller.refused);
    (report.from, report.until) = (params.zone.write(from), params.zone.write(until));
    Ok(report)
}

/// The first local midnight from which on every visit has its scans: of one under way at `at` the beginning is missing.
fn whole_days_from(at: Time, zone: &Zone) -> Time {
    let midnight = zone.at(zone.day(at), 0);
    if midnight == at { at } else { zone.at(zone.day(at).plus(1), 0) }
}

/// Tells the situation what the gateway would let pass.
struct Teller {
    situation: Situation,
    pseudonyms: Pseudonyms,
    decoder: Decoder,
    refused: u64,
}

impl Teller {
    fn new(params: &Params, now: Time) -> Result<Self, TruthError> {
        let params = Params { clock: Clock::Simulated, ..params.clone() };
        let pseudonyms = Pseudonyms::new(KEY)?;
        let decoder = Decoder::new(&params, pseudonyms.clone());
        let wards = Arc::new(WardMap::new(&params.wards));
        let mut teller =
            Self { situation: Situation::new(Arc::new(params), wards), pseudonyms, decoder, refused: 0 };
        teller.step(Event::Tick(Tick { at: now, id: "end".into(), kind: TickTag }));
        Ok(teller)
    }

    fn tell(&mut self, lines: Lines) {
        let (bytes, ends) = lines.into_parts();
        let mut rest = &bytes[..];
        let mut told = 0;
        for end in ends {
            let (line, after) = rest.split_at(end as usize - told);
            (rest, told) = (after, end as usize);
            match self.decoder.event(line.trim_ascii()) {
                Ok(checked) => self.step(checked.event),
                Err(_broken_on_purpose) => self.refused += 1,
            }
        }
    }

    fn step(&mut self, event: Event) {
        // Screens and alerts are not asked for here.
        let mut deltas = Vec::new();
        let mut progress = self.situation.step(event, &mut deltas);
        while progress == Progress::More {
            progress = self.situation.work(&mut deltas);
        }
    }

    /// The contact lists of all cases.
    fn trace(&self) -> Traced {
        let mut traced = Traced::default();
        if let Answer::Cases(rows) = self.situation.ask(&Question::Cases) {
            for row in rows {
                traced.windows.entry(row.person).or_default().push((row.from, row.to));
            }
        }
        for case in traced.windows.keys() {
            if let Answer::Contacts(rows) = self.situation.ask(&Question::Contacts(case.clone())) {
                traced.contacts.insert(case.clone(), rows);
            }
        }
        if let Answer::Venues(rows) = self.situation.ask(&Question::Venues) {
            traced.kinds = rows.into_iter().map(|row| (row.venue, row.venue_type)).collect();
        }
        traced
    }
}

/// A line of the truth, as the simulator writes it.
#[derive(serde::Deserialize)]
struct TruthLine {
    infected: String,
    by: Option<String>,
    venue: Option<String>,
    at: String,
}

/// The infections told by these lines, with pseudonyms for numbers.
fn read_truth(lines: &[u8], pseudonyms: &Pseudonyms) -> Result<Vec<Infection>, TruthError> {
    let person = |number: &str| -> Result<Person, TruthError> {
        let number = PersonalNumber::parse(number).ok_or_else(|| TruthError::Line("person".to_owned()))?;
        Ok(pseudonyms.of(&number).text())
    };
    let read = |line: Result<TruthLine, serde_json::Error>| {
        let line = line.map_err(|error| TruthError::Line(error.to_string()))?;
        let source = match (&line.by, line.venue) {
            (Some(by), Some(venue)) => Some((person(by)?, venue.into())),
            _ => None,
        };
        let at: Timestamp =
            line.at.parse().map_err(|error: jiff::Error| TruthError::Line(error.to_string()))?;
        Ok(Infection { infected: person(&line.infected)?, source, at: Time(at.as_second()) })
    };
    serde_json::Deserializer::from_slice(lines).into_iter().map(read).collect()
}

#[cfg(test)]
#[path = "truth/tests.rs"]
mod tests;
