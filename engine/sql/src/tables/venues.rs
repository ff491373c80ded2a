//! `venues`: every venue with a record or a scan.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use h3o::{CellIndex, Resolution};
use vonglau_core::moment::VenueFacts;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "venues",
        vi: "Địa điểm đã đăng ký hoặc đã có lượt quét",
        en: "Venues with a record or a scan",
        columns: vec![
            column("venue", Holds::Text, "mã địa điểm", "id"),
            column("name", Holds::Text, "tên", "name"),
            column(
                "type",
                Holds::Text,
                "loại (venue-kinds.toml); chưa đăng ký là other",
                "kind (venue-kinds.toml); other without a record",
            ),
            column("district", Holds::Text, "mã quận/huyện", "code of the district"),
            column("ward", Holds::Text, "mã phường/xã", "code of the ward"),
            column("lat", Holds::Real, "vĩ độ", "latitude").unit("deg"),
            column("lon", Holds::Real, "kinh độ", "longitude").unit("deg"),
            column("capacity", Holds::Int, "sức chứa", "capacity").unit("people"),
            column("h3_9", Holds::Text, "ô H3 độ phân giải 9", "H3 cell of resolution 9"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let rows: Vec<&VenueFacts> =
        city.taken.moment.registers().venues().filter(|venue| venue.is_heard_of).collect();
    let kind =
        |venue: &VenueFacts| city.params.venue_kinds.get(usize::from(venue.kind)).map(|kind| &*kind.name);
    Ok(vec![
        text(rows.iter().map(|row| Some(&*row.id))),
        text(rows.iter().map(|row| row.name.as_deref())),
        text(rows.iter().map(|row| kind(row))),
        text(rows.iter().map(|row| city.district(row.district))),
        text(rows.iter().map(|row| city.ward(row.ward))),
        real(rows.iter().map(|row| row.point.map(|(lat, _)| lat))),
        real(rows.iter().map(|row| row.point.map(|(_, lon)| lon))),
        int(rows.iter().map(|row| row.capacity.map(i64::from))),
        text(rows.iter().map(|row| cell_9(row.cell?))),
    ])
}

fn cell_9(cell: u64) -> Option<String> {
    CellIndex::try_from(cell).ok()?.parent(Resolution::Nine).map(|cell| cell.to_string())
}
