//! The `AT` commands.

use super::{
    Answer, Out, QUICK,
    settings::{Selected, Settings, TIMEOUT},
};
use crate::{bus::Family, profile::habits::Chip, vehicle::Vehicle};

/// Names of the protocols by number, as the chip prints them.
const NAMES: [&str; 13] = [
    "AUTO",
    "SAE J1850 PWM",
    "SAE J1850 VPW",
    "ISO 9141-2",
    "ISO 14230-4 (KWP 5BAUD)",
    "ISO 14230-4 (KWP FAST)",
    "ISO 15765-4 (CAN 11/500)",
    "ISO 15765-4 (CAN 29/500)",
    "ISO 15765-4 (CAN 11/250)",
    "ISO 15765-4 (CAN 29/250)",
    "SAE J1939 (CAN 29/250)",
    "USER1 (CAN 11/125)",
    "USER2 (CAN 11/50)",
];

/// Commands with a value, the longest names first: CAF1 is not C with a digit.
const NAMED: [&str; 18] =
    ["CAF", "CFC", "CRA", "SH", "SR", "ST", "SW", "AT", "TP", "SP", "CP", "WM", "E", "L", "S", "H", "D", "M"];

/// Runs a command, upper case, without spaces and without its `AT`.
pub(crate) fn run(settings: &mut Settings, vehicle: &Vehicle, chip: &Chip, command: &str) -> Answer {
    let out = match command {
        "Z" => {
            settings.reset();
            banner(chip, chip.reset)
        }
        "WS" => {
            settings.reset();
            banner(chip, chip.reset.min(70.0))
        }
        "I" => vec![Out::line(QUICK, &*chip.says)],
        "@1" => vec![Out::line(QUICK, "OBDII to RS232 Interpreter")],
        "RV" => vec![Out::line(8.0, format!("{:.1}V", vehicle.volts()))],
        "IGN" => vec![Out::line(QUICK, if vehicle.awake() { "ON" } else { "OFF" })],
        "DP" => vec![Out::line(QUICK, describe(settings))],
        "DPN" => {
            let mark = if settings.protocol.automatic { "A" } else { "" };
            vec![Out::line(QUICK, format!("{mark}{:X}", settings.protocol.number))]
        }
        "PPS" => parameters(),
        "AMC" | "RD" => vec![Out::line(QUICK, "00")],
        "KW" => vec![Out::line(QUICK, keywords(settings, vehicle))],
        _ => vec![Out::line(QUICK, if set(settings, command).is_some() { "OK" } else { "?" })],
    };
    Answer { out, stoppable: false }
}

/// What is printed after a reset of so many milliseconds.
pub(super) fn banner(chip: &Chip, ms: f64) -> Vec<Out> {
    let usual = || vec![String::new(), String::new(), chip.says.clone()];
    let lines = chip.banner.clone().unwrap_or_else(usual);
    let wait = |n: usize| if n == 0 { ms } else { 4.0 };
    lines.into_iter().enumerate().map(|(n, line)| Out::line(wait(n), line)).collect()
}

fn describe(settings: &Settings) -> String {
    let name = NAMES[usize::from(settings.protocol.number) % NAMES.len()];
    match settings.protocol {
        Selected { number: 0, .. } => "AUTO".into(),
        Selected { automatic: true, .. } => format!("AUTO, {name}"),
        _ => name.into(),
    }
}

/// The programmable parameters, all as they left the factory and none of them on: four a line.
fn parameters() -> Vec<Out> {
    let one = |n: u8| format!("{n:02X}:FF F");
    let line = |first: u8| (first..first + 4).map(one).collect::<Vec<_>>().join("  ");
    (0..0x30).step_by(4).map(|first| Out::line(QUICK, line(first))).collect()
}

/// The key words of the K-line session (ISO 9141-2: 08 08; ISO 14230-4: 8F and the timing's low byte).
fn keywords(settings: &Settings, vehicle: &Vehicle) -> &'static str {
    match Family::of(vehicle.protocol()) {
        Family::Iso9141 if settings.open => "1:08 2:08",
        Family::Kwp if settings.open => "1:EF 2:8F",
        _ => "1:-- 2:--",
    }
}

/// Changes a setting; `None` for what the chip does not know.
fn set(s: &mut Settings, command: &str) -> Option<()> {
    let on = |digit: &str| match digit {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    match command {
        "D" => *s = Settings { saved: s.saved, protocol: s.saved, ..Settings::default() },
        "AL" => s.long = true,
        "NL" => s.long = false,
        "FE" | "BI" => {}
        // Flow control by itself, no extended addresses, frames of fixed or varying length, silent listening, J1939's
        // headers: the bus behind this chip has no use for more.
        "FCSM0" | "CEA" | "V0" | "V1" | "CSM0" | "CSM1" | "JHF0" | "JHF1" => {}
        "PC" => s.open = false,
        "AR" | "CRA" => s.filter = None,
        _ => {
            let (name, value) = NAMED.iter().find_map(|n| command.strip_prefix(n).map(|v| (*n, v)))?;
            match name {
                "CAF" => s.formatting = on(value)?,
                "CFC" => s.flow_control = on(value)?,
                "E" => s.echo = on(value)?,
                "L" => s.linefeeds = on(value)?,
                "S" => s.spaces = on(value)?,
                "H" => s.headers = on(value)?,
                "D" => s.lengths = on(value)?,
                "M" => s.memory = on(value)?,
                "AT" => s.adaptive = digit(value, 1).filter(|n| *n <= 2)?,
                "ST" => s.timeout = digit(value, 2).map(|n| if n == 0 { TIMEOUT } else { n })?,
                "CRA" if value.len() == 8 => s.filter = Some(number(value, 8)?),
                "CRA" => s.filter = Some(identifier(value)?),
                "CP" => s.priority = digit(value, 2)?,
                "SR" => s.filter = Some(u32::from(digit(value, 2)?)),
                "SW" => s.wake_up = digit(value, 2)? != 0,
                // One to six bytes; the vehicle answers whatever they are.
                "WM" => drop((hex(value) && value.len() % 2 == 0 && value.len() <= 12).then_some(())?),
                "SH" if value.len() == 3 => s.id = identifier(value)?,
                "SH" => {
                    let [_, header @ ..] = number(value, 6)?.to_be_bytes();
                    (s.header, s.id) = (Some(header), u32::from_be_bytes([0, 0, header[1] & 7, header[2]]));
                }
                "TP" => s.select(protocol(value)?),
                _ => {
                    let chosen = protocol(value)?;
                    if s.memory {
                        s.saved = chosen;
                    }
                    s.select(chosen);
                }
            }
        }
    }
    Some(())
}

fn hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn digit(text: &str, digits: usize) -> Option<u8> {
    (text.len() == digits && hex(text)).then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && hex(text)).then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

fn identifier(text: &str) -> Option<u32> {
    number(text, 3).filter(|id| *id <= 0x7FF)
}

/// `6`, `A6` (automatic, 6 first), `0` or `A0`. `A` alone is protocol ten.
fn protocol(text: &str) -> Option<Selected> {
    let (automatic, number) = match text.strip_prefix('A') {
        Some(rest) if !rest.is_empty() => (true, digit(rest, 1)?),
        _ => (text == "0", digit(text, 1)?),
    };
    (number <= 0xC).then_some(Selected {
        number: if automatic { 0 } else { number },
        automatic,
        first: if automatic { number } else { 0 },
    })
}
