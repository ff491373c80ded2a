use crate::fixture::{CITY, EAST, Told, t, told};
use vonglau_core::ask::{Answer, Question, SeriesAsked, SeriesName, Step};
use vonglau_core::event::Status;
use vonglau_core::time::{Time, Zone};
use vonglau_core::view::Area;

fn ask(told: &Told, now: &str, name: SeriesName, area: Area, from: &str, to: &str, step: Step) -> Answer {
    let asked = SeriesAsked { name, area, from: t(from), to: t(to), step };
    told.at(now).ask(&Question::Series(asked))
}

fn items(items: &[(&str, i64)]) -> Answer {
    Answer::Series(items.iter().map(|(at, n)| (t(at), Some(*n))).collect())
}

#[test]
fn bins_begin_in_from_to_with_zeros_and_none_begins_after_now() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T08:59:59", "in");
    told.scan("an", "n", "15T10:00", "in");
    let scans = |area, from, to| ask(&told, "15T11:00", SeriesName::Scans, area, from, to, Step::Hour);
    assert_eq!(
        scans(CITY, "15T07:30", "15T13:00"),
        items(&[("15T08:00", 2), ("15T09:00", 0), ("15T10:00", 1), ("15T11:00", 0)])
    );
    assert_eq!(scans(EAST, "15T08:00", "15T10:00"), items(&[("15T08:00", 2), ("15T09:00", 0)]));
    assert_eq!(scans(CITY, "15T08:01", "15T09:00"), items(&[]));
}

#[test]
fn days_and_hours_are_local() {
    let mut told = told();
    told.params.zone = Zone::fixed(5 * 3_600 + 1_800);
    told.case("c1", "an", Status::F0, "15T01:29:59");
    told.case("c2", "binh", Status::F0, "15T01:30");
    // Midnight at +05:30 is 01:30 at +07:00.
    let days = ask(&told, "15T12:00", SeriesName::F0New, CITY, "14T01:30", "16T00:00", Step::Day);
    assert_eq!(days, items(&[("14T01:30", 1), ("15T01:30", 1)]));
    let hours = ask(&told, "15T12:00", SeriesName::F0New, CITY, "15T00:30", "15T02:30", Step::Hour);
    assert_eq!(hours, items(&[("15T00:30", 1), ("15T01:30", 1)]));
}

#[test]
fn a_day_may_have_25_hours() {
    let mut told = told();
    let back: Time = t("15T10:00");
    told.params.zone = Zone { first_offset: 7 * 3_600, changes: vec![(back, 6 * 3_600)] };
    let days = ask(&told, "17T00:00", SeriesName::F0New, CITY, "15T00:00", "17T00:00", Step::Day);
    assert_eq!(days, items(&[("15T00:00", 0), ("16T01:00", 0)]));
}

#[test]
fn more_than_3000_items_are_too_many() {
    let told = told();
    let minutes = |to| ask(&told, "20T00:00", SeriesName::Scans, CITY, "15T00:00", to, Step::Minute);
    let Answer::Series(most) = minutes("17T02:00") else { panic!("too long") };
    assert_eq!(most.len(), 3_000);
    assert_eq!(minutes("17T02:01"), Answer::TooLong);
}

#[test]
fn today_s_scans_stand_under_their_local_minute() {
    let mut told = told();
    told.scan("an", "m", "14T23:59", "in");
    told.scan("an", "m", "15T08:00:10", "in");
    told.scan("an", "x", "15T08:00:50", "in");
    told.scan("an", "m", "15T08:01", "in");
    let minutes = told.at("15T09:00").minutes();
    assert_eq!(minutes.into_iter().collect::<Vec<_>>(), [(t("15T08:00"), 2), (t("15T08:01"), 1)]);
}
