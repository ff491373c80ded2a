//! The rules' numbers: everything that a city may set and that changes a figure.

use crate::time::{Day, Zone};

/// All rules in force. One value for the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    pub zone: Zone,
    pub clock: Clock,
    /// Days of scans kept, 1-60.
    pub retention_days: i32,
    pub bounds: Bounds,
    pub contacts: Contacts,
    pub risk: Risk,
    /// By name; `other` must be there.
    pub venue_kinds: Vec<VenueKind>,
    /// By code.
    pub districts: Vec<District>,
    /// By code.
    pub wards: Vec<Ward>,
    /// By `from`, ascending.
    pub levels: Vec<LevelTable>,
    pub alerts: Alerts,
}

/// What gives `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The last tick of the service, one a second.
    Wall,
    /// The greatest `at` of all events.
    Events,
    /// The last tick of the simulator.
    Simulated,
}

impl Clock {
    /// The word in the configuration and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Events => "events",
            Self::Simulated => "simulated",
        }
    }
}

/// The city's box in degrees; a venue outside has no place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub south: f64,
    pub west: f64,
    pub north: f64,
    pub east: f64,
}

impl Bounds {
    /// Inside or on the edge.
    pub fn hold(&self, lat: f64, lon: f64) -> bool {
        lat >= self.south && lat <= self.north && lon >= self.west && lon <= self.east
    }
}

/// What a contact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contacts {
    /// Hours before day zero in which a case is infectious.
    pub infectious_before_h: i64,
    /// Hours after day zero in which a case not isolated is infectious.
    pub infectious_after_h: i64,
    /// Minutes together that make a contact.
    pub contact_min: i64,
    pub contact_sum: ContactSum,
    /// Minutes after a case has left in which others still meet it.
    pub linger_min: i64,
    /// Days in which a contact is followed.
    pub f1_follow_days: i32,
    /// Days after its exposure from which a contact may be infectious.
    pub f1_infectious_after_days: i32,
    /// Infectiousness in thousandths on day -3, -2, … 10 from onset.
    pub infectiousness_permille: [i64; 14],
}

/// What must reach the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactSum {
    /// All meetings of a pair that begin on one local date, together.
    Day,
    /// Each meeting alone.
    Visit,
}

/// Risk, presence and cases by cell: bounds are the least values of bands 1-4.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    pub half_life_h: f64,
    pub bands: [f64; 4],
    pub presence_bands: [f64; 4],
    pub cases_bands: [f64; 4],
}

/// A kind of venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueKind {
    pub name: Box<str>,
    pub name_vi: Box<str>,
    pub name_en: Box<str>,
    /// Minutes a visit lasts where no out is seen; 0: a scan there begins no visit.
    pub dwell_typical_min: i64,
    /// Minutes after which an out no longer belongs to the visit.
    pub dwell_max_min: i64,
    /// Weight of a minute there, in thousandths.
    pub weight_permille: i64,
    /// Scans are expected every day; silence is worth telling.
    pub expects_scans: bool,
    /// A place where isolated people may be scanned.
    pub isolation_place: bool,
}

/// A district.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    pub code: Box<str>,
    pub name_vi: Box<str>,
    pub name_en: Box<str>,
    pub kind: Box<str>,
    pub lat: f64,
    pub lon: f64,
    pub population: u64,
    pub area_km2: f64,
}

/// A ward or commune.
#[derive(Clone, Debug, PartialEq)]
pub struct Ward {
    pub code: Box<str>,
    pub district: Box<str>,
    pub name_vi: Box<str>,
    /// The register's English name, or the Vietnamese one without marks.
    pub name_en: Box<str>,
    pub kind: Box<str>,
    pub lat: f64,
    pub lon: f64,
    pub bounds: Bounds,
}

/// One table of epidemic levels, in force from a date on.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelTable {
    pub name: Box<str>,
    pub from: Day,
    /// New community cases per 100,000 a week from which bands 2, 3, 4 begin.
    pub incidence: [f64; 3],
    /// Per cent of 18+ with a dose from which criterion 2 is met.
    pub dose_pct: f64,
    pub levels_met: [u8; 4],
    pub levels_unmet: [u8; 4],
    /// The figure of full vaccination: `vaccine_full_pct` or `vaccine_full_50_pct`.
    pub full_figure: Box<str>,
    /// Per cent below which the level is one up.
    pub full_pct: f64,
    /// Treatment capacity, where somebody states it.
    pub capacity_met: Option<bool>,
}

/// How grave an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Critical,
    High,
    Medium,
    Notice,
}

impl Severity {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Notice => "notice",
        }
    }
}

/// The alert rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// Minutes within which an alert should be taken, by severity (critical, high, medium, notice); 0: no such time.
    pub take_within_min: [i64; 4],
    pub isolation_breach: BreachRule,
    pub cluster: ClusterRule,
}

/// Somebody isolated is scanned elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreachRule {
    pub enabled: bool,
    pub severity: Severity,
}

/// Many contacts at one venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterRule {
    pub enabled: bool,
    pub severity: Severity,
    pub contacts_min: usize,
    /// Times 24 hours, back from now.
    pub days: i64,
}
