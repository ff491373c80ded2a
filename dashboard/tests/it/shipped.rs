//! The shipped city, with rules simple enough to read: for the tests and for what `make gen` writes.

use std::error::Error;
use std::path::PathBuf;
use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, District, Params, Risk, Severity,
    VenueKind, Ward,
};
use vonglau_core::time::Zone;

/// A file of the shipped configuration.
pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "config", name].iter().collect()
}

/// The districts and wards as shipped.
pub fn params() -> Result<Params, Box<dyn Error>> {
    let kind = VenueKind {
        name: "other".into(),
        name_vi: "Khác".into(),
        name_en: "Other".into(),
        dwell_typical_min: 30,
        dwell_max_min: 240,
        weight_permille: 500,
        expects_scans: false,
        isolation_place: false,
    };
    Ok(Params {
        zone: Zone::fixed(7 * 3_600),
        clock: Clock::Wall,
        retention_days: 21,
        bounds: Bounds { south: 20.52, west: 105.24, north: 21.43, east: 106.07 },
        contacts: Contacts {
            infectious_before_h: 72,
            infectious_after_h: 240,
            contact_min: 15,
            contact_sum: ContactSum::Day,
            linger_min: 0,
            f1_follow_days: 14,
            f1_infectious_after_days: 2,
            infectiousness_permille: [500; 14],
        },
        risk: Risk {
            half_life_h: 72.0,
            bands: [10.0, 60.0, 240.0, 960.0],
            presence_bands: [20.0, 100.0, 500.0, 2_000.0],
            cases_bands: [1.0, 3.0, 10.0, 30.0],
        },
        venue_kinds: vec![kind],
        districts: districts()?,
        wards: wards()?,
        levels: Vec::new(),
        alerts: Alerts {
            take_within_min: [15, 60, 480, 0],
            isolation_breach: BreachRule { enabled: true, severity: Severity::Critical },
            cluster: ClusterRule { enabled: true, severity: Severity::High, contacts_min: 20, days: 7 },
        },
    })
}

fn districts() -> Result<Vec<District>, Box<dyn Error>> {
    let mut districts = Vec::new();
    for row in csv::Reader::from_path(path("districts.csv"))?.records() {
        let row = row?;
        districts.push(District {
            code: row[0].into(),
            name_vi: row[1].into(),
            name_en: row[2].into(),
            kind: row[3].into(),
            lat: row[4].parse()?,
            lon: row[5].parse()?,
            population: row[6].parse()?,
            area_km2: row[7].parse()?,
        });
    }
    Ok(districts)
}

fn wards() -> Result<Vec<Ward>, Box<dyn Error>> {
    let mut wards = Vec::new();
    for row in csv::Reader::from_path(path("wards.csv"))?.records() {
        let row = row?;
        wards.push(Ward {
            code: row[0].into(),
            district: row[1].into(),
            name_vi: row[2].into(),
            name_en: row[2].into(),
            kind: row[3].into(),
            lat: row[4].parse()?,
            lon: row[5].parse()?,
            bounds: Bounds {
                south: row[6].parse()?,
                west: row[7].parse()?,
                north: row[8].parse()?,
                east: row[9].parse()?,
            },
        });
    }
    Ok(wards)
}
