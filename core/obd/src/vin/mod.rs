//! Vehicle identification numbers (ISO 3779).
//!
//! Usually you call [`well_formed`], then [`facts`] for what the number says by itself. Use [`check_digit`] only for vehicles
//! sold in North America or China, where position 9 is a check digit; elsewhere any character may stand there, so a mismatch
//! is no fault.

mod facts;
mod maker;
mod region;
mod year;

pub use facts::facts;

use std::fmt;

/// Why a text is no VIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VinProblem {
    /// It does not have 17 characters; the number it has.
    Length(usize),
    /// The character at this position (from 1) is none of A–Z without I, O, Q, and 0–9.
    Character(usize),
}

impl fmt::Display for VinProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(n) => write!(f, "A VIN has 17 characters; this has {n}."),
            Self::Character(at) => {
                write!(f, "A VIN has only digits and letters without I, O and Q; position {at} has another.")
            }
        }
    }
}

impl std::error::Error for VinProblem {}

/// Whether the text can be a VIN: 17 characters, digits and upper-case letters without I, O and Q.
/// The check digit is not looked at; see [`check_digit`].
pub fn well_formed(text: &str) -> Result<(), VinProblem> {
    let length = text.chars().count();
    if length != 17 {
        return Err(VinProblem::Length(length));
    }
    match text.bytes().position(|b| worth(b).is_none()) {
        Some(at) => Err(VinProblem::Character(at + 1)),
        None => Ok(()),
    }
}

/// The digit (`0`–`9` or `X`) that 49 CFR 565 wants at position 9; `None` where the text is not [`well_formed`].
pub fn check_digit(text: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    well_formed(text).ok()?;
    let sum: u32 = text.bytes().zip(WEIGHTS).filter_map(|(b, weight)| Some(worth(b)? * weight)).sum();
    match sum % 11 {
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

/// Whether position 9 is the check digit that [`check_digit`] computes.
pub fn check_digit_fits(text: &str) -> bool {
    check_digit(text).is_some_and(|digit| text.chars().nth(8) == Some(digit))
}

/// A character's worth in the check sum; `None` where it may not stand in a VIN.
fn worth(byte: u8) -> Option<u32> {
    Some(match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'N' => u32::from(byte - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seventeen_fitting_characters_are_well_formed() {
        for (text, expect) in [
            ("11111111111111111", Ok(())),
            ("1RWTEST00X0000001", Ok(())),
            ("", Err(VinProblem::Length(0))),
            ("1RWTEST00X000001", Err(VinProblem::Length(16))),
            ("1RWTEST00X00000011", Err(VinProblem::Length(18))),
            ("1RWTEST00X000000I", Err(VinProblem::Character(17))),
            ("ORWTEST00X0000001", Err(VinProblem::Character(1))),
            ("1QWTEST00X0000001", Err(VinProblem::Character(2))),
            ("1rWTEST00X0000001", Err(VinProblem::Character(2))),
            ("1RWTEST00X00000-1", Err(VinProblem::Character(16))),
            ("1RWTEST00X000000é", Err(VinProblem::Character(17))),
        ] {
            assert_eq!(well_formed(text), expect, "{text}");
        }
    }

    #[test]
    fn the_check_digit_is_that_of_49_cfr_565() {
        // All ones: the weights sum to 89 = 8 * 11 + 1. A last E counts 5 * 2 = 10, which is written X.
        for (text, digit) in [("11111111111111111", '1'), ("00000000000000000", '0'), ("0000000000000000E", 'X')] {
            assert_eq!(check_digit(text), Some(digit), "{text}");
        }
        assert!(check_digit_fits("11111111111111111"));
        assert!(!check_digit_fits("11111111211111111"));
        assert!(!check_digit_fits("short"));
        assert_eq!(check_digit("short"), None);
    }
}
