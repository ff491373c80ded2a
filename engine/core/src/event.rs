//! The events as the journal holds them: checked, without identity, fields in the order of their names.
//!
//! The declared order of fields is the alphabet's, so that the JSON of a value is its *journaled form*
//! (known fields only, absent left out, keys sorted, UTC times, numbers in shortest form), which breaks ties.

mod scan_line;

use crate::time::{Day, Month, Time};
use serde::{Deserialize, Serialize, Serializer};
use smol_str::SmolStr;
use std::fmt;

/// A person's pseudonym: 4-64 of `A-Za-z0-9_-`.
pub type Person = Box<str>;
/// A venue's id: 1-64 of `A-Za-z0-9_.:-`.
pub type VenueId = Box<str>;
/// An event's id: 1-64 of `A-Za-z0-9_.:-`.
pub type EventId = Box<str>;

/// Anything the journal can hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Somebody's code was read at a venue.
    Scan(Scan),
    /// A case or contact changed its status.
    Case(CaseUpdate),
    /// A venue's record.
    Venue(Venue),
    /// A resident's record.
    Resident(Resident),
    /// A dose given.
    Vaccination(Vaccination),
    /// A health or movement declaration.
    Declaration(Declaration),
    /// An operator's command.
    Command(Command),
    /// Time has passed.
    Tick(Tick),
}

/// The kind of an event: the value of `kind` in its JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Scan,
    Case,
    Venue,
    Resident,
    Vaccination,
    Declaration,
    Command,
    Tick,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Scan,
        Self::Case,
        Self::Venue,
        Self::Resident,
        Self::Vaccination,
        Self::Declaration,
        Self::Command,
        Self::Tick,
    ];

    /// The word in JSON and in subjects.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Case => "case",
            Self::Venue => "venue",
            Self::Resident => "resident",
            Self::Vaccination => "vaccination",
            Self::Declaration => "declaration",
            Self::Command => "command",
            Self::Tick => "tick",
        }
    }

    /// The subject of EVENTS that carries it.
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Scan => "city.scan",
            Self::Case => "city.case",
            Self::Venue | Self::Resident | Self::Vaccination | Self::Declaration => "city.registry",
            Self::Command => "city.command",
            Self::Tick => "city.tick",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field that always writes the same word; what is read there is not looked at.
macro_rules! tag {
    ($name:ident, $word:literal) => {
        #[doc = concat!("The constant `\"", $word, "\"` in the journaled form.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($word)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
            }
        }
    };
}
tag!(ScanTag, "scan");
tag!(CaseTag, "case");
tag!(VenueTag, "venue");
tag!(ResidentTag, "resident");
tag!(VaccinationTag, "vaccination");
tag!(DeclarationTag, "declaration");
tag!(CommandTag, "command");
tag!(TickTag, "tick");

/// How a code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    // In the order of their text, which breaks ties between scans.
    Checkpoint,
    Patrol,
    PersonQr,
    VenueQr,
}

impl Mode {
    /// Roadside controls and patrols count a scan but begin no visit.
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Checkpoint | Self::Patrol)
    }

    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Patrol => "patrol",
            Self::PersonQr => "person_qr",
            Self::VenueQr => "venue_qr",
        }
    }
}

/// Which way a person went. A scan may say none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    In,
    Out,
}

/// Where a scan without `device` came from is unknown; two scans of equal person, venue, at, mode and direction are one.
///
/// Its texts lie in the value itself where they are short, as nearly all are: millions of scans come and go, and asking
/// the allocator three times for each took a third of the time to read a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    pub id: SmolStr,
    pub kind: ScanTag,
    pub mode: Mode,
    pub person: SmolStr,
    pub venue: SmolStr,
}

/// What a case event says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    F0,
    Recovered,
    F1,
    F2,
    Cleared,
    Deceased,
}

/// Where a case was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    Community,
    Quarantine,
    Import,
}

