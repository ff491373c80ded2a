//! What is counted, each with the place where it counts.

use crate::breaches::breaches;
use crate::cases::Episode;
use crate::picture::Picture;
use crate::places::Place;
use crate::second_order::open_f2s;
use crate::series::minute_start;
use std::collections::{BTreeMap, BTreeSet};
use vonglau_core::event::{Found, Status};
use vonglau_core::time::{HOUR, MINUTE};

/// What is counted. Scans, presence, venues and breaches count where the venue is; cases and contacts where the
/// person lives; residents where their record says.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Distinct scans of today's local date, of any kind: who.
    pub scans_today: Vec<(Place, &'a str)>,
    pub present: Vec<Place>,
    pub active_venues: Vec<Place>,
    pub silent_venues: Vec<Place>,
    pub episodes: Vec<EpisodeFact>,
    /// People with an episode not ended.
    pub f0_active: Vec<Place>,
    pub f1_open: Vec<Place>,
    pub f2_open: Vec<Place>,
    pub f1_overdue: Vec<Place>,
    pub residents: Vec<ResidentFact>,
    /// Breaching scans in (now − 24 h, now].
    pub breaches: Vec<Place>,
    /// Scans in the last full minute before now.
    pub last_minute: Vec<Place>,
    pub id_conflicts: usize,
    pub venues_unknown: usize,
    pub venues_off_map: usize,
}

/// An episode and what is asked of it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a figure's own question")]
pub struct EpisodeFact {
    pub place: Place,
    pub new_24h: bool,
    pub new_7d: bool,
    /// Found in the community, or not said.
    pub community: bool,
    pub recovered: bool,
    /// Seconds from sampling to report, where not negative.
    pub delay: Option<i64>,
    /// Known as a contact before.
    pub known: bool,
    /// Of an episode reported in (now − 192 h, now − 24 h] that has contacts of class f1: all found within 24 h.
    pub found_in_24h: Option<bool>,
}

/// A resident whose birth year and month are known.
#[derive(Clone, Copy, Debug)]
pub struct ResidentFact {
    pub place: Place,
    /// Whole years now.
    pub age: i32,
    pub has_dose: bool,
    pub has_two: bool,
}

pub fn facts<'a>(picture: &Picture<'a>) -> Facts<'a> {
    let zone = &picture.params.zone;
    let scans = || picture.held.scans.iter().map(|scan| (picture.place(&scan.venue), *scan));
    let today = zone.day(picture.now);
    let minute = minute_start(zone, picture.now);
    let lives = |person: &str| picture.residence(person);
    let f1s = |keep: fn(&crate::follow::F1<'_>) -> bool| {
        picture.f1s.iter().filter(|(_, f1)| keep(f1)).map(|(person, _)| lives(person)).collect()
    };
    let venues = |keep: &dyn Fn(&str) -> bool| {
        picture.spots.iter().filter(|(venue, _)| keep(venue)).map(|(_, spot)| spot.place).collect()
    };
    Facts {
        scans_today: scans()
            .filter(|(_, scan)| zone.day(scan.at) == today)
            .map(|(place, scan)| (place, &*scan.person))
            .collect(),
        present: picture.visits.present.iter().map(|(_, venue)| picture.place(venue)).collect(),
        active_venues: venues(&|venue| picture.is_active(venue)),
        silent_venues: venues(&|venue| picture.is_silent(venue, &picture.spots[venue])),
        episodes: episodes(picture),
        f0_active: picture
            .dossiers
            .f0s()
            .filter(|(_, episodes)| episodes.iter().any(|e| e.ended.is_none()))
            .map(|(person, _)| lives(person))
            .collect(),
        f1_open: f1s(|f1| f1.open),
        f2_open: open_f2s(picture).into_iter().map(lives).collect(),
        f1_overdue: f1s(|f1| f1.overdue),
        residents: residents(picture),
        breaches: breaches(picture)
            .into_iter()
            .filter(|scan| picture.is_within(scan.at, 24))
            .map(|scan| picture.place(&scan.venue))
            .collect(),
        last_minute: scans()
            .filter(|(_, scan)| scan.at >= minute.plus(-MINUTE) && scan.at < minute)
            .map(|(place, _)| place)
            .collect(),
        id_conflicts: picture.held.id_conflicts,
        venues_unknown: picture.spots.values().filter(|spot| spot.record.is_none()).count(),
        venues_off_map: picture.spots.values().filter(|spot| spot.off_map).count(),
    }
}

fn episodes(picture: &Picture<'_>) -> Vec<EpisodeFact> {
    let mut facts = Vec::new();
    for (person, episodes) in picture.dossiers.f0s() {
        let place = picture.residence(person);
        facts.extend(episodes.iter().map(|episode| EpisodeFact {
            place,
            new_24h: picture.is_within(episode.reported, 24),
            new_7d: picture.is_within(episode.reported, 168),
            community: matches!(episode.found, None | Some(Found::Community)),
            recovered: episode.outcome == Some(Status::Recovered),
            // Episodes with sampled ≤ report.
            delay: episode.sampled.map(|sampled| episode.reported.0 - sampled.0).filter(|delay| *delay >= 0),
            known: is_known(picture, person, episode),
            found_in_24h: found_in_24h(picture, person, episode),
        }));
    }
    facts
}

/// A standing `f1` event before the report, or a listed overlap in the window of an episode of another that was
/// reported earlier.
fn is_known(picture: &Picture<'_>, person: &str, episode: &Episode) -> bool {
    let told = picture.dossiers.said(person, Status::F1).any(|e| e.at < episode.reported);
    let met = picture.listed.iter().any(|m| m.other == person && m.episode.reported < episode.reported);
    told || met
}

/// Of an episode reported in (now − 192 h, now − 24 h] that has contacts of class f1 (with a listed overlap in that
/// episode's window): every such contact has a standing `f1` event with `at` ≤ report + 24 h.
fn found_in_24h(picture: &Picture<'_>, person: &str, episode: &Episode) -> Option<bool> {
    let due = picture.is_within(episode.reported, 192) && !picture.is_within(episode.reported, 24);
    let in_window = picture.listed.iter().filter(|m| m.f0 == person && m.episode == *episode);
    let contacts: BTreeSet<&str> =
        in_window.map(|m| m.other).filter(|other| !picture.dossiers.is_f0(other)).collect();
    let in_time = |contact: &&str| {
        picture.dossiers.said(contact, Status::F1).any(|e| e.at <= episode.reported.plus(24 * HOUR))
    };
    (due && !contacts.is_empty()).then(|| contacts.iter().all(in_time))
}

/// People with a resident record that has a birth year and month, in that record's district and ward.
fn residents(picture: &Picture<'_>) -> Vec<ResidentFact> {
    let today = picture.params.zone.day(picture.now);
    // Any vaccination record with `given_on` ≤ today; two: one of `dose` ≥ 2.
    let mut doses: BTreeMap<&str, u8> = BTreeMap::new();
    for ((person, dose), record) in &picture.held.vaccinations {
        if record.given_on <= today {
            doses.entry(person).and_modify(|most| *most = (*dose).max(*most)).or_insert(*dose);
        }
    }
    let fact = |(person, record): (&&str, &&vonglau_core::event::Resident)| {
        let (district, ward) = (record.district.as_deref(), record.ward.as_deref());
        Some(ResidentFact {
            place: crate::places::place_of_codes(picture.params, district, ward),
            age: record.born?.age_on(today),
            has_dose: doses.contains_key(person),
            has_two: doses.get(person).is_some_and(|most| *most >= 2),
        })
    };
    picture.held.residents.iter().filter_map(fact).collect()
}
