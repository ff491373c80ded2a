//! Where people were, and whom to reach.

use crate::follow::F1;
use crate::held::edge;
use crate::picture::Picture;
use std::cmp::Reverse;
use vonglau_core::rows::{Class, FollowRow, PresentRow, VisitRow};
use vonglau_core::time::{HOUR, Time};

/// Absent `from`: the edge; absent `to`: now.
fn asked_time(picture: &Picture<'_>, from: Option<Time>, to: Option<Time>) -> (Time, Time) {
    (from.unwrap_or_else(|| edge(picture.params, picture.now)), to.unwrap_or(picture.now))
}

/// Visits that overlap [from, to), uncut, by from; unknown person: none.
pub fn visit_rows(
    picture: &Picture<'_>,
    person: &str,
    from: Option<Time>,
    to: Option<Time>,
) -> Vec<VisitRow> {
    let (from, to) = asked_time(picture, from, to);
    let visits = picture.visits.all.iter().filter(|visit| visit.person == person);
    let mut rows: Vec<VisitRow> = visits
        .filter(|visit| visit.span.cut(from, to).is_some())
        .map(|visit| VisitRow {
            venue: visit.venue.into(),
            from: visit.span.from,
            to: visit.span.to,
            open: visit.open,
        })
        .collect();
    rows.sort_by_key(|row| row.from);
    rows
}

/// Visits at a venue cut to [from, to), by (from, person).
pub fn present_rows(
    picture: &Picture<'_>,
    venue: &str,
    from: Option<Time>,
    to: Option<Time>,
) -> Vec<PresentRow> {
    let (from, to) = asked_time(picture, from, to);
    let visits = picture.visits.all.iter().filter(|visit| visit.venue == venue);
    let mut rows: Vec<PresentRow> = visits
        .filter_map(|visit| {
            let span = visit.span.cut(from, to)?;
            Some(PresentRow {
                person: visit.person.into(),
                class: class(picture, visit.person),
                from: span.from,
                to: span.to,
                seconds: span.seconds(),
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.from, row.person.clone()));
    rows
}

/// `f0`, `f1` (open), or none.
fn class(picture: &Picture<'_>, person: &str) -> Option<Class> {
    let f1_open = || picture.f1s.get(person).is_some_and(|f1| f1.open);
    if picture.dossiers.is_f0(person) { Some(Class::F0) } else { f1_open().then_some(Class::F1) }
}

/// The F1 open now, by (last exposure descending, person).
pub fn follow_rows(picture: &Picture<'_>) -> Vec<FollowRow> {
    let open = picture.f1s.iter().filter(|(_, f1)| f1.open);
    let mut rows: Vec<FollowRow> = open.map(|(person, f1)| follow_row(picture, person, f1)).collect();
    rows.sort_by_key(|row| (Reverse(row.last_exposure), row.person.clone()));
    rows
}

fn follow_row(picture: &Picture<'_>, person: &str, f1: &F1<'_>) -> FollowRow {
    FollowRow {
        person: person.into(),
        last_exposure: f1.last_exposure,
        // The earliest report + 24 h.
        due: f1.earliest_report.map(|report| report.plus(24 * HOUR)),
        told: f1.told,
        cases: f1.cases.iter().map(|case| (*case).into()).collect(),
        district: picture.residence(person).codes(picture.params).0,
        overdue: f1.overdue,
    }
}
