//! What became of one question, ECU by ECU. Pure: replies in, outcomes and decoded answers out.

use crate::{
    bus::{self, Replies},
    decode::{Context, Decoded, decode, nrc_name},
};
use roadworthy_api::check::{Outcome, Rejected};

/// An answer that could be read.
pub(super) struct Read {
    pub(super) ecu: String,
    pub(super) payload: Vec<u8>,
    pub(super) decoded: Decoded,
}

/// What silence of an ECU means.
pub(super) enum Silence {
    /// It should have answered.
    Counts,
    /// It was not meant, with the reason.
    Excused(&'static str),
    /// It was not meant, and that needs no row of its own.
    Nothing,
}

/// One question's replies, judged.
pub(super) struct Judged {
    pub(super) read: Vec<Read>,
    pub(super) rejected: Vec<Rejected>,
    /// ECU and reason where a part of its answer could not be read.
    broken: Vec<(String, String)>,
    refused: Vec<(String, u8)>,
    trouble: Option<String>,
}

/// Decodes what came back for `request`.
pub(super) fn judge(request: &crate::adapter::Request, legacy: bool, replies: Replies) -> Judged {
    let context = Context { legacy, uds: false, request: Some(request.bytes()) };
    let rejected =
        |raw: &str, reason: &str| Rejected { request: request.hex().into(), raw: raw.into(), reason: reason.into() };
    let mut judged = Judged {
        read: Vec::new(),
        rejected: Vec::new(),
        broken: Vec::new(),
        refused: replies.refusals,
        trouble: replies.trouble,
    };
    for (ecu, payload) in replies.answers {
        match decode(&payload, context) {
            Ok(decoded) => judged.read.push(Read { ecu, payload, decoded }),
            Err(error) => {
                judged.rejected.push(rejected(&bus::hex(&payload), &error.to_string()));
                judged.broken.push((ecu, error.to_string()));
            }
        }
    }
    for unusable in replies.unusable {
        judged.rejected.push(rejected(&unusable.raw, &unusable.reason));
        let answered = |ecu: &String| {
            judged.read.iter().any(|r| r.ecu == *ecu) || judged.refused.iter().any(|(who, _)| who == ecu)
        };
        // A stray frame matters only where nothing better came.
        if let Some(ecu) = unusable.ecu.filter(|ecu| unusable.harms || !answered(ecu)) {
            judged.broken.push((ecu, unusable.reason));
        }
    }
    judged
}

impl Judged {
    /// ECUs that said anything that could be read.
    pub(super) fn heard(&self) -> impl Iterator<Item = &str> {
        self.read.iter().map(|r| r.ecu.as_str()).chain(self.refused.iter().map(|(ecu, _)| ecu.as_str()))
    }

    /// What became of the question with one ECU; `None` where that needs no row.
    pub(super) fn outcome(&self, ecu: &str, silence: &Silence) -> Option<Outcome> {
        let answered = self.read.iter().any(|r| r.ecu == ecu);
        if let Some((_, reason)) = self.broken.iter().find(|(who, _)| who == ecu) {
            // What could be read is kept, but "answered" would say that it is all.
            return Some(Outcome::Unreadable { reason: reason.clone() });
        }
        if answered {
            return Some(Outcome::Answered);
        }
        if let Some((_, nrc)) = self.refused.iter().rev().find(|(who, _)| who == ecu) {
            return Some(Outcome::Refused { nrc: format!("{nrc:02X}"), meaning: nrc_name(*nrc).into() });
        }
        match (silence, &self.trouble) {
            (Silence::Nothing, _) => None,
            (Silence::Excused(reason), _) => Some(Outcome::NotAsked { reason: (*reason).into() }),
            (Silence::Counts, Some(trouble)) => Some(Outcome::Unreadable { reason: trouble.clone() }),
            (Silence::Counts, None) => Some(Outcome::Silent),
        }
    }

    /// What became of it with nobody in particular, where no ECU has a row.
    pub(super) fn nobody(&self) -> Outcome {
        self.trouble.as_ref().map_or(Outcome::Silent, |t| Outcome::Unreadable { reason: t.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{adapter::Request, bus::Unusable};

    fn replies(answers: &[(&str, &[u8])], refusals: &[(&str, u8)]) -> Replies {
        Replies {
            answers: answers.iter().map(|(e, p)| ((*e).to_owned(), p.to_vec())).collect(),
            refusals: refusals.iter().map(|(e, n)| ((*e).to_owned(), *n)).collect(),
            ..Replies::default()
        }
    }

    #[test]
    fn each_ecu_has_its_own_outcome() {
        let request = Request::new(&[0x03]).unwrap();
        let judged = judge(&request, false, replies(&[("7E8", &[0x43, 1, 3, 1])], &[("7E9", 0x11)]));
        assert_eq!(judged.outcome("7E8", &Silence::Counts), Some(Outcome::Answered));
        let refused = Outcome::Refused { nrc: "11".into(), meaning: "serviceNotSupported".into() };
        assert_eq!(judged.outcome("7E9", &Silence::Counts), Some(refused));
        assert_eq!(judged.outcome("7EA", &Silence::Counts), Some(Outcome::Silent));
        assert_eq!(judged.outcome("7EA", &Silence::Excused("why")), Some(Outcome::NotAsked { reason: "why".into() }));
        assert_eq!(judged.outcome("7EA", &Silence::Nothing), None);
    }

    #[test]
    fn codes_beside_a_broken_line_are_kept_but_not_called_complete() {
        let request = Request::new(&[0x03]).unwrap();
        let mut replies = replies(&[("10", &[0x43, 3, 1, 4, 0x20, 0, 0])], &[]);
        replies.unusable.push(Unusable {
            ecu: Some("10".into()),
            raw: "48 6B 10 43".into(),
            reason: "It is too short.".into(),
            harms: true,
        });
        let judged = judge(&request, true, replies);
        assert_eq!(judged.read[0].decoded.codes().unwrap(), ["P0301", "P0420"]);
        assert_eq!(
            judged.outcome("10", &Silence::Counts),
            Some(Outcome::Unreadable { reason: "It is too short.".into() })
        );
        assert_eq!(judged.rejected.len(), 1);
    }

    #[test]
    fn a_malformed_payload_yields_no_value_and_a_reason() {
        let request = Request::new(&[0x01, 0x0C]).unwrap();
        let judged = judge(&request, false, replies(&[("7E8", &[0x41, 0x0C, 0x1A])], &[]));
        assert!(judged.read.is_empty());
        assert_eq!(judged.rejected[0].raw, "410C1A");
        assert!(matches!(judged.outcome("7E8", &Silence::Counts), Some(Outcome::Unreadable { .. })));
    }

    #[test]
    fn silence_after_an_adapter_fault_is_not_the_ecus_silence() {
        let request = Request::new(&[0x07]).unwrap();
        let spoilt = Replies { trouble: Some("The adapter says CAN ERROR.".into()), ..Replies::default() };
        let judged = judge(&request, false, spoilt);
        assert_eq!(
            judged.outcome("7E8", &Silence::Counts),
            Some(Outcome::Unreadable { reason: "The adapter says CAN ERROR.".into() })
        );
    }
}
