use crate::fixture::{Told, t, told};
use vonglau_core::event::{Deed, Status};
use vonglau_core::params::Clock;
use vonglau_core::rows::{AlertRow, AlertState, ClusterFacts};

fn rows(told: &Told) -> Vec<AlertRow> {
    told.oracle().alerts()
}

fn row(told: &Told, id: &str) -> AlertRow {
    rows(told).into_iter().find(|row| &*row.id == id).unwrap()
}

const BREACH: &str = "isolation_breach:an:2021-10-15";
const CLUSTER: &str = "cluster:m:2021-10-16";

/// `an` has to be isolated from the 15th at 08:00 and is scanned at the market at 09:00.
fn with_breach() -> Told {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| c.isolated_at = Some(t("15T08:00")));
    told.scan("an", "m", "15T09:00", "in");
    told
}

/// `binh`, `chi` met `an` on the 15th; the report of the 16th at 08:00 tells.
fn with_cluster() -> Told {
    let mut told = told();
    for person in ["an", "binh", "chi"] {
        told.stay(person, "m", "15", "08:00", "09:00");
    }
    told.case("c1", "an", Status::F0, "16T08:00");
    told
}

#[test]
fn a_breach_tells_person_day_first_time_last_place_and_number() {
    let mut told = with_breach();
    told.scan("an", "n", "15T11:00", "in");
    told.scan("an", "n", "15T11:00", "out");
    let row = row(&told, BREACH);
    assert_eq!((row.person.as_deref(), row.venue.as_deref(), row.value), (Some("an"), Some("n"), 3));
    assert_eq!((row.since, row.changed), (t("15T09:00"), t("15T11:00")));
    assert_eq!((row.district.as_deref(), row.ward.as_deref()), (Some("002"), Some("00003")));
    assert_eq!((row.lat, row.lon, row.state), (Some(21.05), Some(105.85), AlertState::Open));
}

#[test]
fn a_late_first_scan_moves_since_and_each_local_day_has_its_own_alert() {
    let mut told = with_breach();
    told.scan("an", "m", "16T00:30", "in");
    told.scan("an", "n", "15T08:30", "in");
    let rows = rows(&told);
    assert_eq!(rows.iter().map(|row| row.since).collect::<Vec<_>>(), [t("16T00:30"), t("15T08:30")]);
    assert_eq!((rows[1].value, rows[1].venue.as_deref(), rows[1].changed), (2, Some("m"), t("16T00:30")));
}

#[test]
fn a_breach_ends_when_none_of_its_day_is_within_24_hours_and_stays_14_days() {
    let mut told = with_breach();
    told.scan("binh", "m", "16T08:59:59", "in");
    assert_eq!(row(&told, BREACH).state, AlertState::Open);
    told.scan("binh", "m", "16T09:30", "in");
    let ended = row(&told, BREACH);
    assert_eq!(
        (ended.state, ended.ended, ended.changed),
        (AlertState::Ended, Some(t("16T09:30")), t("16T09:30"))
    );
    assert_eq!(ended.value, 1);
    told.scan("binh", "m", "30T09:29:59", "in");
    assert_eq!(row(&told, BREACH).ended, Some(t("16T09:30")));
    told.scan("binh", "m", "30T09:30", "in");
    assert_eq!(rows(&told), []);
}

#[test]
fn a_breach_that_was_never_within_24_hours_of_now_raises_nothing() {
    let mut told = told();
    told.scan("binh", "m", "17T08:00", "in");
    told.case_with("c1", "an", Status::F0, "15T08:00", |c| c.isolated_at = Some(t("15T08:00")));
    told.scan("an", "m", "15T09:00", "in");
    assert_eq!(rows(&told), []);
}

#[test]
fn what_a_correction_takes_away_is_ended_and_comes_back_under_its_id() {
    let mut told = with_breach();
    told.retract("c2", "c1", "15T10:00");
    assert_eq!(row(&told, BREACH).state, AlertState::Ended);
    told.case_with("c3", "an", Status::F0, "15T11:00", |c| c.isolated_at = Some(t("15T08:00")));
    let row = row(&told, BREACH);
    assert_eq!((row.state, row.ended, row.changed), (AlertState::Open, None, t("15T11:00")));
    assert_eq!(rows(&told).len(), 1);
}

#[test]
fn a_cluster_begins_when_the_bound_is_reached_and_tells_who_its_contacts_are() {
    let mut told = with_cluster();
    let before = row(&told, CLUSTER);
    assert_eq!((before.since, before.changed, before.value), (t("16T08:00"), t("16T08:00"), 2));
    assert_eq!(before.facts, Some(ClusterFacts { f0: 0, f1: 2 }));
    assert_eq!(
        (before.person, before.venue.as_deref(), before.district.as_deref()),
        (None, Some("m"), Some("001"))
    );
    // `chi` is a case too: `an` is its contact as well.
    told.case("c2", "chi", Status::F0, "17T09:00");
    let after = row(&told, CLUSTER);
    assert_eq!((after.since, after.changed, after.value), (t("16T08:00"), t("17T09:00"), 3));
    assert_eq!(after.facts, Some(ClusterFacts { f0: 2, f1: 1 }));
}

#[test]
fn a_cluster_counts_overlaps_that_start_within_its_days() {
    let mut told = with_cluster();
    told.scan("x", "n", "22T07:59:59", "in");
    assert_eq!(row(&told, CLUSTER).state, AlertState::Open);
    told.scan("x", "n", "22T08:00", "in");
    assert_eq!(row(&told, CLUSTER).state, AlertState::Ended);
}

