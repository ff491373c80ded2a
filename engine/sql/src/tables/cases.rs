//! `cases`: a row an episode.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, text, time};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use vonglau_core::event::{Found, Status};

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "cases",
        vi: "Ca bệnh (F0), mỗi đợt bệnh một dòng",
        en: "Cases, a row an episode",
        columns: vec![
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column("episode", Holds::Int, "đợt bệnh thứ mấy, từ 1", "which episode of the person, from 1"),
            column("reported_at", Holds::Time, "lúc báo ca", "when it was reported"),
            column("onset", Holds::Time, "khởi phát", "onset of symptoms"),
            column("sampled", Holds::Time, "lấy mẫu", "when the sample was taken"),
            column("isolated_at", Holds::Time, "cách ly từ", "isolated from then on"),
            column("ended_at", Holds::Time, "kết thúc đợt bệnh", "end of the episode"),
            column(
                "outcome",
                Holds::Word,
                "recovered, cleared hoặc deceased",
                "recovered, cleared or deceased",
            ),
            column(
                "found",
                Holds::Word,
                "community, quarantine hoặc import",
                "community, quarantine or import",
            ),
            column("district", Holds::Word, "mã quận/huyện cư trú", "code of the district of residence"),
            column("ward", Holds::Word, "mã phường/xã cư trú", "code of the ward of residence"),
            column(
                "infectious_from",
                Holds::Time,
                "đầu thời gian lây nhiễm",
                "begin of the infectious window",
            ),
            column("infectious_to", Holds::Time, "cuối thời gian lây nhiễm", "end of the infectious window"),
            column("contacts", Holds::Int, "số người tiếp xúc là F1", "contacts of class f1").unit("people"),
            column("contacts_f0", Holds::Int, "số người tiếp xúc cũng là F0", "contacts of class f0")
                .unit("people"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let (rows, zone) = (city.taken.moment.case_rows(), &city.zone);
    Ok(vec![
        text(rows.iter().map(|row| Some(&*row.person))),
        int(rows.iter().map(|row| Some(row.episode.into()))),
        time(zone, rows.iter().map(|row| Some(row.reported))),
        time(zone, rows.iter().map(|row| row.onset)),
        time(zone, rows.iter().map(|row| row.sampled)),
        time(zone, rows.iter().map(|row| row.isolated_at)),
        time(zone, rows.iter().map(|row| row.ended)),
        text(rows.iter().map(|row| row.outcome.map(status_name))),
        text(rows.iter().map(|row| row.found.map(found_name))),
        text(rows.iter().map(|row| row.district.as_deref())),
        text(rows.iter().map(|row| row.ward.as_deref())),
        time(zone, rows.iter().map(|row| Some(row.from))),
        time(zone, rows.iter().map(|row| Some(row.to))),
        int(rows.iter().map(|row| Some(row.contacts.into()))),
        int(rows.iter().map(|row| Some(row.contacts_f0.into()))),
    ])
}

/// The word of a case event's status.
pub const fn status_name(status: Status) -> &'static str {
    match status {
        Status::F0 => "f0",
        Status::Recovered => "recovered",
        Status::F1 => "f1",
        Status::F2 => "f2",
        Status::Cleared => "cleared",
        Status::Deceased => "deceased",
    }
}

/// The word of where a case was found.
pub const fn found_name(found: Found) -> &'static str {
    match found {
        Found::Community => "community",
        Found::Quarantine => "quarantine",
        Found::Import => "import",
    }
}
