//! Takes personal data and secrets out of a text.
//!
//! Recognised: vehicle identification numbers, mail addresses, telephone numbers, bearer tokens, and values that are marked
//! by their name (`plate=`, `"phone": "…"`, `?token=`). It errs towards taking out too much: a row of zeros may go too.
//! What it cannot recognise is a name or an unmarked plate in running text; code that logs must not log those.

const GONE: &str = "[redacted]";

/// Names whose value is a secret of one word.
const SECRETS: [&str; 7] = ["token", "password", "passphrase", "secret", "api_key", "apikey", "key_hex"];
/// Names whose value is personal and may hold spaces.
const PERSONAL: [&str; 9] =
    ["plate", "phone", "email", "mail", "address", "owner", "owner_name", "customer", "authorization"];

/// The text with `[redacted]` in place of what nobody else should read. Doing it twice changes nothing more.
pub fn redact(text: &str) -> String {
    let text = marked(text);
    let text = bearer(&text);
    let text = mails(&text);
    let text = vins(&text);
    phones(&text)
}

/// Replaces the parts of `text` that `find` gives, from left to right; `find(text, from)` is the next part at or after `from`.
fn replace(text: &str, find: impl Fn(&str, usize) -> Option<(usize, usize)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((start, end)) = find(text, at) {
        out.push_str(&text[at..start]);
        out.push_str(GONE);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

fn word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// The next run of bytes that `inside` accepts, at or after `from`.
fn run(bytes: &[u8], from: usize, inside: impl Fn(u8) -> bool) -> Option<(usize, usize)> {
    let start = from + bytes.get(from..)?.iter().position(|b| inside(*b))?;
    let end = bytes[start..].iter().position(|b| !inside(*b)).map_or(bytes.len(), |n| start + n);
    Some((start, end))
}

/// `name=value`, `name: value`, `"name":"value"`, `name=Some("value")`.
fn marked(text: &str) -> String {
    let bytes = text.as_bytes();
    replace(text, |text, mut from| {
        while let Some((start, end)) = run(bytes, from, word_byte) {
            from = end;
            let name = text[start..end].to_ascii_lowercase().replace('-', "_");
            let named = |list: &[&str]| list.iter().any(|k| name == *k || name.ends_with(&format!("_{k}")));
            let (secret, personal) = (named(&SECRETS), named(&PERSONAL));
            if !secret && !personal {
                continue;
            }
            let Some(value) = value_start(bytes, end) else { continue };
            let (start, end) = value_extent(text, value, personal);
            if end > start {
                return Some((start, end));
            }
        }
        None
    })
}

/// Where the value after a name begins, if `=` or `:` follows.
fn value_start(bytes: &[u8], end: usize) -> Option<usize> {
    let skip = |mut at: usize, set: &[u8]| {
        while bytes.get(at).is_some_and(|b| set.contains(b)) {
            at += 1;
        }
        at
    };
    let at = skip(end, b"\\\" ");
    matches!(bytes.get(at), Some(b'=' | b':')).then(|| skip(at + 1, b" "))
}

fn value_extent(text: &str, value: usize, personal: bool) -> (usize, usize) {
    let mut start = value;
    if text[start..].starts_with("Some(") {
        start += 5;
    }
    let rest = &text[start..];
    for quote in ["\\\"", "\""] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let start = start + quote.len();
            return (start, start + closing(inner, quote));
        }
    }
    let stop = |c: char| if personal { ",;\n&)}".contains(c) } else { c.is_whitespace() || ",;&)}\"".contains(c) };
    let mut end = rest.find(stop).unwrap_or(rest.len());
    // The next field of a line of fields is not part of this one.
    if let Some(equals) = rest[..end].find('=').filter(|_| personal) {
        end = rest[..equals].rfind(' ').unwrap_or(end);
    }
    (start, start + rest[..end].trim_end().len())
}

/// Length of a quoted value up to its closing quote; all the rest when there is none.
fn closing(inner: &str, quote: &str) -> usize {
    if quote.len() == 2 {
        return inner.find(quote).unwrap_or(inner.len());
    }
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    inner.len()
}

fn bearer(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    replace(text, |text, from| {
        let start = from + lower[from..].find("bearer ")? + 7;
        let end =
            text[start..].find(|c: char| c.is_whitespace() || "\",;)".contains(c)).map_or(text.len(), |n| start + n);
        Some((start, end))
    })
}

