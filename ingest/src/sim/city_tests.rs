//! The pure city: what it tells, judged by the gateway's own decoder and by the rules of visits.

use super::{
    city::City,
    registry::RegistryCursor,
    small_city::{LIVE, setup},
    town::Setup,
};
use crate::{
    identity::Pseudonyms,
    test_params::params,
    wire::{Checked, Decoder, Refusal},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::{
    event::{Direction, Event, Mode, Status},
    params::Params,
    time::{DAY, HOUR, Time},
};

/// Everything a city tells, registry first, and its ground truth.
fn tell(setup: &Setup, step_s: i64, scans_enough: u64) -> (Vec<u8>, Vec<u8>) {
    let mut city = City::new(setup).unwrap();
    let (mut lines, mut truth) = (Vec::new(), Vec::new());
    let mut cursor = RegistryCursor::default();
    loop {
        let registry = city.registry(&mut cursor, 1_000);
        if registry.is_empty() {
            break;
        }
        lines.extend_from_slice(registry.bytes());
    }
    let mut at = setup.cases_from;
    while at < LIVE {
        let until = at.plus(step_s).min(LIVE);
        while at < until {
            let mut step = city.step(until, scans_enough);
            assert!(step.until > at, "steps go on");
            at = step.until;
            lines.extend_from_slice(step.lines.bytes());
            truth.append(&mut step.truth);
        }
    }
    (lines, truth)
}

fn decoder(setup: &Setup) -> Decoder {
    let params = Params {
        districts: setup.districts.clone(),
        wards: setup.wards.clone(),
        venue_kinds: setup.venue_kinds.clone(),
        ..params()
    };
    Decoder::new(&params, Pseudonyms::new(&[7; 32]).unwrap())
}

/// All that the gateway takes, and what it refuses.
fn decode(setup: &Setup) -> (Vec<Checked>, Vec<Refusal>) {
    decode_lines(setup, &tell(setup, HOUR, u64::MAX).0)
}

fn decode_lines(setup: &Setup, lines: &[u8]) -> (Vec<Checked>, Vec<Refusal>) {
    let mut taken = Vec::new();
    let mut refused = Vec::new();
    for decoded in decoder(setup).lines(lines, usize::MAX).unwrap() {
        match decoded {
            Ok(checked) => taken.push(checked),
            Err(refusal) => refused.push(refusal),
        }
    }
    (taken, refused)
}

#[test]
fn the_same_seed_tells_the_same_bytes_whatever_the_steps() {
    let hourly = tell(&setup(3_000, 7), HOUR, u64::MAX);
    assert_eq!(hourly, tell(&setup(3_000, 7), 300, 40));
    assert_ne!(hourly, tell(&setup(3_000, 8), HOUR, u64::MAX));
}

#[test]
fn the_gateway_takes_all_but_the_broken_scans() {
    let (taken, refused) = decode(&setup(12_000, 1));
    let scans = taken.iter().filter(|checked| matches!(checked.event, Event::Scan(_))).count();
    let share = refused.len() as f64 / scans as f64;
    assert!((0.000_3..0.000_8).contains(&share), "{} of {scans} refused", refused.len());
    let fields: BTreeSet<&str> = refused.iter().map(|refusal| refusal.field).collect();
    assert!(["", "at", "venue", "mode"].iter().all(|field| fields.contains(field)), "{fields:?}");
    assert_eq!(taken.iter().map(|checked| checked.unknown_fields).max(), Some(0));
    assert_eq!(taken.iter().filter(|c| matches!(c.event, Event::Resident(_))).count(), 12_000);
}

#[test]
fn everybody_has_a_number_of_their_own_even_among_millions() {
    let town = super::town::Town::new(&setup(2_400_000, 3)).unwrap();
    let mut numbers = Vec::new();
    // People a million apart share their free digits: the ones that could collide.
    for person in (0..400_000).chain(1_000_000..1_400_000).chain(2_000_000..2_400_000) {
        let mut number = Vec::new();
        super::identity::write_number(&mut number, &town, person);
        numbers.push(String::from_utf8(number).unwrap());
    }
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

#[test]
fn a_city_scans_as_often_as_was_asked_for_and_less_at_night() {
    for wanted in [1.0, 2.0, 4.0] {
        let setup =
            Setup { scans_per_person_day: wanted, scans_from: LIVE.plus(-6 * DAY), ..setup(4_000, 5) };
        let mut city = City::new(&setup).unwrap();
        let scans = |city: &mut City, until: Time| city.step(until, u64::MAX).scans as f64;
        scans(&mut city, Time(1_637_514_000 + DAY));
        // From Tuesday to Friday, midnight to midnight in Hanoi.
        let days: f64 = scans(&mut city, Time(1_637_514_000 + 4 * DAY)) / 3.0 / 4_000.0;
        assert!((0.85..1.25).contains(&(days / wanted)), "{wanted} asked for, {days} on workdays");
        let night = scans(&mut city, Time(1_637_514_000 + 4 * DAY + 4 * HOUR));
        let morning = scans(&mut city, Time(1_637_514_000 + 4 * DAY + 8 * HOUR));
        assert!(night * 20.0 < morning, "{night} by night, {morning} in the morning");
    }
}

#[test]
fn some_scans_come_late_or_twice_and_none_before_it_was_made() {
    let setup = setup(10_000, 2);
    let mut city = City::new(&setup).unwrap();
    let decoder = decoder(&setup);
    let (mut late, mut all) = (0, 0);
    let mut seen = BTreeSet::new();
    for hour in 1..=6 * 24 {
        let until = setup.cases_from.plus(hour * HOUR);
        for event in
            decoder.lines(city.step(until, u64::MAX).lines.bytes(), usize::MAX).unwrap().into_iter().flatten()
        {
            let at = at_of(&event.event);
            assert!(at <= until, "nothing comes from the future");
            if let Event::Scan(scan) = event.event {
                assert!(at > until.plus(-22 * HOUR), "nothing is a day late");
                late += u32::from(at < until.plus(-2 * HOUR));
                all += 1;
                seen.insert((
                    scan.person,
                    scan.venue,
                    scan.at,
                    scan.mode,
                    scan.direction.map(|d| d == Direction::In),
                ));
            }
        }
    }
    assert!(late * 1_000 > all && late * 100 < all, "{late} of {all} late by hours");
    let twice = all as usize - seen.len();
    assert!(twice * 200 > all as usize && twice * 50 < all as usize, "{twice} of {all} twice");
}

fn at_of(event: &Event) -> Time {
    match event {
        Event::Scan(e) => e.at,
        Event::Case(e) => e.at,
        Event::Venue(e) => e.at,
        Event::Resident(e) => e.at,
        Event::Vaccination(e) => e.at,
        Event::Declaration(e) => e.at,
        Event::Command(e) => e.at,
        Event::Tick(e) => e.at,
    }
}

/// When each person was at each venue: (person, venue), (start, end).
type Visits = BTreeMap<(Box<str>, Box<str>), Vec<(i64, i64)>>;

/// The visits that the rules make of the scans.
fn visits(setup: &Setup, taken: &[Checked]) -> Visits {
    let kinds: BTreeMap<&str, (i64, i64)> = setup
        .venue_kinds
        .iter()
        .map(|kind| (&*kind.name, (kind.dwell_typical_min * 60, kind.dwell_max_min * 60)))
        .collect();
    let mut dwell: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut scans: BTreeMap<&str, BTreeSet<(i64, u8, &str, bool)>> = BTreeMap::new();
    for checked in taken {
        match &checked.event {
            Event::Venue(venue) => {
                dwell.insert(&venue.venue, kinds[&*venue.venue_type]);
            }
            Event::Scan(scan) => {
                let order = match scan.direction {
                    Some(Direction::Out) => 0,
                    None => 1,
                    Some(Direction::In) => 2,
                };
                let is_passing = matches!(scan.mode, Mode::Checkpoint | Mode::Patrol);
                scans.entry(&scan.person).or_default().insert((scan.at.0, order, &scan.venue, is_passing));
            }
            _ => {}
        }
    }
    let mut visits = Visits::new();
    for (person, scans) in scans {
        let mut add = |venue: &str, start: i64, end: i64| {
            visits.entry((person.into(), venue.into())).or_default().push((start, end));
        };
        let mut open: Option<(&str, i64, i64)> = None;
        for (at, order, venue, is_passing) in scans {
            if let Some((place, start, last)) = open {
                let (typical, max) = dwell[place];
                if place == venue && is_passing {
                    continue;
                }
                if place == venue && order > 0 && at <= last + typical && at <= start + max {
                    open = Some((place, start, at));
                    continue;
                }
                let in_time = place == venue && order == 0 && at <= start + max;
                add(place, start, if in_time { at } else { at.min(last + typical) });
                open = None;
                if place == venue && order == 0 {
                    continue;
                }
            }
            if order > 0 && !is_passing && dwell[venue].0 > 0 {
                open = Some((venue, at, at));
            }
        }
        if let Some((place, start, last)) = open {
            add(place, start, last + dwell[place].0);
        }
    }
    visits
}

#[test]
fn whoever_is_infected_was_with_the_infector_for_a_quarter_of_an_hour_at_that_venue_as_scans_show() {
    let setup =
        Setup { cases_from: LIVE.plus(-9 * DAY), scans_from: LIVE.plus(-9 * DAY), ..setup(45_000, 4) };
    let (lines, truth) = tell(&setup, HOUR, u64::MAX);
    let (taken, _) = decode_lines(&setup, &lines);
    let visits = visits(&setup, &taken);
    let pseudonyms: BTreeMap<String, Box<str>> = taken
        .iter()
        .filter_map(|checked| checked.identity.as_ref())
        .map(|identity| {
            (String::from_utf8(identity.number.digits().to_vec()).unwrap(), identity.pseudonym.text())
        })
        .collect();
    let (mut judged, mut from_outside) = (0, 0);
    for line in truth.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line).unwrap();
        let at = crate::wire::text::time(line["at"].as_str().unwrap()).unwrap();
        if at < setup.scans_from.plus(DAY) || at > LIVE.plus(-DAY) {
            continue;
        }
        let Some(by) = line["by"].as_str() else {
            from_outside += 1;
            continue;
        };
        let venue: Box<str> = line["venue"].as_str().unwrap().into();
        let of = |number: &str| &visits[&(pseudonyms[number].clone(), venue.clone())];
        let together = of(line["infected"].as_str().unwrap()).iter().any(|own| {
            of(by).iter().any(|other| {
                let (start, end) = (own.0.max(other.0), own.1.min(other.1));
                end - start >= 15 * 60 && (start..end).contains(&at.0)
            })
        });
        assert!(together, "{line}");
        judged += 1;
    }
    assert!(judged > 8 && judged > from_outside, "{judged} infections here, {from_outside} from outside");
}

