//! Where a name stands: the point of an area that lies farthest from its border.

use super::outline::{Point, Ring};
use super::smooth::{holds, to_segment};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Squares looked at, at most; the best so far is taken then.
const SQUARES_MAX: usize = 20_000;

/// A square that may hold the point.
struct Square {
    middle: Point,
    half: f64,
    /// From the middle to the border; negative outside.
    depth: f64,
}

impl Square {
    fn new(middle: Point, half: f64, rings: &[Ring]) -> Self {
        Self { middle, half, depth: depth(middle, rings) }
    }

    /// No point of it lies deeper.
    fn depth_max(&self) -> f64 {
        self.depth + self.half * std::f64::consts::SQRT_2
    }
}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        self.depth_max().total_cmp(&other.depth_max())
    }
}
impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Square {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Square {}

/// The pole of inaccessibility of a polygon (its outer ring, then holes), to `precision`; None of an empty one.
pub fn pole(rings: &[Ring], precision: f64) -> Option<Point> {
    let outer = rings.first().filter(|ring| ring.len() > 2)?;
    let low = outer.iter().fold([f64::MAX; 2], |low, p| [low[0].min(p[0]), low[1].min(p[1])]);
    let high = outer.iter().fold([f64::MIN; 2], |high, p| [high[0].max(p[0]), high[1].max(p[1])]);
    let half = (high[0] - low[0]).max(high[1] - low[1]) / 2.0;
    let middle = [f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])];
    let mut best = Square::new(middle, half, rings);
    let mut open = BinaryHeap::from([Square::new(middle, half, rings)]);
    for _ in 0..SQUARES_MAX {
        let Some(square) = open.pop() else { break };
        if square.depth_max() - best.depth <= precision {
            break;
        }
        let half = square.half / 2.0;
        for (right, up) in [(-half, -half), (-half, half), (half, -half), (half, half)] {
            let quarter = Square::new([square.middle[0] + right, square.middle[1] + up], half, rings);
            if quarter.depth > best.depth {
                best = Square { middle: quarter.middle, ..quarter };
            }
            open.push(quarter);
        }
    }
    Some(best.middle)
}

/// From a point to the nearest border; negative outside.
fn depth(point: Point, rings: &[Ring]) -> f64 {
    let inside = rings.iter().filter(|ring| holds(ring, point)).count() % 2 == 1;
    let sides = rings.iter().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)));
    let nearest = sides.map(|(a, b)| to_segment(point, *a, *b)).fold(f64::MAX, f64::min);
    if inside { nearest } else { -nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_the_wide_part_and_not_in_a_hole() {
        // A wide square with a long thin arm to the right.
        let shape: Ring = vec![
            [0.0, 0.0],
            [4.0, 0.0],
            [4.0, 1.9],
            [20.0, 1.9],
            [20.0, 2.1],
            [4.0, 2.1],
            [4.0, 4.0],
            [0.0, 4.0],
        ];
        let middle = pole(std::slice::from_ref(&shape), 0.01).unwrap();
        assert!((middle[0] - 2.0).abs() < 0.1 && (middle[1] - 2.0).abs() < 0.1, "{middle:?}");
        let hole: Ring = vec![[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0]];
        let beside = pole(&[shape, hole.clone()], 0.01).unwrap();
        assert!(!holds(&hole, beside), "{beside:?}");
    }
}
