//! What a VIN says by itself, offline.

use serde::{Deserialize, Serialize};

/// Facts read from a well-formed VIN (ISO 3779, ISO 3780, 49 CFR 565). Absent: not certain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VinFacts {
    /// As in `Europe`.
    pub region: Option<String>,
    /// As in `Germany`.
    pub country: Option<String>,
    /// Who built it, from the world manufacturer identifier, as in `Volkswagen`.
    pub maker: Option<String>,
    /// Model years that the VIN may mean, oldest first; several where position 10 repeats after 30 years and nothing decides.
    pub model_years: Vec<u16>,
    /// What position 9 says.
    pub check_digit: CheckDigit,
}

/// Position 9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckDigit {
    /// It is the check digit that the rest asks for.
    Fits,
    /// It is not, in a market that demands it: probably mistyped or altered.
    Wrong,
    /// This market does not use one.
    #[default]
    NotUsed,
}
