//! `levels.toml`: the tables of epidemic levels.

use super::layers::Layers;
use super::near::nearest;
use super::read::{Reader, ascending, number, numbers};
use toml::{Table, Value};
use vonglau_core::params::LevelTable;
use vonglau_core::time::Day;

/// Tables, at most.
const TABLES_MAX: usize = 100;
const KEYS: [&str; 9] = [
    "name",
    "from",
    "incidence",
    "dose_pct",
    "levels_met",
    "levels_unmet",
    "full_figure",
    "full_pct",
    "capacity_met",
];
const FULL_FIGURES: [&str; 2] = ["vaccine_full_pct", "vaccine_full_50_pct"];

/// The tables by the date from which each is in force.
pub fn levels(layers: &Layers, reader: &mut Reader<'_>) -> Vec<LevelTable> {
    let Some(entry) = layers.entries.get("table") else { return Vec::new() };
    let Some(list) = entry.value.as_array().filter(|list| list.len() <= TABLES_MAX) else {
        reader
            .faults
            .push(format!("table ({}): must be a list of at most {TABLES_MAX} tables", entry.origin));
        return Vec::new();
    };
    let mut tables = Vec::new();
    for (n, value) in list.iter().enumerate() {
        let mut told = |key: &str, reason: &str| {
            reader.faults.push(format!("table[{n}].{key} ({}): {reason}", entry.origin));
        };
        match value.as_table() {
            Some(table) => tables.push(level_table(table, &mut told)),
            None => told("", "must be a table"),
        }
    }
    tables.sort_by_key(|table| table.from);
    if tables.windows(2).any(|pair| pair[0].from == pair[1].from) {
        reader.faults.push(format!("table ({}): two tables have the same `from`", entry.origin));
    }
    tables
}

fn level_table(table: &Table, told: &mut dyn FnMut(&str, &str)) -> LevelTable {
    for key in table.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        told(key, &format!("no such key{}", nearest(key, KEYS)));
    }
    let mut get = |key: &str, wanted: &str, fits: &dyn Fn(&Value) -> bool| {
        let value = table.get(key).filter(|value| fits(value));
        if value.is_none() {
            told(key, &format!("must be {wanted}"));
        }
        value
    };
    let per_cent = |value: &Value| number(value).is_some_and(|n| (0.0..=100.0).contains(&n));
    let name = get("name", "text", &|value| value.as_str().is_some_and(|text| !text.is_empty()));
    let from = get("from", "a date like 2021-10-12", &|value| date(value).is_some());
    let incidence = get("incidence", "3 ascending numbers", &|value| {
        numbers::<3>(value).is_some_and(|list| ascending(&list) && list[0] >= 0.0)
    });
    let dose_pct = get("dose_pct", "a number from 0 to 100 (per cent)", &per_cent);
    let met = get("levels_met", "4 levels, each 1-4", &|value| four_levels(value).is_some());
    let unmet = get("levels_unmet", "4 levels, each 1-4", &|value| four_levels(value).is_some());
    let full_figure = get("full_figure", "\"vaccine_full_pct\" or \"vaccine_full_50_pct\"", &|value| {
        value.as_str().is_some_and(|text| FULL_FIGURES.contains(&text))
    });
    let full_pct = get("full_pct", "a number from 0 to 100 (per cent)", &per_cent);
    if table.contains_key("capacity_met") {
        get("capacity_met", "true or false", &|value| value.as_bool().is_some());
    }
    LevelTable {
        name: name.and_then(Value::as_str).unwrap_or_default().into(),
        from: from.and_then(date).unwrap_or_default(),
        incidence: incidence.and_then(numbers).unwrap_or_default(),
        dose_pct: dose_pct.and_then(number).unwrap_or_default(),
        levels_met: met.and_then(four_levels).unwrap_or_default(),
        levels_unmet: unmet.and_then(four_levels).unwrap_or_default(),
        full_figure: full_figure.and_then(Value::as_str).unwrap_or_default().into(),
        full_pct: full_pct.and_then(number).unwrap_or_default(),
        capacity_met: table.get("capacity_met").and_then(Value::as_bool),
    }
}

/// A TOML date, or text like one.
fn date(value: &Value) -> Option<Day> {
    match value {
        Value::Datetime(at) if at.time.is_none() => Day::parse(&at.to_string()),
        Value::String(text) => Day::parse(text),
        _ => None,
    }
}

fn four_levels(value: &Value) -> Option<[u8; 4]> {
    let level =
        |value: &Value| value.as_integer().and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=4).contains(n));
    let list: Option<Vec<u8>> = value.as_array()?.iter().map(level).collect();
    list?.try_into().ok()
}
