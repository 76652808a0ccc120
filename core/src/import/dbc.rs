//! DBC files: which signals the frames of a CAN bus carry. Pure; no text makes it panic, and what two readings fit is refused.
//!
//! A frame is found by its identifier. Where the file is of J1939 (it says so, or an identifier has the null address FE as its
//! source) a frame of 29 bits is found by its parameter group too, whoever sent it, and its sender becomes part of the signal.
//! J1939's words for "not available" and "error" are no values.

use super::{known, text, unit};
use can_dbc::{ByteOrder, Dbc, MessageId, MultiplexIndicator, SignalExtendedValueType, ValueType};
use roadworthy_api::{
    Code, Error, Result,
    import::{CellReason, ColumnMapping},
};
use roadworthy_obd::can::{CanFrame, CanId};
use std::collections::HashMap;

/// Largest file that is read.
pub(crate) const DBC_MAX: usize = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Unsigned,
    Signed,
    Float,
    Double,
}

/// When a signal is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Always,
    /// The message's switch has this value.
    Switched(u64),
}

/// A signal of a message.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) name: String,
    pub(crate) unit: String,
    start: u32,
    size: u32,
    little: bool,
    form: Form,
    factor: f64,
    offset: f64,
    /// What the file allows; `None`: it does not say.
    range: Option<(f64, f64)>,
    when: When,
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    switch: Option<Wire>,
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
        let Some(rest) = line.trim_start().strip_prefix("BO_ ") else { continue };
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
    let mut network = Network::default();
    for message in &dbc.messages {
        let id = match message.id {
            MessageId::Standard(id) => CanId::standard(u32::from(id)),
            MessageId::Extended(id) => CanId::extended(id),
        };
        let Some(id) = id.filter(|_| message.name != "VECTOR__INDEPENDENT_SIG_MSG") else { continue };
        let j1939 = matches!(id, CanId::Extended(raw) if says || raw & 0xff == 0xfe);
        let own = own(&dbc, message, j1939)?;
        let place = network.messages.len();
        if network.exact.insert(id, place).is_some() {
            return Err(malformed(format!("two messages have the identifier {id}")));
        }
        if j1939 && network.groups.insert(group(id.number()), place).is_some() {
            return Err(malformed(format!("two messages have the parameter group of {id}")));
        }
        network.messages.push(own);
    }
    if network.messages.iter().all(|m| m.wires.is_empty()) {
        return Err(malformed("it names no signal"));
    }
    Ok(network)
}

fn own(dbc: &Dbc, message: &can_dbc::Message, j1939: bool) -> Result<Message> {
    let mut own = Message { name: text::name(message.name.as_bytes()), switch: None, wires: Vec::new(), j1939 };
    for signal in &message.signals {
        let bad = |why: &str| malformed(format!("signal {} of message {} {why}", signal.name, message.name));
        let (start, size) = (u32::try_from(signal.start_bit), u32::try_from(signal.size));
        let (Ok(start @ 0..=511), Ok(size @ 1..=64)) = (start, size) else {
            return Err(bad("lies outside of any frame"));
        };
        let signed = signal.value_type == ValueType::Signed;
        let form = match dbc.extended_value_type_for_signal(message.id, &signal.name) {
            Some(SignalExtendedValueType::IEEEfloat32Bit) if size == 32 => Form::Float,
            Some(SignalExtendedValueType::IEEEdouble64bit) if size == 64 => Form::Double,
            Some(SignalExtendedValueType::IEEEfloat32Bit | SignalExtendedValueType::IEEEdouble64bit) => {
                return Err(bad("is a floating-point number of another length"));
            }
            _ if signed => Form::Signed,
            _ => Form::Unsigned,
        };
        if !signal.factor.is_finite() || !signal.offset.is_finite() || signal.factor == 0.0 {
            return Err(bad("has no factor"));
        }
        let number = |value: can_dbc::NumericValue| match value {
            can_dbc::NumericValue::Uint(n) => n as f64,
            can_dbc::NumericValue::Int(n) => n as f64,
            can_dbc::NumericValue::Double(n) => n,
        };
        let (least, most) = (number(signal.min), number(signal.max));
        let wire = Wire {
            name: text::name(signal.name.as_bytes()),
            unit: text::name(signal.unit.as_bytes()),
            start,
            size,
            little: signal.byte_order == ByteOrder::LittleEndian,
            form,
            factor: signal.factor,
            offset: signal.offset,
            range: (least < most).then_some((least, most)),
            when: match signal.multiplexer_indicator {
                MultiplexIndicator::MultiplexedSignal(value) => When::Switched(value),
                MultiplexIndicator::Plain | MultiplexIndicator::Multiplexor => When::Always,
                MultiplexIndicator::MultiplexorAndMultiplexedSignal(_) => {
                    return Err(bad("is switched and a switch, which is not read yet"));
                }
            },
        };
        if signal.multiplexer_indicator == MultiplexIndicator::Multiplexor && own.switch.replace(wire.clone()).is_some()
        {
            return Err(bad("is a second switch"));
        }
        own.wires.push(wire);
    }
    if own.switch.is_none() && own.wires.iter().any(|w| w.when != When::Always) {
        return Err(malformed(format!("message {} has switched signals and no switch", own.name)));
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
        let switch = self.switch.as_ref().map(|s| s.raw(frame.data()));
        self.wires.iter().enumerate().filter_map(move |(place, wire)| match (wire.when, switch) {
            (When::Always, _) => Some((place, wire.value(frame.data(), self.j1939))),
            (When::Switched(value), Some(Some(now))) => {
                (value == now).then(|| (place, wire.value(frame.data(), self.j1939)))
            }
            // A frame too short for its switch carries nothing that is switched.
            (When::Switched(_), _) => None,
        })
    }
}

