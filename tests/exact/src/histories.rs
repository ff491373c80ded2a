//! Random histories: everything that can go wrong with time, order and repetition, often.

use crate::rules::{Variant, params};
use h3o::{LatLng, Resolution};
use proptest::prelude::*;
use std::collections::BTreeSet;
use vonglau_core::event::{
    About, CaseTag, CaseUpdate, Command, CommandTag, Declaration, DeclarationTag, Deed, Degrees, Direction,
    Event, Found, Mode, Person, Resident, ResidentTag, Scan, ScanTag, Status, Tick, TickTag, Vaccination,
    VaccinationTag, Venue, VenueId, VenueTag,
};
use vonglau_core::params::Clock;
use vonglau_core::rows::{RESOLUTIONS, Rule, alert_id};
use vonglau_core::time::{DAY, Day, HOUR, MINUTE, Month, Time, Zone};

/// People, venues and ids are few, so that they meet. Names do not rise in the order of arrival, so that a number
/// handed out on arrival would show. Some are pseudonyms of the gateway's 16 letters: two whose hashes are one, and the
/// one whose bits mean "no pseudonym".
const PEOPLE: [&str; 6] = ["kTq3_Zb8-Wm0xLsE", "OGdup5Sc78Je1kdu", "P-zz", "P-aa", "P-m", "zzzzzzzzzzzzzzzz"];
/// How many of the people and venues a history has: the fewer, the longer each one's own story.
const CROWDS: [(usize, usize); 3] = [(PEOPLE.len(), VENUES.len()), (3, 2), (2, 1)];
/// Nobody hears of them; the hash of one is that of two others.
const UNHEARD: [&str; 2] = ["P-unheard", "xlEOooRXbrMLXWAP"];
const VENUES: [&str; 5] = ["V.4", "V.1", "V.9", "V.2", "V.0"];
/// Latitude and longitude; the fourth is off the city's bounds.
const PLACES: [(f64, f64); 5] =
    [(21.01, 105.81), (21.03, 105.81), (21.01, 105.83), (21.5, 105.8), (21.011, 105.811)];
const CASE_IDS: u8 = 9;
const DISTRICTS: [Option<&str>; 4] = [None, Some("001"), Some("007"), None];
const WARDS: [Option<&str>; 4] = [None, Some("00002"), Some("00256"), Some("00001")];
/// Local midnight in Hanoi, 2021-10-29: a month's border and a new level table lie three days ahead.
const START: Time = Time(1_635_440_400);

/// One raw draw; small numbers are the plain case, so that histories shrink to plain ones.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    kind: u8,
    forward: usize,
    back: usize,
    person: usize,
    venue: usize,
    way: usize,
    detail: u8,
    more: u8,
}

/// Draws of a history of at most so many events.
pub fn draws(events_max: usize) -> impl Strategy<Value = Vec<Draw>> {
    let (forwards, backs) = (0..FORWARD.len(), 0..BACK.len());
    let (people, venues) = (0..PEOPLE.len(), 0..VENUES.len());
    let draw = (0..32_u8, forwards, backs, people, venues, 0..6_usize, any::<u8>(), any::<u8>());
    let draw = draw.prop_map(|(kind, forward, back, person, venue, way, detail, more)| Draw {
        kind,
        forward,
        back,
        person,
        venue,
        way,
        detail,
        more,
    });
    prop::collection::vec(draw, 1..=events_max)
}

/// Seconds by which the front of time moves on before an event.
const FORWARD: [i64; 24] = [
    0,
    0,
    0,
    1,
    MINUTE,
    5 * MINUTE,
    7 * MINUTE,
    14 * MINUTE,
    15 * MINUTE,
    16 * MINUTE,
    30 * MINUTE,
    44 * MINUTE,
    45 * MINUTE,
    HOUR,
    HOUR - 1,
    2 * HOUR,
    4 * HOUR,
    7 * HOUR + 1,
    12 * HOUR,
    DAY,
    DAY - 1,
    DAY + HOUR,
    3 * DAY,
    8 * DAY + 1_234,
];

