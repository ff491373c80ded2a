//! The configuration: defaults are complete, layers lie in order, mistakes are told with path and reason.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use tempfile::TempDir;
use vonglau::config::{Asked, Config};
use vonglau_core::params::{Clock, Severity};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn load(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, String> {
    let folder = folder(files);
    let asked = Asked { folder: Some(folder.path().to_owned()), ..Asked::default() };
    let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(&asked, variables).map_err(|faults| faults.to_string())
}

#[track_caller]
fn refused(files: &[(&str, &str)], environment: &[(&str, &str)], told: &[&str]) {
    let faults = load(files, environment).unwrap_err();
    for part in told {
        assert!(faults.contains(part), "`{part}` is not told in: {faults}");
    }
}

#[test]
fn the_defaults_are_the_contracts() {
    let config = load(&[], &[]).unwrap();
    let params = &config.params;
    assert_eq!(params.clock, Clock::Wall);
    assert_eq!(params.retention_days, 21);
    assert_eq!((config.stopped_after_s, config.body_mib_max), (15, 8));
    let contacts = &params.contacts;
    assert_eq!(
        (contacts.infectious_before_h, contacts.infectious_after_h, contacts.contact_min),
        (72, 240, 15)
    );
    assert_eq!((contacts.linger_min, contacts.f1_follow_days, contacts.f1_infectious_after_days), (0, 14, 2));
    assert_eq!((params.districts.len(), params.wards.len(), params.venue_kinds.len()), (30, 526, 15));
    assert_eq!(params.alerts.take_within_min, [15, 60, 480, 0]);
    let levels: Vec<_> =
        params.levels.iter().map(|t| (t.from.to_string(), t.full_figure.to_string())).collect();
    let expected = [("2021-10-12", "vaccine_full_pct"), ("2021-11-01", "vaccine_full_50_pct")];
    assert_eq!(levels, expected.map(|(from, figure)| (from.to_owned(), figure.to_owned())));
    assert!(!config.open && config.listen.ip().is_loopback());
}

#[test]
fn a_folder_lies_over_the_defaults_key_by_key_and_the_environment_over_the_folder() {
    let alerts = ("alerts.toml", "[cluster]\nseverity = \"critical\"\ncontacts_min = 5\n");
    let config = load(&[alerts], &[("VONGLAU_CLUSTER__CONTACTS_MIN", "7"), ("HOME", "/")]).unwrap();
    let cluster = config.params.alerts.cluster;
    assert_eq!((cluster.severity, cluster.contacts_min, cluster.days), (Severity::Critical, 7, 7));
    let shown = config.show();
    assert!(shown.contains("contacts_min = 7  # environment VONGLAU_CLUSTER__CONTACTS_MIN"), "{shown}");
    assert!(shown.contains("days = 7  # default"), "{shown}");
}

#[test]
fn text_lists_and_whole_tables_come_from_the_environment_too() {
    let table = r#"[{name="a", from=2021-01-01, incidence=[1,2,3], dose_pct=50, levels_met=[1,1,1,1], levels_unmet=[4,4,4,4], full_figure="vaccine_full_pct", full_pct=1}]"#;
    let environment = [
        ("VONGLAU_CITY__CLOCK", "events"),
        ("VONGLAU_RISK__BANDS", "[1, 2.5, 3, 4]"),
        ("VONGLAU_MARKET__DWELL_TYPICAL_MIN", "50"),
        ("VONGLAU_TABLE", table),
    ];
    let config = load(&[], &environment).unwrap();
    assert_eq!(config.params.clock, Clock::Events);
    assert!((config.params.risk.bands[1] - 2.5).abs() < f64::EPSILON);
    assert!(
        config.params.venue_kinds.iter().any(|kind| &*kind.name == "market" && kind.dwell_typical_min == 50)
    );
    assert_eq!(config.params.levels.len(), 1);
}

#[test]
fn an_unknown_key_is_refused_with_its_path_and_the_nearest_known_one() {
    refused(
        &[("vonglau.toml", "[contacts]\ncontact_mins = 5\n[citi]\nzone = \"UTC\"\n")],
        &[],
        &["contacts.contact_mins", "vonglau.toml", "`contacts.contact_min`", "citi", "`city`"],
    );
    refused(&[], &[("VONGLAU_CITY__CLOK", "wall")], &["VONGLAU_CITY__CLOK", "`VONGLAU_CITY__CLOCK`"]);
    refused(
        &[("venue-kinds.toml", "[market]\nweight = 5\n")],
        &[],
        &["market.weight", "`market.weight_permille`"],
    );
    refused(&[("levels.toml", "[[table]]\nnam = \"x\"\n")], &[], &["table[0].nam", "`name`"]);
    refused(&[("venue-kind.toml", "")], &[], &["venue-kind.toml", "`venue-kinds.toml`"]);
    refused(
        &[("districts.csv", "code,name\n001,x\n")],
        &[],
        &["no such column `name`", "`population_2019` is missing"],
    );
}

#[test]
fn a_value_out_of_its_range_is_refused_with_path_and_reason() {
    refused(
        &[("venue-kinds.toml", "[market]\ndwell_typical_min = 500\ndwell_max_min = 593\n")],
        &[],
        &["market.dwell_max_min", "1093", "1092", "16 bits"],
    );
    refused(&[("vonglau.toml", "[risk]\nbands = [1, 3, 2, 4]\n")], &[], &["risk.bands", "ascending"]);
    refused(&[("vonglau.toml", "[city]\nzone = \"Asia/Hanoi\"\n")], &[], &["city.zone", "IANA"]);
    refused(
        &[("vonglau.toml", "[contacts]\ncontact_min = \"15\"\n")],
        &[],
        &["contacts.contact_min", "whole number"],
    );
    refused(
        &[],
        &[("VONGLAU_HTTP__BODY_MIB_MAX", "0")],
        &["http.body_mib_max", "VONGLAU_HTTP__BODY_MIB_MAX"],
    );
    refused(&[], &[("VONGLAU_CITY__BOUNDS", "[21, 105, 20, 106]")], &["city.bounds", "south < north"]);
}

#[test]
fn several_mistakes_are_told_at_once() {
    refused(
        &[("vonglau.toml", "[contacts]\ncontact_min = 0\nlinger_min = -1\n")],
        &[("VONGLAU_X__Y", "1")],
        &["contacts.contact_min", "contacts.linger_min", "VONGLAU_X__Y"],
    );
}

#[test]
fn a_ward_of_an_unknown_district_and_a_code_that_stands_twice_are_refused() {
    let head = "code,district_code,name_vi,kind,lat,lon,south,west,north,east\n";
    let ward = |code: &str, district: &str| format!("{code},{district},Xã A,xa,21,105,20,104,22,106\n");
    let wards = format!("{head}{}{}{}", ward("1", "001"), ward("1", "001"), ward("2", "999"));
    refused(&[("wards.csv", &wards)], &[], &["line 4", "`999`", "code `1` stands twice"]);
}

#[test]
fn a_new_kind_of_venue_needs_all_its_keys() {
    refused(
        &[("venue-kinds.toml", "[gym]\nweight_permille = 900\n")],
        &[],
        &["gym.dwell_max_min", "gym.expects_scans"],
    );
    let whole = "[gym]\nname_vi = \"Phòng tập\"\nname_en = \"Gym\"\ndwell_typical_min = 60\ndwell_max_min = 200\n\
                 weight_permille = 900\nexpects_scans = false\nisolation_place = false\n";
    assert_eq!(load(&[("venue-kinds.toml", whole)], &[]).unwrap().params.venue_kinds.len(), 16);
}

#[test]
fn only_loopback_is_listened_on_unless_it_is_open_to_all() {
    let at = |listen: &'static str| [("VONGLAU_HTTP__LISTEN", listen)];
    refused(&[], &at("0.0.0.0:80"), &["http.listen", "--allow-anonymous"]);
    assert!(load(&[], &at("[::1]:80")).is_ok());
    let asked = Asked { http: Some("0.0.0.0:80".to_owned()), allow_anonymous: true, ..Asked::default() };
    assert!(Config::load(&asked, std::iter::empty()).unwrap().open);
}

#[test]
fn the_monitoring_port_is_looked_for_where_nats_is() {
    let monitor = |url: &str| load(&[], &[("VONGLAU_NATS__URL", url)]).unwrap().nats_monitor;
    assert_eq!(monitor("nats://10.0.0.5:4222"), "http://10.0.0.5:8222");
    assert_eq!(monitor("nats://me:secret@[::1]:4222,nats://other:4222"), "http://[::1]:8222");
    refused(&[], &[("VONGLAU_NATS__MONITOR", "8222")], &["nats.monitor", "http://127.0.0.1:8222"]);
}

#[test]
fn secrets_are_not_shown() {
    let key = "0123456789abcdef".repeat(4);
    let environment =
        [("VONGLAU_IDENTITY__KEY", key.as_str()), ("VONGLAU_NATS__URL", "nats://me:secret@host:4222")];
    let config = load(&[], &environment).unwrap();
    assert_eq!(config.identity_key.as_deref(), Some(key.as_str()));
    let shown = config.show();
    assert!(!shown.contains(&key) && !shown.contains("secret"), "{shown}");
    refused(&[], &[("VONGLAU_IDENTITY__KEY", "0123")], &["identity.key", "(hidden)", "hex digits"]);
}

#[test]
fn the_demo_scales_the_city_to_two_hundred_thousand() {
    let config = Config::load(&Asked { demo: true, ..Asked::default() }, std::iter::empty()).unwrap();
    assert_eq!(config.params.districts.iter().map(|d| d.population).sum::<u64>(), 200_000);
    assert_eq!(config.params.clock, Clock::Simulated);
    assert!(config.scaled_note.is_some());
}
