//! Isolated people scanned elsewhere.

use crate::follow::{follow_end, last_exposure};
use crate::picture::Picture;
use vonglau_core::event::{Scan, Status};
use vonglau_core::time::Time;

/// Distinct scans with `isolated_at` ≤ `at` < end at a venue kind that is no `isolation_place`, of any time.
pub fn breaches<'a>(picture: &Picture<'a>) -> Vec<&'a Scan> {
    let elsewhere = |scan: &&&Scan| !picture.spots[&*scan.venue].kind.isolation_place;
    let isolated = |scan: &&&Scan| {
        let times = isolations(picture, &scan.person);
        times.into_iter().any(|(from, end)| from <= scan.at && end.is_none_or(|end| scan.at < end))
    };
    picture.held.scans.iter().filter(elsewhere).filter(isolated).copied().collect()
}

/// When a person has to be isolated: [`isolated_at`, end), or without an end.
fn isolations(picture: &Picture<'_>, person: &str) -> Vec<(Time, Option<Time>)> {
    // Of an F0, end = the episode's end.
    let of_f0 = picture.dossiers.episodes(person).iter().filter_map(|e| Some((e.isolated_at?, e.ended)));
    of_f0.chain(isolation_of_f1(picture, person)).collect()
}

/// Of one said to be F1, `isolated_at` of its latest standing `f1` event that has one, end = its first `cleared`,
/// `recovered`, `deceased` or `f0` with `at` after that `isolated_at`, else the end of the last exposure day (of its
/// listed meetings and standing `f1` events, whatever its class) + `f1_follow_days`.
fn isolation_of_f1(picture: &Picture<'_>, person: &str) -> Option<(Time, Option<Time>)> {
    let isolated_at = picture.dossiers.said(person, Status::F1).rev().find_map(|e| e.isolated_at)?;
    let ending = [Status::Cleared, Status::Recovered, Status::Deceased, Status::F0];
    let ended = picture
        .dossiers
        .events(person)
        .iter()
        .filter(|e| e.status.is_some_and(|status| ending.contains(&status)))
        .map(|e| e.at)
        .find(|at| *at > isolated_at);
    let exposed = last_exposure(picture.params, &picture.listed, &picture.dossiers, person);
    Some((isolated_at, ended.or_else(|| exposed.map(|day| follow_end(picture.params, day)))))
}
