//! The rules' numbers out of the layers, each with its range.

use super::layers::Layers;
use super::read::{Reader, ascending};
use super::zone::zone;
use std::collections::BTreeSet;
use vonglau_core::params::{
    Alerts, Bounds, BreachRule, Clock, ClusterRule, ContactSum, Contacts, Risk, Severity, VenueKind,
};
use vonglau_core::time::Zone;

/// A visit fits 16 bits of seconds.
const VISIT_MIN_MAX: i64 = 1_092;
/// Kinds of venue, at most.
const KINDS_MAX: usize = 100;
const CLOCKS: [(&str, Clock); 3] =
    [("wall", Clock::Wall), ("events", Clock::Events), ("simulated", Clock::Simulated)];
const SUMS: [(&str, ContactSum); 2] = [("day", ContactSum::Day), ("visit", ContactSum::Visit)];
const SEVERITIES: [(&str, Severity); 4] = [
    ("critical", Severity::Critical),
    ("high", Severity::High),
    ("medium", Severity::Medium),
    ("notice", Severity::Notice),
];

/// Which clock gives `now`.
pub fn clock(reader: &mut Reader<'_>) -> Clock {
    reader.word("city.clock", &CLOCKS)
}

/// The zone of the city, by its name in the zone database.
pub fn city_zone(reader: &mut Reader<'_>) -> Zone {
    let name = reader.text("city.zone");
    zone(&name).unwrap_or_else(|| {
        reader.fault("city.zone", "no zone of the IANA database (such as \"Asia/Ho_Chi_Minh\")");
        Zone::fixed(0)
    })
}

/// The city's box.
pub fn bounds(reader: &mut Reader<'_>) -> Bounds {
    let on_earth = |b: &[f64; 4]| {
        b[0] < b[2] && b[1] < b[3] && b[0] >= -90.0 && b[2] <= 90.0 && b[1] >= -180.0 && b[3] <= 180.0
    };
    let wanted = "[south, west, north, east] in degrees with south < north and west < east";
    let [south, west, north, east] = reader.numbers("city.bounds", wanted, on_earth);
    Bounds { south, west, north, east }
}

/// What a contact is.
pub fn contacts(reader: &mut Reader<'_>) -> Contacts {
    let whole = |list: &[f64; 14]| list.iter().all(|n| n.fract() == 0.0 && (0.0..=1000.0).contains(n));
    let infectiousness: [f64; 14] =
        reader.numbers("contacts.infectiousness_permille", "whole, 0-1000, for day -3 to 10", whole);
    Contacts {
        infectious_before_h: reader.int("contacts.infectious_before_h", 0..=336, "hours"),
        infectious_after_h: reader.int("contacts.infectious_after_h", 0..=720, "hours"),
        contact_min: reader.int("contacts.contact_min", 1..=VISIT_MIN_MAX, "minutes"),
        contact_sum: reader.word("contacts.contact_sum", &SUMS),
        linger_min: reader.int("contacts.linger_min", 0..=VISIT_MIN_MAX, "minutes"),
        f1_follow_days: days(reader, "contacts.f1_follow_days", 1),
        f1_infectious_after_days: days(reader, "contacts.f1_infectious_after_days", 0),
        infectiousness_permille: infectiousness.map(truncated),
    }
}

/// Days from `least` to 60.
pub fn days(reader: &mut Reader<'_>, path: &str, least: i64) -> i32 {
    i32::try_from(reader.int(path, least..=60, "days")).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "whole and at most 1000, as was checked")]
fn truncated(n: f64) -> i64 {
    n as i64
}

/// The hexes' rules.
pub fn risk(reader: &mut Reader<'_>) -> Risk {
    let mut bands = |path: &str| {
        reader.numbers(path, "ascending, from 0", |bands: &[f64; 4]| ascending(bands) && bands[0] >= 0.0)
    };
    let (bands, presence_bands, cases_bands) =
        (bands("risk.bands"), bands("risk.presence_bands"), bands("risk.cases_bands"));
    Risk {
        half_life_h: reader.float("risk.half_life_h", 1.0..=8_760.0, "hours"),
        bands,
        presence_bands,
        cases_bands,
    }
}

/// The kinds of venue by name.
pub fn venue_kinds(layers: &Layers, reader: &mut Reader<'_>) -> Vec<VenueKind> {
    let of_kinds = |path: &&String| layers.entries[*path].file == "venue-kinds.toml";
    let sections: BTreeSet<&str> =
        layers.entries.keys().filter(of_kinds).filter_map(|path| path.split('.').next()).collect();
    if sections.len() > KINDS_MAX {
        reader.faults.push(format!("venue-kinds.toml: more than {KINDS_MAX} kinds"));
    }
    sections.into_iter().take(KINDS_MAX).map(|name| venue_kind(name, reader)).collect()
}

fn venue_kind(name: &str, reader: &mut Reader<'_>) -> VenueKind {
    let is_word =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_word || name.len() > 64 {
        reader.faults.push(format!("venue-kinds.toml: [{name}] must be 1-64 of a-z, 0-9 and _"));
    }
    let path = |key: &str| format!("{name}.{key}");
    let kind = VenueKind {
        name: name.into(),
        name_vi: reader.text_or(&path("name_vi"), name).into(),
        name_en: reader.text_or(&path("name_en"), name).into(),
        dwell_typical_min: reader.int(&path("dwell_typical_min"), 0..=VISIT_MIN_MAX, "minutes"),
        dwell_max_min: reader.int(&path("dwell_max_min"), 0..=VISIT_MIN_MAX, "minutes"),
        weight_permille: reader.int(&path("weight_permille"), 0..=10_000, "thousandths"),
        expects_scans: reader.flag(&path("expects_scans")),
        isolation_place: reader.flag(&path("isolation_place")),
    };
    let together = kind.dwell_typical_min + kind.dwell_max_min;
    if together > VISIT_MIN_MAX {
        let reason = format!(
            "dwell_typical_min + dwell_max_min is {together}, more than {VISIT_MIN_MAX} minutes \
             (a visit fits 16 bits of seconds)"
        );
        reader.fault(&path("dwell_max_min"), &reason);
    }
    kind
}

/// The alert rules.
pub fn alerts(reader: &mut Reader<'_>) -> Alerts {
    let within = SEVERITIES
        .map(|(name, _)| reader.int(&format!("take_within_min.{name}"), 0..=10_080, "minutes, 0 is none"));
    let contacts_min = reader.int("cluster.contacts_min", 2..=100_000, "contacts");
    Alerts {
        take_within_min: within,
        isolation_breach: BreachRule {
            enabled: reader.flag("isolation_breach.enabled"),
            severity: reader.word("isolation_breach.severity", &SEVERITIES),
        },
        cluster: ClusterRule {
            enabled: reader.flag("cluster.enabled"),
            severity: reader.word("cluster.severity", &SEVERITIES),
            contacts_min: usize::try_from(contacts_min).unwrap_or_default(),
            days: reader.int("cluster.days", 1..=60, "days"),
        },
    }
}
