//! The secret that the door prints at its start.

use roadworthy_api::{Code, Error, Result};
use std::{fmt, hint::black_box};

/// 256 random bits as 64 hex digits. Nothing prints it by accident: its debug form is empty.
#[derive(Clone)]
pub(super) struct Token(String);

impl Token {
    /// A fresh one from the operating system's randomness.
    pub(super) fn random() -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|e| Error::new(Code::Internal, format!("The operating system gives no random numbers: {e}.")))?;
        Ok(Self(bytes.iter().map(|b| format!("{b:02x}")).collect()))
    }

    /// The text, for the address alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this token, in a time that depends on neither's content.
    pub(super) fn is(&self, other: &str) -> bool {
        let (a, b) = (self.0.as_bytes(), other.as_bytes());
        if a.len() != b.len() {
            return false;
        }
        a.iter().zip(b).fold(0u8, |differ, (x, y)| black_box(differ | (x ^ y))) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_nothing_else() {
        let token = Token::random().unwrap();
        let text = token.reveal().to_owned();
        assert_eq!(text.len(), 64);
        assert!(token.is(&text));
        for other in
            ["", &text[1..], &text.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"), &format!("{text}0")]
        {
            assert!(!token.is(other), "{other}");
        }
        assert!(!token.is(Token::random().unwrap().reveal()));
        assert!(!format!("{token:?}").contains(&text));
    }
}
