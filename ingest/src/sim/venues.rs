//! Places to go to. A venue stands for a room or a section, not for a whole building: what its code covers is about
//! as many people as breathe the same air.

use super::{
    dice::{Dice, Topic, key},
    land::Land,
    lines::{Object, write_padded},
};
use vonglau_core::params::VenueKind;

/// What a venue is; the order is the order of venue numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Home,
    Market,
    Supermarket,
    Restaurant,
    Cafe,
    Office,
    Factory,
    School,
    Hospital,
    Transport,
    Worship,
    Leisure,
    Government,
    Checkpoint,
}

/// Where venues of a kind gather.
#[derive(Clone, Copy, Debug)]
enum Spread {
    Even,
    Urban,
    Rural,
}

/// How a kind of venue is built.
#[derive(Clone, Copy, Debug)]
struct Build {
    kind: Kind,
    /// The `type` of the contract.
    name: &'static str,
    vi: &'static str,
    part_vi: &'static str,
    /// Residents of the city to one venue.
    people: u32,
    spread: Spread,
    capacity: u32,
    /// These three where the configuration does not know the kind.
    typical_min: i64,
    max_min: i64,
    weight_permille: i64,
}

const KINDS: usize = 14;

#[rustfmt::skip]
const BUILDS: [Build; KINDS] = [
    build(Kind::Home, "home_area", "Khu dân cư", "ngõ", 60, Spread::Even, 80, 20, 720, 100),
    build(Kind::Market, "market", "Chợ", "dãy", 220, Spread::Even, 60, 45, 180, 600),
    build(Kind::Supermarket, "supermarket", "Siêu thị", "quầy", 240, Spread::Urban, 60, 40, 180, 500),
    build(Kind::Restaurant, "restaurant", "Quán ăn", "số", 145, Spread::Urban, 30, 60, 240, 1_000),
    build(Kind::Cafe, "cafe", "Cà phê", "số", 210, Spread::Urban, 30, 60, 300, 1_000),
    build(Kind::Office, "office", "Văn phòng", "phòng", 40, Spread::Urban, 25, 240, 720, 600),
    build(Kind::Factory, "factory", "Xưởng", "chuyền", 48, Spread::Rural, 40, 300, 720, 700),
    build(Kind::School, "school", "Trường học", "lớp", 58, Spread::Even, 40, 240, 600, 800),
    build(Kind::Hospital, "hospital", "Bệnh viện", "khoa", 210, Spread::Urban, 40, 90, 960, 900),
    build(Kind::Transport, "transport", "Xe buýt", "xe", 500, Spread::Even, 60, 20, 180, 900),
    build(Kind::Worship, "worship", "Chùa", "gian", 700, Spread::Even, 50, 60, 300, 700),
    build(Kind::Leisure, "leisure", "Công viên", "khu", 300, Spread::Even, 80, 90, 360, 900),
    build(Kind::Government, "government", "Cơ quan", "phòng", 170, Spread::Urban, 25, 45, 480, 500),
    build(Kind::Checkpoint, "checkpoint", "Chốt kiểm dịch", "số", 8_000, Spread::Even, 100, 0, 0, 0),
];

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn build(
    kind: Kind,
    name: &'static str,
    vi: &'static str,
    part_vi: &'static str,
    people: u32,
    spread: Spread,
    capacity: u32,
    typical_min: i64,
    max_min: i64,
    weight_permille: i64,
) -> Build {
    Build { kind, name, vi, part_vi, people, spread, capacity, typical_min, max_min, weight_permille }
}

/// All venues of the city, numbered from 0, kind by kind, within a kind ward by ward.
#[derive(Debug)]
pub(super) struct Venues {
    /// First number of each kind, and the number of all venues.
    first: [u32; KINDS + 1],
    ward: Vec<u16>,
    /// Cumulated pull of the wards for each [`Spread`].
    pull: [Vec<u64>; 3],
    /// Seconds a visit lasts where no out is seen, by kind.
    typical_s: [i64; KINDS],
    /// Seconds after which an out no longer belongs to the visit.
    max_s: [i64; KINDS],
    weight_permille: [i64; KINDS],
}

impl Venues {
    pub(super) fn new(land: &Land, people: u32, kinds: &[VenueKind]) -> Self {
        let pull = [Spread::Even, Spread::Urban, Spread::Rural].map(|spread| pulls(land, spread));
        let mut first = [0; KINDS + 1];
        let mut ward = Vec::new();
        for (index, build) in BUILDS.iter().enumerate() {
            let number = (people / build.people).max(1);
            let pull = &pull[build.spread as usize];
            ward.extend((0..number).map(|at| ward_at(pull, at, number)));
            first[index + 1] = first[index] + number;
        }
        let set = |build: &Build| kinds.iter().find(|kind| *kind.name == *build.name);
        Self {
            first,
            ward,
            pull,
            typical_s: BUILDS.map(|b| set(&b).map_or(b.typical_min, |kind| kind.dwell_typical_min) * 60),
            max_s: BUILDS.map(|b| set(&b).map_or(b.max_min, |kind| kind.dwell_max_min) * 60),
            weight_permille: BUILDS.map(|b| set(&b).map_or(b.weight_permille, |kind| kind.weight_permille)),
        }
    }

    /// How many venues there are.
    pub(super) const fn len(&self) -> u32 {
        self.first[KINDS]
    }

    pub(super) fn kind(&self, venue: u32) -> Kind {
        BUILDS[self.first.partition_point(|first| *first <= venue) - 1].kind
    }

