use crate::fixture::{CITY, EAST, EAST_1, Told, WEST, t, told};
use vonglau_core::event::{Found, Status};
use vonglau_core::figure::Figure;
use vonglau_core::view::Area;

#[test]
fn today_is_the_local_date_and_people_are_distinct() {
    let mut told = told();
    told.scan("an", "m", "14T23:59:59", "in");
    told.scan("an", "m", "15T00:00", "out");
    told.scan("an", "n", "15T07:00", "in checkpoint");
    told.scan("binh", "x", "15T08:00", "in");
    let at = |area, figure| told.figure("15T23:59", area, figure);
    assert_eq!(at(CITY, Figure::ScansToday), Some(3));
    assert_eq!(at(CITY, Figure::PeopleToday), Some(2));
    assert_eq!((at(EAST, Figure::ScansToday), at(WEST, Figure::ScansToday)), (Some(1), Some(1)));
    assert_eq!(at(EAST_1, Figure::PeopleToday), Some(1));
}

#[test]
fn a_venue_is_active_for_24_hours_after_a_scan_and_silent_else_if_its_kind_expects_some() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "x", "15T08:01", "in");
    let at = |now, area| {
        (told.figure(now, area, Figure::VenuesActive), told.figure(now, area, Figure::VenuesSilent))
    };
    assert_eq!(at("15T08:01", CITY), (Some(2), Some(1)));
    assert_eq!(at("16T07:59:59", EAST), (Some(1), Some(0)));
    assert_eq!(at("16T08:00", EAST), (Some(0), Some(1)));
    assert_eq!(at("16T08:00", WEST), (Some(0), Some(1)));
}

#[test]
fn new_cases_are_of_half_open_days_back_from_now() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "15T08:00");
    let at = |now, figure| told.figure(now, CITY, figure);
    assert_eq!(at("16T07:59:59", Figure::F0New24h), Some(1));
    assert_eq!(at("16T08:00", Figure::F0New24h), Some(0));
    assert_eq!(at("22T07:59:59", Figure::F0New7d), Some(1));
    assert_eq!(at("22T08:00", Figure::F0New7d), Some(0));
}

#[test]
fn incidence_counts_community_cases_and_those_of_whom_it_is_not_said() {
    let mut told = told();
    for (id, found) in [
        ("c1", None),
        ("c2", Some(Found::Community)),
        ("c3", Some(Found::Quarantine)),
        ("c4", Some(Found::Import)),
    ] {
        told.case_with(id, id, Status::F0, "15T08:00", |c| {
            (c.found, c.district) = (found, Some("002".into()));
        });
    }
    let at = |area| told.figure("15T09:00", area, Figure::Incidence7d100k);
    // 2 of 5,000; of the city's 15,000: 13.333….
    assert_eq!((at(WEST), at(CITY), at(EAST), at(Area::Ward(2))), (Some(4_000), Some(1_333), Some(0), None));
    told.params.districts[1].population = 0;
    assert_eq!(told.figure("15T09:00", WEST, Figure::Incidence7d100k), None);
    assert_eq!(told.figure("15T09:00", CITY, Figure::Incidence7d100k), Some(2_000));
}

#[test]
fn doses_count_for_residents_of_an_age_in_the_place_of_their_record() {
    let mut told = told();
    told.resident("just18", Some((2003, 10)), "001", "00001");
    told.resident("almost18", Some((2003, 11)), "001", "00001");
    told.resident("old", Some((1956, 1)), "001", "00002");
    told.resident("fifty", Some((1971, 10)), "002", "00003");
    told.resident("ageless", None, "001", "00001");
    told.dose("almost18", 1, "1");
    told.dose("ageless", 1, "1");
    told.dose("stranger", 1, "1");
    told.dose("old", 2, "15");
    told.dose("fifty", 1, "16");
    let at = |now, area, figure| told.figure(now, area, figure);
    // 18+: just18, old, fifty.
    assert_eq!(at("14T12:00", CITY, Figure::Vaccine1Pct), Some(0));
    assert_eq!(at("15T12:00", CITY, Figure::Vaccine1Pct), Some(333));
    assert_eq!(at("16T12:00", CITY, Figure::Vaccine1Pct), Some(667));
    assert_eq!(at("15T12:00", EAST, Figure::Vaccine1Pct), Some(500));
    assert_eq!(at("15T12:00", CITY, Figure::VaccineFullPct), Some(1_000));
    assert_eq!(at("15T12:00", CITY, Figure::VaccineFull50Pct), Some(500));
    assert_eq!(at("15T12:00", WEST, Figure::VaccineFullPct), None);
    // From 1 November the fourth is 18, by the local date.
    assert_eq!(at("31T23:59:59", CITY, Figure::Vaccine1Pct), Some(667));
    assert_eq!(at("11-1T00:00", CITY, Figure::Vaccine1Pct), Some(750));
}

