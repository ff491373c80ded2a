//! The outlines of sets of cells.
//!
//! Borders are cut into arcs where three areas meet, and each arc is drawn once for both of its sides: however it is
//! smoothed, neighbours keep one common border without gaps.

use h3o::{CellIndex, LatLng, VertexIndex};
use std::collections::{BTreeMap, HashMap, HashSet};

/// [lon, lat] in degrees.
pub type Point = [f64; 2];
/// Closed without its first point repeated; outer rings turn left.
pub type Ring = Vec<Point>;

/// How an arc is drawn: the points it runs through, and whether it is a ring of its own.
pub type Draw<'a> = dyn Fn(&[Point], bool) -> Vec<Point> + 'a;

type Corner = VertexIndex;

/// The rings of each area: outer ones turn left, holes turn right.
pub fn rings(areas: &BTreeMap<&str, Vec<u64>>, draw: &Draw) -> BTreeMap<String, Vec<Ring>> {
    let sides = sides(areas);
    let border = |(a, b): (Corner, Corner), area: usize| sides.get(&(b, a)) != Some(&area);
    let mut next: Vec<BTreeMap<Corner, Corner>> = vec![BTreeMap::new(); areas.len()];
    let mut links: HashMap<Corner, HashSet<Corner>> = HashMap::new();
    for ((a, b), area) in &sides {
        if border((*a, *b), *area) {
            next[*area].insert(*a, *b);
            links.entry(*a).or_default().insert(*b);
            links.entry(*b).or_default().insert(*a);
        }
    }
    let junction = |corner: &Corner| links.get(corner).is_some_and(|others| others.len() > 2);
    let drawn = |next: BTreeMap<Corner, Corner>| {
        loops(next).into_iter().map(|corners| draw_loop(&corners, &junction, draw)).collect()
    };
    areas.keys().map(|name| (*name).to_owned()).zip(next.into_iter().map(drawn)).collect()
}

/// Each side of each cell, its corners in the order in which the cell lies to the left, and the place of its area.
fn sides(areas: &BTreeMap<&str, Vec<u64>>) -> HashMap<(Corner, Corner), usize> {
    let mut sides = HashMap::new();
    for (area, cells) in areas.values().enumerate() {
        for cell in cells.iter().filter_map(|cell| CellIndex::try_from(*cell).ok()) {
            let corners: Vec<_> = cell.vertexes().collect();
            for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                sides.insert((*a, *b), area);
            }
        }
    }
    sides
}

/// Follows the borders round. Three cells meet at a corner, so a border goes on in one way only.
fn loops(mut next: BTreeMap<Corner, Corner>) -> Vec<Vec<Corner>> {
    let mut loops = Vec::new();
    while let Some((first, mut at)) = next.pop_first() {
        let mut corners = vec![first];
        while at != first {
            corners.push(at);
            match next.remove(&at) {
                Some(following) => at = following,
                None => break,
            }
        }
        loops.push(corners);
    }
    loops
}

fn draw_loop(corners: &[Corner], junction: &dyn Fn(&Corner) -> bool, draw: &Draw) -> Ring {
    let Some(first) = corners.iter().position(junction) else { return draw_ring(corners, draw) };
    let turned: Vec<_> = corners[first..].iter().chain(&corners[..=first]).copied().collect();
    let mut ring = Vec::new();
    let mut begin = 0;
    for end in (1..turned.len()).filter(|at| junction(&turned[*at])) {
        let arc = draw_arc(&turned[begin..=end], draw);
        // The last point of an arc is the first of the next.
        ring.extend_from_slice(&arc[..arc.len().saturating_sub(1)]);
        begin = end;
    }
    ring
}

/// An arc looks the same from both of its sides: it is drawn from its lesser end.
fn draw_arc(arc: &[Corner], draw: &Draw) -> Vec<Point> {
    let backward = arc.iter().rev().lt(arc.iter());
    let mut points: Vec<_> = arc.iter().copied().map(point).collect();
    if backward {
        points.reverse();
    }
    let mut drawn = draw(&points, false);
    if backward {
        drawn.reverse();
    }
    drawn
}

/// A ring that touches no third area: drawn from its least corner towards the lesser neighbour.
fn draw_ring(corners: &[Corner], draw: &Draw) -> Ring {
    let least = corners.iter().enumerate().min_by_key(|(_, corner)| **corner).map_or(0, |(at, _)| at);
    let mut turned: Vec<_> = corners[least..].iter().chain(&corners[..least]).copied().collect();
    let backward = turned.last() < turned.get(1);
    if backward {
        turned[1..].reverse();
    }
    let mut drawn = draw(&turned.into_iter().map(point).collect::<Vec<_>>(), true);
    if backward {
        drawn.reverse();
    }
    drawn
}

fn point(corner: Corner) -> Point {
    let at = LatLng::from(corner);
    [at.lng(), at.lat()]
}
