//! What a cell looks like: its neighbourhood and its outline.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use h3o::CellIndex;

use super::super::Clock;
use super::super::call::Call;
use super::cells::write;

/// A disk of 20 steps has 1,261 cells.
const STEPS_MAX: i64 = 20;

/// A list of the cell's own form; text is not a dictionary there.
pub(super) fn disk_type(given: &[DataType], _: &Clock) -> DataType {
    let item = match given.first() {
        Some(whole @ (DataType::Int64 | DataType::UInt64)) => whole.clone(),
        _ => DataType::Utf8,
    };
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

pub(super) fn h3_disk(call: &Call<'_>) -> Result<ArrayRef> {
    let (cells, steps) = (call.cell_column(0)?, call.integers(1)?);
    let mut found = Vec::new();
    let mut ends = Vec::with_capacity(call.rows + 1);
    let mut held = Vec::with_capacity(call.rows);
    ends.push(0);
    for row in 0..call.rows {
        let both = cells.at(row).zip(steps.at(row));
        if let Some((cell, steps)) = both {
            disk(cell, bounded(call.name, steps)?, &mut found);
        }
        held.push(both.is_some());
        ends.push(
            i32::try_from(found.len())
                .map_err(|_too_many| exec_datafusion_err!("h3_disk: too many cells at once"))?,
        );
    }
    let DataType::List(field) = call.returns else {
        return exec_err!("{} does not give {}", call.name, call.returns);
    };
    let items = write(field.data_type(), found.into_iter().map(|cell| Ok(Some(cell))))?;
    let list = ListArray::try_new(
        Arc::clone(field),
        OffsetBuffer::new(ends.into()),
        items,
        Some(NullBuffer::from(held)),
    )?;
    Ok(Arc::new(list))
}

fn bounded(name: &str, steps: i64) -> Result<u32> {
    match u32::try_from(steps) {
        Ok(k) if steps <= STEPS_MAX => Ok(k),
        _ => exec_err!("{name}: k is {steps}, but must be between 0 and {STEPS_MAX}"),
    }
}

/// Adds all cells within so many steps. The quick walk gives up at a pentagon; the slow one begins anew.
fn disk(cell: CellIndex, steps: u32, into: &mut Vec<CellIndex>) {
    let before = into.len();
    for found in cell.grid_disk_fast(steps) {
        if let Some(found) = found {
            into.push(found);
        } else {
            into.truncate(before);
            into.extend(cell.grid_disk_safe(steps));
            return;
        }
    }
}

pub(super) fn h3_to_geojson(call: &Call<'_>) -> Result<ArrayRef> {
    let cells = call.read_cells()?;
    let mut outlines = StringBuilder::with_capacity(cells.len(), cells.len() * 220);
    let mut outline = String::new();
    for cell in cells {
        match cell {
            Some(cell) => {
                outline.clear();
                polygon(cell, &mut outline)
                    .map_err(|error| exec_datafusion_err!("{}: {cell}: {error}", call.name))?;
                outlines.append_value(&outline);
            }
            None => outlines.append_null(),
        }
    }
    Ok(Arc::new(outlines.finish()))
}

/// A ring that ends where it began (RFC 7946); seven decimals are about a centimetre.
fn polygon(cell: CellIndex, into: &mut String) -> std::fmt::Result {
    into.push_str(r#"{"type":"Polygon","coordinates":[["#);
    let corners = cell.boundary();
    for (place, corner) in corners.iter().chain(corners.first()).enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(into, "{comma}[{:.7},{:.7}]", corner.lng(), corner.lat())?;
    }
    into.push_str("]]}");
    Ok(())
}
