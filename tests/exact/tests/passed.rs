//! The border between the archive and the live part: no row twice and none missing.

use proptest::prelude::*;
use proptest::test_runner::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vonglau_core::event::Event;
use vonglau_core::moment::{Moment, Registers, RowFilter, ScanColumns, VisitColumns, Wanted};
use vonglau_core::passed::{Passed, PassedDay};
use vonglau_core::situation::{Progress, Situation};
use vonglau_core::wards::WardMap;
use vonglau_exact::histories::{draws, events};
use vonglau_exact::moment::{moment, told, visits};
use vonglau_exact::rules::{Variant, pace, params, variants};

/// Person, venue, at, mode and direction.
type Scan = (String, String, i64, String);
/// Person, venue, start, end.
type Visit = (String, String, i64, i64);

/// Histories a property is tried on; `make exact HISTORIES=…` tries more.
fn histories(usual: u32) -> Config {
    let cases = std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

/// Takes an event in and gives all that the edge passes meanwhile.
fn step(situation: &mut Situation, registers: &mut Registers, event: &Event) -> Vec<Passed> {
    let (mut deltas, mut passed) = (Vec::new(), Vec::new());
    let mut progress = situation.step(event.clone(), &mut deltas);
    loop {
        if let Some(passing) = situation.take_passed() {
            while !situation.refresh(registers) {}
            passed.push(passing.named(registers.clone()));
        }
        if progress == Progress::Done {
            return passed;
        }
        progress = situation.work(&mut deltas);
    }
}

fn names(moment: &Moment, person: u32, venue: u32) -> (String, String) {
    let mut text = Vec::new();
    moment.registers().write_person(person, &mut text);
    let venue = moment.registers().venue(venue).map(|venue| venue.id.to_string()).unwrap_or_default();
    (String::from_utf8_lossy(&text).into_owned(), venue)
}

fn filter(day: PassedDay) -> RowFilter {
    RowFilter { first: Some(day.from.plus(-65_535)), to: Some(day.to), ..RowFilter::default() }
}

/// The scans of a day, as the archive has them.
fn archived_scans(passed: &Passed, day: PassedDay) -> Vec<Scan> {
    let (moment, filter, mut columns) = (&passed.moment, filter(day), ScanColumns::default());
    moment.pieces(&filter).iter().for_each(|piece| moment.scans(piece, &filter, Wanted::ALL, &mut columns));
    columns.cut(day.from, day.to);
    let scan = |n: usize| {
        let (person, venue) = names(moment, columns.person[n], columns.venue[n]);
        (person, venue, columns.at[n], format!("{:?} {:?}", columns.mode[n], columns.direction[n]))
    };
    (0..columns.at.len()).map(scan).collect()
}

/// The visits of a day, as the archive has them.
fn archived_visits(passed: &Passed, day: PassedDay) -> Vec<Visit> {
    let (moment, filter, mut columns) = (&passed.moment, filter(day), VisitColumns::default());
    moment.pieces(&filter).iter().for_each(|piece| moment.visits(piece, &filter, Wanted::ALL, &mut columns));
    columns.cut(day.from, day.to, day.edge);
    let visit = |n: usize| {
        let (person, venue) = names(moment, columns.person[n], columns.venue[n]);
        (person, venue, columns.start[n], columns.start[n] + columns.seconds[n])
    };
    (0..columns.start.len()).map(visit).collect()
}

fn scans(moment: &Moment) -> BTreeSet<Scan> {
    let scans = told(moment).scans.into_iter();
    scans.map(|(person, venue, at, mode, way)| (person, venue, at, format!("{mode:?} {way:?}"))).collect()
}

fn live_visits(moment: &Moment) -> Vec<Visit> {
    let live = visits(moment, &RowFilter::default()).into_iter();
    live.map(|(person, venue, start, end, _)| (person, venue, start, end)).collect()
}

/// What the archive holds.
#[derive(Default)]
struct Kept {
    scans: BTreeSet<Scan>,
    visits: Vec<Visit>,
}

impl Kept {
    /// Takes what is passed in, and checks that it is what stood before the edge, each once.
    fn take(&mut self, passed: &Passed) -> Result<(), TestCaseError> {
        let days = passed.days();
        prop_assert!(days.windows(2).all(|pair| pair[0].to == pair[1].from));
        prop_assert_eq!(days.last().map(|day| day.to), Some(passed.to));
        let fresh: Vec<Scan> = days.iter().flat_map(|day| archived_scans(passed, *day)).collect();
        let due: BTreeSet<Scan> =
            scans(&passed.moment).into_iter().filter(|scan| scan.2 < passed.to.0).collect();
        prop_assert_eq!(fresh.len(), due.len());
        prop_assert_eq!(&fresh.iter().cloned().collect::<BTreeSet<_>>(), &due);
        for scan in fresh {
            prop_assert!(self.scans.insert(scan.clone()), "archived twice: {scan:?}");
        }
        let mut fresh: Vec<Visit> = days.iter().flat_map(|day| archived_visits(passed, *day)).collect();
        fresh.sort();
        let due = live_visits(&passed.moment).into_iter().filter(|visit| visit.2 < passed.to.0);
        let due: Vec<Visit> =
            due.map(|(person, venue, start, end)| (person, venue, start, end.min(passed.to.0))).collect();
        prop_assert_eq!(&fresh, &due);
        self.visits.extend(fresh);
        Ok(())
    }

    /// Checks that nothing is in both parts, and that no visit of a person overlaps another.
    fn check(&self, live: &Moment) -> Result<(), TestCaseError> {
        let scans = scans(live);
        prop_assert!(scans.iter().all(|scan| scan.2 >= live.edge().0));
        prop_assert!(self.scans.is_disjoint(&scans));
        let mut of_people: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        let live = live_visits(live);
        for (person, _, start, end) in self.visits.iter().chain(&live) {
            of_people.entry(person).or_default().push((*start, *end));
        }
        for (person, mut visits) in of_people {
            visits.sort_unstable();
            for pair in visits.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].0, "{person} is in two places: {pair:?}");
            }
        }
        Ok(())
    }
}

fn one_history(draws: &[vonglau_exact::histories::Draw], variant: Variant) -> Result<(), TestCaseError> {
    let params = params(variant);
    let wards = Arc::new(WardMap::new(&params.wards));
    let mut situation = Situation::paced(Arc::new(params), wards, pace(variant));
    situation.keep_passed();
    let (mut registers, mut kept) = (Registers::default(), Kept::default());
    for event in events(draws, variant) {
        let passed = step(&mut situation, &mut registers, &event);
        for passing in &passed {
            kept.take(passing)?;
        }
        let live = moment(&situation, &mut registers);
        if let Some(last) = passed.last() {
            let stays = scans(&last.moment).into_iter().filter(|scan| scan.2 >= last.to.0);
            let (stays, held) = (stays.collect::<BTreeSet<_>>(), scans(&live));
            prop_assert!(stays.is_subset(&held), "lost at the border: {:?}", stays.difference(&held));
        }
        kept.check(&live)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(histories(300))]

    #[test]
    fn each_scan_is_archived_or_live_and_no_visit_overlaps_across_the_border(
        draws in draws(40),
        variant in variants(),
    ) {
        one_history(&draws, variant)?;
    }
}
