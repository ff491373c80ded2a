//! Who lives where: people are numbered ward by ward, so that a ward is a range of numbers.

use super::town::SetupError;
use std::collections::BTreeMap;
use vonglau_core::params::{District, Ward};

/// The city's districts and wards with their simulated people.
#[derive(Debug)]
pub(super) struct Land {
    pub(super) districts: Vec<District>,
    /// By district, then code.
    pub(super) wards: Vec<Ward>,
    /// The district of each ward, as an index.
    district_of: Vec<u16>,
    /// First person of each ward, and the number of all people behind the last.
    first: Vec<u32>,
}

impl Land {
    /// Shares so many people out over the wards.
    pub(super) fn new(mut districts: Vec<District>, wards: &[Ward], people: u32) -> Result<Self, SetupError> {
        districts.retain(|district| district.population > 0);
        districts.sort_by(|a, b| a.code.cmp(&b.code));
        let mut sorted = Vec::new();
        let mut district_of = Vec::new();
        let mut weights = Vec::new();
        for (index, district) in districts.iter().enumerate() {
            let mut own: Vec<&Ward> = wards.iter().filter(|ward| ward.district == district.code).collect();
            own.sort_by(|a, b| a.code.cmp(&b.code));
            weights.extend(ward_weights(district, &own));
            district_of.extend(own.iter().map(|_| index as u16));
            sorted.extend(own.into_iter().cloned());
        }
        if sorted.is_empty() {
            return Err(SetupError::NoWards);
        }
        Ok(Self { districts, wards: sorted, district_of, first: shares(&weights, people) })
    }

    pub(super) fn ward_of(&self, person: u32) -> u16 {
        (self.first.partition_point(|first| *first <= person) - 1) as u16
    }

    pub(super) fn district_of(&self, ward: u16) -> u16 {
        self.district_of[usize::from(ward)]
    }

    /// The people of a ward: (first, number).
    pub(super) fn people_of(&self, ward: u16) -> (u32, u32) {
        let at = usize::from(ward);
        (self.first[at], self.first[at + 1] - self.first[at])
    }

    /// The people of a district: (first, number).
    pub(super) fn people_of_district(&self, district: u16) -> (u32, u32) {
        let from = self.district_of.partition_point(|d| *d < district);
        let to = self.district_of.partition_point(|d| *d <= district);
        (self.first[from], self.first[to] - self.first[from])
    }

    /// True where streets are narrow and offices many.
    pub(super) fn is_urban(&self, ward: u16) -> bool {
        !matches!(&*self.wards[usize::from(ward)].kind, "xa")
    }
}

/// How a district's people lie over its wards. The register gives a ward's box but no population: the smaller the
/// box the denser it lives, half-way between equal wards and equal density.
fn ward_weights(district: &District, wards: &[&Ward]) -> Vec<u64> {
    let side = |ward: &Ward| {
        let bounds = ward.bounds;
        ((bounds.north - bounds.south).max(1e-4) * (bounds.east - bounds.west).max(1e-4)).sqrt()
    };
    let all: f64 = wards.iter().map(|ward| side(ward)).sum();
    let share = |ward: &&Ward| (district.population as f64 * 1_000.0 * side(ward) / all) as u64 + 1;
    wards.iter().map(share).collect()
}

/// Cumulated whole shares of a number, as near to the weights as rounding down the sums allows.
fn shares(weights: &[u64], people: u32) -> Vec<u32> {
    let all: u64 = weights.iter().sum();
    let mut sum = 0_u64;
    let mut out = vec![0];
    for weight in weights {
        sum += weight;
        out.push((u128::from(people) * u128::from(sum) / u128::from(all)) as u32);
    }
    out
}

/// How many of so many simulated people live in each district, by code: the populations to configure a gateway with
/// for rates to mean what they say.
pub fn people_by_district(
    districts: Vec<District>,
    wards: &[Ward],
    people: u32,
) -> Result<BTreeMap<Box<str>, u64>, SetupError> {
    let land = Land::new(districts, wards, people)?;
    let number = |index: usize| u64::from(land.people_of_district(index as u16).1);
    Ok(land.districts.iter().enumerate().map(|(index, d)| (d.code.clone(), number(index))).collect())
}
