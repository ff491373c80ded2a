//! `venues`: every venue with a record or a scan.

use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, numbers, real, text};
use crate::read::{Asked, Reading, Rows, Source};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use h3o::{CellIndex, Resolution};

/// The table.
#[derive(Debug)]
pub struct Venues;

impl Source for Venues {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "venues",
            vi: "Địa điểm đã đăng ký hoặc đã có lượt quét",
            en: "Venues with a record or a scan",
            columns: vec![
                column("venue", Holds::Venue, "mã địa điểm", "id"),
                column("name", Holds::Text, "tên", "name"),
                column(
                    "type",
                    Holds::Word,
                    "loại (venue-kinds.toml); chưa đăng ký là other",
                    "kind (venue-kinds.toml); other without a record",
                ),
                column("district", Holds::Word, "mã quận/huyện", "code of the district"),
                column("ward", Holds::Word, "mã phường/xã", "code of the ward"),
                column("lat", Holds::Real, "vĩ độ", "latitude").unit("deg"),
                column("lon", Holds::Real, "kinh độ", "longitude").unit("deg"),
                column("capacity", Holds::Int, "sức chứa", "capacity").unit("people"),
                column("h3_9", Holds::Text, "ô H3 độ phân giải 9", "H3 cell of resolution 9"),
            ],
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        let known = asked.city.taken.moment.registers().venues().count();
        Ok(Reading { rows: Rows::about(known), ..asked.made_by_column(heard_of, column_of) })
    }
}

fn heard_of(city: &City) -> Vec<u32> {
    city.taken.moment.registers().venues_heard_of().collect()
}

fn column_of(city: &City, rows: &[u32], column: usize) -> ArrayRef {
    let registers = city.taken.moment.registers();
    let facts = rows.iter().map(|venue| registers.venue(*venue));
    let names = &city.names;
    match column {
        0 => numbers(rows.iter().copied().map(Some)),
        1 => text(facts.map(|venue| venue?.name.as_deref())),
        2 => numbers(facts.map(|venue| names.kind(venue?.kind))),
        3 => numbers(facts.map(|venue| names.district(venue?.district))),
        4 => numbers(facts.map(|venue| names.ward(venue?.ward))),
        5 => real(facts.map(|venue| Some(venue?.point?.0))),
        6 => real(facts.map(|venue| Some(venue?.point?.1))),
        7 => int(facts.map(|venue| venue?.capacity.map(i64::from))),
        _ => text(facts.map(|venue| cell_9(venue?.cell?))),
    }
}

fn cell_9(cell: u64) -> Option<String> {
    CellIndex::try_from(cell).ok()?.parent(Resolution::Nine).map(|cell| cell.to_string())
}