fn mails(text: &str) -> String {
    replace(text, |text, mut from| {
        while let Some(at) = text.get(from..)?.find('@').map(|n| from + n) {
            let local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
            let host = |c: char| c.is_alphanumeric() || ".-".contains(c);
            let start =
                text[..at].rfind(|c| !local(c)).map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
            let end = text[at + 1..].find(|c| !host(c)).map_or(text.len(), |n| at + 1 + n);
            let domain = text[at + 1..end].trim_end_matches(['.', '-']);
            let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
            if start < at && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) {
                return Some((start, at + 1 + domain.len()));
            }
            from = at + 1;
        }
        None
    })
}

fn vins(text: &str) -> String {
    let bytes = text.as_bytes();
    replace(text, |_, mut from| {
        while let Some((start, end)) = run(bytes, from, |b| b.is_ascii_alphanumeric()) {
            from = end;
            let token = &bytes[start..end];
            // In `\n1RW…` the n belongs to the escape.
            let escaped = start > 0 && bytes[start - 1] == b'\\';
            if vin_shaped(token) || (escaped && vin_shaped(&token[1..])) || vin_glued(token) {
                return Some((start, end));
            }
        }
        None
    })
}

/// Seventeen letters and digits without I, O and Q (ISO 3779).
fn vin_shaped(token: &[u8]) -> bool {
    token.len() == 17 && token.iter().all(|b| b.is_ascii_alphanumeric() && !b"IOQioq".contains(b))
}

/// A VIN with something stuck to it, as in `VIN1RW…`: by its shape and the digits it ends in. Hexadecimal ids are left alone.
fn vin_glued(token: &[u8]) -> bool {
    (18..=24).contains(&token.len())
        && !token.iter().all(u8::is_ascii_hexdigit)
        && token
            .windows(17)
            .any(|w| vin_shaped(w) && w[13..].iter().all(u8::is_ascii_digit) && w.iter().any(u8::is_ascii_alphabetic))
}

fn phones(text: &str) -> String {
    let bytes = text.as_bytes();
    replace(text, |text, mut from| {
        while let Some((start, end)) = run(bytes, from, |b| b.is_ascii_digit() || b"+ ()./-".contains(&b)) {
            from = end;
            // From the first plus or digit to the last digit.
            let Some(first) = text[start..end].find(|c: char| c.is_ascii_digit() || c == '+') else { continue };
            let Some(last) = text[start..end].rfind(|c: char| c.is_ascii_digit()) else { continue };
            let (first, last) = (start + first, start + last + 1);
            let mut after = text[last..].chars();
            let (next, second) = (after.next(), after.next());
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let touching = text[..first].chars().next_back();
            // `8def-0123…` is an id: a dash or dot joins the number to what stands before it.
            let joined = touching.is_none_or(|c| "-./".contains(c)) || first == start;
            let mut before = text[..start].chars().rev();
            let (before, second_before) = (before.next(), before.next());
            let glued = joined
                && (before.is_some_and(|c| c.is_alphanumeric() || "_#\\".contains(c))
                    || (before == Some(':') && digit(second_before)));
            let clock = next == Some(':') && digit(second);
            let inside = next.is_some_and(|c| c.is_alphanumeric() || c == '_');
            if glued || clock || inside || first >= last {
                continue;
            }
            if is_phone(&text[first..last]) {
                return Some((first, last));
            }
        }
        None
    })
}

fn is_phone(text: &str) -> bool {
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
    let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
    let digits: usize = lengths.iter().sum();
    let bare = text.bytes().all(|b| b.is_ascii_digit());
    let decimal = groups.len() == 2 && text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Several numbers in a row make one run, so there is no upper limit where something stands between digits.
    let most = if bare { 15 } else { usize::MAX };
    if text.contains('+') {
        return digits >= 7;
    }
    let national = text.starts_with('0') && !decimal;
    (national && (7..=most).contains(&digits))
        || (bare && (10..=12).contains(&digits))
        || lengths == [3, 3, 4]
        || (lengths == [1, 3, 3, 4] && groups[0] == "1")
}

#[cfg(test)]
mod tests;
