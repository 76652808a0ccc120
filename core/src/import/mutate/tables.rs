//! Whole tables: made sound, then damaged in their structure and their letters, looked at and read.

use super::{cells, numbers, rng::Rng, target::Target};
use crate::import::{
    lines::Byte,
    tests::{Read, look, read_by},
};
use roadworthy_api::import::{Answers, DateOrder, Decimal, Restarts};
use std::collections::HashSet;

#[derive(Default)]
pub(crate) struct Tables {
    read: usize,
    values: usize,
    refused: usize,
}

/// All that could be asked, answered.
pub(super) fn answers(decimal: Option<Decimal>) -> Answers {
    Answers {
        zone: Some("UTC".into()),
        date_order: Some(DateOrder::Dmy),
        date: Some("2024-03-04".into()),
        start: Some("2024-03-04T00:00:00Z".into()),
        restarts: Some(Restarts::Follow),
        decimal,
        ..Answers::default()
    }
}

const NAMES: [&str; 8] = [
    "Engine RPM (rpm)",
    "Speed [km/h]",
    "Coolant [°C]",
    "Boost [kPa]",
    "Note",
    "Öldruck [kPa]",
    "Engine load (%)",
    "Unnamed: 4",
];

/// A sound table as rows of cells, with what stands between them.
pub(super) fn sound(rng: &mut Rng) -> (Vec<Vec<String>>, char) {
    let separator = *rng.pick(&[';', ',', '\t']);
    let point = if separator == ',' { '.' } else { *rng.pick(&['.', ',']) };
    let number = |rng: &mut Rng| {
        let whole = rng.below(4000);
        if rng.below(2) == 0 { whole.to_string() } else { format!("{whole}{point}{}", rng.below(100)) }
    };
    let count = 6 + rng.below(20);
    if rng.below(4) == 0 {
        let mut rows = vec![["SECONDS", "PID", "VALUE", "UNITS"].map(str::to_owned).to_vec()];
        for n in 0..count {
            let (name, unit) = *rng.pick(&[("Engine RPM", "rpm"), ("Vehicle speed", "km/h"), ("Fuel trim", "%")]);
            rows.push(vec![format!("{}{point}5", 50 + n), name.to_owned(), number(rng), unit.to_owned()]);
        }
        return (rows, separator);
    }
    let form = rng.below(3);
    let first = rng.below(NAMES.len());
    let names: Vec<&str> = (0..2 + rng.below(4)).map(|n| NAMES[(first + n) % NAMES.len()]).collect();
    let mut rows = vec![std::iter::once("time").chain(names.iter().copied()).map(str::to_owned).collect::<Vec<_>>()];
    for n in 0..count {
        let time = match form {
            0 => format!("2024-03-04T10:{:02}:{:02}Z", n / 60, n % 60),
            1 => (1_709_546_400_000u64 + n as u64 * 500).to_string(),
            _ => format!("04.03.2024 10:00:{n:02}"),
        };
        let cell = |rng: &mut Rng| match rng.below(12) {
            0 => String::new(),
            1 => (*rng.pick(&["NODATA", "-", "ERR", "∞", "=1+1", "12 km/h", "\"7\"", "1,234", "x"])).to_owned(),
            _ => number(rng),
        };
        rows.push(std::iter::once(time).chain((0..names.len()).map(|_| cell(rng))).collect());
    }
    (rows, separator)
}

pub(super) fn text(rows: &[Vec<String>], separator: char) -> String {
    let quoted = |cell: &String| {
        if cell.contains(separator) && !cell.starts_with('"') { format!("\"{cell}\"") } else { cell.clone() }
    };
    rows.iter().map(|r| r.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string()) + "\n").collect()
}

/// Lines of a file, by other means than the reader's.
pub(super) fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let end = if bytes.contains(&b'\n') || !bytes.contains(&b'\r') { b'\n' } else { b'\r' };
    let mut lines: Vec<&[u8]> = bytes.split(|b| *b == end).collect();
    if lines.last().is_some_and(|l| l.is_empty()) {
        lines.pop();
    }
    lines
}

