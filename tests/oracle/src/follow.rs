//! F1: who they are, until when they are followed, whom nobody has reached.

use crate::cases::Dossiers;
use crate::contacts::Meeting;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::Status;
use vonglau_core::params::Params;
use vonglau_core::time::{Day, HOUR, Time};

/// Somebody who is followed, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct F1<'a> {
    pub last_exposure: Day,
    pub open: bool,
    /// `at` of its first standing `f1` event.
    pub told: Option<Time>,
    /// The earliest report of its F0s, of the episodes whose windows hold the listed overlaps; none without a contact.
    pub earliest_report: Option<Time>,
    /// Its F0s.
    pub cases: BTreeSet<&'a str>,
    /// Nobody has reached it for 24 hours.
    pub overdue: bool,
}

/// The local dates of the first seconds of the listed meetings, and of the `at` of its standing `f1` events; the
/// last of them, of anybody, whatever its class.
pub fn last_exposure(
    params: &Params,
    listed: &[Meeting<'_>],
    dossiers: &Dossiers<'_>,
    person: &str,
) -> Option<Day> {
    let met = listed.iter().filter(|m| m.other == person).map(Meeting::start);
    let said = dossiers.said(person, Status::F1).map(|e| e.at);
    met.chain(said).map(|at| params.zone.day(at)).max()
}

/// The first second after the end of the last exposure day + `f1_follow_days`.
pub fn follow_end(params: &Params, last_exposure: Day) -> Time {
    params.zone.at(last_exposure.plus(params.contacts.f1_follow_days + 1), 0)
}

/// F1: contacts of class `f1`, and people whom a standing case event says to be `f1`; nobody with a standing
/// episode is.
pub fn f1s<'a>(
    params: &Params,
    listed: &[Meeting<'a>],
    dossiers: &Dossiers<'a>,
    now: Time,
) -> BTreeMap<&'a str, F1<'a>> {
    let contacts = listed.iter().map(|m| m.other);
    let people: BTreeSet<&str> = contacts.chain(dossiers.people()).collect();
    people
        .into_iter()
        .filter(|person| !dossiers.is_f0(person))
        .filter_map(|person| {
            // Whoever was neither met nor said to be `f1` has no exposure day and is no F1.
            let last_exposure = last_exposure(params, listed, dossiers, person)?;
            Some((person, f1(params, listed, dossiers, now, person, last_exposure)))
        })
        .collect()
}

fn f1<'a>(
    params: &Params,
    listed: &[Meeting<'a>],
    dossiers: &Dossiers<'a>,
    now: Time,
    person: &str,
    last_exposure: Day,
) -> F1<'a> {
    let met = || listed.iter().filter(|m| m.other == person);
    let today = params.zone.day(now);
    // Open while today ≤ last exposure day + `f1_follow_days` and it is not cleared.
    let followed = today <= last_exposure.plus(params.contacts.f1_follow_days);
    let open = followed && !is_cleared(params, dossiers, person, last_exposure);
    let told = dossiers.said(person, Status::F1).map(|e| e.at).next();
    let earliest_report = met().map(|m| m.episode.reported).min();
    // Open F1 by a contact, without a standing `f1` event, the earliest report of whose F0s is at least 24 h ago.
    let overdue =
        open && told.is_none() && earliest_report.is_some_and(|report| report <= now.plus(-24 * HOUR));
    F1 { last_exposure, open, told, earliest_report, cases: met().map(|m| m.f0).collect(), overdue }
}

/// Its clearing is its first standing `cleared`, `recovered` or `deceased` dated (local) on or after the last
/// exposure day and not before (`at`) its last standing `f1` event.
fn is_cleared(params: &Params, dossiers: &Dossiers<'_>, person: &str, last_exposure: Day) -> bool {
    let last_f1 = dossiers.said(person, Status::F1).map(|e| e.at).max();
    dossiers
        .endings(person)
        .any(|e| params.zone.day(e.at) >= last_exposure && last_f1.is_none_or(|last_f1| e.at >= last_f1))
}
