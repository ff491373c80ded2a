//! `rejected`: events that were refused, the newest that are held.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, text, time};
use arrow::array::ArrayRef;
use datafusion::error::Result;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "rejected",
        vi: "Sự kiện bị từ chối, những cái mới nhất (tối đa 100.000)",
        en: "Refused events, the newest (100,000 at most)",
        columns: vec![
            column("rejected_at", Holds::Time, "lúc bị từ chối", "when it was refused"),
            column("kind", Holds::Word, "loại sự kiện", "kind of event"),
            column(
                "field",
                Holds::Text,
                "trường sai; rỗng: cả sự kiện",
                "the field that is wrong; empty: the event as a whole",
            ),
            column("reason", Holds::Text, "lý do", "why"),
            column("source", Holds::Text, "http, nats hoặc import", "http, nats or import"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let rows = &city.taken.rejected;
    Ok(vec![
        time(&city.zone, rows.iter().map(|row| Some(row.rejected_at))),
        text(rows.iter().map(|row| Some(&*row.kind))),
        text(rows.iter().map(|row| Some(&*row.field))),
        text(rows.iter().map(|row| Some(&*row.reason))),
        text(rows.iter().map(|row| Some(&*row.source))),
    ])
}
