//! A small city's tracing against its truth: the same figures each time, and none that contradict each other.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use vonglau::config::{Asked, Config};
use vonglau::simulate::{SCANS_PER_PERSON_DAY, ground};
use vonglau::truth::{KindCounts, TruthReport, measure};
use vonglau_core::params::{Contacts, Params};
use vonglau_core::time::{DAY, Time};
use vonglau_ingest::sim::Setup;

/// 08:00 on 2021-11-26 in Hanoi.
const UNTIL: Time = Time(1_637_888_400);

fn params(change: impl FnOnce(&mut Contacts)) -> Params {
    let asked = Asked { demo: true, ..Asked::default() };
    let mut params = Params::clone(&Config::load(&asked, std::iter::empty()).unwrap().params);
    change(&mut params.contacts);
    params
}

/// 30,000 people, a fortnight of scans and three weeks of case reports before them.
fn report(params: &Params) -> TruthReport {
    let ground = ground(params);
    let setup = Setup {
        districts: ground.districts,
        wards: ground.wards,
        venue_kinds: ground.venue_kinds,
        infectiousness_permille: ground.infectiousness_permille,
        people: 30_000,
        seed: 3,
        cases_from: UNTIL.plus(-35 * DAY),
        scans_from: UNTIL.plus(-14 * DAY),
        live_at: UNTIL,
        scans_per_person_day: SCANS_PER_PERSON_DAY,
    };
    measure(&setup, params).unwrap()
}

fn sum(report: &TruthReport, of: impl Fn(&KindCounts) -> u32) -> u32 {
    report.kinds.values().map(of).sum()
}

#[test]
fn the_same_city_gives_the_same_figures_and_they_agree_with_each_other() {
    let params = params(|_| {});
    let first = report(&params);
    assert_eq!(first, report(&params));
    let all = first.all;
    assert!(all.found > 0 && first.from_outside > 0 && first.refused > 0, "{first:?}");
    assert!(all.infections >= all.known && all.known >= all.found, "{first:?}");
    assert_eq!(all.known - all.found, first.missed.outside_window + first.missed.too_short);
    assert!(all.contacts_infected <= all.found && all.contacts_infected <= all.contacts, "{first:?}");
    assert_eq!(sum(&first, |kind| kind.infections), all.infections);
    assert_eq!(sum(&first, |kind| kind.known), all.known);
    assert_eq!(sum(&first, |kind| kind.found), all.found);
    assert!(sum(&first, |kind| kind.contacts) >= all.contacts, "a pair may meet at several kinds");
    assert_eq!((&*first.from, &*first.until), ("2021-11-13T00:00:00+07:00", "2021-11-26T08:00:00+07:00"));
}

#[test]
fn a_wider_net_finds_no_fewer_infections_and_asks_no_fewer_people() {
    let usual = report(&params(|_| {})).all;
    let wide = report(&params(|contacts| contacts.infectious_before_h = 240));
    assert!(wide.all.found >= usual.found && wide.all.contacts >= usual.contacts, "{wide:?} {usual:?}");
    let strict = report(&params(|contacts| contacts.contact_min = 240)).all;
    assert!(strict.found <= usual.found && strict.contacts < usual.contacts, "{strict:?} {usual:?}");
    assert_eq!((strict.infections, strict.known), (usual.infections, usual.known), "the city is the same");
}
