//! A small city for tests: the contract's example district and ward, and another of each.

use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, District, Params, Risk, Severity,
    VenueKind, Ward,
};
use vonglau_core::time::Zone;

/// Rules under the clock `events`.
pub fn params() -> Params {
    Params {
        zone: Zone::fixed(7 * 3_600),
        clock: Clock::Events,
        retention_days: 21,
        bounds: BOUNDS,
        contacts: Contacts {
            infectious_before_h: 72,
            infectious_after_h: 240,
            contact_min: 15,
            contact_sum: ContactSum::Day,
            linger_min: 0,
            f1_follow_days: 14,
            f1_infectious_after_days: 2,
            infectiousness_permille: [0; 14],
        },
        risk: Risk {
            half_life_h: 72.0,
            bands: [1.0, 2.0, 3.0, 4.0],
            presence_bands: [1.0, 2.0, 3.0, 4.0],
            cases_bands: [1.0, 2.0, 3.0, 4.0],
        },
        venue_kinds: ["market", "other"].map(kind).into(),
        districts: vec![district("007"), district("001")],
        wards: vec![ward("00256", "007"), ward("00001", "001")],
        levels: Vec::new(),
        alerts: Alerts {
            take_within_min: [15, 60, 480, 0],
            isolation_breach: BreachRule { enabled: true, severity: Severity::High },
            cluster: ClusterRule { enabled: true, severity: Severity::High, contacts_min: 10, days: 7 },
        },
    }
}

const BOUNDS: Bounds = Bounds { south: 20.5, west: 105.2, north: 21.4, east: 106.1 };

fn kind(name: &str) -> VenueKind {
    VenueKind {
        name: name.into(),
        name_vi: name.into(),
        name_en: name.into(),
        dwell_typical_min: 60,
        dwell_max_min: 480,
        weight_permille: 1_000,
        expects_scans: false,
        isolation_place: false,
    }
}

fn district(code: &str) -> District {
    District {
        code: code.into(),
        name_vi: code.into(),
        name_en: code.into(),
        kind: "quan".into(),
        lat: 21.0,
        lon: 105.8,
        population: 100_000,
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
        bounds: BOUNDS,
    }
}
