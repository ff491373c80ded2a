//! Alerts: judged after each event and tick, in the order of the stream.
//!
//! Which alerts are open is a function of the events; when one changed or ended is a function of the journal.

use crate::breaches::{Breach, BreachBook};
use crate::clusters::{Cluster, ClusterBook};
use crate::commands::CommandBook;
use crate::params::Severity;
use crate::people::People;
use crate::rows::{AlertRow, AlertState, ClusterFacts, Rule, alert_id};
use crate::rules::Rules;
use crate::time::{DAY, Day, Time};
use crate::venues::VenueBook;
use crate::view::Delta;
use std::collections::{BTreeMap, BTreeSet};

/// Ended alerts stay so long.
pub const ENDED_KEPT_S: i64 = 14 * DAY;

/// What must be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A cluster at a venue.
    Cluster(u32),
    /// What is told of a venue, in all alerts about it.
    Venue(u32),
    /// A person's breaches.
    Person(u32),
    /// One alert, by id: a command came, its silence or its keeping ended.
    Alert(Box<str>),
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Cluster(u32),
    Breach(u32, Day),
}

/// What is true of an open alert now.
struct Facts {
    severity: Severity,
    value: i64,
    venue: u32,
    person: Option<u32>,
    cluster: Option<ClusterFacts>,
}

/// An open cluster's numbers, and when they last changed, if they did since they were written.
#[derive(Clone, Copy, Debug)]
struct Moving {
    cluster: Cluster,
    changed: Option<Time>,
}

/// Everything that alerts are judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Court<'a> {
    pub rules: &'a Rules,
    pub now: Time,
    pub people: &'a People,
    pub venues: &'a VenueBook,
    pub breaches: &'a BreachBook,
}

/// All alerts open or not long ended.
#[derive(Debug, Default)]
pub(crate) struct AlertBook {
    pub rows: BTreeMap<Box<str>, AlertRow>,
    pub commands: CommandBook,
    open: BTreeMap<About, Box<str>>,
    /// Open clusters judged since they were last written, by venue: a hot venue's numbers change with every event, and
    /// are written once after many.
    moving: BTreeMap<u32, Moving>,
    /// What to judge after the event at hand.
    pub dirty: BTreeSet<Subject>,
    timers: BTreeSet<(Time, Subject)>,
}

impl AlertBook {
    /// Judges what the event or time has touched.
    pub fn judge(&mut self, court: Court<'_>, clusters: &mut ClusterBook, deltas: &mut Vec<Delta>) {
        while let Some((_, subject)) = self.timers.first().filter(|(at, _)| *at <= court.now).cloned() {
            self.timers.pop_first();
            self.dirty.insert(subject);
        }
        while let Some(subject) = self.dirty.pop_first() {
            match subject {
                Subject::Cluster(venue) => self.judge_cluster(court, clusters, venue, deltas),
                Subject::Venue(venue) => {
                    self.judge_cluster(court, clusters, venue, deltas);
                    if let Some(Moving { cluster, .. }) = self.tell_moving_at(court, venue, deltas) {
                        self.put_cluster(court, venue, cluster, deltas);
                    }
                }
                Subject::Person(person) => self.judge_breaches(court, person, deltas),
                Subject::Alert(id) => {
                    self.tell_moving(court, deltas);
                    self.judge_alert(court, &id, deltas);
                }
            }
        }
    }

    /// Writes the rows of clusters whose numbers have changed.
    pub fn tell_moving(&mut self, court: Court<'_>, deltas: &mut Vec<Delta>) {
        while let Some(venue) = self.moving.first_key_value().map(|(venue, _)| *venue) {
            self.tell_moving_at(court, venue, deltas);
        }
    }

    fn tell_moving_at(&mut self, court: Court<'_>, venue: u32, deltas: &mut Vec<Delta>) -> Option<Moving> {
        let moving = self.moving.remove(&venue)?;
        if let Some(changed) = moving.changed {
            // Numbers that went and came back have changed too.
            self.cluster_row(venue)?.facts = None;
            self.put_cluster(Court { now: changed, ..court }, venue, moving.cluster, deltas);
        }
        Some(moving)
    }

