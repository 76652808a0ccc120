//! What was seen with a vehicle.

use crate::{
    adapter::passport::{Asked, Evidence, OnBus},
    decode::data_length,
    frame::{FrameError, Line, Status},
};
use roadworthy_api::adapter::{CountDigit, Proof, TriedOn};

/// Milliseconds by which an answer must come earlier for its count to have been honoured.
const EARLIER: f64 = 12.0;
/// An ECU's word that a request has the wrong length (ISO 14229-1).
const WRONG_LENGTH: u8 = 0x13;

pub(super) struct Proofs {
    pub(super) headers: Proof,
    pub(super) request_of_3: Proof,
    pub(super) request_of_7: Proof,
    pub(super) long_reply: Proof,
    pub(super) flow_control: Proof,
    pub(super) count_digit: CountDigit,
    pub(super) tried_on: Option<TriedOn>,
}

fn unknown(why: &str) -> Proof {
    Proof::Unknown { why: why.into() }
}

fn no(why: impl Into<String>) -> Proof {
    Proof::No { why: why.into() }
}

pub(super) fn proofs(evidence: &Evidence) -> Proofs {
    let Some(bus) = &evidence.bus else {
        let why = "No vehicle answered when it was measured.";
        return Proofs {
            headers: unknown(why),
            request_of_3: unknown(why),
            request_of_7: unknown(why),
            long_reply: unknown(why),
            flow_control: unknown(why),
            count_digit: CountDigit::Unknown { why: why.into() },
            tried_on: None,
        };
    };
    let several = several_values(bus);
    Proofs {
        headers: headers(bus, evidence.filtered),
        request_of_3: of_3(bus, &several),
        request_of_7: of_7(bus, &several),
        long_reply: long_reply(bus),
        flow_control: flow_control(bus),
        count_digit: count_digit(bus),
        tried_on: Some(TriedOn {
            protocol: bus.protocol.name().into(),
            ecus: ecus(bus),
            several_values: several,
            round_trip_ms: round_trip(bus),
        }),
    }
}

