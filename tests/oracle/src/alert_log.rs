//! Since when alerts stand: a function of the journal, judged after each event and tick.

use crate::alerts::{Handling, Raised, handling};
use crate::picture::Picture;
use vonglau_core::rows::{AlertRow, AlertState, Rule, alert_id};
use vonglau_core::time::{DAY, Time};

/// Days that ended rows stay.
const ENDED_DAYS: i64 = 14;

/// All alerts raised, and those ended that are not yet forgotten.
#[derive(Clone, Debug, Default)]
pub struct AlertLog {
    rows: Vec<AlertRow>,
}

impl AlertLog {
    /// By (since descending, id).
    pub fn rows(&self) -> Vec<AlertRow> {
        let mut rows = self.rows.clone();
        rows.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.id.cmp(&b.id)));
        rows
    }

    /// Judges the alerts after an event or tick.
    pub fn judge(&mut self, picture: &Picture<'_>) {
        let now = picture.now;
        let mut rows = Vec::new();
        for raised in picture.raised() {
            let before = self.take_row_of(picture, &raised);
            rows.push(changed_row(before.as_ref(), raised_row(picture, &raised, before.as_ref()), now));
        }
        for before in self.rows.drain(..) {
            // What a correction takes away is ended, not removed: as it was last seen.
            let mut row = before.clone();
            row.ended = Some(before.ended.unwrap_or(now));
            handle(&mut row, handling(picture, &before.id), now);
            rows.push(changed_row(Some(&before), row, now));
        }
        // Ended rows stay 14 days.
        rows.retain(|row| row.ended.is_none_or(|ended| now < ended.plus(ENDED_DAYS * DAY)));
        self.rows = rows;
    }

    /// The row that goes on: a cluster's open one; else the one of the same id, which opens again.
    fn take_row_of(&mut self, picture: &Picture<'_>, raised: &Raised<'_>) -> Option<AlertRow> {
        let id = begin_id(picture, raised);
        let open_cluster =
            |row: &AlertRow| row.rule == Rule::Cluster && raised.rule == Rule::Cluster && row.ended.is_none();
        let going_on = |row: &AlertRow| open_cluster(row) && row.venue.as_deref() == Some(raised.venue);
        let at =
            self.rows.iter().position(going_on).or_else(|| self.rows.iter().position(|row| row.id == id))?;
        Some(self.rows.swap_remove(at))
    }
}

/// The id is a function of rule, subject and local day of its begin: a cluster that begins does so now.
fn begin_id(picture: &Picture<'_>, raised: &Raised<'_>) -> Box<str> {
    let day = raised.begin.map_or_else(|| picture.params.zone.day(picture.now), |(day, _)| day);
    alert_id(raised.rule, raised.person.unwrap_or(raised.venue), day)
}

fn raised_row(picture: &Picture<'_>, raised: &Raised<'_>, before: Option<&AlertRow>) -> AlertRow {
    let id = before.map_or_else(|| begin_id(picture, raised), |row| row.id.clone());
    let spot = &picture.spots[raised.venue];
    let (district, ward) = spot.place.codes(picture.params);
    let degrees =
        |degrees: Option<vonglau_core::event::Degrees>| degrees.filter(|_| !spot.off_map).map(|d| d.0);
    let mut row = AlertRow {
        rule: raised.rule,
        severity: raised.severity,
        district,
        ward,
        venue: Some(raised.venue.into()),
        venue_name: picture.venue_name(raised.venue),
        lat: degrees(spot.record.and_then(|record| record.lat)),
        lon: degrees(spot.record.and_then(|record| record.lon)),
        person: raised.person.map(Into::into),
        state: AlertState::Open,
        value: raised.value,
        // A breach: the `at` of its first scan. A cluster: `now` after the event or tick that reached the bound, also
        // where the same id opens again.
        since: match (raised.begin, before.filter(|row| row.ended.is_none())) {
            (Some((_, since)), _) => since,
            (None, Some(open)) => open.since,
            (None, None) => picture.now,
        },
        changed: picture.now,
        ended: None,
        silenced_until: None,
        acknowledged_by: None,
        note: None,
        facts: raised.facts,
        id,
    };
    let handling = handling(picture, &row.id);
    handle(&mut row, handling, picture.now);
    row
}

/// State: the first that holds of ended, silenced (until `at` + `for_min`), acknowledged, open.
fn handle(row: &mut AlertRow, handling: Handling, now: Time) {
    row.state = if row.ended.is_some() {
        AlertState::Ended
    } else if handling.silenced_until.is_some_and(|until| now < until) {
        AlertState::Silenced
    } else if handling.acknowledged_by.is_some() {
        AlertState::Acknowledged
    } else {
        AlertState::Open
    };
    row.silenced_until = handling.silenced_until;
    row.acknowledged_by = handling.acknowledged_by;
    row.note = handling.note;
}

/// `changed` is `now` after the event or tick that last changed state, value, begin, place, facts, note or
/// `acknowledged_by`.
fn changed_row(before: Option<&AlertRow>, row: AlertRow, now: Time) -> AlertRow {
    let same = before.filter(|before| {
        before.state == row.state
            && before.value == row.value
            && before.since == row.since
            && (&before.venue, &before.venue_name) == (&row.venue, &row.venue_name)
            && (&before.district, &before.ward) == (&row.district, &row.ward)
            && (before.lat, before.lon) == (row.lat, row.lon)
            && before.facts == row.facts
            && before.note == row.note
            && before.acknowledged_by == row.acknowledged_by
    });
    AlertRow { changed: same.map_or(now, |before| before.changed), ..row }
}
