//! A small city that stands still, for trying clients: two districts, three venues, some hundred people.

use super::sql::moments::{Moments, RejectedRow, SourceRow, Taken, Wants};
use std::sync::Arc;
use vonglau_core::event::{
    CaseTag, CaseUpdate, Degrees, Direction, Event, Mode, Resident, ResidentTag, Scan, ScanTag, Status,
    Venue, VenueTag,
};
use vonglau_core::moment::Registers;
use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, District, Params, Risk, Severity,
    VenueKind, Ward,
};
use vonglau_core::situation::{Progress, Situation};
use vonglau_core::time::{DAY, HOUR, MINUTE, Time, Zone};
use vonglau_core::view::View;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::port::{BoxFuture, Unavailable};

/// Local midnight in Hanoi, 2021-10-15.
pub const START: Time = Time(1_634_230_800);
/// Days of scans.
const DAYS: i64 = 3;
const VENUES: [(&str, &str, &str); 3] = [
    ("V.1", "market", "Chợ Hôm – Đức Viên"),
    ("V.2", "office", "Toà nhà \"A\", tầng 2"),
    ("V.3", "hospital", "Bệnh viện Bạch Mai"),
];

/// Gives always the same moment.
pub struct City {
    situation: Situation,
    registers: Registers,
    params: Arc<Params>,
}

impl std::fmt::Debug for City {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("City").finish_non_exhaustive()
    }
}

impl City {
    /// A city with so many people, each scanned in and out once a day.
    pub fn of(people: u32) -> Self {
        let params = Arc::new(params());
        let wards = Arc::new(WardMap::new(&params.wards));
        let mut situation = Situation::new(Arc::clone(&params), wards);
        let mut take = |event| {
            let mut deltas = Vec::new();
            let mut progress = situation.step(event, &mut deltas);
            while progress == Progress::More {
                progress = situation.work(&mut deltas);
            }
        };
        for venue in &VENUES {
            take(venue_event(venue));
        }
        (0..people.min(50)).for_each(|person| take(resident(person)));
        for day in 0..DAYS {
            let midnight = START.plus(day * DAY);
            (0..people).for_each(|person| stay(person, midnight).into_iter().for_each(&mut take));
        }
        take(case("c1", "P0000", START.plus(2 * DAY + 9 * HOUR)));
        take(case("c2", "P0003", START.plus(2 * DAY + 10 * HOUR)));
        let mut registers = Registers::default();
        while !situation.refresh(&mut registers) {}
        Self { situation, registers, params }
    }

    pub fn params(&self) -> Arc<Params> {
        Arc::clone(&self.params)
    }

    fn taken(&self, wants: Wants) -> Taken {
        let view = View::new(self.params.districts.len(), self.params.wards.len());
        let source = SourceRow {
            source: "http".into(),
            events: 42,
            last_at: self.situation.now(),
            late_p50_s: Some(0.5),
            late_p99_s: None,
        };
        let rejected = RejectedRow {
            rejected_at: START,
            kind: "scan".into(),
            field: "at".into(),
            reason: "too late".into(),
            source: "http".into(),
        };
        Taken {
            moment: self.situation.moment(self.registers.clone(), wants.parts),
            stream_seq: 4_711,
            lag_ms: 250,
            view: wants.view.then(|| Arc::new(View { now: self.situation.now(), ..view })),
            sources: vec![source],
            rejected: vec![rejected],
        }
    }
}

impl Moments for City {
    fn take(&self, wants: Wants) -> BoxFuture<'_, Result<Taken, Unavailable>> {
        Box::pin(async move { Ok(self.taken(wants)) })
    }
}

fn name(person: u32) -> Box<str> {
    format!("P{person:04}").into()
}

