//! The city's shapes: outlines, labels, landmarks, and the cells of each district.
//!
//! The outlines of the shipped wards are made beforehand ([`shapes::draw`], `make gen`) and committed; for other wards
//! they are the plain unions of cells.

pub mod label;
pub mod outline;
pub mod shapes;
pub mod smooth;

use crate::packed::Packed;
use crate::wire::cell_name;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};
use shapes::{Shape, Shapes};
use vonglau_core::params::{Params, Ward};
use vonglau_core::wards::WardMap;

/// The answer of `/api/v1/geometry`, made once.
#[derive(Clone, Debug)]
pub struct Geometry(Packed);

/// A file of shapes that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GeometryError {
    #[error("geometry.json cannot be read ({0}); make it anew with `make gen`")]
    Outlines(serde_json::Error),
    #[error("landmarks.geojson cannot be read: {0}")]
    Landmarks(serde_json::Error),
}

impl Geometry {
    /// The shapes of a city. `outlines`: text of `geometry.json`, used if it was made for these wards; `landmarks`:
    /// text of `landmarks.geojson`.
    ///
    /// # Errors
    /// When a text is not what `make gen` writes, or no GeoJSON.
    pub fn build(
        params: &Params,
        map: &WardMap,
        outlines: Option<&str>,
        landmarks: Option<&str>,
    ) -> Result<Self, GeometryError> {
        let made =
            outlines.map(serde_json::from_str::<Shapes>).transpose().map_err(GeometryError::Outlines)?;
        let made = made.filter(|shapes| shapes.made_for == fingerprint(&params.wards));
        let shapes = made.unwrap_or_else(|| shapes::plain(params, map));
        let landmarks: Value = match landmarks {
            Some(text) => serde_json::from_str(text).map_err(GeometryError::Landmarks)?,
            None => json!({ "type": "FeatureCollection", "features": [] }),
        };
        let mut body = Map::new();
        body.insert("districts".into(), districts(params, &shapes));
        body.insert("wards".into(), wards(params, &shapes));
        body.insert("landmarks".into(), landmarks);
        let b = params.bounds;
        body.insert("bounds".into(), json!([b.south, b.west, b.north, b.east]));
        body.insert("cells".into(), json!({ "8": cells(map, 8), "9": cells(map, 9) }));
        let version = format!("{:016x}", fnv(Value::Object(body.clone()).to_string().bytes()));
        body.insert("version".into(), version.clone().into());
        let text = Value::Object(body).to_string().into();
        Ok(Self(Packed::new(text, "application/json".into(), "no-cache", &version)))
    }

    /// The answer, or that the asker has it already.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        self.0.answer(headers)
    }
}

/// Tells lists of wards apart: outlines belong to one.
pub fn fingerprint(wards: &[Ward]) -> String {
    let line = |ward: &Ward| {
        let b = ward.bounds;
        format!("{},{},{},{},{},{};", ward.code, ward.district, b.south, b.west, b.north, b.east)
    };
    format!("{:016x}", fnv(wards.iter().map(line).collect::<String>().bytes()))
}

/// The 64-bit FNV-1a hash: the same on every machine and in every version.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn districts(params: &Params, shapes: &Shapes) -> Value {
    let row = |district: &vonglau_core::params::District| {
        let shape = shapes.districts.get(&*district.code);
        json!({
            "code": district.code, "name_vi": district.name_vi, "name_en": district.name_en, "kind": district.kind,
            "population": district.population,
            "outline": shape.map(Shape::geojson),
            "label": shape.map_or([district.lon, district.lat], |shape| shape.label),
        })
    };
    params.districts.iter().map(row).collect()
}

fn wards(params: &Params, shapes: &Shapes) -> Value {
    let row = |ward: &Ward| {
        let shape = shapes.wards.get(&*ward.code);
        json!({
            "code": ward.code, "district": ward.district, "name_vi": ward.name_vi, "name_en": ward.name_en,
            "kind": ward.kind,
            "outline": shape.map(Shape::geojson),
            "label": shape.map_or([ward.lon, ward.lat], |shape| shape.label),
        })
    };
    params.wards.iter().map(row).collect()
}

fn cells(map: &WardMap, res: u8) -> Value {
    let names =
        |cells: Vec<u64>| cells.into_iter().map(|cell| cell_name(cell).into()).collect::<Vec<Value>>();
    map.cells(res)
        .into_iter()
        .map(|(code, cells)| (code.to_string(), names(cells).into()))
        .collect::<Map<_, _>>()
        .into()
}