/// Every number that some cell of the file can be read as.
pub(super) fn holds(bytes: &[u8], separator: u8) -> HashSet<u64> {
    let mut all = HashSet::new();
    for line in lines(bytes) {
        let line =
            String::from_utf8(line.to_vec()).unwrap_or_else(|e| e.as_bytes().iter().map(|b| char::from(*b)).collect());
        for cell in cells::cells(line.trim_end_matches('\r'), char::from(separator)).unwrap_or_default() {
            all.extend(numbers::readings(cell.trim()).into_iter().map(f64::to_bits));
        }
    }
    all
}

/// No number was read that the file does not hold, and no line was passed over.
pub(super) fn judge(bytes: &[u8], read: &Read) -> usize {
    let mapping = &read.detected.mapping;
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(read.report.rows + u64::from(mapping.header), lines(bytes).len() as u64, "{shown}");
    let (holds, mut numbers) = (holds(bytes, mapping.separator.byte()), 0);
    for (signal, at, value) in &read.values {
        if let Ok(number) = value.parse::<f64>() {
            assert!(
                number.is_finite() && holds.contains(&number.to_bits()),
                "{signal} {at} {number} is not in\n{shown}"
            );
            numbers += 1;
        }
    }
    numbers
}

/// Damage to rows and cells.
fn disorder(rng: &mut Rng, rows: &mut Vec<Vec<String>>) {
    for _ in 0..=rng.below(3) {
        if rows.len() < 2 {
            return;
        }
        let (at, other) = (rng.below(rows.len()), rng.below(rows.len()));
        match rng.below(8) {
            0 => rows.swap(at, other),
            1 => drop(rows.remove(at)),
            2 => {
                let row = rows[at].clone();
                rows.insert(other, row);
            }
            3 => {
                let header = rows[0].clone();
                rows.insert(other, header);
            }
            4 => rows[at].rotate_left(1),
            5 => {
                for row in rows.iter_mut().skip(at) {
                    row.rotate_right(1);
                }
            }
            6 => drop(rows[at].pop()),
            _ => rows[at].push("7".into()),
        }
    }
}

impl Target for Tables {
    fn one(&mut self, rng: &mut Rng) {
        let (mut rows, separator) = sound(rng);
        if rng.below(2) == 0 {
            disorder(rng, &mut rows);
        }
        let mut bytes = text(&rows, separator).into_bytes();
        if rng.below(2) == 0 {
            let alphabet = b"0123456789.,;:\"\t\0\xd6 -\n\rZTx=";
            // Its first letters say what kind of file it is.
            let mut rest = bytes.split_off(2);
            rng.damage(&mut rest, &mut |rng, _| *rng.pick(alphabet));
            bytes.extend(rest);
        }
        let decimal = *rng.pick(&[None, Some(Decimal::Point), Some(Decimal::Comma)]);
        let answers = Answers { filled_forward: *rng.pick(&[None, Some(true), Some(false)]), ..answers(decimal) };
        let read = look(&bytes, &answers).and_then(|detected| match detected.questions.first() {
            Some(asked) => {
                assert!(!asked.ask.is_empty() && !asked.option.is_empty(), "{asked:?}");
                Ok(None)
            }
            None => read_by(&bytes, detected).map(Some),
        });
        match read {
            Ok(Some(read)) => {
                self.values += judge(&bytes, &read);
                self.read += 1;
            }
            Ok(None) => self.refused += 1,
            Err(error) => {
                assert!(!error.message.is_empty() && !error.hint.is_empty(), "{error:?}");
                self.refused += 1;
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} read with {} values, {} refused or asked about", self.read, self.values, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 3 && self.values > inputs * 4 && self.refused > inputs / 50
    }
}
