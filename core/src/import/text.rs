//! Letters: UTF-8, and where a cell is not, Windows-1252, since programs mix both in one file.

use std::borrow::Cow;

/// Windows-1252 from 80 to 9F; the five bytes that it leaves open are no text.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// A cell as text.
pub(crate) fn read(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(cell.iter().map(|byte| windows(*byte)).collect()),
    }
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => HIGH.get(usize::from(byte - 0x80)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
        byte => char::from(byte),
    }
}

/// A name as it is shown and kept: one line, no control characters, at most 200 bytes.
pub(crate) fn name(cell: &[u8]) -> String {
    let mut name = String::new();
    for letter in read(cell).chars().filter(|c| !c.is_control()) {
        if name.len() + letter.len_utf8() > 200 {
            break;
        }
        name.push(letter);
    }
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_spelling_reads() {
        for (bytes, expect) in [
            (&b"plain"[..], "plain"),
            ("Öl °C".as_bytes(), "Öl °C"),
            (b"\xd6l \xb0C", "Öl °C"),
            (b"\x80 \x81", "€ \u{fffd}"),
        ] {
            assert_eq!(read(bytes), expect);
        }
        assert_eq!(name(b" a\0b\r"), "ab");
        assert_eq!(name("ö".repeat(300).as_bytes()).len(), 200);
    }
}
