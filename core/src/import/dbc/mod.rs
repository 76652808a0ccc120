//! DBC files: which signals the frames of a CAN bus carry. Pure; no text makes it panic, and what two readings fit is refused.
//!
//! A frame is found by its identifier. Where the file is of J1939 (it says so, or an identifier has the null address FE as its
//! source) a frame of 29 bits is found by its parameter group too, whoever sent it, and its sender becomes part of the signal.
//! J1939's words for "not available" and "error" are no values.

mod switch;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use wire::Wire;

use super::text;
use can_dbc::{ByteOrder, Dbc, MessageId, SignalExtendedValueType, ValueType};
use roadworthy_api::{Code, Error, Result, import::CellReason};
use roadworthy_obd::can::{CanFrame, CanId};
use std::collections::{HashMap, HashSet};
use switch::Switches;
use wire::Form;

/// Largest file that is read.
pub(crate) const DBC_MAX: usize = 16 << 20;

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) wires: Vec<Wire>,
    j1939: bool,
}

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) messages: Vec<Message>,
    exact: HashMap<CanId, usize>,
    /// By parameter group number.
    groups: HashMap<u32, usize>,
}

fn malformed(why: impl std::fmt::Display) -> Error {
    Error::new(Code::Malformed, format!("The DBC file cannot be read: {why}."))
        .hint("Check it with the program that wrote it, or export it again.")
}

/// The parameter group of an identifier (SAE J1939-21): below PDU format 240 the second byte is an address, not a part of it.
fn group(id: u32) -> u32 {
    let pdu = id >> 8 & 0x3_ffff;
    if pdu >> 8 & 0xff < 240 { pdu & 0x3_ff00 } else { pdu }
}

