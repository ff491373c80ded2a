//! `vaccinations`: doses in the register.

use super::small::Small;
use crate::city::City;
use crate::column::{Holds, TableDoc, column, date, int, numbers, text, truth};
use arrow::array::ArrayRef;
use datafusion::error::Result;
use vonglau_core::event::Vaccination;

/// The register's fields beside those that a record cannot be without.
const FIELDS: [&str; 7] =
    ["born_on", "facility", "full_name", "permanent_residence", "sex", "temporary_residence", "vaccine"];

/// The table.
pub const fn table() -> Small {
    Small { doc, make }
}

fn doc() -> TableDoc {
    TableDoc {
        name: "vaccinations",
        vi: "Mũi tiêm trong sổ tiêm chủng",
        en: "Doses in the register of vaccinations",
        columns: vec![
            column("person", Holds::Person, "mã giả danh", "pseudonym"),
            column("dose", Holds::Int, "mũi thứ mấy, 1-9", "which dose, 1-9"),
            column("vaccine", Holds::Text, "vắc xin", "vaccine"),
            column("given_on", Holds::Date, "ngày tiêm", "day it was given"),
            column("facility", Holds::Text, "nơi tiêm", "where it was given"),
            column(
                "complete",
                Holds::Bool,
                "bản ghi có đủ các trường bắt buộc",
                "the record has all of the register's fields",
            ),
        ],
    }
}

fn make(city: &City) -> Result<Vec<ArrayRef>> {
    let (people, doses): (Vec<u32>, Vec<&Vaccination>) = city.taken.moment.doses().unzip();
    Ok(vec![
        numbers(people.into_iter().map(Some)),
        int(doses.iter().map(|dose| Some(dose.dose.into()))),
        text(doses.iter().map(|dose| dose.vaccine.as_deref())),
        date(doses.iter().map(|dose| Some(dose.given_on))),
        text(doses.iter().map(|dose| dose.facility.as_deref())),
        truth(doses.iter().map(|dose| Some(is_complete(dose)))),
    ])
}

/// Were all fields there?
fn is_complete(dose: &Vaccination) -> bool {
    FIELDS.iter().all(|field| dose.fields.iter().any(|held| &**held == *field))
}
