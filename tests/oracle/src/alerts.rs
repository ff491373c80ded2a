//! What the alert rules raise now: a function of the set of events, but for since when.

use crate::breaches::breaches;
use crate::picture::Picture;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::{Command, Deed, Scan};
use vonglau_core::params::Severity;
use vonglau_core::rows::{ClusterFacts, Rule};
use vonglau_core::time::{DAY, Day, MINUTE, Time};

/// An alert that a rule raises now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised<'a> {
    pub rule: Rule,
    pub severity: Severity,
    /// A breach's person; a cluster has none.
    pub person: Option<&'a str>,
    pub venue: &'a str,
    pub value: i64,
    pub facts: Option<ClusterFacts>,
    /// A breach's local day and first scan; a cluster's begin is known by the journal alone.
    pub begin: Option<(Day, Time)>,
}

pub fn raised<'a>(picture: &Picture<'a>) -> Vec<Raised<'a>> {
    // A disabled rule raises nothing.
    let rules = &picture.params.alerts;
    let mut raised = Vec::new();
    if rules.isolation_breach.enabled {
        raised.extend(raised_breaches(picture));
    }
    if rules.cluster.enabled {
        raised.extend(raised_clusters(picture));
    }
    raised
}

/// Breach: the scans of a person and local day that meet the rule of `breaches_24h` but for its 24 h, while one of
/// them is in `breaches_24h`.
fn raised_breaches<'a>(picture: &Picture<'a>) -> Vec<Raised<'a>> {
    let mut days: BTreeMap<(&str, Day), Vec<&Scan>> = BTreeMap::new();
    for scan in breaches(picture) {
        days.entry((&scan.person, picture.params.zone.day(scan.at))).or_default().push(scan);
    }
    let open = days.into_iter().filter(|(_, scans)| scans.iter().any(|scan| picture.is_within(scan.at, 24)));
    open.filter_map(|((person, day), scans)| {
        // `since` the `at` of its first such scan by (at, venue), place of the last, `value` that day's number.
        let first = scans.iter().min_by_key(|scan| (scan.at, &scan.venue))?;
        let last = scans.iter().max_by_key(|scan| (scan.at, &scan.venue))?;
        Some(Raised {
            rule: Rule::IsolationBreach,
            severity: picture.params.alerts.isolation_breach.severity,
            person: Some(person),
            venue: &last.venue,
            value: count(scans.len()),
            facts: None,
            begin: Some((day, first.at)),
        })
    })
    .collect()
}

/// Cluster: at least `contacts_min` distinct contacts (any class, any F0) with a listed overlap at the venue that
/// starts in (now − `days`, now].
fn raised_clusters<'a>(picture: &Picture<'a>) -> Vec<Raised<'a>> {
    let rule = picture.params.alerts.cluster;
    let recent = |at: Time| at > picture.now.plus(-rule.days * DAY) && at <= picture.now;
    let mut contacts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for meeting in picture.listed.iter().filter(|m| m.parts().any(|(part, _)| recent(part.from))) {
        contacts.entry(meeting.venue).or_default().insert(meeting.other);
    }
    let reached = contacts.into_iter().filter(|(_, people)| people.len() >= rule.contacts_min);
    reached
        .map(|(venue, people)| {
            // How many of them are of class f0 and f1.
            let f0 = count(people.iter().filter(|person| picture.dossiers.is_f0(person)).count());
            Raised {
                rule: Rule::Cluster,
                severity: rule.severity,
                person: None,
                venue,
                value: count(people.len()),
                facts: Some(ClusterFacts { f0, f1: count(people.len()) - f0 }),
                begin: None,
            }
        })
        .collect()
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

/// What the operators' commands that hold make of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    pub silenced_until: Option<Time>,
    pub acknowledged_by: Option<Box<str>>,
    pub note: Option<Box<str>>,
}

/// Of each deed the latest by (`at`, `id`) wins; a note may come with any of them.
pub fn handling(picture: &Picture<'_>, alert: &str) -> Handling {
    let mut commands: Vec<&&Command> =
        picture.held.commands.values().filter(|c| *c.alert == *alert).collect();
    commands.sort_by_key(|command| (command.at, &command.id));
    let latest = |deed: Deed| commands.iter().rev().find(move |command| command.deed == deed);
    Handling {
        // Until `at` + `for_min`.
        silenced_until: latest(Deed::Silence)
            .map(|command| command.at.plus(i64::from(command.for_min.unwrap_or(0)) * MINUTE)),
        acknowledged_by: latest(Deed::Acknowledge).map(|command| command.by.clone()),
        note: commands.iter().rev().find_map(|command| command.note.clone()),
    }
}
