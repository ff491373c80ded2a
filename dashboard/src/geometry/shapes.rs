//! The shapes of a city's districts and wards: smoothed ones to be kept in a file, plain ones for where there is none.

use super::label::pole;
use super::outline::{Draw, Point, Ring, rings};
use super::smooth::{area, holds, round, simplify};
use super::{GeometryError, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vonglau_core::params::Params;
use vonglau_core::wards::WardMap;

/// All shapes of a city.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// [`fingerprint`] of the wards they were made for.
    pub made_for: String,
    /// By code.
    pub districts: BTreeMap<String, Shape>,
    /// By code.
    pub wards: BTreeMap<String, Shape>,
}

/// The outline of an area, and where its name stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct Shape {
    /// Polygons: the outer ring, then holes.
    outline: Vec<Vec<Ring>>,
    pub label: Point,
}

/// A shape as the file holds it: rings as `[lon, lat, lon, lat, …]` in units of the last decimal, each pair but the
/// first as the step from the one before.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    outline: Vec<Vec<Vec<i64>>>,
    label: [i64; 2],
}

impl From<Shape> for Packed {
    fn from(shape: Shape) -> Self {
        let polygon = |polygon: &Vec<Ring>| polygon.iter().map(|ring| pack(ring)).collect();
        Self { outline: shape.outline.iter().map(polygon).collect(), label: units(shape.label) }
    }
}

