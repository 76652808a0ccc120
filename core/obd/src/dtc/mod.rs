//! Trouble codes: from bytes to text, and what they mean (SAE J2012, ISO 15031-6).
//!
//! Usually you call [`code`] with the two bytes an ECU sent and [`explain`] with the text. [`area`] and [`system`] tell what
//! the range alone says, and [`title`] what the code itself says where that is certain. A code that [`maker_controlled`] says
//! is the maker's means different things in different makes, and never has a title. [`advice`] has what to check first for
//! the codes that workshops meet most; [`counts`] says how far the titles reach.

mod advice;
mod count;
mod explain;
mod failure;
mod table;

pub use advice::{Advice, advice};
pub use count::{counts, table_size, titled};
pub use explain::{GENERIC, explain, label, may_differ, normal, title};
pub use failure::failure_type;

/// Two bytes as text: `[0x03, 0x01]` is `P0301`. `[0, 0]` means "no code" in every reply; callers drop it first.
pub fn code(bytes: [u8; 2]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| char::from(HEX[usize::from(nibble & 0xF)]);
    let [high, low] = bytes;
    let mut text = String::with_capacity(5);
    text.push(char::from(b"PCBU"[usize::from(high >> 6)]));
    text.push(digit(high >> 4 & 3));
    text.push(digit(high));
    text.push(digit(low >> 4));
    text.push(digit(low));
    text
}

/// Three bytes as text: `[0x03, 0x01, 0x11]` is `P0301-11`, the failure type (ISO 15031-6) last.
pub fn code_with_failure_type(bytes: [u8; 3]) -> String {
    let [high, low, failure] = bytes;
    format!("{}-{failure:02X}", code([high, low]))
}

/// Text to bytes: the reverse of [`code`]. `None` where the text is no code, in upper case.
pub fn bytes(code: &str) -> Option<[u8; 2]> {
    let [letter, first, rest @ ..] = code.as_bytes() else { return None };
    let area = b"PCBU".iter().position(|l| l == letter)?;
    let first = char::from(*first).to_digit(4)?;
    if rest.len() != 3 || !rest.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')) {
        return None;
    }
    let rest = u16::from_str_radix(code.get(2..)?, 16).ok()?;
    Some(((u16::try_from(area).ok()? << 14) | (u16::try_from(first).ok()? << 12) | rest).to_be_bytes())
}

/// Text to bytes: the reverse of [`code_with_failure_type`]. `None` where the text is no such code, in upper case.
pub fn bytes_with_failure_type(code: &str) -> Option<[u8; 3]> {
    let (code, failure) = code.split_once('-')?;
    let plain = failure.len() == 2 && failure.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'));
    let failure = u8::from_str_radix(failure, 16).ok().filter(|_| plain)?;
    let [high, low] = bytes(code)?;
    Some([high, low, failure])
}

/// The part of the vehicle a code's letter stands for: `Powertrain`, `Chassis`, `Body` or `Network`; `Unknown` where
/// the text is no code.
pub fn area(code: &str) -> &'static str {
    match bytes(code).map(|b| b[0] >> 6) {
        Some(0) => "Powertrain",
        Some(1) => "Chassis",
        Some(2) => "Body",
        Some(_) => "Network",
        None => "Unknown",
    }
}

/// Whether the maker, not the standard, says what the code means: P1, P30–P33, B1, B2, C1, C2, U1, U2.
pub fn maker_controlled(code: &str) -> bool {
    match bytes(code) {
        Some([high, _]) => match (high >> 6, high >> 4 & 3) {
            (0, 1) => true,
            (0, 3) => high & 0xF <= 3,
            (0, _) => false,
            (_, digit) => matches!(digit, 1 | 2),
        },
        None => false,
    }
}

