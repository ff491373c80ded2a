use crate::fixture::{CITY, EAST, Told, d, t, told};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::Status;
use vonglau_core::figure::Figure;
use vonglau_core::rows::FollowRow;

fn rows(told: &Told, now: &str) -> Vec<FollowRow> {
    match told.at(now).ask(&Question::Followed) {
        Answer::Followed(rows) => rows,
        other => panic!("{other:?}"),
    }
}

/// `an`, reported on the 16th at 08:00, met `binh` on the 15th.
fn with_contact() -> Told {
    let mut told = told();
    told.case("c1", "an", Status::F0, "16T08:00");
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    told
}

fn open(told: &Told, now: &str) -> Option<i64> {
    told.figure(now, CITY, Figure::F1Open)
}

#[test]
fn a_contact_is_followed_through_the_fourteenth_day_after_its_last_exposure() {
    let told = with_contact();
    assert_eq!(open(&told, "29T23:59:59"), Some(1));
    assert_eq!(open(&told, "30T00:00"), Some(0));
}

#[test]
fn somebody_said_to_be_f1_is_one_without_any_meeting() {
    let mut told = told();
    told.case_with("c1", "binh", Status::F1, "15T08:00", |c| c.district = Some("001".into()));
    assert_eq!(told.figure("29T23:59:59", EAST, Figure::F1Open), Some(1));
    assert_eq!(open(&told, "30T00:00"), Some(0));
    let row = &rows(&told, "16T00:00")[0];
    assert_eq!((row.last_exposure, row.due, row.told), (d("15"), None, Some(t("15T08:00"))));
    assert_eq!((row.cases.len(), row.overdue, row.district.as_deref()), (0, false, Some("001")));
}

#[test]
fn nobody_with_a_standing_episode_is_an_f1() {
    let mut told = with_contact();
    told.case("c2", "binh", Status::F1, "16T09:00");
    told.case("c3", "binh", Status::F0, "17T09:00");
    told.case("c4", "binh", Status::Recovered, "18T09:00");
    assert_eq!(open(&told, "16T10:00"), Some(1));
    assert_eq!(open(&told, "19T00:00"), Some(0));
}

#[test]
fn a_clearing_counts_from_the_last_exposure_day_on() {
    let mut told = with_contact();
    told.case("c2", "binh", Status::Cleared, "14T23:59");
    assert_eq!(open(&told, "16T08:00"), Some(1));
    // On the day itself, even before the meeting.
    told.case("c3", "binh", Status::Cleared, "15T07:00");
    assert_eq!(open(&told, "16T08:00"), Some(0));
}

#[test]
fn a_clearing_before_the_last_f1_event_does_not_count_and_one_of_the_same_second_does() {
    let mut told = with_contact();
    told.case("c2", "binh", Status::Cleared, "15T10:00");
    told.case("c3", "binh", Status::F1, "15T10:00:01");
    assert_eq!(open(&told, "16T08:00"), Some(1));
    told.case("a9", "binh", Status::Cleared, "15T10:00:01");
    assert_eq!(open(&told, "16T08:00"), Some(0));
}

#[test]
fn a_later_exposure_opens_it_again() {
    let mut told = with_contact();
    told.case("c2", "binh", Status::Cleared, "16T10:00");
    assert_eq!(open(&told, "17T00:00"), Some(0));
    told.stay("an", "m", "17", "08:00", "09:00");
    told.stay("binh", "m", "17", "08:00", "09:00");
    assert_eq!(open(&told, "17T12:00"), Some(1));
    assert_eq!(open(&told, "31T23:59:59"), Some(1));
}

#[test]
fn an_open_contact_nobody_told_is_overdue_24_hours_after_the_earliest_report() {
    let mut told = with_contact();
    let overdue = |told: &Told, now: &str| told.figure(now, CITY, Figure::F1Overdue24h);
    assert_eq!(overdue(&told, "17T07:59:59"), Some(0));
    assert_eq!(overdue(&told, "17T08:00"), Some(1));
    let row = &rows(&told, "17T08:00")[0];
    assert_eq!((row.due, row.overdue), (Some(t("17T08:00")), true));
    assert_eq!(row.cases, ["an".into()]);
    told.case("c2", "binh", Status::F1, "17T09:00");
    assert_eq!(overdue(&told, "17T09:00"), Some(0));
    assert_eq!(overdue(&told, "17T08:59"), Some(1));
}

#[test]
fn the_report_that_counts_is_that_of_the_episode_whose_window_holds_the_overlap() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "1T08:00");
    told.case("c2", "an", Status::Recovered, "5T08:00");
    told.case("c3", "an", Status::F0, "16T08:00");
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    assert_eq!(rows(&told, "16T09:00")[0].due, Some(t("17T08:00")));
}

#[test]
fn those_to_reach_come_by_last_exposure_descending_then_person() {
    let mut told = with_contact();
    told.stay("chi", "m", "15", "08:00", "09:00");
    told.case("c5", "dung", Status::F1, "16T00:00");
    let people: Vec<_> = rows(&told, "16T09:00").into_iter().map(|row| row.person.into_string()).collect();
    assert_eq!(people, ["dung", "binh", "chi"]);
}
