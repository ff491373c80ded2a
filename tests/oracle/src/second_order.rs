//! F2: contacts of an F1.

use crate::contacts::Meeting;
use crate::follow::follow_end;
use crate::picture::Picture;
use crate::span::Span;
use std::collections::BTreeSet;
use vonglau_core::event::Status;
use vonglau_core::time::MINUTE;

/// A pair of visits that makes somebody an F2 of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    pub f1: &'a str,
    pub other: &'a str,
    pub venue: &'a str,
    pub span: Span,
}

/// F2 of this F0: people with a pair of visits of at least `contact_min` (each pair alone, whatever `contact_sum`
/// says) with the F1's visits cut to its infectious time; nobody with a standing episode and no F1, open or not,
/// is an F2.
pub fn links<'a>(picture: &Picture<'a>, f0: &str) -> Vec<Link<'a>> {
    let mut links = Vec::new();
    let met: BTreeSet<&str> = picture.listed.iter().filter(|m| m.f0 == f0).map(|m| m.other).collect();
    for f1 in met.into_iter().filter(|person| picture.f1s.contains_key(person)) {
        let Some(infectious) = infectious_time(picture, f0, f1) else { continue };
        for visit in picture.visits.all.iter().filter(|visit| visit.person == f1) {
            let Some(cut) = visit.span.cut(infectious.from, infectious.to) else { continue };
            for other in picture.visits.all.iter().filter(|o| o.venue == visit.venue) {
                let barred = picture.dossiers.is_f0(other.person) || picture.f1s.contains_key(other.person);
                let span = other.span.cut(cut.from, cut.to);
                let long = span.filter(|s| s.seconds() >= picture.params.contacts.contact_min * MINUTE);
                if let (Some(span), false) = (long, barred) {
                    links.push(Link { f1, other: other.person, venue: visit.venue, span });
                }
            }
        }
    }
    links
}

/// [00:00 local, `f1_infectious_after_days` after its first exposure day to this F0 (by listed meetings alone); the
/// earliest of `isolated_at` of its latest standing `f1` event that has one, its first `cleared`, `recovered` or
/// `deceased` dated (local) on or after that first exposure day, the end of its last exposure day (to anyone) +
/// `f1_follow_days`).
fn infectious_time(picture: &Picture<'_>, f0: &str, f1: &str) -> Option<Span> {
    let zone = &picture.params.zone;
    let with = |m: &&Meeting<'_>| m.f0 == f0 && m.other == f1;
    let first_day = picture.listed.iter().filter(with).map(|m| zone.day(m.start())).min()?;
    let from = zone.at(first_day.plus(picture.params.contacts.f1_infectious_after_days), 0);
    let isolated = picture.dossiers.said(f1, Status::F1).rev().find_map(|e| e.isolated_at);
    let ended = picture.dossiers.endings(f1).map(|e| e.at).find(|at| zone.day(*at) >= first_day);
    let followed = follow_end(picture.params, picture.f1s[f1].last_exposure);
    Span::new(from, [isolated, ended].into_iter().flatten().fold(followed, Ord::min))
}

/// Distinct F2 through an F1 that is open now.
pub fn open_f2s<'a>(picture: &Picture<'a>) -> BTreeSet<&'a str> {
    picture
        .dossiers
        .f0s()
        .flat_map(|(f0, _)| links(picture, f0))
        .filter(|link| picture.f1s[link.f1].open)
        .map(|link| link.other)
        .collect()
}