/// Seconds by which an event lies before the front; negative: ahead of it.
const BACK: [i64; 16] =
    [0, 0, 0, 0, 0, 0, 0, 1, 10 * MINUTE, HOUR, 3 * HOUR, 11 * HOUR, DAY, 30 * HOUR, 3 * DAY, -7 * MINUTE];

/// The events that draws mean, in journal order.
pub fn events(draws: &[Draw], variant: Variant) -> Vec<Event> {
    let mut front = START;
    let ticks = params(variant).clock != Clock::Events;
    let (people, venues) = CROWDS[usize::from(variant.crowd)];
    let mut events = Vec::new();
    for (n, draw) in draws.iter().enumerate() {
        front = front.plus(FORWARD[draw.forward]);
        if ticks && draw.more % 4 != 3 {
            events.push(Event::Tick(Tick { at: front, id: format!("t{n}").into(), kind: TickTag }));
        }
        let draw = &Draw { person: draw.person % people, venue: draw.venue % venues, ..*draw };
        events.push(event(n, draw, front.plus(-BACK[draw.back])));
        if draw.detail % 32 == 31 {
            events.push(events[events.len() / 2].clone());
        }
    }
    events
}

fn event(n: usize, draw: &Draw, at: Time) -> Event {
    let id: Box<str> = format!("e{n}").into();
    match draw.kind {
        0..=15 => Event::Scan(scan(id, draw, at)),
        16..=23 => Event::Case(case(draw, at)),
        24..=26 => Event::Venue(venue(id, draw, at)),
        27 => Event::Resident(resident(id, draw, at)),
        28 => Event::Vaccination(vaccination(id, draw, at)),
        29 | 30 => Event::Command(command(draw, at)),
        _ => Event::Declaration(Declaration {
            about: About::Health,
            at,
            from: None,
            id,
            kind: DeclarationTag,
            person: PEOPLE[draw.person].into(),
            symptoms: vec!["fever".into()],
            to: None,
        }),
    }
}

fn scan(id: Box<str>, draw: &Draw, at: Time) -> Scan {
    Scan {
        at,
        device: None,
        direction: [Some(Direction::In), Some(Direction::Out), None][draw.way % 3],
        id: id.into(),
        kind: ScanTag,
        mode: match draw.detail % 16 {
            14 => Mode::Checkpoint,
            15 => Mode::Patrol,
            10..=13 => Mode::VenueQr,
            _ => Mode::PersonQr,
        },
        person: PEOPLE[draw.person].into(),
        venue: VENUES[draw.venue].into(),
    }
}

/// Hours from onset or sampling to the report; negative: after it.
const BEGUN_BEFORE_H: [i64; 12] = [0, 11, 22, 33, 44, 55, 66, 77, 88, 99, -9, -40];
const FOUND: [Option<Found>; 4] =
    [None, Some(Found::Community), Some(Found::Quarantine), Some(Found::Import)];

fn case(draw: &Draw, at: Time) -> CaseUpdate {
    let begun = |n: u8| at.plus(-BEGUN_BEFORE_H[usize::from(n % 12)] * HOUR);
    let statuses =
        [Status::F0, Status::F0, Status::F0, Status::F1, Status::F1, Status::Recovered, Status::Cleared];
    let status = *statuses.get(usize::from(draw.kind - 16 + draw.detail % 2)).unwrap_or(&Status::Deceased);
    let named = |n: u8| Some(format!("c{}", n % CASE_IDS).into());
    let retracts = named(draw.detail).filter(|_| draw.more % 7 == 6);
    // Some name one event as wrong and another as replaced.
    let both = retracts.is_some() && draw.way % 3 == 2;
    let says = retracts.is_none() || draw.way > 2;
    CaseUpdate {
        at,
        district: DISTRICTS[draw.way % 4].map(Into::into),
        found: FOUND[usize::from(draw.detail % 7 % 4)],
        id: format!("c{}", (u8::try_from(draw.forward).unwrap() * 2 + draw.more % 2) % CASE_IDS).into(),
        isolated_at: (draw.more % 3 == 1).then(|| at.plus(i64::from(draw.detail % 7) * 5 * HOUR - 12 * HOUR)),
        kind: CaseTag,
        onset: (draw.detail % 4 > 1).then(|| begun(draw.more)),
        person: Some(PEOPLE[draw.person].into()).filter(|_| says),
        sampled: (draw.detail % 5 > 2).then(|| begun(draw.detail)),
        status: Some(if draw.detail == 255 { Status::F2 } else { status }).filter(|_| says),
        supersedes: named(draw.detail.wrapping_add(u8::from(both))).filter(|_| draw.more % 7 == 5 || both),
        retracts,
        ward: WARDS[draw.way % 4].map(Into::into),
    }
}

