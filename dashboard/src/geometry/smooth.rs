//! Fewer points, rounder corners. Lengths are in the unit of the points.

use super::outline::Point;

/// Leaves out the points that lie within `tolerance` of the line through those that stay (Douglas-Peucker).
pub fn simplify(points: &[Point], tolerance: f64, closed: bool) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    if !closed {
        return simplify_line(points, tolerance);
    }
    // A ring is two lines: from its first point to the farthest one and back.
    let first = points[0];
    let away = |point: &Point| (point[0] - first[0]).hypot(point[1] - first[1]);
    let far = (1..points.len()).max_by(|a, b| away(&points[*a]).total_cmp(&away(&points[*b]))).unwrap_or(1);
    let mut kept = simplify_line(&points[..=far], tolerance);
    kept.pop();
    let back: Vec<_> = points[far..].iter().chain(&points[..1]).copied().collect();
    kept.extend(simplify_line(&back, tolerance));
    kept.pop();
    if kept.len() < 3 { points.to_vec() } else { kept }
}

fn simplify_line(points: &[Point], tolerance: f64) -> Vec<Point> {
    let mut keep = vec![false; points.len()];
    let mut open = vec![(0, points.len() - 1)];
    while let Some((from, to)) = open.pop() {
        keep[from] = true;
        keep[to] = true;
        let distance = |at: usize| to_segment(points[at], points[from], points[to]);
        let farthest = (from + 1..to).max_by(|a, b| distance(*a).total_cmp(&distance(*b)));
        if let Some(at) = farthest.filter(|at| distance(*at) > tolerance) {
            open.extend([(from, at), (at, to)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

/// Cuts each corner at a quarter of its sides (Chaikin). The ends of a line stay.
pub fn round(points: &[Point], times: usize, closed: bool) -> Vec<Point> {
    let mut points = points.to_vec();
    for _ in 0..times {
        if points.len() < 3 {
            return points;
        }
        let sides =
            points.iter().zip(points.iter().cycle().skip(1)).take(points.len() - usize::from(!closed));
        let cut: Vec<_> = sides.flat_map(|(a, b)| [between(*a, *b, 0.25), between(*a, *b, 0.75)]).collect();
        points = if closed {
            cut
        } else {
            let inner = &cut[1..cut.len() - 1];
            let (first, last) = (points[0], points[points.len() - 1]);
            std::iter::once(first).chain(inner.iter().copied()).chain([last]).collect()
        };
    }
    points
}

fn between(a: Point, b: Point, share: f64) -> Point {
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/// From a point to the segment between two others.
pub fn to_segment(point: Point, from: Point, to: Point) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.mul_add(dx, dy * dy);
    let along = if length > 0.0 {
        (((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let nearest = between(from, to, along);
    (point[0] - nearest[0]).hypot(point[1] - nearest[1])
}

/// The area inside; negative where the ring turns right.
pub fn area(ring: &[Point]) -> f64 {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    sides.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Whether a point lies in a ring.
pub fn holds(ring: &[Point], point: Point) -> bool {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = sides.filter(|(a, b)| {
        (a[1] > point[1]) != (b[1] > point[1])
            && point[0] < a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [Point; 8] =
        [[0.0, 0.0], [1.0, 0.01], [2.0, 0.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0], [0.0, 2.0], [0.0, 1.0]];

    #[test]
    fn a_square_keeps_its_corners_alone() {
        assert_eq!(simplify(&SQUARE, 0.1, true), [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]);
    }

    #[test]
    fn the_ends_of_a_line_stay_where_they_are() {
        let line = [[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]];
        let round = round(&line, 2, false);
        assert_eq!((round[0], round[round.len() - 1]), (line[0], line[2]));
        assert!(round.len() > line.len());
        assert_eq!(simplify(&line, 5.0, false), [line[0], line[2]]);
    }

    #[test]
    fn inside_and_outside_are_told_apart() {
        assert!((area(&SQUARE) - 4.0).abs() < 0.05);
        assert!(holds(&SQUARE, [1.0, 1.0]));
        assert!(!holds(&SQUARE, [3.0, 1.0]));
    }
}
