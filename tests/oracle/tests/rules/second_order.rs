use crate::fixture::{CITY, Told, t, told};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::Status;
use vonglau_core::figure::Figure;
use vonglau_core::rows::{Class, ContactRow};

/// `an`, reported on the 16th, met `binh` on the 15th: `binh` may be infectious from the 17th at 00:00.
fn with_contact() -> Told {
    let mut told = told();
    told.case("c1", "an", Status::F0, "16T08:00");
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    told
}

fn rows(told: &Told, now: &str) -> Vec<ContactRow> {
    match told.at(now).ask(&Question::SecondOrder("an".into())) {
        Answer::Contacts(rows) => rows,
        other => panic!("{other:?}"),
    }
}

fn people(told: &Told, now: &str) -> Vec<String> {
    rows(told, now).into_iter().map(|row| row.person.into_string()).collect()
}

#[test]
fn an_f1_passes_it_on_from_the_second_day_after_its_first_exposure() {
    let mut told = with_contact();
    told.scan("binh", "n", "16T23:40", "in");
    told.scan("binh", "n", "17T00:30", "out");
    told.scan("chi", "n", "16T23:40", "in");
    told.scan("chi", "n", "17T00:14:59", "out");
    told.scan("dung", "n", "16T23:40", "in");
    told.scan("dung", "n", "17T00:15", "out");
    let rows = rows(&told, "18T00:00");
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((&*row.person, row.first, row.last), ("dung", t("17T00:00"), t("17T00:15")));
    assert_eq!((row.seconds, row.score_sum, row.class), (900, 0, Class::F2));
    assert_eq!(row.via, ["binh".into()]);
    assert_eq!(told.figure("18T00:00", CITY, Figure::F2Open), Some(1));
}

#[test]
fn each_pair_of_visits_stands_alone_whatever_contact_sum_says() {
    let mut told = with_contact();
    for day in ["09:00", "11:00"] {
        let end = day.replace(":00", ":14");
        told.stay("binh", "n", "18", day, &end);
        told.stay("chi", "n", "18", day, &end);
    }
    assert_eq!(people(&told, "19T00:00"), [] as [&str; 0]);
}

#[test]
fn isolation_and_clearing_end_the_infectious_time() {
    let mut told = with_contact();
    told.stay("binh", "n", "18", "09:00", "10:00");
    told.stay("chi", "n", "18", "09:00", "10:00");
    assert_eq!(people(&told, "19T00:00"), ["chi"]);
    told.case_with("c2", "binh", Status::F1, "18T12:00", |c| c.isolated_at = Some(t("18T09:14")));
    assert_eq!(people(&told, "19T00:00"), [] as [&str; 0]);
    told.case_with("c3", "binh", Status::F1, "18T13:00", |c| c.isolated_at = Some(t("18T09:15")));
    assert_eq!(people(&told, "19T00:00"), ["chi"]);
    told.case("c4", "binh", Status::Cleared, "18T09:10");
    assert_eq!(people(&told, "19T00:00"), [] as [&str; 0]);
}

#[test]
fn a_clearing_before_the_first_exposure_day_does_not_end_it() {
    let mut told = with_contact();
    told.case("c2", "binh", Status::Cleared, "14T23:00");
    told.stay("binh", "n", "18", "09:00", "10:00");
    told.stay("chi", "n", "18", "09:00", "10:00");
    assert_eq!(people(&told, "19T00:00"), ["chi"]);
}

#[test]
fn neither_cases_nor_f1s_are_f2() {
    let mut told = with_contact();
    told.stay("binh", "n", "18", "09:00", "10:00");
    told.stay("chi", "n", "18", "09:00", "10:00");
    told.stay("dung", "n", "18", "09:00", "10:00");
    told.case("c2", "chi", Status::F0, "18T12:00");
    // `chi` as a case makes `binh` and `dung` its contacts: nobody is left.
    assert_eq!(people(&told, "19T00:00"), [] as [&str; 0]);
    assert_eq!(people(&told, "18T11:00"), ["chi", "dung"]);
    told.case("c3", "dung", Status::F1, "1T12:00");
    told.retract("c4", "c2", "18T13:00");
    // An F1 whose following ended long ago is no F2 either.
    assert_eq!(people(&told, "19T00:00"), ["chi"]);
}

#[test]
fn the_count_asks_for_an_f1_that_is_open_and_the_list_does_not() {
    let mut told = with_contact();
    told.stay("binh", "n", "18", "09:00", "10:00");
    told.stay("chi", "n", "18", "09:00", "10:00");
    told.case("c2", "binh", Status::Cleared, "18T12:00");
    assert_eq!(people(&told, "19T00:00"), ["chi"]);
    assert_eq!(told.figure("18T11:59", CITY, Figure::F2Open), Some(1));
    assert_eq!(told.figure("19T00:00", CITY, Figure::F2Open), Some(0));
}

#[test]
fn f2s_are_met_through_several_f1s_and_sorted_by_first() {
    let mut told = with_contact();
    told.stay("bo", "m", "15", "08:00", "09:00");
    told.stay("binh", "n", "18", "09:00", "10:00");
    told.stay("bo", "n", "18", "09:00", "10:00");
    told.stay("chi", "n", "18", "09:30", "10:00");
    told.stay("dung", "n", "18", "09:20", "09:40");
    let rows = rows(&told, "19T00:00");
    assert_eq!(rows.iter().map(|row| &*row.person).collect::<Vec<_>>(), ["dung", "chi"]);
    assert_eq!(rows[0].via, ["binh".into(), "bo".into()]);
    assert_eq!((rows[0].overlaps.len(), rows[0].seconds), (2, 2_400));
}
