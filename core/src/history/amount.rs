//! Figures of a history: amounts with their currency, odometers with their unit. Pure; no cell makes it panic.
//!
//! Where the decimal sign of a file is settled, `12,345` is no riddle any more. Before that, [`evidence`] says what each cell shows.

use crate::import::number;
use roadworthy_api::{
    import::{CellReason, Decimal},
    service::{Meter, MeterUnit, Money},
};

/// What a cell shows of the decimal sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Nothing.
    Nothing,
    /// This sign.
    Sign(Decimal),
    /// It reads in two ways, as `1,234`.
    Open,
}

/// The figure in a cell: from the first digit to the last, with what stands between.
fn core(cell: &str) -> &str {
    let first = cell.find(|c: char| c.is_ascii_digit());
    let last = cell.rfind(|c: char| c.is_ascii_digit());
    match (first, last) {
        (Some(first), Some(last)) => cell.get(first..=last).unwrap_or_default(),
        _ => "",
    }
}

pub(super) fn evidence(cell: &str) -> Shows {
    let figure = core(cell);
    let last = |sign| figure.rfind(sign);
    let count = |sign| figure.matches(sign).count();
    let decided = |decimal| Shows::Sign(decimal);
    match (last('.'), last(',')) {
        (None, None) => Shows::Nothing,
        (Some(point), Some(comma)) => decided(if point > comma { Decimal::Point } else { Decimal::Comma }),
        (point, comma) => {
            let (sign, at) = match (point, comma) {
                (Some(at), _) => ('.', at),
                (_, Some(at)) => (',', at),
                _ => return Shows::Nothing,
            };
            let (this, other) =
                if sign == '.' { (Decimal::Point, Decimal::Comma) } else { (Decimal::Comma, Decimal::Point) };
            let behind = figure.len() - at - 1;
            if count(sign) > 1 {
                decided(other)
            } else if behind != 3 || at > 3 || figure.starts_with('0') {
                decided(this)
            } else {
                Shows::Open
            }
        }
    }
}

/// A number whose decimal sign is settled, with what stands before and behind it.
fn parts(cell: &str, decimal: Decimal) -> Result<(f64, String), CellReason> {
    // Thin and figure spaces are blanks too.
    let cell = cell.replace(['\u{2007}', '\u{2009}'], " ");
    let cell = cell.trim();
    if cell.is_empty() {
        return Err(CellReason::NotAvailable);
    }
    let negative = cell.starts_with('(') && cell.ends_with(')');
    let bare = cell.trim_start_matches('(').trim_end_matches(')').trim();
    // What a spreadsheet would run, before letters are taken away.
    if bare.starts_with(['=', '@']) || (bare.starts_with(['+', '-']) && bare.contains(['(', '!', '='])) {
        return Err(CellReason::Formula);
    }
    let figure = core(bare);
    if figure.is_empty() {
        return Err(number::figure(bare.as_bytes(), decimal).err().unwrap_or(CellReason::NotANumber));
    }
    let at = bare.find(figure).unwrap_or(0);
    let (front, behind) = (bare.get(..at).unwrap_or_default(), bare.get(at + figure.len()..).unwrap_or_default());
    let minus = |text: &str| text.contains(['-', '\u{2212}']);
    let thousands = if decimal == Decimal::Point { ',' } else { '.' };
    let grouped = figure.split(thousands).collect::<Vec<_>>();
    let settled = match grouped.as_slice() {
        [first, rest @ .., last] if (1..=3).contains(&first.len()) && !first.starts_with('0') => {
            let whole = |g: &&str| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit());
            let last_whole =
                last.split_once(if decimal == Decimal::Point { '.' } else { ',' }).map_or(*last, |(w, _)| w);
            if rest.iter().all(whole) && whole(&last_whole) && first.bytes().all(|b| b.is_ascii_digit()) {
                figure.replace(thousands, "")
            } else {
                figure.to_owned()
            }
        }
        _ => figure.to_owned(),
    };
    let value = number::figure(settled.as_bytes(), decimal)?;
    if value.unit.is_some() {
        return Err(CellReason::NotANumber);
    }
    // `.50` is half of something: the figure alone would be fifty.
    if front.ends_with(['.', ',']) {
        return Err(CellReason::NotANumber);
    }
    let value = value.value;
    let beside: String = [front, " ", behind].concat().replace(['-', '\u{2212}', '+'], " ");
    let beside = beside.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok((if negative || minus(front) || minus(behind) { -value } else { value }, beside))
}

/// A plain number.
pub(super) fn plain(cell: &str, decimal: Decimal) -> Result<f64, CellReason> {
    let (value, beside) = parts(cell, decimal)?;
    if beside.is_empty() { Ok(value) } else { Err(CellReason::UnknownUnit) }
}

