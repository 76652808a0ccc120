//! What became of one question, ECU by ECU. Pure: replies in, outcomes and decoded answers out.

use crate::{
    bus::{self, Replies, Unusable},
    decode::{Answer, Context, Decoded, decode, nrc_name},
    protocol::{Family, Protocol},
};
use roadworthy_api::check::{Outcome, Rejected};

/// An answer that could be read.
pub(crate) struct Read {
    pub(crate) ecu: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) decoded: Decoded,
}

/// What silence of an ECU means.
#[derive(Clone, Copy)]
pub(crate) enum Silence {
    /// It should have answered.
    Counts,
    /// It was not meant, with the reason.
    Excused(&'static str),
    /// It was not meant, and that needs no row of its own.
    Nothing,
}

/// A part of an answer that could not be read.
struct Broken {
    /// Who sent it, as far as that can be read from it.
    ecu: Option<String>,
    /// The frame; `None` where the frames were sound and what they carry was not.
    frame: Option<String>,
    reason: String,
    harms: bool,
}

/// One question's replies, judged.
pub(crate) struct Judged {
    pub(crate) read: Vec<Read>,
    pub(crate) rejected: Vec<Rejected>,
    broken: Vec<Broken>,
    refused: Vec<(String, u8)>,
    trouble: Option<String>,
    /// Why it was not asked.
    not_asked: Option<String>,
    /// Why a line was no reply at all: in whose place it stands nobody can tell.
    noise: Option<String>,
}

/// Decodes what came back for `request`.
pub(crate) fn judge(request: &crate::adapter::Request, legacy: bool, replies: Replies) -> Judged {
    // On CAN the numbers of UDS mean UDS; before, they meant something else.
    let context = Context { legacy, uds: !legacy, request: Some(request.bytes()) };
    let rejected =
        |raw: &str, reason: &str| Rejected { request: request.hex().into(), raw: raw.into(), reason: reason.into() };
    let mut judged = Judged {
        read: Vec::new(),
        rejected: Vec::new(),
        broken: Vec::new(),
        refused: replies.refusals,
        trouble: replies.trouble,
        not_asked: replies.not_asked,
        noise: None,
    };
    for (ecu, payload) in replies.answers {
        match decode(&payload, context) {
            Ok(decoded) => {
                if let Answer::Tests { incomplete: true, .. } = &decoded.answer {
                    let reason = "Its last test is cut short.".to_owned();
                    judged.rejected.push(rejected(&bus::hex(&payload), &reason));
                    judged.broken.push(Broken { ecu: Some(ecu.clone()), frame: None, reason, harms: true });
                }
                judged.read.push(Read { ecu, payload, decoded });
            }
            Err(error) => {
                judged.rejected.push(rejected(&bus::hex(&payload), &error.to_string()));
                let reason = error.to_string();
                judged.broken.push(Broken { ecu: Some(ecu), frame: None, reason, harms: true });
            }
        }
    }
    for unusable in replies.unusable {
        judged.rejected.push(rejected(&unusable.raw, &unusable.reason));
        let Unusable { ecu, raw, reason, harms } = unusable;
        let answered = |ecu: &String| {
            judged.read.iter().any(|r| r.ecu == *ecu) || judged.refused.iter().any(|(who, _)| who == ecu)
        };
        if ecu.is_none() && !harms {
            judged.noise.get_or_insert(reason);
            continue;
        }
        // A stray frame matters only where nothing better came.
        if harms || ecu.as_ref().is_some_and(|ecu| !answered(ecu)) {
            judged.broken.push(Broken { ecu, frame: Some(raw), reason, harms });
        }
    }
    judged
}

impl Judged {
    /// ECUs that said anything, be it readable or not: one that sends only broken frames is there all the same.
    pub(crate) fn heard(&self, protocol: Protocol) -> impl Iterator<Item = &str> {
        let broken = self.broken.iter().filter_map(move |b| {
            let ecu = b.ecu.as_deref()?;
            b.frame.as_ref().is_none_or(|frame| plausible(protocol, ecu, frame)).then_some(ecu)
        });
        let refused = self.refused.iter().map(|(ecu, _)| ecu.as_str());
        self.read.iter().map(|r| r.ecu.as_str()).chain(refused).chain(broken)
    }

    /// Whether an ECU gave an answer that could be read.
    pub(crate) fn answered(&self, ecu: &str) -> bool {
        self.read.iter().any(|r| r.ecu == ecu)
    }

    /// Whether everything that came could be read, and nobody refused.
    pub(crate) fn clean(&self) -> bool {
        self.broken.is_empty()
            && self.rejected.is_empty()
            && self.refused.is_empty()
            && self.trouble.is_none()
            && self.not_asked.is_none()
    }

    /// What came broken and belongs to none of the ECUs that `known` knows, if anything did.
    pub(crate) fn stray(&self, known: impl Fn(&str) -> bool) -> Option<Outcome> {
        let mut strays = self.broken.iter().filter(|b| b.harms && !b.ecu.as_deref().is_some_and(&known));
        strays.next().map(|b| Outcome::Unreadable { reason: b.reason.clone() })
    }