#[test]
fn scans_per_minute_are_those_of_the_last_full_minute() {
    let mut told = told();
    told.scan("an", "m", "15T08:00:00", "in");
    told.scan("an", "m", "15T08:00:59", "in");
    told.scan("an", "m", "15T08:01:00", "in");
    let at = |now| told.figure(now, CITY, Figure::ScansPerMin);
    assert_eq!(
        (at("15T08:00:59"), at("15T08:01"), at("15T08:01:59"), at("15T08:02")),
        (Some(0), Some(2), Some(2), Some(1))
    );
}

/// `an` (reported on the 16th at 08:00) met `binh` and `chi`.
fn with_contacts() -> Told {
    let mut told = told();
    told.case("c1", "an", Status::F0, "16T08:00");
    for person in ["an", "binh", "chi"] {
        told.stay(person, "m", "15", "08:00", "09:00");
    }
    told
}

#[test]
fn all_f1_of_a_case_told_within_24_hours_count_as_found() {
    let mut told = with_contacts();
    let at = |told: &Told, now| told.figure(now, CITY, Figure::ContactsFound24hPct);
    told.case("c2", "binh", Status::F1, "10T08:00");
    told.case("c3", "chi", Status::F1, "17T08:00");
    assert_eq!(at(&told, "17T07:59:59"), None);
    assert_eq!(at(&told, "17T08:00"), Some(1_000));
    assert_eq!(at(&told, "24T07:59:59"), Some(1_000));
    assert_eq!(at(&told, "24T08:00"), None);
    told.retract("c4", "c3", "17T08:00");
    told.case("c5", "chi", Status::F1, "17T08:00:01");
    assert_eq!(at(&told, "18T00:00"), Some(0));
    // A contact that is a case is no F1 that had to be found.
    told.case("c6", "chi", Status::F0, "18T00:00");
    assert_eq!(at(&told, "18T00:00"), Some(1_000));
}

#[test]
fn a_case_was_known_by_an_f1_event_before_its_report_or_by_an_earlier_case_s_overlap() {
    let mut told = with_contacts();
    let at = |told: &Told, now| told.figure(now, CITY, Figure::KnownContactsPct);
    assert_eq!(at(&told, "16T08:00"), Some(0));
    told.case("c2", "binh", Status::F0, "16T08:00");
    // Reported in the same second: neither was earlier.
    assert_eq!(at(&told, "16T09:00"), Some(0));
    told.case("c3", "chi", Status::F0, "16T08:00:01");
    assert_eq!(at(&told, "16T09:00"), Some(333));
    told.case("c4", "an", Status::F1, "16T08:00");
    assert_eq!(at(&told, "16T09:00"), Some(333));
    told.case("c5", "an", Status::F1, "16T07:59:59");
    assert_eq!(at(&told, "16T09:00"), Some(667));
    assert_eq!(at(&told, "24T00:00"), None);
}

#[test]
fn the_report_delay_is_a_median_of_those_not_sampled_after_their_report() {
    let mut told = told();
    let mut case = |id: &str, sampled: &str| {
        told.case_with(id, id, Status::F0, "15T12:00", |c| c.sampled = Some(t(sampled)));
    };
    case("c1", "15T11:00");
    case("c2", "15T09:57");
    case("c3", "15T12:01");
    assert_eq!(told.figure("15T13:00", CITY, Figure::ReportDelayH), Some(15));
    told.case_with("c4", "c4", Status::F0, "15T12:00", |c| c.sampled = Some(t("14T00:00")));
    // 1 h, 2.05 h, 36 h.
    assert_eq!(told.figure("15T13:00", CITY, Figure::ReportDelayH), Some(21));
    assert_eq!(told.figure("15T13:00", EAST, Figure::ReportDelayH), None);
}
