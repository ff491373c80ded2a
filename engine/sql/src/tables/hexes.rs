//! `hex_risk` and `hex_presence`: the layers of the map, at resolutions 7 to 10.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use vonglau_core::cells::Cells;
use vonglau_core::params::Params;
use vonglau_core::rows::{Layer, RESOLUTIONS};
use vonglau_core::view::View;

/// `hex_risk`.
pub const fn risk() -> Small {
    Small { doc: || doc("hex_risk"), make: |city| make(city, Layer::Risk) }
}

/// `hex_presence`.
pub const fn presence() -> Small {
    Small { doc: || doc("hex_presence"), make: |city| make(city, Layer::Presence) }
}

fn doc(name: &'static str) -> TableDoc {
    let (vi, en, value) = match name {
        "hex_risk" => (
            "Nguy cơ lây nhiễm theo ô H3; chỉ những ô có giá trị",
            "Risk by H3 cell; only cells that have a value",
            column(
                "value",
                Holds::Real,
                "phút lây nhiễm có trọng số, giảm dần theo thời gian",
                "weighted infectious minutes, fading with time",
            )
            .unit("min"),
        ),
        _ => (
            "Số người có mặt lúc này theo ô H3; chỉ những ô có người",
            "People present now by H3 cell; only cells that have some",
            column("value", Holds::Real, "số người có mặt", "people present").unit("people"),
        ),
    };
    let columns = vec![
        column("cell", Holds::Text, "ô H3", "H3 cell"),
        column("res", Holds::Int, "độ phân giải 7-10", "resolution 7-10"),
        value,
        column("band", Holds::Int, "mức 0-4 của bản đồ", "band 0-4 of the map"),
    ];
    TableDoc { name, vi, en, columns }
}

fn make(city: &City, layer: Layer) -> Result<Vec<ArrayRef>> {
    Ok(arrays(city.view()?, &city.params, layer))
}

/// The cells of a view.
pub(crate) fn arrays(view: &View, params: &Params, layer: Layer) -> Vec<ArrayRef> {
    let bands = match layer {
        Layer::Risk => &params.risk.bands,
        Layer::Presence => &params.risk.presence_bands,
        Layer::Cases => &params.risk.cases_bands,
    };
    let cells = || {
        let of = |res: u8| {
            view.layer(layer, res)
                .into_iter()
                .flat_map(Cells::iter)
                .map(move |(cell, value)| (res, cell, value))
        };
        RESOLUTIONS.into_iter().flat_map(of)
    };
    let band = |value: f64| bands.iter().map(|bound| i64::from(*bound <= value)).sum();
    vec![
        text(cells().map(|(_, cell, _)| Some(format!("{cell:x}")))),
        int(cells().map(|(res, ..)| Some(res.into()))),
        real(cells().map(|(.., value)| Some(value))),
        int(cells().map(|(.., value)| Some(band(value)))),
    ]
}
