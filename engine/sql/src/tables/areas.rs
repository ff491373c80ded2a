//! What `districts` and `wards` share: a column a figure.

use crate::column::{Column, Holds, column, int, real};
use arrow::array::ArrayRef;
use vonglau_core::figure::{Figure, Figures};

fn figures() -> impl Iterator<Item = Figure> {
    Figure::ALL.iter().copied().filter(|figure| !figure.city_only())
}

/// The columns of the figures.
pub fn columns() -> impl Iterator<Item = Column> {
    figures().map(|figure| {
        let holds = if figure.decimals() == 0 { Holds::Int } else { Holds::Real };
        let (vi, en) = words(figure);
        column(figure.name(), holds, vi, en).unit(figure.unit())
    })
}

/// Figures of areas, a row an area.
pub fn arrays<'a>(areas: &'a [&'a Figures]) -> impl Iterator<Item = ArrayRef> + 'a {
    figures().map(|figure| {
        let values = areas.iter().map(move |area| area[figure as usize]);
        if figure.decimals() == 0 {
            int(values)
        } else {
            real(values.map(|value| value.map(|held| figure.number(held))))
        }
    })
}

const fn words(figure: Figure) -> (&'static str, &'static str) {
    match figure {
        Figure::ScansToday => ("Lượt quét hôm nay", "Scans today"),
        Figure::PeopleToday => ("Người quét hôm nay", "People scanned today"),
        Figure::PresentNow => ("Có mặt lúc này", "Present now"),
        Figure::VenuesActive => ("Địa điểm đang quét", "Venues with a scan in 24 hours"),
        Figure::VenuesSilent => ("Địa điểm ngừng quét", "Venues that should scan and have not in 24 hours"),
        Figure::F0New24h => ("Ca F0 mới, 24 giờ", "New cases, 24 hours"),
        Figure::F0New7d => ("Ca F0 mới, 7 ngày", "New cases, 7 days"),
        Figure::F0Active => ("F0 đang điều trị", "Cases active"),
        Figure::F0Recovered => ("F0 khỏi bệnh", "Cases recovered"),
        Figure::F1Open => ("F1 đang theo dõi", "F1 followed"),
        Figure::F2Open => ("F2 đang theo dõi", "F2 followed"),
        Figure::Incidence7d100k => {
            ("Ca cộng đồng trên 100.000 dân, 7 ngày", "Community cases per 100,000, 7 days")
        }
        Figure::Vaccine1Pct => ("Tiêm 1 mũi, từ 18 tuổi", "One dose, 18+"),
        Figure::VaccineFullPct => ("Tiêm đủ, từ 65 tuổi", "Fully vaccinated, 65+"),
        Figure::VaccineFull50Pct => ("Tiêm đủ, từ 50 tuổi", "Fully vaccinated, 50+"),
        Figure::Breaches24h => ("Vi phạm cách ly, 24 giờ", "Isolation breaches, 24 hours"),
        Figure::ScansPerMin => ("Lượt quét trong phút trọn vừa qua", "Scans in the last full minute"),
        Figure::F1Overdue24h => ("F1 quá hạn 24 giờ", "F1 not reached for 24 hours"),
        Figure::ContactsFound24hPct => ("Đủ F1 trong 24 giờ", "Cases all of whose F1 were found in 24 hours"),
        Figure::KnownContactsPct => ("Ca mới đã là F1", "New cases that were known contacts"),
        Figure::ReportDelayH => ("Báo ca chậm, trung vị", "Reporting delay, median"),
        Figure::Level => ("Cấp độ dịch 1-4", "Epidemic level 1-4"),
        Figure::IdConflicts => ("Mã trùng nội dung khác", "Ids that came again with other content"),
        Figure::VenuesUnknown => ("Địa điểm chưa đăng ký", "Venues without a record"),
        Figure::VenuesOffMap => ("Địa điểm ngoài bản đồ", "Venues off the map"),
    }
}