fn stay(person: u32, midnight: Time) -> [Event; 2] {
    let (venue, ..) = VENUES[usize::try_from(person).unwrap_or_default() % VENUES.len()];
    let minute = i64::from(person) % 60;
    let scan = |at: Time, direction| {
        let id = format!("s{person}-{}", at.0).into();
        let (device, mode, person) = (Some("gate-1".into()), Mode::PersonQr, name(person));
        Event::Scan(Scan {
            at,
            device,
            direction: Some(direction),
            id,
            kind: ScanTag,
            mode,
            person: person.into(),
            venue: venue.into(),
        })
    };
    let from = midnight.plus(7 * HOUR + minute * MINUTE);
    [scan(from, Direction::In), scan(from.plus(90 * MINUTE), Direction::Out)]
}

fn case(id: &str, person: &str, at: Time) -> Event {
    Event::Case(CaseUpdate {
        at,
        district: Some("001".into()),
        found: None,
        id: id.into(),
        isolated_at: None,
        kind: CaseTag,
        onset: Some(at.plus(-DAY)),
        person: Some(person.into()),
        retracts: None,
        sampled: Some(at.plus(-HOUR)),
        status: Some(Status::F0),
        supersedes: None,
        ward: Some("00001".into()),
    })
}

fn resident(person: u32) -> Event {
    let id = format!("r{person}").into();
    let (district, ward) = (Some("001".into()), Some("00001".into()));
    Event::Resident(Resident {
        at: START,
        born: None,
        district,
        id,
        kind: ResidentTag,
        person: name(person),
        ward,
    })
}

fn venue_event((venue, kind, named): &(&str, &str, &str)) -> Event {
    Event::Venue(Venue {
        at: START,
        capacity: Some(100),
        district: Some("001".into()),
        id: format!("v{venue}").into(),
        kind: VenueTag,
        lat: Some(Degrees(21.01)),
        lon: Some(Degrees(105.81)),
        name: Some((*named).into()),
        venue_type: (*kind).into(),
        venue: (*venue).into(),
        ward: Some("00001".into()),
    })
}

fn params() -> Params {
    Params {
        zone: Zone::fixed(7 * 3_600),
        clock: Clock::Events,
        retention_days: 21,
        bounds: Bounds { south: 20.9, west: 105.7, north: 21.2, east: 106.0 },
        contacts: Contacts {
            infectious_before_h: 72,
            infectious_after_h: 240,
            contact_min: 15,
            contact_sum: ContactSum::Day,
            linger_min: 30,
            f1_follow_days: 14,
            f1_infectious_after_days: 2,
            infectiousness_permille: [50, 200, 600, 1_000, 900, 700, 500, 400, 300, 200, 150, 100, 60, 30],
        },
        risk: Risk {
            half_life_h: 72.0,
            bands: [0.5, 2.0, 8.0, 32.0],
            presence_bands: [1.0, 2.0, 3.0, 4.0],
            cases_bands: [1.0, 2.0, 3.0, 4.0],
        },
        venue_kinds: ["hospital", "market", "office", "other"].map(kind).into(),
        districts: ["001", "007"].map(district).into(),
        wards: vec![Ward {
            code: "00001".into(),
            district: "001".into(),
            name_vi: "Phường Phúc Xá".into(),
            name_en: "Phuc Xa".into(),
            kind: "phuong".into(),
            lat: 21.01,
            lon: 105.81,
            bounds: Bounds { south: 21.0, west: 105.8, north: 21.02, east: 105.82 },
        }],
        levels: Vec::new(),
        alerts: Alerts {
            take_within_min: [15, 60, 480, 0],
            isolation_breach: BreachRule { enabled: true, severity: Severity::Critical },
            cluster: ClusterRule { enabled: true, severity: Severity::High, contacts_min: 3, days: 7 },
        },
    }
}

fn kind(name: &str) -> VenueKind {
    VenueKind {
        name: name.into(),
        name_vi: name.into(),
        name_en: name.into(),
        dwell_typical_min: 60,
        dwell_max_min: 240,
        weight_permille: 1_000,
        expects_scans: true,
        isolation_place: name == "hospital",
    }
}

fn district(code: &str) -> District {
    District {
        code: code.into(),
        name_vi: format!("Quận {code}").into(),
        name_en: format!("District {code}").into(),
        kind: "quan".into(),
        lat: 21.0,
        lon: 105.8,
        population: 250_000,
        area_km2: 10.0,
    }
}
