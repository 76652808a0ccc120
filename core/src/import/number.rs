//! Numbers as people's programs write them: either decimal sign, thousands, units behind. Pure; no cell makes it panic.
//!
//! A number is exact: mantissa and power of ten are put together in one rounding, or by the standard library. A separator of
//! thousands counts only where nothing else can be meant: `1.234,5`, `1,234,567`, `1 234`; a lone `1,234` is refused.

use super::unit::{self, Unit};
use roadworthy_api::import::{CellReason, Decimal};

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    /// Unit that stands in the cell.
    pub(crate) unit: Option<&'static Unit>,
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// Mantissas up to here are exact in a double.
const EXACT: u64 = 1 << 53;

/// Blanks at either end, no-break ones among them.
#[inline]
pub(crate) fn trim(cell: &[u8]) -> &[u8] {
    match cell {
        // Nearly every cell: no kind of blank begins or ends so.
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
        _ => trim_blanks(cell),
    }
}

fn trim_blanks(mut cell: &[u8]) -> &[u8] {
    loop {
        cell = cell.trim_ascii();
        // A no-break space in UTF-8 and in Windows-1252, a narrow one in UTF-8.
        let rest = cell
            .strip_prefix(b"\xc2\xa0")
            .or_else(|| cell.strip_prefix(b"\xe2\x80\xaf"))
            .or_else(|| cell.strip_suffix(b"\xc2\xa0"))
            .or_else(|| cell.strip_suffix(b"\xe2\x80\xaf"))
            .or_else(|| cell.strip_prefix(b"\xa0"));
        match rest {
            Some(rest) => cell = rest,
            None => return cell,
        }
    }
}

/// The usual spelling, digits with at most one decimal sign; `None`: anything else, which [`figure`] takes apart.
#[inline]
pub(crate) fn plain(cell: &[u8], decimal: Decimal) -> Option<f64> {
    let sign = if decimal == Decimal::Point { b'.' } else { b',' };
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    // 18 digits and a sign fit a u64 for certain.
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let (mut mantissa, mut seen, mut after) = (0u64, 0u32, None);
    for byte in digits {
        if byte.is_ascii_digit() {
            mantissa = mantissa * 10 + u64::from(byte - b'0');
            seen += 1;
        } else if *byte == sign && after.is_none() {
            after = Some(seen);
        } else {
            return None;
        }
    }
    if seen == 0 || mantissa > EXACT || seen > 18 {
        return None;
    }
    let after = after.map_or(0, |at| seen - at);
    let value = mantissa as f64 / TENS.get(after as usize)?;
    Some(if negative { -value } else { value })
}

/// A cell as number and unit. `cell` is trimmed and not empty.
pub(crate) fn figure(cell: &[u8], decimal: Decimal) -> Result<Figure, CellReason> {
    read(cell, decimal, false)
}

/// As [`figure`] where somebody has said the decimal sign: the other one separates thousands, also once.
pub(crate) fn settled(cell: &[u8], decimal: Decimal) -> Result<Figure, CellReason> {
    read(cell, decimal, true)
}

fn read(cell: &[u8], decimal: Decimal, settled: bool) -> Result<Figure, CellReason> {
    if let Some(value) = plain(cell, decimal) {
        return Ok(Figure { value, unit: None });
    }
    let text = super::text::read(cell);
    if text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
        return Err(CellReason::NotText);
    }
    let text = text.trim();
    if is_formula(text) {
        return Err(CellReason::Formula);
    }
    if let Some(reason) = nothing(text) {
        return Err(reason);
    }
    let (digits, rest) = split(text, decimal, settled)?;
    let value: f64 = digits.parse().map_err(|_| CellReason::NotANumber)?;
    if !value.is_finite() {
        return Err(CellReason::Infinite);
    }
    let rest = rest.trim();
    let unit = if rest.is_empty() { None } else { Some(unit::find(rest).ok_or(CellReason::UnknownUnit)?) };
    Ok(Figure { value, unit })
}

/// What a spreadsheet would run. A sign before a figure is none.
fn is_formula(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        Some('=' | '@') => true,
        Some('+' | '-') => {
            letters.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '(' | '=' | '@'))
                && text.contains(['(', '!', '='])
        }
        _ => false,
    }
}

/// Whether a cell says that there is no value.
pub(crate) fn is_nothing(cell: &[u8]) -> bool {
    nothing(&super::text::read(cell)) == Some(CellReason::NotAvailable)
}

