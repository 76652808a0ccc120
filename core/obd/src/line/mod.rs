//! JSON lines in and out: what `roadworthy decode` and `roadworthy assemble` read and print.
//!
//! One object per line; a bad line gives an object with `error` and never stops the others. [`decode_line`] and
//! [`assemble_lines`] are the usual two; [`frame_lines`] is `assemble --frames`,
//! [`dialogue_lines`] is `replay --decode`, [`candump()`] is `traffic --candump`.

mod assemble;
mod candump;
mod decode;
mod dialogue;

pub use assemble::{assemble_lines, frame_lines};
pub use candump::candump;
pub use decode::decode_line;
pub use dialogue::dialogue_lines;

/// Bytes as upper-case hex, two digits each.
pub fn hex(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 0xF)]));
    }
    text
}

/// Bytes of hex text, either case. Spaces may stand between bytes but not within one. `None` where it is no such text.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for group in text.split_ascii_whitespace() {
        let (pairs, []) = group.as_bytes().as_chunks::<2>() else { return None };
        for &[high, low] in pairs {
            let nibble = |digit: u8| char::from(digit).to_digit(16);
            bytes.push(u8::try_from(nibble(high)? << 4 | nibble(low)?).ok()?);
        }
    }
    Some(bytes)
}
