//! `districts.csv` and `wards.csv`.

use super::layers::Sheet;
use super::near::nearest;
use super::read::Reader;
use csv::StringRecord;
use std::collections::BTreeSet;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use vonglau_core::params::{Bounds, District, Ward};

/// A larger city is cut into several.
const DISTRICTS_MAX: usize = 1_000;
const WARDS_MAX: usize = 20_000;
const DISTRICT_COLUMNS: [&str; 8] =
    ["code", "name_vi", "name_en", "kind", "lat", "lon", "population_2019", "area_km2"];
const WARD_COLUMNS: [&str; 10] =
    ["code", "district_code", "name_vi", "kind", "lat", "lon", "south", "west", "north", "east"];
/// Columns that may say nothing, which is 0.
const MAY_BE_EMPTY: [&str; 2] = ["population_2019", "area_km2"];
/// What a ward's name begins with and its English name does without.
const WARD_KINDS: [&str; 3] = ["Phường ", "Thị trấn ", "Xã "];
/// The code that says unknown.
const UNKNOWN_CODE: &str = "000";

/// One line of a sheet, read column by column.
struct Row<'a> {
    place: String,
    columns: &'a [&'a str],
    fields: &'a StringRecord,
    order: &'a [usize],
    faults: &'a mut Vec<String>,
}

impl Row<'_> {
    fn text(&mut self, column: &str) -> Box<str> {
        let found = self.columns.iter().position(|name| *name == column).and_then(|n| self.order.get(n));
        let text = found.and_then(|n| self.fields.get(*n)).unwrap_or_default().trim();
        if text.is_empty() && !MAY_BE_EMPTY.contains(&column) {
            self.fault(column, "is empty");
        }
        text.into()
    }

    fn number<T: Copy + FromStr + PartialOrd + Default + std::fmt::Display>(
        &mut self,
        column: &str,
        least: T,
        most: T,
    ) -> T {
        let text = self.text(column);
        match text.parse::<T>().ok().filter(|n| *n >= least && *n <= most) {
            Some(number) => number,
            None if text.is_empty() => T::default(),
            None => {
                self.fault(column, &format!("`{text}` must be a number from {least} to {most}"));
                T::default()
            }
        }
    }

    fn fault(&mut self, column: &str, reason: &str) {
        self.faults.push(format!("{}, column {column}: {reason}", self.place));
    }
}

/// The districts by code.
pub fn districts(sheet: &Sheet, reader: &mut Reader<'_>) -> Vec<District> {
    let mut found = rows(sheet, "districts.csv", &DISTRICT_COLUMNS, DISTRICTS_MAX, reader, |row| {
        let code = row.text("code");
        if &*code == UNKNOWN_CODE {
            row.fault("code", "`000` means unknown and is no district");
        }
        District {
            code,
            name_vi: row.text("name_vi"),
            name_en: row.text("name_en"),
            kind: row.text("kind"),
            lat: row.number("lat", -90.0, 90.0),
            lon: row.number("lon", -180.0, 180.0),
            population: row.number("population_2019", 0, 100_000_000),
            area_km2: row.number("area_km2", 0.0, 1_000_000.0),
        }
    });
    found.sort_by(|a, b| a.code.cmp(&b.code));
    unique(found.iter().map(|district| &*district.code), sheet, "districts.csv", reader);
    if found.is_empty() {
        reader.faults.push(format!("districts.csv ({}): has no district", sheet.origin));
    }
    found
}

