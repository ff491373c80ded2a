//! H3, the grid of hexagons (<https://h3geo.org>). A cell is text or a number; what goes in as the one comes out as it.

mod cells;
mod shape;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, exec_err};
use h3o::error::LocalIjError;
use h3o::{CellIndex, LatLng, Resolution};

use super::call::{Call, Column, Kind, Spec, primitive};
use cells::{read, resolution, used_values, write};

/// All functions of cells.
pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "h3_cell",
        params: &[("lat", Kind::Double), ("lon", Kind::Double), ("res", Kind::Integer)],
        returns: |_, _| DataType::Utf8View,
        result: "text",
        run: h3_cell,
        days: None,
        vi: "Ô H3 chứa một điểm (vĩ độ trước, rồi kinh độ), độ phân giải 0 đến 15.",
        en: "The H3 cell that holds a point (first latitude, then longitude), resolution 0 to 15.",
    },
    Spec {
        name: "h3_cell_int",
        params: &[("lat", Kind::Double), ("lon", Kind::Double), ("res", Kind::Integer)],
        returns: |_, _| DataType::Int64,
        result: "bigint",
        run: h3_cell,
        days: None,
        vi: "Như h3_cell, dạng số nguyên.",
        en: "As h3_cell, in its integer form.",
    },
    Spec {
        name: "h3_parent",
        params: &[("cell", Kind::Cell), ("res", Kind::Integer)],
        returns: same_form,
        result: "same form as cell",
        run: h3_parent,
        days: None,
        vi: "Ô cha ở độ phân giải thô hơn (hoặc bằng).",
        en: "The cell's parent at a coarser (or its own) resolution.",
    },
    Spec {
        name: "h3_distance",
        params: &[("a", Kind::Cell), ("b", Kind::Cell)],
        returns: |_, _| DataType::Int64,
        result: "bigint",
        run: h3_distance,
        days: None,
        vi: "Số bước lưới giữa hai ô cùng độ phân giải; null khi H3 không tính được (quá xa, hoặc qua ngũ giác).",
        en: "Steps on the grid between two cells of one resolution; null where H3 cannot tell (too far, or past a pentagon).",
    },
    Spec {
        name: "h3_disk",
        params: &[("cell", Kind::Cell), ("k", Kind::Integer)],
        returns: shape::disk_type,
        result: "text[]|bigint[]",
        run: shape::h3_disk,
        days: None,
        vi: "Mọi ô cách không quá k bước, kể cả chính nó; k từ 0 đến 20. Dùng với unnest.",
        en: "All cells within k steps, itself among them; k from 0 to 20. Use it with unnest.",
    },
    Spec {
        name: "h3_to_geojson",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Utf8,
        result: "text",
        run: shape::h3_to_geojson,
        days: None,
        vi: "Đường bao của ô dạng GeoJSON Polygon (kinh độ, vĩ độ).",
        en: "The cell's outline as a GeoJSON Polygon (longitude, latitude).",
    },
    Spec {
        name: "h3_to_int",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Int64,
        result: "bigint",
        run: |call| write(&DataType::Int64, call.read_cells()?.into_iter().map(Ok)),
        days: None,
        vi: "Ô dạng số nguyên.",
        en: "The cell in its integer form.",
    },
    Spec {
        name: "h3_to_text",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Utf8View,
        result: "text",
        run: |call| write(&DataType::Utf8View, call.read_cells()?.into_iter().map(Ok)),
        days: None,
        vi: "Ô dạng chữ (15 chữ số thập lục phân).",
        en: "The cell as text (15 hexadecimal digits).",
    },
    Spec {
        name: "h3_lat",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Float64,
        result: "double precision",
        run: |call| call.centre(LatLng::lat),
        days: None,
        vi: "Vĩ độ tâm ô, theo độ.",
        en: "Latitude of the cell's centre, in degrees.",
    },
    Spec {
        name: "h3_lon",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Float64,
        result: "double precision",
        run: |call| call.centre(LatLng::lng),
        days: None,
        vi: "Kinh độ tâm ô, theo độ.",
        en: "Longitude of the cell's centre, in degrees.",
    },
    Spec {
        name: "h3_resolution",
        params: &[("cell", Kind::Cell)],
        returns: |_, _| DataType::Int32,
        result: "integer",
        run: h3_resolution,
        days: None,
        vi: "Độ phân giải của ô, 0 (thô) đến 15 (mịn).",
        en: "The cell's resolution, 0 (coarse) to 15 (fine).",
    },
];

