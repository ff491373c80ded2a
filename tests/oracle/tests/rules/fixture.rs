//! A small city, and short words to tell what happens in it.
//!
//! Times are local (+07:00) and of October 2021: `15T08:00`, `15T08:00:07`; other months: `9-30T08:00`.

use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::{
    CaseTag, CaseUpdate, Command, CommandTag, Deed, Degrees, Direction, Event, Mode, Resident, ResidentTag,
    Scan, ScanTag, Status, Tick, TickTag, Vaccination, VaccinationTag, Venue, VenueTag,
};
use vonglau_core::figure::Figure;
use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, District, LevelTable, Params, Risk,
    Severity, VenueKind, Ward,
};
use vonglau_core::rows::{ContactRow, VisitRow};
use vonglau_core::time::{Day, HOUR, MINUTE, Month, Time, Zone};
use vonglau_core::view::Area;
use vonglau_oracle::{Oracle, Picture, picture};

pub const CITY: Area = Area::City;
pub const EAST: Area = Area::District(0);
pub const WEST: Area = Area::District(1);
pub const EAST_1: Area = Area::Ward(0);

fn kind(name: &str, typical: i64, max: i64, weight: i64, expects: bool, isolation: bool) -> VenueKind {
    VenueKind {
        name: name.into(),
        name_vi: name.into(),
        name_en: name.into(),
        dwell_typical_min: typical,
        dwell_max_min: max,
        weight_permille: weight,
        expects_scans: expects,
        isolation_place: isolation,
    }
}

fn district(code: &str, population: u64) -> District {
    District {
        code: code.into(),
        name_vi: code.into(),
        name_en: code.into(),
        kind: "quan".into(),
        lat: 21.0,
        lon: 105.8,
        population,
        area_km2: 10.0,
    }
}

fn ward(code: &str, district: &str) -> Ward {
    Ward {
        code: code.into(),
        district: district.into(),
        name_vi: code.into(),
        name_en: code.into(),
        kind: "phuong".into(),
        lat: 21.0,
        lon: 105.8,
        bounds: Bounds { south: 20.9, west: 105.7, north: 21.1, east: 105.9 },
    }
}

fn table(name: &str, from: &str, full_figure: &str) -> LevelTable {
    LevelTable {
        name: name.into(),
        from: Day::parse(from).unwrap(),
        incidence: [20.0, 50.0, 150.0],
        dose_pct: 70.0,
        levels_met: [1, 1, 2, 3],
        levels_unmet: [1, 2, 3, 4],
        full_figure: full_figure.into(),
        full_pct: 80.0,
        capacity_met: None,
    }
}

/// Districts 001 (10,000 people, wards 00001 and 00002) and 002 (5,000, ward 00003). A market (60 min, at most 240),
/// a gate (dwell 0), a hospital (isolation place), other (30, at most 120, half weight).
pub fn params() -> Params {
    Params {
        zone: Zone::fixed(7 * 3_600),
        clock: Clock::Events,
        retention_days: 21,
        bounds: Bounds { south: 20.5, west: 105.2, north: 21.4, east: 106.1 },
        contacts: Contacts {
            infectious_before_h: 72,
            infectious_after_h: 240,
            contact_min: 15,
            contact_sum: ContactSum::Day,
            linger_min: 0,
            f1_follow_days: 14,
            f1_infectious_after_days: 2,
            infectiousness_permille: [100, 300, 700, 1000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 50],
        },
        risk: Risk {
            half_life_h: 72.0,
            bands: [1.0, 2.0, 3.0, 4.0],
            presence_bands: [1.0, 2.0, 3.0, 4.0],
            cases_bands: [1.0, 2.0, 3.0, 4.0],
        },
        venue_kinds: vec![
            kind("gate", 0, 0, 0, false, false),
            kind("hospital", 60, 600, 1000, false, true),
            kind("market", 60, 240, 1000, true, false),
            kind("other", 30, 120, 500, false, false),
        ],
        districts: vec![district("001", 10_000), district("002", 5_000)],
        wards: vec![ward("00001", "001"), ward("00002", "001"), ward("00003", "002")],
        levels: vec![
            table("first", "2021-10-12", "vaccine_full_pct"),
            table("second", "2021-11-01", "vaccine_full_50_pct"),
        ],
        alerts: Alerts {
            take_within_min: [15, 60, 480, 0],
            isolation_breach: BreachRule { enabled: true, severity: Severity::Critical },
            cluster: ClusterRule { enabled: true, severity: Severity::High, contacts_min: 2, days: 7 },
        },
    }
}

