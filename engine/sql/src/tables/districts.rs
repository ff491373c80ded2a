//! `districts`: all districts with their figures now.

use super::areas;
use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use vonglau_core::params::Params;
use vonglau_core::view::View;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    let own = [
        column("code", Holds::Text, "mã quận/huyện", "code"),
        column("name", Holds::Text, "tên", "name in Vietnamese"),
        column("name_en", Holds::Text, "tên tiếng Anh", "name in English"),
        column("kind", Holds::Word, "quận, huyện hay thị xã", "kind of district"),
        column("lat", Holds::Real, "vĩ độ tâm", "latitude of the centre").unit("deg"),
        column("lon", Holds::Real, "kinh độ tâm", "longitude of the centre").unit("deg"),
        column("population", Holds::Int, "dân số", "residents").unit("people"),
        column("area_km2", Holds::Real, "diện tích", "area").unit("km2"),
    ];
    TableDoc {
        name: "districts",
        vi: "Quận, huyện, thị xã và số liệu lúc này",
        en: "Districts and their figures now",
        columns: own.into_iter().chain(areas::columns()).collect(),
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    Ok(arrays(city.view()?, &city.params))
}

/// The districts of a view.
pub(crate) fn arrays(view: &View, params: &Params) -> Vec<ArrayRef> {
    let rows = &params.districts;
    let own = [
        text(rows.iter().map(|row| Some(&*row.code))),
        text(rows.iter().map(|row| Some(&*row.name_vi))),
        text(rows.iter().map(|row| Some(&*row.name_en))),
        text(rows.iter().map(|row| Some(&*row.kind))),
        real(rows.iter().map(|row| Some(row.lat))),
        real(rows.iter().map(|row| Some(row.lon))),
        int(rows.iter().map(|row| i64::try_from(row.population).ok())),
        real(rows.iter().map(|row| Some(row.area_km2))),
    ];
    let figures: Vec<_> = view.districts.iter().map(|area| &area.now).collect();
    own.into_iter().chain(areas::arrays(&figures)).collect()
}
