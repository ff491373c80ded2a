use crate::fixture::{Told, t, told};
use vonglau_core::event::{Found, Status};

/// So many cases reported at a moment in a district.
fn report(told: &mut Told, n: usize, at: &str, district: &str) {
    for n in 0..n {
        let id = format!("{at}:{district}:{n}");
        told.case_with(&id, &id, Status::F0, at, |c| c.district = Some(district.into()));
    }
}

fn weeks(counts: &[usize]) -> i32 {
    let mut told = told();
    // Oldest week first in the journal; the last one ends now, on the 29th at 08:00.
    let ends = ["8T08:00", "15T08:00", "22T08:00", "29T08:00"];
    for (n, at) in counts.iter().rev().zip(&ends[4 - counts.len()..]) {
        report(&mut told, *n, at, "001");
    }
    told.scan("x", "m", "29T08:00", "in");
    told.oracle().trend().weeks
}

#[test]
fn weeks_in_a_row_are_up_from_1_05_and_down_to_0_95_of_a_week_before_of_20_or_more() {
    assert_eq!(weeks(&[21, 20]), 1);
    assert_eq!(weeks(&[19, 20]), -1);
    assert_eq!(weeks(&[20, 20]), 0);
    assert_eq!(weeks(&[41, 40]), 0);
    assert_eq!(weeks(&[42, 40]), 1);
    assert_eq!(weeks(&[38, 40]), -1);
    assert_eq!(weeks(&[40, 19]), 0);
    assert_eq!(weeks(&[0, 19]), 0);
}

#[test]
fn weeks_are_counted_back_until_one_is_not_so() {
    assert_eq!(weeks(&[30, 25, 20, 19]), 2);
    assert_eq!(weeks(&[40, 30, 25, 20]), 3);
    assert_eq!(weeks(&[40, 30, 35, 20]), 1);
    assert_eq!(weeks(&[20, 25, 30, 25]), -2);
}

#[test]
fn a_week_is_168_hours_back_from_now() {
    let mut told = told();
    report(&mut told, 20, "15T08:00", "001");
    report(&mut told, 21, "15T08:00:01", "001");
    told.scan("x", "m", "22T08:00", "in");
    assert_eq!(told.oracle().trend().weeks, 1);
    told.scan("x", "m", "22T08:00:01", "in");
    assert_eq!(told.oracle().trend().weeks, -1);
}

#[test]
fn the_hottest_have_20_cases_and_the_highest_undivided_incidence() {
    let mut told = told();
    report(&mut told, 40, "15T08:00", "001");
    report(&mut told, 19, "15T08:00", "002");
    assert_eq!(told.oracle().trend().hottest, [0]);
    // 20 of 5,000 and 40 of 10,000 tie: by code.
    report(&mut told, 1, "15T08:01", "002");
    assert_eq!(told.oracle().trend().hottest, [0, 1]);
    report(&mut told, 1, "15T08:02", "002");
    assert_eq!(told.oracle().trend().hottest, [1, 0]);
    // One from quarantine counts for the 20, not for the incidence.
    told.case_with("q", "q", Status::F0, "15T08:03", |c| {
        (c.district, c.found) = (Some("001".into()), Some(Found::Quarantine));
    });
    told.params.districts[1].population = 0;
    assert_eq!(told.oracle().trend().hottest, [0]);
}

#[test]
fn a_district_is_newly_at_level_4_if_it_was_lower_at_midnight() {
    let mut told = told();
    told.resident("old", Some((1940, 1)), "001", "00001");
    told.dose("old", 1, "1");
    report(&mut told, 14, "15T23:00", "001");
    report(&mut told, 1, "16T00:00", "001");
    // 150 per 100,000 (before: 140) and old people with one dose: level 4; midnight is not passed yet.
    assert_eq!(told.oracle().trend().newly_level_4, [] as [u16; 0]);
    told.scan("x", "m", "16T08:00", "in");
    assert_eq!(told.oracle().trend().newly_level_4, [] as [u16; 0]);
    told.events.retain(|event| event.at() != t("16T00:00"));
    report(&mut told, 1, "16T09:00", "001");
    assert_eq!(told.oracle().trend().newly_level_4, [0]);
    told.scan("x", "m", "17T00:00:01", "in");
    assert_eq!(told.oracle().trend().newly_level_4, [] as [u16; 0]);
}

#[test]
fn an_unknown_level_at_midnight_was_not_lower() {
    let mut told = told();
    told.events.clear();
    report(&mut told, 20, "16T09:00", "001");
    told.params.levels[0].capacity_met = Some(false);
    assert_eq!(told.oracle().trend().newly_level_4, [] as [u16; 0]);
}
