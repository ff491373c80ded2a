//! The answers: plain rows that the situation gives when asked, at one position of the stream.
//!
//! Each list comes whole and sorted as the contract says; paging is the asker's.

use crate::event::{CaseUpdate, Deed, EventId, Found, Person, Status, VenueId};
use crate::figure::ratio;
use crate::params::Severity;
use crate::time::{Day, Time};
use std::sync::Arc;

/// What a sum of seconds × ‰ × ‰ is divided by to be a score in minutes.
const SCORE_UNIT: i128 = 60_000_000;
/// Decimals of a score.
const SCORE_DECIMALS: u32 = 3;

/// A score as it is shown, in minutes: half up to three decimals.
#[expect(clippy::cast_precision_loss, reason = "scores are far below 2^53")]
pub fn score(sum: i128) -> f64 {
    let held = ratio(sum, SCORE_UNIT, SCORE_DECIMALS).unwrap_or(i64::MAX);
    held as f64 / 10_f64.powi(SCORE_DECIMALS.cast_signed())
}

/// A district's code.
pub type DistrictCode = Box<str>;

/// One episode of a case: by (reported descending, person, episode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub person: Person,
    /// 1 for the person's first.
    pub episode: u32,
    pub reported: Time,
    pub onset: Option<Time>,
    pub sampled: Option<Time>,
    pub isolated_at: Option<Time>,
    /// The infectious window [from, to).
    pub from: Time,
    pub to: Time,
    pub ended: Option<Time>,
    /// `recovered`, `cleared` or `deceased` once ended.
    pub outcome: Option<Status>,
    pub found: Option<Found>,
    /// Residence as of the person, not of the episode.
    pub district: Option<DistrictCode>,
    pub ward: Option<Box<str>>,
    /// People of class f1 with a listed overlap in this episode's window.
    pub contacts: u32,
    /// People of class f0 likewise.
    pub contacts_f0: u32,
}

/// A case event as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEventRow {
    pub event: Arc<CaseUpdate>,
    /// No held event names it as superseded or retracted.
    pub stands: bool,
}

/// What somebody who was met is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    F0,
    F1,
    F2,
}

impl Class {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F0 => "f0",
            Self::F1 => "f1",
            Self::F2 => "f2",
        }
    }
}

/// A part of a meeting: by (from, to, venue, indirect).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overlap {
    pub from: Time,
    pub to: Time,
    pub venue: VenueId,
    /// The case had left already.
    pub indirect: bool,
    /// The venue's name, where its record has one.
    pub venue_name: Option<Box<str>>,
}

/// A contact of a case: by (score descending, person). An F2: by (first, person), `via` filled, no score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    pub person: Person,
    pub first: Time,
    pub last: Time,
    pub seconds: i64,
    pub indirect_seconds: i64,
    pub overlaps: Vec<Overlap>,
    /// Σ seconds × infectiousness ‰ × weight ‰; the score shown is this ÷ 60·10⁶, half up to 3 decimals.
    pub score_sum: i128,
    pub class: Class,
    /// F1s through whom an F2 was met, by bytes.
    pub via: Vec<Person>,
}

/// A link of a chain; the root has no `contact`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainNode {
    pub person: Person,
    pub class: Class,
    /// The report of its latest episode, for class f0.
    pub reported: Option<Time>,
    pub contact: Option<ContactRow>,
    /// By (first, person).
    pub children: Vec<ChainNode>,
}

/// A chain, and whether it was cut at its bound of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub root: ChainNode,
    pub truncated: bool,
}

/// Where a case may have been infected: by (score descending, venue, hour).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackwardRow {
    pub venue: VenueId,
    /// Begin of the UTC hour in which the meetings start.
    pub hour: Time,
    pub seconds: i64,
    /// Distinct infectious people there.
    pub f0: u32,
    /// As in [`ContactRow`].
    pub score_sum: i128,
}

/// A visit: by `from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRow {
    pub venue: VenueId,
    pub from: Time,
    pub to: Time,
    pub open: bool,
}