    /// The row of an open cluster.
    fn cluster_row(&mut self, venue: u32) -> Option<&mut AlertRow> {
        self.rows.get_mut(self.open.get(&About::Cluster(venue))?)
    }

    /// A venue's record changed: what alerts say of the place changes with it.
    pub fn touch_venue(&mut self, venue: u32) {
        self.dirty.insert(Subject::Venue(venue));
        for about in self.open.keys() {
            if let About::Breach(person, _) = about {
                self.dirty.insert(Subject::Person(*person));
            }
        }
    }

    fn judge_cluster(
        &mut self,
        court: Court<'_>,
        clusters: &mut ClusterBook,
        venue: u32,
        deltas: &mut Vec<Delta>,
    ) {
        let rule = court.rules.params.alerts.cluster;
        let cluster = clusters.at(venue, court.now, rule.days);
        if let Some(next) = cluster.next {
            self.timers.insert((next, Subject::Cluster(venue)));
        }
        let about = About::Cluster(venue);
        let is_on = rule.enabled && cluster.contacts >= rule.contacts_min;
        if is_on && self.open.contains_key(&about) {
            let held = self.moving.get(&venue).copied();
            let facts = match held {
                Some(moving) => Some(moving.cluster.facts),
                None => self.cluster_row(venue).and_then(|row| row.facts),
            };
            let changed = if facts == Some(cluster.facts) {
                held.and_then(|moving| moving.changed)
            } else {
                Some(court.now)
            };
            self.moving.insert(venue, Moving { cluster, changed });
            return;
        }
        self.tell_moving_at(court, venue, deltas);
        if is_on {
            self.put_cluster(court, venue, cluster, deltas);
        } else {
            self.end(court, about, deltas);
        }
    }

    fn put_cluster(&mut self, court: Court<'_>, venue: u32, cluster: Cluster, deltas: &mut Vec<Delta>) {
        let (about, rule) = (About::Cluster(venue), court.rules.params.alerts.cluster);
        let facts = Facts {
            severity: rule.severity,
            value: i64::try_from(cluster.contacts).unwrap_or(i64::MAX),
            venue,
            person: None,
            cluster: Some(cluster.facts),
        };
        let id = alert_id(Rule::Cluster, court.venues.names.name(venue), court.rules.day(court.now));
        let id = self.open.get(&about).cloned().unwrap_or(id);
        // One that has ended reaches the bound anew, under the same id if it is still the same local day.
        let before = self.rows.get(&id).filter(|row| row.ended.is_none());
        let since = before.map_or(court.now, |row| row.since);
        self.put(court, about, id, Rule::Cluster, since, &facts, deltas);
    }

    fn judge_breaches(&mut self, court: Court<'_>, person: u32, deltas: &mut Vec<Delta>) {
        let rule = court.rules.params.alerts.isolation_breach;
        let mut days: BTreeSet<Day> = court.breaches.days(person, court.rules).into_iter().collect();
        let open =
            self.open.range(About::Breach(person, Day(i32::MIN))..=About::Breach(person, Day(i32::MAX)));
        days.extend(open.filter_map(|(about, _)| match about {
            About::Breach(_, day) => Some(*day),
            About::Cluster(_) => None,
        }));
        for day in days {
            let about = About::Breach(person, day);
            let rows = court.breaches.of_day(person, day, court.rules);
            let recent = rows.iter().any(|row| row.is_recent(court.now));
            let ends: Option<(&Breach, &Breach)> = rows.first().zip(rows.last());
            let Some((first, last)) = ends.filter(|_| recent && rule.enabled) else {
                self.end(court, about, deltas);
                continue;
            };
            self.timers.insert((last.at.plus(DAY), Subject::Person(person)));
            let facts = Facts {
                severity: rule.severity,
                value: i64::try_from(rows.len()).unwrap_or(i64::MAX),
                venue: last.venue,
                person: Some(person),
                cluster: None,
            };
            let id = alert_id(Rule::IsolationBreach, &court.people.name(person), day);
            self.put(court, about, id, Rule::IsolationBreach, first.at, &facts, deltas);
        }
    }

