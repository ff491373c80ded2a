//! The tables, one file each; this is the list of them.

pub(crate) mod alerts;
mod areas;
mod case_history;
mod cases;
pub(crate) mod contacts;
mod district_hours;
pub(crate) mod districts;
pub(crate) mod hexes;
mod rejected;
mod residents;
pub(crate) mod scans;
mod small;
mod sources;
mod vaccinations;
mod venues;
pub(crate) mod visits;
pub(crate) mod wards;
mod windows;

pub use windows::{WINDOWS, Window};

use crate::column::TableDoc;
use crate::moments::Wants;
use crate::read::Source;
use std::sync::Arc;

/// What there is to know of all tables, in the order in which they are told.
pub fn docs() -> Vec<TableDoc> {
    let mut docs: Vec<TableDoc> = all().iter().map(|table| table.doc()).collect();
    docs.extend(WINDOWS.map(|window| (window.doc)()));
    docs
}

/// All tables that are read; others are made of them.
pub fn all() -> Vec<Arc<dyn Source>> {
    vec![
        Arc::new(scans::Scans),
        Arc::new(visits::Visits),
        Arc::new(contacts::Contacts),
        Arc::new(cases::table()),
        Arc::new(case_history::table()),
        Arc::new(hexes::risk()),
        Arc::new(hexes::presence()),
        Arc::new(districts::table()),
        Arc::new(wards::table()),
        Arc::new(district_hours::DistrictHours),
        Arc::new(venues::Venues),
        Arc::new(residents::table()),
        Arc::new(vaccinations::table()),
        Arc::new(alerts::table()),
        Arc::new(rejected::table()),
        Arc::new(sources::table()),
    ]
}

/// A table by its name.
pub(crate) fn source(name: &str) -> Option<Arc<dyn Source>> {
    all().into_iter().find(|table| table.doc().name == name)
}

/// Adds what a table needs of a moment.
pub fn want(table: &str, wants: &mut Wants) {
    wants.parts.cases |= matches!(table, "contacts" | "cases" | "ward_days");
    wants.parts.events |= table == "case_history";
    wants.view |= matches!(table, "hex_risk" | "hex_presence" | "districts" | "wards" | "alerts");
    wants.sources |= table == "sources";
    wants.rejected |= table == "rejected";
}
