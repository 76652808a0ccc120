//! What Linux says of a CAN interface: its kind, bit rate and state, asked over rtnetlink (`linux/can/netlink.h`).
//!
//! Reading needs no privilege. Only this one question is asked, so no crate is taken for it.

use super::BusError;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{Read, Write},
    time::Duration,
};

/// What is known of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interface {
    /// Driver kind, as in `can` or `vcan`.
    pub(crate) kind: String,
    /// Bit/s, where it has one: a virtual one has none.
    pub(crate) bitrate: Option<u32>,
    /// It is set to send nothing at all.
    pub(crate) listen_only: bool,
    /// How its controller stands on the bus; `None` where it has none.
    pub(crate) state: Option<State>,
    /// Its counts of errors in what it sent and in what it received, where the driver tells them.
    pub(crate) errors: Option<(u16, u16)>,
}

/// How a controller stands (`enum can_state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// As it should.
    Active,
    /// Errors pile up.
    Warning,
    /// Close to cutting itself off.
    Passive,
    /// It has cut itself off.
    Off,
    /// Switched off, or asleep.
    Stopped,
}

/// Count of errors from which a controller warns (ISO 11898-1).
const WARNING: u16 = 96;

impl Interface {
    /// What its controller has met already, before anybody listened for it.
    pub(crate) fn fault(&self) -> Option<BusError> {
        match (self.state?, self.errors) {
            (State::Active | State::Stopped, _) => None,
            (State::Off, _) => Some(BusError::OFF),
            // What does not read comes first: it speaks against sending.
            (_, Some((_, received))) if received >= WARNING => Some(BusError::PASSIVE_RECEIVING),
            (_, Some((sent, _))) if sent >= WARNING => Some(BusError::PASSIVE_SENDING),
            // It was worse than it is.
            (State::Warning, Some(_)) => None,
            (State::Warning | State::Passive, _) => Some(BusError::PASSIVE),
        }
    }
}

const GET_LINK: u16 = 18;
const NEW_LINK: u16 = 16;
const REQUEST: u16 = 1;

/// Asks; `None` where no answer can be had, which says nothing of the interface.
pub(crate) fn ask(name: &str) -> Option<Interface> {
    let mut socket = Socket::new(Domain::from(16), Type::RAW, Some(Protocol::from(0))).ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
    socket.write_all(&question(name)).ok()?;
    let mut answer = vec![0; 32 * 1024];
    let read = socket.read(&mut answer).ok()?;
    parse(answer.get(..read)?)
}

/// The request: a message head, an empty description of a link, and its name.
fn question(name: &str) -> Vec<u8> {
    let mut text = name.as_bytes().to_vec();
    text.push(0);
    let attribute = u16::try_from(4 + text.len()).unwrap_or(u16::MAX);
    text.resize(text.len().next_multiple_of(4), 0);
    let total = u32::try_from(16 + 16 + 4 + text.len()).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    out.extend(total.to_ne_bytes());
    out.extend(GET_LINK.to_ne_bytes());
    out.extend(REQUEST.to_ne_bytes());
    // Sequence, port; family to change mask.
    out.extend([0; 8 + 16]);
    out.extend(attribute.to_ne_bytes());
    out.extend(3u16.to_ne_bytes());
    out.extend(text);
    out
}