    /// Writes an open alert's row as it is true now.
    #[expect(clippy::too_many_arguments, reason = "one row is made of all of them, in one place")]
    fn put(
        &mut self,
        court: Court<'_>,
        about: About,
        id: Box<str>,
        rule: Rule,
        since: Time,
        facts: &Facts,
        deltas: &mut Vec<Delta>,
    ) {
        let venue = court.venues.get(facts.venue);
        let point = court.venues.point(facts.venue);
        let row = AlertRow {
            id: id.clone(),
            rule,
            severity: facts.severity,
            district: court.rules.district_code(venue.place),
            ward: court.rules.ward_code(venue.place),
            venue: Some(court.venues.names.name(facts.venue).into()),
            venue_name: court.venues.title(facts.venue),
            lat: point.map(|(lat, _)| lat),
            lon: point.map(|(_, lon)| lon),
            person: facts.person.map(|person| court.people.name(person)),
            state: AlertState::Open,
            value: facts.value,
            since,
            changed: court.now,
            ended: None,
            silenced_until: None,
            acknowledged_by: None,
            note: None,
            facts: facts.cluster,
        };
        self.open.insert(about, id);
        self.write(court, row, deltas);
    }

    fn end(&mut self, court: Court<'_>, about: About, deltas: &mut Vec<Delta>) {
        let Some(id) = self.open.remove(&about) else { return };
        if let Some(row) = self.rows.get(&id).cloned() {
            self.timers.insert((court.now.plus(ENDED_KEPT_S), Subject::Alert(id)));
            self.write(court, AlertRow { ended: Some(court.now), ..row }, deltas);
        }
    }

    fn judge_alert(&mut self, court: Court<'_>, id: &str, deltas: &mut Vec<Delta>) {
        let Some(row) = self.rows.get(id).cloned() else { return };
        if row.ended.is_some_and(|ended| court.now >= ended.plus(ENDED_KEPT_S)) {
            self.rows.remove(id);
            deltas.push(Delta::AlertGone(row.id));
        } else {
            self.write(court, row, deltas);
        }
    }

    /// Puts a row down with what operators have said of it; tells it if it differs from the one before.
    fn write(&mut self, court: Court<'_>, row: AlertRow, deltas: &mut Vec<Delta>) {
        let handling = self.commands.handling(&row.id);
        let silenced_until = handling.silenced_until;
        let silenced = handling.silenced_until.is_some_and(|until| court.now < until);
        let state = match (&row.ended, silenced, &handling.acknowledged_by) {
            (Some(_), ..) => AlertState::Ended,
            (None, true, _) => AlertState::Silenced,
            (None, false, Some(_)) => AlertState::Acknowledged,
            (None, false, None) => AlertState::Open,
        };
        if let Some(until) = handling.silenced_until.filter(|_| silenced) {
            self.timers.insert((until, Subject::Alert(row.id.clone())));
        }
        let mut row = AlertRow {
            state,
            silenced_until,
            acknowledged_by: handling.acknowledged_by,
            note: handling.note,
            ..row
        };
        if let Some(before) = self.rows.get(&row.id) {
            row.changed = before.changed;
            if row == *before {
                return;
            }
            // How long a silence would have lasted is no change while the state is the same.
            row.silenced_until = before.silenced_until;
            let is_changed = row != *before;
            row.silenced_until = silenced_until;
            if is_changed {
                row.changed = court.now;
            }
        }
        self.rows.insert(row.id.clone(), row.clone());
        deltas.push(Delta::Alert(Box::new(row)));
    }
}