/// A case update. Either it has `retracts`, or `person` and `status`, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseUpdate {
    /// The report.
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    pub id: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated_at: Option<Time>,
    pub kind: CaseTag,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The id of a case event that was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracts: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The id of a case event that this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<Box<str>>,
}

/// Degrees of latitude or longitude. Written in the shortest form (`21`, not `21.0`).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Degrees(pub f64);

impl Serialize for Degrees {
    #[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180 and whole here")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() <= 360.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// A venue's record: of all for one `venue`, the latest by (`at`, `id`, journaled form) holds for all time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Venue {
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<Box<str>>,
    pub id: EventId,
    pub kind: VenueTag,
    /// `lat` and `lon` come together. They may lie off the city's bounds: then the venue has no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<Degrees>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<Degrees>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// A key of `venue-kinds.toml`.
    #[serde(rename = "type")]
    pub venue_type: Box<str>,
    pub venue: VenueId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<Box<str>>,
}

/// A resident's record: the latest by (`at`, `id`, journaled form) of a `person` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    pub at: Time,
    /// Year and month of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Month>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<Box<str>>,
    pub id: EventId,
    pub kind: ResidentTag,
    pub person: Person,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<Box<str>>,
}

/// A dose: the latest by (`at`, `id`, journaled form) of a `person` and `dose` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vaccination {
    pub at: Time,
    /// 1-9.
    pub dose: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<Box<str>>,
    /// Names of the register's required fields that were there, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Box<str>>,
    pub given_on: Day,
    pub id: EventId,
    pub kind: VaccinationTag,
    pub person: Person,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vaccine: Option<Box<str>>,
}

/// What a declaration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    Health,
    Movement,
}

/// A declaration; two of equal content are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    pub about: About,
    pub at: Time,
    /// District codes; free text (an address) does not pass the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<str>>,
    pub id: EventId,
    pub kind: DeclarationTag,
    pub person: Person,
    /// Words of `a-z_`, as sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symptoms: Vec<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Box<str>>,
}

/// What an operator does with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    Acknowledge,
    Silence,
    Note,
}

/// An operator's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    pub alert: Box<str>,
    pub at: Time,
    pub by: Box<str>,
    #[serde(rename = "do")]
    pub deed: Deed,
    /// Minutes of silence, with `silence`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_min: Option<u32>,
    pub id: EventId,
    pub kind: CommandTag,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// The clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    pub at: Time,
    pub id: EventId,
    pub kind: TickTag,
}

impl Event {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Scan(_) => Kind::Scan,
            Self::Case(_) => Kind::Case,
            Self::Venue(_) => Kind::Venue,
            Self::Resident(_) => Kind::Resident,
            Self::Vaccination(_) => Kind::Vaccination,
            Self::Declaration(_) => Kind::Declaration,
            Self::Command(_) => Kind::Command,
            Self::Tick(_) => Kind::Tick,
        }
    }

    /// Its `at`.
    pub const fn at(&self) -> Time {
        match self {
            Self::Scan(e) => e.at,
            Self::Case(e) => e.at,
            Self::Venue(e) => e.at,
            Self::Resident(e) => e.at,
            Self::Vaccination(e) => e.at,
            Self::Declaration(e) => e.at,
            Self::Command(e) => e.at,
            Self::Tick(e) => e.at,
        }
    }

    /// Its `id`.
    pub fn id(&self) -> &str {
        match self {
            Self::Scan(e) => &e.id,
            Self::Case(e) => &e.id,
            Self::Venue(e) => &e.id,
            Self::Resident(e) => &e.id,
            Self::Vaccination(e) => &e.id,
            Self::Declaration(e) => &e.id,
            Self::Command(e) => &e.id,
            Self::Tick(e) => &e.id,
        }
    }

    /// The journaled form: one line of JSON, keys sorted.
    pub fn journaled(&self) -> String {
        match self {
            Self::Scan(e) => journaled(e),
            Self::Case(e) => journaled(e),
            Self::Venue(e) => journaled(e),
            Self::Resident(e) => journaled(e),
            Self::Vaccination(e) => journaled(e),
            Self::Declaration(e) => journaled(e),
            Self::Command(e) => journaled(e),
            Self::Tick(e) => journaled(e),
        }
    }

    /// Reads a journaled line back.
    ///
    /// # Errors
    /// When the line is not what [`Event::journaled`] writes.
    pub fn from_journaled(line: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            kind: Kind,
        }
        match serde_json::from_slice::<Head>(line)?.kind {
            Kind::Scan => Self::scan_from_journaled(line),
            Kind::Case => serde_json::from_slice(line).map(Self::Case),
            Kind::Venue => serde_json::from_slice(line).map(Self::Venue),
            Kind::Resident => serde_json::from_slice(line).map(Self::Resident),
            Kind::Vaccination => serde_json::from_slice(line).map(Self::Vaccination),
            Kind::Declaration => serde_json::from_slice(line).map(Self::Declaration),
            Kind::Command => serde_json::from_slice(line).map(Self::Command),
            Kind::Tick => serde_json::from_slice(line).map(Self::Tick),
        }
    }

    /// Reads a line of `city.scan`, whose kind the subject already tells.
    ///
    /// # Errors
    /// When the line is no scan.
    pub fn scan_from_journaled(line: &[u8]) -> serde_json::Result<Self> {
        scan_line::read(line).map_or_else(|| serde_json::from_slice(line), Ok).map(Self::Scan)
    }
}

