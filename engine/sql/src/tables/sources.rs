//! `sources`: where events come from, and how late.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text, time};
use arrow::array::ArrayRef;
use datafusion::error::Result;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "sources",
        vi: "Nguồn gửi: thiết bị, nếu không có thì đường nhận",
        en: "Sources of events: a device, else the way they came in",
        columns: vec![
            column(
                "source",
                Holds::Text,
                "thiết bị, hoặc http, nats, import",
                "a device, else http, nats or import",
            ),
            column("events", Holds::Int, "số sự kiện kể từ khi đọc nhật ký", "events in the journal as read")
                .unit("events"),
            column("last_at", Holds::Time, "thời điểm của sự kiện mới nhất", "time of its latest event"),
            column(
                "late_p50_s",
                Holds::Real,
                "chậm (lúc nhận − lúc xảy ra), trung vị, sai số tới 6 %",
                "lateness (received − at), median, to within 6 %",
            )
            .unit("s"),
            column(
                "late_p99_s",
                Holds::Real,
                "chậm, bách phân vị 99, sai số tới 6 %",
                "lateness, 99th percentile, to within 6 %",
            )
            .unit("s"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let rows = &city.taken.sources;
    Ok(vec![
        text(rows.iter().map(|row| Some(&*row.source))),
        int(rows.iter().map(|row| i64::try_from(row.events).ok())),
        time(&city.zone, rows.iter().map(|row| row.last_at)),
        real(rows.iter().map(|row| row.late_p50_s)),
        real(rows.iter().map(|row| row.late_p99_s)),
    ])
}
