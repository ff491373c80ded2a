//! Cases, their contacts, where they may have been infected.

use crate::contacts::Meeting;
use crate::picture::Picture;
use crate::score::score;
use crate::second_order::{Link, links};
use crate::span::Span;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vonglau_core::event::CaseUpdate;
use vonglau_core::rows::{BackwardRow, CaseEventRow, CaseRow, Class, ContactRow, Overlap};
use vonglau_core::time::{HOUR, Time};

/// Hours before day zero in which a case may have been infected.
const BACKWARD_H: i64 = 336;

/// All case events held, by (`at`, id by bytes), and whether no other names them.
pub fn case_events(picture: &Picture<'_>) -> Vec<CaseEventRow> {
    let cases = &picture.held.cases;
    let names = |id: &str| {
        cases.values().any(|e| e.supersedes.as_deref() == Some(id) || e.retracts.as_deref() == Some(id))
    };
    let row =
        |event: &&CaseUpdate| CaseEventRow { stands: !names(&event.id), event: Arc::new((*event).clone()) };
    let mut rows: Vec<CaseEventRow> = cases.values().map(row).collect();
    rows.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
    rows
}

/// A row an episode, by (reported descending, person, episode).
pub fn case_rows(picture: &Picture<'_>) -> Vec<CaseRow> {
    let mut rows = Vec::new();
    for (person, episodes) in picture.dossiers.f0s() {
        let (district, ward) = picture.residence(person).codes(picture.params);
        for episode in episodes {
            // People with a listed overlap in that episode's window.
            let met = picture.listed.iter().filter(|m| m.f0 == person && m.episode == *episode);
            let people: BTreeSet<&str> = met.map(|m| m.other).collect();
            let f0 = people.iter().filter(|other| picture.dossiers.is_f0(other)).count();
            rows.push(CaseRow {
                person: person.into(),
                episode: episode.number,
                reported: episode.reported,
                onset: episode.onset,
                sampled: episode.sampled,
                isolated_at: episode.isolated_at,
                from: episode.from,
                to: episode.to,
                ended: episode.ended,
                outcome: episode.outcome,
                found: episode.found,
                district: district.clone(),
                ward: ward.clone(),
                contacts: count(people.len() - f0),
                contacts_f0: count(f0),
            });
        }
    }
    rows.sort_by_key(|row| (Reverse(row.reported), row.person.clone(), row.episode));
    rows
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap()
}

/// The contacts of a case by (score descending, person).
pub fn contact_rows(picture: &Picture<'_>, f0: &str) -> Vec<ContactRow> {
    let mut by_person: BTreeMap<&str, Vec<&Meeting<'_>>> = BTreeMap::new();
    for meeting in picture.listed.iter().filter(|m| m.f0 == f0) {
        by_person.entry(meeting.other).or_default().push(meeting);
    }
    let mut rows: Vec<ContactRow> =
        by_person.into_iter().map(|(person, met)| contact_row(picture, person, &met)).collect();
    rows.sort_by_key(|row| (Reverse(row.score_sum), row.person.clone()));
    rows
}

fn contact_row(picture: &Picture<'_>, person: &str, met: &[&Meeting<'_>]) -> ContactRow {
    // Direct and indirect part of a meeting as two entries; each part by the day of its meeting's start.
    let parts = || met.iter().flat_map(|m| m.parts().map(move |(part, indirect)| (*m, part, indirect)));
    let mut overlaps: Vec<Overlap> =
        parts().map(|(m, part, indirect)| overlap(picture, m.venue, part, indirect)).collect();
    overlaps.sort();
    let score_of = |(m, part, _): (&Meeting<'_>, Span, bool)| {
        score(picture.params, &m.episode, picture.spots[m.venue].kind, m.start(), part)
    };
    // A contact with any standing episode, whenever, has class f0.
    let class = if picture.dossiers.is_f0(person) { Class::F0 } else { Class::F1 };
    row(person, overlaps, parts().map(score_of).sum(), class, Vec::new())
}

