//! Requests to the vehicle: hexadecimal digits in, lines of the chosen spelling out.

use super::{Answer, Out, QUICK, open, settings::Settings};
use crate::{
    bus::{self, Family, Frame, can},
    profile::habits::{self, Count},
    random::Random,
    vehicle::Vehicle,
};

/// Bytes of a request at the very most.
const MOST: usize = 8;

/// Runs a request, upper case and without spaces.
pub(crate) fn run(settings: &mut Settings, vehicle: &mut Vehicle, habits: &habits::Request, text: &str) -> Answer {
    let Some((mut bytes, count)) = parse(text, habits.count).filter(|(bytes, _)| bytes.len() <= longest(settings))
    else {
        return Answer { out: vec![Out::line(QUICK, "?")], stoppable: false };
    };
    bytes.truncate(habits.longest.unwrap_or(usize::MAX));
    if !habits.several && bytes.first() == Some(&0x01) {
        bytes.truncate(2);
    }
    let fresh = !settings.open;
    let out = match open::connect(settings, vehicle, habits) {
        Ok(mut out) => {
            out.push(Out::part(habits.delay + if fresh { habits.first } else { 0.0 }, ""));
            let flow_control = settings.flow_control && habits.flow_control;
            out.extend(ask(settings, vehicle, &bytes, count, flow_control));
            out
        }
        Err(out) => out,
    };
    Answer { out, stoppable: true }
}

/// Bytes, and after an odd digit the number of frames to wait for.
fn parse(text: &str, count: Count) -> Option<(Vec<u8>, Option<usize>)> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.is_empty() || pairs.len() > MOST {
        return None;
    }
    let mut bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    let frames = match (count, rest.first()) {
        (Count::Refused, Some(_)) => return None,
        (Count::Counts, Some(n)) => Some(usize::from(*n)).filter(|n| *n > 0),
        (Count::Data, Some(n)) => {
            bytes.push(n << 4);
            None
        }
        (Count::Ignored, Some(_)) | (_, None) => None,
    };
    Some((bytes, frames))
}

/// Bytes of a request: seven fit a single frame; without formatting the client writes the whole frame, and the older buses
/// take one more where the client insists.
fn longest(settings: &Settings) -> usize {
    let can = Family::of(settings.protocol.number).is_can();
    if if can { !settings.formatting } else { settings.long } { MOST } else { MOST - 1 }
}

fn ask(settings: &Settings, vehicle: &mut Vehicle, bytes: &[u8], count: Option<usize>, flow_control: bool) -> Vec<Out> {
    let family = Family::of(settings.protocol.number);
    let request = if settings.formatting || !family.is_can() { Some(bytes) } else { can::single(bytes) };
    // On a bus of another kind than the vehicle's nothing hears the request.
    let heard = Family::of(vehicle.protocol()) == family;
    let target = settings.target(settings.protocol.number);
    let replies = request.filter(|_| heard).map(|r| vehicle.ask(target, r)).unwrap_or_default();
    let mut random =
        Random::new(bytes.iter().fold(1, |seed: u64, b| seed.wrapping_mul(257).wrapping_add(u64::from(*b))));
    let frames = bus::send(family, &replies, flow_control, &mut random);
    let longest = f64::from(settings.timeout) * 4.096;
    // The chip waits long for the first frame; then adaptive timing shortens the wait to what this bus needs.
    let after_a_frame = match (settings.adaptive, family.is_k_line()) {
        (0, _) => longest,
        (1, false) => longest.min(60.0),
        (_, false) => longest.min(32.0),
        // A K-line is slower, with up to 50 ms between the messages of one ECU.
        (_, true) => longest.min(110.0),
    };
    let mut out = Vec::new();
    let (mut last, mut wait) = (0.0, longest);
    for frame in frames {
        if frame.at - last > wait || count.is_some_and(|n| out.len() >= n) {
            break;
        }
        if settings.filter.map_or_else(|| expected(family, frame.sender), |id| id == frame.sender) {
            print(settings, family, &frame, frame.at - last, &mut out);
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

/// Whether the chip's own filter lets a CAN frame through (ISO 15765-4).
fn expected(family: Family, sender: u32) -> bool {
    match family {
        Family::Can11 => (0x7E8..=0x7EF).contains(&sender),
        Family::Can29 => sender >> 8 == 0x0018_DAF1,
        _ => true,
    }
}

/// One frame as a line or more.
fn print(settings: &Settings, family: Family, frame: &Frame, after: f64, out: &mut Vec<Out>) {
    if !family.is_can() {
        // Without headers the checksum is not shown either.
        let shown = if settings.headers { frame.data.get(..) } else { frame.data.get(3..frame.data.len() - 1) };
        out.push(Out::line(after, spell(shown.unwrap_or_default(), settings.spaces)));
        return;
    }
    let Some(&pci) = frame.data.first() else { return };
    let shown = match (settings.formatting, pci >> 4) {
        (true, 0) => frame.data.get(..=usize::from(pci & 7)).unwrap_or_default(),
        _ => &frame.data,
    };
    if settings.headers {
        let separator = if settings.spaces { " " } else { "" };
        let length = if settings.lengths { format!("{}{separator}", frame.data.len()) } else { String::new() };
        let id = match family {
            Family::Can29 => spell(&frame.sender.to_be_bytes(), settings.spaces),
            _ => format!("{:03X}{separator}", frame.sender),
        };
        out.push(Out::line(after, format!("{id}{length}{}", spell(shown, settings.spaces))));
        return;
    }
    let rest = |from: usize| spell(shown.get(from..).unwrap_or_default(), settings.spaces);
    let gap = if settings.spaces { " " } else { "" };
    match (settings.formatting, pci >> 4, shown.get(1)) {
        (true, 0, _) => out.push(Out::line(after, rest(1))),
        // A long reply starts with a line of its length.
        (true, 1, Some(low)) => {
            out.push(Out::line(after, format!("{:03X}", u16::from(pci & 0x0F) << 8 | u16::from(*low))));
            out.push(Out::line(0.0, format!("0:{gap}{}", rest(2))));
        }
        (true, _, _) => out.push(Out::line(after, format!("{:X}:{gap}{}", pci & 0x0F, rest(1)))),
        (false, _, _) => out.push(Out::line(after, rest(0))),
    }
}

/// The chip prints a space after every byte, the last included.
fn spell(bytes: &[u8], spaces: bool) -> String {
    let gap = if spaces { " " } else { "" };
    bytes.iter().map(|b| format!("{b:02X}{gap}")).collect()
}