fn ecus(bus: &OnBus) -> u32 {
    let mut all: Vec<&str> = bus.asked.iter().flat_map(|a| a.answers()).map(|(ecu, _)| ecu).collect();
    all.sort_unstable();
    all.dedup();
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

fn headers(bus: &OnBus, filtered: bool) -> Proof {
    if filtered {
        return no("Its replies do not say which ECU sent them; each ECU is asked by itself, which takes longer.");
    }
    let lines = || bus.asked.iter().flat_map(|a| a.lines.iter().flatten());
    if lines().any(|l| matches!(l, Line::Message { ecu: Some(_), .. })) {
        Proof::Yes
    } else if lines().any(|l| matches!(l, Line::Unusable { .. } | Line::Message { ecu: None, .. })) {
        no("Its replies do not say which ECU sent them.")
    } else {
        unknown("No ECU answered while it was measured.")
    }
}

/// Requests for several present values, without a count.
fn joint(bus: &OnBus, pids: usize) -> Option<&Asked> {
    bus.asked.iter().find(|a| a.request.service() == 1 && a.request.bytes().len() == pids + 1 && a.digit.is_none())
}

/// The PIDs in a reply to several, where it fits to the byte.
fn pids(payload: &[u8]) -> Option<Vec<u8>> {
    let (_, mut rest) = payload.split_first()?;
    let mut found = Vec::new();
    while let Some((pid, data)) = rest.split_first() {
        rest = data.get(data_length(*pid)?..)?;
        found.push(*pid);
    }
    Some(found)
}

/// The most that one ECU gave of what was asked for together; `None`: nothing that can be taken apart.
fn best(asked: &Asked) -> Option<Vec<u8>> {
    asked.answers().into_iter().filter_map(|(_, payload)| pids(payload)).max_by_key(Vec::len)
}

fn whole(asked: &Asked) -> bool {
    best(asked).is_some_and(|found| asked.request.bytes()[1..].iter().all(|pid| found.contains(pid)))
}

fn several_values(bus: &OnBus) -> Proof {
    if !bus.protocol.is_can() {
        return no("Only vehicles on CAN answer requests for several values.");
    }
    match (joint(bus, 2), joint(bus, 6)) {
        (None, None) => unknown("The vehicle has too few values to try it."),
        (two, Some(six)) if whole(six) && two.is_none_or(whole) => Proof::Yes,
        (Some(two), None) if whole(two) => Proof::Yes,
        (Some(two), Some(_)) if whole(two) => no("Two values at once came back whole, six did not."),
        _ => no("Not all values asked for at once came back."),
    }
}

fn of_3(bus: &OnBus, several: &Proof) -> Proof {
    let three = || bus.asked.iter().filter(|a| a.request.bytes().len() == 3 && a.digit.is_none());
    let shows = |a: &Asked| match a.request.service() {
        0x01 => whole(a),
        // Out of range, denied, conditions: only a request that arrived whole is judged by what it asks for.
        0x22 => !a.answers().is_empty() || a.refusals().any(|nrc| matches!(nrc, 0x22 | 0x31 | 0x33)),
        _ => !a.answers().is_empty(),
    };
    if several.yes() || three().any(shows) {
        return Proof::Yes;
    }
    if three().next().is_none() {
        return unknown("No request of three bytes was tried.");
    }
    if three().any(|a| a.refusals().any(|nrc| nrc == WRONG_LENGTH)) {
        return no("It cuts a request of three bytes short: the ECU says that its length is wrong.");
    }
    if three().all(|a| a.says(Status::Unknown)) {
        return no("It refuses a request of three bytes.");
    }
    unknown("The vehicle answered none that would show it.")
}

fn of_7(bus: &OnBus, several: &Proof) -> Proof {
    let Some(six) = joint(bus, 6) else {
        return unknown(if bus.protocol.is_can() {
            "The vehicle has too few values to try a request of seven bytes."
        } else {
            "Requests of older buses are shorter."
        });
    };
    let asked = &six.request.bytes()[1..];
    let found = best(six);
    if several.yes() || found.as_ref().is_some_and(|f| f.last() == asked.last()) {
        return Proof::Yes;
    }
    if six.says(Status::Unknown) {
        return no("It refuses a request of seven bytes.");
    }
    match found {
        Some(found) if joint(bus, 2).is_some_and(whole) && asked.starts_with(&found) => no(format!(
            "It cuts a request of seven bytes short: of six values asked for at once only the first {} came back.",
            found.len()
        )),
        _ => unknown("The vehicle answered none that would show it."),
    }
}

/// Long replies on CAN that came whole, and those that did not.
fn long_replies(bus: &OnBus) -> (usize, usize) {
    let whole = bus.asked.iter().flat_map(|a| a.answers()).filter(|(_, payload)| payload.len() > 7).count();
    let broken = |line: &&Line| {
        matches!(
            line,
            Line::Unusable {
                reason: FrameError::Incomplete { .. }
                    | FrameError::NoFirstFrame
                    | FrameError::Sequence { .. }
                    | FrameError::Interleaved,
                ..
            }
        )
    };
    // A count behind the request may have cut it off rightly.
    let plain = bus.asked.iter().filter(|a| a.digit.is_none());
    (whole, plain.flat_map(|a| a.lines.iter().flatten()).filter(broken).count())
}

fn long_reply(bus: &OnBus) -> Proof {
    if !bus.protocol.is_can() {
        return unknown("It was tried on a bus that has no long frames.");
    }
    match long_replies(bus) {
        (0, 0) => unknown("The vehicle gave no reply of more than one frame."),
        (_, 0) => Proof::Yes,
        (0, _) => no("No reply of more than one frame came whole."),
        (whole, broken) => {
            no(format!("Of {} replies of more than one frame {broken} came incomplete.", whole + broken))
        }
    }
}

fn flow_control(bus: &OnBus) -> Proof {
    let reply = long_reply(bus);
    let plain = bus.asked.iter().filter(|a| a.digit.is_none());
    // A first frame holds six bytes.
    let stuck = |line: &Line| matches!(line, Line::Unusable { reason: FrameError::Incomplete { got, announced }, .. } if *got <= 6 && announced > got);
    match reply {
        Proof::No { .. }
            if long_replies(bus).0 == 0 && plain.clone().flat_map(|a| a.lines.iter().flatten()).any(stuck) =>
        {
            no("After the first frame of a long reply nothing more comes: it does not tell the ECU to go on.")
        }
        Proof::No { .. } => unknown("Long replies break for another reason."),
        other => other,
    }
}

fn count_digit(bus: &OnBus) -> CountDigit {
    let bitmaps = || bus.asked.iter().filter(|a| a.request.bytes() == [1, 0]);
    let plain: Vec<&Asked> = bitmaps().filter(|a| a.digit.is_none() && !a.answers().is_empty()).collect();
    let counted: Vec<&Asked> = bitmaps().filter(|a| a.digit.is_some()).collect();
    let unknown = |why: &str| CountDigit::Unknown { why: why.into() };
    let (Some(first), false) = (plain.last(), counted.is_empty()) else { return unknown("It was not tried.") };
    let expect = first.answers();
    if counted.iter().any(|a| a.answers() != expect) {
        // Once may be chance: a frame is lost now and then.
        return if counted.iter().all(|a| a.answers() != expect) {
            CountDigit::TakenAsData
        } else {
            unknown("The same request was answered differently each time.")
        };
    }
    let least = |asked: &[&Asked]| asked.iter().map(|a| a.ms).fold(f64::INFINITY, f64::min);
    if least(&counted) + EARLIER <= least(&plain) { CountDigit::Honoured } else { CountDigit::Ignored }
}

fn round_trip(bus: &OnBus) -> Option<f64> {
    let times = bus.asked.iter().filter(|a| a.request.bytes() == [1, 0] && !a.answers().is_empty()).map(|a| a.ms);
    times.min_by(f64::total_cmp)
}

/// Whether it holds a long answer.
pub(super) fn buffer(evidence: &Evidence, longest: Option<u32>, long: u32) -> Proof {
    let asked = || evidence.bus.iter().flat_map(|bus| &bus.asked);
    if asked().any(|a| a.says(Status::BufferFull) || a.says(Status::RxOverflow)) {
        return no("It ran out of memory within one answer and lost the rest.");
    }
    match longest {
        Some(n) if n >= long => Proof::Yes,
        _ => unknown("No long answer was seen."),
    }
}
