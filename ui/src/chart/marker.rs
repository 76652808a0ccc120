//! Small shapes that tell series apart where colour does not.

use super::path;

/// Shapes there are.
pub(crate) const SHAPES: usize = 5;

/// Adds shape number `shape` around a point; all are closed, to be filled.
pub(crate) fn put(out: &mut String, shape: usize, x: f64, y: f64, r: f64) {
    let corners: &[(f64, f64)] = match shape % SHAPES {
        // A circle of two arcs.
        0 => {
            path::to(out, 'M', x - r, y);
            for to in [2.0 * r, -2.0 * r] {
                out.push('a');
                for v in [r, r] {
                    path::put(out, v);
                    out.push(' ');
                }
                out.push_str("0 1 0 ");
                path::put(out, to);
                out.push_str(" 0");
            }
            out.push('Z');
            return;
        }
        1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        2 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        3 => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
        _ => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
    };
    for (n, (dx, dy)) in corners.iter().enumerate() {
        path::to(out, if n == 0 { 'M' } else { 'L' }, x + dx * r, y + dy * r);
    }
    out.push('Z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_differ_and_stand_around_their_point() {
        let drawn: Vec<String> = (0..SHAPES)
            .map(|shape| {
                let mut out = String::new();
                put(&mut out, shape, 10.0, 10.0, 3.0);
                out
            })
            .collect();
        assert_eq!(drawn[0], "M7 10a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z");
        assert_eq!(drawn[1], "M7.3 7.3L12.7 7.3L12.7 12.7L7.3 12.7Z");
        for (n, shape) in drawn.iter().enumerate() {
            assert!(drawn.iter().skip(n + 1).all(|other| other != shape), "{shape}");
        }
    }
}