#[test]
fn a_cluster_opens_again_under_its_id_on_the_same_local_day_and_anew_on_another() {
    let mut told = with_cluster();
    told.retract("c2", "c1", "16T09:00");
    assert_eq!(row(&told, CLUSTER).ended, Some(t("16T09:00")));
    told.case("c3", "an", Status::F0, "16T10:00");
    let again = row(&told, CLUSTER);
    assert_eq!((again.since, again.changed, again.ended), (t("16T10:00"), t("16T10:00"), None));
    told.retract("c4", "c3", "17T09:00");
    told.case("c5", "an", Status::F0, "17T10:00");
    let rows = rows(&told);
    assert_eq!(rows.iter().map(|row| &*row.id).collect::<Vec<_>>(), ["cluster:m:2021-10-17", CLUSTER]);
    assert_eq!((rows[0].since, rows[0].state), (t("17T10:00"), AlertState::Open));
    assert_eq!((rows[1].ended, rows[1].changed), (Some(t("17T09:00")), t("17T09:00")));
}

#[test]
fn a_cluster_keeps_its_id_over_midnight() {
    let mut told = with_cluster();
    told.scan("x", "n", "17T08:00", "in");
    assert_eq!(rows(&told).len(), 1);
    assert_eq!(row(&told, CLUSTER).changed, t("16T08:00"));
}

#[test]
fn a_state_is_the_first_that_holds_of_ended_silenced_acknowledged_open() {
    let mut told = with_breach();
    told.command("k1", Deed::Acknowledge, BREACH, "15T09:10", |c| c.note = Some("đang đến".into()));
    let taken = row(&told, BREACH);
    assert_eq!((taken.state, taken.acknowledged_by.as_deref()), (AlertState::Acknowledged, Some("desk")));
    assert_eq!((taken.note.as_deref(), taken.changed), (Some("đang đến"), t("15T09:10")));
    told.command("k2", Deed::Silence, BREACH, "15T09:20", |c| c.for_min = Some(30));
    assert_eq!(row(&told, BREACH).state, AlertState::Silenced);
    assert_eq!(row(&told, BREACH).silenced_until, Some(t("15T09:50")));
    told.scan("x", "m", "15T09:49:59", "in");
    assert_eq!(row(&told, BREACH).state, AlertState::Silenced);
    told.scan("x", "m", "15T09:50", "in");
    let again = row(&told, BREACH);
    assert_eq!((again.state, again.changed), (AlertState::Acknowledged, t("15T09:50")));
    told.scan("x", "m", "17T00:00", "in");
    assert_eq!(row(&told, BREACH).state, AlertState::Ended);
}

#[test]
fn of_each_deed_the_latest_by_time_and_id_wins_whenever_it_comes() {
    let mut told = told();
    told.command("k2", Deed::Acknowledge, BREACH, "15T07:00", |c| c.by = "b".into());
    told.command("k1", Deed::Acknowledge, BREACH, "15T07:00", |c| c.by = "a".into());
    told.command("k3", Deed::Note, BREACH, "15T06:00", |c| c.note = Some("n".into()));
    told.events.extend(with_breach().events);
    let row = row(&told, BREACH);
    assert_eq!((row.acknowledged_by.as_deref(), row.note.as_deref()), (Some("b"), Some("n")));
    assert_eq!((row.state, row.changed), (AlertState::Acknowledged, t("15T09:00")));
}

#[test]
fn a_note_on_an_ended_alert_is_still_told() {
    let mut told = with_breach();
    told.retract("c2", "c1", "15T10:00");
    told.command("k1", Deed::Note, BREACH, "15T11:00", |c| c.note = Some("nhầm".into()));
    let row = row(&told, BREACH);
    assert_eq!((row.state, row.note.as_deref()), (AlertState::Ended, Some("nhầm")));
    assert_eq!((row.ended, row.changed), (Some(t("15T10:00")), t("15T11:00")));
}

#[test]
fn a_disabled_rule_raises_nothing() {
    let mut told = with_cluster();
    told.params.alerts.cluster.enabled = false;
    assert_eq!(rows(&told), []);
    let mut told = with_breach();
    told.params.alerts.isolation_breach.enabled = false;
    assert_eq!(rows(&told), []);
}

#[test]
fn under_a_ticking_clock_alerts_are_judged_at_each_tick() {
    let mut told = with_cluster();
    told.params.clock = Clock::Wall;
    assert_eq!(rows(&told), []);
    told.tick("16T07:00");
    assert_eq!(rows(&told), []);
    told.tick("16T12:00");
    assert_eq!(row(&told, CLUSTER).since, t("16T12:00"));
}

#[test]
fn rows_come_by_since_descending_then_id() {
    let mut told = with_breach();
    told.case_with("c9", "bo", Status::F0, "15T08:30", |c| c.isolated_at = Some(t("15T08:00")));
    told.scan("bo", "m", "15T09:00", "in");
    told.scan("bo", "m", "16T01:00", "in");
    let ids: Vec<_> = rows(&told).into_iter().map(|row| row.id.into_string()).collect();
    assert_eq!(ids, ["isolation_breach:bo:2021-10-16", BREACH, "isolation_breach:bo:2021-10-15"]);
}