/// A quantity: what stands behind it is let be.
pub(super) fn quantity(cell: &str, decimal: Decimal) -> Result<f64, CellReason> {
    let (value, _) = parts(cell, decimal)?;
    if (0.0..=100_000.0).contains(&value) { Ok(value) } else { Err(CellReason::Impossible) }
}

/// An odometer; `unit` where the cell says none. `Ok(None)`: nothing says it.
pub(super) fn meter(cell: &str, decimal: Decimal, unit: Option<MeterUnit>) -> Result<Option<Meter>, CellReason> {
    let (value, beside) = parts(cell, decimal)?;
    let unit = match beside.to_lowercase().trim_end_matches('.') {
        "" => unit,
        "km" | "kms" | "kilometers" | "kilometres" | "kilometer" => Some(MeterUnit::Km),
        "mi" | "mile" | "miles" | "mls" => Some(MeterUnit::Mi),
        "h" | "hr" | "hrs" | "hours" | "std" => Some(MeterUnit::H),
        _ => return Err(CellReason::UnknownUnit),
    };
    if !(0.0..=5_000_000.0).contains(&value) {
        return Err(CellReason::Impossible);
    }
    Ok(unit.map(|unit| Meter { value, unit }))
}

/// Signs that mean one currency, and its code.
const SIGNS: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("₺", "TRY"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₪", "ILS"),
    ("₩", "KRW"),
    ("US$", "USD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("NZ$", "NZD"),
    ("R$", "BRL"),
    ("Euro", "EUR"),
];
/// Signs that several currencies have, and which.
pub(super) const SHARED: &[(&str, &[&str])] = &[
    ("$", &["USD", "CAD", "AUD", "NZD", "MXN", "unknown"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK", "unknown"]),
    ("kr.", &["DKK", "SEK", "NOK", "ISK", "unknown"]),
    ("¥", &["JPY", "CNY", "unknown"]),
];
/// Codes of ISO 4217 that are read as such.
const CODES: &[&str] = &[
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP",
    "PKR", "PLN", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
];

/// Whether a text is the code of a currency.
pub(super) fn is_code(text: &str) -> bool {
    CODES.contains(&text)
}

/// The sign in a cell that several currencies have.
pub(super) fn shared_sign(cell: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let (_, beside) = parts(cell, Decimal::Point).or_else(|_| parts(cell, Decimal::Comma)).ok()?;
    SHARED.iter().find(|(sign, _)| *sign == beside)
}

/// An amount; `currency` for one that names none, or a sign that several have.
pub(super) fn money(cell: &str, decimal: Decimal, currency: Option<&str>) -> Result<Money, CellReason> {
    let (amount, beside) = parts(cell, decimal)?;
    if amount.abs() > 1e12 {
        return Err(CellReason::Impossible);
    }
    let said = currency.filter(|c| is_code(c)).map(str::to_owned);
    let currency = match beside.as_str() {
        // The sign for a currency that is not known.
        "" | "¤" => said,
        sign if SHARED.iter().any(|(s, _)| *s == sign) => said.or_else(|| Some(sign.to_owned())),
        sign => match SIGNS.iter().find(|(s, _)| *s == sign) {
            Some((_, code)) => Some((*code).to_owned()),
            None => Some(Some(sign.to_uppercase()).filter(|c| is_code(c)).ok_or(CellReason::UnknownUnit)?),
        },
    };
    Ok(Money { amount, currency })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decimal::{Comma, Point};
    use proptest::prelude::*;

    #[test]
    fn amounts_read_in_every_spelling() {
        let check = |cell: &str, decimal, expect: Result<(f64, Option<&str>), CellReason>| {
            let got = money(cell, decimal, None).map(|m| (m.amount, m.currency));
            assert_eq!(got, expect.map(|(a, c)| (a, c.map(str::to_owned))), "{cell:?}");
        };
        check("$1,234.56", Point, Ok((1234.56, Some("$"))));
        check("1.234,56 €", Comma, Ok((1234.56, Some("EUR"))));
        check("1.234,56\u{a0}€", Comma, Ok((1234.56, Some("EUR"))));
        check("1\u{202f}234,56 €", Comma, Ok((1234.56, Some("EUR"))));
        check("€12", Point, Ok((12.0, Some("EUR"))));
        check("-$12.50", Point, Ok((-12.5, Some("$"))));
        check("$-12.50", Point, Ok((-12.5, Some("$"))));
        check("($12.50)", Point, Ok((-12.5, Some("$"))));
        check("12,50- €", Comma, Ok((-12.5, Some("EUR"))));
        check(".50", Point, Err(CellReason::NotANumber));
        check("CHF 1'234.50", Point, Ok((1234.5, Some("CHF"))));
        check("1234.50 usd", Point, Ok((1234.5, Some("USD"))));
        check("199,00 kr", Comma, Ok((199.0, Some("kr"))));
        check("¤123.45", Point, Ok((123.45, None)));
        check("123.45", Point, Ok((123.45, None)));
        check("1,234", Point, Ok((1234.0, None)));
        check("1,234", Comma, Ok((1.234, None)));
        check("1.234.567", Comma, Ok((1_234_567.0, None)));
        check("12 parsecs", Point, Err(CellReason::UnknownUnit));
        check("=1+1", Point, Err(CellReason::Formula));
        check("free", Point, Err(CellReason::NotANumber));
        check("n/a", Point, Err(CellReason::NotAvailable));
        check("1.2.3", Point, Err(CellReason::NotANumber));
        check("1e300", Point, Err(CellReason::Impossible));
        assert_eq!(money("$5", Point, Some("CAD")), Ok(Money { amount: 5.0, currency: Some("CAD".into()) }));
        assert_eq!(money("5 €", Point, Some("CAD")), Ok(Money { amount: 5.0, currency: Some("EUR".into()) }));
        assert_eq!(money("5", Point, Some("CAD")), Ok(Money { amount: 5.0, currency: Some("CAD".into()) }));
        assert_eq!(money("$5", Point, Some("unknown")), Ok(Money { amount: 5.0, currency: Some("$".into()) }));
    }

    #[test]
    fn odometers_read_with_their_unit() {
        let km = Some(MeterUnit::Km);
        let check = |cell: &str, decimal, unit, expect: Result<Option<(f64, MeterUnit)>, CellReason>| {
            assert_eq!(meter(cell, decimal, unit).map(|m| m.map(|m| (m.value, m.unit))), expect, "{cell:?}");
        };
        check("12,345 mi", Point, km, Ok(Some((12345.0, MeterUnit::Mi))));
        check("12.345 km", Comma, None, Ok(Some((12345.0, MeterUnit::Km))));
        check("12 345", Point, km, Ok(Some((12345.0, MeterUnit::Km))));
        check("12\u{2009}345 km", Point, km, Ok(Some((12345.0, MeterUnit::Km))));
        check("12345", Point, None, Ok(None));
        check("135879.1", Point, km, Ok(Some((135_879.1, MeterUnit::Km))));
        check("-5", Point, km, Err(CellReason::Impossible));
        check("9999999", Point, km, Err(CellReason::Impossible));
        check("12345 furlongs", Point, km, Err(CellReason::UnknownUnit));
    }

    #[test]
    fn a_cell_shows_its_decimal_sign_or_leaves_it_open() {
        for (cell, expect) in [
            ("$1,234.56", Shows::Sign(Point)),
            ("1.234,56 €", Shows::Sign(Comma)),
            ("12,50", Shows::Sign(Comma)),
            ("1234.567", Shows::Sign(Point)),
            ("0.125", Shows::Sign(Point)),
            ("1.234.567", Shows::Sign(Comma)),
            ("1,234", Shows::Open),
            ("12.345 km", Shows::Open),
            ("12345", Shows::Nothing),
            ("", Shows::Nothing),
        ] {
            assert_eq!(evidence(cell), expect, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_makes_it_panic(cell in "[-+0-9.,' €$kmi()=\u{a0}\u{202f}ø]{0,16}", comma in any::<bool>()) {
            let decimal = if comma { Comma } else { Point };
            evidence(&cell);
            shared_sign(&cell);
            if let Ok(money) = money(&cell, decimal, None) {
                prop_assert!(money.amount.is_finite());
            }
            let _ = meter(&cell, decimal, None);
        }

        #[test]
        fn what_a_locale_writes_reads_back(cents in -10_000_000i64..10_000_000, comma in any::<bool>()) {
            let (whole, rest) = (cents.abs() / 100, cents.abs() % 100);
            let (thousands, sign) = if comma { (".", ",") } else { (",", ".") };
            let digits = whole.to_string();
            let mut grouped = String::new();
            for (i, digit) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i) % 3 == 0 {
                    grouped.push_str(thousands);
                }
                grouped.push(digit);
            }
            let minus = if cents < 0 { "-" } else { "" };
            let text = format!("{minus}{grouped}{sign}{rest:02}");
            let decimal = if comma { Comma } else { Point };
            let expect: f64 = format!("{minus}{whole}.{rest:02}").parse().unwrap();
            prop_assert_eq!(money(&text, decimal, None).unwrap().amount, expect, "{}", text);
        }
    }
}
