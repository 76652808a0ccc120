//! Identifiers. Each is a UUID (version 7 when Roadworthy mints it), written as 36 lower-case characters with hyphens.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Text that is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadId;

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is 32 hexadecimal digits, grouped 8-4-4-4-12")
    }
}

impl std::error::Error for BadId {}

fn parse(text: &str) -> Result<u128, BadId> {
    let bytes = text.as_bytes();
    let hyphens = [8, 13, 18, 23];
    if bytes.len() != 36 {
        return Err(BadId);
    }
    let mut value = 0u128;
    for (i, b) in bytes.iter().enumerate() {
        if hyphens.contains(&i) {
            if *b != b'-' {
                return Err(BadId);
            }
            continue;
        }
        let digit = char::from(*b).to_digit(16).ok_or(BadId)?;
        value = (value << 4) | u128::from(digit);
    }
    Ok(value)
}

fn write(value: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (a, b, c, d, e) =
        (value >> 96, value >> 80 & 0xffff, value >> 64 & 0xffff, value >> 48 & 0xffff, value & 0xffff_ffff_ffff);
    write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// The sixteen bytes, most significant first.
            pub fn bytes(self) -> [u8; 16] { self.0.to_be_bytes() }
            /// From sixteen bytes, most significant first.
            pub fn from_bytes(bytes: [u8; 16]) -> Self { Self(u128::from_be_bytes(bytes)) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(self.0, f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(self.0, f) }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> { parse(text).map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
        impl crate::valid::Valid for $name {}
    )*};
}

ids! {
    /// A vehicle.
    VehicleId;
    /// A person whose data the shop keeps: a customer, later also staff.
    PersonId;
    /// One time a vehicle was connected.
    VisitId;
    /// One event of the journal.
    EventId;
    /// One device (an installation of Roadworthy with its own chain of events).
    DeviceId;
    /// A piece of work that takes longer than a moment.
    JobId;
    /// A live session: one vehicle, read over and over.
    LiveId;
    /// An import of a file; the recording of a log's values has the same number.
    ImportId;
    /// What a live session recorded.
    RecordingId;
    /// A note of the shop about a vehicle.
    NoteId;
    /// A photo of a vehicle.
    PhotoId;
    /// Something measured by hand, or an odometer reading typed in.
    MeasurementId;
    /// A record of the service history.
    ServiceId;
    /// An alert.
    AlertId;
    /// A decision of the rules.
    DecisionId;
    /// A message of the outbox.
    MessageId;
    /// A range of telemetry that retention leaves alone.
    PinId;
    /// An adapter. Not minted: made from what it is known again by, so that every device has the same one for it.
    AdapterId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        for value in [0, 1, u128::MAX, 0x0192_5f3a_7c00_7abc_8def_0123_4567_89ab] {
            let id = VehicleId(value);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(VehicleId::from_bytes(id.bytes()), id);
        }
        for bad in [
            "",
            "x",
            "0192-",
            "01925f3a7c007abc8def0123456789ab",
            "01925f3a-7c00-7abc-8def-0123456789aé",
            "01925f3a-7c00-7abc-8def_0123456789ab",
        ] {
            assert_eq!(bad.parse::<VehicleId>(), Err(BadId), "{bad}");
        }
    }
}