impl From<Packed> for Shape {
    fn from(packed: Packed) -> Self {
        let polygon = |polygon: &Vec<Vec<i64>>| polygon.iter().map(|ring| unpack(ring)).collect();
        Self { outline: packed.outline.iter().map(polygon).collect(), label: degrees(packed.label) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180")]
fn units(point: Point) -> [i64; 2] {
    point.map(|degrees| (degrees * DECIMALS).round() as i64)
}

#[expect(clippy::cast_precision_loss, reason = "degrees are at most 180")]
fn degrees(units: [i64; 2]) -> Point {
    units.map(|units| units as f64 / DECIMALS)
}

fn pack(ring: &[Point]) -> Vec<i64> {
    let mut before = [0, 0];
    let step = |point: &Point| {
        let here = units(*point);
        let step = [here[0] - before[0], here[1] - before[1]];
        before = here;
        step
    };
    ring.iter().flat_map(step).collect()
}

fn unpack(steps: &[i64]) -> Ring {
    let mut here = [0_i64, 0];
    let point = |step: &[i64]| {
        here = [here[0].saturating_add(step[0]), here[1].saturating_add(step[1])];
        degrees(here)
    };
    steps.chunks_exact(2).map(point).collect()
}

impl Shape {
    /// A GeoJSON `MultiPolygon`: rings end where they begin.
    pub fn geojson(&self) -> Value {
        let close = |ring: &Ring| ring.iter().chain(ring.first()).copied().collect::<Ring>();
        let polygons: Vec<Vec<Ring>> =
            self.outline.iter().map(|polygon| polygon.iter().map(close).collect()).collect();
        json!({ "type": "MultiPolygon", "coordinates": polygons })
    }
}

/// How a kind of area is drawn. Kilometres.
#[derive(Clone, Copy, Debug)]
struct Style {
    res: u8,
    /// Points within it of a line are left out.
    tolerance_km: f64,
    /// How often corners are rounded.
    rounds: usize,
    /// Crumbs and holes that are smaller are left out.
    crumb_km2: f64,
    /// How well the place of the name is sought.
    label_km: f64,
}

const DISTRICTS: Style = Style { res: 9, tolerance_km: 0.16, rounds: 2, crumb_km2: 0.6, label_km: 0.1 };
const WARDS: Style = Style { res: 10, tolerance_km: 0.05, rounds: 2, crumb_km2: 0.08, label_km: 0.02 };

/// A share of the tolerance that nobody sees: rounding leaves points on lines that are straight but for it.
const UNSEEN: f64 = 0.2;

/// Decimals of a coordinate: about a metre.
const DECIMALS: f64 = 1e5;

/// Smoothed shapes: what `make gen` writes.
pub fn draw(params: &Params, map: &WardMap) -> Shapes {
    shapes(params, map, DISTRICTS, WARDS)
}

/// The unsmoothed unions of cells.
pub fn plain(params: &Params, map: &WardMap) -> Shapes {
    let plain = |style| Style { tolerance_km: 0.0, rounds: 0, ..style };
    shapes(params, map, plain(DISTRICTS), plain(WARDS))
}

/// The text of a file of shapes.
///
/// # Errors
/// When a coordinate is not finite.
pub fn write(shapes: &Shapes) -> Result<String, GeometryError> {
    serde_json::to_string(shapes).map(|text| text + "\n").map_err(GeometryError::Outlines)
}

fn shapes(params: &Params, map: &WardMap, districts: Style, wards: Style) -> Shapes {
    let middle = f64::midpoint(params.bounds.south, params.bounds.north);
    let ground = Ground { km_per_lon: 111.32 * middle.to_radians().cos(), km_per_lat: 110.574 };
    let by_district = map.cells(districts.res);
    let by_district = by_district.iter().map(|(code, cells)| (&**code, cells.clone())).collect();
    let mut by_ward: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (cell, ward) in map.iter() {
        if let Some(ward) = params.wards.get(ward) {
            by_ward.entry(&ward.code).or_default().push(cell);
        }
    }
    Shapes {
        made_for: fingerprint(&params.wards),
        districts: ground.shapes(&by_district, districts),
        wards: ground.shapes(&by_ward, wards),
    }
}

/// Degrees and kilometres, near one latitude.
struct Ground {
    km_per_lon: f64,
    km_per_lat: f64,
}

impl Ground {
    fn to_km(&self, [lon, lat]: Point) -> Point {
        [lon * self.km_per_lon, lat * self.km_per_lat]
    }

    fn to_degrees(&self, [x, y]: Point) -> Point {
        degrees(units([x / self.km_per_lon, y / self.km_per_lat]))
    }

    fn shapes(&self, areas: &BTreeMap<&str, Vec<u64>>, style: Style) -> BTreeMap<String, Shape> {
        let draw: &Draw = &|points, closed| {
            let points: Vec<_> = points.iter().map(|point| self.to_km(*point)).collect();
            let round = round(&simplify(&points, style.tolerance_km, closed), style.rounds, closed);
            simplify(&round, style.tolerance_km * UNSEEN, closed)
        };
        let shape = |(code, rings)| Some((code, self.shape(rings, style)?));
        rings(areas, draw).into_iter().filter_map(shape).collect()
    }

    /// The shape of rings in kilometres; None without any.
    fn shape(&self, rings: Vec<Ring>, style: Style) -> Option<Shape> {
        let (mut outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| area(ring) > 0.0);
        outer.sort_by(|a, b| area(b).total_cmp(&area(a)));
        let mut polygons: Vec<_> = outer
            .into_iter()
            .enumerate()
            .filter(|(n, ring)| *n == 0 || area(ring) >= style.crumb_km2)
            .map(|(_, ring)| vec![ring])
            .collect();
        for hole in holes.into_iter().filter(|hole| area(hole) <= -style.crumb_km2) {
            if let Some(polygon) =
                polygons.iter_mut().find(|polygon| hole.first().is_some_and(|p| holds(&polygon[0], *p)))
            {
                polygon.push(hole);
            }
        }
        let label = pole(polygons.first()?, style.label_km)?;
        let ring = |ring: Ring| ring.into_iter().map(|point| self.to_degrees(point)).collect();
        let outline = polygons.into_iter().map(|polygon| polygon.into_iter().map(ring).collect()).collect();
        Some(Shape { outline, label: self.to_degrees(label) })
    }
}
