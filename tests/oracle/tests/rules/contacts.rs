use crate::fixture::{Told, t, told};
use vonglau_core::event::Status;
use vonglau_core::params::ContactSum;
use vonglau_core::rows::Class;

fn met(person: &str, seconds: i64, indirect: i64) -> (String, i64, i64) {
    (person.to_owned(), seconds, indirect)
}

/// `an` is a case with onset on the 15th at 00:00: window from the 12th to the 25th.
fn with_case() -> Told {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "16T08:00", |c| c.onset = Some(t("15T00:00")));
    told
}

#[test]
fn fifteen_minutes_make_a_contact_and_a_second_less_does_not() {
    let mut told = with_case();
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:45", "09:30");
    told.stay("chi", "m", "15", "08:45:01", "09:30");
    told.stay("dung", "n", "15", "08:00", "09:00");
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 900, 0)]);
}

#[test]
fn meetings_of_one_local_date_are_added_over_all_venues() {
    let mut told = with_case();
    told.stay("an", "m", "15", "08:00", "08:10");
    told.stay("an", "n", "15", "20:00", "20:05");
    told.stay("binh", "m", "15", "08:00", "08:10");
    told.stay("binh", "n", "15", "20:00", "20:05");
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 900, 0)]);
    told.params.contacts.contact_sum = ContactSum::Visit;
    assert_eq!(told.met("17T00:00", "an"), []);
}

#[test]
fn a_meeting_over_midnight_counts_for_the_date_of_its_first_second() {
    let mut told = with_case();
    for person in ["an", "binh"] {
        told.scan(person, "m", "15T23:50", "in");
        told.scan(person, "m", "16T00:04", "out");
        told.stay(person, "n", "16", "10:00", "10:14");
    }
    // 14 minutes of the 15th, 14 of the 16th.
    assert_eq!(told.met("17T00:00", "an"), []);
    for person in ["an", "binh"] {
        told.stay(person, "n", "15", "10:00", "10:01");
    }
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 900, 0)]);
}

#[test]
fn the_case_s_visit_is_cut_to_its_window() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "16T08:00", |c| c.isolated_at = Some(t("15T08:20")));
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:05", "09:00");
    told.stay("chi", "m", "15", "08:05:01", "09:00");
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 900, 0)]);
}

#[test]
fn those_who_come_after_the_case_has_left_meet_it_indirectly() {
    let mut told = with_case();
    told.params.contacts.linger_min = 30;
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:50", "10:00");
    told.stay("chi", "m", "15", "09:10", "10:00");
    told.stay("dung", "m", "15", "09:16", "10:00");
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 600, 1_800), met("chi", 0, 1_200)]);
    let binh = &told.contacts("17T00:00", "an")[0];
    let spans: Vec<_> = binh.overlaps.iter().map(|o| (o.from, o.to, o.indirect)).collect();
    let expected = [(t("15T08:50"), t("15T09:00"), false), (t("15T09:00"), t("15T09:30"), true)];
    assert_eq!((spans, binh.first, binh.last), (expected.to_vec(), t("15T08:50"), t("15T09:30")));
}

#[test]
fn the_stretch_ends_where_the_case_comes_again_even_outside_its_window() {
    let mut told = told();
    told.params.contacts.linger_min = 30;
    told.case_with("c1", "an", Status::F0, "16T08:00", |c| c.isolated_at = Some(t("15T09:05")));
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("an", "m", "15", "09:10", "09:40");
    told.stay("binh", "m", "15", "08:58", "10:00");
    told.stay("chi", "m", "15", "08:54", "10:00");
    // Ten minutes of stretch; what is after 09:10 is outside the window.
    assert_eq!(told.met("17T00:00", "an"), [met("chi", 360, 600)]);
}

#[test]
fn whoever_has_an_episode_is_a_link_of_a_chain_and_nobody_meets_itself() {
    let mut told = with_case();
    told.case("c2", "binh", Status::F0, "20T08:00");
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    told.stay("chi", "m", "15", "08:00", "09:00");
    let classes: Vec<_> =
        told.contacts("21T00:00", "an").into_iter().map(|row| (row.person, row.class)).collect();
    assert_eq!(classes, [("binh".into(), Class::F0), ("chi".into(), Class::F1)]);
    assert_eq!(told.contacts("19T00:00", "an")[0].class, Class::F1);
}

#[test]
fn the_day_of_the_score_is_the_floor_of_whole_days_from_onset() {
    let mut told = with_case();
    told.params.contacts.contact_sum = ContactSum::Visit;
    for person in ["an", "binh"] {
        told.scan(person, "m", "14T23:59:59", "in");
        told.scan(person, "m", "15T00:19:59", "out");
    }
    // 1,200 s × 700 ‰ (day −1) × 1,000 ‰.
    assert_eq!(told.contacts("17T00:00", "an")[0].score_sum, 840_000_000);
    for person in ["an", "binh"] {
        told.stay(person, "o", "15", "12:00", "12:30");
    }
    // and 1,800 s × 1,000 ‰ (day 0) × 500 ‰.
    assert_eq!(told.contacts("17T00:00", "an")[0].score_sum, 840_000_000 + 900_000_000);
}

#[test]
fn outside_the_table_the_score_is_0_and_the_contact_still_one() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "28T08:00", |c| {
        (c.onset, c.sampled) = (Some(t("20T00:00")), Some(t("9T00:00")));
    });
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    // Window by sampling (6th to 19th), score by onset (day −5).
    let rows = told.contacts("29T00:00", "an");
    assert_eq!((rows[0].score_sum, rows[0].seconds), (0, 3_600));
}

#[test]
fn an_indirect_part_is_scored_by_the_day_of_its_meeting_s_start() {
    let mut told = with_case();
    told.params.contacts.linger_min = 30;
    told.scan("an", "m", "15T23:30", "in");
    told.scan("an", "m", "16T00:10", "out");
    told.scan("binh", "m", "15T23:50", "in");
    told.scan("binh", "m", "16T00:40", "out");
    // 1,200 + 1,800 s, both of day 0.
    assert_eq!(told.contacts("17T00:00", "an")[0].score_sum, 3_000_000_000);
}

#[test]
fn meetings_of_all_episodes_reach_the_bound_together() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "14T08:00", |c| c.isolated_at = Some(t("15T08:10")));
    told.case("c2", "an", Status::Recovered, "15T08:20");
    told.case_with("c3", "an", Status::F0, "16T08:00", |c| c.onset = Some(t("16T00:00")));
    told.stay("an", "m", "15", "08:00", "08:30");
    told.stay("binh", "m", "15", "08:02", "08:30");
    // [08:02, 08:10) in the first window, [08:10, 08:30) in the second, which begins at the `to` of the first.
    assert_eq!(told.met("17T00:00", "an"), [met("binh", 1_680, 0)]);
    assert_eq!(told.contacts("17T00:00", "an")[0].overlaps.len(), 2);
}
