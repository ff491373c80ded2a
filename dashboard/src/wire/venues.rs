//! Venues, cells, and lists of cells.

use super::{Num, cell_name, text, written};
use serde::Serialize;
use ts_rs::TS;
use vonglau_core::cells::Cells;
use vonglau_core::params::{Params, Risk};
use vonglau_core::rows::{CellRow, Layer, VenueRow as CoreVenue};
use vonglau_core::time::Zone;

/// The bounds of a layer's bands 1-4.
pub const fn bands(risk: &Risk, layer: Layer) -> [f64; 4] {
    match layer {
        Layer::Risk => risk.bands,
        Layer::Presence => risk.presence_bands,
        Layer::Cases => risk.cases_bands,
    }
}

/// What a layer counts.
pub const fn unit(layer: Layer) -> &'static str {
    match layer {
        Layer::Risk => "risk",
        Layer::Presence => "people",
        Layer::Cases => "cases",
    }
}

/// How many of the bounds a value reaches.
pub fn band(bounds: [f64; 4], value: f64) -> usize {
    bounds.iter().filter(|bound| **bound <= value).count()
}

/// A cell in a list: its name, value and band.
pub type HexItem = (String, Num, usize);

/// The cells of a layer at a resolution.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Hexes {
    pub stream_seq: u64,
    pub event_time: Option<String>,
    pub items: Vec<HexItem>,
    pub next: Option<String>,
    pub bounds: [Num; 4],
    #[ts(type = "'risk' | 'people' | 'cases'")]
    pub unit: &'static str,
}

/// Each cell with its band.
pub fn hex_items(cells: &Cells, bounds: [f64; 4]) -> Vec<HexItem> {
    cells.iter().map(|(cell, value)| (cell_name(cell), Num(value), band(bounds, value))).collect()
}

/// A venue: its record, its last scan, who is there.
#[derive(Clone, Debug, Serialize, TS)]
pub struct VenueRow {
    pub venue: String,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub venue_type: String,
    pub district: Option<String>,
    pub ward: Option<String>,
    pub lat: Option<Num>,
    pub lon: Option<Num>,
    pub capacity: Option<u32>,
    pub last_scan: Option<String>,
    pub present_now: u32,
    /// Scans are expected there, and none came for 24 hours.
    pub silent: bool,
    /// Has a record.
    pub known: bool,
}

impl VenueRow {
    pub fn new(row: &CoreVenue, zone: &Zone) -> Self {
        Self {
            venue: row.venue.to_string(),
            name: text(row.name.as_deref()),
            venue_type: row.venue_type.to_string(),
            district: text(row.district.as_deref()),
            ward: text(row.ward.as_deref()),
            lat: row.lat.map(Num),
            lon: row.lon.map(Num),
            capacity: row.capacity,
            last_scan: written(zone, row.last_scan),
            present_now: row.present_now,
            silent: row.silent,
            known: row.known,
        }
    }
}

/// A value and its band.
#[derive(Clone, Debug, Serialize, TS)]
pub struct CellValue {
    pub value: Num,
    pub band: usize,
}

/// What is behind one cell.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Cell {
    pub cell: String,
    pub layers: CellLayers,
    pub district: Option<String>,
    pub ward: Option<String>,
    pub venues: Vec<VenueRow>,
    /// There are more venues and cases than an answer holds.
    pub truncated: bool,
    pub cases: Vec<String>,
}

/// The three layers at one cell.
#[derive(Clone, Debug, Serialize, TS)]
pub struct CellLayers {
    pub risk: CellValue,
    pub presence: CellValue,
    pub cases: CellValue,
}

/// A cell's answer names at most so many venues, and as many cases.
pub const CELL_ROWS_MAX: usize = 1_000;

impl Cell {
    pub fn new(cell: u64, row: &CellRow, params: &Params) -> Self {
        let value = |layer: Layer| {
            let value = row.values[layer as usize];
            CellValue { value: Num(value), band: band(bands(&params.risk, layer), value) }
        };
        Self {
            cell: cell_name(cell),
            layers: CellLayers {
                risk: value(Layer::Risk),
                presence: value(Layer::Presence),
                cases: value(Layer::Cases),
            },
            district: text(row.district.as_deref()),
            ward: text(row.ward.as_deref()),
            venues: row.venues.iter().take(CELL_ROWS_MAX).map(|v| VenueRow::new(v, &params.zone)).collect(),
            truncated: row.venues.len() > CELL_ROWS_MAX || row.cases.len() > CELL_ROWS_MAX,
            cases: row.cases.iter().take(CELL_ROWS_MAX).map(ToString::to_string).collect(),
        }
    }
}
