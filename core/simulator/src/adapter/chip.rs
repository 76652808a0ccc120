//! What different adapters understand. The version they claim says nothing about it.

use crate::Chip;

/// Commands that came after version 1.2, and some older ones that clones leave out: the adaptive timing, the memory
/// switch, the protocol's number. Names, of which a command begins with one.
const BEYOND_A_CLONE: [&str; 42] = [
    "AMC", "AMT", "AT", "CEA", "CP", "CRA", "CSM", "CTM", "D0", "D1", "DPN", "FE", "FI", "IB", "IGN", "IIA", "JE",
    "JHF", "JS", "JTM", "KW", "LP", "M0", "M1", "PB", "RA", "RD", "RTR", "S0", "S1", "SD", "SI", "SS", "STM", "TA",
    "V0", "V1", "WM", "AL", "NL", "SR", "@2",
];

impl Chip {
    /// What it calls itself.
    pub(super) fn name(self) -> &'static str {
        match self {
            Chip::Strict | Chip::Deaf => "ELM327 v1.5",
            Chip::Clone => "ELM327 v2.1",
        }
    }

    /// Whether it understands a line, upper case and without spaces.
    pub(super) fn understands(self, line: &str) -> bool {
        match self {
            Chip::Strict => true,
            Chip::Deaf => ["", "ATZ", "ATWS", "ATI"].contains(&line),
            Chip::Clone => {
                line.strip_prefix("AT").is_none_or(|command| !BEYOND_A_CLONE.iter().any(|c| command.starts_with(c)))
            }
        }
    }
}
