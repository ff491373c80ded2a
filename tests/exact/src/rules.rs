//! The rules of a very small city; their numbers differ from history to history.

use proptest::prelude::*;
use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, District, LevelTable, Params, Risk,
    Severity, VenueKind, Ward,
};
use vonglau_core::situation::Pace;
use vonglau_core::time::{Day, Time, Zone};

/// Which of the numbers tried are in force; each default is the plain one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Variant {
    pub clock: u8,
    pub by_visit: bool,
    pub linger: u8,
    pub contact_min: u8,
    pub retention: u8,
    pub before: u8,
    pub after: u8,
    pub half_life: u8,
    pub follow: u8,
    pub f1_after: u8,
    pub cluster_contacts: u8,
    pub cluster_days: u8,
    pub zone: u8,
    pub dwell: u8,
    pub crowd: u8,
    /// 1: a district without population, capacity not met, no clusters; 2: no breaches, no levels in force.
    pub odd: u8,
    /// 1-3: long work is cut so finely that events come between any two steps of it.
    pub pace: u8,
}

/// All variants.
pub fn variants() -> impl Strategy<Value = Variant> {
    let contacts = (0..3_u8, any::<bool>(), 0..4_u8, 0..4_u8, 0..4_u8, 0..4_u8, 0..3_u8, 0..3_u8);
    let others = (0..3_u8, 0..3_u8, 0..4_u8, 0..3_u8, 0..3_u8, 0..4_u8, 0..3_u8, 0..4_u8, 0..4_u8);
    (contacts, others).prop_map(|(contacts, others)| {
        let (clock, by_visit, linger, contact_min, before, after, follow, f1_after) = contacts;
        let (retention, zone, half_life, cluster_contacts, cluster_days, dwell, crowd, odd, pace) = others;
        Variant {
            clock,
            by_visit,
            linger,
            contact_min,
            retention,
            before,
            after,
            half_life,
            follow,
            f1_after,
            cluster_contacts,
            cluster_days,
            zone,
            dwell,
            crowd,
            odd,
            pace,
        }
    })
}

/// How a variant cuts long work.
pub fn pace(variant: Variant) -> Pace {
    let fine = |slice_units, store_portion_max, late_rows_min| Pace {
        slice_units,
        store_portion: 1,
        store_portion_max,
        late_rows_min,
    };
    match variant.pace {
        1 => fine(1, 1, 0),
        2 => fine(25, 3, 1),
        3 => fine(200, 20, 0),
        _ => Pace::default(),
    }
}

fn kind(name: &str, (typical, max): (i64, i64), weight: i64, expects_scans: bool) -> VenueKind {
    VenueKind {
        name: name.into(),
        name_vi: name.into(),
        name_en: name.into(),
        dwell_typical_min: typical,
        dwell_max_min: max,
        weight_permille: weight,
        expects_scans,
        isolation_place: name == "hospital",
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
        area_km2: 1.0,
    }
}

fn ward(code: &str, district: &str, south: f64, west: f64) -> Ward {
    Ward {
        code: code.into(),
        district: district.into(),
        name_vi: code.into(),
        name_en: code.into(),
        kind: "phuong".into(),
        lat: south + 0.01,
        lon: west + 0.01,
        bounds: Bounds { south, west, north: south + 0.02, east: west + 0.02 },
    }
}

fn table(name: &str, from: &str, full_figure: &str, capacity_met: Option<bool>) -> LevelTable {
    LevelTable {
        name: name.into(),
        from: Day::parse(from).unwrap(),
        incidence: [20.0, 50.0, 150.0],
        dose_pct: 70.0,
        levels_met: [1, 1, 2, 3],
        levels_unmet: [1, 2, 3, 4],
        full_figure: full_figure.into(),
        full_pct: 80.0,
        capacity_met,
    }
}

