//! Which ward a cell lies in, worked out from the wards' boxes for a city that has no polygons.
//!
//! Each cell of resolution 10 goes to the ward whose box it lies deepest in; lakes and forests that no box covers
//! join the wards around them; then crumbs join their surroundings. The same wards always give the same map.

use crate::params::{Bounds, Ward};
use h3o::{CellIndex, LatLng, Resolution};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};

/// A cell belongs to a box up to this many half-widths or half-heights from its middle.
const DEPTH_MAX: f64 = 1.05;
/// Bays and gaps up to twice as wide are closed; holes always are.
const HOLE_KM: f64 = 0.9;
/// How often crumbs are looked for.
const SMOOTHING_ROUNDS: usize = 3;
/// Degrees of ground looked at around the boxes: more than [`HOLE_KM`].
const MARGIN_DEG: f64 = 0.02;
/// Side of a bucket of boxes, degrees.
const BUCKET_DEG: f64 = 0.02;
/// Cells looked at, at most: sixty thousand square kilometres. Ground beyond belongs to no ward.
const CELLS_MAX: usize = 4_000_000;
/// No such neighbour.
const NOWHERE: u32 = u32::MAX;

/// The ward of each cell of resolution 10.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WardMap {
    /// (H3 index, place of its ward in the list), by index.
    wards: Vec<(u64, u16)>,
    /// District code by place of the ward.
    districts: Vec<Box<str>>,
}

impl WardMap {
    /// The map of these wards; at most 65,535 of them.
    pub fn new(wards: &[Ward]) -> Self {
        let districts: Vec<_> = wards.iter().map(|ward| ward.district.clone()).collect();
        let Some(grid) = Grid::around(wards) else { return Self { wards: Vec::new(), districts } };
        let mut labels = deepest_boxes(&grid, wards);
        close_holes(&grid, &mut labels);
        let keys = district_keys(&districts);
        for _ in 0..SMOOTHING_ROUNDS {
            join_crumbs(&grid, &mut labels, &keys);
        }
        let mut table: Vec<_> = grid
            .cells
            .iter()
            .zip(&labels)
            .filter_map(|(cell, label)| label.map(|ward| (u64::from(*cell), ward)))
            .collect();
        table.sort_unstable();
        Self { wards: table, districts }
    }

    /// The place in the list of the ward that a cell of resolution 10 lies in.
    pub fn ward_of(&self, cell10: u64) -> Option<usize> {
        let at = self.wards.binary_search_by_key(&cell10, |(cell, _)| *cell).ok()?;
        Some(usize::from(self.wards[at].1))
    }

    /// Every cell of resolution 10 that lies in a ward, with the ward's place in the list, by H3 index.
    pub fn iter(&self) -> impl Iterator<Item = (u64, usize)> + '_ {
        self.wards.iter().map(|(cell, ward)| (*cell, usize::from(*ward)))
    }

    /// The cells of each district for drawing at a resolution of 7-10, by H3 index: those that have at least half of
    /// their ground in the city, each for the district that has most of it. None at other resolutions.
    pub fn cells(&self, res: u8) -> BTreeMap<Box<str>, Vec<u64>> {
        let mut lists: BTreeMap<Box<str>, Vec<u64>> = BTreeMap::new();
        for (cell, district) in self.majority(res, |ward| &*self.districts[ward]) {
            lists.entry(district.into()).or_default().push(cell);
        }
        lists
    }

    /// Each cell of a resolution with the key that most of its cells of resolution 10 have, the lesser in a tie.
    fn majority<'a>(&'a self, res: u8, key: impl Fn(usize) -> &'a str) -> Vec<(u64, &'a str)> {
        let Some(res) = Resolution::try_from(res).ok().filter(|res| (7..=10).contains(&u8::from(*res)))
        else {
            return Vec::new();
        };
        let mut counts: BTreeMap<u64, BTreeMap<&str, u64>> = BTreeMap::new();
        for (cell, ward) in self.iter() {
            if let Some(parent) = CellIndex::try_from(cell).ok().and_then(|cell| cell.parent(res)) {
                *counts.entry(parent.into()).or_default().entry(key(ward)).or_default() += 1;
            }
        }
        let children = 7_u64.pow(10 - u32::from(u8::from(res)));
        let whole = counts.into_iter().filter(|(_, by_key)| by_key.values().sum::<u64>() * 2 >= children);
        whole.filter_map(|(cell, by_key)| Some((cell, most(by_key)?))).collect()
    }
}

