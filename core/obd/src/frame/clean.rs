//! From the bytes of an answer to its lines.

/// Lines up to the prompt, upper case, trimmed, none empty, without the echo of `sent`.
///
/// NUL, other control bytes, DEL and bytes from 0x80 are noise that clones and wrong baud rates inject; they are dropped, as
/// is LF. Only CR ends a line. A prompt that comes before anything else is a late one of the previous request.
pub(super) fn lines(answer: &[u8], sent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut take = |line: &mut String| {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            lines.push(trimmed.to_ascii_uppercase());
        }
        line.clear();
    };
    let mut seen = false;
    for byte in answer {
        match byte {
            b'>' if seen => break,
            b'>' | b'\n' | 0..=8 | 0x0B..=0x0C | 0x0E..=0x1F | 0x7F.. => {}
            b'\r' => take(&mut line),
            b'\t' => line.push(' '),
            _ => {
                seen |= byte.is_ascii_graphic();
                line.push(char::from(*byte));
            }
        }
    }
    take(&mut line);
    drop_echo(&mut lines, sent);
    lines
}

/// The echo is the first line, or glued in front of a text that starts with no digit (`0101  STOPPED`).
fn drop_echo(lines: &mut Vec<String>, sent: &str) {
    let sent = squeeze(sent).to_ascii_uppercase();
    let Some(first) = lines.first().filter(|_| !sent.is_empty()) else { return };
    let squeezed = squeeze(first);
    let Some(rest) = squeezed.strip_prefix(&sent) else { return };
    if rest.is_empty() {
        lines.remove(0);
    } else if super::status::starts_with_text(rest)
        && let Some(first) = lines.first_mut()
    {
        *first = rest.to_owned();
    }
}

/// Without spaces.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// Bytes of a line of hexadecimal; with spaces, each group must be whole bytes, else a digit was lost.
/// `head` is the number of digits of a header whose digits need not pair up (3 for 11-bit ids, else 0).
pub(super) fn hex(text: &str, head: usize) -> Result<(String, Vec<u8>), super::FrameError> {
    use super::FrameError;
    if !text.bytes().all(|b| b.is_ascii_hexdigit() || b == b' ') {
        return Err(FrameError::NotHex);
    }
    let odd_head = head % 2;
    for (i, group) in text.split_ascii_whitespace().enumerate() {
        let odd = if i == 0 { odd_head } else { 0 };
        if group.len() % 2 != odd {
            return Err(FrameError::OddDigits);
        }
    }
    let digits = squeeze(text);
    let Some((head, body)) = digits.split_at_checked(head) else { return Err(FrameError::TooShort) };
    let nibble = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    let bytes = body.as_bytes().chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect();
    Ok((head.to_owned(), bytes))
}