#[test]
fn cases_are_reported_followed_by_their_contacts_and_closed_and_the_isolated_stay_in_with_few_breaches() {
    let setup =
        Setup { cases_from: LIVE.plus(-28 * DAY), scans_from: LIVE.plus(-10 * DAY), ..setup(30_000, 9) };
    let (taken, _) = decode(&setup);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut isolated: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for checked in &taken {
        let Event::Case(case) = &checked.event else { continue };
        let status = match case.status {
            Some(Status::F0) => "f0",
            Some(Status::F1) => "f1",
            Some(Status::Cleared) => "cleared",
            Some(Status::Recovered) => "recovered",
            _ => "other",
        };
        *count.entry(status).or_default() += 1;
        let Some(person) = case.person.as_deref() else { continue };
        if let Some(from) = case.isolated_at {
            isolated.entry(person).or_insert((from.0, i64::MAX));
        } else if !matches!(case.status, Some(Status::F0 | Status::F1)) {
            isolated.entry(person).and_modify(|span| span.1 = case.at.0);
        }
    }
    let of = |status: &str| count.get(status).copied().unwrap_or(0);
    assert!(
        of("f0") > 30 && of("f1") > 5 * of("f0") && of("cleared") > 0 && of("recovered") > 0,
        "{count:?}"
    );
    let out = taken.iter().filter(|checked| match &checked.event {
        Event::Scan(scan) => {
            isolated.get(&*scan.person).is_some_and(|(from, to)| (*from..*to).contains(&scan.at.0))
        }
        _ => false,
    });
    let breaches = out.count();
    assert!(breaches > 0 && breaches < isolated.len() / 4, "{breaches} of {} isolated", isolated.len());
}

#[test]
fn a_handful_of_people_make_a_city_too() {
    for people in [1, 20, 500] {
        let (taken, _) = decode(&setup(people, 1));
        assert!(taken.iter().any(|checked| matches!(checked.event, Event::Scan(_))), "{people} people");
    }
}

#[test]
fn what_cannot_be_a_city_is_refused_with_a_reason() {
    let refused = |setup: Setup| City::new(&setup).unwrap_err().to_string();
    assert!(refused(setup(0, 1)).contains("--people"));
    assert!(refused(Setup { wards: Vec::new(), ..setup(10, 1) }).contains("wards.csv"));
    assert!(refused(Setup { scans_per_person_day: f64::NAN, ..setup(10, 1) }).contains("usual is 2"));
    assert!(refused(Setup { scans_from: Time(0), ..setup(10, 1) }).contains("--start"));
}
