//! `wards`: all wards with their figures now.

use super::areas;
use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, real, text};
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
        column("code", Holds::Text, "mã phường/xã", "code"),
        column("district", Holds::Word, "mã quận/huyện", "code of its district"),
        column("name", Holds::Text, "tên", "name in Vietnamese"),
        column("name_en", Holds::Text, "tên tiếng Anh", "name in English"),
        column("kind", Holds::Word, "phường, xã hay thị trấn", "kind of ward"),
        column("lat", Holds::Real, "vĩ độ tâm", "latitude of the centre").unit("deg"),
        column("lon", Holds::Real, "kinh độ tâm", "longitude of the centre").unit("deg"),
    ];
    TableDoc {
        name: "wards",
        vi: "Phường, xã, thị trấn và số liệu lúc này",
        en: "Wards and their figures now",
        columns: own.into_iter().chain(areas::columns()).collect(),
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    Ok(arrays(city.view()?, &city.params))
}

/// The wards of a view.
pub(crate) fn arrays(view: &View, params: &Params) -> Vec<ArrayRef> {
    let rows = &params.wards;
    let own = [
        text(rows.iter().map(|row| Some(&*row.code))),
        text(rows.iter().map(|row| Some(&*row.district))),
        text(rows.iter().map(|row| Some(&*row.name_vi))),
        text(rows.iter().map(|row| Some(&*row.name_en))),
        text(rows.iter().map(|row| Some(&*row.kind))),
        real(rows.iter().map(|row| Some(row.lat))),
        real(rows.iter().map(|row| Some(row.lon))),
    ];
    let figures: Vec<_> = view.wards.iter().map(|area| &area.now).collect();
    own.into_iter().chain(areas::arrays(&figures)).collect()
}
