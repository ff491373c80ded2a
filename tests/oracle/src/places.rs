//! Where venues are and of which kind, where codes lie.

use crate::held::Held;
use h3o::{CellIndex, LatLng, Resolution};
use std::collections::BTreeMap;
use vonglau_core::event::Venue;
use vonglau_core::params::{Params, VenueKind};
use vonglau_core::view::Area;

/// The configuration's table from a cell of resolution 10 to the place of its ward in the list of wards.
pub type WardOfCell = dyn Fn(u64) -> Option<usize>;

/// District and ward, as places in the rules' lists; none: the city only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub district: Option<usize>,
    pub ward: Option<usize>,
}

impl Place {
    /// Everything counts for the city, and for the district and the ward it is in.
    pub fn lies_in(self, area: Area) -> bool {
        match area {
            Area::City => true,
            Area::District(n) => self.district == Some(usize::from(n)),
            Area::Ward(n) => self.ward == Some(usize::from(n)),
        }
    }

    /// The codes of district and ward.
    pub fn codes(self, params: &Params) -> (Option<Box<str>>, Option<Box<str>>) {
        (
            self.district.map(|n| params.districts[n].code.clone()),
            self.ward.map(|n| params.wards[n].code.clone()),
        )
    }
}

/// A `ward` without `district` is ignored; a `ward` that is unknown or of another district: the district alone.
pub fn place_of_codes(params: &Params, district: Option<&str>, ward: Option<&str>) -> Place {
    let district = district.and_then(|code| params.districts.iter().position(|d| &*d.code == code));
    let ward = district.and_then(|n| {
        let of_district = &params.districts[n].code;
        params.wards.iter().position(|w| Some(&*w.code) == ward && w.district == *of_district)
    });
    Place { district, ward }
}

/// District and ward of a cell of resolution 10, if any.
pub fn place_of_cell(params: &Params, ward_of_cell: &WardOfCell, cell: CellIndex) -> Place {
    let Some(ward) = ward_of_cell(u64::from(cell)) else { return Place::default() };
    let district = params.districts.iter().position(|d| d.code == params.wards[ward].district);
    Place { district, ward: Some(ward) }
}

/// A venue as it is known now.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    pub record: Option<&'a Venue>,
    pub kind: &'a VenueKind,
    /// At resolution 10.
    pub cell: Option<CellIndex>,
    pub place: Place,
    /// Its record has a place off the city's bounds.
    pub off_map: bool,
}

/// Every venue with a record or a scan.
pub fn spots<'a>(
    params: &'a Params,
    ward_of_cell: &WardOfCell,
    held: &Held<'a>,
) -> BTreeMap<&'a str, Spot<'a>> {
    let scanned = held.scans.iter().map(|scan| (&*scan.venue, None));
    let recorded = held.venues.iter().map(|(venue, record)| (*venue, Some(*record)));
    scanned.chain(recorded).map(|(venue, record)| (venue, spot(params, ward_of_cell, record))).collect()
}

fn spot<'a>(params: &'a Params, ward_of_cell: &WardOfCell, record: Option<&'a Venue>) -> Spot<'a> {
    // A venue without a record is of type `other` with no place; so is an unknown type.
    let kind_named = |name: &str| params.venue_kinds.iter().find(|kind| &*kind.name == name);
    let kind = record.and_then(|r| kind_named(&r.venue_type)).or_else(|| kind_named("other")).unwrap();
    let degrees = record.and_then(|r| Some((r.lat?.0, r.lon?.0)));
    // Off the city's bounds the venue is taken without a place and counted.
    let on_map = degrees.filter(|(lat, lon)| params.bounds.hold(*lat, *lon));
    let cell = on_map.map(|(lat, lon)| LatLng::new(lat, lon).unwrap().to_cell(Resolution::Ten));
    let told =
        record.map(|r| place_of_codes(params, r.district.as_deref(), r.ward.as_deref())).unwrap_or_default();
    // A venue without `district` gets district and ward of its cell; an off-map venue keeps its own.
    let place = match cell {
        Some(cell) if told.district.is_none() => place_of_cell(params, ward_of_cell, cell),
        _ => told,
    };
    Spot { record, kind, cell, place, off_map: degrees.is_some() && on_map.is_none() }
}
