//! Bytes as lower-case hexadecimal text.

/// Two digits per byte.
pub fn write(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The bytes, or `None` if the text is not an even number of hexadecimal digits.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn hex_reads_back_and_refuses_what_is_not_hex() {
        assert_eq!(super::write(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(super::read("001fFF"), Some(vec![0, 0x1f, 0xff]));
        for bad in ["0", "0g", "é0", " 00"] {
            assert_eq!(super::read(bad), None, "{bad}");
        }
    }
}
