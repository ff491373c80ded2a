//! Cases, contacts, chains, visits: the rows of tracing.

use super::{Num, text, written};
use serde::Serialize;
use ts_rs::TS;
use vonglau_core::event::{Found, Person, Status};
use vonglau_core::rows::{
    self, BackwardRow as CoreBackward, CaseRow as CoreCase, ChainNode as CoreNode, Class,
    ContactRow as CoreContact, FollowRow as CoreFollow, PresentRow as CorePresent, VisitRow as CoreVisit,
};
use vonglau_core::time::Zone;

fn score(sum: i128) -> Num {
    Num(rows::score(sum))
}

fn people(people: &[Person]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}

/// The word of a case event's status.
const fn status_name(status: Status) -> &'static str {
    match status {
        Status::F0 => "f0",
        Status::Recovered => "recovered",
        Status::F1 => "f1",
        Status::F2 => "f2",
        Status::Cleared => "cleared",
        Status::Deceased => "deceased",
    }
}

/// Where a case was found, as a word.
const fn found_name(found: Found) -> &'static str {
    match found {
        Found::Community => "community",
        Found::Quarantine => "quarantine",
        Found::Import => "import",
    }
}

/// What `?status=` of the cases asks for: `active`, or how the episode ended.
pub fn episode_status(row: &CoreCase) -> &'static str {
    match (row.ended, row.outcome) {
        (Some(_), Some(outcome)) => status_name(outcome),
        _ => "active",
    }
}

/// An episode of a case.
#[derive(Clone, Debug, Serialize, TS)]
pub struct CaseRow {
    pub person: String,
    pub episode: u32,
    pub reported: String,
    pub onset: Option<String>,
    pub sampled: Option<String>,
    pub isolated_at: Option<String>,
    pub from: String,
    pub to: String,
    pub ended: Option<String>,
    #[ts(type = "'recovered' | 'cleared' | 'deceased' | null")]
    pub outcome: Option<&'static str>,
    #[ts(type = "'community' | 'quarantine' | 'import' | null")]
    pub found: Option<&'static str>,
    pub district: Option<String>,
    pub ward: Option<String>,
    pub contacts: u32,
    pub contacts_f0: u32,
}

impl CaseRow {
    pub fn new(row: &CoreCase, zone: &Zone) -> Self {
        Self {
            person: row.person.to_string(),
            episode: row.episode,
            reported: zone.write(row.reported),
            onset: written(zone, row.onset),
            sampled: written(zone, row.sampled),
            isolated_at: written(zone, row.isolated_at),
            from: zone.write(row.from),
            to: zone.write(row.to),
            ended: written(zone, row.ended),
            outcome: row.outcome.map(status_name),
            found: row.found.map(found_name),
            district: text(row.district.as_deref()),
            ward: text(row.ward.as_deref()),
            contacts: row.contacts,
            contacts_f0: row.contacts_f0,
        }
    }
}

/// A part of a meeting.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Overlap {
    pub venue: String,
    pub venue_name: Option<String>,
    pub from: String,
    pub to: String,
    pub indirect: bool,
}

impl Overlap {
    fn new(overlap: &rows::Overlap, zone: &Zone) -> Self {
        Self {
            venue: overlap.venue.to_string(),
            venue_name: text(overlap.venue_name.as_deref()),
            from: zone.write(overlap.from),
            to: zone.write(overlap.to),
            indirect: overlap.indirect,
        }
    }
}

/// A contact of a case; an F2 has `via` instead of a score.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ContactRow {
    pub person: String,
    pub first: String,
    pub last: String,
    pub seconds: i64,
    pub indirect_seconds: i64,
    pub overlaps: Vec<Overlap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub score: Option<Num>,
    #[ts(type = "'f0' | 'f1' | 'f2'")]
    pub class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub via: Option<Vec<String>>,
}