/// Words for no value, and for one that is none.
fn nothing(text: &str) -> Option<CellReason> {
    let bare: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '.')).flat_map(char::to_lowercase).collect();
    Some(match bare.as_str() {
        "nan" | "nodata" | "na" | "n/a" | "#n/a" | "null" | "none" | "nil" | "-" | "--" | "---" | "–" | "—" | "?"
        | "err" | "error" | "unabletoconnect" | "stopped" | "searching" | "notavailable" | "unavailable"
        | "notsupported" | "unsupported" | "-nan" | "#value!" | "#ref!" | "#div/0!" | "buserror" | "canerror"
        | "dataerror" | "nan()" | "undefined" => CellReason::NotAvailable,
        "∞" | "-∞" | "+∞" | "inf" | "-inf" | "+inf" | "infinity" | "-infinity" | "+infinity" => {
            CellReason::Infinite
        }
        _ => return None,
    })
}

/// The figure at the front in the standard library's spelling, and what stands behind it.
fn split(text: &str, decimal: Decimal, settled: bool) -> Result<(String, &str), CellReason> {
    let (point, other) = if decimal == Decimal::Point { ('.', ',') } else { (',', '.') };
    let mut digits = String::new();
    let mut rest = text;
    for minus in ['-', '\u{2212}'] {
        if let Some(after) = rest.strip_prefix(minus) {
            digits.push('-');
            rest = after;
            break;
        }
    }
    if digits.is_empty() {
        rest = rest.strip_prefix('+').unwrap_or(rest);
    }
    // Groups of the whole part, with what stands between them.
    let (first, mut rest) = figures(rest);
    let (mut groups, mut between) = (vec![first], None);
    loop {
        let mut letters = rest.chars();
        let Some(sign) = letters.next() else { break };
        let separates = sign == other || matches!(sign, '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}');
        let (group, after) = figures(letters.as_str());
        // `0.125` has no thousands, nor has `1234.5`.
        let leads = first.len() <= 3 && !first.is_empty() && !first.starts_with('0');
        if !leads || !separates || group.len() != 3 || between.is_some_and(|b| b != sign) {
            break;
        }
        between = Some(sign);
        groups.push(group);
        rest = after;
    }
    let whole_is_grouped = groups.len() > 1;
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix(point) {
        (fraction, rest) = figures(after);
    } else if let Some(after) = rest.strip_prefix(other)
        && !whole_is_grouped
    {
        // The other sign, once: what follows cannot be a group of three, so it is a decimal sign after all.
        let (found, behind) = figures(after);
        if found.len() != 3 || first.is_empty() || first.starts_with('0') || first.len() > 3 {
            (fraction, rest) = (found, behind);
        }
    }
    let whole: String = groups.concat();
    if whole.is_empty() && fraction.is_empty() {
        return Err(CellReason::NotANumber);
    }
    digits.push_str(&whole);
    digits.push('.');
    digits.push_str(fraction);
    // An exponent needs its figures: `12 E` is a unit that is not known.
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let (sign, after) = match after.strip_prefix('-') {
            Some(after) => ("-", after),
            None => ("", after.strip_prefix('+').unwrap_or(after)),
        };
        let (power, behind) = figures(after);
        if (1..=4).contains(&power.len()) {
            digits.push('e');
            digits.push_str(sign);
            digits.push_str(power);
            rest = behind;
        }
    }
    // More signs or figures behind it: this was not one number.
    if rest
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '/' | '-' | '+' | '\''))
    {
        return Err(CellReason::NotANumber);
    }
    if !settled && whole_is_grouped && groups.len() == 2 && fraction.is_empty() && between == Some(other) {
        return Err(CellReason::Ambiguous);
    }
    if digits.ends_with('.') {
        digits.push('0');
    }
    if let Some(rest) = digits.strip_prefix("-.") {
        digits = format!("-0.{rest}");
    }
    Ok((digits, rest))
}

