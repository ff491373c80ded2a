use crate::fixture::{Told, place, t, told};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::cells::Cells;
use vonglau_core::event::Status;
use vonglau_core::rows::Layer;

const NONE: [f64; 0] = [];

/// `an` with onset on the 15th at 00:00 stayed at the market for an hour.
fn with_case(from: &str, to: &str) -> Told {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T23:00", |c| c.onset = Some(t("15T00:00")));
    told.stay("an", "m", "15", from, to);
    told
}

fn values(cells: &Cells) -> Vec<f64> {
    cells.iter().map(|(_, value)| value).collect()
}

fn risk(told: &Told, now: &str) -> Vec<f64> {
    values(&told.at(now).cells(Layer::Risk, 10))
}

#[test]
fn risk_counts_under_the_hour_of_its_end_rounded_up_and_halves_in_72_hours() {
    // 3,600 s × 1,000 ‰ × 1,000 ‰ ÷ 60·10⁶ = 60.
    let told = with_case("08:30", "09:30");
    assert_eq!(risk(&told, "15T23:00"), [52.942]);
    // 10:00 on the 18th is 72 hours after the hour 10:00.
    assert_eq!(risk(&told, "18T10:00"), [30.0]);
    assert_eq!(risk(&told, "18T10:59:59"), [30.0]);
    let told = with_case("09:00", "10:00");
    assert_eq!(risk(&told, "18T10:00"), [30.0]);
    assert_eq!(risk(&told, "21T10:00"), [15.0]);
}

#[test]
fn a_visit_counts_once_its_cut_has_ended() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| c.onset = Some(t("15T00:00")));
    told.scan("an", "m", "15T08:30", "in");
    assert_eq!(risk(&told, "15T09:29:59"), NONE);
    // Age is at least 0, though its hour, 10:00, lies ahead.
    assert_eq!(risk(&told, "15T09:30"), [60.0]);
    told.case_with("c2", "an", Status::F0, "15T08:40", |c| c.isolated_at = Some(t("15T08:45")));
    assert_eq!(risk(&told, "15T08:44:59"), NONE);
    assert_eq!(risk(&told, "15T08:45"), [15.0]);
}

#[test]
fn coarser_cells_add_up_before_they_are_rounded() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T00:00", |c| c.onset = Some(t("15T00:00")));
    // 4 × 45 s of day 0 at half weight: 0.375 each.
    for n in 0..4 {
        let venue = format!("o{n}");
        told.venue(&venue, "other", |v| place(v, "001", "00001", 21.0115 + f64::from(n) * 0.0014));
        told.stay("an", &venue, "15", &format!("09:0{n}:00"), &format!("09:0{n}:45"));
    }
    let fine = risk(&told, "15T12:00");
    assert_eq!(fine.len(), 4);
    // 0.375 × 2^(−2/72) = 0.36785… each, four of them 1.4714….
    assert!(fine.iter().all(|value| *value == 0.368), "{fine:?}");
    let city = values(&told.at("15T12:00").cells(Layer::Risk, 7));
    assert_eq!(city, [1.471]);
}

#[test]
fn what_rounds_to_nothing_is_left_out() {
    let mut told = told();
    told.params.venue_kinds[3].weight_permille = 1;
    told.case_with("c1", "an", Status::F0, "15T00:00", |c| c.onset = Some(t("15T00:00")));
    told.stay("an", "o", "15", "08:00:00", "08:00:29");
    assert_eq!(risk(&told, "15T09:00"), NONE);
    told.stay("an", "o", "15", "08:30:00", "08:30:01");
    assert_eq!(risk(&told, "15T09:00"), [0.001]);
}

#[test]
fn presence_begins_with_the_first_second() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("binh", "m", "15T08:00", "in");
    told.scan("chi", "x", "15T08:00", "in");
    assert_eq!(values(&told.at("15T08:00").cells(Layer::Presence, 8)), [2.0]);
    assert_eq!(values(&told.at("15T09:00").cells(Layer::Presence, 8)), NONE);
}

#[test]
fn cases_are_distinct_people_with_an_episode_that_goes_on() {
    let mut told = with_case("08:00", "09:00");
    told.stay("an", "m", "14", "08:00", "09:00");
    assert_eq!(values(&told.at("16T00:00").cells(Layer::Cases, 10)), [1.0]);
    told.case("c2", "an", Status::Recovered, "16T12:00");
    assert_eq!(values(&told.at("16T11:59").cells(Layer::Cases, 10)), [1.0]);
    assert_eq!(values(&told.at("16T12:00").cells(Layer::Cases, 10)), NONE);
}

#[test]
fn behind_a_cell_stand_its_values_venues_and_cases() {
    let mut told = with_case("08:30", "09:30");
    told.scan("binh", "m", "18T10:00", "in");
    let now = "18T10:00";
    for res in [7, 10] {
        let cell = told.at(now).cells(Layer::Cases, res).iter().next().unwrap().0;
        let Answer::Cell(row) = told.at(now).ask(&Question::Cell(cell)) else { panic!("no cell") };
        assert_eq!(row.values, [30.0, 1.0, 1.0]);
        assert_eq!(row.cases, ["an".into()]);
        assert!(row.venues.iter().any(|venue| &*venue.venue == "m" && venue.present_now == 1));
        assert_eq!((row.district, row.ward), (None, None));
    }
    assert_eq!(told.at(now).ask(&Question::Cell(12)), Answer::NotFound);
}
