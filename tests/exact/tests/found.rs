//! Histories in which the engine once differed from the judge.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use vonglau_core::event::{Direction, Event, Mode, Scan, ScanTag, Venue, VenueTag};
use vonglau_core::time::{DAY, HOUR, MINUTE, Time};
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, compare_answers, compare_view, judge};
use vonglau_exact::rules::{Variant, pace, params};

/// Local midnight in Hanoi, 2021-10-29.
const START: Time = Time(1_635_440_400);

/// Plain rules; work cut into its smallest steps where `pace` is 1.
fn variant(pace: u8) -> Variant {
    Variant {
        clock: 0,
        by_visit: false,
        linger: 0,
        contact_min: 0,
        retention: 0,
        follow: 0,
        cluster: 0,
        zone: 3,
        odd: 0,
        pace,
    }
}

fn scan(person: &str, at: Time) -> Event {
    Event::Scan(Scan {
        at,
        device: None,
        direction: Some(Direction::In),
        id: "s".into(),
        kind: ScanTag,
        mode: Mode::PersonQr,
        person: person.into(),
        venue: "V.4".into(),
    })
}

fn kind(name: &str, at: Time) -> Event {
    Event::Venue(Venue {
        at,
        capacity: None,
        district: Some("007".into()),
        id: name.into(),
        kind: VenueTag,
        lat: None,
        lon: None,
        name: None,
        venue_type: name.into(),
        venue: "V.4".into(),
        ward: None,
    })
}

fn agree(variant: Variant, events: &[Event]) {
    let params = params(variant);
    let wards = Arc::new(WardMap::new(&params.wards));
    let mut engine = Engine::new(&params, &wards, pace(variant));
    let mut judge = judge(&params, &wards);
    for event in events {
        engine.step(event);
        judge.push(event);
        engine.settle();
        compare_view(&params, &engine.view, &judge).unwrap();
        compare_answers(&engine.situation, &judge).unwrap();
    }
}

#[test]
fn who_was_expected_to_stay_longer_before_the_kind_changed_is_present_no_more() {
    let there =
        [kind("office", START), scan("P-zz", START.plus(MINUTE)), kind("hospital", START.plus(2 * MINUTE))];
    let passed = [scan("P-b", START.plus(4 * HOUR + MINUTE)), scan("P-b", START.plus(9 * HOUR))];
    agree(variant(0), &[there.as_slice(), &passed].concat());
}

#[test]
fn a_scan_older_than_all_half_days_held_is_still_there_when_they_are_sealed() {
    let late = [scan("P-zz", START), scan("P-zz", START.plus(2 * DAY)), scan("P-m", START.plus(-DAY))];
    let more = (0..24).map(|n| scan("P-m", START.plus(2 * DAY + n * 4 * HOUR)));
    let events: Vec<Event> = late.into_iter().chain(more).collect();
    for pace in 0..4 {
        agree(variant(pace), &events);
    }
}