impl Wire {
    /// Its bits; `None`: the frame ends before them.
    fn raw(&self, data: &[u8]) -> Option<u64> {
        let mut raw = 0u64;
        let bit = |at: u32| Some(u64::from(data.get((at / 8) as usize)? >> (at % 8) & 1));
        if self.little {
            for n in (0..self.size).rev() {
                raw = raw << 1 | bit(self.start + n)?;
            }
            return Some(raw);
        }
        // Motorola: from the most significant bit down, and on at the top of the next byte.
        let mut at = self.start;
        for _ in 0..self.size {
            raw = raw << 1 | bit(at)?;
            at = if at.is_multiple_of(8) { at + 15 } else { at - 1 };
        }
        Some(raw)
    }

    fn value(&self, data: &[u8], j1939: bool) -> Result<f64, CellReason> {
        let raw = self.raw(data).ok_or(CellReason::ShortFrame)?;
        if j1939 && self.form == Form::Unsigned && unavailable(raw, self.size) {
            return Err(CellReason::NotAvailable);
        }
        let number = match self.form {
            Form::Unsigned => raw as f64,
            Form::Signed => ((raw << (64 - self.size)).cast_signed() >> (64 - self.size)) as f64,
            Form::Float => f64::from(f32::from_bits(raw as u32)),
            Form::Double => f64::from_bits(raw),
        };
        let value = number * self.factor + self.offset;
        if !value.is_finite() {
            return Err(CellReason::Infinite);
        }
        // One step of rounding at either end is none.
        let slack = self.factor.abs() / 2.0;
        match self.range {
            Some((least, most)) if value < least - slack || value > most + slack => Err(CellReason::OutOfRange),
            _ => Ok(value),
        }
    }

    /// The signal that it is, as other columns are.
    pub(crate) fn column(&self, message: &str, sender: Option<u8>) -> ColumnMapping {
        let ecu = sender.map(|s| format!("{s:02X}")).unwrap_or_default();
        let unit = unit::find(&self.unit).map_or_else(|| self.unit.clone(), |u| u.name.to_owned());
        ColumnMapping {
            column: format!("{message}.{}", self.name),
            take: true,
            signal: format!("{ecu}::{}", known::slug(&format!("{message} {}", self.name))),
            label: self.name.replace('_', " "),
            unit_found: self.unit.clone(),
            unit,
            ..ColumnMapping::default()
        }
    }
}