/// `15T08:00`, `15T08:00:07`, `9-30T08:00`, `12-1T00:00`.
pub fn t(text: &str) -> Time {
    let (date, clock) = text.split_once('T').unwrap();
    let mut seconds = -7 * HOUR;
    for (part, unit) in clock.split(':').zip([HOUR, MINUTE, 1]) {
        seconds += part.parse::<i64>().unwrap() * unit;
    }
    Time(i64::from(d(date).0) * 86_400 + seconds)
}

/// `15` of October, or `9-30`.
pub fn d(text: &str) -> Day {
    let (month, day) = text.split_once('-').unwrap_or(("10", text));
    Day::of(2021, month.parse().unwrap(), day.parse().unwrap()).unwrap()
}

/// The cells of the small city belong to no ward.
pub fn nowhere(_: u64) -> Option<usize> {
    None
}

/// What happened, and the rules.
pub struct Told {
    pub params: Params,
    pub events: Vec<Event>,
}

/// Venues m (market, ward 00001), n (market, ward 00003), g (gate), h (hospital), o (other), each on the map.
pub fn told() -> Told {
    let mut told = Told { params: params(), events: Vec::new() };
    told.venue("m", "market", |v| place(v, "001", "00001", 21.01));
    told.venue("n", "market", |v| place(v, "002", "00003", 21.05));
    told.venue("g", "gate", |v| place(v, "001", "00002", 21.02));
    told.venue("h", "hospital", |v| place(v, "001", "00002", 21.03));
    told.venue("o", "other", |v| place(v, "002", "00003", 21.04));
    told
}

pub fn place(venue: &mut Venue, district: &str, ward: &str, lat: f64) {
    (venue.district, venue.ward) = (Some(district.into()), Some(ward.into()));
    (venue.lat, venue.lon) = (Some(Degrees(lat)), Some(Degrees(105.85)));
}

impl Told {
    fn id(&self) -> Box<str> {
        format!("e{:04}", self.events.len()).into()
    }

    pub fn venue(&mut self, venue: &str, venue_type: &str, change: impl FnOnce(&mut Venue)) {
        let mut record = Venue {
            at: t("9-1T00:00"),
            capacity: None,
            district: None,
            id: self.id(),
            kind: VenueTag,
            lat: None,
            lon: None,
            name: None,
            venue_type: venue_type.into(),
            venue: venue.into(),
            ward: None,
        };
        change(&mut record);
        self.events.push(Event::Venue(record));
    }

    /// `what`: `in`, `out` or `-`, and a mode other than `person_qr` after a space.
    pub fn scan(&mut self, person: &str, venue: &str, at: &str, what: &str) {
        let (direction, mode) = what.split_once(' ').unwrap_or((what, "person_qr"));
        let modes = [Mode::Checkpoint, Mode::Patrol, Mode::PersonQr, Mode::VenueQr];
        self.events.push(Event::Scan(Scan {
            at: t(at),
            device: None,
            direction: match direction {
                "in" => Some(Direction::In),
                "out" => Some(Direction::Out),
                _ => None,
            },
            id: self.id().into(),
            kind: ScanTag,
            mode: modes.into_iter().find(|m| m.name() == mode).unwrap(),
            person: person.into(),
            venue: venue.into(),
        }));
    }

    /// An `in` and an `out` on one date.
    pub fn stay(&mut self, person: &str, venue: &str, day: &str, from: &str, to: &str) {
        self.scan(person, venue, &format!("{day}T{from}"), "in");
        self.scan(person, venue, &format!("{day}T{to}"), "out");
    }

    pub fn case(&mut self, id: &str, person: &str, status: Status, at: &str) {
        self.case_with(id, person, status, at, |_| {});
    }

