//! What the gate checks of every argument before a handler sees it.

use crate::error::{Code, Error, Result};

/// Longest text of one line (names, plates, ports), in bytes.
pub const LINE_MAX: usize = 300;
/// Longest free text (notes), in bytes.
pub const TEXT_MAX: usize = 1 << 20;

/// Whether a value is within what the contract allows.
pub trait Valid {
    /// `Err` with [`Code::Invalid`], saying what is allowed; `field` names the argument in the message.
    fn valid(&self, field: &str) -> Result<()> {
        let _ = field;
        Ok(())
    }
}

/// A plain `String` argument is one line.
impl Valid for String {
    fn valid(&self, field: &str) -> Result<()> {
        if self.len() > LINE_MAX {
            return Err(
                Error::new(Code::Invalid, format!("{field} is longer than {LINE_MAX} bytes.")).hint("Shorten it.")
            );
        }
        if self.chars().any(char::is_control) {
            return Err(Error::new(Code::Invalid, format!("{field} holds a control character."))
                .hint("Type it again without line breaks or tabs."));
        }
        Ok(())
    }
}

/// Free text: line breaks allowed, at most [`TEXT_MAX`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LongText(pub String);

impl Valid for LongText {
    fn valid(&self, field: &str) -> Result<()> {
        if self.0.len() > TEXT_MAX {
            return Err(
                Error::new(Code::Invalid, format!("{field} is longer than 1 MiB.")).hint("Attach it as a file.")
            );
        }
        Ok(())
    }
}

impl<T: Valid> Valid for Option<T> {
    fn valid(&self, field: &str) -> Result<()> {
        self.as_ref().map_or(Ok(()), |v| v.valid(field))
    }
}

impl<T: Valid> Valid for Vec<T> {
    fn valid(&self, field: &str) -> Result<()> {
        self.iter().try_for_each(|v| v.valid(field))
    }
}

impl Valid for bool {}
impl Valid for u32 {}
impl Valid for u64 {}
impl Valid for i64 {}

impl Valid for f64 {
    fn valid(&self, field: &str) -> Result<()> {
        if self.is_finite() {
            Ok(())
        } else {
            Err(Error::new(Code::Invalid, format!("{field} is not a number.")).hint("Type a number."))
        }
    }
}