/// Reads a DBC file.
///
/// # Errors
/// [`Code::Malformed`] with the line or the signal.
pub(crate) fn read(bytes: &[u8]) -> Result<Network> {
    if bytes.len() > DBC_MAX {
        return Err(malformed("it is larger than 16 MiB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text::read(bytes);
    if text.contains('\0') {
        return Err(malformed("it is no text"));
    }
    // The reader cuts a number that is neither of 11 nor of 29 bits, which would be another message's.
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("SG_ ") {
            // Which value of the switch it needs is not said, and the reader would take it for one that is always there.
            if rest.split(':').next().is_some_and(|front| front.split_whitespace().nth(1) == Some("m")) {
                return Err(malformed(format!("the signal in line {} is switched by no value", number + 1)));
            }
            continue;
        }
        let Some(rest) = ["BO_ ", "SG_MUL_VAL_ ", "SIG_VALTYPE_ "].iter().find_map(|word| line.strip_prefix(word))
        else {
            continue;
        };
        let id: Option<u64> = rest.split_whitespace().next().and_then(|id| id.parse().ok());
        let fits = |id: u64| id <= 0x7ff || (1 << 31..=1 << 31 | 0x1fff_ffff).contains(&id);
        // C0000000 holds signals that belong to no message.
        if id.is_some_and(|id| !fits(id) && id != 0xc000_0000) {
            return Err(malformed(format!("the identifier in line {} is neither of 11 nor of 29 bits", number + 1)));
        }
    }
    let dbc = Dbc::try_from(text.as_ref()).map_err(|e| {
        let first = e.to_string();
        let first: String = first.lines().filter(|l| !l.trim().is_empty()).take(1).collect();
        malformed(text::name(first.as_bytes()))
    })?;
    let says = text.lines().any(|l| l.starts_with("BA_ \"ProtocolType\"") && l.contains("\"J1939\""));
    let (beside, mut network) = (Beside::of(&dbc), Network::default());
    for message in &dbc.messages {
        let id = match message.id {
            MessageId::Standard(id) => CanId::standard(u32::from(id)),
            MessageId::Extended(id) => CanId::extended(id),
        };
        let Some(id) = id.filter(|_| message.name != "VECTOR__INDEPENDENT_SIG_MSG") else { continue };
        let j1939 = matches!(id, CanId::Extended(raw) if says || raw & 0xff == 0xfe);
        let own = own(&beside, message, j1939)?;
        let place = network.messages.len();
        if network.exact.insert(id, place).is_some() {
            return Err(malformed(format!("two messages have the identifier {id}")));
        }
        if j1939 && network.groups.insert(group(id.number()), place).is_some() {
            return Err(malformed(format!("two messages have the parameter group of {id}")));
        }
        network.messages.push(own);
    }
    let mut names = HashMap::new();
    for message in &network.messages {
        for wire in &message.wires {
            let own = format!("{}.{}", message.name, wire.name);
            if let Some(other) = names.insert(wire.column(&message.name, None).signal, own.clone()) {
                return Err(malformed(format!("{other} and {own} cannot be told apart by their names")));
            }
        }
    }
    if network.messages.iter().all(|m| m.wires.is_empty()) {
        return Err(malformed("it names no signal"));
    }
    Ok(network)
}

/// What a file says of signals beside their messages.
struct Beside<'a> {
    types: HashMap<(MessageId, &'a str), &'a SignalExtendedValueType>,
    switches: Switches<'a>,
}

impl<'a> Beside<'a> {
    fn of(dbc: &'a Dbc) -> Self {
        let types = dbc.signal_extended_value_type_list.iter();
        let types = types.map(|t| ((t.message_id, t.signal_name.as_str()), &t.signal_extended_value_type)).collect();
        Self { types, switches: Switches::of(dbc) }
    }
}

fn own(beside: &Beside<'_>, message: &can_dbc::Message, j1939: bool) -> Result<Message> {
    let mut own = Message { name: text::name(message.name.as_bytes()), wires: Vec::new(), j1939 };
    let (switches, mut names) = (switch::own(message), HashSet::new());
    for signal in &message.signals {
        let bad = |why: &str| malformed(format!("signal {} of message {} {why}", signal.name, message.name));
        if !names.insert(signal.name.as_str()) {
            return Err(bad("is there twice"));
        }
        let (start, size) = (u32::try_from(signal.start_bit), u32::try_from(signal.size));
        let (Ok(start @ 0..=511), Ok(size @ 1..=64)) = (start, size) else {
            return Err(bad("lies outside of any frame"));
        };
        let form = match beside.types.get(&(message.id, signal.name.as_str())) {
            Some(SignalExtendedValueType::IEEEfloat32Bit) if size == 32 => Form::Float,
            Some(SignalExtendedValueType::IEEEdouble64bit) if size == 64 => Form::Double,
            Some(SignalExtendedValueType::IEEEfloat32Bit | SignalExtendedValueType::IEEEdouble64bit) => {
                return Err(bad("is a floating-point number of another length"));
            }
            _ if signal.value_type == ValueType::Signed => Form::Signed,
            _ => Form::Unsigned,
        };
        if switch::is_switch(signal) && form != Form::Unsigned {
            return Err(bad("is a switch and not an unsigned number"));
        }
        if !signal.factor.is_finite() || !signal.offset.is_finite() || signal.factor == 0.0 {
            return Err(bad("has no factor"));
        }
        let number = |value: can_dbc::NumericValue| match value {
            can_dbc::NumericValue::Uint(n) => n as f64,
            can_dbc::NumericValue::Int(n) => n as f64,
            can_dbc::NumericValue::Double(n) => n,
        };
        let (least, most) = (number(signal.min), number(signal.max));
        own.wires.push(Wire {
            name: text::name(signal.name.as_bytes()),
            unit: text::name(signal.unit.as_bytes()),
            start,
            size,
            little: signal.byte_order == ByteOrder::LittleEndian,
            form,
            factor: signal.factor,
            offset: signal.offset,
            range: (least < most).then_some((least, most)),
            when: beside.switches.when(message, &switches, signal)?,
        });
    }
    if !switch::end(&own.wires) {
        return Err(malformed(format!("the switches of message {} switch each other", own.name)));
    }
    Ok(own)
}

impl Network {
    /// The message of a frame, and its sender where the message is told by parameter group.
    pub(crate) fn find(&self, id: CanId) -> Option<(usize, Option<u8>)> {
        let sender = |place: usize| {
            let j1939 = self.messages.get(place).is_some_and(|m| m.j1939);
            j1939.then_some((id.number() & 0xff) as u8)
        };
        if let Some(place) = self.exact.get(&id) {
            return Some((*place, sender(*place)));
        }
        match id {
            CanId::Extended(raw) => self.groups.get(&group(raw)).map(|place| (*place, sender(*place))),
            CanId::Standard(_) => None,
        }
    }
}

impl Message {
    /// Each signal that the frame carries, by its place, with its value or why there is none.
    pub(crate) fn values<'a>(
        &'a self,
        frame: &'a CanFrame,
    ) -> impl Iterator<Item = (usize, Result<f64, CellReason>)> + 'a {
        let there = move |(_, wire): &(usize, &Wire)| switch::carries(&self.wires, wire, frame.data());
        let all = self.wires.iter().enumerate().filter(there);
        all.map(move |(place, wire)| (place, wire.value(frame.data(), self.j1939)))
    }
}