/// The journaled form of one event's struct.
pub fn journaled<T: Serialize>(event: &T) -> String {
    // Strings, whole numbers and finite degrees only: there is nothing in an event that JSON cannot hold.
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journaled_forms_read_back_and_have_sorted_keys() {
        let lines = [
            r#"{"at":"2021-10-15T01:31:07Z","device":"gate-7","direction":"in","id":"s1","kind":"scan","mode":"person_qr","person":"P000001","venue":"HN-000123"}"#,
            r#"{"at":"2021-10-18T03:00:00Z","district":"007","found":"community","id":"c1","isolated_at":"2021-10-18T05:00:00Z","kind":"case","onset":"2021-10-16T17:00:00Z","person":"P000001","sampled":"2021-10-18T00:00:00Z","status":"f0","supersedes":"c0","ward":"00256"}"#,
            r#"{"at":"2021-09-30T17:00:00Z","capacity":800,"district":"007","id":"v1","kind":"venue","lat":21,"lon":105.8525,"name":"Chợ Hôm","type":"market","venue":"HN-000123","ward":"00256"}"#,
            r#"{"at":"2021-09-30T17:00:00Z","born":"1980-02","district":"007","id":"r1","kind":"resident","person":"P000001","ward":"00256"}"#,
            r#"{"at":"2021-10-05T02:00:00Z","dose":1,"facility":"TTYT","fields":["born_on","facility"],"given_on":"2021-09-20","id":"x1","kind":"vaccination","person":"P000001","vaccine":"AstraZeneca"}"#,
            r#"{"about":"health","at":"2021-10-16T00:00:00Z","id":"d1","kind":"declaration","person":"P000001","symptoms":["fever"]}"#,
            r#"{"alert":"a1","at":"2021-10-18T03:05:00Z","by":"desk-007","do":"silence","for_min":30,"id":"k1","kind":"command","note":"…"}"#,
            r#"{"at":"2021-10-18T03:05:00Z","id":"t1","kind":"tick"}"#,
        ];
        for line in lines {
            let event = Event::from_journaled(line.as_bytes()).unwrap();
            assert_eq!(event.journaled(), line);
            let keys =
                serde_json::from_str::<std::collections::BTreeMap<String, serde_json::Value>>(line).unwrap();
            let sorted: Vec<_> = keys.keys().map(|key| line.find(&format!("\"{key}\":")).unwrap()).collect();
            assert!(sorted.is_sorted(), "{line}");
        }
    }
}