impl ContactRow {
    pub fn new(row: &CoreContact, zone: &Zone) -> Self {
        let second_order = row.class == Class::F2;
        Self {
            person: row.person.to_string(),
            first: zone.write(row.first),
            last: zone.write(row.last),
            seconds: row.seconds,
            indirect_seconds: row.indirect_seconds,
            overlaps: row.overlaps.iter().map(|overlap| Overlap::new(overlap, zone)).collect(),
            score: (!second_order).then(|| score(row.score_sum)),
            class: row.class.name(),
            via: second_order.then(|| people(&row.via)),
        }
    }
}

/// Who met whom, from a case on.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Chain {
    pub person: String,
    #[ts(type = "'f0'")]
    pub class: &'static str,
    pub reported: Option<String>,
    pub children: Vec<Link>,
    /// The chain was cut at its bound of people.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub truncated: bool,
}

/// A link of a chain: the contact, and whom it met in turn.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Link {
    #[serde(flatten)]
    pub contact: ContactRow,
    /// Of class f0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reported: Option<String>,
    pub children: Vec<Link>,
}

impl Chain {
    pub fn new(chain: &rows::Chain, zone: &Zone) -> Self {
        Self {
            person: chain.root.person.to_string(),
            class: chain.root.class.name(),
            reported: written(zone, chain.root.reported),
            children: links(&chain.root, zone),
            truncated: chain.truncated,
        }
    }
}

/// Whom somebody met. Only the root is without the contact through which it was met.
fn links(node: &CoreNode, zone: &Zone) -> Vec<Link> {
    let link = |(child, contact): (&CoreNode, &CoreContact)| Link {
        contact: ContactRow::new(contact, zone),
        reported: written(zone, child.reported),
        children: links(child, zone),
    };
    node.children.iter().filter_map(|child| Some((child, child.contact.as_ref()?))).map(link).collect()
}

/// Where a case may have been infected.
#[derive(Clone, Debug, Serialize, TS)]
pub struct BackwardRow {
    pub venue: String,
    pub hour: String,
    pub seconds: i64,
    pub f0: u32,
    pub score: Num,
}

impl BackwardRow {
    pub fn new(row: &CoreBackward, zone: &Zone) -> Self {
        Self {
            venue: row.venue.to_string(),
            hour: zone.write(row.hour),
            seconds: row.seconds,
            f0: row.f0,
            score: score(row.score_sum),
        }
    }
}

/// A visit.
#[derive(Clone, Debug, Serialize, TS)]
pub struct VisitRow {
    pub venue: String,
    pub from: String,
    pub to: String,
    pub open: bool,
}

impl VisitRow {
    pub fn new(row: &CoreVisit, zone: &Zone) -> Self {
        Self {
            venue: row.venue.to_string(),
            from: zone.write(row.from),
            to: zone.write(row.to),
            open: row.open,
        }
    }
}

/// Somebody at a venue.
#[derive(Clone, Debug, Serialize, TS)]
pub struct PresentRow {
    pub person: String,
    #[ts(type = "'f0' | 'f1' | null")]
    pub class: Option<&'static str>,
    pub from: String,
    pub to: String,
    pub seconds: i64,
}

impl PresentRow {
    pub fn new(row: &CorePresent, zone: &Zone) -> Self {
        Self {
            person: row.person.to_string(),
            class: row.class.map(Class::name),
            from: zone.write(row.from),
            to: zone.write(row.to),
            seconds: row.seconds,
        }
    }
}

/// An F1 to reach.
#[derive(Clone, Debug, Serialize, TS)]
pub struct FollowRow {
    pub person: String,
    /// A date.
    pub last_exposure: String,
    pub due: Option<String>,
    pub told: Option<String>,
    pub cases: Vec<String>,
    pub district: Option<String>,
}

impl FollowRow {
    pub fn new(row: &CoreFollow, zone: &Zone) -> Self {
        Self {
            person: row.person.to_string(),
            last_exposure: row.last_exposure.to_string(),
            due: written(zone, row.due),
            told: written(zone, row.told),
            cases: people(&row.cases),
            district: text(row.district.as_deref()),
        }
    }
}