fn parse(answer: &[u8]) -> Option<Interface> {
    let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
    if kind != NEW_LINK {
        return None;
    }
    let length = usize::try_from(number(answer, 0)?).ok()?;
    let mut interface = Interface::default();
    // IFLA_LINKINFO, then IFLA_INFO_KIND and IFLA_INFO_DATA.
    let info = attribute(answer.get(32..length.min(answer.len()))?, 18)?;
    let text = attribute(info, 1)?;
    interface.kind = String::from_utf8_lossy(text).trim_end_matches('\0').to_owned();
    if let Some(data) = attribute(info, 2) {
        // IFLA_CAN_BITTIMING begins with the rate, IFLA_CAN_STATE, IFLA_CAN_CTRLMODE is a mask and its flags.
        interface.bitrate = attribute(data, 1).and_then(|timing| number(timing, 0)).filter(|rate| *rate > 0);
        interface.state = attribute(data, 4).and_then(|state| match number(state, 0)? {
            0 => Some(State::Active),
            1 => Some(State::Warning),
            2 => Some(State::Passive),
            3 => Some(State::Off),
            4 | 5 => Some(State::Stopped),
            _ => None,
        });
        // IFLA_CAN_BERR_COUNTER.
        interface.errors = attribute(data, 8).and_then(|both| match *both {
            [a, b, c, d, ..] => Some((u16::from_ne_bytes([a, b]), u16::from_ne_bytes([c, d]))),
            _ => None,
        });
        interface.listen_only = attribute(data, 5).and_then(|mode| number(mode, 4)).is_some_and(|flags| flags & 2 != 0);
    }
    Some(interface)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The content of the first attribute of this kind.
fn attribute(mut list: &[u8], kind: u16) -> Option<&[u8]> {
    while let Some(head) = list.get(..4) {
        let length = usize::from(u16::from_ne_bytes([*head.first()?, *head.get(1)?]));
        let found = u16::from_ne_bytes([*head.get(2)?, *head.get(3)?]) & 0x3FFF;
        let content = list.get(4..length)?;
        if found == kind {
            return Some(content);
        }
        list = list.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(kind: u16, content: &[u8]) -> Vec<u8> {
        let mut out = u16::try_from(4 + content.len()).unwrap().to_ne_bytes().to_vec();
        out.extend(kind.to_ne_bytes());
        out.extend(content);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    #[test]
    fn the_answer_is_taken_apart() {
        let timing = [250_000u32.to_ne_bytes(), [0; 4]].concat();
        let mode = [7u32.to_ne_bytes(), 2u32.to_ne_bytes()].concat();
        let errors = [136u16.to_ne_bytes(), 7u16.to_ne_bytes()].concat();
        let data = [with(1, &timing), with(4, &2u32.to_ne_bytes()), with(5, &mode), with(8, &errors)].concat();
        let info = [with(1, b"can\0"), with(2, &data)].concat();
        let body = [vec![0; 16], with(3, b"can0\0"), with(18, &info)].concat();
        let mut answer = u32::try_from(16 + body.len()).unwrap().to_ne_bytes().to_vec();
        answer.extend(NEW_LINK.to_ne_bytes());
        answer.extend([0; 10]);
        answer.extend(&body);
        let expect = Interface {
            kind: "can".into(),
            bitrate: Some(250_000),
            listen_only: true,
            state: Some(State::Passive),
            errors: Some((136, 7)),
        };
        assert_eq!(parse(&answer), Some(expect));
        for cut in 0..answer.len() {
            // Whatever is missing, nothing is made up.
            assert!(parse(&answer[..cut]).is_none_or(|i| i.bitrate.is_none_or(|rate| rate == 250_000)));
        }
        assert_eq!(question("can0").len(), 16 + 16 + 4 + 8);
    }

    #[test]
    fn a_controller_says_what_it_met_before_anybody_listened() {
        for (state, errors, fault) in [
            (None, None, None),
            (Some(State::Active), Some((0, 0)), None),
            (Some(State::Stopped), None, None),
            (Some(State::Off), Some((0, 0)), Some(BusError::OFF)),
            // Nobody acknowledged what was sent: no word against the bit rate.
            (Some(State::Passive), Some((128, 0)), Some(BusError::PASSIVE_SENDING)),
            (Some(State::Passive), Some((128, 130)), Some(BusError::PASSIVE_RECEIVING)),
            (Some(State::Warning), Some((0, 97)), Some(BusError::PASSIVE_RECEIVING)),
            (Some(State::Warning), Some((20, 20)), None),
            (Some(State::Passive), None, Some(BusError::PASSIVE)),
            (Some(State::Warning), None, Some(BusError::PASSIVE)),
        ] {
            let interface = Interface { state, errors, ..Interface::default() };
            assert_eq!(interface.fault(), fault, "{state:?} {errors:?}");
        }
    }

    #[test]
    fn the_loopback_is_there_and_is_no_can_interface() {
        assert!(ask("lo").is_none_or(|interface| interface.bitrate.is_none()));
        assert_eq!(ask("no-such-one"), None);
    }
}
