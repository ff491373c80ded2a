//! A venue's record as it is kept: what is asked of it often, and the rest only where it cannot be told from that.

use crate::event::{Degrees, Venue, VenueTag};
use crate::rules::{Place, Rules};
use crate::time::Time;

/// A record held. Kind and place are the venue's.
#[derive(Debug)]
pub(crate) struct Record {
    pub at: Time,
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub capacity: Option<u32>,
    /// Degrees of latitude and longitude.
    pub point: Option<(f64, f64)>,
    /// Did it say the district and the ward? If not, they were told from the point.
    says: [bool; 2],
    /// The record as it came, where writing it again from these and the venue's would give another.
    odd: Option<Box<Venue>>,
}

impl Record {
    pub fn new(record: Venue, kind: u16, place: Place, rules: &Rules) -> Self {
        let point = record.lat.zip(record.lon).map(|(lat, lon)| (lat.0, lon.0));
        let mut held = Self {
            at: record.at,
            id: record.id.clone(),
            name: record.name.clone(),
            capacity: record.capacity,
            point,
            says: [record.district.is_some(), record.ward.is_some()],
            odd: None,
        };
        if held.whole(&record.venue, kind, place, rules) != record {
            held.odd = Some(Box::new(record));
        }
        held
    }

    /// The record as it came.
    pub fn whole(&self, venue: &str, kind: u16, place: Place, rules: &Rules) -> Venue {
        if let Some(odd) = &self.odd {
            return (**odd).clone();
        }
        Venue {
            at: self.at,
            capacity: self.capacity,
            district: rules.district_code(place).filter(|_| self.says[0]),
            id: self.id.clone(),
            kind: VenueTag,
            lat: self.point.map(|(lat, _)| Degrees(lat)),
            lon: self.point.map(|(_, lon)| Degrees(lon)),
            name: self.name.clone(),
            venue_type: rules.venue_kind(kind).name.clone(),
            venue: venue.into(),
            ward: rules.ward_code(place).filter(|_| self.says[1]),
        }
    }
}