/// The system a code's range stands for, as in `ignition or misfire`. Says so where only the maker knows.
pub fn system(code: &str) -> &'static str {
    let Some([high, _]) = bytes(code) else { return "unknown" };
    if maker_controlled(code) {
        return "defined by the maker";
    }
    match (high >> 6, high >> 4 & 3, high & 0xF) {
        (0, 0 | 2, 0) | (0, 2, 2) => "fuel and air metering and auxiliary emission controls",
        (0, 0 | 2, 1) => "fuel and air metering",
        (0, 0, 2) => "fuel and air metering: injector circuit",
        (0, 0 | 2, 3) => "ignition or misfire",
        (0, 0 | 2, 4) => "auxiliary emission controls",
        (0, 0 | 2, 5) => "vehicle speed, idle control and auxiliary inputs",
        (0, 0 | 2, 6) => "computer and auxiliary outputs",
        (0, 0 | 2, 7..=9) => "transmission",
        (0, 0, 0xA..=0xF) | (0, 2, 0xD..=0xF) => "hybrid or electric propulsion",
        (0, 2, 0xA) => "fuel and air metering and auxiliary emission controls",
        (0, 2, 0xB) => "fuel and air metering",
        (0, 2, 0xC) => "fuel and air metering",
        (0, 3, 4) => "cylinder deactivation",
        (0, ..) => "powertrain",
        (1, ..) => "chassis",
        (2, ..) => "body",
        (_, 0, 0) => "network electrical",
        (_, 0, 1 | 2) => "network communication",
        (_, 0, 3) => "network software",
        (_, 0, 4) => "network data",
        _ => "network",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_text_are_each_others_reverse() {
        for (pair, text) in [
            ([0x03, 0x01], "P0301"),
            ([0x01, 0x04], "P0104"),
            ([0x04, 0x20], "P0420"),
            ([0x26, 0x10], "P2610"),
            ([0x0A, 0xBC], "P0ABC"),
            ([0x43, 0x00], "C0300"),
            ([0x92, 0x34], "B1234"),
            ([0xC1, 0x00], "U0100"),
            ([0xFF, 0xFF], "U3FFF"),
        ] {
            assert_eq!(code(pair), text);
            assert_eq!(bytes(text), Some(pair));
        }
        for all in 0..=u16::MAX {
            assert_eq!(bytes(&code(all.to_be_bytes())), Some(all.to_be_bytes()));
        }
        assert_eq!(code_with_failure_type([0x03, 0x01, 0x11]), "P0301-11");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in
            ["", "P", "P030", "P03011", "X0301", "P4301", "P03G1", "P+301", "P0 01", "Pé301", "p0301", "P0abc", "é0301"]
        {
            assert_eq!(bytes(bad), None, "{bad}");
            assert_eq!((area(bad), system(bad), maker_controlled(bad)), ("Unknown", "unknown", false), "{bad}");
        }
    }

    #[test]
    fn the_range_tells_the_system() {
        for (code, area_, system_, maker) in [
            ("P0301", "Powertrain", "ignition or misfire", false),
            ("P2301", "Powertrain", "ignition or misfire", false),
            ("P0133", "Powertrain", "fuel and air metering", false),
            // P02 is about injectors, P22 mostly about oxygen and NOx sensors.
            ("P2254", "Powertrain", "fuel and air metering and auxiliary emission controls", false),
            ("P0420", "Powertrain", "auxiliary emission controls", false),
            ("P0741", "Powertrain", "transmission", false),
            ("P0A80", "Powertrain", "hybrid or electric propulsion", false),
            ("P1301", "Powertrain", "defined by the maker", true),
            ("P3301", "Powertrain", "defined by the maker", true),
            ("P3400", "Powertrain", "cylinder deactivation", false),
            ("C0035", "Chassis", "chassis", false),
            ("C1234", "Chassis", "defined by the maker", true),
            ("B2AAA", "Body", "defined by the maker", true),
            ("U0100", "Network", "network communication", false),
            ("U3003", "Network", "network", false),
        ] {
            assert_eq!((area(code), system(code), maker_controlled(code)), (area_, system_, maker), "{code}");
        }
    }
}