fn venue(id: Box<str>, draw: &Draw, at: Time) -> Venue {
    let place = Some(PLACES[usize::from(draw.detail % 5)]).filter(|_| draw.detail % 7 != 6);
    let kinds = ["market", "office", "hospital", "checkpoint", "other", "unheard"];
    Venue {
        at,
        capacity: Some(u32::from(draw.more)),
        district: DISTRICTS[draw.way % 3].map(Into::into),
        id,
        kind: VenueTag,
        lat: place.map(|(lat, _)| Degrees(lat)),
        lon: place.map(|(_, lon)| Degrees(lon)),
        name: Some(format!("Chợ {}", draw.more % 3).into()),
        venue_type: kinds[usize::from(draw.more % 6)].into(),
        venue: VENUES[draw.venue].into(),
        ward: WARDS[usize::from(draw.more % 4)].map(Into::into),
    }
}

fn resident(id: Box<str>, draw: &Draw, at: Time) -> Resident {
    let born = Month { year: 2021 - i32::from(draw.detail % 90), month: 10 + u32::from(draw.more % 3) };
    Resident {
        at,
        born: (draw.detail > 20).then_some(born),
        district: DISTRICTS[draw.way % 3].map(Into::into),
        id,
        kind: ResidentTag,
        person: PEOPLE[draw.person].into(),
        ward: WARDS[usize::from(draw.more % 4)].map(Into::into),
    }
}

fn vaccination(id: Box<str>, draw: &Draw, at: Time) -> Vaccination {
    Vaccination {
        at,
        dose: 1 + draw.more % 3,
        facility: None,
        fields: Vec::new(),
        given_on: Day(18_927 + i32::from(draw.detail % 12)),
        id,
        kind: VaccinationTag,
        person: PEOPLE[draw.person].into(),
        vaccine: None,
    }
}

fn command(draw: &Draw, at: Time) -> Command {
    let day = Zone::fixed(7 * 3_600).day(at).plus(-i32::from(draw.detail % 3));
    let alert = if draw.kind == 29 {
        alert_id(Rule::Cluster, VENUES[draw.venue], day)
    } else {
        alert_id(Rule::IsolationBreach, PEOPLE[draw.person], day)
    };
    let deed = [Deed::Acknowledge, Deed::Silence, Deed::Note][draw.way % 3];
    Command {
        alert,
        at,
        by: "desk".into(),
        deed,
        for_min: (deed == Deed::Silence).then_some(u32::from(draw.more)),
        id: format!("k{}", draw.detail % 4).into(),
        kind: CommandTag,
        note: (draw.more.is_multiple_of(2)).then(|| format!("note {}", draw.more % 3).into()),
    }
}

/// Everybody that a history can speak of, and two that it can't.
pub fn people() -> Vec<Person> {
    PEOPLE.iter().chain(&UNHEARD).map(|name| (*name).into()).collect()
}

/// Every venue that a history can speak of, and one that it can't.
pub fn venues() -> Vec<VenueId> {
    VENUES.iter().chain(["V.unheard"].iter()).map(|name| (*name).into()).collect()
}

/// Cells in which venues can be, and what is none: one of too large cells, one of too small ones, no cell at all.
pub fn cells() -> Vec<u64> {
    let cell = |(lat, lon), res| {
        let there = LatLng::new(lat, lon).unwrap().to_cell(Resolution::try_from(res).unwrap());
        u64::from(there)
    };
    let shown = PLACES.iter().flat_map(|place| RESOLUTIONS.map(|res| cell(*place, res)));
    let cells: BTreeSet<u64> = shown.chain([6, 11].map(|res| cell(PLACES[0], res))).chain([0]).collect();
    cells.into_iter().collect()
}
