//! Which events count at a moment, and which event is the same event.

use std::collections::BTreeMap;
use vonglau_core::event::{
    CaseUpdate, Command, Direction, Event, Resident, Scan, Vaccination, Venue, journaled,
};
use vonglau_core::params::Params;
use vonglau_core::time::{HOUR, Time};

/// What of a set of events has come by `now` and holds.
#[derive(Debug, Default)]
pub struct Held<'a> {
    /// Distinct scans not beyond the edge: by person, each person's in the order in which visits are formed.
    pub scans: Vec<&'a Scan>,
    /// By `venue`.
    pub venues: BTreeMap<&'a str, &'a Venue>,
    /// By `person`.
    pub residents: BTreeMap<&'a str, &'a Resident>,
    /// By `person` and `dose`.
    pub vaccinations: BTreeMap<(&'a str, u8), &'a Vaccination>,
    /// By `id`.
    pub cases: BTreeMap<&'a str, &'a CaseUpdate>,
    /// By `id`.
    pub commands: BTreeMap<&'a str, &'a Command>,
    /// Ids of cases and ids of commands that came with two contents.
    pub id_conflicts: usize,
}

/// The edge is 04:00 local of the date `retention_days` before that of now; before 04:00: of the day before.
pub fn edge(params: &Params, now: Time) -> Time {
    let zone = &params.zone;
    let today = zone.day(now);
    let date = if now < zone.at(today, 4 * HOUR) { today.plus(-1) } else { today };
    zone.at(date.plus(-params.retention_days), 4 * HOUR)
}

/// A scan is its content; keys sort as visits are formed: (`at`; `out` before undirected before `in`; venue id
/// by bytes; mode as text).
type ScanContent<'a> = (&'a str, Time, u8, &'a str, &'static str);

fn content(scan: &Scan) -> ScanContent<'_> {
    let direction = match scan.direction {
        Some(Direction::Out) => 0,
        None => 1,
        Some(Direction::In) => 2,
    };
    (&scan.person, scan.at, direction, &scan.venue, scan.mode.name())
}

/// An event whose `at` lies ahead of `now` is for every rule not yet come; a scan beyond the edge never came.
pub fn held<'a>(params: &Params, events: &'a [Event], now: Time) -> Held<'a> {
    let edge = edge(params, now);
    let mut scans: BTreeMap<ScanContent<'a>, &Scan> = BTreeMap::new();
    let mut venues = ByKey::<&str, Venue>::new();
    let mut residents = ByKey::<&str, Resident>::new();
    let mut vaccinations = ByKey::<(&str, u8), Vaccination>::new();
    let mut cases = ByKey::<&str, CaseUpdate>::new();
    let mut commands = ByKey::<&str, Command>::new();
    for event in events.iter().filter(|event| event.at() <= now) {
        match event {
            Event::Scan(e) => {
                if e.at >= edge {
                    scans.insert(content(e), e);
                }
            }
            Event::Venue(e) => venues.entry(&e.venue).or_default().push(e),
            Event::Resident(e) => residents.entry(&e.person).or_default().push(e),
            Event::Vaccination(e) => vaccinations.entry((&e.person, e.dose)).or_default().push(e),
            Event::Case(e) => cases.entry(&e.id).or_default().push(e),
            Event::Command(e) => commands.entry(&e.id).or_default().push(e),
            Event::Declaration(_) | Event::Tick(_) => {}
        }
    }
    Held {
        scans: scans.into_values().collect(),
        id_conflicts: conflicts(&cases) + conflicts(&commands),
        // Of records the latest by (`at`, `id`, journaled form) holds for all time.
        venues: greatest(venues, |e| (e.at, e.id.clone(), journaled(e))),
        residents: greatest(residents, |e| (e.at, e.id.clone(), journaled(e))),
        vaccinations: greatest(vaccinations, |e| (e.at, e.id.clone(), journaled(e))),
        // Of cases and commands of one id the one with the greater (`at`, then journaled form) holds; the other
        // has no effect at all.
        cases: greatest(cases, |e| (e.at, journaled(e))),
        commands: greatest(commands, |e| (e.at, journaled(e))),
    }
}

/// All that came under one key.
type ByKey<'a, K, E> = BTreeMap<K, Vec<&'a E>>;

fn greatest<'a, K: Ord, E, G: Ord>(
    by_key: ByKey<'a, K, E>,
    greatness: impl Fn(&E) -> G,
) -> BTreeMap<K, &'a E> {
    let greater = |a: &'a E, b: &'a E| if greatness(b) > greatness(a) { b } else { a };
    by_key.into_iter().filter_map(|(key, events)| Some((key, events.into_iter().reduce(greater)?))).collect()
}

/// Ids that came with two different contents.
fn conflicts<K, E: PartialEq>(by_id: &ByKey<'_, K, E>) -> usize {
    by_id.values().filter(|events| events.iter().any(|event| *event != events[0])).count()
}
