//! SVG path data. Coordinates are written in tenths: finer than any screen shows, and many times faster than exact decimals.

/// Adds `v` with one decimal.
pub(crate) fn put(out: &mut String, v: f64) {
    #[allow(clippy::cast_possible_truncation, reason = "a coordinate of a chart; what is far outside saturates")]
    let tenths = (v * 10.0).round() as i64;
    if tenths < 0 {
        out.push('-');
    }
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut left = whole;
    loop {
        at = at.saturating_sub(1);
        if let Some(d) = digits.get_mut(at) {
            *d = b'0' + u8::try_from(left % 10).unwrap_or(0);
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(at).map(|d| char::from(*d)));
    if rest > 0 {
        out.push('.');
        out.push(char::from(b'0' + u8::try_from(rest).unwrap_or(0)));
    }
}

/// Adds a command with a point.
pub(crate) fn to(out: &mut String, command: char, x: f64, y: f64) {
    out.push(command);
    put(out, x);
    out.push(' ');
    put(out, y);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_at_most() {
        for (v, expect) in [
            (0.0, "0"),
            (0.04, "0"),
            (-0.06, "-0.1"),
            (12.34, "12.3"),
            (9.96, "10"),
            (-105.0, "-105"),
            (800.5, "800.5"),
        ] {
            let mut out = String::new();
            put(&mut out, v);
            assert_eq!(out, expect, "{v}");
        }
    }
}
