//! Venues, and what is behind a cell.

use crate::picture::Picture;
use crate::places::place_of_cell;
use crate::risk::{cases, cell_of, cells};
use h3o::{CellIndex, Resolution};
use vonglau_core::rows::{CellRow, Layer, RESOLUTIONS, VenueRow};

/// All venues with a record or a scan, by id.
pub fn venue_rows(picture: &Picture<'_>) -> Vec<VenueRow> {
    picture.spots.keys().map(|venue| venue_row(picture, venue)).collect()
}

pub fn venue_row(picture: &Picture<'_>, venue: &str) -> VenueRow {
    let spot = &picture.spots[venue];
    let (district, ward) = spot.place.codes(picture.params);
    // Off the city's bounds the venue is taken without a place.
    let on_map = spot.record.filter(|_| !spot.off_map);
    VenueRow {
        venue: venue.into(),
        name: picture.venue_name(venue),
        venue_type: spot.kind.name.clone(),
        district,
        ward,
        lat: on_map.and_then(|record| record.lat).map(|degrees| degrees.0),
        lon: on_map.and_then(|record| record.lon).map(|degrees| degrees.0),
        capacity: spot.record.and_then(|record| record.capacity),
        last_scan: picture.held.scans.iter().filter(|scan| *scan.venue == *venue).map(|scan| scan.at).max(),
        present_now: picture.visits.present.iter().map(|(_, at)| u32::from(*at == venue)).sum(),
        silent: picture.is_silent(venue, spot),
        known: spot.record.is_some(),
    }
}

/// The three layers, district and ward, venues, cases of a cell of resolution 7-10.
pub fn cell_row(picture: &Picture<'_>, cell: u64) -> Option<CellRow> {
    let cell = CellIndex::try_from(cell).ok()?;
    let res = cell.resolution();
    RESOLUTIONS.contains(&u8::from(res)).then_some(())?;
    let value = |layer| cells(picture, layer, res.into()).get(cell.into()).unwrap_or(0.0);
    // A coarser cell is where its middle is.
    let middle = cell.center_child(Resolution::Ten)?;
    let (district, ward) = place_of_cell(picture.params, picture.ward_of_cell, middle).codes(picture.params);
    Some(CellRow {
        values: Layer::ALL.map(value),
        district,
        ward,
        venues: picture
            .spots
            .keys()
            .filter(|venue| cell_of(picture, venue, res) == Some(cell))
            .map(|venue| venue_row(picture, venue))
            .collect(),
        cases: cases(picture, res).get(&cell).into_iter().flatten().map(|person| (*person).into()).collect(),
    })
}
