//! `residents`: people with a record in the register.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, int, numbers};
use arrow::array::ArrayRef;
use datafusion::error::Result;

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "residents",
        vi: "Người có trong sổ dân cư",
        en: "People with a record in the register of residents",
        columns: vec![
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column("district", Holds::Word, "mã quận/huyện cư trú", "code of the district of residence"),
            column("ward", Holds::Word, "mã phường/xã cư trú", "code of the ward of residence"),
            column(
                "age",
                Holds::Int,
                "tuổi tròn hôm nay, tính từ ngày đầu tháng sinh",
                "whole years today, from the first of the birth month",
            )
            .unit("years"),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let moment = &city.taken.moment;
    let today = moment.day(city.now());
    let (mut people, mut places, mut ages) = (Vec::new(), Vec::new(), Vec::new());
    for (person, record) in moment.residents() {
        people.push(Some(person));
        places.push(moment.place(record.district.as_deref(), record.ward.as_deref()));
        ages.push(record.born.map(|born| i64::from(born.age_on(today))));
    }
    Ok(vec![
        numbers(people),
        numbers(places.iter().map(|(district, _)| city.names.district(*district))),
        numbers(places.iter().map(|(_, ward)| city.names.ward(*ward))),
        int(ages),
    ])
}
