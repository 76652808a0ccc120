//! Vehicle information (service 09): VIN, calibrations, the ECUs' own names.

use super::{
    coverage::{Judged, Silence},
    ecus::Known,
    run::Check,
};
use crate::{adapter::Request, vin};
use roadworthy_api::{
    Error,
    check::{Ecu, Outcome},
};

const LIST: &str = "Vehicle information";
pub(super) const VIN: &str = "Vehicle identification number";
const VIN_TYPE: u8 = 0x02;
const NAME_TYPE: u8 = 0x0A;
/// Infotypes asked for, with the question and whether it is asked although no ECU lists it.
const TYPES: [(u8, &str, bool); 4] = [
    // Some vehicles from before the list existed give their VIN without it.
    (VIN_TYPE, VIN, true),
    (0x04, "Calibration identification", false),
    (0x06, "Calibration verification", false),
    (NAME_TYPE, "ECU name", false),
];
/// Characters shown of a text that is no VIN.
const LONGEST: usize = 40;
const NOT_LISTED: &str = "Its list of vehicle information does not name it.";
const NO_LIST: &str = "It gave no list of vehicle information.";

impl Check<'_> {
    pub(super) async fn information(&mut self) -> Result<(), Error> {
        self.infotypes(|_| true).await
    }

    /// Only who the vehicle and its ECUs are.
    pub(super) async fn identity(&mut self) -> Result<(), Error> {
        self.infotypes(|infotype| matches!(infotype, VIN_TYPE | NAME_TYPE)).await
    }

    async fn infotypes(&mut self, of_interest: impl Fn(u8) -> bool) -> Result<(), Error> {
        let types: Vec<_> = TYPES.into_iter().filter(|(t, ..)| of_interest(*t)).collect();
        for read in self.ask(&Request::new(&[0x09, 0x00])?, LIST, |_| Silence::Counts).await?.read {
            let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) else { continue };
            for bitmap in read.decoded.supported() {
                known.infotypes.get_or_insert_default().extend(bitmap.ids().filter_map(|id| u8::try_from(id).ok()));
            }
        }
        let lists = |k: &Known, infotype: u8| k.infotypes.as_ref().is_some_and(|i| i.contains(&infotype));
        let wanted = |ecus: &[Known], infotype: u8, always: bool| always || ecus.iter().any(|k| lists(k, infotype));
        // The VIN is planned from the start.
        let more = types.iter().filter(|(t, _, always)| !always && wanted(&self.ecus, *t, false)).count();
        self.plan(i32::try_from(more).unwrap_or(0));
        for (infotype, question, always) in types {
            let request = Request::new(&[0x09, infotype])?;
            let excuse = |k: &Known| if k.infotypes.is_some() { NOT_LISTED } else { NO_LIST };
            if !wanted(&self.ecus, infotype, always) {
                for k in self.ecus.clone() {
                    let outcome = Outcome::NotAsked { reason: excuse(&k).into() };
                    self.cover(request.hex(), question, Some(k.ecu.id), outcome);
                }
                continue;
            }
            // It goes out to all: only an ECU's own list excuses its silence.
            let meant = |k: &Known| {
                if k.infotypes.is_some() && !lists(k, infotype) {
                    Silence::Excused(NOT_LISTED)
                } else {
                    Silence::Counts
                }
            };
            let judged = self.ask(&request, question, meant).await?;
            if infotype == VIN_TYPE {
                let given: Vec<(String, String)> = judged
                    .read
                    .iter()
                    .flat_map(|r| r.decoded.texts().iter().map(|t| (self.name_of(&r.ecu), t.trim().to_owned())))
                    .collect();
                if judged.was_asked() {
                    (self.report.vin, self.report.vin_problem) = choose_vin(&given);
                }
                if given.is_empty()
                    && let Some(why) = self.why_no_vin(&judged)
                {
                    self.report.vin_problem = Some(why);
                }
                continue;
            }
            for read in judged.read {
                if let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) {
                    keep(&mut known.ecu, infotype, read.decoded.texts(), read.decoded.cvns());
                }
            }
        }
        Ok(())
    }

    /// What came in place of a VIN, if anything did.
    fn why_no_vin(&self, judged: &Judged) -> Option<String> {
        let came: Vec<(String, Outcome)> = self
            .ecus
            .iter()
            .filter_map(|k| Some((k.ecu.name.clone(), judged.outcome(&k.ecu.id, &Silence::Nothing)?)))
            .collect();
        let unreadable = came.iter().find_map(|(ecu, outcome)| match outcome {
            Outcome::Unreadable { reason } => Some(format!("{ecu} sent a VIN that cannot be read. {reason}")),
            _ => None,
        });
        let refused = || {
            came.iter().find_map(|(ecu, outcome)| match outcome {
                Outcome::Refused { meaning, .. } => Some(format!("{ecu} refuses to give a VIN ({meaning}).")),
                _ => None,
            })
        };
        unreadable.or_else(refused)
    }

    fn name_of(&self, ecu: &str) -> String {
        self.ecus.iter().find(|k| k.ecu.id == ecu).map_or_else(|| ecu.to_owned(), |k| k.ecu.name.clone())
    }
}

