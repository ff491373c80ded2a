use crate::fixture::{CITY, open_visit, told, visit};
use vonglau_core::figure::Figure;

#[test]
fn an_out_closes_the_visit_there() {
    let mut told = told();
    told.stay("an", "m", "15", "08:00", "09:30");
    assert_eq!(told.visits("16T00:00", "an"), [visit("m", "15T08:00", "15T09:30")]);
}

#[test]
fn an_out_at_exactly_dwell_max_still_closes_there_and_a_second_later_does_not() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T12:00", "out");
    told.scan("binh", "m", "15T08:00", "in");
    told.scan("binh", "m", "15T12:00:01", "out");
    assert_eq!(told.visits("16T00:00", "an"), [visit("m", "15T08:00", "15T12:00")]);
    assert_eq!(told.visits("16T00:00", "binh"), [visit("m", "15T08:00", "15T09:00")]);
}

#[test]
fn a_repeated_in_moves_last_up_to_the_typical_dwell_and_later_opens_a_new_visit() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T09:00", "-");
    told.scan("an", "m", "15T10:00:01", "in");
    let expected = [visit("m", "15T08:00", "15T10:00"), visit("m", "15T10:00:01", "15T11:00:01")];
    assert_eq!(told.visits("16T00:00", "an"), expected);
}

#[test]
fn an_in_later_than_dwell_max_after_the_start_opens_a_new_visit_where_the_old_one_ends() {
    let mut told = told();
    for at in ["08:00", "08:50", "09:40", "10:30", "11:20", "12:00", "12:20"] {
        told.scan("an", "m", &format!("15T{at}"), "in");
    }
    let expected = [visit("m", "15T08:00", "15T12:20"), visit("m", "15T12:20", "15T13:20")];
    assert_eq!(told.visits("16T00:00", "an"), expected);
}

#[test]
fn a_checkpoint_or_patrol_scan_at_the_venue_changes_nothing_whatever_its_direction() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T08:30", "out checkpoint");
    told.scan("an", "m", "15T08:40", "in patrol");
    assert_eq!(told.visits("16T00:00", "an"), [visit("m", "15T08:00", "15T09:00")]);
}

#[test]
fn a_checkpoint_elsewhere_closes_the_visit_and_opens_none() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "n", "15T08:20", "in checkpoint");
    assert_eq!(told.visits("16T00:00", "an"), [visit("m", "15T08:00", "15T08:20")]);
}

#[test]
fn a_scan_elsewhere_closes_at_the_earlier_of_its_time_and_the_expected_end() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "o", "15T10:00", "in");
    told.scan("an", "n", "15T10:10", "out");
    let expected = [visit("m", "15T08:00", "15T09:00"), visit("o", "15T10:00", "15T10:10")];
    assert_eq!(told.visits("16T00:00", "an"), expected);
}

#[test]
fn a_kind_without_dwell_opens_none_but_its_scan_counts() {
    let mut told = told();
    told.scan("an", "g", "15T08:00", "in");
    assert_eq!(told.visits("15T08:00", "an"), []);
    assert_eq!(told.figure("15T08:00", CITY, Figure::PresentNow), Some(0));
    assert_eq!(told.figure("15T08:00", CITY, Figure::ScansToday), Some(1));
}

#[test]
fn an_out_and_an_in_of_one_second_leave_and_come_again() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "m", "15T08:30", "in");
    told.scan("an", "m", "15T08:30", "out");
    let expected = [visit("m", "15T08:00", "15T08:30"), visit("m", "15T08:30", "15T09:30")];
    assert_eq!(told.visits("16T00:00", "an"), expected);
}

#[test]
fn an_undirected_and_an_in_scan_of_one_second_go_by_direction_before_venue() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    told.scan("an", "n", "15T08:00", "-");
    // n first (undirected), closed empty by m at once.
    assert_eq!(told.visits("16T00:00", "an"), [visit("m", "15T08:00", "15T09:00")]);
}

#[test]
fn the_last_visit_lasts_until_now_and_ends_at_its_expected_end() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    assert_eq!(told.visits("15T08:59:59", "an"), [open_visit("m", "15T08:00", "15T08:59:59")]);
    assert_eq!(told.figure("15T08:59:59", CITY, Figure::PresentNow), Some(1));
    assert_eq!(told.visits("15T09:00", "an"), [visit("m", "15T08:00", "15T09:00")]);
    assert_eq!(told.figure("15T09:00", CITY, Figure::PresentNow), Some(0));
}

#[test]
fn in_its_first_second_an_open_visit_is_present_but_does_not_exist() {
    let mut told = told();
    told.scan("an", "m", "15T08:00", "in");
    assert_eq!(told.visits("15T08:00", "an"), []);
    assert_eq!(told.figure("15T08:00", CITY, Figure::PresentNow), Some(1));
}

#[test]
fn dwell_times_are_those_of_the_kind_known_now() {
    let mut told = told();
    told.scan("an", "x", "15T08:00", "in");
    assert_eq!(told.visits("16T00:00", "an"), [visit("x", "15T08:00", "15T08:30")]);
    told.venue("x", "market", |v| v.at = crate::fixture::t("16T01:00"));
    assert_eq!(told.visits("16T00:59", "an"), [visit("x", "15T08:00", "15T08:30")]);
    assert_eq!(told.visits("16T01:00", "an"), [visit("x", "15T08:00", "15T09:00")]);
    told.venue("x", "zoo", |v| v.at = crate::fixture::t("16T02:00"));
    assert_eq!(told.visits("16T02:00", "an"), [visit("x", "15T08:00", "15T08:30")]);
}

#[test]
fn visits_are_formed_as_if_scans_beyond_the_edge_had_never_come() {
    let mut told = told();
    told.scan("an", "m", "1T03:59:59", "in");
    told.scan("an", "m", "1T04:30", "out");
    told.scan("binh", "m", "1T04:00", "in");
    // 21 days before the 22nd is the 1st; before 04:00 the edge is still that of the day before.
    assert_eq!(told.visits("22T03:59:59", "an"), [visit("m", "1T03:59:59", "1T04:30")]);
    assert_eq!(told.visits("22T04:00", "an"), []);
    assert_eq!(told.visits("22T04:00", "binh"), [visit("m", "1T04:00", "1T05:00")]);
}
