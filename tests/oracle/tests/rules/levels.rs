use crate::fixture::{CITY, EAST, EAST_1, Told, d, told};
use vonglau_core::event::Status;
use vonglau_core::figure::Figure;

/// So many new cases among the 10,000 of district 001.
fn with_cases(n: usize) -> Told {
    let mut told = told();
    for id in (0..n).map(|n| format!("c{n}")) {
        told.case_with(&id, &id, Status::F0, "15T08:00", |c| c.district = Some("001".into()));
    }
    told
}

fn level(told: &Told) -> Option<i64> {
    told.figure("15T09:00", EAST, Figure::Level)
}

#[test]
fn bands_begin_at_their_bounds_and_null_criteria_count_as_met() {
    // 10, 20, 50, 140, 150 per 100,000.
    let levels = [1, 2, 5, 14, 15].map(|n| level(&with_cases(n)));
    assert_eq!(levels, [Some(1), Some(1), Some(2), Some(2), Some(3)]);
}

#[test]
fn fewer_than_70_per_cent_with_a_dose_take_the_other_row() {
    let mut told = with_cases(2);
    for n in 0..10 {
        told.resident(&format!("p{n}"), Some((1990, 1)), "001", "00001");
    }
    for n in 0..6 {
        told.dose(&format!("p{n}"), 1, "1");
    }
    assert_eq!(level(&told), Some(2));
    told.dose("p6", 1, "1");
    assert_eq!(level(&told), Some(1));
}

#[test]
fn too_few_old_people_vaccinated_or_no_capacity_is_one_level_up_and_never_past_4() {
    let mut told = with_cases(15);
    told.resident("old", Some((1940, 1)), "001", "00001");
    told.dose("old", 1, "1");
    assert_eq!(level(&told), Some(4));
    told.params.levels[0].capacity_met = Some(false);
    assert_eq!(level(&told), Some(4));
    told.dose("old", 2, "2");
    assert_eq!(level(&told), Some(4));
    told.params.levels[0].capacity_met = Some(true);
    assert_eq!(level(&told), Some(3));
}

#[test]
fn the_latest_table_from_today_or_before_is_in_force() {
    let mut told = with_cases(1);
    let name = |now| told.at(now).level_table().map(|table| table.name.to_string());
    assert_eq!(name("11T23:59:59"), None);
    assert_eq!(name("12T00:00").as_deref(), Some("first"));
    assert_eq!(name("11-1T00:00").as_deref(), Some("second"));
    told.params.levels[0].from = d("16");
    assert_eq!(level(&told), None);
}

#[test]
fn the_second_table_looks_at_those_of_50() {
    let mut told = with_cases(15);
    told.resident("fifty", Some((1970, 1)), "001", "00001");
    told.dose("fifty", 1, "1");
    assert_eq!(level(&told), Some(3));
    told.params.levels[1].from = d("15");
    assert_eq!(level(&told), Some(4));
}

#[test]
fn no_incidence_no_level_and_the_city_by_its_own_figures() {
    let told = with_cases(15);
    assert_eq!(told.figure("15T09:00", EAST_1, Figure::Level), None);
    // 15 of 15,000 are 100 per 100,000.
    assert_eq!(told.figure("15T09:00", CITY, Figure::Level), Some(2));
}
