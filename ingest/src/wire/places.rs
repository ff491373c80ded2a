//! What the city's configuration makes known: districts, wards, kinds of venues.

use rustc_hash::{FxHashMap, FxHashSet};
use vonglau_core::params::Params;

/// The code that says "unknown" and is as absent.
const UNKNOWN_CODE: &str = "000";

/// Known names, to look up.
#[derive(Debug)]
pub struct Places {
    districts: FxHashSet<Box<str>>,
    /// District of each ward.
    wards: FxHashMap<Box<str>, Box<str>>,
    venue_kinds: FxHashSet<Box<str>>,
}

/// A residence or a venue's place in words.
pub type DistrictAndWard = (Option<Box<str>>, Option<Box<str>>);

impl Places {
    pub fn new(params: &Params) -> Self {
        Self {
            districts: params.districts.iter().map(|d| d.code.clone()).collect(),
            wards: params.wards.iter().map(|w| (w.code.clone(), w.district.clone())).collect(),
            venue_kinds: params.venue_kinds.iter().map(|k| k.name.clone()).collect(),
        }
    }

    pub fn is_venue_kind(&self, name: &str) -> bool {
        self.venue_kinds.contains(name)
    }

    pub fn is_district(&self, code: &str) -> bool {
        self.districts.contains(code)
    }

    /// District and ward as they are taken: no ward without its district. None: the district is unknown.
    pub fn resolve(&self, district: Option<&str>, ward: Option<&str>) -> Option<DistrictAndWard> {
        let Some(district) = district.filter(|code| *code != UNKNOWN_CODE) else { return Some((None, None)) };
        let known = self.districts.get(district)?;
        let ward = ward.and_then(|code| self.wards.get_key_value(code)).filter(|(_, of)| *of == known);
        Some((Some(known.clone()), ward.map(|(code, _)| code.clone())))
    }
}
