//! Clearing trouble codes: the one thing that Roadworthy changes in a vehicle.

use crate::{
    error::{Code, Error, Result},
    id::{VehicleId, VisitId},
};
use serde::{Deserialize, Serialize};

/// What a person must say to confirm it, in this spelling.
pub const WORDS: &str = "clear codes";

/// What is lost, in sentences for whoever is about to confirm it.
pub const LOST: [&str; 3] = [
    "Stored and pending codes, freeze frames and the results of on-board tests are erased in every ECU. Nothing brings them back.",
    "All emission monitors start anew: until they have run, which takes days of driving, an emission test may turn the vehicle away.",
    "Permanent codes stay. The vehicle removes them itself once its own tests have passed.",
];

/// Holds a confirmation against [`WORDS`]; case and spaces around it do not count.
///
/// # Errors
/// [`Code::Invalid`] for anything else.
pub fn confirmed(said: &str) -> Result<()> {
    if said.trim().eq_ignore_ascii_case(WORDS) {
        return Ok(());
    }
    Err(Error::new(Code::Invalid, "Clearing codes was not confirmed.").hint(format!("Type \"{WORDS}\" to confirm it.")))
}

/// What came of a clearing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// Whose codes.
    pub vehicle: VehicleId,
    /// The check before it.
    pub before: VisitId,
    /// The check after it; `None`: it could not be made, as when the plug was pulled.
    pub after: Option<VisitId>,
    /// Each ECU that was there.
    pub answers: Vec<ClearAnswer>,
    /// Why there is no check after it, if there is none.
    pub problem: Option<Error>,
}

/// What one ECU did when it was told to clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearAnswer {
    /// Response id.
    pub ecu: String,
    /// Its name.
    pub name: String,
    /// The request in hex, as in `04`.
    pub request: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: ClearOutcome,
}

/// What came of it with one ECU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ClearOutcome {
    /// It says that it cleared.
    Acknowledged,
    /// It did not clear.
    Refused {
        /// Negative response code in hex, as in `22`.
        nrc: String,
        /// Its name in ISO 14229-1.
        meaning: String,
    },
    /// It asked for patience, and nothing came after that: it may have cleared, or not.
    Unfinished,
    /// It said nothing: it may have cleared, or not.
    Silent,
    /// Something came that could not be read.
    Unreadable {
        /// What was wrong with it.
        reason: String,
    },
}

impl ClearOutcome {
    /// In words for people, as a sentence about the ECU.
    pub fn words(&self) -> String {
        match self {
            Self::Acknowledged => "Cleared.".to_owned(),
            Self::Refused { nrc, .. } if nrc == "22" => {
                "Refused: the conditions are not right. Most vehicles want the ignition on and the engine off."
                    .to_owned()
            }
            Self::Refused { nrc, .. } if nrc == "11" => "Refused: it does not know this service.".to_owned(),
            Self::Refused { nrc, meaning } => format!("Refused ({meaning}, {nrc})."),
            Self::Unfinished => {
                "Asked for patience and did not come back: the check after it shows what it did.".to_owned()
            }
            Self::Silent => "Said nothing: the check after it shows what it did.".to_owned(),
            Self::Unreadable { reason } => format!("Its answer cannot be read. {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_confirm() {
        for (said, expect) in [
            ("clear codes", true),
            (" Clear Codes ", true),
            ("", false),
            ("yes", false),
            ("clear", false),
            ("clearcodes", false),
        ] {
            assert_eq!(confirmed(said).is_ok(), expect, "{said:?}");
        }
    }
}
