//! Vehicle information (service 09, or `22 F8xx`): VIN, calibrations, the ECUs' own names, in-use performance, and whatever else
//! an ECU lists.

use super::{
    coverage::{Judged, Read, Silence},
    dialect::Dialect,
    ecus::Known,
    run::Check,
};
use crate::{
    adapter::Request,
    bus,
    decode::{self, Decoded, Reading},
    vin,
};
use roadworthy_api::{
    Error,
    check::{InUse, Outcome, Performance, RawInformation},
};
use std::collections::BTreeSet;

const LIST: &str = "Vehicle information";
const OTHERS: &str = "Further information";
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
        // The list and the VIN are planned from the start, in one dialect.
        self.plan_dialects();
        self.plan_dialects();
        let mut given: Option<Vec<(String, String)>> = None;
        let mut why = None;
        for dialect in self.dialects() {
            why = self.information_in(dialect, &of_interest, &mut given).await?.or(why);
        }
        if let Some(given) = given {
            (self.report.vin, self.report.vin_problem) = choose_vin(&given);
            if given.is_empty() && why.is_some() {
                self.report.vin_problem = why;
            }
        }
        Ok(())
    }

    /// Information of the ECUs that speak a dialect. VINs are added to `given`, by the ECU's name, where they were asked for;
    /// the outcome says why there is none.
    async fn information_in(
        &mut self,
        dialect: Dialect,
        of_interest: &impl Fn(u8) -> bool,
        given: &mut Option<Vec<(String, String)>>,
    ) -> Result<Option<String>, Error> {
        let mut why = None;
        for read in self.ask(&Request::new(&dialect.infotype(0x00))?, LIST, |_| Silence::Counts).await?.read {
            let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) else { continue };
            for bitmap in read.decoded.supported() {
                known.infotypes.get_or_insert_default().extend(bitmap.ids().map(|id| id.to_be_bytes()[1]));
            }
        }
        let speak = |k: &&Known| k.dialect == dialect;
        let lists = |k: &Known, infotype: u8| k.infotypes.as_ref().is_some_and(|i| i.contains(&infotype));
        let wanted = |ecus: &[Known], infotype: u8, always: bool| {
            always || ecus.iter().filter(speak).any(|k| lists(k, infotype))
        };
        let mut types: Vec<_> = TYPES.into_iter().filter(|(t, ..)| of_interest(*t)).collect();
        types.extend(self.others(dialect).into_iter().filter(|t| of_interest(*t)).map(|t| (t, OTHERS, false)));
        let more = types.iter().filter(|(t, _, always)| !always && wanted(&self.ecus, *t, false)).count();
        self.plan(i32::try_from(more).unwrap_or(0));
        for (infotype, question, always) in types {
            let request = Request::new(&dialect.infotype(infotype))?;
            let excuse = |k: &Known| if k.infotypes.is_some() { NOT_LISTED } else { NO_LIST };
            if !wanted(&self.ecus, infotype, always) {
                for k in self.ecus.iter().filter(speak).cloned().collect::<Vec<_>>() {
                    let outcome = Outcome::NotAsked { reason: excuse(&k).into() };
                    self.cover(request.hex(), question, Some(k.ecu.id), outcome);
                }
                continue;
            }
            // It goes out to all: only an ECU's own list excuses its silence.
            let meant = |k: &Known| {
                if question == OTHERS && !lists(k, infotype) {
                    Silence::Nothing
                } else if k.infotypes.is_some() && !lists(k, infotype) {
                    Silence::Excused(NOT_LISTED)
                } else {
                    Silence::Counts
                }
            };
            let frames = self.ecus.iter().filter(speak).filter(|k| lists(k, infotype)).map(|k| frames(infotype, k));
            // One that gave no list may answer too.
            let listed = self.ecus.iter().filter(speak).all(|k| k.infotypes.is_some());
            if let Some(frames) = frames.sum::<Option<u32>>().filter(|_| listed && self.counts(dialect)) {
                let who = self.ecus.iter().filter(speak).filter(|k| lists(k, infotype)).map(|k| k.ecu.id.clone());
                let who = who.collect();
                self.adapter().expect(&request, who, frames);
            }
            let judged = self.ask(&request, question, meant).await?;
            if infotype == VIN_TYPE {
                if judged.was_asked() {
                    let of =
                        |r: &Read| texts(&r.decoded).into_iter().map(|t| (self.name_of(&r.ecu), t)).collect::<Vec<_>>();
                    given.get_or_insert_default().extend(judged.read.iter().flat_map(of));
                    why = self.why_no_vin(&judged);
                }
                continue;
            }
            for read in judged.read {
                self.keep(infotype, request.hex(), &read);
            }
        }
        Ok(why)
    }

    /// Infotypes that an ECU lists beside those of [`TYPES`]. Before CAN odd ones only count the lines of the next.
    fn others(&self, dialect: Dialect) -> BTreeSet<u8> {
        let legacy = self.report.protocol.as_ref().is_some_and(|p| p.id.as_str() < "6");
        let listed = self.ecus.iter().filter(|k| k.dialect == dialect).filter_map(|k| k.infotypes.as_ref()).flatten();
        let counts = |t: u8| legacy && t % 2 == 1 && t < 0x0B;
        listed.copied().filter(|t| t % 0x20 != 0 && !counts(*t) && TYPES.iter().all(|(known, ..)| known != t)).collect()
    }

    /// Keeps what one infotype says.
    fn keep(&mut self, infotype: u8, request: &str, read: &Read) {
        let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) else { return };
        let texts = texts(&read.decoded);
        match infotype {
            0x04 => known.ecu.calibrations.extend(texts),
            0x06 => known.ecu.cvns.extend(read.decoded.cvns()),
            NAME_TYPE => {
                if let Some(name) = texts.into_iter().next() {
                    (known.ecu.name, known.ecu.named_itself) = (super::ecus::own_name(&name), true);
                }
            }
            _ => match read.decoded.performance().filter(|p| p.is_an_edition()) {
                Some(found) => self.report.performance.push(performance(&read.ecu, request, found)),
                None => self.report.raw_information.push(RawInformation {
                    ecu: read.ecu.clone(),
                    request: request.to_owned(),
                    about: about(infotype).to_owned(),
                    // Behind the service and what was asked for, as with any reply of these services.
                    raw: bus::hex(read.payload.get(request.len() / 2..).unwrap_or_default()),
                }),
            },
        }
    }

    /// Whether the frames of service 09 can be told beforehand.
    fn counts(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Obd && self.report.protocol.as_ref().is_some_and(|p| p.id.as_str() >= "6")
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

/// Frames in which an ECU gives an infotype on CAN (ISO 15765-2: six bytes in the first of several and seven in each other),
/// where the standard says how long it is.
fn frames(infotype: u8, known: &Known) -> Option<u32> {
    let items = u32::try_from(known.ecu.calibrations.len()).ok()?;
    // Behind the service, the infotype and the number of items.
    let length = 3 + match infotype {
        VIN_TYPE => 17,
        // One for each calibration.
        0x06 if items > 0 => 4 * items,
        NAME_TYPE => 20,
        _ => return None,
    };
    Some(if length <= 7 { 1 } else { 1 + (length - 6).div_ceil(7) })
}

/// Texts of a reply, be they a list (service 09) or values of an identifier (service 22).
fn texts(decoded: &Decoded) -> Vec<String> {
    let values = decoded.values().map(|v| v.signals.iter()).into_iter().flatten().filter_map(|s| match &s.reading {
        Reading::Text(text) => Some(text),
        _ => None,
    });
    decoded.texts().iter().chain(values).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

fn performance(ecu: &str, request: &str, found: &decode::Performance) -> Performance {
    let in_use =
        |r: decode::Ratio| InUse { monitor: r.label.to_owned(), completed: r.completed, conditions: r.conditions };
    Performance {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        general_conditions: found.monitoring_conditions(),
        ignition_cycles: found.ignition_cycles(),
        monitors: found.ratios().map(in_use).collect(),
    }
}

/// What an infotype without an open layout is about, where that much is known.
fn about(infotype: u8) -> &'static str {
    match infotype {
        0x08 | 0x0B => "In-use performance, with a number of counters that the standard does not have",
        0x16 => "Fuel and energy used over the vehicle's life (on-board fuel consumption monitoring)",
        _ => "",
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