/// The wards by code; each belongs to a known district.
pub fn wards(sheet: &Sheet, districts: &[District], reader: &mut Reader<'_>) -> Vec<Ward> {
    let mut found = rows(sheet, "wards.csv", &WARD_COLUMNS, WARDS_MAX, reader, |row| {
        let name_vi = row.text("name_vi");
        let district = row.text("district_code");
        if !district.is_empty() && districts.binary_search_by(|known| known.code.cmp(&district)).is_err() {
            row.fault("district_code", &format!("`{district}` is no district of districts.csv"));
        }
        let bounds = Bounds {
            south: row.number("south", -90.0, 90.0),
            west: row.number("west", -180.0, 180.0),
            north: row.number("north", -90.0, 90.0),
            east: row.number("east", -180.0, 180.0),
        };
        if bounds.south >= bounds.north || bounds.west >= bounds.east {
            row.fault("south", "the box is empty: south < north and west < east are needed");
        }
        Ward {
            code: row.text("code"),
            district,
            name_en: without_marks(&name_vi).into(),
            name_vi,
            kind: row.text("kind"),
            lat: row.number("lat", -90.0, 90.0),
            lon: row.number("lon", -180.0, 180.0),
            bounds,
        }
    });
    found.sort_by(|a, b| a.code.cmp(&b.code));
    unique(found.iter().map(|ward| &*ward.code), sheet, "wards.csv", reader);
    found
}

fn rows<T>(
    sheet: &Sheet,
    file: &str,
    columns: &[&str],
    rows_max: usize,
    reader: &mut Reader<'_>,
    mut read: impl FnMut(&mut Row<'_>) -> T,
) -> Vec<T> {
    let place = format!("{file} ({})", sheet.origin);
    let mut lines =
        csv::ReaderBuilder::new().from_reader(sheet.text.trim_start_matches('\u{feff}').as_bytes());
    let header = match lines.headers() {
        Ok(header) => header,
        Err(error) => {
            reader.faults.push(format!("{place}: {error}"));
            return Vec::new();
        }
    };
    let Some(order) = columns_in_order(header, columns, &place, &mut reader.faults) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for line in lines.records() {
        let fields = match line {
            Ok(fields) => fields,
            Err(error) => {
                reader.faults.push(format!("{place}: {error}"));
                continue;
            }
        };
        if found.len() == rows_max {
            reader.faults.push(format!("{place}: has more than {rows_max} lines"));
            break;
        }
        let line = fields.position().map_or(0, csv::Position::line);
        let place = format!("{place}, line {line}");
        found.push(read(&mut Row {
            place,
            columns,
            fields: &fields,
            order: &order,
            faults: &mut reader.faults,
        }));
    }
    found
}

/// Where each column stands; None where the header has not exactly ours, in any order.
fn columns_in_order(
    header: &StringRecord,
    columns: &[&str],
    place: &str,
    faults: &mut Vec<String>,
) -> Option<Vec<usize>> {
    let before = faults.len();
    for name in header.iter().filter(|name| !columns.contains(name)) {
        faults.push(format!("{place}: no such column `{name}`{}", nearest(name, columns)));
    }
    let order: Vec<usize> =
        columns.iter().filter_map(|name| header.iter().position(|found| found == *name)).collect();
    for name in columns.iter().filter(|name| header.iter().all(|found| found != **name)) {
        faults.push(format!("{place}: column `{name}` is missing"));
    }
    (faults.len() == before).then_some(order)
}

fn unique<'a>(codes: impl Iterator<Item = &'a str>, sheet: &Sheet, file: &str, reader: &mut Reader<'_>) {
    let mut seen = BTreeSet::new();
    for code in codes.filter(|code| !code.is_empty()) {
        if !seen.insert(code) {
            reader.faults.push(format!("{file} ({}): code `{code}` stands twice", sheet.origin));
        }
    }
}

/// A ward's name without its kind and without marks: "Phường Phúc Xá" is "Phuc Xa".
fn without_marks(name: &str) -> String {
    let bare = WARD_KINDS.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
    // đ has no mark that could be taken off; it is a letter of its own.
    bare.replace('đ', "d").replace('Đ', "D").nfd().filter(|letter| !is_combining_mark(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_english_name_has_no_marks_and_no_kind() {
        assert_eq!(without_marks("Phường Đống Mác"), "Dong Mac");
        assert_eq!(without_marks("Thị trấn Phùng"), "Phung");
        assert_eq!(without_marks("Xã Ứng Hoà"), "Ung Hoa");
    }
}
