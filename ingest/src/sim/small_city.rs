//! A small Hanoi for tests: three districts of four wards, all kinds of venues at their built-in times.

use super::{options::Ground, town::Setup, venues};
use vonglau_core::{
    params::{Bounds, District, VenueKind, Ward},
    time::{DAY, Time},
};

/// 14:00 on 2021-11-27 in Hanoi.
pub(super) const LIVE: Time = Time(1_637_996_400);

pub(super) const INFECTIOUSNESS: [i64; 14] =
    [499, 750, 935, 1000, 939, 788, 602, 422, 275, 168, 97, 53, 27, 14];

pub(super) fn ground() -> Ground {
    Ground {
        districts: ["001", "002", "003"].map(district).into(),
        wards: (0..12).map(ward).collect(),
        venue_kinds: venues::built_in().into_iter().map(kind).collect(),
        infectiousness_permille: INFECTIOUSNESS,
    }
}

/// Six days of case reports, four of them with scans.
pub(super) fn setup(people: u32, seed: u64) -> Setup {
    let ground = ground();
    Setup {
        districts: ground.districts,
        wards: ground.wards,
        venue_kinds: ground.venue_kinds,
        infectiousness_permille: INFECTIOUSNESS,
        people,
        seed,
        cases_from: LIVE.plus(-6 * DAY),
        scans_from: LIVE.plus(-4 * DAY),
        live_at: LIVE,
        scans_per_person_day: 2.0,
    }
}

fn kind((name, typical_min, max_min): (&str, i64, i64)) -> VenueKind {
    VenueKind {
        name: name.into(),
        name_vi: name.into(),
        name_en: name.into(),
        dwell_typical_min: typical_min,
        dwell_max_min: max_min,
        weight_permille: 700,
        expects_scans: false,
        isolation_place: false,
    }
}

fn district(code: &str) -> District {
    District {
        code: code.into(),
        name_vi: format!("Quận {code}").into(),
        name_en: code.into(),
        kind: "quan".into(),
        lat: 21.0,
        lon: 105.8,
        population: 100_000,
        area_km2: 10.0,
    }
}

fn ward(index: u32) -> Ward {
    let south = 20.9 + f64::from(index) * 0.02;
    Ward {
        code: format!("{:05}", index + 1).into(),
        district: format!("{:03}", index / 4 + 1).into(),
        name_vi: format!("Phường {index}").into(),
        name_en: format!("{index}").into(),
        kind: if index % 4 == 3 { "xa" } else { "phuong" }.into(),
        lat: south + 0.01,
        lon: 105.81,
        bounds: Bounds { south, west: 105.8, north: south + 0.02, east: 105.82 },
    }
}
