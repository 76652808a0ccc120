//! DBC files with switches of any depth, and logs of the frames that they tell.

use super::{rng::Rng, tables, target::Target};
use crate::import::{dbc, frames, frames::Frames, lines::Line};
use crate::telemetry::Value;
use roadworthy_api::import::CellReason;
use roadworthy_obd::can::{CanFrame, CanId, Event, candump};
use std::{collections::HashSet, fmt::Write as _, sync::Arc};

/// A signal as it was made.
struct Made {
    start: usize,
    size: usize,
    little: bool,
    signed: bool,
    factor: f64,
    offset: f64,
    range: Option<(f64, f64)>,
    /// The switch, by its place, and the values at which it is there.
    by: Option<(usize, Vec<(u64, u64)>)>,
}

impl Made {
    /// Its bits as a number, most significant first; `None`: the frame ends before them.
    fn raw(&self, data: &[u8]) -> Option<u64> {
        let bits: String = if self.little {
            let all: String = data.iter().map(|b| format!("{b:08b}").chars().rev().collect::<String>()).collect();
            all.get(self.start..self.start + self.size)?.chars().rev().collect()
        } else {
            let all: String = data.iter().map(|b| format!("{b:08b}")).collect();
            let from = self.start / 8 * 8 + 7 - self.start % 8;
            all.get(from..from + self.size)?.to_owned()
        };
        u64::from_str_radix(&bits, 2).ok()
    }

    fn value(&self, data: &[u8]) -> Result<f64, CellReason> {
        let raw = i128::from(self.raw(data).ok_or(CellReason::ShortFrame)?);
        let negative = self.signed && raw >> (self.size - 1) & 1 == 1;
        let number = if negative { raw - (1i128 << self.size) } else { raw };
        let value = number as f64 * self.factor + self.offset;
        let step = self.factor.abs() / 2.0;
        match self.range {
            Some((least, most)) if value < least - step || value > most + step => Err(CellReason::OutOfRange),
            _ => Ok(value),
        }
    }
}

fn there(all: &[Made], at: usize, data: &[u8]) -> bool {
    all[at].by.as_ref().is_none_or(|(by, ranges)| {
        there(all, *by, data)
            && all[*by].raw(data).is_some_and(|now| ranges.iter().any(|(least, most)| now >= *least && now <= *most))
    })
}

/// A message of a network: its signals, and the text of it.
fn made(rng: &mut Rng, id: usize, text: &mut String) -> Vec<Made> {
    let (mut all, mut beside) = (Vec::<Made>::new(), String::new());
    writeln!(text, "BO_ {id} Frame{id}: 8 ECM").unwrap();
    let count = 1 + rng.below(6);
    // The first ones are switches, each of them switched by one before it.
    let switches = if rng.below(2) == 0 { rng.below(count.min(3)) } else { 0 };
    for place in 0..count {
        let is_switch = place < switches;
        let size = if is_switch { 1 + rng.below(4) } else { 1 + rng.below(40) };
        let by = (place > 0 && switches > 0 && (is_switch || rng.below(3) > 0)).then(|| {
            let by = rng.below(place.min(switches));
            let ranges: Vec<(u64, u64)> = (0..1 + rng.below(2))
                .map(|_| (rng.below(12) as u64, rng.below(4) as u64))
                .map(|(least, more)| (least, least + more))
                .collect();
            (by, ranges)
        });
        let signal = Made {
            start: rng.below(64),
            size,
            little: rng.below(2) == 0,
            signed: !is_switch && rng.below(3) == 0,
            factor: *rng.pick(&[1.0, 0.5, 0.125, -2.0]),
            offset: *rng.pick(&[0.0, -40.0, 1000.0]),
            range: *rng.pick(&[None, None, Some((0.0, 100.0)), Some((-50.0, 5000.0))]),
            by,
        };
        let mut front = String::new();
        if let Some((by, ranges)) = &signal.by {
            write!(front, " m{}", ranges[0].0).unwrap();
            let shown: Vec<String> = ranges.iter().map(|(least, most)| format!("{least}-{most}")).collect();
            writeln!(beside, "SG_MUL_VAL_ {id} S{place} S{by} {};", shown.join(", ")).unwrap();
        }
        if is_switch {
            front.push_str(if front.is_empty() { " M" } else { "M" });
        }
        let (least, most) = signal.range.unwrap_or_default();
        let (order, sign) = (u8::from(signal.little), if signal.signed { '-' } else { '+' });
        writeln!(
            text,
            " SG_ S{place}{front} : {}|{size}@{order}{sign} ({},{}) [{least}|{most}] \"kPa\" ECM",
            signal.start, signal.factor, signal.offset
        )
        .unwrap();
        all.push(signal);
    }
    text.push('\n');
    text.push_str(&beside);
    text.push('\n');
    all
}

/// `SG_MUL_VAL_` stands behind all messages.
fn in_order(text: &str) -> String {
    let (beside, messages): (Vec<&str>, Vec<&str>) = text.lines().partition(|l| l.starts_with("SG_MUL_VAL_"));
    format!("VERSION \"\"\n\nBU_: ECM\n\n{}\n\n{}\n", messages.join("\n"), beside.join("\n"))
}