fn same_form(given: &[DataType], _: &super::Clock) -> DataType {
    given.first().cloned().unwrap_or(DataType::Utf8)
}

impl Call<'_> {
    fn read_cells(&self) -> Result<Vec<Option<CellIndex>>> {
        read(self.name, &self.array(0)?)
    }

    fn cell_column(&self, index: usize) -> Result<Column<Option<CellIndex>>> {
        self.column(index, |array| read(self.name, array))
    }

    fn resolutions(&self, index: usize) -> Result<Column<Option<Resolution>>> {
        Ok(match self.integers(index)? {
            Column::One(one) => Column::One(one.map(|res| resolution(self.name, res)).transpose()?),
            Column::Each(each) => {
                let each = each.into_iter().map(|res| res.map(|res| resolution(self.name, res)).transpose());
                Column::Each(each.collect::<Result<_>>()?)
            }
        })
    }

    fn centre(&self, part: impl Fn(LatLng) -> f64) -> Result<ArrayRef> {
        let parts = self.read_cells()?.into_iter().map(|cell| cell.map(|cell| part(LatLng::from(cell))));
        Ok(Arc::new(parts.collect::<Float64Array>()))
    }
}

fn h3_cell(call: &Call<'_>) -> Result<ArrayRef> {
    let (lat, lon) = (call.array(0)?, call.array(1)?);
    let points = primitive::<Float64Type>(&lat)?.iter().zip(primitive::<Float64Type>(&lon)?.iter());
    let resolutions = call.resolutions(2)?;
    let cells = points.enumerate().map(|(row, point)| match (point, resolutions.at(row)) {
        ((Some(lat), Some(lon)), Some(resolution)) => {
            Ok(Some(point_of(call.name, lat, lon)?.to_cell(resolution)))
        }
        _ => Ok(None),
    });
    write(call.returns, cells)
}

/// A point on the earth. H3 would take any number as an angle; whoever mixes up the two is told so.
fn point_of(name: &str, lat: f64, lon: f64) -> Result<LatLng> {
    let point = LatLng::new(lat, lon);
    match point {
        Ok(point) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => Ok(point),
        _ => exec_err!(
            "{name}: ({lat}, {lon}) is no point: first the latitude, -90 to 90, then the longitude, -180 to 180"
        ),
    }
}

fn h3_parent(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let resolutions = call.resolutions(1)?;
    if let (Some(dictionary), Column::One(_)) = (array.as_any_dictionary_opt(), &resolutions) {
        let values = used_values(&array)?;
        let parents = parents(call.name, &values, &resolutions)?;
        return Ok(dictionary.with_values(write(values.data_type(), parents)?));
    }
    write(call.returns, parents(call.name, &array, &resolutions)?)
}

fn parents(
    name: &str,
    array: &dyn Array,
    resolutions: &Column<Option<Resolution>>,
) -> Result<impl ExactSizeIterator<Item = Result<Option<CellIndex>>>> {
    let cells = read(name, array)?.into_iter().enumerate();
    Ok(cells.map(move |(row, cell)| match (cell, resolutions.at(row)) {
        (Some(cell), Some(resolution)) => {
            if let Some(parent) = cell.parent(resolution) {
                Ok(Some(parent))
            } else {
                exec_err!(
                    "{name}: resolution {resolution} is finer than that of {cell}, which is {}",
                    cell.resolution()
                )
            }
        }
        _ => Ok(None),
    }))
}

fn h3_distance(call: &Call<'_>) -> Result<ArrayRef> {
    let (from, to) = (call.cell_column(0)?, call.cell_column(1)?);
    let distance = |row| {
        let (Some(from), Some(to)) = (from.at(row), to.at(row)) else { return Ok(None) };
        match from.grid_distance(to) {
            Ok(steps) => Ok(Some(i64::from(steps))),
            Err(LocalIjError::ResolutionMismatch) => exec_err!(
                "{}: {from} has resolution {}, {to} has {}; h3_parent brings them to one",
                call.name,
                from.resolution(),
                to.resolution()
            ),
            Err(_) => Ok(None),
        }
    };
    Ok(Arc::new((0..call.rows).map(distance).collect::<Result<Int64Array>>()?))
}

fn h3_resolution(call: &Call<'_>) -> Result<ArrayRef> {
    let resolutions =
        call.read_cells()?.into_iter().map(|cell| cell.map(|cell| i32::from(u8::from(cell.resolution()))));
    Ok(Arc::new(resolutions.collect::<Int32Array>()))
}

#[cfg(test)]
mod tests;