    pub(super) fn typical_s(&self, venue: u32) -> i64 {
        self.typical_s[self.kind(venue) as usize]
    }

    pub(super) fn max_s(&self, venue: u32) -> i64 {
        self.max_s[self.kind(venue) as usize]
    }

    pub(super) fn weight_permille(&self, venue: u32) -> i64 {
        self.weight_permille[self.kind(venue) as usize]
    }

    fn number(&self, kind: Kind) -> u32 {
        self.first[kind as usize + 1] - self.first[kind as usize]
    }

    /// The venue of a kind that is a person's own: the nearest by the order of both.
    pub(super) fn own(&self, kind: Kind, land: &Land, ward: u16, person: u32) -> u32 {
        self.beside(kind, land, ward, person, 0)
    }

    /// A venue of a kind so many venues beside a person's own.
    pub(super) fn beside(&self, kind: Kind, land: &Land, ward: u16, person: u32, step: i64) -> u32 {
        let pull = &self.pull[BUILDS[kind as usize].spread as usize];
        let (from, to) = (pull[usize::from(ward)], pull[usize::from(ward) + 1]);
        let (first, people) = land.people_of(ward);
        let at = from + (to - from) * u64::from(person - first) / u64::from(people.max(1));
        let all = pull[pull.len() - 1];
        let number = self.number(kind);
        let index = (u128::from(at) * u128::from(number) / u128::from(all)) as i64;
        self.first[kind as usize] + (index + step).rem_euclid(i64::from(number)) as u32
    }

    /// A venue of a kind near where a person lives, mostly its own.
    pub(super) fn near(&self, kind: Kind, land: &Land, ward: u16, person: u32, dice: &mut Dice) -> u32 {
        let step = match dice.below(10) {
            0..=4 => 0,
            5 | 6 => 1,
            7 | 8 => -1,
            _ => dice.between(-8, 8),
        };
        self.beside(kind, land, ward, person, step)
    }

    /// Any venue of a kind.
    pub(super) fn anywhere(&self, kind: Kind, dice: &mut Dice) -> u32 {
        self.first[kind as usize] + dice.below(self.number(kind))
    }

    /// The few rooms of a kind that are halls: the first of each sixty.
    pub(super) fn hall(&self, kind: Kind, dice: &mut Dice) -> u32 {
        let halls = self.number(kind).div_ceil(60);
        self.first[kind as usize] + dice.below(halls) * 60
    }

    /// The record of a venue.
    pub(super) fn write(&self, out: &mut Vec<u8>, land: &Land, seed: u64, venue: u32, at: i64) {
        let build = &BUILDS[self.kind(venue) as usize];
        let index = self.ward[venue as usize];
        let ward = &land.wards[usize::from(index)];
        let mut dice = Dice::of(key(seed, Topic::Place, 0), u64::from(venue));
        let bounds = ward.bounds;
        let lat = scatter(&mut dice, ward.lat, bounds.north - bounds.south);
        let lon = scatter(&mut dice, ward.lon, bounds.east - bounds.west);
        let short = ward.name_vi.split_once(' ').filter(|(kind, _)| matches!(*kind, "Phường" | "Xã"));
        let place = short.map_or(&*ward.name_vi, |(_, name)| name);
        let part = venue - self.first[build.kind as usize] + 1;
        let name = format!("{} {place}, {} {part}", build.vi, build.part_vi);
        Object::event(out, "venue")
            .made("id", |out| write_venue(out, venue))
            .time("at", at)
            .made("venue", |out| write_venue(out, venue))
            .text("name", &name)
            .word("type", build.name.as_bytes())
            .word("district", ward.district.as_bytes())
            .word("ward", ward.code.as_bytes())
            .degrees("lat", lat)
            .degrees("lon", lon)
            .int("capacity", build.capacity)
            .end();
    }
}

/// Name, typical and longest minutes of each kind as built in.
#[cfg(test)]
pub(super) fn built_in() -> [(&'static str, i64, i64); KINDS] {
    BUILDS.map(|build| (build.name, build.typical_min, build.max_min))
}

/// Appends a venue's id: `HN-000123`.
pub(super) fn write_venue(out: &mut Vec<u8>, venue: u32) {
    out.extend_from_slice(b"HN-");
    write_padded(out, u64::from(venue), 6);
}

/// Millionths of a degree at most a third of the ward's box from its centre, nearer more often.
fn scatter(dice: &mut Dice, centre: f64, extent: f64) -> i64 {
    let off = (dice.unit() + dice.unit() - 1.0) * extent / 3.0;
    ((centre + off) * 1e6) as i64
}

/// Cumulated pull of the wards: their people, weighted by where a kind gathers.
fn pulls(land: &Land, spread: Spread) -> Vec<u64> {
    let mut sum = 0;
    let mut out = vec![0];
    for ward in 0..land.wards.len() as u16 {
        let weight = match (spread, land.is_urban(ward)) {
            (Spread::Even, _) => 2,
            (Spread::Urban, true) | (Spread::Rural, false) => 3,
            (Spread::Urban, false) | (Spread::Rural, true) => 1,
        };
        // A thousand to one, so that wards without people still have an order.
        sum += 1 + u64::from(land.people_of(ward).1) * weight * 1_000;
        out.push(sum);
    }
    out
}

/// The ward in which the venue at this place of so many lies.
fn ward_at(pull: &[u64], at: u32, number: u32) -> u16 {
    let all = u128::from(pull[pull.len() - 1]);
    let target = (all * (2 * u128::from(at) + 1) / (2 * u128::from(number))) as u64;
    (pull.partition_point(|sum| *sum <= target) - 1) as u16
}
