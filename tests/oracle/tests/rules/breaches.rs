use crate::fixture::{CITY, EAST, Told, WEST, t, told};
use vonglau_core::event::Status;
use vonglau_core::figure::Figure;

fn breaches(told: &Told, now: &str) -> Option<i64> {
    told.figure(now, CITY, Figure::Breaches24h)
}

#[test]
fn a_case_scanned_from_its_isolation_to_its_end_elsewhere_breaches() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| c.isolated_at = Some(t("15T09:00")));
    told.case("c2", "an", Status::Recovered, "15T18:00");
    told.scan("an", "m", "15T08:59:59", "in");
    told.scan("an", "m", "15T09:00", "in");
    told.scan("an", "n", "15T17:59:59", "out checkpoint");
    told.scan("an", "m", "15T18:00", "in");
    told.scan("an", "h", "15T12:00", "in");
    told.scan("an", "x", "15T13:00", "in");
    assert_eq!(breaches(&told, "15T20:00"), Some(3));
    assert_eq!(told.figure("15T20:00", EAST, Figure::Breaches24h), Some(1));
    assert_eq!(told.figure("15T20:00", WEST, Figure::Breaches24h), Some(1));
    assert_eq!(breaches(&told, "16T08:59:59"), Some(3));
    assert_eq!(breaches(&told, "16T09:00"), Some(2));
}

#[test]
fn one_said_to_be_f1_breaches_until_its_ending_after_the_isolation() {
    let mut told = told();
    told.case_with("c1", "an", Status::F1, "10T08:00", |c| c.isolated_at = Some(t("15T08:00")));
    told.case("c2", "an", Status::F1, "11T08:00");
    told.case("c3", "an", Status::Cleared, "15T08:00");
    told.scan("an", "m", "15T09:00", "in");
    assert_eq!(breaches(&told, "15T10:00"), Some(1));
    told.case("c4", "an", Status::Cleared, "15T08:00:01");
    assert_eq!(breaches(&told, "15T10:00"), Some(0));
}

#[test]
fn an_f0_event_ends_the_isolation_of_an_f1_and_its_own_begins_by_its_own_time() {
    let mut told = told();
    told.case_with("c1", "an", Status::F1, "10T08:00", |c| c.isolated_at = Some(t("15T08:00")));
    told.case("c2", "an", Status::F0, "15T12:00");
    told.scan("an", "m", "15T11:59:59", "in");
    told.scan("an", "m", "15T12:00", "in");
    assert_eq!(breaches(&told, "15T13:00"), Some(1));
    told.case_with("c3", "an", Status::F0, "15T12:30", |c| c.isolated_at = Some(t("15T11:00")));
    assert_eq!(breaches(&told, "15T13:00"), Some(2));
}

#[test]
fn without_an_ending_it_lasts_until_14_days_after_the_last_exposure_day() {
    let mut told = told();
    told.case_with("c1", "an", Status::F1, "10T08:00", |c| c.isolated_at = Some(t("10T08:00")));
    told.scan("an", "m", "24T23:59:59", "in");
    told.scan("an", "m", "25T00:00", "in");
    assert_eq!(breaches(&told, "25T01:00"), Some(1));
    // A meeting with a case on the 12th makes that its last exposure day.
    told.case_with("c2", "binh", Status::F0, "12T08:00", |c| c.isolated_at = Some(t("20T00:00")));
    told.stay("binh", "m", "12", "08:00", "09:00");
    told.stay("an", "m", "12", "08:00", "09:00");
    assert_eq!(breaches(&told, "25T01:00"), Some(2));
}

#[test]
fn one_who_was_met_but_not_said_to_be_f1_breaches_nothing() {
    let mut told = told();
    told.case("c1", "binh", Status::F0, "12T08:00");
    told.stay("binh", "m", "12", "08:00", "09:00");
    told.stay("an", "m", "12", "08:00", "09:00");
    told.scan("an", "m", "12T12:00", "in");
    assert_eq!(breaches(&told, "12T13:00"), Some(0));
}
