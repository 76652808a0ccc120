//! Requests to the vehicle: hexadecimal digits in, lines of the chosen spelling out.

use super::{Answer, Out, settings::Settings};
use crate::{
    can::{self, Frame},
    random::Random,
    vehicle::Vehicle,
};

/// The protocol of every vehicle here: CAN, 11 bit, 500 kbit/s.
const SPOKEN: u8 = 6;
/// Milliseconds the chip takes to try one protocol of each family when it searches.
const TRIES: [(u8, f64); 4] = [(1, 380.0), (2, 420.0), (3, 650.0), (6, 140.0)];

/// Runs a request, upper case and without spaces.
pub(crate) fn run(settings: &mut Settings, vehicle: &mut Vehicle, text: &str) -> Answer {
    let Some((bytes, count)) = parse(text, settings.formatting) else {
        return Answer { out: vec![Out::line(3.0, "?")], stoppable: false };
    };
    let out = match connect(settings, vehicle) {
        Ok(mut out) => {
            out.extend(ask(settings, vehicle, &bytes, count));
            out
        }
        Err(out) => out,
    };
    Answer { out, stoppable: true }
}

/// Bytes, and after an odd digit the number of frames to wait for. At most seven bytes fit a single frame; without
/// formatting the client writes the whole frame.
fn parse(text: &str, formatting: bool) -> Option<(Vec<u8>, Option<usize>)> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let most = if formatting { 7 } else { 8 };
    if pairs.is_empty() || pairs.len() > most {
        return None;
    }
    let count = rest.first().map(|n| usize::from(*n)).filter(|n| *n > 0);
    Some((pairs.iter().map(|[high, low]| high << 4 | low).collect(), count))
}

/// Opens the bus if it is not open: `Ok` with what is printed on the way, `Err` with the whole answer when nothing is found.
fn connect(settings: &mut Settings, vehicle: &Vehicle) -> Result<Vec<Out>, Vec<Out>> {
    if settings.open && vehicle.awake() {
        return Ok(Vec::new());
    }
    if settings.protocol.automatic {
        let spent: f64 = TRIES.iter().map(|(_, ms)| ms).sum();
        if !vehicle.awake() {
            settings.protocol.number = 0;
            return Err(vec![Out::line(2.0, "SEARCHING..."), Out::line(spent * 3.5, "UNABLE TO CONNECT")]);
        }
        settings.protocol.number = SPOKEN;
        settings.open = true;
        return Ok(vec![Out::line(2.0, "SEARCHING..."), Out::part(spent, "")]);
    }
    match settings.protocol.number {
        SPOKEN if vehicle.awake() => {
            settings.open = true;
            Ok(Vec::new())
        }
        SPOKEN | 7 => Err(vec![Out::line(210.0, "NO DATA")]),
        // Traffic at another bit rate reads as errors.
        8..=12 if vehicle.awake() => Err(vec![Out::line(120.0, "CAN ERROR")]),
        3 | 4 => Err(vec![Out::part(2.0, "BUS INIT: "), Out::line(2600.0, "...ERROR")]),
        5 => Err(vec![Out::part(2.0, "BUS INIT: "), Out::line(300.0, "...ERROR")]),
        _ => Err(vec![Out::line(260.0, "NO DATA")]),
    }
}

fn ask(settings: &Settings, vehicle: &mut Vehicle, bytes: &[u8], count: Option<usize>) -> Vec<Out> {
    let request = if settings.formatting { Some(bytes) } else { can::single(bytes) };
    let replies = request.map(|r| vehicle.ask(settings.header, r)).unwrap_or_default();
    let mut random = Random::new(bytes.iter().fold(1, |seed, b| seed * 257 + u64::from(*b)));
    let frames = can::send(&replies, settings.flow_control, &mut random);
    let longest = f64::from(settings.timeout) * 4.096;
    // The chip waits long for the first frame; then adaptive timing shortens the wait to what this bus needs.
    let after_a_frame = match settings.adaptive {
        0 => longest,
        1 => longest.min(60.0),
        _ => longest.min(32.0),
    };
    let mut out = Vec::new();
    let (mut last, mut wait) = (0.0, longest);
    for frame in frames {
        if frame.at - last > wait || count.is_some_and(|n| out.len() >= n) {
            break;
        }
        if settings.filter.is_none_or(|id| id == frame.id) {
            print(settings, &frame, frame.at - last, &mut out);
        }
        (last, wait) = (frame.at, after_a_frame);
    }
    if out.is_empty() {
        return vec![Out::line(longest, "NO DATA")];
    }
    if count.is_none_or(|n| out.len() < n) {
        out.push(Out::part(wait, ""));
    }
    out
}

/// One frame as a line; without headers a long reply starts with a line of its length.
fn print(settings: &Settings, frame: &Frame, after: f64, out: &mut Vec<Out>) {
    let [pci, ..] = frame.data;
    let shown: &[u8] = match (settings.formatting, pci >> 4) {
        (true, 0) => &frame.data[..=usize::from(pci & 7)],
        _ => &frame.data,
    };
    if settings.headers {
        let separator = if settings.spaces { " " } else { "" };
        let length = if settings.lengths { format!("{}{separator}", frame.data.len()) } else { String::new() };
        out.push(Out::line(after, format!("{:03X}{separator}{length}{}", frame.id, spell(shown, settings.spaces))));
        return;
    }
    match (settings.formatting, pci >> 4) {
        (true, 0) => out.push(Out::line(after, spell(&shown[1..], settings.spaces))),
        (true, 1) => {
            out.push(Out::line(after, format!("{:03X}", u16::from(pci & 0x0F) << 8 | u16::from(frame.data[1]))));
            out.push(Out::line(0.0, format!("0:{}{}", gap(settings), spell(&frame.data[2..], settings.spaces))));
        }
        (true, _) => {
            let text = format!("{:X}:{}{}", pci & 0x0F, gap(settings), spell(&frame.data[1..], settings.spaces));
            out.push(Out::line(after, text));
        }
        (false, _) => out.push(Out::line(after, spell(shown, settings.spaces))),
    }
}

fn gap(settings: &Settings) -> &'static str {
    if settings.spaces { " " } else { "" }
}

/// The chip prints a space after every byte, the last included.
fn spell(bytes: &[u8], spaces: bool) -> String {
    let gap = if spaces { " " } else { "" };
    bytes.iter().map(|b| format!("{b:02X}{gap}")).collect()
}
