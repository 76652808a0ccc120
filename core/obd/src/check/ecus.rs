//! The ECUs of a check: who they are and what they say they support.

use super::dialect::Dialect;
use crate::protocol::{Family, Protocol};
use roadworthy_api::check::Ecu;
use std::collections::BTreeSet;

/// An ECU that answered anything.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) ecu: Ecu,
    pub(super) dialect: Dialect,
    /// Service 01, bitmaps among them; `None` while it has not said.
    pub(super) pids: Option<BTreeSet<u8>>,
    /// Service 09; `None` while it has not said.
    pub(super) infotypes: Option<BTreeSet<u8>>,
}

impl Known {
    pub(super) fn new(id: &str, protocol: Protocol, dialect: Dialect) -> Self {
        let name = standard_name(id, protocol).map_or_else(|| format!("ECU {id}"), str::to_owned);
        let ecu = Ecu {
            id: id.to_owned(),
            name,
            named_itself: false,
            supported: Vec::new(),
            calibrations: Vec::new(),
            cvns: Vec::new(),
        };
        Self { ecu, dialect, pids: None, infotypes: None }
    }

    /// Whether it is there and gave no list of supported values.
    pub(super) fn refuses(&self) -> bool {
        self.pids.is_none()
    }

    /// Whether it names a PID of service 01 as supported, or has named none at all.
    pub(super) fn may_have(&self, pid: u8) -> bool {
        self.pids.as_ref().is_none_or(|pids| pids.contains(&pid))
    }
}

/// What the standard assigns to a response id, and nothing it leaves to the maker: ISO 15765-4 gives 7E8 to the engine and
/// 7E9 to the transmission; with 29-bit ids and on older buses the last byte is the source address of SAE J2178.
fn standard_name(id: &str, protocol: Protocol) -> Option<&'static str> {
    let address = match protocol.family() {
        Family::Can11 => match id {
            "7E8" => "10",
            "7E9" => "18",
            _ => return None,
        },
        Family::Can29 => id.get(6..8)?,
        Family::Pwm | Family::Vpw | Family::Iso9141 | Family::Kwp => id,
    };
    match address {
        "10" => Some("Engine"),
        "18" => Some("Transmission"),
        _ => None,
    }
}

/// An ECU's own word (infotype 0A) as people read it. SAE J1979-DA writes an acronym, a hyphen and words run together in 15
/// letters: `ECM-EngineControl` reads `Engine control (ECM)`. Anything else stays as the ECU says it.
pub(super) fn own_name(text: &str) -> String {
    let Some((acronym, run)) = text.split_once('-') else { return text.to_owned() };
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plain(acronym) || !plain(run) || acronym.bytes().any(|b| b.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for letter in run.chars() {
        match words.last_mut() {
            Some(word) if !(letter.is_ascii_uppercase() && previous.is_ascii_lowercase()) => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        previous = letter;
    }
    // Words that the standard cut to fit.
    let spelled = |word: &str| match word.to_ascii_lowercase().as_str() {
        "ctrl" => "control".to_owned(),
        "transmis" => "transmission".to_owned(),
        // An acronym within, as in `ABSControl`, stays as it is.
        _ if word.bytes().filter(u8::is_ascii_uppercase).count() > 1 => word.to_owned(),
        lower => lower.to_owned(),
    };
    let mut name = words.iter().map(|w| spelled(w)).collect::<Vec<_>>().join(" ");
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{name} ({acronym})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecus_own_word_reads_like_words() {
        for (text, expect) in [
            ("ECM-EngineControl", "Engine control (ECM)"),
            ("TCM-TransmisCtrl", "Transmission control (TCM)"),
            ("ECM1-EngineCtrl1", "Engine ctrl1 (ECM1)"),
            ("PCM-PowertrainCtrl", "Powertrain control (PCM)"),
            ("ABS-ABSControl", "ABSControl (ABS)"),
            ("SIMULATOR", "SIMULATOR"),
            ("Engine-Control", "Engine-Control"),
            ("-", "-"),
            ("ECM-", "ECM-"),
            ("É-é", "É-é"),
            ("", ""),
        ] {
            assert_eq!(own_name(text), expect);
        }
    }

    #[test]
    fn an_ecu_has_the_name_of_the_standard_or_its_id() {
        for (protocol, id, expect) in [
            ('6', "7E8", "Engine"),
            ('6', "7E9", "Transmission"),
            ('6', "7EA", "ECU 7EA"),
            ('7', "18DAF110", "Engine"),
            ('7', "18DAF118", "Transmission"),
            ('7', "18DAF11D", "ECU 18DAF11D"),
            ('5', "10", "Engine"),
            ('3', "18", "Transmission"),
            ('5', "7A", "ECU 7A"),
        ] {
            assert_eq!(Known::new(id, Protocol::from_id(protocol).unwrap(), Dialect::Obd).ecu.name, expect);
        }
    }
}
