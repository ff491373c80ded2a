//! The clock, and what was shown at full hours.

use crate::fixture::{CITY, Told, nowhere, t, told};
use std::sync::Arc;
use vonglau_core::ask::{Answer, Question, SeriesAsked, SeriesName, Step};
use vonglau_core::event::Status;
use vonglau_core::figure::{FIGURES, Figure};
use vonglau_core::params::Clock;
use vonglau_core::rows::Layer;
use vonglau_core::time::Time;
use vonglau_oracle::Oracle;

fn day_before(told: &Told, figure: Figure) -> Option<i64> {
    told.oracle().figures(CITY).day_before[figure as usize]
}

fn shown(told: &Told, from: &str, to: &str, step: Step) -> Vec<(Time, Option<i64>)> {
    let name = SeriesName::Shown(Figure::F0Active);
    let asked = SeriesAsked { name, area: CITY, from: t(from), to: t(to), step };
    match told.oracle().ask(&Question::Series(asked)) {
        Answer::Series(items) => items,
        other => panic!("{other:?}"),
    }
}

#[test]
fn under_the_clock_of_events_now_is_the_greatest_at_and_ticks_are_none() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T07:00", "in");
    told.tick("16T00:00");
    assert_eq!(told.oracle().now(), Some(t("15T08:00")));
}

#[test]
fn under_a_ticking_clock_now_is_the_last_tick_and_an_earlier_one_changes_nothing() {
    let mut told = told();
    told.params.clock = Clock::Simulated;
    told.scan("an", "m", "15T08:00", "in");
    assert_eq!(told.oracle().now(), None);
    assert_eq!(told.oracle().figures(CITY).now, [None; FIGURES]);
    told.tick("15T07:59:59");
    told.tick("15T07:00");
    let oracle = told.oracle();
    assert_eq!(oracle.now(), Some(t("15T07:59:59")));
    assert_eq!(oracle.figures(CITY).now[Figure::ScansToday as usize], Some(0));
    told.tick("15T08:00");
    assert_eq!(told.oracle().figures(CITY).now[Figure::ScansToday as usize], Some(1));
}

#[test]
fn before_the_first_event_nothing_is_known() {
    let oracle = Oracle::new(&crate::fixture::params(), nowhere);
    assert_eq!((oracle.now(), oracle.level_table()), (None, None));
    assert_eq!(oracle.figures(CITY).now, [None; FIGURES]);
    assert!(oracle.cells(Layer::Presence, 8).is_empty() && oracle.minutes().is_empty());
    assert_eq!(oracle.ask(&Question::Cases), Answer::Cases(Vec::new()));
    assert_eq!(oracle.ask(&Question::Contacts("an".into())), Answer::NotFound);
}

#[test]
fn the_day_before_is_the_last_full_hour_at_least_24_hours_ago() {
    let mut told = told();
    told.events.clear();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.case("c2", "binh", Status::F0, "15T09:30");
    told.case("c3", "chi", Status::F0, "16T08:59:59");
    // At 08:00 of the 15th c1 stood alone.
    assert_eq!(day_before(&told, Figure::F0Active), Some(1));
    told.case("c4", "dung", Status::F0, "16T10:00");
    assert_eq!(day_before(&told, Figure::F0Active), Some(2));
    assert_eq!(told.oracle().figures(CITY).week_before, Arc::new([None; FIGURES]));
    told.case("c5", "em", Status::F0, "22T10:30");
    assert_eq!(told.oracle().figures(CITY).week_before[Figure::F0Active as usize], Some(2));
}

#[test]
fn what_is_late_does_not_change_what_was_shown() {
    let mut told = told();
    told.events.clear();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.case("c2", "binh", Status::F0, "15T09:00");
    // 09:00 is not passed yet: what comes in its second still counts.
    told.case("c3", "chi", Status::F0, "15T09:00");
    told.case("c4", "dung", Status::F0, "15T09:00:01");
    told.case("c5", "em", Status::F0, "15T08:30");
    let expected = [(t("15T07:00"), None), (t("15T08:00"), Some(1)), (t("15T09:00"), Some(3))];
    assert_eq!(shown(&told, "15T07:00", "15T12:00", Step::Hour), expected);
}

#[test]
fn an_hour_that_is_now_has_not_been_shown() {
    let mut told = told();
    told.events.clear();
    told.case("c1", "an", Status::F0, "15T08:00");
    assert_eq!(shown(&told, "15T08:00", "15T12:00", Step::Hour), [(t("15T08:00"), None)]);
}

#[test]
fn hours_passed_at_once_are_each_shown_as_of_themselves() {
    let mut told = told();
    told.params.clock = Clock::Wall;
    told.tick("15T08:10");
    told.case("c1", "an", Status::F0, "15T09:30");
    told.case("c2", "an", Status::Recovered, "15T11:00");
    told.tick("15T12:00");
    let hours = shown(&told, "15T08:00", "15T13:00", Step::Hour);
    let values: Vec<_> = hours.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [None, Some(0), Some(1), Some(0), None]);
}

#[test]
fn the_last_816_hours_are_kept() {
    let mut told = told();
    told.events.clear();
    told.case("c1", "an", Status::F0, "9-1T00:00");
    told.case("c2", "binh", Status::F0, "10-15T00:30");
    // 34 days before 00:00 of the 15th of October, the last hour shown: 01:00 of the 11th of September.
    let hours = shown(&told, "9-11T00:00", "9-11T02:00", Step::Hour);
    assert_eq!(hours, [(t("9-11T00:00"), None), (t("9-11T01:00"), Some(1))]);
    told.case("c3", "chi", Status::F0, "10-15T01:30");
    assert_eq!(shown(&told, "9-11T01:00", "9-11T02:00", Step::Hour), [(t("9-11T01:00"), None)]);
}

#[test]
fn a_day_is_its_last_full_hour_that_was_shown() {
    let mut told = told();
    told.events.clear();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.case("c2", "binh", Status::F0, "15T23:10");
    told.case("c3", "chi", Status::F0, "16T00:10");
    told.case("c4", "dung", Status::F0, "16T09:10");
    told.case("c5", "em", Status::F0, "16T09:20");
    let days = shown(&told, "14T00:00", "18T00:00", Step::Day);
    let expected = [(t("14T00:00"), None), (t("15T00:00"), Some(1)), (t("16T00:00"), Some(3))];
    assert_eq!(days, expected);
}
