//! `district_hours`: figures as they were shown at full hours, of the city and of each district.

use super::areas;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, numbers, time};
use crate::history::Day;
use crate::read::{Asked, Reading, Source};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use vonglau_core::figure::Figures;
use vonglau_core::time::Time;

/// The table.
#[derive(Debug)]
pub struct DistrictHours;

impl Source for DistrictHours {
    fn doc(&self) -> TableDoc {
        let own = [
            column(
                "district",
                Holds::Word,
                "mã quận/huyện; trống: toàn thành phố",
                "code of the district; null: the whole city",
            ),
            column("hour", Holds::Time, "giờ tròn", "the full hour"),
        ];
        TableDoc {
            name: "district_hours",
            vi: "Số liệu như đã hiển thị lúc giờ tròn, của thành phố và từng quận/huyện; cả trong kho lưu trữ",
            en: "Figures as they were shown at full hours, of the city and of each district; those of the archive too",
            columns: own.into_iter().chain(areas::columns()).collect(),
        }
    }

    fn plan(&self, asked: Asked, _: &[Expr]) -> Result<Reading> {
        Ok(asked.made(|city| Ok(arrays(city))))
    }
}

/// Is an hour read here: of a day of the archive those within it, else those that no day of the archive has?
fn is_here(city: &City, hour: Time) -> bool {
    if let Some(cut) = city.cut {
        return (cut.from..cut.to).contains(&hour);
    }
    !city.history.days.iter().any(|day| match day {
        Day::Written(day) => day.file("district_hours").is_some() && (day.from..day.to).contains(&hour.0),
        Day::Waiting(city) => city.cut.is_some_and(|cut| (cut.from..cut.to).contains(&hour)),
    })
}

fn arrays(city: &City) -> Vec<ArrayRef> {
    let hours = city.taken.moment.hours().filter(|(hour, _)| is_here(city, *hour));
    let (mut districts, mut begins, mut figures) = (Vec::new(), Vec::new(), Vec::<Figures>::new());
    for (hour, areas) in hours {
        for (slot, shown) in (0_u16..).zip(areas) {
            districts.push(city.names.district(slot.checked_sub(1)));
            begins.push(Some(hour));
            figures.push(shown);
        }
    }
    let own = [numbers(districts), time(&city.zone, begins)];
    let figures: Vec<&Figures> = figures.iter().collect();
    own.into_iter().chain(areas::arrays(&figures)).collect()
}
