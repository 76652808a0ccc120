//! What a code means.

use super::{bytes, failure_type, maker_controlled, system, table};
use roadworthy_api::fault::CodeMeaning;

/// What a code means, as far as that is certain without knowing the maker. Takes what people type: lower case, blanks, and
/// a failure type at the end as in `P0301-11`. `None` where the text is no code.
///
/// A failure type adds its words to a title in brackets. Titles of chassis and body codes are the standard's; makers differ
/// from them more often than from the others, so whoever shows one says so.
pub fn explain(text: &str) -> Option<CodeMeaning> {
    let code = normal(text)?;
    let title = title(&code);
    Some(CodeMeaning {
        system: system(plain(&code)).to_owned(),
        maker_controlled: maker_controlled(plain(&code)),
        known: title.is_some(),
        title,
        code,
    })
}

/// The title of a code in its [`normal`] form; `None` where it is not certain, or the maker's.
pub fn title(code: &str) -> Option<String> {
    let base = plain(code);
    if maker_controlled(base) {
        return None;
    }
    let title = table::title(u16::from_be_bytes(bytes(base)?))?;
    let failure = code.get(6..).and_then(|hex| u8::from_str_radix(hex, 16).ok()).and_then(failure_type);
    Some(match failure {
        Some(failure) => format!("{title} ({failure})"),
        None => title.to_owned(),
    })
}

/// A code as this program writes it, `P0301` or `P0301-11`, from what people type; `None` where the text is no code.
pub fn normal(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let (code, failure) = match packed.split_once('-') {
        Some((code, failure)) => (code, Some(failure)),
        None => (packed.as_str(), None),
    };
    bytes(code)?;
    match failure {
        Some(hex) if hex.len() != 2 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) => None,
        _ => Some(packed),
    }
}

/// Without its failure type.
fn plain(code: &str) -> &str {
    code.get(..5).unwrap_or(code)
}
