//! `alerts`: as the list of alerts has them.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, real, text, time};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use std::sync::Arc;
use vonglau_core::rows::AlertRow;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "alerts",
        vi: "Cảnh báo; cảnh báo đã kết thúc còn giữ 14 ngày",
        en: "Alerts; ended ones stay 14 days",
        columns: vec![
            column("id", Holds::Text, "mã cảnh báo", "id"),
            column("rule", Holds::Word, "isolation_breach hoặc cluster", "isolation_breach or cluster"),
            column(
                "severity",
                Holds::Word,
                "critical, high, medium, notice",
                "critical, high, medium, notice",
            ),
            column("district", Holds::Word, "mã quận/huyện", "code of the district"),
            column("ward", Holds::Word, "mã phường/xã", "code of the ward"),
            column("venue", Holds::Venue, "mã địa điểm", "id of the venue"),
            column("venue_name", Holds::Text, "tên địa điểm", "name of the venue"),
            column("lat", Holds::Real, "vĩ độ", "latitude").unit("deg"),
            column("lon", Holds::Real, "kinh độ", "longitude").unit("deg"),
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column(
                "state",
                Holds::Word,
                "open, acknowledged, silenced, ended",
                "open, acknowledged, silenced, ended",
            ),
            column(
                "value",
                Holds::Int,
                "số lượt vi phạm trong ngày, hoặc số người tiếp xúc",
                "scans of the day that breach, or contacts of the cluster",
            ),
            column("since", Holds::Time, "bắt đầu", "since when"),
            column("changed", Holds::Time, "thay đổi lần cuối", "last change"),
            column("ended", Holds::Time, "kết thúc", "end"),
            column("acknowledged_by", Holds::Text, "người nhận", "who acknowledged it"),
            column("note", Holds::Text, "ghi chú", "note"),
            column("f0", Holds::Int, "ổ dịch: số F0 trong đó", "of a cluster's contacts: class f0")
                .unit("people"),
            column("f1", Holds::Int, "ổ dịch: số F1 trong đó", "of a cluster's contacts: class f1")
                .unit("people"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    Ok(arrays(&city.alerts()?, &city.zone))
}

/// Some alerts.
pub(crate) fn arrays(rows: &[&AlertRow], zone: &Arc<str>) -> Vec<ArrayRef> {
    vec![
        text(rows.iter().map(|row| Some(&*row.id))),
        text(rows.iter().map(|row| Some(row.rule.name()))),
        text(rows.iter().map(|row| Some(row.severity.name()))),
        text(rows.iter().map(|row| row.district.as_deref())),
        text(rows.iter().map(|row| row.ward.as_deref())),
        text(rows.iter().map(|row| row.venue.as_deref())),
        text(rows.iter().map(|row| row.venue_name.as_deref())),
        real(rows.iter().map(|row| row.lat)),
        real(rows.iter().map(|row| row.lon)),
        text(rows.iter().map(|row| row.person.as_deref())),
        text(rows.iter().map(|row| Some(row.state.name()))),
        int(rows.iter().map(|row| Some(row.value))),
        time(zone, rows.iter().map(|row| Some(row.since))),
        time(zone, rows.iter().map(|row| Some(row.changed))),
        time(zone, rows.iter().map(|row| row.ended)),
        text(rows.iter().map(|row| row.acknowledged_by.as_deref())),
        text(rows.iter().map(|row| row.note.as_deref())),
        int(rows.iter().map(|row| row.facts.map(|facts| facts.f0))),
        int(rows.iter().map(|row| row.facts.map(|facts| facts.f1))),
    ]
}