fn overlap(picture: &Picture<'_>, venue: &str, span: Span, indirect: bool) -> Overlap {
    let venue_name = picture.venue_name(venue);
    Overlap { from: span.from, to: span.to, venue: venue.into(), indirect, venue_name }
}

/// `seconds` and `indirect_seconds` are the overlaps' sums; first and last their outermost times.
fn row(
    person: &str,
    overlaps: Vec<Overlap>,
    score_sum: i128,
    class: Class,
    via: Vec<Box<str>>,
) -> ContactRow {
    let sum = |indirect: bool| -> i64 {
        overlaps.iter().filter(|o| o.indirect == indirect).map(|o| o.to.0 - o.from.0).sum()
    };
    ContactRow {
        person: person.into(),
        first: overlaps.iter().map(|o| o.from).min().unwrap(),
        last: overlaps.iter().map(|o| o.to).max().unwrap(),
        seconds: sum(false),
        indirect_seconds: sum(true),
        score_sum,
        class,
        via,
        overlaps,
    }
}

/// The F2 of a case: overlaps with the F1s, `via` the F1s' pseudonyms by bytes, by (first, person).
pub fn second_order_rows(picture: &Picture<'_>, f0: &str) -> Vec<ContactRow> {
    let mut by_person: BTreeMap<&str, Vec<Link<'_>>> = BTreeMap::new();
    for link in links(picture, f0) {
        by_person.entry(link.other).or_default().push(link);
    }
    let mut rows: Vec<ContactRow> = by_person
        .into_iter()
        .map(|(person, links)| {
            let via: BTreeSet<&str> = links.iter().map(|link| link.f1).collect();
            let mut overlaps: Vec<Overlap> =
                links.iter().map(|link| overlap(picture, link.venue, link.span, false)).collect();
            overlaps.sort();
            row(person, overlaps, 0, Class::F2, via.into_iter().map(Into::into).collect())
        })
        .collect();
    rows.sort_by_key(|row| (row.first, row.person.clone()));
    rows
}

/// Over the person's visits cut to [day zero − 336 h, day zero) of its latest episode, by venue and UTC hour in which
/// the meeting starts: `seconds` shared with F0 visits cut to their windows, `f0` distinct such people, `score` with
/// the F0's infectiousness; by (score descending, venue, hour).
pub fn backward_rows(picture: &Picture<'_>, person: &str) -> Vec<BackwardRow> {
    let Some(latest) = picture.dossiers.episodes(person).last() else { return Vec::new() };
    let zero = latest.day_zero();
    let mut rows: BTreeMap<(&str, Time), (i64, BTreeSet<&str>, i128)> = BTreeMap::new();
    for visit in picture.visits.all.iter().filter(|visit| visit.person == person) {
        let Some(cut) = visit.span.cut(zero.plus(-BACKWARD_H * HOUR), zero) else { continue };
        for other in picture.visits.all.iter().filter(|o| o.venue == visit.venue && o.person != person) {
            for episode in picture.dossiers.episodes(other.person) {
                let infectious = other.span.cut(episode.from, episode.to);
                let Some(shared) = infectious.and_then(|span| span.cut(cut.from, cut.to)) else { continue };
                let kind = picture.spots[visit.venue].kind;
                let hour = Time(shared.from.utc_hour() * HOUR);
                let (seconds, people, score_sum) = rows.entry((visit.venue, hour)).or_default();
                *seconds += shared.seconds();
                people.insert(other.person);
                *score_sum += score(picture.params, episode, kind, shared.from, shared);
            }
        }
    }
    let mut rows: Vec<BackwardRow> = rows
        .into_iter()
        .map(|((venue, hour), (seconds, people, score_sum))| BackwardRow {
            venue: venue.into(),
            hour,
            seconds,
            f0: count(people.len()),
            score_sum,
        })
        .collect();
    rows.sort_by_key(|row| (Reverse(row.score_sum), row.venue.clone(), row.hour));
    rows
}