/// The key counted most; in a tie the least.
fn most<K: Ord>(counts: BTreeMap<K, u64>) -> Option<K> {
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(key, _)| key)
}

/// The cells of resolution 10 in and around the wards' boxes, and who lies beside whom.
struct Grid {
    cells: Vec<CellIndex>,
    neighbours: Vec<[u32; 6]>,
}

impl Grid {
    /// Spreads from the middle of all boxes over the rectangle that holds them.
    fn around(wards: &[Ward]) -> Option<Self> {
        let ground = ground(wards)?;
        let middle =
            LatLng::new(f64::midpoint(ground.south, ground.north), f64::midpoint(ground.west, ground.east));
        let first = middle.ok()?.to_cell(Resolution::Ten);
        let mut index = FxHashMap::default();
        index.insert(first, 0_u32);
        let mut grid = Self { cells: vec![first], neighbours: Vec::new() };
        while let Some(cell) = grid.cells.get(grid.neighbours.len()).copied() {
            let mut beside = [NOWHERE; 6];
            let ring = cell.grid_disk::<Vec<_>>(1).into_iter().filter(|other| *other != cell);
            for (slot, other) in beside.iter_mut().zip(ring) {
                *slot = grid.place(&mut index, other, &ground);
            }
            grid.neighbours.push(beside);
        }
        Some(grid)
    }

    /// The place of a cell, which is taken in if it lies on the ground.
    fn place(&mut self, index: &mut FxHashMap<CellIndex, u32>, cell: CellIndex, ground: &Bounds) -> u32 {
        if let Some(place) = index.get(&cell) {
            return *place;
        }
        let at = LatLng::from(cell);
        let inside = self.cells.len() < CELLS_MAX && ground.hold(at.lat(), at.lng());
        let place = if inside { u32::try_from(self.cells.len()).unwrap_or(NOWHERE) } else { NOWHERE };
        if inside {
            self.cells.push(cell);
        }
        index.insert(cell, place);
        place
    }

    fn beside(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        self.neighbours[place].iter().filter(|other| **other != NOWHERE).map(|other| *other as usize)
    }

    /// The cells at most so many steps from a cell of `from` on a way over cells that `may` be entered.
    fn within(&self, steps: usize, from: &[usize], may: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.cells.len()];
        let mut open: VecDeque<(usize, usize)> = from.iter().map(|place| (*place, 0)).collect();
        for place in from {
            reached[*place] = true;
        }
        while let Some((place, step)) = open.pop_front() {
            for other in self.beside(place).filter(|other| step < steps && may(*other)) {
                if !reached[other] {
                    reached[other] = true;
                    open.push_back((other, step + 1));
                }
            }
        }
        reached
    }
}

/// The rectangle that holds all boxes, with a margin.
fn ground(wards: &[Ward]) -> Option<Bounds> {
    let first = wards.first()?.bounds;
    let all = wards.iter().fold(first, |all, ward| Bounds {
        south: all.south.min(ward.bounds.south),
        west: all.west.min(ward.bounds.west),
        north: all.north.max(ward.bounds.north),
        east: all.east.max(ward.bounds.east),
    });
    Some(Bounds {
        south: all.south - MARGIN_DEG,
        west: all.west - MARGIN_DEG,
        north: all.north + MARGIN_DEG,
        east: all.east + MARGIN_DEG,
    })
}

type Label = Option<u16>;

/// Each cell's ward: the one whose box it lies deepest in, the earlier in the list in a tie.
fn deepest_boxes(grid: &Grid, wards: &[Ward]) -> Vec<Label> {
    let buckets = buckets(wards);
    let deepest = |cell: &CellIndex| {
        let at = LatLng::from(*cell);
        let near = buckets.get(&(bucket(at.lat()), bucket(at.lng())))?;
        let depths = near.iter().map(|ward| (depth(&wards[usize::from(*ward)].bounds, at), *ward));
        let within = depths.filter(|(depth, _)| *depth <= DEPTH_MAX);
        within.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, ward)| ward)
    };
    grid.cells.iter().map(deepest).collect()
}