/// Somebody at a venue: by (from, person).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentRow {
    pub person: Person,
    /// `f0`, `f1` (open), or none.
    pub class: Option<Class>,
    pub from: Time,
    pub to: Time,
    pub seconds: i64,
}

/// An F1 to reach: by (last exposure descending, person).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowRow {
    pub person: Person,
    pub last_exposure: Day,
    /// The earliest report of its F0s + 24 h; none without a contact.
    pub due: Option<Time>,
    /// `at` of its first standing `f1` event.
    pub told: Option<Time>,
    /// Its F0s by bytes.
    pub cases: Vec<Person>,
    pub district: Option<DistrictCode>,
    pub overdue: bool,
}

/// A venue: by id.
#[derive(Clone, Debug, PartialEq)]
pub struct VenueRow {
    pub venue: VenueId,
    pub name: Option<Box<str>>,
    /// A key of the venue kinds; `other` without a record.
    pub venue_type: Box<str>,
    pub district: Option<DistrictCode>,
    pub ward: Option<Box<str>>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub capacity: Option<u32>,
    pub last_scan: Option<Time>,
    pub present_now: u32,
    /// A kind that expects scans, without one in 24 h.
    pub silent: bool,
    /// Has a record.
    pub known: bool,
}

/// A layer of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Risk,
    Presence,
    Cases,
}

impl Layer {
    pub const ALL: [Self; 3] = [Self::Risk, Self::Presence, Self::Cases];

    /// The word in JSON and topics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Presence => "presence",
            Self::Cases => "cases",
        }
    }

    /// The layer of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.name() == name)
    }
}

/// The resolutions at which cells are shown.
pub const RESOLUTIONS: [u8; 4] = [7, 8, 9, 10];

/// What is behind one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRow {
    /// Risk, presence, cases; 0 where nothing is.
    pub values: [f64; 3],
    pub district: Option<DistrictCode>,
    pub ward: Option<Box<str>>,
    pub venues: Vec<VenueRow>,
    /// Active cases with a visit there, cut to their window, by bytes.
    pub cases: Vec<Person>,
}

/// The state of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    Ended,
    Silenced,
    Acknowledged,
    Open,
}

impl AlertState {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Silenced => "silenced",
            Self::Acknowledged => "acknowledged",
            Self::Open => "open",
        }
    }
}

/// Which rule raised an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    IsolationBreach,
    Cluster,
}

impl Rule {
    /// The word in JSON and ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IsolationBreach => "isolation_breach",
            Self::Cluster => "cluster",
        }
    }
}

/// An alert: by (since descending, id).
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRow {
    /// `<rule>:<subject>:<local day of its begin>`, see [`alert_id`].
    pub id: Box<str>,
    pub rule: Rule,
    pub severity: Severity,
    pub district: Option<DistrictCode>,
    pub ward: Option<Box<str>>,
    pub venue: Option<VenueId>,
    pub venue_name: Option<Box<str>>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub person: Option<Person>,
    pub state: AlertState,
    pub value: i64,
    pub since: Time,
    pub changed: Time,
    pub ended: Option<Time>,
    pub silenced_until: Option<Time>,
    pub acknowledged_by: Option<Box<str>>,
    pub note: Option<Box<str>>,
    /// For a cluster: how many of the contacts are f0 and f1.
    pub facts: Option<ClusterFacts>,
}

/// Who the contacts of a cluster are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterFacts {
    pub f0: i64,
    pub f1: i64,
}

/// The id of an alert: a function of rule, subject (person or venue) and local day.
pub fn alert_id(rule: Rule, subject: &str, day: Day) -> Box<str> {
    format!("{}:{subject}:{day}", rule.name()).into()
}

/// A command that stands, as the alerts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: EventId,
    pub at: Time,
    pub by: Box<str>,
    pub deed: Deed,
    pub for_min: u32,
    pub note: Option<Box<str>>,
}
