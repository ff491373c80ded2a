//! Which event is the same event, and which have come.

use crate::fixture::{CITY, EAST, WEST, place, t, told};
use vonglau_core::event::{Deed, Degrees, Event, Status};
use vonglau_core::figure::Figure;

#[test]
fn a_scan_is_its_content_whatever_its_id() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T08:00", "in venue_qr");
    assert_eq!(told.figure("15T09:00", CITY, Figure::ScansToday), Some(2));
}

#[test]
fn what_lies_ahead_has_not_yet_come() {
    let mut told = told();
    told.scan("an", "m", "15T08:00:01", "in");
    told.case("c1", "an", Status::F0, "15T09:00");
    told.retract("c2", "c1", "15T10:00");
    assert_eq!(told.figure("15T08:00", CITY, Figure::ScansToday), Some(0));
    assert_eq!(told.figure("15T08:00:01", CITY, Figure::ScansToday), Some(1));
    assert_eq!(told.figure("15T09:59:59", CITY, Figure::F0Active), Some(1));
    assert_eq!(told.figure("15T10:00", CITY, Figure::F0Active), Some(0));
}

#[test]
fn the_latest_record_holds_by_time_then_id_then_journaled_form() {
    let mut told = told();
    told.scan("an", "x", "15T08:00", "in");
    told.venue("x", "market", |v| (v.id, v.district) = ("r2".into(), Some("001".into())));
    told.venue("x", "market", |v| (v.id, v.district) = ("r1".into(), Some("002".into())));
    assert_eq!(told.figure("15T09:00", EAST, Figure::ScansToday), Some(1));
    // "district":"002" is the greater form.
    told.venue("x", "market", |v| (v.id, v.district) = ("r2".into(), Some("002".into())));
    assert_eq!(told.figure("15T09:00", EAST, Figure::ScansToday), Some(0));
    // A later record moves the venue's history.
    told.venue("x", "market", |v| {
        (v.at, v.id, v.district) = (t("15T08:30"), "r0".into(), Some("001".into()));
    });
    assert_eq!(told.figure("15T09:00", EAST, Figure::ScansToday), Some(1));
    assert_eq!(told.figure("15T08:29", EAST, Figure::ScansToday), Some(0));
}

#[test]
fn of_two_contents_under_one_id_the_later_holds_and_the_other_has_no_effect_at_all() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.retract("c2", "c1", "15T09:00");
    assert_eq!(told.figure("15T12:00", CITY, Figure::F0Active), Some(0));
    assert_eq!(told.figure("15T12:00", CITY, Figure::IdConflicts), Some(0));
    told.case("c2", "binh", Status::F1, "15T10:00");
    assert_eq!(told.figure("15T09:30", CITY, Figure::F0Active), Some(0));
    assert_eq!(told.figure("15T09:30", CITY, Figure::IdConflicts), Some(0));
    assert_eq!(told.figure("15T12:00", CITY, Figure::F0Active), Some(1));
    assert_eq!(told.figure("15T12:00", CITY, Figure::IdConflicts), Some(1));
    assert_eq!(told.figure("15T12:00", EAST, Figure::IdConflicts), None);
}

#[test]
fn conflicts_count_ids_of_cases_and_of_commands_and_equal_repeats_are_none() {
    let mut told = told();
    told.case("x", "an", Status::F1, "15T08:00");
    told.case("x", "an", Status::F1, "15T08:00");
    assert_eq!(told.figure("15T12:00", CITY, Figure::IdConflicts), Some(0));
    told.case("x", "an", Status::F2, "15T08:00");
    told.case("x", "an", Status::F0, "15T08:00");
    told.command("x", Deed::Note, "a", "15T08:00", |c| c.note = Some("1".into()));
    assert_eq!(told.figure("15T12:00", CITY, Figure::IdConflicts), Some(1));
    told.command("x", Deed::Note, "a", "15T08:00", |c| c.note = Some("2".into()));
    assert_eq!(told.figure("15T12:00", CITY, Figure::IdConflicts), Some(2));
}

#[test]
fn venues_without_a_record_and_off_the_map_are_counted_for_the_city() {
    let mut told = told();
    told.scan("an", "x", "15T08:00", "in");
    told.scan("an", "y", "15T09:00", "in");
    told.venue("z", "market", |v| place(v, "001", "00001", 30.0));
    told.scan("an", "z", "15T10:00", "in");
    assert_eq!(told.figure("15T12:00", CITY, Figure::VenuesUnknown), Some(2));
    assert_eq!(told.figure("15T12:00", CITY, Figure::VenuesOffMap), Some(1));
    // It keeps district and ward.
    assert_eq!(told.figure("15T12:00", EAST, Figure::ScansToday), Some(1));
}

#[test]
fn a_ward_of_another_district_is_taken_for_the_district_alone_and_one_without_district_is_ignored() {
    let mut told = told();
    told.venue("x", "market", |v| (v.district, v.ward) = (Some("001".into()), Some("00003".into())));
    told.venue("y", "market", |v| v.ward = Some("00003".into()));
    told.scan("an", "x", "15T08:00", "in");
    told.scan("an", "y", "15T09:00", "in");
    assert_eq!(told.figure("15T12:00", EAST, Figure::ScansToday), Some(1));
    assert_eq!(told.figure("15T12:00", WEST, Figure::ScansToday), Some(0));
    assert_eq!(told.figure("15T12:00", vonglau_core::view::Area::Ward(2), Figure::ScansToday), Some(0));
}

#[test]
fn a_venue_without_district_gets_district_and_ward_of_its_cell() {
    let mut told = told();
    told.venue("x", "market", |v| (v.lat, v.lon) = (Some(Degrees(21.0)), Some(Degrees(105.85))));
    told.venue("y", "market", |v| v.district = Some("001".into()));
    told.scan("an", "x", "15T08:00", "in");
    told.scan("an", "y", "15T09:00", "in");
    let in_ward_3 = |_: u64| Some(2);
    let picture = vonglau_oracle::picture(&told.params, &in_ward_3, &told.events, t("15T12:00"));
    let scans = |area| picture.figures(area)[Figure::ScansToday as usize];
    assert_eq!(scans(WEST), Some(1));
    assert_eq!(scans(vonglau_core::view::Area::Ward(2)), Some(1));
    assert_eq!(scans(EAST), Some(1));
}

#[test]
fn nothing_is_asked_of_the_order_in_which_events_are_given() {
    let mut told = told();
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:30", "09:30");
    told.case("c1", "an", Status::F0, "16T08:00");
    let before = told.met("17T00:00", "an");
    told.events.reverse();
    let again: Vec<Event> = told.events.clone();
    told.events.extend(again);
    assert_eq!(told.met("17T00:00", "an"), before);
}