#[derive(Default)]
pub(crate) struct Networks {
    values: usize,
    switched_off: usize,
    read: usize,
    refused: usize,
}

impl Target for Networks {
    fn one(&mut self, rng: &mut Rng) {
        let mut text = String::new();
        let ids: Vec<usize> = (0..1 + rng.below(3)).map(|n| 256 + n).collect();
        let all: Vec<Vec<Made>> = ids.iter().map(|id| made(rng, *id, &mut text)).collect();
        let mut text = in_order(&text);
        let spoilt = rng.below(2) == 0;
        if spoilt {
            text = rng.spoil(&text, "0123456789|@+-()[],.:; \"\nmMSGBO_eE\0é");
        }
        let network = match dbc::read(text.as_bytes()) {
            Ok(network) => network,
            Err(error) => {
                assert!(spoilt && !error.message.is_empty() && !error.hint.is_empty(), "{error} of\n{text}");
                self.refused += 1;
                return;
            }
        };
        self.read += usize::from(spoilt);
        for (id, made) in ids.iter().zip(&all) {
            let n = rng.below(9);
            let data = rng.bytes(n);
            let id = CanId::standard(*id as u32).unwrap();
            let frame = CanFrame::new(id, &data).unwrap();
            let Some((place, _)) = network.find(id) else {
                assert!(spoilt, "{id} is not in\n{text}");
                continue;
            };
            let found: Vec<_> = network.messages[place].values(&frame).collect();
            if spoilt {
                assert!(found.iter().all(|(_, v)| v.is_ok_and(f64::is_finite) || v.is_err()), "{found:?}\n{text}");
                continue;
            }
            let expect: Vec<_> =
                (0..made.len()).filter(|at| there(made, *at, &data)).map(|at| (at, made[at].value(&data))).collect();
            assert_eq!(found, expect, "{id} {data:02X?} by\n{text}");
            self.values += found.iter().filter(|(_, v)| v.is_ok()).count();
            self.switched_off += made.len() - found.len();
        }
    }

    fn tally(&self) -> String {
        let Self { values, switched_off, read, refused } = self;
        format!("{values} values, {switched_off} switched off, {read} damaged and read, {refused} refused")
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.values > inputs / 3
            && self.switched_off > inputs / 4
            && self.read > inputs / 20
            && self.refused > inputs / 5
    }
}

pub(crate) struct Logs {
    network: Arc<dbc::Network>,
    values: usize,
    explained: usize,
}

impl Default for Logs {
    fn default() -> Self {
        let mut text = String::new();
        let mut rng = Rng::of(b"a network of four messages");
        for id in [256, 257, 2_566_834_686, 512] {
            made(&mut rng, id, &mut text);
        }
        Self { network: Arc::new(dbc::read(in_order(&text).as_bytes()).unwrap()), values: 0, explained: 0 }
    }
}

impl Target for Logs {
    fn one(&mut self, rng: &mut Rng) {
        let mut text = String::new();
        for n in 0..1 + rng.below(12) {
            let id = *rng.pick(&["100", "101", "18FEEEFE", "18FEEE03", "200", "7E8"]);
            let length = *rng.pick(&[8, 8, 8, 7, 4, 1, 0]);
            let data: String = rng.bytes(length).iter().map(|b| format!("{b:02X}")).collect();
            writeln!(text, "({}.{:06}) can0 {id}#{data}", 1_700_000_000 + n, rng.below(1_000_000)).unwrap();
        }
        if rng.below(3) > 0 {
            text = rng.spoil(&text, "0123456789ABCDEF#()R. -T\n\0é");
        }
        let bytes = text.as_bytes();
        let lines = tables::lines(bytes);
        let format = roadworthy_api::import::TimeFormat::EpochMicroseconds;
        let detected = frames::detect(format, &self.network);
        let mut reader = Frames::new(&detected.mapping, Arc::clone(&self.network)).unwrap();
        let mut holds = HashSet::new();
        for (number, line) in (1u64..).zip(&lines) {
            reader.line(number, Line::Whole(line));
            if let Ok(logged) = candump::read(&String::from_utf8_lossy(line))
                && let Event::Frame(frame) = logged.event
                && let Some((place, _)) = self.network.find(frame.id())
            {
                holds.extend(self.network.messages[place].values(&frame).filter_map(|(_, v)| Some(v.ok()?.to_bits())));
            }
        }
        let report = reader.report();
        assert!(report.adds_up() && report.rows == lines.len() as u64, "{report:?} of\n{text}");
        for growing in &reader.batch.signals {
            for (_, value) in growing.samples.iter() {
                assert!(
                    matches!(value, Value::Number(n) if holds.contains(&n.to_bits())),
                    "{value:?} is not in\n{text}"
                );
                self.values += 1;
            }
        }
        self.explained += report.explained.len();
    }

    fn tally(&self) -> String {
        format!("{} values, {} reasons", self.values, self.explained)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.values > inputs / 2 && self.explained > inputs / 2
    }
}