fn keep(ecu: &mut Ecu, infotype: u8, texts: &[String], cvns: Vec<String>) {
    let texts = texts.iter().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    match infotype {
        0x04 => ecu.calibrations.extend(texts),
        0x06 => ecu.cvns.extend(cvns),
        _ => {
            if let Some(name) = texts.into_iter().next() {
                (ecu.name, ecu.named_itself) = (super::ecus::own_name(&name), true);
            }
        }
    }
}

/// The VIN on which all ECUs that give one agree, or why there is none. Two ECUs with different VINs mean that one was
/// taken from another vehicle, and nobody can tell from here which.
fn choose_vin(given: &[(String, String)]) -> (Option<String>, Option<String>) {
    let mut sound: Vec<&(String, String)> = given.iter().filter(|(_, text)| vin::well_formed(text).is_ok()).collect();
    sound.dedup_by(|a, b| a.1 == b.1);
    match (sound.as_slice(), given) {
        ([one], _) => (Some(one.1.clone()), None),
        ([], []) => (None, Some("No ECU gave a VIN.".into())),
        ([], [(ecu, text), ..]) => {
            let why = vin::well_formed(text).err().map(|p| p.to_string()).unwrap_or_default();
            let text: String = text.chars().take(LONGEST).collect();
            (None, Some(format!("{ecu} gives \"{text}\", which is no VIN. {why}")))
        }
        (several, _) => {
            let who: Vec<String> = several.iter().map(|(ecu, text)| format!("{ecu} says {text}")).collect();
            (None, Some(format!("The ECUs give different VINs: {}.", who.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1RWTEST00X0000001";
    const B: &str = "1RWTEST00X0000002";

    #[test]
    fn ecus_that_disagree_give_no_vin_but_a_reason() {
        for (given, vin, problem) in [
            (&[("Engine", A)][..], Some(A), ""),
            (&[("Engine", A), ("Transmission", A)], Some(A), ""),
            (&[("Engine", A), ("Transmission", B)], None, "different VINs"),
            (&[("Engine", "12345678"), ("Transmission", A)], Some(A), ""),
            (&[("Engine", "12345678")], None, "Engine gives \"12345678\", which is no VIN. A VIN has 17"),
            (&[], None, "No ECU gave"),
        ] {
            let given: Vec<_> = given.iter().map(|(e, v)| ((*e).to_owned(), (*v).to_owned())).collect();
            let (found, why) = choose_vin(&given);
            assert_eq!(found.as_deref(), vin, "{given:?}");
            assert!(why.clone().unwrap_or_default().contains(problem), "{why:?}");
            assert_eq!(why.is_some(), vin.is_none());
        }
    }
}
