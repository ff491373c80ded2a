//! Histories in which the engine once differed from the judge.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use vonglau_core::event::{
    CaseTag, CaseUpdate, Command, CommandTag, Deed, Direction, Event, Mode, Scan, ScanTag, Status, Tick,
    TickTag, Venue, VenueTag,
};
use vonglau_core::rows::{Rule, alert_id};
use vonglau_core::time::{DAY, Day, HOUR, MINUTE, Time};
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, compare_answers, compare_view, judge};
use vonglau_exact::rules::{Variant, pace, params};

/// Local midnight in Hanoi, 2021-10-29.
const START: Time = Time(1_635_440_400);

fn scan(person: &str, at: Time) -> Event {
    passes(person, Direction::In, at)
}

fn out(person: &str, at: Time) -> Event {
    passes(person, Direction::Out, at)
}

fn passes(person: &str, direction: Direction, at: Time) -> Event {
    Event::Scan(Scan {
        at,
        device: None,
        direction: Some(direction),
        id: "s".into(),
        kind: ScanTag,
        mode: Mode::PersonQr,
        person: person.into(),
        venue: "V.4".into(),
    })
}

fn case(person: &str, at: Time) -> Event {
    Event::Case(CaseUpdate {
        at,
        district: None,
        found: None,
        id: "c".into(),
        isolated_at: None,
        kind: CaseTag,
        onset: None,
        person: Some(person.into()),
        retracts: None,
        sampled: None,
        status: Some(Status::F0),
        supersedes: None,
        ward: None,
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
    let passed = [scan("P-aa", START.plus(4 * HOUR + MINUTE)), scan("P-aa", START.plus(9 * HOUR))];
    agree(Variant::default(), &[there.as_slice(), &passed].concat());
}

#[test]
fn a_scan_older_than_all_half_days_held_is_still_there_when_they_are_sealed() {
    let late = [scan("P-zz", START), scan("P-zz", START.plus(2 * DAY)), scan("P-m", START.plus(-DAY))];
    let more = (0..24).map(|n| scan("P-m", START.plus(2 * DAY + n * 4 * HOUR)));
    let events: Vec<Event> = late.into_iter().chain(more).collect();
    for pace in 0..4 {
        agree(Variant { pace, ..Variant::default() }, &events);
    }
}

/// Rules by which a stay at the hospital may last until the next morning.
fn long_stays() -> Variant {
    Variant { dwell: 1, ..Variant::default() }
}

/// Somebody is scanned again within a stay that an `out` ends after midnight, and comes back in the evening.
fn back_in_the_evening(person: &str, back: Time) -> [Event; 5] {
    [
        kind("hospital", START),
        scan(person, START.plus(8 * HOUR + 30 * MINUTE)),
        scan(person, START.plus(9 * HOUR)),
        out(person, START.plus(DAY + 20 * MINUTE)),
        scan(person, back),
    ]
}

#[test]
fn who_left_after_midnight_and_was_scanned_again_in_between_is_counted_once_that_day() {
    agree(long_stays(), &back_in_the_evening("P-zz", START.plus(DAY + 21 * HOUR + 30 * MINUTE)));
}

#[test]
fn what_was_met_after_midnight_counts_towards_the_bound_in_the_evening() {
    let evening = START.plus(DAY + 21 * HOUR + 30 * MINUTE);
    let [hospital, begin, again, leave, back] = back_in_the_evening("P-zz", evening);
    let night = [case("P-aa", START), scan("P-aa", START.plus(DAY + 10 * MINUTE)), leave];
    let after = [out("P-aa", START.plus(DAY + 30 * MINUTE)), scan("P-aa", evening.plus(-MINUTE)), back];
    let later = [5, 6, 14, 15].map(|minutes| scan("P-m", evening.plus(minutes * MINUTE)));
    agree(long_stays(), &[&[hospital, begin, again], night.as_slice(), &after, &later].concat());
}

#[test]
fn a_case_that_leaves_where_the_bound_is_reached_is_met_in_its_stretch_too() {
    let variant = Variant { linger: 1, cluster_days: 1, ..Variant::default() };
    let morning = START.plus(10 * HOUR);
    let before = [kind("market", START), case("P-aa", START), scan("P-zz", morning)];
    let met = [
        scan("P-aa", morning.plus(10 * MINUTE)),
        kind("market", morning.plus(26 * MINUTE)),
        out("P-aa", morning.plus(30 * MINUTE)),
    ];
    let next_day =
        [0, 9, 10, 11, 20, 30, 31].map(|minutes| kind("market", morning.plus(DAY + minutes * MINUTE)));
    agree(variant, &[before.as_slice(), &met, &next_day].concat());
}

/// A cluster of one contact, then of two, nothing of which has been shown.
fn growing_cluster(morning: Time) -> Vec<Event> {
    let there = [("P-aa", 0), ("P-zz", 1), ("P-m", 10), ("P-zz", 20), ("P-m", 40)];
    let scans = there.map(|(person, minutes)| scan(person, morning.plus(minutes * MINUTE)));
    [&[kind("market", START), case("P-aa", START)], scans.as_slice()].concat()
}

/// Pictures after each event and one at the end show the same.
fn agree_at_the_end(events: &[Event]) {
    let params = params(Variant::default());
    let wards = Arc::new(WardMap::new(&params.wards));
    let [mut shown, mut unseen] = [(), ()].map(|()| Engine::new(&params, &wards, pace(Variant::default())));
    for event in events {
        shown.step(event);
        shown.settle();
    }
    unseen.take(events);
    unseen.settle();
    let changed = |engine: &Engine| engine.view.alerts.values().map(|row| row.changed).collect::<Vec<Time>>();
    assert_eq!(changed(&shown), [events[events.len() - 1].at()]);
    assert_eq!(changed(&unseen), changed(&shown));
    assert_eq!(unseen.situation.digest(), shown.situation.digest());
}

#[test]
fn what_is_said_of_a_cluster_after_its_numbers_changed_is_a_change_of_its_own() {
    let morning = START.plus(10 * HOUR);
    let acknowledged = Event::Command(Command {
        alert: alert_id(Rule::Cluster, "V.4", Day(18_929)),
        at: morning.plus(HOUR),
        by: "desk".into(),
        deed: Deed::Acknowledge,
        for_min: None,
        id: "k".into(),
        kind: CommandTag,
        note: None,
    });
    agree_at_the_end(&[growing_cluster(morning), vec![acknowledged]].concat());
}

#[test]
fn a_name_given_to_a_clusters_venue_after_its_numbers_changed_is_a_change_of_its_own() {
    let morning = START.plus(10 * HOUR);
    let Event::Venue(market) = kind("market", morning.plus(HOUR)) else { unreachable!() };
    let named = Event::Venue(Venue { name: Some("Chợ Mơ".into()), ..market });
    agree_at_the_end(&[growing_cluster(morning), vec![named]].concat());
}

#[test]
fn a_breach_that_begins_later_since_its_first_scan_was_forgotten_has_changed() {
    let Event::Case(found) = case("P-zz", START) else { unreachable!() };
    let isolated = Event::Case(CaseUpdate { isolated_at: Some(START), ..found });
    let tick = |at| Event::Tick(Tick { at, id: "t".into(), kind: TickTag });
    let (night, morning) = (START.plus(DAY + 3 * HOUR), START.plus(DAY + 5 * HOUR));
    let breach = [tick(START), isolated, tick(night), scan("P-zz", night)];
    // The second scan is told seven minutes ahead. The tick that brings its time takes the first past the edge.
    let next_day = [tick(morning.plus(-7 * MINUTE)), scan("P-zz", morning), tick(morning.plus(23 * HOUR))];
    agree(Variant { clock: 1, retention: 2, ..Variant::default() }, &[breach.as_slice(), &next_day].concat());
}