fn zone(variant: u8) -> Zone {
    match variant {
        1 => Zone::fixed(5 * 3_600 + 1_800),
        // Clocks go back an hour on 31 October 2021, 01:00 UTC.
        2 => Zone { first_offset: 7_200, changes: vec![(Time(1_635_642_000), 3_600)] },
        _ => Zone::fixed(7 * 3_600),
    }
}

/// Minutes of typical and longest stays at a checkpoint, hospital, market, office and elsewhere: usual ones; stays past
/// midnight and into the next day; an `out` that nearly never or nearly always closes; all that a length has room for.
const DWELLS: [[(i64, i64); 5]; 4] = [
    [(0, 0), (120, 480), (45, 180), (240, 720), (60, 240)],
    [(0, 0), (90, 960), (45, 180), (240, 720), (90, 960)],
    [(0, 0), (1, 1_091), (546, 546), (240, 5), (60, 0)],
    [(0, 1_092), (1_092, 0), (1, 1_091), (1_000, 92), (90, 960)],
];

fn venue_kinds(dwell: u8) -> Vec<VenueKind> {
    let [checkpoint, hospital, market, office, other] = DWELLS[usize::from(dwell)];
    vec![
        kind("checkpoint", checkpoint, 100, false),
        kind("hospital", hospital, 1_500, true),
        kind("market", market, 1_200, true),
        kind("office", office, 1_000, true),
        kind("other", other, 1_000, false),
    ]
}

/// The rules of a variant.
pub fn params(variant: Variant) -> Params {
    Params {
        zone: zone(variant.zone),
        clock: [Clock::Events, Clock::Wall, Clock::Simulated][usize::from(variant.clock)],
        retention_days: [21, 2, 1][usize::from(variant.retention)],
        bounds: Bounds { south: 20.9, west: 105.7, north: 21.2, east: 106.0 },
        contacts: Contacts {
            infectious_before_h: [72, 336, 5, 0][usize::from(variant.before)],
            infectious_after_h: [240, 720, 7, 0][usize::from(variant.after)],
            contact_min: [15, 1, 40, 300][usize::from(variant.contact_min)],
            contact_sum: if variant.by_visit { ContactSum::Visit } else { ContactSum::Day },
            linger_min: [0, 30, 7, 1_092][usize::from(variant.linger)],
            f1_follow_days: [14, 1, 3][usize::from(variant.follow)],
            f1_infectious_after_days: [2, 0, 1][usize::from(variant.f1_after)],
            infectiousness_permille: [50, 200, 600, 1_000, 900, 700, 500, 400, 300, 200, 150, 100, 60, 30],
        },
        risk: Risk {
            half_life_h: [72.0, 1.0, 24.5, 8_760.0][usize::from(variant.half_life)],
            bands: [0.5, 2.0, 8.0, 32.0],
            presence_bands: [1.0, 2.0, 3.0, 4.0],
            cases_bands: [1.0, 2.0, 3.0, 4.0],
        },
        venue_kinds: venue_kinds(variant.dwell),
        districts: vec![district("001", if variant.odd == 1 { 0 } else { 1_000 }), district("007", 50_000)],
        wards: vec![
            ward("00001", "001", 21.00, 105.80),
            ward("00002", "001", 21.02, 105.80),
            ward("00256", "007", 21.00, 105.82),
        ],
        levels: vec![
            table(
                "old",
                if variant.odd == 2 { "2021-10-31" } else { "2021-10-12" },
                "vaccine_full_pct",
                None,
            ),
            table("new", "2021-11-01", "vaccine_full_50_pct", (variant.odd == 1).then_some(false)),
        ],
        alerts: Alerts {
            take_within_min: [15, 60, 480, 0],
            isolation_breach: BreachRule { enabled: variant.odd != 2, severity: Severity::Critical },
            cluster: ClusterRule {
                enabled: variant.odd != 1,
                severity: Severity::High,
                contacts_min: 1 + usize::from(variant.cluster_contacts),
                days: [7, 1, 2][usize::from(variant.cluster_days)],
            },
        },
    }
}