    pub fn case_with(
        &mut self,
        id: &str,
        person: &str,
        status: Status,
        at: &str,
        change: impl FnOnce(&mut CaseUpdate),
    ) {
        let mut case = CaseUpdate {
            at: t(at),
            district: None,
            found: None,
            id: id.into(),
            isolated_at: None,
            kind: CaseTag,
            onset: None,
            person: Some(person.into()),
            retracts: None,
            sampled: None,
            status: Some(status),
            supersedes: None,
            ward: None,
        };
        change(&mut case);
        self.events.push(Event::Case(case));
    }

    pub fn retract(&mut self, id: &str, retracts: &str, at: &str) {
        self.case_with(id, "", Status::F0, at, |c| {
            (c.person, c.status, c.retracts) = (None, None, Some(retracts.into()));
        });
    }

    pub fn resident(&mut self, person: &str, born: Option<(i32, u32)>, district: &str, ward: &str) {
        self.events.push(Event::Resident(Resident {
            at: t("9-1T00:00"),
            born: born.map(|(year, month)| Month { year, month }),
            district: Some(district.into()),
            id: self.id(),
            kind: ResidentTag,
            person: person.into(),
            ward: Some(ward.into()),
        }));
    }

    pub fn dose(&mut self, person: &str, dose: u8, given_on: &str) {
        self.events.push(Event::Vaccination(Vaccination {
            at: t("9-1T00:00"),
            dose,
            facility: None,
            fields: Vec::new(),
            given_on: d(given_on),
            id: self.id(),
            kind: VaccinationTag,
            person: person.into(),
            vaccine: None,
        }));
    }

    pub fn command(
        &mut self,
        id: &str,
        deed: Deed,
        alert: &str,
        at: &str,
        change: impl FnOnce(&mut Command),
    ) {
        let mut command = Command {
            alert: alert.into(),
            at: t(at),
            by: "desk".into(),
            deed,
            for_min: None,
            id: id.into(),
            kind: CommandTag,
            note: None,
        };
        change(&mut command);
        self.events.push(Event::Command(command));
    }

    pub fn tick(&mut self, at: &str) {
        self.events.push(Event::Tick(Tick { at: t(at), id: self.id(), kind: TickTag }));
    }

    pub fn at(&self, now: &str) -> Picture<'_> {
        picture(&self.params, &nowhere, &self.events, t(now))
    }

    pub fn figure(&self, now: &str, area: Area, figure: Figure) -> Option<i64> {
        self.at(now).figures(area)[figure as usize]
    }

    /// The journal taken so far.
    pub fn oracle(&self) -> Oracle {
        let mut oracle = Oracle::new(&self.params, nowhere);
        self.events.iter().for_each(|event| oracle.push(event));
        oracle
    }

    /// (venue, from, to, open) of a person's visits.
    pub fn visits(&self, now: &str, person: &str) -> Vec<(String, Time, Time, bool)> {
        let Answer::Visits(rows) = self.at(now).ask(&Question::Visits(person.into(), None, None)) else {
            return Vec::new();
        };
        let tuple = |row: VisitRow| (row.venue.into_string(), row.from, row.to, row.open);
        rows.into_iter().map(tuple).collect()
    }

    pub fn contacts(&self, now: &str, case: &str) -> Vec<ContactRow> {
        match self.at(now).ask(&Question::Contacts(case.into())) {
            Answer::Contacts(rows) => rows,
            _ => Vec::new(),
        }
    }

    /// (person, seconds, indirect seconds) of a case's contacts by person.
    pub fn met(&self, now: &str, case: &str) -> Vec<(String, i64, i64)> {
        let rows = self.contacts(now, case);
        let mut met: Vec<_> = rows
            .into_iter()
            .map(|row| (row.person.into_string(), row.seconds, row.indirect_seconds))
            .collect();
        met.sort();
        met
    }
}

/// A visit as [`Told::visits`] tells it.
pub fn visit(venue: &str, from: &str, to: &str) -> (String, Time, Time, bool) {
    (venue.to_owned(), t(from), t(to), false)
}

pub fn open_visit(venue: &str, from: &str, to: &str) -> (String, Time, Time, bool) {
    (venue.to_owned(), t(from), t(to), true)
}
