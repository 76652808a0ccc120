//! Numbers in cells: either decimal sign, thousands, powers of ten, units behind.

use super::{rng::Rng, target::Target};
use crate::import::number;
use roadworthy_api::import::{CellReason, Decimal};

#[derive(Default)]
pub(crate) struct Numbers {
    sound: usize,
    read: usize,
    refused: usize,
}

/// Everything that the figures at the front of a text can be read as: with each sign between them as the decimal one, or none.
pub(super) fn readings(text: &str) -> Vec<f64> {
    let text = text.trim();
    let negative = text.starts_with(['-', '\u{2212}']);
    let text = text.trim_start_matches(['-', '+', '\u{2212}']);
    let between = |c: char| matches!(c, '.' | ',' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}');
    let end = text.find(|c: char| !c.is_ascii_digit() && !between(c)).unwrap_or(text.len());
    let (front, behind) = text.split_at(end);
    // A power of ten stands directly behind; what follows a blank is another thing.
    let power = behind.strip_prefix(['e', 'E']).map(|power| {
        let signed = power.len() - power.trim_start_matches(['-', '+']).len();
        let figures = power.bytes().skip(signed).take_while(u8::is_ascii_digit).count();
        power[..signed + figures].to_owned()
    });
    let power = power.filter(|p| p.ends_with(|c: char| c.is_ascii_digit()));
    let signs: Vec<usize> = front.char_indices().filter(|(_, c)| between(*c)).map(|(at, _)| at).collect();
    let mut all = Vec::new();
    for point in signs.iter().map(|at| Some(*at)).chain([None]) {
        let mut figures = String::new();
        for (at, letter) in front.char_indices() {
            match letter {
                _ if Some(at) == point => figures.push('.'),
                letter if letter.is_ascii_digit() => figures.push(letter),
                _ => {}
            }
        }
        for power in [None, power.as_deref()] {
            let text = format!("{}0{figures}e{}", if negative { "-" } else { "" }, power.unwrap_or("0"));
            all.extend(text.parse::<f64>());
        }
    }
    all
}

impl Target for Numbers {
    fn one(&mut self, rng: &mut Rng) {
        let decimal = *rng.pick(&[Decimal::Point, Decimal::Comma]);
        let (point, other) = if decimal == Decimal::Point { ('.', ',') } else { (',', '.') };
        let digits = |rng: &mut Rng, most: usize, seldom: usize| -> String {
            let most = if rng.below(8) == 0 { seldom } else { most };
            (0..1 + rng.below(most)).map(|_| char::from(b'0' + rng.below(10) as u8)).collect()
        };
        let whole = digits(rng, 6, 24);
        let fraction = if rng.below(2) == 0 { digits(rng, 4, 20) } else { String::new() };
        let sign = *rng.pick(&["", "", "-", "+"]);
        let power = *rng.pick(&["", "", "", "e3", "E-2", "e+05"]);
        let plain = format!("{sign}{whole}.{fraction}0{power}");
        // Groups of thousands, where they say by a decimal sign that they are such.
        let grouped = !fraction.is_empty() && whole.len() > 3 && !whole.starts_with('0') && rng.below(2) == 0;
        let mut shown = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if grouped && at > 0 && (whole.len() - at) % 3 == 0 {
                shown.push(other);
            }
            shown.push(digit);
        }
        let unit = *rng.pick(&["", "", "", " km/h", "rpm", " °C", "%"]);
        let end = if fraction.is_empty() { String::new() } else { format!("{point}{fraction}") };
        let cell = format!("{sign}{shown}{end}{power}{unit}");
        if rng.below(2) == 0 {
            let figure = number::figure(cell.as_bytes(), decimal).map(|f| f.value.to_bits());
            let expect: f64 = plain.parse().unwrap();
            assert_eq!(figure, Ok(expect.to_bits()), "{cell:?} {decimal:?}");
            self.sound += 1;
            return;
        }
        let cell = rng.spoil(&cell, "0123456789.,'-+eE %\u{a0}°Ckmh=()x/\u{2212}");
        let trimmed = number::trim(cell.as_bytes());
        let quick = number::plain(trimmed, decimal);
        let figure = if trimmed.is_empty() { Err(CellReason::NotANumber) } else { number::figure(trimmed, decimal) };
        assert!(quick.is_none_or(|value| figure.is_ok_and(|f| f.value.to_bits() == value.to_bits())), "{cell:?}");
        let Ok(figure) = figure else {
            self.refused += 1;
            return;
        };
        self.read += 1;
        let all = readings(&String::from_utf8_lossy(trimmed));
        assert!(
            all.iter().any(|v| v.to_bits() == figure.value.to_bits()),
            "{figure:?} of {cell:?}, which reads as {all:?}"
        );
        // With nothing else to go by, `1,234` is two numbers.
        let bare = cell.trim().trim_start_matches(['-', '+', '\u{2212}']);
        if let Some((front, group)) = bare.split_once(other)
            && (1..=3).contains(&front.len())
            && !front.starts_with('0')
            && group.len() == 3
            && (front.to_owned() + group).bytes().all(|b| b.is_ascii_digit())
        {
            panic!("{figure:?} of {cell:?}");
        }
    }

    fn tally(&self) -> String {
        format!("{} sound, {} damaged and read, {} refused", self.sound, self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.sound > inputs / 3 && self.read > inputs / 10 && self.refused > inputs / 10
    }
}