/// What SAE J1939-71 keeps for "not available", "error" and what is reserved: the top of the range.
fn unavailable(raw: u64, size: u32) -> bool {
    match size {
        0 | 1 => false,
        2 => raw >= 2,
        3..=7 => raw == (1 << size) - 1,
        size => raw >> (size - 8) >= 0xfb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NETWORK: &str = r#"VERSION ""

NS_ :

BS_:

BU_: ECM

BO_ 256 Plain: 8 ECM
 SG_ Little : 0|16@1+ (0.5,-10) [0|0] "km/h" ECM
 SG_ Big : 23|16@0+ (1,0) [0|0] "" ECM
 SG_ Signed : 32|8@1- (1,0) [0|0] "°C" ECM
 SG_ Ranged : 40|8@1+ (1,0) [0|100] "%" ECM

BO_ 257 Switched: 8 ECM
 SG_ Switch M : 0|8@1+ (1,0) [0|0] "" ECM
 SG_ One m1 : 8|8@1+ (1,0) [0|0] "" ECM
 SG_ Two m2 : 8|8@1+ (2,0) [0|0] "" ECM

BO_ 258 Floats: 8 ECM
 SG_ Float : 0|32@1- (1,0) [0|0] "V" ECM

BO_ 2364540158 EEC1: 8 ECM
 SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] "rpm" ECM

SIG_VALTYPE_ 258 Float : 1;
"#;

    fn values(network: &Network, id: CanId, data: &[u8]) -> Vec<(String, Result<f64, CellReason>)> {
        let frame = CanFrame::new(id, data).unwrap();
        let Some((place, sender)) = network.find(id) else { return vec![] };
        let message = &network.messages[place];
        message
            .values(&frame)
            .map(|(wire, value)| (message.wires[wire].column(&message.name, sender).signal, value))
            .collect()
    }

    #[test]
    fn signals_read_as_the_file_says() {
        let network = read(NETWORK.as_bytes()).unwrap();
        let id = |id| CanId::standard(id).unwrap();
        let of = |name: &str, value| (format!("::{name}"), value);
        assert_eq!(
            values(&network, id(256), &[0x64, 0, 0x12, 0x34, 0xff, 101]),
            [
                of("plain_little", Ok(40.0)),
                of("plain_big", Ok(f64::from(0x1234))),
                of("plain_signed", Ok(-1.0)),
                of("plain_ranged", Err(CellReason::OutOfRange)),
            ]
        );
        assert_eq!(values(&network, id(256), &[0x64])[0].1, Err(CellReason::ShortFrame));
        assert_eq!(values(&network, id(257), &[1, 9]), [of("switched_switch", Ok(1.0)), of("switched_one", Ok(9.0))]);
        assert_eq!(values(&network, id(257), &[2, 9]), [of("switched_switch", Ok(2.0)), of("switched_two", Ok(18.0))]);
        assert_eq!(values(&network, id(257), &[3, 9]).len(), 1);
        assert_eq!(values(&network, id(258), &12.5f32.to_le_bytes()), [of("floats_float", Ok(12.5))]);
        assert_eq!(values(&network, id(258), &f32::NAN.to_le_bytes())[0].1, Err(CellReason::Infinite));
        assert_eq!(values(&network, id(259), &[0]), []);
    }

    #[test]
    fn j1939_is_found_by_its_parameter_group_and_keeps_its_sender() {
        let network = read(NETWORK.as_bytes()).unwrap();
        let data = |low, high| [0xff, 0xff, 0xff, low, high, 0xff, 0xff, 0xff];
        let id = CanId::extended(0x0CF0_0400).unwrap();
        assert_eq!(values(&network, id, &data(0x87, 0x1d)), [("00::eec1_enginespeed".to_owned(), Ok(944.875))]);
        let other = CanId::extended(0x18F0_0403).unwrap();
        assert_eq!(values(&network, other, &data(0, 0))[0].0, "03::eec1_enginespeed");
        assert_eq!(values(&network, id, &data(0xff, 0xff))[0].1, Err(CellReason::NotAvailable));
        assert_eq!(values(&network, id, &data(0, 0xfe))[0].1, Err(CellReason::NotAvailable));
        assert_eq!(values(&network, CanId::extended(0x18DA_F110).unwrap(), &data(0, 0)), []);
        assert_eq!([group(0x18DA_F110), group(0x0CF0_0400)], [0xDA00, 0xF004]);
    }

    #[test]
    fn what_is_no_network_or_reads_two_ways_is_refused() {
        let with = |line: &str| NETWORK.replace("BO_ 258 Floats: 8 ECM\n", line);
        for (text, expect) in [
            (String::new(), "no signal"),
            ("BO_ x".to_owned(), "cannot be read"),
            (with("BO_ 65794 Floats: 8 ECM\n"), "neither of 11 nor of 29"),
            (with("BO_ 256 Floats: 8 ECM\n"), "two messages"),
            (with("BO_ 258 Floats: 8 ECM\n SG_ Wide : 0|65@1+ (1,0) [0|0] \"\" ECM\n"), "outside"),
            (with("BO_ 258 Floats: 8 ECM\n SG_ Zero : 0|8@1+ (0,0) [0|0] \"\" ECM\n"), "no factor"),
            (with("BO_ 258 Floats: 8 ECM\n SG_ Odd m1 : 0|8@1+ (1,0) [0|0] \"\" ECM\n"), "no switch"),
            ("\0".to_owned(), "no text"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.code == Code::Malformed && error.message.contains(expect), "{expect}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_text_makes_it_panic(
            at in any::<proptest::sample::Index>(),
            cut in 0..30usize,
            with in "[-A-Z0-9_ :|@+()\\[\\]\",;m\n]{0,12}",
            id in 0..0x7ffu32,
            data in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut bytes = NETWORK.as_bytes().to_vec();
            let from = at.index(bytes.len());
            let to = (from + cut).min(bytes.len());
            bytes.splice(from..to, with.bytes());
            if let Ok(network) = read(&bytes) {
                for id in [id, 256, 257, 258] {
                    for (_, value) in values(&network, CanId::standard(id).unwrap(), &data) {
                        prop_assert!(value.is_err() || value.is_ok_and(f64::is_finite));
                    }
                }
            }
        }

        #[test]
        fn bits_are_those_of_the_frame(start in 0..64u32, size in 1..=64u32, data in any::<u64>()) {
            let wire = |start, little| Wire {
                name: String::new(), unit: String::new(), start, size, little, form: Form::Unsigned, factor: 1.0,
                offset: 0.0, range: None, when: When::Always,
            };
            let whole = |fits: bool, expect: u64| fits.then_some(expect & (u64::MAX >> (64 - size)));
            let little = wire(start, true).raw(&data.to_le_bytes());
            prop_assert_eq!(little, whole(start + size <= 64, data >> start));
            // The same place counted from the top, as Motorola does.
            let first = start / 8 * 8 + 7 - start % 8;
            let big = wire(first, false).raw(&data.to_be_bytes());
            prop_assert_eq!(big, whole(start + size <= 64, data.checked_shr(64u32.wrapping_sub(start + size)).unwrap_or(0)));
        }
    }
}