/// ASCII figures at the front, and the rest.
fn figures(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decimal::{Comma, Point};
    use proptest::prelude::*;

    fn value(cell: &str, decimal: Decimal) -> Result<(f64, &'static str), CellReason> {
        figure(trim(cell.as_bytes()), decimal).map(|f| (f.value, f.unit.map_or("", |u| u.name)))
    }

    #[test]
    fn numbers_read_as_they_are_meant() {
        for (cell, decimal, expect) in [
            ("12", Point, (12.0, "")),
            ("12.5", Point, (12.5, "")),
            ("12,5", Comma, (12.5, "")),
            ("-0,80", Comma, (-0.8, "")),
            ("+7", Comma, (7.0, "")),
            (" 4.0 ", Point, (4.0, "")),
            (".5", Point, (0.5, "")),
            ("-.5", Point, (-0.5, "")),
            ("5.", Point, (5.0, "")),
            ("\u{2212}40", Point, (-40.0, "")),
            ("1,51E+12", Comma, (1.51e12, "")),
            ("1e-3", Point, (0.001, "")),
            ("0.1", Point, (0.1, "")),
            ("8260.000000", Point, (8260.0, "")),
            ("123456789012345678901234567890", Point, (123456789012345678901234567890.0, "")),
            ("0.12345678901234567890123", Point, (0.12345678901234568, "")),
            ("42.0", Comma, (42.0, "")),
            ("1.23", Comma, (1.23, "")),
            ("0.125", Comma, (0.125, "")),
            ("1234.567", Comma, (1234.567, "")),
            ("1.234,5", Comma, (1234.5, "")),
            ("1,234.5", Point, (1234.5, "")),
            ("1.234.567", Comma, (1234567.0, "")),
            ("1 234", Comma, (1234.0, "")),
            ("1\u{a0}234,5", Comma, (1234.5, "")),
            ("1'234.5", Point, (1234.5, "")),
            ("12,5 km/h", Comma, (12.5, "km/h")),
            ("12.5km/h", Point, (12.5, "km/h")),
            ("56%", Point, (56.0, "%")),
            ("88 °C", Point, (88.0, "°C")),
            ("88 \u{c2}°C", Point, (88.0, "°C")),
            ("190 °F", Point, (190.0, "°F")),
            ("14.7psi", Point, (14.7, "psi")),
            ("3 rpm", Point, (3.0, "rpm")),
        ] {
            assert_eq!(value(cell, decimal), Ok(expect), "{cell:?}");
        }
        let windows = figure(b"88 \xb0C", Point).unwrap();
        assert_eq!((windows.value, windows.unit.map(|u| u.name)), (88.0, Some("°C")));
    }

    #[test]
    fn one_group_counts_where_the_decimal_sign_is_said() {
        for (cell, decimal, expect) in [
            ("1.234", Comma, Ok(1234.0)),
            ("1,234", Point, Ok(1234.0)),
            ("1.234", Point, Ok(1.234)),
            ("-12,345", Point, Ok(-12345.0)),
            ("0.125", Comma, Ok(0.125)),
            ("12.5", Comma, Ok(12.5)),
            ("1.2.3", Comma, Err(CellReason::NotANumber)),
        ] {
            assert_eq!(settled(cell.as_bytes(), decimal).map(|f| f.value), expect, "{cell}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        use CellReason::*;
        for (cell, decimal, expect) in [
            ("NODATA", Point, NotAvailable),
            ("NO DATA", Point, NotAvailable),
            ("NaN", Point, NotAvailable),
            ("-", Point, NotAvailable),
            ("ERR", Point, NotAvailable),
            ("n/a", Point, NotAvailable),
            ("∞", Point, Infinite),
            ("-Infinity", Point, Infinite),
            ("1e999", Point, Infinite),
            ("1,234", Point, Ambiguous),
            ("1.234", Comma, Ambiguous),
            ("=1+2", Point, Formula),
            ("@SUM(A1)", Point, Formula),
            ("-cmd()", Point, Formula),
            ("+HYPERLINK(\"x\")", Point, Formula),
            ("12 parsecs", Point, UnknownUnit),
            ("12 E", Point, UnknownUnit),
            ("-583.206.63", Comma, NotANumber),
            ("-583.206.6399", Comma, NotANumber),
            ("1.2.3", Point, NotANumber),
            ("12:30", Point, NotANumber),
            ("1,,2", Point, NotANumber),
            ("1234.567.890", Comma, NotANumber),
            ("1.234.56", Comma, NotANumber),
            ("MIL is OFF0 codes", Point, NotANumber),
            ("0x1F", Point, UnknownUnit),
            (".", Point, NotANumber),
            ("1-2", Point, NotANumber),
            ("\0\0", Point, NotText),
            ("1\u{7}", Point, NotText),
        ] {
            assert_eq!(value(cell, decimal), Err(expect), "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_bit_by_bit(number in any::<f64>().prop_filter("finite", |v| v.is_finite()), short in any::<i32>(), places in 0..6usize) {
            let text = number.to_string();
            prop_assert_eq!(figure(text.as_bytes(), Point).unwrap().value.to_bits(), number.to_bits(), "{}", text);
            let text = format!("{:.places$}", f64::from(short) / 1000.0);
            let expect: f64 = text.parse().unwrap();
            prop_assert_eq!(figure(text.as_bytes(), Point).unwrap().value.to_bits(), expect.to_bits());
            if places != 3 {
                let text = text.replace('.', ",");
                prop_assert_eq!(figure(text.as_bytes(), Comma).unwrap().value.to_bits(), expect.to_bits());
            }
        }

        #[test]
        fn no_cell_makes_it_panic(cell in proptest::collection::vec(any::<u8>(), 0..24), comma in any::<bool>()) {
            let decimal = if comma { Comma } else { Point };
            if let Ok(figure) = figure(trim(&cell), decimal) {
                prop_assert!(figure.value.is_finite());
            }
        }

        #[test]
        fn no_spelling_makes_it_panic(cell in "[-+0-9.,' eE%°kmh=()∞]{0,14}", comma in any::<bool>()) {
            if let Ok(figure) = figure(trim(cell.as_bytes()), if comma { Comma } else { Point }) {
                prop_assert!(figure.value.is_finite());
            }
        }
    }
}
