//! Tables that are made of pictures, and the rows in which two pictures differ.

use crate::column::TableDoc;
use crate::tables::{alerts, districts, hexes, wards};
use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use std::sync::Arc;
use vonglau_core::cells::Cells;
use vonglau_core::params::Params;
use vonglau_core::rows::{AlertRow, Layer};
use vonglau_core::view::{Shown, View};

/// A table that is made of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureTable {
    Risk,
    Presence,
    Districts,
    Wards,
    Alerts,
}

/// What rows of all tables are made with.
#[derive(Debug)]
pub struct Ground<'a> {
    pub params: &'a Params,
    pub zone: &'a Arc<str>,
}

impl PictureTable {
    /// By the table's name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hex_risk" => Some(Self::Risk),
            "hex_presence" => Some(Self::Presence),
            "districts" => Some(Self::Districts),
            "wards" => Some(Self::Wards),
            "alerts" => Some(Self::Alerts),
            _ => None,
        }
    }

    /// The column that names a row.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Risk | Self::Presence => "cell",
            Self::Districts | Self::Wards => "code",
            Self::Alerts => "id",
        }
    }

    fn doc(self) -> TableDoc {
        let doc = match self {
            Self::Risk => hexes::risk().doc,
            Self::Presence => hexes::presence().doc,
            Self::Districts => districts::table().doc,
            Self::Wards => wards::table().doc,
            Self::Alerts => alerts::table().doc,
        };
        doc()
    }

    /// All rows.
    pub fn whole(self, view: &View, ground: &Ground<'_>) -> Result<RecordBatch> {
        let schema = self.doc().schema(ground.zone);
        let columns = match self {
            Self::Risk => hexes::arrays(view, ground.params, Layer::Risk),
            Self::Presence => hexes::arrays(view, ground.params, Layer::Presence),
            Self::Districts => districts::arrays(view, ground.params),
            Self::Wards => wards::arrays(view, ground.params),
            Self::Alerts => alerts::arrays(&view.alerts.values().collect::<Vec<_>>(), ground.zone),
        };
        batch(&schema, columns)
    }

    /// The rows that differ, as they were and as they are; None: there are none.
    pub fn differing(self, old: &View, new: &View, ground: &Ground<'_>) -> Result<Option<[RecordBatch; 2]>> {
        let schema = self.doc().schema(ground.zone);
        match self {
            Self::Risk => cells(old, new, Layer::Risk, ground, &schema),
            Self::Presence => cells(old, new, Layer::Presence, ground, &schema),
            Self::Districts => {
                let places = differing_places(&old.districts, &new.districts);
                areas(places, |view| districts::arrays(view, ground.params), [old, new], &schema)
            }
            Self::Wards => {
                let places = differing_places(&old.wards, &new.wards);
                areas(places, |view| wards::arrays(view, ground.params), [old, new], &schema)
            }
            Self::Alerts => differing_alerts(old, new, ground, &schema),
        }
    }
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Cells that differ: layers that are shared by both pictures are not looked at.
fn cells(
    old: &View,
    new: &View,
    layer: Layer,
    ground: &Ground<'_>,
    schema: &SchemaRef,
) -> Result<Option<[RecordBatch; 2]>> {
    let (mut gone, mut come) = (View::default(), View::default());
    let mut differs = false;
    for (n, (before, after)) in old.cells[layer as usize].iter().zip(&new.cells[layer as usize]).enumerate() {
        if Arc::ptr_eq(before, after) {
            continue;
        }
        let only_in = |one: &Cells, other: &Cells| -> Cells {
            one.iter().filter(|(cell, value)| other.get(*cell) != Some(*value)).collect()
        };
        let (left, added) = (only_in(before, after), only_in(after, before));
        differs |= !left.is_empty() || !added.is_empty();
        gone.cells[layer as usize][n] = Arc::new(left);
        come.cells[layer as usize][n] = Arc::new(added);
    }
    if !differs {
        return Ok(None);
    }
    let rows = |view| batch(schema, hexes::arrays(view, ground.params, layer));
    Ok(Some([rows(&gone)?, rows(&come)?]))
}

fn differing_places(old: &[Shown], new: &[Shown]) -> Vec<u32> {
    let pairs = (0..).zip(old.iter().zip(new));
    pairs.filter(|(_, (old, new))| old.now != new.now).map(|(place, _)| place).collect()
}

fn areas(
    places: Vec<u32>,
    arrays: impl Fn(&View) -> Vec<ArrayRef>,
    views: [&View; 2],
    schema: &SchemaRef,
) -> Result<Option<[RecordBatch; 2]>> {
    if places.is_empty() {
        return Ok(None);
    }
    let places = UInt32Array::from(places);
    let rows =
        |view| -> Result<RecordBatch> { Ok(take_record_batch(&batch(schema, arrays(view))?, &places)?) };
    let [old, new] = views.map(rows);
    Ok(Some([old?, new?]))
}

fn differing_alerts(
    old: &View,
    new: &View,
    ground: &Ground<'_>,
    schema: &SchemaRef,
) -> Result<Option<[RecordBatch; 2]>> {
    let only_in = |one: &'_ View, other: &View| -> Vec<AlertRow> {
        let differs = |row: &&AlertRow| other.alerts.get(&row.id) != Some(*row);
        one.alerts.values().filter(differs).cloned().collect()
    };
    let (gone, come) = (only_in(old, new), only_in(new, old));
    if gone.is_empty() && come.is_empty() {
        return Ok(None);
    }
    let rows =
        |rows: &[AlertRow]| batch(schema, alerts::arrays(&rows.iter().collect::<Vec<_>>(), ground.zone));
    Ok(Some([rows(&gone)?, rows(&come)?]))
}