/// 0 in the middle of a box, 1 on its edge.
fn depth(bounds: &Bounds, at: LatLng) -> f64 {
    let across =
        |value: f64, low: f64, high: f64| (value - f64::midpoint(low, high)).abs() / ((high - low) / 2.0);
    let up = across(at.lat(), bounds.south, bounds.north);
    // A box without height or width gives no number, and holds nothing.
    let along = across(at.lng(), bounds.west, bounds.east);
    if up.is_nan() || along.is_nan() { f64::INFINITY } else { up.max(along) }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180")]
fn bucket(degrees: f64) -> i32 {
    (degrees / BUCKET_DEG).floor() as i32
}

/// The wards whose box, stretched to the greatest depth, may touch a bucket.
fn buckets(wards: &[Ward]) -> FxHashMap<(i32, i32), Vec<u16>> {
    let mut buckets: FxHashMap<(i32, i32), Vec<u16>> = FxHashMap::default();
    for (place, Ward { bounds, .. }) in (0..=u16::MAX).zip(wards) {
        let up = (bounds.north - bounds.south) * (DEPTH_MAX - 1.0);
        let along = (bounds.east - bounds.west) * (DEPTH_MAX - 1.0);
        for row in bucket(bounds.south - up)..=bucket(bounds.north + up) {
            for column in bucket(bounds.west - along)..=bucket(bounds.east + along) {
                buckets.entry((row, column)).or_default().push(place);
            }
        }
    }
    buckets
}

/// Closes gaps between wards (the city grown by [`HOLE_KM`] and then shrunk by it) and holes, however large. From
/// their rim inward each new cell joins the ward that most of its labelled neighbours have.
fn close_holes(grid: &Grid, labels: &mut [Label]) {
    let mut open = gaps_and_holes(grid, labels);
    loop {
        let joined: Vec<_> = open.iter().filter_map(|p| Some((*p, commonest(grid, labels, *p)?))).collect();
        if joined.is_empty() {
            return;
        }
        for (place, ward) in joined {
            labels[place] = Some(ward);
        }
        open.retain(|place| labels[*place].is_none());
    }
}

/// The cells without a ward that belong to the city nevertheless.
fn gaps_and_holes(grid: &Grid, labels: &[Label]) -> Vec<usize> {
    let steps = hole_steps();
    let bare = |place: usize| labels[place].is_none();
    let those = |wanted: &dyn Fn(usize) -> bool| (0..labels.len()).filter(|p| wanted(*p)).collect::<Vec<_>>();
    let rim = those(&|p| !bare(p) && grid.beside(p).any(bare));
    let grown = grid.within(steps, &rim, bare);
    let inside = |place: usize| !bare(place) || grown[place];
    let shore = those(&|p| !inside(p) && grid.beside(p).any(inside));
    let lost = grid.within(steps, &shore, bare);
    let open = |place: usize| bare(place) && (lost[place] || !grown[place]);
    let edge = those(&|p| open(p) && grid.beside(p).count() < 6);
    let outside = grid.within(usize::MAX, &edge, open);
    those(&|p| bare(p) && !outside[p])
}

/// [`HOLE_KM`] in steps from cell to cell, which are √3 edges long.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few steps")]
fn hole_steps() -> usize {
    (HOLE_KM / (Resolution::Ten.edge_length_km() * 3_f64.sqrt())).round() as usize
}

/// The ward that most neighbours have.
fn commonest(grid: &Grid, labels: &[Label], place: usize) -> Option<u16> {
    let mut counts = BTreeMap::new();
    for ward in grid.beside(place).filter_map(|other| labels[other]) {
        *counts.entry(ward).or_default() += 1;
    }
    most(counts)
}

/// A number for each ward's district, in the order of the codes.
fn district_keys(districts: &[Box<str>]) -> Vec<usize> {
    let mut codes: Vec<_> = districts.iter().collect();
    codes.sort_unstable();
    codes.dedup();
    districts.iter().map(|code| codes.partition_point(|other| *other < code)).collect()
}

/// A cell with at most one neighbour of its own district joins the district that most neighbours have, and there the
/// ward that most have.
fn join_crumbs(grid: &Grid, labels: &mut [Label], keys: &[usize]) {
    let key = |ward: u16| keys[usize::from(ward)];
    let crumb = |place: usize, ward: u16| {
        grid.beside(place).filter(|other| labels[*other].is_some_and(|w| key(w) == key(ward))).count() <= 1
    };
    let moved = |place: usize| {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        let mut wards: BTreeMap<u16, u64> = BTreeMap::new();
        for ward in grid.beside(place).filter_map(|other| labels[other]) {
            *counts.entry(key(ward)).or_default() += 1;
            *wards.entry(ward).or_default() += 1;
        }
        let district = most(counts)?;
        wards.retain(|ward, _| key(*ward) == district);
        most(wards)
    };
    let changes: Vec<_> = (0..grid.cells.len())
        .filter(|place| labels[*place].is_some_and(|ward| crumb(*place, ward)))
        .filter_map(|place| Some((place, moved(place)?)))
        .collect();
    for (place, ward) in changes {
        labels[place] = Some(ward);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ward(code: &str, district: &str, south: f64, west: f64, north: f64, east: f64) -> Ward {
        Ward {
            code: code.into(),
            district: district.into(),
            name_vi: code.into(),
            name_en: code.into(),
            kind: "xa".into(),
            lat: f64::midpoint(south, north),
            lon: f64::midpoint(west, east),
            bounds: Bounds { south, west, north, east },
        }
    }

    /// Four boxes around a lake of about 1.1 km, and a fifth far to the east.
    fn around_a_lake() -> Vec<Ward> {
        vec![
            ward("00001", "001", 21.00, 105.80, 21.02, 105.84),
            ward("00002", "001", 21.02, 105.80, 21.03, 105.815),
            ward("00003", "002", 21.02, 105.825, 21.03, 105.84),
            ward("00004", "002", 21.03, 105.80, 21.05, 105.84),
            ward("00005", "003", 21.00, 105.90, 21.02, 105.92),
        ]
    }

    fn cell(lat: f64, lon: f64) -> u64 {
        LatLng::new(lat, lon).unwrap().to_cell(Resolution::Ten).into()
    }

    #[test]
    fn a_place_belongs_to_the_box_it_lies_deepest_in() {
        let map = WardMap::new(&around_a_lake());
        assert_eq!(map.ward_of(cell(21.01, 105.82)), Some(0));
        assert_eq!(map.ward_of(cell(21.025, 105.803)), Some(1));
        assert_eq!(map.ward_of(cell(21.04, 105.82)), Some(3));
        assert_eq!(map.ward_of(cell(21.01, 105.91)), Some(4));
    }

    #[test]
    fn a_lake_is_closed_and_open_ground_is_not() {
        let map = WardMap::new(&around_a_lake());
        assert!(map.ward_of(cell(21.025, 105.82)).is_some());
        assert_eq!(map.ward_of(cell(21.01, 105.87)), None);
        assert_eq!(map.ward_of(cell(21.06, 105.82)), None);
    }

    #[test]
    fn a_hole_is_closed_however_large() {
        let wards = vec![
            ward("00001", "001", 21.00, 105.80, 21.02, 105.94),
            ward("00002", "001", 21.02, 105.80, 21.08, 105.82),
            ward("00003", "001", 21.02, 105.92, 21.08, 105.94),
            ward("00004", "002", 21.08, 105.80, 21.10, 105.94),
        ];
        assert!(WardMap::new(&wards).ward_of(cell(21.05, 105.87)).is_some());
        assert_eq!(WardMap::new(&wards[..3]).ward_of(cell(21.05, 105.87)), None);
    }

    #[test]
    fn the_same_wards_give_the_same_map() {
        assert_eq!(WardMap::new(&around_a_lake()), WardMap::new(&around_a_lake()));
        assert_eq!(WardMap::new(&[]).iter().count(), 0);
    }

    #[test]
    fn each_cell_for_drawing_is_in_one_district() {
        let map = WardMap::new(&around_a_lake());
        for res in 7..=10 {
            let lists = map.cells(res);
            let mut all: Vec<_> = lists.values().flatten().collect();
            let given = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), given, "resolution {res}");
        }
        assert_eq!(map.cells(10).values().map(Vec::len).sum::<usize>(), map.iter().count());
        assert!(map.cells(6).is_empty());
    }
}