    /// What became of the question with an ECU that is not known yet; `None` where its silence needs no row.
    pub(crate) fn unheard(&self, silence: &Silence) -> Option<Outcome> {
        let outcome = self.outcome("", silence)?;
        // A broken frame may have been its own.
        let broken = self.broken.iter().find(|b| b.harms).map(|b| Outcome::Unreadable { reason: b.reason.clone() });
        Some(if outcome == Outcome::Silent { broken.unwrap_or(outcome) } else { outcome })
    }

    /// What became of the question with one ECU; `None` where that needs no row.
    pub(crate) fn outcome(&self, ecu: &str, silence: &Silence) -> Option<Outcome> {
        let answered = self.read.iter().any(|r| r.ecu == ecu);
        if let Some(broken) = self.broken.iter().find(|b| b.ecu.as_deref() == Some(ecu)) {
            // What could be read is kept, but "answered" would say that it is all.
            return Some(Outcome::Unreadable { reason: broken.reason.clone() });
        }
        if answered {
            return Some(Outcome::Answered);
        }
        if let Some((_, nrc)) = self.refused.iter().rev().find(|(who, _)| who == ecu) {
            return Some(Outcome::Refused { nrc: format!("{nrc:02X}"), meaning: nrc_name(*nrc).into() });
        }
        match (silence, self.spoilt()) {
            (Silence::Nothing, _) => None,
            (Silence::Counts, _) if self.not_asked.is_some() => Some(self.nobody()),
            (Silence::Excused(reason), _) => Some(Outcome::NotAsked { reason: (*reason).into() }),
            (Silence::Counts, Some(trouble)) => Some(Outcome::Unreadable { reason: trouble.clone() }),
            (Silence::Counts, None) => Some(Outcome::Silent),
        }
    }

    /// Why silence means nothing: a fault of the adapter, or a line that may stand in place of the answer.
    fn spoilt(&self) -> Option<&String> {
        self.trouble.as_ref().or(self.noise.as_ref())
    }

    /// Whether it went out at all, now or when it was recorded.
    pub(crate) fn was_asked(&self) -> bool {
        self.not_asked.is_none()
    }

    /// What became of it with nobody in particular, where no ECU has a row.
    pub(crate) fn nobody(&self) -> Outcome {
        if let Some(reason) = &self.not_asked {
            return Outcome::NotAsked { reason: reason.clone() };
        }
        self.spoilt().map_or(Outcome::Silent, |t| Outcome::Unreadable { reason: t.clone() })
    }
}

/// Whether the sender read from a broken frame is one that answers testers, so that it is no phantom made by a lost or
/// flipped digit: ISO 15765-4 gives 7E8 to 7EF and 18DAF1xx to ECUs. On older buses the head of the frame must be that of a
/// reply: 41 6B (SAE J1850 PWM), 48 6B (VPW and ISO 9141-2), or addresses with the tester's in place of the target (KWP).
fn plausible(protocol: Protocol, ecu: &str, frame: &str) -> bool {
    let text: String = frame.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    // F0 to FD are the addresses of testers.
    let address = u8::from_str_radix(ecu, 16).is_ok_and(|a| !(0xF0..=0xFD).contains(&a));
    let iso9141 = text.starts_with("486B");
    match protocol.family() {
        Family::Can11 => ecu.len() == 3 && matches!(u16::from_str_radix(ecu, 16), Ok(0x7E8..=0x7EF)),
        Family::Can29 => ecu.len() == 8 && ecu.starts_with("18DAF1") && !protocol.is_j1939(),
        Family::Pwm => address && text.starts_with("416B"),
        Family::Vpw | Family::Iso9141 => address && iso9141,
        Family::Kwp => {
            address
                && (iso9141
                    || text.starts_with(['8', '9', 'A', 'B', 'C', 'D', 'E', 'F']) && text.get(2..4) == Some("F1"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Request;

    #[test]
    fn only_a_senders_address_makes_an_ecu_of_a_broken_frame() {
        for (protocol, ecu, frame, expect) in [
            ('6', "7E8", "7E8 04 41", true),
            ('6', "7EF", "7EF0441", true),
            ('6', "7E0", "7E00441", false),
            ('6', "FBE", "FB ERROR", false),
            ('7', "18DAF11D", "18DAF11D0441", true),
            ('7', "18DB33F1", "18DB33F10441", false),
            ('A', "18DAF11D", "18DAF11D0441", false),
            ('1', "10", "41 6B 10 41 00", true),
            ('1', "10", "48 6B 10 41 00", false),
            ('2', "10", "486B104100", true),
            ('3', "10", "40 6B 10 41 00", false),
            ('3', "F1", "48 6B F1 41 00", false),
            ('5', "11", "86 F1 11 41 00", true),
            ('4', "11", "48 6B 11 41 00", true),
            ('5', "11", "86 33 11 41 00", false),
            ('5', "00", "00 00 00 00", false),
        ] {
            assert_eq!(plausible(Protocol::from_id(protocol).unwrap(), ecu, frame), expect, "{protocol} {frame}");
        }
    }

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
