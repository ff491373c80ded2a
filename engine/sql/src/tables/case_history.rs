//! `case_history`: every case event held, also those that a correction has taken out.

use super::cases::{found_name, status_name};
use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, text, time, truth};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use vonglau_core::rows::CaseEventRow;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "case_history",
        vi: "Mọi tin báo về ca bệnh và người tiếp xúc, kể cả tin đã được sửa",
        en: "All case events held, also those that a correction has taken out",
        columns: vec![
            column("id", Holds::Text, "mã tin báo", "id of the event"),
            column("at", Holds::Time, "lúc báo", "time of the report"),
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column(
                "status",
                Holds::Word,
                "f0, recovered, f1, f2, cleared, deceased",
                "f0, recovered, f1, f2, cleared, deceased",
            ),
            column("onset", Holds::Time, "khởi phát", "onset of symptoms"),
            column("sampled", Holds::Time, "lấy mẫu", "when the sample was taken"),
            column("isolated_at", Holds::Time, "cách ly từ", "isolated from then on"),
            column(
                "found",
                Holds::Word,
                "community, quarantine hoặc import",
                "community, quarantine or import",
            ),
            column(
                "district",
                Holds::Word,
                "mã quận/huyện cư trú theo tin này",
                "code of the district of residence it says",
            ),
            column(
                "ward",
                Holds::Word,
                "mã phường/xã cư trú theo tin này",
                "code of the ward of residence it says",
            ),
            column(
                "supersedes",
                Holds::Text,
                "thay cho tin có mã này",
                "id of the event it takes the place of",
            ),
            column("retracts", Holds::Text, "rút lại tin có mã này", "id of the event it takes back"),
            column(
                "stands",
                Holds::Bool,
                "không tin nào sửa hay rút nó",
                "no event corrects it or takes it back",
            ),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let zone = &city.zone;
    let is_meant =
        |row: &&CaseEventRow| city.cut.is_none_or(|day| (day.from..day.to).contains(&row.event.at));
    let rows: Vec<&CaseEventRow> = city.taken.moment.case_events().iter().filter(is_meant).collect();
    let events = || rows.iter().map(|row| &row.event);
    Ok(vec![
        text(events().map(|event| Some(&*event.id))),
        time(zone, events().map(|event| Some(event.at))),
        text(events().map(|event| event.person.as_deref())),
        text(events().map(|event| event.status.map(status_name))),
        time(zone, events().map(|event| event.onset)),
        time(zone, events().map(|event| event.sampled)),
        time(zone, events().map(|event| event.isolated_at)),
        text(events().map(|event| event.found.map(found_name))),
        text(events().map(|event| event.district.as_deref())),
        text(events().map(|event| event.ward.as_deref())),
        text(events().map(|event| event.supersedes.as_deref())),
        text(events().map(|event| event.retracts.as_deref())),
        truth(rows.iter().map(|row| Some(row.stands))),
    ])
}
