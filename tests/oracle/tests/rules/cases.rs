use crate::fixture::{CITY, EAST, EAST_1, Told, WEST, t, told};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::{Found, Status};
use vonglau_core::figure::Figure;
use vonglau_core::rows::CaseRow;

fn rows(told: &Told, now: &str) -> Vec<CaseRow> {
    match told.at(now).ask(&Question::Cases) {
        Answer::Cases(rows) => rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_field_comes_from_the_latest_f0_that_has_it_and_the_report_from_the_first() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| {
        (c.onset, c.found) = (Some(t("14T00:00")), Some(Found::Quarantine));
        (c.district, c.ward) = (Some("001".into()), Some("00001".into()));
    });
    told.case_with("c2", "an", Status::F0, "16T08:00", |c| {
        (c.onset, c.isolated_at) = (Some(t("13T00:00")), Some(t("16T12:00")));
        c.district = Some("002".into());
    });
    told.case_with("c3", "an", Status::F0, "17T08:00", |c| c.ward = Some("00003".into()));
    let row = &rows(&told, "20T00:00")[0];
    assert_eq!((row.reported, row.onset, row.sampled), (t("15T08:00"), Some(t("13T00:00")), None));
    assert_eq!((row.isolated_at, row.found), (Some(t("16T12:00")), Some(Found::Quarantine)));
    // District and ward go together: c2 has a district and no ward.
    assert_eq!((row.district.as_deref(), row.ward.as_deref()), (Some("002"), None));
    assert_eq!((row.from, row.to), (t("10T00:00"), t("16T12:00")));
}

#[test]
fn day_zero_is_the_earlier_of_onset_and_sampling_else_the_report() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| {
        (c.onset, c.sampled) = (Some(t("14T00:00")), Some(t("13T00:00")));
    });
    told.case("c2", "binh", Status::F0, "15T08:00");
    let rows = rows(&told, "20T00:00");
    assert_eq!((rows[0].from, rows[0].to), (t("10T00:00"), t("23T00:00")));
    assert_eq!((rows[1].from, rows[1].to), (t("12T08:00"), t("25T08:00")));
}

#[test]
fn an_episode_ends_with_the_first_ending_after_it_and_a_later_f0_begins_the_next() {
    let mut told = told();
    told.case("c0", "an", Status::Cleared, "1T08:00");
    told.case("c1", "an", Status::F0, "2T08:00");
    told.case("c2", "an", Status::Recovered, "10T08:00");
    told.case("c3", "an", Status::Deceased, "11T08:00");
    told.case("c4", "an", Status::F0, "12T08:00");
    let rows = rows(&told, "20T00:00");
    assert_eq!(rows.iter().map(|row| row.episode).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((rows[1].ended, rows[1].outcome), (Some(t("10T08:00")), Some(Status::Recovered)));
    assert_eq!((rows[1].from, rows[1].to), (t("9-29T08:00"), t("10T08:00")));
    // Not before the `to` of the episode before.
    assert_eq!((rows[0].from, rows[0].to), (t("10T08:00"), t("22T08:00")));
    assert_eq!(told.figure("20T00:00", CITY, Figure::F0Active), Some(1));
    assert_eq!(told.figure("20T00:00", CITY, Figure::F0Recovered), Some(1));
}

#[test]
fn events_of_one_second_are_taken_by_id() {
    let mut told = told();
    told.case("b", "an", Status::F0, "15T08:00");
    told.case("a", "an", Status::Recovered, "15T08:00");
    told.case("a2", "binh", Status::F0, "15T08:00");
    told.case("b2", "binh", Status::Recovered, "15T08:00");
    assert_eq!(told.figure("20T00:00", CITY, Figure::F0Active), Some(1));
    assert_eq!(told.figure("20T00:00", CITY, Figure::F0Recovered), Some(1));
}

#[test]
fn isolation_closes_the_window_even_after_the_end() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| c.isolated_at = Some(t("18T00:00")));
    told.case("c2", "an", Status::Recovered, "17T00:00");
    assert_eq!(rows(&told, "20T00:00")[0].to, t("18T00:00"));
}

#[test]
fn what_is_named_stays_out_even_if_the_naming_event_is_itself_named() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.case_with("c2", "an", Status::F0, "15T09:00", |c| c.supersedes = Some("c1".into()));
    assert_eq!(rows(&told, "15T09:00")[0].reported, t("15T09:00"));
    told.retract("c3", "c2", "15T10:00");
    assert_eq!(rows(&told, "15T10:00"), []);
    told.retract("c4", "c3", "15T11:00");
    assert_eq!(rows(&told, "15T11:00"), []);
    told.case("c5", "an", Status::F0, "15T12:00");
    assert_eq!(rows(&told, "15T12:00").len(), 1);
}

#[test]
fn an_event_with_retracts_only_takes_out() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "15T08:00");
    told.case_with("c2", "binh", Status::F0, "15T09:00", |c| c.retracts = Some("c1".into()));
    assert_eq!(rows(&told, "16T00:00"), []);
}

#[test]
fn a_residence_is_that_of_the_latest_episode_else_of_an_event_else_of_the_record() {
    let mut told = told();
    told.resident("an", None, "002", "00003");
    told.case("c1", "an", Status::F0, "15T08:00");
    assert_eq!(told.figure("15T09:00", WEST, Figure::F0Active), Some(1));
    told.case_with("c2", "an", Status::F1, "15T10:00", |c| {
        (c.district, c.ward) = (Some("001".into()), Some("00001".into()));
    });
    assert_eq!(told.figure("15T11:00", WEST, Figure::F0Active), Some(0));
    assert_eq!(told.figure("15T11:00", EAST_1, Figure::F0Active), Some(1));
    told.case_with("c3", "an", Status::F0, "15T12:00", |c| c.district = Some("002".into()));
    told.case_with("c4", "an", Status::F2, "15T13:00", |c| c.district = Some("001".into()));
    assert_eq!(told.figure("15T14:00", WEST, Figure::F0Active), Some(1));
    assert_eq!(told.figure("15T14:00", EAST, Figure::F0Active), Some(0));
}

#[test]
fn without_a_residence_a_case_counts_for_the_city_alone() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "15T08:00");
    assert_eq!(told.figure("15T09:00", CITY, Figure::F0New24h), Some(1));
    assert_eq!(told.figure("15T09:00", EAST, Figure::F0New24h), Some(0));
}
